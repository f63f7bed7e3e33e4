//! Names of lists, maps, groups and profiles: what is used is defined, and what is defined is used.

use super::ospf::without_address;
use crate::config::check::Checking;
use crate::config::code::{Code, E0301, E0302, E0303, E0304, E0305, E0306, E0701, E0702, E0831, E0832};
use crate::config::diag::Diagnostic;
use crate::config::index::Names;
use crate::types::PolicyName;
use std::collections::HashSet;

/// Names that are used and not defined, or defined and not used.
pub(in crate::config) fn names_are_defined_and_used(cx: &mut Checking<'_>) {
    without_address(cx);
    let index = cx.index;
    names(E0831, "ACL", "[[acls]]", &index.acls, cx);
    names(E0832, "policer", "[policers]", &index.policers, cx);
    names(E0301, "route-map", "[[route-maps]]", &index.route_maps, cx);
    names(E0302, "prefix-list", "[prefix-lists]", &index.prefix_lists, cx);
    names(
        E0303,
        "community-list",
        "[community-lists]",
        &index.community_lists,
        cx,
    );
    names(E0701, "as-path-list", "[as-path-lists]", &index.as_path_lists, cx);
    names(
        E0702,
        "large-community-list",
        "[large-community-lists]",
        &index.large_community_lists,
        cx,
    );
    names(E0304, "BFD profile", "[bfd.profiles]", &index.bfd_profiles, cx);
    for table in index.tables() {
        let path = format!("[{}]", table.path("bgp.peer-groups"));
        names(E0305, "peer-group", &path, &table.peer_groups, cx);
    }
}

/// What to write where a name stands for yes or no, or for everything.
fn meant(code: Code, name: &str) -> Option<&'static str> {
    match name.to_ascii_lowercase().as_str() {
        "any" | "all" if code == E0302 => {
            Some("leave the key out: without it everything matches; a name here is that of a prefix-list")
        }
        _ if code != E0304 => None,
        "yes" | "on" | "true" | "enable" | "enabled" => {
            Some("write `bfd = true`, without quotes; a text is the name of a profile")
        }
        "no" | "off" | "false" | "disable" | "disabled" => {
            Some("leave `bfd` out; a text is the name of a profile")
        }
        _ => None,
    }
}

fn names(code: Code, kind: &str, table: &str, names: &Names, cx: &mut Checking<'_>) {
    for used in &names.used {
        if names.defined.contains_key(&used.value) || names.defined_in_extra.contains_key(&used.value) {
            continue;
        }
        let error = Diagnostic::error(code, used.span, format!("undefined {kind} '{}'", used.value));
        let known = names.defined.keys().chain(names.defined_in_extra.keys());
        let known = known.map(AsRef::as_ref);
        let near = cx.found.nearest(used.value.as_ref(), known);
        cx.report(match (meant(code, used.value.as_ref()), near) {
            (Some(hint), _) => error.hint(hint),
            (None, Some(near)) => error.hint(format!("did you mean '{near}'?")),
            (None, None) => error.hint(format!("correct the name, or define it in {table}")),
        });
    }
    // What a refused part uses is not known: a name would look unused.
    if cx.found.errors() > 0 {
        return;
    }
    let used: HashSet<&PolicyName> = names.used.iter().map(|used| &used.value).collect();
    for (name, place) in &names.defined {
        if !used.contains(name) {
            cx.report(Diagnostic::warning(
                E0306,
                *place,
                format!("the {kind} '{name}' is never used"),
            ));
        }
    }
}

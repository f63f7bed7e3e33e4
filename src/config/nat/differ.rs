//! What VPP takes once only: a NAT64 prefix.

use crate::config::Instance;
use crate::config::code::{E0421, E0422};
use crate::config::diag::{Diagnostic, Findings};
use crate::config::index::Index;
use crate::config::overlap::{each_overlap, in_order};
use crate::types::InstanceName;
use std::collections::BTreeMap;

/// No two modules translate one NAT64 prefix: core could route it to one of them only.
pub(in crate::config) fn nat64_prefixes_are_disjoint(index: &Index, found: &mut Findings) {
    each_overlap(
        &index.nat64_prefixes,
        |prefix| prefix.value,
        |one, other| {
            let (first, second) = in_order(one, other, |prefix| prefix.span);
            found.report(
                Diagnostic::error(E0421, second.span, "two NAT64 modules have one prefix")
                    .label(format!("{}", second.value))
                    .also(first.span, format!("{}", first.value))
                    .hint("give each module a `prefix` of its own"),
            );
        },
    );
}

/// No extra command gives a NAT64 module another prefix.
pub(in crate::config) fn prefixes_stay(
    instances: &BTreeMap<InstanceName, Instance>,
    index: &Index,
    found: &mut Findings,
) {
    for name in &index.nat64_instances {
        let commands = instances.get(name).and_then(|it| it.extra_commands.as_deref());
        let line = commands.and_then(|commands| commands.lines().position(sets_the_prefix));
        if let (Some(line), Some(file)) = (line, index.extra_commands.get(name)) {
            found.report(
                Diagnostic::error(E0422, *file, "an extra command replaces the NAT64 prefix")
                    .label(format!(
                        "line {}: VPP has one prefix, and would forget the module's",
                        line + 1
                    ))
                    .hint("set the module's `prefix`"),
            );
        }
    }
}

fn sets_the_prefix(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().take(3).collect();
    words == ["nat64", "add", "prefix"]
}

//! What the file may not do: end the configuration, undo what is derived, or show a password.

use super::block::Block;
use super::names::secret;
use super::raw::{ExtraRaw, Statement};
use super::{FrrExtra, asks};
use crate::config::check::Checking;
use crate::config::check::SECRET_MODE;
use crate::config::code::{E0339, E0370, E0371, E0372, E0728};
use crate::config::diag::Diagnostic;
use crate::config::keys::Field;
use crate::config::routing::raw::FrrRaw;
use crate::config::source::Located;
use crate::types::Asn;

/// `[frr]`, checked against the AS of `[bgp]`.
pub(in crate::config) fn extra(
    field: &Field<FrrRaw>,
    asn: Option<Located<Asn>>,
    cx: &mut Checking<'_>,
) -> Option<FrrExtra> {
    let raw = field.get()?.extra_file.get()?;
    let mut asn = asn;
    let last = raw.statements().last().map(|statement| statement.number);
    for statement in raw.statements() {
        if let Some(why) = needless(&statement, last) {
            left_out(&statement, why, cx);
            continue;
        }
        ends_nothing(&statement, cx);
        undoes_nothing(&statement, cx);
        one_as(&statement, &mut asn, cx);
    }
    hides_its_passwords(raw, cx);
    let asked = || raw.statements().filter(|statement| statement.words[0] != "no");
    Some(FrrExtra {
        place: raw.path.span,
        path: raw.path.value.clone(),
        text: raw.text_without(|statement| needless(statement, last).is_some()),
        daemons: asked().flat_map(|statement| asks::daemons(&statement)).collect(),
        bgp_modules: asked()
            .filter_map(|statement| asks::bgp_module(&statement))
            .collect(),
        prefix_lists: cx.index.prefix_lists_of_extra.clone(),
    })
}

/// Why a line of a pasted `show running-config` changes nothing, with the number of the file's last line; `None` when it may
/// change something.
fn needless(statement: &Statement<'_>, last: Option<usize>) -> Option<&'static str> {
    if statement.block != Block::Top {
        return None;
    }
    match statement.words.as_slice() {
        ["frr", "version", ..] => Some("FRR's own version counts"),
        ["frr", "defaults", "traditional"] => Some("the generated lines say so already"),
        ["hostname", _] => Some("FRR has the name of [system] hostname"),
        ["Building", "configuration..."] | ["Current", "configuration:"] => {
            Some("this is a heading, not a line of a configuration")
        }
        ["end"] if Some(statement.number) == last => Some("the configuration ends here anyway"),
        _ => None,
    }
}

fn left_out(statement: &Statement<'_>, why: &str, cx: &mut Checking<'_>) {
    let message = format!("'{}' is left out", statement.words.join(" "));
    cx.report(
        Diagnostic::warning(E0728, statement.span, message)
            .label(why)
            .hint("remove it"),
    );
}

fn ends_nothing(statement: &Statement<'_>, cx: &mut Checking<'_>) {
    if statement.ends_all {
        let word = statement.words[0];
        let message = format!("'{word}' here ends the whole configuration");
        cx.report(
            Diagnostic::error(E0370, statement.span, message)
                .label("FRR would not read what follows")
                .hint(match word {
                    "end" => "remove it; a block ends with `exit`",
                    _ => "remove it: no block is open here",
                }),
        );
    }
}

fn undoes_nothing(statement: &Statement<'_>, cx: &mut Checking<'_>) {
    let (why, hint) = match statement.words.as_slice() {
        ["ip" | "ipv6", "forwarding"] => (
            "VPP forwards; the kernel of its namespace must not do it as well",
            "remove it",
        ),
        ["frr", "defaults", profile, ..] if *profile != "traditional" => (
            "every generated line is written for the traditional defaults",
            "remove it, and write what the other profile sets by itself",
        ),
        ["route-map", name, ..] if statement.block == Block::Top && name.contains('/') => (
            "a name with a slash is that of a map which is derived from another",
            "give the map another name",
        ),
        ["no", "service", "integrated-vtysh-config"] => {
            ("FRR would read other files than the generated one", "remove it")
        }
        _ => return,
    };
    let message = format!("'{}' undoes what is generated", statement.words.join(" "));
    cx.report(
        Diagnostic::error(E0372, statement.span, message)
            .label(why)
            .hint(hint),
    );
}

/// FRR has one AS for the default instance: it refuses a second `router bgp`, with all that is in it.
fn one_as(statement: &Statement<'_>, known: &mut Option<Located<Asn>>, cx: &mut Checking<'_>) {
    let ["router", "bgp", number, rest @ ..] = statement.words.as_slice() else {
        return;
    };
    let Ok(asn) = number.parse::<Asn>() else { return };
    if statement.block != Block::Top || rest.iter().any(|word| matches!(*word, "vrf" | "view")) {
        return;
    }
    let here = Located {
        value: asn,
        span: statement.span,
    };
    let first = *known.get_or_insert(here);
    if first.value != asn {
        let message = format!("AS {asn} here, but this router is AS {}", first.value);
        cx.report(
            Diagnostic::error(E0371, statement.span, message)
                .label("FRR refuses the whole block")
                .also(first.span, "the router's AS number")
                .hint(format!("write `router bgp {}`", first.value)),
        );
    }
}

/// Reported at the key, not at the line: what a report shows is kept and sent around.
fn hides_its_passwords(raw: &ExtraRaw, cx: &mut Checking<'_>) {
    let with_secret = raw.statements().find(|statement| secret(&statement.words));
    let Some(statement) = with_secret.filter(|_| raw.mode & !SECRET_MODE != 0) else {
        return;
    };
    let path = &raw.path.value;
    let line = statement.number;
    let message = format!(
        "'{path}' line {line} has a password, and mode {:04o}; it must be 0640 or stricter",
        raw.mode
    );
    let hint = format!("chmod 0640 {path}, in the configuration folder");
    cx.report(Diagnostic::error(E0339, raw.path.span, message).hint(hint));
}

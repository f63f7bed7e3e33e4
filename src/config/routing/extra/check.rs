//! What the file may not do: end the configuration, undo what is derived, or show a password.

use super::block::Block;
use super::names::secret;
use super::raw::{ExtraRaw, Statement};
use super::{FrrExtra, asks};
use crate::config::check::Checking;
use crate::config::code::{E0339, E0370, E0371, E0372};
use crate::config::diag::Diagnostic;
use crate::config::keys::Field;
use crate::config::routing::raw::FrrRaw;
use crate::config::routing::session::SECRET_MODE;
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
    for statement in raw.statements() {
        ends_nothing(&statement, cx);
        undoes_nothing(&statement, cx);
        one_as(&statement, &mut asn, cx);
    }
    hides_its_passwords(raw, cx);
    let asked = || raw.statements().filter(|statement| statement.words[0] != "no");
    Some(FrrExtra {
        place: raw.path.span,
        path: raw.path.value.clone(),
        text: raw.text.clone(),
        daemons: asked().flat_map(|statement| asks::daemons(&statement)).collect(),
        bgp_modules: asked()
            .filter_map(|statement| asks::bgp_module(&statement))
            .collect(),
        prefix_lists: cx.index.prefix_lists_of_extra.clone(),
    })
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
        ["frr", "defaults" | "version", ..] => (
            "every generated line is written for the traditional defaults",
            "remove it",
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

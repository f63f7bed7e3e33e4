//! Pairs between which nothing is translated.

use super::raw::BypassRaw;
use crate::config::check::Checking;
use crate::config::code::{E0239, E0731};
use crate::config::diag::Diagnostic;
use crate::config::source::Located;
use ipnet::Ipv4Net;

/// One of `bypass`: packets from the source to the destination keep the addresses they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Bypass {
    /// Where they come from.
    pub source: Ipv4Net,
    /// Where they go to.
    pub destination: Ipv4Net,
}

/// `bypass` of a module that takes these inside prefixes: each pair keeps something from being translated, and none keeps
/// everything.
pub(super) fn bypass(
    raw: &[Located<BypassRaw>],
    inside: &[Located<Ipv4Net>],
    cx: &mut Checking<'_>,
) -> Vec<Bypass> {
    let pairs: Vec<Located<Bypass>> = raw.iter().filter_map(pair).collect();
    for pair in &pairs {
        let Bypass { source, destination } = pair.value;
        let overlaps = |net: &Located<Ipv4Net>| net.value.contains(&source) || source.contains(&net.value);
        if destination.prefix_len() == 0 && inside.iter().all(|net| source.contains(&net.value)) {
            cx.report(
                Diagnostic::error(E0239, pair.span, "every destination is exempt")
                    .label("nothing would be translated"),
            );
        } else if !inside.iter().any(overlaps) {
            let message = format!("nothing from {source} is translated anyway");
            cx.report(
                Diagnostic::warning(E0731, pair.span, message)
                    .label("no inside prefix of this module has addresses of it"),
            );
        }
    }
    pairs.into_iter().map(|pair| pair.value).collect()
}

fn pair(table: &Located<BypassRaw>) -> Option<Located<Bypass>> {
    let (source, destination) = (table.value.source.value()?, table.value.destination.value()?);
    Some(Located {
        value: Bypass { source, destination },
        span: table.span,
    })
}

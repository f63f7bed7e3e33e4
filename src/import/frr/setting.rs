//! What frr.conf says of a neighbour in one line, as a value of the document.

use crate::import::document::Value;

/// The kinds of communities, in the order the document has them by itself.
pub(super) const COMMUNITIES: [&str; 3] = ["standard", "extended", "large"];

/// The kinds that `no … send-community` names.
pub(super) fn not_sent(words: &[&str]) -> Option<Vec<&'static str>> {
    Some(match *words {
        [] | ["standard"] => vec!["standard"],
        ["extended"] => vec!["extended"],
        ["large"] => vec!["large"],
        ["both"] => vec!["standard", "extended"],
        ["all"] => COMMUNITIES.to_vec(),
        _ => return None,
    })
}

/// Settings that are one key and one value.
pub(super) fn plain(words: &[&str]) -> Option<(&'static str, Value)> {
    Some(match *words {
        ["soft-reconfiguration", "inbound"] => ("soft-reconfiguration", true.into()),
        ["default-originate"] => ("default-originate", true.into()),
        ["ttl-security", "hops", hops] => ("ttl-security", Value::number(hops)),
        ["remove-private-AS"] => ("remove-private-as", true.into()),
        ["remove-private-AS", "all"] => ("remove-private-as", "all".into()),
        ["remove-private-AS", "all", "replace-AS"] => ("remove-private-as", "replace".into()),
        ["addpath-tx-all-paths"] => ("add-path", "all".into()),
        ["addpath-tx-bestpath-per-AS"] => ("add-path", "best-per-as".into()),
        ["allowas-in"] => ("allowas-in", Value::Number(3)),
        ["allowas-in", "origin"] => ("allowas-in", "origin".into()),
        ["allowas-in", times] => ("allowas-in", Value::number(times)),
        ["weight", weight] => ("weight", Value::number(weight)),
        ["enforce-first-as"] => ("enforce-first-as", true.into()),
        ["disable-connected-check"] => ("disable-connected-check", true.into()),
        ["route-server-client"] => ("route-server-client", true.into()),
        ["capability", "extended-nexthop"] => ("extended-nexthop", true.into()),
        ["graceful-shutdown"] => ("graceful-shutdown", true.into()),
        _ => return None,
    })
}

/// `maximum-prefix LIMIT [THRESHOLD] [restart MINUTES] [warning-only] [force]`.
pub(super) fn maximum_prefix(limit: &str, rest: &[&str]) -> Option<Value> {
    let mut pairs = vec![("limit".to_owned(), Value::number(limit))];
    let mut rest = rest;
    while !rest.is_empty() {
        let (key, value, behind) = match *rest {
            ["restart", minutes, ref behind @ ..] => ("restart", Value::text(format!("{minutes}m")), behind),
            ["warning-only", ref behind @ ..] => ("warning-only", true.into(), behind),
            ["force", ref behind @ ..] => ("force", true.into(), behind),
            [threshold, ref behind @ ..] if pairs.len() == 1 && threshold.parse::<u8>().is_ok() => {
                ("threshold", Value::number(threshold), behind)
            }
            _ => return None,
        };
        pairs.push((key.to_owned(), value));
        rest = behind;
    }
    Some(match pairs.len() {
        1 => Value::number(limit),
        _ => Value::Inline(pairs),
    })
}

/// `local-as ASN [no-prepend [replace-as]]`.
pub(super) fn local_as(asn: &str, rest: &[&str]) -> Option<Value> {
    let switches: &[&str] = match *rest {
        [] => return Some(Value::number(asn)),
        ["no-prepend"] => &["no-prepend"],
        ["no-prepend", "replace-as"] => &["no-prepend", "replace-as"],
        _ => return None,
    };
    let mut pairs = vec![("asn".to_owned(), Value::number(asn))];
    pairs.extend(switches.iter().map(|key| ((*key).to_owned(), true.into())));
    Some(Value::Inline(pairs))
}

pub(super) fn timers(keepalive: &str, hold: &str) -> Value {
    Value::Inline(vec![
        ("keepalive".to_owned(), Value::number(keepalive)),
        ("hold".to_owned(), Value::number(hold)),
    ])
}

/// A prefix as FRR takes it: bits of a host in it mean nothing.
pub(super) fn without_host_bits(prefix: &str) -> String {
    let net = prefix.parse::<ipnet::IpNet>();
    net.map_or_else(|_| prefix.to_owned(), |net| net.trunc().to_string())
}

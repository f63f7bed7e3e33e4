//! Whether traffic gets to a NAT module and back: its inside prefixes and its pools against what routes them.

use crate::config::code::{E0385, E0386, E0390, E0391, E0405};
use crate::config::diag::{Diagnostic, Findings};
use crate::config::index::Index;
use crate::config::source::{Located, Span};
use crate::types::Prefix;
use std::net::{IpAddr, Ipv4Addr};

/// What the documents say of routing beside static routes.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct Protocols {
    /// OSPF for IPv4 announces static routes.
    pub(in crate::config) ospf_announces_statics: bool,
}

/// Subscribers are connected, or a route may lead to them: otherwise what is translated back has nowhere to go.
pub(in crate::config) fn inside_is_somewhere(index: &Index, found: &mut Findings) {
    let learned = index.has_bgp || index.bgp_of_extra || index.has_igp(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    if learned || index.l3_refused || found.errors() > 0 {
        return;
    }
    let connected: Vec<Prefix> = index.addresses.iter().map(|a| a.addr.subnet()).collect();
    let statics = index
        .statics
        .iter()
        .filter(|route| route.prefix.net().prefix_len() > 0);
    let known: Vec<Prefix> = connected
        .into_iter()
        .chain(statics.map(|route| route.prefix))
        .collect();
    for inside in &index.nat_inside {
        let prefix = Prefix::truncating(inside.value.into());
        let touches = |other: &Prefix| other.contains(prefix) || prefix.contains(*other);
        if !known.iter().any(touches) {
            found.report(
                Diagnostic::warning(E0385, inside.span, format!("nothing leads to {prefix}"))
                    .label("no interface and no route has addresses of it")
                    .hint("add a route to it in [routes], or correct the prefix"),
            );
        }
    }
}

/// Steering looks at what comes in on the interfaces of `from`: subscribers on the link of another one are not translated.
pub(in crate::config) fn inside_is_steered(index: &Index, found: &mut Findings) {
    if index.l3_refused || found.errors() > 0 {
        return;
    }
    let steered = |name: &str| index.nat_from.iter().any(|from| from.value == name);
    for inside in &index.nat_inside {
        let prefix = Prefix::truncating(inside.value.into());
        let mut links = index
            .addresses
            .iter()
            .filter(|a| a.addr.subnet().contains(prefix))
            .peekable();
        let Some(first) = links.peek().copied() else {
            continue;
        };
        if links.any(|link| steered(&link.interface)) {
            continue;
        }
        let name = &first.interface;
        found.report(
            Diagnostic::warning(
                E0391,
                inside.span,
                format!("what comes from {prefix} is not translated"),
            )
            .label(format!("it is on the link of '{name}', which is not in `from`"))
            .also(first.span, "its subnet")
            .hint(format!("add \"{name}\" to `from`")),
        );
    }
}

/// Where OSPF is the only protocol, it announces the pools; without any protocol the next router has a route of its own.
pub(in crate::config) fn pools_are_announced(index: &Index, protocols: Protocols, found: &mut Findings) {
    let elsewhere = index.has_bgp || index.bgp_of_extra || index.redistributes_in_extra || index.has_isis;
    if elsewhere || index.ospf.is_empty() || index.l3_refused || found.errors() > 0 {
        return;
    }
    let held = |pool: &Located<Prefix>| {
        let routed = index
            .statics
            .iter()
            .any(|route| route.prefix.net().prefix_len() > 0 && route.prefix.contains(pool.value));
        protocols.ospf_announces_statics && routed
    };
    for pool in index.nat_outside.iter().filter(|pool| !held(pool)) {
        let v4 = matches!(pool.value.net().addr(), IpAddr::V4(_));
        if v4 {
            found.report(
                Diagnostic::warning(E0386, pool.span, format!("no protocol announces the NAT pool {}", pool.value))
                    .label("replies come back only if another router leads them here")
                    .hint(
                        "write a blackhole route to it in [routes] and `redistribute = [\"static\"]` in [ospf], or announce it in BGP",
                    ),
            );
        }
    }
}

/// The extra commands of core, with the place of the key, say no number of an ACL: NAT's own come first, so that one more
/// module moves all that follow.
pub(in crate::config) fn no_acl_is_counted(
    commands: Option<(&str, Span)>,
    index: &Index,
    found: &mut Findings,
) {
    let Some((text, place)) = commands.filter(|_| !index.nat_inside.is_empty()) else {
        return;
    };
    let counted = |line: &str| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let about = matches!(
            words.as_slice(),
            ["set" | "delete", "acl-plugin", ..] | ["abf", ..]
        );
        let number = |pair: &[&str]| matches!(pair[0], "acl" | "index") && pair[1].parse::<u32>().is_ok();
        about && words.windows(2).any(number)
    };
    if let Some(line) = text.lines().position(counted) {
        let message = format!(
            "line {} of the extra commands names an ACL by its number",
            line + 1
        );
        found.report(
            Diagnostic::warning(E0390, place, message)
                .label("the first numbers are those of the ACLs for NAT")
                .hint("look at `show acl-plugin acl` after each change of [nat]: one module more moves the numbers"),
        );
    }
}

/// A pool of one address cannot be led past a route of FRR's to the same address.
pub(in crate::config) fn no_route_has_a_pool(index: &Index, found: &mut Findings) {
    for pool in &index.nat_outside {
        let net = pool.value.net();
        let is_one = net.prefix_len() == net.max_prefix_len();
        if is_one && index.routed.get(pool.value).is_some() {
            let message = format!(
                "the NAT pool {} is a single address, and [routes] has it as well",
                pool.value
            );
            found.report(
                Diagnostic::error(E0405, pool.span, message)
                    .label("FRR's route would win over the one to the NAT module")
                    .hint("remove the route to this address from [routes]: the NAT module has it"),
            );
        }
    }
}

//! Whether traffic gets to a NAT module and back: its inside prefixes and its pools against what routes them.

use crate::config::code::{E0341, E0385, E0386, E0391, E0405, E0735};
use crate::config::diag::{Diagnostic, Findings};
use crate::config::index::Index;
use crate::config::source::{Located, Span};
use crate::types::Prefix;
use std::net::{IpAddr, Ipv4Addr};

/// What the documents say of routing beside static routes.
#[derive(Debug, Clone)]
pub(in crate::config) struct Protocols {
    /// OSPF for IPv4 announces static routes.
    pub(in crate::config) ospf_announces_statics: bool,
    /// What `[bgp]` announces, where there is one.
    pub(in crate::config) bgp: Option<InBgp>,
}

/// What `[bgp]` announces.
#[derive(Debug, Clone)]
pub(in crate::config) struct InBgp {
    /// Its networks and aggregates.
    pub(in crate::config) announced: Vec<Prefix>,
    /// Where the networks are written.
    pub(in crate::config) networks: Option<Span>,
    /// Whether it may announce more: it redistributes, or some of it was refused.
    pub(in crate::config) may_be_more: bool,
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

/// A pool is in what BGP announces, or in a static route that OSPF announces; without any protocol the next router has a route
/// of its own.
pub(in crate::config) fn pools_are_announced(index: &Index, protocols: &Protocols, found: &mut Findings) {
    let in_ospf = |pool: &Located<Prefix>| {
        let mut statics = index.statics.iter().map(|route| route.prefix);
        let holds = |route: Prefix| route.net().prefix_len() > 0 && route.contains(pool.value);
        protocols.ospf_announces_statics && statics.any(holds)
    };
    let pools = index.nat_outside.iter().filter(|pool| !in_ospf(pool));
    match &protocols.bgp {
        Some(bgp) => pools_are_in_bgp(pools, bgp, index, found),
        None if index.l3_refused || found.errors() > 0 => {}
        None if index.bgp_of_extra || index.redistributes_in_extra || index.has_isis => {}
        None if index.ospf.is_empty() => {}
        None => pools.for_each(|pool| found.report(not_in_ospf(pool))),
    }
}

fn pools_are_in_bgp<'i>(
    pools: impl Iterator<Item = &'i Located<Prefix>>,
    bgp: &InBgp,
    index: &Index,
    found: &mut Findings,
) {
    if bgp.may_be_more || index.redistributes_in_extra {
        return;
    }
    let announced: Vec<&Prefix> = bgp.announced.iter().chain(&index.announced_in_extra).collect();
    for pool in pools.filter(|pool| !announced.iter().any(|network| network.contains(pool.value))) {
        found.report(match bgp.networks {
            Some(place) if !announced.is_empty() => {
                let message = format!("the NAT pool {} is not in any announced network", pool.value);
                Diagnostic::warning(E0341, pool.span, message)
                    .label("replies come back only if another router leads them here")
                    .also(place, "what is announced")
                    .hint("add a network that holds it to [bgp] networks")
            }
            _ => {
                let message = format!("no BGP session here announces the NAT pool {}", pool.value);
                Diagnostic::warning(E0735, pool.span, message)
                    .label("replies come back only if the router that announces it leads them here")
                    .hint("where no other router does that, add a network that holds it to [bgp] networks")
            }
        });
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

/// FRR's route to a single address would win over the one that leads to the module.
fn not_in_ospf(pool: &Located<Prefix>) -> Diagnostic {
    let net = pool.value.net();
    let route = match net.prefix_len() == net.max_prefix_len() {
        true => "a wider prefix that holds it",
        false => "it",
    };
    Diagnostic::warning(E0386, pool.span, format!("no protocol announces the NAT pool {}", pool.value))
        .label("replies come back only if another router leads them here")
        .hint(format!(
            "write a blackhole route to {route} in [routes] and `redistribute = [\"static\"]` in [ospf], or announce it in BGP"
        ))
}

//! What routes, BGP and OSPF need of interfaces, and names of one another.

pub(in crate::config) mod bgp;

use crate::config::check::Checking;
use crate::config::code::{
    Code, E0222, E0301, E0302, E0303, E0304, E0305, E0306, E0311, E0312, E0313, E0315, E0316, E0317, E0318,
    E0319, E0341, E0342, E0344, E0351, E0352, E0353, E0355,
};
use crate::config::diag::Diagnostic;
use crate::config::index::{Index, Names};
use crate::config::routing::ospf::Redistribute;
use crate::config::routing::raw::OspfRaw;
use crate::config::routing::route::{Route, RouteTarget};
use crate::config::source::{Located, Span};
use crate::types::{PolicyName, Prefix, RouterId};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Display;
use std::net::IpAddr;

/// Whether a host can have the address: a subnet's network and broadcast addresses are none's, but a /31 has neither
/// (RFC 3021). Reported when none can.
pub(in crate::config) fn is_a_host(addr: IpAddr, place: Span, cx: &mut Checking<'_>) -> bool {
    let index = cx.index;
    let not_a_host = |net: IpNet| {
        net.addr().is_ipv4() && net.prefix_len() < 31 && (addr == net.network() || addr == net.broadcast())
    };
    let Some(subnet) = index.neighbors_of(addr).find(|a| not_a_host(a.addr.net())) else {
        return true;
    };
    let message = format!(
        "{addr} is the network or broadcast address of {}",
        subnet.addr.subnet()
    );
    cx.report(Diagnostic::error(E0319, place, message).also(subnet.span, "the connected subnet"));
    false
}

/// The first IPv4 address of lo0, for a router id that is not written; its absence is reported.
pub(in crate::config) fn default_router_id(
    place: Span,
    table: &str,
    cx: &mut Checking<'_>,
) -> Option<RouterId> {
    let index = cx.index;
    let of_lo0 = index.addresses.iter().filter(|a| a.interface == "lo0");
    let first = of_lo0.map(|a| a.addr.addr()).find_map(|addr| match addr {
        IpAddr::V4(v4) => RouterId::try_from(v4).ok(),
        IpAddr::V6(_) => None,
    });
    if first.is_none() && !index.l3_refused {
        cx.report(
            Diagnostic::error(E0342, place, format!("'{table}' has no router id")).hint(
                "give [loopbacks.lo0] an IPv4 address, or add `router-id = \"192.0.2.1\"` to [bgp] or here",
            ),
        );
    }
    first
}

/// Whether an interface of this name exists; its absence is reported.
pub(in crate::config) fn interface_exists(name: Located<&String>, cx: &mut Checking<'_>) -> bool {
    let index = cx.index;
    let exists = index.l3.contains_key(name.value);
    if !exists && !index.l3_refused {
        let error = Diagnostic::error(
            E0318,
            name.span,
            format!("there is no interface '{}'", name.value),
        );
        let near = cx.found.nearest(name.value, index.l3.keys().map(String::as_str));
        cx.report(match near {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error.hint("use an interface, `interface.TAG`, loopback or bridge of this configuration"),
        });
    }
    exists
}

/// A static route against the connected subnets.
pub(in crate::config) fn route(route: &Route, prefix: Span, via: Span, cx: &mut Checking<'_>) {
    connected_prefix(route, prefix, cx);
    let RouteTarget::Via { next_hop, interface } = &route.target else {
        return;
    };
    if route.prefix.net().addr().is_ipv4() != next_hop.is_ipv4() {
        let message = format!("a route to {} cannot have the next hop {next_hop}", route.prefix);
        cx.report(
            Diagnostic::error(E0312, via, message)
                .label("of the other address family")
                .also(prefix, "the prefix"),
        );
    } else if matches!(next_hop, IpAddr::V6(addr) if addr.is_unicast_link_local()) {
        if interface.is_none() {
            cx.report(
                Diagnostic::error(
                    E0313,
                    via,
                    format!("the link-local next hop {next_hop} has no interface"),
                )
                .hint("add `interface = \"NAME\"`: every link has such addresses"),
            );
        }
    } else if let Some(own) = cx.index.own_address(*next_hop) {
        let message = format!("the next hop {next_hop} is this router itself");
        cx.report(Diagnostic::error(E0316, via, message).also(own, "its own address"));
    } else if is_a_host(*next_hop, via, cx) {
        resolvable(*next_hop, interface.as_deref(), via, cx);
    }
}

fn resolvable(next_hop: IpAddr, interface: Option<&str>, via: Span, cx: &mut Checking<'_>) {
    let index = cx.index;
    let mut holding = index.neighbors_of(next_hop);
    // A refused interface may have the subnet.
    if index.l3_refused || holding.any(|a| interface.is_none_or(|name| name == a.interface)) {
        return;
    }
    let subnet = match interface {
        Some(name) => format!("any subnet of '{name}'"),
        None => "any connected subnet".to_owned(),
    };
    let error = Diagnostic::error(E0311, via, format!("the next hop {next_hop} is not in {subnet}"))
        .hint("FRR would keep the route inactive; give an interface an address in the next hop's subnet");
    cx.report(match index.neighbors_of(next_hop).next() {
        Some(address) => error.also(
            address.span,
            format!("it is a neighbour of '{}'", address.interface),
        ),
        None => error,
    });
}

/// A static route to a prefix that is connected never wins.
fn connected_prefix(route: &Route, prefix: Span, cx: &mut Checking<'_>) {
    let index = cx.index;
    let same = index
        .connected
        .get(route.prefix)
        .and_then(|numbers| numbers.first());
    let address = same.and_then(|number| index.addresses.get(*number));
    if let (Some(address), None) = (address, route.table) {
        let message = format!(
            "{} is the connected subnet of '{}'",
            route.prefix, address.interface
        );
        cx.report(
            Diagnostic::warning(E0315, prefix, message)
                .label("never used while the interface is up")
                .also(address.span, "connected here"),
        );
    }
}

/// Every NAT pool lies inside a network BGP announces, or replies never come back.
pub(in crate::config) fn nat_outside(networks: &[Located<Prefix>], announced: Span, cx: &mut Checking<'_>) {
    let index = cx.index;
    for outside in &index.nat_outside {
        if networks
            .iter()
            .any(|network| network.value.contains(outside.value))
        {
            continue;
        }
        let message = format!("the NAT pool {} is not in any announced network", outside.value);
        cx.report(
            Diagnostic::error(E0341, outside.span, message)
                .label("replies would not come back")
                .also(announced, "what is announced")
                .hint("add a network that holds it to [bgp] networks"),
        );
    }
    for network in networks.iter().filter(|n| n.value.net().prefix_len() == 0) {
        if index.routed.get(network.value).is_none() {
            let message = format!("{} is announced but not routed", network.value);
            cx.report(
                Diagnostic::error(E0344, network.span, message)
                    .label("the derived blackhole would drop everything")
                    .hint("add a default route to [routes], or remove it from networks"),
            );
        }
    }
}

/// The distinct values of a list, compared as parsed; a repeated one is reported and left out.
pub(in crate::config) fn distinct<T: Ord + Copy + Display>(
    list: &[Located<T>],
    cx: &mut Checking<'_>,
) -> Vec<Located<T>> {
    let mut seen: BTreeMap<T, Span> = BTreeMap::new();
    let mut kept = Vec::new();
    for item in list {
        if let Some(first) = seen.get(&item.value) {
            let message = format!("{} is listed twice", item.value);
            cx.report(Diagnostic::error(E0222, item.span, message).also(*first, "first here"));
        } else {
            seen.insert(item.value, item.span);
            kept.push(*item);
        }
    }
    kept
}

/// A route is either to nowhere or to somewhere: FRR refuses both for one prefix with one distance.
pub(in crate::config) fn no_blackhole_beside(routes: &[(Route, Span)], cx: &mut Checking<'_>) {
    let mut first: BTreeMap<_, (bool, Span)> = BTreeMap::new();
    for (route, place) in routes {
        let blackhole = route.target == RouteTarget::Blackhole;
        let key = (route.table, route.prefix, route.distance.unwrap_or(1));
        let (other, other_place) = *first.entry(key).or_insert((blackhole, *place));
        if other != blackhole {
            let message = format!("{} has both a blackhole and another route", route.prefix);
            cx.report(
                Diagnostic::error(E0317, *place, message)
                    .also(other_place, "the other one")
                    .hint("give the blackhole a distance of its own: `{ blackhole = true, distance = 254 }`"),
            );
        }
    }
}

/// The interfaces that have `ospf` or `ospf6`.
pub(in crate::config) fn uses_of<'i>(key: &str, index: &'i Index) -> &'i [Located<String>] {
    if key == "ospf" { &index.ospf } else { &index.ospf6 }
}

/// An `[ospf]` or `[ospf6]` table against interfaces, routes and BGP.
pub(in crate::config) fn ospf(key: &str, table: Span, raw: &OspfRaw, has_bgp: bool, cx: &mut Checking<'_>) {
    let index = cx.index;
    let uses = uses_of(key, index);
    let default = match key {
        "ospf" => IpNet::from(Ipv4Net::default()),
        _ => IpNet::from(Ipv6Net::default()),
    };
    if uses.is_empty() && !index.l3_refused {
        cx.report(
            Diagnostic::warning(E0352, table, format!("no interface takes part in [{key}]")).hint(format!(
                "add `{key} = {{ area = 0 }}` to the interfaces that take part"
            )),
        );
    }
    let routed = index.routed.get(Prefix::truncating(default)).is_some();
    if let Some(place) = raw
        .default_originate
        .span()
        .filter(|_| raw.default_originate.is_on() && !routed)
    {
        cx.report(
            Diagnostic::warning(E0351, place, "there is no default route to originate")
                .label(format!("[routes] has no \"{default}\""))
                .hint("FRR announces it only while it has one; add it, or rely on BGP for it"),
        );
    }
    let mut redistributed = raw.redistribute.items().iter();
    let bgp = redistributed.find(|r| r.value == Redistribute::Bgp);
    if let Some(bgp) = bgp.filter(|_| !has_bgp) {
        let message = "there is no [bgp] to redistribute";
        cx.report(Diagnostic::warning(E0355, bgp.span, message));
    }
}

/// OSPF for IPv4 on interfaces without an IPv4 address: FRR says nothing and does nothing.
fn without_address(cx: &mut Checking<'_>) {
    let index = cx.index;
    let with_v4 = index.addresses.iter().filter(|a| a.addr.is_v4());
    let with_v4: HashSet<&str> = with_v4.map(|a| a.interface.as_str()).collect();
    for used in &index.ospf {
        if index.l3_refused || with_v4.contains(used.value.as_str()) {
            continue;
        }
        let message = format!("'{}' has ospf but no IPv4 address", used.value);
        let warning = Diagnostic::warning(E0353, used.span, message);
        cx.report(warning.hint("add an IPv4 address, or write `ospf6` for IPv6"));
    }
}

/// Names that are used and not defined, or defined and not used.
pub(in crate::config) fn names_are_defined_and_used(cx: &mut Checking<'_>) {
    without_address(cx);
    let index = cx.index;
    names(E0301, "route-map", "[[route-maps]]", &index.route_maps, cx);
    names(E0302, "prefix-list", "[prefix-lists]", &index.prefix_lists, cx);
    names(
        E0303,
        "community-list",
        "[community-lists]",
        &index.community_lists,
        cx,
    );
    names(E0304, "BFD profile", "[bfd.profiles]", &index.bfd_profiles, cx);
    names(E0305, "peer-group", "[bgp.peer-groups]", &index.peer_groups, cx);
}

fn names(code: Code, kind: &str, table: &str, names: &Names, cx: &mut Checking<'_>) {
    for used in &names.used {
        if names.defined.contains_key(&used.value) {
            continue;
        }
        let error = Diagnostic::error(code, used.span, format!("undefined {kind} '{}'", used.value));
        let known = names.defined.keys().map(AsRef::as_ref);
        let near = cx.found.nearest(used.value.as_ref(), known);
        cx.report(match near {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error.hint(format!("correct the name, or define it in {table}")),
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

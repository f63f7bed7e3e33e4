//! What routes, BGP and OSPF need of interfaces, and names of one another.

mod advertised;
pub(in crate::config) mod area;
pub(in crate::config) mod bgp;
pub(in crate::config) mod down;
pub(in crate::config) mod hop;
pub(in crate::config) mod instance;
pub(in crate::config) mod isis;
pub(in crate::config) mod list;
pub(in crate::config) mod name;
pub(in crate::config) mod ospf;
mod own_list;
mod peering;
pub(in crate::config) mod policy;
mod received;
mod route_map;
mod rpki;
pub(in crate::config) mod session;
pub(in crate::config) mod source;
mod tunnel;
mod unnumbered;
mod users;

use self::hop::Places;
use crate::config::check::Checking;
use crate::config::code::{
    E0222, E0275, E0312, E0313, E0315, E0316, E0317, E0318, E0319, E0342, E0344, E0381, E0384, E0793, E0854,
};
use crate::config::diag::Diagnostic;
use crate::config::routing::route::{Route, RouteTarget};
use crate::config::source::{Located, Span};
use crate::types::{Prefix, RouterId};
use ipnet::IpNet;
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

/// The router id where none is written: the first IPv4 address of lo0, else of any interface, which is reported.
pub(in crate::config) fn default_router_id(
    place: Span,
    table: &str,
    cx: &mut Checking<'_>,
) -> Option<RouterId> {
    let index = cx.index;
    let usable = index
        .addresses
        .iter()
        .filter_map(|address| match address.addr.addr() {
            IpAddr::V4(v4) => Some((address, RouterId::try_from(v4).ok()?)),
            IpAddr::V6(_) => None,
        });
    if let Some((_, id)) = usable.clone().find(|(address, _)| address.interface == "lo0") {
        return Some(id);
    }
    let first = usable.clone().min_by_key(|(address, _)| address.span);
    if index.l3_refused {
        return first.map(|(_, id)| id);
    }
    cx.report(match first {
        Some((address, id)) => {
            let message = format!(
                "'{table}' has no router id; it takes {id} of '{}'",
                address.interface
            );
            Diagnostic::warning(E0342, place, message)
                .label("every session is reset when that address changes")
                .also(address.span, "the address")
                .hint(format!(
                    "add `router-id = \"{id}\"`, or give [loopbacks.lo0] an IPv4 address"
                ))
        }
        None => Diagnostic::error(E0342, place, format!("'{table}' has no router id"))
            .hint("give [loopbacks.lo0] an IPv4 address, or add `router-id = \"A.B.C.D\"` to [bgp] or here"),
    });
    first.map(|(_, id)| id)
}

/// Whether an interface of this name exists; its absence is reported.
pub(in crate::config) fn interface_exists(name: Located<&String>, cx: &mut Checking<'_>) -> bool {
    let index = cx.index;
    if let Some(vrf) = index.in_vrf.get(name.value) {
        let message = format!("'{}' is in the VRF '{}'", name.value, vrf.value);
        cx.report(
            Diagnostic::error(E0854, name.span, message)
                .also(vrf.span, "here")
                .hint(format!("what leads over it is in [vrfs.{}]", vrf.value)),
        );
        return false;
    }
    let exists = index.l3.contains_key(name.value);
    if let Some(vrf) = index.vrf.as_ref().filter(|_| !exists && !index.l3_refused) {
        let message = format!("there is no interface '{}' in the VRF '{vrf}'", name.value);
        let near = cx.found.nearest(name.value, index.l3.keys().map(String::as_str));
        let hint = match near {
            Some(near) => format!("did you mean '{near}'?"),
            None => format!("add `vrf = \"{vrf}\"` to the interface"),
        };
        cx.report(Diagnostic::error(E0854, name.span, message).hint(hint));
        return false;
    }
    if index.unpaired.contains(name.value) {
        let message = format!("'{}' has no Linux side, and FRR does not know it", name.value);
        cx.report(Diagnostic::error(E0275, name.span, message).hint("remove its `lcp = false`"));
        return false;
    }
    let exists = is_an_interface(name, cx);
    if let Some((_, switched)) = index.switching.does.get(name.value) {
        let message = format!("'{}' does not route", name.value);
        cx.report(Diagnostic::error(E0793, name.span, message).also(*switched, "it is switched here"));
    }
    exists
}

/// An interface, sub-interface, loopback or bridge of this configuration has the name.
pub(in crate::config) fn is_an_interface(name: Located<&String>, cx: &mut Checking<'_>) -> bool {
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

/// A static route against the connected subnets. Whether its next hop is on the link of its interface, in whichever subnet.
pub(in crate::config) fn route(route: &Route, places: Places, cx: &mut Checking<'_>) -> bool {
    let Places { prefix, via, .. } = places;
    connected_prefix(route, prefix, cx);
    hop::leads_somewhere(route, prefix, cx);
    if let RouteTarget::Interface(name) = &route.target {
        tunnel::names_a_peer(name, prefix, cx);
    }
    let RouteTarget::Via { next_hop, interface } = &route.target else {
        if let Some(onlink) = places.onlink {
            let error = Diagnostic::error(E0384, onlink, "'onlink' needs a next hop");
            cx.report(error.hint("add `via = \"ADDRESS\"`, or remove `onlink`"));
        }
        return false;
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
        tunnel::leads_to_a_peer(*next_hop, interface.as_deref(), Some(route.prefix), via, cx);
        return hop::is_on_link(route, *next_hop, interface.as_deref(), places, cx);
    }
    false
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

/// A default route that is announced is one there is: the derived blackhole would drop everything.
pub(in crate::config) fn default_is_routed(networks: &[Located<Prefix>], cx: &mut Checking<'_>) {
    let index = cx.index;
    for network in networks.iter().filter(|n| n.value.net().prefix_len() == 0) {
        if index.routed.get(network.value).is_none() {
            let message = format!("{} is announced but not routed", network.value);
            cx.report(
                Diagnostic::error(E0344, network.span, message)
                    .label("the derived blackhole would drop everything")
                    .hint(format!(
                        "add a default route to [{}], or remove it from networks",
                        index.path("routes")
                    )),
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

/// A routing table that static routes stand in is asked by somebody: nothing generated does.
pub(in crate::config) fn tables_are_read<'t>(
    routes: &[(u32, Span)],
    texts: impl Iterator<Item = &'t str>,
    cx: &mut Checking<'_>,
) {
    if routes.is_empty() {
        return;
    }
    let words = texts.flat_map(str::split_ascii_whitespace);
    let named: HashSet<u32> = words.filter_map(|word| word.parse().ok()).collect();
    let mut seen = HashSet::new();
    for (table, place) in routes {
        if !named.contains(table) && seen.insert(table) {
            cx.report(
                Diagnostic::warning(E0381, *place, format!("nothing reads the routing table {table}"))
                    .label("no packet takes a route of it")
                    .hint("remove `table`, or have [frr] extra-file or extra-commands-file use it"),
            );
        }
    }
}

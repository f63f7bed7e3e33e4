//! Whether FRR finds a way to a static route's next hop.

use crate::config::check::Checking;
use crate::config::code::{E0311, E0382, E0383, E0384};
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::routing::route::{Route, RouteTarget};
use crate::config::source::Span;
use crate::types::Prefix;
use ipnet::IpNet;
use std::net::IpAddr;

/// Where the parts of a route stand.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct Places {
    /// The prefix.
    pub(in crate::config) prefix: Span,
    /// The next hop.
    pub(in crate::config) via: Span,
    /// `onlink`, where it is written and on.
    pub(in crate::config) onlink: Option<Span>,
}

/// Whether the route's next hop is on the link of its interface, outside of every subnet there; what cannot be reached is
/// reported.
pub(super) fn is_on_link(
    route: &Route,
    next_hop: IpAddr,
    interface: Option<&str>,
    places: Places,
    cx: &mut Checking<'_>,
) -> bool {
    let index = cx.index;
    let Some(name) = interface else {
        match places.onlink {
            Some(onlink) => cx.report(
                Diagnostic::error(E0384, onlink, "'onlink' needs the interface")
                    .label("FRR would never install the route")
                    .hint("add `interface = \"NAME\"`"),
            ),
            None => resolvable(route, next_hop, places.via, cx),
        }
        return false;
    };
    // A refused interface may have the subnet.
    if index.l3_refused || index.neighbors_of(next_hop).any(|a| a.interface == name) {
        return places.onlink.is_some();
    }
    if places.onlink.is_some() {
        return true;
    }
    let message = format!("the next hop {next_hop} is not in any subnet of '{name}'");
    match index.neighbors_of(next_hop).next() {
        Some(address) => {
            let other = format!("it is a neighbour of '{}'", address.interface);
            let error = Diagnostic::error(E0311, places.via, message).also(address.span, other);
            cx.report(error.hint(format!(
                "write `interface = \"{}\"`, or add `onlink = true` if it is on the link of '{name}' all the same",
                address.interface
            )));
            false
        }
        None => {
            cx.report(
                Diagnostic::warning(E0383, places.via, message)
                    .label("taken to be on its link")
                    .hint("add `onlink = true` to say so, or correct the address"),
            );
            true
        }
    }
}

fn resolvable(route: &Route, next_hop: IpAddr, via: Span, cx: &mut Checking<'_>) {
    let index = cx.index;
    // A refused interface may have the subnet.
    if index.l3_refused || index.neighbors_of(next_hop).next().is_some() {
        return;
    }
    match index.way_to(next_hop, route.prefix) {
        Way::Known => {}
        Way::Learned => cx.report(
            Diagnostic::warning(E0311, via, format!("nothing here leads to the next hop {next_hop}"))
                .label("the route is inactive until BGP does"),
        ),
        Way::Default => cx.report(
            Diagnostic::warning(E0311, via, format!("only the default route leads to the next hop {next_hop}"))
                .label("FRR 8.4 keeps such a route inactive; 10.3 uses it")
                .hint("add a route to the next hop itself"),
        ),
        Way::None => cx.report(
            Diagnostic::error(E0311, via, format!("the next hop {next_hop} is not in any connected subnet"))
                .hint(
                    "give an interface an address in its subnet, add a static route to it, or write its `interface` with `onlink = true`",
                ),
        ),
    }
}

/// What leads to an address that is not connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum Way {
    /// A static route that is active itself, or an IGP may.
    Known,
    /// BGP may.
    Learned,
    /// The default route alone.
    Default,
    None,
}

impl Index {
    /// What leads to an address, other than the route to `but` itself.
    fn way_to(&self, addr: IpAddr, but: Prefix) -> Way {
        let routes = self
            .routed
            .holding(addr)
            .filter_map(|number| self.statics.get(number));
        let usable = routes.filter(|route| route.leads_on && route.prefix != but);
        let longest = usable.map(|route| route.prefix.net().prefix_len()).max();
        if longest.is_some_and(|length| length > 0) || self.has_igp(addr) {
            Way::Known
        } else if self.has_bgp || self.bgp_of_extra {
            Way::Learned
        } else if longest.is_some() && self.resolves_by_default(addr) {
            Way::Known
        } else if longest.is_some() {
            Way::Default
        } else {
            Way::None
        }
    }
}

/// A default route over an Ethernet without a next hop, and routes to what is never routed.
pub(super) fn leads_somewhere(route: &Route, prefix: Span, cx: &mut Checking<'_>) {
    let net = route.prefix.net();
    if let (RouteTarget::Interface(name), 0) = (&route.target, net.prefix_len()) {
        let message = format!("the default route over '{name}' has no next hop");
        cx.report(
            Diagnostic::warning(E0382, prefix, message)
                .label("every address of the Internet would be asked for on its link")
                .hint("add `via` with the address of the next router"),
        );
    }
    let never = [
        "127.0.0.0/8",
        "169.254.0.0/16",
        "224.0.0.0/4",
        "fe80::/10",
        "ff00::/8",
        "::1/128",
    ];
    // What is dropped is not meant to be forwarded.
    if matches!(route.target, RouteTarget::Blackhole) {
        return;
    }
    let mut never = never.iter().filter_map(|text| text.parse::<IpNet>().ok());
    if let Some(range) = never.find(|range| range.contains(&net)) {
        let message = format!("{} is never forwarded", route.prefix);
        cx.report(
            Diagnostic::warning(E0382, prefix, message)
                .label(format!("{range} is for the link or the host alone"))
                .hint("remove the route"),
        );
    }
}

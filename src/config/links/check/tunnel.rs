//! The ends of tunnels, what they carry, and what they lead through.

use crate::config::check::Checking;
use crate::config::code::{E0796, E0797, E0798, E0799, E0800, E0801};
use crate::config::diag::{Diagnostic, Findings};
use crate::config::index::Index;
use crate::config::links::raw::LinkRaw;
use crate::config::links::switched::routes;
use crate::config::source::Located;
use crate::config::{Link, TunnelWay};
use crate::types::{HostAddr, IfName, Mtu};
use std::collections::HashMap;
use std::net::IpAddr;

/// What the Internet carries, in bytes.
pub(in crate::config) const INTERNET: u16 = 1500;

/// What comes back comes to an address of this router.
pub(in crate::config) fn source_is_own(source: Located<HostAddr>, cx: &mut Checking<'_>) {
    let from = source.value.get();
    if is_of_one_link(source, cx) || cx.index.vpps_address(from).is_some() {
        return;
    }
    cx.report(
        Diagnostic::error(E0796, source.span, format!("this router does not have '{from}'"))
            .label("what comes back would not reach the tunnel")
            .hint("use an address of an interface or loopback; a loopback's stays when a link goes down"),
    );
}

fn is_of_one_link(end: Located<HostAddr>, cx: &mut Checking<'_>) -> bool {
    if end.value.is_link_local() {
        let message = format!("'{}' is an address of one link", end.value);
        cx.report(Diagnostic::error(E0797, end.span, message).label("expected a global address"));
    }
    end.value.is_link_local()
}

/// The other end is another router's, of the family of this one.
pub(in crate::config) fn other_end_fits(
    source: Located<HostAddr>,
    destination: Located<HostAddr>,
    cx: &mut Checking<'_>,
) {
    let (from, to) = (source.value.get(), destination.value.get());
    is_of_one_link(destination, cx);
    if from.is_ipv4() != to.is_ipv4() {
        cx.report(
            Diagnostic::error(E0797, destination.span, "the ends are of two families")
                .also(source.span, "the other end"),
        );
    } else if let Some(own) = cx.index.vpps_address(to) {
        cx.report(
            Diagnostic::error(E0797, destination.span, "the destination is this router itself")
                .also(own, "its address"),
        );
    }
}

/// The other end is not reached through the tunnel itself: packets would be wrapped for ever, and VPP drops them.
pub(in crate::config) fn does_not_lead_into_itself(
    name: &str,
    destination: Located<HostAddr>,
    cx: &mut Checking<'_>,
) {
    let to = destination.value.get();
    let index = cx.index;
    let connected = index.neighbors_of(to).find(|it| it.interface == name);
    let next_hop = next_hop_towards(to, index).filter(|_| index.neighbors_of(to).next().is_none());
    let through = next_hop.and_then(|hop| index.neighbors_of(hop).find(|it| it.interface == name));
    if let Some(inside) = connected.or(through) {
        let message = format!("the destination of '{name}' is reached through '{name}' itself");
        cx.report(
            Diagnostic::error(E0798, destination.span, message)
                .also(inside.span, format!("an address of '{name}'"))
                .hint("its two ends need a path outside of it"),
        );
    }
}

/// The next hop of the longest static route that holds an address.
fn next_hop_towards(to: IpAddr, index: &Index) -> Option<IpAddr> {
    let routes = index.routed.holding(to);
    let routes = routes.filter_map(|number| index.statics.get(number));
    routes
        .max_by_key(|route| route.prefix.net().prefix_len())?
        .next_hop
}

/// VXLAN carries Ethernet: it is for a bridge domain or a cross-connect.
pub(in crate::config) fn frames_go_somewhere(
    name: &Located<IfName>,
    link: &Link,
    raw: &LinkRaw,
    cx: &mut Checking<'_>,
) {
    if link.switched.is_some() {
        return;
    }
    let place = routes(raw).next().map_or(name.span, |(_, span)| span);
    cx.report(
        Diagnostic::error(E0799, place, format!("'{}' is in no bridge", name.value))
            .label("VXLAN carries Ethernet frames, which this router does not route")
            .hint("list it in the `members` of [bridges.NAME], which may have addresses; or `xconnect` it"),
    );
}

/// A packet as large as the tunnel's MTU still fits the way to the other end.
pub(in crate::config) fn fits_the_path(own: Option<Located<Mtu>>, way: &TunnelWay, cx: &mut Checking<'_>) {
    let Some(own) = own else { return };
    let path = path_mtu(way.source(), cx);
    let wrapped = u32::from(own.value.get()) + u32::from(way.overhead());
    if wrapped > u32::from(path) {
        let message = format!(
            "a packet of {} bytes has {wrapped} in the tunnel, and its path takes {path}",
            own.value
        );
        cx.report(
            Diagnostic::warning(E0800, own.span, message)
                .label("packets of that size are sent in pieces, or lost")
                .hint(format!(
                    "use at most {}, or leave it out",
                    path.saturating_sub(way.overhead())
                )),
        );
    }
}

/// The MTU of the interface with the source address; of a loopback's nothing is known but what the Internet carries.
pub(in crate::config) fn path_mtu(source: IpAddr, cx: &Checking<'_>) -> u16 {
    let index = cx.index;
    let own = index.own.get(&source);
    let interface = own.and_then(|number| index.addresses.get(*number));
    let mtu = interface.and_then(|it| index.mtus.get(&it.interface));
    // An interface below the least MTU of IPv6 is refused where it has such addresses.
    mtu.copied().unwrap_or(INTERNET).max(Mtu::IPV6_MINIMUM)
}

/// VPP knows a tunnel by its ends, and refuses a second one.
pub(in crate::config) fn tunnels_differ(index: &Index, found: &mut Findings) {
    let mut seen = HashMap::new();
    for (ends, span) in &index.tunnel_ends {
        if let Some(first) = seen.insert(ends, *span) {
            let message = "another tunnel of this type has the same ends";
            found.report(Diagnostic::error(E0801, *span, message).also(first, "the other"));
        }
    }
}

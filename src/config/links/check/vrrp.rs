//! Virtual routers: what VPP refuses, or elects for nothing.

use crate::config::check::Checking;
use crate::config::code::{E0842, E0843, E0844, E0850, E0875, E0876};
use crate::config::diag::Diagnostic;
use crate::config::keys::Filled;
use crate::config::links::raw::VirtualRouterRaw;
use crate::config::links::vrrp::PRIORITY;
use crate::config::routing::check as routing;
use crate::config::source::Located;
use crate::types::{HostAddr, IfAddr, LinkName, VirtualRouterId};
use std::collections::HashMap;

fn addresses(raw: &VirtualRouterRaw) -> &[Located<HostAddr>] {
    raw.addresses.get().map_or(&[], |Filled(addresses)| addresses)
}

/// What is written, or the default.
pub(in crate::config::links) fn priority(raw: &VirtualRouterRaw) -> u8 {
    raw.priority.value().map_or(PRIORITY, |priority| priority.get())
}

/// Its addresses are on the link, and whose own they are has the highest priority.
pub(in crate::config) fn can_be_elected(
    raw: &VirtualRouterRaw,
    own: &[Located<IfAddr>],
    cx: &mut Checking<'_>,
) {
    let priority = priority(raw);
    if let Some(interval) = raw.interval.copied().filter(|it| it.value.get() % 10 != 0) {
        let error = Diagnostic::error(E0850, interval.span, "VRRP counts in hundredths of a second");
        cx.report(error.label("expected a multiple of 10 milliseconds"));
    }
    let addresses = addresses(raw);
    for address in addresses {
        let addr = address.value.get();
        let is_own = own.iter().any(|own| own.value.addr() == addr);
        let on_link = own.iter().any(|own| own.value.subnet().holds(addr));
        let link_local = address.value.is_link_local();
        if !on_link && !link_local {
            cx.report(
                Diagnostic::error(
                    E0842,
                    address.span,
                    format!("{addr} is in no subnet of the interface"),
                )
                .label("hosts on the link could not reach it"),
            );
        } else if priority == 255 && addr.is_ipv6() {
            cx.report(
                Diagnostic::error(E0843, address.span, "VPP owns no virtual address of IPv6")
                    .label("its link-local address would have to be the interface's own, which is derived")
                    .hint("give the two families routers of their own, and that of IPv6 a `priority` of at most 254"),
            );
        } else if priority == 255 && !is_own {
            cx.report(
                Diagnostic::error(E0843, address.span, format!("{addr} is not the interface's own"))
                    .label("a priority of 255 is for the router whose own addresses they are")
                    .hint("add it to `addresses` of the interface, or lower `priority` to 254"),
            );
        } else if priority != 255 && is_own {
            cx.report(
                Diagnostic::error(E0843, address.span, format!("{addr} is the interface's own"))
                    .label("it would stay here when another router is elected")
                    .hint("write `priority = 255`, or give the virtual router another address"),
            );
        }
    }
}

/// What it tracks is there, is another interface, and leaves it a priority.
pub(in crate::config) fn gives_way(raw: &VirtualRouterRaw, name: &LinkName, cx: &mut Checking<'_>) {
    let priority = priority(raw);
    for (tracked, by) in raw.track.entries() {
        let refuse = |span, message: String| Diagnostic::error(E0875, span, message);
        let known = Located {
            value: &tracked.value.to_string(),
            span: tracked.span,
        };
        if !routing::is_an_interface(known, cx) {
            continue;
        }
        if tracked.value == *name {
            let message = format!("'{name}' is the virtual router's own interface");
            cx.report(refuse(tracked.span, message).label("without it the router takes no part anyway"));
        } else if priority == 255 {
            let message = "the router whose own addresses they are never gives way".to_owned();
            cx.report(
                refuse(tracked.span, message)
                    .hint("remove `track`, or give it an address that is not the interface's"),
            );
        } else if let Some(family) = lacks_a_family(raw, known.value, cx) {
            let message = format!("'{name}' has no {family} address", name = tracked.value);
            cx.report(
                refuse(tracked.span, message)
                    .label("VPP takes it for down as far as this family is concerned"),
            );
        } else if by.value.get() >= priority {
            let message = format!("a priority of {priority} cannot fall by {}", by.value.get());
            cx.report(refuse(by.span, message).label(format!("expected at most {}", priority - 1)));
        }
    }
}

/// A family that the virtual router has addresses of, and the interface none.
fn lacks_a_family(raw: &VirtualRouterRaw, interface: &str, cx: &Checking<'_>) -> Option<&'static str> {
    let addresses = addresses(raw);
    let all = cx.index.tables().flat_map(|table| &table.addresses);
    let of_it: Vec<_> = all.filter(|it| it.interface == interface).collect();
    let has = |is_v4| of_it.iter().any(|it| it.addr.is_v4() == is_v4);
    let needs = |is_v4| addresses.iter().any(|it| it.value.get().is_ipv4() == is_v4);
    [("IPv4", true), ("IPv6", false)]
        .into_iter()
        .find_map(|(family, is_v4)| (needs(is_v4) && !has(is_v4)).then_some(family))
}

/// Its peers are other routers, some of each family that it has addresses of.
pub(in crate::config) fn tells_its_peers(raw: &VirtualRouterRaw, cx: &mut Checking<'_>) {
    let Some(Filled(peers)) = raw.peers.get() else {
        return;
    };
    let is_whole = !raw.peers.is_flawed() && !raw.addresses.is_flawed();
    for peer in peers {
        if let Some(own) = cx.index.vpps_address(peer.value.get()) {
            let error = Diagnostic::error(E0876, peer.span, format!("{} is this router itself", peer.value));
            cx.report(error.also(own, "its address"));
        }
    }
    let addresses = addresses(raw);
    for (family, is_v4) in [("IPv4", true), ("IPv6", false)] {
        let of_family = |it: &&Located<HostAddr>| it.value.get().is_ipv4() == is_v4;
        let (address, peer) = (addresses.iter().find(of_family), peers.iter().find(of_family));
        match (address, peer) {
            _ if !is_whole => {}
            (Some(address), None) => {
                let message = format!("no peer has an address of {family}");
                cx.report(
                    Diagnostic::error(E0876, address.span, message)
                        .label("VPP elects for each family by itself, and would tell nobody of this address"),
                );
            }
            (None, Some(peer)) => {
                let message = format!("the virtual router has no address of {family}");
                cx.report(Diagnostic::error(E0876, peer.span, message).label("nothing is told to this peer"));
            }
            _ => {}
        }
    }
}

/// No address of the link is that of two virtual routers.
pub(in crate::config) fn addresses_differ(
    routers: &[(Located<VirtualRouterId>, Located<VirtualRouterRaw>)],
    cx: &mut Checking<'_>,
) {
    let mut seen: HashMap<HostAddr, crate::config::Span> = HashMap::new();
    let addresses = routers
        .iter()
        .filter_map(|(_, table)| table.value.addresses.get());
    for address in addresses.flat_map(|Filled(addresses)| addresses) {
        if let Some(first) = seen.insert(address.value, address.span) {
            let message = format!("{} is a virtual address twice", address.value);
            cx.report(Diagnostic::error(E0844, address.span, message).also(first, "first here"));
        }
    }
}

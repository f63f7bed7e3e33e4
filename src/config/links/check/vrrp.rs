//! Virtual routers: what VPP refuses, or elects for nothing.

use crate::config::check::Checking;
use crate::config::code::{E0842, E0843, E0844, E0850};
use crate::config::diag::Diagnostic;
use crate::config::keys::Filled;
use crate::config::links::raw::VirtualRouterRaw;
use crate::config::links::vrrp::PRIORITY;
use crate::config::source::Located;
use crate::types::{HostAddr, IfAddr, VirtualRouterId};
use std::collections::HashMap;

/// Its addresses are on the link, and whose own they are has the highest priority.
pub(in crate::config) fn can_be_elected(
    raw: &VirtualRouterRaw,
    own: &[Located<IfAddr>],
    cx: &mut Checking<'_>,
) {
    let priority = raw.priority.value().map_or(PRIORITY, |priority| priority.get());
    if let Some(interval) = raw.interval.copied().filter(|it| it.value.get() % 10 != 0) {
        let error = Diagnostic::error(E0850, interval.span, "VRRP counts in hundredths of a second");
        cx.report(error.label("expected a multiple of 10 milliseconds"));
    }
    let addresses = raw.addresses.get().map_or(&[][..], |Filled(addresses)| addresses);
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

//! The two sides of a bridge.

use crate::config::check::Checking;
use crate::config::code::{E0243, E0244};
use crate::config::diag::Diagnostic;
use crate::config::source::Located;
use crate::types::AddrRange4;
use ipnet::Ipv4Net;
use std::net::Ipv4Addr;

/// VPP's address is a host's of the bridge's subnet, and not the bridge's.
pub(super) fn gateway_is_a_neighbour(
    bridge: Located<Ipv4Net>,
    gateway: Located<Ipv4Addr>,
    cx: &mut Checking<'_>,
) {
    let (net, addr) = (bridge.value, gateway.value);
    let reason = if !net.contains(&addr) {
        "it is outside the bridge's subnet"
    } else if addr == net.addr() {
        "this is the bridge's own address; VPP needs another"
    } else if net.prefix_len() < 31 && (addr == net.network() || addr == net.broadcast()) {
        "this is not a host address in the bridge's subnet"
    } else {
        return;
    };
    cx.report(
        Diagnostic::error(
            E0243,
            gateway.span,
            format!("the gateway '{addr}' cannot be used on this bridge"),
        )
        .label(reason)
        .also(bridge.span, format!("the subnet is {}", net.trunc())),
    );
}

/// The DHCP range contains only host addresses of the bridge's subnet that are not in use.
pub(super) fn range_is_free(
    range: Located<AddrRange4>,
    bridge: Located<Ipv4Net>,
    gateway: Located<Ipv4Addr>,
    cx: &mut Checking<'_>,
) {
    let (net, addrs) = (bridge.value, range.value);
    let subnet = format!("the subnet is {}", net.trunc());
    let (reason, other, label) = if !net.contains(&addrs.first()) || !net.contains(&addrs.last()) {
        ("it extends beyond the bridge's subnet", bridge.span, subnet)
    } else if net.prefix_len() < 31 && (addrs.holds(net.network()) || addrs.holds(net.broadcast())) {
        (
            "it contains the network or broadcast address",
            bridge.span,
            subnet,
        )
    } else if addrs.holds(net.addr()) {
        ("it contains the bridge's own address", bridge.span, String::new())
    } else if addrs.holds(gateway.value) {
        ("it contains the gateway's address", gateway.span, String::new())
    } else {
        return;
    };
    cx.report(
        Diagnostic::error(
            E0244,
            range.span,
            format!("the DHCP range {addrs} cannot be used"),
        )
        .label(reason)
        .also(other, label),
    );
}

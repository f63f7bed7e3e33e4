//! How the management NIC is reached.

use crate::config::check::Checking;
use crate::config::code::{E0225, E0226};
use crate::config::diag::Diagnostic;
use crate::config::source::Located;
use crate::config::source::Span;
use crate::types::IfAddr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Addresses come from DHCP or from the document: one of them, and gateways with the latter only.
pub(in crate::config) fn one_way_to_get_addresses(
    table: Span,
    dhcp: Option<Located<bool>>,
    addresses: Option<Span>,
    gateway: Option<Span>,
    cx: &mut Checking<'_>,
) {
    let dhcp = dhcp.filter(|dhcp| dhcp.value);
    let diagnostic = match (dhcp, addresses, gateway) {
        (None, None, _) => Diagnostic::error(E0225, table, "management has no address")
            .hint("add `addresses = [\"ADDRESS/LENGTH\"]` or `dhcp = true`"),
        (Some(dhcp), Some(addresses), _) => {
            Diagnostic::error(E0225, addresses, "management has both fixed addresses and DHCP")
                .also(dhcp.span, "DHCP here")
        }
        (Some(dhcp), None, Some(gateway)) => {
            Diagnostic::error(E0225, gateway, "management has both a fixed gateway and DHCP")
                .also(dhcp.span, "DHCP here")
        }
        _ => return,
    };
    cx.report(diagnostic);
}

/// `onlink` says how a gateway is reached: there is one.
pub(in crate::config) fn has_a_gateway(
    onlink: Option<Located<bool>>,
    gateway: Option<Span>,
    cx: &mut Checking<'_>,
) {
    if let (Some(onlink), None) = (onlink, gateway) {
        cx.report(
            Diagnostic::error(E0226, onlink.span, "onlink without a gateway")
                .label("it says how `gateway` and `gateway6` are reached, and there is none")
                .hint("add `gateway`, or remove `onlink`"),
        );
    }
}

/// A gateway is another host of a connected subnet, or with `onlink` any other host; an IPv6 one may be link-local.
pub(in crate::config) fn gateways_are_next_door(
    addresses: &[Located<IfAddr>],
    gateway: Option<Located<Ipv4Addr>>,
    gateway6: Option<Located<Ipv6Addr>>,
    onlink: bool,
    cx: &mut Checking<'_>,
) {
    let gateway6 = gateway6.filter(|gateway| !gateway.value.is_unicast_link_local());
    let gateways = [
        gateway.map(|g| g.map(IpAddr::V4)),
        gateway6.map(|g| g.map(IpAddr::V6)),
    ];
    for gateway in gateways.into_iter().flatten() {
        let unreachable = |reason| {
            let message = format!("the gateway '{}' cannot be reached", gateway.value);
            Diagnostic::error(E0226, gateway.span, message).label(reason)
        };
        let own = addresses.iter().any(|own| own.value.addr() == gateway.value);
        let near = addresses
            .iter()
            .any(|own| own.value.subnet().holds(gateway.value));
        match (own, near) {
            (true, _) => cx.report(unreachable("it is management's own address")),
            (false, true)
                if addresses
                    .iter()
                    .any(|own| is_for_nobody(gateway.value, own.value)) =>
            {
                cx.report(unreachable(
                    "it is the network or broadcast address of its subnet",
                ))
            }
            (false, false) if !onlink => {
                cx.report(unreachable("it is not in a subnet of `addresses`").hint(
                    "if it is on the link all the same, as with an address of /32, add `onlink = true`",
                ))
            }
            (false, _) => {}
        }
    }
}

/// Whether no host can have the address: a subnet's first and last one, but a /31 has neither (RFC 3021).
fn is_for_nobody(addr: IpAddr, own: IfAddr) -> bool {
    let net = own.net();
    net.addr().is_ipv4() && net.prefix_len() < 31 && (addr == net.network() || addr == net.broadcast())
}

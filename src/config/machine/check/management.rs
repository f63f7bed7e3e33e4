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

/// A gateway is another host of a connected subnet; an IPv6 one may be link-local.
pub(in crate::config) fn gateways_are_next_door(
    addresses: &[Located<IfAddr>],
    gateway: Option<Located<Ipv4Addr>>,
    gateway6: Option<Located<Ipv6Addr>>,
    cx: &mut Checking<'_>,
) {
    let gateway6 = gateway6.filter(|gateway| !gateway.value.is_unicast_link_local());
    let gateways = [
        gateway.map(|g| g.map(IpAddr::V4)),
        gateway6.map(|g| g.map(IpAddr::V6)),
    ];
    for gateway in gateways.into_iter().flatten() {
        let reason = match addresses.iter().find(|a| a.value.subnet().holds(gateway.value)) {
            None => "it is not in a subnet of `addresses`",
            Some(own) if own.value.addr() == gateway.value => "it is management's own address",
            Some(_) => continue,
        };
        cx.report(
            Diagnostic::error(
                E0226,
                gateway.span,
                format!("the gateway '{}' cannot be reached", gateway.value),
            )
            .label(reason),
        );
    }
}

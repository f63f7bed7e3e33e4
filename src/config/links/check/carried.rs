//! What tunnels of packets cannot carry: frames, and in WireGuard packets to all peers at once.

use crate::config::check::Checking;
use crate::config::code::E0874;
use crate::config::diag::Diagnostic;
use crate::config::links::raw::{LinkRaw, TunnelType};
use crate::config::source::Span;

/// Nothing is asked of a WireGuard tunnel that needs frames, or packets to all peers at once.
pub(in crate::config) fn packets_to_peers(raw: &LinkRaw, cx: &mut Checking<'_>) {
    let multicast = "its packets go to all peers at once, and WireGuard has no such packets";
    let frames = "WireGuard carries packets, and no frames";
    let protocols = &raw.protocols;
    let written = [
        ("ospf", protocols.ospf.span(), multicast),
        ("ospf6", protocols.ospf6.span(), multicast),
        ("isis", protocols.isis.span(), frames),
        ("xconnect", raw.xconnect.span(), frames),
        ("ra", raw.ra.span(), multicast),
        ("vrrp", raw.vrrp.span(), multicast),
        ("neighbors", raw.neighbors.span(), frames),
        ("dhcp-relay", raw.dhcp_relay.span(), frames),
        ("dhcp6-relay", raw.dhcp6_relay.span(), multicast),
    ];
    for (key, span, why) in written {
        let Some(span) = span else { continue };
        let error = Diagnostic::error(E0874, span, format!("'{key}' is not for a WireGuard tunnel"));
        cx.report(error.label(why));
    }
}

/// Nothing is asked of a tunnel of GRE or IP in IP that VPP does with frames alone. Its `xconnect` is reported with all others
/// between what has no frames. What FRR advertises goes out as any other packet does.
pub(in crate::config) fn packets_alone(
    kind: TunnelType,
    raw: &LinkRaw,
    frr_advertises: bool,
    cx: &mut Checking<'_>,
) {
    let name = match kind {
        TunnelType::Gre => "a GRE tunnel",
        TunnelType::Ipip => "an IP-in-IP tunnel",
        TunnelType::Vxlan | TunnelType::Wireguard => return,
    };
    let remove = "remove it: the other router is all there is on the link";
    let written = [
        (
            "isis",
            raw.protocols.isis.span(),
            "IS-IS talks in frames, and the tunnel carries packets",
            "run OSPF or BGP in the tunnel",
        ),
        (
            "ra",
            raw.ra.span().filter(|_| !frr_advertises),
            "VPP advertises itself in frames alone, and refuses the line",
            remove,
        ),
        (
            "vrrp",
            raw.vrrp.span(),
            "a virtual router has a hardware address, and the tunnel no frames with one",
            remove,
        ),
        (
            "neighbors",
            raw.neighbors.span(),
            "no packet in the tunnel has a hardware address",
            remove,
        ),
        (
            "dhcp-relay",
            raw.dhcp_relay.span(),
            "clients are answered in frames, and the tunnel carries packets",
            "write it at the interface that the clients are on",
        ),
        (
            "dhcp6-relay",
            raw.dhcp6_relay.span(),
            "clients are on a link of their own, and no tunnel is one",
            "write it at the interface that the clients are on",
        ),
    ];
    for (key, span, why, hint) in written {
        let Some(span): Option<Span> = span else { continue };
        let error = Diagnostic::error(E0874, span, format!("'{key}' is not for {name}"));
        cx.report(error.label(why).hint(hint));
    }
}

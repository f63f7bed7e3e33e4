//! What leads into tunnels of WireGuard.

use crate::config::check::Checking;
use crate::config::code::{E0872, E0873};
use crate::config::diag::Diagnostic;
use crate::config::source::{Located, Span};
use crate::types::Prefix;
use std::net::IpAddr;

/// If the next hop is in a WireGuard tunnel, it is a peer's address, and that peer may send from where the route leads.
pub(in crate::config::routing) fn leads_to_a_peer(
    next_hop: IpAddr,
    interface: Option<&str>,
    to: Option<Prefix>,
    place: Span,
    cx: &mut Checking<'_>,
) {
    let index = cx.index;
    let connected = index.neighbors_of(next_hop).map(|it| it.interface.as_str());
    let name = interface.or(connected.last());
    let Some((name, peers)) = name.and_then(|name| index.wireguard.tunnels.get_key_value(name)) else {
        return;
    };
    let is_it = |it: &Located<Prefix>| it.value.is_host() && it.value.net().addr() == next_hop;
    let Some(peer) = peers.iter().find(|peer| peer.iter().any(is_it)) else {
        let message = format!("no peer of '{name}' has the address {next_hop}");
        cx.report(
            Diagnostic::error(E0872, place, message)
                .label("VPP would drop what is sent to it")
                .hint(format!(
                    "add \"{next_hop}/{}\" to the `allowed-ips` of the peer that has it",
                    length(next_hop)
                )),
        );
        return;
    };
    let Some(to) = to.filter(|to| !peer.iter().any(|it| it.value.contains(*to))) else {
        return;
    };
    let message = format!("the peer with {next_hop} may not send from {to}");
    cx.report(
        Diagnostic::warning(E0873, place, message)
            .label("what comes back from there is dropped")
            .hint(format!("add \"{to}\" to its `allowed-ips`")),
    );
}

/// A route into a WireGuard tunnel names the peer.
pub(in crate::config::routing) fn names_a_peer(interface: &str, place: Span, cx: &mut Checking<'_>) {
    if cx.index.wireguard.tunnels.contains_key(interface) {
        let message = format!("the route into '{interface}' does not say to which peer");
        cx.report(
            Diagnostic::error(E0872, place, message)
                .label("VPP would drop what takes it")
                .hint("add `via = \"ADDRESS\"`, the peer's address in the tunnel"),
        );
    }
}

fn length(addr: IpAddr) -> u8 {
    if addr.is_ipv4() { 32 } else { 128 }
}

//! The peers of WireGuard: whose packets are whose, and what leads to them.

use crate::config::check::Checking;
use crate::config::code::{E0870, E0871, E0878};
use crate::config::diag::{Diagnostic, Findings};
use crate::config::index::Index;
use crate::config::links::raw::TunnelRaw;
use crate::config::links::startup::StartupRaw;
use crate::config::source::Located;
use crate::config::{Model, TunnelWay};
use crate::types::{Prefix, WireguardSecret};
use std::collections::HashMap;

/// No peer has this router's own key.
pub(in crate::config) fn own_key_is_no_peers(
    raw: &TunnelRaw,
    secret: Option<&WireguardSecret>,
    cx: &mut Checking<'_>,
) {
    let Some(own) = secret.map(WireguardSecret::public) else {
        return;
    };
    for (_, peer) in raw.peers.entries() {
        if let Some(key) = peer.value.public_key.copied().filter(|key| key.value == own) {
            let error = Diagnostic::error(E0870, key.span, "the key is this router's own");
            cx.report(
                error
                    .label("it belongs to the key in `private-key-file`")
                    .hint("write the public key of the other router: it prints it with `wg pubkey < FILE`"),
            );
        }
    }
}

/// VPP knows a peer by its key, whichever tunnel it is of; and of several peers with an address, either gets the packets.
pub(in crate::config) fn peers_differ(index: &Index, found: &mut Findings) {
    let mut seen = HashMap::new();
    for key in &index.wireguard.keys {
        if let Some(first) = seen.insert(key.value, key.span) {
            let error = Diagnostic::error(E0870, key.span, "another peer has the same key");
            found.report(error.also(first, "the other").hint(
                "a router is a peer once, also of several tunnels; all it may send from is in its `allowed-ips`",
            ));
        }
    }
    let tables = index.tables();
    let tunnels = tables.flat_map(|table| table.wireguard.tunnels.values().map(move |peers| (table, peers)));
    for (table, peers) in tunnels {
        none_shares(peers, found);
        for prefix in peers.iter().flatten().filter(|it| it.value.is_host()) {
            if let Some(own) = table.vpps_address(prefix.value.net().addr()) {
                let message = format!("{} is this router's own", prefix.value.net().addr());
                found.report(Diagnostic::error(E0871, prefix.span, message).also(own, "its address"));
            }
        }
    }
}

fn none_shares(peers: &[Vec<Located<Prefix>>], found: &mut Findings) {
    let numbered = peers.iter().enumerate();
    let mut all: Vec<(usize, Located<Prefix>)> = numbered
        .flat_map(|(peer, prefixes)| prefixes.iter().map(move |it| (peer, *it)))
        .collect();
    // Those around a prefix come before it.
    all.sort_by_key(|(_, it)| (it.value.net().network(), it.value.net().prefix_len()));
    let mut around: Vec<(usize, Located<Prefix>)> = Vec::new();
    for (peer, prefix) in all {
        around.retain(|(_, outer)| outer.value.contains(prefix.value));
        if let Some((_, other)) = around.iter().find(|(of, _)| *of != peer) {
            let message = format!("{} is another peer's as well", prefix.value);
            found.report(
                Diagnostic::error(E0871, prefix.span, message)
                    .label("VPP would send to either of them")
                    .also(other.span, format!("{} is here", other.value)),
            );
        }
        around.push((peer, prefix));
    }
}

/// VPP does not keep the messages that it gets: a private key is in one of them.
pub(in crate::config) fn no_message_is_kept(model: &Model, extra: Option<&StartupRaw>, found: &mut Findings) {
    let mut tunnels = model.tunnels.values();
    let trace = extra.and_then(|extra| extra.stanza("api-trace"));
    if let (Some(trace), true) = (trace, tunnels.any(|it| matches!(it.way, TunnelWay::Wireguard(_)))) {
        found.report(
            Diagnostic::error(
                E0878,
                trace,
                "'api-trace' would keep the private keys of WireGuard",
            )
            .label("VPP writes what it keeps into a file when it dies")
            .hint("remove the stanza, or trace by hand: `vppctl api trace on`"),
        );
    }
}

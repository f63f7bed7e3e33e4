//! `type = "wireguard"` of a tunnel: packets, encrypted, to one router or several.

use super::check::wireguard as check;
use super::raw::{TunnelRaw, WIREGUARD_PORT, WireguardPeerRaw};
use crate::config::At;
use crate::config::check::Checking;
use crate::config::index::Index;
use crate::config::keys::Filled;
use crate::config::source::{Located, Span};
use crate::types::{IfAddr, IfName, PolicyName, Prefix, RelPath, WireguardKey, WireguardSecret};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

/// A tunnel of WireGuard as VPP is told of it. The private key is not in it: VPP gets that from its file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Wireguard {
    /// An address of this router.
    pub source: IpAddr,
    /// The UDP port that peers send to.
    pub port: u16,
    /// The file of the private key, below the configuration folder.
    pub key_file: RelPath,
    /// The public key of that one.
    pub public_key: WireguardKey,
    /// In the order of their names. No address is two peers'.
    pub peers: Vec<WireguardPeer>,
}

/// A router at another end.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WireguardPeer {
    /// Where it was written.
    pub at: At,
    /// What the operator calls it.
    pub name: PolicyName,
    /// Its public key; no other peer of this router has it.
    pub public_key: WireguardKey,
    /// Where it is reached at first, by an address of the source's family.
    pub endpoint: SocketAddr,
    /// What it may send from, and what is sent to it.
    pub allowed_ips: Vec<Prefix>,
    /// Seconds between two keepalives.
    pub keepalive: Option<u32>,
}

/// What the tables say of the peers of a tunnel, for the checks that compare them.
#[derive(Debug, Default)]
pub(in crate::config) struct WireguardIndex {
    /// The public key of each peer, with its place.
    pub(in crate::config) keys: Vec<Located<WireguardKey>>,
    /// The prefixes of each peer, by tunnel.
    pub(in crate::config) tunnels: BTreeMap<String, Vec<Vec<Located<Prefix>>>>,
    /// From where each peer sends at first, and to which socket of this router.
    pub(in crate::config) sockets: Vec<(Located<SocketAddr>, SocketAddr)>,
}

impl Wireguard {
    /// The peers' own addresses in the tunnel: those of its subnets that a peer has by themselves. VPP finds a peer by such an
    /// address alone.
    pub fn hosts<'w>(&'w self, addresses: &'w [IfAddr]) -> impl Iterator<Item = (At, IpAddr)> + 'w {
        let on_link = |prefix: &Prefix| addresses.iter().any(|own| own.subnet().contains(*prefix));
        let of = move |peer: &'w WireguardPeer| {
            let hosts = peer.allowed_ips.iter().filter(|it| it.is_host());
            hosts
                .filter(move |it| on_link(it))
                .map(|it| (peer.at, it.net().addr()))
        };
        self.peers.iter().flat_map(of)
    }
}

/// What the table says of it, checked.
pub(super) fn wireguard(name: &IfName, raw: &TunnelRaw, cx: &mut Checking<'_>) -> Option<Wireguard> {
    super::check::carried::packets_to_peers(&raw.link, cx);
    let file = raw.private_key_file.located();
    let secret: Option<WireguardSecret> = file.and_then(|file| cx.secret(file, "private key"));
    let source = raw.source.copied();
    let peers = raw.peers.entries().iter();
    let peers = peers.filter_map(|(peer, table)| {
        let (raw, endpoint) = (&table.value, table.value.endpoint.copied());
        if let (Some(source), Some(endpoint)) = (source, endpoint) {
            let place = Located {
                value: endpoint.value.address,
                span: endpoint.span,
            };
            super::check::tunnel::other_end_fits(source, place, cx);
            super::check::tunnel::does_not_lead_into_itself(name.as_ref(), place, cx);
        }
        peer_of(&peer.value, raw, table.span, cx)
    });
    let mut peers: Vec<WireguardPeer> = peers.collect();
    peers.sort_by(|a, b| a.name.cmp(&b.name));
    check::own_key_is_no_peers(raw, secret.as_ref(), cx);
    Some(Wireguard {
        source: source?.value.get(),
        port: port(raw),
        key_file: file?.value.clone(),
        public_key: secret?.public(),
        peers,
    })
}

/// The port that the peers send to.
fn port(raw: &TunnelRaw) -> u16 {
    raw.port.get().map_or(WIREGUARD_PORT, |port| port.get())
}

fn peer_of(
    name: &PolicyName,
    raw: &WireguardPeerRaw,
    span: Span,
    cx: &Checking<'_>,
) -> Option<WireguardPeer> {
    let endpoint = raw.endpoint.get()?;
    let Filled(allowed) = raw.allowed_ips.get()?;
    let mut allowed_ips: Vec<Prefix> = allowed.iter().map(|it| it.value).collect();
    allowed_ips.sort();
    Some(WireguardPeer {
        at: cx.at(span),
        name: name.clone(),
        public_key: raw.public_key.value()?,
        endpoint: SocketAddr::new(endpoint.address.get(), endpoint.port),
        allowed_ips,
        keepalive: raw.keepalive.get().map(|it| it.get().get()),
    })
}

/// Enters the peers of a tunnel.
pub(super) fn index_peers(name: &str, raw: &TunnelRaw, index: &mut Index) {
    let peers = raw.peers.entries().iter().map(|(_, table)| &table.value);
    let keys = peers.clone().filter_map(|peer| peer.public_key.copied());
    index.wireguard.keys.extend(keys);
    if let Some(source) = raw.source.get() {
        let own = SocketAddr::new(source.get(), port(raw));
        let endpoints = peers.clone().filter_map(|peer| peer.endpoint.copied());
        let sockets = endpoints.map(|it| (it.map(|it| SocketAddr::new(it.address.get(), it.port)), own));
        index.wireguard.sockets.extend(sockets);
    }
    let allowed = peers.filter_map(|peer| Some(peer.allowed_ips.get()?.0.clone()));
    if let Some(table) = index.table_mut(raw.link.protocols.vrf.copied().as_ref()) {
        table.wireguard.tunnels.insert(name.to_owned(), allowed.collect());
    }
}

//! Tunnels, as core makes them.

use super::{L3, Make, of};
use crate::config::{TunnelKind, TunnelWay, Wireguard, WireguardPeer};
use crate::render::Dataplane;
use crate::render::dataplane::Tunnel;
use crate::render::vpp::steer::Route;
use crate::render::vpp::{identity, place};
use crate::types::{Prefix, RelPath, WireguardKey};
use ipnet::IpNet;
use serde::Serialize;
use std::net::IpAddr;

/// A tunnel: its ends, or what the peers of WireGuard know it by.
#[derive(Debug, Serialize)]
pub(super) struct Tunnelled {
    kind: &'static str,
    /// What VPP calls it, before the number.
    automatic: &'static str,
    number: u32,
    source: IpAddr,
    ends: Option<Ends>,
    wireguard: Option<Keys>,
}

#[derive(Debug, Serialize)]
struct Ends {
    destination: IpAddr,
    vni: Option<u32>,
}

#[derive(Debug, Serialize)]
struct Keys {
    port: u16,
    file: RelPath,
    public: WireguardKey,
    peers: Vec<Peer>,
}

#[derive(Debug, Serialize)]
struct Peer {
    place: String,
    key: WireguardKey,
    address: IpAddr,
    port: u16,
    allowed: Vec<Prefix>,
    keepalive: Option<u32>,
}

/// Every tunnel, those of a kind numbered among themselves.
pub(super) fn all(dataplane: &Dataplane) -> Vec<L3> {
    let mut all = Vec::new();
    for (kind, automatic) in [
        ("gre", "gre"),
        ("ipip", "ipip"),
        ("vxlan", "vxlan_tunnel"),
        ("wireguard", "wg"),
    ] {
        let of_kind = dataplane.tunnels.iter();
        let of_kind = of_kind.filter(|(_, tunnel)| tunnel.way.word() == kind);
        let numbers = identity::tunnels(automatic, of_kind.clone().map(|(name, _)| name.as_ref()));
        all.extend(
            of_kind
                .zip(numbers)
                .map(|((_, it), number)| tunnel(dataplane, it, automatic, number)),
        );
    }
    all
}

fn tunnel(dataplane: &Dataplane, it: &Tunnel, automatic: &'static str, number: u32) -> L3 {
    let (ends, wireguard) = match &it.way {
        TunnelWay::Plain(ends) => {
            let vni = match ends.kind {
                TunnelKind::Vxlan { vni } => Some(vni),
                TunnelKind::Gre | TunnelKind::Ipip => None,
            };
            let destination = ends.destination;
            (Some(Ends { destination, vni }), None)
        }
        TunnelWay::Wireguard(wireguard) => (None, Some(keys(dataplane, wireguard))),
    };
    let made = Tunnelled {
        kind: it.way.word(),
        automatic,
        number,
        source: it.way.source(),
        ends,
        wireguard,
    };
    L3 {
        make: Make {
            tunnel: Some(made),
            ..Make::default()
        },
        tun: !it.way.has_frames(),
        ..of(dataplane, &it.link)
    }
}

/// A route to each peer of WireGuard: VPP asks nobody on such an interface who has an address, and drops what goes to its
/// subnet.
pub(in crate::render::vpp) fn to_peers(dataplane: &Dataplane) -> Vec<Route> {
    let mut routes = Vec::new();
    for (name, it) in &dataplane.tunnels {
        let TunnelWay::Wireguard(wireguard) = &it.way else {
            continue;
        };
        let hosts = wireguard.hosts(&it.link.addresses);
        let table = it.link.vrf.as_ref().map(|vrf| vrf.table);
        let owned = |host: IpAddr| table.is_none() && dataplane.owned_by_frr.contains(&IpNet::from(host));
        let hosts = hosts.filter(|(_, host)| !owned(*host));
        routes.extend(hosts.map(|(at, host)| Route {
            place: place(dataplane, at),
            prefix: host.into(),
            table,
            via: host,
            interface: name.to_string(),
        }));
    }
    routes
}

fn keys(dataplane: &Dataplane, it: &Wireguard) -> Keys {
    let peer = |it: &WireguardPeer| Peer {
        place: place(dataplane, it.at),
        key: it.public_key,
        address: it.endpoint.ip(),
        port: it.endpoint.port(),
        allowed: it.allowed_ips.clone(),
        keepalive: it.keepalive,
    };
    Keys {
        port: it.port,
        file: it.key_file.clone(),
        public: it.public_key,
        peers: it.peers.iter().map(peer).collect(),
    }
}

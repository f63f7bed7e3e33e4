//! What the documents say that others send to this router: the outer packets of tunnels, DHCP, VRRP, BFD.

use super::needed::Neighbor;
use super::packet::{Packet, SOME_PORT, UDP, VRRP, beside, link_local};
use crate::config::index::{Address, Index};
use crate::config::links::relay::Relay;
use crate::config::routing::ospf::checked::OspfVersion;
use crate::config::source::{Located, Span};
use crate::config::{TunnelEnds, TunnelKind};
use crate::types::{HostAddr, Prefix, VrfName};
use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// An interface, as far as what arrives on it depends on it.
pub(super) struct Link<'r> {
    pub(super) name: &'r str,
    /// Its addresses.
    pub(super) own: &'r [&'r Address],
    /// The neighbours of BGP on its link.
    pub(super) neighbors: &'r [Neighbor<'r>],
}

impl Link<'_> {
    /// Whether a host of its link has the address.
    fn reaches(&self, address: IpAddr) -> bool {
        self.own.iter().any(|own| own.addr.subnet().holds(address))
    }

    fn of_family(&self, is_v4: bool) -> impl Iterator<Item = IpAddr> {
        let own = self.own.iter().map(|own| own.addr.addr());
        own.filter(move |addr| addr.is_ipv4() == is_v4)
    }
}

/// What arrives on an interface for this router itself.
pub(super) struct Arrival {
    /// What it shares with others like it.
    pub(super) alike: &'static str,
    /// In words.
    pub(super) what: String,
    /// What of the documents says so.
    pub(super) because: (Span, String),
    /// What it may look like; any of them is enough.
    pub(super) packets: Vec<Packet>,
    /// The rules that let it in, without their action.
    pub(super) rules: Vec<String>,
}

/// What the documents say of it, by the interface that it arrives on or the address that it is for.
pub(super) struct Arrivals<'r> {
    index: &'r Index,
    tunnels: HashMap<IpAddr, Vec<(TunnelEnds, Span)>>,
    sockets: HashMap<IpAddr, Vec<(Located<SocketAddr>, SocketAddr)>>,
    relays: HashMap<&'r str, Vec<&'r Located<Relay>>>,
    /// One of each table and family, as all of these say the same; and the addresses of its interface.
    servers: Vec<(Option<&'r VrfName>, &'r Located<Relay>, Vec<IpAddr>)>,
    peers: HashMap<&'r str, Vec<Located<HostAddr>>>,
    monitored: HashMap<&'r str, Vec<(OspfVersion, Span)>>,
}

impl<'r> Arrivals<'r> {
    /// Those of all interfaces.
    pub(super) fn new(index: &'r Index, addresses: &HashMap<&str, Vec<&Address>>) -> Self {
        let traffic = &index.traffic;
        let mut all = Self {
            index,
            tunnels: by(index.tunnel_ends.iter().map(|it| (it.0.source, *it))),
            sockets: by(index.wireguard.sockets.iter().map(|it| (it.1.ip(), *it))),
            relays: by(traffic.relays.iter().map(|(name, relay)| (name.as_str(), relay))),
            servers: Vec::new(),
            peers: by(traffic.peers.iter().map(|(name, peer)| (name.as_str(), *peer))),
            monitored: by(traffic
                .monitored
                .iter()
                .map(|(name, version, place)| (name.as_str(), (*version, *place)))),
        };
        let mut seen = HashSet::new();
        for (name, relay) in &traffic.relays {
            let vrf = all.table_of(name);
            if seen.insert((vrf, relay.value.source.is_ipv4())) {
                let own = addresses.get(name.as_str()).into_iter().flatten();
                let own = own.map(|it| it.addr.addr()).collect();
                all.servers.push((vrf, relay, own));
            }
        }
        all
    }

    fn table_of(&self, interface: &str) -> Option<&'r VrfName> {
        self.index.in_vrf.get(interface).map(|vrf| &vrf.value)
    }

    /// Everything that arrives on the interface.
    pub(super) fn on(&self, link: &Link<'_>) -> Vec<Arrival> {
        let vrf = self.table_of(link.name);
        let mut all = Vec::new();
        // What a packet was wrapped in is in the main table.
        for own in link.own.iter().filter(|_| vrf.is_none()) {
            let own = own.addr.addr();
            all.extend(of(&self.tunnels, &own).iter().map(out_of_a_tunnel));
            all.extend(of(&self.sockets, &own).iter().map(of_wireguard));
        }
        let relays = of(&self.relays, link.name).iter();
        all.extend(relays.filter_map(|relay| of_clients(relay)));
        for (_, relay, clients) in self.servers.iter().filter(|it| it.0 == vrf) {
            all.extend(of_servers(link, relay, clients));
        }
        let peers = of(&self.peers, link.name).iter();
        all.extend(peers.map(|peer| of_a_virtual_router(link, *peer)));
        let monitored = of(&self.monitored, link.name).iter();
        all.extend(monitored.map(|(version, place)| of_ospf(link, *version, *place)));
        all.extend(of_neighbors(link));
        all
    }
}

fn by<K: Hash + Eq, V>(items: impl Iterator<Item = (K, V)>) -> HashMap<K, Vec<V>> {
    let mut map: HashMap<K, Vec<V>> = HashMap::new();
    for (key, value) in items {
        map.entry(key).or_default().push(value);
    }
    map
}

fn of<'m, K: Hash + Eq + Borrow<Q>, Q: Hash + Eq + ?Sized, V>(
    map: &'m HashMap<K, Vec<V>>,
    key: &Q,
) -> &'m [V] {
    map.get(key).map_or(&[], Vec::as_slice)
}

fn from(address: IpAddr) -> String {
    format!("source = \"{}\"", Prefix::truncating(address.into()))
}

/// What another router wraps, where it comes to an address of the interface. That for a loopback may come anywhere.
fn out_of_a_tunnel((ends, place): &(TunnelEnds, Span)) -> Arrival {
    let (kind, to) = (ends.kind, ends.destination);
    let of = |protocol| Packet::new(protocol, to, ends.source);
    let (name, packets, rules) = match kind {
        TunnelKind::Gre => ("GRE", vec![of(47)], &["protocol = \"gre\""][..]),
        // IPv4 or IPv6, whichever is inside.
        TunnelKind::Ipip => (
            "IP in IP",
            vec![of(4), of(41)],
            &["protocol = 4", "protocol = 41"][..],
        ),
        TunnelKind::Vxlan { .. } => (
            "VXLAN",
            vec![of(UDP).ports(SOME_PORT, 4789)],
            &["protocol = \"udp\", port = 4789"][..],
        ),
    };
    Arrival {
        alike: name,
        what: format!("what comes out of the tunnel of {name} to {to}"),
        because: (*place, "the tunnel".to_owned()),
        packets,
        rules: rules.iter().map(|rule| format!("{}, {rule}", from(to))).collect(),
    }
}

fn of_wireguard((peer, own): &(Located<SocketAddr>, SocketAddr)) -> Arrival {
    let packet = Packet::new(UDP, peer.value.ip(), own.ip());
    Arrival {
        alike: "WireGuard",
        what: format!("WireGuard from {}", peer.value),
        because: (peer.span, "the peer".to_owned()),
        packets: vec![packet.ports(peer.value.port(), own.port())],
        rules: vec![format!("protocol = \"udp\", port = {}", own.port())],
    }
}

/// The questions of clients without an address yet. Those of DHCPv6 are multicast, and pass.
fn of_clients(relay: &Located<Relay>) -> Option<Arrival> {
    let packet = Packet::new(UDP, Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::BROADCAST.into());
    relay.value.source.is_ipv4().then(|| Arrival {
        alike: "clients",
        what: "what clients without an address ask of DHCP".to_owned(),
        because: (relay.span, "it is relayed to the servers".to_owned()),
        packets: vec![packet.ports(68, 67)],
        rules: vec!["source = \"0.0.0.0/32\", protocol = \"udp\", port = 67".to_owned()],
    })
}

/// The answers of servers on the link, to the address that requests come from or one of the clients' link.
fn of_servers(link: &Link<'_>, relay: &Located<Relay>, clients: &[IpAddr]) -> impl Iterator<Item = Arrival> {
    let Relayed { what, port } = Relayed::of(relay.value.source);
    let servers = relay.value.servers.iter();
    let servers = servers.copied().filter(|server| link.reaches(*server));
    servers.map(move |server| {
        let to = std::iter::once(&relay.value.source).chain(clients);
        Arrival {
            alike: what,
            what: format!("the answers of the {what} server {server}"),
            because: (relay.span, "the relay".to_owned()),
            packets: to
                .map(|own| Packet::new(UDP, server, *own).ports(port, port))
                .collect(),
            rules: vec![format!("{}, protocol = \"udp\", port = {port}", from(server))],
        }
    })
}

struct Relayed {
    what: &'static str,
    port: u16,
}

impl Relayed {
    fn of(source: IpAddr) -> Self {
        let (what, port) = if source.is_ipv4() {
            ("DHCP", 67)
        } else {
            ("DHCPv6", 547)
        };
        Self { what, port }
    }
}

/// What a router says of itself to its `peers`; to everybody on a link it is said by multicast, and passes.
fn of_a_virtual_router(link: &Link<'_>, peer: Located<HostAddr>) -> Arrival {
    let address = peer.value.get();
    let mut sources = vec![address];
    let mut own: Vec<IpAddr> = link.of_family(address.is_ipv4()).collect();
    if address.is_ipv6() {
        // VPP talks from its address of the link, whatever it is called by.
        sources.push(link_local(1));
        own.push(link_local(2));
    }
    let sources = sources.iter();
    let packets = sources.flat_map(|source| own.iter().map(|own| Packet::new(VRRP, *source, *own)));
    Arrival {
        alike: "VRRP",
        what: format!("what {address} says as a virtual router, so that both have the addresses"),
        because: (peer.span, "it says so to this router alone".to_owned()),
        packets: packets.collect(),
        rules: vec!["protocol = \"vrrp\"".to_owned()],
    }
}

/// BFD of OSPF's neighbours.
fn of_ospf(link: &Link<'_>, version: OspfVersion, place: Span) -> Arrival {
    let ends: Vec<(IpAddr, IpAddr)> = match version {
        OspfVersion::V2 => link.of_family(true).map(|own| (beside(own), own)).collect(),
        OspfVersion::V3 => vec![(link_local(1), link_local(2))],
    };
    bfd("OSPF's neighbours", place, ends.into_iter())
}

/// BFD of BGP's neighbours, and the sessions of those that have no address here.
fn of_neighbors(link: &Link<'_>) -> impl Iterator<Item = Arrival> {
    link.neighbors.iter().flat_map(|neighbor| {
        let ends = neighbor.ends.unwrap_or((link_local(1), link_local(2)));
        let bfd = neighbor
            .bfd
            .map(|place| bfd(&neighbor.peer.to_string(), place, std::iter::once(ends)));
        let session = neighbor.ends.is_none().then(|| Arrival {
            alike: "session",
            what: format!("the BGP session on '{}'", link.name),
            because: (neighbor.place, "it is between link-local addresses".to_owned()),
            packets: Packet::session(ends.0, ends.1).to_vec(),
            rules: ["port", "source-port"]
                .map(|port| format!("source = \"fe80::/10\", protocol = \"tcp\", {port} = 179"))
                .to_vec(),
        });
        // Said of an interface with addresses of IPv6 anyway.
        let is_said = link.of_family(false).next().is_some();
        let discovery = (neighbor.ends.is_none() && !is_said).then(|| Arrival {
            alike: "discovery",
            what: format!("the answers to neighbour discovery on '{}'", link.name),
            because: (neighbor.place, "the BGP session is over IPv6".to_owned()),
            packets: vec![Packet::discovered(ends.0, ends.1)],
            rules: vec!["protocol = \"icmp6\"".to_owned()],
        });
        [session, discovery, bfd].into_iter().flatten()
    })
}

/// BFD over one hop, or over several, which a neighbour on the link may be told to be.
fn bfd(whose: &str, place: Span, ends: impl Iterator<Item = (IpAddr, IpAddr)>) -> Arrival {
    let packets = ends.flat_map(|(peer, own)| {
        let packet = Packet::new(UDP, peer, own);
        [3784, 4784].map(|port| packet.ports(SOME_PORT, port))
    });
    Arrival {
        alike: "BFD",
        what: format!("BFD of {whose}"),
        because: (place, "asked for here".to_owned()),
        packets: packets.collect(),
        rules: vec!["protocol = \"udp\", port = [3784, 4784]".to_owned()],
    }
}

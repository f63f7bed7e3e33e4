//! What the document says of tunnels: every key of `[tunnels]`.

use super::LinkRaw;
use crate::config::keys::{
    Filled, Named, NotYet, Reading, Shape, Takes, Value, bounded, lasting, normal, table, words,
};
use crate::types::{HostAddr, IfName, PolicyName, Prefix, RelPath, TypeError, WireguardKey};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// `[tunnels]`.
pub(in crate::config) type TunnelsRaw = Named<IfName, TunnelRaw>;

table! {
    /// A tunnel to another router.
    struct TunnelRaw includes link: LinkRaw {
        /// How packets are wrapped: in GRE, in IP alone, as Ethernet frames in VXLAN, or encrypted.
        "type" => kind: TunnelType, required(), example("\"gre\""), also(&["encapsulation", "mode", "kind"]);
        /// The address of this router that the other one sends to.
        "source" => source: HostAddr, required(), example("\"192.0.2.1\""), also(&["local", "source-address", "src", "src_ip"]);
        /// The address of the other router, of the same family.
        "destination" => destination: HostAddr, required(), example("\"198.51.100.77\""), types(&["gre", "ipip", "vxlan"]), also(&["remote", "destination-address", "dst", "dst_ip"]);
        /// The number of the VXLAN, the same at both ends.
        "vni" => vni: Vni, required(), example("101"), types(&["vxlan"]), also(&["vnid", "vxlan-id"]);
        /// The file with the private key alone, as `wg genkey` prints it.
        "private-key-file" => private_key_file: RelPath, required(), since("0.3.0"), example("\"secrets/wireguard\""), types(&["wireguard"]), secret(), also(&["private-key", "privatekey", "key-file"]);
        /// The UDP port that the peers send to.
        "port" => port: WireguardPort, since("0.3.0"), example("51821"), default("51820"), types(&["wireguard"]), also(&["listen-port", "listenport"]);
        /// The other routers, by names that are ours alone.
        "peers" => peers: WireguardPeersRaw, required(), since("0.3.0"), example("{ berlin = { public-key = \"hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=\", endpoint = \"198.51.100.77\", allowed-ips = [\"10.9.0.2/32\"] } }"), types(&["wireguard"]), also(&["peer"]);
    }

    /// A router at another end of a WireGuard tunnel.
    struct WireguardPeerRaw {
        /// Its public key, as `wg pubkey` prints it.
        "public-key" => public_key: WireguardKey, required(), since("0.3.0"), example("\"hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=\""), also(&["publickey"]);
        /// Where it is reached at first; the port is 51820 where none is written.
        "endpoint" => endpoint: Endpoint, required(), since("0.3.0"), example("\"198.51.100.77:51820\""), also(&["address", "remote", "destination"]);
        /// What it may send from, and what is sent to it; its own address in the tunnel is among them, by itself.
        "allowed-ips" => allowed_ips: Filled<Prefix>, required(), since("0.3.0"), example("[\"10.9.0.2/32\", \"10.20.0.0/16\"]"), unordered(), also(&["allowedips", "allowed-ip"]);
        /// How often it hears from this router at least: what keeps the way through a NAT open.
        "keepalive" => keepalive: Keepalive, since("0.3.0"), example("\"25s\""), otherwise("only when there is something to send"), also(&["persistent-keepalive", "persistentkeepalive"]);
        /// A second key.
        "preshared-key-file" => preshared_key_file: NotYet, since("0.3.0"), example("\"secrets/psk\""), not_yet("VPP up to 26.02 has no preshared keys"), also(&["preshared-key", "presharedkey", "psk"]);
    }
}

/// `peers` of a tunnel.
pub(in crate::config) type WireguardPeersRaw = Named<PolicyName, WireguardPeerRaw>;

/// How packets are wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum TunnelType {
    Gre,
    Ipip,
    Vxlan,
    Wireguard,
}

impl TunnelType {
    /// As it is written.
    pub(in crate::config) fn word(self) -> &'static str {
        match self {
            Self::Gre => "gre",
            Self::Ipip => "ipip",
            Self::Vxlan => "vxlan",
            Self::Wireguard => "wireguard",
        }
    }

    /// What VPP calls one by itself, before the number.
    pub(in crate::config) fn automatic(self) -> &'static str {
        match self {
            Self::Gre => "gre",
            Self::Ipip => "ipip",
            Self::Vxlan => "vxlan_tunnel",
            Self::Wireguard => "wg",
        }
    }
}

words! {
    TunnelType { "gre" => TunnelType::Gre, "ipip" => TunnelType::Ipip, "vxlan" => TunnelType::Vxlan, "wireguard" => TunnelType::Wireguard }
}

bounded! {
    /// The number of a VXLAN.
    Vni(u32) = 1..=16_777_215, "a VNI from 1 to 16,777,215";
    /// A UDP port that WireGuard listens on.
    WireguardPort(u16) = 1..=65_535, "a port from 1 to 65535";
}

lasting! {
    /// The time between two keepalives of WireGuard; VPP counts it in 16 bits.
    Keepalive = 1..=65_535, "a duration from 1s to 65535s";
}

/// Where a peer of WireGuard is reached.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct Endpoint {
    /// Its address.
    pub(in crate::config) address: HostAddr,
    /// Its port.
    pub(in crate::config) port: u16,
}

/// The port that is meant where none is written.
pub(in crate::config) const WIREGUARD_PORT: u16 = 51_820;

impl FromStr for Endpoint {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let wrong = || {
            TypeError::expected(
                "an address, like 198.51.100.77, or one with a port, like 198.51.100.77:51820 or [2001:db8::77]:51820",
            )
        };
        let (address, port) = match (text.parse::<IpAddr>(), text.parse::<SocketAddr>()) {
            (Ok(address), _) => (address, WIREGUARD_PORT),
            (_, Ok(socket)) => (socket.ip(), socket.port()),
            _ => return Err(wrong()),
        };
        let address: HostAddr = address.to_string().parse()?;
        match port {
            0 => Err(wrong()),
            port => Ok(Self { address, port }),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SocketAddr::new(self.address.get(), self.port).fmt(f)
    }
}

impl Takes for Endpoint {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        value.parse(reading)
    }

    fn shape() -> Shape {
        Shape::Text {
            about: "an address, or an address with a port like 198.51.100.77:51820 or [2001:db8::77]:51820",
            pattern: r"^([0-9.]+(:[0-9]{1,5})?|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+|\[[0-9A-Fa-f]*:[0-9A-Fa-f:.]+\]:[0-9]{1,5})$",
            normal: normal::<Self>,
        }
    }
}

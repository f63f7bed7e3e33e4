//! `[bgp]` and `[bfd]`.

use super::At;
use crate::types::{Asn, Line, PolicyName, Prefix, RouterId, Secret};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// `[bgp]`.
#[derive(Debug)]
pub struct Bgp {
    /// Where it was written.
    pub at: At,
    /// `asn`.
    pub asn: Asn,
    /// `router-id`, or the first IPv4 address of `lo0`.
    pub router_id: RouterId,
    /// `cluster-id`, for route reflection.
    pub cluster_id: Option<RouterId>,
    /// `networks`; a blackhole is derived for each that is not otherwise in the RIB.
    pub networks: Vec<(At, Prefix)>,
    /// `peer-groups.NAME`.
    pub peer_groups: BTreeMap<PolicyName, PeerGroup>,
    /// `neighbors."ADDRESS"`.
    pub neighbors: BTreeMap<IpAddr, Neighbor>,
}

/// `[bgp.peer-groups.NAME]`.
#[derive(Debug)]
pub struct PeerGroup {
    /// Where it was written.
    pub at: At,
    /// `remote-as`; members then have none of their own.
    pub remote_as: Option<Asn>,
    /// The shared settings.
    pub policy: NeighborPolicy,
}

/// `[bgp.neighbors."ADDRESS"]`.
#[derive(Debug)]
pub struct Neighbor {
    /// Where it was written.
    pub at: At,
    /// `remote-as`, its own or the peer-group's.
    pub remote_as: Asn,
    /// `peer-group`; defined.
    pub peer_group: Option<PolicyName>,
    /// Its own settings, beside those of the peer-group.
    pub policy: NeighborPolicy,
}

/// What a neighbour and a peer-group share. An eBGP neighbour has both route-maps, its own or its group's.
#[derive(Debug, Default)]
pub struct NeighborPolicy {
    /// `description`.
    pub description: Option<Line>,
    /// The content of `password-file`.
    pub password: Option<Secret>,
    /// `route-map.in`; defined.
    pub route_map_in: Option<PolicyName>,
    /// `route-map.out`; defined.
    pub route_map_out: Option<PolicyName>,
    /// `maximum-prefix`, 1 to 4294967295.
    pub maximum_prefix: Option<u32>,
    /// `bfd = true` or `bfd = "PROFILE"`.
    pub bfd: Option<NeighborBfd>,
    /// `ebgp-multihop`, 2 to 255.
    pub ebgp_multihop: Option<u8>,
    /// `update-source`: one of this router's own addresses.
    pub update_source: Option<IpAddr>,
    /// `next-hop-self = true`.
    pub next_hop_self: bool,
    /// `route-reflector-client = true`; iBGP only.
    pub route_reflector_client: bool,
    /// `timers = { keepalive, hold }` in seconds; hold 0 or 3 to 65535, keepalive at most a third of it.
    pub timers: Option<(u16, u16)>,
    /// `passive = true`.
    pub passive: bool,
    /// `shutdown = true`.
    pub shutdown: bool,
}

/// How a neighbour uses BFD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NeighborBfd {
    /// FRR's default timers.
    Default,
    /// A profile of `[bfd.profiles]`.
    Profile(PolicyName),
}

/// `[bfd]`.
#[derive(Debug, Default)]
pub struct Bfd {
    /// `profiles.NAME`.
    pub profiles: BTreeMap<PolicyName, BfdProfile>,
}

/// `[bfd.profiles.NAME]`; absent values are FRR's defaults.
#[derive(Debug, Default)]
pub struct BfdProfile {
    /// `detect-multiplier`, 2 to 255.
    pub detect_multiplier: Option<u8>,
    /// `receive-interval`, 10 to 60,000 ms.
    pub receive_interval: Option<u16>,
    /// `transmit-interval`, 10 to 60,000 ms.
    pub transmit_interval: Option<u16>,
}

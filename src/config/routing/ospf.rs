//! `[ospf]` and `[ospf6]`, and what interfaces say of them.

pub(in crate::config) mod checked;

use super::session::NeighborBfd;
use crate::types::{PolicyName, Prefix, RouterId, Secret, TypeError};
use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// `[ospf]` or `[ospf6]`.
#[derive(Debug)]
pub struct Ospf {
    /// `router-id`, or `[bgp] router-id`, or the first IPv4 address of `lo0`.
    pub router_id: RouterId,
    /// `default-originate`.
    pub default_originate: Option<DefaultRoute>,
    /// `redistribute`; never derived.
    pub redistribute: Vec<Redistribution>,
    /// `areas`; those that are not here are normal ones without ranges.
    pub areas: BTreeMap<Area, AreaSettings>,
    /// `max-metric = true`: other routers avoid the way through this one.
    pub max_metric: bool,
    /// `log-adjacency-changes`; on where it is not written.
    pub log_adjacency_changes: bool,
    /// `reference-bandwidth`, 1 to 4294967 Mbit/s.
    pub reference_bandwidth: Option<u32>,
}

/// The default route as OSPF announces it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DefaultRoute {
    /// `always = true`: without one in the routing table, too.
    pub always: bool,
    /// Its metric and its map.
    pub external: External,
}

/// Routes that are announced into OSPF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redistribution {
    /// Where they come from; no two have the same.
    pub source: Redistribute,
    /// How; those of BGP always have a route-map.
    pub external: External,
}

/// How OSPF announces routes from outside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct External {
    /// The route-map that chooses among them.
    pub route_map: Option<PolicyName>,
    /// `metric`, 0 to 16777214.
    pub metric: Option<u32>,
    /// `metric-type = 1`: the cost of the way to this router counts, too.
    pub is_type_1: bool,
}

/// What may be redistributed into OSPF, in the order FRR prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)] // FRR's own words
pub enum Redistribute {
    Kernel,
    Connected,
    Static,
    Isis,
    Bgp,
}

impl fmt::Display for Redistribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kernel => "kernel",
            Self::Connected => "connected",
            Self::Static => "static",
            Self::Isis => "isis",
            Self::Bgp => "bgp",
        })
    }
}

impl FromStr for Redistribute {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let all = [Self::Kernel, Self::Connected, Self::Static, Self::Isis, Self::Bgp];
        let known = all.into_iter().find(|source| source.to_string() == text);
        known.ok_or_else(|| TypeError::expected("one of kernel, connected, static, isis, bgp"))
    }
}

/// `areas.N`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaSettings {
    /// `type`.
    pub kind: AreaKind,
    /// `ranges."PREFIX"`, of OSPF's own family.
    pub ranges: BTreeMap<Prefix, AreaRange>,
}

/// Which routes an area has of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AreaKind {
    /// All of them.
    Normal,
    /// None from outside of OSPF. Never area 0.
    Stub(Summaries),
    /// None from outside of OSPF but its own. Never area 0.
    Nssa(Summaries),
}

/// What an area without routes from outside has in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summaries {
    /// `no-summary = true`: nothing of other areas either, but the default route.
    pub no_summary: bool,
    /// `default-cost` of its default route, 0 to 16777215; `[ospf]` only.
    pub default_cost: Option<u32>,
}

/// How other areas see a prefix of an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AreaRange {
    /// As one route.
    Shown {
        /// Its cost, 0 to 16777215.
        cost: Option<u32>,
    },
    /// Not at all.
    Hidden,
}

/// An area, written `0` or `0.0.0.0`; prints as FRR's running configuration does (dotted).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Area(pub Ipv4Addr);

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<i64> for Area {
    type Error = TypeError;
    fn try_from(number: i64) -> Result<Self, TypeError> {
        let number = u32::try_from(number)
            .map_err(|_| TypeError::expected("an area from 0 to 4294967295, or dotted like \"0.0.0.1\""))?;
        Ok(Self(Ipv4Addr::from(number)))
    }
}

impl FromStr for Area {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let number = || text.parse::<u32>().map(Ipv4Addr::from);
        text.parse()
            .or_else(|_| number())
            .map(Self)
            .map_err(|_| TypeError::expected("an area like 0 or \"0.0.0.1\""))
    }
}

/// `ospf = { area, passive, cost, … }` of an interface.
#[derive(Debug)]
pub struct InterfaceOspf {
    /// `area`.
    pub area: Area,
    /// `passive`, else that of `[ospf]` or `[ospf6]`.
    pub passive: bool,
    /// `cost`, 1 to 65535.
    pub cost: Option<u16>,
    /// `hello-interval`, 1 to 65535 s.
    pub hello_interval: Option<u16>,
    /// `dead-interval`, 1 to 65535 s, above the hello interval.
    pub dead_interval: Option<u16>,
    /// `network`.
    pub network: Option<OspfNetwork>,
    /// `bfd = true` or `bfd = "PROFILE"`.
    pub bfd: Option<NeighborBfd>,
    /// `priority`, 0 to 255.
    pub priority: Option<u8>,
    /// `mtu-ignore = true`.
    pub mtu_ignore: bool,
    /// `auth`.
    pub auth: Option<OspfAuth>,
}

/// The key of a link.
#[derive(Debug, Clone)]
pub struct OspfAuth {
    /// `key-id`: 1 to 255 in `ospf`, to 65535 in `ospf6`.
    pub key_id: u16,
    /// The content of `key-file`; at most 16 characters in `ospf`.
    pub key: Secret,
    /// `hash-algo`; MD5 in `ospf`.
    pub hash_algo: HashAlgorithm,
}

/// How packets are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[allow(missing_docs)] // FRR's own words
pub enum HashAlgorithm {
    #[serde(rename = "md5")]
    Md5,
    #[serde(rename = "hmac-sha-256")]
    HmacSha256,
}

/// The kind of network OSPF sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // FRR's own words
pub enum OspfNetwork {
    Broadcast,
    PointToPoint,
}

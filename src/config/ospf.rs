//! `[ospf]` and `[ospf6]`, and what interfaces say of them.

use super::At;
use crate::types::RouterId;
use std::fmt;
use std::net::Ipv4Addr;

/// `[ospf]` or `[ospf6]`.
#[derive(Debug)]
pub struct Ospf {
    /// Where it was written.
    pub at: At,
    /// `router-id`, or `[bgp] router-id`, or the first IPv4 address of `lo0`.
    pub router_id: RouterId,
    /// `default-originate = true`: `default-information originate`.
    pub default_originate: bool,
    /// `redistribute = […]`; never derived.
    pub redistribute: Vec<Redistribute>,
}

/// What may be redistributed into OSPF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)] // FRR's own words
pub enum Redistribute {
    Connected,
    Static,
    Bgp,
}

/// An area, written `0` or `0.0.0.0`; prints as FRR's running configuration does (dotted).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Area(pub Ipv4Addr);

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `ospf = { area, passive, cost, … }` of an interface.
#[derive(Debug)]
pub struct InterfaceOspf {
    /// Where it was written.
    pub at: At,
    /// `area`.
    pub area: Area,
    /// `passive = true`.
    pub passive: bool,
    /// `cost`, 1 to 65535.
    pub cost: Option<u16>,
    /// `hello-interval`, 1 to 65535 s.
    pub hello_interval: Option<u16>,
    /// `dead-interval`, 1 to 65535 s, above the hello interval.
    pub dead_interval: Option<u16>,
    /// `network`.
    pub network: Option<OspfNetwork>,
}

/// The kind of network OSPF sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // FRR's own words
pub enum OspfNetwork {
    Broadcast,
    PointToPoint,
}

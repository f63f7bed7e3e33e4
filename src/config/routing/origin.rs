//! Routes of other origin that BGP announces.

use crate::types::{PolicyName, TypeError};
use std::fmt;
use std::str::FromStr;

/// Where routes come from that BGP announces; in the order FRR prints them in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteOrigin {
    /// The kernel.
    Kernel,
    /// Connected subnets.
    Connected,
    /// Static routes.
    Static,
    /// OSPF, or OSPFv3 for IPv6.
    Ospf,
    /// IS-IS.
    Isis,
}

impl fmt::Display for RouteOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kernel => "kernel",
            Self::Connected => "connected",
            Self::Static => "static",
            Self::Ospf => "ospf",
            Self::Isis => "isis",
        })
    }
}

impl FromStr for RouteOrigin {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let all = [
            Self::Kernel,
            Self::Connected,
            Self::Static,
            Self::Ospf,
            Self::Isis,
        ];
        let known = all.into_iter().find(|origin| origin.to_string() == text);
        known.ok_or_else(|| TypeError::expected("one of kernel, connected, static, ospf, isis"))
    }
}

/// How routes of an origin are announced.
#[derive(Debug)]
pub struct Redistributed {
    /// `metric`.
    pub metric: Option<u32>,
    /// `route-map`; defined.
    pub route_map: Option<PolicyName>,
}

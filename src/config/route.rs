//! `[routes]`: static routes, owned by FRR.

use super::At;
use crate::types::Prefix;
use std::net::IpAddr;

/// One route; `(table, prefix)` is unique.
#[derive(Debug)]
pub struct Route {
    /// Where it was written.
    pub at: At,
    /// The destination.
    pub prefix: Prefix,
    /// Where to.
    pub target: RouteTarget,
    /// `distance`, 1 to 255; FRR's default (1) when absent.
    pub distance: Option<u8>,
    /// `table`, 1 to 4294967295; the main table when absent.
    pub table: Option<u32>,
    /// `tag`, 1 to 4294967295.
    pub tag: Option<u32>,
}

/// Where a route leads: exactly one.
#[derive(Debug)]
pub enum RouteTarget {
    /// `via`, resolvable through a connected subnet (or link-local with `interface`), of the prefix's family.
    Via {
        /// The next hop.
        next_hop: IpAddr,
        /// The L3 name of the interface, when given.
        interface: Option<String>,
    },
    /// `interface` alone.
    Interface(String),
    /// `blackhole = true`.
    Blackhole,
}

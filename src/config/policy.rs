//! `[prefix-lists]`, `[community-lists]` and `[[route-maps.NAME]]`.

use super::At;
use crate::types::{Asn, Community, LargeCommunity, Line, PolicyName};
use ipnet::{Ipv4Net, Ipv6Net};
use std::net::IpAddr;

/// Let through, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)] // the names say it
pub enum Action {
    Permit,
    Deny,
}

/// A prefix-list: each family has its own list in FRR, numbered 5, 10, 15 … in the order written.
#[derive(Debug, Default)]
pub struct PrefixList {
    /// Where it was written.
    pub at: At,
    /// The IPv4 members.
    pub v4: Vec<PrefixRule<Ipv4Net>>,
    /// The IPv6 members.
    pub v6: Vec<PrefixRule<Ipv6Net>>,
}

/// One member, `[deny ]PREFIX [ge N] [le N]`: `length < ge <= le <= width`; 0 stands for absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrefixRule<N> {
    /// `permit` unless written.
    pub action: Action,
    /// The prefix, without host bits.
    pub prefix: N,
    /// `ge`, or 0.
    pub ge: u8,
    /// `le`, or 0.
    pub le: u8,
}

/// `[community-lists] NAME = ["64500:1", …]`: matches a route that carries any of them.
#[derive(Debug)]
pub struct CommunityList {
    /// Where it was written.
    pub at: At,
    /// At least one.
    pub members: Vec<Community>,
}

/// `[[route-maps.NAME]]`, numbered 10, 20 … by rendering.
#[derive(Debug, Default)]
pub struct RouteMap {
    /// The entries in order; at least one.
    pub entries: Vec<RouteMapEntry>,
}

/// One entry.
#[derive(Debug)]
pub struct RouteMapEntry {
    /// Where it was written.
    pub at: At,
    /// `action`.
    pub action: Action,
    /// `description`.
    pub description: Option<Line>,
    /// `match`; an entry over a list with both families becomes one FRR entry per family that has members.
    pub matches: RouteMapMatch,
    /// `set`.
    pub set: RouteMapSet,
}

/// `match = { … }`.
#[derive(Debug, Default)]
pub struct RouteMapMatch {
    /// `prefix-list`; defined.
    pub prefix_list: Option<PolicyName>,
    /// `community-list`; defined.
    pub community_list: Option<PolicyName>,
    /// `tag`, 1 to 4294967295.
    pub tag: Option<u32>,
}

/// `set = { … }`.
#[derive(Debug, Default)]
pub struct RouteMapSet {
    /// `local-preference`.
    pub local_preference: Option<u32>,
    /// `metric`.
    pub metric: Option<u32>,
    /// `weight`.
    pub weight: Option<u32>,
    /// `tag`.
    pub tag: Option<u32>,
    /// `next-hop`.
    pub next_hop: Option<IpAddr>,
    /// `as-path-prepend`: at most 16.
    pub as_path_prepend: Vec<Asn>,
    /// `community`.
    pub communities: Vec<Community>,
    /// `large-community`.
    pub large_communities: Vec<LargeCommunity>,
    /// `additive = true`: communities are added, not replaced.
    pub additive: bool,
}

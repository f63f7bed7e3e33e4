//! What `[[route-maps.NAME]]` say.

use crate::config::source::Span;
use crate::types::{Asn, Community, LargeCommunity, Line, PolicyName, TypeError};
use std::fmt::{self, Display};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

pub use super::prefix_list::{PrefixList, PrefixRule};

/// Let through, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)] // the names say it
pub enum Action {
    Permit,
    Deny,
}

/// `[[route-maps.NAME]]`, at most 32,767 entries.
#[derive(Debug)]
pub struct RouteMap {
    /// Its place.
    pub place: Span,
    /// Whether BGP uses it, itself or by a map that calls it.
    pub of_bgp: bool,
    /// The entries in order; at least one.
    pub entries: Vec<RouteMapEntry>,
}

/// One entry.
#[derive(Debug)]
pub struct RouteMapEntry {
    /// `seq`: rises from entry to entry. Rendering numbers the others, and all of them where there is no room.
    pub seq: Option<u16>,
    /// `action`.
    pub action: Action,
    /// `description`.
    pub description: Option<Line>,
    /// `match`; an entry over a list with both families becomes one FRR entry per family that has members.
    pub matches: RouteMapMatch,
    /// `set`.
    pub set: RouteMapSet,
    /// `call`; defined, and no chain of calls comes back to where it began.
    pub call: Option<PolicyName>,
    /// `then`; only where the entry permits.
    pub then: Option<Then>,
}

/// Where a permitted route goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// At the entry behind this one; behind the last one it is accepted.
    Next,
    /// At a later entry of the map: the one with this `seq`.
    Seq(u16),
}

/// `match = { … }`; every list is defined.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RouteMapMatch {
    /// `prefix-list`.
    pub prefix_list: Option<PolicyName>,
    /// `next-hop`: a prefix-list.
    pub next_hop: Option<PolicyName>,
    /// `as-path-list`.
    pub as_path_list: Option<PolicyName>,
    /// `community-list`.
    pub community_list: Option<ListMatch>,
    /// `large-community-list`.
    pub large_community_list: Option<ListMatch>,
    /// `rpki`; there are caches.
    pub rpki: Option<Validity>,
    /// `interface`; one of this configuration.
    pub interface: Option<String>,
    /// `peer`: an address, an interface or a peer-group.
    pub peer: Option<String>,
    /// `metric`, 1 to 4294967295.
    pub metric: Option<u32>,
    /// `local-preference`.
    pub local_preference: Option<u32>,
    /// `source-protocol`.
    pub source_protocol: Option<SourceProtocol>,
    /// `origin`.
    pub origin: Option<Origin>,
    /// `tag`, 1 to 4294967295.
    pub tag: Option<u32>,
}

/// A list of communities that is matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListMatch {
    /// Its name.
    pub name: PolicyName,
    /// Whether the route may have no other communities.
    pub exact: bool,
}

/// What the caches of RPKI say of a route's origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // FRR's own words
pub enum Validity {
    Valid,
    Invalid,
    Notfound,
}

impl Validity {
    /// FRR's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Notfound => "notfound",
        }
    }
}

/// How a route's origin learned it (RFC 4271).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // FRR's own words
pub enum Origin {
    Igp,
    Egp,
    Incomplete,
}

impl Origin {
    /// FRR's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Igp => "igp",
            Self::Egp => "egp",
            Self::Incomplete => "incomplete",
        }
    }
}

/// The protocol a route comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // FRR's own words
pub enum SourceProtocol {
    Connected,
    Kernel,
    Static,
    Bgp,
    Ospf,
    Ospf6,
    Isis,
    Rip,
}

impl SourceProtocol {
    /// FRR's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Kernel => "kernel",
            Self::Static => "static",
            Self::Bgp => "bgp",
            Self::Ospf => "ospf",
            Self::Ospf6 => "ospf6",
            Self::Isis => "isis",
            Self::Rip => "rip",
        }
    }
}

/// `set = { … }`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RouteMapSet {
    /// `local-preference`.
    pub local_preference: Option<Adjustment>,
    /// `metric`.
    pub metric: Option<Adjustment>,
    /// `weight`.
    pub weight: Option<u32>,
    /// `tag`.
    pub tag: Option<u32>,
    /// `next-hop`, on IPv4 routes.
    pub next_hop: Option<Ipv4Addr>,
    /// `next-hop`, on IPv6 routes.
    pub next_hop6: Option<Ipv6Addr>,
    /// `origin`.
    pub origin: Option<Origin>,
    /// `as-path-prepend`.
    pub as_path_prepend: Option<Prepend>,
    /// `as-path-exclude`.
    pub as_path_exclude: Vec<Asn>,
    /// `delete-community`: a community-list; it takes away before `community` adds.
    pub delete_community: Option<PolicyName>,
    /// `delete-large-community`.
    pub delete_large_community: Option<PolicyName>,
    /// `community` and `additive`.
    pub communities: SetCommunities<Community>,
    /// `large-community` and `additive`.
    pub large_communities: SetCommunities<LargeCommunity>,
    /// `src`.
    pub src: Option<IpAddr>,
}

/// What becomes of a number of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the names say it
pub enum Adjustment {
    To(u32),
    Plus(u32),
    Minus(u32),
}

impl FromStr for Adjustment {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let wrong =
            || TypeError::expected("a number from 0 to 4294967295, or how much it changes, like \"+10\"");
        let number = |digits: &str| {
            let plain = digits.bytes().all(|b| b.is_ascii_digit());
            digits.parse().ok().filter(|_| plain).ok_or_else(wrong)
        };
        match text.split_at_checked(1) {
            Some(("+", digits)) => number(digits).map(Self::Plus),
            Some(("-", digits)) => number(digits).map(Self::Minus),
            _ => number(text).map(Self::To),
        }
    }
}

impl Display for Adjustment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::To(number) => write!(f, "{number}"),
            Self::Plus(number) => write!(f, "+{number}"),
            Self::Minus(number) => write!(f, "-{number}"),
        }
    }
}

/// What the path begins with then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prepend {
    /// These, 1 to 16.
    Asns(Vec<Asn>),
    /// The AS of the neighbour, so often.
    LastAs(u8),
}

/// What becomes of the communities of a route.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum SetCommunities<C> {
    /// Nothing.
    #[default]
    Kept,
    /// It has none any more.
    Removed,
    /// It has these alone; at least one, sorted.
    Replaced(Vec<C>),
    /// It has these, too; at least one, sorted.
    Added(Vec<C>),
}

//! Room for routes: VPP aborts when its heap, or the memory its counters are in, does not hold what FRR gives it.

use super::bgp::Bgp;
use super::raw::BgpRaw;
use crate::config::Model;
use crate::config::check::Checking;
use crate::config::code::{E0716, E0717};
use crate::config::diag::Diagnostic;
use crate::config::source::Located;
use crate::types::{Bytes, PeerName};

/// What a route takes of the main heap, in bytes: full tables were seen to take a little less.
const ROUTE: u64 = 1 << 10;
/// The main heap beside the routes, in bytes.
const REST: u64 = 512 << 20;
/// What the counters of a route take in each thread, in bytes: 32, and twice as much again while their vector grows.
const COUNTERS: u64 = 96;
/// All other counters, in bytes: VPP's default for everything.
const OTHER_COUNTERS: u64 = 32 << 20;
/// zebra's netlink buffer as Debian has it, in bytes.
const BUFFER: u64 = 90_000_000;
/// The routes that is taken to do for.
const BUFFERED: u64 = 1_000_000;

/// How many routes there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Room(u32);

impl Room {
    /// Everybody's: what fits into VPP's default heap, so that BGP can be added to a router without a restart of VPP.
    pub const LEAST: Self = Self(500_000);
    /// Without `rib-limit`, when neighbours may send more than that: the table of the Internet, and half as much again.
    const FULL_TABLE: Self = Self(2_000_000);

    /// As `rib-limit` says; else in two steps, so that a larger `maximum-prefix` does not restart VPP.
    fn of(rib_limit: Option<u32>, may_come: u64) -> Self {
        match rib_limit {
            Some(routes) => Self(routes.max(Self::LEAST.0)),
            None if may_come > u64::from(Self::LEAST.0) => Self::FULL_TABLE,
            None => Self::LEAST,
        }
    }

    /// The main heap that holds them, in bytes.
    pub fn heap(self) -> u64 {
        REST + u64::from(self.0) * ROUTE
    }

    /// The memory that holds the counters, in bytes, when VPP has this many workers.
    pub fn counters(self, workers: usize) -> u64 {
        OTHER_COUNTERS + u64::from(self.0) * COUNTERS * (1 + workers as u64)
    }
}

impl Default for Room {
    fn default() -> Self {
        Self::LEAST
    }
}

impl Model {
    /// The routes VPP has room for, those of all VRFs together.
    pub fn room(&self) -> Room {
        let rib_limit = self.bgp.as_ref().and_then(|bgp| bgp.rib_limit);
        Room::of(
            rib_limit,
            self.instances_of_bgp().map(Bgp::routes_that_may_come).sum(),
        )
    }
}

impl Bgp {
    /// What the limits of all neighbours allow together. Who has none counts for nothing.
    fn routes_that_may_come(&self) -> u64 {
        self.limits().map(|(_, limit)| limit).sum()
    }

    /// How many routes each neighbour may send: as many of each family it carries.
    fn limits(&self) -> impl Iterator<Item = (&PeerName, u64)> {
        self.neighbors.iter().filter_map(|(peer, neighbor)| {
            let group = self.group_of(neighbor).map(|group| &group.policy);
            let policies = || [Some(&neighbor.policy), group].into_iter().flatten();
            let limit = policies().find_map(|policy| policy.maximum_prefix)?;
            let extended = policies().any(|policy| policy.extended_nexthop);
            let families = match peer.address() {
                None => 2,
                Some(address) if address.is_ipv6() && extended => 2,
                Some(_) => 1,
            };
            Some((peer, u64::from(limit.limit) * families))
        })
    }
}

/// How large zebra's netlink buffer is, in bytes: Debian's, or more in proportion to `rib-limit`.
pub fn netlink_buffer(bgp: Option<&Bgp>) -> u64 {
    let routes = bgp.and_then(|bgp| bgp.rib_limit).map_or(0, u64::from);
    BUFFER * routes.max(BUFFERED) / BUFFERED
}

/// A heap that was written holds the routes that are expected, and no neighbour may send more than that.
pub(in crate::config) fn there_is_room(bgp: &Bgp, table: Located<&BgpRaw>, cx: &mut Checking<'_>) {
    let raw = table.value;
    let rib_limit = raw
        .rib_limit
        .located()
        .map(|limit| (limit.value.get(), limit.span));
    let expected = match rib_limit {
        Some((routes, _)) => u64::from(routes),
        None => bgp.routes_that_may_come().min(u64::from(Room::FULL_TABLE.0)),
    };
    let heap = cx.index.heaps.iter().find(|(name, _)| name.as_ref() == "core");
    let needed = REST + expected * ROUTE;
    if let Some((_, heap)) = heap.filter(|(_, heap)| heap.value.get() < needed) {
        let (place, of) = match rib_limit {
            Some((_, place)) => (place, "as many as this"),
            None => (
                table.span,
                "as many as `maximum-prefix` allows its neighbours together",
            ),
        };
        let message = format!("the heap may be too small for {expected} routes");
        let warning = Diagnostic::warning(E0716, heap.span, message)
            .label(format!(
                "expected at least {}",
                Bytes::round_up_to_megabytes(needed)
            ))
            .also(place, of)
            .hint("leave `main-heap-size` out to have it derived");
        cx.report(warning);
    }
    let Some((routes, place)) = rib_limit else { return };
    if let Some((peer, limit)) = bgp.limits().find(|(_, limit)| *limit > u64::from(routes)) {
        let message = format!("{peer} may send {limit} prefixes, and there is room for {routes}");
        let warning = Diagnostic::warning(E0717, place, message).label("VPP aborts when more routes come");
        let peers = raw.instance.neighbors.entries().iter();
        let written = peers.map(|(name, _)| name).find(|name| name.value == *peer);
        let warning = match written {
            Some(name) => warning.also(name.span, "the neighbour"),
            None => warning,
        };
        cx.report(warning.hint("raise `rib-limit`, or lower its `maximum-prefix`"));
    }
}

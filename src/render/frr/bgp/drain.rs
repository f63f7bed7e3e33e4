//! `graceful-shutdown`: routes that are announced and accepted, but as the last to be used.
//!
//! The route-maps in use are called by others that add the community GRACEFUL_SHUTDOWN and take the local preference away (RFC
//! 8326). FRR's own `bgp graceful-shutdown` would end bgpd of 10.3 beside an aggregate with summary-only, and 8.4 has none for
//! a neighbour. Here no session is reset, by either.

use super::Peer;
use crate::config::{Bgp, InOut, PeerGroup};
use crate::types::PolicyName;
use std::collections::BTreeSet;

/// The route-maps of a peer, drained or not.
#[derive(Debug, Default)]
pub(super) struct Drained {
    pub(super) import: Option<String>,
    pub(super) export: Option<String>,
}

impl Drained {
    /// What the peer itself has to name; what it has from its group is named there.
    pub(super) fn of(peer: Peer<'_>, bgp: &Bgp) -> Self {
        let own = &peer.policy().route_map;
        let of_group = |group: &PeerGroup| group.policy.graceful_shutdown.unwrap_or(bgp.graceful_shutdown);
        let group = peer.group();
        let group_is_drained = group.is_some_and(of_group);
        let usual = group.map_or(bgp.graceful_shutdown, of_group);
        let is_drained = peer.policy().graceful_shutdown.unwrap_or(usual);
        let map = |way: fn(&InOut) -> Option<&PolicyName>| {
            let (own, shared) = (way(own), group.and_then(|it| way(&it.policy.route_map)));
            match (is_drained, group_is_drained) {
                (false, false) => own.map(ToString::to_string),
                // It names what the group would have named.
                (false, true) => Some(
                    own.or(shared)
                        .map_or_else(|| OPEN.to_owned(), ToString::to_string),
                ),
                (true, true) => own.map(|map| drained(Some(map))),
                (true, false) => Some(drained(own.or(shared))),
            }
        };
        Self {
            import: map(|maps| maps.import.as_ref()),
            export: map(|maps| maps.export.as_ref()),
        }
    }
}

/// The map of a neighbour that is not drained, though its group is, and that has no other map: it lets everything through.
const OPEN: &str = "/open";

/// The name of the map that drains what another lets through; a name in the document has no slash.
fn drained(map: Option<&PolicyName>) -> String {
    match map {
        Some(map) => format!("{map}/drain"),
        None => "/drain".to_owned(),
    }
}

/// The lines of all such maps, each ending in a newline.
pub(in crate::render::frr) fn maps<'m>(instances: impl Iterator<Item = &'m Bgp>) -> String {
    let maps = instances.flat_map(|bgp| {
        let peers = super::peers(bgp).into_iter();
        peers.map(move |peer| Drained::of(peer, bgp))
    });
    let maps: BTreeSet<String> = maps
        .flat_map(|maps| [maps.import, maps.export])
        .flatten()
        .collect();
    let lines = maps.iter().map(|map| match map.strip_suffix("/drain") {
        Some(of) => lines(map, of),
        None if map == OPEN => format!("route-map {OPEN} permit 10\n!\n"),
        None => String::new(),
    });
    lines.collect()
}

fn lines(map: &str, of: &str) -> String {
    let call = match of {
        "" => String::new(),
        of => format!("route-map {map} permit 10\n call {of}\n on-match next\n!\n"),
    };
    let set = " set community graceful-shutdown additive\n set local-preference 0\n";
    format!("{call}route-map {map} permit 20\n{set}!\n")
}

//! `graceful-shutdown`: routes that are announced and accepted, but as the last to be used.
//!
//! The route-maps in use are called by others that add the community GRACEFUL_SHUTDOWN and take the local preference away (RFC
//! 8326). FRR's own `bgp graceful-shutdown` would end bgpd of 10.3 beside an aggregate with summary-only, and 8.4 has none for
//! a neighbour. Here no session is reset, by either.

use super::Peer;
use crate::config::{Bgp, InOut};
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
        let by_itself = peer.policy().graceful_shutdown;
        let by_group = peer.group().is_some_and(|group| group.policy.graceful_shutdown);
        let is_drained = bgp.graceful_shutdown || by_itself || by_group;
        let written = |map: &PolicyName| map.to_string();
        if !is_drained {
            return Self {
                import: own.import.as_ref().map(written),
                export: own.export.as_ref().map(written),
            };
        }
        let group = peer.group();
        // A group that is drained, too, says it for those that have no map of their own.
        let says = group.is_some() && (bgp.graceful_shutdown || by_group);
        let map = |way: fn(&InOut) -> Option<&PolicyName>| match way(own) {
            Some(map) => Some(drained(Some(map))),
            None if says => None,
            None => Some(drained(group.and_then(|it| way(&it.policy.route_map)))),
        };
        Self {
            import: map(|maps| maps.import.as_ref()),
            export: map(|maps| maps.export.as_ref()),
        }
    }
}

/// The name of the map that drains what another lets through; a name in the document has no slash.
fn drained(map: Option<&PolicyName>) -> String {
    match map {
        Some(map) => format!("{map}/drain"),
        None => "/drain".to_owned(),
    }
}

/// The lines of all such maps, each ending in a newline.
pub(in crate::render::frr) fn maps(bgp: &Bgp) -> String {
    let peers = super::peers(bgp).into_iter();
    let maps = peers.map(|peer| Drained::of(peer, bgp));
    let maps: BTreeSet<String> = maps
        .flat_map(|maps| [maps.import, maps.export])
        .flatten()
        .collect();
    let drained = maps
        .iter()
        .filter_map(|map| Some((map, map.strip_suffix("/drain")?)));
    drained.map(|(map, of)| lines(map, of)).collect()
}

fn lines(map: &str, of: &str) -> String {
    let call = match of {
        "" => String::new(),
        of => format!("route-map {map} permit 10\n call {of}\n on-match next\n!\n"),
    };
    let set = " set community graceful-shutdown additive\n set local-preference 0\n";
    format!("{call}route-map {map} permit 20\n{set}!\n")
}

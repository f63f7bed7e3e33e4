//! What one release of FRR alone can do.

use crate::config::code::{E0712, E0719};
use crate::config::{Bgp, Diagnostic, Model, NeighborPolicy};
use crate::types::{FrrRelease, PolicyName};
use std::collections::BTreeSet;

/// An error for each part of the configuration that this release takes and does not do.
pub fn refusals(model: &Model, release: FrrRelease) -> Vec<Diagnostic> {
    match release {
        FrrRelease::V8 => source_protocols(model, release),
        FrrRelease::V10 => caches_of_vrfs(model, release),
    }
}

/// bgpd 8.4 leaves the condition out.
fn source_protocols(model: &Model, release: FrrRelease) -> Vec<Diagnostic> {
    let maps = model.route_maps.iter().filter(|(_, map)| map.of_bgp);
    let asks = maps.filter(|(_, map)| map.entries.iter().any(|it| it.matches.source_protocol.is_some()));
    asks.map(|(name, map)| {
        let message = format!("{release} cannot match the source protocol in BGP, as '{name}' does");
        Diagnostic::error(E0712, map.place, message)
            .label("the entry would take every route")
            .hint("redistribute each protocol with a route-map of its own")
    })
    .collect()
}

/// bgpd 10.3 asks the caches of the VRF that a neighbour is in, and ours are in the main table.
fn caches_of_vrfs(model: &Model, release: FrrRelease) -> Vec<Diagnostic> {
    let mut refusals = Vec::new();
    let mut told = BTreeSet::new();
    for (vrf, bgp) in model
        .vrfs
        .iter()
        .filter_map(|(vrf, it)| Some((vrf, it.bgp.as_ref()?)))
    {
        for name in maps_of(bgp, model) {
            let Some(map) = model.route_maps.get(name) else {
                continue;
            };
            let asks = map.entries.iter().any(|entry| entry.matches.rpki.is_some());
            if asks && told.insert(name) {
                let message = format!(
                    "{release} asks no RPKI caches about routes of the VRF '{vrf}', as '{name}' does"
                );
                refusals.push(
                    Diagnostic::error(E0719, map.place, message)
                        .label("nothing would match, and a deny entry would drop nothing")
                        .hint(format!(
                            "give the neighbours in '{vrf}' a map without `rpki`: the caches of [rpki] are for the main table"
                        )),
                );
            }
        }
    }
    refusals
}

/// The maps of an instance's neighbours and groups, and those that they call.
fn maps_of<'m>(bgp: &'m Bgp, model: &'m Model) -> BTreeSet<&'m PolicyName> {
    let neighbors = bgp.neighbors.values().map(|neighbor| &neighbor.policy);
    let groups = bgp.peer_groups.values().map(|group| &group.policy);
    let of = |policy: &'m NeighborPolicy| [&policy.route_map.import, &policy.route_map.export];
    let mut todo: Vec<&PolicyName> = neighbors.chain(groups).flat_map(of).flatten().collect();
    let mut maps = BTreeSet::new();
    while let Some(name) = todo.pop() {
        if maps.insert(name) {
            let entries = model
                .route_maps
                .get(name)
                .into_iter()
                .flat_map(|map| &map.entries);
            todo.extend(entries.filter_map(|entry| entry.call.as_ref()));
        }
    }
    maps
}

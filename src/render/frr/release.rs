//! What one release of FRR alone can do.

use crate::config::code::E0712;
use crate::config::{Diagnostic, Model};
use crate::types::FrrRelease;

/// An error for each part of the configuration that this release takes and does not do.
pub fn refusals(model: &Model, release: FrrRelease) -> Vec<Diagnostic> {
    if release != FrrRelease::V8 {
        return Vec::new();
    }
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

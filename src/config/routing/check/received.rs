//! What is not known yet of a route when the map for what comes in is asked.

use super::bgp::Both;
use super::policy::Policy;
use crate::config::check::Checking;
use crate::config::code::E0399;
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::routing::raw::BgpOf;
use crate::config::source::Span;
use crate::types::{PeerName, PolicyName};
use std::collections::BTreeMap;

impl Policy<'_> {
    /// bgpd knows the interface of a next hop from a neighbour on an interface, and of what comes from an address no sooner than
    /// the route is there. A map that is used otherwise, too, may be asked about other routes.
    pub(super) fn interfaces_are_those_of_next_hops(
        &self,
        instances: &[(BgpOf<'_>, &Index)],
        cx: &mut Checking<'_>,
    ) {
        let imports = imports_from_addresses(instances);
        let mut uses: BTreeMap<&PolicyName, Option<(Span, &PeerName)>> = BTreeMap::new();
        for used in &cx.index.route_maps.used {
            let import = imports.get(&used.span).copied().flatten();
            let import = import.map(|peer| (used.span, peer));
            let all = uses.entry(&used.value).or_insert(import);
            *all = all.and(import).and(*all);
        }
        let of_addresses = uses
            .into_iter()
            .filter_map(|(name, import)| Some((name, import?)));
        for (name, (place, peer)) in of_addresses {
            let entries = self.known(name).map_or(&[][..], |(_, entries)| entries);
            let conditions = entries.iter().filter_map(|entry| entry.value.matches.get());
            for condition in conditions {
                let Some(interface) = condition.interface.located() else {
                    continue;
                };
                let message = format!("no route from {peer} matches the interface '{}'", interface.value);
                let warning = Diagnostic::warning(E0399, interface.span, message)
                    .label("bgpd does not know yet where its next hop is")
                    .also(place, "the map is for what comes in");
                cx.report(match condition.peer.is_written() {
                    true => warning.hint("remove it: `peer` says which neighbour is meant"),
                    false => warning.hint(format!("match the neighbour: `peer = \"{peer}\"`")),
                });
            }
        }
    }
}

/// Where maps are named for what comes in, with the neighbour; `None` where one of several is on an interface.
fn imports_from_addresses<'r>(instances: &[(BgpOf<'r>, &Index)]) -> BTreeMap<Span, Option<&'r PeerName>> {
    let mut imports = BTreeMap::new();
    for both in instances.iter().flat_map(|(bgp, _)| Both::all(bgp.raw)) {
        let map = both
            .sessions()
            .find_map(|session| session.route_map.get()?.import.located());
        let Some(map) = map else { continue };
        let peer = both.peer.value;
        let of_address = peer.address().map(|_| peer);
        let all = imports.entry(map.span).or_insert(of_address);
        *all = all.filter(|_| of_address.is_some());
    }
    imports
}

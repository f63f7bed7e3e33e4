//! Route-maps that ask the caches of RPKI, and when they do.

use super::bgp::{Both, groups};
use super::policy::Policy;
use crate::config::check::Checking;
use crate::config::code::E0882;
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::routing::raw::BgpInstanceRaw;
use crate::config::source::Located;
use crate::types::PolicyName;
use std::collections::BTreeSet;

impl<'r> Policy<'r> {
    /// When the data of the caches change FRR looks again at the routes it was sent, where it has kept those, and at no others.
    pub(super) fn routes_are_judged_again(&self, bgp: &BgpInstanceRaw, cx: &mut Checking<'r>) {
        let asking = self.asking(cx.index);
        let groups = groups(bgp);
        let ranges = bgp.listen_ranges.entries().iter();
        let groups = ranges.filter_map(|(_, range)| groups.get(range.value.peer_group.get()?));
        let callers = groups.map(|group| vec![*group]);
        let neighbors = Both::all(bgp).map(|both| both.sessions().collect::<Vec<_>>());
        let mut told = BTreeSet::new();
        for sessions in neighbors.chain(callers) {
            let keeps = sessions.iter().any(|it| it.soft_reconfiguration.is_on());
            let map = sessions
                .iter()
                .find_map(|it| it.route_map.get()?.import.located());
            let map = map.filter(|map| !keeps && asking.contains(map.value));
            if let Some(map) = map.filter(|map| told.insert(map.value)) {
                cx.report(warning(map));
            }
        }
    }

    /// The maps that ask RPKI, themselves or by calls.
    fn asking(&self, index: &'r Index) -> BTreeSet<&'r PolicyName> {
        let asks = self.maps.iter().filter(|(_, (_, entries))| {
            let mut matches = entries.iter().filter_map(|entry| entry.value.matches.get());
            matches.any(|matches| matches.rpki.is_written())
        });
        let mut asking: BTreeSet<&PolicyName> = asks.map(|(name, _)| *name).collect();
        let calls = self.calls(index);
        loop {
            let known = asking.len();
            for (name, called) in &calls {
                if called.iter().any(|call| asking.contains(call.value)) {
                    asking.insert(name);
                }
            }
            if asking.len() == known {
                return asking;
            }
        }
    }
}

fn warning(map: Located<&PolicyName>) -> Diagnostic {
    let message = format!(
        "RPKI judges what '{}' lets in when it comes, and not again",
        map.value
    );
    Diagnostic::warning(E0882, map.span, message)
        .label("what becomes invalid later stays")
        .hint("add `soft-reconfiguration = true` to the neighbours that have it: FRR keeps what they sent, and looks at it again")
}

//! Route-maps that ask the caches of RPKI, and when they do.

use super::bgp::{Both, groups};
use super::policy::Policy;
use crate::config::check::Checking;
use crate::config::code::E0882;
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::routing::raw::{BgpRaw, SessionRaw};
use crate::config::source::{Located, Span};
use crate::types::PolicyName;
use std::collections::BTreeSet;

impl<'r> Policy<'r> {
    /// When the data of the caches change FRR looks again at the routes it was sent, where it has kept those, and at no others.
    pub(super) fn routes_are_judged_again(&self, bgp: &BgpRaw, cx: &mut Checking<'r>) {
        let asking = self.asking(cx.index);
        let mut seen: BTreeSet<Span> = BTreeSet::new();
        let mut judged_once = |sessions: &[&SessionRaw], from: String, cx: &mut Checking<'r>| {
            let keeps = sessions
                .iter()
                .any(|session| session.soft_reconfiguration.is_on());
            let map = sessions
                .iter()
                .find_map(|session| session.route_map.get()?.import.located());
            let map = map.filter(|map| !keeps && asking.contains(map.value));
            if let Some(map) = map.filter(|map| seen.insert(map.span)) {
                cx.report(warning(map, &from));
            }
        };
        for both in Both::all(bgp) {
            let sessions: Vec<&SessionRaw> = both.sessions().collect();
            judged_once(&sessions, both.peer.value.to_string(), cx);
        }
        let groups = groups(bgp);
        for (range, table) in bgp.listen_ranges.entries() {
            let group = table.value.peer_group.get().and_then(|name| groups.get(name));
            let sessions: Vec<&SessionRaw> = group.into_iter().copied().collect();
            judged_once(&sessions, range.value.to_string(), cx);
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

fn warning(map: Located<&PolicyName>, from: &str) -> Diagnostic {
    let message = format!("RPKI judges the routes from {from} when they come, and not again");
    Diagnostic::warning(E0882, map.span, message)
        .label("what becomes invalid later stays")
        .hint("add `soft-reconfiguration = true` to the neighbour or its peer-group: FRR keeps what it was sent, and looks at it again")
}

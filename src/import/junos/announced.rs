//! What a router of Junos announces of its own. There, an export policy takes static routes and aggregates as well as
//! routes of BGP; here a route-map sees what is in BGP, and `networks` puts a prefix there.

use super::Junos;
use super::bgp::Peer;
use super::policy::Statements;
use super::prefixes::{self, Length};
use super::term::Term;
use crate::import::left::Why;
use crate::import::vrf::Routing;
use crate::types::Prefix;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Prefixes of each table.
type ByTable = HashMap<Routing, Vec<Prefix>>;

/// What a chain of policies makes of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    /// It is announced, by this policy.
    Yes {
        policy: String,
        /// Whether a condition names this prefix.
        is_named: bool,
    },
    No,
    /// That depends on more than its prefix.
    Unknown,
}

/// Which route it is: a static one where the policy comes from, or the same as a network of BGP here.
#[derive(Debug, Clone, Copy)]
enum Origin<'o> {
    Static,
    Network(&'o [Prefix]),
}

impl Term {
    /// Whether the prefixes that it names are these alone, exactly.
    fn is_over(&self, statements: &Statements, prefixes: &[Prefix]) -> bool {
        let of_lists = self.lists.iter().flat_map(|(list, ..)| statements.prefixes(list));
        let mut all = of_lists.chain(self.filters.iter().map(|(prefix, ..)| *prefix));
        let lengths = self.lists.iter().map(|(_, length, _)| length);
        let mut lengths = lengths.chain(self.filters.iter().map(|(_, length, _)| length));
        self.has_prefixes()
            && lengths.all(|length| *length == Length::Exact)
            && all.all(|prefix| prefixes.contains(&prefix))
    }

    /// Whether it is about static routes, among others perhaps.
    fn is_of_statics(&self) -> bool {
        self.protocols.iter().any(|(protocol, ..)| protocol == "static")
    }

    /// Whether it matches a route, and names its prefix; nothing where that depends on more.
    fn takes(&self, statements: &Statements, prefix: Prefix, origin: Origin<'_>) -> Option<(bool, bool)> {
        let is_of_origin = match origin {
            Origin::Static => self.protocols.is_empty() || self.is_of_statics(),
            // A condition on the protocol is in no route-map but that of such a term.
            Origin::Network(own) => {
                self.is_of_bgp() || (self.is_of_statics() && self.is_over(statements, own))
            }
        };
        if !is_of_origin {
            return matches!(origin, Origin::Static).then_some((false, false));
        }
        let of_lists = self
            .lists
            .iter()
            .flat_map(|(list, length, _)| statements.prefixes(list).map(move |around| (around, *length)));
        let filters = prefixes::deciding(&self.filters, prefix).map(|(around, length, _)| (*around, *length));
        let mut covering = of_lists
            .chain(filters)
            .filter(|(around, length)| length.covers(*around, prefix))
            .peekable();
        let takes = !self.has_prefixes() || covering.peek().is_some();
        // It has no communities.
        if !takes || (!self.communities.is_empty() && statements.inverted.is_empty()) {
            return Some((false, false));
        }
        let is_named = covering.any(|(around, _)| around == prefix);
        (!self.matches_more()).then_some((true, is_named))
    }
}

impl Statements {
    fn answer(&self, chain: &[String], prefix: Prefix, origin: Origin<'_>) -> Answer {
        let yes = |policy: &str, is_named| Answer::Yes {
            policy: policy.to_owned(),
            is_named,
        };
        if chain.is_empty() {
            // Without a policy routes of BGP are announced, and no other ones.
            return match origin {
                Origin::Static => Answer::No,
                Origin::Network(_) => yes("", false),
            };
        }
        let mut goes_on = None;
        for (policy, _, term) in self.terms(chain) {
            match (term.takes(self, prefix, origin), term.accepts) {
                (None, _) => return Answer::Unknown,
                (Some((false, _)), _) => {}
                (Some((true, is_named)), Some(true)) => return yes(policy, is_named),
                (Some((true, _)), Some(false)) => return Answer::No,
                (Some((true, _)), None) if term.ends_policy => return Answer::Unknown,
                (Some((true, _)), None) => goes_on = Some(policy),
            }
        }
        match (origin, goes_on) {
            // A route-map takes what an entry has matched, and no other one behind it.
            (Origin::Network(_), Some(policy)) => yes(policy, false),
            _ => Answer::No,
        }
    }
}

impl Junos {
    /// Announces the static routes that lead nowhere and that an export policy takes by their prefix, where all external
    /// neighbours then get what they got; the others are said.
    pub(super) fn finish_announced(&mut self) {
        let holes = self.blackholes();
        let mut own: ByTable = HashMap::new();
        for (routing, prefix, _) in &holes {
            own.entry(routing.clone()).or_default().push(*prefix);
        }
        let mut announced: ByTable = HashMap::new();
        for (routing, prefix, place) in &holes {
            let own = own.get(routing).map_or(&[][..], Vec::as_slice);
            let Some((policy, is_derived)) = self.announces(routing, *prefix, own) else {
                continue;
            };
            let bgp = routing.path(&["bgp"]);
            let statement = format!("static route {prefix} discard");
            let table = bgp.join(".");
            let why = match is_derived {
                true => {
                    announced.entry(routing.clone()).or_default().push(*prefix);
                    let text = prefix.to_string();
                    self.site.draft.push(&bgp, "networks", text.as_str(), *place);
                    if !self.has_internal(routing) {
                        continue;
                    }
                    format!(
                        "[{table}] networks announces it, to internal neighbours as well if their route-map lets it through"
                    )
                }
                false => format!(
                    "the export policy {policy} announces it on Junos; add \"{prefix}\" to [{table}] networks"
                ),
            };
            self.site.draft.leave(*place, &statement, Why::Because(why));
        }
        self.policies.own_terms = self.own_terms(&announced);
    }

    /// The policy that announces a prefix to external neighbours, and whether `networks` does the same.
    fn announces(&self, routing: &Routing, prefix: Prefix, own: &[Prefix]) -> Option<(String, bool)> {
        let mut by = None;
        let mut is_same = true;
        for chain in self.chains(routing, false) {
            let there = self.policies.answer(chain, prefix, Origin::Static);
            let here = self.policies.answer(chain, prefix, Origin::Network(own));
            let is_named = match &there {
                Answer::Yes { policy, is_named } => {
                    by.get_or_insert(policy.clone());
                    *is_named
                }
                Answer::No => true,
                Answer::Unknown => false,
            };
            let is_yes = |answer: &Answer| matches!(answer, Answer::Yes { .. });
            is_same &= is_named && here != Answer::Unknown && is_yes(&there) == is_yes(&here);
        }
        by.map(|policy| (policy, is_same))
    }

    /// The export policies of the internal or the external neighbours of a table, each chain once.
    fn chains(&self, routing: &Routing, is_internal: bool) -> BTreeSet<&Vec<String>> {
        let of_table = |peer: &Peer| peer.routing == *routing && self.groups.is_internal(peer) == is_internal;
        let sessions = self.groups.policies.iter();
        let exports = sessions.filter(|((peer, way), _)| *way == "out" && of_table(peer));
        exports.map(|(_, (chain, _))| chain).collect()
    }

    fn has_internal(&self, routing: &Routing) -> bool {
        let internal = &self.groups.internal;
        internal.iter().any(|(peer, _)| peer.routing == *routing)
    }

    /// The terms about static routes that `networks` announces, in every table that has the policy.
    fn own_terms(&self, announced: &ByTable) -> HashSet<(String, String)> {
        let mut own = HashSet::new();
        let mut others = HashSet::new();
        for ((peer, way), (chain, _)) in &self.groups.policies {
            let prefixes = announced.get(&peer.routing).map_or(&[][..], Vec::as_slice);
            for (policy, name, term) in self.policies.terms(chain) {
                let key = (policy.to_owned(), name.to_owned());
                let is_own = *way == "out"
                    && term.is_of_statics()
                    && term.is_over(&self.policies, prefixes)
                    && !prefixes.is_empty();
                if is_own {
                    own.insert(key)
                } else {
                    others.insert(key)
                };
            }
        }
        own.retain(|key| !others.contains(key));
        own
    }
}

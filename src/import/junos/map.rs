//! Route-maps of the policies that sessions use. A chain of policies becomes one route-map, and what Junos does with a route
//! that no term decides becomes its last entry.

use super::Junos;
use super::policy::Statements;
use super::prefixes::{self, Length};
use super::term::Term;
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::policy::{Entry, Family};
use crate::types::Prefix;
use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

/// Why a policy or a list is not in the document.
const UNUSED: &str = "nothing that is imported uses it";

impl Junos {
    /// Makes a route-map of each chain that a session uses.
    pub(super) fn finish_policies(&mut self) {
        let statements = std::mem::take(&mut self.policies);
        let chains = statements.uses.values().flat_map(|(chain, _)| chain);
        let used: HashSet<&String> = chains.collect();
        for (name, terms) in statements
            .policies
            .iter()
            .filter(|(name, _)| !used.contains(name))
        {
            if let Some(term) = terms.values().next() {
                self.leave_unused(&format!("policy-statement {name}"), term.entry.place);
            }
        }
        let mut lists = Lists {
            junos: self,
            statements: &statements,
            made: HashSet::new(),
        };
        let mut left = BTreeSet::new();
        for (map, (chain, way)) in &statements.uses {
            let mut entries = Vec::new();
            let mut jumps = Jumps::default();
            for (policy, name, term) in statements.terms(chain) {
                let first = entries.len();
                entries.extend(lists.entries(policy, name, term));
                jumps.note(policy, first..entries.len(), term);
                let next_hop = term.next_hop_self.filter(|_| *way == "in");
                if let Some(place) = next_hop.filter(|place| left.insert(*place)) {
                    lists.junos.leave_next_hop(policy, name, place);
                }
            }
            jumps.go_on(&mut entries);
            if let (Some(entry), Some(lack)) = (entries.first_mut(), statements.lacks.get(map)) {
                entry.lost.push(lack.clone());
            }
            lists.junos.finish_map(map, way, entries);
        }
        let made = std::mem::take(&mut self.policies.marked);
        for (list, place) in &statements.defined {
            if !made.contains(list) && !statements.marked.contains(list) {
                let (kind, name) = list;
                self.leave_unused(&format!("policy-options {kind} {name}"), *place);
            }
        }
    }

    fn leave_unused(&mut self, statement: &str, place: Place) {
        let why = Why::Because(UNUSED.to_owned());
        self.site.draft.leave(place, statement, why);
    }

    fn leave_next_hop(&mut self, policy: &str, term: &str, place: Place) {
        let why = "this router becomes the next hop of what it sends, not of what it receives".to_owned();
        let statement = format!("policy-statement {policy} term {term} then next-hop self");
        self.site.draft.leave(place, &statement, Why::Because(why));
    }

    fn finish_map(&mut self, map: &str, way: &str, mut entries: Vec<Entry>) {
        let is_of_all = |entry: &Entry| {
            entry.lists.is_empty() && entry.tag.is_none() && entry.matches.is_empty() && entry.lost.is_empty()
        };
        let Some(last) = entries.last_mut() else {
            // The check names the policy that is not there.
            return;
        };
        let place = last.place;
        if is_of_all(last) {
            // Behind it there is no entry, and both take what is not decided then.
            last.then = None;
        }
        let decides = |entry: &Entry| is_of_all(entry) && entry.then.is_none();
        let is_whole = entries.iter().all(|entry| entry.lost.is_empty());
        if is_whole && !entries.iter().any(decides) {
            if way == "in" {
                let mut last = Entry::new(0, "permit", place);
                last.description = Some("Junos takes what no term decides".to_owned());
                entries.push(last);
            } else {
                let others = match entries.iter().any(|entry| entry.then.is_some()) {
                    true => "only those that a term goes on with",
                    false => "none of them",
                };
                let why = format!(
                    "Junos announces each BGP route that no term decides; this route-map announces {others}"
                );
                let statement = format!("policy-statement {map}");
                self.site.draft.leave(place, &statement, Why::Because(why));
            }
        }
        for (number, entry) in entries.iter_mut().enumerate() {
            entry.sequence = sequence(number);
        }
        self.site.policy.route_map(map).entries = entries;
    }
}

/// The sequence number of an entry by its place in its route-map.
fn sequence(number: usize) -> u64 {
    (number as u64 + 1) * 10
}

/// Terms that pass a route on to the next policy of their chain: `then next policy`.
#[derive(Debug, Default)]
struct Jumps<'p> {
    /// The first entry of each policy, in order.
    begins: Vec<(&'p str, usize)>,
    /// The entries of such terms, with how many policies have begun.
    from: Vec<(Range<usize>, usize)>,
}

impl<'p> Jumps<'p> {
    /// The entries of a term.
    fn note(&mut self, policy: &'p str, entries: Range<usize>, term: &Term) {
        if self.begins.last().is_none_or(|(last, _)| *last != policy) {
            self.begins.push((policy, entries.start));
        }
        if term.ends_policy && term.accepts.is_none() {
            self.from.push((entries, self.begins.len()));
        }
    }

    /// Has them go on with the first entry of that policy. Behind the last policy Junos takes what is of BGP, and here an
    /// entry permits it.
    fn go_on(&self, entries: &mut [Entry]) {
        for (from, policy) in &self.from {
            let next = self.begins.get(*policy).map(|(_, begin)| *begin);
            for entry in entries.get_mut(from.clone()).into_iter().flatten() {
                entry.then = match next {
                    Some(next) if next == from.end => Some("next".into()),
                    Some(next) => Some(Value::number(&sequence(next).to_string())),
                    None => None,
                };
            }
        }
    }
}

/// Makes the lists that entries are over.
pub(super) struct Lists<'j, 'p> {
    pub junos: &'j mut Junos,
    pub statements: &'p Statements,
    pub made: HashSet<String>,
}

impl Lists<'_, '_> {
    /// The entries of a term: one, or one for each family of its prefixes.
    fn entries(&mut self, policy: &str, name: &str, term: &Term) -> Vec<Entry> {
        let mut entry = term.entry.clone();
        match term.accepts {
            Some(accepts) => entry.action = if accepts { "permit" } else { "deny" },
            // Junos goes on with the next term, with what was set.
            None => entry.then = Some("next".into()),
        }
        let key = (policy.to_owned(), name.to_owned());
        if !term.is_of_bgp() && !self.statements.own_terms.contains(&key) {
            let lost = term
                .protocols
                .iter()
                .map(|(_, statement, place)| (statement.clone(), *place));
            entry.lost.extend(lost);
        }
        self.tag(&mut entry, &term.tags);
        if !term.communities.is_empty() {
            let name = term.communities.join(" ");
            self.community(&name, &term.communities, &mut entry);
        }
        self.paths(
            &format!("policy-statement {policy} term {name}"),
            term,
            &mut entry,
        );
        if !term.has_prefixes() {
            return vec![entry];
        }
        if !term.lists.is_empty() && !term.filters.is_empty() {
            let lost = "prefix-lists and route-filters in one term".to_owned();
            entry.lost.push((lost, entry.place));
        }
        let list = match &term.lists[..] {
            [(list, Length::Exact, _)] => list.clone(),
            _ => format!("{policy} {name}"),
        };
        let members = self.members(term);
        if members.is_empty() {
            let lost = format!("the prefixes of term {name}, of which there are none here");
            entry.lost.push((lost, entry.place));
            return vec![entry];
        }
        let families: BTreeSet<Family> = members.iter().map(|(family, ..)| *family).collect();
        if self.made.insert(list.clone()) {
            for (family, member, place) in members {
                self.junos.site.policy.prefix(&list, family, None, member, place);
            }
        }
        let of_family = |family: Family| {
            let mut entry = entry.clone();
            entry.lists = vec![(family, list.clone())];
            if family == Family::V6 {
                // What is lost is said once.
                entry.lost.clear();
            }
            entry
        };
        families.into_iter().map(of_family).collect()
    }

    /// Matches the AS paths of a term.
    fn paths(&mut self, of: &str, term: &Term, entry: &mut Entry) {
        for (kind, names) in [
            ("as-path", &term.as_paths),
            ("as-path-group", &term.as_path_groups),
        ] {
            let Some(first) = names.first() else { continue };
            let paths = &self.statements.as_paths;
            let is_other =
                |name: &String| kind != "as-path" && paths.contains_key(&("as-path", name.clone()));
            let list = match names.iter().any(is_other) {
                true => format!("{} group", names.join(" ")),
                false => names.join(" "),
            };
            let made = self.as_path(&list, kind, names);
            let list = self.junos.site.names.policy(&list);
            match made {
                Err(why) => entry.lost.push((format!("{of} from {kind} {why}"), entry.place)),
                // Of a path and a group at once, a route would have to match both.
                Ok(()) if !entry.matches("as-path-list", list.as_str().into()) => {
                    entry
                        .lost
                        .push((format!("{of} from {kind} {first}"), entry.place));
                }
                Ok(()) => {}
            }
        }
    }

    /// The members of the list of a term.
    fn members(&mut self, term: &Term) -> Vec<(Family, String, Place)> {
        let family = |prefix: &Prefix| match prefix.net().addr().is_ipv4() {
            true => Family::V4,
            false => Family::V6,
        };
        let mut members = Vec::new();
        for (list, length, _) in &term.lists {
            self.junos.policies.mark("prefix-list", list);
            for (prefix, place) in self.statements.prefix_lists.get(list).into_iter().flatten() {
                members.push((family(prefix), length.member(*prefix), *place));
            }
        }
        let filters = prefixes::members(&term.filters).into_iter();
        members.extend(filters.map(|(prefix, member, place)| (family(&prefix), member, place)));
        members
    }
}

//! `policy-options` of Junos. A chain of policies becomes one route-map, and what Junos does with a route that no term
//! decides becomes its last entry.

use super::Junos;
use super::statement::Statement;
use super::term::{Length, Term};
use crate::import::document::Place;
use crate::import::left::Why;
use crate::import::policy::{Entry, Family};
use crate::types::Prefix;
use indexmap::IndexMap;

/// The lists, communities and policies of `policy-options`.
#[derive(Debug, Default)]
pub(super) struct Statements {
    prefix_lists: IndexMap<String, Vec<(Prefix, Place)>>,
    communities: IndexMap<String, Vec<(String, Place)>>,
    as_paths: IndexMap<String, Vec<(String, Place)>>,
    policies: IndexMap<String, IndexMap<String, Term>>,
    /// The route-maps that sessions use: the policies in each, and the direction.
    uses: IndexMap<String, (Vec<String>, &'static str)>,
}

impl Statements {
    /// The name of the route-map for a chain of policies in a direction.
    pub fn used(&mut self, chain: Vec<String>, way: &'static str) -> String {
        // Two directions end differently, so they are two maps. A blank is in no name of Junos.
        let mut name = chain.join(" ");
        if self.uses.get(&name).is_some_and(|(_, other)| *other != way) {
            name = format!("{name} {way}");
        }
        self.uses.insert(name.clone(), (chain, way));
        name
    }

    /// Whether a policy of the chain makes this router the next hop.
    pub fn sets_next_hop_self(&self, chain: &[String]) -> bool {
        let policies = chain.iter().filter_map(|name| self.policies.get(name));
        policies
            .flat_map(IndexMap::values)
            .any(|term| term.sets_next_hop_self)
    }

    /// The prefixes of a list.
    pub fn prefixes(&self, list: &str) -> impl Iterator<Item = Prefix> + '_ {
        let list = self.prefix_lists.get(list);
        list.into_iter().flatten().map(|(prefix, _)| *prefix)
    }

    fn term(&mut self, policy: &str, term: &str, place: Place) -> &mut Term {
        let terms = self.policies.entry(policy.to_owned()).or_default();
        terms.entry(term.to_owned()).or_insert_with(|| Term::at(place))
    }
}

impl Junos {
    /// `policy-options …`.
    pub(super) fn policy_option(&mut self, what: &[&str], statement: &Statement) {
        let place = statement.place;
        match *what {
            ["prefix-list", name] => {
                self.policies.prefix_lists.entry(name.to_owned()).or_default();
            }
            ["prefix-list", name, prefix] => match prefix.parse::<Prefix>() {
                Ok(prefix) => {
                    let list = self.policies.prefix_lists.entry(name.to_owned()).or_default();
                    list.push((prefix, place));
                }
                Err(_) => self.leave(statement, Why::Because("expected a prefix".to_owned())),
            },
            ["community", name, "members", member] => {
                let community = self.policies.communities.entry(name.to_owned()).or_default();
                community.push((member.to_owned(), place));
            }
            ["as-path", name, path] | ["as-path-group", name, "as-path", _, path] => {
                let list = self.policies.as_paths.entry(name.to_owned()).or_default();
                list.push((path.to_owned(), place));
            }
            ["policy-statement", policy, "term", term, ref what @ ..] => {
                self.of_term(policy, term, what, statement)
            }
            ["policy-statement", policy, ref what @ ..] => self.of_term(policy, "", what, statement),
            _ => self.leave(statement, Why::NotYet),
        }
    }

    fn of_term(&mut self, policy: &str, name: &str, what: &[&str], statement: &Statement) {
        let place = statement.place;
        let interface = match *what {
            ["from", "interface", name] => Some(self.link_named(name).name),
            _ => None,
        };
        let term = self.policies.term(policy, name, place);
        let is_known = match *what {
            [] | ["from"] | ["then"] => true,
            ["from", "as-path-group", list] => {
                term.as_paths.push(list.to_owned());
                true
            }
            ["from", ref from @ ..] => {
                let is_known = match &interface {
                    Some(name) => term.entry.matches("interface", name.as_str().into()),
                    None => term.matches(from, place),
                };
                if !is_known {
                    term.entry.lost.push((statement.words.join(" "), place));
                }
                true
            }
            ["to", ..] => {
                term.entry.lost.push((statement.words.join(" "), place));
                true
            }
            ["then", "accept"] => term.decides(true),
            ["then", "reject"] => term.decides(false),
            // It is what Junos does with what is not decided.
            ["then", "next", "term"] => true,
            ["then", "next", ..] | ["then", "default-action", ..] => {
                term.entry.lost.push((statement.words.join(" "), place));
                true
            }
            ["then", "next-hop", "self"] => {
                term.sets_next_hop_self = true;
                true
            }
            ["then", ref then @ ..] => term.sets(then, place),
            _ => false,
        };
        if !is_known {
            self.leave(statement, Why::NotYet);
        }
    }

    /// Makes a route-map of each chain that a session uses.
    pub(super) fn finish_policies(&mut self) {
        let Statements {
            prefix_lists,
            communities,
            as_paths,
            policies,
            uses,
        } = std::mem::take(&mut self.policies);
        let used: std::collections::HashSet<&String> = uses.values().flat_map(|(chain, _)| chain).collect();
        for (name, terms) in policies.iter().filter(|(name, _)| !used.contains(name)) {
            if let Some(term) = terms.values().next() {
                let why = "nothing that is imported uses it".to_owned();
                let statement = format!("policy-statement {name}");
                self.site
                    .draft
                    .leave(term.entry.place, &statement, Why::Because(why));
            }
        }
        let mut lists = Lists {
            junos: self,
            prefix_lists: &prefix_lists,
            communities: &communities,
            as_paths: &as_paths,
            made: std::collections::HashSet::new(),
        };
        for (map, (chain, way)) in &uses {
            let mut entries = Vec::new();
            for policy in chain {
                let Some(terms) = policies.get(policy) else {
                    continue;
                };
                // What stands outside of terms comes after them.
                let (last, named): (Vec<_>, Vec<_>) = terms.iter().partition(|(name, _)| name.is_empty());
                for (name, term) in named.into_iter().chain(last) {
                    entries.extend(lists.entries(policy, name, term));
                }
            }
            lists.junos.finish_map(map, way, entries);
        }
    }

    fn finish_map(&mut self, map: &str, way: &str, mut entries: Vec<Entry>) {
        let decides = |entry: &Entry| {
            entry.lists.is_empty()
                && entry.tag.is_none()
                && entry.matches.is_empty()
                && entry.then.is_none()
                && entry.lost.is_empty()
        };
        let Some(place) = entries.last().map(|entry| entry.place) else {
            // The check names the policy that is not there.
            return;
        };
        let is_whole = entries.iter().all(|entry| entry.lost.is_empty());
        if is_whole && !entries.iter().any(decides) {
            if way == "in" {
                let mut last = Entry::new(0, "permit", place);
                last.description = Some("Junos takes what no term decides".to_owned());
                entries.push(last);
            } else {
                let why = "Junos announces each BGP route that no term decides; this route-map announces none of them";
                let statement = format!("policy-statement {map}");
                self.site
                    .draft
                    .leave(place, &statement, Why::Because(why.to_owned()));
            }
        }
        for (number, entry) in (1..).zip(&mut entries) {
            entry.sequence = number * 10;
        }
        self.site.policy.route_map(map).entries = entries;
    }
}

/// Makes the lists that entries are over.
pub(super) struct Lists<'j, 'p> {
    pub junos: &'j mut Junos,
    prefix_lists: &'p IndexMap<String, Vec<(Prefix, Place)>>,
    pub communities: &'p IndexMap<String, Vec<(String, Place)>>,
    pub as_paths: &'p IndexMap<String, Vec<(String, Place)>>,
    pub made: std::collections::HashSet<String>,
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
        for tag in &term.tags {
            self.tag(&mut entry, tag);
        }
        match &term.communities[..] {
            [] => {}
            several => {
                let name = several.join(" ");
                self.community(&name, several, &mut entry);
            }
        }
        if let Some(first) = term.as_paths.first() {
            let list = term.as_paths.join(" ");
            match self.as_path(&list, &term.as_paths) {
                true => {
                    let list = self.junos.site.names.policy(&list);
                    entry.matches("as-path-list", list.as_str().into());
                }
                false => entry.lost.push((format!("from as-path {first}"), entry.place)),
            }
        }
        if term.lists.is_empty() && term.filters.is_empty() {
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
        let families: std::collections::BTreeSet<Family> =
            members.iter().map(|(family, ..)| *family).collect();
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

    /// The members of the list of a term.
    fn members(&self, term: &Term) -> Vec<(Family, String, Place)> {
        let family = |prefix: &Prefix| match prefix.net().addr().is_ipv4() {
            true => Family::V4,
            false => Family::V6,
        };
        let mut members = Vec::new();
        for (list, length, _) in &term.lists {
            for (prefix, place) in self.prefix_lists.get(list).into_iter().flatten() {
                members.push((family(prefix), length.member(*prefix), *place));
            }
        }
        // Of several route-filters the one with the longest prefix around a route decides alone.
        let mut filters: Vec<&(Prefix, Length, Place)> = term.filters.iter().collect();
        filters.sort_by_key(|(prefix, ..)| (prefix.net().network(), prefix.net().prefix_len()));
        let mut around: Vec<Prefix> = Vec::new();
        let mut ordered: Vec<(&(Prefix, Length, Place), bool)> = Vec::new();
        for filter in filters {
            while around.last().is_some_and(|outer| !outer.contains(filter.0)) {
                around.pop();
            }
            ordered.push((filter, around.first().is_some_and(|outer| *outer != filter.0)));
            around.push(filter.0);
        }
        ordered.sort_by_key(|((prefix, ..), _)| std::cmp::Reverse(prefix.net().prefix_len()));
        for ((prefix, length, place), is_inside) in ordered {
            members.push((family(prefix), length.member(*prefix), *place));
            // What is longer is of this filter as well, and of no other one.
            if is_inside && *length != Length::OrLonger {
                let most = prefix.net().max_prefix_len();
                let rest = match prefix.net().prefix_len() < most {
                    true => format!("deny {prefix} le {most}"),
                    false => format!("deny {prefix}"),
                };
                members.push((family(prefix), rest, *place));
            }
        }
        members
    }
}

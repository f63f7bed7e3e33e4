//! `policy-options` of Junos: its lists, communities and policies as they are read.

use super::Junos;
use super::statement::Statement;
use super::term::Term;
use crate::import::document::Place;
use crate::import::left::Why;
use crate::import::policy::Family;
use crate::types::Prefix;
use indexmap::IndexMap;
use std::collections::HashSet;

/// The lists, communities and policies of `policy-options`.
#[derive(Debug, Default)]
pub(super) struct Statements {
    pub(super) prefix_lists: IndexMap<String, Vec<(Prefix, Place)>>,
    pub(super) communities: IndexMap<String, Vec<(String, Place)>>,
    /// The communities that match what their members do not.
    pub(super) inverted: HashSet<String>,
    /// By kind: an `as-path` and an `as-path-group` may have one name.
    pub(super) as_paths: IndexMap<(&'static str, String), Vec<(String, Place)>>,
    pub(super) policies: IndexMap<String, IndexMap<String, Term>>,
    /// The route-maps that sessions use: the policies in each, and the direction.
    pub(super) uses: IndexMap<String, (Vec<String>, &'static str)>,
    /// What route-maps lack that no entry of theirs says.
    pub(super) lacks: IndexMap<String, (String, Place)>,
    /// Terms about routes of this router that are announced by `networks`, by policy and name.
    pub(super) own_terms: HashSet<(String, String)>,
    /// Where each list was named first, by kind and name, and which of them something uses.
    pub(super) defined: IndexMap<(&'static str, String), Place>,
    pub(super) marked: HashSet<(&'static str, String)>,
}

/// What is listed when nothing uses it.
const LISTS: [&str; 4] = ["prefix-list", "community", "as-path", "as-path-group"];

impl Statements {
    /// The name of the route-map for a chain of policies in a direction.
    pub fn map_of(&mut self, chain: Vec<String>, way: &'static str) -> String {
        // Two directions end differently, so they are two maps. A blank is in no name of Junos.
        let mut name = chain.join(" ");
        if self.uses.get(&name).is_some_and(|(_, other)| *other != way) {
            name = format!("{name} {way}");
        }
        self.uses.insert(name.clone(), (chain, way));
        name
    }

    /// Says that something uses a list.
    pub fn mark(&mut self, kind: &'static str, name: &str) {
        self.marked.insert((kind, name.to_owned()));
    }

    /// The terms of a chain of policies, each with the policy it is of, in order.
    pub fn terms<'s>(&'s self, chain: &'s [String]) -> impl Iterator<Item = (&'s str, &'s str, &'s Term)> {
        chain.iter().flat_map(|policy| {
            let terms = self.policies.get(policy).into_iter().flatten();
            // What stands outside of terms comes after them.
            let (last, named): (Vec<_>, Vec<_>) = terms.partition(|(name, _)| name.is_empty());
            let all = named.into_iter().chain(last);
            all.map(move |(name, term)| (policy.as_str(), name.as_str(), term))
        })
    }

    /// Has terms of one family match its prefixes alone.
    pub fn settle_families(&mut self) {
        for term in self.policies.values_mut().flat_map(IndexMap::values_mut) {
            term.settle_family();
        }
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
        if let [kind, name, ..] = *what
            && let Some(kind) = LISTS.iter().find(|list| **list == kind)
        {
            let key = (*kind, name.to_owned());
            self.policies.defined.entry(key).or_insert(place);
        }
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
            ["community", name, "invert-match"] => {
                self.policies.inverted.insert(name.to_owned());
            }
            ["as-path", name, path] => self.as_path_of("as-path", name, path, place),
            ["as-path-group", name, "as-path", _, path] => {
                self.as_path_of("as-path-group", name, path, place);
            }
            ["policy-statement", policy, "term", term, ref what @ ..] => {
                self.of_term(policy, term, what, statement)
            }
            ["policy-statement", policy, ref what @ ..] => self.of_term(policy, "", what, statement),
            _ => self.leave(statement, Why::NotYet),
        }
    }

    fn as_path_of(&mut self, kind: &'static str, name: &str, path: &str, place: Place) {
        let list = self.policies.as_paths.entry((kind, name.to_owned())).or_default();
        list.push((path.to_owned(), place));
    }

    fn of_term(&mut self, policy: &str, name: &str, what: &[&str], statement: &Statement) {
        let place = statement.place;
        let interface = match *what {
            ["from", "interface", name] if self.is_here(name).is_ok() => Some(self.link_named(name).name),
            _ => None,
        };
        let term = self.policies.term(policy, name, place);
        let is_known = match *what {
            [] | ["from"] | ["then"] => true,
            ["from", "protocol", protocol] => {
                let statement = statement.words.join(" ");
                term.protocols.push((protocol.to_owned(), statement, place));
                true
            }
            ["from", "family", family @ ("inet" | "inet6")] if term.family.is_none() => {
                let family = if family == "inet" { Family::V4 } else { Family::V6 };
                term.family = Some((family, statement.words.join(" "), place));
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
            ["then", "next", "policy"] => {
                term.ends_policy = true;
                true
            }
            ["then", "next", ..] | ["then", "default-action", ..] => {
                term.entry.lost.push((statement.words.join(" "), place));
                true
            }
            ["then", "next-hop", "self"] => {
                term.next_hop_self.get_or_insert(place);
                true
            }
            ["then", ref then @ ..] => term.sets(then, place),
            _ => false,
        };
        if !is_known {
            self.leave(statement, Why::NotYet);
        }
    }
}

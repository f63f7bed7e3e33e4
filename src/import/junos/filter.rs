//! `firewall` of Junos: filters become ACLs, policers become policers. A filter is of one family; an ACL here is of both, so
//! that what an interface has for each is one ACL, and a family without a filter passes.

use super::Junos;
use super::packet::{FamilyWord, Term, all_of, family};
use super::statement::Statement;
use crate::import::document::Place;
use crate::import::filter::{Acl, Rule};
use crate::import::left::Why;
use crate::import::site::Link;
use crate::types::Prefix;
use indexmap::IndexMap;
use std::collections::{HashMap, HashSet};

/// The filter of each family, where it is named.
type ByFamily = HashMap<FamilyWord, (String, Place)>;

/// Filters, policers, and the interfaces that use them.
#[derive(Debug, Default)]
pub(super) struct Filters {
    filters: IndexMap<(FamilyWord, String), IndexMap<String, Term>>,
    policers: IndexMap<String, Policer>,
    /// The filters of each side of an interface, by family.
    uses: IndexMap<(Vec<String>, &'static str), ByFamily>,
}

#[derive(Debug)]
struct Policer {
    rate: Option<(String, Place)>,
    burst: Option<String>,
    /// What it does that a policer here does not.
    lost: Vec<(String, Place)>,
    place: Place,
}

impl Junos {
    /// `firewall …`.
    pub(super) fn firewall(&mut self, what: &[&str], statement: &Statement) {
        match *what {
            ["family", word, "filter", name, ref what @ ..] if family(word).is_some() => {
                let of = family(word).unwrap_or("inet");
                self.filter_term(of, name, what, statement);
            }
            ["filter", name, ref what @ ..] => self.filter_term("inet", name, what, statement),
            ["policer", name, ref what @ ..] => self.policer(name, what, statement),
            _ => self.leave(statement, Why::NotYet),
        }
    }

    fn filter_term(&mut self, of: FamilyWord, name: &str, what: &[&str], statement: &Statement) {
        let place = statement.place;
        let terms = self.filters.filters.entry((of, name.to_owned())).or_default();
        let ["term", name, ref what @ ..] = *what else {
            if !matches!(*what, [] | ["interface-specific"]) {
                self.leave(statement, Why::NotYet);
            }
            return;
        };
        let term = terms.entry(name.to_owned()).or_insert_with(|| Term {
            rule: Rule::default(),
            goes_on: false,
            lost: Vec::new(),
            lists: Vec::new(),
            place,
        });
        match *what {
            [] | ["from"] | ["then"] | ["then", "accept"] => {}
            ["from", ref from @ ..] => {
                if !term.matches(of, from) {
                    term.lost.push((statement.words.join(" "), place));
                }
            }
            ["then", "discard"] => term.rule.denies = true,
            ["then", "reject", ..] => {
                term.rule.denies = true;
                let why = "what it drops gets no answer here".to_owned();
                self.leave(statement, Why::Because(why));
            }
            ["then", "next", "term"] => term.goes_on = true,
            ["then", "count" | "log" | "syslog" | "sample" | "port-mirror", ..] => {
                self.leave(statement, Why::NotYet);
            }
            ["then", "policer" | "three-color-policer", ..] => {
                let why = "a policer here is of an interface: policer = { in = \"NAME\" }".to_owned();
                self.leave(statement, Why::Because(why));
            }
            ["then", "forwarding-class" | "loss-priority" | "dscp", ..] => {
                self.leave(statement, Why::Foreign(""));
            }
            _ => term.lost.push((statement.words.join(" "), place)),
        }
    }

    fn policer(&mut self, name: &str, what: &[&str], statement: &Statement) {
        let place = statement.place;
        let policer = self
            .filters
            .policers
            .entry(name.to_owned())
            .or_insert_with(|| Policer {
                rate: None,
                burst: None,
                lost: Vec::new(),
                place,
            });
        match *what {
            [] | ["if-exceeding" | "then"] | ["then", "discard"] => {}
            ["if-exceeding", "bandwidth-limit", rate] => policer.rate = Some((rate.to_owned(), place)),
            ["if-exceeding", "burst-size-limit", burst] => policer.burst = Some(burst.to_owned()),
            _ => policer.lost.push((statement.words.join(" "), place)),
        }
    }

    /// `family inet filter input NAME` of a unit.
    pub(super) fn uses_filter(
        &mut self,
        link: &Link,
        of: &str,
        side: &str,
        name: &str,
        statement: &Statement,
    ) {
        let (Some(of), "input" | "output") = (family(of), side) else {
            return self.leave(statement, Why::NotYet);
        };
        if link.path[0] == "loopbacks" {
            let why = "a filter of a loopback is for the router itself: here [firewall] is for the host, and the ACLs of interfaces are for all that comes in";
            return self.leave(statement, Why::Because(why.to_owned()));
        }
        let side = if side == "input" { "in" } else { "out" };
        let uses = self.filters.uses.entry((link.path.clone(), side)).or_default();
        uses.insert(of, (name.to_owned(), statement.place));
    }

    /// `family inet policer input NAME` of a unit, or a policer of all of its families.
    pub(super) fn uses_policer(&mut self, link: &Link, side: &str, name: &str, statement: &Statement) {
        let key = match side {
            "input" if link.path.iter().any(|it| it == "vlan") => {
                let why = "VPP polices what a NIC receives, with all of its VLANs".to_owned();
                return self.leave(statement, Why::Because(why));
            }
            "input" => "in",
            "output" => "out",
            _ => return self.leave(statement, Why::NotYet),
        };
        let name = self.site.names.policy(name);
        self.site
            .draft
            .inner(&link.path(), "policer", key, name.as_str(), statement.place);
    }

    /// Makes an ACL of the filters of each side of an interface.
    pub(super) fn finish_filters(&mut self) {
        let Filters {
            filters,
            policers,
            uses,
        } = std::mem::take(&mut self.filters);
        for (name, policer) in policers {
            self.finish_policer(&name, policer);
        }
        let used: HashSet<(FamilyWord, &String)> = uses
            .values()
            .flatten()
            .map(|(of, (name, _))| (*of, name))
            .collect();
        for ((of, name), terms) in filters
            .iter()
            .filter(|((of, name), _)| !used.contains(&(*of, name)))
        {
            if let Some(term) = terms.values().next() {
                let why = "no interface that is imported uses it".to_owned();
                let statement = format!("firewall family {of} filter {name}");
                self.site.draft.leave(term.place, &statement, Why::Because(why));
            }
        }
        let mut made: HashMap<Vec<(FamilyWord, String)>, String> = HashMap::new();
        for ((path, side), by_family) in uses {
            let mut parts: Vec<(FamilyWord, String)> = by_family
                .iter()
                .map(|(of, (name, _))| (*of, name.clone()))
                .collect();
            parts.sort();
            let place = by_family.values().map(|(_, place)| *place).min();
            let Some(place) = place else { continue };
            let acl = match made.get(&parts) {
                Some(acl) => acl.clone(),
                None => {
                    let acl = self.acl(&filters, &parts);
                    made.insert(parts, acl.clone());
                    acl
                }
            };
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            self.site.draft.inner(&path, "acl", side, acl.as_str(), place);
        }
    }

    /// The ACL of the filters of each family; a filter that is nowhere is one that the check misses.
    fn acl(
        &mut self,
        filters: &IndexMap<(FamilyWord, String), IndexMap<String, Term>>,
        parts: &[(FamilyWord, String)],
    ) -> String {
        let mut names: Vec<&str> = parts.iter().map(|(_, name)| name.as_str()).collect();
        names.dedup();
        let name = self.site.names.policy(&names.join(" "));
        let mut acl = Acl::named(name.clone());
        let terms = parts.iter().filter_map(|part| Some((part.0, filters.get(part)?)));
        for (of, terms) in terms {
            // What goes on whatever it matches decides nothing.
            for term in terms.values().filter(|term| !term.goes_on) {
                let (rule, empty) = self.rule(of, term);
                acl.add(&rule, term.lost.iter().cloned().chain(empty), term.place);
            }
        }
        let Some(place) = acl.last() else {
            return name;
        };
        let has = |of: FamilyWord| parts.iter().any(|(part, _)| *part == of);
        for other in ["inet", "inet6"].into_iter().filter(|of| !has(of)) {
            let rule = Rule {
                sources: vec![all_of(other)],
                ..Rule::all(false)
            };
            acl.add(&rule, [], place);
        }
        acl.write(&mut self.site.draft, place);
        name
    }

    /// The rule of a term, with the prefixes of its lists; of one without addresses, every one of its family. Beside it the lists
    /// that have none of this family.
    fn rule(&mut self, of: FamilyWord, term: &Term) -> (Rule, Vec<(String, Place)>) {
        let mut rule = term.rule.clone();
        let mut empty = Vec::new();
        for (list, is_source) in &term.lists {
            self.policies.mark("prefix-list", list);
            let of_family = |prefix: &Prefix| prefix.net().addr().is_ipv4() == (of == "inet");
            let prefixes = self.policies.prefixes(list).filter(of_family);
            let prefixes: Vec<String> = prefixes.map(|prefix| prefix.to_string()).collect();
            if prefixes.is_empty() {
                empty.push((
                    format!("prefix-list {list}, which has no {of} prefix here"),
                    term.place,
                ));
            }
            match is_source {
                true => rule.sources.extend(prefixes),
                false => rule.destinations.extend(prefixes),
            }
        }
        if rule.sources.is_empty() && rule.destinations.is_empty() {
            rule.sources.push(all_of(of));
        }
        rule.name_protocols(of == "inet6");
        (rule, empty)
    }

    fn finish_policer(&mut self, name: &str, policer: Policer) {
        let name = self.site.names.policy(name);
        for (statement, place) in &policer.lost {
            self.site.draft.leave(*place, statement, Why::NotYet);
        }
        let Some((rate, place)) = policer.rate else {
            let why = "it has no bandwidth-limit in bits per second".to_owned();
            let statement = format!("firewall policer {name}");
            return self
                .site
                .draft
                .leave(policer.place, &statement, Why::Because(why));
        };
        let path = ["policers", name.as_str()];
        self.site
            .draft
            .set(&path, "rate", rate.to_uppercase().as_str(), place);
        if let Some(burst) = policer.burst {
            self.site
                .draft
                .set(&path, "burst", burst.to_uppercase().as_str(), place);
        }
    }
}

//! What route-maps let through: what can be told of them without a single route.

use crate::config::check::Checking;
use crate::config::code::{E0328, E0374, E0375};
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::keys::{Field, Path};
use crate::config::routing::policy::{Action, PrefixList, PrefixRule};
use crate::config::routing::raw::{BgpOf, OspfRaw, RouteMapEntryRaw, RouteMapsRaw, ThenRaw};
use crate::config::source::{Located, Span};
use crate::types::PolicyName;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// An address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Family {
    V4,
    V6,
}

pub(super) const FAMILIES: [Family; 2] = [Family::V4, Family::V6];

impl Family {
    pub(super) fn of(addr: IpAddr) -> Self {
        if addr.is_ipv4() { Self::V4 } else { Self::V6 }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        }
    }
}

/// The tables the checks read. What `extra-file` adds to a map or a list is not known: such a one is never reported.
pub(in crate::config) struct Policy<'r> {
    pub(super) lists: &'r BTreeMap<PolicyName, PrefixList>,
    /// Where each of them is.
    pub(super) places: &'r BTreeMap<PolicyName, Span>,
    pub(super) maps: BTreeMap<&'r PolicyName, (Span, &'r [Located<RouteMapEntryRaw>])>,
    /// The maps and lists that `extra-file` defines too.
    pub(super) open_maps: BTreeSet<&'r PolicyName>,
    pub(super) open_lists: BTreeSet<&'r PolicyName>,
}

impl<'r> Policy<'r> {
    /// The tables as they were written, with the lists they became.
    pub(in crate::config) fn new(
        maps: &'r Field<RouteMapsRaw>,
        lists: &'r BTreeMap<PolicyName, PrefixList>,
        cx: &Checking<'r>,
    ) -> Self {
        let maps = maps.entries().iter();
        let maps = maps.map(|(name, list)| (&name.value, (name.span, list.value.0.as_slice())));
        Self {
            lists,
            places: &cx.index.prefix_lists.defined,
            maps: maps.collect(),
            open_maps: cx.index.route_maps.defined_in_extra.keys().collect(),
            open_lists: cx.index.prefix_lists.defined_in_extra.keys().collect(),
        }
    }

    /// Everything that can be told of the maps alone, and of who uses them.
    pub(in crate::config) fn check(
        &self,
        instances: &[(BgpOf<'_>, &Index)],
        ospf: [Option<&OspfRaw>; 2],
        cx: &mut Checking<'r>,
    ) {
        for (name, (_, entries)) in &self.maps {
            self.every_entry_is_reached(name, entries, cx);
        }
        // What a refused part means is not known.
        if cx.found.errors() > 0 {
            return;
        }
        self.every_list_permits_something(cx);
        self.interfaces_are_those_of_next_hops(instances, cx);
        for (bgp, index) in instances {
            // What a VRF learns is not in OSPF, which runs in the main table.
            let ospf = ospf.map(|ospf| ospf.filter(|_| index.vrf.is_none()));
            self.lists_are_of_the_family(bgp.raw, &mut cx.within(index));
            self.sessions_exchange_what_is_meant(*bgp, ospf, &mut cx.within(index));
            self.routes_are_judged_again(bgp.raw, &mut cx.within(index));
        }
    }

    /// The list of an entry, when all of it is known.
    fn list(&self, entry: &RouteMapEntryRaw) -> Option<&'r PrefixList> {
        let name = entry.matches.get()?.prefix_list.get()?;
        let known = !self.open_lists.contains(name);
        self.lists.get(name).filter(|_| known)
    }

    /// Whether the entry can match a route of the family.
    pub(super) fn can_match(&self, entry: &RouteMapEntryRaw, family: Family) -> bool {
        self.list(entry).is_none_or(|list| permits_some(list, family))
    }

    /// Whether the entry matches every route of the family.
    pub(super) fn matches_all(&self, entry: &RouteMapEntryRaw, family: Family) -> bool {
        let Some(matches) = entry.matches.get() else {
            return !entry.matches.is_written();
        };
        if !matches.prefix_list.is_written() {
            return matches.keys().all(|(_, span)| span.is_none());
        }
        let alone = matches.keys().filter(|(_, span)| span.is_some()).count() == 1;
        alone
            && self.list(entry).is_some_and(|list| match family {
                Family::V4 => permits_all(&list.v4, |rule| is_any(rule, rule.prefix.prefix_len(), 32)),
                Family::V6 => permits_all(&list.v6, |rule| is_any(rule, rule.prefix.prefix_len(), 128)),
            })
    }

    fn every_entry_is_reached(
        &self,
        name: &PolicyName,
        entries: &[Located<RouteMapEntryRaw>],
        cx: &mut Checking<'_>,
    ) {
        let path = Path::of(&["route-maps", name.as_ref()]);
        let mut taken: BTreeMap<Family, (Span, bool)> = BTreeMap::new();
        let mut targets = BTreeSet::new();
        for (number, entry) in entries.iter().enumerate() {
            // Routes come here past those in between.
            if entry
                .value
                .seq
                .get()
                .is_some_and(|seq| targets.contains(&seq.get()))
            {
                taken.clear();
            }
            let possible = FAMILIES.map(|family| (family, self.has_members(&entry.value, family)));
            let mut families = possible.iter().filter(|(_, has)| *has).map(|(family, _)| family);
            let first = families
                .clone()
                .next()
                .and_then(|family| taken.get(family))
                .copied();
            if let (Some((first, listed)), true) = (first, families.all(|family| taken.contains_key(family)))
            {
                let message = format!("'{path}[{number}]' is never reached");
                cx.report(Diagnostic::warning(E0328, entry.span, message).also(
                    first,
                    match listed {
                        true => "this entry's prefix-list permits every route",
                        false => "this entry has no match: it takes every route",
                    },
                ));
            }
            if let Some(ThenRaw::Seq(seq)) = entry.value.then.get() {
                targets.insert(*seq);
            }
            // Who goes on has not arrived.
            if entry.value.then.is_written() {
                continue;
            }
            for family in FAMILIES
                .iter()
                .filter(|family| self.matches_all(&entry.value, **family))
            {
                let listed = entry
                    .value
                    .matches
                    .get()
                    .is_some_and(|m| m.prefix_list.is_written());
                taken.entry(*family).or_insert((entry.span, listed));
            }
        }
    }

    /// Warns of a map that permits routes, and none of the family; what that means is said.
    pub(super) fn lets_a_route_through(
        &self,
        used: Located<&PolicyName>,
        family: Family,
        otherwise: String,
        cx: &mut Checking<'_>,
    ) {
        let Some((place, entries)) = self.known(used.value) else {
            return;
        };
        let permitting = entries.iter().map(|entry| &entry.value).filter(permits);
        let permitting: Vec<&RouteMapEntryRaw> = permitting.collect();
        if permitting.is_empty() || permitting.iter().any(|entry| self.can_match(entry, family)) {
            return;
        }
        let why = match permitting.iter().any(|entry| self.has_members(entry, family)) {
            true => "its prefix-lists permit none",
            false => "its prefix-lists are of the other family",
        };
        let message = format!(
            "the route-map '{}' lets no {} route through",
            used.value,
            family.name()
        );
        cx.report(
            Diagnostic::warning(E0375, used.span, message)
                .label(otherwise)
                .also(place, why),
        );
    }

    /// Whether the entry is written for the family at all.
    pub(super) fn has_members(&self, entry: &RouteMapEntryRaw, family: Family) -> bool {
        self.list(entry).is_none_or(|list| has_members(list, family))
    }

    /// A list of `deny` members alone matches nothing: an entry over it is skipped, not a filter.
    fn every_list_permits_something(&self, cx: &mut Checking<'_>) {
        let index = cx.index;
        let mut seen = BTreeSet::new();
        for used in &index.prefix_lists.used {
            let known = !self.open_lists.contains(&used.value) && seen.insert(&used.value);
            let Some(list) = self.lists.get(&used.value).filter(|_| known) else {
                continue;
            };
            let v4 = list.v4.iter().map(|rule| rule.action);
            let mut actions = v4.chain(list.v6.iter().map(|rule| rule.action));
            if actions.any(|action| action == Action::Permit) {
                continue;
            }
            let message = format!(
                "the prefix-list '{}' permits nothing, so nothing matches it",
                used.value
            );
            let warning = Diagnostic::warning(E0374, used.span, message);
            let warning = match index.prefix_lists.defined.get(&used.value) {
                Some(place) => warning.also(*place, "every member is a deny"),
                None => warning,
            };
            cx.report(warning.hint(
                "to drop these prefixes, write them without `deny` and match the list in a deny entry",
            ));
        }
    }

    /// A map with its place, when all of it is known.
    pub(super) fn known(&self, name: &PolicyName) -> Option<(Span, &'r [Located<RouteMapEntryRaw>])> {
        let known = !self.open_maps.contains(name);
        self.maps.get(name).copied().filter(|_| known)
    }
}

/// Whether the entry lets a route through.
pub(super) fn permits(entry: &&RouteMapEntryRaw) -> bool {
    entry.action.value() == Some(Action::Permit)
}

/// Whether a list has members of the family.
pub(super) fn has_members(list: &PrefixList, family: Family) -> bool {
    match family {
        Family::V4 => !list.v4.is_empty(),
        Family::V6 => !list.v6.is_empty(),
    }
}

/// Whether a list permits a route of the family.
pub(super) fn permits_some(list: &PrefixList, family: Family) -> bool {
    match family {
        Family::V4 => list.v4.iter().any(|rule| rule.action == Action::Permit),
        Family::V6 => list.v6.iter().any(|rule| rule.action == Action::Permit),
    }
}

/// Whether one of the rules permits everything, and no earlier one denies a part of it.
fn permits_all<N>(rules: &[PrefixRule<N>], is_any: impl Fn(&PrefixRule<N>) -> bool) -> bool {
    let mut permits = rules.iter().take_while(|rule| rule.action == Action::Permit);
    permits.any(is_any)
}

fn is_any<N>(rule: &PrefixRule<N>, length: u8, width: u8) -> bool {
    rule.action == Action::Permit && length == 0 && rule.ge == 0 && rule.le == width
}

//! Route-maps against each other: what FRR takes silently and does not do, and what ends it.

use super::policy::{FAMILIES, Policy};
use crate::config::check::Checking;
use crate::config::code::{E0703, E0704, E0705, E0706, E0707, E0711, E0714};
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::keys::{Field, Path};
use crate::config::routing::list::CommunityList;
use crate::config::routing::policy::Action;
use crate::config::routing::raw::{RouteMapEntryRaw, RpkiRaw, ThenRaw};
use crate::config::source::{Located, Span};
use crate::types::{Community, LargeCommunity, PolicyName};
use std::collections::{BTreeMap, BTreeSet};

/// The calls of each route-map: whom, and where that is written.
pub(super) type Calls<'r> = BTreeMap<&'r PolicyName, Vec<Located<&'r PolicyName>>>;

impl<'r> Policy<'r> {
    /// What holds of the maps whoever uses them.
    pub(in crate::config) fn fit_together(&self, rpki: &Field<RpkiRaw>, cx: &mut Checking<'r>) {
        for (name, (_, entries)) in &self.maps {
            let path = Path::of(&["route-maps", name.as_ref()]);
            numbers_rise(entries, &path, cx);
            self.there_are_numbers(entries, cx);
            routes_go_forward(entries, cx);
        }
        self.no_call_comes_back(cx);
        self.caches_are_asked(rpki, cx);
    }

    /// Between two numbers that are written there is one for each entry that stands there, and for each family of it.
    fn there_are_numbers(&self, entries: &[Located<RouteMapEntryRaw>], cx: &mut Checking<'_>) {
        const LAST: u32 = 65_535;
        let (mut low, mut waiting) = (0, 0);
        let mut before: Option<Span> = None;
        for entry in entries {
            let parts = self.numbers_of(&entry.value);
            let Some(seq) = entry.value.seq.copied() else {
                waiting += parts;
                continue;
            };
            let high = u32::from(seq.value.get());
            // What falls is reported as that.
            if high > low && high - low - 1 < waiting {
                let message = format!(
                    "there is no number between {low} and {high} for {}",
                    entries_of(waiting)
                );
                let error = Diagnostic::error(E0703, seq.span, message)
                    .label("over a list of both families an entry needs one for each");
                let error = match before {
                    Some(before) => error.also(before, "the one before"),
                    None => error,
                };
                cx.report(error.hint("leave more room between the two, or remove one `seq`"));
            }
            (low, waiting, before) = (high, parts - 1, Some(seq.span));
        }
        if let Some(place) = before.filter(|_| LAST - low < waiting) {
            let message = format!(
                "there is no number behind {low} for {}: {LAST} is the last",
                entries_of(waiting)
            );
            cx.report(Diagnostic::error(E0703, place, message).hint("use a smaller number"));
        }
    }

    /// How many numbers an entry takes at least.
    fn numbers_of(&self, entry: &RouteMapEntryRaw) -> u32 {
        let list = entry.matches.get().and_then(|matches| matches.prefix_list.get());
        let families = FAMILIES.iter().filter(|family| self.has_members(entry, **family));
        match list.is_some_and(|list| self.lists.contains_key(list)) {
            true => (families.count() as u32).max(1),
            false => 1,
        }
    }

    pub(super) fn calls(&self, index: &'r Index) -> Calls<'r> {
        let mut calls: Calls<'r> = BTreeMap::new();
        for (name, (_, entries)) in &self.maps {
            let called = entries.iter().filter_map(|entry| entry.value.call.located());
            calls.entry(name).or_default().extend(called);
        }
        for (name, called) in &index.calls_of_extra {
            let called = Located {
                value: &called.value,
                span: called.span,
            };
            calls.entry(name).or_default().push(called);
        }
        calls
    }

    /// A chain of calls that comes back ends zebra and bgpd while they load it.
    fn no_call_comes_back(&self, cx: &mut Checking<'r>) {
        let calls = self.calls(cx.index);
        // Whoever calls nobody that calls is in no circle, and so on.
        let mut left: BTreeMap<&PolicyName, usize> = BTreeMap::new();
        let mut callers: BTreeMap<&PolicyName, Vec<&PolicyName>> = BTreeMap::new();
        for (name, called) in &calls {
            left.insert(name, called.len());
            for call in called {
                callers.entry(call.value).or_default().push(name);
            }
        }
        let undefined = callers.keys().filter(|name| !calls.contains_key(**name)).copied();
        let mut ends: Vec<&PolicyName> = undefined.collect();
        ends.extend(
            left.iter()
                .filter(|(_, calls)| **calls == 0)
                .map(|(name, _)| *name),
        );
        while let Some(name) = ends.pop() {
            left.remove(name);
            for caller in callers.get(name).into_iter().flatten() {
                if let Some(calls) = left.get_mut(caller) {
                    *calls -= 1;
                    if *calls == 0 {
                        ends.push(caller);
                    }
                }
            }
        }
        let mut told = BTreeSet::new();
        for first in left.keys() {
            let mut circle: Vec<Located<&PolicyName>> = Vec::new();
            let mut name = *first;
            let mut walked = BTreeSet::new();
            while walked.insert(name) && !told.contains(name) {
                let Some(call) = calls[name].iter().find(|call| left.contains_key(call.value)) else {
                    break;
                };
                circle.push(*call);
                name = call.value;
            }
            // What leads to the circle is not of it.
            let begin = circle
                .iter()
                .position(|call| call.value == name)
                .map_or(0, |at| at + 1);
            let is_new = !told.contains(name);
            told.extend(walked);
            let circle = if begin < circle.len() {
                &circle[begin..]
            } else {
                &circle[..]
            };
            if let (Some(call), true) = (circle.last(), is_new) {
                // From the last one on, and back to it.
                let names = [call].into_iter().chain(circle).map(|call| call.value.as_ref());
                let names: Vec<&str> = names.collect();
                let message = match names[..] {
                    [one, _] => format!("the route-map '{one}' calls itself"),
                    _ => format!(
                        "route-maps call each other in a circle: {}",
                        names.join(" calls ")
                    ),
                };
                cx.report(
                    Diagnostic::error(E0704, call.span, message)
                        .label("zebra and bgpd would crash while they load this")
                        .hint("remove one of the calls"),
                );
            }
        }
    }

    /// A match needs caches, and caches a match.
    fn caches_are_asked(&self, rpki: &Field<RpkiRaw>, cx: &mut Checking<'_>) {
        let entries = self.maps.values().flat_map(|(_, entries)| entries.iter());
        let mut matches = entries.filter_map(|entry| entry.value.matches.get()?.rpki.span());
        let first = matches.next();
        match (first, rpki.span()) {
            (Some(place), None) if !cx.index.rpki_of_extra => cx.report(
                Diagnostic::error(E0707, place, "there are no RPKI caches that say what is valid")
                    .label("nothing would ever match")
                    .hint("add [rpki] with `caches.\"ADDRESS\" = { port = 3323 }`"),
            ),
            // Neighbours of the extra file may have maps of their own.
            (None, Some(place)) if !cx.index.neighbors_in_extra => cx.report(
                Diagnostic::warning(E0714, place, "no route-map asks the RPKI caches")
                    .label("invalid routes are accepted like others")
                    .hint("add an entry with `action = \"deny\"` and `match = { rpki = \"invalid\" }`"),
            ),
            _ => {}
        }
    }

    /// An entry of several communities matches them all and deletes each.
    pub(in crate::config) fn delete_what_is_meant(
        &self,
        communities: &BTreeMap<PolicyName, CommunityList<Community>>,
        large: &BTreeMap<PolicyName, CommunityList<LargeCommunity>>,
        cx: &mut Checking<'_>,
    ) {
        let entries = self.maps.values().flat_map(|(_, entries)| entries.iter());
        for set in entries.filter_map(|entry| entry.value.set.get()) {
            let of_several = |name: &PolicyName| {
                communities
                    .get(name)
                    .is_some_and(|it| it.has_an_entry_of_several())
            };
            let large_of_several =
                |name: &PolicyName| large.get(name).is_some_and(|it| it.has_an_entry_of_several());
            let found = [
                set.delete_community.located().filter(|it| of_several(it.value)),
                set.delete_large_community
                    .located()
                    .filter(|it| large_of_several(it.value)),
            ];
            for list in found.into_iter().flatten() {
                let message = format!("'{}' deletes each of its communities by itself", list.value);
                cx.report(
                    Diagnostic::warning(E0711, list.span, message)
                        .label("also from routes that do not carry all of an entry")
                        .hint("name each community in an entry of its own"),
                );
            }
        }
    }
}

fn entries_of(count: u32) -> String {
    match count {
        1 => "an entry".to_owned(),
        count => format!("{count} entries"),
    }
}

fn numbers_rise(entries: &[Located<RouteMapEntryRaw>], path: &str, cx: &mut Checking<'_>) {
    let mut before: Option<(u16, Span)> = None;
    for (number, entry) in entries.iter().enumerate() {
        let Some(seq) = entry.value.seq.copied() else {
            continue;
        };
        let here = seq.value.get();
        if let Some((last, place)) = before.filter(|(last, _)| here <= *last) {
            let message = format!("'{path}[{number}]' has the seq {here} behind {last}");
            cx.report(
                Diagnostic::error(E0703, seq.span, message)
                    .label("entries are evaluated as they are written")
                    .also(place, "the one before"),
            );
        }
        before = Some((here, seq.span));
    }
}

/// `then` is for routes that are permitted, and leads to a later entry.
fn routes_go_forward(entries: &[Located<RouteMapEntryRaw>], cx: &mut Checking<'_>) {
    let mut later = BTreeSet::new();
    for (behind, entry) in entries.iter().rev().enumerate() {
        if let Some(then) = entry.value.then.located() {
            match (entry.value.action.located(), then.value) {
                (Some(action), _) if *action.value == Action::Deny => cx.report(
                    Diagnostic::error(E0705, then.span, "a route that is denied goes nowhere")
                        .label("FRR would leave out the whole entry")
                        .also(action.span, "denied here"),
                ),
                (_, ThenRaw::Next) if behind == 0 => cx.report(
                    Diagnostic::warning(E0706, then.span, "no entry comes behind this one")
                        .label("the route is accepted")
                        .hint("remove `then`, or add the entry that is meant"),
                ),
                (_, ThenRaw::Seq(seq)) if !later.contains(seq) => cx.report(
                    Diagnostic::error(E0706, then.span, format!("no later entry has the seq {seq}"))
                        .hint("give the entry that is meant a `seq`, or write `then = \"next\"`"),
                ),
                _ => {}
            }
        }
        later.extend(entry.value.seq.get().map(|seq| seq.get()));
    }
}

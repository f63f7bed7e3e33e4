//! Route-maps against each other and against who uses them: what FRR takes silently and does not do, and what ends it.

use super::policy::{Family, Policy, has_members};
use crate::config::check::Checking;
use crate::config::code::{E0389, E0703, E0704, E0705, E0706, E0707, E0708, E0709, E0711, E0713, E0714};
use crate::config::diag::Diagnostic;
use crate::config::index::{Index, Protocol};
use crate::config::keys::{Field, Path};
use crate::config::routing::list::CommunityList;
use crate::config::routing::policy::Action;
use crate::config::routing::raw::{MatchRoutesRaw, RouteMapEntryRaw, RpkiRaw, SetRaw, ThenRaw};
use crate::config::source::{Located, Span};
use crate::types::{Community, LargeCommunity, PolicyName};
use std::collections::{BTreeMap, BTreeSet};

/// The calls of each route-map: whom, and where that is written.
type Calls<'r> = BTreeMap<&'r PolicyName, Vec<Located<&'r PolicyName>>>;

impl<'r> Policy<'r> {
    /// What holds of the maps whoever uses them.
    pub(in crate::config) fn fit_together(&self, rpki: &Field<RpkiRaw>, cx: &mut Checking<'r>) {
        for (name, (_, entries)) in &self.maps {
            let path = Path::of(&["route-maps", name.as_ref()]);
            numbers_rise(entries, &path, cx);
            routes_go_forward(entries, cx);
        }
        self.no_call_comes_back(cx);
        self.caches_are_asked(rpki, cx);
    }

    fn calls(&self, index: &'r Index) -> Calls<'r> {
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

    /// The maps that a protocol uses, itself or by calls, each with the place where it does.
    pub(in crate::config) fn users(
        &self,
        protocol: Protocol,
        index: &'r Index,
    ) -> BTreeMap<&'r PolicyName, Span> {
        let calls = self.calls(index);
        let own = index.users.iter().filter(|(user, _)| *user == protocol);
        let mut todo: Vec<(&PolicyName, Span)> = own.map(|(_, map)| (&map.value, map.span)).collect();
        let mut users = BTreeMap::new();
        while let Some((name, place)) = todo.pop() {
            if users.contains_key(name) {
                continue;
            }
            users.insert(name, place);
            let called = calls.get(name).into_iter().flatten();
            todo.extend(called.map(|call| (call.value, place)));
        }
        users
    }

    /// A daemon that does not know a condition keeps the entry without it, and leaves out what it cannot set.
    pub(in crate::config) fn fit_their_users(&self, cx: &mut Checking<'r>) {
        let index = cx.index;
        for protocol in [Protocol::Bgp, Protocol::Ospf, Protocol::Ospf6, Protocol::Isis] {
            for (name, place) in self.users(protocol, index) {
                let entries = self.maps.get(name).map_or(&[][..], |(_, entries)| *entries);
                if protocol == Protocol::Bgp {
                    something_is_left_without_caches(name, entries, cx);
                }
                for entry in entries {
                    self.fits(&entry.value, protocol, place, cx);
                }
            }
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

    fn fits(&self, entry: &RouteMapEntryRaw, protocol: Protocol, user: Span, cx: &mut Checking<'_>) {
        if let Some(place) = entry.set.get().and_then(|set| set.src.span()) {
            cx.report(
                Diagnostic::error(E0709, place, format!("{protocol} sets no source address"))
                    .label("it would do nothing here")
                    .also(user, "the map is used here")
                    .hint("use the map in [frr] extra-file: `ip protocol bgp route-map NAME`"),
            );
        }
        if protocol == Protocol::Bgp {
            return;
        }
        if let Some((what, place)) = self.unknown_to(protocol, entry) {
            cx.report(
                Diagnostic::error(E0389, place, format!("{protocol} cannot match {what}"))
                    .label("without this condition the entry takes every route")
                    .also(user, "the map is used here")
                    .hint(match protocol {
                        Protocol::Ospf => "match a prefix-list of IPv4 prefixes alone, or a tag",
                        Protocol::Ospf6 => "match a prefix-list of IPv6 prefixes alone, or a tag",
                        Protocol::Bgp | Protocol::Isis => "match a prefix-list",
                    }),
            );
        }
        if let Some((what, place)) = entry.set.get().and_then(set_only_in_bgp) {
            cx.report(
                Diagnostic::warning(E0713, place, format!("{protocol} does not set {what}"))
                    .also(user, "the map is used here")
                    .hint("remove it, or give each protocol a map of its own"),
            );
        }
    }

    /// The first condition that the daemon of a protocol does not know, as both releases of FRR were seen to do: they print the
    /// condition, and the entry takes every route. A prefix-list of both families becomes an entry for each of them.
    fn unknown_to(&self, protocol: Protocol, entry: &RouteMapEntryRaw) -> Option<(&'static str, Span)> {
        let matches = entry.matches.get()?;
        let members = |list: &Field<PolicyName>, family| {
            let list = list.located()?;
            has_members(self.lists.get(list.value)?, family).then_some(list.span)
        };
        let prefixes = |family| members(&matches.prefix_list, family);
        let hops = |family| members(&matches.next_hop, family);
        let metric = ("a metric", matches.metric.span());
        let conditions = match protocol {
            Protocol::Bgp => return None,
            Protocol::Ospf => vec![
                metric,
                ("IPv6 prefixes", prefixes(Family::V6)),
                ("IPv6 next hops", hops(Family::V6)),
            ],
            Protocol::Ospf6 => vec![
                metric,
                ("IPv4 prefixes", prefixes(Family::V4)),
                ("a next hop", matches.next_hop.span()),
            ],
            Protocol::Isis => vec![
                metric,
                ("a next hop", matches.next_hop.span()),
                ("a tag", matches.tag.span()),
                ("an interface", matches.interface.span()),
            ],
        };
        let unknown = conditions
            .into_iter()
            .find_map(|(what, place)| Some((what, place?)));
        only_in_bgp(matches).or(unknown)
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
    for entry in entries.iter().rev() {
        if let Some(then) = entry.value.then.located() {
            match (entry.value.action.located(), then.value) {
                (Some(action), _) if *action.value == Action::Deny => cx.report(
                    Diagnostic::error(E0705, then.span, "a route that is denied goes nowhere")
                        .label("FRR would leave out the whole entry")
                        .also(action.span, "denied here"),
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

/// While no cache is in sync a route is neither valid nor notfound.
fn something_is_left_without_caches(
    name: &PolicyName,
    entries: &[Located<RouteMapEntryRaw>],
    cx: &mut Checking<'_>,
) {
    let permits = |entry: &&Located<RouteMapEntryRaw>| entry.value.action.value() == Some(Action::Permit);
    let asks = |entry: &Located<RouteMapEntryRaw>| entry.value.matches.get()?.rpki.copied();
    let permitting: Vec<_> = entries.iter().filter(permits).map(asks).collect();
    let first = permitting.first().copied().flatten();
    let Some(first) = first.filter(|_| permitting.iter().all(Option::is_some)) else {
        return;
    };
    cx.report(
        Diagnostic::warning(
            E0708,
            first.span,
            format!("'{name}' drops everything while no RPKI cache is in sync"),
        )
        .label(format!("a route is not {} then either", first.value.name()))
        .hint("deny what is invalid, and permit the rest"),
    );
}

/// The first condition that bgpd alone knows.
fn only_in_bgp(matches: &MatchRoutesRaw) -> Option<(&'static str, Span)> {
    let known = [
        ("an AS path", matches.as_path_list.span()),
        ("a community", matches.community_list.span()),
        ("a large community", matches.large_community_list.span()),
        ("a local preference", matches.local_preference.span()),
        ("an origin", matches.origin.span()),
        ("a neighbour of BGP", matches.peer.span()),
        ("what RPKI says", matches.rpki.span()),
        ("the source protocol", matches.source_protocol.span()),
    ];
    known.into_iter().find_map(|(what, place)| Some((what, place?)))
}

/// The first setting that bgpd alone knows.
fn set_only_in_bgp(set: &SetRaw) -> Option<(&'static str, Span)> {
    let known = [
        ("a path", set.as_path_prepend.span()),
        ("a path", set.as_path_exclude.span()),
        ("communities", set.community.span()),
        ("large communities", set.large_community.span()),
        ("communities", set.delete_community.span()),
        ("large communities", set.delete_large_community.span()),
        ("a local preference", set.local_preference.span()),
        ("an origin", set.origin.span()),
        ("a weight", set.weight.span()),
    ];
    known.into_iter().find_map(|(what, place)| Some((what, place?)))
}

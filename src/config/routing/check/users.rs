//! Route-maps against who uses them: each daemon knows its own conditions and settings.

use super::policy::{Family, Policy, has_members};
use crate::config::check::Checking;
use crate::config::code::{E0389, E0708, E0709, E0713};
use crate::config::diag::Diagnostic;
use crate::config::index::{Index, Protocol};
use crate::config::keys::Field;
use crate::config::routing::policy::Action;
use crate::config::routing::raw::{MatchRoutesRaw, RouteMapEntryRaw, SetRaw};
use crate::config::source::{Located, Span};
use crate::types::PolicyName;
use std::collections::BTreeMap;

impl<'r> Policy<'r> {
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
        self.something_is_redistributed(cx);
        let index = cx.index;
        for protocol in [Protocol::Bgp, Protocol::Ospf, Protocol::Ospf6, Protocol::Isis] {
            for (name, place) in self.users(protocol, index) {
                let entries = self.maps.get(name).map_or(&[][..], |(_, entries)| *entries);
                if protocol == Protocol::Bgp {
                    something_is_left_without_caches(name, entries, cx);
                }
                for entry in entries {
                    self.fits(&entry.value, self.open_maps.contains(name), protocol, place, cx);
                }
            }
        }
    }

    /// A protocol of one family redistributes nothing by a map whose entries are all of the other.
    fn something_is_redistributed(&self, cx: &mut Checking<'r>) {
        for (protocol, used) in &cx.index.users {
            let family = match protocol {
                Protocol::Ospf => Family::V4,
                Protocol::Ospf6 => Family::V6,
                Protocol::Bgp | Protocol::Isis => continue,
            };
            let map = Located {
                value: &used.value,
                span: used.span,
            };
            self.lets_a_route_through(map, family, format!("{protocol} announces nothing by it"), cx);
        }
    }

    fn fits(
        &self,
        entry: &RouteMapEntryRaw,
        is_open: bool,
        protocol: Protocol,
        user: Span,
        cx: &mut Checking<'_>,
    ) {
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
        if let Some((what, place)) = self.unknown_to(protocol, entry, is_open) {
            cx.report(
                Diagnostic::error(E0389, place, format!("{protocol} cannot match {what}"))
                    .label("without this condition the entry takes every route")
                    .also(user, "the map is used here")
                    .hint(match protocol {
                        Protocol::Ospf | Protocol::Ospf6 => "match a prefix-list or a tag",
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
    /// condition, and the entry takes every route. A prefix-list of both families becomes an entry for each of them, and the
    /// copy of the map for a protocol of one family has no entries of the other: but what `extra-file` adds to is not copied.
    fn unknown_to(
        &self,
        protocol: Protocol,
        entry: &RouteMapEntryRaw,
        is_open: bool,
    ) -> Option<(&'static str, Span)> {
        let matches = entry.matches.get()?;
        let members = |list: &Field<PolicyName>, family| {
            let list = list.located()?;
            has_members(self.lists.get(list.value)?, family).then_some(list.span)
        };
        let foreign = |list, family| members(list, family).filter(|_| is_open);
        let prefixes = |family| foreign(&matches.prefix_list, family);
        // What the document does not define may be of either family.
        let is_of_v4 = |list: &PolicyName| {
            self.lists
                .get(list)
                .is_some_and(|it| !has_members(it, Family::V6))
        };
        let is_left_out = matches.next_hop.get().is_some_and(is_of_v4) && !is_open;
        let next_hop6 = matches.next_hop.span().filter(|_| !is_left_out);
        let metric = ("a metric", matches.metric.span());
        let conditions = match protocol {
            Protocol::Bgp => return None,
            Protocol::Ospf => vec![
                metric,
                ("IPv6 prefixes", prefixes(Family::V6)),
                ("IPv6 next hops", foreign(&matches.next_hop, Family::V6)),
            ],
            Protocol::Ospf6 => vec![
                metric,
                ("IPv4 prefixes", prefixes(Family::V4)),
                ("a next hop", next_hop6),
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

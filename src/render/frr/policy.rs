//! Route-maps.

mod copies;
mod statics;

pub(super) use copies::Copies;
pub(super) use statics::{Held, Of};

use super::Frr;
use super::numbers::{self, ENTRIES};
use super::prefix_list::PrefixLists;
use super::rpki;
use super::running::Numbered;
use crate::config::{
    Action, Adjustment, ListMatch, Model, Origin, Prepend, RouteMap, RouteMapEntry, RouteMapSet,
    SetCommunities, SourceProtocol, Then, Validity,
};
use crate::render::engine::Phrase;
use crate::types::PolicyName;
use minijinja::Value;
use serde::Serialize;
use std::collections::HashMap;
use std::fmt::Display;
use std::net::IpAddr;

/// One entry of a route-map as FRR has it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Entry<'m> {
    map: String,
    action: Action,
    sequence: u32,
    call: Option<String>,
    /// The same as the document names it.
    #[serde(skip)]
    called: Option<&'m str>,
    description: Option<Value>,
    as_path_list: Option<&'m PolicyName>,
    community_list: Option<&'m PolicyName>,
    community_list_exact: bool,
    interface: Option<&'m str>,
    prefix_list: Option<&'m str>,
    next_hop_list: Option<&'m str>,
    prefix_list6: Option<&'m str>,
    next_hop_list6: Option<&'m str>,
    large_community_list: Option<&'m PolicyName>,
    large_community_list_exact: bool,
    local_preference: Option<u32>,
    metric: Option<u32>,
    origin: Option<&'static str>,
    peer: Option<&'m str>,
    rpki: Option<&'static str>,
    source_protocol: Option<&'static str>,
    tag: Option<u32>,
    /// Where a permitted route goes on: `next`, or `goto` with this number.
    on_match: Option<OnMatch>,
    set: Set<'m>,
}

#[derive(Debug, Clone, Serialize)]
struct OnMatch {
    goto: Option<u32>,
}

/// The `set` lines, in FRR's order.
#[derive(Debug, Clone, Serialize)]
struct Set<'m> {
    as_path_exclude: Vec<u32>,
    as_path_prepend: Vec<u32>,
    as_path_prepend_last: Option<u8>,
    delete_community: Option<&'m PolicyName>,
    communities: Vec<String>,
    /// Whether the communities are added to those of the route.
    communities_additive: bool,
    next_hop: Option<IpAddr>,
    next_hop6: Option<IpAddr>,
    delete_large_community: Option<&'m PolicyName>,
    large_communities: Vec<String>,
    large_communities_additive: bool,
    local_preference: Option<String>,
    metric: Option<String>,
    origin: Option<&'static str>,
    src: Option<IpAddr>,
    tag: Option<u32>,
    weight: Option<u32>,
}

/// Which families an entry is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Both,
    V4,
    V6,
}

/// The entries of every route-map. Those with a `seq` have it as their number where there is room for the others between; the
/// others keep what they had, or are numbered 10, 20 … With them, the maps that some daemons have a copy of.
pub(super) fn route_maps<'m>(
    model: &'m Model,
    lists: &'m PrefixLists<'m>,
    frr: &Frr,
    running: &Numbered<'_>,
) -> (Vec<Entry<'m>>, Copies<'m>) {
    let maps = model.route_maps.iter();
    let entries = maps.flat_map(|(name, map)| route_map(name, map, lists, frr, running));
    let entries: Vec<Entry<'m>> = entries.collect();
    let copies = Copies::of(model, &entries);
    (copies.add_to(entries), copies)
}

fn route_map<'m>(
    name: &'m PolicyName,
    map: &'m RouteMap,
    lists: &'m PrefixLists<'m>,
    frr: &Frr,
    running: &Numbered<'_>,
) -> Vec<Entry<'m>> {
    // Without its module bgpd never matches an entry that asks RPKI: it is as if it were not there.
    let is_known = |entry: &&RouteMapEntry| entry.matches.rpki.is_none() || rpki::is_known(frr);
    let written: Vec<&RouteMapEntry> = map.entries.iter().filter(is_known).collect();
    let groups: Vec<Vec<Entry<'m>>> = written.iter().map(|it| frr_entries(name, it, lists)).collect();
    let groups = match groups.iter().all(Vec::is_empty) {
        true => vec![vec![Entry::denying(name.to_string())]],
        false => groups,
    };
    let seqs = written.iter().map(|entry| entry.seq.map(u32::from));
    // The first entry of each has its number.
    let pins: Vec<Option<u32>> = groups
        .iter()
        .zip(seqs.chain(std::iter::repeat(None)))
        .flat_map(|(group, seq)| (0..group.len()).map(move |at| seq.filter(|_| at == 0)))
        .collect();
    let wanted: Vec<String> = groups.iter().flatten().map(Entry::decides_on).collect();
    let numbers = numbers::around(&pins, running.route_map(name), &wanted, &ENTRIES);
    let mut numbers = numbers.into_iter();
    let numbers: Vec<Vec<u32>> = groups
        .iter()
        .map(|group| numbers.by_ref().take(group.len()).collect())
        .collect();
    let places: HashMap<u16, usize> = written
        .iter()
        .enumerate()
        .filter_map(|(at, entry)| Some((entry.seq?, at)))
        .collect();
    let mut entries = Vec::new();
    for (at, group) in groups.into_iter().enumerate() {
        let then = written.get(at).and_then(|entry| entry.then);
        let on_match = then.map(|then| match then {
            Then::Next => target(at + 1, &numbers).filter(|_| has_parts(&group)),
            Then::Seq(seq) => {
                let behind = || numbers.iter().flatten().last().map(|last| last + 1);
                let place = places.get(&seq).copied().unwrap_or(at + 1);
                target(place, &numbers).or_else(behind)
            }
        });
        for (mut entry, number) in group.into_iter().zip(&numbers[at]) {
            entry.sequence = *number;
            entry.on_match = on_match.map(|goto| OnMatch { goto });
            entries.push(entry);
        }
    }
    entries
}

/// The first number of this group or of one behind it: of a list without members there is no entry.
fn target(group: usize, numbers: &[Vec<u32>]) -> Option<u32> {
    numbers.iter().skip(group).flatten().next().copied()
}

/// Whether a route may match several of the entries: one that goes on must not come to the others.
fn has_parts(group: &[Entry<'_>]) -> bool {
    group.iter().filter(|entry| entry.prefix_list.is_some()).count() > 1
        || group.iter().filter(|entry| entry.prefix_list6.is_some()).count() > 1
}

/// What FRR has for one entry: an entry with an `ip` and an `ipv6` match never matches, so one over a list with both families
/// becomes one for each, and one for each part of the list.
fn frr_entries<'m>(
    map: &'m PolicyName,
    entry: &'m RouteMapEntry,
    lists: &'m PrefixLists<'m>,
) -> Vec<Entry<'m>> {
    let (prefixes, hops) = (
        entry.matches.prefix_list.as_ref(),
        entry.matches.next_hop.as_ref(),
    );
    if prefixes.is_none() && hops.is_none() {
        return vec![frr_entry(map, entry, Family::Both, None, None)];
    }
    let family = |family: Family| {
        let parts = |list: Option<&PolicyName>| -> Vec<Option<&'m str>> {
            let Some(list) = list else { return vec![None] };
            let parts = match family {
                Family::V6 => lists.parts6(list),
                _ => lists.parts4(list),
            };
            parts.iter().map(|part| Some(part.as_str())).collect()
        };
        let hops = parts(hops);
        let both = parts(prefixes).into_iter();
        both.flat_map(move |part| hops.clone().into_iter().map(move |hop| (part, hop)))
            .map(move |(part, hop)| frr_entry(map, entry, family, part, hop))
    };
    family(Family::V4).chain(family(Family::V6)).collect()
}

fn frr_entry<'m>(
    map: &'m PolicyName,
    entry: &'m RouteMapEntry,
    family: Family,
    list: Option<&'m str>,
    hops: Option<&'m str>,
) -> Entry<'m> {
    let matches = &entry.matches;
    let name = |list: &'m Option<ListMatch>| list.as_ref().map(|list| &list.name);
    let is_exact = |list: &Option<ListMatch>| list.as_ref().is_some_and(|list| list.exact);
    Entry {
        action: entry.action,
        call: entry.call.as_ref().map(ToString::to_string),
        called: entry.call.as_ref().map(AsRef::as_ref),
        description: entry
            .description
            .as_ref()
            .map(|text| Phrase::value(text.as_ref())),
        as_path_list: matches.as_path_list.as_ref(),
        community_list: name(&matches.community_list),
        community_list_exact: is_exact(&matches.community_list),
        interface: matches.interface.as_deref(),
        prefix_list: list.filter(|_| family == Family::V4),
        next_hop_list: hops.filter(|_| family == Family::V4),
        prefix_list6: list.filter(|_| family == Family::V6),
        next_hop_list6: hops.filter(|_| family == Family::V6),
        large_community_list: name(&matches.large_community_list),
        large_community_list_exact: is_exact(&matches.large_community_list),
        local_preference: matches.local_preference,
        metric: matches.metric,
        origin: matches.origin.map(Origin::name),
        peer: matches.peer.as_deref(),
        rpki: matches.rpki.map(Validity::name),
        source_protocol: matches.source_protocol.map(SourceProtocol::name),
        tag: matches.tag,
        set: set(&entry.set, family),
        ..Entry::denying(map.to_string())
    }
}

impl<'m> Entry<'m> {
    /// An entry that denies every route.
    fn denying(map: String) -> Self {
        Self {
            map,
            action: Action::Deny,
            sequence: 0,
            call: None,
            called: None,
            description: None,
            as_path_list: None,
            community_list: None,
            community_list_exact: false,
            interface: None,
            prefix_list: None,
            next_hop_list: None,
            prefix_list6: None,
            next_hop_list6: None,
            large_community_list: None,
            large_community_list_exact: false,
            local_preference: None,
            metric: None,
            origin: None,
            peer: None,
            rpki: None,
            source_protocol: None,
            tag: None,
            on_match: None,
            set: set(&NOTHING, Family::Both),
        }
    }

    /// Its action and its matches, as they stand in frr.conf: as long as they are the same it is the same entry, and keeps
    /// its number.
    fn decides_on(&self) -> String {
        let mut key = match self.action {
            Action::Permit => "permit".to_owned(),
            Action::Deny => "deny".to_owned(),
        };
        let mut add = |line: &str, value: Option<&str>| {
            for word in value.map(|value| [line, value]).into_iter().flatten() {
                key.push_str(word);
            }
        };
        let exact = |list: Option<&PolicyName>, is_exact: bool| {
            list.map(|list| format!("{list}{}", if is_exact { " exact-match" } else { "" }))
        };
        let number = |number: Option<u32>| number.map(|it| it.to_string());
        add(" match as-path ", self.as_path_list.map(AsRef::as_ref));
        let list = exact(self.community_list, self.community_list_exact);
        add(" match community ", list.as_deref());
        add(" match interface ", self.interface);
        add(" match ip address prefix-list ", self.prefix_list);
        add(" match ip next-hop prefix-list ", self.next_hop_list);
        add(" match ipv6 address prefix-list ", self.prefix_list6);
        add(" match ipv6 next-hop prefix-list ", self.next_hop_list6);
        let list = exact(self.large_community_list, self.large_community_list_exact);
        add(" match large-community ", list.as_deref());
        add(
            " match local-preference ",
            number(self.local_preference).as_deref(),
        );
        add(" match metric ", number(self.metric).as_deref());
        add(" match origin ", self.origin);
        add(" match peer ", self.peer);
        add(" match rpki ", self.rpki);
        add(" match source-protocol ", self.source_protocol);
        add(" match tag ", number(self.tag).as_deref());
        key
    }
}

/// What an entry without `set` sets.
static NOTHING: RouteMapSet = RouteMapSet {
    local_preference: None,
    metric: None,
    weight: None,
    tag: None,
    next_hop: None,
    next_hop6: None,
    origin: None,
    as_path_prepend: None,
    as_path_exclude: Vec::new(),
    delete_community: None,
    delete_large_community: None,
    communities: SetCommunities::Kept,
    large_communities: SetCommunities::Kept,
    src: None,
};

fn set(written: &RouteMapSet, family: Family) -> Set<'_> {
    let of_family = |address: Option<IpAddr>| {
        address.filter(|it| match family {
            Family::Both => true,
            Family::V4 => it.is_ipv4(),
            Family::V6 => it.is_ipv6(),
        })
    };
    let (communities, communities_additive) = communities(&written.communities);
    let (large_communities, large_communities_additive) = self::communities(&written.large_communities);
    let (prepend, last) = match &written.as_path_prepend {
        Some(Prepend::Asns(asns)) => (asns.iter().map(|asn| asn.get()).collect(), None),
        Some(Prepend::LastAs(times)) => (Vec::new(), Some(*times)),
        None => (Vec::new(), None),
    };
    Set {
        as_path_exclude: written.as_path_exclude.iter().map(|asn| asn.get()).collect(),
        as_path_prepend: prepend,
        as_path_prepend_last: last,
        delete_community: written.delete_community.as_ref(),
        communities,
        communities_additive,
        next_hop: of_family(written.next_hop.map(IpAddr::V4)),
        next_hop6: of_family(written.next_hop6.map(IpAddr::V6)),
        delete_large_community: written.delete_large_community.as_ref(),
        large_communities,
        large_communities_additive,
        local_preference: written.local_preference.as_ref().map(Adjustment::to_string),
        metric: written.metric.as_ref().map(Adjustment::to_string),
        origin: written.origin.map(Origin::name),
        src: of_family(written.src),
        tag: written.tag,
        weight: written.weight,
    }
}

/// The words of a `set` line, and whether they are added.
fn communities<C: Display>(set: &SetCommunities<C>) -> (Vec<String>, bool) {
    match set {
        SetCommunities::Kept => (Vec::new(), false),
        SetCommunities::Removed => (vec!["none".to_owned()], false),
        SetCommunities::Replaced(these) => (these.iter().map(C::to_string).collect(), false),
        SetCommunities::Added(these) => (these.iter().map(C::to_string).collect(), true),
    }
}

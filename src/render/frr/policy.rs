//! Community-lists and route-maps.

use super::numbers::{self, ENTRIES, MEMBERS};
use super::prefix_list::PrefixLists;
use super::running::Numbered;
use crate::config::{Action, Model, RouteMapEntry, RouteMapSet};
use crate::render::engine::Phrase;
use crate::types::PolicyName;
use minijinja::Value;
use serde::Serialize;
use std::net::IpAddr;

/// One member of a community-list; a route that carries any of them matches.
#[derive(Debug, Serialize)]
pub(super) struct CommunityMember<'m> {
    list: &'m PolicyName,
    sequence: u32,
    community: String,
}

/// Every member of every list, each with its own number: bgpd matches any of the lines.
pub(super) fn community_lists<'m>(model: &'m Model, running: &Numbered<'_>) -> Vec<CommunityMember<'m>> {
    let mut members = Vec::new();
    for (list, it) in &model.community_lists {
        let mut communities = it.members.clone();
        communities.dedup();
        let texts: Vec<String> = communities.iter().map(|it| format!("permit {it}")).collect();
        let wanted: Vec<&str> = texts.iter().map(String::as_str).collect();
        let before = running.parts("bgp community-list standard ", list);
        let before = before
            .and_then(|parts| parts.get(&1))
            .map_or(&[][..], Vec::as_slice);
        let numbers = numbers::of(before, &wanted, &MEMBERS);
        let numbered = communities.iter().zip(numbers);
        members.extend(numbered.map(|(community, sequence)| CommunityMember {
            list,
            sequence,
            community: community.to_string(),
        }));
    }
    members
}

/// One entry of a route-map as FRR has it.
#[derive(Debug, Serialize)]
pub(super) struct Entry<'m> {
    map: &'m PolicyName,
    action: Action,
    sequence: u32,
    description: Option<Value>,
    community_list: Option<&'m PolicyName>,
    prefix_list: Option<&'m str>,
    prefix_list6: Option<&'m str>,
    tag: Option<u32>,
    set: Set,
}

/// The `set` lines, in FRR's order.
#[derive(Debug, Serialize)]
struct Set {
    as_path_prepend: Vec<u32>,
    communities: Vec<String>,
    additive: bool,
    next_hop: Option<IpAddr>,
    next_hop6: Option<IpAddr>,
    large_communities: Vec<String>,
    local_preference: Option<u32>,
    metric: Option<u32>,
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

/// The entries of every route-map, numbered 10, 20 … where they have no number yet.
pub(super) fn route_maps<'m>(
    model: &'m Model,
    lists: &'m PrefixLists<'m>,
    running: &Numbered<'_>,
) -> Vec<Entry<'m>> {
    let mut all = Vec::new();
    for (map, it) in &model.route_maps {
        let entries = it.entries.iter();
        let mut entries: Vec<Entry<'_>> = entries.flat_map(|entry| frr_entries(map, entry, lists)).collect();
        let wanted: Vec<String> = entries.iter().map(Entry::decides_on).collect();
        let numbers = numbers::of(running.route_map(map), &wanted, &ENTRIES);
        for (entry, number) in entries.iter_mut().zip(numbers) {
            entry.sequence = number;
        }
        all.append(&mut entries);
    }
    all
}

/// What FRR has for one entry: an entry with an `ip` and an `ipv6` match never matches, so one over a list with both families
/// becomes one for each, and one for each part of the list.
fn frr_entries<'m>(
    map: &'m PolicyName,
    entry: &'m RouteMapEntry,
    lists: &'m PrefixLists<'m>,
) -> Vec<Entry<'m>> {
    let Some(list) = &entry.matches.prefix_list else {
        return vec![frr_entry(map, entry, Family::Both, None)];
    };
    let (v4, v6) = (lists.parts4(list).iter(), lists.parts6(list).iter());
    let v4 = v4.map(|part| frr_entry(map, entry, Family::V4, Some(part)));
    let v6 = v6.map(|part| frr_entry(map, entry, Family::V6, Some(part)));
    v4.chain(v6).collect()
}

fn frr_entry<'m>(
    map: &'m PolicyName,
    entry: &'m RouteMapEntry,
    family: Family,
    list: Option<&'m str>,
) -> Entry<'m> {
    Entry {
        map,
        action: entry.action,
        sequence: 0,
        description: entry
            .description
            .as_ref()
            .map(|text| Phrase::value(text.as_ref())),
        community_list: entry.matches.community_list.as_ref(),
        prefix_list: list.filter(|_| family == Family::V4),
        prefix_list6: list.filter(|_| family == Family::V6),
        tag: entry.matches.tag,
        set: set(&entry.set, family),
    }
}

impl Entry<'_> {
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
        add(" match community ", self.community_list.map(AsRef::as_ref));
        add(" match ip address prefix-list ", self.prefix_list);
        add(" match ipv6 address prefix-list ", self.prefix_list6);
        add(" match tag ", self.tag.map(|tag| tag.to_string()).as_deref());
        key
    }
}

fn set(written: &RouteMapSet, family: Family) -> Set {
    let mut communities = written.communities.clone();
    communities.sort_unstable();
    communities.dedup();
    Set {
        as_path_prepend: written.as_path_prepend.iter().map(|asn| asn.get()).collect(),
        communities: communities.iter().map(ToString::to_string).collect(),
        additive: written.additive,
        next_hop: written
            .next_hop
            .filter(|hop| hop.is_ipv4() && family != Family::V6),
        next_hop6: written
            .next_hop
            .filter(|hop| hop.is_ipv6() && family != Family::V4),
        large_communities: written
            .large_communities
            .iter()
            .map(ToString::to_string)
            .collect(),
        local_preference: written.local_preference,
        metric: written.metric,
        tag: written.tag,
        weight: written.weight,
    }
}

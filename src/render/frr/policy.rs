//! Prefix-lists, community-lists and route-maps.

use super::digits;
use crate::config::{Action, Model, PrefixList, PrefixRule, RouteMapEntry, RouteMapSet};
use crate::render::engine::{Block, Phrase};
use crate::types::{Community, PolicyName};
use ipnet::{Ipv4Net, Ipv6Net};
use minijinja::Value;
use serde::Serialize;
use std::net::IpAddr;

/// The IPv4 prefix-lists as one block of lines: 250,000 of them are written in one go.
pub(super) fn prefix_lists4(model: &Model) -> Value {
    lists(
        model,
        "ip prefix-list ",
        |list| &list.v4,
        |out, rule: &PrefixRule<Ipv4Net>| {
            digits::ipv4(out, rule.prefix.addr());
            rule.prefix.prefix_len()
        },
    )
}

/// The IPv6 prefix-lists.
pub(super) fn prefix_lists6(model: &Model) -> Value {
    lists(
        model,
        "ipv6 prefix-list ",
        |list| &list.v6,
        |out, rule: &PrefixRule<Ipv6Net>| {
            digits::ipv6(out, rule.prefix.addr());
            rule.prefix.prefix_len()
        },
    )
}

fn lists<N>(
    model: &Model,
    start: &str,
    members: fn(&PrefixList) -> &Vec<PrefixRule<N>>,
    address: fn(&mut String, &PrefixRule<N>) -> u8,
) -> Value {
    let entries: usize = model.prefix_lists.values().map(|list| members(list).len()).sum();
    let mut out = String::with_capacity(entries * 72);
    for (name, list) in &model.prefix_lists {
        for (rule, number) in members(list).iter().zip(1_u32..) {
            out.push_str(start);
            out.push_str(name.as_ref());
            out.push_str(" seq ");
            digits::number(&mut out, number * 5);
            out.push_str(match rule.action {
                Action::Permit => " permit ",
                Action::Deny => " deny ",
            });
            let length = address(&mut out, rule);
            out.push('/');
            digits::number(&mut out, length.into());
            bound(&mut out, " ge ", rule.ge);
            bound(&mut out, " le ", rule.le);
            out.push('\n');
        }
    }
    Block::value(out)
}

fn bound(out: &mut String, word: &str, length: u8) {
    if length != 0 {
        out.push_str(word);
        digits::number(out, length.into());
    }
}

/// One member of a community-list; a route that carries any of them matches.
#[derive(Debug, Serialize)]
pub(super) struct CommunityMember<'m> {
    list: &'m PolicyName,
    sequence: usize,
    community: String,
}

/// Every member of every list, each with its own number: bgpd matches any of the lines.
pub(super) fn community_lists(model: &Model) -> Vec<CommunityMember<'_>> {
    let mut members = Vec::new();
    for (list, it) in &model.community_lists {
        let mut seen: Vec<Community> = Vec::new();
        for community in &it.members {
            if !seen.contains(community) {
                seen.push(*community);
                members.push(CommunityMember {
                    list,
                    sequence: seen.len() * 5,
                    community: community.to_string(),
                });
            }
        }
    }
    members
}

/// One entry of a route-map as FRR has it.
#[derive(Debug, Serialize)]
pub(super) struct Entry<'m> {
    map: &'m PolicyName,
    action: Action,
    sequence: usize,
    description: Option<Value>,
    community_list: Option<&'m PolicyName>,
    prefix_list: Option<&'m PolicyName>,
    prefix_list6: Option<&'m PolicyName>,
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

/// The entries of every route-map, numbered 10, 20 …
pub(super) fn route_maps(model: &Model) -> Vec<Entry<'_>> {
    let mut entries = Vec::new();
    for (map, it) in &model.route_maps {
        let mut sequence = 0;
        for entry in &it.entries {
            for family in families(model, entry) {
                sequence += 10;
                entries.push(frr_entry(map, sequence, entry, family));
            }
        }
    }
    entries
}

/// An entry with an `ip` and an `ipv6` match never matches, so one over a mixed list becomes one per family.
fn families(model: &Model, entry: &RouteMapEntry) -> Vec<Family> {
    let Some(list) = &entry.matches.prefix_list else {
        return vec![Family::Both];
    };
    let ours = model.prefix_lists.get(list);
    let extra = model
        .frr_extra
        .as_ref()
        .and_then(|extra| extra.prefix_lists.get(list));
    let has_v4 = ours.is_some_and(|list| !list.v4.is_empty()) || extra.is_some_and(|list| list.v4);
    let has_v6 = ours.is_some_and(|list| !list.v6.is_empty()) || extra.is_some_and(|list| list.v6);
    let (v4, v6) = (has_v4.then_some(Family::V4), has_v6.then_some(Family::V6));
    v4.into_iter().chain(v6).collect()
}

fn frr_entry<'m>(
    map: &'m PolicyName,
    sequence: usize,
    entry: &'m RouteMapEntry,
    family: Family,
) -> Entry<'m> {
    let list = entry.matches.prefix_list.as_ref();
    Entry {
        map,
        action: entry.action,
        sequence,
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

//! Route-maps, decoded and checked one by one.

use super::check::{distinct, interface_exists};
use super::policy::{
    Action, ListMatch, Prepend, RouteMap, RouteMapEntry, RouteMapMatch, RouteMapSet, SetCommunities, Then,
};
use super::raw::{
    AsPathListsRaw, CommunitiesRaw, CommunityListsRaw, LargeCommunityListsRaw, ListMatchRaw, MatchRoutesRaw,
    PrependRaw, RouteMapEntryRaw, RouteMapsRaw, SetRaw, ThenRaw,
};
use crate::config::check::Checking;
use crate::config::code::{E0106, E0326, E0327};
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::keys::{Field, OneOrMore, Path};
use crate::config::source::Span;
use crate::types::{Asn, HostAddr, PolicyName};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How many entries FRR can number, with one more for a list of both families: 65535 numbers.
const MOST_ENTRIES: usize = 32_767;

/// `[[route-maps.NAME]]`, checked.
pub(in crate::config) fn route_maps(
    field: &Field<RouteMapsRaw>,
    cx: &mut Checking<'_>,
) -> BTreeMap<PolicyName, RouteMap> {
    let mut maps = BTreeMap::new();
    for (name, list) in field.entries() {
        let path = Path::of(&["route-maps", name.value.as_ref()]);
        let mut entries = Vec::new();
        for (index, table) in list.value.0.iter().enumerate() {
            let path = format!("{path}[{index}]");
            entries.extend(entry(&table.value, &path, cx));
        }
        if let Some(first) = list.value.0.get(MOST_ENTRIES) {
            let message = format!("'{path}' has {} entries", list.value.0.len());
            let error = Diagnostic::error(E0106, first.span, message);
            cx.report(error.label(format!(
                "expected at most {MOST_ENTRIES}: FRR has no more numbers for them"
            )));
        }
        let map = RouteMap {
            place: name.span,
            of_bgp: false,
            entries,
        };
        maps.insert(name.value.clone(), map);
    }
    maps
}

fn entry(raw: &RouteMapEntryRaw, path: &str, cx: &mut Checking<'_>) -> Option<RouteMapEntry> {
    let set = raw.set.get().map(|raw| set(raw, path, cx));
    let conditions = raw.matches.get().map(|raw| matches(raw, cx));
    let action = raw.action.copied()?;
    if let (Some(span), Action::Deny) = (raw.set.span(), action.value) {
        cx.report(
            Diagnostic::warning(E0326, span, "'set' has no effect in a deny entry")
                .also(action.span, "matching routes are dropped"),
        );
    }
    if raw.matches.is_written() && raw.matches.get().is_none() {
        return None;
    }
    Some(RouteMapEntry {
        seq: raw.seq.get().map(|seq| seq.get()),
        action: action.value,
        description: raw.description.value(),
        matches: conditions.unwrap_or_default(),
        set: set.unwrap_or_default(),
        call: raw.call.value(),
        then: raw.then.get().map(|then| match then {
            ThenRaw::Next => Then::Next,
            ThenRaw::Seq(seq) => Then::Seq(*seq),
        }),
    })
}

fn matches(raw: &MatchRoutesRaw, cx: &mut Checking<'_>) -> RouteMapMatch {
    let list = |list: &ListMatchRaw| ListMatch {
        name: list.name.value.clone(),
        exact: list.exact,
    };
    let interface = raw.interface.located();
    RouteMapMatch {
        prefix_list: raw.prefix_list.value(),
        next_hop: raw.next_hop.value(),
        as_path_list: raw.as_path_list.value(),
        community_list: raw.community_list.get().map(list),
        large_community_list: raw.large_community_list.get().map(list),
        rpki: raw.rpki.value(),
        interface: interface
            .filter(|name| interface_exists(*name, cx))
            .map(|name| name.value.clone()),
        peer: raw.peer.get().map(|peer| peer.0.clone()),
        metric: raw.metric.get().map(|metric| metric.get()),
        local_preference: raw.local_preference.get().map(|n| n.get()),
        source_protocol: raw.source_protocol.value(),
        origin: raw.origin.value(),
        tag: raw.tag.get().map(|tag| tag.get()),
    }
}

fn set(raw: &SetRaw, path: &str, cx: &mut Checking<'_>) -> RouteMapSet {
    let is_on = raw.additive.is_on();
    let names_any = raw.community.get().is_some_and(|it| !it.items().is_empty())
        || raw.large_community.get().is_some_and(|it| !it.items().is_empty());
    if let Some(additive) = raw.additive.span().filter(|_| is_on && !names_any) {
        cx.report(
            Diagnostic::error(E0327, additive, "'additive' needs a community to add")
                .hint("write `community` with the communities to add beside it, or remove it"),
        );
    }
    let (next_hop, next_hop6) = next_hops(&raw.next_hop, cx);
    RouteMapSet {
        local_preference: raw.local_preference.value(),
        metric: raw.metric.value(),
        weight: raw.weight.get().map(|n| n.get()),
        tag: raw.tag.get().map(|n| n.get()),
        next_hop,
        next_hop6,
        origin: raw.origin.value(),
        as_path_prepend: prepended(&raw.as_path_prepend, path, cx),
        as_path_exclude: raw.as_path_exclude.items().iter().map(|asn| asn.value).collect(),
        delete_community: raw.delete_community.value(),
        delete_large_community: raw.delete_large_community.value(),
        communities: communities(&raw.community, "community", path, is_on, cx),
        large_communities: communities(&raw.large_community, "large-community", path, is_on, cx),
        src: raw.src.get().map(|n| n.get()),
    }
}

/// The next hop of each family, which has one at most.
fn next_hops(
    field: &Field<OneOrMore<HostAddr>>,
    cx: &mut Checking<'_>,
) -> (Option<Ipv4Addr>, Option<Ipv6Addr>) {
    let (mut v4, mut v6) = (None, None);
    let mut seen: [Option<Span>; 2] = [None, None];
    for hop in field.items() {
        let (family, first) = match hop.value.get() {
            IpAddr::V4(address) => {
                v4.get_or_insert(address);
                ("IPv4", &mut seen[0])
            }
            IpAddr::V6(address) => {
                v6.get_or_insert(address);
                ("IPv6", &mut seen[1])
            }
        };
        match *first {
            None => *first = Some(hop.span),
            Some(first) => {
                let message = format!("two next hops for {family} routes");
                let error = Diagnostic::error(E0106, hop.span, message).also(first, "the other one");
                cx.report(error.hint("write one for each family at most"));
            }
        }
    }
    (v4, v6)
}

/// The longest path FRR is asked to prepend; longer ones are filtered by most of the Internet.
const LONGEST_PREPEND: usize = 16;

fn prepended(field: &Field<PrependRaw>, path: &str, cx: &mut Checking<'_>) -> Option<Prepend> {
    let asns = match field.get()? {
        PrependRaw::LastAs(times) => return Some(Prepend::LastAs(*times)),
        PrependRaw::Asns(asns) => asns,
    };
    if let Some(span) = field.span()
        && asns.len() > LONGEST_PREPEND
    {
        let message = format!("'{path}.set.as-path-prepend' has {} AS numbers", asns.len());
        let error = Diagnostic::error(E0106, span, message);
        cx.report(error.label(format!("expected at most {LONGEST_PREPEND}")));
    }
    let asns: Vec<Asn> = asns.iter().map(|asn| asn.value).collect();
    (!asns.is_empty()).then_some(Prepend::Asns(asns))
}

/// How many words FRR reads of a line; those behind are an unknown command.
const WORDS: usize = 255;
/// How many bytes FRR reads of a line.
const BYTES: usize = 4095;

/// The communities of a `set` line, sorted, as many as FRR reads. One more is reported: an entry has only one such line.
fn communities<C: Ord + Copy + Display>(
    field: &Field<CommunitiesRaw<C>>,
    key: &str,
    path: &str,
    additive: bool,
    cx: &mut Checking<'_>,
) -> SetCommunities<C> {
    let items = match field.get() {
        None => return SetCommunities::Kept,
        Some(CommunitiesRaw::None) => return SetCommunities::Removed,
        Some(CommunitiesRaw::These(items)) => items,
    };
    let mut communities: Vec<C> = distinct(items, cx).into_iter().map(|it| it.value).collect();
    communities.sort();
    let most = WORDS - "set community".split(' ').count() - usize::from(additive);
    let line = format!(" set {key}{}", if additive { " additive" } else { "" });
    let bytes = communities
        .iter()
        .map(|it| 1 + it.to_string().len())
        .sum::<usize>();
    let too_many = communities.len() > most;
    if let Some(span) = field.span()
        && (too_many || line.len() + bytes > BYTES)
    {
        let message = format!("'{path}.set.{key}' has {} communities", communities.len());
        let expected = match too_many {
            true => format!("expected at most {most}: FRR reads no more words on a line"),
            false => format!("expected fewer: FRR reads {BYTES} bytes of a line"),
        };
        cx.report(Diagnostic::error(E0106, span, message).label(expected));
    }
    match (communities.is_empty(), additive) {
        (true, _) => SetCommunities::Kept,
        (false, true) => SetCommunities::Added(communities),
        (false, false) => SetCommunities::Replaced(communities),
    }
}

/// Enters the lists and route-maps, and what route-maps use of them and of each other.
pub(in crate::config) fn index_policy(lists: Lists<'_>, route_maps: &Field<RouteMapsRaw>, index: &mut Index) {
    index.as_path_lists.define(lists.as_paths.names());
    index.community_lists.define(lists.communities.names());
    index
        .large_community_lists
        .define(lists.large_communities.names());
    index.route_maps.define(route_maps.names());
    let entries = route_maps.entries().iter().flat_map(|(_, list)| &list.value.0);
    for entry in entries {
        index.route_maps.used.extend(entry.value.call.copied());
        if let Some(matches) = entry.value.matches.get() {
            let list = |field: &Field<ListMatchRaw>| field.get().map(|list| list.name.clone());
            index.prefix_lists.used.extend(matches.prefix_list.copied());
            index.prefix_lists.used.extend(matches.next_hop.copied());
            index.as_path_lists.used.extend(matches.as_path_list.copied());
            index.community_lists.used.extend(list(&matches.community_list));
            index
                .large_community_lists
                .used
                .extend(list(&matches.large_community_list));
        }
        if let Some(set) = entry.value.set.get() {
            index.community_lists.used.extend(set.delete_community.copied());
            index
                .large_community_lists
                .used
                .extend(set.delete_large_community.copied());
        }
    }
}

/// The lists of what routes carry, as they were written.
#[derive(Clone, Copy)]
pub(in crate::config) struct Lists<'r> {
    /// `[as-path-lists]`.
    pub(in crate::config) as_paths: &'r Field<AsPathListsRaw>,
    /// `[community-lists]`.
    pub(in crate::config) communities: &'r Field<CommunityListsRaw>,
    /// `[large-community-lists]`.
    pub(in crate::config) large_communities: &'r Field<LargeCommunityListsRaw>,
}

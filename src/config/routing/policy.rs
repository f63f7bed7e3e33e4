//! `[prefix-lists]`, `[community-lists]` and `[[route-maps.NAME]]`.

use super::check::distinct;
use super::raw::{CommunityListsRaw, MatchRoutesRaw, RouteMapEntryRaw, RouteMapsRaw, SetRaw};
use crate::config::check::Checking;
use crate::config::code::{E0106, E0326, E0327};
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::keys::{Field, Path};
use crate::config::source::Located;
use crate::types::{Asn, Community, LargeCommunity, Line, PolicyName};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::IpAddr;

pub use super::prefix_list::{PrefixList, PrefixRule};

/// Let through, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)] // the names say it
pub enum Action {
    Permit,
    Deny,
}

/// `[community-lists] NAME = ["64500:1", …]`: matches a route that carries any of them.
#[derive(Debug)]
pub struct CommunityList {
    /// At least one; sorted.
    pub members: Vec<Community>,
}

/// `[[route-maps.NAME]]`, at most 32,767 entries; rendering numbers them.
#[derive(Debug, Default)]
pub struct RouteMap {
    /// The entries in order; at least one.
    pub entries: Vec<RouteMapEntry>,
}

/// One entry.
#[derive(Debug)]
pub struct RouteMapEntry {
    /// `action`.
    pub action: Action,
    /// `description`.
    pub description: Option<Line>,
    /// `match`; an entry over a list with both families becomes one FRR entry per family that has members.
    pub matches: RouteMapMatch,
    /// `set`.
    pub set: RouteMapSet,
}

/// `match = { … }`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RouteMapMatch {
    /// `prefix-list`; defined.
    pub prefix_list: Option<PolicyName>,
    /// `community-list`; defined.
    pub community_list: Option<PolicyName>,
    /// `tag`, 1 to 4294967295.
    pub tag: Option<u32>,
}

/// `set = { … }`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RouteMapSet {
    /// `local-preference`.
    pub local_preference: Option<u32>,
    /// `metric`.
    pub metric: Option<u32>,
    /// `weight`.
    pub weight: Option<u32>,
    /// `tag`.
    pub tag: Option<u32>,
    /// `next-hop`.
    pub next_hop: Option<IpAddr>,
    /// `as-path-prepend`: at most 16.
    pub as_path_prepend: Vec<Asn>,
    /// `community`, sorted.
    pub communities: Vec<Community>,
    /// `large-community`, sorted.
    pub large_communities: Vec<LargeCommunity>,
    /// `additive = true`: communities are added, not replaced.
    pub additive: bool,
}

/// `[community-lists]`, checked.
pub(in crate::config) fn community_lists(
    field: &Field<CommunityListsRaw>,
    cx: &mut Checking<'_>,
) -> BTreeMap<PolicyName, CommunityList> {
    let mut lists = BTreeMap::new();
    for (name, list) in field.entries() {
        let members = sorted(&list.value.0, cx);
        let list = CommunityList { members };
        lists.insert(name.value.clone(), list);
    }
    lists
}

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
        maps.insert(name.value.clone(), RouteMap { entries });
    }
    maps
}

fn entry(raw: &RouteMapEntryRaw, path: &str, cx: &mut Checking<'_>) -> Option<RouteMapEntry> {
    let set = raw.set.get().map(|raw| set(raw, path, cx));
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
        action: action.value,
        description: raw.description.value(),
        matches: raw.matches.get().map(matches).unwrap_or_default(),
        set: set.unwrap_or_default(),
    })
}

fn matches(raw: &MatchRoutesRaw) -> RouteMapMatch {
    RouteMapMatch {
        prefix_list: raw.prefix_list.value(),
        community_list: raw.community_list.value(),
        tag: raw.tag.get().map(|tag| tag.get()),
    }
}

fn set(raw: &SetRaw, path: &str, cx: &mut Checking<'_>) -> RouteMapSet {
    if let Some(additive) = raw.additive.span()
        && raw.additive.is_on()
        && raw.community.items().is_empty()
        && raw.large_community.items().is_empty()
    {
        cx.report(
            Diagnostic::error(E0327, additive, "'additive' needs a community to add")
                .hint("write `community` with the communities to add beside it, or remove it"),
        );
    }
    RouteMapSet {
        local_preference: raw.local_preference.get().map(|n| n.get()),
        metric: raw.metric.get().map(|n| n.get()),
        weight: raw.weight.get().map(|n| n.get()),
        tag: raw.tag.get().map(|n| n.get()),
        next_hop: raw.next_hop.get().map(|n| n.get()),
        as_path_prepend: prepended(&raw.as_path_prepend, path, cx),
        communities: fitting(&raw.community, "community", path, raw.additive.is_on(), cx),
        large_communities: fitting(
            &raw.large_community,
            "large-community",
            path,
            raw.additive.is_on(),
            cx,
        ),
        additive: raw.additive.is_on(),
    }
}

/// The longest path FRR is asked to prepend; longer ones are filtered by most of the Internet.
const LONGEST_PREPEND: usize = 16;

fn prepended(field: &Field<Vec<Located<Asn>>>, path: &str, cx: &mut Checking<'_>) -> Vec<Asn> {
    let asns = field.items();
    if let Some(span) = field.span()
        && asns.len() > LONGEST_PREPEND
    {
        let message = format!("'{path}.set.as-path-prepend' has {} AS numbers", asns.len());
        let error = Diagnostic::error(E0106, span, message);
        cx.report(error.label(format!("expected at most {LONGEST_PREPEND}")));
    }
    asns.iter().map(|asn| asn.value).collect()
}

/// How many words FRR reads of a line; those behind are an unknown command.
const WORDS: usize = 255;
/// How many bytes FRR reads of a line.
const BYTES: usize = 4095;

/// The communities of a `set` line, sorted, as many as FRR reads. One more is reported: an entry has only one such line.
fn fitting<T: Ord + Copy + Display>(
    field: &Field<Vec<Located<T>>>,
    key: &str,
    path: &str,
    additive: bool,
    cx: &mut Checking<'_>,
) -> Vec<T> {
    let communities = sorted(field.items(), cx);
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
    communities
}

/// Communities in the order FRR's running configuration has them, each once.
fn sorted<T: Ord + Copy + Display>(list: &[Located<T>], cx: &mut Checking<'_>) -> Vec<T> {
    let mut values: Vec<T> = distinct(list, cx).into_iter().map(|l| l.value).collect();
    values.sort();
    values
}

/// Enters the lists and route-maps, and the lists that route-maps use.
pub(in crate::config) fn index_policy(
    community_lists: &Field<CommunityListsRaw>,
    route_maps: &Field<RouteMapsRaw>,
    index: &mut Index,
) {
    index.community_lists.define(community_lists.names());
    index.route_maps.define(route_maps.names());
    let entries = route_maps.entries().iter().flat_map(|(_, list)| &list.value.0);
    for matches in entries.filter_map(|entry| entry.value.matches.get()) {
        index.prefix_lists.used.extend(matches.prefix_list.copied());
        index.community_lists.used.extend(matches.community_list.copied());
    }
}

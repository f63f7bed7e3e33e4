//! `[prefix-lists]`, `[community-lists]` and `[[route-maps.NAME]]`.

use super::check;
use crate::config::At;
use crate::config::code::{E0106, E0323, E0326, E0327, E0328};
use crate::config::diag::Diagnostic;
use crate::config::reader::{Cx, Located, Table, Value};
use crate::config::source::Span;
use crate::types::{Asn, Community, HostAddr, LargeCommunity, Line, PolicyName};
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
    /// Where it was written.
    pub at: At,
    /// At least one; sorted.
    pub members: Vec<Community>,
}

/// `[[route-maps.NAME]]`, numbered 10, 20 … by rendering.
#[derive(Debug, Default)]
pub struct RouteMap {
    /// The entries in order; at least one.
    pub entries: Vec<RouteMapEntry>,
}

/// One entry.
#[derive(Debug)]
pub struct RouteMapEntry {
    /// Where it was written.
    pub at: At,
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

/// `[community-lists]`.
pub(in crate::config) fn decode_community_lists(
    document: &mut Table<'_, '_>,
) -> BTreeMap<PolicyName, CommunityList> {
    let mut lists = BTreeMap::new();
    let table = document.table("community-lists");
    for (name, value) in table.map(Table::entries::<PolicyName>).into_iter().flatten() {
        let at = value.at();
        define(&value, &name);
        let Some(items) = value.items() else { continue };
        let members = sorted(value.cx(), items.filter_map(|item| item.text()).collect());
        if value.array().is_some_and(|array| array.is_empty()) {
            refuse_empty(&value);
        }
        lists.insert(name.value, CommunityList { at, members });
    }
    lists
}

fn define(value: &Value<'_, '_>, name: &Located<PolicyName>) {
    let mut index = value.cx().index.borrow_mut();
    index
        .community_lists
        .defined
        .insert(name.value.clone(), name.span);
}

/// A list FRR would not even have.
pub(in crate::config) fn refuse_empty(value: &Value<'_, '_>) {
    let message = format!("'{}' is empty", value.path());
    value.cx().report(
        Diagnostic::error(E0323, value.span(), message)
            .hint("write at least one member, or remove it and what uses it"),
    );
}

/// `[[route-maps.NAME]]`.
pub(in crate::config) fn decode_route_maps(document: &mut Table<'_, '_>) -> BTreeMap<PolicyName, RouteMap> {
    let mut maps = BTreeMap::new();
    let table = document.table("route-maps");
    for (name, value) in table.map(Table::entries::<PolicyName>).into_iter().flatten() {
        let cx = value.cx();
        let mut index = cx.index.borrow_mut();
        index.route_maps.defined.insert(name.value.clone(), name.span);
        drop(index);
        let Some(items) = value.items() else { continue };
        let mut entries = Vec::new();
        let mut catch_all: Option<Span> = None;
        for table in items.filter_map(|item| item.table()) {
            let span = table.span();
            if let Some(first) = catch_all {
                let message = format!("'{}' is never reached", table.path());
                cx.report(
                    Diagnostic::warning(E0328, span, message)
                        .also(first, "this entry has no match: it takes every route"),
                );
            }
            let Some(entry) = entry(table) else { continue };
            if entry.matches == RouteMapMatch::default() {
                catch_all = catch_all.or(Some(span));
            }
            entries.push(entry);
        }
        if value.array().is_some_and(|array| array.is_empty()) {
            refuse_empty(&value);
        }
        maps.insert(name.value, RouteMap { entries });
    }
    maps
}

fn entry(mut table: Table<'_, '_>) -> Option<RouteMapEntry> {
    let at = table.at();
    let action = table
        .required("action", "\"permit\"")
        .and_then(|v| v.choice(&[("permit", Action::Permit), ("deny", Action::Deny)]));
    let description = table.text::<Line>("description").map(|d| d.value);
    let match_written = table.has("match");
    let matches = table.table("match").map(route_map_match);
    let set_place = table.value("set").map(|v| v.span());
    let set = table.table("set").map(route_map_set);
    let cx = table.cx();
    table.finish();
    let action = action?;
    if let (Some(span), Action::Deny) = (set_place, action.value) {
        cx.report(
            Diagnostic::warning(E0326, span, "a deny entry sets nothing")
                .also(action.span, "routes end here"),
        );
    }
    let matches = matches.or_else(|| (!match_written).then(RouteMapMatch::default))?;
    Some(RouteMapEntry {
        at,
        action: action.value,
        description,
        matches,
        set: set.unwrap_or_default(),
    })
}

fn route_map_match(mut table: Table<'_, '_>) -> RouteMapMatch {
    let prefix_list = table.text::<PolicyName>("prefix-list");
    let community_list = table.text::<PolicyName>("community-list");
    let tag = table.within("tag", 1..=i64::from(u32::MAX), "a tag from 1 to 4294967295");
    let mut index = table.cx().index.borrow_mut();
    index.prefix_lists.used.extend(prefix_list.clone());
    index.community_lists.used.extend(community_list.clone());
    drop(index);
    table.finish();
    RouteMapMatch {
        prefix_list: prefix_list.map(|l| l.value),
        community_list: community_list.map(|l| l.value),
        tag: tag.map(|t| t.value),
    }
}

fn route_map_set(mut table: Table<'_, '_>) -> RouteMapSet {
    const ANY: &str = "a number from 0 to 4294967295";
    let mut number = |key, first| {
        table
            .within::<u32>(key, first..=i64::from(u32::MAX), ANY)
            .map(|n| n.value)
    };
    let (local_preference, metric, weight) = (
        number("local-preference", 0),
        number("metric", 0),
        number("weight", 0),
    );
    let tag = number("tag", 1);
    let next_hop = table.text::<HostAddr>("next-hop").map(|n| n.value.get());
    let as_path_prepend = prepended(&mut table);
    let communities = sorted(table.cx(), table.texts::<Community>("community"));
    let large_communities = sorted(table.cx(), table.texts::<LargeCommunity>("large-community"));
    let additive = table.value("additive");
    let on = additive
        .as_ref()
        .and_then(|v| v.boolean())
        .is_some_and(|b| b.value);
    if let Some(additive) = additive.filter(|_| on && communities.is_empty() && large_communities.is_empty())
    {
        additive.cx().report(
            additive
                .refuse(E0327, "additive without a community to add")
                .hint("write `community = [\"64500:100\"]` beside it, or remove it"),
        );
    }
    table.finish();
    RouteMapSet {
        local_preference,
        metric,
        weight,
        tag,
        next_hop,
        as_path_prepend,
        communities,
        large_communities,
        additive: on,
    }
}

/// The longest path FRR is asked to prepend; longer ones are filtered by most of the Internet.
const LONGEST_PREPEND: usize = 16;

fn prepended(table: &mut Table<'_, '_>) -> Vec<Asn> {
    let Some(value) = table.value("as-path-prepend") else {
        return Vec::new();
    };
    let items = value.items().into_iter().flatten();
    let asns: Vec<Asn> = items.filter_map(|i| Some(i.number_or_text()?.value)).collect();
    if asns.len() > LONGEST_PREPEND {
        let message = format!("'{}' has {} AS numbers", value.path(), asns.len());
        let error = value.refuse(E0106, message);
        value
            .cx()
            .report(error.label(format!("expected at most {LONGEST_PREPEND}")));
    }
    asns
}

/// Communities in the order FRR's running configuration has them, each once.
fn sorted<T: Ord + Copy + Display>(cx: &Cx<'_>, list: Vec<Located<T>>) -> Vec<T> {
    let mut values: Vec<T> = check::distinct(cx, list).into_iter().map(|l| l.value).collect();
    values.sort();
    values
}

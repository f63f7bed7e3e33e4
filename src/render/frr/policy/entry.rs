//! What FRR has for one entry of a document's route-map.
//!
//! An entry over a long list becomes one for each of the list's parts, ten thousand of them: what they have in common is made
//! once, and a template passes over what is not there at once.

use super::super::prefix_list::PrefixLists;
use crate::config::{
    Action, Adjustment, ListMatch, Origin, Prepend, RouteMapEntry, RouteMapMatch, RouteMapSet,
    SetCommunities, SourceProtocol, Validity,
};
use crate::render::engine::Phrase;
use crate::types::PolicyName;
use minijinja::Value;
use minijinja::value::Serde;
use serde::Serialize;
use std::borrow::Cow;
use std::fmt::Display;
use std::net::IpAddr;
use std::rc::Rc;

/// One entry of a route-map as FRR has it.
#[derive(Debug, Clone, Serialize)]
pub(in crate::render::frr) struct Entry<'m> {
    pub(super) map: Cow<'m, str>,
    pub(super) action: Action,
    pub(super) sequence: u32,
    pub(super) call: Option<Cow<'m, str>>,
    /// The same as the document names it.
    #[serde(skip)]
    pub(super) called: Option<&'m str>,
    pub(super) description: Option<Value>,
    pub(super) prefix_list: Option<&'m str>,
    pub(super) next_hop_list: Option<&'m str>,
    pub(super) prefix_list6: Option<&'m str>,
    pub(super) next_hop_list6: Option<&'m str>,
    /// The matches that are not on prefixes; none when there are none.
    pub(super) matches: Value,
    #[serde(skip)]
    pub(super) asks: Rc<Matches<'m>>,
    /// Where a permitted route goes on: `next`, or `goto` with this number.
    pub(super) on_match: Option<OnMatch>,
    /// None when nothing is set.
    pub(super) set: Value,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct OnMatch {
    pub(super) goto: Option<u32>,
}

/// The matches of an entry that are not on prefixes.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Matches<'m> {
    as_path_list: Option<&'m PolicyName>,
    community_list: Option<&'m PolicyName>,
    community_list_exact: bool,
    interface: Option<&'m str>,
    large_community_list: Option<&'m PolicyName>,
    large_community_list_exact: bool,
    local_preference: Option<u32>,
    metric: Option<u32>,
    origin: Option<&'static str>,
    peer: Option<&'m str>,
    rpki: Option<&'static str>,
    source_protocol: Option<&'static str>,
    tag: Option<u32>,
}

/// The `set` lines, in FRR's order.
#[derive(Debug, Default, PartialEq, Serialize)]
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

/// What FRR has for one entry: an entry with an `ip` and an `ipv6` match never matches, so one over a list with both families
/// becomes one for each, and one for each part of the list.
pub(super) fn frr_entries<'m>(
    map: &'m PolicyName,
    entry: &'m RouteMapEntry,
    lists: &'m PrefixLists<'m>,
) -> Vec<Entry<'m>> {
    let (prefixes, hops) = (
        entry.matches.prefix_list.as_ref(),
        entry.matches.next_hop.as_ref(),
    );
    let asks = Rc::new(Matches::of(&entry.matches));
    if prefixes.is_none() && hops.is_none() {
        return vec![Entry::of(map, entry, Family::Both, &asks)];
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
        let whole = Entry::of(map, entry, family, &asks);
        let both = parts(prefixes).into_iter();
        both.flat_map(move |part| hops.clone().into_iter().map(move |hop| (part, hop)))
            .map(move |(part, hop)| whole.over(family, part, hop))
    };
    family(Family::V4).chain(family(Family::V6)).collect()
}

impl<'m> Entry<'m> {
    /// An entry that denies every route.
    pub(super) fn denying(map: Cow<'m, str>) -> Self {
        Self {
            map,
            action: Action::Deny,
            sequence: 0,
            call: None,
            called: None,
            description: None,
            prefix_list: None,
            next_hop_list: None,
            prefix_list6: None,
            next_hop_list6: None,
            matches: Value::from(()),
            asks: Rc::default(),
            on_match: None,
            set: Value::from(()),
        }
    }

    /// An entry of the document for routes of the family, without its matches on prefixes.
    fn of(map: &'m PolicyName, entry: &'m RouteMapEntry, family: Family, asks: &Rc<Matches<'m>>) -> Self {
        let called = entry.call.as_ref().map(AsRef::as_ref);
        let description = entry.description.as_ref();
        Self {
            action: entry.action,
            call: called.map(Cow::Borrowed),
            called,
            description: description.map(|text| Phrase::value(text.as_ref())),
            matches: or_none(&**asks),
            asks: Rc::clone(asks),
            set: or_none(&Set::of(&entry.set, family)),
            ..Self::denying(Cow::Borrowed(map.as_ref()))
        }
    }

    /// The same entry for the routes whose prefix and next hop these parts of lists permit.
    fn over(&self, family: Family, prefixes: Option<&'m str>, hops: Option<&'m str>) -> Self {
        let [v4, v6] = [Family::V4, Family::V6].map(|it| it == family);
        Self {
            prefix_list: prefixes.filter(|_| v4),
            next_hop_list: hops.filter(|_| v4),
            prefix_list6: prefixes.filter(|_| v6),
            next_hop_list6: hops.filter(|_| v6),
            ..self.clone()
        }
    }

    /// Its action and its matches, as they stand in frr.conf: as long as they are the same it is the same entry, and keeps
    /// its number.
    pub(super) fn decides_on(&self) -> String {
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
        let asks = &self.asks;
        add(" match as-path ", asks.as_path_list.map(AsRef::as_ref));
        let list = exact(asks.community_list, asks.community_list_exact);
        add(" match community ", list.as_deref());
        add(" match interface ", asks.interface);
        add(" match ip address prefix-list ", self.prefix_list);
        add(" match ip next-hop prefix-list ", self.next_hop_list);
        add(" match ipv6 address prefix-list ", self.prefix_list6);
        add(" match ipv6 next-hop prefix-list ", self.next_hop_list6);
        let list = exact(asks.large_community_list, asks.large_community_list_exact);
        add(" match large-community ", list.as_deref());
        add(
            " match local-preference ",
            number(asks.local_preference).as_deref(),
        );
        add(" match metric ", number(asks.metric).as_deref());
        add(" match origin ", asks.origin);
        add(" match peer ", asks.peer);
        add(" match rpki ", asks.rpki);
        add(" match source-protocol ", asks.source_protocol);
        add(" match tag ", number(asks.tag).as_deref());
        key
    }
}

/// For a template: nothing where all of it has the value of an entry without it.
fn or_none<T: Default + PartialEq + Serialize>(view: &T) -> Value {
    match *view == T::default() {
        true => Value::from(()),
        false => Value::from(Serde(view)),
    }
}

impl<'m> Matches<'m> {
    fn of(written: &'m RouteMapMatch) -> Self {
        let name = |list: &'m Option<ListMatch>| list.as_ref().map(|list| &list.name);
        let is_exact = |list: &Option<ListMatch>| list.as_ref().is_some_and(|list| list.exact);
        Self {
            as_path_list: written.as_path_list.as_ref(),
            community_list: name(&written.community_list),
            community_list_exact: is_exact(&written.community_list),
            interface: written.interface.as_deref(),
            large_community_list: name(&written.large_community_list),
            large_community_list_exact: is_exact(&written.large_community_list),
            local_preference: written.local_preference,
            metric: written.metric,
            origin: written.origin.map(Origin::name),
            peer: written.peer.as_deref(),
            rpki: written.rpki.map(Validity::name),
            source_protocol: written.source_protocol.map(SourceProtocol::name),
            tag: written.tag,
        }
    }
}

impl<'m> Set<'m> {
    fn of(written: &'m RouteMapSet, family: Family) -> Self {
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
        Self {
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

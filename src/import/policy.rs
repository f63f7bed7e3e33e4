//! Prefix-lists, other lists and route-maps of any source, and how they become ours without meaning anything else.
//!
//! A prefix-list here has members of both families and an entry over it is for both. Elsewhere each family has lists of its
//! own, so lists of one name are joined only when every entry over one of them has a twin over the other. A route-map with
//! a condition that has no key here is held back as a whole: without the condition it would let other routes through.

mod parts;

use super::document::{Place, Table, Value};
use super::draft::Draft;
use super::left::Why;
use super::name::Names;
use indexmap::IndexMap;
use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;

/// An address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Family {
    V4,
    V6,
}

/// The members of a list with their sequence numbers.
type Members = Vec<(u64, String, Place)>;

/// The lists and route-maps of what is imported.
#[derive(Debug, Default)]
pub(super) struct Policy {
    prefix_lists: IndexMap<(String, Family), PrefixList>,
    /// Lists that hold one kind of member each, by the table they belong in.
    other_lists: IndexMap<(&'static str, String), Members>,
    route_maps: IndexMap<String, RouteMap>,
}

#[derive(Debug, Default)]
struct PrefixList {
    members: Members,
}

/// A route-map: its entries, by sequence number once it is written.
#[derive(Debug, Default, Clone)]
pub(super) struct RouteMap {
    /// The entries.
    pub entries: Vec<Entry>,
    /// The sequence numbers that entries go on at.
    targets: HashSet<u64>,
}

impl RouteMap {
    /// Has each entry go on at one that is there. FRR takes the next one where the number has none, and where there is none
    /// behind it the route is permitted as it is then.
    fn find_targets(&mut self) {
        let sequences: Vec<u64> = self.entries.iter().map(|entry| entry.sequence).collect();
        for entry in &mut self.entries {
            let Some(Value::Number(number)) = entry.then else {
                continue;
            };
            // FRR has no way back; what is none is said by the check.
            let Some(number) = u64::try_from(number).ok().filter(|it| *it > entry.sequence) else {
                continue;
            };
            let target = sequences.iter().find(|sequence| **sequence >= number);
            self.targets.extend(target);
            entry.then = target.map(|target| Value::number(&target.to_string()));
        }
    }

    /// Whether the second one is in the first one already; one that others go on at stays.
    fn are_twins(&self, first: &Entry, second: &Entry) -> bool {
        first.is_twin_of(second) && !self.targets.contains(&second.sequence)
    }
}

/// An entry of a route-map.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Its sequence number.
    pub sequence: u64,
    /// `permit` or `deny`.
    pub action: &'static str,
    /// A description.
    pub description: Option<String>,
    /// The prefix-list of each family that it matches.
    pub lists: Vec<(Family, String)>,
    /// The tag it matches.
    pub tag: Option<Value>,
    /// What else it matches, by key.
    pub matches: Vec<(&'static str, Value)>,
    /// The route-map it calls, under the name it has here.
    pub call: Option<String>,
    /// Where a permitted route goes on: `next`, or a sequence number.
    pub then: Option<Value>,
    /// What it sets, but the next hop.
    pub sets: Vec<(&'static str, Value)>,
    /// The next hop it sets on routes of each family.
    pub next_hops: BTreeMap<Family, String>,
    /// Conditions that have no key: without them it would match more.
    pub lost: Vec<(String, Place)>,
    /// Where it begins.
    pub place: Place,
}

impl Entry {
    /// An entry that matches every route and sets nothing.
    pub fn new(sequence: u64, action: &'static str, place: Place) -> Self {
        Self {
            sequence,
            action,
            description: None,
            lists: Vec::new(),
            tag: None,
            matches: Vec::new(),
            call: None,
            then: None,
            sets: Vec::new(),
            next_hops: BTreeMap::new(),
            lost: Vec::new(),
            place,
        }
    }

    /// Adds a condition; `false` when it has one of this key already.
    pub fn matches(&mut self, key: &'static str, value: Value) -> bool {
        let is_new = self.matches.iter().all(|(name, _)| *name != key);
        if is_new {
            self.matches.push((key, value));
        }
        is_new
    }

    /// Sets something; what is set twice is what was said last.
    pub fn set(&mut self, key: &'static str, value: Value) {
        self.sets.retain(|(name, _)| *name != key);
        self.sets.push((key, value));
    }

    /// Sets the next hop of routes of the address's family, which is the last one that was said.
    pub fn next_hop(&mut self, address: IpAddr) {
        let family = if address.is_ipv4() { Family::V4 } else { Family::V6 };
        self.next_hops.insert(family, address.to_string());
    }

    /// Whether the two are one entry for both families, over lists of one name.
    fn is_twin_of(&self, other: &Self) -> bool {
        let ([(family, list)], [(other_family, other_list)]) = (&self.lists[..], &other.lists[..]) else {
            return false;
        };
        let next_hops = other.next_hops.keys().all(|of| !self.next_hops.contains_key(of));
        family != other_family && list == other_list && next_hops && self.says_the_same(other)
    }

    /// Whether the two are the same but for the prefixes they match and the next hop they set.
    fn says_the_same(&self, other: &Self) -> bool {
        self.action == other.action
            && self.description == other.description
            && self.tag == other.tag
            && self.matches == other.matches
            && self.call == other.call
            && self.then == other.then
            && self.sets == other.sets
    }
}

/// The key of a number that entries match or set; other systems have the same words.
pub(super) fn number_key(word: &str) -> &'static str {
    match word {
        "local-preference" => "local-preference",
        "metric" => "metric",
        "weight" => "weight",
        _ => "tag",
    }
}

impl Policy {
    /// Adds a member to a prefix-list; a member without a sequence number follows the last one.
    pub fn prefix(
        &mut self,
        list: &str,
        family: Family,
        sequence: Option<u64>,
        member: String,
        place: Place,
    ) {
        let list = self.prefix_lists.entry((list.to_owned(), family)).or_default();
        let next = || list.members.last().map_or(5, |(last, ..)| last.saturating_add(5));
        let sequence = sequence.unwrap_or_else(next);
        list.members.push((sequence, member, place));
    }

    /// Adds a member to a list of a table; one without a sequence number follows the last one.
    pub fn member(
        &mut self,
        table: &'static str,
        list: &str,
        sequence: Option<u64>,
        member: String,
        place: Place,
    ) {
        let list = self.other_lists.entry((table, list.to_owned())).or_default();
        let next = || list.last().map_or(5, |(last, ..)| last.saturating_add(5));
        let sequence = sequence.unwrap_or_else(next);
        list.push((sequence, member, place));
    }

    /// The route-map of this name, made where there is none.
    pub fn route_map(&mut self, name: &str) -> &mut RouteMap {
        self.route_maps.entry(name.to_owned()).or_default()
    }

    /// A route-map that is there.
    pub fn find(&self, name: &str) -> Option<&RouteMap> {
        self.route_maps.get(name)
    }

    /// Whether a prefix-list of the family has this name.
    pub fn has_prefix_list(&self, list: &str, family: Family) -> bool {
        self.prefix_lists.contains_key(&(list.to_owned(), family))
    }

    /// Whether no list of the other family has this name.
    pub fn is_of_one_family(&self, list: &str) -> bool {
        self.has_prefix_list(list, Family::V4) != self.has_prefix_list(list, Family::V6)
    }

    /// Writes it all into the document.
    pub fn write(mut self, draft: &mut Draft, names: &mut Names) {
        for map in self.route_maps.values_mut() {
            map.entries.sort_by_key(|entry| entry.sequence);
            map.find_targets();
        }
        self.join_parts();
        let apart = self.lists_apart();
        let list_name = |list: &str, family: Family, names: &mut Names| match family {
            // With a blank, which no name of a list has: a list that is really called so keeps its name.
            Family::V6 if apart.contains(list) => names.policy(&format!("{list} v6")),
            _ => names.policy(list),
        };
        for ((list, family), mut members) in std::mem::take(&mut self.prefix_lists) {
            let name = list_name(&list, family, names);
            members.members.sort_by_key(|(sequence, ..)| *sequence);
            for (_, member, place) in members.members {
                draft.push(&["prefix-lists"], &name, member.as_str(), place);
            }
        }
        for ((table, list), mut members) in std::mem::take(&mut self.other_lists) {
            let name = names.policy(&list);
            members.sort_by_key(|(sequence, ..)| *sequence);
            for (_, member, place) in members {
                draft.push(&[table], &name, member.as_str(), place);
            }
        }
        for (name, map) in self.route_maps {
            let name = names.policy(&name);
            let entries = joined(map, &apart);
            let mut is_whole = true;
            for entry in &entries {
                for (statement, place) in &entry.lost {
                    let why =
                        format!("not in this version, and route-map {name} would match more without it");
                    draft.leave(*place, statement, Why::Because(why));
                    is_whole = false;
                }
            }
            let root = match is_whole {
                true => &mut draft.root,
                false => &mut draft.held_back,
            };
            let goes_to = |entry: &Entry| matches!(entry.then, Some(Value::Number(_)));
            let is_numbered = entries.iter().any(goes_to);
            for entry in entries {
                let (place, sequence) = (entry.place, entry.sequence);
                let mut table = entry.table(names, &list_name);
                if is_numbered {
                    let _ = table.set("seq", Value::number(&sequence.to_string()), place);
                }
                root.table("route-maps", place).append(&name, table);
            }
        }
    }

    /// The names that both families have and some entry uses for one family alone: these lists cannot be joined.
    fn lists_apart(&self) -> HashSet<String> {
        let both = |list: &str| {
            [Family::V4, Family::V6]
                .iter()
                .all(|family| self.prefix_lists.contains_key(&(list.to_owned(), *family)))
        };
        let mut apart = HashSet::new();
        for map in self.route_maps.values() {
            let mut entries = map.entries.iter().peekable();
            while let Some(entry) = entries.next() {
                if entries.next_if(|next| map.are_twins(entry, next)).is_some() {
                    continue;
                }
                let alone = entry.lists.iter().map(|(_, list)| list);
                apart.extend(alone.filter(|list| both(list)).cloned());
            }
        }
        apart
    }
}

/// The entries, with twins as one; those over lists that stay apart stay two.
fn joined(mut map: RouteMap, apart: &HashSet<String>) -> Vec<Entry> {
    let mut joined: Vec<Entry> = Vec::new();
    let mut has_twin = false;
    for entry in std::mem::take(&mut map.entries) {
        let of_both = |list: &String| !apart.contains(list);
        match joined.last_mut() {
            Some(last)
                if !has_twin
                    && map.are_twins(last, &entry)
                    && last.lists.iter().all(|(_, list)| of_both(list)) =>
            {
                last.next_hops.extend(entry.next_hops);
                last.lost.extend(entry.lost);
                has_twin = true;
            }
            _ => {
                joined.push(entry);
                has_twin = false;
            }
        }
    }
    joined
}

impl Entry {
    fn table(self, names: &mut Names, list_name: &impl Fn(&str, Family, &mut Names) -> String) -> Table {
        let place = self.place;
        let mut table = Table::at(place);
        // Each key is set once: a table that is new has no other value for it.
        let _ = table.set("action", self.action, place);
        if let Some(description) = self.description {
            let _ = table.set("description", description.as_str(), place);
        }
        let mut matches: Vec<(String, Value)> = Vec::new();
        for (family, list) in &self.lists {
            matches.push((
                "prefix-list".to_owned(),
                list_name(list, *family, names).as_str().into(),
            ));
        }
        matches.extend(self.tag.map(|tag| ("tag".to_owned(), tag)));
        matches.extend(
            self.matches
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value)),
        );
        let mut next_hops: Vec<Value> = self.next_hops.into_values().map(Value::text).collect();
        let next_hop = match next_hops.len() {
            0 | 1 => next_hops.pop(),
            _ => Some(Value::List(next_hops)),
        };
        let next_hop = next_hop.map(|hop| ("next-hop".to_owned(), hop));
        let sets = self.sets.into_iter().map(|(key, value)| (key.to_owned(), value));
        let sets: Vec<(String, Value)> = sets.chain(next_hop).collect();
        for (key, pairs) in [("match", matches), ("set", sets)] {
            if !pairs.is_empty() {
                let _ = table.set(key, Value::Inline(pairs), place);
            }
        }
        if let Some(called) = self.call {
            let _ = table.set("call", called.as_str(), place);
        }
        if let Some(then) = self.then {
            let _ = table.set("then", then, place);
        }
        // One line says where all of it came from.
        for entry in table.values.values_mut() {
            entry.from = None;
        }
        table
    }
}

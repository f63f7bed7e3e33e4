//! Prefix-lists: long ones in parts, because FRR compares each member with all others of its list.

mod homes;
mod texts;

use self::homes::homes;
use self::texts::Texts;
use super::cost::LONGEST_FAST_LIST;
use super::digits;
use super::numbers::{self, LAST_ENTRY, MEMBERS};
use super::policy::{Held, Of};
use super::running::{Numbered, Parts};
use crate::config::{Action, Model, PrefixList, PrefixRule, RouteMap};
use crate::render::engine::Block;
use crate::types::{FrrRelease, PolicyName};
use foldhash::HashSet;
use ipnet::{Ipv4Net, Ipv6Net};
use minijinja::Value;
use std::collections::BTreeMap;

/// The prefix-lists of both families as FRR gets them.
///
/// A list whose members are all permit or all deny, and that nothing but route-maps uses, for prefixes, is divided into parts
/// of its own name: `CUSTOMERS`, `CUSTOMERS/2`, `CUSTOMERS/3` … A route-map has an entry for each part. A route matches the list when it
/// matches one of the parts, so the meaning is the same whatever the order. A few denies at the beginning stand at the beginning
/// of each part. A list that nothing uses yet is divided as well: a running FRR would take minutes for it in one piece, and
/// minutes again when a route-map comes that uses it.
pub(super) struct PrefixLists<'m> {
    /// The lines for IPv4: 250,000 of them are written in one go.
    pub(super) v4: Value,
    /// The lines for IPv6.
    pub(super) v6: Value,
    parts4: BTreeMap<&'m PolicyName, Vec<String>>,
    parts6: BTreeMap<&'m PolicyName, Vec<String>>,
}

impl<'m> PrefixLists<'m> {
    pub(super) fn new(
        model: &'m Model,
        held: &[Held<'_>],
        release: FrrRelease,
        running: &Numbered<'_>,
    ) -> Self {
        let divided = Divided::new(model, release);
        let writer = Writer {
            model,
            release,
            running,
            divided: &divided,
        };
        let (mut v4, mut parts4) = writer.lists(&V4);
        let (mut v6, mut parts6) = writer.lists(&V6);
        for held in held {
            v4.push_str(&held.list(model, running, Of::V4));
            v6.push_str(&held.list(model, running, Of::V6));
        }
        // The extra lines have them whole.
        let extra = model.frr_extra.iter().flat_map(|extra| &extra.prefix_lists);
        for (name, families) in extra {
            let whole = || vec![name.to_string()];
            if families.v4 {
                parts4.entry(name).or_insert_with(whole);
            }
            if families.v6 {
                parts6.entry(name).or_insert_with(whole);
            }
        }
        Self {
            v4: Block::value(v4),
            v6: Block::value(v6),
            parts4,
            parts6,
        }
    }

    /// The names of the parts that hold IPv4 members.
    pub(super) fn parts4(&self, list: &PolicyName) -> &[String] {
        self.parts4.get(list).map_or(&[], Vec::as_slice)
    }

    /// The names of the parts that hold IPv6 members.
    pub(super) fn parts6(&self, list: &PolicyName) -> &[String] {
        self.parts6.get(list).map_or(&[], Vec::as_slice)
    }
}

/// How the lines of a family are written.
struct Family<N> {
    start: &'static str,
    members: fn(&PrefixList) -> &Vec<PrefixRule<N>>,
    /// Appends the address, and returns the length.
    address: Address<N>,
}

type Address<N> = fn(&mut String, &PrefixRule<N>, FrrRelease) -> u8;

const V4: Family<Ipv4Net> = Family {
    start: "ip prefix-list ",
    members: |list| &list.v4,
    address: |out, rule, _| {
        digits::ipv4(out, rule.prefix.addr());
        rule.prefix.prefix_len()
    },
};

const V6: Family<Ipv6Net> = Family {
    start: "ipv6 prefix-list ",
    members: |list| &list.v6,
    address: |out, rule, release| {
        digits::ipv6(out, rule.prefix.addr(), release);
        rule.prefix.prefix_len()
    },
};

/// Which lists may be divided, and how long a part is at most.
struct Divided<'m> {
    lists: HashSet<&'m PolicyName>,
    most: usize,
}

impl<'m> Divided<'m> {
    fn new(model: &'m Model, release: FrrRelease) -> Self {
        let operators = Operators::of(model);
        let maps = model.route_maps.iter();
        let extended: Vec<_> = maps.filter(|(name, _)| operators.extend(name)).collect();
        let mut is_whole = used(&extended);
        let entries = model.route_maps.values().flat_map(|map| &map.entries);
        is_whole.extend(entries.filter_map(|entry| entry.matches.next_hop.as_ref()));
        is_whole.extend(of_sessions(model));
        let lists = model.prefix_lists.keys();
        let lists = lists.filter(|name| !operators.mention(name) && !is_whole.contains(name));
        let lists = lists.collect();
        // Loading is fastest with parts of this size; looking a route up takes the same time with any.
        let mut most = match release {
            FrrRelease::V8 => 25,
            FrrRelease::V10 => 250,
        };
        // Half of the numbers stay free for what comes.
        while most < longest(model) && entries_at_most(model, &lists, most) > LAST_ENTRY as usize / 2 {
            most *= 2;
        }
        Self { lists, most }
    }

    /// How many members at the beginning of a list have to be in each of its parts; `None` when it has to be whole.
    fn in_each_part<N>(&self, name: &PolicyName, rules: &[PrefixRule<N>]) -> Option<usize> {
        let first = rules.first()?.action;
        let same = rules.iter().take_while(|rule| rule.action == first).count();
        let rest = rules[same..].iter().all(|rule| rule.action == Action::Permit);
        let in_each = match same == rules.len() {
            true => Some(0),
            false => Some(same).filter(|denies| rest && denies * 5 <= self.most),
        };
        in_each.filter(|_| self.lists.contains(name))
    }
}

/// The lists these route-maps match on.
fn used<'m>(maps: &[(&'m PolicyName, &'m RouteMap)]) -> HashSet<&'m PolicyName> {
    let entries = maps.iter().flat_map(|(_, map)| &map.entries);
    entries
        .filter_map(|entry| entry.matches.prefix_list.as_ref())
        .collect()
}

/// The lists that neighbours are filtered by: FRR takes one name for each.
fn of_sessions(model: &Model) -> impl Iterator<Item = &PolicyName> {
    let policies = model.instances_of_bgp().flat_map(|bgp| {
        let groups = bgp.peer_groups.values().map(|group| &group.policy);
        let neighbors = bgp.neighbors.values().map(|neighbor| &neighbor.policy);
        groups.chain(neighbors)
    });
    let lists = policies.map(|policy| &policy.prefix_list);
    lists.flat_map(|lists| [&lists.import, &lists.export]).flatten()
}

fn longest(model: &Model) -> usize {
    let lists = model.prefix_lists.values();
    lists
        .map(|list| list.v4.len().max(list.v6.len()))
        .max()
        .unwrap_or_default()
}

/// How many entries the longest route-map gets when each of these lists is divided into parts of that size.
fn entries_at_most(model: &Model, lists: &HashSet<&PolicyName>, most: usize) -> usize {
    let of_list = |name: &PolicyName| match model.prefix_lists.get(name) {
        Some(list) if lists.contains(name) => list.v4.len().div_ceil(most) + list.v6.len().div_ceil(most),
        _ => 2,
    };
    let of_map = |map: &RouteMap| {
        let lists = map.entries.iter().map(|entry| &entry.matches.prefix_list);
        lists.map(|list| list.as_ref().map_or(1, of_list)).sum()
    };
    model.route_maps.values().map(of_map).max().unwrap_or_default()
}

/// The operator's own lines for frr.conf. A list they name has to hold all its members; a route-map they add entries to by
/// number has one entry for each of the document's.
struct Operators<'m> {
    words: HashSet<&'m str>,
    route_maps: HashSet<&'m str>,
}

impl<'m> Operators<'m> {
    fn of(model: &'m Model) -> Self {
        let templates = model.templates.iter();
        let templates = templates.filter(|(path, _)| path.starts_with("frr/"));
        let extra = model.frr_extra.iter().map(|extra| &extra.text);
        let texts: Vec<&String> = templates.map(|(_, text)| text).chain(extra).collect();
        let lines = texts.iter().flat_map(|text| text.lines());
        let route_maps = lines.filter_map(|line| line.trim_start().strip_prefix("route-map "));
        Self {
            words: texts
                .iter()
                .flat_map(|text| text.split_ascii_whitespace())
                .collect(),
            route_maps: route_maps
                .filter_map(|rest| rest.split_ascii_whitespace().next())
                .collect(),
        }
    }

    fn mention(&self, list: &PolicyName) -> bool {
        self.words.contains(list.as_ref())
    }

    fn extend(&self, route_map: &PolicyName) -> bool {
        self.route_maps.contains(route_map.as_ref())
    }
}

struct Writer<'m, 'r> {
    model: &'m Model,
    release: FrrRelease,
    running: &'r Numbered<'r>,
    divided: &'r Divided<'m>,
}

impl<'m> Writer<'m, '_> {
    /// The lines of every list, and the names of the parts of each.
    fn lists<N: Copy + Ord>(&self, family: &Family<N>) -> (String, BTreeMap<&'m PolicyName, Vec<String>>) {
        let lists = self.model.prefix_lists.iter();
        let lists = lists.map(|(name, list)| (name, (family.members)(list)));
        let lists: Vec<_> = lists.filter(|(_, rules)| !rules.is_empty()).collect();
        let members: usize = lists.iter().map(|(_, rules)| rules.len()).sum();
        let mut out = String::with_capacity(members * 72);
        let mut names = BTreeMap::new();
        for (name, rules) in lists {
            let member = |out: &mut String, member: usize| {
                texts::write(out, &rules[member], family.address, self.release);
            };
            let none = Parts::new();
            let before = self.running.parts(family.start, name.as_ref()).unwrap_or(&none);
            // Only what is there already is compared with.
            let texts = match before.is_empty() {
                true => Texts::default(),
                false => Texts::new(rules.len(), member),
            };
            let parts = match self.divided.in_each_part(name, rules) {
                Some(denies) => self.parts(rules, denies, &texts, before),
                None => BTreeMap::from([(1, (0..rules.len()).collect())]),
            };
            for (part, members) in &parts {
                let part_name = part_name(name, *part);
                let before = before.get(part).map_or(&[][..], Vec::as_slice);
                let list = format!("{}{part_name}", family.start);
                self.list(&mut out, &list, members, member, &texts, before);
                names.entry(name).or_insert_with(Vec::new).push(part_name);
            }
        }
        (out, names)
    }

    /// The members of each part: the denies at the beginning in each, the others where they were before, and what is new where
    /// there is room.
    fn parts<N: Copy + Ord>(
        &self,
        rules: &[PrefixRule<N>],
        denies: usize,
        texts: &Texts,
        before: &Parts<'_>,
    ) -> BTreeMap<u32, Vec<usize>> {
        let homes = homes(before, texts);
        let twice = self.release == FrrRelease::V8 && has_prefix_twice(rules);
        let most = self.divided.most - denies;
        // FRR 8 denies everything below a prefix when one of two members with that prefix is removed from a list: there they are
        // in different parts.
        let bears = |part: &[usize], member: usize| {
            let same = |other: &usize| rules[*other].prefix == rules[member].prefix;
            !(twice && part.iter().any(same))
        };
        let takes = |part: &[usize], member| part.len() < most && bears(part, member);
        // What is there stays where it is, also when one more deny makes the part longer.
        let keeps = |part: &[usize], member| part.len() < self.divided.most && bears(part, member);
        let mut parts: BTreeMap<u32, Vec<usize>> = before.keys().map(|part| (*part, Vec::new())).collect();
        let mut new = Vec::new();
        for member in denies..rules.len() {
            let home = homes.get(member).copied().flatten();
            match home.and_then(|(part, _)| parts.get_mut(&part)) {
                Some(part) if keeps(part, member) => part.push(member),
                _ => new.push(member),
            }
        }
        let number = |member: &usize| homes[*member].map(|(_, number)| number);
        parts.values_mut().for_each(|part| part.sort_by_key(number));
        // The part that is filled stands beside the others: nearly every member goes there.
        let (mut open, mut filled) = (1, parts.remove(&1).unwrap_or_default());
        for member in new {
            while filled.len() >= most {
                parts.insert(open, std::mem::take(&mut filled));
                open += 1;
                filled = parts.remove(&open).unwrap_or_default();
            }
            if takes(&filled, member) {
                filled.push(member);
                continue;
            }
            let mut to = open + 1;
            while parts.get(&to).is_some_and(|part| !takes(part, member)) {
                to += 1;
            }
            parts.entry(to).or_default().push(member);
        }
        parts.insert(open, filled);
        parts.retain(|_, part| !part.is_empty());
        for part in parts.values_mut() {
            part.splice(..0, 0..denies);
        }
        parts
    }

    /// Appends the lines of one part. The numbers of a list that FRR 10 walks fall, because the place of each member is then
    /// the first.
    fn list(
        &self,
        out: &mut String,
        list: &str,
        members: &[usize],
        member: impl Fn(&mut String, usize),
        texts: &Texts,
        before: &[(u32, &str)],
    ) {
        let start = format!("{list} seq ");
        let numbers = match before.is_empty() {
            true => numbers::anew(members.len(), &MEMBERS),
            false => {
                let wanted: Vec<&str> = members.iter().filter_map(|member| texts.get(*member)).collect();
                numbers::of(before, &wanted, &MEMBERS)
            }
        };
        let mut line = |(number, place): (u32, &usize)| {
            out.push_str(&start);
            digits::number(out, number);
            out.push(' ');
            match texts.get(*place) {
                Some(text) => out.push_str(text),
                None => member(out, *place),
            }
            out.push('\n');
        };
        let lines = numbers.into_iter().zip(members);
        if self.release == FrrRelease::V10 && members.len() > LONGEST_FAST_LIST {
            lines.rev().for_each(&mut line);
        } else {
            lines.for_each(&mut line);
        }
    }
}

/// Whether two members have one prefix. Generated lists come sorted, and cost one comparison a member.
fn has_prefix_twice<N: Copy + Ord>(rules: &[PrefixRule<N>]) -> bool {
    let is_rising = |pair: &[PrefixRule<N>]| pair[0].prefix < pair[1].prefix;
    if rules.windows(2).all(is_rising) {
        return false;
    }
    let mut prefixes: Vec<N> = rules.iter().map(|rule| rule.prefix).collect();
    prefixes.sort_unstable();
    prefixes.windows(2).any(|pair| pair[0] == pair[1])
}

/// No name of the operator's has a slash in it.
fn part_name(list: &PolicyName, part: u32) -> String {
    match part {
        1 => list.to_string(),
        _ => format!("{list}/{part}"),
    }
}

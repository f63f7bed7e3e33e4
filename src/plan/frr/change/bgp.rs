//! An instance of BGP: its neighbours and groups, and its families.

use super::confederation;
use super::edit::{INSTANCE, edit};
use super::side::Side;
use super::summarised::Anew;
use std::collections::{BTreeSet, HashMap, HashSet};

/// A line about a neighbour or a group: its name, and what is said of it, or denied.
pub(super) fn neighbor(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix("no ").unwrap_or(line);
    line.strip_prefix("neighbor ")?.split_once(' ')
}

/// The instances of BGP, without the blocks of their families.
pub(super) fn instances<'s>(side: &Side<'s>) -> impl Iterator<Item = &'s str> {
    let is_instance = |block: &&str| block.starts_with("router bgp ") && !block.contains(" / ");
    side.blocks().filter(is_instance)
}

/// The blocks of the families of an instance, in both.
pub(super) fn families<'s>(before: &Side<'s>, after: &Side<'s>, block: &str) -> Vec<&'s str> {
    let start = format!("{block} / ");
    super::of_both(before, after)
        .filter(|it| it.starts_with(&start))
        .collect()
}

/// The lines in the block of their family; nothing when there are none.
pub(super) fn in_family(family: &str, lines: Vec<String>) -> Vec<String> {
    if lines.is_empty() {
        return lines;
    }
    let header = family.rsplit(" / ").next().unwrap_or_default().to_owned();
    [vec![header], lines, vec!["exit-address-family".to_owned()]].concat()
}

/// The lines that make one instance into the other; `None` if one is of no known kind.
pub(super) fn change(
    before: &Side<'_>,
    after: &Side<'_>,
    block: &str,
    anew: &Anew<'_>,
) -> Option<Vec<String>> {
    let own = block.split(' ').nth(2).unwrap_or_default();
    let removed = removed(own, before.lines(block), after.lines(block));
    let left = |block: &str| -> Vec<&str> {
        let lines = before.lines(block).iter().copied();
        lines.filter(|it| !goes_with_its_peer(it, &removed)).collect()
    };
    let mut lines = removals(before.lines(block), &removed);
    lines.extend(confederation::change(before.lines(block), after.lines(block)));
    let but_members = confederation::without_members;
    lines.extend(edit(
        &but_members(&left(block)),
        &but_members(after.lines(block)),
        INSTANCE,
    )?);
    for family in families(before, after, block) {
        let (old, new) = (left(family), after.lines(family));
        let mut inner = edit(&anew.without(family, &old), &anew.without(family, new), INSTANCE)?;
        inner.extend(no_longer_inherited(before, after, block, family));
        lines.extend(in_family(family, inner));
    }
    // Refused as long as a neighbour is sent the best path of each AS.
    let last = lines.iter().position(|it| it == "no bgp deterministic-med");
    if let Some(at) = last {
        let line = lines.remove(at);
        lines.push(line);
    }
    match before.has(block) {
        true => Some(super::within(block, lines)),
        false => Some([vec![block.to_owned()], lines, vec!["exit".to_owned()]].concat()),
    }
}

/// The policies of members that their groups had and lose. FRR ignores the line while the member still has the policy from its group,
/// and takes it from the member together with the group's.
fn no_longer_inherited(before: &Side<'_>, after: &Side<'_>, block: &str, family: &str) -> Vec<String> {
    let members = after.lines(block).iter().filter_map(|line| neighbor(line));
    let groups: HashMap<&str, &str> = members
        .filter_map(|(name, rest)| Some((name, group_of(rest)?)))
        .collect();
    let (had, has) = (before.set(family), after.lines(family));
    let is_left = |line: &&&str| {
        let policy = neighbor(line).and_then(|(name, rest)| {
            let (map, way) = rest.strip_prefix("route-map ")?.split_once(' ')?;
            Some((*groups.get(name)?, map, way))
        });
        policy.is_some_and(|(group, map, way)| {
            let of_group = format!("neighbor {group} route-map ");
            let is_of_group = |it: &&str| it.starts_with(&of_group) && it.ends_with(way);
            had.contains(format!("{of_group}{map} {way}").as_str()) && !has.iter().any(is_of_group)
        })
    };
    has.iter().filter(is_left).map(ToString::to_string).collect()
}

/// What makes a neighbour another one: FRR takes it away with all its lines, or refuses, when one of these changes. The role of a group
/// resets its members in any case, and 10.3 shows it as their own where they were there before it. One without an AS of its own keeps
/// the number of hops of members of our own AS. With its own it is of one kind whoever is in it, and may have dynamic neighbours, who
/// stay when a member comes or goes.
fn identity<'l>(own: &str, lines: &[&'l str]) -> HashMap<&'l str, BTreeSet<&'l str>> {
    let mut identity: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for (name, rest) in lines.iter().filter_map(|it| neighbor(it)) {
        let of_it = identity.entry(name).or_default();
        let is_role = rest.starts_with("local-role ") && of_it.contains("peer-group");
        let words = ["remote-as ", "interface ", "peer-group"];
        if is_role || words.iter().any(|it| rest.starts_with(it)) {
            let _ = of_it.insert(rest);
        }
    }
    let number = |name: &str| {
        identity
            .get(name)?
            .iter()
            .find_map(|it| it.split_once("remote-as "))
    };
    let kinds = identity.iter().filter_map(|(name, it)| {
        let group = it.iter().find_map(|rest| group_of(rest))?;
        if number(group).is_some() {
            return None;
        }
        let (_, number) = number(name)?;
        let is_internal = number == own || number == "internal";
        Some((group, if is_internal { "internal" } else { "external" }))
    });
    for (group, kind) in kinds.collect::<Vec<_>>() {
        let _ = identity.entry(group).or_default().insert(kind);
    }
    identity
}

/// The group in a line that makes a neighbour; one on an interface has it in the same line.
pub(super) fn group_of(rest: &str) -> Option<&str> {
    let words = rest.strip_prefix("interface ").unwrap_or(rest);
    let words = words.strip_prefix("v6only ").unwrap_or(words);
    words.strip_prefix("peer-group ")
}

/// The neighbours and groups that go, or are built anew: with a group, all its members.
fn removed<'l>(own: &str, before: &[&'l str], after: &[&str]) -> HashSet<&'l str> {
    let (old, new) = (identity(own, before), identity(own, after));
    let changed = old.iter().filter(|(name, it)| new.get(*name) != Some(*it));
    let mut removed: HashSet<&str> = changed.map(|(name, _)| *name).collect();
    for (name, it) in &old {
        let groups = it.iter().filter_map(|rest| group_of(rest));
        if groups.into_iter().any(|group| removed.contains(group)) {
            let _ = removed.insert(name);
        }
    }
    removed
}

/// Whether it is about a neighbour or a group that is removed, and so no longer there.
fn goes_with_its_peer(line: &str, removed: &HashSet<&str>) -> bool {
    let name = neighbor(line).map(|(name, _)| name);
    let group = listen_range(line).map(|(_, group)| group);
    name.or(group).is_some_and(|name| removed.contains(name))
}

/// Listen ranges and members before their groups: FRR keeps a group that has a range, and takes all else back with it.
fn removals(before: &[&str], removed: &HashSet<&str>) -> Vec<String> {
    let is_of_removed = |line: &&&str| listen_range(line).is_some_and(|(_, group)| removed.contains(group));
    let ranges = before.iter().filter(is_of_removed);
    let ranges: Vec<String> = ranges.map(|line| format!("no {line}")).collect();
    let is_group = |name: &str| before.contains(&format!("neighbor {name} peer-group").as_str());
    let (mut members, mut groups) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for (name, _) in before.iter().filter_map(|it| neighbor(it)) {
        if removed.contains(name) && seen.insert(name) {
            match is_group(name) {
                true => groups.push(format!("no neighbor {name} peer-group")),
                false => members.push(format!("no neighbor {name}")),
            }
        }
    }
    [ranges, members, groups].concat()
}

/// A listen range, and the group of whoever calls from it.
pub(super) fn listen_range(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("bgp listen range ")?.split_once(" peer-group ")
}

/// The listen ranges that go, or get another group: the neighbours that called from there fall.
pub(super) fn ranges_left<'s>(before: &[&'s str], after: &[&str]) -> Vec<&'s str> {
    let gone = before.iter().filter(|line| !after.contains(*line));
    gone.filter_map(|line| listen_range(line))
        .map(|(range, _)| range)
        .collect()
}

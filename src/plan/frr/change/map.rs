//! Route-maps, entry by entry.

use super::edit::{CLAUSE, edit};
use super::side::Side;
use std::collections::{HashMap, HashSet};

/// What a change of route-maps takes.
#[derive(Debug, Default)]
pub(super) struct Maps {
    /// Entries that come, change or go, in maps that stay.
    pub(super) first: Vec<String>,
    /// Whole maps that go.
    pub(super) last: Vec<String>,
    /// Some entry changes by a clause of no known kind.
    pub(super) is_beyond: bool,
}

/// `route-map IN permit 10` is about entry 10 of IN, whether it permits or denies.
fn entry(block: &str) -> Option<(&str, &str)> {
    let (map, action) = block.strip_prefix("route-map ")?.split_once(' ')?;
    let (_, number) = action.split_once(' ')?;
    Some((map, number))
}

/// The headers of all entries.
fn entries<'s>(side: &Side<'s>) -> HashMap<(&'s str, &'s str), &'s str> {
    let blocks = side.blocks();
    blocks.filter_map(|block| Some((entry(block)?, block))).collect()
}

pub(super) fn change(before: &Side<'_>, after: &Side<'_>) -> Maps {
    let mut maps = Maps::default();
    let (old, new) = (entries(before), entries(after));
    for block in after.blocks() {
        let Some(header) = entry(block).and_then(|it| old.get(&it)) else {
            if entry(block).is_some() {
                maps.first.push(block.to_owned());
                maps.first
                    .extend(after.lines(block).iter().map(|it| (*it).to_owned()));
            }
            continue;
        };
        let Some(lines) = edit(before.lines(header), after.lines(block), CLAUSE) else {
            maps.is_beyond = true;
            continue;
        };
        if *header != block || !lines.is_empty() {
            maps.first.push(block.to_owned());
            maps.first.extend(lines);
        }
    }
    let stay: HashSet<&str> = new.keys().map(|(map, _)| *map).collect();
    let mut whole = HashSet::new();
    for block in before.blocks() {
        let Some((map, number)) = entry(block) else {
            continue;
        };
        if !stay.contains(map) {
            let is_first = whole.insert(map);
            maps.last.extend(is_first.then(|| format!("no route-map {map}")));
        } else if !new.contains_key(&(map, number)) {
            maps.first.push(format!("no {block}"));
        }
    }
    maps
}

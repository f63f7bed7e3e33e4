//! Route-maps.

mod copies;
mod entry;
mod statics;

pub(super) use copies::Copies;
pub(super) use entry::Entry;
pub(super) use statics::{Held, Of};

use super::Frr;
use super::numbers::{self, ENTRIES};
use super::prefix_list::PrefixLists;
use super::rpki;
use super::running::Numbered;
use crate::config::{Model, RouteMap, RouteMapEntry, Then};
use crate::types::PolicyName;
use entry::{OnMatch, frr_entries};
use std::collections::HashMap;

/// The entries of every route-map. Those with a `seq` have it as their number where there is room for the others between; the
/// others keep what they had, or are numbered 10, 20 … With them, the maps that some daemons have a copy of.
pub(super) fn route_maps<'m>(
    model: &'m Model,
    lists: &'m PrefixLists<'m>,
    frr: &Frr,
    running: &Numbered<'_>,
) -> (Vec<Entry<'m>>, Copies<'m>) {
    let maps = model.route_maps.iter();
    let entries = maps.flat_map(|(name, map)| route_map(name, map, lists, frr, running));
    let entries: Vec<Entry<'m>> = entries.collect();
    let copies = Copies::of(model, &entries);
    (copies.add_to(entries), copies)
}

fn route_map<'m>(
    name: &'m PolicyName,
    map: &'m RouteMap,
    lists: &'m PrefixLists<'m>,
    frr: &Frr,
    running: &Numbered<'_>,
) -> Vec<Entry<'m>> {
    // Without its module bgpd never matches an entry that asks RPKI: it is as if it were not there.
    let is_known = |entry: &&RouteMapEntry| entry.matches.rpki.is_none() || rpki::is_known(frr);
    let written: Vec<&RouteMapEntry> = map.entries.iter().filter(is_known).collect();
    let groups: Vec<Vec<Entry<'m>>> = written.iter().map(|it| frr_entries(name, it, lists)).collect();
    let groups = match groups.iter().all(Vec::is_empty) {
        true => vec![vec![Entry::denying(name.as_ref().into())]],
        false => groups,
    };
    let seqs = written.iter().map(|entry| entry.seq.map(u32::from));
    // The first entry of each has its number.
    let pins: Vec<Option<u32>> = groups
        .iter()
        .zip(seqs.chain(std::iter::repeat(None)))
        .flat_map(|(group, seq)| (0..group.len()).map(move |at| seq.filter(|_| at == 0)))
        .collect();
    let wanted: Vec<String> = groups.iter().flatten().map(Entry::decides_on).collect();
    let numbers = numbers::around(&pins, running.route_map(name), &wanted, &ENTRIES);
    let mut numbers = numbers.into_iter();
    let numbers: Vec<Vec<u32>> = groups
        .iter()
        .map(|group| numbers.by_ref().take(group.len()).collect())
        .collect();
    let places: HashMap<u16, usize> = written
        .iter()
        .enumerate()
        .filter_map(|(at, entry)| Some((entry.seq?, at)))
        .collect();
    let mut entries = Vec::new();
    for (at, group) in groups.into_iter().enumerate() {
        let then = written.get(at).and_then(|entry| entry.then);
        let on_match = then.map(|then| match then {
            Then::Next => target(at + 1, &numbers).filter(|_| has_parts(&group)),
            Then::Seq(seq) => {
                let behind = || numbers.iter().flatten().last().map(|last| last + 1);
                let place = places.get(&seq).copied().unwrap_or(at + 1);
                target(place, &numbers).or_else(behind)
            }
        });
        for (mut entry, number) in group.into_iter().zip(&numbers[at]) {
            entry.sequence = *number;
            entry.on_match = on_match.map(|goto| OnMatch { goto });
            entries.push(entry);
        }
    }
    entries
}

/// The first number of this group or of one behind it: of a list without members there is no entry.
fn target(group: usize, numbers: &[Vec<u32>]) -> Option<u32> {
    numbers.iter().skip(group).flatten().next().copied()
}

/// Whether a route may match several of the entries: one that goes on must not come to the others.
fn has_parts(group: &[Entry<'_>]) -> bool {
    group.iter().filter(|entry| entry.prefix_list.is_some()).count() > 1
        || group.iter().filter(|entry| entry.prefix_list6.is_some()).count() > 1
}

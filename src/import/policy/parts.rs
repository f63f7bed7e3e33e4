//! Long prefix-lists that this router gave FRR in parts: `CUSTOMERS`, `CUSTOMERS/2` … Each entry of a route-map stands there
//! once for every part; both become one again. No name of a list of a document has a slash.

use super::{Entry, Family, Policy, RouteMap};
use std::collections::{BTreeMap, HashSet};

/// A list by its name, and its family.
type List = (String, Family);

impl Policy {
    /// Joins the parts of each list whose every use is a run of entries over all of its parts.
    pub(super) fn join_parts(&mut self) {
        let mut counts = self.divided();
        let apart: HashSet<List> = self
            .route_maps
            .values()
            .flat_map(|map| broken_runs(map, &counts))
            .collect();
        counts.retain(|list, _| !apart.contains(list));
        for map in self.route_maps.values_mut() {
            let is_further = |entry: &Entry| {
                let list = entry.lists.first();
                let list = list.map(|(family, list)| (list.clone(), *family));
                list.as_ref()
                    .and_then(part)
                    .is_some_and(|(list, number)| number > 1 && counts.contains_key(&list))
            };
            map.entries.retain(|entry| !is_further(entry));
        }
        for ((base, family), count) in counts {
            for number in 2..=count {
                let name = (format!("{base}/{number}"), family);
                let Some(further) = self.prefix_lists.shift_remove(&name) else {
                    continue;
                };
                let whole = self.prefix_lists.entry((base.clone(), family)).or_default();
                whole.members.sort_by_key(|(sequence, ..)| *sequence);
                // Denies that come first stand at the beginning of each part.
                let denies: HashSet<String> = whole
                    .members
                    .iter()
                    .map(|(_, member, _)| member.clone())
                    .filter(|member| member.starts_with("deny "))
                    .collect();
                let offset = whole.members.last().map_or(0, |(last, ..)| *last);
                let new = further
                    .members
                    .into_iter()
                    .filter(|(_, member, _)| !denies.contains(member));
                whole.members.extend(
                    new.map(|(sequence, member, place)| (sequence.saturating_add(offset), member, place)),
                );
            }
        }
    }

    /// How many parts each list has that is there in parts, from the first to the last.
    fn divided(&self) -> BTreeMap<List, u64> {
        let mut counts: BTreeMap<List, u64> = BTreeMap::new();
        for (list, number) in self.prefix_lists.keys().filter_map(part) {
            let last = counts.entry(list).or_default();
            *last = number.max(*last);
        }
        counts.retain(|(base, family), count| {
            let is_there = |name: String| self.prefix_lists.contains_key(&(name, *family));
            *count > 1
                && is_there(base.clone())
                && (2..=*count).all(|number| is_there(format!("{base}/{number}")))
        });
        counts
    }
}

/// The list a part is of, and its number; the first part has the name of the list.
fn part((name, family): &List) -> Option<(List, u64)> {
    let (base, number) = match name.split_once('/') {
        None => (name.as_str(), 1),
        Some((base, number)) => (base, number.parse().ok().filter(|number| *number > 1)?),
    };
    Some(((base.to_owned(), *family), number))
}

/// The lists of which an entry is over one part, and not the others of the run it should be in.
fn broken_runs(map: &RouteMap, counts: &BTreeMap<List, u64>) -> Vec<List> {
    let mut broken = Vec::new();
    let mut rest = &map.entries[..];
    while let Some((entry, after)) = rest.split_first() {
        rest = after;
        let lists = entry
            .lists
            .iter()
            .filter_map(|(family, list)| part(&(list.clone(), *family)));
        for (list, number) in lists {
            let Some(count) = counts.get(&list) else { continue };
            let further = usize::try_from(count - 1).unwrap_or(usize::MAX);
            let is_of_run = |(number, next): (u64, &Entry)| {
                let expected = [(list.1, format!("{}/{number}", list.0))];
                next.lists == expected
                    && next.next_hops == entry.next_hops
                    && next.says_the_same(entry)
                    && !map.targets.contains(&next.sequence)
            };
            match after.get(..further) {
                Some(run) if number == 1 && (2..).zip(run).all(is_of_run) => rest = &after[further..],
                _ => broken.push(list),
            }
        }
    }
    broken
}

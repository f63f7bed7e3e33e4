//! Route-maps for the daemons that take every route for an entry they do not understand.
//!
//! ospfd does so at a match on IPv6 prefixes, ospf6d at one on IPv4 prefixes. A map with such entries stays as it is for all
//! others, and the daemon is given a copy without them: `NAME/ospf`, `NAME/ospf6`. A name in the document has no slash.

use super::Entry;
use crate::config::{Model, Ospf};
use crate::render::frr::ospf::Version;
use std::collections::{BTreeMap, BTreeSet};

/// The maps that have a copy, for each of the two daemons.
#[derive(Debug, Default)]
pub(in crate::render::frr) struct Copies<'m> {
    ospf: BTreeSet<&'m str>,
    ospf6: BTreeSet<&'m str>,
}

impl<'m> Copies<'m> {
    /// Those that the entries of all maps make necessary.
    pub(super) fn of(model: &'m Model, entries: &[Entry<'m>]) -> Self {
        let maps = by_map(entries);
        Self {
            ospf: needed(model.ospf.as_ref(), Version::V2, &maps),
            ospf6: needed(model.ospf6.as_ref(), Version::V3, &maps),
        }
    }

    /// What the daemon calls a map.
    pub(in crate::render::frr) fn name(&self, map: &str, version: Version) -> String {
        match self.has(map, version) {
            true => format!("{map}/{}", version.name()),
            false => map.to_owned(),
        }
    }

    fn has(&self, map: &str, version: Version) -> bool {
        match version {
            Version::V2 => self.ospf.contains(map),
            Version::V3 => self.ospf6.contains(map),
        }
    }

    /// The entries with those of the copies, each copy behind its map.
    pub(super) fn add_to(&self, entries: Vec<Entry<'m>>) -> Vec<Entry<'m>> {
        if self.ospf.is_empty() && self.ospf6.is_empty() {
            return entries;
        }
        let mut all = Vec::with_capacity(entries.len());
        for map in entries.chunk_by(|one, next| one.map == next.map) {
            all.extend(map.iter().cloned());
            for version in [Version::V2, Version::V3] {
                all.extend(self.copy(map, version));
            }
        }
        all
    }

    /// The entries keep their numbers: `goto` one that is left out leads to the next.
    fn copy(&self, map: &[Entry<'m>], version: Version) -> Vec<Entry<'m>> {
        let Some(first) = map.first().filter(|first| self.has(&first.map, version)) else {
            return Vec::new();
        };
        let name = self.name(&first.map, version);
        let known = map.iter().filter(|entry| !is_foreign(entry, version));
        let copies: Vec<Entry<'m>> = known
            .map(|entry| Entry {
                map: name.clone().into(),
                call: entry.called.map(|called| self.name(called, version).into()),
                ..entry.clone()
            })
            .collect();
        match copies.is_empty() {
            true => vec![Entry {
                sequence: first.sequence,
                ..Entry::denying(name.into())
            }],
            false => copies,
        }
    }
}

fn by_map<'e, 'm>(entries: &'e [Entry<'m>]) -> BTreeMap<&'e str, Vec<&'e Entry<'m>>> {
    let mut maps: BTreeMap<&str, Vec<&Entry<'m>>> = BTreeMap::new();
    for entry in entries {
        maps.entry(&entry.map).or_default().push(entry);
    }
    maps
}

/// The maps the daemon uses that have an entry it does not understand, and those that call one of them.
fn needed<'m>(
    ospf: Option<&'m Ospf>,
    version: Version,
    maps: &BTreeMap<&str, Vec<&Entry<'m>>>,
) -> BTreeSet<&'m str> {
    let Some(ospf) = ospf else {
        return BTreeSet::new();
    };
    let calls = |map: &str| {
        let entries = maps.get(map).into_iter().flatten();
        entries.filter_map(|entry| entry.called)
    };
    let redistributed = ospf.redistribute.iter().map(|it| &it.external);
    let default = ospf.default_originate.iter().map(|it| &it.external);
    let externals = redistributed.chain(default);
    let mut todo: Vec<&'m str> = externals
        .filter_map(|it| it.route_map.as_ref().map(AsRef::as_ref))
        .collect();
    let mut used = BTreeSet::new();
    while let Some(map) = todo.pop() {
        if used.insert(map) {
            todo.extend(calls(map));
        }
    }
    let has_foreign = |map: &str| {
        let mut entries = maps.get(map).into_iter().flatten();
        entries.any(|entry| is_foreign(entry, version))
    };
    let mut needed: BTreeSet<&str> = used.iter().copied().filter(|map| has_foreign(map)).collect();
    loop {
        let callers = used.iter().copied().filter(|map| !needed.contains(map));
        let callers: Vec<&str> = callers
            .filter(|map| calls(map).any(|called| needed.contains(called)))
            .collect();
        if callers.is_empty() {
            return needed;
        }
        needed.extend(callers);
    }
}

/// Whether the entry is for routes of the other family alone.
fn is_foreign(entry: &Entry<'_>, version: Version) -> bool {
    match version {
        Version::V2 => entry.prefix_list6.is_some() || entry.next_hop_list6.is_some(),
        Version::V3 => entry.prefix_list.is_some() || entry.next_hop_list.is_some(),
    }
}

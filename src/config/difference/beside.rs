//! Files beside the documents: templates, extra lines, lists, secrets.

use super::normal::of_key;
use super::{Change, Entry, Tree, is_document, same_bytes};
use crate::config::keys::{Key, Shape};
use std::collections::{BTreeSet, HashMap};
use toml::de::{DeTable, DeValue};

/// Those that differ, with how many lines each gained and lost.
pub(super) struct Beside {
    files: Vec<(String, usize, usize)>,
}

impl Beside {
    pub(super) fn between(before: &Tree, after: &Tree) -> Self {
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let differing = names
            .into_iter()
            .filter(|name| !is_document(name) && !same_bytes(before.get(*name), after.get(*name)));
        let files = differing.map(|name| {
            let bytes = |tree: &'_ Tree| tree.get(name).map(|file| file.bytes.clone()).unwrap_or_default();
            let (added, removed) = lines(&bytes(before), &bytes(after));
            (name.clone(), added, removed)
        });
        Self {
            files: files.collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// One entry each, but for those that are told at the key that names them: lists by their members, secrets.
    pub(super) fn entries(self, documents: [&DeTable<'_>; 2], shape: &Shape) -> Vec<Entry> {
        let mut told = BTreeSet::new();
        if !self.files.is_empty() {
            for document in documents {
                table(document, None, shape, &mut told);
            }
        }
        let others = self.files.into_iter().filter(|(path, ..)| !told.contains(path));
        others
            .map(|(path, added, removed)| Entry {
                path,
                change: Change::Lines { added, removed },
            })
            .collect()
    }
}

/// How many lines are new and how many are gone, wherever they stand.
fn lines(before: &[u8], after: &[u8]) -> (usize, usize) {
    let mut counts: HashMap<&[u8], isize> = HashMap::new();
    let split = |bytes: &'_ [u8]| bytes.strip_suffix(b"\n").unwrap_or(bytes).len();
    for (bytes, step) in [(before, -1), (after, 1)] {
        for line in bytes[..split(bytes)].split(|byte| *byte == b'\n') {
            *counts.entry(line).or_default() += step;
        }
    }
    let sum = |sign: isize| counts.values().map(|count| (count * sign).max(0) as usize).sum();
    (sum(1), sum(-1))
}

/// The files that a table names and that are told there.
fn table(table: &DeTable<'_>, key: Option<&'static Key>, shape: &Shape, told: &mut BTreeSet<String>) {
    for (name, value) in table {
        let (key, shape) = of_key(shape, name.get_ref(), key);
        match value.get_ref() {
            DeValue::Table(below) => self::table(below, key, &shape, told),
            DeValue::String(path) if key.is_some_and(|key| key.secret || key.name == "file") => {
                told.insert(path.to_string());
            }
            _ => {}
        }
    }
}

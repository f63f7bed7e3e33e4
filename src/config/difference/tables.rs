//! Two tables, key by key.

use super::normal::{normal, normal_name, of_key, written};
use super::{Change, Entry, Shown, Tree};
use crate::config::keys::{Key, Shape, push_key};
use crate::config::source::{Sources, Span};
use serde_spanned::Spanned;
use std::borrow::Cow;
use std::collections::HashMap;
use toml::de::{DeTable, DeValue};

/// The longest table or list that is shown as one value, in characters; a longer one is shown by what is in it.
const SHORT: usize = 120;

/// A value in the tree of a document.
pub(super) type Node<'w> = &'w Spanned<DeValue<'w>>;
/// A key and its value.
type Set<'w> = (&'w Spanned<Cow<'w, str>>, Node<'w>);

/// One of the two configurations.
pub(super) struct Side<'w> {
    pub(super) tree: &'w Tree,
    pub(super) sources: &'w Sources,
}

impl Side<'_> {
    /// `FILE:LINE` of a span.
    pub(super) fn place(&self, span: std::ops::Range<usize>) -> String {
        let position = self.sources.position(Span::from(span));
        position.map_or_else(String::new, |it| format!("{}:{}", it.document.name, it.line))
    }

    /// A value as it is shown.
    pub(super) fn shown(&self, value: Node<'_>) -> Shown {
        Shown {
            value: written(value.get_ref()),
            place: self.place(value.span()),
        }
    }
}

/// What was found on the way through both.
pub(super) struct Walk<'w> {
    pub(super) before: Side<'w>,
    pub(super) after: Side<'w>,
    pub(super) entries: Vec<Entry>,
}

/// A path with a key behind it.
pub(super) fn below(path: &str, key: &str) -> String {
    let mut below = path.to_owned();
    push_key(&mut below, key);
    below
}

impl<'w> Walk<'w> {
    pub(super) fn tell(&mut self, path: impl Into<String>, change: Change) {
        let path = path.into();
        self.entries.push(Entry { path, change });
    }

    /// Two tables: what is gone comes first, the rest in the order of the later one.
    pub(super) fn table(
        &mut self,
        path: &str,
        key: Option<&'static Key>,
        shape: &Shape,
        before: &'w DeTable<'w>,
        after: &'w DeTable<'w>,
    ) {
        let name = |key: &'w Spanned<Cow<'w, str>>| normal_name(shape, key.get_ref());
        let mut left: HashMap<Cow<'_, str>, Set<'w>> = before.iter().map(|set| (name(set.0), set)).collect();
        let pairs: Vec<(Set<'w>, Option<Set<'w>>)> =
            after.iter().map(|set| (set, left.remove(&name(set.0)))).collect();
        let mut gone: Vec<Set<'w>> = before
            .iter()
            .filter(|set| left.contains_key(&name(set.0)))
            .collect();
        let renamed = self.renamed(path, shape, key, &mut gone, &pairs);
        for set in gone {
            self.one_sided(path, shape, set, false);
        }
        for (index, (set, old)) in pairs.into_iter().enumerate() {
            match old {
                Some(old) => {
                    let (key, shape) = of_key(shape, set.0.get_ref(), key);
                    self.pair(&below(path, set.0.get_ref()), key, &shape, old.1, set.1);
                }
                None if renamed.contains(&index) => {}
                None => self.one_sided(path, shape, set, true),
            }
        }
    }

    /// Entries of a table with names that have the same content under another name. Returns which of the later ones.
    fn renamed(
        &mut self,
        path: &str,
        shape: &Shape,
        key: Option<&'static Key>,
        gone: &mut Vec<Set<'w>>,
        pairs: &[(Set<'w>, Option<Set<'w>>)],
    ) -> Vec<usize> {
        let mut renamed = Vec::new();
        let Shape::Named { each, .. } = shape else {
            return renamed;
        };
        let content = |set: &Set<'_>| normal(set.1.get_ref(), key, each).to_string();
        let new = pairs.iter().enumerate().filter(|(_, pair)| pair.1.is_none());
        let mut new: Vec<(usize, String)> = new.map(|(index, pair)| (index, content(&pair.0))).collect();
        if new.is_empty() || gone.is_empty() {
            return renamed;
        }
        gone.retain(|set| {
            let same = content(set);
            let empty = set.1.get_ref().as_table().is_none_or(DeTable::is_empty);
            let Some(found) = new.iter().position(|(_, text)| !empty && *text == same) else {
                return true;
            };
            let (index, _) = new.swap_remove(found);
            let (to, _) = pairs[index].0;
            let change = Change::Renamed {
                to: below(path, to.get_ref()),
                before_place: self.before.place(set.0.span()),
                after_place: self.after.place(to.span()),
            };
            self.tell(below(path, set.0.get_ref()), change);
            renamed.push(index);
            false
        });
        renamed
    }

    /// One value on both sides.
    pub(super) fn pair(
        &mut self,
        path: &str,
        key: Option<&'static Key>,
        shape: &Shape,
        before: Node<'w>,
        after: Node<'w>,
    ) {
        match (before.get_ref(), after.get_ref()) {
            _ if self.lists(path, key, shape, before, after) => {}
            (DeValue::Table(before), DeValue::Table(after)) => self.table(path, key, shape, before, after),
            (was, is) if normal(was, key, shape) != normal(is, key, shape) => {
                let (before, after) = (self.before.shown(before), self.after.shown(after));
                self.tell(path, Change::Changed { before, after });
            }
            (_, DeValue::String(file)) if key.is_some_and(|key| key.secret) => {
                let bytes = |side: &Side<'_>| side.tree.get(file.as_ref()).map(|file| file.bytes.clone());
                if bytes(&self.before) != bytes(&self.after) {
                    let change = Change::Secret {
                        file: file.to_string(),
                        place: self.after.place(after.span()),
                    };
                    self.tell(path, change);
                }
            }
            _ => {}
        }
    }

    /// A key that only one side has: as one value when that is short, else by what is in it.
    fn one_sided(&mut self, path: &str, shape: &Shape, (name, value): Set<'w>, is_new: bool) {
        let path = below(path, name.get_ref());
        let (_, shape) = of_key(shape, name.get_ref(), None);
        match value.get_ref() {
            DeValue::Table(table) if !is_short(value) => {
                for set in table {
                    self.one_sided(&path, &shape, set, is_new);
                }
            }
            DeValue::Array(array) if !is_short(value) => {
                let side = if is_new { &self.after } else { &self.before };
                let members = array.iter().map(|item| side.shown(item)).collect();
                self.members(path, members, is_new);
            }
            _ => self.whole(path, name.span(), value, is_new),
        }
    }

    /// A value that is new, or gone, as a whole.
    pub(super) fn whole(
        &mut self,
        path: String,
        span: std::ops::Range<usize>,
        value: Node<'_>,
        is_new: bool,
    ) {
        let shown = |side: &Side<'_>| Shown {
            value: written(value.get_ref()),
            place: side.place(span),
        };
        let change = match is_new {
            true => Change::Added {
                after: shown(&self.after),
            },
            false => Change::Removed {
                before: shown(&self.before),
            },
        };
        self.tell(path, change);
    }

    fn members(&mut self, path: String, members: Vec<Shown>, is_new: bool) {
        let (added, removed) = match is_new {
            true => (members, Vec::new()),
            false => (Vec::new(), members),
        };
        let change = Change::Members {
            added,
            removed,
            reordered: false,
        };
        self.tell(path, change);
    }
}

/// Whether a value is short enough to be shown as one; each part is looked at until it is too long.
fn is_short(value: Node<'_>) -> bool {
    fn left(value: &DeValue<'_>, room: usize) -> Option<usize> {
        let room = room.checked_sub(2)?;
        match value {
            DeValue::Table(table) => table.iter().try_fold(room, |room, (key, value)| {
                left(value.get_ref(), room.checked_sub(key.get_ref().len() + 5)?)
            }),
            DeValue::Array(array) => array
                .iter()
                .try_fold(room, |room, item| left(item.get_ref(), room)),
            DeValue::String(text) => room.checked_sub(text.len()),
            _ => room.checked_sub(4),
        }
    }
    left(value.get_ref(), SHORT).is_some()
}

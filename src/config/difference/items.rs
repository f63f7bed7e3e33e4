//! Two lists: by their members where those are plain values, item by item where they are tables.

use super::normal::{normal, of_item};
use super::tables::{Node, Side, Walk};
use super::{Change, Shown};
use crate::config::keys::{Key, Shape};
use crate::config::routing::prefix_list::members_of;
use serde_json::Value as Json;
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::borrow::Cow;
use std::collections::HashMap;
use toml::de::DeValue;

/// A member of a list of plain values.
struct Member<'w> {
    /// As it is written.
    text: Cow<'w, str>,
    place: Place,
}

enum Place {
    /// In a document.
    Bytes(std::ops::Range<usize>),
    /// In a line of the list's own file.
    Line(u32),
}

/// The members of a list, and the file they stand in when it has one of its own.
struct Members<'w> {
    file: Option<&'w str>,
    list: Vec<Member<'w>>,
}

impl<'w> Members<'w> {
    /// The members of a value; `None` when it is no list of plain values.
    fn of(value: Node<'w>, side: &Side<'w>) -> Option<Self> {
        let items = match value.get_ref() {
            DeValue::Array(items) => items,
            DeValue::Table(table) => {
                let file = table.get("file")?.get_ref().as_str()?;
                let text = std::str::from_utf8(&side.tree.get(file)?.bytes).ok()?;
                let members = members_of(text).into_iter().map(|(line, text)| Member {
                    text: Cow::Owned(text),
                    place: Place::Line(line),
                });
                return Some(Self {
                    file: Some(file),
                    list: members.collect(),
                });
            }
            _ => return None,
        };
        let members = items.iter().map(|item| {
            let text = match item.get_ref() {
                DeValue::String(text) => Cow::Borrowed(text.as_ref()),
                DeValue::Integer(number) => Cow::Owned(number.as_str().replace('_', "")),
                _ => return None,
            };
            let place = Place::Bytes(item.span());
            Some(Member { text, place })
        });
        Some(Self {
            file: None,
            list: members.collect::<Option<_>>()?,
        })
    }

    fn shown(&self, index: &usize, side: &Side<'_>) -> Shown {
        let member = &self.list[*index];
        Shown {
            value: Json::String(member.text.to_string()),
            place: match (&member.place, self.file) {
                (Place::Bytes(span), _) => side.place(span.clone()),
                (Place::Line(line), file) => format!("{}:{line}", file.unwrap_or_default()),
            },
        }
    }
}

/// Which members are new, which are gone, and whether the others stand in another order.
struct Difference {
    added: Vec<usize>,
    removed: Vec<usize>,
    reordered: bool,
}

impl Difference {
    /// Equal beginnings and ends are left out before anything is looked up.
    fn between(before: &[Member<'_>], after: &[Member<'_>], spelled: impl Fn(&str) -> String) -> Self {
        let same = |(a, b): &(&Member<'_>, &Member<'_>)| a.text == b.text;
        let first = before.iter().zip(after).take_while(same).count();
        let (old, new) = (&before[first..], &after[first..]);
        let last = old.iter().rev().zip(new.iter().rev()).take_while(same).count();
        let spell =
            |members: &[Member<'_>]| -> Vec<String> { members.iter().map(|it| spelled(&it.text)).collect() };
        let old = spell(&old[..old.len() - last]);
        let new = spell(&new[..new.len() - last]);
        let (removed, stayed) = apart(&old, &new);
        let (added, found) = apart(&new, &old);
        let texts = |indexes: &[usize], all: &[String]| -> Vec<String> {
            indexes.iter().map(|index| all[*index].clone()).collect()
        };
        Self {
            reordered: texts(&stayed, &old) != texts(&found, &new),
            added: added.into_iter().map(|index| first + index).collect(),
            removed: removed.into_iter().map(|index| first + index).collect(),
        }
    }
}

/// Which of these the others do not have, as often as they are there, and which they have.
fn apart(these: &[String], others: &[String]) -> (Vec<usize>, Vec<usize>) {
    let mut counts: HashMap<&str, usize> = HashMap::with_capacity(others.len());
    for text in others {
        *counts.entry(text).or_default() += 1;
    }
    let indexes = 0..these.len();
    let (found, alone): (Vec<usize>, Vec<usize>) = indexes.partition(|index| {
        let count = counts.get_mut(these[*index].as_str()).filter(|count| **count > 0);
        count.map(|count| *count -= 1).is_some()
    });
    (alone, found)
}

impl<'w> Walk<'w> {
    /// Two lists, also where a prefix-list has a file of its own. False when they are none.
    pub(super) fn lists(
        &mut self,
        path: &str,
        key: Option<&'static Key>,
        shape: &Shape,
        before: Node<'w>,
        after: Node<'w>,
    ) -> bool {
        if let (DeValue::Array(old), DeValue::Array(new)) = (before.get_ref(), after.get_ref())
            && old.iter().chain(new.iter()).any(|item| item.get_ref().is_table())
        {
            self.tables(path, key, of_item(shape), &list(before), &list(after));
            return true;
        }
        if !before.get_ref().is_array() && !after.get_ref().is_array() && !is_list_with_a_file(shape) {
            return false;
        }
        let (Some(old), Some(new)) = (Members::of(before, &self.before), Members::of(after, &self.after))
        else {
            return false;
        };
        let item = of_item(shape);
        let spelled = |text: &str| match normal(&DeValue::String(text.into()), None, item) {
            Json::String(text) => text,
            other => other.to_string(),
        };
        let found = Difference::between(&old.list, &new.list, spelled);
        let reordered = found.reordered && !key.is_some_and(|key| key.unordered);
        if !(found.added.is_empty() && found.removed.is_empty()) || reordered {
            let added = found.added.iter().map(|index| new.shown(index, &self.after));
            let removed = found.removed.iter().map(|index| old.shown(index, &self.before));
            let change = Change::Members {
                added: added.collect(),
                removed: removed.collect(),
                reordered,
            };
            self.tell(path, change);
        }
        true
    }

    /// Two lists of tables. An item that differs is compared with the one it was: that of the same identity, or in the same
    /// place where the order matters.
    fn tables(
        &mut self,
        path: &str,
        key: Option<&'static Key>,
        shape: &Shape,
        before: &[Node<'w>],
        after: &[Node<'w>],
    ) {
        let unordered = key.is_some_and(|key| key.unordered);
        let mut old = Item::all(before, shape);
        let mut new = Item::all(after, shape);
        if unordered {
            old.sort_by(|a, b| a.normal.cmp(&b.normal));
            new.sort_by(|a, b| a.normal.cmp(&b.normal));
        }
        let texts =
            |items: &[Item<'_>]| -> Vec<String> { items.iter().map(|it| it.normal.clone()).collect() };
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        for operation in capture_diff_slices(Algorithm::Myers, &texts(&old), &texts(&new)) {
            if let DiffOp::Equal { .. } = operation {
                continue;
            }
            let (was, is) = (&old[operation.old_range()], &new[operation.new_range()]);
            let pairs = if unordered { 0 } else { was.len().min(is.len()) };
            for (was, is) in was.iter().zip(is).take(pairs) {
                self.item(path, shape, was, is);
            }
            gone.extend(&was[pairs..]);
            come.extend(&is[pairs..]);
        }
        for was in gone {
            let same = come
                .iter()
                .position(|is| unordered && was.identity.is_some() && is.identity == was.identity);
            match same {
                Some(index) => self.item(path, shape, was, come.remove(index)),
                None => self.whole(was.path(path), was.node.span(), was.node, false),
            }
        }
        for is in come {
            self.whole(is.path(path), is.node.span(), is.node, true);
        }
    }

    fn item(&mut self, path: &str, shape: &Shape, before: &Item<'w>, after: &Item<'w>) {
        self.pair(&after.path(path), None, shape, before.node, after.node);
    }
}

/// An item of a list of tables.
struct Item<'w> {
    node: Node<'w>,
    /// Where it is in its list.
    index: usize,
    normal: String,
    /// The first declared key it has, and its value: what an operator would call it by.
    identity: Option<(&'static str, String)>,
}

impl<'w> Item<'w> {
    fn all(nodes: &[Node<'w>], shape: &Shape) -> Vec<Self> {
        let items = nodes.iter().enumerate();
        let items = items.map(|(index, node)| Self {
            node,
            index,
            normal: normal(node.get_ref(), None, shape).to_string(),
            identity: identity(node.get_ref(), shape),
        });
        items.collect()
    }

    fn path(&self, list: &str) -> String {
        format!("{list}[{}]", self.index)
    }
}

fn identity(value: &DeValue<'_>, shape: &Shape) -> Option<(&'static str, String)> {
    let table = value.as_table()?;
    let declared = match shape {
        Shape::Table(declared) => declared,
        Shape::Either(shapes) => shapes.iter().find_map(|shape| match shape {
            Shape::Table(declared) => Some(declared),
            _ => None,
        })?,
        _ => return None,
    };
    let mut keys = declared.keys();
    keys.find_map(|key| {
        let value = table.get(key.name)?;
        let shape = (key.shape)();
        Some((key.name, normal(value.get_ref(), Some(key), &shape).to_string()))
    })
}

/// The items of a list.
fn list<'w>(value: Node<'w>) -> Vec<Node<'w>> {
    value.get_ref().as_array().into_iter().flatten().collect()
}

/// Whether the members may stand in a file of their own instead.
fn is_list_with_a_file(shape: &Shape) -> bool {
    let Shape::Either(shapes) = shape else {
        return false;
    };
    let has_file = |shape: &Shape| match shape {
        Shape::Table(declared) => declared.keys().any(|key| key.name == "file"),
        _ => false,
    };
    shapes.iter().any(|shape| matches!(shape, Shape::Filled(_))) && shapes.iter().any(has_file)
}

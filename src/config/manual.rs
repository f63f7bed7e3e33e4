//! The declarations for people: imp.toml(5), and what `impctl explain` says of a key.

mod explain;

pub(super) use explain::{explain, meant};

use super::keys::{Declaration, Key, Shape, in_a_row};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The part before the keys.
const HEAD: &str = include_str!("manual/head.5");
/// The part after them.
const TAIL: &str = include_str!("manual/tail.5");

/// The manual page, in roff.
pub(super) fn page(document: &'static Declaration) -> String {
    let mut page = Page {
        text: HEAD.to_owned(),
        told: BTreeSet::new(),
        shared: BTreeMap::new(),
    };
    page.table(document, "");
    page.text.push_str(TAIL);
    page.text
}

struct Page {
    text: String,
    /// The tables that are described already.
    told: BTreeSet<&'static str>,
    /// The tables whose keys are described already, and where.
    shared: BTreeMap<&'static str, String>,
}

impl Page {
    /// A table's keys, then the tables below it.
    fn table(&mut self, declared: &'static Declaration, path: &str) {
        if !self.told.insert(declared.name()) {
            return;
        }
        let title = match path {
            "" => "THE DOCUMENT".to_owned(),
            _ => format!("[{path}]"),
        };
        let about = quoted(&escaped(declared.about()));
        let _ = writeln!(self.text, ".Tb {} {about}", quoted(&title));
        let mut new = Vec::new();
        for part in declared.parts() {
            match self.shared.get(part.name()) {
                Some(first) => self.same(part, &first.clone()),
                None => {
                    self.shared.insert(part.name(), path.to_owned());
                    part.own.iter().for_each(|key| self.key(key));
                    new.push(part);
                }
            }
        }
        for key in new.iter().flat_map(|part| part.own) {
            self.below(&(key.shape)(), &join(path, key.name));
        }
    }

    fn key(&mut self, key: &Key) {
        let (takes, about) = (quoted(&taken(key)), quoted(&escaped(&described(key))));
        let _ = writeln!(self.text, ".Ky {} {takes} {about}", key.name);
    }

    /// The keys of a table that others have too, and that are described where the first of them is.
    fn same(&mut self, part: &Declaration, first: &str) {
        let names: Vec<&str> = part.own.iter().map(|key| key.name).collect();
        let names = match names[..] {
            [first, .., last] if names.len() > 20 => format!("{first} to {last}"),
            _ => names.join(", "),
        };
        let names = quoted(&escaped(&names));
        let _ = writeln!(
            self.text,
            ".Ky {names} {} \"\"",
            quoted(&format!("as in [{first}]"))
        );
    }

    fn below(&mut self, shape: &Shape, path: &str) {
        match shape {
            Shape::Table(declared) => self.table(declared, path),
            Shape::Named { names, each } => self.below(each, &join(path, placeholder(names))),
            Shape::List(each) | Shape::Filled(each) => self.below(each, path),
            Shape::Either(shapes) => shapes.iter().for_each(|shape| self.below(shape, path)),
            _ => {}
        }
    }
}

fn join(path: &str, key: &str) -> String {
    match path {
        "" => key.to_owned(),
        _ => format!("{path}.{key}"),
    }
}

/// The placeholder for a name that the operator chooses.
fn placeholder(names: &Shape) -> &'static str {
    match names {
        Shape::Text { about, .. } if about.starts_with("a prefix") => "PREFIX",
        Shape::Text { about, .. } if about.starts_with("the address") => "ADDRESS",
        Shape::Text { about, .. } if about.starts_with("a VLAN") => "TAG",
        Shape::Words(_) => "SOURCE",
        Shape::Either(shapes) => match shapes.first() {
            Some(Shape::Number { about, .. }) if about.starts_with("an area") => "AREA",
            _ => "NAME",
        },
        _ => "NAME",
    }
}

/// What a value may be, in words.
fn words(shape: &Shape) -> String {
    match shape {
        Shape::Switch => "true or false".to_owned(),
        Shape::Number { about, .. } | Shape::Text { about, .. } => (*about).to_owned(),
        Shape::Words(words) => words.join(", "),
        Shape::Either(shapes) => shapes.iter().map(words).collect::<Vec<_>>().join(", or "),
        Shape::List(each) | Shape::Filled(each) => format!("a list, each item {}", words(each)),
        Shape::Table(_) => "a table".to_owned(),
        Shape::Named { names, each } => format!("by {}: {}", placeholder(names), words(each)),
        Shape::Never => "not in this version".to_owned(),
    }
}

/// Whether it has to be there, and what holds without it.
fn absent(key: &Key) -> Option<String> {
    match (key.required, key.default, key.otherwise) {
        (true, ..) if key.modes.is_empty() => Some("required".to_owned()),
        (true, ..) => Some(format!("required with {}", in_a_row(key.modes, "and"))),
        (_, Some(default), _) => Some(format!("default {default}")),
        (_, _, Some(otherwise)) => Some(format!("without it: {otherwise}")),
        _ => None,
    }
}

fn taken(key: &Key) -> String {
    let words = words(&(key.shape)());
    match absent(key) {
        Some(absent) => format!("{words}; {absent}"),
        None => words,
    }
}

fn described(key: &Key) -> String {
    let mut text = key.about();
    if let Some(unit) = key.unit {
        text.push_str(&format!(" In {unit}."));
    }
    if let Some(mode) = key.only_with() {
        text.push_str(&format!(" With {mode} only."));
    }
    if let Some(why) = key.not_yet {
        text.push_str(&format!(" Not in this version: {why}."));
    }
    text
}

/// Text that roff prints as it is.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    match text.starts_with(['.', '\'']) {
        true => format!("\\&{text}"),
        false => text,
    }
}

/// A macro's argument.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\\(dq"))
}

/// Every path of keys, for completion: `interfaces.NAME.mtu`.
pub(super) fn paths(document: &'static Declaration) -> Vec<String> {
    let mut paths = Vec::new();
    push_paths(&Shape::Table(document), "", &mut paths);
    paths
}

fn push_paths(shape: &Shape, path: &str, paths: &mut Vec<String>) {
    match shape {
        Shape::Table(declared) => {
            for key in declared.keys() {
                let path = join(path, key.name);
                paths.push(path.clone());
                push_paths(&(key.shape)(), &path, paths);
            }
        }
        Shape::Named { names, each } => push_paths(each, &join(path, placeholder(names)), paths),
        Shape::List(each) | Shape::Filled(each) => push_paths(each, path, paths),
        Shape::Either(shapes) => {
            if let Some(shape) = shapes.first() {
                push_paths(shape, path, paths);
            }
        }
        _ => {}
    }
}

//! What `impctl explain` says of a path of keys.

use super::{join, paths, placeholder, words};
use crate::config::did_you_mean;
use crate::config::keys::{Declaration, Key, Path, Shape};
use std::fmt::Write;
use toml::de::{DeTable, DeValue};

/// What a path of keys is; `None` when there is none. `.` is the document, and any word is accepted where the operator
/// chooses a name. It may stand in brackets, as in a header.
pub(in crate::config) fn explain(document: &'static Declaration, path: &str) -> Option<String> {
    if path == "." {
        return Some(format!(
            "the document: {}\n\n{}",
            document.about(),
            listed(document)
        ));
    }
    let steps = steps(path)?;
    let mut shape = Shape::Table(document);
    let mut key = None;
    for step in &steps {
        (shape, key) = shape.below(step)?;
    }
    let path = steps.join(".");
    let mut text = key.map(|key| of_key(key, &path)).unwrap_or_default();
    if let Some((declared, path)) = table_of(shape, &path) {
        let about = declared.about();
        match key {
            // What a table is, is said of its key already.
            Some(key) if key.about() == about => text.push('\n'),
            Some(_) => text.push_str(&format!("\n{path}: {about}\n\n")),
            None => text.push_str(&format!("{path}: {about}\n\n")),
        }
        text.push_str(&listed(declared));
    }
    Some(text)
}

/// The keys of a path, without the numbers of list items.
fn steps(path: &str) -> Option<Vec<String>> {
    let line = format!("{} = 0", without_indexes(without_brackets(path)));
    let (table, errors) = DeTable::parse_recoverable(&line);
    let mut steps = Vec::new();
    let mut table = table.get_ref();
    while let Some((key, value)) = table.iter().next() {
        steps.push(key.get_ref().to_string());
        match value.get_ref() {
            DeValue::Table(below) => table = below,
            _ => break,
        }
    }
    errors.is_empty().then_some(steps)
}

fn without_brackets(path: &str) -> &str {
    let inside = |path| str::strip_suffix(str::strip_prefix(path, "[")?, "]");
    let once = inside(path).unwrap_or(path);
    inside(once).unwrap_or(once)
}

fn without_indexes(path: &str) -> String {
    let mut parts = path.split('[');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((index, rest)) if index.bytes().all(|b| b.is_ascii_digit()) => text.push_str(rest),
            _ => text.push_str(part),
        }
    }
    text
}

/// The table that a value is, or holds under names, with its path.
fn table_of(shape: Shape, path: &str) -> Option<(&'static Declaration, String)> {
    match shape {
        Shape::Table(declared) => Some((declared, path.to_owned())),
        Shape::Named { names, each } => table_of(*each, &join(path, placeholder(&names))),
        Shape::List(each) | Shape::Filled(each) => table_of(*each, path),
        Shape::Either(shapes) => shapes.into_iter().find_map(|shape| table_of(shape, path)),
        _ => None,
    }
}

fn of_key(key: &Key, path: &str) -> String {
    let mut text = format!("{path}: {}\n\n", key.about());
    let mut line = |label: &str, said: &str| {
        let _ = writeln!(text, "  {label:<9} {said}");
    };
    line("takes", &words(&(key.shape)()));
    if let Some(unit) = key.unit {
        line("in", unit);
    }
    match (key.required, key.default, key.otherwise) {
        (true, ..) => line("absent", "it is required"),
        (_, Some(default), _) => line("default", default),
        (_, _, Some(otherwise)) => line("absent", otherwise),
        _ => {}
    }
    if let Some(mode) = key.only_with() {
        line("only", &format!("with {mode}"));
    }
    if let Some(why) = key.not_yet {
        line("but", &format!("not in this version: {why}"));
    }
    if !key.also.is_empty() {
        line("elsewhere", &key.also.join(", "));
    }
    line("example", &format!("{} = {}", key.name, key.example));
    line("since", key.since);
    text
}

fn listed(declared: &'static Declaration) -> String {
    let mut text = String::new();
    let width = declared
        .keys()
        .map(|key| key.name.len())
        .max()
        .unwrap_or_default();
    for key in declared.keys() {
        let _ = writeln!(text, "  {:<width$}  {}", key.name, key.about());
    }
    text
}

/// The paths that were probably meant by one that is none: those that end so, or the nearest.
pub(in crate::config) fn meant(document: &'static Declaration, path: &str) -> Vec<String> {
    let Some(steps) = steps(path) else {
        return Vec::new();
    };
    let ending = ending(document, &steps);
    match nearest(document, &steps) {
        // A key alone is in more places than where a path begins.
        Some(near) if steps.len() > 1 || ending.is_empty() => vec![near],
        _ => ending,
    }
}

/// The paths whose keys end with these: `mtu`, `neighbors.remote-as`.
fn ending(document: &'static Declaration, steps: &[String]) -> Vec<String> {
    let is_key = |step: &&str| !step.bytes().all(|b| b.is_ascii_uppercase());
    let typed: Vec<&str> = steps.iter().map(String::as_str).filter(is_key).collect();
    if typed.is_empty() {
        return Vec::new();
    }
    let mut paths = paths(document);
    paths.retain(|path| {
        let keys: Vec<&str> = path.split('.').filter(is_key).collect();
        keys.ends_with(&typed)
    });
    // The shortest is the one most look for.
    paths.sort_by_key(|path| path.split('.').count());
    paths
}

/// The path with each key that is none replaced by the nearest there is.
fn nearest(document: &'static Declaration, steps: &[String]) -> Option<String> {
    let mut shape = Shape::Table(document);
    let mut path: Vec<&str> = Vec::new();
    for step in steps {
        let known = shape.keys();
        let step = match known.iter().find(|key| key.also.contains(&step.as_str())) {
            Some(ours) => ours.name,
            None if known.is_empty() || known.iter().any(|key| key.name == step) => step,
            None => did_you_mean(step, known.iter().map(|key| key.name))?,
        };
        (shape, _) = shape.below(step)?;
        path.push(step);
    }
    Some(Path::of(&path))
}

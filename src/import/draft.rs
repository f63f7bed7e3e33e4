//! What every source fills: the document, what was left out, and the secrets that belong in files of their own.

use super::Original;
use super::document::{Place, Table, Taken, Value};
use super::left::{LONGEST, Left, Why, without_secrets};
use super::write;
use crate::types::RelPath;
use std::collections::BTreeMap;

/// A document while it grows.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// The names of the files that are imported.
    pub files: Vec<String>,
    /// Their lines.
    lines: Vec<Vec<String>>,
    /// The document.
    pub root: Table,
    /// Parts that would change their meaning without what they lack: written as comments.
    pub held_back: Table,
    /// What was not imported, in the order it was met.
    pub left: Vec<Left>,
    /// The secrets, by the path of their file.
    pub secrets: BTreeMap<String, String>,
}

impl Draft {
    /// A draft for these files.
    pub fn new(files: &[Original]) -> Self {
        let lines = |file: &Original| file.text.lines().map(str::to_owned).collect();
        Self {
            files: files.iter().map(|file| file.name.clone()).collect(),
            lines: files.iter().map(lines).collect(),
            ..Self::default()
        }
    }

    /// The table at a path, made where there is none.
    pub fn table(&mut self, path: &[&str], place: Place) -> &mut Table {
        path.iter()
            .fold(&mut self.root, |table, name| table.table(name, place))
    }

    /// The table at a path, where there is one.
    pub fn find(&self, path: &[&str]) -> Option<&Table> {
        path.iter().try_fold(&self.root, |table, name| table.child(name))
    }

    /// Takes a table out of the document.
    pub fn take(&mut self, path: &[&str]) -> Option<Table> {
        let (last, path) = path.split_last()?;
        let around = path
            .iter()
            .try_fold(&mut self.root, |table, name| table.tables.get_mut(*name))?;
        around.tables.shift_remove(*last)
    }

    /// Gives a key its value; a second, different one is left out and said.
    pub fn set(&mut self, path: &[&str], key: &str, value: impl Into<Value>, place: Place) {
        let taken = self.table(path, place).set(key, value, place);
        self.say_taken(taken, &[path, &[key]].concat(), place);
    }

    /// Gives a key of an inline table its value.
    pub fn inner(&mut self, path: &[&str], key: &str, inner: &str, value: impl Into<Value>, place: Place) {
        let taken = self.table(path, place).inner(key, inner, value, place);
        self.say_taken(taken, &[path, &[key, inner]].concat(), place);
    }

    /// Adds to the list of a key.
    pub fn push(&mut self, path: &[&str], key: &str, value: impl Into<Value>, place: Place) {
        self.table(path, place).push(key, value, place);
    }

    /// Adds to the list of a key what is not in it yet.
    pub fn push_new(&mut self, path: &[&str], key: &str, value: impl Into<Value>, place: Place) {
        let value = value.into();
        let list = self.table(path, place).value(key);
        if !matches!(list, Some(Value::List(list)) if list.contains(&value)) {
            self.push(path, key, value, place);
        }
    }

    fn say_taken(&mut self, taken: Result<(), Taken>, key: &[&str], place: Place) {
        if let Err(Taken(first)) = taken {
            let key = key.join(".");
            let why = match first {
                Some(first) if first.file == place.file => {
                    format!("line {} has set {key} to another value", first.line)
                }
                Some(first) if first.is_somewhere() => {
                    format!("{} has set {key} to another value", self.shown(first))
                }
                _ => format!("{key} has another value"),
            };
            let line = self.line_at(place).to_owned();
            self.leave(place, &line, Why::Because(why));
        }
    }

    /// The text of a line; none of one that is the file as a whole, as JSON may be.
    fn line_at(&self, place: Place) -> &str {
        let lines = self.lines.get(place.file);
        let number = usize::try_from(place.line)
            .ok()
            .and_then(|line| line.checked_sub(1));
        let line = lines.zip(number).and_then(|(lines, number)| lines.get(number));
        let line = line.map_or("", |line| line.trim());
        if line.len() > LONGEST { "" } else { line }
    }

    /// Leaves a statement out.
    pub fn leave(&mut self, place: Place, statement: &str, why: Why) {
        self.left.push(Left {
            place,
            statement: without_secrets(statement),
            why,
        });
    }

    /// Keeps a password in a file of its own and gives the table its path.
    pub fn password(&mut self, path: &[&str], name: &str, password: &str, place: Place) {
        // Another VRF may have a neighbour of the same address.
        let name = match path {
            ["vrfs", vrf, ..] => format!("{vrf}-{name}"),
            _ => name.to_owned(),
        };
        let name: String = name
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '.' {
                    c
                } else {
                    '-'
                }
            })
            .collect();
        let file = format!("secrets/bgp-{name}");
        if file.parse::<RelPath>().is_err() {
            return self.leave(
                place,
                "",
                Why::Because("no file can be named after it".to_owned()),
            );
        }
        self.set(path, "password-file", file.as_str(), place);
        self.secrets.insert(file, format!("{password}\n"));
    }

    /// Keeps a secret in a file of its own.
    pub fn secret(&mut self, file: &str, secret: &str) {
        self.secrets.insert(file.to_owned(), format!("{secret}\n"));
    }

    /// Keeps the community of SNMP in a file of its own; `false` where there is another one already.
    pub fn snmp_community(&mut self, community: &str, place: Place) -> bool {
        const FILE: &str = "secrets/snmp-community";
        let kept = self.secrets.get(FILE).map(|text| text.trim_end());
        match kept {
            Some(kept) => kept == community,
            None => {
                self.secret(FILE, community);
                self.set(&["snmp"], "community-file", FILE, place);
                true
            }
        }
    }

    /// `FILE:LINE`.
    pub fn shown(&self, place: Place) -> String {
        let file = self.files.get(place.file).map_or("?", String::as_str);
        format!("{file}:{}", place.line)
    }

    /// The text of the document, with what was left out at its end.
    pub fn text(&self) -> String {
        let mut text = String::from("#:schema /usr/share/imp/config.schema.json\n");
        text.push_str(&format!("# Imported from {}.\n", self.files.join(", ")));
        text.push_str("config-version = 1\n");
        text.push_str(&write::document(&self.root, &self.files));
        let held_back = write::document(&self.held_back, &self.files);
        if !held_back.is_empty() {
            text.push_str(
                "\n# Held back: without what they lack, these would let other things through than before.\n",
            );
            for line in held_back.trim_start().lines() {
                text.push_str(format!("# {line}").trim_end());
                text.push('\n');
            }
        }
        if !self.left.is_empty() {
            text.push('\n');
        }
        for left in &self.left {
            text.push_str(&format!("# not imported: {}\n", self.line_of(left)));
        }
        text
    }

    /// One line about what was left out.
    pub fn line_of(&self, left: &Left) -> String {
        let place = self.shown(left.place);
        match left.statement.as_str() {
            "" => format!("{place}: {}", left.why),
            statement => format!("{place} '{statement}': {}", left.why),
        }
    }
}

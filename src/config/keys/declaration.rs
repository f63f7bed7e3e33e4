//! A declared table as data.

use super::Takes;
#[cfg(test)]
use super::{Reading, Value};
use crate::config::code::{Code, E0104};
use std::collections::BTreeSet;

/// Whether a value is one of a type; what is wrong with it is reported.
#[cfg(test)]
fn accepts<T: Takes>(value: &Value<'_>, reading: &mut Reading<'_>) -> bool {
    let before = reading.found.errors();
    T::read(value, reading).is_some() && reading.found.errors() == before
}

/// A table: what it is, and its keys.
#[derive(Debug)]
pub(in crate::config) struct Declaration {
    /// The Raw struct it makes.
    pub(in crate::config) raw: &'static str,
    /// What it is, in one line as the comment has it.
    pub(in crate::config) doc: &'static str,
    /// Its own keys, in the order of the manual.
    pub(in crate::config) own: &'static [Key],
    /// The table whose keys it has too; none or one.
    pub(in crate::config) shared: &'static [&'static Declaration],
}

impl Declaration {
    /// Its name: `Interface`.
    pub(in crate::config) fn name(&self) -> &'static str {
        self.raw.trim_end_matches("Raw")
    }

    /// What it is, in one line.
    pub(in crate::config) fn about(&self) -> &'static str {
        self.doc.trim()
    }

    /// The modes its keys are for, each with the key that says so; empty when it has no modes.
    pub(in crate::config) fn modes(&self) -> BTreeSet<(&'static str, &'static str)> {
        let of_key = |key: &'static Key| key.modes.iter().map(|mode| (key.mode_key, *mode));
        self.keys().flat_map(of_key).collect()
    }

    /// Itself, and the tables whose keys it has too.
    pub(in crate::config) fn parts(&self) -> impl Iterator<Item = &Declaration> + Clone {
        std::iter::successors(Some(self), |table| table.shared.first().copied())
    }

    /// Every key it has.
    pub(in crate::config) fn keys(&self) -> impl Iterator<Item = &'static Key> + Clone {
        self.parts().flat_map(|table| table.own)
    }
}

/// A key of a table.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct Key {
    /// As it is written.
    pub(in crate::config) name: &'static str,
    /// What it sets, in one line as the comment has it.
    doc: &'static str,
    /// What it takes.
    pub(in crate::config) shape: fn() -> Shape,
    /// Whether a value is one of its: a test tries each example. Elsewhere it would put a second decoder of each type into
    /// every program.
    #[cfg(test)]
    pub(in crate::config) accepts: fn(&Value<'_>, &mut Reading<'_>) -> bool,
    /// Whether the table is of no use without it.
    pub(in crate::config) required: bool,
    /// A value as it is written in TOML; for a table a line of it.
    pub(in crate::config) example: &'static str,
    /// The code of its absence.
    pub(in crate::config) code: Code,
    /// What holds without it: a value as it is written in TOML.
    pub(in crate::config) default: Option<&'static str>,
    /// What applies without it, where that is not a constant.
    pub(in crate::config) otherwise: Option<&'static str>,
    /// The unit of a number.
    pub(in crate::config) unit: Option<&'static str>,
    /// What other systems call it.
    pub(in crate::config) also: &'static [&'static str],
    /// The modes that have it; empty when all have.
    pub(in crate::config) modes: &'static [&'static str],
    /// The key that says which mode it is.
    pub(in crate::config) mode_key: &'static str,
    /// Why this version refuses it.
    pub(in crate::config) not_yet: Option<&'static str>,
    /// Whether the order of its items means nothing.
    pub(in crate::config) unordered: bool,
    /// Whether the file it names holds a secret.
    pub(in crate::config) secret: bool,
    /// The first version that has it.
    pub(in crate::config) since: &'static str,
}

/// The version that had the first keys.
const FIRST: &str = "0.1.0";

impl Key {
    /// An optional key with a value of this type.
    pub(in crate::config) const fn of<T: Takes>(name: &'static str, doc: &'static str) -> Self {
        Self {
            name,
            doc,
            shape: T::shape,
            #[cfg(test)]
            accepts: accepts::<T>,
            required: false,
            code: E0104,
            example: "",
            default: None,
            otherwise: None,
            unit: None,
            also: &[],
            modes: &[],
            mode_key: "mode",
            not_yet: None,
            unordered: false,
            secret: false,
            since: FIRST,
        }
    }

    /// What it sets, in one line.
    pub(in crate::config) fn about(&self) -> String {
        self.doc.trim().to_owned()
    }

    /// With what it may stand: `type gre, ipip or vxlan`; `None` when it always may.
    pub(in crate::config) fn only_with(&self) -> Option<String> {
        (!self.modes.is_empty()).then(|| format!("{} {}", self.mode_key, in_a_row(self.modes, "or")))
    }

    pub(in crate::config) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(in crate::config) const fn code(mut self, code: Code) -> Self {
        self.code = code;
        self
    }

    pub(in crate::config) const fn example(mut self, example: &'static str) -> Self {
        self.example = example;
        self
    }

    pub(in crate::config) const fn default(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    pub(in crate::config) const fn otherwise(mut self, otherwise: &'static str) -> Self {
        self.otherwise = Some(otherwise);
        self
    }

    pub(in crate::config) const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = Some(unit);
        self
    }

    pub(in crate::config) const fn also(mut self, also: &'static [&'static str]) -> Self {
        self.also = also;
        self
    }

    pub(in crate::config) const fn modes(mut self, modes: &'static [&'static str]) -> Self {
        self.modes = modes;
        self
    }

    /// The same where the modes are called types.
    pub(in crate::config) const fn types(mut self, types: &'static [&'static str]) -> Self {
        self.modes = types;
        self.mode_key = "type";
        self
    }

    pub(in crate::config) const fn since(mut self, version: &'static str) -> Self {
        self.since = version;
        self
    }

    pub(in crate::config) const fn unordered(mut self) -> Self {
        self.unordered = true;
        self
    }

    pub(in crate::config) const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    pub(in crate::config) const fn not_yet(mut self, why: &'static str) -> Self {
        self.not_yet = Some(why);
        self
    }
}

/// Words as they are said: `gre, ipip and vxlan`.
pub(in crate::config) fn in_a_row(words: &[&str], last: &str) -> String {
    match words {
        [first @ .., end] if !first.is_empty() => format!("{} {last} {end}", first.join(", ")),
        _ => words.join(", "),
    }
}

/// A text in the one way its type prints it; `None` when it is none of the type.
pub(in crate::config) fn normal<T: std::str::FromStr + std::fmt::Display>(text: &str) -> Option<String> {
    text.parse::<T>().ok().map(|value| value.to_string())
}

/// What a value may be.
#[derive(Debug, Clone)]
pub(in crate::config) enum Shape {
    /// `true` or `false`.
    Switch,
    /// A whole number, both ends included.
    Number {
        /// In words, with its article.
        about: &'static str,
        /// The least.
        least: i64,
        /// The greatest.
        greatest: i64,
    },
    /// A text.
    Text {
        /// In words, with its article.
        about: &'static str,
        /// The regular expression it matches; at least as wide as the grammar.
        pattern: &'static str,
        /// The one way to write what it means; `None` for a text that is not valid.
        normal: fn(&str) -> Option<String>,
    },
    /// One of these words.
    Words(Vec<&'static str>),
    /// One of several.
    Either(Vec<Shape>),
    /// A list of these.
    List(Box<Shape>),
    /// A list of these, with one at least.
    Filled(Box<Shape>),
    /// A table with these keys.
    Table(&'static Declaration),
    /// A table whose keys are the operator's.
    Named {
        /// What its keys are.
        names: Box<Shape>,
        /// The value of each.
        each: Box<Shape>,
    },
    /// Nothing: the key is known and refused.
    Never,
}

impl Shape {
    /// What a step of a path leads to: the key, unless the step is a name the operator chooses.
    pub(in crate::config) fn below(self, step: &str) -> Option<(Shape, Option<&'static Key>)> {
        match self {
            Self::Table(declared) => {
                let key = declared.keys().find(|key| key.name == step)?;
                Some(((key.shape)(), Some(key)))
            }
            // The name is the operator's; what is said of the table holds for each.
            Self::Named { each, .. } => Some((*each, None)),
            Self::List(each) | Self::Filled(each) => each.below(step),
            Self::Either(shapes) => shapes.into_iter().find_map(|shape| shape.below(step)),
            _ => None,
        }
    }

    /// The keys that may be next; none where the operator chooses a name.
    pub(in crate::config) fn keys(&self) -> Vec<&'static Key> {
        match self {
            Self::Table(declared) => declared.keys().collect(),
            Self::List(each) | Self::Filled(each) => each.keys(),
            Self::Either(shapes) => shapes.iter().flat_map(Self::keys).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether it is a list of tables, which have a header each.
    pub(in crate::config) fn lists_tables(&self) -> bool {
        match self {
            Self::List(each) | Self::Filled(each) => matches!(**each, Self::Table(_)),
            Self::Either(shapes) => shapes.iter().any(Self::lists_tables),
            _ => false,
        }
    }
}

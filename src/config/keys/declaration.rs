//! A declared table as data.

/// A table: what it is, and its keys.
#[derive(Debug)]
pub(in crate::config) struct Declaration {
    /// One line.
    pub(in crate::config) about: &'static str,
    /// Its own keys, in the order of the manual.
    pub(in crate::config) own: &'static [Key],
    /// The tables whose keys it has too.
    pub(in crate::config) shared: &'static [&'static Declaration],
}

impl Declaration {
    /// Every key it has.
    pub(in crate::config) fn keys(&self) -> impl Iterator<Item = &'static Key> + Clone {
        let shared = self.shared.iter().flat_map(|table| table.own);
        self.own.iter().chain(shared)
    }
}

/// A key of a table.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct Key {
    /// As it is written.
    pub(in crate::config) name: &'static str,
    /// What it sets, in one line.
    pub(in crate::config) about: &'static str,
    /// What it takes.
    pub(in crate::config) shape: fn() -> Shape,
    /// Whether the table is of no use without it.
    pub(in crate::config) required: bool,
    /// A value as it is written in TOML; for a table a line of it.
    pub(in crate::config) example: &'static str,
    /// What holds without it: a value as it is written in TOML.
    pub(in crate::config) default: Option<&'static str>,
    /// What holds without it, where that is no constant.
    pub(in crate::config) otherwise: Option<&'static str>,
    /// The unit of a number.
    pub(in crate::config) unit: Option<&'static str>,
    /// The `config-version` it came with.
    pub(in crate::config) since: u16,
    /// What other systems call it.
    pub(in crate::config) also: &'static [&'static str],
    /// The modes that have it; empty when all have.
    pub(in crate::config) modes: &'static [&'static str],
    /// Why this version refuses it.
    pub(in crate::config) not_yet: Option<&'static str>,
}

impl Key {
    /// An optional key.
    pub(in crate::config) const fn new(
        name: &'static str,
        about: &'static str,
        shape: fn() -> Shape,
    ) -> Self {
        Self {
            name,
            about,
            shape,
            required: false,
            example: "",
            default: None,
            otherwise: None,
            unit: None,
            since: 1,
            also: &[],
            modes: &[],
            not_yet: None,
        }
    }

    pub(in crate::config) const fn required(mut self) -> Self {
        self.required = true;
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

    pub(in crate::config) const fn not_yet(mut self, why: &'static str) -> Self {
        self.not_yet = Some(why);
        self
    }
}

/// What a value may be.
#[derive(Debug)]
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
        /// What stands behind each.
        each: Box<Shape>,
    },
    /// Nothing: the key is known and refused.
    Never,
}

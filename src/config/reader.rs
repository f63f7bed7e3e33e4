//! Walks the merged document: one [`Table`] per TOML table, one call per key, every error collected.
//!
//! A decoding function asks for the keys it knows and calls [`Table::finish`], which reports every key nobody asked
//! for. A value that is wrong is reported once, at its own place, and comes back as `None`.

use super::code::{Code, E0103, E0104, E0105, E0106};
use super::diag::{Diagnostic, Severity};
use super::index::Index;
use super::source::{At, Files, Sources, Span, did_you_mean};
use crate::types::{Seconds, TypeError};
use serde_spanned::Spanned;
use std::cell::{Cell, RefCell};
use std::str::FromStr;
use toml::de::{DeArray, DeTable, DeValue};

/// What every decoding function shares: the texts, the files they may name, and the findings so far.
pub(super) struct Cx<'s> {
    pub(super) sources: &'s Sources,
    pub(super) files: &'s dyn Files,
    /// What the cross-checks compare, with its places.
    pub(super) index: RefCell<Index>,
    diagnostics: RefCell<Vec<Diagnostic>>,
    errors: Cell<usize>,
}

impl<'s> Cx<'s> {
    pub(super) fn new(sources: &'s Sources, files: &'s dyn Files, diagnostics: Vec<Diagnostic>) -> Self {
        let errors = diagnostics
            .iter()
            .filter(|d| d.severity == Severity::Error)
            .count();
        Self {
            sources,
            files,
            index: RefCell::default(),
            diagnostics: RefCell::new(diagnostics),
            errors: Cell::new(errors),
        }
    }

    /// Records a finding.
    pub(super) fn report(&self, diagnostic: Diagnostic) {
        if diagnostic.severity == Severity::Error {
            self.errors.set(self.errors.get() + 1);
        }
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    /// How many errors were recorded so far.
    pub(super) fn errors(&self) -> usize {
        self.errors.get()
    }

    /// `file:line` form of a span for the Model.
    pub(super) fn at(&self, span: Span) -> At {
        self.sources.at(span)
    }

    pub(super) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics.into_inner()
    }
}

/// A decoded value and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) span: Span,
}

impl<T> Located<T> {
    /// Another value at the same place.
    pub(super) fn map<U>(self, value: impl FnOnce(T) -> U) -> Located<U> {
        Located {
            value: value(self.value),
            span: self.span,
        }
    }
}

/// One TOML value with its path (`interfaces.external.mtu`) for messages.
pub(super) struct Value<'c, 's> {
    cx: &'c Cx<'s>,
    path: String,
    value: &'c Spanned<DeValue<'s>>,
}

impl<'c, 's> Value<'c, 's> {
    pub(super) fn cx(&self) -> &'c Cx<'s> {
        self.cx
    }

    pub(super) fn at(&self) -> At {
        self.cx.at(self.span())
    }

    pub(super) fn span(&self) -> Span {
        self.value.span().into()
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn is_empty_list(&self) -> bool {
        self.value
            .get_ref()
            .as_array()
            .is_some_and(|list| list.is_empty())
    }

    pub(super) fn is_array(&self) -> bool {
        self.value.get_ref().is_array()
    }

    pub(super) fn is_text(&self) -> bool {
        self.value.get_ref().is_str()
    }

    /// The text itself, unchecked, when it is one; another type is reported.
    pub(super) fn raw_text(&self) -> Option<&'c str> {
        self.value
            .get_ref()
            .as_str()
            .or_else(|| self.wrong_type("a string"))
    }

    /// A text in the grammar of a type.
    pub(super) fn text<T: FromStr<Err = TypeError>>(&self) -> Option<Located<T>> {
        self.checked(self.raw_text()?.parse())
    }

    /// A text in the grammar of a type whose own error says nothing useful: `expected` does.
    pub(super) fn text_as<T: FromStr>(&self, expected: &str) -> Option<Located<T>> {
        self.checked(
            self.raw_text()?
                .parse()
                .map_err(|_| TypeError::expected(expected)),
        )
    }

    /// A whole number in the range of a type.
    pub(super) fn number<T: TryFrom<i64, Error = TypeError>>(&self) -> Option<Located<T>> {
        self.checked(T::try_from(self.integer()?))
    }

    /// A whole number in a range; `expected` says which.
    pub(super) fn within<T: TryFrom<i64>>(
        &self,
        range: std::ops::RangeInclusive<i64>,
        expected: &str,
    ) -> Option<Located<T>> {
        let number = Some(self.integer()?)
            .filter(|n| range.contains(n))
            .and_then(|n| T::try_from(n).ok());
        self.checked(number.ok_or_else(|| TypeError::expected(expected)))
    }

    /// A whole number or a text in the grammar of a type (an AS number: `64500` or `"64086.59905"`).
    pub(super) fn number_or_text<T>(&self) -> Option<Located<T>>
    where
        T: TryFrom<i64, Error = TypeError> + FromStr<Err = TypeError>,
    {
        if self.is_text() {
            self.text()
        } else {
            self.number()
        }
    }

    pub(super) fn boolean(&self) -> Option<Located<bool>> {
        let value = self
            .value
            .get_ref()
            .as_bool()
            .or_else(|| self.wrong_type("true or false"))?;
        Some(Located {
            value,
            span: self.span(),
        })
    }

    /// A list of texts in the grammar of a type. Wrong items are reported and left out.
    pub(super) fn texts<T: FromStr<Err = TypeError>>(&self) -> Vec<Located<T>> {
        let items = self.items().into_iter().flatten();
        items.filter_map(|item| item.text()).collect()
    }

    /// The items of an array.
    pub(super) fn items(&self) -> Option<impl Iterator<Item = Value<'c, 's>> + use<'c, 's>> {
        let array = self
            .value
            .get_ref()
            .as_array()
            .or_else(|| self.wrong_type("a list"))?;
        let (cx, path) = (self.cx, self.path.clone());
        Some(array.iter().enumerate().map(move |(i, value)| Value {
            cx,
            path: format!("{path}[{i}]"),
            value,
        }))
    }

    /// The items of an array without a path each: for lists of a hundred thousand texts.
    pub(super) fn array(&self) -> Option<&'c DeArray<'s>> {
        self.value
            .get_ref()
            .as_array()
            .or_else(|| self.wrong_type("a list"))
    }

    /// One item of an array with its path: what [`Value::array`] leaves out, for the item that is wrong.
    pub(super) fn item(&self, index: usize) -> Option<Value<'c, 's>> {
        Some(Value {
            cx: self.cx,
            path: format!("{}[{index}]", self.path),
            value: self.value.get_ref().as_array()?.get(index)?,
        })
    }

    /// The table it is.
    pub(super) fn table(&self) -> Option<Table<'c, 's>> {
        let entries = self
            .value
            .get_ref()
            .as_table()
            .or_else(|| self.wrong_type("a table"))?;
        Some(Table {
            cx: self.cx,
            path: self.path.clone(),
            span: self.span(),
            entries,
            known: Vec::new(),
        })
    }

    /// Reports the value as outside the grammar of its field; `expected` begins with that word.
    pub(super) fn refuse_grammar(&self, expected: &str) {
        let message = format!("'{}' has a value it cannot have", self.path);
        self.cx.report(self.refuse(E0106, message).label(expected));
    }

    /// An error at the value.
    pub(super) fn refuse(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, self.span(), message)
    }

    fn integer(&self) -> Option<i64> {
        let DeValue::Integer(integer) = self.value.get_ref() else {
            return self.wrong_type("a whole number");
        };
        let digits = integer.as_str().replace('_', "");
        match i64::from_str_radix(&digits, integer.radix()) {
            Ok(number) => Some(number),
            Err(_) => self
                .checked::<i64>(Err(TypeError::expected("a whole number of 64 bits")))
                .map(|n| n.value),
        }
    }

    fn checked<T>(&self, result: Result<T, TypeError>) -> Option<Located<T>> {
        match result {
            Ok(value) => Some(Located {
                value,
                span: self.span(),
            }),
            Err(error) => {
                let message = format!("'{}' has a value it cannot have", self.path);
                self.cx
                    .report(Diagnostic::error(E0106, self.span(), message).label(error.to_string()));
                None
            }
        }
    }

    fn wrong_type<T>(&self, expected: &str) -> Option<T> {
        let found = self.value.get_ref().type_str();
        let message = format!("'{}' has the wrong type", self.path);
        self.cx.report(
            Diagnostic::error(E0105, self.span(), message)
                .label(format!("expected {expected}, this is a TOML {found}")),
        );
        None
    }
}

/// One TOML table being decoded.
pub(super) struct Table<'c, 's> {
    cx: &'c Cx<'s>,
    path: String,
    span: Span,
    entries: &'c DeTable<'s>,
    known: Vec<&'static str>,
}

impl<'c, 's> Table<'c, 's> {
    /// The whole document.
    pub(super) fn document(cx: &'c Cx<'s>, entries: &'c DeTable<'s>) -> Self {
        Self {
            cx,
            path: String::new(),
            span: Span { start: 0, end: 0 },
            entries,
            known: Vec::new(),
        }
    }

    pub(super) fn cx(&self) -> &'c Cx<'s> {
        self.cx
    }

    pub(super) fn span(&self) -> Span {
        self.span
    }

    pub(super) fn at(&self) -> At {
        self.cx.at(self.span)
    }

    /// The table's path, `interfaces.external`.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The value of a key, if it is set.
    pub(super) fn value(&mut self, key: &'static str) -> Option<Value<'c, 's>> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        let value = self.entries.get(key)?;
        Some(Value {
            cx: self.cx,
            path: self.path_of(key),
            value,
        })
    }

    /// Whether a key is set, rightly or not.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// The value of a key that must be set; its absence is reported.
    pub(super) fn required(&mut self, key: &'static str, expected: &str) -> Option<Value<'c, 's>> {
        let value = self.value(key);
        if value.is_none() {
            let message = if self.path.is_empty() {
                format!("'{key}' is missing")
            } else {
                format!("'{}' has no '{key}'", self.path)
            };
            self.cx.report(
                Diagnostic::error(E0104, self.span, message).hint(format!("add `{key} = {expected}`")),
            );
        }
        value
    }

    pub(super) fn text<T: FromStr<Err = TypeError>>(&mut self, key: &'static str) -> Option<Located<T>> {
        self.value(key)?.text()
    }

    /// A text that must be set.
    pub(super) fn required_text<T: FromStr<Err = TypeError>>(
        &mut self,
        key: &'static str,
        expected: &str,
    ) -> Option<Located<T>> {
        self.required(key, expected)?.text()
    }

    /// A table of the document that must be there; `example` is a line of it.
    pub(super) fn required_table(&mut self, key: &'static str, example: &str) -> Option<Table<'c, 's>> {
        let Some(value) = self.value(key) else {
            self.cx.report(
                Diagnostic::error(E0104, self.span, format!("the table [{key}] is missing"))
                    .hint(format!("add `[{key}]` with `{example}`")),
            );
            return None;
        };
        value.table()
    }

    /// A duration in a range of seconds; `expected` says which.
    pub(super) fn duration(
        &mut self,
        key: &'static str,
        range: std::ops::RangeInclusive<u32>,
        expected: &str,
    ) -> Option<Seconds> {
        let value = self.value(key)?;
        let duration: Located<Seconds> = value.text()?;
        if range.contains(&duration.value.get()) {
            return Some(duration.value);
        }
        value.refuse_grammar(&format!("expected {expected}"));
        None
    }

    pub(super) fn number<T: TryFrom<i64, Error = TypeError>>(
        &mut self,
        key: &'static str,
    ) -> Option<Located<T>> {
        self.value(key)?.number()
    }

    pub(super) fn within<T: TryFrom<i64>>(
        &mut self,
        key: &'static str,
        range: std::ops::RangeInclusive<i64>,
        expected: &str,
    ) -> Option<Located<T>> {
        self.value(key)?.within(range, expected)
    }

    /// Whether a switch is on; off when absent.
    pub(super) fn switch(&mut self, key: &'static str) -> bool {
        self.value(key).and_then(|v| v.boolean()).is_some_and(|b| b.value)
    }

    /// A list of texts in the grammar of a type; empty when absent. Wrong items are reported and left out.
    pub(super) fn texts<T: FromStr<Err = TypeError>>(&mut self, key: &'static str) -> Vec<Located<T>> {
        self.value(key).map(|value| value.texts()).unwrap_or_default()
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<Located<T>> {
        let value = self.value(key)?;
        value.choice(words)
    }

    /// A table below this one, if it is set.
    pub(super) fn table(&mut self, key: &'static str) -> Option<Table<'c, 's>> {
        self.value(key)?.table()
    }

    /// The tables of a keyed table, `[key.NAME]`, with their checked names. Wrong names are reported and left out.
    pub(super) fn named<K: FromStr<Err = TypeError>>(
        &mut self,
        key: &'static str,
    ) -> Vec<(Located<K>, Table<'c, 's>)> {
        let tables = self.table(key).map(Table::entries::<K>);
        let named = tables.into_iter().flatten();
        named
            .filter_map(|(name, value)| Some((name, value.table()?)))
            .collect()
    }

    /// All entries of this table as names and values: for tables whose keys are the operator's.
    pub(super) fn entries<K: FromStr<Err = TypeError>>(self) -> Vec<(Located<K>, Value<'c, 's>)> {
        let keys = self.keys();
        keys.filter_map(|(key, span, value)| Some((self.key(key, span)?, value)))
            .collect()
    }

    /// All entries of this table, keys unchecked.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&'c str, Span, Value<'c, 's>)> {
        self.entries.iter().map(|(key, value)| {
            let value = Value {
                cx: self.cx,
                path: self.path_of(key.get_ref()),
                value,
            };
            (key.get_ref().as_ref(), key.span().into(), value)
        })
    }

    /// A key in the grammar of a type.
    pub(super) fn key<K: FromStr<Err = TypeError>>(&self, key: &str, span: Span) -> Option<Located<K>> {
        match key.parse() {
            Ok(value) => Some(Located { value, span }),
            Err(error) => {
                let message = format!("'{key}' cannot be a key of '{}'", self.path);
                self.cx
                    .report(Diagnostic::error(E0106, span, message).label(error.to_string()));
                None
            }
        }
    }

    /// The tables of an array of tables, `[[key]]`, in order.
    pub(super) fn tables(&mut self, key: &'static str) -> Vec<Table<'c, 's>> {
        let items = self.value(key).and_then(|v| v.items());
        items
            .into_iter()
            .flatten()
            .filter_map(|item| item.table())
            .collect()
    }

    /// Reports every key nobody asked for, with the nearest one that exists.
    pub(super) fn finish(self) {
        for key in self.entries.keys() {
            if self.known.contains(&key.get_ref().as_ref()) {
                continue;
            }
            let place = if self.path.is_empty() {
                "the document".to_owned()
            } else {
                format!("'{}'", self.path)
            };
            let diagnostic = Diagnostic::error(
                E0103,
                key.span().into(),
                format!("unknown key '{}' in {place}", key.get_ref()),
            );
            self.cx
                .report(match did_you_mean(key.get_ref(), self.known.iter().copied()) {
                    Some(near) => diagnostic.hint(format!("did you mean '{near}'?")),
                    None => diagnostic.hint(format!("known here: {}", self.known.join(", "))),
                });
        }
    }

    fn path_of(&self, key: &str) -> String {
        let bare = !key.is_empty()
            && key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        match (self.path.is_empty(), bare) {
            (true, true) => key.to_owned(),
            (true, false) => format!("{key:?}"),
            (false, true) => format!("{}.{key}", self.path),
            (false, false) => format!("{}.{key:?}", self.path),
        }
    }
}

impl<'c, 's> Value<'c, 's> {
    /// One of a few words.
    pub(super) fn choice<T: Copy>(&self, words: &[(&str, T)]) -> Option<Located<T>> {
        let typed = self.raw_text()?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == typed) {
            return Some(Located {
                value: *value,
                span: self.span(),
            });
        }
        let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let message = format!("'{}' has a value it cannot have", self.path);
        let diagnostic = Diagnostic::error(E0106, self.span(), message)
            .label(format!("expected one of {}", list.join(", ")));
        self.cx.report(match did_you_mean(typed, list) {
            Some(near) => diagnostic.hint(format!("did you mean '{near}'?")),
            None => diagnostic,
        });
        None
    }
}

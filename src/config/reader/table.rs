//! One table: every key asked for once, every other one reported.

use super::{Cx, Located, Value};
use crate::config::code::{E0103, E0104, E0106};
use crate::config::diag::Diagnostic;
use crate::config::source::{At, Span, did_you_mean};
use crate::types::{Seconds, TypeError};
use std::str::FromStr;
use toml::de::DeTable;

/// One TOML table being decoded.
pub(in crate::config) struct Table<'c, 's> {
    pub(super) cx: &'c Cx<'s>,
    pub(super) path: String,
    pub(super) span: Span,
    pub(super) entries: &'c DeTable<'s>,
    pub(super) known: Vec<&'static str>,
}

impl<'c, 's> Table<'c, 's> {
    /// The whole document.
    pub(in crate::config) fn document(cx: &'c Cx<'s>, entries: &'c DeTable<'s>) -> Self {
        Self {
            cx,
            path: String::new(),
            span: Span { start: 0, end: 0 },
            entries,
            known: Vec::new(),
        }
    }

    pub(in crate::config) fn cx(&self) -> &'c Cx<'s> {
        self.cx
    }

    pub(in crate::config) fn span(&self) -> Span {
        self.span
    }

    pub(in crate::config) fn at(&self) -> At {
        self.cx.at(self.span)
    }

    /// The table's path, `interfaces.external`.
    pub(in crate::config) fn path(&self) -> &str {
        &self.path
    }

    /// The value of a key, if it is set.
    pub(in crate::config) fn value(&mut self, key: &'static str) -> Option<Value<'c, 's>> {
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
    pub(in crate::config) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// The value of a key that must be set; its absence is reported.
    pub(in crate::config) fn required(&mut self, key: &'static str, expected: &str) -> Option<Value<'c, 's>> {
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

    pub(in crate::config) fn text<T: FromStr<Err = TypeError>>(
        &mut self,
        key: &'static str,
    ) -> Option<Located<T>> {
        self.value(key)?.text()
    }

    /// A text that must be set.
    pub(in crate::config) fn required_text<T: FromStr<Err = TypeError>>(
        &mut self,
        key: &'static str,
        expected: &str,
    ) -> Option<Located<T>> {
        self.required(key, expected)?.text()
    }

    /// A table of the document that must be there; `example` is a line of it.
    pub(in crate::config) fn required_table(
        &mut self,
        key: &'static str,
        example: &str,
    ) -> Option<Table<'c, 's>> {
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
    pub(in crate::config) fn duration(
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

    pub(in crate::config) fn number<T: TryFrom<i64, Error = TypeError>>(
        &mut self,
        key: &'static str,
    ) -> Option<Located<T>> {
        self.value(key)?.number()
    }

    pub(in crate::config) fn within<T: TryFrom<i64>>(
        &mut self,
        key: &'static str,
        range: std::ops::RangeInclusive<i64>,
        expected: &str,
    ) -> Option<Located<T>> {
        self.value(key)?.within(range, expected)
    }

    /// Whether a switch is on; off when absent.
    pub(in crate::config) fn switch(&mut self, key: &'static str) -> bool {
        self.value(key).and_then(|v| v.boolean()).is_some_and(|b| b.value)
    }

    /// A list of texts in the grammar of a type; empty when absent. Wrong items are reported and left out.
    pub(in crate::config) fn texts<T: FromStr<Err = TypeError>>(
        &mut self,
        key: &'static str,
    ) -> Vec<Located<T>> {
        self.value(key).map(|value| value.texts()).unwrap_or_default()
    }

    /// One of a few words.
    pub(in crate::config) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&str, T)],
    ) -> Option<Located<T>> {
        let value = self.value(key)?;
        value.choice(words)
    }

    /// A table below this one, if it is set.
    pub(in crate::config) fn table(&mut self, key: &'static str) -> Option<Table<'c, 's>> {
        self.value(key)?.table()
    }

    /// The tables of a keyed table, `[key.NAME]`, with their checked names. Wrong names are reported and left out.
    pub(in crate::config) fn named<K: FromStr<Err = TypeError>>(
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
    pub(in crate::config) fn entries<K: FromStr<Err = TypeError>>(self) -> Vec<(Located<K>, Value<'c, 's>)> {
        let keys = self.keys();
        keys.filter_map(|(key, span, value)| Some((self.key(key, span)?, value)))
            .collect()
    }

    /// All entries of this table, keys unchecked.
    pub(in crate::config) fn keys(&self) -> impl Iterator<Item = (&'c str, Span, Value<'c, 's>)> {
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
    pub(in crate::config) fn key<K: FromStr<Err = TypeError>>(
        &self,
        key: &str,
        span: Span,
    ) -> Option<Located<K>> {
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
    pub(in crate::config) fn tables(&mut self, key: &'static str) -> Vec<Table<'c, 's>> {
        let items = self.value(key).and_then(|v| v.items());
        items
            .into_iter()
            .flatten()
            .filter_map(|item| item.table())
            .collect()
    }

    /// Reports every key nobody asked for, with the nearest one that exists.
    pub(in crate::config) fn finish(self) {
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

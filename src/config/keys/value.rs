//! A value of the document with its path and its place.

use super::Reading;
use crate::config::code::{Code, E0105, E0106};
use crate::config::diag::Diagnostic;
use crate::config::source::{Located, Span};
use crate::types::TypeError;
use serde_spanned::Spanned;
use std::fmt;
use std::str::FromStr;
use toml::de::{DeArray, DeValue};

/// The path of a value in the document, `interfaces.external.addresses[1]`. Formatted only when it is shown.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) enum Path<'p> {
    /// The document itself.
    Document,
    /// Behind a key.
    Key(&'p Path<'p>, &'p str),
    /// In a list.
    Item(&'p Path<'p>, usize),
}

impl Path<'_> {
    /// A path below the document.
    pub(in crate::config) fn of(keys: &[&str]) -> String {
        let mut text = String::new();
        for key in keys {
            push_key(&mut text, key);
        }
        text
    }

    /// Whether it leads through a list, whose items no header can name.
    fn is_in_a_list(&self) -> bool {
        match self {
            Self::Document => false,
            Self::Key(parent, _) => parent.is_in_a_list(),
            Self::Item(..) => true,
        }
    }

    fn write(&self, text: &mut String) {
        match self {
            Self::Document => {}
            Self::Key(parent, key) => {
                parent.write(text);
                push_key(text, key);
            }
            Self::Item(parent, index) => {
                parent.write(text);
                text.push_str(&format!("[{index}]"));
            }
        }
    }
}

/// Adds a key as TOML writes it: quoted where it has to be.
pub(in crate::config) fn push_key(text: &mut String, key: &str) {
    if !text.is_empty() {
        text.push('.');
    }
    let bare = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    match !key.is_empty() && key.bytes().all(bare) {
        true => text.push_str(key),
        false => text.push_str(&format!("{key:?}")),
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write(&mut text);
        f.write_str(&text)
    }
}

/// One TOML value.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct Value<'v> {
    pub(super) path: Path<'v>,
    pub(super) value: &'v Spanned<DeValue<'v>>,
}

/// A key of a table and its value.
#[derive(Debug)]
pub(in crate::config) struct Entry<'v> {
    /// The key.
    pub(in crate::config) key: Located<&'v str>,
    /// Its value.
    pub(in crate::config) value: Value<'v>,
}

impl<'v> Value<'v> {
    /// The whole document; its value is a table.
    pub(in crate::config) fn document(value: &'v Spanned<DeValue<'v>>) -> Self {
        Self {
            path: Path::Document,
            value,
        }
    }

    /// Its place.
    pub(in crate::config) fn span(&self) -> Span {
        self.value.span().into()
    }

    /// Its path, for a message.
    pub(in crate::config) fn path(&self) -> &Path<'v> {
        &self.path
    }

    /// The path of a key of the table it is.
    pub(super) fn below(&self, key: &str) -> String {
        Path::Key(&self.path, key).to_string()
    }

    /// The keys of the table it is; none when it is no table.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let table = self.value.get_ref().as_table();
        table.into_iter().flatten().map(|(key, _)| key.get_ref().as_ref())
    }

    /// The value of a key, when it is a table that has it.
    pub(in crate::config) fn entry(&self, key: &str) -> Option<Value<'_>> {
        let (key, value) = self.value.get_ref().as_table()?.get_key_value(key)?;
        let path = Path::Key(&self.path, key.get_ref());
        Some(Value { path, value })
    }

    /// The whole number it is; nothing is reported when it is none.
    pub(in crate::config) fn as_number(&self) -> Option<i64> {
        let DeValue::Integer(integer) = self.value.get_ref() else {
            return None;
        };
        let digits = integer.as_str().replace('_', "");
        i64::from_str_radix(&digits, integer.radix()).ok()
    }

    /// Whether it is a number that is written with its sign.
    pub(in crate::config) fn has_sign(&self) -> bool {
        matches!(self.value.get_ref(), DeValue::Integer(integer) if integer.as_str().starts_with(['+', '-']))
    }

    /// The text it is; nothing is reported when it is none.
    pub(super) fn as_text(&self) -> Option<&'v str> {
        self.value.get_ref().as_str()
    }

    /// Whether it is a text.
    pub(in crate::config) fn is_text(&self) -> bool {
        self.value.get_ref().is_str()
    }

    /// Whether it is a table.
    pub(in crate::config) fn is_table(&self) -> bool {
        self.value.get_ref().is_table()
    }

    /// Whether it is a list.
    pub(in crate::config) fn is_list(&self) -> bool {
        self.value.get_ref().is_array()
    }

    /// The text as it is; another type is reported.
    pub(in crate::config) fn text(&self, reading: &mut Reading<'_>) -> Option<&'v str> {
        let text = self.value.get_ref().as_str();
        text.or_else(|| self.wrong_type(reading, "a string"))
    }

    /// The text in the grammar of a type.
    pub(in crate::config) fn parse<T: FromStr<Err = TypeError>>(
        &self,
        reading: &mut Reading<'_>,
    ) -> Option<T> {
        let parsed = self.text(reading)?.parse();
        self.checked(reading, parsed)
    }

    /// `true` or `false`; another type is reported.
    pub(in crate::config) fn switch(&self, reading: &mut Reading<'_>) -> Option<bool> {
        let switch = self.value.get_ref().as_bool();
        switch.or_else(|| self.wrong_type(reading, "true or false"))
    }

    /// A whole number, also one in quotes: where a number is expected its digits mean nothing else. Another type is reported.
    pub(in crate::config) fn number(&self, reading: &mut Reading<'_>) -> Option<i64> {
        let text = self.value.get_ref().as_str();
        let quoted = text.filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
        if let Some(number) = quoted.and_then(|digits| digits.parse().ok()) {
            return Some(number);
        }
        if !matches!(self.value.get_ref(), DeValue::Integer(_)) {
            return self.wrong_type(reading, "a whole number");
        }
        let wide = || TypeError::expected("a whole number of 64 bits");
        self.checked(reading, self.as_number().ok_or_else(wide))
    }

    /// The list itself; another type is reported.
    pub(in crate::config) fn list(&self, reading: &mut Reading<'_>) -> Option<&'v DeArray<'v>> {
        let list = self.value.get_ref().as_array();
        list.or_else(|| {
            let brackets = self.two_brackets(reading);
            self.refuse_type(reading, "a list", brackets)
        })
    }

    /// The items of the list; another type is reported.
    pub(in crate::config) fn items<'a>(
        &'a self,
        reading: &mut Reading<'_>,
    ) -> Option<impl Iterator<Item = Value<'a>> + use<'a, 'v>> {
        let list = self.list(reading)?;
        let items = list.iter().enumerate();
        Some(items.map(|(index, value)| Value {
            path: Path::Item(&self.path, index),
            value,
        }))
    }

    /// The entries of the table; another type is reported.
    pub(in crate::config) fn entries<'a>(
        &'a self,
        reading: &mut Reading<'_>,
    ) -> Option<impl Iterator<Item = Entry<'a>> + use<'a, 'v>> {
        let table = self.value.get_ref().as_table();
        let table = table.or_else(|| self.refuse_type(reading, "a table", self.one_bracket()))?;
        Some(table.iter().map(|(key, value)| Entry {
            key: Located {
                value: key.get_ref().as_ref(),
                span: key.span().into(),
            },
            value: Value {
                path: Path::Key(&self.path, key.get_ref()),
                value,
            },
        }))
    }

    /// An error at the value.
    pub(in crate::config) fn refuse(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, self.span(), message)
    }

    /// The value of a result; its error is reported in its own words.
    pub(in crate::config) fn checked<T>(
        &self,
        reading: &mut Reading<'_>,
        result: Result<T, TypeError>,
    ) -> Option<T> {
        let refuse = |error: TypeError| {
            let message = format!("invalid value for '{}'", self.path);
            reading.report(self.refuse(E0106, message).label(error.to_string()));
        };
        result.map_err(refuse).ok()
    }

    fn wrong_type<T>(&self, reading: &mut Reading<'_>, expected: &str) -> Option<T> {
        self.refuse_type(reading, expected, None)
    }

    /// Reports the type it has; unless it is known what to do, an example shows that.
    fn refuse_type<T>(
        &self,
        reading: &mut Reading<'_>,
        expected: &str,
        what_to_do: Option<String>,
    ) -> Option<T> {
        let found = self.value.get_ref().type_str();
        let error = self.refuse(E0105, format!("'{}' has the wrong type", self.path));
        let error = error.label(format!("expected {expected}, found {}", in_words(found)));
        let example = || Some(format!("for example `{}`", reading.example_of(&self.path)?));
        let hint = what_to_do.or_else(example);
        reading.report(match hint {
            Some(hint) => error.hint(hint),
            None => error,
        });
        None
    }

    /// A header with a bracket too few: a table where there may be several.
    fn two_brackets(&self, reading: &Reading<'_>) -> Option<String> {
        let meant = self.is_table() && !self.path.is_in_a_list() && reading.lists_tables(&self.path);
        meant.then(|| format!("each entry is written [[{}]], with two brackets", self.path))
    }

    /// A header with a bracket too many: tables in a list where there is one.
    fn one_bracket(&self) -> Option<String> {
        let list = self.value.get_ref().as_array()?;
        let are_tables = !list.is_empty() && list.iter().all(|item| item.get_ref().is_table());
        let meant = are_tables && !self.path.is_in_a_list();
        meant.then(|| format!("write [{}], with one bracket", self.path))
    }
}

/// A type of TOML, with its article.
fn in_words(found: &str) -> &str {
    match found {
        "integer" => "a number",
        "float" => "a number with a point",
        "boolean" => "true or false",
        "datetime" => "a date",
        "array" => "a list",
        "table" => "a table",
        _ => "a string",
    }
}

//! One value: its type, its grammar, its place.

use super::{Cx, Located, Table};
use crate::config::code::{Code, E0105, E0106, E0110};
use crate::config::diag::Diagnostic;
use crate::config::source::{At, Span, did_you_mean};
use crate::types::{RelPath, TypeError, is_hostile};
use serde_spanned::Spanned;
use std::str::FromStr;
use toml::de::{DeArray, DeValue};

/// One TOML value with its path (`interfaces.external.mtu`) for messages.
pub(in crate::config) struct Value<'c, 's> {
    pub(super) cx: &'c Cx<'s>,
    pub(super) path: String,
    pub(super) value: &'c Spanned<DeValue<'s>>,
}

impl<'c, 's> Value<'c, 's> {
    pub(in crate::config) fn cx(&self) -> &'c Cx<'s> {
        self.cx
    }

    pub(in crate::config) fn at(&self) -> At {
        self.cx.at(self.span())
    }

    pub(in crate::config) fn span(&self) -> Span {
        self.value.span().into()
    }

    pub(in crate::config) fn path(&self) -> &str {
        &self.path
    }

    pub(in crate::config) fn is_empty_list(&self) -> bool {
        self.value
            .get_ref()
            .as_array()
            .is_some_and(|list| list.is_empty())
    }

    pub(in crate::config) fn is_array(&self) -> bool {
        self.value.get_ref().is_array()
    }

    pub(in crate::config) fn is_text(&self) -> bool {
        self.value.get_ref().is_str()
    }

    /// The text itself, unchecked, when it is one; another type is reported.
    pub(in crate::config) fn raw_text(&self) -> Option<&'c str> {
        self.value
            .get_ref()
            .as_str()
            .or_else(|| self.wrong_type("a string"))
    }

    /// A text in the grammar of a type.
    pub(in crate::config) fn text<T: FromStr<Err = TypeError>>(&self) -> Option<Located<T>> {
        self.checked(self.raw_text()?.parse())
    }

    /// A text in the grammar of a type whose own error says nothing useful: `expected` does.
    pub(in crate::config) fn text_as<T: FromStr>(&self, expected: &str) -> Option<Located<T>> {
        self.checked(
            self.raw_text()?
                .parse()
                .map_err(|_| TypeError::expected(expected)),
        )
    }

    /// A whole number in the range of a type.
    pub(in crate::config) fn number<T: TryFrom<i64, Error = TypeError>>(&self) -> Option<Located<T>> {
        self.checked(T::try_from(self.integer()?))
    }

    /// A whole number in a range; `expected` says which.
    pub(in crate::config) fn within<T: TryFrom<i64>>(
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
    pub(in crate::config) fn number_or_text<T>(&self) -> Option<Located<T>>
    where
        T: TryFrom<i64, Error = TypeError> + FromStr<Err = TypeError>,
    {
        if self.is_text() {
            self.text()
        } else {
            self.number()
        }
    }

    pub(in crate::config) fn boolean(&self) -> Option<Located<bool>> {
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
    pub(in crate::config) fn texts<T: FromStr<Err = TypeError>>(&self) -> Vec<Located<T>> {
        let items = self.items().into_iter().flatten();
        items.filter_map(|item| item.text()).collect()
    }

    /// The items of an array.
    pub(in crate::config) fn items(&self) -> Option<impl Iterator<Item = Value<'c, 's>> + use<'c, 's>> {
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
    pub(in crate::config) fn array(&self) -> Option<&'c DeArray<'s>> {
        self.value
            .get_ref()
            .as_array()
            .or_else(|| self.wrong_type("a list"))
    }

    /// One item of an array with its path: what [`Value::array`] leaves out, for the item that is wrong.
    pub(in crate::config) fn item(&self, index: usize) -> Option<Value<'c, 's>> {
        Some(Value {
            cx: self.cx,
            path: format!("{}[{index}]", self.path),
            value: self.value.get_ref().as_array()?.get(index)?,
        })
    }

    /// The table it is.
    pub(in crate::config) fn table(&self) -> Option<Table<'c, 's>> {
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
    pub(in crate::config) fn refuse_grammar(&self, expected: &str) {
        let message = format!("'{}' has a value it cannot have", self.path);
        self.cx.report(self.refuse(E0106, message).label(expected));
    }

    /// The path it holds and the content of that file, which lies in the configuration folder.
    pub(in crate::config) fn file(&self) -> Option<(RelPath, Vec<u8>)> {
        let path = self.text::<RelPath>()?.value;
        match self.cx.files.read(path.as_ref()) {
            Ok(file) => Some((path, file.bytes)),
            Err(error) => {
                let refused = self.refuse(E0110, format!("'{path}' cannot be read"));
                let refused = refused.label(error.to_string());
                self.cx
                    .report(refused.hint("paths are relative to the configuration folder"));
                None
            }
        }
    }

    /// The text of the file it names, for a program that reads lines: UTF-8, without control characters but tabs, each
    /// line ended by a newline alone. Otherwise the line is reported under the code, with the hint.
    pub(in crate::config) fn lines_of_file(&self, code: Code, hint: &str) -> Option<String> {
        let (path, bytes) = self.file()?;
        let refuse = |line: usize, what: &str| {
            let message = format!("'{path}' line {line} {what}");
            self.cx.report(self.refuse(code, message).hint(hint));
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text.replace("\r\n", "\n"),
            Err(error) => {
                let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                refuse(1 + good.iter().filter(|b| **b == b'\n').count(), "is not UTF-8");
                return None;
            }
        };
        let hostile = |line: &str| line.chars().any(|c| c != '\t' && is_hostile(c));
        if let Some(index) = text.split('\n').position(hostile) {
            refuse(index + 1, "has a control or invisible character");
            return None;
        }
        Some(text)
    }

    /// An error at the value.
    pub(in crate::config) fn refuse(&self, code: Code, message: impl Into<String>) -> Diagnostic {
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

    /// One of a few words.
    pub(in crate::config) fn choice<T: Copy>(&self, words: &[(&str, T)]) -> Option<Located<T>> {
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

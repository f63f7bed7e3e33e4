//! What the checks of every subject share.

use super::code::{Code, E0102, E0104, E0106, E0110, E0207, E0222, E0233, E0338, E0339, E0340};
use super::diag::{Diagnostic, Findings};
use super::index::Index;
use super::keys::{Field, Key, Path, in_a_row, to_add};
use super::source::{At, Files, Located, Sources, Span};
use crate::types::{RelPath, TypeError, is_hostile};
use std::collections::HashMap;
use std::hash::Hash;
use std::str::FromStr;

/// What a check has at hand: where things stand, what the other tables say, and the findings so far.
pub(super) struct Checking<'a> {
    /// The documents.
    pub(super) sources: &'a Sources,
    /// The configuration folder.
    pub(super) files: &'a dyn Files,
    /// What other tables say.
    pub(super) index: &'a Index,
    /// The findings so far.
    pub(super) found: &'a mut Findings,
}

impl Checking<'_> {
    /// The same against what another table of routes has.
    pub(super) fn within<'c>(&'c mut self, index: &'c Index) -> Checking<'c> {
        Checking {
            sources: self.sources,
            files: self.files,
            index,
            found: &mut *self.found,
        }
    }

    /// Records a finding.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.found.report(diagnostic);
    }

    /// `file:line` of a place, for the Model.
    pub(super) fn at(&self, span: Span) -> At {
        self.sources.at(span)
    }

    /// Reports values that are listed twice, compared as parsed.
    pub(super) fn listed_once<T: Hash + Eq>(&mut self, list: &[Located<T>]) {
        let mut seen = HashMap::with_capacity(list.len());
        for item in list {
            if let Some(first) = seen.insert(&item.value, item.span) {
                let error = Diagnostic::error(E0222, item.span, "the same value is listed twice");
                self.report(error.also(first, "first here"));
            }
        }
    }
}

impl Checking<'_> {
    /// Each key belongs to the mode, and none that the mode needs is missing.
    pub(super) fn keys_of_mode(
        &mut self,
        keys: impl Iterator<Item = (&'static Key, Option<Span>)>,
        mode: &str,
        table: Span,
        path: &[&str],
    ) {
        for (key, span) in keys.filter(|(key, _)| !key.modes.is_empty()) {
            let belongs = key.modes.contains(&mode);
            match span {
                Some(span) if !belongs => {
                    let path = Path::of(&[path, &[key.name]].concat());
                    let message = format!("'{path}' does not apply to {} \"{mode}\"", key.mode_key);
                    let error = Diagnostic::error(E0233, span, message);
                    self.report(error.label(format!("only to {}", in_a_row(key.modes, "and"))));
                }
                None if belongs && key.required => {
                    self.missing(key.name, key.example, &Path::of(path), table);
                }
                _ => {}
            }
        }
    }

    /// Reports that a table has not what it needs.
    pub(super) fn missing(&mut self, key: &str, example: &str, path: &str, table: Span) {
        let error = Diagnostic::error(E0104, table, format!("'{path}' has no '{key}'"));
        self.report(error.hint(to_add(key, example)));
    }

    /// A text in a grammar that another key decides.
    pub(super) fn parse<T: FromStr<Err = TypeError>>(
        &mut self,
        text: Located<&String>,
        path: &[&str],
    ) -> Option<T> {
        let refuse = |error: TypeError| {
            let message = format!("invalid value for '{}'", Path::of(path));
            self.report(Diagnostic::error(E0106, text.span, message).label(error.to_string()));
        };
        text.value.parse().map_err(refuse).ok()
    }

    /// The text of a file a program reads line by line: UTF-8, without control characters but tabs, each line ended by a
    /// newline alone. Otherwise the line is reported under the code, with the hint.
    pub(super) fn lines_of_file(
        &mut self,
        path: Located<&RelPath>,
        code: Code,
        hint: &str,
    ) -> Option<String> {
        let bytes = self.bytes_of(path)?;
        let refuse = |line: usize, what: &str| {
            let message = format!("'{}' line {line} {what}", path.value);
            Diagnostic::error(code, path.span, message).hint(hint)
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text.replace("\r\n", "\n"),
            Err(error) => {
                let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = 1 + good.iter().filter(|b| **b == b'\n').count();
                self.report(refuse(line, "is not UTF-8"));
                return None;
            }
        };
        let hostile = |line: &str| line.chars().any(|c| c != '\t' && is_hostile(c));
        if let Some(index) = text.split('\n').position(hostile) {
            self.report(refuse(index + 1, "has a control or invisible character"));
            return None;
        }
        Some(text)
    }
}

/// The widest permission bits a secret may have: root writes, root and FRR's group read.
pub(super) const SECRET_MODE: u32 = 0o640;

impl Checking<'_> {
    /// The content of a file that holds a secret and nothing else, without its line end. Nothing reported here shows it.
    pub(super) fn secret<T: FromStr<Err = TypeError>>(
        &mut self,
        file: Located<&RelPath>,
        what: &str,
    ) -> Option<T> {
        let path = file.value;
        let refuse = |code, message: String| Diagnostic::error(code, file.span, message);
        let read = match self.files.read(path.as_ref()) {
            Ok(read) => read,
            Err(error) => {
                let refused = refuse(E0338, format!("'{path}' cannot be read: {error}"));
                self.report(refused.hint(format!(
                    "the path is relative to the configuration folder; the file contains nothing but the {what}"
                )));
                return None;
            }
        };
        if read.mode & !SECRET_MODE != 0 {
            let message = format!("'{path}' has mode {:04o}; it must be 0640 or stricter", read.mode);
            let hint = format!("chmod 0640 {path}, in the configuration folder");
            self.report(refuse(E0339, message).hint(hint));
        }
        let text = std::str::from_utf8(&read.bytes).unwrap_or("");
        let line = text.strip_suffix('\n').unwrap_or(text);
        let secret = line.strip_suffix('\r').unwrap_or(line).parse::<T>();
        if let Err(error) = &secret {
            let message = format!("'{path}' does not contain a usable {what}");
            self.report(refuse(E0340, message).label(error.to_string()));
        }
        secret.ok()
    }
}

/// What an extra file's text has to be; the reason when it is not.
type TextCheck = fn(&str) -> Result<(), String>;

/// The text of a file the operator names, below the configuration folder.
pub(super) fn extra_file(field: &Field<RelPath>, check: TextCheck, cx: &mut Checking<'_>) -> Option<String> {
    let path = field.located()?;
    let bytes = cx.bytes_of(path)?;
    let refuse = |code: Code, message: String| Diagnostic::error(code, path.span, message);
    let refused = match String::from_utf8(bytes).map(|text| (check(&text), text)) {
        Ok((Ok(()), text)) => return Some(text),
        Ok((Err(reason), _)) => refuse(E0207, format!("'{}' cannot be used", path.value)).label(reason),
        Err(_) => refuse(E0102, format!("'{}' is not UTF-8", path.value)),
    };
    cx.report(refused);
    None
}

impl Checking<'_> {
    /// The content of a file in the configuration folder; its absence is reported.
    pub(super) fn bytes_of(&mut self, path: Located<&RelPath>) -> Option<Vec<u8>> {
        let refuse = |error: std::io::Error| {
            let message = format!("'{}' cannot be read", path.value);
            self.found.report(
                Diagnostic::error(E0110, path.span, message)
                    .label(error.to_string())
                    .hint("paths are relative to the configuration folder"),
            );
        };
        let file = self.files.read(path.value.as_ref());
        Some(file.map_err(refuse).ok()?.bytes)
    }
}

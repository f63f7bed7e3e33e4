//! What decoding a document collects.

use super::declaration::{Declaration, Key, Shape};
use super::foreign;
use super::value::{Entry, Path, Value};
use crate::config::code::{E0102, E0103, E0106, E0110, E0111, E0201};
use crate::config::diag::{Diagnostic, Findings};
use crate::config::source::{File, Files, Located, Sources, Span};
use crate::types::RelPath;
use ipnet::Ipv4Net;

/// The findings of a document so far, and the files it may name.
pub(in crate::config) struct Reading<'a> {
    /// The configuration folder.
    pub(in crate::config) files: &'a dyn Files,
    /// What was found.
    pub(in crate::config) found: Findings,
    /// The texts of files the document names and findings point into.
    pub(in crate::config) texts: Sources,
    /// The document's own table: every other is declared below it.
    pub(in crate::config) document: &'static Declaration,
}

/// A table with more keys than this is not listed whole in a hint.
const FEW: usize = 6;

impl Reading<'_> {
    /// Records a finding.
    pub(in crate::config) fn report(&mut self, diagnostic: Diagnostic) {
        self.found.report(diagnostic);
    }

    /// What may be at a path, and the key it is of; none when the last step is a name the operator chose.
    fn declared(&self, path: &Path<'_>) -> Option<(Shape, Option<&'static Key>)> {
        match path {
            Path::Document => Some((Shape::Table(self.document), None)),
            Path::Key(table, key) => self.declared(table)?.0.below(key),
            // A step below a list is one below its items.
            Path::Item(list, _) => self.declared(list),
        }
    }

    /// What a value looks like, with its key: `mtu = 9000`. Of a name the operator chose, what its table has as an example.
    pub(super) fn example_of(&self, path: &Path<'_>) -> Option<String> {
        let Path::Key(table, _) = path else {
            return None;
        };
        match self.declared(path)? {
            (_, Some(key)) => Some(format!("{} = {}", key.name, key.example)),
            (_, None) => {
                let (_, named) = self.declared(table)?;
                inside(named?.example).map(str::to_owned)
            }
        }
    }

    /// Whether each entry of what is at a path has a header of its own.
    pub(super) fn lists_tables(&self, path: &Path<'_>) -> bool {
        self.declared(path).is_some_and(|(shape, _)| shape.lists_tables())
    }

    /// A file the document names; what cannot be read is reported.
    pub(in crate::config) fn file_of(&mut self, path: Located<&RelPath>) -> Option<File> {
        let read = self.files.read(path.value.as_ref());
        let refuse = |error: std::io::Error| {
            let refused = Diagnostic::error(E0110, path.span, format!("'{}' cannot be read", path.value));
            let refused = refused.label(error.to_string());
            self.found
                .report(refused.hint("paths are relative to the configuration folder"));
        };
        read.map_err(refuse).ok()
    }

    /// The offset the next text gets among all sources; when there is no room for it, that is reported.
    pub(in crate::config) fn next_base(&mut self, path: &str, place: Span) -> Option<u32> {
        let base = self.texts.next_base();
        if base.is_none() {
            let message = format!("the documents are too large with '{path}'");
            self.report(Diagnostic::error(E0111, place, message));
        }
        base
    }

    /// The text of a file and the offset it gets among all sources; what cannot be read is reported.
    pub(in crate::config) fn text_of(&mut self, path: Located<&RelPath>) -> Option<(String, u32)> {
        let file = self.file_of(path)?;
        match String::from_utf8(file.bytes) {
            Ok(text) => Some((text, self.next_base(path.value.as_ref(), path.span)?)),
            Err(_) => {
                let message = format!("'{}' is not UTF-8", path.value);
                self.report(Diagnostic::error(E0102, path.span, message));
                None
            }
        }
    }

    /// Keeps such a text, for what points into it.
    pub(in crate::config) fn keep_text(&mut self, path: &str, text: String) {
        if self.texts.add(path.to_owned(), text).is_none() {
            let message = format!("the documents are too large with '{path}'");
            self.report(Diagnostic::nowhere(E0111, message));
        }
    }

    /// Reports a key that no table of this kind has. Returns the key that was probably meant.
    pub(in crate::config) fn unknown(
        &mut self,
        table: &Value<'_>,
        entry: &Entry<'_>,
        declared: &Declaration,
    ) -> Option<&'static str> {
        let key = entry.key.value;
        let foreign = declared.keys().find(|ours| ours.also.contains(&key));
        let missing = foreign.map_or_else(|| foreign::missing(key), |ours| ours.not_yet);
        if let Some(why) = missing {
            let message = match foreign {
                Some(ours) => format!(
                    "'{key}' is called '{}' here, and is not in this version",
                    ours.name
                ),
                None => format!("'{key}' is not in this version"),
            };
            self.report(Diagnostic::error(E0201, entry.key.span, message).label(why));
            return None;
        }
        let path = table.path().to_string();
        let place = match path.is_empty() {
            true => "the document".to_owned(),
            false => format!("'{path}'"),
        };
        let elsewhere = foreign::elsewhere(&path, key, &entry.value);
        let near = match foreign.is_some() || elsewhere.is_some() {
            true => None,
            false => self.found.nearest(key, declared.keys().map(|key| key.name)),
        };
        let hint = match (foreign, elsewhere, near) {
            (Some(ours), ..) if path.is_empty() && ours.example.starts_with('{') => {
                format!("it is called '{}' here", ours.name)
            }
            (Some(ours), ..) => format!(
                "it is called '{0}' here, as in `{0} = {1}`",
                ours.name, ours.example
            ),
            (None, Some(place), _) => place.to_owned(),
            (None, None, Some(near)) => format!("did you mean '{near}'?"),
            (None, None, None) => known_keys(&path, declared),
        };
        let error = Diagnostic::error(E0103, entry.key.span, format!("unknown key '{key}' in {place}"));
        self.report(error.hint(hint));
        foreign.map(|ours| ours.name).or(near)
    }

    /// Reports what a table lacks, and what it has that this version refuses.
    pub(in crate::config) fn finish(
        &mut self,
        table: &Value<'_>,
        keys: impl Iterator<Item = (&'static Key, Option<Span>)>,
    ) {
        let mut refused = false;
        let mut missing = Vec::new();
        for (key, span) in keys {
            match (key.not_yet, span) {
                (Some(why), Some(span)) => {
                    refused = true;
                    let message = format!("'{}' is not in this version", table.below(key.name));
                    self.report(Diagnostic::error(E0201, span, message).label(why));
                }
                // What only one mode needs is for the check that knows the mode.
                (_, None) if key.required && key.modes.is_empty() => missing.push(key),
                _ => {}
            }
        }
        // What this version refuses might have made the others needless.
        if !refused {
            missing.into_iter().for_each(|key| self.missing(table, key));
        }
    }

    fn missing(&mut self, table: &Value<'_>, key: &Key) {
        let (name, example, path) = (key.name, key.example, table.path().to_string());
        let error = |message: String| Diagnostic::error(key.code, table.span(), message);
        let line = inside(example).unwrap_or(example);
        let diagnostic = match (path.is_empty(), (key.shape)()) {
            (true, Shape::Table(_)) => {
                error(format!("the table [{name}] is missing")).hint(format!("add `[{name}]` with `{line}`"))
            }
            (true, _) => error(format!("'{name}' is missing"))
                .hint(format!("add `{name} = {example}` above the first table")),
            (false, _) => error(format!("'{path}' has no '{name}'")).hint(match suggested(key, table) {
                Some(meant) => format!("add `{name} = {meant}`"),
                None => to_add(name, example),
            }),
        };
        self.report(diagnostic);
    }

    /// Reports a word that is not one of those a key takes.
    pub(in crate::config) fn no_such_word<T>(
        &mut self,
        value: &Value<'_>,
        typed: &str,
        words: &[&'static str],
    ) -> Option<T> {
        let message = format!("invalid value for '{}'", value.path());
        let error = value
            .refuse(E0106, message)
            .label(format!("expected one of {}", words.join(", ")));
        let near = foreign::meant(typed, words).or_else(|| self.found.nearest(typed, words.iter().copied()));
        self.report(match near {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error,
        });
        None
    }
}

/// What to do about a key that is missing. An address of the example is none of the operator's: it shows the form alone.
pub(in crate::config) fn to_add(key: &str, example: &str) -> String {
    let mut texts = example.split('"').skip(1).step_by(2);
    let is_address =
        |text: &str| text.contains(['.', ':', '/']) && text.contains(|c: char| c.is_ascii_digit());
    match texts.any(is_address) {
        true => format!("add `{key}`, for example `{key} = {example}`"),
        false => format!("add `{key} = {example}`"),
    }
}

/// What is inside the braces of a table.
fn inside(example: &str) -> Option<&str> {
    example.strip_prefix("{ ")?.strip_suffix(" }")
}

/// A value that the rest of the table determines: a bridge's gateway is another host of its subnet.
fn suggested(key: &Key, table: &Value<'_>) -> Option<String> {
    let address = table.entry("address").filter(|_| key.name == "gateway")?;
    let net: Ipv4Net = address.as_text()?.parse().ok()?;
    let mut free = net.hosts().filter(|host| *host != net.addr());
    Some(format!(
        "\"{}\"",
        free.nth(3)
            .or_else(|| net.hosts().find(|host| *host != net.addr()))?
    ))
}

/// The keys of a table, or where they are listed.
fn known_keys(path: &str, declared: &Declaration) -> String {
    let names: Vec<&str> = declared.keys().map(|key| key.name).collect();
    match names.len() {
        ..=FEW => format!("known here: {}", names.join(", ")),
        _ if path.is_empty() => "`impctl explain .` lists the tables".to_owned(),
        _ => format!("`impctl explain {path}` lists the keys of this table"),
    }
}

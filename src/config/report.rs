//! Diagnostics for humans (rustc's layout) and for programs (JSON).
//!
//! What an operator typed is shown, never obeyed: control and bidi characters become visible, very long lines are cut
//! around the caret, and the value of anything called a password is covered.

use super::diag::{Diagnostic, Severity};
use super::source::{Position, Sources, Span};
use crate::types::is_hostile;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;
use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;

/// How many findings are written out; the summary counts all of them.
const MOST_SHOWN: usize = 1000;
/// How much of a line is shown on each side of a span's start at most, in bytes.
const WINDOW: usize = 400;

/// The findings in rustc's layout, with a last line that counts them; nothing when there are none.
pub fn text(diagnostics: &[Diagnostic], sources: &Sources, colour: bool) -> String {
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut out = String::new();
    for diagnostic in diagnostics.iter().take(MOST_SHOWN) {
        out.push_str(&one(diagnostic, sources, &renderer));
        out.push_str("\n\n");
    }
    if let Some(summary) = summary(diagnostics) {
        out.push_str(&summary);
        out.push('\n');
    }
    out
}

/// `2 errors, 1 warning`.
fn summary(diagnostics: &[Diagnostic]) -> Option<String> {
    let errors = count(diagnostics, Severity::Error);
    let warnings = count(diagnostics, Severity::Warning);
    let plural = |number: usize, noun: &str| match number {
        0 => None,
        1 => Some(format!("1 {noun}")),
        _ => Some(format!("{number} {noun}s")),
    };
    let parts: Vec<String> = [plural(errors, "error"), plural(warnings, "warning")]
        .into_iter()
        .flatten()
        .collect();
    let mut line = parts.join(", ");
    if diagnostics.len() > MOST_SHOWN {
        let _ = write!(line, "; the first {MOST_SHOWN} are shown");
    }
    (!line.is_empty()).then_some(line)
}

fn count(diagnostics: &[Diagnostic], severity: Severity) -> usize {
    diagnostics.iter().filter(|d| d.severity == severity).count()
}

fn one(diagnostic: &Diagnostic, sources: &Sources, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(visible(&diagnostic.message))
        .id(diagnostic.code.to_string());
    let place = Excerpt::of(&diagnostic.place, sources);
    let other = Excerpt::of(&diagnostic.other, sources);
    let mut group = Group::with_title(title);
    match (&place, &other) {
        (Some(place), Some(other)) if place.same_line(other) => {
            let both = place.snippet(AnnotationKind::Primary);
            group = group.element(both.annotation(other.annotation(AnnotationKind::Context)));
        }
        _ => {
            let place = place.iter().map(|e| e.snippet(AnnotationKind::Primary));
            let other = other.iter().map(|e| e.snippet(AnnotationKind::Context));
            group = group.elements(place.chain(other));
        }
    }
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.message(visible(hint)));
    }
    let mut text = renderer.render(&[group]);
    for excerpt in place.iter().chain(&other) {
        text = excerpt.correct_column(text);
    }
    text
}

/// One place: the part of its line that is shown, and the span in it.
struct Excerpt<'s> {
    position: Position<'s>,
    path: Cow<'s, str>,
    label: Cow<'s, str>,
    /// Characters of the line before the shown part.
    skipped: usize,
    shown: String,
    span: Range<usize>,
}

impl<'s> Excerpt<'s> {
    fn of(place: &'s Option<(Span, String)>, sources: &'s Sources) -> Option<Self> {
        let (span, label) = place.as_ref()?;
        let position = sources.position(*span)?;
        let (start, line) = position.document.line(position.line);
        let byte_of = |offset: u32| {
            let byte = (offset - position.document.base) as usize;
            boundary(line, byte.saturating_sub(start))
        };
        let from = byte_of(span.start);
        let to = byte_of(span.end.max(span.start));
        let left = boundary(line, from.saturating_sub(WINDOW));
        let right = boundary(line, from + WINDOW);
        let chars = displayed(line, left..right);
        let shown_bytes = |until: usize| -> usize {
            let count = line[left..until.min(right)].chars().count();
            chars[..count].iter().map(|c| c.len_utf8()).sum()
        };
        Some(Self {
            position,
            path: visible(&position.document.name),
            label: visible(label),
            skipped: position.column as usize - 1 - line[left..from].chars().count(),
            span: shown_bytes(from)..shown_bytes(to),
            shown: chars.iter().collect(),
        })
    }

    fn same_line(&self, other: &Self) -> bool {
        self.position.document == other.position.document
            && self.position.line == other.position.line
            && self.shown == other.shown
    }

    fn annotation(&self, kind: AnnotationKind) -> Annotation<'_> {
        let label = (!self.label.is_empty()).then_some(&*self.label);
        kind.span(self.span.clone()).label(label)
    }

    fn snippet(&self, kind: AnnotationKind) -> Snippet<'_, Annotation<'_>> {
        Snippet::source(&*self.shown)
            .path(&*self.path)
            .line_start(self.position.line as usize)
            .annotation(self.annotation(kind))
    }

    /// The renderer counts columns in what it is given; a line cut on the left has more.
    fn correct_column(&self, text: String) -> String {
        if self.skipped == 0 {
            return text;
        }
        let (line, column) = (self.position.line, self.position.column as usize);
        let place = |column: usize| format!("{}:{line}:{column}", self.path);
        text.replacen(&place(column - self.skipped), &place(column), 1)
    }
}

/// The last character boundary at or before a byte.
fn boundary(line: &str, byte: usize) -> usize {
    let byte = byte.min(line.len());
    (0..=byte).rev().find(|b| line.is_char_boundary(*b)).unwrap_or(0)
}

/// A part of a line as it is shown, character for character: secrets covered, what has no glyph made visible.
fn displayed(line: &str, part: Range<usize>) -> Vec<char> {
    // The key of a secret may stand before the part.
    let before = boundary(line, part.start.saturating_sub(WINDOW));
    let mut chars: Vec<char> = line[before..part.end].chars().collect();
    cover_secrets(&mut chars);
    chars.drain(..line[before..part.start].chars().count());
    for c in &mut chars {
        *c = match *c {
            '\t' => '\t',
            control @ '\0'..='\x1f' => char::from_u32(0x2400 + control as u32).unwrap_or('\u{fffd}'),
            '\x7f' => '\u{2421}',
            hostile if is_hostile(hostile) => '\u{fffd}',
            plain => plain,
        };
    }
    chars
}

/// Covers the value behind every key that is called a password: a mistyped `password-file` is the likeliest way
/// for a secret to stand in a document, and this text goes to the journal.
fn cover_secrets(chars: &mut [char]) {
    let mut key = String::new();
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        i += 1;
        if c.is_alphanumeric() || c == '-' || c == '_' {
            key.push(c.to_ascii_lowercase());
        } else if c == '=' {
            if is_secret_key(&key) {
                i = cover_value(chars, i);
            }
            key.clear();
        } else if !(c.is_whitespace() || c == '"' || c == '\'') {
            key.clear();
        }
    }
}

fn is_secret_key(key: &str) -> bool {
    let secret = ["password", "passwd", "passphrase", "secret", "psk", "md5"];
    secret.iter().any(|word| key.contains(word)) && !key.ends_with("file")
}

/// Covers a value that begins at `from`, up to its closing quote or, without one, to the end of the line.
fn cover_value(chars: &mut [char], from: usize) -> usize {
    let start = chars[from..].iter().position(|c| !c.is_whitespace());
    let start = from + start.unwrap_or(0);
    let quote = chars.get(start).copied().filter(|c| *c == '"' || *c == '\'');
    let first = start + usize::from(quote.is_some());
    let mut end = first;
    while end < chars.len() && Some(chars[end]) != quote {
        end += 1 + usize::from(quote == Some('"') && chars[end] == '\\');
    }
    let end = end.min(chars.len());
    if first < end {
        chars[first..end].fill('*');
    }
    end + 1
}

/// A message with everything that could break or turn its line escaped.
fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match is_hostile(c) {
            true => escaped.extend(c.escape_debug()),
            false => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

/// What programs read: the fields are stable, absent ones are `null`, columns count characters from 1, an end is
/// one past the last character.
#[derive(Serialize)]
struct JsonReport<'s> {
    errors: usize,
    warnings: usize,
    diagnostics: Vec<JsonDiagnostic<'s>>,
}

#[derive(Serialize)]
struct JsonDiagnostic<'s> {
    code: String,
    severity: Severity,
    message: Cow<'s, str>,
    file: Option<&'s str>,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
    label: Option<Cow<'s, str>>,
    other: Option<JsonPlace<'s>>,
    hint: Option<Cow<'s, str>>,
}

#[derive(Serialize)]
struct JsonPlace<'s> {
    file: &'s str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    label: Option<Cow<'s, str>>,
}

impl<'s> JsonPlace<'s> {
    fn of(place: &'s Option<(Span, String)>, sources: &'s Sources) -> Option<Self> {
        let (span, label) = place.as_ref()?;
        let start = sources.position(*span)?;
        let end = sources.position(Span {
            start: span.end.max(span.start),
            end: span.end,
        })?;
        Some(Self {
            file: &start.document.name,
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            label: (!label.is_empty()).then(|| visible(label)),
        })
    }
}

/// The findings as one JSON object: `errors`, `warnings` and `diagnostics`.
pub fn json(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let report = JsonReport {
        errors: count(diagnostics, Severity::Error),
        warnings: count(diagnostics, Severity::Warning),
        diagnostics: diagnostics.iter().map(|d| json_diagnostic(d, sources)).collect(),
    };
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}

fn json_diagnostic<'s>(diagnostic: &'s Diagnostic, sources: &'s Sources) -> JsonDiagnostic<'s> {
    let place = JsonPlace::of(&diagnostic.place, sources);
    let get = |field: fn(&JsonPlace) -> u32| place.as_ref().map(field);
    JsonDiagnostic {
        code: diagnostic.code.to_string(),
        severity: diagnostic.severity,
        message: visible(&diagnostic.message),
        file: place.as_ref().map(|p| p.file),
        line: get(|p| p.line),
        column: get(|p| p.column),
        end_line: get(|p| p.end_line),
        end_column: get(|p| p.end_column),
        label: place.and_then(|p| p.label),
        other: JsonPlace::of(&diagnostic.other, sources),
        hint: diagnostic.hint.as_deref().map(visible),
    }
}

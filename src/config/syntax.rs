//! What TOML itself refuses, reported so that one slip is one error.

mod slip;

use super::code::{E0101, E0107};
use super::diag::Diagnostic;
use super::source::{Document, Span};
use serde_spanned::Spanned;
use slip::{Slip, is_of_name};
use std::ops::Range;
use toml::de::{DeTable, DeValue, Error};

/// How many keys set twice are looked up: finding where they stood first takes a walk each.
const LOOKED_UP: usize = 20;

/// Reports TOML's errors in a document whose spans are not shifted yet. Returns the places that could not be read.
///
/// The parser goes on behind an error and refuses much of what follows for the same slip: of errors on neighbouring
/// lines only the first is reported, unless each is a slip that ends with its line.
pub(super) fn report(
    document: &Document,
    table: &DeTable<'_>,
    errors: Vec<Error>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Span> {
    let (twice, mut wrong): (Vec<Error>, Vec<Error>) =
        errors.into_iter().partition(|e| e.message() == "duplicate key");
    report_twice(document, table, &twice, diagnostics);
    wrong.sort_by_key(start);
    let unclosed = wrong
        .iter()
        .rfind(|e| e.message().starts_with("unclosed"))
        .map(start);
    let mut unread: Vec<Range<usize>> = Vec::new();
    let mut slipped = false;
    for error in &wrong {
        let mut line = line_of(&document.text, start(error));
        let is_first = unread.last().is_none_or(|before| before.end <= line.start);
        let place = error.span().filter(|_| is_first);
        let slip = place.and_then(|place| slip::behind(error.message(), &document.text, &place));
        let apart = |before: &Range<usize>| match slipped && slip.is_some() {
            true => before.end <= line.start,
            false => before.end < line.start,
        };
        match unread.last_mut() {
            Some(before) if !apart(before) => before.end = before.end.max(line.end),
            _ => {
                slipped = slip.is_some();
                diagnostics.push(match slip {
                    Some(slip) => in_our_words(document, slip),
                    None => {
                        // A list that is never closed takes in everything up to there.
                        line.end = line.end.max(unclosed.unwrap_or_default());
                        diagnostic(document, table, error)
                    }
                });
                unread.push(line);
            }
        }
    }
    // The keys of a broken header are nobody's.
    let with_keys = |lines: Range<usize>| match is_header(&document.text, lines.start) {
        true => lines.start..lines.end.max(section_of(&document.text, lines.start).end),
        false => lines,
    };
    let unread = unread.into_iter().map(with_keys);
    unread.map(|range| shifted(document, range)).collect()
}

fn start(error: &Error) -> usize {
    error.span().map_or(0, |span| span.start)
}

fn shifted(document: &Document, range: Range<usize>) -> Span {
    Span {
        start: document.base + range.start as u32,
        end: document.base + range.end as u32,
    }
}

/// The line an offset lies in, with its line end.
fn line_of(text: &str, offset: usize) -> Range<usize> {
    let offset = offset.min(text.len());
    let bytes = text.as_bytes();
    let start = bytes[..offset]
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |n| n + 1);
    let end = bytes[offset..].iter().position(|b| *b == b'\n');
    start..end.map_or(text.len(), |n| offset + n + 1)
}

/// A slip that is known.
fn in_our_words(document: &Document, slip: Slip) -> Diagnostic {
    let error = Diagnostic::error(E0101, shifted(document, slip.place), slip.message).label(slip.label);
    match slip.hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// TOML's words, and where the list around the place begins.
fn diagnostic(document: &Document, table: &DeTable<'_>, error: &Error) -> Diagnostic {
    let span = error.span().unwrap_or(0..0);
    let message = error.message();
    let no_value =
        message.starts_with("string values must be quoted") || message.starts_with("invalid float");
    if no_value && span.is_empty() {
        return Diagnostic::error(E0101, shifted(document, span), "the value is missing");
    }
    let begin =
        list_around(table, span.start).filter(|begin| !line_of(&document.text, *begin).contains(&span.start));
    let Some(begin) = begin else {
        return Diagnostic::error(E0101, shifted(document, span), message);
    };
    let list = shifted(document, begin..begin + 1);
    match is_of_no_list(&document.text, span.start) {
        true => Diagnostic::error(E0101, list, "this list is not closed: ']' is missing")
            .also(shifted(document, span), "this cannot be in a list"),
        false => Diagnostic::error(E0101, shifted(document, span), message)
            .also(list, "in the list that starts here"),
    }
}

/// Whether a line begins here that no list has: a header, or a key with its value.
fn is_of_no_list(text: &str, offset: usize) -> bool {
    let line = line_of(text, offset);
    let begins = text[line.start..offset].trim().is_empty();
    let line = text[line].trim();
    let header = line.strip_prefix('[').map(|line| line.trim_start_matches('['));
    let is_header = header.is_some_and(|header| {
        let path = header.trim_end_matches(']');
        path.starts_with(is_of_name) && path.chars().all(|c| is_of_name(c) || "\"'/:".contains(c))
    });
    let key = line.split_once('=').map(|(key, _)| key.trim());
    let is_key = key.is_some_and(|key| !key.is_empty() && key.chars().all(is_of_name));
    begins && (is_header || is_key)
}

/// Where the innermost list around a place begins.
fn list_around(table: &DeTable<'_>, place: usize) -> Option<usize> {
    fn below(value: &Spanned<DeValue<'_>>, place: usize) -> Option<usize> {
        match value.get_ref() {
            DeValue::Table(table) => list_around(table, place),
            DeValue::Array(items) => {
                let inner = items.iter().find_map(|item| below(item, place));
                let own = value.span();
                inner.or_else(|| (own.start < place && place <= own.end).then_some(own.start))
            }
            _ => None,
        }
    }
    table.iter().find_map(|(_, value)| below(value, place))
}

/// Keys and tables that stand in one document twice, each with the place where it stood first.
fn report_twice(
    document: &Document,
    table: &DeTable<'_>,
    errors: &[Error],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut section: Range<usize> = 0..0;
    for (number, error) in errors.iter().enumerate() {
        let span = error.span().unwrap_or(0..0);
        // The keys of a table that is there twice were not meant to be.
        if section.contains(&span.start) {
            continue;
        }
        let header = is_header(&document.text, span.start);
        if header {
            section = section_of(&document.text, span.start);
        }
        let first = match number < LOOKED_UP {
            true if header => {
                first_header(&document.text, span.start).or_else(|| first_value(&document.text, span.start))
            }
            true => first_key(&document.text, table, span.clone()),
            false => None,
        };
        let name = match path(&document.text[line_of(&document.text, span.start)]).filter(|_| header) {
            Some(keys) => keys.join("."),
            None => document.text.get(span.clone()).unwrap_or_default().to_owned(),
        };
        let diagnostic = Diagnostic::error(E0107, shifted(document, span), format!("'{name}' is set twice"));
        diagnostics.push(match first {
            Some(first) => diagnostic.also(shifted(document, first), "first set here"),
            None => diagnostic,
        });
    }
}

fn is_header(text: &str, offset: usize) -> bool {
    let line = line_of(text, offset);
    text[line].trim_start().starts_with('[')
}

/// From a header to the next one.
fn section_of(text: &str, offset: usize) -> Range<usize> {
    let start = line_of(text, offset).end;
    let mut end = start;
    for line in text[start..].split_inclusive('\n') {
        if line.trim_start().starts_with('[') {
            break;
        }
        end += line.len();
    }
    start..end
}

/// The first header that names the same table as the one at an offset.
fn first_header(text: &str, offset: usize) -> Option<Range<usize>> {
    let wanted = path(&text[line_of(text, offset)])?;
    let mut start = 0;
    for line in text[..line_of(text, offset).start].split_inclusive('\n') {
        let trimmed = line.trim_start();
        if trimmed.starts_with('[') && path(line).as_ref() == Some(&wanted) {
            let begin = start + line.len() - trimmed.len();
            return Some(begin..begin + trimmed.trim_end().len());
        }
        start += line.len();
    }
    None
}

/// The value that has the name of a table at an offset, which TOML puts in its place: `ntp` of `[system]` for
/// `[system.ntp]`.
fn first_value(text: &str, offset: usize) -> Option<Range<usize>> {
    let wanted = path(&text[line_of(text, offset)])?;
    let mut start = 0;
    let mut table = Vec::new();
    for line in text[..line_of(text, offset).start].split_inclusive('\n') {
        let key = line.split('=').next().unwrap_or_default();
        if line.trim_start().starts_with('[') {
            table = path(line).unwrap_or_default();
        } else if wanted.last().is_some_and(|name| key.contains(name.as_str()))
            && let Some(keys) = path(&format!("{key}= 0")).filter(|keys| !keys.is_empty())
            && [&table[..], &keys].concat() == wanted
        {
            let begin = start + key.len() - key.trim_start().len();
            return Some(begin..start + key.trim_end().len());
        }
        start += line.len();
    }
    None
}

/// The keys of a header line.
fn path(line: &str) -> Option<Vec<String>> {
    let (table, errors) = DeTable::parse_recoverable(line);
    let mut keys = Vec::new();
    let mut table = table.get_ref();
    while let Some((key, value)) = table.iter().next() {
        keys.push(key.get_ref().to_string());
        match value.get_ref() {
            DeValue::Table(below) => table = below,
            _ => break,
        }
    }
    errors.is_empty().then_some(keys)
}

/// The key of the same name in the table that a place lies in.
fn first_key(text: &str, root: &DeTable<'_>, place: Range<usize>) -> Option<Range<usize>> {
    let name = text.get(place.clone())?.trim_matches(['"', '\'']);
    let mut best = (root, 0);
    innermost(text, root, place.start, &mut best);
    named(text, best.0, name, place.start)
}

/// The last header before a place, or the inline table around it: whichever begins later.
fn innermost<'t, 's>(text: &str, table: &'t DeTable<'s>, place: usize, best: &mut (&'t DeTable<'s>, usize)) {
    for (_, value) in table.iter() {
        let tables: Vec<&'t Spanned<DeValue<'s>>> = match value.get_ref() {
            DeValue::Table(_) => vec![value],
            DeValue::Array(items) => items.iter().collect(),
            _ => continue,
        };
        for value in tables {
            let DeValue::Table(below) = value.get_ref() else {
                continue;
            };
            let span = value.span();
            let header = begins(text, &span, &['[']);
            if span.start < place && span.start >= best.1 && (header || span.contains(&place)) {
                *best = (below, span.start);
            }
            innermost(text, below, place, best);
        }
    }
}

fn begins(text: &str, span: &Range<usize>, with: &[char]) -> bool {
    text.get(span.clone()).is_some_and(|text| text.starts_with(with))
}

/// A key before a place, in a table or below its dotted keys.
fn named(text: &str, table: &DeTable<'_>, name: &str, place: usize) -> Option<Range<usize>> {
    if let Some((key, _)) = table
        .get_key_value(name)
        .filter(|(key, _)| key.span().start < place)
    {
        return Some(key.span());
    }
    let dotted = table
        .iter()
        .filter(|(_, value)| !begins(text, &value.span(), &['[', '{']));
    dotted
        .filter_map(|(_, value)| named(text, value.get_ref().as_table()?, name, place))
        .max_by_key(|span| span.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the parser says first of a text.
    fn said(text: &str) -> String {
        let (_, errors) = DeTable::parse_recoverable(text);
        errors
            .first()
            .map(|error| error.message().to_owned())
            .unwrap_or_default()
    }

    /// The phrases of the `toml` crate that are looked for here: when an update changes one, this fails, not an operator.
    #[test]
    fn the_parser_still_says_what_is_looked_for() {
        for (text, phrase) in [
            ("a = 1\na = 2\n", "duplicate key"),
            ("[a]\n[a]\n", "duplicate key"),
            ("a = [\n1\n", "unclosed"),
            ("a = edge1\n", "string values must be quoted"),
            ("a = 192.0.2.1\n", "invalid float"),
        ] {
            assert!(said(text).starts_with(phrase), "{text:?}: {}", said(text));
        }
    }
}

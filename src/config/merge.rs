//! Several files as one document: tables merge by key, everything else may be set once.

use super::code::E0107;
use super::diag::Diagnostic;
use super::read::Read;
use super::source::{Document, Span};
use super::{bulk, syntax};
use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

/// All documents as one. What cannot be read is reported and its place kept in `unread`.
pub(super) fn all<'s>(
    read: &'s Read,
    diagnostics: &mut Vec<Diagnostic>,
    unread: &mut Vec<Span>,
) -> DeTable<'s> {
    let mut merged = DeTable::new();
    let documents = read.sources.documents().iter().zip(&read.documents);
    for (number, (document, decodable)) in documents.enumerate() {
        if *decodable {
            let table = parse(document, diagnostics, unread);
            add(&mut merged, read.sources.documents(), number, table, diagnostics);
        } else {
            unread.push(document.span());
        }
    }
    merged
}

/// Parses a document. What TOML refuses is reported and its place kept in `unread`; what it could still read is
/// returned.
fn parse<'s>(
    document: &'s Document,
    diagnostics: &mut Vec<Diagnostic>,
    unread: &mut Vec<Span>,
) -> DeTable<'s> {
    let base = document.base as usize;
    if let Some(short) = &document.short {
        let (table, errors) = DeTable::parse_recoverable(&short.text);
        if errors.is_empty()
            && let Some(table) = short.restore(table.into_inner(), &document.text, base)
        {
            return table;
        }
    }
    let (table, errors) = DeTable::parse_recoverable(&document.text);
    let table = table.into_inner();
    if !errors.is_empty() {
        unread.extend(syntax::report(document, &table, errors, diagnostics));
    }
    match base {
        0 => table,
        _ => bulk::moved(table, base),
    }
}

/// Adds a later document to the merged ones. One that sets almost nothing but what they set is the copy an editor or a
/// browser leaves behind: that is one error, not one for each key.
fn add<'s>(
    merged: &mut DeTable<'s>,
    documents: &[Document],
    number: usize,
    table: DeTable<'s>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let before = diagnostics.len();
    let whole = table.contains_key("config-version") && merged.contains_key("config-version");
    let added = merge(merged, table, "", diagnostics);
    let twice = diagnostics.len() - before;
    if twice < 2 || !(whole || added == 0) {
        return;
    }
    diagnostics.truncate(before + 1);
    if let Some(first) = diagnostics.last_mut() {
        let earlier = first.other.as_ref().map_or(0, |(span, _)| span.start);
        let other = documents.iter().rfind(|document| document.base <= earlier);
        let (name, others) = (&documents[number].name, twice - 1);
        let other = other.map_or("", |other| &other.name);
        first.message = format!("{} in '{name}', and so are {others} other keys", first.message);
        first.hint = Some(format!(
            "every *.toml in this folder is read, as one document: if '{name}' is a copy of '{other}', or the other way round, move it elsewhere or rename it"
        ));
    }
}

/// How many values were new.
fn merge<'s>(
    into: &mut DeTable<'s>,
    from: DeTable<'s>,
    path: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> usize {
    let mut added = 0;
    for (key, value) in from {
        let here = if path.is_empty() {
            key.get_ref().to_string()
        } else {
            format!("{path}.{}", key.get_ref())
        };
        let Some((first, old)) = into.get_key_value(&key) else {
            into.insert(key, value);
            added += 1;
            continue;
        };
        if old.get_ref().is_table() && value.get_ref().is_table() {
            let (Some(DeValue::Table(old)), DeValue::Table(new)) =
                (into.get_mut(&key).map(Spanned::get_mut), value.into_inner())
            else {
                continue;
            };
            added += merge(old, new, &here, diagnostics);
            continue;
        }
        diagnostics.push(
            Diagnostic::error(E0107, key.span().into(), format!("'{here}' is set twice"))
                .also(first.span().into(), "first set here")
                .hint("remove one of them: values never override each other, and lists are never joined"),
        );
    }
    added
}

//! The files of a configuration: its documents, the lists of its identity folder, its templates.

use super::check::Checking;
use super::code::{E0102, E0109, E0110, E0111};
use super::diag::Diagnostic;
use super::machine::identity;
use super::source::{Files, Sources, Span};
use std::collections::BTreeMap;

/// The texts, and for each document of the configuration whether TOML can be asked about it. Identity lists follow the
/// documents.
pub(super) struct Read {
    pub(super) sources: Sources,
    pub(super) documents: Vec<bool>,
}

/// Reads every document in name order; what cannot be read is reported.
pub(super) fn read(files: &dyn Files, found: &mut Vec<Diagnostic>) -> Read {
    let mut read = Read {
        sources: Sources::default(),
        documents: Vec::new(),
    };
    let names = files.list("").unwrap_or_else(|error| {
        let message = format!("the configuration folder cannot be read: {error}");
        found.push(Diagnostic::nowhere(E0110, message));
        Vec::new()
    });
    for name in names {
        if found.last().is_some_and(|d| d.code == E0111) {
            break;
        }
        if name.ends_with(".toml") && !name.starts_with('.') {
            read.documents.extend(add(files, &name, &mut read.sources, found));
        }
    }
    if read.documents.is_empty() && found.is_empty() {
        found.push(
            Diagnostic::nowhere(E0109, "no *.toml in the configuration folder")
                .hint("write imp.toml in it; only files whose names end in .toml are read"),
        );
    }
    for name in identity::present_lists(files) {
        add(files, &name, &mut read.sources, found);
    }
    read
}

/// Adds a file to the texts, and says whether it was UTF-8. Invalid bytes are replaced and reported at the first one.
fn add(files: &dyn Files, name: &str, sources: &mut Sources, found: &mut Vec<Diagnostic>) -> Option<bool> {
    let bytes = match files.read(name) {
        Ok(file) => file.bytes,
        Err(error) => {
            found.push(Diagnostic::nowhere(
                E0110,
                format!("'{name}' cannot be read: {error}"),
            ));
            return None;
        }
    };
    let (text, bad) = match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            (
                String::from_utf8_lossy(error.as_bytes()).into_owned(),
                Some(at as u32),
            )
        }
    };
    let Some(document) = sources.add(name.to_owned(), text) else {
        found.push(Diagnostic::nowhere(
            E0111,
            format!("the documents are too large with '{name}'"),
        ));
        return None;
    };
    if let Some(at) = bad {
        let start = document.base + at;
        let replacement = char::REPLACEMENT_CHARACTER.len_utf8() as u32;
        let place = Span {
            start,
            end: start + replacement,
        };
        found.push(
            Diagnostic::error(E0102, place, format!("'{name}' is not UTF-8")).label("the first invalid byte"),
        );
    }
    Some(bad.is_none())
}

/// The folders below `templates/` an override can stand in.
const TEMPLATE_FOLDERS: [&str; 12] = [
    "",
    "/chrony",
    "/etc",
    "/frr",
    "/incus",
    "/nftables",
    "/prometheus",
    "/rsyslog",
    "/sflow",
    "/snmp",
    "/systemd",
    "/vpp",
];

/// Template overrides by their path below `templates/`. Whether the package has one of that path is known by those who
/// render.
pub(super) fn templates(cx: &mut Checking<'_>) -> BTreeMap<String, String> {
    let mut templates = BTreeMap::new();
    for folder in TEMPLATE_FOLDERS {
        let folder = format!("templates{folder}");
        for name in cx.files.list(&folder).unwrap_or_default() {
            let path = format!("{folder}/{name}");
            match cx.files.read(&path).map(|file| String::from_utf8(file.bytes)) {
                Ok(Ok(text)) => {
                    let below = path.trim_start_matches("templates/").to_owned();
                    templates.insert(below, text);
                }
                Ok(Err(_)) => cx.report(Diagnostic::nowhere(E0102, format!("'{path}' is not UTF-8"))),
                Err(error) => cx.report(Diagnostic::nowhere(
                    E0110,
                    format!("'{path}' cannot be read: {error}"),
                )),
            }
        }
    }
    templates
}

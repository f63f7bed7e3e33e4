//! The document root: every `*.toml` in name order, read once, as one document.

use super::check;
use super::code::{E0101, E0102, E0104, E0108, E0109, E0110, E0111};
use super::diag::Diagnostic;
use super::links::{dataplane, interface};
use super::machine::{firewall, identity, management, system};
use super::reader::{Cx, Table};
use super::source::{Files, Sources, Span};
use super::{Model, Parsed, boot, incus, merge, nat, routing};
use std::collections::BTreeMap;
use toml::de::DeTable;

/// The only `config-version` this build reads.
const VERSION: i64 = 1;

/// Reads, merges, decodes and checks the whole configuration; every error of it in one run.
///
/// There is a Model exactly when no finding is an error. Findings come in the documents' order.
pub fn parse(files: &dyn Files) -> Parsed {
    let mut found = Vec::new();
    let read = read(files, &mut found);
    let mut unread = Vec::new();
    let mut merged = DeTable::new();
    for (document, decodable) in read.sources.documents().iter().zip(&read.documents) {
        if *decodable {
            let table = merge::parse(document, &mut found, &mut unread);
            merge::merge(&mut merged, table, "", &mut found);
        } else {
            unread.push(document.span());
        }
    }
    let cx = Cx::new(&read.sources, files, found);
    let model = match read.documents.is_empty() {
        true => None,
        false => decode(&cx, &merged),
    };
    let mut diagnostics = cx.into_diagnostics();
    drop(merged);
    silence(&mut diagnostics, &unread);
    diagnostics.sort_by_key(|d| d.place.as_ref().map(|(span, _)| *span));
    Parsed {
        model,
        diagnostics,
        sources: read.sources,
    }
}

/// Leaves out what could not be read may have caused: a key that seems to be missing, a name nobody seems to define.
fn silence(diagnostics: &mut Vec<Diagnostic>, unread: &[Span]) {
    if unread.is_empty() {
        return;
    }
    let inside = |span: &Span| {
        let next = unread.partition_point(|u| u.start <= span.start);
        next.checked_sub(1)
            .is_some_and(|before| span.start < unread[before].end)
    };
    diagnostics.retain(|d| {
        let about_syntax = d.code == E0101 || d.code == E0102;
        let place = d.place.as_ref().map(|(span, _)| span);
        about_syntax
            || (d.code.is_about_text() && d.code != E0104 && d.code != E0108 && !place.is_some_and(inside))
    });
}

/// The texts, and for each document of the configuration whether TOML can be asked about it. Identity lists follow the
/// documents.
struct Read {
    sources: Sources,
    documents: Vec<bool>,
}

fn read(files: &dyn Files, found: &mut Vec<Diagnostic>) -> Read {
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
                .hint("write /persistent/config/imp.toml"),
        );
    }
    for name in identity::present_lists(files) {
        add(files, &name, &mut read.sources, found);
    }
    read
}

/// Adds a file to the texts. What is no UTF-8 is replaced, and reported at its first byte; whether it was UTF-8.
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
            format!("'{name}' makes the documents too large"),
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
            Diagnostic::error(E0102, place, format!("'{name}' is not UTF-8"))
                .label("the first byte that is not"),
        );
    }
    Some(bad.is_none())
}

/// Decodes every table, then compares them. The only place a [`Model`] is made.
fn decode(cx: &Cx<'_>, merged: &DeTable<'_>) -> Option<Model> {
    let mut document = Table::document(cx, merged);
    if !version(&mut document) {
        return None;
    }
    let system = system::decode(&mut document);
    let identity = identity::decode(&mut document);
    let identity_ports = identity::ports(cx);
    let identity_hosts = identity::hosts(cx);
    let binds = system::decode_binds(&mut document);
    let management = management::decode(&mut document);
    let firewall = firewall::decode(&mut document);
    let dataplane = dataplane::decode(&mut document);
    let instances = dataplane::decode_instances(&mut document);
    let before = cx.errors();
    let loopbacks = interface::decode_loopbacks(&mut document);
    let interfaces = interface::decode(&mut document);
    let incus = incus::decode(&mut document);
    cx.index.borrow_mut().l3_refused = cx.errors() > before;
    let nats = nat::decode(&mut document);
    let routing = routing::decode(&mut document);
    let boot = boot::decode(&mut document);
    let apply = system::decode_apply(&mut document);
    let templates = templates(cx);
    document.finish();
    check::run(cx);
    if cx.errors() > 0 {
        return None;
    }
    Some(Model {
        system: system?,
        identity,
        binds,
        management,
        firewall,
        dataplane,
        instances,
        loopbacks,
        interfaces,
        routes: routing.routes,
        nats,
        bgp: routing.bgp,
        bfd: routing.bfd,
        prefix_lists: routing.prefix_lists,
        community_lists: routing.community_lists,
        route_maps: routing.route_maps,
        ospf: routing.ospf,
        ospf6: routing.ospf6,
        frr_extra: routing.frr_extra,
        incus,
        boot,
        apply,
        identity_ports,
        identity_hosts,
        templates,
        documents: cx.sources.names(),
    })
}

/// Whether the document is one this build reads; a missing number is reported and read as this one.
fn version(document: &mut Table<'_, '_>) -> bool {
    let cx = document.cx();
    let Some(value) = document.value("config-version") else {
        cx.report(
            Diagnostic::error(E0108, document.span(), "'config-version' is missing")
                .hint(format!("add `config-version = {VERSION}` above the first table")),
        );
        return true;
    };
    match value.within::<i64>(i64::MIN..=i64::MAX, "a number") {
        Some(number) if number.value != VERSION => {
            cx.report(
                Diagnostic::error(
                    E0108,
                    number.span,
                    format!("config-version {} is not one this build reads", number.value),
                )
                .label(format!("this build reads {VERSION}")),
            );
            false
        }
        _ => true,
    }
}

/// The folders below `templates/` an override can stand in.
const TEMPLATE_FOLDERS: [&str; 7] = ["", "/etc", "/frr", "/incus", "/nftables", "/systemd", "/vpp"];

/// Template overrides by their path below `templates/`. Whether the package has one of that path is known by those who
/// render.
fn templates(cx: &Cx<'_>) -> BTreeMap<String, String> {
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

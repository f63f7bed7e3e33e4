//! The document root: every `*.toml` in name order, read once, as one document.

use super::check;
use super::code::{E0101, E0102, E0104, E0108, E0109, E0110, E0111};
use super::diag::Diagnostic;
use super::reader::{Cx, Table};
use super::source::{Files, Sources, Span};
use super::{
    Model, Parsed, boot, dataplane, firewall, identity, incus, interface, management, merge, nat, routing,
    system,
};
use std::collections::BTreeMap;
use toml::de::DeTable;

/// The only `config-version` this build reads.
const VERSION: i64 = 1;

/// Reads, merges, decodes and checks the whole configuration; every error of it in one run.
///
/// There is a Model exactly when no finding is an error. Findings come in the documents' order.
pub fn parse(files: &dyn Files) -> Parsed {
    let mut diagnostics = Vec::new();
    let (sources, count) = read(files, &mut diagnostics);
    let mut merged = DeTable::new();
    for document in &sources.documents()[..count] {
        let table = merge::parse(document, &mut diagnostics);
        merge::merge(&mut merged, table, "", &mut diagnostics);
    }
    let cx = Cx::new(&sources, files, diagnostics);
    let model = if count == 0 { None } else { decode(&cx, &merged) };
    let mut diagnostics = cx.into_diagnostics();
    drop(merged);
    if diagnostics.iter().any(|d| d.code == E0101) {
        // What a syntax error hides would be missed elsewhere: only what is wrong by itself is told.
        diagnostics.retain(|d| d.code.is_about_text() && d.code != E0104);
    }
    diagnostics.sort_by_key(|d| d.place.as_ref().map(|(span, _)| *span));
    Parsed {
        model,
        diagnostics,
        sources,
    }
}

/// Reads the documents, then the identity lists, so that all of them can be pointed into. Returns how many documents
/// there are.
fn read(files: &dyn Files, diagnostics: &mut Vec<Diagnostic>) -> (Sources, usize) {
    let mut sources = Sources::default();
    let names = files.list("").unwrap_or_else(|error| {
        diagnostics.push(
            Diagnostic::nowhere(E0110, "the configuration folder cannot be read").hint(error.to_string()),
        );
        Vec::new()
    });
    for name in names {
        if name.ends_with(".toml") && !name.starts_with('.') {
            add(files, &name, &mut sources, diagnostics);
        }
    }
    let count = sources.documents().len();
    if count == 0 && diagnostics.is_empty() {
        diagnostics.push(
            Diagnostic::nowhere(E0109, "no *.toml in the configuration folder")
                .hint("write /persistent/config/imp.toml"),
        );
    }
    for name in identity::present_lists(files) {
        add(files, &name, &mut sources, diagnostics);
    }
    (sources, count)
}

/// Adds a file to the texts. What is no UTF-8 is replaced, and reported at its first byte.
fn add(files: &dyn Files, name: &str, sources: &mut Sources, diagnostics: &mut Vec<Diagnostic>) {
    let bytes = match files.read(name) {
        Ok(file) => file.bytes,
        Err(error) => {
            diagnostics.push(Diagnostic::nowhere(
                E0110,
                format!("'{name}' cannot be read: {error}"),
            ));
            return;
        }
    };
    let (text, bad) = match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(at))
        }
    };
    match (sources.add(name.to_owned(), text), bad) {
        (None, _) => diagnostics.push(Diagnostic::nowhere(
            E0111,
            format!("'{name}' makes the documents too large"),
        )),
        (Some(document), Some(at)) => {
            let start = document.base + at as u32;
            // The replacement character is three bytes long.
            let place = Span {
                start,
                end: start + 3,
            };
            diagnostics.push(
                Diagnostic::error(E0102, place, format!("'{name}' is not UTF-8"))
                    .label("the first byte that is not"),
            );
        }
        (Some(_), None) => {}
    }
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

//! `[identity]` and the lists in the identity folder that are configuration: ports and hosts.

use super::check::system::file_may_be_covered;
use super::raw::IdentityRaw;
use crate::config::check::Checking;
use crate::config::code::{E0106, E0110, E0204, E0205};
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::keys::Field;
use crate::config::source::{Document, Files, Located, Sources, Span};
use crate::config::{At, Protocol};
use crate::types::{HostName, RelPath, Target};
use std::net::IpAddr;

/// `[identity]`.
#[derive(Debug, Default)]
pub struct Identity {
    /// `[[identity.bind]]`: further files beside those with a known name.
    pub binds: Vec<IdentityBind>,
}

/// One `[[identity.bind]]`; no two have one target.
#[derive(Debug)]
pub struct IdentityBind {
    /// Where it was written.
    pub at: At,
    /// Below `/persistent/config/identity`.
    pub source: RelPath,
    /// The placeholder in the image.
    pub target: Target,
}

/// The folder beside the TOML that identity files stand in.
const FOLDER: &str = "identity";
/// The lists that are read here; each can be pointed into like a document.
const LISTS: [&str; 3] = ["hosts", "tcp_ports", "udp_ports"];
/// The names `imp-identity` knows a placeholder for, beside the lists.
const KNOWN: [&str; 12] = [
    "machine-id",
    "hostname",
    "resolv.conf",
    "issue",
    "admin_authorized_keys",
    "user_authorized_keys",
    "ssh_host_ed25519_key",
    "ssh_host_ed25519_key.pub",
    "ssh_host_rsa_key",
    "ssh_host_rsa_key.pub",
    "ssh_host_ecdsa_key",
    "ssh_host_ecdsa_key.pub",
];

/// The paths of the identity lists that are there.
pub(in crate::config) fn present_lists(files: &dyn Files) -> Vec<String> {
    let names = files.list(FOLDER).unwrap_or_default();
    LISTS
        .into_iter()
        .filter(|list| names.iter().any(|name| name == list))
        .map(|list| format!("{FOLDER}/{list}"))
        .collect()
}

/// `[identity]`, checked against the identity folder.
pub(in crate::config) fn identity(field: &Field<IdentityRaw>, cx: &mut Checking<'_>) -> Identity {
    let present = cx.files.list(FOLDER).unwrap_or_else(|error| {
        let message = format!("'{FOLDER}' cannot be read: {error}");
        cx.report(Diagnostic::nowhere(E0110, message));
        Vec::new()
    });
    let mut identity = Identity::default();
    let mut used: Vec<&str> = Vec::new();
    for table in field.get().map_or(&[][..], |raw| raw.bind.items()) {
        let raw = &table.value;
        if let Some(source) = raw.source.located() {
            used.push(source.value.as_ref());
            warn_if_absent(source, &present, cx);
        }
        if let Some(target) = raw.target.located() {
            file_may_be_covered(target, cx);
        }
        if let (Some(source), Some(target)) = (raw.source.value(), raw.target.value()) {
            identity.binds.push(IdentityBind {
                at: cx.at(table.span),
                source,
                target,
            });
        }
    }
    warn_of_unknown(&present, &used, cx);
    identity
}

/// Enters what is bound over.
pub(in crate::config) fn index_identity(field: &Field<IdentityRaw>, index: &mut Index) {
    let binds = field.get().map_or(&[][..], |raw| raw.bind.items());
    let targets = binds.iter().filter_map(|bind| bind.value.target.copied());
    index.bind_targets.extend(targets);
}

/// The router boots without the file: its placeholder stays.
fn warn_if_absent(source: Located<&RelPath>, present: &[String], cx: &mut Checking<'_>) {
    let path = source.value.as_ref();
    let there = match path.rsplit_once('/') {
        None => present.iter().any(|name| name == path),
        Some((folder, name)) => cx
            .files
            .list(&format!("{FOLDER}/{folder}"))
            .is_ok_and(|names| names.iter().any(|n| n == name)),
    };
    if !there {
        cx.report(
            Diagnostic::warning(E0204, source.span, format!("'{FOLDER}/{path}' does not exist"))
                .label("nothing is bound until it does"),
        );
    }
}

fn warn_of_unknown(present: &[String], used: &[&str], cx: &mut Checking<'_>) {
    for name in present {
        let known = KNOWN.contains(&name.as_str()) || LISTS.contains(&name.as_str());
        if !known && !name.starts_with('.') && !used.contains(&name.as_str()) {
            cx.report(Diagnostic {
                place: None,
                ..Diagnostic::warning(
                    E0205,
                    Span { start: 0, end: 0 },
                    format!(
                        "'{FOLDER}/{name}' is not a known identity file, and no [[identity.bind]] uses it"
                    ),
                )
            });
        }
    }
}

/// The ports of `tcp_ports` and `udp_ports`: one a line, `#` begins a comment.
pub(in crate::config) fn ports(cx: &mut Checking<'_>) -> Vec<(Protocol, u16)> {
    let mut ports = Vec::new();
    for (list, protocol) in [("tcp_ports", Protocol::Tcp), ("udp_ports", Protocol::Udp)] {
        for (text, span) in document(cx.sources, list).into_iter().flat_map(lines) {
            match text.parse::<u16>() {
                Ok(port) if port > 0 => ports.push((protocol, port)),
                _ => cx.report(
                    Diagnostic::error(E0106, span, format!("invalid port in '{FOLDER}/{list}'"))
                        .label("expected one port from 1 to 65535"),
                ),
            }
        }
    }
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// The lines of `hosts`, in the grammar of hosts(5), comments left out.
pub(in crate::config) fn hosts(cx: &mut Checking<'_>) -> String {
    let mut hosts = String::new();
    for (text, span) in document(cx.sources, "hosts").into_iter().flat_map(lines) {
        let mut words = text.split_ascii_whitespace();
        let address = words.next().is_some_and(|word| word.parse::<IpAddr>().is_ok());
        let mut names = words.peekable();
        if address && names.peek().is_some() && names.all(|name| name.parse::<HostName>().is_ok()) {
            hosts.push_str(text);
            hosts.push('\n');
        } else {
            cx.report(
                Diagnostic::error(E0106, span, format!("invalid hosts(5) entry in '{FOLDER}/hosts'"))
                    .label("expected an address and host names, like 192.0.2.7 ns1 ns1.example.net"),
            );
        }
    }
    hosts
}

fn document<'s>(sources: &'s Sources, list: &str) -> Option<&'s Document> {
    let documents = sources.documents();
    documents
        .iter()
        .find(|d| d.name.strip_prefix(FOLDER).and_then(|n| n.strip_prefix('/')) == Some(list))
}

/// The lines that say something, without comments and blanks around, each with its place.
fn lines(document: &Document) -> impl Iterator<Item = (&str, Span)> {
    let mut offset = document.base;
    document.text.split_inclusive('\n').filter_map(move |line| {
        let start = offset;
        offset += line.len() as u32;
        let said = line.split('#').next().unwrap_or_default();
        let text = said.trim();
        let start = start + (said.len() - said.trim_start().len()) as u32;
        let end = start + text.len() as u32;
        (!text.is_empty()).then_some((text, Span { start, end }))
    })
}

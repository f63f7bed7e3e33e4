//! `[system]`, `[[bind]]` and `[apply]`: the host itself.

use crate::config::code::E0202;
use crate::config::diag::Diagnostic;
use crate::config::reader::{Located, Table};
use crate::config::{At, check};
use crate::types::{HostName, RelPath, Seconds, Target};
use std::net::IpAddr;

/// `[system]`.
#[derive(Debug)]
pub struct System {
    /// The host name; also FRR's and Incus's.
    pub hostname: HostName,
    /// Name servers for resolv.conf, in order.
    pub nameservers: Vec<IpAddr>,
    /// Search domains for resolv.conf, in order.
    pub search: Vec<HostName>,
}

/// One `[[bind]]`: a directory of `/persistent/data` over one of the image; no two have one target.
#[derive(Debug)]
pub struct Bind {
    /// Where it was written.
    pub at: At,
    /// Below `/persistent/data`.
    pub source: RelPath,
    /// The directory in the image.
    pub target: Target,
}

/// `[apply]`.
#[derive(Debug)]
pub struct Apply {
    /// How long `impctl apply --confirm` waits. Default 600 s.
    pub confirm_timeout: Seconds,
    /// How many generations are kept, 1 to 1000. Default 50.
    pub generations: u16,
}

/// How many name servers resolv.conf holds (MAXNS, resolv.conf(5)).
const NAMESERVERS: usize = 3;

pub(in crate::config) fn decode(document: &mut Table<'_, '_>) -> Option<System> {
    let mut table = document.required_table("system", "hostname = \"edge1\"")?;
    let hostname = table.required_text("hostname", "\"edge1\"");
    let nameservers = decode_nameservers(&mut table);
    let search: Vec<Located<HostName>> = table.texts("search");
    check::listed_once(table.cx(), &search);
    table.finish();
    Some(System {
        hostname: hostname?.value,
        nameservers,
        search: search.into_iter().map(|s| s.value).collect(),
    })
}

fn decode_nameservers(table: &mut Table<'_, '_>) -> Vec<IpAddr> {
    let items = table.value("nameservers").and_then(|value| value.items());
    let servers: Vec<Located<IpAddr>> = items
        .into_iter()
        .flatten()
        .filter_map(|item| item.text_as("an address, like 192.0.2.53 or 2001:db8::53"))
        .collect();
    check::listed_once(table.cx(), &servers);
    if let Some(fourth) = servers.get(NAMESERVERS) {
        table.cx().report(
            Diagnostic::warning(E0202, fourth.span, "more than three name servers")
                .label("this one and any behind it are never asked"),
        );
    }
    servers.into_iter().map(|s| s.value).collect()
}

pub(in crate::config) fn decode_binds(document: &mut Table<'_, '_>) -> Vec<Bind> {
    let mut binds = Vec::new();
    for mut table in document.tables("bind") {
        let source = table.required_text("source", "\"home\"");
        let target = table.required_text::<Target>("target", "\"/home\"");
        let at = table.at();
        if let Some(target) = &target {
            check::system::directory_may_be_covered(table.cx(), target);
            table.cx().index.borrow_mut().bind_targets.push(target.clone());
        }
        table.finish();
        if let (Some(source), Some(target)) = (source, target) {
            binds.push(Bind {
                at,
                source: source.value,
                target: target.value,
            });
        }
    }
    binds
}

impl Default for Apply {
    fn default() -> Self {
        Self {
            confirm_timeout: Seconds::new(600),
            generations: 50,
        }
    }
}

pub(in crate::config) fn decode_apply(document: &mut Table<'_, '_>) -> Apply {
    let mut apply = Apply::default();
    let Some(mut table) = document.table("apply") else {
        return apply;
    };
    if let Some(timeout) = table.duration("confirm-timeout", 10..=86_400, "a duration from 10s to 24h") {
        apply.confirm_timeout = timeout;
    }
    if let Some(count) = table.within("generations", 1..=1000, "a number from 1 to 1000") {
        apply.generations = count.value;
    }
    table.finish();
    apply
}

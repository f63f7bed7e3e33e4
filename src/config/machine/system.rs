//! `[system]`, `[[bind]]` and `[apply]`: the host itself.

use super::check::system::directory_may_be_covered;
use super::firewall::Protocol;
use super::raw::{ApplyRaw, BindRaw, ManagementRaw, SyslogRaw, SystemRaw};
use super::sysctl::sysctl;
use crate::config::At;
use crate::config::check::Checking;
use crate::config::code::{E0202, E0392};
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::keys::Field;
use crate::config::source::Located;
use crate::types::{Banner, HostName, RelPath, Seconds, Server, SysctlName, SysctlValue, Target, TimeZone};
use std::collections::BTreeMap;
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
    /// The servers the clock is set by, each once; none leaves those of the image.
    pub ntp: Vec<Server>,
    /// Where the log goes, each once.
    pub syslog: Vec<Syslog>,
    /// What whoever logs in has to read.
    pub banner: Option<Banner>,
    /// The time zone; none leaves that of the image.
    pub timezone: Option<TimeZone>,
    /// Settings of the kernel in the host namespace; none of them is this router's own.
    pub sysctl: BTreeMap<SysctlName, SysctlValue>,
}

/// A server that collects logs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Syslog {
    /// Its address or name.
    pub host: Server,
    /// Its port. Default 514.
    pub port: u16,
    /// The protocol. Default UDP.
    pub protocol: Protocol,
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

/// The port of syslog over UDP (RFC 5426); rsyslog uses it over TCP, too.
const SYSLOG: u16 = 514;

/// `[system]`, checked.
pub(in crate::config) fn system(field: &Field<SystemRaw>, cx: &mut Checking<'_>) -> Option<System> {
    let raw = field.get()?;
    let servers = raw.nameservers.items();
    cx.listed_once(servers);
    if let Some(fourth) = servers.get(NAMESERVERS) {
        cx.report(
            Diagnostic::warning(E0202, fourth.span, "more than three name servers")
                .label("this one and any behind it are never asked"),
        );
    }
    cx.listed_once(raw.search.items());
    Some(System {
        hostname: raw.hostname.value()?,
        nameservers: servers.iter().map(|s| s.value).collect(),
        search: raw.search.items().iter().map(|s| s.value.clone()).collect(),
        ntp: listed(&raw.ntp, cx),
        syslog: syslog(&raw.syslog, cx),
        banner: raw.banner.value(),
        timezone: raw.timezone.value(),
        sysctl: sysctl(&raw.sysctl, cx),
    })
}

fn listed(field: &Field<Vec<Located<Server>>>, cx: &mut Checking<'_>) -> Vec<Server> {
    cx.listed_once(field.items());
    field.items().iter().map(|server| server.value.clone()).collect()
}

fn syslog(field: &Field<Vec<Located<SyslogRaw>>>, cx: &mut Checking<'_>) -> Vec<Syslog> {
    let mut servers = Vec::new();
    for table in field.items() {
        let raw = &table.value;
        let Some(host) = raw.host.value() else { continue };
        servers.push(Located {
            span: table.span,
            value: Syslog {
                host,
                port: raw.port.get().map_or(SYSLOG, |port| port.get()),
                protocol: raw.protocol.value().unwrap_or(Protocol::Udp),
            },
        });
    }
    cx.listed_once(&servers);
    servers.into_iter().map(|server| server.value).collect()
}

/// Servers that are named, not addressed, need somebody who knows the names: DHCP brings name servers, too.
pub(in crate::config) fn names_can_be_looked_up(
    system: &Field<SystemRaw>,
    management: &Field<ManagementRaw>,
    mut caches: impl Iterator<Item = Located<Server>>,
    cx: &mut Checking<'_>,
) {
    let Some(raw) = system.get() else { return };
    let dhcp = management.get().is_some_and(|it| it.dhcp.is_on());
    if raw.nameservers.is_written() || dhcp {
        return;
    }
    let is_name = |server: &Server| matches!(server, Server::Name(_));
    let mut ntp = raw.ntp.items().iter().map(|it| (&it.value, it.span));
    let syslog = raw.syslog.items().iter();
    let mut syslog = syslog.filter_map(|it| it.value.host.located().map(|host| (host.value, host.span)));
    let cache = caches.find(|cache| is_name(&cache.value));
    // One of each key is enough.
    let found = [
        ntp.find(|(server, _)| is_name(server)),
        syslog.find(|(server, _)| is_name(server)),
        cache.as_ref().map(|cache| (&cache.value, cache.span)),
    ];
    for (name, place) in found.into_iter().flatten() {
        cx.report(
            Diagnostic::warning(E0392, place, format!("nobody is there to look up '{name}'"))
                .label("there are no name servers")
                .hint("add `nameservers` to [system], or write the address"),
        );
    }
}

/// `[[bind]]`, checked.
pub(in crate::config) fn binds(field: &Field<Vec<Located<BindRaw>>>, cx: &mut Checking<'_>) -> Vec<Bind> {
    let mut binds = Vec::new();
    for table in field.items() {
        let raw = &table.value;
        if let Some(target) = raw.target.located() {
            directory_may_be_covered(target, cx);
        }
        if let (Some(source), Some(target)) = (raw.source.value(), raw.target.value()) {
            binds.push(Bind {
                at: cx.at(table.span),
                source,
                target,
            });
        }
    }
    binds
}

/// Enters what is bound over.
pub(in crate::config) fn index_binds(field: &Field<Vec<Located<BindRaw>>>, index: &mut Index) {
    let targets = field.items().iter().filter_map(|bind| bind.value.target.copied());
    index.bind_targets.extend(targets);
}

impl Default for Apply {
    fn default() -> Self {
        Self {
            confirm_timeout: Seconds::new(600),
            generations: 50,
        }
    }
}

/// `[apply]`, with its defaults.
pub(in crate::config) fn apply(field: &Field<ApplyRaw>) -> Apply {
    let mut apply = Apply::default();
    let raw = field.get();
    if let Some(timeout) = raw.and_then(|raw| raw.confirm_timeout.get()) {
        apply.confirm_timeout = timeout.get();
    }
    if let Some(generations) = raw.and_then(|raw| raw.generations.get()) {
        apply.generations = generations.get();
    }
    apply
}

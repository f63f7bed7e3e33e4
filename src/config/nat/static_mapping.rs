//! Ports and addresses that are forwarded to the inside.

use super::Pool;
use super::raw::StaticRaw;
use crate::config::check::Checking;
use crate::config::code::{E0104, E0242, E0420, E0733, E0734};
use crate::config::diag::Diagnostic;
use crate::config::source::{Located, Span};
use crate::config::{At, Protocol};
use crate::types::InstanceName;
use ipnet::{Ipv4Net, Ipv6Net};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// One `[[nat.NAME.static]]` of nat44-ed: a port (or with no port, an address) forwarded inward.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StaticMapping {
    /// Where it was written.
    pub at: At,
    /// Protocol, inside port and outside port; `None` maps the whole address.
    pub port: Option<(Protocol, u16, u16)>,
    /// The inside address.
    pub inside: Ipv4Addr,
    /// The outside address.
    pub outside: Ipv4Addr,
}

/// One `[[nat.NAME.static]]` of nat64: a port forwarded to an IPv6 host.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StaticMapping64 {
    /// Where it was written.
    pub at: At,
    /// The protocol of both ports.
    pub protocol: Protocol,
    /// The inside address.
    pub inside: Ipv6Addr,
    /// The inside port.
    pub inside_port: u16,
    /// The outside address.
    pub outside: Ipv4Addr,
    /// The outside port.
    pub outside_port: u16,
}

/// A mapping as it is written, of either mode.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    at: At,
    port: Option<(Protocol, u16, u16)>,
    inside: IpAddr,
    outside: Ipv4Addr,
}

/// The mappings of the table at this path: with ports when `protocol` is set, else whole addresses. No two have one inside
/// address, or one inside address, protocol and port: VPP refuses the second.
pub(super) fn written(
    tables: &[Located<StaticRaw>],
    path: &str,
    cx: &mut Checking<'_>,
) -> Vec<Located<Written>> {
    let numbered = tables.iter().enumerate();
    let all: Vec<Located<Written>> = numbered
        .filter_map(|(number, table)| {
            let path = format!("{path}.static[{number}]");
            let value = one(&table.value, table.span, &path, cx)?;
            let span = table.span;
            Some(Located { value, span })
        })
        .collect();
    have_their_own_inside(&all, cx);
    all
}

fn one(raw: &StaticRaw, span: Span, path: &str, cx: &mut Checking<'_>) -> Option<Written> {
    let port = match raw.protocol.span() {
        None => {
            no_port_without_protocol(raw, path, cx);
            None
        }
        Some(_) => {
            let ports = [
                (&raw.outside_port, "outside-port"),
                (&raw.inside_port, "inside-port"),
            ];
            for (_, key) in ports.iter().filter(|(port, _)| !port.is_written()) {
                cx.missing(key, "443", path, span);
            }
            let [outside, inside] = ports.map(|(port, _)| port.get().map(|port| port.get()));
            Some((raw.protocol.value()?, inside?, outside?))
        }
    };
    Some(Written {
        at: cx.at(span),
        port,
        inside: raw.inside.value()?,
        outside: raw.outside.value()?,
    })
}

/// A port belongs to a protocol: without one the whole address is mapped.
fn no_port_without_protocol(raw: &StaticRaw, path: &str, cx: &mut Checking<'_>) {
    if let Some(port) = raw.inside_port.span().or(raw.outside_port.span()) {
        let message = format!("'{path}' has a port without its protocol");
        cx.report(Diagnostic::error(E0104, port, message).hint("add `protocol = \"tcp\"` or `\"udp\"`"));
    }
}

fn have_their_own_inside(all: &[Located<Written>], cx: &mut Checking<'_>) {
    let mut seen: HashMap<_, Span> = HashMap::new();
    for mapping in all {
        let to = mapping.value;
        let inside_port = to.port.map(|(protocol, inside, _)| (protocol, inside));
        let Some(first) = seen.insert((to.inside, inside_port), mapping.span) else {
            continue;
        };
        let label = match inside_port {
            None => format!("VPP keeps one outside address for {}", to.inside),
            Some((_, port)) => format!("VPP keeps one outside for port {port} of {}", to.inside),
        };
        cx.report(
            Diagnostic::error(E0420, mapping.span, "the inside is mapped twice")
                .label(label)
                .also(first, "the first"),
        );
    }
}

/// A mapping lies in the pool, which core routes to the module, no two take one outside port, and for none there is another
/// reason that nothing comes to it.
fn are_reached(
    all: &[Located<Written>],
    pool: &Pool,
    lost: impl Fn(&Written) -> Option<String>,
    cx: &mut Checking<'_>,
) {
    let mut seen: HashMap<_, Span> = HashMap::new();
    for mapping in all {
        let to = mapping.value;
        let outside_port = to.port.map(|(protocol, _, outside)| (protocol, outside));
        let first = seen.insert((to.outside, outside_port), mapping.span);
        let reason = if !pool.holds(to.outside) {
            format!(
                "{} is outside the pool {pool}; nothing is routed there",
                to.outside
            )
        } else if let Some(reason) = lost(&to) {
            reason
        } else if first.is_some() {
            "another mapping has this outside address and port".to_owned()
        } else {
            continue;
        };
        let diagnostic =
            Diagnostic::error(E0242, mapping.span, "the static mapping is never used").label(reason);
        cx.report(match first {
            Some(first) => diagnostic.also(first, "the other"),
            None => diagnostic,
        });
    }
}

/// Those of nat44-ed: the inside is an IPv4 address of what is steered into it.
pub(super) fn of_nat44(
    all: &[Located<Written>],
    inside: &[Located<Ipv4Net>],
    pool: Option<&Pool>,
    cx: &mut Checking<'_>,
) -> Vec<StaticMapping> {
    let mut mappings = Vec::new();
    for mapping in all {
        let Written {
            at, port, outside, ..
        } = mapping.value;
        match mapping.value.inside {
            IpAddr::V4(inside) => mappings.push(StaticMapping {
                at,
                port,
                inside,
                outside,
            }),
            IpAddr::V6(inside) => {
                let message = format!("{inside} cannot be the inside of a nat44-ed module");
                cx.report(
                    Diagnostic::error(E0733, mapping.span, message)
                        .label("expected an IPv4 address")
                        .hint("IPv6 hosts are reached through a module with `mode = \"nat64\"`"),
                );
            }
        }
    }
    if let Some(pool) = pool {
        let steered = |it: &Written| match it.inside {
            IpAddr::V4(address) => inside.iter().any(|net| net.value.contains(&address)),
            IpAddr::V6(_) => true,
        };
        let lost = |it: &Written| {
            (!steered(it)).then(|| {
                format!(
                    "{} is not in any `inside` prefix; its replies would not be translated",
                    it.inside
                )
            })
        };
        are_reached(all, pool, lost, cx);
    }
    mappings
}

/// Those of nat64, in this instance: the inside is an IPv6 host, and VPP has one thread that translates.
pub(super) fn of_nat64(
    all: &[Located<Written>],
    path: &str,
    prefix: Option<Ipv6Net>,
    pool: Option<&Pool>,
    instance: Option<&InstanceName>,
    cx: &mut Checking<'_>,
) -> Vec<StaticMapping64> {
    let workers = cx.index.workers.iter().find(|(name, _)| Some(name) == instance);
    let workers = workers.filter(|(_, cores)| cores.value.iter().count() > 1);
    let workers = workers.map(|(_, cores)| cores.span);
    let mut mappings = Vec::new();
    for (number, mapping) in all.iter().enumerate() {
        let Written {
            at, port, outside, ..
        } = mapping.value;
        if let Some(workers) = workers {
            cx.report(
                Diagnostic::error(
                    E0734,
                    mapping.span,
                    "nat64 has no static mappings with several workers",
                )
                .label("one worker would keep it, and others get its packets")
                .also(workers, "the workers of its instance")
                .hint("give the instance one worker, or none"),
            );
        }
        let Some((protocol, inside_port, outside_port)) = port else {
            let path = format!("{path}.static[{number}]");
            cx.missing("protocol", "\"tcp\"", &path, mapping.span);
            continue;
        };
        match mapping.value.inside {
            IpAddr::V6(inside) => mappings.push(StaticMapping64 {
                at,
                protocol,
                inside,
                inside_port,
                outside,
                outside_port,
            }),
            IpAddr::V4(inside) => {
                let message = format!("{inside} cannot be the inside of a nat64 module");
                cx.report(
                    Diagnostic::error(E0733, mapping.span, message)
                        .label("expected an IPv6 address")
                        .hint("IPv4 hosts are reached through a module with `mode = \"nat44-ed\"`"),
                );
            }
        }
    }
    if let Some(pool) = pool {
        let lost = |it: &Written| match (it.inside, prefix) {
            (IpAddr::V6(address), Some(prefix)) if prefix.contains(&address) => Some(format!(
                "{address} stands for an IPv4 host: it is in the prefix {prefix}"
            )),
            _ => None,
        };
        are_reached(all, pool, lost, cx);
    }
    mappings
}

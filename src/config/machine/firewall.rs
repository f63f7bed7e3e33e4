//! `[firewall]`: inbound rules of the host namespace.

use crate::config::reader::{Located, Table, Value};
use crate::config::{At, check};
use crate::types::Prefix;

/// `[firewall]`.
#[derive(Debug)]
pub struct Firewall {
    /// `allow`, in order.
    pub allow: Vec<Allow>,
}

/// One entry of `allow`.
#[derive(Debug)]
pub struct Allow {
    /// Where it was written.
    pub at: At,
    /// What it lets in.
    pub service: Service,
    /// From where; empty means from anywhere.
    pub from: Vec<Prefix>,
}

/// What an `allow` lets in: `service = "ssh"` (tcp 22) or `port` and `protocol`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// The transport.
    pub protocol: Protocol,
    /// The destination port, 1 to 65535.
    pub port: u16,
}

/// The words for a transport protocol.
pub(in crate::config) const PROTOCOLS: [(&str, Protocol); 2] =
    [("tcp", Protocol::Tcp), ("udp", Protocol::Udp)];

/// A transport protocol, by its IANA number where one is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// 6
    Tcp,
    /// 17
    Udp,
}

/// What an operator of a router's management types, with the port IANA (or the exporter itself) gives it.
const SERVICES: [(&str, Service); 9] = [
    ("ssh", service(Protocol::Tcp, 22)),
    ("http", service(Protocol::Tcp, 80)),
    ("ntp", service(Protocol::Udp, 123)),
    ("snmp", service(Protocol::Udp, 161)),
    ("https", service(Protocol::Tcp, 443)),
    ("syslog", service(Protocol::Udp, 514)),
    ("netconf", service(Protocol::Tcp, 830)),
    ("incus", service(Protocol::Tcp, 8443)),
    ("node-exporter", service(Protocol::Tcp, 9100)),
];

const fn service(protocol: Protocol, port: u16) -> Service {
    Service { protocol, port }
}

pub(in crate::config) fn decode(document: &mut Table<'_, '_>) -> Option<Firewall> {
    let mut table = document.table("firewall")?;
    let mut allow = Vec::new();
    for entry in table.tables("allow") {
        allow.extend(decode_allow(entry));
    }
    table.finish();
    Some(Firewall { allow })
}

fn decode_allow(mut table: Table<'_, '_>) -> Option<Allow> {
    let (cx, at) = (table.cx(), table.at());
    let name = table.value("service");
    let port = table.value("port");
    let protocol = table.value("protocol");
    let from = table.value("from");
    let place = |value: &Option<Value<'_, '_>>| value.as_ref().map(Value::span);
    check::firewall::says_what_it_allows(cx, table.span(), place(&name), place(&port), place(&protocol));
    let sources: Vec<Located<Prefix>> = from.as_ref().map(|list| list.texts()).unwrap_or_default();
    check::firewall::sources_are_disjoint(cx, from.as_ref(), &sources);
    table.finish();
    let service = match name {
        Some(name) => name.choice(&SERVICES)?.value,
        None => {
            let port = port.and_then(|value| value.within(1..=65_535, "a port from 1 to 65535"));
            let protocol = protocol.and_then(|value| value.choice(&PROTOCOLS));
            Service {
                port: port?.value,
                protocol: protocol?.value,
            }
        }
    };
    Some(Allow {
        at,
        service,
        from: sources.into_iter().map(|f| f.value).collect(),
    })
}

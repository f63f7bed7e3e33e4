//! `[firewall]`: inbound rules of the host namespace.

use super::check::firewall::{says_what_it_allows, sources_are_disjoint};
use super::raw::{AllowRaw, FirewallRaw};
use crate::config::At;
use crate::config::check::Checking;
use crate::config::keys::Field;
use crate::config::source::Span;
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

/// A transport protocol, by its IANA number where one is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// 6
    Tcp,
    /// 17
    Udp,
}

/// `[firewall]`, checked.
pub(in crate::config) fn firewall(field: &Field<FirewallRaw>, cx: &mut Checking<'_>) -> Option<Firewall> {
    let entries = field.get()?.allow.items().iter();
    let allow = entries.filter_map(|entry| allowed(&entry.value, entry.span, cx));
    Some(Firewall {
        allow: allow.collect(),
    })
}

fn allowed(raw: &AllowRaw, span: Span, cx: &mut Checking<'_>) -> Option<Allow> {
    let (service, port, protocol) = (raw.service.span(), raw.port.span(), raw.protocol.span());
    says_what_it_allows(span, service, port, protocol, cx);
    let empty = raw.from.span().filter(|_| raw.from.is_empty_list());
    sources_are_disjoint(empty, raw.from.items(), cx);
    let service = match raw.service.is_written() {
        true => raw.service.value()?,
        false => Service {
            port: raw.port.get()?.get(),
            protocol: raw.protocol.value()?,
        },
    };
    Some(Allow {
        at: cx.at(span),
        service,
        from: raw.from.items().iter().map(|f| f.value).collect(),
    })
}

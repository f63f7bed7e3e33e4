//! `[bridges.NAME]`: bridge domains of VPP.

use super::check::switch as check;
use super::check::traffic::{NoNic, only_a_nic_receives};
use super::link::{Above, Link, Protocols, Written, link, protocols};
use super::raw::{BridgeDomainRaw, BridgeDomainsRaw};
use super::switched::routes;
use crate::config::At;
use crate::config::check::Checking;
use crate::config::code::{Code, E0795};
use crate::config::diag::Diagnostic;
use crate::config::index::{Index, Name};
use crate::config::keys::Field;
use crate::config::source::{Located, Span};
use crate::types::{IfName, LinkName};
use std::collections::BTreeMap;

/// `[bridges.NAME]`: its members are one Ethernet.
#[derive(Debug)]
pub struct BridgeDomain {
    /// Where it was written.
    pub at: At,
    /// Its members, each of no other bridge domain.
    pub members: Vec<LinkName>,
    /// This router's own interface on it, of its name; there is one where it has addresses.
    pub bvi: Option<Bvi>,
}

/// The interface of a router on a bridge domain.
#[derive(Debug)]
pub struct Bvi {
    /// What VPP is told of it; it has an address at least. Its MTU is what each member carries, as far as they say one.
    pub link: Link,
    /// What FRR is told of it.
    pub protocols: Protocols,
}

/// `[bridges.NAME]`, checked.
pub(in crate::config) fn bridges(
    raw: &Field<BridgeDomainsRaw>,
    cx: &mut Checking<'_>,
) -> BTreeMap<IfName, BridgeDomain> {
    let entries = raw.entries().iter();
    entries
        .map(|(name, table)| (name.value.clone(), bridge(name, &table.value, table.span, cx)))
        .collect()
}

fn bridge(name: &Located<IfName>, raw: &BridgeDomainRaw, span: Span, cx: &mut Checking<'_>) -> BridgeDomain {
    let members = raw.members.items();
    cx.listed_once(members);
    let has_addresses = !raw.link.addresses.items().is_empty();
    match has_addresses {
        true if members.is_empty() => joins_nothing(name, "it has no members", cx),
        false if members.len() < 2 => joins_nothing(name, "it joins nothing", cx),
        false => nobody_is_on_it(name, raw, cx),
        true => {}
    }
    let bvi = has_addresses.then(|| {
        let mut link = link(&raw.link, (&name.value).into(), span, Above::Nothing, cx);
        only_a_nic_receives(&raw.link, NoNic::Bridge, cx);
        let own = raw.link.mtu.copied();
        let least = check::least_mtu(members, own, cx);
        link.mtu = link.mtu.or(least);
        Bvi {
            link,
            protocols: protocols(&raw.link.protocols, cx),
        }
    });
    let parsed = members.iter().filter_map(|member| member.value.parse().ok());
    BridgeDomain {
        at: cx.at(span),
        members: parsed.collect(),
        bvi,
    }
}

fn joins_nothing(name: &Located<IfName>, why: &str, cx: &mut Checking<'_>) {
    cx.report(
        Diagnostic::error(
            E0795,
            name.span,
            format!("the bridge '{}' is of no use", name.value),
        )
        .label(why)
        .hint("list at least two members, or one and `addresses` of this router on it"),
    );
}

/// Without addresses there is no interface that anything could be said of.
fn nobody_is_on_it(name: &Located<IfName>, raw: &BridgeDomainRaw, cx: &mut Checking<'_>) {
    let mut say = |diagnostic: fn(Code, Span, String) -> Diagnostic, key: &str, place: Span| {
        let message = format!("'{key}' of the bridge '{}' has no effect", name.value);
        cx.report(
            diagnostic(E0795, place, message)
                .label("without addresses, this router has no interface on it")
                .hint("add `addresses`, or remove the key"),
        );
    };
    for (key, place) in routes(&raw.link) {
        say(Diagnostic::error, key, place);
    }
    // Other systems give every bridge domain one.
    if let Some(place) = raw.link.mtu.span() {
        say(Diagnostic::warning, "mtu", place);
    }
}

/// Enters the bridge domains: their names, members and addresses.
pub(in crate::config) fn index_bridges(raw: &Field<BridgeDomainsRaw>, index: &mut Index) {
    for (name, table) in raw.entries() {
        index.dataplane_names.push(Name {
            name: name.value.to_string(),
            what: "a bridge domain",
            span: name.span,
        });
        let members = table.value.members.items().iter();
        let members = members.map(|member| (name.value.clone(), member.clone()));
        index.switching.members.extend(members);
        let raw = &table.value.link;
        let to = raw.xconnect.copied();
        let xconnect = to.map(|to| (name.value.to_string(), to));
        index.switching.xconnects.extend(xconnect);
        if !raw.addresses.items().is_empty() {
            Written::of(name.value.to_string(), table.span, raw, Above::Nothing).enter(index);
        }
    }
}

//! What an interface does with frames in place of routing: it is in a bridge domain, or they go out of another interface.

use super::link::Above;
use super::raw::LinkRaw;
use crate::config::check::Checking;
use crate::config::code::E0792;
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::keys::Field;
use crate::config::source::{Located, Span};
use crate::types::{IfName, LinkName};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Where the frames of an interface go that is not routed: it has no addresses, no protocols and no Linux side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Switched {
    /// To the members of the bridge domain of this name.
    Bridge(IfName),
    /// Out of this interface.
    To(LinkName),
}

/// What the tables say of switched interfaces, each with its place.
#[derive(Debug, Default)]
pub(in crate::config) struct Switching {
    /// Every member, with its bridge domain.
    pub(in crate::config) members: Vec<(IfName, Located<String>)>,
    /// Every `xconnect`, with the interface that says it.
    pub(in crate::config) xconnects: Vec<(String, Located<String>)>,
    /// The interfaces that carry frames: NICs, VLANs and VXLAN tunnels.
    pub(in crate::config) ports: BTreeSet<String>,
    /// What each interface does, as its first mention has it. Built by [`Index::connect`].
    pub(in crate::config) does: BTreeMap<String, (Target, Span)>,
}

/// Where frames go, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::config) enum Target {
    Bridge(IfName),
    To(String),
}

impl Switching {
    /// Every mention of a switched interface, with where its frames go. A cross-connect is one of both of its ends.
    pub(in crate::config) fn mentions(&self) -> impl Iterator<Item = (&str, Target, Span)> {
        let members = self.members.iter();
        let members = members
            .map(|(bridge, member)| (member.value.as_str(), Target::Bridge(bridge.clone()), member.span));
        let ends = self.xconnects.iter().flat_map(|(from, to)| {
            [
                (from.as_str(), Target::To(to.value.clone()), to.span),
                (to.value.as_str(), Target::To(from.clone()), to.span),
            ]
        });
        members.chain(ends)
    }

    /// Settles what each interface does.
    pub(in crate::config) fn settle(&mut self) {
        let mut does = BTreeMap::new();
        for (name, target, span) in self.mentions() {
            does.entry(name.to_owned()).or_insert((target, span));
        }
        self.does = does;
    }
}

/// Enters an interface that carries frames: its cross-connect, if it has one, and its MTU.
pub(in crate::config) fn index_port(name: &str, raw: &LinkRaw, above: Above, index: &mut Index) {
    let mtu = above.on(raw).mtu();
    index
        .mtus
        .extend(mtu.map(|mtu| (name.to_owned(), mtu.value.get())));
    index.switching.ports.insert(name.to_owned());
    if let Some(to) = raw.xconnect.located() {
        let to = Located {
            value: to.value.clone(),
            span: to.span,
        };
        index.switching.xconnects.push((name.to_owned(), to));
    }
}

/// What an interface does with frames; `None`: it routes. One that does not route says nothing that routing needs.
pub(in crate::config) fn switched(name: &LinkName, raw: &LinkRaw, cx: &mut Checking<'_>) -> Option<Switched> {
    let (target, span) = cx.index.switching.does.get(name.as_ref())?;
    let (switched, does) = match target {
        Target::Bridge(bridge) => (
            Switched::Bridge(bridge.clone()),
            format!("it is a member of the bridge '{bridge}'"),
        ),
        Target::To(to) => (
            Switched::To(to.parse().ok()?),
            format!("its frames go out of '{to}'"),
        ),
    };
    for (key, place) in routes(raw) {
        cx.report(
            Diagnostic::error(E0792, place, format!("'{name}' does not route, and has '{key}'"))
                .also(*span, does.clone())
                .hint("remove it; a bridge that this router is to be on has `addresses` of its own"),
        );
    }
    Some(switched)
}

/// The keys of an interface that have a meaning only where it routes, as far as they are written.
pub(in crate::config) fn routes(raw: &LinkRaw) -> impl Iterator<Item = (&'static str, Span)> {
    fn span<T>(field: &Field<T>) -> Option<Span> {
        field.located().map(|it| it.span)
    }
    let protocols = &raw.protocols;
    let keys = [
        (
            "addresses",
            span(&raw.addresses).filter(|_| !raw.addresses.items().is_empty()),
        ),
        ("ra", span(&raw.ra)),
        ("urpf", span(&raw.urpf)),
        ("mss-clamp", span(&raw.mss_clamp)),
        ("neighbors", span(&raw.neighbors)),
        ("vrrp", span(&raw.vrrp)),
        ("dhcp-relay", span(&raw.dhcp_relay)),
        ("dhcp6-relay", span(&raw.dhcp6_relay)),
        ("vrf", span(&protocols.vrf)),
        ("ospf", span(&protocols.ospf)),
        ("ospf6", span(&protocols.ospf6)),
        ("isis", span(&protocols.isis)),
    ];
    keys.into_iter().filter_map(|(key, place)| Some((key, place?)))
}

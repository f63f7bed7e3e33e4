//! `[interfaces.NAME.vlan.N]`, and the VLANs inside it.

use super::carrier::Carrier;
use super::link::{Above, Written, link, protocols};
use super::raw::{InterfaceRaw, LinkRaw, VlanRaw};
use super::switched::index_port;
use crate::config::check::Checking;
use crate::config::code::{E0206, E0208, E0276, E0277};
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::keys::{Field, Named, Reading, Shape, Takes, Value, name};
use crate::config::source::Located;
use crate::config::{Link, Protocols};
use crate::types::{LinkName, VlanId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `[interfaces.NAME.vlan.N]`.
#[derive(Debug)]
pub struct Vlan {
    /// What VPP is told of it; never up while its parent is down.
    pub link: Link,
    /// What FRR is told of it.
    pub protocols: Protocols,
    /// Its tag on the parent.
    pub tag: VlanId,
    /// How its frames are marked.
    pub kind: TagType,
    /// `inner.N`, in the order of the tags.
    pub inner: Vec<InnerVlan>,
}

/// `[interfaces.NAME.vlan.N.inner.N]`: 802.1Q inside the outer tag.
#[derive(Debug)]
pub struct InnerVlan {
    /// What VPP is told of it; never up while its parent is down.
    pub link: Link,
    /// What FRR is told of it.
    pub protocols: Protocols,
    /// Its tag inside the outer one.
    pub tag: VlanId,
}

/// What marks the frames of a VLAN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TagType {
    /// 802.1Q.
    Dot1q,
    /// 802.1ad.
    Dot1ad,
}

/// Tables by their tag, in the order of the document; no tag is there twice.
#[derive(Debug, Clone)]
pub(in crate::config) struct Tagged<T>(pub(in crate::config) Vec<(Located<VlanId>, Located<T>)>);

impl<T: Takes> Takes for Tagged<T> {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let mut tags = BTreeMap::new();
        let mut tables = Vec::new();
        for entry in value.entries(reading)? {
            let number = entry.key.value.parse().ok();
            // `025` is no second way to write 25.
            if let Some(first) = number.and_then(|number: u64| tags.insert(number, entry.key.span)) {
                let message = format!("duplicate tag {} on this parent", entry.key.value);
                reading.report(
                    Diagnostic::error(E0208, entry.key.span, message)
                        .label("the same tag, written differently")
                        .also(first, "first here"),
                );
                continue;
            }
            let span = entry.value.span();
            if let Some(tag) = name(value, entry.key, reading)
                && let Some(value) = T::read(&entry.value, reading)
            {
                tables.push((tag, Located { value, span }));
            }
        }
        Some(Self(tables))
    }

    fn shape() -> Shape {
        Named::<VlanId, T>::shape()
    }
}

/// What is written by tag.
fn by_tag<T>(field: &Field<Tagged<T>>) -> &[(Located<VlanId>, Located<T>)] {
    field.get().map_or(&[], |tagged| &tagged.0)
}

/// What is checked of each, in the order of the tags.
fn each<T, V>(
    field: &Field<Tagged<T>>,
    mut checked: impl FnMut(Located<VlanId>, &Located<T>) -> Option<V>,
) -> Vec<V> {
    let mut all: Vec<_> = by_tag(field).iter().collect();
    all.sort_by_key(|(tag, _)| tag.value);
    let checked = all.into_iter().filter_map(|(tag, table)| checked(*tag, table));
    checked.collect()
}

/// The VLANs of an interface, checked, in the order of their tags.
pub(super) fn vlans(
    parent: &LinkName,
    raw: &InterfaceRaw,
    carrier: Option<&Carrier>,
    cx: &mut Checking<'_>,
) -> Vec<Vlan> {
    let above = Above::Nothing.on(&raw.link);
    each(&raw.vlan, |tag, table| {
        if let Some(kind) = table.value.kind.copied() {
            can_be_marked(parent, kind, carrier, cx);
        }
        vlan(parent, above, tag, table, cx)
    })
}

fn vlan(
    parent: &LinkName,
    above: Above,
    tag: Located<VlanId>,
    table: &Located<VlanRaw>,
    cx: &mut Checking<'_>,
) -> Option<Vlan> {
    let raw = &table.value;
    let name = derived_name(parent, tag, cx);
    // Without a name of its own it is of no use, but what else is wrong with it is told.
    let stands_for = name.clone().unwrap_or_else(|| parent.clone());
    let on_it = above.on(&raw.link);
    let inner = each(&raw.inner, |tag, table| {
        inner(name.as_ref(), on_it, tag, table, cx)
    });
    let vlan = Vlan {
        link: link(&raw.link, stands_for, table.span, above, cx),
        protocols: protocols(&raw.link.protocols, cx),
        tag: tag.value,
        kind: raw.kind.value().unwrap_or(TagType::Dot1q),
        inner,
    };
    name.map(|_| vlan)
}

fn inner(
    outer: Option<&LinkName>,
    above: Above,
    tag: Located<VlanId>,
    table: &Located<LinkRaw>,
    cx: &mut Checking<'_>,
) -> Option<InnerVlan> {
    let raw = &table.value;
    let name = derived_name(outer?, tag, cx)?;
    Some(InnerVlan {
        link: link(raw, name, table.span, above, cx),
        protocols: protocols(&raw.protocols, cx),
        tag: tag.value,
    })
}

/// A host-interface gets frames of 802.1ad without their mark, and VPP takes them for 802.1Q: nothing arrives.
fn can_be_marked(
    parent: &LinkName,
    kind: Located<TagType>,
    carrier: Option<&Carrier>,
    cx: &mut Checking<'_>,
) {
    match (kind.value, carrier) {
        (TagType::Dot1q, _) | (_, None) => {}
        (TagType::Dot1ad, Some(carrier)) if carrier.is_dpdks() => cx.report(
            Diagnostic::warning(E0277, kind.span, "802.1ad has not been tested with traffic")
                .label("try it before others depend on it"),
        ),
        (TagType::Dot1ad, Some(_)) => cx.report(
            Diagnostic::error(E0276, kind.span, "802.1ad needs attach = \"dpdk\"")
                .label(format!("another way to attach '{parent}' loses every such frame"))
                .hint("add `attach = \"dpdk\"` to the table of the NIC, or use 802.1Q"),
        ),
    }
}

fn derived_name(parent: &LinkName, tag: Located<VlanId>, cx: &mut Checking<'_>) -> Option<LinkName> {
    let refuse = |error: crate::types::TypeError| {
        let length = parent.as_ref().len() + 1 + tag.value.to_string().len();
        let message = format!("the derived name '{parent}.{}' is {length} bytes long", tag.value);
        cx.report(
            Diagnostic::error(E0206, tag.span, message)
                .label(error.to_string())
                .hint("give the parent a shorter name"),
        );
    };
    parent.tagged(tag.value).map_err(refuse).ok()
}

/// Enters the VLANs of an interface.
pub(super) fn index_vlans(parent: &str, raw: &InterfaceRaw, index: &mut Index) {
    let above = Above::Nothing.on(&raw.link);
    for (tag, table) in by_tag(&raw.vlan) {
        let outer = format!("{parent}.{}", tag.value);
        let on_it = above.on(&table.value.link);
        for (tag, table) in by_tag(&table.value.inner) {
            let name = format!("{outer}.{}", tag.value);
            index_port(&name, &table.value, on_it, index);
            Written::of(name, table.span, &table.value, on_it).enter(index);
        }
        index_port(&outer, &table.value.link, above, index);
        Written::of(outer, table.span, &table.value.link, above).enter(index);
    }
}

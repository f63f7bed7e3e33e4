//! `[interfaces.NAME]`, their VLANs, and `[loopbacks.NAME]`.

use super::check::address;
use super::link::{Above, Written, link, protocols};
use super::nic;
use super::raw::{InterfaceRaw, InterfacesRaw, LinkRaw, LoopbacksRaw, VlanRaw};
use crate::config::check::Checking;
use crate::config::code::{E0206, E0219};
use crate::config::diag::Diagnostic;
use crate::config::index::{Index, Name};
use crate::config::keys::Field;
use crate::config::source::{Located, Span};
use crate::config::{Attach, Link, NicMatch, Protocols};
use crate::types::{IfName, LinkName, MacAddr, VlanId};
use std::collections::BTreeMap;

/// `[interfaces.NAME]`: a NIC of the dataplane.
#[derive(Debug)]
pub struct Interface {
    /// What VPP is told of it; its addresses are untagged.
    pub link: Link,
    /// What FRR is told of it.
    pub protocols: Protocols,
    /// Which NIC.
    pub matches: NicMatch,
    /// `attach`; when absent DPDK if the NIC has a PCI address, else af-packet (only the machine knows).
    pub attach: Option<Attach>,
    /// `hw-addr` of an af-packet host-interface; derived from the NIC's own when absent.
    pub hw_addr: Option<MacAddr>,
    /// `promiscuous = true`: virtio NICs drop tagged frames without it.
    pub promiscuous: bool,
    /// `vlan.N`, in the order of the tags.
    pub vlans: Vec<Vlan>,
}

/// `[interfaces.NAME.vlan.N]`.
#[derive(Debug)]
pub struct Vlan {
    /// What VPP is told of it; never up while its parent is down.
    pub link: Link,
    /// What FRR is told of it.
    pub protocols: Protocols,
    /// Its tag on the parent.
    pub tag: VlanId,
}

/// `[loopbacks.NAME]`.
#[derive(Debug)]
pub struct Loopback {
    /// What VPP is told of it; it has an address at least.
    pub link: Link,
    /// What FRR is told of it.
    pub protocols: Protocols,
}

/// `[loopbacks.NAME]`, checked.
pub(in crate::config) fn loopbacks(
    raw: &Field<LoopbacksRaw>,
    cx: &mut Checking<'_>,
) -> BTreeMap<IfName, Loopback> {
    let mut loopbacks = BTreeMap::new();
    for (name, table) in raw.entries() {
        let raw = &table.value;
        address::can_be_configured(raw.addresses.items(), cx);
        let addresses = raw.addresses.items().iter().map(|address| address.value);
        let loopback = Loopback {
            link: Link {
                addresses: addresses.collect(),
                ..Link::bare(cx.at(table.span), (&name.value).into())
            },
            protocols: protocols(&raw.protocols, cx),
        };
        loopbacks.insert(name.value.clone(), loopback);
    }
    loopbacks
}

/// `[interfaces.NAME]`, checked.
pub(in crate::config) fn interfaces(
    raw: &Field<InterfacesRaw>,
    cx: &mut Checking<'_>,
) -> BTreeMap<IfName, Interface> {
    let checked = |(name, table): &(Located<IfName>, Located<InterfaceRaw>)| {
        Some((
            name.value.clone(),
            interface(&name.value, &table.value, table.span, cx)?,
        ))
    };
    raw.entries().iter().filter_map(checked).collect()
}

fn interface(name: &IfName, raw: &InterfaceRaw, span: Span, cx: &mut Checking<'_>) -> Option<Interface> {
    let matches = nic::named(&raw.matches, &["interfaces", name.as_ref(), "match"], cx);
    only_host_interfaces_have_an_address(raw, cx);
    let name = LinkName::from(name);
    let link = link(&raw.link, name.clone(), span, Above::Nothing, cx);
    let protocols = protocols(&raw.link.protocols, cx);
    let vlans = raw.vlan.get().map_or(&[][..], |vlans| &vlans.0);
    let vlans = vlans.iter();
    let mut vlans: Vec<Vlan> = vlans
        .filter_map(|(tag, table)| vlan(&name, raw, *tag, table, cx))
        .collect();
    vlans.sort_by_key(|vlan| vlan.tag);
    Some(Interface {
        link,
        protocols,
        matches: matches?,
        attach: raw.attach.value(),
        hw_addr: raw.hw_addr.value(),
        promiscuous: raw.promiscuous.is_on(),
        vlans,
    })
}

/// DPDK keeps the NIC's own address; only a host-interface can be given another.
fn only_host_interfaces_have_an_address(raw: &InterfaceRaw, cx: &mut Checking<'_>) {
    if let Some(hw_addr) = raw.hw_addr.located()
        && raw.attach.value() != Some(Attach::AfPacket)
    {
        cx.report(
            Diagnostic::error(E0219, hw_addr.span, "'hw-addr' needs attach = \"af-packet\"")
                .label("a NIC that DPDK drives keeps its own address")
                .hint("add `attach = \"af-packet\"`, or remove `hw-addr`"),
        );
    }
}

fn vlan(
    parent: &LinkName,
    nic: &InterfaceRaw,
    tag: Located<VlanId>,
    table: &Located<VlanRaw>,
    cx: &mut Checking<'_>,
) -> Option<Vlan> {
    let raw = &table.value.link;
    let name = derived_name(parent, tag, cx);
    // Without a name of its own it is of no use, but what else is wrong with it is told.
    let stands_for = name.clone().unwrap_or_else(|| parent.clone());
    let vlan = Vlan {
        link: link(raw, stands_for, table.span, Above::Parent(&nic.link), cx),
        protocols: protocols(&raw.protocols, cx),
        tag: tag.value,
    };
    name.map(|_| vlan)
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

/// Enters the loopbacks: their names and addresses.
pub(in crate::config) fn index_loopbacks(raw: &Field<LoopbacksRaw>, index: &mut Index) {
    for (name, table) in raw.entries() {
        index.dataplane_names.push(named(name, "a loopback"));
        let written = Written {
            name: name.value.to_string(),
            table: table.span,
            addresses: table.value.addresses.items(),
            protocols: &table.value.protocols,
        };
        written.enter(index);
    }
}

/// Enters the interfaces and their VLANs: their names, addresses and NICs.
pub(in crate::config) fn index_interfaces(raw: &Field<InterfacesRaw>, index: &mut Index) {
    for (name, table) in raw.entries() {
        index.dataplane_names.push(named(name, "an interface"));
        let raw = &table.value;
        nic::index_match(&raw.matches, Some(name.value.as_ref()), raw.attach.value(), index);
        index.hw_addrs.extend(raw.hw_addr.copied());
        let down = |raw: &LinkRaw| raw.enabled.copied().filter(|it| !it.value).map(|it| it.span);
        let parent = down(&raw.link);
        index
            .down
            .extend(parent.map(|place| (name.value.to_string(), place)));
        Written::of(name.value.to_string(), table.span, &raw.link).enter(index);
        for (tag, table) in raw.vlan.get().map_or(&[][..], |vlans| &vlans.0) {
            let name = format!("{}.{}", name.value, tag.value);
            let place = down(&table.value.link).or(parent);
            index.down.extend(place.map(|place| (name.clone(), place)));
            Written::of(name, table.span, &table.value.link).enter(index);
        }
    }
}

fn named(name: &Located<IfName>, what: &'static str) -> Name {
    Name {
        name: name.value.to_string(),
        what,
        span: name.span,
    }
}

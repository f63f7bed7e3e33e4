//! `[interfaces.NAME]`, their VLANs, and `[loopbacks.NAME]`.

use super::check::{address, mtu};
use super::raw::{InterfaceRaw, InterfacesRaw, LoopbacksRaw, VlanRaw};
use super::{nic, ra};
use crate::config::check::Checking;
use crate::config::code::{E0206, E0219, E0270};
use crate::config::diag::Diagnostic;
use crate::config::index::{Address, Index, Name};
use crate::config::keys::Field;
use crate::config::routing::isis;
use crate::config::routing::ospf::checked::{self as ospf, OspfVersion};
use crate::config::routing::raw::{InterfaceIsisRaw, InterfaceOspfRaw};
use crate::config::source::{Located, Span};
use crate::config::{At, Attach, InterfaceIsis, InterfaceOspf, NicMatch, RouterAdvertisement};
use crate::types::{IfAddr, IfName, Line, MacAddr, Mtu, SubIfName, VlanId};
use std::collections::BTreeMap;

/// `[interfaces.NAME]`: a NIC of the dataplane.
#[derive(Debug)]
pub struct Interface {
    /// Where it was written.
    pub at: At,
    /// Which NIC.
    pub matches: NicMatch,
    /// `attach`; when absent DPDK if the NIC has a PCI address, else af-packet (only the machine knows).
    pub attach: Option<Attach>,
    /// `hw-addr` of an af-packet host-interface; derived from the NIC's own when absent.
    pub hw_addr: Option<MacAddr>,
    /// `description`.
    pub description: Option<Line>,
    /// `mtu`; VPP's default (9000) when absent.
    pub mtu: Option<Mtu>,
    /// Whether it is up.
    pub enabled: bool,
    /// `promiscuous = true`: virtio NICs drop tagged frames without it.
    pub promiscuous: bool,
    /// Untagged addresses; no two subnets of a table overlap.
    pub addresses: Vec<IfAddr>,
    /// `ospf = { … }`.
    pub ospf: Option<InterfaceOspf>,
    /// `ospf6 = { … }`.
    pub ospf6: Option<InterfaceOspf>,
    /// `isis = { … }`; there is an `[isis]` then.
    pub isis: Option<InterfaceIsis>,
    /// `ra = { … }`; never sent unless asked for. Has an IPv6 address to advertise.
    pub ra: Option<RouterAdvertisement>,
    /// `vlan.N`, in the order of the tags.
    pub vlans: Vec<Vlan>,
}

/// `[interfaces.NAME.vlan.N]`.
#[derive(Debug)]
pub struct Vlan {
    /// Where it was written.
    pub at: At,
    /// The derived name, the same in VPP, Linux and frr.conf.
    pub name: SubIfName,
    /// `description`.
    pub description: Option<Line>,
    /// `mtu`, not above the parent's; the parent's when absent.
    pub mtu: Option<Mtu>,
    /// Whether it is up; never while its parent is down.
    pub enabled: bool,
    /// Addresses; no two subnets of a table overlap.
    pub addresses: Vec<IfAddr>,
    /// `ospf = { … }`.
    pub ospf: Option<InterfaceOspf>,
    /// `ospf6 = { … }`.
    pub ospf6: Option<InterfaceOspf>,
    /// `isis = { … }`; there is an `[isis]` then.
    pub isis: Option<InterfaceIsis>,
    /// `ra = { … }`; never sent unless asked for. Has an IPv6 address to advertise.
    pub ra: Option<RouterAdvertisement>,
}

/// `[loopbacks.NAME]`.
#[derive(Debug)]
pub struct Loopback {
    /// Where it was written.
    pub at: At,
    /// `description`.
    pub description: Option<Line>,
    /// Addresses; at least one.
    pub addresses: Vec<IfAddr>,
    /// `ospf = { … }`.
    pub ospf: Option<InterfaceOspf>,
    /// `ospf6 = { … }`.
    pub ospf6: Option<InterfaceOspf>,
    /// `isis = { … }`; there is an `[isis]` then.
    pub isis: Option<InterfaceIsis>,
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
        let loopback = Loopback {
            at: cx.at(table.span),
            description: raw.description.value(),
            addresses: values(&raw.addresses),
            ospf: ospf::of_interface(&raw.ospf, OspfVersion::V2, cx),
            ospf6: ospf::of_interface(&raw.ospf6, OspfVersion::V3, cx),
            isis: isis::of_interface(&raw.isis, cx),
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
    address::can_be_configured(raw.addresses.items(), cx);
    mtu::carries_ipv6(raw.mtu.copied(), raw.addresses.items(), cx);
    let ospf = ospf::of_interface(&raw.ospf, OspfVersion::V2, cx);
    let ospf6 = ospf::of_interface(&raw.ospf6, OspfVersion::V3, cx);
    let isis = isis::of_interface(&raw.isis, cx);
    let ra = ra::checked(&raw.ra, raw.addresses.items(), cx);
    let vlans = raw.vlan.get().map_or(&[][..], |vlans| &vlans.0);
    let vlans = vlans.iter();
    let mut vlans: Vec<Vlan> = vlans
        .filter_map(|(tag, table)| vlan(name, raw, *tag, table, cx))
        .collect();
    vlans.sort_by_key(|vlan| vlan.name.vlan());
    Some(Interface {
        at: cx.at(span),
        matches: matches?,
        attach: raw.attach.value(),
        hw_addr: raw.hw_addr.value(),
        description: raw.description.value(),
        mtu: raw.mtu.value(),
        enabled: raw.enabled.value().unwrap_or(true),
        promiscuous: raw.promiscuous.is_on(),
        addresses: values(&raw.addresses),
        ospf,
        ospf6,
        isis,
        ra,
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
    parent: &IfName,
    nic: &InterfaceRaw,
    tag: Located<VlanId>,
    table: &Located<VlanRaw>,
    cx: &mut Checking<'_>,
) -> Option<Vlan> {
    let raw = &table.value;
    let name = derived_name(parent, tag, cx);
    let (mtu, parent_mtu) = (raw.mtu.copied(), nic.mtu.copied());
    address::can_be_configured(raw.addresses.items(), cx);
    mtu::fits_parent(mtu, parent_mtu, cx);
    mtu::carries_ipv6(mtu.or(parent_mtu), raw.addresses.items(), cx);
    Some(Vlan {
        at: cx.at(table.span),
        description: raw.description.value(),
        mtu: raw.mtu.value(),
        enabled: up(nic, raw, cx),
        addresses: values(&raw.addresses),
        ospf: ospf::of_interface(&raw.ospf, OspfVersion::V2, cx),
        ospf6: ospf::of_interface(&raw.ospf6, OspfVersion::V3, cx),
        isis: isis::of_interface(&raw.isis, cx),
        ra: ra::checked(&raw.ra, raw.addresses.items(), cx),
        name: name?,
    })
}

/// A VLAN is up with its parent, or down by itself.
fn up(nic: &InterfaceRaw, raw: &VlanRaw, cx: &mut Checking<'_>) -> bool {
    let down = nic.enabled.copied().filter(|enabled| !enabled.value);
    if let (Some(down), Some(up)) = (down, raw.enabled.copied().filter(|enabled| enabled.value)) {
        cx.report(
            Diagnostic::error(E0270, up.span, "a VLAN cannot be up while its parent is down")
                .also(down.span, "the parent is down"),
        );
    }
    down.is_none() && raw.enabled.value().unwrap_or(true)
}

fn derived_name(parent: &IfName, tag: Located<VlanId>, cx: &mut Checking<'_>) -> Option<SubIfName> {
    let refuse = |error: crate::types::TypeError| {
        let length = parent.as_ref().len() + 1 + tag.value.to_string().len();
        let message = format!("the derived name '{parent}.{}' is {length} bytes long", tag.value);
        cx.report(
            Diagnostic::error(E0206, tag.span, message)
                .label(error.to_string())
                .hint("give the parent a shorter name"),
        );
    };
    SubIfName::derive(parent, tag.value).map_err(refuse).ok()
}

fn values(addresses: &Field<Vec<Located<IfAddr>>>) -> Vec<IfAddr> {
    addresses.items().iter().map(|a| a.value).collect()
}

/// What every L3 interface of the dataplane can say.
struct L3<'r> {
    name: String,
    table: Span,
    addresses: &'r [Located<IfAddr>],
    ospf: &'r Field<InterfaceOspfRaw>,
    ospf6: &'r Field<InterfaceOspfRaw>,
    isis: &'r Field<InterfaceIsisRaw>,
}

impl L3<'_> {
    fn enter(self, index: &mut Index) {
        let addresses = self.addresses.iter().map(|address| Address {
            interface: self.name.clone(),
            addr: address.value,
            span: address.span,
        });
        index.addresses.extend(addresses);
        let uses = |span: Option<Span>| {
            Some(Located {
                value: self.name.clone(),
                span: span?,
            })
        };
        index.ospf.extend(uses(self.ospf.located().map(|it| it.span)));
        index.ospf6.extend(uses(self.ospf6.located().map(|it| it.span)));
        index.isis.extend(uses(self.isis.located().map(|it| it.span)));
        ospf::index_interface(self.ospf, OspfVersion::V2, index);
        ospf::index_interface(self.ospf6, OspfVersion::V3, index);
        isis::index_interface(self.isis, index);
        index.l3.insert(self.name, self.table);
    }
}

/// Enters the loopbacks: their names and addresses.
pub(in crate::config) fn index_loopbacks(raw: &Field<LoopbacksRaw>, index: &mut Index) {
    for (name, table) in raw.entries() {
        index.dataplane_names.push(named(name, "a loopback"));
        let raw = &table.value;
        let l3 = L3 {
            name: name.value.to_string(),
            table: table.span,
            addresses: raw.addresses.items(),
            ospf: &raw.ospf,
            ospf6: &raw.ospf6,
            isis: &raw.isis,
        };
        l3.enter(index);
    }
}

/// Enters the interfaces and their VLANs: their names, addresses and NICs.
pub(in crate::config) fn index_interfaces(raw: &Field<InterfacesRaw>, index: &mut Index) {
    for (name, table) in raw.entries() {
        index.dataplane_names.push(named(name, "an interface"));
        let raw = &table.value;
        nic::index_match(&raw.matches, Some(name.value.as_ref()), raw.attach.value(), index);
        index.hw_addrs.extend(raw.hw_addr.copied());
        let l3 = L3 {
            name: name.value.to_string(),
            table: table.span,
            addresses: raw.addresses.items(),
            ospf: &raw.ospf,
            ospf6: &raw.ospf6,
            isis: &raw.isis,
        };
        l3.enter(index);
        for (tag, table) in raw.vlan.get().map_or(&[][..], |vlans| &vlans.0) {
            let raw = &table.value;
            let l3 = L3 {
                name: format!("{}.{}", name.value, tag.value),
                table: table.span,
                addresses: raw.addresses.items(),
                ospf: &raw.ospf,
                ospf6: &raw.ospf6,
                isis: &raw.isis,
            };
            l3.enter(index);
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

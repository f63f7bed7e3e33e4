//! `[interfaces.NAME]`, their VLANs, and `[loopbacks.NAME]`.

use super::bond::index_members;
use super::carrier::{Carrier, Nic, carrier, hw_addrs};
use super::check::traffic::{NoNic, only_a_nic_receives};
use super::check::{address, mtu, names::EXTRA, switch};
use super::link::{Above, Written, link, protocols};
use super::nic;
use super::raw::{InterfaceRaw, InterfacesRaw, LoopbacksRaw};
use super::switched::index_port;
use super::vlan::{Vlan, index_vlans, vlans};
use super::vrf;
use crate::config::check::Checking;
use crate::config::index::{Index, LOOPBACK, Name};
use crate::config::keys::Field;
use crate::config::source::{Located, Span};
use crate::config::{At, Link, Model, Protocols};
use crate::types::{IfName, LinkName, MacAddr};
use std::collections::BTreeMap;

/// `[interfaces.NAME]`: an interface of the dataplane that is no member of a bond.
#[derive(Debug)]
pub struct Interface {
    /// What VPP is told of it; its addresses are untagged.
    pub link: Link,
    /// What FRR is told of it.
    pub protocols: Protocols,
    /// What carries its frames.
    pub carrier: Carrier,
    /// `vlan.N`, in the order of the tags.
    pub vlans: Vec<Vlan>,
}

/// `[loopbacks.NAME]`.
#[derive(Debug)]
pub struct Loopback {
    /// What VPP is told of it; it has an address at least.
    pub link: Link,
    /// What FRR is told of it.
    pub protocols: Protocols,
    /// `mac`; derived from its name when absent.
    pub mac: Option<MacAddr>,
}

impl Model {
    /// The NICs of the dataplane with the place of each, those of bonds too, by the names of their tables.
    pub fn nics(&self) -> impl Iterator<Item = (&IfName, At, &Nic)> {
        let all = self.interfaces.iter();
        all.flat_map(|(name, it)| it.carrier.nics(name, it.link.at))
    }
}

impl Carrier {
    /// Its NICs with the place of each, by the names of their tables; its own are given.
    pub fn nics<'c>(&'c self, name: &'c IfName, at: At) -> impl Iterator<Item = (&'c IfName, At, &'c Nic)> {
        let own = self.nic().map(|nic| (name, at, nic));
        let members = self.bond().into_iter().flat_map(|bond| &bond.members);
        own.into_iter()
            .chain(members.map(|member| (&member.name, member.at, &member.nic)))
    }
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
        mtu::carries_ipv6(raw.mtu.copied(), raw.addresses.items(), cx);
        let addresses = raw.addresses.items().iter().map(|address| address.value);
        let loopback = Loopback {
            link: Link {
                addresses: addresses.collect(),
                mtu: raw.mtu.value(),
                vrf: vrf::of_interface(&raw.protocols, cx),
                ..Link::bare(cx.at(table.span), (&name.value).into())
            },
            protocols: protocols(&raw.protocols, cx),
            mac: raw.mac.value(),
        };
        loopbacks.insert(name.value.clone(), loopback);
    }
    loopbacks
}

/// `[interfaces.NAME]`, checked. Members of bonds are in their bonds.
pub(in crate::config) fn interfaces(
    raw: &Field<InterfacesRaw>,
    cx: &mut Checking<'_>,
) -> BTreeMap<IfName, Interface> {
    let members = &cx.index.members;
    let own = raw.entries().iter();
    let own = own.filter(|(name, _)| !members.contains_key(&name.value));
    let checked = |(name, table): &(Located<IfName>, Located<InterfaceRaw>)| {
        Some((
            name.value.clone(),
            interface(&name.value, &table.value, table.span, cx)?,
        ))
    };
    own.filter_map(checked).collect()
}

fn interface(name: &IfName, raw: &InterfaceRaw, span: Span, cx: &mut Checking<'_>) -> Option<Interface> {
    let carrier = carrier(name, raw, span, cx);
    let name = LinkName::from(name);
    let mut link = link(&raw.link, name.clone(), span, Above::Nothing, cx);
    if let Some(Carrier::Commands) = carrier {
        // Whoever made it may have given it one.
        link.lcp = raw.link.lcp.is_on() && link.switched.is_none();
    }
    if let Some(Carrier::Bond(_)) = carrier {
        only_a_nic_receives(&raw.link, NoNic::Bond, cx);
    }
    let protocols = protocols(&raw.link.protocols, cx);
    let vlans = vlans(&name, raw, carrier.as_ref(), cx);
    let inner = vlans.iter().flat_map(|vlan| {
        let inner = vlan.inner.iter();
        inner.map(|it| (&vlan.link, &it.link))
    });
    let pairs = vlans.iter().map(|vlan| (&link, &vlan.link)).chain(inner);
    switch::nothing_routes_on_a_switched_one(pairs, cx);
    Some(Interface {
        link,
        protocols,
        carrier: carrier?,
        vlans,
    })
}

/// Enters the loopbacks: their names and addresses.
pub(in crate::config) fn index_loopbacks(raw: &Field<LoopbacksRaw>, index: &mut Index) {
    for (name, table) in raw.entries() {
        let loopback = named(name, LOOPBACK);
        let vrf = table.value.protocols.vrf.copied();
        if let Some(vrf) = vrf.and_then(|vrf| index.vrfs.get_mut(&vrf.value)) {
            vrf.index.dataplane_names.push(loopback.clone());
        }
        index.dataplane_names.push(loopback);
        let written = Written {
            name: name.value.to_string(),
            table: table.span,
            addresses: table.value.addresses.items(),
            protocols: &table.value.protocols,
            traffic: None,
            paired: true,
            down: None,
        };
        index.hw_addrs.extend(table.value.mac.copied());
        written.enter(index);
    }
}

/// Enters the interfaces and their VLANs: their names, addresses and NICs.
pub(in crate::config) fn index_interfaces(raw: &Field<InterfacesRaw>, index: &mut Index) {
    index_members(raw, index);
    for (name, table) in raw.entries() {
        let raw = &table.value;
        let what = match raw.made_by.is_written() {
            true => EXTRA,
            false => "an interface",
        };
        index.dataplane_names.push(named(name, what));
        nic::index_match(&raw.matches, Some(name.value.as_ref()), raw.attach.value(), index);
        index.hw_addrs.extend(hw_addrs(raw));
        if index.members.contains_key(&name.value) {
            continue;
        }
        let own = name.value.to_string();
        index_vlans(&own, raw, index);
        index_port(&own, &raw.link, Above::Nothing, index);
        Written::of(own, table.span, &raw.link, Above::Nothing).enter(index);
    }
}

fn named(name: &Located<IfName>, what: &'static str) -> Name {
    Name {
        name: name.value.to_string(),
        what,
        span: name.span,
    }
}

//! The part of the configuration that VPP is given, as plain data: what its files are rendered from once the NICs are known.

use super::Bindings;
use super::vpp::owned_by_frr;
use crate::config::{
    Acl, At, Bond, Bridge, Carrier, Export, Instance, Link, Model, Nat, Nic, Policer, Room, TagType,
    TunnelWay,
};
use crate::types::{
    IfName, InstanceName, LinkName, MacAddr, NatName, NetnsName, PolicyName, Prefix, VlanId, VrfName,
};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// All of the configuration that decides VPP's files, its modules and its hugepages. No routing protocol is in it, and so none
/// of their secrets.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Dataplane {
    /// The namespace all forwarding happens in.
    pub namespace: NetnsName,
    /// `[vpp.NAME]`.
    pub instances: BTreeMap<InstanceName, Instance>,
    /// `[loopbacks.NAME]`.
    pub loopbacks: BTreeMap<IfName, Loopback>,
    /// `[interfaces.NAME]`.
    pub interfaces: BTreeMap<IfName, Interface>,
    /// `[bridges.NAME]`.
    pub domains: BTreeMap<IfName, BridgeDomain>,
    /// `[tunnels.NAME]`.
    pub tunnels: BTreeMap<IfName, Tunnel>,
    /// `[[acls.NAME]]`.
    pub acls: BTreeMap<PolicyName, Acl>,
    /// `[policers.NAME]`.
    pub policers: BTreeMap<PolicyName, Policer>,
    /// `[sflow]`, `[ipfix]` and `lldp`.
    pub export: Export,
    /// `[vrfs.NAME]`.
    pub vrfs: BTreeMap<VrfName, Vrf>,
    /// `[nat.NAME]`.
    pub nats: BTreeMap<NatName, Nat>,
    /// `[incus.bridges.NAME]`.
    pub bridges: BTreeMap<IfName, Bridge>,
    /// Every subnet core has an address in.
    pub connected: Vec<Prefix>,
    /// The prefixes FRR has a route for. For exactly the same prefix, FRR's route wins over one of VPP's own.
    pub owned_by_frr: BTreeSet<IpNet>,
    /// The interfaces FRR speaks IPv6 on that have no address of it: VPP has to be told, or it drops what comes in.
    pub speaks_ipv6: BTreeSet<LinkName>,
    /// The routes that core has room for.
    pub room: Room,
    /// The operator's templates below `vpp/`, by their path.
    pub templates: BTreeMap<String, String>,
    /// The documents' names, for [`At`].
    documents: Vec<String>,
}

/// `[interfaces.NAME]`, without what FRR does on it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Interface {
    /// What every interface has.
    pub link: Link,
    /// What carries its frames.
    pub carrier: Carrier,
    /// Its VLANs, in the order of their tags.
    pub vlans: Vec<Vlan>,
}

/// `[interfaces.NAME.vlan.N]`, likewise.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Vlan {
    /// What every interface has.
    pub link: Link,
    /// Its tag on the parent.
    pub tag: VlanId,
    /// How its frames are marked.
    pub kind: TagType,
    /// The VLANs inside it, in the order of their tags.
    pub inner: Vec<InnerVlan>,
}

/// `[interfaces.NAME.vlan.N.inner.N]`, likewise.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct InnerVlan {
    /// What every interface has.
    pub link: Link,
    /// Its tag inside the outer one.
    pub tag: VlanId,
}

/// `[loopbacks.NAME]`, likewise.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Loopback {
    /// What every interface has.
    pub link: Link,
    /// Its hardware address; derived from its name when absent.
    pub mac: Option<MacAddr>,
}

/// `[bridges.NAME]`, likewise.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BridgeDomain {
    /// Where it was written.
    pub at: At,
    /// Its members.
    pub members: Vec<LinkName>,
    /// This router's own interface on it.
    pub bvi: Option<Link>,
}

/// `[tunnels.NAME]`, likewise.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tunnel {
    /// What every interface has.
    pub link: Link,
    /// Between whom, and how.
    pub way: TunnelWay,
}

/// `[vrfs.NAME]`, without what is routed in it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Vrf {
    /// Where it was written.
    pub at: At,
    /// Its table in VPP and Linux; no other has it.
    pub table: u32,
}

impl Dataplane {
    /// This configuration's.
    pub fn of(model: &Model) -> Self {
        let loopbacks = model.loopbacks.iter();
        let interfaces = model.interfaces.iter();
        let domains = model.bridges.iter();
        let tunnels = model.tunnels.iter();
        let templates = model.templates.iter();
        let vrfs = model.vrfs.iter().map(|(name, vrf)| {
            let (at, table) = (vrf.at, vrf.table);
            (name.clone(), Vrf { at, table })
        });
        Self {
            namespace: model.dataplane.namespace.clone(),
            instances: model.instances.clone(),
            loopbacks: loopbacks
                .map(|(name, it)| (name.clone(), Loopback::of(it)))
                .collect(),
            interfaces: interfaces
                .map(|(name, it)| (name.clone(), Interface::of(it)))
                .collect(),
            domains: domains
                .map(|(name, it)| (name.clone(), BridgeDomain::of(it)))
                .collect(),
            tunnels: tunnels.map(|(name, it)| (name.clone(), Tunnel::of(it))).collect(),
            acls: model.acls.clone(),
            policers: model.policers.clone(),
            export: model.export.clone(),
            vrfs: vrfs.collect(),
            nats: model.nats.clone(),
            bridges: model.incus.bridges.clone(),
            connected: model.connected().collect(),
            owned_by_frr: owned_by_frr(model),
            speaks_ipv6: speaks_ipv6(model),
            room: model.room(),
            templates: templates
                .filter(|(path, _)| path.starts_with("vpp/"))
                .map(|(path, text)| (path.clone(), text.clone()))
                .collect(),
            documents: model.documents().to_vec(),
        }
    }

    /// Every interface and VLAN.
    pub fn links(&self) -> impl Iterator<Item = &Link> {
        let all = self.interfaces.values();
        let all = all.flat_map(|it| std::iter::once(&it.link).chain(it.subinterfaces()));
        all.chain(self.virtual_links())
    }

    /// The interfaces of core that no NIC is behind and that packets of others pass: tunnels, and its own on bridge domains.
    pub fn virtual_links(&self) -> impl Iterator<Item = &Link> {
        let bvis = self.domains.values().filter_map(|it| it.bvi.as_ref());
        self.tunnels.values().map(|it| &it.link).chain(bvis)
    }

    /// `file:line` of a place in the documents.
    pub fn place(&self, at: At) -> String {
        at.place(&self.documents)
    }

    /// The NICs with the place of each, those of bonds too, by the names of their tables.
    pub fn nics(&self) -> impl Iterator<Item = (&IfName, At, &Nic)> {
        let all = self.interfaces.iter();
        all.flat_map(|(name, it)| it.carrier.nics(name, it.link.at))
    }

    /// The interfaces that VPP can have on the machine the bindings describe.
    pub(super) fn found<'d>(&'d self, bindings: &'d Bindings) -> impl Iterator<Item = &'d Interface> + Clone {
        let all = self.interfaces.iter();
        all.filter_map(|(name, it)| it.is_there(name, bindings).then_some(it))
    }

    /// The bonds, by their names.
    pub fn bonds(&self) -> impl Iterator<Item = (&IfName, &Bond)> {
        let all = self.interfaces.iter();
        all.filter_map(|(name, it)| Some((name, it.carrier.bond()?)))
    }
}

impl BridgeDomain {
    fn of(it: &crate::config::BridgeDomain) -> Self {
        Self {
            at: it.at,
            members: it.members.clone(),
            bvi: it.bvi.as_ref().map(|bvi| bvi.link.clone()),
        }
    }
}

impl Tunnel {
    fn of(it: &crate::config::Tunnel) -> Self {
        Self {
            link: it.link.clone(),
            way: it.way.clone(),
        }
    }
}

/// Where OSPFv3, IS-IS or an unnumbered session of BGP has nothing but the link-local addresses.
fn speaks_ipv6(model: &Model) -> BTreeSet<LinkName> {
    let neighbors = model.instances_of_bgp().flat_map(|bgp| bgp.neighbors.keys());
    let unnumbered: BTreeSet<&str> = neighbors.filter_map(|peer| peer.interface()).collect();
    let links = model
        .links()
        .filter(|(link, _)| link.addresses.iter().all(|it| it.is_v4()));
    let speaking = links.filter(|(link, protocols)| {
        let ospf6 = protocols.ospf6.as_ref().is_some_and(|ospf6| !ospf6.passive);
        let isis = protocols.isis.as_ref();
        let isis = isis.is_some_and(|isis| isis.ipv6 == Some(true) && !isis.passive);
        ospf6 || isis || unnumbered.contains(link.name.as_ref())
    });
    speaking.map(|(link, _)| link.name.clone()).collect()
}

impl Interface {
    fn of(interface: &crate::config::Interface) -> Self {
        Self {
            link: interface.link.clone(),
            carrier: interface.carrier.clone(),
            vlans: interface.vlans.iter().map(Vlan::of).collect(),
        }
    }

    /// Whether VPP can have it on the machine the bindings describe: a bond with one of its NICs at least.
    pub(super) fn is_there(&self, name: &IfName, bindings: &Bindings) -> bool {
        let is_bound = |name: &IfName| bindings.nics.contains_key(name);
        match &self.carrier {
            Carrier::Nic(_) => is_bound(name),
            Carrier::Bond(bond) => bond.members.iter().any(|member| is_bound(&member.name)),
            Carrier::Commands => true,
        }
    }

    /// The links of its VLANs and of those inside them.
    pub fn subinterfaces(&self) -> impl Iterator<Item = &Link> {
        let inner = self.vlans.iter().flat_map(|vlan| &vlan.inner);
        let vlans = self.vlans.iter().map(|vlan| &vlan.link);
        vlans.chain(inner.map(|inner| &inner.link))
    }
}

impl Vlan {
    fn of(vlan: &crate::config::Vlan) -> Self {
        let inner = vlan.inner.iter();
        Self {
            link: vlan.link.clone(),
            tag: vlan.tag,
            kind: vlan.kind,
            inner: inner
                .map(|it| InnerVlan {
                    link: it.link.clone(),
                    tag: it.tag,
                })
                .collect(),
        }
    }
}

impl Loopback {
    fn of(loopback: &crate::config::Loopback) -> Self {
        Self {
            link: loopback.link.clone(),
            mac: loopback.mac,
        }
    }
}

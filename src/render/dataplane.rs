//! The part of the configuration that VPP is given, as plain data: what its files are rendered from once the NICs are known.

use super::vpp::owned_by_frr;
use crate::config::{At, Attach, Bgp, Bridge, Export, Instance, Link, Model, Nat, NicMatch, Room};
use crate::types::{IfName, InstanceName, LinkName, MacAddr, NatName, NetnsName, Prefix, VlanId};
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
    pub loopbacks: BTreeMap<IfName, Link>,
    /// `[interfaces.NAME]`.
    pub interfaces: BTreeMap<IfName, Interface>,
    /// `[sflow]`, `[ipfix]` and `lldp`.
    pub export: Export,
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
    /// Which NIC.
    pub matches: NicMatch,
    /// How VPP drives it; decided by the NIC when absent.
    pub attach: Option<Attach>,
    /// The address of an af-packet host-interface; derived from the NIC's own when absent.
    pub hw_addr: Option<MacAddr>,
    /// Whether frames for others are taken.
    pub promiscuous: bool,
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
}

impl Dataplane {
    /// This configuration's.
    pub fn of(model: &Model) -> Self {
        let loopbacks = model.loopbacks.iter();
        let interfaces = model.interfaces.iter();
        let templates = model.templates.iter();
        Self {
            namespace: model.dataplane.namespace.clone(),
            instances: model.instances.clone(),
            loopbacks: loopbacks
                .map(|(name, it)| (name.clone(), it.link.clone()))
                .collect(),
            interfaces: interfaces
                .map(|(name, it)| (name.clone(), Interface::of(it)))
                .collect(),
            export: model.export.clone(),
            nats: model.nats.clone(),
            bridges: model.incus.bridges.clone(),
            connected: model.connected().collect(),
            owned_by_frr: owned_by_frr(model),
            speaks_ipv6: speaks_ipv6(model),
            room: model.bgp.as_ref().map_or(Room::LEAST, Bgp::room),
            templates: templates
                .filter(|(path, _)| path.starts_with("vpp/"))
                .map(|(path, text)| (path.clone(), text.clone()))
                .collect(),
            documents: model.documents().to_vec(),
        }
    }

    /// `file:line` of a place in the documents.
    pub fn place(&self, at: At) -> String {
        at.place(&self.documents)
    }
}

/// Where OSPFv3 or an unnumbered session of BGP has nothing but the link-local addresses.
fn speaks_ipv6(model: &Model) -> BTreeSet<LinkName> {
    let neighbors = model.bgp.iter().flat_map(|bgp| bgp.neighbors.keys());
    let unnumbered: BTreeSet<&str> = neighbors.filter_map(|peer| peer.interface()).collect();
    let links = model
        .links()
        .filter(|(link, _)| link.addresses.iter().all(|it| it.is_v4()));
    let speaking = links.filter(|(link, protocols)| {
        let ospf6 = protocols.ospf6.as_ref();
        ospf6.is_some_and(|ospf6| !ospf6.passive) || unnumbered.contains(link.name.as_ref())
    });
    speaking.map(|(link, _)| link.name.clone()).collect()
}

impl Interface {
    fn of(interface: &crate::config::Interface) -> Self {
        let vlans = interface.vlans.iter();
        Self {
            link: interface.link.clone(),
            matches: interface.matches.clone(),
            attach: interface.attach,
            hw_addr: interface.hw_addr,
            promiscuous: interface.promiscuous,
            vlans: vlans
                .map(|vlan| Vlan {
                    link: vlan.link.clone(),
                    tag: vlan.tag,
                })
                .collect(),
        }
    }
}

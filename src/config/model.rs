//! The validated configuration. What holds of it is said at the fields; nothing downstream checks again.

use super::*;
use crate::types::{
    Community, IfAddr, IfName, InstanceName, LargeCommunity, NatName, PolicyName, Prefix, UserName, VrfName,
};
use std::collections::{BTreeMap, HashSet};

/// A configuration every check has passed: references exist, names fit, nothing VPP would die of.
///
/// Made only by [`super::parse`]. Maps are in name order, lists in the order the operator wrote.
#[derive(Debug)]
pub struct Model {
    /// `[system]`.
    pub system: System,
    /// `[users]`; no two have one number.
    pub users: BTreeMap<UserName, User>,
    /// `[snmp]`.
    pub snmp: Option<Snmp>,
    /// `[prometheus]`.
    pub prometheus: Option<Prometheus>,
    /// `[identity]`.
    pub identity: Identity,
    /// `[[bind]]`: directories of `/persistent/data` over directories of the image.
    pub binds: Vec<Bind>,
    /// `[management]`: the NIC that stays in the host namespace.
    pub management: Option<Management>,
    /// `[firewall]`: without it there are no rules at all.
    pub firewall: Option<Firewall>,
    /// `[dataplane]`.
    pub dataplane: Dataplane,
    /// `[vpp.NAME]`; `core` is present whenever an interface, loopback, bridge or NAT module is.
    pub instances: BTreeMap<InstanceName, Instance>,
    /// `[loopbacks.NAME]`.
    pub loopbacks: BTreeMap<IfName, Loopback>,
    /// `[interfaces.NAME]`; no two match one NIC, none matches the management NIC.
    pub interfaces: BTreeMap<IfName, Interface>,
    /// `[bridges.NAME]`; no interface is in two of them.
    pub bridges: BTreeMap<IfName, BridgeDomain>,
    /// `[tunnels.NAME]`; no two of a kind have the same ends.
    pub tunnels: BTreeMap<IfName, Tunnel>,
    /// `[[acls.NAME]]`.
    pub acls: BTreeMap<PolicyName, Acl>,
    /// `[policers.NAME]`.
    pub policers: BTreeMap<PolicyName, Policer>,
    /// `[sflow]`, `[ipfix]` and `lldp`; every interface they name is a NIC or a VLAN on one.
    pub export: Export,
    /// `[routes]`, in the order of table, family, prefix and distance, as FRR's running configuration has them.
    pub routes: Vec<Route>,
    /// `[vrfs.NAME]`.
    pub vrfs: BTreeMap<VrfName, Vrf>,
    /// `[nat.NAME]`; each in an instance of its own.
    pub nats: BTreeMap<NatName, Nat>,
    /// `[bgp]`.
    pub bgp: Option<Bgp>,
    /// `[bfd]`.
    pub bfd: Bfd,
    /// `[prefix-lists]`.
    pub prefix_lists: BTreeMap<PolicyName, PrefixList>,
    /// `[as-path-lists]`.
    pub as_path_lists: BTreeMap<PolicyName, AsPathList>,
    /// `[community-lists]`.
    pub community_lists: BTreeMap<PolicyName, CommunityList<Community>>,
    /// `[large-community-lists]`.
    pub large_community_lists: BTreeMap<PolicyName, CommunityList<LargeCommunity>>,
    /// `[rpki]`.
    pub rpki: Option<Rpki>,
    /// `[[route-maps.NAME]]`; every list they name exists.
    pub route_maps: BTreeMap<PolicyName, RouteMap>,
    /// `[ospf]`: present whenever an interface has `ospf`.
    pub ospf: Option<Ospf>,
    /// `[ospf6]`: present whenever an interface has `ospf6`.
    pub ospf6: Option<Ospf>,
    /// `[isis]`; interfaces have `isis` only with it.
    pub isis: Option<Isis>,
    /// `[frr] log`; `None` where a line of `extra-file` says it.
    pub frr_log: Option<LogLevel>,
    /// `[frr] extra-file`: lines appended to frr.conf in a marked place.
    pub frr_extra: Option<FrrExtra>,
    /// `[incus]`.
    pub incus: Incus,
    /// `[boot]`.
    pub boot: Boot,
    /// `[apply]`.
    pub apply: Apply,
    /// Ports of the identity files `tcp_ports` and `udp_ports`, opened like `[firewall] allow`.
    pub identity_ports: Vec<(Protocol, u16)>,
    /// Extra lines of the identity file `hosts`, appended to ours.
    pub identity_hosts: String,
    /// Template overrides, path below `templates/` to text.
    pub templates: BTreeMap<String, String>,
    /// The documents' names, for [`At`].
    pub(super) documents: Vec<String>,
}

impl Model {
    /// `file:line` of a place in the documents this model was made from.
    pub fn place(&self, at: At) -> String {
        at.place(&self.documents)
    }

    /// The documents' names, for [`At`].
    pub fn documents(&self) -> &[String] {
        &self.documents
    }

    /// The announced networks of one address that a NAT module translates to. VPP's route to such an address cannot be
    /// split to win over one of FRR's, so FRR has none and announces it unconditionally.
    pub fn announced_pool_addresses(&self) -> HashSet<Prefix> {
        let single = |prefix: &Prefix| prefix.net().prefix_len() == prefix.net().max_prefix_len();
        let networks = self.bgp.iter().flat_map(|bgp| &bgp.networks);
        let single = networks.map(|network| network.prefix).filter(single);
        let pools: Vec<Prefix> = self.nats.values().flat_map(Nat::outside).collect();
        single
            .filter(|network| pools.iter().any(|pool| pool.contains(*network)))
            .collect()
    }

    /// Every subnet core has an address in that is in the main table: of every link, and of Incus's bridges behind them.
    pub fn connected(&self) -> impl Iterator<Item = Prefix> + '_ {
        let links = self.links().filter(|(link, _)| link.vrf.is_none());
        let links = links.flat_map(|(link, _)| link.addresses.iter().copied());
        let bridges = self.incus.bridges.values().flat_map(Bridge::addresses);
        links.chain(bridges).map(IfAddr::subnet)
    }
}

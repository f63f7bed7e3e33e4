//! What tables say that others are compared with: names, addresses and references, each with its place.
//!
//! Made from what was decoded, in one pass, before anything is checked; it lives as long as checking does.

use super::Families;
use super::NicMatch;
use super::links::nic::shared_functions;
use super::links::raw::InterfaceRaw;
use super::links::switched::Switching;
use super::links::traffic::TrafficIndex;
use super::links::wireguard::WireguardIndex;
use super::routing::isis::IsisLevel;
use super::routing::ospf::Area;
use super::routing::ospf::checked::OspfVersion;
use super::routing::vrf::VrfIndex;
use super::source::{Located, Span};
use super::subnets::Subnets;
use crate::config::{Holds, TunnelEnds};
use crate::types::{
    Bytes, CpuList, IfAddr, IfName, InstanceName, MacAddr, NatName, PciAddress, PolicyName, Prefix, Target,
    VrfName,
};
use ipnet::Ipv4Net;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::net::IpAddr;

/// What a loopback is.
pub(super) const LOOPBACK: &str = "a loopback";

/// Filled by each subject, then read by the checks.
///
/// Each VRF has one of its own, with what is in its table: whatever is checked against the index of a VRF is checked in it.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// The VRF it is of; none: the whole, with the main table.
    pub(super) vrf: Option<VrfName>,
    /// `[vrfs.NAME]`.
    pub(super) vrfs: BTreeMap<VrfName, VrfIndex>,
    /// Every interface that says `vrf`, and which.
    pub(super) in_vrf: BTreeMap<String, Located<VrfName>>,
    /// Every L3 interface by its name (`external`, `internal.30`, `lo0`, `incusbr0`) and where it was written.
    pub(super) l3: BTreeMap<String, Span>,
    /// Bridge domains and cross-connects.
    pub(super) switching: Switching,
    /// The tunnels, and what VPP calls one of that type by itself, before the number.
    pub(super) tunnels: BTreeMap<String, &'static str>,
    /// The ends of each tunnel, and the place of its destination.
    pub(super) tunnel_ends: Vec<(TunnelEnds, Span)>,
    /// The peers of WireGuard tunnels.
    pub(super) wireguard: WireguardIndex,
    /// The MTU of each interface and VLAN that says one, or whose parent does, and of VXLAN tunnels.
    pub(super) mtus: BTreeMap<String, u16>,
    /// Those of them that have no Linux side.
    pub(super) unpaired: BTreeSet<String>,
    /// The members of bonds.
    pub(super) members: BTreeMap<IfName, MemberOf>,
    /// Every `[interfaces.NAME]` that is a NIC.
    pub(super) nics: BTreeSet<String>,
    /// An interface, loopback or bridge was refused: an address that seems to be missing may be its own.
    pub(super) l3_refused: bool,
    /// Every address of an L3 interface of the dataplane in the table.
    pub(super) addresses: Vec<Address>,
    /// Every address of the host namespace: management and the bridges' own.
    pub(super) host_addresses: Vec<Address>,
    /// Every name in the dataplane's namespace and VPP, written or derived; sub-interfaces are in `l3`.
    pub(super) dataplane_names: Vec<Name>,
    /// Every name in the host namespace, written or derived.
    pub(super) host_names: Vec<Name>,
    /// Every NIC match.
    pub(super) matches: Vec<Match>,
    /// PCI functions of several matches that a MAC address tells apart. Built by [`Index::connect`].
    pub(super) shared_functions: BTreeSet<PciAddress>,
    /// Every `hw-addr`.
    pub(super) hw_addrs: Vec<Located<MacAddr>>,
    /// Every `target` of a bind.
    pub(super) bind_targets: Vec<Located<Target>>,
    /// `[vpp.NAME]`.
    pub(super) instances: BTreeMap<InstanceName, Span>,
    /// Every `main-core`.
    pub(super) main_cores: Vec<(InstanceName, Located<u16>)>,
    /// Every `corelist-workers`.
    pub(super) workers: Vec<(InstanceName, Located<CpuList>)>,
    /// Every `main-heap-size`.
    pub(super) heaps: BTreeMap<InstanceName, Located<Bytes>>,
    /// Every `extra-commands-file` of an instance.
    pub(super) extra_commands: BTreeMap<InstanceName, Span>,
    /// Every `nat.NAME.instance`.
    pub(super) nat_instances: Vec<Located<InstanceName>>,
    /// Every name in a `nat.NAME.from`.
    pub(super) nat_from: Vec<Located<String>>,
    /// NAT inside prefixes.
    pub(super) nat_inside: Vec<Located<Ipv4Net>>,
    /// NAT outside prefixes; a pool's range is covered by the fewest.
    pub(super) nat_outside: Vec<Located<Prefix>>,
    /// The prefixes of NAT64 modules.
    pub(super) nat64_prefixes: Vec<Located<Prefix>>,
    /// The instances of NAT64 modules.
    pub(super) nat64_instances: Vec<InstanceName>,
    /// The instances of NAT modules, and what each holds in its heap.
    pub(super) nat_holds: Vec<(Located<InstanceName>, Holds)>,
    /// The number the links of each NAT module are made of.
    pub(super) nat_links: BTreeMap<NatName, u32>,
    /// The addresses again, for looking up. Built by [`Index::connect`] once all of them are known.
    pub(super) own: HashMap<IpAddr, usize>,
    /// The addresses that Linux does not have. Built by [`Index::connect`].
    pub(super) vpps_alone: HashMap<IpAddr, usize>,
    /// The connected subnets, each with the addresses (by their number in `addresses`) that make it so.
    pub(super) connected: Subnets,
    /// The static routes of the main table, each by its number in `statics`.
    pub(super) routed: Subnets,
    /// The same, one by one.
    pub(super) statics: Vec<Static>,
    /// The interfaces that are kept down, by L3 name, and where that is said.
    pub(super) down: BTreeMap<String, Span>,
    /// Whether `[bgp]` is written.
    pub(super) has_bgp: bool,
    /// Interfaces with `ospf`, by L3 name, and the place of that setting.
    pub(super) ospf: Vec<Located<String>>,
    /// Interfaces with `ospf6`.
    pub(super) ospf6: Vec<Located<String>>,
    /// The areas that `ospf` and `ospf6` put interfaces in, those of `[frr] extra-file` too.
    pub(super) ospf_areas: BTreeSet<Area>,
    /// The same of `ospf6`.
    pub(super) ospf6_areas: BTreeSet<Area>,
    /// Where `[ospf]` and `[ospf6]` say that interfaces are passive.
    pub(super) passive: BTreeMap<OspfVersion, Span>,
    /// Interfaces with `isis`.
    pub(super) isis: Vec<Located<String>>,
    /// Those of them that are not passive.
    pub(super) isis_asks: Vec<Located<String>>,
    /// What those say of IPv6.
    pub(super) isis6: BTreeMap<String, bool>,
    /// Whether `[isis]` is written.
    pub(super) has_isis: bool,
    /// Its level.
    pub(super) isis_level: IsisLevel,
    /// `[[acls.NAME]]`.
    pub(super) acls: Names,
    /// `[policers.NAME]`.
    pub(super) policers: Names,
    /// What interfaces say of packets.
    pub(super) traffic: TrafficIndex,
    /// `[[route-maps.NAME]]`.
    pub(super) route_maps: Names,
    /// `[prefix-lists]`.
    pub(super) prefix_lists: Names,
    /// `[as-path-lists]`.
    pub(super) as_path_lists: Names,
    /// `[community-lists]`.
    pub(super) community_lists: Names,
    /// `[large-community-lists]`.
    pub(super) large_community_lists: Names,
    /// The route-maps that a protocol uses. Filled by [`Index::route_maps_of`].
    pub(super) users: Vec<(Protocol, Located<PolicyName>)>,
    /// Whether `[frr] extra-file` has caches of RPKI.
    pub(super) rpki_of_extra: bool,
    /// The route-maps of `[frr] extra-file` that call another one, and which.
    pub(super) calls_of_extra: Vec<(PolicyName, Located<PolicyName>)>,
    /// `[bgp.peer-groups.NAME]`.
    pub(super) peer_groups: Names,
    /// `[bfd.profiles.NAME]`.
    pub(super) bfd_profiles: Names,
    /// Whether `[frr] extra-file` starts a protocol that may lead anywhere.
    pub(super) igp_of_extra: bool,
    /// Whether it has a `router bgp`.
    pub(super) bgp_of_extra: bool,
    /// Whether it has `ip nht resolve-via-default`, and the same with `ipv6`.
    pub(super) default_resolves: (bool, bool),
    /// Whether it has neighbours of its own.
    pub(super) neighbors_in_extra: bool,
    /// Whether it announces routes of other origin.
    pub(super) redistributes_in_extra: bool,
    /// The prefixes it announces in BGP.
    pub(super) announced_in_extra: Vec<Prefix>,
    /// The prefix-lists it defines.
    pub(super) prefix_lists_of_extra: BTreeMap<PolicyName, Families>,
}

impl Index {
    /// Makes the addresses findable.
    pub(super) fn connect(&mut self) {
        self.shared_functions = shared_functions(self.matches.iter().map(|entry| &entry.nic));
        for (number, address) in self.addresses.iter().enumerate() {
            // The kernel has no address of an interface without a Linux side.
            if self.unpaired.contains(&address.interface) {
                self.vpps_alone.entry(address.addr.addr()).or_insert(number);
                continue;
            }
            self.own.entry(address.addr.addr()).or_insert(number);
            self.connected.insert(address.addr.subnet(), number);
        }
        self.follow_next_hops();
        self.switching.settle();
        let (igp_of_extra, bgp_of_extra) = (self.igp_of_extra, self.bgp_of_extra);
        for vrf in self.vrfs.values_mut() {
            // Which VRF its lines are for is not known.
            vrf.index.igp_of_extra = igp_of_extra;
            vrf.index.bgp_of_extra = bgp_of_extra;
            vrf.index.connect();
        }
    }

    /// An interface, loopback or bridge was refused.
    pub(super) fn refuse_l3(&mut self) {
        self.l3_refused = true;
        self.vrfs.values_mut().for_each(|vrf| vrf.index.l3_refused = true);
    }

    /// Enters what a protocol uses: the route-maps among it are the protocol's.
    pub(super) fn route_maps_of(&mut self, protocol: Protocol, enter: impl FnOnce(&mut Self)) {
        let before = self.route_maps.used.len();
        enter(self);
        let new = &self.route_maps.used[before..];
        self.users.extend(new.iter().map(|map| (protocol, map.clone())));
    }

    /// Adds a static route of the main table.
    pub(super) fn add_static(&mut self, prefix: Prefix, next_hop: Option<IpAddr>) {
        self.routed.insert(prefix, self.statics.len());
        self.statics.push(Static {
            prefix,
            next_hop,
            leads_on: next_hop.is_none(),
        });
    }

    /// Finds the routes whose next hop a connected subnet or another such route leads to. One route may need the other,
    /// so it is repeated as long as it finds more, up to the depth that FRR follows.
    fn follow_next_hops(&mut self) {
        for _ in 0..DEPTH {
            let leads_on = |route: &Static| {
                let Some(hop) = route.next_hop.filter(|_| !route.leads_on) else {
                    return false;
                };
                let mut others = self
                    .routed
                    .holding(hop)
                    .filter_map(|number| self.statics.get(number));
                self.neighbors_of(hop).next().is_some()
                    || others.any(|other| {
                        other.leads_on && other.prefix != route.prefix && other.prefix.net().prefix_len() > 0
                    })
            };
            let more = self
                .statics
                .iter()
                .enumerate()
                .filter(|(_, route)| leads_on(route));
            let more: Vec<usize> = more.map(|(number, _)| number).collect();
            if more.is_empty() {
                return;
            }
            for number in more {
                self.statics[number].leads_on = true;
            }
        }
    }

    /// Whether it is one of `[loopbacks]`.
    pub(super) fn is_loopback(&self, name: &str) -> bool {
        let mut names = self.dataplane_names.iter();
        names.any(|it| it.what == LOOPBACK && it.name == name)
    }

    /// The place of this router's own address, if it is one.
    pub(super) fn own_address(&self, addr: IpAddr) -> Option<Span> {
        let number = self.own.get(&addr)?;
        self.addresses.get(*number).map(|address| address.span)
    }

    /// Whether OSPF of the address's family, IS-IS, or a protocol of `[frr] extra-file` may lead to it.
    pub(super) fn has_igp(&self, addr: IpAddr) -> bool {
        let ospf = if addr.is_ipv4() { &self.ospf } else { &self.ospf6 };
        !ospf.is_empty() || !self.isis.is_empty() || self.igp_of_extra
    }

    /// Whether something beyond the connected subnets leads to the address: OSPF of its family, IS-IS, a static route, or a
    /// protocol of `[frr] extra-file`.
    pub(super) fn is_routed(&self, addr: IpAddr) -> bool {
        self.has_igp(addr) || self.routed.holding(addr).next().is_some()
    }

    /// Whether FRR finds a next hop of the address's family by the default route.
    pub(super) fn resolves_by_default(&self, addr: IpAddr) -> bool {
        let (v4, v6) = self.default_resolves;
        if addr.is_ipv4() { v4 } else { v6 }
    }

    /// Whether OSPF of its family, IS-IS or a static route other than the default one leads to the address.
    pub(super) fn is_routed_beside_default(&self, addr: IpAddr) -> bool {
        self.has_igp(addr) || self.routed.longer_than_default(addr).next().is_some()
    }

    /// The addresses whose subnet another address belongs to; host prefixes connect nobody.
    pub(super) fn neighbors_of(&self, addr: IpAddr) -> impl Iterator<Item = &Address> {
        let numbers = self.connected.holding(addr);
        let addresses = numbers.filter_map(|number| self.addresses.get(number));
        addresses.filter(|a| a.addr.net().prefix_len() < a.addr.net().max_prefix_len())
    }
}

/// How many static routes behind one another are followed.
const DEPTH: usize = 8;

/// A static route of the main table.
#[derive(Debug, Clone)]
pub(super) struct Static {
    pub(super) prefix: Prefix,
    /// The next hop; `None` when it leads over an interface.
    pub(super) next_hop: Option<IpAddr>,
    /// Whether its next hop can be reached.
    pub(super) leads_on: bool,
}

/// The names of one kind: where each is defined, and where they are used.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Every definition, also one whose content was refused.
    pub(super) defined: BTreeMap<PolicyName, Span>,
    /// Definitions in `[frr] extra-file`; that nothing uses one of them is not reported.
    pub(super) defined_in_extra: BTreeMap<PolicyName, Span>,
    /// Every use.
    pub(super) used: Vec<Located<PolicyName>>,
}

impl Names {
    /// Adds definitions.
    pub(super) fn define(&mut self, names: &[Located<PolicyName>]) {
        let names = names.iter().map(|name| (name.value.clone(), name.span));
        self.defined.extend(names);
    }
}

/// What uses a route-map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Protocol {
    Bgp,
    Ospf,
    Ospf6,
    Isis,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bgp => "BGP",
            Self::Ospf => "OSPF",
            Self::Ospf6 => "OSPFv3",
            Self::Isis => "IS-IS",
        })
    }
}

/// One address, its interface and its place.
#[derive(Debug, Clone)]
pub(super) struct Address {
    /// The L3 interface's name.
    pub(super) interface: String,
    /// The address.
    pub(super) addr: IfAddr,
    /// Its place.
    pub(super) span: Span,
}

/// The bond of a member.
#[derive(Debug, Clone)]
pub(super) struct MemberOf {
    /// The bond, and where it lists the member.
    pub(super) bond: Located<IfName>,
    /// The member's table; `None` when there is none.
    pub(super) table: Option<Located<InterfaceRaw>>,
}

/// A name something in a namespace has.
#[derive(Debug, Clone)]
pub(super) struct Name {
    /// The name.
    pub(super) name: String,
    /// What has it, with its article.
    pub(super) what: &'static str,
    /// Where it comes from.
    pub(super) span: Span,
}

/// What a NIC is found by, and for which interface.
#[derive(Debug, Clone)]
pub(super) struct Match {
    /// The interface's name; `None` for the management's.
    pub(super) interface: Option<String>,
    /// What it is found by.
    pub(super) nic: NicMatch,
    /// Its place.
    pub(super) span: Span,
}

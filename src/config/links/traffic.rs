//! What is done with the packets that pass an interface, besides routing them.

use super::check::traffic as check;
use super::link::Above;
use super::raw::{LinkRaw, MirrorRaw, PolicerRaw, PolicersRaw};
use super::relay::{self, Relay};
use super::vrrp::{self, VirtualRouter};
use crate::config::At;
use crate::config::check::Checking;
use crate::config::index::Index;
use crate::config::keys::{Field, Filled};
use crate::config::routing::ospf::checked::OspfVersion;
use crate::config::source::{Located, Span};
use crate::types::{BitRate, Burst, HostAddr, IfAddr, LinkName, MacAddr, PolicyName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What is done with the packets of an interface. All that it names is there.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Traffic {
    /// `acl = { … }`: the ACLs that packets are held against.
    pub acl: Sides,
    /// `urpf`; the interface has an address of each family it is for.
    pub urpf: Option<Urpf>,
    /// `policer = { … }`; never `in` of a VLAN.
    pub policer: Sides,
    /// `mss-clamp`, in bytes: the largest segment of TCP over IPv4.
    pub mss_clamp: Option<u16>,
    /// `mirror = { … }`; never of a VLAN or to one.
    pub mirror: Option<Mirror>,
    /// `neighbors`, in the order of their addresses; each is on the link.
    pub neighbors: Vec<StaticNeighbor>,
    /// `vrrp`, in the order of numbers and families.
    pub virtual_routers: Vec<VirtualRouter>,
    /// `dhcp-relay` and `dhcp6-relay`.
    pub relays: Vec<Relay>,
}

/// What is named for each direction.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Sides {
    /// Of what comes in.
    pub inward: Option<PolicyName>,
    /// Of what goes out.
    pub outward: Option<PolicyName>,
}

/// `urpf`: which packets could not be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urpf {
    /// Those whose source is routed out of another interface.
    Strict,
    /// Those to whose source no route leads.
    Loose,
}

/// `mirror = { … }`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Mirror {
    /// The interface that gets the copies.
    pub to: String,
    /// What is copied.
    pub direction: Direction,
}

/// Which packets are copied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // the names say it
pub enum Direction {
    In,
    Out,
    #[default]
    Both,
}

/// `neighbors.ADDRESS`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StaticNeighbor {
    /// Where it was written.
    pub at: At,
    /// Its address, in a subnet of the interface.
    pub address: IpAddr,
    /// Its hardware address.
    pub mac: MacAddr,
}

/// `[policers.NAME]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Policer {
    /// Where it was written.
    pub at: At,
    /// What it lets through.
    pub rate: BitRate,
    /// How much may come at once.
    pub burst: Burst,
}

/// What interfaces say of packets, for the checks that compare them.
#[derive(Debug, Default)]
pub(in crate::config) struct TrafficIndex {
    /// Each interface with an ACL for what it receives.
    pub(in crate::config) filtered: Vec<(String, Located<PolicyName>)>,
    /// Each relay's servers and source, with the interface's name.
    pub(in crate::config) relays: Vec<(String, Located<Relay>)>,
    /// Each mirror: whose packets, and the interface that gets them.
    pub(in crate::config) mirrors: Vec<(String, Located<String>)>,
    /// The interfaces of the table with `urpf`, and where they say it.
    pub(in crate::config) urpf: BTreeMap<String, Span>,
    /// The other routers that a virtual router is told of itself by, with the interface's name.
    pub(in crate::config) peers: Vec<(String, Located<HostAddr>)>,
    /// The interfaces whose neighbours of OSPF are monitored by BFD, and where they say it.
    pub(in crate::config) monitored: Vec<(String, OspfVersion, Span)>,
}

/// `[policers.NAME]`, checked.
pub(in crate::config) fn policers(
    raw: &Field<PolicersRaw>,
    cx: &mut Checking<'_>,
) -> BTreeMap<PolicyName, Policer> {
    let policer = |table: &Located<PolicerRaw>| {
        let rate = table.value.rate.value()?;
        Some(Policer {
            at: cx.at(table.span),
            rate,
            burst: table.value.burst.value().unwrap_or_else(|| rate.tenth()),
        })
    };
    let entries = raw.entries().iter();
    entries
        .filter_map(|(name, table)| Some((name.value.clone(), policer(table)?)))
        .collect()
}

/// What an interface says of packets, checked.
pub(in crate::config) fn traffic(
    raw: &LinkRaw,
    name: &LinkName,
    addresses: &[Located<IfAddr>],
    above: Above,
    cx: &mut Checking<'_>,
) -> Traffic {
    let (acl, policer) = (raw.acl.get(), raw.policer.get());
    check::urpf_has_a_family(raw, addresses, cx);
    check::is_for_a_whole_interface(raw, above, cx);
    let mut neighbors: Vec<StaticNeighbor> = raw
        .neighbors
        .entries()
        .iter()
        .filter_map(|(address, table)| {
            check::is_on_the_link(address, addresses, cx);
            Some(StaticNeighbor {
                at: cx.at(address.span),
                address: address.value.get(),
                mac: table.value.mac.value()?,
            })
        })
        .collect();
    neighbors.sort_by_key(|neighbor| neighbor.address);
    Traffic {
        acl: Sides {
            inward: acl.and_then(|acl| acl.inward.value()),
            outward: acl.and_then(|acl| acl.outward.value()),
        },
        urpf: raw.urpf.value(),
        policer: Sides {
            inward: policer.and_then(|policer| policer.inward.value()),
            outward: policer.and_then(|policer| policer.outward.value()),
        },
        mss_clamp: raw.mss_clamp.value().map(|mss| mss.get()),
        mirror: raw.mirror.get().and_then(mirror),
        neighbors,
        virtual_routers: vrrp::virtual_routers(raw, name, addresses, cx),
        relays: relay::relays(raw, addresses, cx),
    }
}

fn mirror(raw: &MirrorRaw) -> Option<Mirror> {
    Some(Mirror {
        to: raw.to.value()?,
        direction: raw.direction.value().unwrap_or_default(),
    })
}

/// Enters what an interface says of packets.
pub(in crate::config) fn index_traffic(name: &str, raw: &LinkRaw, index: &mut Index) {
    if let Some(acl) = raw.acl.get() {
        index.acls.used.extend(acl.inward.copied());
        index.acls.used.extend(acl.outward.copied());
        let filtered = acl.inward.copied().map(|acl| (name.to_owned(), acl));
        index.traffic.filtered.extend(filtered);
    }
    if let Some(policer) = raw.policer.get() {
        index.policers.used.extend(policer.inward.copied());
        index.policers.used.extend(policer.outward.copied());
    }
    let mirror = raw.mirror.get().and_then(|mirror| mirror.to.copied());
    index
        .traffic
        .mirrors
        .extend(mirror.map(|to| (name.to_owned(), to)));
    let routers = raw.vrrp.entries().iter();
    let peers = routers.filter_map(|(_, table)| table.value.peers.get());
    let peers = peers.flat_map(|Filled(peers)| peers);
    let peers = peers.map(|peer| (name.to_owned(), *peer));
    index.traffic.peers.extend(peers);
    relay::index_relays(name, raw, index);
}

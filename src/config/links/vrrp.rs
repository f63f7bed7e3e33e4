//! `vrrp.N` of an interface: virtual routers.

use super::check::vrrp as check;
use super::raw::{LinkRaw, VirtualRouterRaw};
use crate::config::At;
use crate::config::check::Checking;
use crate::config::keys::Filled;
use crate::config::source::Located;
use crate::types::{IfAddr, LinkName, VirtualRouterId};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv6Addr};

/// A virtual router of one family; VPP elects for each by itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct VirtualRouter {
    /// Where it was written.
    pub at: At,
    /// Its number; the same link has it once in each family.
    pub id: u8,
    /// Its addresses, of one family; of IPv6 the first is link-local. All others are in a subnet of the interface.
    pub addresses: Vec<IpAddr>,
    /// 255 exactly when its addresses are the interface's own.
    pub priority: u8,
    /// Hundredths of a second between two advertisements.
    pub interval: u16,
    /// Whether it takes over from a router of lower priority.
    pub preempt: bool,
    /// Whether it answers to the addresses while it has them.
    pub accept: bool,
    /// Other interfaces of the dataplane, in the order of their names, and how much its priority falls while each is down:
    /// less than it has. None of one whose own addresses they are.
    pub tracks: Vec<(LinkName, u8)>,
    /// Whom it tells of itself, of the family of its addresses; nobody: everybody on the link.
    pub peers: Vec<IpAddr>,
}

impl VirtualRouter {
    /// Whether its addresses are of IPv6.
    pub fn is_v6(&self) -> bool {
        self.addresses.first().is_some_and(IpAddr::is_ipv6)
    }
}

/// RFC 5798's default.
pub(in crate::config) const PRIORITY: u8 = 100;
/// Milliseconds.
const INTERVAL: u16 = 1000;

/// `vrrp`, checked.
pub(super) fn virtual_routers(
    link: &LinkRaw,
    name: &LinkName,
    own: &[Located<IfAddr>],
    cx: &mut Checking<'_>,
) -> Vec<VirtualRouter> {
    let routers = link.vrrp.entries();
    check::addresses_differ(routers, cx);
    let mut all = Vec::new();
    for (id, table) in routers {
        check::can_be_elected(&table.value, own, cx);
        check::gives_way(&table.value, name, cx);
        check::tells_its_peers(&table.value, cx);
        let Some(Filled(addresses)) = table.value.addresses.get() else {
            continue;
        };
        let addresses = addresses.iter().map(|address| address.value.get());
        let (v4, v6): (Vec<IpAddr>, Vec<IpAddr>) = addresses.partition(IpAddr::is_ipv4);
        let v6 = with_link_local(id.value, v6);
        let families = [v4, v6].into_iter().filter(|addresses| !addresses.is_empty());
        all.extend(families.map(|addresses| virtual_router(id, &table.value, addresses, cx)));
    }
    all.sort_by_key(|router| (router.id, router.is_v6()));
    all
}

fn virtual_router(
    id: &Located<VirtualRouterId>,
    raw: &VirtualRouterRaw,
    addresses: Vec<IpAddr>,
    cx: &Checking<'_>,
) -> VirtualRouter {
    let tracks = raw.track.entries().iter();
    let tracks = tracks.map(|(name, by)| (name.value.clone(), by.value.get()));
    let mut tracks: Vec<(LinkName, u8)> = tracks.collect();
    tracks.sort();
    let peers = raw.peers.get().map_or(&[][..], |Filled(peers)| peers);
    let peers = peers.iter().map(|peer| peer.value.get());
    let is_v6 = addresses.first().is_some_and(IpAddr::is_ipv6);
    let mut peers: Vec<IpAddr> = peers.filter(|peer| peer.is_ipv6() == is_v6).collect();
    peers.sort();
    let milliseconds = raw.interval.value().map_or(INTERVAL, |interval| interval.get());
    VirtualRouter {
        at: cx.at(id.span),
        id: id.value.get(),
        addresses,
        priority: check::priority(raw),
        interval: milliseconds / 10,
        preempt: raw.preempt.value().unwrap_or(true),
        accept: raw.accept.is_on(),
        tracks,
        peers,
    }
}

/// The addresses of IPv6 as VPP takes them: the link-local one first. Without one written it is that of the virtual hardware
/// address, 00:00:5e:00:02:N, as hosts derive theirs.
fn with_link_local(id: VirtualRouterId, addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    let is_link_local = |address: &IpAddr| match address {
        IpAddr::V6(address) => address.is_unicast_link_local(),
        IpAddr::V4(_) => false,
    };
    let (mut first, others): (Vec<IpAddr>, Vec<IpAddr>) = addresses.into_iter().partition(is_link_local);
    if first.is_empty() && !others.is_empty() {
        let last = 0x0200 | u16::from(id.get());
        first.push(Ipv6Addr::new(0xfe80, 0, 0, 0, 0x0200, 0x5eff, 0xfe00, last).into());
    }
    first.into_iter().chain(others).collect()
}

//! `[bgp]`: neighbours by family, peer-groups first.

use crate::config::{Bgp, Neighbor, NeighborBfd, NeighborPolicy};
use crate::render::engine::Phrase;
use crate::types::{Asn, FrrRelease, PolicyName, Prefix};
use minijinja::Value;
use serde::Serialize;
use std::collections::BTreeSet;
use std::net::IpAddr;

#[derive(Debug, Serialize)]
pub(super) struct View<'m> {
    asn: u32,
    router_id: String,
    cluster_id: Option<String>,
    /// Whether only what is in the RIB is announced: FRR's default.
    import_check: bool,
    peers: Vec<Peer<'m>>,
    families: Vec<Family<'m>>,
}

/// A peer-group or a neighbour: FRR configures both with the same lines.
#[derive(Debug, Serialize)]
struct Peer<'m> {
    name: String,
    is_group: bool,
    group: Option<&'m PolicyName>,
    remote_as: Option<u32>,
    description: Option<Value>,
    shutdown: bool,
    bfd: bool,
    bfd_profile: Option<&'m PolicyName>,
    password: Option<Value>,
    passive: bool,
    ebgp_multihop: Option<u8>,
    /// FRR 10 does not write the most hops, 255.
    ebgp_multihop_alone: bool,
    update_source: Option<IpAddr>,
    timers: Option<Timers>,
}

#[derive(Debug, Serialize)]
struct Timers {
    keepalive: u16,
    hold: u16,
}

#[derive(Debug, Serialize)]
struct Family<'m> {
    name: &'static str,
    networks: Vec<Prefix>,
    peers: Vec<FamilyPeer<'m>>,
}

/// A peer's settings in one address family.
#[derive(Debug, Serialize)]
struct FamilyPeer<'m> {
    name: String,
    activate: bool,
    route_reflector_client: bool,
    next_hop_self: bool,
    maximum_prefix: Option<u32>,
    route_map_in: Option<&'m PolicyName>,
    route_map_out: Option<&'m PolicyName>,
}

/// Keepalive and hold time of FRR's traditional profile.
const DEFAULT_TIMERS: (u16, u16) = (60, 180);

/// The most hops there are.
const MOST_HOPS: u8 = 255;

pub(super) fn view(bgp: &Bgp, release: FrrRelease, import_check: bool) -> View<'_> {
    let groups = bgp.peer_groups.iter().map(|(name, group)| {
        let remote_as = group.remote_as.map(Asn::get);
        peer(name.to_string(), None, remote_as, &group.policy)
    });
    let neighbors = in_order(bgp).into_iter().map(|(address, neighbor)| {
        let own = bgp_group(bgp, neighbor).is_none_or(|group| group.remote_as.is_none());
        let remote_as = own.then_some(neighbor.remote_as.get());
        let group = neighbor.peer_group.as_ref();
        peer(address.to_string(), group, remote_as, &neighbor.policy)
    });
    let mut peers: Vec<Peer<'_>> = groups
        .map(|peer| Peer {
            is_group: true,
            ..peer
        })
        .collect();
    peers.extend(neighbors);
    for peer in &mut peers {
        let most = peer.ebgp_multihop == Some(MOST_HOPS);
        peer.ebgp_multihop_alone = most && release == FrrRelease::V10;
    }
    View {
        asn: bgp.asn.get(),
        router_id: bgp.router_id.to_string(),
        cluster_id: bgp.cluster_id.map(|id| id.to_string()),
        import_check,
        peers,
        families: [
            family(bgp, "ipv4", IpAddr::is_ipv4),
            family(bgp, "ipv6", IpAddr::is_ipv6),
        ]
        .into_iter()
        .filter(|family| !family.networks.is_empty() || !family.peers.is_empty())
        .collect(),
    }
}

fn bgp_group<'m>(bgp: &'m Bgp, neighbor: &Neighbor) -> Option<&'m crate::config::PeerGroup> {
    neighbor
        .peer_group
        .as_ref()
        .and_then(|name| bgp.peer_groups.get(name))
}

/// bgpd's order: the members of each group, group by group, then those of none.
fn in_order(bgp: &Bgp) -> Vec<(&IpAddr, &Neighbor)> {
    let mut neighbors: Vec<_> = bgp.neighbors.iter().collect();
    neighbors
        .sort_by_key(|(address, neighbor)| (neighbor.peer_group.is_none(), &neighbor.peer_group, **address));
    neighbors
}

fn peer<'m>(
    name: String,
    group: Option<&'m PolicyName>,
    remote_as: Option<u32>,
    policy: &'m NeighborPolicy,
) -> Peer<'m> {
    // A member repeats a default to override its group.
    let timers = policy
        .timers
        .filter(|timers| group.is_some() || *timers != DEFAULT_TIMERS);
    Peer {
        name,
        is_group: false,
        group,
        remote_as,
        description: policy
            .description
            .as_ref()
            .map(|text| Phrase::value(text.as_ref())),
        shutdown: policy.shutdown,
        bfd: policy.bfd.is_some(),
        bfd_profile: match &policy.bfd {
            Some(NeighborBfd::Profile(name)) => Some(name),
            Some(NeighborBfd::Default) | None => None,
        },
        password: policy
            .password
            .as_ref()
            .map(|secret| Phrase::value(secret.reveal())),
        passive: policy.passive,
        ebgp_multihop: policy.ebgp_multihop,
        ebgp_multihop_alone: false,
        update_source: policy.update_source,
        timers: timers.map(|(keepalive, hold)| Timers { keepalive, hold }),
    }
}

/// A family with the neighbours whose address is of it. Groups are never activated, their members are: a group with
/// members of both families would activate each of them in both.
fn family<'m>(bgp: &'m Bgp, name: &'static str, is_of: fn(&IpAddr) -> bool) -> Family<'m> {
    let members = || bgp.neighbors.iter().filter(|(address, _)| is_of(address));
    let mut networks: Vec<Prefix> = bgp.networks.iter().map(|(_, prefix)| *prefix).collect();
    networks.retain(|prefix| is_of(&prefix.net().addr()));
    networks.sort_by_key(|prefix| (prefix.net().addr(), prefix.net().prefix_len()));
    let used: BTreeSet<_> = members().filter_map(|(_, it)| it.peer_group.as_ref()).collect();
    let groups = bgp.peer_groups.iter().filter(|(name, _)| used.contains(name));
    let groups = groups.map(|(name, group)| in_family(name.to_string(), false, &group.policy));
    let neighbors = in_order(bgp).into_iter().filter(|(address, _)| is_of(address));
    let neighbors = neighbors.map(|(address, it)| in_family(address.to_string(), true, &it.policy));
    Family {
        name,
        networks,
        peers: groups.chain(neighbors).collect(),
    }
}

fn in_family(name: String, activate: bool, policy: &NeighborPolicy) -> FamilyPeer<'_> {
    FamilyPeer {
        name,
        activate,
        route_reflector_client: policy.route_reflector_client,
        next_hop_self: policy.next_hop_self,
        maximum_prefix: policy.maximum_prefix,
        route_map_in: policy.route_map_in.as_ref(),
        route_map_out: policy.route_map_out.as_ref(),
    }
}

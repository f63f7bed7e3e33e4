//! `[bgp]`, and BGP in a VRF: the lines of the instance, peer-groups before neighbours, then each family, in the order FRR prints them.

pub(super) mod drain;
mod session;

use super::lines::Lines;
use super::policy::{Held, Of};
use crate::config::{AddPath, Aggregate, Bgp, Neighbor, NeighborPolicy, Network, PeerGroup, RouteOrigin};
use crate::types::{FrrRelease, PeerName, PolicyName, Prefix, VrfName};
use minijinja::Value;
use serde::Serialize;
use session::{in_family, of_instance};
use std::collections::BTreeSet;

#[derive(Debug, Serialize)]
pub(super) struct View<'m> {
    asn: u32,
    router_id: String,
    vrf: Option<&'m VrfName>,
    lines: Vec<Value>,
    families: Vec<Section>,
}

#[derive(Debug, Serialize)]
struct Section {
    name: &'static str,
    lines: Vec<Value>,
}

/// A peer-group or a neighbour: FRR configures both with the same lines.
#[derive(Debug, Clone, Copy)]
enum Peer<'m> {
    Group(&'m PolicyName, &'m PeerGroup),
    Neighbor(&'m PeerName, &'m Neighbor, Option<&'m PeerGroup>),
}

impl<'m> Peer<'m> {
    fn name(self) -> String {
        match self {
            Self::Group(name, _) => name.to_string(),
            Self::Neighbor(name, ..) => name.to_string(),
        }
    }

    fn policy(self) -> &'m NeighborPolicy {
        match self {
            Self::Group(_, group) => &group.policy,
            Self::Neighbor(_, neighbor, _) => &neighbor.policy,
        }
    }

    fn group(self) -> Option<&'m PeerGroup> {
        match self {
            Self::Group(..) => None,
            Self::Neighbor(_, _, group) => group,
        }
    }
}

/// An address family of FRR's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    V4,
    V6,
}

impl Family {
    fn of(prefix: Prefix) -> Self {
        match prefix.v4() {
            Some(_) => Self::V4,
            None => Self::V6,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::V4 => "ipv4",
            Self::V6 => "ipv6",
        }
    }

    /// Whether a neighbour carries it: that of its address; both on an interface, and where IPv4 may have IPv6 next hops.
    fn is_carried(self, peer: &PeerName, neighbor: &Neighbor, group: Option<&PeerGroup>) -> bool {
        let extended = neighbor.policy.extended_nexthop || group.is_some_and(|it| it.policy.extended_nexthop);
        match (peer.address(), self) {
            (None, _) => true,
            (Some(address), Self::V4) => address.is_ipv4() || extended,
            (Some(address), Self::V6) => address.is_ipv6(),
        }
    }
}

impl From<Family> for Of {
    fn from(family: Family) -> Self {
        match family {
            Family::V4 => Self::V4,
            Family::V6 => Self::V6,
        }
    }
}

/// The most paths there are, which FRR takes anyway.
const MOST_PATHS: u16 = 256;
/// Keepalive and hold time of FRR's traditional profile.
const DEFAULT_TIMERS: (u16, u16) = (60, 180);
/// The distances FRR gives anyway.
const DEFAULT_DISTANCE: (u8, u8, u8) = (20, 200, 200);
/// How many neighbours may call anyway.
const DEFAULT_LISTEN_LIMIT: u16 = 100;

pub(super) fn view<'m>(
    bgp: &Bgp,
    vrf: Option<&'m VrfName>,
    release: FrrRelease,
    import_check: bool,
    held: &Held<'_>,
) -> View<'m> {
    let peers = peers(bgp);
    let mut lines = Lines::default();
    instance(bgp, import_check, &mut lines);
    for peer in &peers {
        of_instance(*peer, bgp, release, &mut lines);
    }
    listening(bgp, &mut lines);
    let families = [Family::V4, Family::V6].into_iter();
    View {
        asn: bgp.asn.get(),
        router_id: bgp.router_id.to_string(),
        vrf,
        lines: lines.into_values(),
        families: families.filter_map(|it| family(bgp, it, &peers, held)).collect(),
    }
}

/// bgpd's order: the groups, the members of each, group by group, then the neighbours of none.
fn peers(bgp: &Bgp) -> Vec<Peer<'_>> {
    let groups = bgp
        .peer_groups
        .iter()
        .map(|(name, group)| Peer::Group(name, group));
    let mut neighbors: Vec<_> = bgp.neighbors.iter().collect();
    neighbors.sort_by_key(|(name, neighbor)| (neighbor.peer_group.is_none(), &neighbor.peer_group, *name));
    let neighbors = neighbors.into_iter();
    let neighbors = neighbors.map(|(name, neighbor)| Peer::Neighbor(name, neighbor, bgp.group_of(neighbor)));
    groups.chain(neighbors).collect()
}

/// What equals FRR's default is not printed, and so not written.
fn instance(bgp: &Bgp, import_check: bool, lines: &mut Lines) {
    let best = &bgp.bestpath;
    lines.add(format!("bgp router-id {}", bgp.router_id));
    lines.add_if(bgp.log_neighbor_changes, "bgp log-neighbor-changes");
    lines.add_if(best.always_compare_med, "bgp always-compare-med");
    lines.add("no bgp default ipv4-unicast");
    if let Some(id) = bgp.cluster_id {
        lines.add(format!("bgp cluster-id {id}"));
    }
    if let Some(confederation) = &bgp.confederation {
        lines.add(format!(
            "bgp confederation identifier {}",
            confederation.identifier
        ));
        let peers: Vec<String> = confederation.peers.iter().map(ToString::to_string).collect();
        lines.add_if(
            !peers.is_empty(),
            format!("bgp confederation peers {}", peers.join(" ")),
        );
    }
    lines.add_if(
        best.deterministic_med || sends_best_per_as(bgp),
        "bgp deterministic-med",
    );
    lines.add_if(bgp.graceful_restart, "bgp graceful-restart");
    lines.add_if(best.as_path_ignore, "bgp bestpath as-path ignore");
    lines.add_if(best.as_path_confed, "bgp bestpath as-path confed");
    lines.add_if(best.multipath_relax, "bgp bestpath as-path multipath-relax");
    lines.add_if(best.compare_router_id, "bgp bestpath compare-routerid");
    let confed = if best.med_confed { " confed" } else { "" };
    let worst = if best.missing_as_worst {
        " missing-as-worst"
    } else {
        ""
    };
    let says = best.med_confed || best.missing_as_worst;
    lines.add_if(says, format!("bgp bestpath med{confed}{worst}"));
    lines.add_if(!import_check, "no bgp network import-check");
    if let Some((keepalive, hold)) = bgp.timers.filter(|timers| *timers != DEFAULT_TIMERS) {
        lines.add(format!("timers bgp {keepalive} {hold}"));
    }
}

/// FRR compares MEDs in a fixed order as soon as a neighbour is sent the best path of each AS, and prints that.
fn sends_best_per_as(bgp: &Bgp) -> bool {
    let mut policies = peers(bgp).into_iter().map(Peer::policy);
    policies.any(|policy| policy.add_path == Some(AddPath::BestPerAs))
}

fn listening(bgp: &Bgp, lines: &mut Lines) {
    if let Some(limit) = bgp.listen_limit.filter(|limit| *limit != DEFAULT_LISTEN_LIMIT) {
        lines.add(format!("bgp listen limit {limit}"));
    }
    let mut ranges: Vec<_> = bgp.listen_ranges.iter().collect();
    ranges.sort_by_key(|(range, group)| (*group, in_order(**range)));
    for (range, group) in ranges {
        lines.add(format!("bgp listen range {range} peer-group {group}"));
    }
}

/// FRR's order of prefixes.
fn in_order(prefix: Prefix) -> (std::net::IpAddr, u8) {
    (prefix.net().addr(), prefix.net().prefix_len())
}

/// A family with what is announced in it and the neighbours that carry it; `None` when nobody does.
///
/// Groups are never activated, their members are: a group with members of both families would activate each of them in both.
/// Who calls from a listen range has nothing but the group, so that a group of one is activated in the family of the range.
fn family(bgp: &Bgp, family: Family, peers: &[Peer<'_>], held: &Held<'_>) -> Option<Section> {
    let is_carried = |peer: &Peer<'_>| match peer {
        Peer::Group(..) => false,
        Peer::Neighbor(name, neighbor, group) => family.is_carried(name, neighbor, *group),
    };
    let listening: BTreeSet<&PolicyName> = bgp
        .listen_ranges
        .iter()
        .filter(|(range, _)| Family::of(**range) == family)
        .map(|(_, group)| group)
        .collect();
    let of_members = peers
        .iter()
        .filter(|it| is_carried(it))
        .filter_map(|peer| match peer {
            Peer::Neighbor(_, neighbor, _) => neighbor.peer_group.as_ref(),
            Peer::Group(..) => None,
        });
    let used: BTreeSet<&PolicyName> = of_members.chain(listening.iter().copied()).collect();
    let mut lines = Lines::default();
    if used.is_empty() && !peers.iter().any(is_carried) && !announces(bgp, family) {
        return None;
    }
    announced(bgp, family, held, &mut lines);
    for peer in peers {
        let activate = match peer {
            Peer::Group(name, _) if used.contains(name) => listening.contains(name),
            Peer::Neighbor(_, neighbor, _) if is_carried(peer) => neighbor
                .peer_group
                .as_ref()
                .is_none_or(|group| !listening.contains(group)),
            _ => continue,
        };
        in_family(*peer, bgp, activate, &mut lines);
    }
    let (ebgp, ibgp) = bgp.maximum_paths;
    let fewer = |paths: Option<u16>| paths.filter(|paths| *paths != MOST_PATHS);
    if let Some(paths) = fewer(ebgp) {
        lines.add(format!("maximum-paths {paths}"));
    }
    if let Some(paths) = fewer(ibgp) {
        lines.add(format!("maximum-paths ibgp {paths}"));
    }
    lines.add_some("table-map", bgp.table_map.as_ref());
    Some(Section {
        name: family.name(),
        lines: lines.into_values(),
    })
}

/// Whether something of the family is announced, whoever gets it.
fn announces(bgp: &Bgp, family: Family) -> bool {
    let networks = bgp.networks.iter().map(|network| network.prefix);
    let mut prefixes = networks.chain(bgp.aggregates.keys().copied());
    prefixes.any(|prefix| Family::of(prefix) == family)
}

fn announced(bgp: &Bgp, family: Family, held: &Held<'_>, lines: &mut Lines) {
    if let Some((external, internal, local)) = bgp.distance.filter(|it| *it != DEFAULT_DISTANCE) {
        lines.add(format!("distance bgp {external} {internal} {local}"));
    }
    let mut networks: Vec<&Network> = bgp.networks.iter().collect();
    networks.retain(|network| Family::of(network.prefix) == family);
    networks.sort_by_key(|network| in_order(network.prefix));
    for network in networks {
        lines.add(format!(
            "network {}{}",
            network.prefix,
            map(network.route_map.as_ref())
        ));
    }
    let mut aggregates: Vec<(&Prefix, &Aggregate)> = bgp.aggregates.iter().collect();
    aggregates.retain(|(prefix, _)| Family::of(**prefix) == family);
    aggregates.sort_by_key(|(prefix, _)| in_order(**prefix));
    for (prefix, aggregate) in aggregates {
        let set = if aggregate.as_set { " as-set" } else { "" };
        let only = if aggregate.summary_only {
            " summary-only"
        } else {
            ""
        };
        lines.add(format!(
            "aggregate-address {prefix}{set}{only}{}",
            map(aggregate.route_map.as_ref())
        ));
    }
    for (origin, it) in &bgp.redistribute {
        let metric = it
            .metric
            .map(|metric| format!(" metric {metric}"))
            .unwrap_or_default();
        let own = it.route_map.as_ref().map(ToString::to_string);
        let map = match origin {
            RouteOrigin::Static => held.map(own, family.into()),
            _ => own,
        };
        let map = map.map(|map| format!(" route-map {map}")).unwrap_or_default();
        lines.add(format!("redistribute {}{metric}{map}", word(*origin, family)));
    }
}

fn map(name: Option<&PolicyName>) -> String {
    name.map(|name| format!(" route-map {name}")).unwrap_or_default()
}

fn word(origin: RouteOrigin, family: Family) -> &'static str {
    match (origin, family) {
        (RouteOrigin::Kernel, _) => "kernel",
        (RouteOrigin::Connected, _) => "connected",
        (RouteOrigin::Static, _) => "static",
        (RouteOrigin::Ospf, Family::V4) => "ospf",
        (RouteOrigin::Ospf, Family::V6) => "ospf6",
        (RouteOrigin::Isis, _) => "isis",
    }
}

//! `[bgp]`, and BGP in a VRF.

use super::check::session::group_insists_on_no_role;
use super::check::{self, bgp as session, instance as whole};
use super::origin::{Redistributed, RouteOrigin};
use super::raw::{BfdRaw, BgpInstanceRaw, BgpOf, BgpRaw, PolicyPairRaw, SessionRaw};
use super::room::there_is_room;
use super::session::{NeighborPolicy, RemoteAs, policy, timers};
use crate::config::At;
use crate::config::check::Checking;
use crate::config::code::E0349;
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::keys::{Field, Form, SwitchOr};
use crate::config::source::{Located, Span};
use crate::types::{Asn, PeerName, PolicyName, Prefix, RouterId};
use std::collections::BTreeMap;

/// `[bgp]`, or `[vrfs.NAME.bgp]`.
#[derive(Debug)]
pub struct Bgp {
    /// `asn`; in a VRF that says none, that of `[bgp]`.
    pub asn: Asn,
    /// `router-id`; else in a VRF that of `[bgp]`, or the first IPv4 address of `lo0`.
    pub router_id: RouterId,
    /// `cluster-id`, for route reflection.
    pub cluster_id: Option<RouterId>,
    /// `confederation`.
    pub confederation: Option<Confederation>,
    /// `networks`; a blackhole is derived for each that is not otherwise in the RIB.
    pub networks: Vec<Network>,
    /// `aggregates."PREFIX"`.
    pub aggregates: BTreeMap<Prefix, Aggregate>,
    /// `redistribute`, in FRR's order.
    pub redistribute: BTreeMap<RouteOrigin, Redistributed>,
    /// `maximum-paths` of eBGP and of iBGP, 1 to 256; absent it is 256.
    pub maximum_paths: (Option<u16>, Option<u16>),
    /// `bestpath`.
    pub bestpath: Bestpath,
    /// `table-map`; defined.
    pub table_map: Option<PolicyName>,
    /// `graceful-restart = true`.
    pub graceful_restart: bool,
    /// `graceful-shutdown = true`.
    pub graceful_shutdown: bool,
    /// `log-neighbor-changes`, on unless it is said to be off.
    pub log_neighbor_changes: bool,
    /// `timers`, as those of a neighbour.
    pub timers: Option<(u16, u16)>,
    /// `distance`: external, internal and local, 1 to 254 each; FRR never uses a route with 255.
    pub distance: Option<(u8, u8, u8)>,
    /// `listen-ranges."PREFIX"`, each with its peer-group, which is defined and says the AS.
    pub listen_ranges: BTreeMap<Prefix, PolicyName>,
    /// `listen-limit`, from 1; absent it is 100.
    pub listen_limit: Option<u16>,
    /// `rib-limit`, 1 to 10,000,000.
    pub rib_limit: Option<u32>,
    /// `peer-groups.NAME`.
    pub peer_groups: BTreeMap<PolicyName, PeerGroup>,
    /// `neighbors."ADDRESS"` and `neighbors."INTERFACE"`.
    pub neighbors: BTreeMap<PeerName, Neighbor>,
}

/// `confederation`.
#[derive(Debug)]
pub struct Confederation {
    /// The AS number that others see.
    pub identifier: Asn,
    /// The other member ASes, each once, in the order written.
    pub peers: Vec<Asn>,
}

/// A prefix of `networks`.
#[derive(Debug)]
pub struct Network {
    /// Where it is written.
    pub at: At,
    /// The prefix.
    pub prefix: Prefix,
    /// `route-map`; defined.
    pub route_map: Option<PolicyName>,
}

/// `aggregates."PREFIX"`.
#[derive(Debug)]
pub struct Aggregate {
    /// `summary-only = true`.
    pub summary_only: bool,
    /// `as-set = true`.
    pub as_set: bool,
    /// `route-map`; defined.
    pub route_map: Option<PolicyName>,
}

/// `bestpath`.
#[derive(Debug, Default)]
pub struct Bestpath {
    /// `as-path-ignore = true`.
    pub as_path_ignore: bool,
    /// `as-path-confed = true`; there is a confederation then.
    pub as_path_confed: bool,
    /// `multipath-relax = true`.
    pub multipath_relax: bool,
    /// `compare-router-id = true`.
    pub compare_router_id: bool,
    /// `deterministic-med = true`.
    pub deterministic_med: bool,
    /// `always-compare-med = true`.
    pub always_compare_med: bool,
    /// `missing-as-worst = true`.
    pub missing_as_worst: bool,
    /// `med-confed = true`; there is a confederation then.
    pub med_confed: bool,
}

/// `peer-groups.NAME`.
#[derive(Debug)]
pub struct PeerGroup {
    /// `remote-as`; members then have none of their own.
    pub remote_as: Option<RemoteAs>,
    /// The shared settings.
    pub policy: NeighborPolicy,
}

/// `neighbors."ADDRESS"` and `neighbors."INTERFACE"`.
#[derive(Debug)]
pub struct Neighbor {
    /// `remote-as`, its own or the peer-group's.
    pub remote_as: RemoteAs,
    /// `peer-group`; defined.
    pub peer_group: Option<PolicyName>,
    /// Its own settings, beside those of the peer-group.
    pub policy: NeighborPolicy,
}

impl Bgp {
    /// The peer-group of a neighbour.
    pub fn group_of(&self, neighbor: &Neighbor) -> Option<&PeerGroup> {
        self.peer_groups.get(neighbor.peer_group.as_ref()?)
    }
}

/// `[bgp]`, checked against interfaces, routes and NAT, and against its heap.
pub(in crate::config) fn router(field: &Field<BgpRaw>, cx: &mut Checking<'_>) -> Option<Bgp> {
    let table = field.located()?;
    let instance = BgpOf::router(table.value);
    let router_id = match instance.raw.router_id.is_written() {
        true => instance.raw.router_id.value(),
        false => check::default_router_id(table.span, "bgp", cx),
    };
    let mut bgp = bgp(instance, router_id, cx)?;
    bgp.rib_limit = table.value.rib_limit.get().map(|limit| limit.get());
    there_is_room(&bgp, table, cx);
    Some(bgp)
}

/// An instance of BGP, checked against what is in its table.
pub(in crate::config) fn bgp(
    instance: BgpOf<'_>,
    router_id: Option<RouterId>,
    cx: &mut Checking<'_>,
) -> Option<Bgp> {
    let raw = instance.raw;
    let before = cx.found.errors();
    let networks = check::distinct(raw.networks.items(), cx);
    let networks_refused = raw.networks.is_flawed() || cx.found.errors() > before;
    let own = session::Own::new(instance);
    let peer_groups = peer_groups(raw, cx);
    let neighbors = neighbors(raw, &peer_groups, own.as_ref(), cx);
    whole::check(instance, own.as_ref(), cx);
    if !networks_refused {
        check::default_is_routed(&networks, cx);
    }
    let confederation = confederation(raw, cx);
    let timers = raw.timers.located().and_then(|table| timers(table, cx));
    Some(Bgp {
        asn: instance.asn?.value,
        router_id: router_id?,
        cluster_id: raw.cluster_id.value(),
        confederation,
        networks: with_maps(raw, networks, cx),
        aggregates: aggregates(raw),
        redistribute: redistribute(raw, cx),
        maximum_paths: maximum_paths(raw),
        bestpath: bestpath(raw),
        table_map: raw.table_map.value(),
        graceful_restart: raw.graceful_restart.is_on(),
        graceful_shutdown: raw.graceful_shutdown.is_on(),
        log_neighbor_changes: raw.log_neighbor_changes.value().unwrap_or(true),
        timers,
        distance: distance(raw),
        listen_ranges: listen_ranges(raw),
        listen_limit: raw.listen_limit.get().map(|limit| limit.get()),
        rib_limit: None,
        peer_groups,
        neighbors,
    })
}

fn confederation(raw: &BgpInstanceRaw, cx: &mut Checking<'_>) -> Option<Confederation> {
    let table = raw.confederation.get()?;
    let peers = check::distinct(table.peers.items(), cx);
    Some(Confederation {
        identifier: table.identifier.value()?,
        peers: peers.into_iter().map(|peer| peer.value).collect(),
    })
}

/// The networks with the route-map of each; a repeated one was left out.
fn with_maps(raw: &BgpInstanceRaw, networks: Vec<Located<Prefix>>, cx: &Checking<'_>) -> Vec<Network> {
    let maps = raw.networks.get().map_or(&[][..], |networks| networks.maps());
    let maps = raw.networks.items().iter().zip(maps);
    let maps: BTreeMap<Prefix, &PolicyName> = maps
        .filter_map(|(prefix, map)| Some((prefix.value, &map.as_ref()?.value)))
        .collect();
    let network = |prefix: Located<Prefix>| Network {
        at: cx.at(prefix.span),
        prefix: prefix.value,
        route_map: maps.get(&prefix.value).map(|map| (*map).clone()),
    };
    networks.into_iter().map(network).collect()
}

fn aggregates(raw: &BgpInstanceRaw) -> BTreeMap<Prefix, Aggregate> {
    let each = raw.aggregates.entries().iter();
    let aggregate = each.map(|(prefix, table)| {
        let aggregate = Aggregate {
            summary_only: table.value.summary_only.is_on(),
            as_set: table.value.as_set.is_on(),
            route_map: table.value.route_map.value(),
        };
        (prefix.value, aggregate)
    });
    aggregate.collect()
}

fn redistribute(raw: &BgpInstanceRaw, cx: &mut Checking<'_>) -> BTreeMap<RouteOrigin, Redistributed> {
    let origins: Vec<Located<RouteOrigin>> = raw.redistributed().iter().map(|(origin, _)| *origin).collect();
    check::distinct(&origins, cx);
    let each = raw.redistributed().iter();
    let origin = each.map(|(origin, table)| {
        let redistributed = Redistributed {
            metric: table.metric.get().map(|metric| metric.get()),
            route_map: table.route_map.value(),
        };
        (origin.value, redistributed)
    });
    origin.collect()
}

fn maximum_paths(raw: &BgpInstanceRaw) -> (Option<u16>, Option<u16>) {
    match raw.maximum_paths.get() {
        None => (None, None),
        Some(Form::Short(paths)) => (Some(paths.get()), Some(paths.get())),
        Some(Form::Table(table)) => (
            table.ebgp.get().map(|paths| paths.get()),
            table.ibgp.get().map(|paths| paths.get()),
        ),
    }
}

fn bestpath(raw: &BgpInstanceRaw) -> Bestpath {
    raw.bestpath
        .get()
        .map_or_else(Bestpath::default, |table| Bestpath {
            as_path_ignore: table.as_path_ignore.is_on(),
            as_path_confed: table.as_path_confed.is_on(),
            multipath_relax: table.multipath_relax.is_on(),
            compare_router_id: table.compare_router_id.is_on(),
            deterministic_med: table.deterministic_med.is_on(),
            always_compare_med: table.always_compare_med.is_on(),
            missing_as_worst: table.missing_as_worst.is_on(),
            med_confed: table.med_confed.is_on(),
        })
}

fn distance(raw: &BgpInstanceRaw) -> Option<(u8, u8, u8)> {
    let table = raw.distance.get()?;
    let (external, internal) = (table.external.get()?.get(), table.internal.get()?.get());
    Some((external, internal, table.local.get()?.get()))
}

fn listen_ranges(raw: &BgpInstanceRaw) -> BTreeMap<Prefix, PolicyName> {
    let each = raw.listen_ranges.entries().iter();
    each.filter_map(|(prefix, table)| Some((prefix.value, table.value.peer_group.value()?)))
        .collect()
}

fn peer_groups(raw: &BgpInstanceRaw, cx: &mut Checking<'_>) -> BTreeMap<PolicyName, PeerGroup> {
    let mut groups = BTreeMap::new();
    for (name, table) in raw.peer_groups.entries() {
        group_insists_on_no_role(&table.value, cx);
        let group = PeerGroup {
            remote_as: table.value.remote_as.value(),
            policy: policy(&table.value, cx),
        };
        groups.insert(name.value.clone(), group);
    }
    groups
}

fn neighbors(
    raw: &BgpInstanceRaw,
    groups: &BTreeMap<PolicyName, PeerGroup>,
    own: Option<&session::Own>,
    cx: &mut Checking<'_>,
) -> BTreeMap<PeerName, Neighbor> {
    let mut seen: BTreeMap<&PeerName, Span> = BTreeMap::new();
    let mut neighbors = BTreeMap::new();
    let mut kinds = session::GroupKinds::default();
    for both in session::Both::all(raw) {
        let peer = both.peer;
        if let Some(first) = seen.insert(peer.value, peer.span) {
            let message = format!("duplicate neighbour {}", peer.value);
            cx.report(Diagnostic::error(E0349, peer.span, message).also(first, "first here"));
        }
        let mut policy = policy(both.own, cx);
        let peer_group = both.peer_group.map(|group| group.value.clone());
        if let Some(group) = peer_group.as_ref().and_then(|name| groups.get(name)) {
            policy.leave_to(&group.policy);
        }
        let Some(remote_as) = both.remote_as(cx) else {
            continue;
        };
        if let Some(own) = own {
            let kind = own.kind(remote_as);
            both.check(own, kind, cx);
            kinds.add(&both, kind, cx);
        }
        let neighbor = Neighbor {
            remote_as,
            peer_group,
            policy,
        };
        neighbors.insert(peer.value.clone(), neighbor);
    }
    neighbors
}

/// Enters the profiles of BFD.
pub(in crate::config) fn index_profiles(bfd: &Field<BfdRaw>, index: &mut Index) {
    if let Some(bfd) = bfd.get() {
        index.bfd_profiles.define(bfd.profiles.names());
    }
}

/// Enters the peer-groups of an instance, and what its neighbours and groups use.
pub(in crate::config) fn index_bgp(bgp: &BgpInstanceRaw, index: &mut Index) {
    index.peer_groups.define(bgp.peer_groups.names());
    for (_, group) in bgp.peer_groups.entries() {
        index_session(&group.value, index);
    }
    for (_, neighbor) in bgp.neighbors.entries() {
        index.peer_groups.used.extend(neighbor.value.peer_group.copied());
        index_session(&neighbor.value.session, index);
    }
    for (_, range) in bgp.listen_ranges.entries() {
        index.peer_groups.used.extend(range.value.peer_group.copied());
    }
    let networks = bgp.networks.get().map_or(&[][..], |networks| networks.maps());
    index.route_maps.used.extend(networks.iter().flatten().cloned());
    index.route_maps.used.extend(bgp.table_map.copied());
    for (_, aggregate) in bgp.aggregates.entries() {
        index.route_maps.used.extend(aggregate.value.route_map.copied());
    }
    let maps = bgp.redistributed().iter().map(|(_, how)| how.route_map.copied());
    index.route_maps.used.extend(maps.flatten());
}

fn index_session(raw: &SessionRaw, index: &mut Index) {
    let names = |field: &Field<PolicyPairRaw>| {
        let pair = field.get();
        pair.map(|pair| [pair.import.copied(), pair.export.copied()])
    };
    let used = |field| names(field).into_iter().flatten().flatten();
    index.route_maps.used.extend(used(&raw.route_map));
    index.prefix_lists.used.extend(used(&raw.prefix_list));
    index.as_path_lists.used.extend(used(&raw.as_path_list));
    if let Some(Form::Table(table)) = raw.default_originate.get() {
        index.route_maps.used.extend(table.route_map.copied());
    }
    if let Some(bfd) = raw.bfd.located()
        && let SwitchOr::Text(name) = bfd.value
    {
        index.bfd_profiles.used.push(bfd.map(|_| name.clone()));
    }
}

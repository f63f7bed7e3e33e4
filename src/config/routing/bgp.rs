//! `[bgp]` and `[bfd]`.

use super::check::{self, bgp as session};
use super::raw::{BfdProfileRaw, BfdRaw, BgpRaw, NeighborBfdRaw, SessionRaw, TimersRaw};
use crate::config::At;
use crate::config::check::Checking;
use crate::config::code::{E0337, E0338, E0339, E0340, E0349};
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::keys::Field;
use crate::config::source::{Located, Span};
use crate::types::{Asn, Line, PolicyName, Prefix, RelPath, RouterId, Secret};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// `[bgp]`.
#[derive(Debug)]
pub struct Bgp {
    /// `asn`.
    pub asn: Asn,
    /// `router-id`, or the first IPv4 address of `lo0`.
    pub router_id: RouterId,
    /// `cluster-id`, for route reflection.
    pub cluster_id: Option<RouterId>,
    /// `networks`; a blackhole is derived for each that is not otherwise in the RIB.
    pub networks: Vec<(At, Prefix)>,
    /// `peer-groups.NAME`.
    pub peer_groups: BTreeMap<PolicyName, PeerGroup>,
    /// `neighbors."ADDRESS"`.
    pub neighbors: BTreeMap<IpAddr, Neighbor>,
}

/// `[bgp.peer-groups.NAME]`.
#[derive(Debug)]
pub struct PeerGroup {
    /// `remote-as`; members then have none of their own.
    pub remote_as: Option<Asn>,
    /// The shared settings.
    pub policy: NeighborPolicy,
}

/// `[bgp.neighbors."ADDRESS"]`.
#[derive(Debug)]
pub struct Neighbor {
    /// `remote-as`, its own or the peer-group's.
    pub remote_as: Asn,
    /// `peer-group`; defined.
    pub peer_group: Option<PolicyName>,
    /// Its own settings, beside those of the peer-group.
    pub policy: NeighborPolicy,
}

/// What a neighbour and a peer-group share. An eBGP neighbour has both route-maps, its own or its group's.
#[derive(Debug, Default)]
pub struct NeighborPolicy {
    /// `description`.
    pub description: Option<Line>,
    /// The content of `password-file`.
    pub password: Option<Secret>,
    /// `route-map.in`; defined.
    pub route_map_in: Option<PolicyName>,
    /// `route-map.out`; defined.
    pub route_map_out: Option<PolicyName>,
    /// `maximum-prefix`, 1 to 4294967295.
    pub maximum_prefix: Option<u32>,
    /// `bfd = true` or `bfd = "PROFILE"`.
    pub bfd: Option<NeighborBfd>,
    /// `ebgp-multihop`, 2 to 255.
    pub ebgp_multihop: Option<u8>,
    /// `update-source`: one of this router's own addresses.
    pub update_source: Option<IpAddr>,
    /// `next-hop-self = true`.
    pub next_hop_self: bool,
    /// `route-reflector-client = true`; iBGP only.
    pub route_reflector_client: bool,
    /// `timers = { keepalive, hold }` in seconds; hold 0 or 3 to 65535, keepalive at most a third of it.
    pub timers: Option<(u16, u16)>,
    /// `passive = true`.
    pub passive: bool,
    /// `shutdown = true`.
    pub shutdown: bool,
}

/// How a neighbour uses BFD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NeighborBfd {
    /// FRR's default timers.
    Default,
    /// A profile of `[bfd.profiles]`.
    Profile(PolicyName),
}

/// `[bfd]`.
#[derive(Debug, Default)]
pub struct Bfd {
    /// `profiles.NAME`.
    pub profiles: BTreeMap<PolicyName, BfdProfile>,
}

/// `[bfd.profiles.NAME]`; absent values are FRR's defaults.
#[derive(Debug, Default)]
pub struct BfdProfile {
    /// `detect-multiplier`, 2 to 255.
    pub detect_multiplier: Option<u8>,
    /// `receive-interval`, 10 to 60,000 ms.
    pub receive_interval: Option<u16>,
    /// `transmit-interval`, 10 to 60,000 ms.
    pub transmit_interval: Option<u16>,
}

/// `[bgp]`, checked against interfaces, routes and NAT.
pub(in crate::config) fn bgp(field: &Field<BgpRaw>, cx: &mut Checking<'_>) -> Option<Bgp> {
    let table = field.located()?;
    let raw = table.value;
    let before = cx.found.errors();
    let networks = check::distinct(raw.networks.items(), cx);
    let networks_refused = raw.networks.is_flawed() || cx.found.errors() > before;
    let groups = raw.peer_groups.entries();
    let groups: BTreeMap<&PolicyName, &SessionRaw> = groups
        .iter()
        .map(|(name, group)| (&name.value, &group.value))
        .collect();
    let peer_groups = peer_groups(raw, cx);
    let neighbors = neighbors(raw, &groups, cx);
    if !networks_refused {
        let announced = raw.networks.span().unwrap_or(table.span);
        check::nat_outside(&networks, announced, cx);
    }
    let router_id = match raw.router_id.is_written() {
        true => raw.router_id.value(),
        false => check::default_router_id(table.span, "bgp", cx),
    };
    Some(Bgp {
        asn: raw.asn.value()?,
        router_id: router_id?,
        cluster_id: raw.cluster_id.value(),
        networks: networks.into_iter().map(|n| (cx.at(n.span), n.value)).collect(),
        peer_groups,
        neighbors,
    })
}

fn peer_groups(raw: &BgpRaw, cx: &mut Checking<'_>) -> BTreeMap<PolicyName, PeerGroup> {
    let mut groups = BTreeMap::new();
    for (name, table) in raw.peer_groups.entries() {
        let group = PeerGroup {
            remote_as: table.value.remote_as.value(),
            policy: policy(&table.value, cx),
        };
        groups.insert(name.value.clone(), group);
    }
    groups
}

fn neighbors(
    raw: &BgpRaw,
    groups: &BTreeMap<&PolicyName, &SessionRaw>,
    cx: &mut Checking<'_>,
) -> BTreeMap<IpAddr, Neighbor> {
    let mut seen: BTreeMap<IpAddr, Span> = BTreeMap::new();
    let mut neighbors = BTreeMap::new();
    let mut kinds = session::GroupKinds::default();
    for (addr, table) in raw.neighbors.entries() {
        let own = &table.value;
        if let Some(first) = seen.insert(addr.value.get(), addr.span) {
            let message = format!("duplicate neighbour {}", addr.value);
            cx.report(Diagnostic::error(E0349, addr.span, message).also(first, "first here"));
        }
        let group = own.peer_group.get().and_then(|name| groups.get(name).copied());
        let both = session::Both {
            addr: *addr,
            own: &own.session,
            peer_group: own.peer_group.located(),
            group,
        };
        let policy = policy(&own.session, cx);
        let Some(remote_as) = both.remote_as(cx) else {
            continue;
        };
        if let Some(asn) = raw.asn.value() {
            both.check(asn, remote_as, cx);
            kinds.add(&both, remote_as == asn, cx);
        }
        let neighbor = Neighbor {
            remote_as,
            peer_group: own.peer_group.value(),
            policy,
        };
        neighbors.insert(addr.value.get(), neighbor);
    }
    neighbors
}

fn policy(raw: &SessionRaw, cx: &mut Checking<'_>) -> NeighborPolicy {
    let route_map = raw.route_map.get();
    NeighborPolicy {
        description: raw.description.value(),
        password: raw.password_file.located().and_then(|path| password(path, cx)),
        route_map_in: route_map.and_then(|pair| pair.import.value()),
        route_map_out: route_map.and_then(|pair| pair.export.value()),
        maximum_prefix: raw.maximum_prefix.get().map(|m| m.get()),
        bfd: raw.bfd.get().and_then(bfd_of_neighbor),
        ebgp_multihop: raw.ebgp_multihop.get().map(|m| m.get()),
        update_source: raw.update_source.get().map(|u| u.get()),
        next_hop_self: raw.next_hop_self.is_on(),
        route_reflector_client: raw.route_reflector_client.is_on(),
        timers: raw.timers.located().and_then(|table| timers(table, cx)),
        passive: raw.passive.is_on(),
        shutdown: raw.shutdown.is_on(),
    }
}

fn bfd_of_neighbor(raw: &NeighborBfdRaw) -> Option<NeighborBfd> {
    match raw {
        NeighborBfdRaw::Switch(on) => on.then_some(NeighborBfd::Default),
        NeighborBfdRaw::Profile(profile) => Some(NeighborBfd::Profile(profile.clone())),
    }
}

/// `timers = { keepalive, hold }`.
fn timers(table: Located<&TimersRaw>, cx: &mut Checking<'_>) -> Option<(u16, u16)> {
    let (keepalive, hold) = (table.value.keepalive.get()?.get(), table.value.hold.get()?.get());
    let usable = (hold == 0 && keepalive == 0) || (hold >= 3 && (1..=hold / 3).contains(&keepalive));
    if !usable {
        let message = format!("a keepalive of {keepalive} s does not fit a hold time of {hold} s");
        cx.report(Diagnostic::error(E0337, table.span, message).hint(
            "hold must be at least 3 s and keepalive at most a third of it; 0 for both turns the timers off",
        ));
        return None;
    }
    Some((keepalive, hold))
}

/// The widest permission bits a secret may have: root writes, root and FRR's group read.
pub(super) const SECRET_MODE: u32 = 0o640;

/// The content of a `password-file` without its line end. Nothing reported here shows it.
pub(super) fn password(file: Located<&RelPath>, cx: &mut Checking<'_>) -> Option<Secret> {
    let path = file.value;
    let refuse = |code, message: String| Diagnostic::error(code, file.span, message);
    let read = match cx.files.read(path.as_ref()) {
        Ok(read) => read,
        Err(error) => {
            let refused = refuse(E0338, format!("'{path}' cannot be read: {error}"));
            cx.report(refused.hint(
                    "the path is relative to the configuration folder; the file contains nothing but the password",
                ));
            return None;
        }
    };
    if read.mode & !SECRET_MODE != 0 {
        let message = format!("'{path}' has mode {:04o}; it must be 0640 or stricter", read.mode);
        let hint = format!("chmod 0640 {path}, in the configuration folder");
        cx.report(refuse(E0339, message).hint(hint));
    }
    let text = std::str::from_utf8(&read.bytes).unwrap_or("");
    let line = text.strip_suffix('\n').unwrap_or(text);
    let password = line.strip_suffix('\r').unwrap_or(line).parse::<Secret>();
    if let Err(error) = &password {
        let message = format!("'{path}' does not contain a usable password");
        cx.report(refuse(E0340, message).label(error.to_string()));
    }
    password.ok()
}

/// `[bfd]`.
pub(in crate::config) fn bfd(field: &Field<BfdRaw>) -> Bfd {
    let profiles = field.get().map_or(&[][..], |raw| raw.profiles.entries());
    let profiles = profiles
        .iter()
        .map(|(name, table)| (name.value.clone(), profile(&table.value)));
    Bfd {
        profiles: profiles.collect(),
    }
}

fn profile(raw: &BfdProfileRaw) -> BfdProfile {
    BfdProfile {
        detect_multiplier: raw.detect_multiplier.get().map(|m| m.get()),
        receive_interval: raw.receive_interval.get().map(|r| r.get()),
        transmit_interval: raw.transmit_interval.get().map(|t| t.get()),
    }
}

/// Enters the peer-groups and profiles, and what neighbours and groups use.
pub(in crate::config) fn index_bgp(bgp: &Field<BgpRaw>, bfd: &Field<BfdRaw>, index: &mut Index) {
    if let Some(bfd) = bfd.get() {
        index.bfd_profiles.define(bfd.profiles.names());
    }
    index.has_bgp = bgp.is_written();
    let Some(bgp) = bgp.get() else { return };
    index.peer_groups.define(bgp.peer_groups.names());
    for (_, group) in bgp.peer_groups.entries() {
        index_session(&group.value, index);
    }
    for (_, neighbor) in bgp.neighbors.entries() {
        index.peer_groups.used.extend(neighbor.value.peer_group.copied());
        index_session(&neighbor.value.session, index);
    }
}

fn index_session(raw: &SessionRaw, index: &mut Index) {
    if let Some(pair) = raw.route_map.get() {
        let used = [pair.import.copied(), pair.export.copied()];
        index.route_maps.used.extend(used.into_iter().flatten());
    }
    if let Some(bfd) = raw.bfd.located()
        && let NeighborBfdRaw::Profile(name) = bfd.value
    {
        index.bfd_profiles.used.push(bfd.map(|_| name.clone()));
    }
}

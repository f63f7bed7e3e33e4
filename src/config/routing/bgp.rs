//! `[bgp]` and `[bfd]`.

use super::check::{self as routing, bgp as check};
use crate::config::At;
use crate::config::code::{E0337, E0338, E0339, E0340, E0349};
use crate::config::diag::Diagnostic;
use crate::config::reader::{Located, Table, Value};
use crate::config::source::Span;
use crate::types::{Asn, HostAddr, Line, PolicyName, Prefix, RelPath, RouterId, Secret};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// `[bgp]`.
#[derive(Debug)]
pub struct Bgp {
    /// Where it was written.
    pub at: At,
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
    /// Where it was written.
    pub at: At,
    /// `remote-as`; members then have none of their own.
    pub remote_as: Option<Asn>,
    /// The shared settings.
    pub policy: NeighborPolicy,
}

/// `[bgp.neighbors."ADDRESS"]`.
#[derive(Debug)]
pub struct Neighbor {
    /// Where it was written.
    pub at: At,
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

/// What a neighbour or a peer-group says, with the places a check points at.
#[derive(Default)]
pub(in crate::config) struct Settings {
    pub(in crate::config) policy: NeighborPolicy,
    pub(in crate::config) remote_as: Option<Located<Asn>>,
    /// Whether `remote-as` is written, rightly or not.
    pub(in crate::config) has_remote_as: bool,
    pub(in crate::config) peer_group: Option<Located<PolicyName>>,
    /// The places of `ebgp-multihop`, `update-source` and `route-reflector-client`.
    pub(in crate::config) multihop: Option<Span>,
    pub(in crate::config) update_source: Option<Span>,
    pub(in crate::config) reflector: Option<Span>,
    /// Whether `route-map.in` and `.out` are written, rightly or not.
    pub(in crate::config) route_maps: [bool; 2],
    pub(in crate::config) at: At,
}

/// `[bgp]`. Interfaces, routes and NAT are decoded before: neighbours and networks are compared with them.
pub(in crate::config) fn decode(document: &mut Table<'_, '_>) -> Option<Bgp> {
    let mut table = document.table("bgp")?;
    let (cx, at, span) = (table.cx(), table.at(), table.span());
    let asn = table
        .required("asn", "64500")
        .and_then(|v| v.number_or_text::<Asn>());
    let table_has_router_id = table.has("router-id");
    let router_id = table.text::<RouterId>("router-id").map(|r| r.value);
    let cluster_id = table.text::<RouterId>("cluster-id").map(|c| c.value);
    let before = cx.errors();
    let announced = table.value("networks").map_or(span, |v| v.span());
    let networks = routing::distinct(cx, table.texts::<Prefix>("networks"));
    let networks_refused = cx.errors() > before;
    let groups: BTreeMap<PolicyName, Settings> = table
        .named::<PolicyName>("peer-groups")
        .into_iter()
        .map(|(name, table)| {
            let mut index = cx.index.borrow_mut();
            index.peer_groups.defined.insert(name.value.clone(), name.span);
            drop(index);
            (name.value, settings(table, false))
        })
        .collect();
    let neighbors = neighbors(&mut table, asn, &groups);
    table.finish();
    if !networks_refused {
        routing::nat_outside(cx, &networks, announced);
    }
    let router_id = match table_has_router_id {
        true => router_id,
        false => routing::default_router_id(cx, span, "bgp"),
    };
    Some(Bgp {
        at,
        asn: asn?.value,
        router_id: router_id?,
        cluster_id,
        networks: networks.into_iter().map(|n| (cx.at(n.span), n.value)).collect(),
        peer_groups: groups
            .into_iter()
            .map(|(name, group)| (name, group.into()))
            .collect(),
        neighbors,
    })
}

impl From<Settings> for PeerGroup {
    fn from(settings: Settings) -> Self {
        Self {
            at: settings.at,
            remote_as: settings.remote_as.map(|r| r.value),
            policy: settings.policy,
        }
    }
}

fn neighbors(
    table: &mut Table<'_, '_>,
    asn: Option<Located<Asn>>,
    groups: &BTreeMap<PolicyName, Settings>,
) -> BTreeMap<IpAddr, Neighbor> {
    let cx = table.cx();
    let mut seen: BTreeMap<IpAddr, (Span, Neighbor)> = BTreeMap::new();
    let mut kinds = check::GroupKinds::default();
    for (addr, table) in table.named::<HostAddr>("neighbors") {
        if let Some((first, _)) = seen.get(&addr.value.get()) {
            let message = format!("the neighbour {} stands twice", addr.value);
            cx.report(Diagnostic::error(E0349, addr.span, message).also(*first, "first here"));
        }
        let own = settings(table, true);
        let group = own.peer_group.as_ref();
        let group = group.and_then(|name| groups.get(&name.value));
        let Some(remote_as) = check::remote_as(cx, addr, &own, group) else {
            continue;
        };
        if let Some(asn) = asn {
            check::neighbor(cx, asn.value, addr, remote_as, &own, group);
            kinds.add(cx, &own, remote_as == asn.value);
        }
        let neighbor = Neighbor {
            at: own.at,
            remote_as,
            peer_group: own.peer_group.map(|g| g.value),
            policy: own.policy,
        };
        seen.insert(addr.value.get(), (addr.span, neighbor));
    }
    seen.into_iter()
        .map(|(addr, (_, neighbor))| (addr, neighbor))
        .collect()
}

fn settings(mut table: Table<'_, '_>, is_neighbor: bool) -> Settings {
    let mut settings = Settings {
        at: table.at(),
        remote_as: table.value("remote-as").and_then(|v| v.number_or_text::<Asn>()),
        peer_group: is_neighbor
            .then(|| table.text::<PolicyName>("peer-group"))
            .flatten(),
        ..Settings::default()
    };
    settings.has_remote_as = table.has("remote-as");
    let mut place = |key| table.value(key).map(|v| v.span());
    settings.multihop = place("ebgp-multihop");
    settings.update_source = place("update-source");
    settings.reflector = place("route-reflector-client");
    if let Some(group) = &settings.peer_group {
        table.cx().index.borrow_mut().peer_groups.used.push(group.clone());
    }
    settings.policy = policy(&mut table, &mut settings.route_maps);
    table.finish();
    settings
}

fn policy(table: &mut Table<'_, '_>, written: &mut [bool; 2]) -> NeighborPolicy {
    let [route_map_in, route_map_out] = route_maps(table, written);
    NeighborPolicy {
        description: table.text::<Line>("description").map(|d| d.value),
        password: table.value("password-file").and_then(|v| password(&v)),
        route_map_in,
        route_map_out,
        maximum_prefix: table
            .within(
                "maximum-prefix",
                1..=i64::from(u32::MAX),
                "a number of prefixes from 1 to 4294967295",
            )
            .map(|m| m.value),
        bfd: table.value("bfd").and_then(|v| neighbor_bfd(&v)),
        ebgp_multihop: table
            .within("ebgp-multihop", 2..=255, "a number of hops from 2 to 255")
            .map(|m| m.value),
        update_source: table.text::<HostAddr>("update-source").map(|u| u.value.get()),
        next_hop_self: table.switch("next-hop-self"),
        route_reflector_client: table.switch("route-reflector-client"),
        timers: table.table("timers").and_then(timers),
        passive: table.switch("passive"),
        shutdown: table.switch("shutdown"),
    }
}

/// `route-map = { in, out }`.
fn route_maps(table: &mut Table<'_, '_>, written: &mut [bool; 2]) -> [Option<PolicyName>; 2] {
    let Some(value) = table.value("route-map") else {
        return [None, None];
    };
    let Some(mut table) = value.table() else {
        *written = [true, true];
        return [None, None];
    };
    *written = ["in", "out"].map(|key| table.has(key));
    let names = ["in", "out"].map(|key| table.text::<PolicyName>(key));
    let mut index = table.cx().index.borrow_mut();
    index.route_maps.used.extend(names.iter().flatten().cloned());
    drop(index);
    table.finish();
    names.map(|name| name.map(|n| n.value))
}

/// `timers = { keepalive, hold }`.
fn timers(mut table: Table<'_, '_>) -> Option<(u16, u16)> {
    const SECONDS: &str = "a number of seconds from 0 to 65535";
    let (cx, span) = (table.cx(), table.span());
    let mut seconds = |key, example| {
        let value = table.required(key, example)?;
        Some(value.within::<u16>(0..=65535, SECONDS)?.value)
    };
    let (keepalive, hold) = (seconds("keepalive", "10"), seconds("hold", "30"));
    table.finish();
    let (keepalive, hold) = (keepalive?, hold?);
    let usable = (hold == 0 && keepalive == 0) || (hold >= 3 && (1..=hold / 3).contains(&keepalive));
    if !usable {
        cx.report(
            Diagnostic::error(
                E0337,
                span,
                format!("keepalive {keepalive} s does not go with hold {hold} s"),
            )
            .hint("hold is at least 3 s and keepalive at most a third of it; both 0 switch the timers off"),
        );
        return None;
    }
    Some((keepalive, hold))
}

/// `bfd = true` or `bfd = "PROFILE"`.
fn neighbor_bfd(value: &Value<'_, '_>) -> Option<NeighborBfd> {
    if value.is_text() {
        let profile = value.text::<PolicyName>()?;
        let mut index = value.cx().index.borrow_mut();
        index.bfd_profiles.used.push(profile.clone());
        return Some(NeighborBfd::Profile(profile.value));
    }
    value.boolean()?.value.then_some(NeighborBfd::Default)
}

/// The widest permission bits a secret may have: root writes, root and FRR's group read.
const SECRET_MODE: u32 = 0o640;

/// The content of a `password-file` without its line end. Nothing reported here shows it.
fn password(value: &Value<'_, '_>) -> Option<Secret> {
    let path = value.text::<RelPath>()?.value;
    let cx = value.cx();
    let file =
        match cx.files.read(path.as_ref()) {
            Ok(file) => file,
            Err(error) => {
                cx.report(value.refuse(E0338, format!("'{path}': {error}")).hint(
                    "the path is relative to the configuration folder; the file holds the password alone",
                ));
                return None;
            }
        };
    if file.mode & !SECRET_MODE != 0 {
        let message = format!("'{path}' has mode {:04o}, wider than 0640", file.mode);
        let error = value.refuse(E0339, message);
        cx.report(error.hint(format!("chmod 0640 {path}, in the configuration folder")));
    }
    let text = std::str::from_utf8(&file.bytes).unwrap_or("");
    let line = text.strip_suffix('\n').unwrap_or(text);
    let password = line.strip_suffix('\r').unwrap_or(line).parse::<Secret>();
    if let Err(error) = &password {
        let message = format!("'{path}' does not hold a usable password");
        cx.report(value.refuse(E0340, message).label(error.to_string()));
    }
    password.ok()
}

/// `[bfd]`.
pub(in crate::config) fn decode_bfd(document: &mut Table<'_, '_>) -> Bfd {
    let Some(mut table) = document.table("bfd") else {
        return Bfd::default();
    };
    let cx = table.cx();
    let mut bfd = Bfd::default();
    for (name, table) in table.named::<PolicyName>("profiles") {
        let mut index = cx.index.borrow_mut();
        index.bfd_profiles.defined.insert(name.value.clone(), name.span);
        drop(index);
        bfd.profiles.insert(name.value, profile(table));
    }
    table.finish();
    bfd
}

fn profile(mut table: Table<'_, '_>) -> BfdProfile {
    const INTERVAL: &str = "a number of milliseconds from 10 to 60000";
    let multiplier = table.within("detect-multiplier", 2..=255, "a number from 2 to 255");
    let receive = table.within("receive-interval", 10..=60_000, INTERVAL);
    let transmit = table.within("transmit-interval", 10..=60_000, INTERVAL);
    table.finish();
    BfdProfile {
        detect_multiplier: multiplier.map(|m| m.value),
        receive_interval: receive.map(|r| r.value),
        transmit_interval: transmit.map(|t| t.value),
    }
}

//! `[ospf]`, `[ospf6]` and their settings on interfaces, without what is FRR's default.

use super::lines::Lines;
use super::policy::{Copies, Held, Of};
use crate::config::{
    AreaKind, AreaRange, AreaSettings, DefaultRoute, External, HashAlgorithm, InterfaceOspf, NeighborBfd,
    Ospf, OspfNetwork, Redistribute, Summaries,
};
use crate::types::FrrRelease;
use minijinja::Value;
use std::fmt::Display;

/// Which of the two: what they know and their defaults differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V2,
    V3,
}

impl Version {
    /// As its instance calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::V2 => "ospf",
            Self::V3 => "ospf6",
        }
    }

    /// Of its routes.
    fn family(self) -> Of {
        match self {
            Self::V2 => Of::V4,
            Self::V3 => Of::V6,
        }
    }

    /// What its lines on an interface begin with.
    fn on_interface(self) -> &'static str {
        match self {
            Self::V2 => "ip ospf",
            Self::V3 => "ipv6 ospf6",
        }
    }
}

const HELLO: u16 = 10;
const DEAD: u16 = 40;
const PRIORITY: u8 = 1;
/// Mbit/s.
const BANDWIDTH: u32 = 100_000;

/// The lines of the instance.
pub(super) fn view(
    ospf: &Ospf,
    version: Version,
    release: FrrRelease,
    copies: &Copies<'_>,
    held: &Held<'_>,
) -> Vec<Value> {
    let map = |external: &External| {
        external
            .route_map
            .as_ref()
            .map(|it| copies.name(it.as_ref(), version))
    };
    let mut lines = Lines::default();
    lines.add(format!("{} router-id {}", version.name(), ospf.router_id));
    lines.add_if(ospf.log_adjacency_changes, "log-adjacency-changes");
    let bandwidth = ospf.reference_bandwidth.filter(|it| *it != BANDWIDTH);
    lines.add_some("auto-cost reference-bandwidth", bandwidth);
    lines.add_if(
        ospf.max_metric,
        match version {
            Version::V2 => "max-metric router-lsa administrative",
            Version::V3 => "stub-router administrative",
        },
    );
    let mut announced: Vec<_> = ospf.redistribute.iter().collect();
    announced.sort_unstable_by_key(|it| it.source);
    for it in announced {
        let line = format!("redistribute {}", it.source);
        let map = match it.source {
            Redistribute::Static => held.map(map(&it.external), version.family()),
            _ => map(&it.external),
        };
        lines.add(with_external(line, &it.external, map));
    }
    for (area, it) in &ospf.areas {
        of_area(&area.to_string(), it, version, release, &mut lines);
    }
    if let Some(DefaultRoute { always, external }) = &ospf.default_originate {
        let always = if *always { " always" } else { "" };
        let line = format!("default-information originate{always}");
        lines.add(with_external(line, external, map(external)));
    }
    lines.into_values()
}

/// The words for a route from outside, in FRR's order.
fn with_external(mut line: String, external: &External, map: Option<String>) -> String {
    let mut add = |words: &str, value: Option<&dyn Display>| {
        if let Some(value) = value {
            line.push_str(&format!(" {words} {value}"));
        }
    };
    add("metric", external.metric.as_ref().map(|it| it as &dyn Display));
    add("metric-type", external.is_type_1.then_some(&1 as &dyn Display));
    add("route-map", map.as_ref().map(|it| it as &dyn Display));
    line
}

fn of_area(area: &str, it: &AreaSettings, version: Version, release: FrrRelease, lines: &mut Lines) {
    for (prefix, range) in &it.ranges {
        let line = format!("area {area} range {prefix}");
        match range {
            AreaRange::Hidden => lines.add(format!("{line} not-advertise")),
            AreaRange::Shown { cost: None } => lines.add(line),
            AreaRange::Shown { cost: Some(cost) } => lines.add(format!("{line} cost {cost}")),
        }
    }
    let (kind, summaries) = match &it.kind {
        AreaKind::Normal => return,
        AreaKind::Stub(summaries) => ("stub", summaries),
        AreaKind::Nssa(summaries) => ("nssa", summaries),
    };
    let Summaries {
        no_summary,
        default_cost,
    } = summaries;
    // ospfd 8.4 prints both lines of an NSSA, all others only the longer one.
    let both = kind == "nssa" && version == Version::V2 && release == FrrRelease::V8;
    lines.add_if(!no_summary || both, format!("area {area} {kind}"));
    lines.add_if(*no_summary, format!("area {area} {kind} no-summary"));
    let cost = default_cost.filter(|cost| *cost != 1);
    lines.add_some(&format!("area {area} default-cost"), cost);
}

/// The lines of an interface, in alphabetical order as FRR has them.
pub(super) fn on_interface(it: &InterfaceOspf, version: Version, lines: &mut Lines) {
    let start = version.on_interface();
    lines.add(format!("{start} area {}", it.area));
    if let Some(auth) = &it.auth {
        let (id, key) = (auth.key_id, auth.key.reveal());
        match version {
            Version::V2 => lines.add(format!("{start} authentication message-digest")),
            Version::V3 => lines.add(format!(
                "{start} authentication key-id {id} hash-algo {} key {key}",
                algorithm(auth.hash_algo)
            )),
        }
    }
    bfd(start, it.bfd.as_ref(), lines);
    lines.add_some(&format!("{start} cost"), it.cost);
    // With another hello interval ospfd derives another dead interval, so there 40 is not the default.
    let is_usual = version == Version::V3 || it.hello_interval.is_none_or(|hello| hello == HELLO);
    let dead = it.dead_interval.filter(|dead| !(is_usual && *dead == DEAD));
    lines.add_some(&format!("{start} dead-interval"), dead);
    let hello = it.hello_interval.filter(|hello| *hello != HELLO);
    lines.add_some(&format!("{start} hello-interval"), hello);
    if let (Some(auth), Version::V2) = (&it.auth, version) {
        let (id, key) = (auth.key_id, auth.key.reveal());
        lines.add(format!("{start} message-digest-key {id} md5 {key}"));
    }
    lines.add_if(it.mtu_ignore, format!("{start} mtu-ignore"));
    let is_point_to_point = it.network == Some(OspfNetwork::PointToPoint);
    lines.add_if(is_point_to_point, format!("{start} network point-to-point"));
    lines.add_if(it.passive, format!("{start} passive"));
    let priority = it.priority.filter(|priority| *priority != PRIORITY);
    lines.add_some(&format!("{start} priority"), priority);
}

/// BFD of a protocol on an interface: with a profile FRR has two lines.
pub(super) fn bfd(start: &str, bfd: Option<&NeighborBfd>, lines: &mut Lines) {
    lines.add_if(bfd.is_some(), format!("{start} bfd"));
    if let Some(NeighborBfd::Profile(name)) = bfd {
        lines.add(format!("{start} bfd profile {name}"));
    }
}

fn algorithm(algorithm: HashAlgorithm) -> &'static str {
    match algorithm {
        HashAlgorithm::Md5 => "md5",
        HashAlgorithm::HmacSha256 => "hmac-sha-256",
    }
}

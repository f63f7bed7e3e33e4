//! `[isis]` and its settings on interfaces, without what is FRR's default.

use super::lines::Lines;
use super::ospf::bfd;
use super::policy::{Held, Of};
use crate::config::{InterfaceIsis, Isis, IsisLevel, IsisSource};
use crate::types::IfAddr;
use minijinja::Value;

/// What isisd calls the instance.
pub(super) const TAG: &str = "core";

/// The address families of an interface, or of all that take part.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Families {
    v4: bool,
    v6: bool,
}

impl Families {
    /// Those that take part on an interface with the addresses.
    pub(super) fn of(addresses: &[IfAddr], isis: &InterfaceIsis) -> Self {
        let has_v6 = addresses.iter().any(|it| !it.is_v4());
        Self {
            v4: addresses.iter().any(|it| it.is_v4()),
            v6: isis.ipv6.unwrap_or(has_v6),
        }
    }

    /// Both together.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            v4: self.v4 || other.v4,
            v6: self.v6 || other.v6,
        }
    }
}

/// The lines of the instance; what is announced is announced in the families that interfaces have.
pub(super) fn view(isis: &Isis, families: Families, held: &Held<'_>) -> Vec<Value> {
    let mut lines = Lines::default();
    lines.add_if(isis.level != IsisLevel::Both, format!("is-type {}", isis.level));
    lines.add(format!("net {}", isis.net));
    lines.add_if(isis.overload, "set-overload-bit");
    // What comes from outside is for all levels, and goes from level 2 down to level 1 by itself.
    let level = match isis.level {
        IsisLevel::One => "level-1",
        IsisLevel::Both | IsisLevel::Two => "level-2",
    };
    let families = [("ipv4", families.v4), ("ipv6", families.v6)];
    let families = families.into_iter().filter(|(_, is_there)| *is_there);
    for (family, _) in families.clone() {
        lines.add_if(
            isis.default_originate,
            format!("default-information originate {family} {level}"),
        );
    }
    for (family, _) in families {
        for (source, it) in &isis.redistribute {
            let map = it.route_map.as_ref().map(ToString::to_string);
            let map = match (source, family) {
                (IsisSource::Static, "ipv6") => held.map(map, Of::V6),
                (IsisSource::Static, _) => held.map(map, Of::V4),
                _ => map,
            };
            let source = match source {
                IsisSource::Ospf if family == "ipv6" => "ospf6".to_owned(),
                source => source.to_string(),
            };
            let metric = it
                .metric
                .map_or_else(String::new, |metric| format!(" metric {metric}"));
            let map = map.map_or_else(String::new, |map| format!(" route-map {map}"));
            lines.add(format!("redistribute {family} {source} {level}{metric}{map}"));
        }
    }
    lines.add_if(isis.log_adjacency_changes, "log-adjacency-changes");
    lines.into_values()
}

const METRIC: u32 = 10;
const HELLO: u16 = 3;
const MULTIPLIER: u8 = 10;

/// The line that puts a family of an interface into the instance.
pub(super) fn takes_part(family: &str, lines: &mut Lines) {
    lines.add(format!("{family} router isis {TAG}"));
}

impl Families {
    pub(super) fn has_v4(self) -> bool {
        self.v4
    }

    pub(super) fn has_v6(self) -> bool {
        self.v6
    }
}

/// The other lines of an interface, in FRR's order.
pub(super) fn on_interface(it: &InterfaceIsis, router: IsisLevel, lines: &mut Lines) {
    bfd("isis", it.bfd.as_ref(), lines);
    let level = it
        .level
        .filter(|level| *level != router && *level != IsisLevel::Both);
    lines.add_some("isis circuit-type", level);
    lines.add_some(
        "isis hello-interval",
        it.hello_interval.filter(|seconds| *seconds != HELLO),
    );
    lines.add_some(
        "isis hello-multiplier",
        it.hello_multiplier.filter(|count| *count != MULTIPLIER),
    );
    lines.add_some("isis metric", it.metric.filter(|metric| *metric != METRIC));
    lines.add_if(it.point_to_point, "isis network point-to-point");
    lines.add_if(it.passive, "isis passive");
    lines.add_some(
        "isis password md5",
        it.password.as_ref().map(|password| password.reveal()),
    );
}

//! `[isis]`, and what interfaces say of it.

use super::check;
use super::ospf::checked::profile;
use super::raw::{InterfaceIsisRaw, IsisRaw};
use super::session::{NeighborBfd, bfd, password};
use crate::config::check::Checking;
use crate::config::index::Index;
use crate::config::keys::Field;
use crate::config::source::Located;
use crate::types::{IsisNet, PolicyName, Secret, TypeError};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// `[isis]`.
#[derive(Debug)]
pub struct Isis {
    /// `net`.
    pub net: IsisNet,
    /// `level`.
    pub level: IsisLevel,
    /// `default-originate = true`.
    pub default_originate: bool,
    /// `redistribute`; never derived. Those of BGP always have a route-map.
    pub redistribute: BTreeMap<IsisSource, IsisRedistribution>,
    /// `overload = true`: other routers avoid the way through this one.
    pub overload: bool,
    /// `log-adjacency-changes`; on where it is not written.
    pub log_adjacency_changes: bool,
}

/// How the routes of a source are announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IsisRedistribution {
    /// The route-map that chooses among them.
    pub route_map: Option<PolicyName>,
    /// `metric`, 0 to 16777215.
    pub metric: Option<u32>,
}

/// `isis = { … }` of an interface: of IPv4 where it has an address of it.
#[derive(Debug)]
pub struct InterfaceIsis {
    /// `ipv6`; when absent IPv6 takes part where the interface has an address of it.
    pub ipv6: Option<bool>,
    /// `passive = true`.
    pub passive: bool,
    /// `metric`, 0 to 16777215.
    pub metric: Option<u32>,
    /// `level`, one of those the router is in; all of them when absent.
    pub level: Option<IsisLevel>,
    /// `point-to-point = true`.
    pub point_to_point: bool,
    /// `hello-interval`, 1 to 600 s.
    pub hello_interval: Option<u16>,
    /// `hello-multiplier`, 2 to 100.
    pub hello_multiplier: Option<u8>,
    /// `bfd = true` or `bfd = "PROFILE"`.
    pub bfd: Option<NeighborBfd>,
    /// The content of `password-file`.
    pub password: Option<Secret>,
}

/// A level, or both; prints in FRR's words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)] // said above
pub enum IsisLevel {
    One,
    #[default]
    Both,
    Two,
}

impl fmt::Display for IsisLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::One => "level-1",
            Self::Both => "level-1-2",
            Self::Two => "level-2-only",
        })
    }
}

/// What may be redistributed into IS-IS, in the order FRR prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // FRR's own words
pub enum IsisSource {
    Kernel,
    Connected,
    Static,
    Ospf,
    Bgp,
}

impl fmt::Display for IsisSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kernel => "kernel",
            Self::Connected => "connected",
            Self::Static => "static",
            Self::Ospf => "ospf",
            Self::Bgp => "bgp",
        })
    }
}

impl FromStr for IsisSource {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let all = [Self::Kernel, Self::Connected, Self::Static, Self::Ospf, Self::Bgp];
        let known = all.into_iter().find(|source| source.to_string() == text);
        known.ok_or_else(|| TypeError::expected("one of kernel, connected, static, ospf, bgp"))
    }
}

/// `[isis]`, checked.
pub(in crate::config) fn isis(field: &Field<IsisRaw>, cx: &mut Checking<'_>) -> Option<Isis> {
    check::isis::interfaces_take_part(cx);
    let table = field.located()?;
    let raw = table.value;
    check::isis::table(table.span, raw, cx.index.has_bgp, cx);
    let announced = raw.redistribute.entries().iter().map(|(source, table)| {
        let announced = IsisRedistribution {
            route_map: table.value.route_map.value(),
            metric: table.value.metric.get().map(|it| it.get()),
        };
        (source.value, announced)
    });
    Some(Isis {
        net: raw.net.value()?,
        level: raw.level.value().unwrap_or_default(),
        default_originate: raw.default_originate.is_on(),
        redistribute: announced.collect(),
        overload: raw.overload.is_on(),
        log_adjacency_changes: raw.log_adjacency_changes.value().unwrap_or(true),
    })
}

/// `isis = { … }` of an interface, VLAN or loopback, checked.
pub(in crate::config) fn of_interface(
    field: &Field<InterfaceIsisRaw>,
    cx: &mut Checking<'_>,
) -> Option<InterfaceIsis> {
    let raw = field.get()?;
    check::isis::of_interface(raw, cx);
    let hello_password = raw.password_file.located();
    Some(InterfaceIsis {
        ipv6: raw.ipv6.value(),
        passive: raw.passive.is_on(),
        metric: raw.metric.get().map(|it| it.get()),
        level: raw.level.value(),
        point_to_point: raw.point_to_point.is_on(),
        hello_interval: raw.hello_interval.get().map(|it| it.get()),
        hello_multiplier: raw.hello_multiplier.get().map(|it| it.get()),
        bfd: raw.bfd.get().and_then(bfd),
        password: hello_password.and_then(|file| password(file, cx)),
    })
}

/// Enters that there is an instance, its level, and the route-maps that choose what is announced.
pub(in crate::config) fn index_isis(field: &Field<IsisRaw>, index: &mut Index) {
    index.has_isis = field.is_written();
    let Some(raw) = field.get() else { return };
    index.isis_level = raw.level.value().unwrap_or_default();
    let maps = raw.redistribute.entries().iter();
    let maps = maps.filter_map(|(_, table)| table.value.route_map.copied());
    index.route_maps.used.extend(maps);
}

/// Enters what an interface says of IPv6, and the profile of BFD that it names.
pub(in crate::config) fn index_interface(name: &str, field: &Field<InterfaceIsisRaw>, index: &mut Index) {
    if let Some(raw) = field.get() {
        let ipv6 = raw.ipv6.value();
        index.isis6.extend(ipv6.map(|ipv6| (name.to_owned(), ipv6)));
        index.bfd_profiles.used.extend(profile(&raw.bfd));
        let asks = field.located().filter(|_| !raw.passive.is_on());
        index.isis_asks.extend(asks.map(|it| Located {
            value: name.to_owned(),
            span: it.span,
        }));
    }
}

//! `[ospf]` and `[ospf6]`, and what interfaces say of them.

use super::check;
use super::raw::{InterfaceOspfRaw, OspfRaw};
use crate::config::check::Checking;
use crate::config::code::E0350;
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::keys::Field;
use crate::config::source::{Located, Span};
use crate::types::{PolicyName, RouterId, TypeError};
use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// `[ospf]` or `[ospf6]`.
#[derive(Debug)]
pub struct Ospf {
    /// `router-id`, or `[bgp] router-id`, or the first IPv4 address of `lo0`.
    pub router_id: RouterId,
    /// `default-originate = true`: `default-information originate`.
    pub default_originate: bool,
    /// `redistribute = […]`; never derived.
    pub redistribute: Vec<Redistribution>,
}

/// Routes that are announced into OSPF.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Redistribution {
    /// Where they come from; no two have the same.
    pub source: Redistribute,
    /// The route-map that chooses among them; BGP's always have one.
    pub route_map: Option<PolicyName>,
}

/// What may be redistributed into OSPF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)] // FRR's own words
pub enum Redistribute {
    Connected,
    Static,
    Bgp,
}

impl fmt::Display for Redistribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connected => "connected",
            Self::Static => "static",
            Self::Bgp => "bgp",
        })
    }
}

/// An area, written `0` or `0.0.0.0`; prints as FRR's running configuration does (dotted).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Area(pub Ipv4Addr);

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<i64> for Area {
    type Error = TypeError;
    fn try_from(number: i64) -> Result<Self, TypeError> {
        let number = u32::try_from(number)
            .map_err(|_| TypeError::expected("an area from 0 to 4294967295, or dotted like \"0.0.0.1\""))?;
        Ok(Self(Ipv4Addr::from(number)))
    }
}

impl FromStr for Area {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let number = || text.parse::<u32>().map(Ipv4Addr::from);
        text.parse()
            .or_else(|_| number())
            .map(Self)
            .map_err(|_| TypeError::expected("an area like 0 or \"0.0.0.1\""))
    }
}

/// `ospf = { area, passive, cost, … }` of an interface.
#[derive(Debug)]
pub struct InterfaceOspf {
    /// `area`.
    pub area: Area,
    /// `passive = true`.
    pub passive: bool,
    /// `cost`, 1 to 65535.
    pub cost: Option<u16>,
    /// `hello-interval`, 1 to 65535 s.
    pub hello_interval: Option<u16>,
    /// `dead-interval`, 1 to 65535 s, above the hello interval.
    pub dead_interval: Option<u16>,
    /// `network`.
    pub network: Option<OspfNetwork>,
}

/// The kind of network OSPF sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // FRR's own words
pub enum OspfNetwork {
    Broadcast,
    PointToPoint,
}

/// Where a router id comes from that is not written.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) enum SharedRouterId {
    /// From `[bgp]`, which has one or whose lack of one was reported.
    Bgp(Option<RouterId>),
    /// From lo0.
    Lo0,
}

impl SharedRouterId {
    fn or_reported(self, table: &str, place: Span, cx: &mut Checking<'_>) -> Option<RouterId> {
        match self {
            Self::Bgp(router_id) => router_id,
            Self::Lo0 => check::default_router_id(place, table, cx),
        }
    }
}

/// `[ospf]` or `[ospf6]`, checked; implied, with defaults, by an interface that has it.
pub(in crate::config) fn ospf(
    field: &Field<OspfRaw>,
    key: &'static str,
    shared: SharedRouterId,
    cx: &mut Checking<'_>,
) -> Option<Ospf> {
    let Some(Located { value: raw, span }) = field.located() else {
        let uses = check::uses_of(key, cx.index);
        // `ospf = 1` was reported; an interface's use implies nothing then.
        let place = uses.first().map(|u| u.span).filter(|_| !field.is_written())?;
        return Some(Ospf {
            router_id: shared.or_reported(key, place, cx)?,
            default_originate: false,
            redistribute: Vec::new(),
        });
    };
    let items = raw.redistribute.items();
    let sources: Vec<Located<Redistribute>> = items
        .iter()
        .map(|item| Located {
            value: item.value.source,
            span: item.span,
        })
        .collect();
    check::distinct(&sources, cx);
    check::ospf(key, span, raw, matches!(shared, SharedRouterId::Bgp(_)), cx);
    let router_id = match raw.router_id.is_written() {
        true => raw.router_id.value(),
        false => shared.or_reported(key, span, cx),
    };
    Some(Ospf {
        router_id: router_id?,
        default_originate: raw.default_originate.is_on(),
        redistribute: items
            .iter()
            .map(|item| Redistribution {
                source: item.value.source,
                route_map: item.value.route_map().map(|map| map.value.clone()),
            })
            .collect(),
    })
}

/// `ospf = { … }` or `ospf6 = { … }` of an interface, VLAN or loopback, checked.
pub(in crate::config) fn of_interface(
    field: &Field<InterfaceOspfRaw>,
    cx: &mut Checking<'_>,
) -> Option<InterfaceOspf> {
    let raw = field.get()?;
    let (hello, dead) = (raw.hello_interval.copied(), raw.dead_interval.copied());
    // FRR's defaults, for the comparison only.
    let (hello_seconds, dead_seconds) = (
        hello.map_or(10, |h| h.value.get()),
        dead.map_or(40, |d| d.value.get()),
    );
    if let Some(place) = dead.or(hello).filter(|_| dead_seconds <= hello_seconds) {
        let message = format!(
            "the dead interval of {dead_seconds} s must be longer than the hello interval of {hello_seconds} s"
        );
        cx.report(
            Diagnostic::error(E0350, place.span, message).hint(
                "FRR's defaults are 10 s and 40 s; write a dead-interval of about four hello intervals",
            ),
        );
    }
    Some(InterfaceOspf {
        area: raw.area.value()?,
        passive: raw.passive.is_on(),
        cost: raw.cost.get().map(|cost| cost.get()),
        hello_interval: hello.map(|h| h.value.get()),
        dead_interval: dead.map(|d| d.value.get()),
        network: raw.network.value(),
    })
}

/// Enters the route-maps that choose what is announced.
pub(in crate::config) fn index_ospf(field: &Field<OspfRaw>, index: &mut Index) {
    let items = field.get().map_or(&[][..], |raw| raw.redistribute.items());
    let maps = items.iter().filter_map(|item| item.value.route_map());
    index
        .route_maps
        .used
        .extend(maps.map(|map| map.map(PolicyName::clone)));
}

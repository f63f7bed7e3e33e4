//! `[ospf]` and `[ospf6]`, and what interfaces say of them.

use super::check;
use crate::config::At;
use crate::config::code::E0350;
use crate::config::diag::Diagnostic;
use crate::config::reader::{Located, Table};
use crate::types::{RouterId, TypeError};
use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// `[ospf]` or `[ospf6]`.
#[derive(Debug)]
pub struct Ospf {
    /// Where it was written.
    pub at: At,
    /// `router-id`, or `[bgp] router-id`, or the first IPv4 address of `lo0`.
    pub router_id: RouterId,
    /// `default-originate = true`: `default-information originate`.
    pub default_originate: bool,
    /// `redistribute = […]`; never derived.
    pub redistribute: Vec<Redistribute>,
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
        text.parse()
            .map(Self)
            .map_err(|_| TypeError::expected("an area like 0 or \"0.0.0.1\""))
    }
}

/// `ospf = { area, passive, cost, … }` of an interface.
#[derive(Debug)]
pub struct InterfaceOspf {
    /// Where it was written.
    pub at: At,
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

/// `[ospf]` or `[ospf6]`; implied, with defaults, by an interface that has it. Interfaces are decoded before.
///
/// The router id is the table's own, else `shared` (BGP's), else the first IPv4 address of lo0.
pub(in crate::config) fn decode(
    document: &mut Table<'_, '_>,
    key: &'static str,
    shared: Option<RouterId>,
) -> Option<Ospf> {
    let cx = document.cx();
    let first_use = {
        let index = cx.index.borrow();
        let uses = if key == "ospf" { &index.ospf } else { &index.ospf6 };
        uses.first().map(|u| u.span)
    };
    // With a [bgp] the lack of a router id is reported there.
    let has_bgp = document.has("bgp");
    let derived = |place| match has_bgp {
        true => shared,
        false => check::default_router_id(cx, place, key),
    };
    let Some(mut table) = document.table(key) else {
        // `ospf = 1` was reported; an interface's use implies nothing then.
        let place = first_use.filter(|_| !document.has(key))?;
        return Some(Ospf {
            at: cx.at(place),
            router_id: derived(place)?,
            default_originate: false,
            redistribute: Vec::new(),
        });
    };
    let (at, span) = (table.at(), table.span());
    let written = table.has("router-id");
    let router_id = table.text::<RouterId>("router-id").map(|r| r.value);
    let originate = table.value("default-originate").and_then(|v| v.boolean());
    let redistribute = redistributed(&mut table);
    table.finish();
    let bgp = redistribute.iter().find(|r| r.value == Redistribute::Bgp);
    let places = check::OspfPlaces {
        table: span,
        originate: originate.filter(|o| o.value).map(|o| o.span),
        redistribute_bgp: bgp.map(|r| r.span),
        has_bgp,
    };
    check::ospf(cx, key, &places);
    Some(Ospf {
        at,
        router_id: if written { router_id } else { derived(span) }?,
        default_originate: places.originate.is_some(),
        redistribute: redistribute.into_iter().map(|r| r.value).collect(),
    })
}

fn redistributed(table: &mut Table<'_, '_>) -> Vec<Located<Redistribute>> {
    let words = [
        ("connected", Redistribute::Connected),
        ("static", Redistribute::Static),
        ("bgp", Redistribute::Bgp),
    ];
    let items = table.value("redistribute").and_then(|v| v.items());
    let items = items.into_iter().flatten();
    check::distinct(table.cx(), items.filter_map(|item| item.choice(&words)))
}

/// `ospf = { … }` or `ospf6 = { … }` of an interface, VLAN or loopback.
pub(in crate::config) fn decode_interface(mut table: Table<'_, '_>) -> Option<InterfaceOspf> {
    const SECONDS: &str = "a number of seconds from 1 to 65535";
    let (cx, at) = (table.cx(), table.at());
    note_use(&table);
    let area = table
        .required("area", "0")
        .and_then(|v| v.number_or_text::<Area>());
    let passive = table.switch("passive");
    let cost = table
        .within("cost", 1..=65535, "a cost from 1 to 65535")
        .map(|c| c.value);
    let hello = table.within::<u16>("hello-interval", 1..=65535, SECONDS);
    let dead = table.within::<u16>("dead-interval", 1..=65535, SECONDS);
    let network = table.choice(
        "network",
        &[
            ("broadcast", OspfNetwork::Broadcast),
            ("point-to-point", OspfNetwork::PointToPoint),
        ],
    );
    table.finish();
    // FRR's defaults, for the comparison only.
    let (hello_seconds, dead_seconds) = (hello.map_or(10, |h| h.value), dead.map_or(40, |d| d.value));
    if let Some(place) = dead.or(hello).filter(|_| dead_seconds <= hello_seconds) {
        let message = format!(
            "a dead interval of {dead_seconds} s is not above the hello interval of {hello_seconds} s"
        );
        cx.report(
            Diagnostic::error(E0350, place.span, message).hint(
                "FRR's defaults are 10 s and 40 s; write a dead-interval of about four hello intervals",
            ),
        );
    }
    Some(InterfaceOspf {
        at,
        area: area?.value,
        passive,
        cost,
        hello_interval: hello.map(|h| h.value),
        dead_interval: dead.map(|d| d.value),
        network: network.map(|n| n.value),
    })
}

/// Remembers that an interface takes part; its L3 name follows from the table's path.
fn note_use(table: &Table<'_, '_>) {
    let mut parts = table.path().split('.').skip(1);
    let name = match (parts.next(), parts.next(), parts.next()) {
        (Some(parent), Some("vlan"), Some(tag)) => format!("{parent}.{tag}"),
        (Some(name), ..) => name.to_owned(),
        _ => return,
    };
    let used = Located {
        value: name,
        span: table.span(),
    };
    let mut index = table.cx().index.borrow_mut();
    if table.path().ends_with("ospf6") {
        index.ospf6.push(used);
    } else {
        index.ospf.push(used);
    }
}

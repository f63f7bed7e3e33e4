//! `[routes]`, and the blackholes that hold announced networks in the RIB.

use super::policy::Held;
use crate::config::{Model, Route, RouteTarget, Routing};
use crate::types::{Prefix, VrfName};
use serde::Serialize;
use std::collections::HashSet;
use std::net::IpAddr;

/// A static route, with the pieces in the order FRR prints them.
#[derive(Debug, Serialize)]
pub(super) struct Static {
    family: &'static str,
    prefix: Prefix,
    next_hop: Option<IpAddr>,
    interface: Option<String>,
    blackhole: bool,
    tag: Option<u32>,
    distance: Option<u8>,
    table: Option<u32>,
    onlink: bool,
    /// Whether it only holds an announced network in the RIB.
    #[serde(skip)]
    holds_network: bool,
}

/// The static routes of the main table, or of a VRF.
#[derive(Debug, Serialize)]
pub(super) struct Table<'m> {
    vrf: Option<&'m VrfName>,
    routes: Vec<Static>,
}

/// The distance of the blackhole behind an announced network: any other route to the prefix wins.
const LAST_RESORT: u8 = 254;

/// Written routes and derived blackholes of each table, the main one first.
pub(super) fn tables(model: &Model) -> Vec<Table<'_>> {
    let tables = model.routings().map(|it| Table {
        vrf: it.vrf,
        routes: all(model, it),
    });
    tables.collect()
}

/// Those of one table in FRR's order: IPv4 first, then by length, then by address.
fn all(model: &Model, of: Routing<'_>) -> Vec<Static> {
    let mut routes: Vec<Static> = of.routes.iter().map(written).collect();
    let mut in_rib: HashSet<Prefix> = match of.vrf {
        Some(vrf) => model.connected_in(vrf).collect(),
        // NAT pools are routed by VPP itself.
        None => model
            .connected()
            .chain(model.announced_pool_addresses())
            .collect(),
    };
    in_rib.extend(of.routes.iter().filter(|r| r.table.is_none()).map(|r| r.prefix));
    if let Some(bgp) = of.bgp {
        let networks = bgp.networks.iter().map(|network| network.prefix);
        routes.extend(networks.filter(|prefix| in_rib.insert(*prefix)).map(blackhole));
    }
    routes.sort_by_key(|route| {
        let net = route.prefix.net();
        (net.addr().is_ipv6(), net.prefix_len(), net.addr(), route.table)
    });
    routes
}

/// The networks that a derived blackhole holds in the RIB of each table.
pub(super) fn held<'m>(tables: &[Table<'m>]) -> Vec<Held<'m>> {
    let held = tables.iter().map(|table| {
        let held = table.routes.iter().filter(|route| route.holds_network);
        Held::new(table.vrf, held.map(|route| route.prefix))
    });
    held.collect()
}

fn family(prefix: Prefix) -> &'static str {
    if prefix.v4().is_some() { "ip" } else { "ipv6" }
}

fn written(route: &Route) -> Static {
    let (next_hop, interface, blackhole) = match &route.target {
        RouteTarget::Via { next_hop, interface } => (Some(*next_hop), interface.clone(), false),
        RouteTarget::Interface(interface) => (None, Some(interface.clone()), false),
        RouteTarget::Blackhole => (None, None, true),
    };
    Static {
        family: family(route.prefix),
        prefix: route.prefix,
        next_hop,
        interface,
        blackhole,
        tag: route.tag,
        distance: route.distance.filter(|distance| *distance != 1),
        table: route.table,
        onlink: route.onlink,
        holds_network: false,
    }
}

fn blackhole(prefix: Prefix) -> Static {
    Static {
        family: family(prefix),
        prefix,
        next_hop: None,
        interface: None,
        blackhole: true,
        tag: None,
        distance: Some(LAST_RESORT),
        table: None,
        onlink: false,
        holds_network: true,
    }
}

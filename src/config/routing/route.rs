//! `[routes]`, of the router and of VRFs: static routes, owned by FRR.

use super::check;
use super::check::hop::Places;
use super::raw::{RouteRaw, RoutesRaw};
use crate::config::check::Checking;
use crate::config::code::{E0310, E0314, E0855};
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::keys::{Field, Path};
use crate::config::source::{Located, Span};
use crate::types::Prefix;
use std::net::IpAddr;

/// One route; `(table, prefix, target)` is unique.
#[derive(Debug)]
pub struct Route {
    /// The destination.
    pub prefix: Prefix,
    /// Where to.
    pub target: RouteTarget,
    /// `distance`, 1 to 254 (FRR never uses a route with 255); FRR's default (1) when absent.
    pub distance: Option<u8>,
    /// `table`, 1 to 4294967295, not 255; the main table (254) when absent.
    pub table: Option<u32>,
    /// `tag`, 1 to 4294967295.
    pub tag: Option<u32>,
    /// Whether the next hop is on the link of the interface, in whichever subnet: `onlink`, written or meant.
    pub onlink: bool,
}

/// Where a route leads: exactly one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteTarget {
    /// `via`, of the prefix's family; link-local with `interface` alone.
    Via {
        /// The next hop.
        next_hop: IpAddr,
        /// The L3 name of the interface, when given.
        interface: Option<String>,
    },
    /// `interface` alone.
    Interface(String),
    /// `blackhole = true`.
    Blackhole,
}

/// `[routes]`, checked: each key a prefix, each value a route or a list of routes to it.
///
/// The place of a route is its table: several may stand behind one prefix.
pub(in crate::config) fn routes(field: &Field<RoutesRaw>, cx: &mut Checking<'_>) -> Vec<Route> {
    let mut routes: Vec<(Route, Span)> = Vec::new();
    for (prefix, to) in field.entries() {
        for (index, table) in to.value.routes.iter().enumerate() {
            let listed = to.value.listed.then_some(index);
            let checked = route(*prefix, &table.value, listed, cx);
            routes.extend(checked.map(|route| (route, table.span)));
        }
    }
    routes.sort_by(|(a, here), (b, there)| (a.order(), here).cmp(&(b.order(), there)));
    for pair in routes.windows(2) {
        let [(first, place), (second, again)] = pair else {
            continue;
        };
        if (first.table, first.prefix, &first.target) == (second.table, second.prefix, &second.target) {
            let message = format!("duplicate route to {}", second.prefix);
            cx.report(
                Diagnostic::error(E0314, *again, message)
                    .also(*place, "the first route with this table, prefix and target")
                    .hint("remove one; prefixes are compared by value, not as text"),
            );
        }
    }
    check::no_blackhole_beside(&routes, cx);
    let mut routes: Vec<Route> = routes.into_iter().map(|(route, _)| route).collect();
    routes.sort_by_key(|route| (route.table, route.prefix, route.distance.unwrap_or(1)));
    routes
}

impl Route {
    fn order(&self) -> impl Ord + '_ {
        (self.table, self.prefix, &self.target)
    }
}

fn route(
    prefix: Located<Prefix>,
    raw: &RouteRaw,
    listed: Option<usize>,
    cx: &mut Checking<'_>,
) -> Option<Route> {
    if !leads_to_one_place(raw) {
        let place = listed.map_or(String::new(), |index| format!("[{index}]"));
        let path = cx
            .index
            .path(&Path::of(&["routes", &prefix.value.to_string()]).to_string());
        let message = format!("'{path}{place}' needs exactly one target");
        cx.report(Diagnostic::error(E0310, prefix.span, message).hint(
            "write `via = \"ADDRESS\"`, `interface = \"NAME\"`, the two together, or `blackhole = true`",
        ));
        return None;
    }
    if let (Some(vrf), Some(place)) = (&cx.index.vrf, raw.table.span()) {
        let message = format!("a route of the VRF '{vrf}' has no 'table'");
        let error = Diagnostic::error(E0855, place, message).label("it is in that of the VRF");
        cx.report(error.hint("remove it"));
        return None;
    }
    if let Some(interface) = raw.interface.located()
        && !check::interface_exists(interface, cx)
    {
        return None;
    }
    let mut route = Route {
        prefix: prefix.value,
        target: target(raw)?,
        distance: raw.distance.get().map(|d| d.get()),
        table: table(raw),
        tag: raw.tag.get().map(|t| t.get()),
        onlink: false,
    };
    let places = Places {
        prefix: prefix.span,
        via: raw.via.span().unwrap_or(prefix.span),
        onlink: raw.onlink.span().filter(|_| raw.onlink.is_on()),
    };
    route.onlink = check::route(&route, places, cx);
    Some(route)
}

/// The kernel's number of the main table: the same as no `table`.
const MAIN_TABLE: u32 = 254;

fn table(raw: &RouteRaw) -> Option<u32> {
    raw.table
        .get()
        .map(|table| table.0)
        .filter(|table| *table != MAIN_TABLE)
}

fn leads_to_one_place(raw: &RouteRaw) -> bool {
    let written = [
        raw.via.is_written(),
        raw.interface.is_written(),
        raw.blackhole.is_written(),
    ];
    match written {
        [true, _, false] | [false, true, false] => true,
        [false, false, true] => raw.blackhole.is_on(),
        _ => false,
    }
}

/// Where the route leads; `None` when that was refused.
fn target(raw: &RouteRaw) -> Option<RouteTarget> {
    let interface = raw.interface.value();
    match (raw.via.is_written(), raw.interface.is_written()) {
        (true, with_interface) => {
            let next_hop = raw.via.get()?.get();
            (interface.is_some() == with_interface).then_some(RouteTarget::Via { next_hop, interface })
        }
        (false, true) => Some(RouteTarget::Interface(interface?)),
        (false, false) => Some(RouteTarget::Blackhole),
    }
}

/// Enters the routes of the main table.
pub(in crate::config) fn index_routes(field: &Field<RoutesRaw>, index: &mut Index) {
    for (prefix, to) in field.entries() {
        let routes = to.value.routes.iter().map(|route| &route.value);
        let usable = routes.filter(|raw| leads_to_one_place(raw) && table(raw).is_none());
        for target in usable.filter_map(target) {
            let next_hop = match target {
                RouteTarget::Via { next_hop, .. } => Some(next_hop),
                RouteTarget::Interface(_) | RouteTarget::Blackhole => None,
            };
            index.add_static(prefix.value, next_hop);
        }
    }
}

/// The tables that routes stand in, with the place of each `table`; not the main one.
pub(in crate::config) fn tables(field: &Field<RoutesRaw>) -> Vec<(u32, Span)> {
    let routes = field.entries().iter().flat_map(|(_, to)| &to.value.routes);
    routes
        .filter_map(|route| Some((table(&route.value)?, route.value.table.span()?)))
        .collect()
}

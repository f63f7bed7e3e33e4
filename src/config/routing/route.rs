//! `[routes]`: static routes, owned by FRR.

use super::check;
use crate::config::At;
use crate::config::code::{E0310, E0314};
use crate::config::diag::Diagnostic;
use crate::config::reader::{Located, Table, Value};
use crate::config::source::Span;
use crate::types::{HostAddr, Prefix, TypeError};
use std::net::IpAddr;

/// One route; `(table, prefix, target)` is unique.
#[derive(Debug)]
pub struct Route {
    /// Where it was written.
    pub at: At,
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
}

/// Where a route leads: exactly one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteTarget {
    /// `via`, resolvable through a connected subnet (or link-local with `interface`), of the prefix's family.
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

/// `[routes]`: each key a prefix, each value a route or a list of routes to it. Interfaces are decoded before.
///
/// The place of a route is its table: several may stand behind one prefix.
pub(in crate::config) fn decode(document: &mut Table<'_, '_>) -> Vec<Route> {
    let Some(table) = document.table("routes") else {
        return Vec::new();
    };
    let cx = table.cx();
    let mut routes: Vec<(Route, Span)> = Vec::new();
    for (prefix, value) in table.entries::<Prefix>() {
        for table in tables(&value) {
            let place = table.span();
            routes.extend(route(prefix, table).map(|route| (route, place)));
        }
    }
    routes.sort_by(|(a, here), (b, there)| (a.order(), here).cmp(&(b.order(), there)));
    for pair in routes.windows(2) {
        let [(first, place), (second, again)] = pair else {
            continue;
        };
        if (first.table, first.prefix, &first.target) == (second.table, second.prefix, &second.target) {
            cx.report(
                Diagnostic::error(
                    E0314,
                    *again,
                    format!("the route to {} stands twice", second.prefix),
                )
                .also(*place, "the same table, prefix and target")
                .hint("prefixes are compared as parsed; remove one of the two"),
            );
        }
    }
    check::no_blackhole_beside(cx, &routes);
    let mut index = cx.index.borrow_mut();
    for (number, (route, _)) in routes.iter().enumerate() {
        if route.table.is_none() {
            index.routed.insert(route.prefix, number);
        }
    }
    drop(index);
    let mut routes: Vec<Route> = routes.into_iter().map(|(route, _)| route).collect();
    routes.sort_by_key(|route| (route.table, route.prefix, route.distance.unwrap_or(1)));
    routes
}

impl Route {
    fn order(&self) -> impl Ord + '_ {
        (self.table, self.prefix, &self.target)
    }
}

/// `{ … }` or `[{ … }, { … }]`.
fn tables<'c, 's>(value: &Value<'c, 's>) -> Vec<Table<'c, 's>> {
    if value.is_array() {
        let items = value.items().into_iter().flatten();
        items.filter_map(|item| item.table()).collect()
    } else {
        value.table().into_iter().collect()
    }
}

fn route(prefix: Located<Prefix>, mut table: Table<'_, '_>) -> Option<Route> {
    let target = target(prefix.span, &mut table);
    let distance = table.within(
        "distance",
        1..=254,
        "a distance from 1 to 254; FRR uses no route with 255",
    );
    let number = table.number::<TableId>("table");
    let tag = table.within("tag", 1..=i64::from(u32::MAX), "a tag from 1 to 4294967295");
    let cx = table.cx();
    table.finish();
    let (target, via) = target?;
    let route = Route {
        at: cx.at(prefix.span),
        prefix: prefix.value,
        target,
        distance: distance.map(|d| d.value),
        table: number.map(|n| n.value.0).filter(|n| *n != MAIN_TABLE),
        tag: tag.map(|t| t.value),
    };
    check::route(cx, &route, prefix.span, via.unwrap_or(prefix.span));
    Some(route)
}

/// Where the route leads, and the place of `via`.
fn target(prefix: Span, table: &mut Table<'_, '_>) -> Option<(RouteTarget, Option<Span>)> {
    let written = ["via", "interface", "blackhole"].map(|key| table.has(key));
    let via = table.text::<HostAddr>("via");
    let interface = table.value("interface").and_then(|v| interface_name(&v));
    let blackhole = table.switch("blackhole");
    match (written, blackhole) {
        ([true, with_interface, false], _) => {
            let via = via.filter(|_| interface.is_some() == with_interface)?;
            let next_hop = via.value.get();
            Some((RouteTarget::Via { next_hop, interface }, Some(via.span)))
        }
        ([false, true, false], _) => Some((RouteTarget::Interface(interface?), None)),
        ([false, false, true], true) => Some((RouteTarget::Blackhole, None)),
        _ => {
            let message = format!("'{}' does not lead to exactly one place", table.path());
            table.cx().report(Diagnostic::error(E0310, prefix, message).hint(
                "write `via = \"ADDRESS\"`, `interface = \"NAME\"`, the two together, or `blackhole = true`",
            ));
            None
        }
    }
}

/// The kernel's number of the main table: the same as no `table`.
const MAIN_TABLE: u32 = 254;
/// The kernel's own table of local addresses.
const LOCAL_TABLE: u32 = 255;

/// A routing table static routes may stand in.
struct TableId(u32);

impl TryFrom<i64> for TableId {
    type Error = TypeError;
    fn try_from(number: i64) -> Result<Self, TypeError> {
        match u32::try_from(number) {
            Ok(0 | LOCAL_TABLE) | Err(_) => Err(TypeError::expected(
                "a routing table from 1 to 4294967295, not 255 (the kernel's own)",
            )),
            Ok(number) => Ok(Self(number)),
        }
    }
}

/// The name of an L3 interface, which exists.
fn interface_name(value: &Value<'_, '_>) -> Option<String> {
    let name = value.raw_text()?;
    check::interface_exists(value.cx(), name, value.span()).then(|| name.to_owned())
}

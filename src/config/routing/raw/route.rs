//! `[routes]`.

use super::policy::Tag;
use crate::config::keys::{Named, NotYet, Reading, Shape, Takes, Value, bounded, table};
use crate::config::source::Located;
use crate::types::{HostAddr, Prefix, TypeError};

/// `[routes]`: prefixes, each with the routes to it.
pub(in crate::config) type RoutesRaw = Named<Prefix, RoutesToRaw>;

table! {
    /// A static route.
    struct RouteRaw {
        /// The next hop.
        "via" => via: HostAddr, example("\"198.51.100.1\""), also(&["next-hop", "gateway", "nexthop", "gw"]);
        /// The interface it leads over, alone or beside `via`.
        "interface" => interface: String, example("\"external.25\""), also(&["dev", "device", "oif"]);
        /// Whether the next hop is on the link of `interface` though in no subnet of it.
        "onlink" => onlink: bool, since("0.3.0"), example("true"), default("false"), also(&["on-link"]);
        /// Whether packets to the prefix are dropped.
        "blackhole" => blackhole: bool, example("true"), default("false"), also(&["discard", "reject", "null0", "null"]);
        /// Its administrative distance: the route with the lowest one is used.
        "distance" => distance: Distance, example("250"), default("1"), also(&["preference", "administrative-distance", "metric", "admin-distance"]);
        /// The routing table it is in.
        "table" => table: TableId, example("100"), default("254"), also(&["vrf-table"]);
        /// The VRF its next hop is in, where that is another one.
        "vrf" => vrf: NotYet, since("0.3.0"), example("\"CUST\""), not_yet("a route leads over links of its own table; a cable or a tunnel joins two of them"), also(&["nexthop-vrf", "next-hop-vrf", "next-table", "egress-vrf"]);
        /// Its tag, for route-maps.
        "tag" => tag: Tag, example("7"), otherwise("none");
    }
}

bounded! {
    /// The distance of a route; FRR uses none with 255.
    Distance(u8) = 1..=254, "a distance from 1 to 254; FRR uses no route with 255";
}

/// The value of a prefix in `[routes]`: a route, or a list of them.
#[derive(Debug, Clone)]
pub(in crate::config) struct RoutesToRaw {
    /// The routes, in the order written.
    pub(in crate::config) routes: Vec<Located<RouteRaw>>,
    /// Whether they stand in a list.
    pub(in crate::config) listed: bool,
}

impl Takes for RoutesToRaw {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let listed = value.is_list();
        let routes = match listed {
            true => Takes::read(value, reading)?,
            false => vec![Located {
                value: RouteRaw::read(value, reading)?,
                span: value.span(),
            }],
        };
        Some(Self { routes, listed })
    }

    fn shape() -> Shape {
        Shape::Either(vec![RouteRaw::shape(), Vec::<Located<RouteRaw>>::shape()])
    }
}

/// The kernel's own table of local addresses.
const LOCAL_TABLE: i64 = 255;

/// A routing table static routes may stand in.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct TableId(pub(in crate::config) u32);

impl Takes for TableId {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let number = value.number(reading)?;
        let table = u32::try_from(number)
            .ok()
            .filter(|_| number != 0 && number != LOCAL_TABLE);
        let wrong =
            || TypeError::expected("a routing table from 1 to 4294967295, not 255 (the kernel's own)");
        value.checked(reading, table.map(Self).ok_or_else(wrong))
    }

    fn shape() -> Shape {
        Shape::Number {
            about: "a routing table from 1 to 4294967295, not 255",
            least: 1,
            greatest: u32::MAX as i64,
        }
    }
}

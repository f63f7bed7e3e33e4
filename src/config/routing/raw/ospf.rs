//! `[ospf]`, `[ospf6]`, and both on an interface.

use crate::config::keys::{Reading, Shape, Takes, Value, bounded, normal, number_or_text, table, words};
use crate::config::routing::ospf::{Area, OspfNetwork, Redistribute};
use crate::config::source::Located;
use crate::types::{PolicyName, RouterId};

table! {
    /// OSPF: [ospf] for IPv4, [ospf6] for IPv6.
    struct OspfRaw {
        /// The router id.
        "router-id" => router_id: RouterId, example("\"192.0.2.1\""), otherwise("that of [bgp], else the first IPv4 address of lo0");
        /// Whether the default route is announced, while there is one.
        "default-originate" => default_originate: bool, example("true"), default("false"), also(&["default-information", "default-information-originate"]);
        /// Other routes that are announced.
        "redistribute" => redistribute: Vec<Located<RedistributeRaw>>, example("[\"connected\", { from = \"bgp\", route-map = \"TO-OSPF\" }]"), default("[]"), unordered(), also(&["export", "import"]);
    }

    /// Routes that are announced into OSPF, filtered.
    struct FilteredRaw {
        /// Where they come from.
        "from" => source: Redistribute, required(), since("0.3.0"), example("\"bgp\""), also(&["source", "protocol"]);
        /// The route-map that chooses among them; without one BGP's are not announced.
        "route-map" => route_map: PolicyName, since("0.3.0"), example("\"TO-OSPF\""), otherwise("all of them");
    }

    /// OSPF on an interface.
    struct InterfaceOspfRaw {
        /// The area it is in.
        "area" => area: Area, required(), example("0");
        /// Whether its subnets are announced without sending hellos.
        "passive" => passive: bool, example("true"), default("false"), also(&["passive-interface"]);
        /// The cost of sending over it.
        "cost" => cost: OspfCost, example("10"), otherwise("FRR's, from the bandwidth"), also(&["metric"]);
        /// The time between two hellos.
        "hello-interval" => hello_interval: OspfSeconds, example("10"), unit("seconds"), default("10");
        /// How long without a hello before a neighbour is down; longer than hello-interval.
        "dead-interval" => dead_interval: OspfSeconds, example("40"), unit("seconds"), default("40");
        /// The kind of network it is on.
        "network" => network: OspfNetwork, example("\"point-to-point\""), otherwise("FRR's, broadcast"), also(&["network-type", "interface-type"]);
    }
}

bounded! {
    /// The cost of an interface.
    OspfCost(u16) = 1..=65_535, "a cost from 1 to 65535";
    /// Seconds between hellos, or until a neighbour is down.
    OspfSeconds(u16) = 1..=65_535, "a number of seconds from 1 to 65535";
}

words! {
    Redistribute { "connected" => Redistribute::Connected, "static" => Redistribute::Static, "bgp" => Redistribute::Bgp }
    OspfNetwork { "broadcast" => OspfNetwork::Broadcast, "point-to-point" => OspfNetwork::PointToPoint }
}

impl Takes for Area {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        number_or_text(value, reading)
    }

    fn shape() -> Shape {
        Shape::Either(vec![
            Shape::Number {
                about: "an area from 0 to 4294967295",
                least: 0,
                greatest: u32::MAX as i64,
            },
            Shape::Text {
                about: "the same as text, plain or like 0.0.0.1",
                pattern: "^([0-9]{1,10}|[0-9]{1,3}(\\.[0-9]{1,3}){3})$",
                normal: normal::<Self>,
            },
        ])
    }
}

/// What is announced into OSPF: all of a source, or what a route-map lets through.
#[derive(Debug, Clone)]
pub(in crate::config) struct RedistributeRaw {
    /// Where the routes come from.
    pub(in crate::config) source: Redistribute,
    filter: Option<Located<PolicyName>>,
}

impl RedistributeRaw {
    /// The route-map that chooses.
    pub(in crate::config) fn route_map(&self) -> Option<Located<&PolicyName>> {
        self.filter.as_ref().map(|map| Located {
            value: &map.value,
            span: map.span,
        })
    }
}

impl Takes for RedistributeRaw {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        if !value.is_table() {
            let source = Redistribute::read(value, reading)?;
            return Some(Self { source, filter: None });
        }
        let raw = FilteredRaw::read(value, reading)?;
        Some(Self {
            source: raw.source.value()?,
            filter: raw.route_map.copied(),
        })
    }

    fn shape() -> Shape {
        Shape::Either(vec![Redistribute::shape(), FilteredRaw::shape()])
    }
}

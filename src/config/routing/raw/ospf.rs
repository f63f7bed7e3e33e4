//! `[ospf]`, `[ospf6]`, and both on an interface.

use super::redistribute::{DefaultRouteRaw, RedistributeRaw};
use crate::config::keys::{
    Form, Named, Reading, Shape, SwitchOr, Takes, Value, bounded, normal, number_or_text, table, words,
};
use crate::config::routing::ospf::{Area, HashAlgorithm, OspfNetwork};
use crate::types::{PolicyName, Prefix, RelPath, RouterId};

table! {
    /// OSPF: [ospf] for IPv4, [ospf6] for IPv6.
    struct OspfRaw {
        /// The router id.
        "router-id" => router_id: RouterId, example("\"192.0.2.1\""), otherwise("that of [bgp], else the first IPv4 address of lo0");
        /// Whether the default route is announced, while there is one or always.
        "default-originate" => default_originate: Form<bool, DefaultRouteRaw>, example("true"), default("false"), also(&["default-information", "default-information-originate"]);
        /// Other routes that are announced: by source, or a list of sources.
        "redistribute" => redistribute: RedistributeRaw, example("{ connected = {}, bgp = { route-map = \"TO-OSPF\" } }"), default("[]"), unordered(), also(&["export", "import"]);
        /// What the areas are, by number; one that is not here is a normal one.
        "areas" => areas: Named<Area, AreaRaw>, since("0.3.0"), example("{ 1 = { type = \"stub\" } }"), also(&["area"]);
        /// Whether other routers avoid the way through this one: drains it.
        "max-metric" => max_metric: bool, since("0.3.0"), example("true"), default("false"), also(&["overload", "stub-router", "max-metric-router-lsa"]);
        /// Whether its interfaces send no hellos unless they have `passive = false`.
        "passive" => passive: bool, since("0.3.0"), example("true"), default("false"), also(&["passive-interface", "passive-interface-default"]);
        /// Whether adjacencies that come and go are logged.
        "log-adjacency-changes" => log_adjacency_changes: bool, since("0.3.0"), example("false"), default("true"), also(&["log-adjacency"]);
        /// The bandwidth that has cost 1.
        "reference-bandwidth" => reference_bandwidth: ReferenceBandwidth, since("0.3.0"), example("400_000"), unit("Mbit/s"), default("100_000"), also(&["auto-cost", "auto-cost-reference-bandwidth"]);
    }

    /// An area.
    struct AreaRaw {
        /// Whether routes from outside of OSPF stay out of it: all of its routers have to say the same.
        "type" => kind: AreaType, since("0.3.0"), example("\"stub\""), otherwise("a normal area"), also(&["area-type"]);
        /// Whether routes of other areas stay out as well: it gets a default route alone.
        "no-summary" => no_summary: bool, since("0.3.0"), example("true"), default("false"), also(&["totally-stub", "totally-stubby", "no-summaries"]);
        /// The cost of the default route that it gets; [ospf] only.
        "default-cost" => default_cost: AreaCost, since("0.3.0"), example("10"), default("1"), also(&["default-metric"]);
        /// Prefixes that other areas see as one route.
        "ranges" => ranges: Named<Prefix, RangeRaw>, since("0.3.0"), example("{ \"10.1.0.0/16\" = {} }"), also(&["range", "area-range", "summary"]);
    }

    /// A range of an area.
    struct RangeRaw {
        /// Whether other areas see it; without it they see none of what is inside.
        "advertise" => advertise: bool, since("0.3.0"), example("false"), default("true");
        /// Its cost.
        "cost" => cost: AreaCost, since("0.3.0"), example("10"), otherwise("the largest of what is inside"), also(&["metric"]);
    }

    /// OSPF on an interface.
    struct InterfaceOspfRaw {
        /// The area it is in.
        "area" => area: Area, required(), example("0");
        /// Whether its subnets are announced without sending hellos.
        "passive" => passive: bool, example("true"), otherwise("as [ospf] or [ospf6] says, else they are sent"), also(&["passive-interface"]);
        /// The cost of sending over it.
        "cost" => cost: OspfCost, example("10"), otherwise("FRR's, from the bandwidth"), also(&["metric"]);
        /// The time between two hellos.
        "hello-interval" => hello_interval: OspfSeconds, example("10"), unit("seconds"), default("10");
        /// How long without a hello before a neighbour is down; longer than hello-interval.
        "dead-interval" => dead_interval: OspfSeconds, example("40"), unit("seconds"), default("40");
        /// The kind of network it is on.
        "network" => network: OspfNetwork, example("\"point-to-point\""), otherwise("FRR's, broadcast"), also(&["network-type", "interface-type"]);
        /// Whether BFD monitors the neighbours; a string names a profile.
        "bfd" => bfd: SwitchOr<PolicyName>, since("0.3.0"), example("true"), default("false"), also(&["bfd-liveness-detection"]);
        /// Its priority in the election of the designated router; with 0 it never is.
        "priority" => priority: Priority, since("0.3.0"), example("0"), default("1"), also(&["router-priority"]);
        /// Whether neighbours with another MTU are accepted.
        "mtu-ignore" => mtu_ignore: bool, since("0.3.0"), example("true"), default("false"), also(&["ignore-mtu"]);
        /// The key that neighbours have to have as well.
        "auth" => auth: OspfAuthRaw, since("0.3.0"), example("{ key-id = 1, key-file = \"secrets/ospf\" }"), otherwise("any router on the link is a neighbour"), also(&["authentication", "message-digest-key", "md5", "authentication-key"]);
    }

    /// The authentication of OSPF.
    struct OspfAuthRaw {
        /// The number of the key, the same on both sides: 1 to 255, of ospf6 to 65535.
        "key-id" => key_id: KeyId, required(), since("0.3.0"), example("1"), also(&["id"]);
        /// A file that holds the key: 1 to 16 characters for ospf; mode 0640 or narrower.
        "key-file" => key_file: RelPath, required(), since("0.3.0"), example("\"secrets/ospf\""), secret(), also(&["key", "password-file", "password", "key-string", "md5"]);
        /// How packets are signed; MD5 with ospf, which knows no other.
        "hash-algo" => hash_algo: HashAlgorithm, since("0.3.0"), example("\"hmac-sha-256\""), otherwise("md5 with ospf, hmac-sha-256 with ospf6"), also(&["algorithm", "hash", "type"]);
    }
}

bounded! {
    /// The cost of an interface.
    OspfCost(u16) = 1..=65_535, "a cost from 1 to 65535";
    /// Seconds between hellos, or until a neighbour is down.
    OspfSeconds(u16) = 1..=65_535, "a number of seconds from 1 to 65535";
    /// Of the election of the designated router.
    Priority(u8) = 0..=255, "a priority from 0 to 255";
    /// The number of a key.
    KeyId(u16) = 1..=65_535, "the number of a key, from 1 to 65535";
    /// Of a range, or of an area's default route: 24 bits.
    AreaCost(u32) = 0..=16_777_215, "a cost from 0 to 16777215";
    /// Mbit/s.
    ReferenceBandwidth(u32) = 1..=4_294_967, "a bandwidth from 1 to 4294967 Mbit/s";
}

/// A kind of area that has no routes from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum AreaType {
    Stub,
    Nssa,
}

words! {
    OspfNetwork { "broadcast" => OspfNetwork::Broadcast, "point-to-point" => OspfNetwork::PointToPoint }
    AreaType { "stub" => AreaType::Stub, "nssa" => AreaType::Nssa }
    HashAlgorithm { "md5" => HashAlgorithm::Md5, "hmac-sha-256" => HashAlgorithm::HmacSha256 }
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

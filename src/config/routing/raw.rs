//! What the document says of routing.

use super::extra::ExtraRaw;
use super::ospf::{Area, OspfNetwork, Redistribute};
use super::policy::Action;
use super::prefix_list::PrefixListRaw;
use crate::config::keys::{
    Filled, Named, Reading, Shape, Takes, Value, bounded, normal, number_or_text, table, words,
};
use crate::config::source::Located;
use crate::types::{
    Asn, Community, HostAddr, LargeCommunity, Line, PolicyName, Prefix, RelPath, RouterId, TypeError,
};

/// `[routes]`: prefixes, each with the routes to it.
pub(in crate::config) type RoutesRaw = Named<Prefix, RoutesToRaw>;
/// `[prefix-lists]`.
pub(in crate::config) type PrefixListsRaw = Named<PolicyName, PrefixListRaw>;
/// `[community-lists]`.
pub(in crate::config) type CommunityListsRaw = Named<PolicyName, Filled<Community>>;
/// `[route-maps]`.
pub(in crate::config) type RouteMapsRaw = Named<PolicyName, Filled<RouteMapEntryRaw>>;

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
        /// Its tag, for route-maps.
        "tag" => tag: Tag, example("7"), otherwise("none");
    }

    /// BGP.
    struct BgpRaw {
        /// The AS number of this router.
        "asn" => asn: Asn, required(), example("64500"), also(&["as", "local-as", "autonomous-system", "system-as", "as-number"]);
        /// The router id.
        "router-id" => router_id: RouterId, example("\"192.0.2.1\""), otherwise("the first IPv4 address of lo0");
        /// The cluster id of a route reflector.
        "cluster-id" => cluster_id: RouterId, example("\"192.0.2.1\""), otherwise("the router id");
        /// The prefixes it announces; each that is not routed gets a blackhole.
        "networks" => networks: Vec<Located<Prefix>>, example("[\"203.0.113.0/24\"]"), default("[]"), unordered(), also(&["network", "announce", "prefixes"]);
        /// What neighbours share, by name.
        "peer-groups" => peer_groups: Named<PolicyName, SessionRaw>, example("{ IX = { route-map = { in = \"IX-IN\", out = \"ANNOUNCE\" } } }"), also(&["peer-group", "group", "groups", "template", "templates"]);
        /// The neighbours, by address.
        "neighbors" => neighbors: Named<HostAddr, NeighborRaw>, example("{ \"198.51.100.1\" = { remote-as = 64496, route-map = { in = \"TRANSIT-IN\", out = \"ANNOUNCE\" } } }"), also(&["neighbor", "neighbour", "neighbours", "peers", "peer"]);
    }

    /// A neighbour of BGP.
    struct NeighborRaw includes session: SessionRaw {
        /// The group whose settings it has too.
        "peer-group" => peer_group: PolicyName, example("\"IX\""), otherwise("none"), also(&["group", "template", "inherit"]);
    }

    /// What a neighbour and a peer-group can say.
    struct SessionRaw {
        /// The AS number of the other side; of a neighbour or of its group.
        "remote-as" => remote_as: Asn, example("64496"), also(&["peer-as", "peer-asn", "remote-asn", "as", "asn"]);
        /// A description for operators.
        "description" => description: Line, example("\"Transit A v4\""), also(&["descr", "comment"]);
        /// A file that holds the password of the session (TCP MD5); mode 0640 or narrower.
        "password-file" => password_file: RelPath, example("\"secrets/bgp-transit-a\""), otherwise("no password"), secret(), also(&["password", "authentication-key", "auth-password", "md5"]);
        /// The route-maps of both directions; an eBGP neighbour needs both.
        "route-map" => route_map: RouteMapPairRaw, example("{ in = \"TRANSIT-IN\", out = \"ANNOUNCE\" }"), also(&["import", "export", "filter", "policy", "import-policy", "export-policy"]);
        /// How many prefixes it may send before the session is closed.
        "maximum-prefix" => maximum_prefix: MaximumPrefix, example("1_200_000"), unit("prefixes"), otherwise("no limit"), also(&["prefix-limit", "max-prefix", "maximum-prefixes", "import-limit"]);
        /// Whether BFD monitors the session; a string names a profile.
        "bfd" => bfd: NeighborBfdRaw, example("true"), default("false"), also(&["fall-over"]);
        /// How many hops away it may be, for eBGP.
        "ebgp-multihop" => ebgp_multihop: Hops, example("2"), unit("hops"), otherwise("it is in a connected subnet"), also(&["multihop"]);
        /// The address of this router the session comes from.
        "update-source" => update_source: HostAddr, example("\"192.0.2.1\""), otherwise("that of the interface towards it"), also(&["local-address", "source-address", "source"]);
        /// Whether this router is the next hop of what it sends.
        "next-hop-self" => next_hop_self: bool, example("true"), default("false"), also(&["nexthop-self"]);
        /// Whether it is a client of this route reflector; iBGP only.
        "route-reflector-client" => route_reflector_client: bool, example("true"), default("false"), also(&["rr-client", "cluster"]);
        /// Its keepalive and hold times.
        "timers" => timers: TimersRaw, example("{ keepalive = 10, hold = 30 }"), otherwise("FRR's, 60 and 180"), also(&["hold-time", "holdtime", "keepalive"]);
        /// Whether this router waits for the other side to connect.
        "passive" => passive: bool, example("true"), default("false");
        /// Whether the session is kept down.
        "shutdown" => shutdown: bool, example("true"), default("false"), also(&["disable", "disabled"]);
    }

    /// The route-maps of a neighbour.
    struct RouteMapPairRaw {
        /// Applied to the routes it sends.
        "in" => import: PolicyName, example("\"TRANSIT-IN\""), also(&["import"]);
        /// Applied to the routes it is sent.
        "out" => export: PolicyName, example("\"ANNOUNCE\""), also(&["export"]);
    }

    /// The timers of a session: hold is 0 or at least 3, keepalive at most a third of it.
    struct TimersRaw {
        /// The time between two keepalives.
        "keepalive" => keepalive: Keepalive, required(), example("10"), unit("seconds");
        /// How long without a message before the session ends.
        "hold" => hold: Keepalive, required(), example("30"), unit("seconds"), also(&["holdtime", "hold-time"]);
    }

    /// BFD.
    struct BfdRaw {
        /// Its profiles, by name.
        "profiles" => profiles: Named<PolicyName, BfdProfileRaw>, example("{ FAST = { receive-interval = 100, transmit-interval = 100 } }"), also(&["profile"]);
    }

    /// The timers of BFD.
    struct BfdProfileRaw {
        /// How many packets may be lost before the session is down.
        "detect-multiplier" => detect_multiplier: DetectMultiplier, example("3"), default("3"), also(&["multiplier"]);
        /// The shortest time between two packets that are received.
        "receive-interval" => receive_interval: BfdInterval, example("300"), unit("milliseconds"), default("300"), also(&["min-rx", "minimum-receive-interval", "receive"]);
        /// The shortest time between two packets that are sent.
        "transmit-interval" => transmit_interval: BfdInterval, example("300"), unit("milliseconds"), default("300"), also(&["min-tx", "minimum-interval", "transmit"]);
    }

    /// An entry of a route-map.
    struct RouteMapEntryRaw {
        /// Whether matching routes are accepted or dropped.
        "action" => action: Action, required(), example("\"permit\""), also(&["then"]);
        /// A description for operators.
        "description" => description: Line, example("\"What we announce\""), also(&["descr", "comment"]);
        /// The conditions; a route has to meet all of them.
        "match" => matches: MatchRoutesRaw, example("{ prefix-list = \"OURS\" }"), otherwise("every route"), also(&["from", "if"]);
        /// What is set on matching routes.
        "set" => set: SetRaw, example("{ local-preference = 100 }"), otherwise("nothing");
    }

    /// What an entry of a route-map matches.
    struct MatchRoutesRaw {
        /// A prefix-list that has to permit the prefix.
        "prefix-list" => prefix_list: PolicyName, example("\"OURS\""), also(&["ip-address", "address", "prefix", "prefix-set"]);
        /// A community-list that has to contain one of its communities.
        "community-list" => community_list: PolicyName, example("\"CUSTOMERS\""), also(&["community", "communities"]);
        /// The tag.
        "tag" => tag: Tag, example("7");
    }

    /// What an entry of a route-map sets.
    struct SetRaw {
        /// The local preference.
        "local-preference" => local_preference: Any, example("100"), also(&["local-pref", "localpref", "bgp_local_pref", "preference"]);
        /// The metric: MED in BGP.
        "metric" => metric: Any, example("10"), also(&["med", "multi-exit-disc", "bgp_med"]);
        /// The weight.
        "weight" => weight: Any, example("10");
        /// The tag.
        "tag" => tag: Tag, example("7");
        /// The next hop.
        "next-hop" => next_hop: HostAddr, example("\"192.0.2.9\""), also(&["nexthop", "ip-next-hop"]);
        /// AS numbers to prepend to the path, at most 16.
        "as-path-prepend" => as_path_prepend: Vec<Located<Asn>>, example("[64500, 64500]"), default("[]"), also(&["prepend", "as-prepend", "prepend-as", "prepend-own"]);
        /// The communities of the route.
        "community" => community: Vec<Located<Community>>, example("[\"64500:100\"]"), default("[]"), unordered(), also(&["communities", "add-community"]);
        /// The large communities of the route.
        "large-community" => large_community: Vec<Located<LargeCommunity>>, example("[\"64500:1:100\"]"), default("[]"), unordered(), also(&["large-communities"]);
        /// Whether the communities are added to those it has.
        "additive" => additive: bool, example("true"), default("false"), also(&["add"]);
    }

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

    /// Extra lines for FRR, for settings that have no key.
    struct FrrRaw {
        /// A file of lines for frr.conf.
        "extra-file" => extra_file: ExtraRaw, example("\"frr/extra.conf\""), also(&["extra", "include"]);
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
    /// The distance of a route; FRR uses none with 255.
    Distance(u8) = 1..=254, "a distance from 1 to 254; FRR uses no route with 255";
    /// The tag of a route.
    Tag(u32) = 1..=u32::MAX, "a tag from 1 to 4294967295";
    /// Any number of 32 bits.
    Any(u32) = 0..=u32::MAX, "a number from 0 to 4294967295";
    /// How many prefixes a neighbour may send.
    MaximumPrefix(u32) = 1..=u32::MAX, "a number of prefixes from 1 to 4294967295";
    /// How far away a neighbour may be.
    Hops(u8) = 2..=255, "a number of hops from 2 to 255";
    /// Seconds of a session's timers.
    Keepalive(u16) = 0..=65_535, "a number of seconds from 0 to 65535";
    /// How many packets of BFD may be missing.
    DetectMultiplier(u8) = 2..=255, "a number from 2 to 255";
    /// Milliseconds between packets of BFD.
    BfdInterval(u16) = 10..=60_000, "a number of milliseconds from 10 to 60000";
    /// The cost of an interface.
    OspfCost(u16) = 1..=65_535, "a cost from 1 to 65535";
    /// Seconds between hellos, or until a neighbour is down.
    OspfSeconds(u16) = 1..=65_535, "a number of seconds from 1 to 65535";
}

words! {
    Action { "permit" => Action::Permit, "deny" => Action::Deny }
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

/// `bfd = true` or `bfd = "PROFILE"`.
#[derive(Debug, Clone)]
pub(in crate::config) enum NeighborBfdRaw {
    /// On with FRR's timers, or off.
    Switch(bool),
    /// On with those of a profile.
    Profile(PolicyName),
}

impl Takes for NeighborBfdRaw {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        match value.is_text() {
            true => value.parse(reading).map(Self::Profile),
            false => value.switch(reading).map(Self::Switch),
        }
    }

    fn shape() -> Shape {
        Shape::Either(vec![bool::shape(), PolicyName::shape()])
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

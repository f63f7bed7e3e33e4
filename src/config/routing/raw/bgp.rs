//! `[bgp]`: the instance.

use super::session::{NeighborRaw, SessionRaw, TimersRaw};
use crate::config::keys::{Field, Form, Named, Reading, Shape, Takes, Value, bounded, table, words};
use crate::config::routing::origin::RouteOrigin;
use crate::config::source::Located;
use crate::types::{Asn, PeerName, PolicyName, Prefix, RouterId};

table! {
    /// BGP.
    struct BgpRaw includes instance: BgpInstanceRaw {
        /// The AS number of this router.
        "asn" => asn: Asn, required(), example("64500"), also(&["as", "local-as", "autonomous-system", "system-as", "as-number"]);
        /// How many routes are expected: VPP's memory and FRR's buffers are made for as many.
        "rib-limit" => rib_limit: RibLimit, since("0.3.0"), example("1_200_000"), unit("routes"), otherwise("500,000, or 2,000,000 where maximum-prefix allows more"), also(&["max-routes", "table-size", "fib-size"]);
    }

    /// BGP in a VRF.
    struct VrfBgpRaw includes instance: BgpInstanceRaw {
        /// The AS number of this router in the VRF.
        "asn" => asn: Asn, since("0.3.0"), example("64500"), otherwise("that of [bgp]"), also(&["as", "local-as", "autonomous-system", "system-as", "as-number"]);
    }

    /// What every instance of BGP can say.
    struct BgpInstanceRaw {
        /// The router id.
        "router-id" => router_id: RouterId, example("\"192.0.2.1\""), otherwise("the first IPv4 address of lo0, in a VRF that of [bgp]");
        /// The cluster id of a route reflector.
        "cluster-id" => cluster_id: RouterId, example("\"192.0.2.1\""), otherwise("the router id");
        /// The confederation this router's AS is a member of.
        "confederation" => confederation: ConfederationRaw, since("0.3.0"), example("{ identifier = 64500, peers = [65001, 65002] }"), otherwise("none");
        /// The prefixes it announces, as a list or each with a route-map; each that is not routed gets a blackhole.
        "networks" => networks: NetworksRaw, example("[\"203.0.113.0/24\"]"), default("[]"), unordered(), also(&["network", "announce", "prefixes"]);
        /// The prefixes that stand for all routes inside of them, while there is one.
        "aggregates" => aggregates: Named<Prefix, AggregateRaw>, since("0.3.0"), example("{ \"203.0.112.0/23\" = { summary-only = true } }"), otherwise("none"), also(&["aggregate", "aggregate-address", "aggregate-addresses"]);
        /// Routes of other origin that it announces, as a table or a list.
        "redistribute" => redistribute: RedistributedRaw, since("0.3.0"), example("{ connected = { route-map = \"CONNECTED\" } }"), otherwise("none"), also(&["export", "import"]);
        /// How many equal paths it uses at once, of both kinds or of each.
        "maximum-paths" => maximum_paths: Form<Paths, MaximumPathsRaw>, since("0.3.0"), example("4"), default("256"), also(&["multipath", "max-paths", "ecmp"]);
        /// How it chooses the best path.
        "bestpath" => bestpath: BestpathRaw, since("0.3.0"), example("{ multipath-relax = true }"), otherwise("FRR's way"), also(&["best-path", "path-selection"]);
        /// The route-map that chooses which of its routes are used, and sets what they have then; neighbours hear of all.
        "table-map" => table_map: PolicyName, since("0.3.0"), example("\"TO-KERNEL\""), otherwise("all of them are used"), also(&["rib-map", "import-map"]);
        /// Whether it asks the neighbours to keep its routes while it starts anew; helping them is FRR's default.
        "graceful-restart" => graceful_restart: bool, since("0.3.0"), example("true"), default("false");
        /// Whether this router is about to be taken away (RFC 8326): neighbours find other ways before its sessions end.
        "graceful-shutdown" => graceful_shutdown: bool, since("0.3.0"), example("true"), default("false"), also(&["gshut", "drain", "maintenance"]);
        /// Whether each session that comes up or goes down is logged.
        "log-neighbor-changes" => log_neighbor_changes: bool, since("0.3.0"), example("false"), default("true");
        /// The keepalive and hold times of all neighbours that have none of their own.
        "timers" => timers: TimersRaw, since("0.3.0"), example("{ keepalive = 10, hold = 30 }"), otherwise("FRR's, 60 and 180");
        /// The administrative distances of its routes.
        "distance" => distance: DistancesRaw, since("0.3.0"), example("{ external = 20, internal = 200, local = 200 }"), otherwise("FRR's: 20, 200 and 200");
        /// Where neighbours may call from without being listed, each with the peer-group they get.
        "listen-ranges" => listen_ranges: Named<Prefix, ListenRangeRaw>, since("0.3.0"), example("{ \"192.0.2.0/24\" = { peer-group = \"MEMBERS\" } }"), otherwise("none"), also(&["listen-range", "dynamic-neighbors", "listen"]);
        /// How many such neighbours there may be.
        "listen-limit" => listen_limit: ListenLimit, since("0.3.0"), example("200"), unit("neighbours"), default("100");
        /// What neighbours share, by name.
        "peer-groups" => peer_groups: Named<PolicyName, SessionRaw>, example("{ IX = { route-map = { in = \"IX-IN\", out = \"ANNOUNCE\" } } }"), also(&["peer-group", "group", "groups", "template", "templates"]);
        /// The neighbours, by address, or by the interface whose link they are on.
        "neighbors" => neighbors: Named<PeerName, NeighborRaw>, example("{ \"198.51.100.1\" = { remote-as = 64496, route-map = { in = \"TRANSIT-IN\", out = \"ANNOUNCE\" } } }"), also(&["neighbor", "neighbour", "neighbours", "peers", "peer"]);
    }

    /// A confederation: several ASes that others see as one (RFC 5065).
    struct ConfederationRaw {
        /// The AS number that others see.
        "identifier" => identifier: Asn, required(), since("0.3.0"), example("64500"), also(&["id", "asn"]);
        /// The other member ASes.
        "peers" => peers: Vec<Located<Asn>>, since("0.3.0"), example("[65001, 65002]"), default("[]"), also(&["members", "member-as"]);
    }

    /// A prefix that is announced.
    struct NetworkRaw {
        /// The route-map that sets what it has; what it denies is not announced.
        "route-map" => route_map: PolicyName, since("0.3.0"), example("\"TAG\""), otherwise("none"), also(&["policy"]);
    }

    /// A prefix that stands for the routes inside of it.
    struct AggregateRaw {
        /// Whether the routes inside of it are not announced.
        "summary-only" => summary_only: bool, since("0.3.0"), example("true"), default("false");
        /// Whether its path has the ASes of the routes inside of it.
        "as-set" => as_set: bool, since("0.3.0"), example("true"), default("false");
        /// The route-map that sets what it has.
        "route-map" => route_map: PolicyName, since("0.3.0"), example("\"TAG\""), otherwise("none"), also(&["policy"]);
    }

    /// How routes of an origin are announced.
    struct OriginRaw {
        /// The route-map that chooses among them.
        "route-map" => route_map: PolicyName, since("0.3.0"), example("\"CONNECTED\""), otherwise("all of them"), also(&["policy"]);
        /// The metric they get: MED.
        "metric" => metric: Metric, since("0.3.0"), example("10"), otherwise("that of the route"), also(&["med"]);
    }

    /// Routes of an origin, as an item of a list.
    struct OriginItemRaw includes how: OriginRaw {
        /// Where they come from.
        "from" => origin: RouteOrigin, required(), since("0.3.0"), example("\"static\""), also(&["source", "protocol"]);
    }

    /// How many equal paths are used at once.
    struct MaximumPathsRaw {
        /// Of eBGP.
        "ebgp" => ebgp: Paths, since("0.3.0"), example("4"), default("256");
        /// Of iBGP.
        "ibgp" => ibgp: Paths, since("0.3.0"), example("4"), default("256");
    }

    /// How the best path is chosen.
    struct BestpathRaw {
        /// Whether the length of a path counts for nothing.
        "as-path-ignore" => as_path_ignore: bool, since("0.3.0"), example("true"), default("false"), also(&["ignore-as-path"]);
        /// Whether the member ASes of the confederation count for the length of a path.
        "as-path-confed" => as_path_confed: bool, since("0.3.0"), example("true"), default("false"), also(&["confed"]);
        /// Whether paths of equal length over different ASes are equal, for maximum-paths.
        "multipath-relax" => multipath_relax: bool, since("0.3.0"), example("true"), default("false"), also(&["as-path-multipath-relax"]);
        /// Whether the lower router id decides between paths of eBGP, not their age.
        "compare-router-id" => compare_router_id: bool, since("0.3.0"), example("true"), default("false"), also(&["compare-routerid"]);
        /// Whether the paths of each neighbour AS are compared before all others, so that their order does not matter.
        "deterministic-med" => deterministic_med: bool, since("0.3.0"), example("true"), default("false");
        /// Whether MEDs of different neighbour ASes are compared.
        "always-compare-med" => always_compare_med: bool, since("0.3.0"), example("true"), default("false");
        /// Whether a path without a MED has the worst, not the best.
        "missing-as-worst" => missing_as_worst: bool, since("0.3.0"), example("true"), default("false"), also(&["med-missing-as-worst"]);
        /// Whether MEDs are compared between paths of the confederation.
        "med-confed" => med_confed: bool, since("0.3.0"), example("true"), default("false");
    }

    /// The distances of BGP's routes: the route with the lowest one is used.
    struct DistancesRaw {
        /// Of routes from eBGP.
        "external" => external: BgpDistance, required(), since("0.3.0"), example("20"), also(&["ebgp"]);
        /// Of routes from iBGP.
        "internal" => internal: BgpDistance, required(), since("0.3.0"), example("200"), also(&["ibgp"]);
        /// Of aggregates.
        "local" => local: BgpDistance, required(), since("0.3.0"), example("200");
    }

    /// A prefix neighbours may call from.
    struct ListenRangeRaw {
        /// The group whose settings they have; it says their AS.
        "peer-group" => peer_group: PolicyName, required(), since("0.3.0"), example("\"MEMBERS\""), also(&["group", "template"]);
    }
}

bounded! {
    /// How many paths are used at once.
    Paths(u16) = 1..=256, "a number of paths from 1 to 256";
    /// The metric of a route.
    Metric(u32) = 0..=u32::MAX, "a metric from 0 to 4294967295";
    /// The distance of BGP's routes.
    BgpDistance(u8) = 1..=254, "a distance from 1 to 254; FRR never uses a route with 255";
    /// How many routes there are.
    RibLimit(u32) = 1..=10_000_000, "a number of routes from 1 to 10000000";
    /// How many neighbours may call.
    ListenLimit(u16) = 1..=65_535, "a number of neighbours from 1 to 65535";
}

words! {
    RouteOrigin {
        "kernel" => RouteOrigin::Kernel,
        "connected" => RouteOrigin::Connected,
        "static" => RouteOrigin::Static,
        "ospf" => RouteOrigin::Ospf,
        "isis" => RouteOrigin::Isis,
    }
}

/// What is announced of each origin, in the order of the document.
#[derive(Debug, Clone)]
pub(in crate::config) struct RedistributedRaw(pub(in crate::config) Vec<(Located<RouteOrigin>, OriginRaw)>);

/// An origin in a list, with or without what is said of it.
struct OriginItem(RouteOrigin, OriginRaw);

impl Takes for OriginItem {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        if !value.is_table() {
            return Some(Self(RouteOrigin::read(value, reading)?, OriginRaw::default()));
        }
        let raw = OriginItemRaw::read(value, reading)?;
        Some(Self(raw.origin.value()?, raw.how))
    }

    fn shape() -> Shape {
        Shape::Either(vec![RouteOrigin::shape(), OriginItemRaw::shape()])
    }
}

impl Takes for RedistributedRaw {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        if !value.is_table() {
            let items: Vec<Located<OriginItem>> = Takes::read(value, reading)?;
            let items = items.into_iter().map(|it| {
                let OriginItem(origin, how) = it.value;
                let origin = Located {
                    value: origin,
                    span: it.span,
                };
                (origin, how)
            });
            return Some(Self(items.collect()));
        }
        let named = Named::<RouteOrigin, OriginRaw>::read(value, reading)?;
        let each = named.into_entries().into_iter();
        Some(Self(each.map(|(origin, table)| (origin, table.value)).collect()))
    }

    fn shape() -> Shape {
        Shape::Either(vec![
            Named::<RouteOrigin, OriginRaw>::shape(),
            Vec::<Located<OriginItem>>::shape(),
        ])
    }
}

/// An instance of BGP before it is checked: `[bgp]`, or that of a VRF.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct BgpOf<'r> {
    /// What it says beside that.
    pub(in crate::config) raw: &'r BgpInstanceRaw,
    /// The AS number it has, its own or that of `[bgp]`.
    pub(in crate::config) asn: Option<Located<Asn>>,
}

impl<'r> BgpOf<'r> {
    /// That of `[bgp]`.
    pub(in crate::config) fn router(raw: &'r BgpRaw) -> Self {
        Self {
            raw: &raw.instance,
            asn: raw.asn.copied(),
        }
    }

    /// That of a VRF on a router with this AS number.
    pub(in crate::config) fn vrf(raw: &'r VrfBgpRaw, routers: Option<Located<Asn>>) -> Self {
        Self {
            raw: &raw.instance,
            asn: raw.asn.copied().or(routers.filter(|_| !raw.asn.is_written())),
        }
    }
}

impl BgpInstanceRaw {
    /// What it announces of other origins.
    pub(in crate::config) fn redistributed(&self) -> &[(Located<RouteOrigin>, OriginRaw)] {
        self.redistribute.get().map_or(&[], |raw| &raw.0)
    }
}

/// The prefixes of `networks`, in a list, or as a table that has a route-map for each.
#[derive(Debug, Clone, Default)]
pub(in crate::config) struct NetworksRaw {
    prefixes: Vec<Located<Prefix>>,
    maps: Vec<Option<Located<PolicyName>>>,
}

impl NetworksRaw {
    /// The route-map of each prefix, in the same order.
    pub(in crate::config) fn maps(&self) -> &[Option<Located<PolicyName>>] {
        &self.maps
    }
}

impl Field<NetworksRaw> {
    /// The prefixes in the order of the document; none when it is absent.
    pub(in crate::config) fn items(&self) -> &[Located<Prefix>] {
        self.get().map_or(&[], |networks| &networks.prefixes)
    }
}

impl Takes for NetworksRaw {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        if !value.is_table() {
            let prefixes: Vec<Located<Prefix>> = Takes::read(value, reading)?;
            let maps = vec![None; prefixes.len()];
            return Some(Self { prefixes, maps });
        }
        let named: Named<Prefix, NetworkRaw> = Takes::read(value, reading)?;
        let networks = named.into_entries().into_iter();
        let (prefixes, maps) = networks
            .map(|(prefix, network)| (prefix, network.value.route_map.copied()))
            .unzip();
        Some(Self { prefixes, maps })
    }

    fn shape() -> Shape {
        Shape::Either(vec![
            Vec::<Located<Prefix>>::shape(),
            Named::<Prefix, NetworkRaw>::shape(),
        ])
    }
}

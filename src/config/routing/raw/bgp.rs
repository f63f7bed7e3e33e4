//! `[bgp]`: the instance.

use super::session::{NeighborRaw, SessionRaw};
use crate::config::keys::{Named, table};
use crate::config::source::Located;
use crate::types::{Asn, HostAddr, PolicyName, Prefix, RouterId};

table! {
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
}

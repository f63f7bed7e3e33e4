//! Route-maps, and the lists they match.

use crate::config::keys::{Filled, Named, bounded, table, words};
use crate::config::routing::policy::Action;
use crate::config::routing::prefix_list::PrefixListRaw;
use crate::config::source::Located;
use crate::types::{Asn, Community, HostAddr, LargeCommunity, Line, PolicyName};

/// `[prefix-lists]`.
pub(in crate::config) type PrefixListsRaw = Named<PolicyName, PrefixListRaw>;
/// `[community-lists]`.
pub(in crate::config) type CommunityListsRaw = Named<PolicyName, Filled<Community>>;
/// `[route-maps]`.
pub(in crate::config) type RouteMapsRaw = Named<PolicyName, Filled<RouteMapEntryRaw>>;

table! {
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
}

bounded! {
    /// The tag of a route.
    Tag(u32) = 1..=u32::MAX, "a tag from 1 to 4294967295";
    /// Any number of 32 bits.
    Any(u32) = 0..=u32::MAX, "a number from 0 to 4294967295";
}

words! {
    Action { "permit" => Action::Permit, "deny" => Action::Deny }
}

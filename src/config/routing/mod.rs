//! Everything that becomes FRR's: its parts name each other, so they are decoded together.

pub(in crate::config) mod bgp;
pub(in crate::config) mod check;
mod frr;
pub(in crate::config) mod ospf;
pub(in crate::config) mod policy;
mod prefix_list;
pub(in crate::config) mod route;

use crate::config::reader::Table;
use crate::config::{Bfd, Bgp, CommunityList, Ospf, PrefixList, Route, RouteMap};
use crate::types::PolicyName;
use std::collections::BTreeMap;

/// FRR's part of the Model.
pub(in crate::config) struct Routing {
    pub(in crate::config) routes: Vec<Route>,
    pub(in crate::config) bgp: Option<Bgp>,
    pub(in crate::config) bfd: Bfd,
    pub(in crate::config) prefix_lists: BTreeMap<PolicyName, PrefixList>,
    pub(in crate::config) community_lists: BTreeMap<PolicyName, CommunityList>,
    pub(in crate::config) route_maps: BTreeMap<PolicyName, RouteMap>,
    pub(in crate::config) ospf: Option<Ospf>,
    pub(in crate::config) ospf6: Option<Ospf>,
    pub(in crate::config) frr_extra: Option<String>,
}

/// Decodes and checks. Interfaces, loopbacks, bridges and NAT are decoded before: the Index is complete but for the
/// names defined here.
pub(in crate::config) fn decode(document: &mut Table<'_, '_>) -> Routing {
    document.cx().index.borrow_mut().connect();
    let prefix_lists = prefix_list::decode(document);
    let community_lists = policy::decode_community_lists(document);
    let route_maps = policy::decode_route_maps(document);
    let routes = route::decode(document);
    let bfd = bgp::decode_bfd(document);
    let bgp = bgp::decode(document);
    let router_id = bgp.as_ref().map(|bgp| bgp.router_id);
    let routing = Routing {
        routes,
        bfd,
        prefix_lists,
        community_lists,
        route_maps,
        ospf: ospf::decode(document, "ospf", router_id),
        ospf6: ospf::decode(document, "ospf6", router_id),
        bgp,
        frr_extra: frr::decode(document),
    };
    check::check(document.cx());
    routing
}

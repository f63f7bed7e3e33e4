//! Everything that becomes FRR's: its parts name each other, so they are decoded together.

use super::reader::Table;
use super::{Bfd, Bgp, CommunityList, Ospf, PrefixList, Route, RouteMap};
use super::{bgp, check, frr, ospf, policy, prefix_list, route};
use crate::types::PolicyName;
use std::collections::BTreeMap;

/// FRR's part of the Model.
pub(super) struct Routing {
    pub(super) routes: Vec<Route>,
    pub(super) bgp: Option<Bgp>,
    pub(super) bfd: Bfd,
    pub(super) prefix_lists: BTreeMap<PolicyName, PrefixList>,
    pub(super) community_lists: BTreeMap<PolicyName, CommunityList>,
    pub(super) route_maps: BTreeMap<PolicyName, RouteMap>,
    pub(super) ospf: Option<Ospf>,
    pub(super) ospf6: Option<Ospf>,
    pub(super) frr_extra: Option<String>,
}

/// Decodes and checks. Interfaces, loopbacks, bridges and NAT are decoded before: the Index is complete but for the
/// names defined here.
pub(super) fn decode(document: &mut Table<'_, '_>) -> Routing {
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
    check::routing::check(document.cx());
    routing
}

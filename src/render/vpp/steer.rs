//! Which traffic goes to a NAT module: ACL-based forwarding on the inside, routes to the pool on the outside.

use super::interfaces::{in_vpp, is_absent};
use super::links::{self, End, Links, Side};
use super::{is_core, place};
use crate::config::{Action, Bypass, Model, next_acls};
use crate::render::{Bindings, Dataplane, RenderError};
use crate::types::Prefix;
use ipnet::{IpNet, Ipv4Net};
use serde::Serialize;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

/// An ACL; VPP gives it the lowest free index.
#[derive(Debug, Serialize)]
pub(super) struct Acl {
    place: String,
    rules: Vec<Rule>,
    tag: String,
}

#[derive(Debug, Serialize)]
struct Rule {
    action: Action,
    src: Ipv4Net,
    dst: Ipv4Net,
}

/// An ABF policy over one of the ACLs, with the interfaces it is attached to.
#[derive(Debug, Serialize)]
pub(super) struct Policy {
    place: String,
    id: u32,
    acl: u32,
    via: Ipv4Addr,
    interface: String,
    priority: u32,
    attach: Vec<String>,
}

/// A route of VPP's own; FRR never sees it.
#[derive(Debug, Serialize)]
pub(super) struct Route {
    pub(super) place: String,
    pub(super) prefix: IpNet,
    /// Of a VRF.
    pub(super) table: Option<u32>,
    pub(super) via: IpAddr,
    pub(super) interface: String,
}

const EVERYTHING: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 0);

/// One ACL and one policy for each module that takes IPv4 subscribers.
pub(super) fn steering(dataplane: &Dataplane, bindings: &Bindings) -> (Vec<Acl>, Vec<Policy>) {
    let steering = links::all(dataplane).filter(|links| !links.nat.inside().is_empty());
    let core = dataplane.instances.iter().find(|(name, _)| is_core(name));
    let extra = core.and_then(|(_, core)| core.extra_commands.as_deref());
    let both = |(index, links): (u32, Links<'_>)| {
        let place = place(dataplane, links.nat.at);
        (
            acl(dataplane, &links, &place),
            policy(dataplane, bindings, &links, index, &place),
        )
    };
    next_acls(extra.unwrap_or_default())
        .zip(steering)
        .map(both)
        .unzip()
}

/// Bypassed pairs and local destinations first, as `deny` (which for ABF means: route it normally), then what is steered.
fn acl(dataplane: &Dataplane, links: &Links<'_>, place: &str) -> Acl {
    let spared = aggregated(local(dataplane).chain(links.nat.exempt.iter().copied()));
    let bypassed: BTreeSet<Bypass> = links.nat.bypass.iter().copied().collect();
    let bypassed = bypassed.into_iter().map(|pair| Rule {
        action: Action::Deny,
        src: pair.source,
        dst: pair.destination,
    });
    let denied = spared.into_iter().map(|dst| Rule {
        action: Action::Deny,
        src: EVERYTHING,
        dst,
    });
    let steered = aggregated(links.nat.inside()).into_iter().map(|src| Rule {
        action: Action::Permit,
        src,
        dst: EVERYTHING,
    });
    Acl {
        place: place.to_owned(),
        rules: bypassed.chain(denied).chain(steered).collect(),
        tag: format!("nat-{}", links.name),
    }
}

/// Connected subnets with the router's own addresses in them, every module's subscribers, and the links.
fn local(dataplane: &Dataplane) -> impl Iterator<Item = Ipv4Net> + '_ {
    let connected = dataplane.connected.iter().copied().filter_map(Prefix::v4);
    let inside = dataplane.nats.values().flat_map(crate::config::Nat::inside);
    let link = |side| move |links: Links<'_>| Ipv4Net::new(links.address(side, End::Core), 31).ok();
    let internal = links::all(dataplane).filter_map(link(Side::Internal));
    let external = links::all(dataplane).filter_map(link(Side::External));
    connected.chain(inside).chain(internal).chain(external)
}

fn aggregated(nets: impl IntoIterator<Item = Ipv4Net>) -> Vec<Ipv4Net> {
    Ipv4Net::aggregate(&nets.into_iter().map(|net| net.trunc()).collect())
}

fn policy(dataplane: &Dataplane, bindings: &Bindings, links: &Links<'_>, index: u32, place: &str) -> Policy {
    Policy {
        place: place.to_owned(),
        id: links.nat.link + 1,
        acl: index,
        via: links.address(Side::Internal, End::Module),
        interface: links.interface(Side::Internal, End::Core),
        // Any will do: what modules take is disjoint.
        priority: 10 + links.nat.link,
        attach: links
            .nat
            .from
            .iter()
            .filter(|from| !is_absent(dataplane, bindings, from))
            .map(|from| in_vpp(from))
            .collect(),
    }
}

/// Core's routes to what a module owns: its pools on the external side, a NAT64 prefix on the internal one.
pub(super) fn routes(dataplane: &Dataplane) -> Result<Vec<Route>, RenderError> {
    let owned = &dataplane.owned_by_frr;
    let mut routes = Vec::new();
    for links in links::all(dataplane) {
        for (at, prefix) in links.nat.pools() {
            let via = links.address(Side::External, End::Module).into();
            let interface = links.interface(Side::External, End::Core);
            let (place, prefix) = (place(dataplane, at), prefix.net());
            add(
                &mut routes,
                owned,
                Route {
                    place,
                    prefix,
                    table: None,
                    via,
                    interface,
                },
            )?;
        }
        if let Some(prefix) = links.nat.nat64_prefix() {
            let via = links.address6(End::Module).into();
            let interface = links.interface(Side::Internal, End::Core);
            let (place, prefix) = (place(dataplane, links.nat.at), IpNet::from(prefix));
            add(
                &mut routes,
                owned,
                Route {
                    place,
                    prefix,
                    table: None,
                    via,
                    interface,
                },
            )?;
        }
    }
    Ok(routes)
}

/// The prefixes FRR has a route for. For exactly the same prefix, FRR's route wins over one of VPP's own.
pub(in crate::render) fn owned_by_frr(model: &Model) -> BTreeSet<IpNet> {
    let ours = model.announced_pool_addresses();
    let networks = model
        .bgp
        .iter()
        .flat_map(|bgp| bgp.networks.iter().map(|network| network.prefix))
        .filter(|prefix| !ours.contains(prefix));
    let main = model.routes.iter().filter(|route| route.table.is_none());
    let statics = main.map(|route| route.prefix);
    networks.chain(statics).map(Prefix::net).collect()
}

/// The route as two halves, split again where FRR owns a half too; a single address cannot be split and stays whole.
fn add(routes: &mut Vec<Route>, owned: &BTreeSet<IpNet>, route: Route) -> Result<(), RenderError> {
    halve(routes, owned, route.prefix, route)
}

/// A part of the route: itself, or its halves where FRR has exactly this prefix.
fn halve(
    routes: &mut Vec<Route>,
    owned: &BTreeSet<IpNet>,
    prefix: IpNet,
    route: Route,
) -> Result<(), RenderError> {
    let whole = prefix.prefix_len() == prefix.max_prefix_len();
    let unhalved = prefix == route.prefix;
    if whole && owned.contains(&prefix) {
        return Err(RenderError::HostRoute {
            place: route.place,
            prefix,
        });
    }
    if whole || !(unhalved || owned.contains(&prefix)) {
        routes.push(Route { prefix, ..route });
        return Ok(());
    }
    let halves = prefix.subnets(prefix.prefix_len() + 1).into_iter().flatten();
    for half in halves {
        let route = Route {
            place: route.place.clone(),
            interface: route.interface.clone(),
            ..route
        };
        halve(routes, owned, half, route)?;
    }
    Ok(())
}

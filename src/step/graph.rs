//! The picture of the router: what runs, and how each part is.

use super::generation::Store;
use super::{configured_model, running_model, unreadable};
use crate::config::Model;
use crate::exit::Failure;
use crate::facts::vpp::InstanceFacts;
use crate::facts::{self, bindings};
use crate::health::frr;
use crate::host::namespace;
use crate::host::netlink::{Connection, Link};
use crate::host::paths::BINDINGS;
use crate::plan::graph::{self, Graph, Seen};
use crate::plan::nic::named;
use crate::render::Bindings;
use crate::types::{KernelName, NetnsName, Root};
use std::collections::BTreeMap;
use std::io;

/// The picture of what runs on this machine, with the state of each part; without a generation that runs, or of another
/// machine, the picture of the documents.
pub fn graph(root: &Root) -> Result<Graph, Failure> {
    let runs = root.is_machine() && Store::new(root).running().is_dir();
    let model = match runs {
        true => running_model(root)?,
        false => configured_model(root)?,
    };
    let bindings = bindings::read(&root.join(BINDINGS)).map_err(unreadable)?;
    let bindings = bindings.unwrap_or_else(|| Bindings::as_written(&model));
    let seen = runs.then(|| look(root, &model));
    Ok(graph::graph(&model, &bindings, seen.as_ref()))
}

/// What there is of each part; what cannot be read is said once, and unknown in the picture.
fn look(root: &Root, model: &Model) -> Seen {
    let host = said("the host's devices", Connection::open().and_then(list));
    let nics = facts::nic::host(root).unwrap_or_default();
    let management = model.management.as_ref().and_then(|it| named(&it.matches, &nics));
    let names = model.instances.keys();
    Seen {
        host,
        namespace: said(
            "the dataplane's devices",
            devices(root, &model.dataplane.namespace),
        ),
        management: management.map(|nic| nic.name.clone()),
        instances: names
            .map(|name| (name.clone(), InstanceFacts::read(root, name)))
            .collect(),
        bgp: model.instances_of_bgp().next().and_then(|_| bgp(root)),
        ospf: ospf(model),
        isis: isis(model),
    }
}

fn devices(root: &Root, namespace: &NetnsName) -> io::Result<BTreeMap<KernelName, bool>> {
    let file = namespace::open(root, namespace)?;
    list(Connection::open_in(&file)?)
}

fn list(mut connection: Connection) -> io::Result<BTreeMap<KernelName, bool>> {
    let links = connection.links().map_err(io::Error::other)?;
    let works = |link: Link| (link.name, link.up && link.carrier);
    Ok(links.into_iter().map(works).collect())
}

fn bgp(root: &Root) -> Option<BTreeMap<String, String>> {
    let peers = said("BGP's neighbours", frr::bgp_peers(facts::frr::release(root)))?;
    Some(peers.into_iter().map(|(name, peer)| (name, peer.state)).collect())
}

fn ospf(model: &Model) -> Option<Vec<(String, String, String)>> {
    let (ospf, ospf6) = (model.ospf.is_some(), model.ospf6.is_some());
    if !ospf && !ospf6 {
        return None;
    }
    let neighbours = said("OSPF's neighbours", frr::ospf_neighbors(ospf, ospf6))?;
    Some(
        neighbours
            .into_iter()
            .map(|it| (it.interface, it.id, it.state))
            .collect(),
    )
}

fn isis(model: &Model) -> Option<Vec<(String, String, String)>> {
    model.isis.as_ref()?;
    let neighbours = said("IS-IS's neighbours", frr::isis_neighbors())?;
    let neighbours = neighbours.into_iter();
    Some(neighbours.map(|it| (it.interface, it.id, it.state)).collect())
}

fn said<T, E: std::fmt::Display>(what: &str, read: Result<T, E>) -> Option<T> {
    read.inspect_err(|error| tracing::warn!("{what} are unknown: {error}"))
        .ok()
}

//! `[ospf]`, `[ospf6]` and their settings on interfaces.

use crate::config::{Area, InterfaceOspf, Ospf, OspfNetwork, Redistribute, Redistribution};
use crate::types::PolicyName;
use serde::Serialize;

/// Which of the two: their defaults print differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V2,
    V3,
}

#[derive(Debug, Serialize)]
pub(super) struct View {
    router_id: String,
    redistribute: Vec<Source>,
    default_originate: bool,
}

/// The settings of an interface, each absent where it is FRR's default.
#[derive(Debug, Serialize)]
pub(super) struct OnInterface {
    area: String,
    cost: Option<u16>,
    dead_interval: Option<u16>,
    hello_interval: Option<u16>,
    network: Option<OspfNetwork>,
    passive: bool,
}

/// Routes that are announced, and the map that chooses among them.
#[derive(Debug, Serialize)]
struct Source {
    name: Redistribute,
    route_map: Option<PolicyName>,
}

impl Source {
    fn of(written: Redistribution) -> Self {
        Self {
            name: written.source,
            route_map: written.route_map,
        }
    }
}

const HELLO: u16 = 10;
const DEAD: u16 = 40;

pub(super) fn view(ospf: &Ospf) -> View {
    let mut redistribute = ospf.redistribute.clone();
    redistribute.sort_unstable();
    redistribute.dedup();
    View {
        router_id: ospf.router_id.to_string(),
        redistribute: redistribute.into_iter().map(Source::of).collect(),
        default_originate: ospf.default_originate,
    }
}

pub(super) fn on_interface(it: &InterfaceOspf, version: Version) -> OnInterface {
    let Area(area) = it.area;
    // With another hello interval ospfd derives another dead interval, so there 40 is not the default.
    let dead_is_default = version == Version::V3 || it.hello_interval.is_none_or(|hello| hello == HELLO);
    OnInterface {
        area: area.to_string(),
        cost: it.cost,
        dead_interval: it
            .dead_interval
            .filter(|dead| !(dead_is_default && *dead == DEAD)),
        hello_interval: it.hello_interval.filter(|hello| *hello != HELLO),
        network: it.network.filter(|kind| *kind != OspfNetwork::Broadcast),
        passive: it.passive,
    }
}

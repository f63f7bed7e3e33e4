//! Whether the containers' bridges and pools are there: our unit's word, the kernel's of the bridges, and Incus's of the pools.

use super::{About, DEADLINE, Running, Wanted};
use crate::boot::trial::outcome::{CheckOutcome, Scope};
use crate::config::Check;
use crate::exit::{Failure, Kind};
use crate::facts::incus::{Bridge, Pool, SOCKET, bridges, pools};
use crate::host::bus::{self, UnitState};
use crate::host::incus::Client;
use crate::plan::incus::fault;
use crate::render::incus::{Network, View};
use crate::types::{IfName, Root};
use std::collections::BTreeMap;
use std::path::Path;

const UNIT: &str = "incus-dataplane.service";
const INCUS: &str = "incus.service";

/// What is seen: the state of our unit, the bridges as the kernel has them and the pools as Incus has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// systemd's words for the unit.
    pub unit: Result<UnitState, String>,
    /// The configured bridges by name.
    pub bridges: Result<BTreeMap<String, Bridge>, String>,
    /// All storage pools by name; not asked for where the document has none.
    pub pools: Result<BTreeMap<String, Pool>, String>,
}

/// `incus`, if it is asked for.
pub fn check<'m>(root: &Root, wanted: &'m Wanted) -> Option<Running<'m>> {
    let about = About::new("incus", Scope::Service, wanted.wish(Check::Incus)?, true);
    if wanted.incus.is_empty() {
        return Some(Running::known(
            about.not_needed("bridges", "Incus is not configured"),
        ));
    }
    let view = &wanted.incus.view;
    let names: Vec<IfName> = view.bridges().cloned().collect();
    let socket = (!view.pools.is_empty()).then(|| root.join(SOCKET));
    let look = move || look(&names, socket.as_deref());
    Some(Running::start(about, DEADLINE, look, |about, seen| {
        vec![judge(about, view, &seen)]
    }))
}

fn look(names: &[IfName], socket: Option<&Path>) -> Seen {
    Seen {
        unit: state(UNIT),
        bridges: bridges(names).map_err(|error| message(&error)),
        pools: socket.map_or_else(|| Ok(BTreeMap::new()), ask),
    }
}

/// Only an Incus that runs is asked: a request would start it.
fn ask(socket: &Path) -> Result<BTreeMap<String, Pool>, String> {
    let unit = state(INCUS)?;
    if matches!(unit.active.as_str(), "inactive" | "failed") {
        return Err(format!(
            "storage pools are unknown while {INCUS} is {}",
            unit.active
        ));
    }
    let client = Client::new(socket).map_err(|error| message(&error))?;
    pools(&client).map_err(|error| message(&error))
}

fn state(name: &str) -> Result<UnitState, String> {
    let units = bus::states(&[name.to_owned()]).map_err(|error| message(&error))?;
    units.into_iter().next().ok_or_else(|| format!("no {name}"))
}

fn message(error: &dyn std::error::Error) -> String {
    Failure::from_error(Kind::Failed, error).to_string()
}

/// Every bridge has its address, its dnsmasq and its port towards VPP, and every pool can be used. Of bridges Incus's own
/// list proves nothing: a deleted one is still `Created` there.
pub fn judge(about: &About, wanted: &View, seen: &Seen) -> CheckOutcome {
    let networks = wanted.networks.iter();
    let names: Vec<String> = networks
        .map(|it| format!("{} with {}", it.name, it.address))
        .collect();
    let expected = match names.is_empty() {
        true => format!("{UNIT} active"),
        false => format!("{UNIT} active, {}", names.join(", ")),
    };
    let mut faults = Vec::new();
    match &seen.unit {
        Ok(unit) if unit.active == "active" => {}
        Ok(unit) => faults.push(format!("{UNIT} {} ({})", unit.active, unit.sub)),
        Err(words) => faults.push(words.clone()),
    }
    match &seen.bridges {
        Ok(bridges) => faults.extend(wanted.networks.iter().filter_map(|network| {
            let fault = fault(network, bridges.get(network.name.as_ref())?)?;
            Some(format!("{} {fault}", network.name))
        })),
        Err(words) => faults.push(words.clone()),
    }
    match &seen.pools {
        Ok(pools) => {
            let wrong = fault::pools(wanted, pools).into_iter();
            faults.extend(wrong.map(|(name, fault)| format!("storage pool '{name}': {fault}")));
        }
        Err(words) => faults.push(words.clone()),
    }
    match faults.is_empty() {
        true => about.passed(expected, "active, every bridge in place"),
        false => about.failed(expected, faults.join("; ")),
    }
}

fn fault(wanted: &Network, bridge: &Bridge) -> Option<String> {
    match &bridge.kind {
        None => return Some("does not exist".to_owned()),
        Some(kind) if kind != "bridge" => return Some(format!("is a {kind}")),
        Some(_) => {}
    }
    if !bridge.addresses.contains(&wanted.address.addr()) {
        return Some(format!("lacks {}", wanted.address.addr()));
    }
    if bridge.dnsmasq.is_empty() {
        return Some("has no dnsmasq".to_owned());
    }
    (!bridge.enslaved).then(|| "has no port towards VPP".to_owned())
}

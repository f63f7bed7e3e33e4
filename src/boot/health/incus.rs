//! Whether the containers' bridges are there: our unit's word, and the kernel's.

use super::{About, DEADLINE, Outcome, Running, Scope, wish};
use crate::act::bus::{self, UnitState};
use crate::config::{Check, Incus, Model};
use crate::exit::{Failure, Kind};
use crate::facts::incus::{Bridge, bridges};
use crate::types::IfName;
use std::collections::BTreeMap;

const UNIT: &str = "incus-dataplane.service";

/// What is seen: the state of our unit, and the bridges as the kernel has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// systemd's words for the unit.
    pub unit: Result<UnitState, String>,
    /// The configured bridges by name.
    pub bridges: Result<BTreeMap<String, Bridge>, String>,
}

/// `incus`, if it is asked for.
pub fn check(model: &Model) -> Option<Running<'_>> {
    let about = About::new("incus", Scope::Service, wish(model, Check::Incus)?, true);
    if model.incus.is_empty() {
        return Some(Running::known(
            about.not_needed("bridges", "Incus is not configured"),
        ));
    }
    let names: Vec<IfName> = model.incus.bridges.keys().cloned().collect();
    let look = move || look(&names);
    Some(Running::start(about, DEADLINE, look, |about, seen| {
        vec![judge(about, &model.incus, &seen)]
    }))
}

fn look(names: &[IfName]) -> Seen {
    let words = |error: &dyn std::error::Error| Failure::from_error(Kind::Failed, error).to_string();
    let units = bus::states(&[UNIT.to_owned()]).map_err(|error| words(&error));
    let unit = units.and_then(|units| units.into_iter().next().ok_or_else(|| format!("no {UNIT}")));
    Seen {
        unit,
        bridges: bridges(names).map_err(|error| words(&error)),
    }
}

/// Every bridge has its address, its dnsmasq and its port towards VPP. Incus's own list proves nothing: a deleted bridge is
/// still `Created` there.
pub fn judge(about: &About, incus: &Incus, seen: &Seen) -> Outcome {
    let names: Vec<String> = incus
        .bridges
        .iter()
        .map(|(name, it)| format!("{name} with {}", it.address))
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
        Ok(bridges) => faults.extend(incus.bridges.iter().filter_map(|(name, wanted)| {
            let fault = fault(wanted, bridges.get(name.as_ref())?)?;
            Some(format!("{name} {fault}"))
        })),
        Err(words) => faults.push(words.clone()),
    }
    match faults.is_empty() {
        true => about.passed(expected, "active, every bridge in its place"),
        false => about.failed(expected, faults.join("; ")),
    }
}

fn fault(wanted: &crate::config::Bridge, bridge: &Bridge) -> Option<String> {
    match &bridge.kind {
        None => return Some("is not there".to_owned()),
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

//! Faults that remain although Incus has accepted everything: each in words, by the name of the faulty object.

use crate::facts::incus::{Bridge, IncusFacts, Pool};
use crate::render::incus::{Network, View};
use std::collections::BTreeMap;

/// What is wrong with the bridges.
pub fn bridges(view: &View, facts: &IncusFacts) -> BTreeMap<String, String> {
    let faults = view.networks.iter().filter_map(|wanted| {
        let name = wanted.name.to_string();
        let status = facts.networks.get(&name).map(|network| network.status.as_str());
        let fault = match (status, facts.bridges.get(&name)) {
            (Some("Created"), Some(bridge)) => {
                format!("Incus reports it as Created, but {}", of_bridge(wanted, bridge)?)
            }
            (status, _) => says(status),
        };
        Some((name, fault))
    });
    faults.collect()
}

/// What is wrong with the bridges as the kernel has them; does not query Incus.
pub fn kernel(view: &View, bridges: &BTreeMap<String, Bridge>) -> BTreeMap<String, String> {
    let faults = view.networks.iter().filter_map(|wanted| {
        let fault = of_bridge(wanted, bridges.get(wanted.name.as_ref())?)?;
        Some((wanted.name.to_string(), fault))
    });
    faults.collect()
}

/// What is wrong with the storage pools. A restart does not help them: Incus itself retries every minute.
pub fn pools(view: &View, pools: &BTreeMap<String, Pool>) -> BTreeMap<String, String> {
    let names = view.pools.iter().map(|pool| pool.name.to_string());
    let faults = names.filter_map(|name| {
        let status = pools.get(&name).map(|pool| pool.status.as_str());
        (status != Some("Created")).then(|| (name, says(status)))
    });
    faults.collect()
}

fn says(status: Option<&str>) -> String {
    format!("Incus reports it as {}", status.unwrap_or("missing"))
}

/// What the kernel's bridge lacks compared with the configured one.
fn of_bridge(wanted: &Network, bridge: &Bridge) -> Option<String> {
    let address = wanted.address.addr();
    match &bridge.kind {
        None => Some("the kernel has no such bridge".to_owned()),
        Some(kind) if !bridge.is_there() => Some(format!("a {kind} has this name")),
        Some(_) if !bridge.addresses.contains(&address) => {
            Some(format!("it does not have its address {address}"))
        }
        Some(_) if bridge.dnsmasq.is_empty() => Some("no dnsmasq is running for it".to_owned()),
        Some(_) => None,
    }
}

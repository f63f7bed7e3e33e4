//! Incus: compares what is configured, what Incus has and what was verified earlier, and decides which requests to send.
//! Keys that belong to the operator are left alone, and only what was created here is ever removed.

mod change;
pub mod fault;
mod leftover;
mod profile;

pub use change::Change;
pub use leftover::leftover;

use super::{Action, Notice, Plan};
use crate::config::code;
use crate::config::{Incus, Model};
use crate::facts::incus::{Bridge, Config, IncusFacts, Marker, Network, Pool};
use crate::render::incus::{self as render, View};
use crate::types::KernelName;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The key that marks a network as created here: only such a network is ever removed.
pub const MADE: &str = "user.imp.made";

/// What to do about Incus.
#[derive(Debug, Default)]
pub struct Decision {
    /// Why nothing is changed at all.
    pub refused: Vec<Notice>,
    /// What else the operator should know.
    pub notices: Vec<Notice>,
    /// The requests, in order.
    pub changes: Vec<Change>,
    /// The operator's own preseed, to be applied once everything else is as wanted.
    pub preseed: Option<Change>,
}

/// The requests that bring Incus in line with the configuration; none if it already is.
pub fn decide(model: &Model, facts: &IncusFacts, marker: Option<&Marker>) -> Decision {
    let view = View::of(&model.incus);
    let mut decision = Decision {
        changes: half_created(&view, facts, marker),
        ..Decision::default()
    };
    if !decision.changes.is_empty() {
        return decision;
    }
    for pool in &view.pools {
        decision.pool(model, pool, facts, marker);
    }
    for network in &view.networks {
        decision.network(model, network, facts);
    }
    decision.changes.extend(profile::profile(&view, facts));
    decision.prune(&model.incus, facts);
    decision.preseed = preseed(model, facts);
    decision
}

/// The preseed file, unless this Incus has already been given it.
fn preseed(model: &Model, facts: &IncusFacts) -> Option<Change> {
    let preseed = model.incus.preseed.as_ref()?;
    let digest = digest(&preseed.text);
    (facts.preseed_digest.as_ref() != Some(&digest)).then(|| Change::Preseed {
        text: preseed.text.clone(),
        digest,
        place: model.place(preseed.at),
    })
}

/// Removes what an incusd that was killed left half created and for ever `Pending` (measured on 6.0.4), so that it can be
/// created again. Never touches anything that was once verified, was created by others or is in use, except that the
/// default profile releases it.
fn half_created(view: &View<'_>, facts: &IncusFacts, marker: Option<&Marker>) -> Vec<Change> {
    let is_half = |status: &str| matches!(status, "Pending" | "Errored");
    let networks = view
        .networks
        .iter()
        .filter_map(|wanted| facts.networks.get(wanted.name.as_ref()));
    let networks = networks
        .filter(|network| network.managed && is_half(&network.status) && network.config.contains_key(MADE))
        .filter_map(|network| clear(facts, network));
    let verified = |name: &str| marker.is_some_and(|marker| marker.pools.contains_key(name));
    let pools = view
        .pools
        .iter()
        .filter_map(|wanted| facts.pools.get(wanted.name.as_ref()));
    let pools = pools
        .filter(|pool| is_half(&pool.status) && pool.used_by.is_empty() && !verified(&pool.name))
        .map(|pool| Change::DeletePool { seen: pool.clone() });
    networks.chain(pools).collect()
}

fn clear(facts: &IncusFacts, network: &Network) -> Option<Change> {
    if !network.used_by.is_empty() {
        return profile::release(facts, network);
    }
    let bridge = facts.bridges.get(&network.name);
    Some(Change::ClearNetwork {
        seen: network.clone(),
        dnsmasq: bridge.map(|bridge| bridge.dnsmasq.clone()).unwrap_or_default(),
    })
}

/// The record of a verified configuration: each pool with the source Incus created it at, which need not be the one in the
/// document. Entries for pools that are no longer in the document are kept.
pub fn marker(incus: &Incus, facts: &IncusFacts, before: Option<&Marker>) -> Marker {
    let mut pools = before.map(|marker| marker.pools.clone()).unwrap_or_default();
    for pool in View::of(incus).pools {
        let found = facts.pools.get(pool.name.as_ref());
        let made = found.and_then(Pool::made_at).map(str::to_owned);
        pools.insert(pool.name.to_string(), made.unwrap_or(pool.source));
    }
    Marker { pools }
}

/// Every existing bridge gets its port towards VPP, even if others are broken. A missing port is reported.
pub fn ports(bridges: &BTreeMap<String, Bridge>) -> (Plan, Vec<Notice>) {
    let mut plan = Plan::default();
    let mut notices = Vec::new();
    for (name, bridge) in bridges.iter().filter(|(_, bridge)| !bridge.enslaved) {
        let names = (format!("{name}-dp").parse(), name.parse());
        match names {
            (Ok::<KernelName, _>(port), Ok::<KernelName, _>(to)) if bridge.has_port => {
                // Without a bridge, or with some other device under its name, there is nothing to attach the port to.
                if bridge.is_there() {
                    let action = Action::Enslave { port, bridge: to };
                    plan.add(format!("bridge '{name}'"), vec![action]);
                }
            }
            _ => notices.push(Notice::new(
                code::E0608,
                format!("bridge '{name}': its link '{name}-dp' is missing; run 'systemctl reload netns-move-interfaces' to create it"),
            )),
        }
    }
    (plan, notices)
}

impl Decision {
    fn pool(
        &mut self,
        model: &Model,
        wanted: &render::Pool<'_>,
        facts: &IncusFacts,
        marker: Option<&Marker>,
    ) {
        let (name, source) = (wanted.name.to_string(), &wanted.source);
        let place = model.place(wanted.at);
        let known = marker.and_then(|marker| marker.pools.get(&name));
        match (facts.pools.get(&name), known) {
            (None, Some(made)) => self.refused.push(Notice::new(
                code::E0604,
                format!(
                    "{place}: storage pool '{name}' was created at '{made}', but Incus now has {}: nothing was changed; \
                     run 'incus admin recover'",
                    count(facts.pools.len(), "pool")
                ),
            )),
            (Some(found), _) if found.driver != wanted.driver => self.refused.push(Notice::new(
                code::E0606,
                format!(
                    "{place}: storage pool '{name}' is '{}' in Incus, not '{}'",
                    found.driver, wanted.driver
                ),
            )),
            (Some(found), _) => {
                if let Some(made) = found.made_at().filter(|made| made != source) {
                    let text = format!(
                        "{place}: storage pool '{name}' was created at '{made}' and stays there, not at '{source}'"
                    );
                    self.notices.push(Notice::new(code::E0610, text));
                }
            }
            (None, None) => self.changes.push(Change::CreatePool {
                directory: (wanted.driver == "dir").then(|| PathBuf::from(source)),
                body: json!({"name": name, "driver": wanted.driver, "config": {"source": source}}),
                name,
                place,
            }),
        }
    }

    fn network(&mut self, model: &Model, wanted: &render::Network<'_>, facts: &IncusFacts) {
        let (name, place) = (wanted.name.to_string(), model.place(wanted.at));
        let ours = keys(wanted);
        match facts.networks.get(&name) {
            Some(found) if !found.managed => self.refused.push(Notice::new(
                code::E0603,
                format!(
                    "{place}: bridge '{name}': a {} with this name exists that Incus did not create",
                    found.kind
                ),
            )),
            Some(found) if found.kind != "bridge" => self.refused.push(Notice::new(
                code::E0606,
                format!(
                    "{place}: network '{name}' is of type '{}' in Incus, not 'bridge'",
                    found.kind
                ),
            )),
            Some(found) => {
                let value = |key: &str| found.config.get(key).map_or("", String::as_str);
                let differ: Config = ours.into_iter().filter(|(key, to)| value(key) != to).collect();
                if !differ.is_empty() {
                    self.changes.push(Change::UpdateNetwork {
                        seen: found.clone(),
                        body: json!({"description": found.description, "config": differ}),
                        place,
                    });
                }
            }
            None => {
                let mut config: Config = ours.into_iter().filter(|(_, value)| !value.is_empty()).collect();
                config.insert(MADE.to_owned(), "true".to_owned());
                self.changes.push(Change::CreateNetwork {
                    body: json!({"name": name, "type": "bridge", "config": config}),
                    name,
                    place,
                });
            }
        }
    }

    /// Removes networks that were created here for tables that no longer exist.
    fn prune(&mut self, incus: &Incus, facts: &IncusFacts) {
        let wanted = |name: &str| incus.bridges.keys().any(|bridge| bridge.as_ref() == name);
        let made = |network: &&Network| network.config.get(MADE).is_some_and(|made| made == "true");
        let networks = facts.networks.values().filter(|network| network.managed);
        for network in networks.filter(made).filter(|network| !wanted(&network.name)) {
            let released = profile::release(facts, network);
            if network.used_by.is_empty() {
                self.changes.push(Change::DeleteNetwork {
                    seen: network.clone(),
                });
            // If another bridge is left, the device moves to that one instead.
            } else if let Some(release) = released.filter(|_| incus.bridges.is_empty()) {
                self.changes.push(release);
            } else {
                let users = network.used_by.join(", ");
                let text = format!(
                    "bridge '{}' is no longer configured but still used by {users}",
                    network.name
                );
                self.notices.push(Notice::new(code::E0609, text));
            }
        }
    }
}

/// The keys we own; an empty value means that the key is unset.
fn keys(wanted: &render::Network<'_>) -> Config {
    let dhcp = wanted.ranges.is_some();
    let gateway = dhcp.then(|| wanted.gateway.to_string());
    let pairs = [
        ("ipv4.address", wanted.address.to_string()),
        ("ipv4.nat", "false".to_owned()),
        ("ipv4.dhcp", dhcp.to_string()),
        ("ipv4.dhcp.ranges", wanted.ranges.clone().unwrap_or_default()),
        ("ipv4.dhcp.gateway", gateway.unwrap_or_default()),
        ("ipv6.address", "none".to_owned()),
    ];
    pairs.map(|(key, value)| (key.to_owned(), value)).into()
}

fn digest(text: &str) -> String {
    base16ct::lower::encode_string(&Sha256::digest(text))
}

fn count(number: usize, noun: &str) -> String {
    match number {
        0 => format!("no {noun}"),
        1 => format!("1 other {noun}"),
        n => format!("{n} other {noun}s"),
    }
}

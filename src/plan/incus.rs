//! Incus: compares what is configured, what Incus has and what was verified earlier, and decides which requests to send.
//! Keys that belong to the operator are left alone, and only what was created here is ever removed.

mod change;
pub mod fault;
mod leftover;
mod profile;

pub use change::Change;
pub use leftover::leftover;

use super::{Action, Input, Notice, Plan};
use crate::config::{Model, code};
use crate::facts::incus::{Bridge, Config, IncusFacts, Marker, Network, Pool};
use crate::host::paths::GENERATION;
use crate::render::incus::{self as render, View};
use crate::types::{KernelName, RelPath};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The key that marks a network as created here: only such a network is ever removed.
pub const MADE: &str = "user.imp.made";

/// What `[incus]` asks of `imp-incus`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Bridges, pools and the default profile.
    pub view: View,
    /// The operator's own preseed.
    pub preseed: Option<Preseed>,
}

/// `preseed-file`. Its text stays where it is, in the folder of the generation: it may hold secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preseed {
    /// `file:line` of the key that names it.
    pub place: String,
    /// The file, below the generation's folder.
    pub file: RelPath,
    /// The SHA-256 of its text, in hexadecimal.
    pub digest: String,
}

impl Input for Wanted {
    const STEP: &'static str = "incus";

    fn of(model: &Model) -> Self {
        Self {
            view: View::of(model),
            preseed: model.incus.preseed.as_ref().map(|preseed| Preseed {
                place: model.place(preseed.at),
                file: preseed.file.clone(),
                digest: digest(&preseed.text),
            }),
        }
    }
}

impl Wanted {
    /// Whether nothing is asked of Incus: then it is not even started.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

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
pub fn decide(wanted: &Wanted, facts: &IncusFacts, marker: Option<&Marker>) -> Decision {
    let view = &wanted.view;
    let mut decision = Decision {
        changes: half_created(view, facts, marker),
        ..Decision::default()
    };
    if !decision.changes.is_empty() {
        return decision;
    }
    for pool in &view.pools {
        decision.pool(pool, facts, marker);
    }
    for network in &view.networks {
        decision.network(network, facts);
    }
    decision.changes.extend(profile::profile(view, facts));
    decision.prune(view, facts);
    decision.preseed = wanted.preseed.as_ref().and_then(|it| preseed(it, facts));
    decision
}

/// The preseed file, unless this Incus has already been given it.
fn preseed(preseed: &Preseed, facts: &IncusFacts) -> Option<Change> {
    (facts.preseed_digest.as_ref() != Some(&preseed.digest)).then(|| Change::Preseed {
        file: Path::new(GENERATION).join(preseed.file.as_ref()),
        digest: preseed.digest.clone(),
        place: preseed.place.clone(),
    })
}

/// Removes what an incusd that was killed left half created and for ever `Pending` (measured on 6.0.4), so that it can be
/// created again. Never touches anything that was once verified, was created by others or is in use, except that the
/// default profile releases it.
fn half_created(view: &View, facts: &IncusFacts, marker: Option<&Marker>) -> Vec<Change> {
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
pub fn marker(wanted: &Wanted, facts: &IncusFacts, before: Option<&Marker>) -> Marker {
    let mut pools = before.map(|marker| marker.pools.clone()).unwrap_or_default();
    for pool in &wanted.view.pools {
        let found = facts.pools.get(pool.name.as_ref());
        let made = found.and_then(Pool::made_at).map(str::to_owned);
        pools.insert(pool.name.to_string(), made.unwrap_or(pool.source.clone()));
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
    fn pool(&mut self, wanted: &render::Pool, facts: &IncusFacts, marker: Option<&Marker>) {
        let (name, source) = (wanted.name.to_string(), &wanted.source);
        let place = wanted.place.clone();
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

    fn network(&mut self, wanted: &render::Network, facts: &IncusFacts) {
        let (name, place) = (wanted.name.to_string(), wanted.place.clone());
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
    fn prune(&mut self, view: &View, facts: &IncusFacts) {
        let wanted = |name: &str| view.networks.iter().any(|bridge| bridge.name.as_ref() == name);
        let made = |network: &&Network| network.config.get(MADE).is_some_and(|made| made == "true");
        let networks = facts.networks.values().filter(|network| network.managed);
        for network in networks.filter(made).filter(|network| !wanted(&network.name)) {
            let released = profile::release(facts, network);
            if network.used_by.is_empty() {
                self.changes.push(Change::DeleteNetwork {
                    seen: network.clone(),
                });
            // If another bridge is left, the device moves to that one instead.
            } else if let Some(release) = released.filter(|_| view.networks.is_empty()) {
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
fn keys(wanted: &render::Network) -> Config {
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

/// What a preseed file is known by once it was applied.
pub fn digest(text: &str) -> String {
    base16ct::lower::encode_string(&Sha256::digest(text))
}

fn count(number: usize, noun: &str) -> String {
    match number {
        0 => format!("no {noun}"),
        1 => format!("1 other {noun}"),
        n => format!("{n} other {noun}s"),
    }
}

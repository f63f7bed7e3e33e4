//! `[incus]` to the preseed of `incus admin init`.

use super::engine::Engine;
use super::{RenderError, Rendered};
use crate::config::{Bridge, Model, PoolDriver, StoragePool};
use crate::types::{IfName, PoolName};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// What Incus should have, whether by preseed or over its socket. Networks and pools are in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// The bridges.
    pub networks: Vec<Network>,
    /// The storage pools.
    pub pools: Vec<Pool>,
    /// The default profile.
    pub profile: Profile,
}

/// A bridge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// `file:line` of its table.
    pub place: String,
    /// Its name.
    pub name: IfName,
    /// The bridge's own address.
    pub address: Ipv4Net,
    /// The containers' router: VPP.
    pub gateway: Ipv4Addr,
    /// Absent if the subnet has no address to hand out: then there is no DHCP.
    pub ranges: Option<String>,
}

/// A storage pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// `file:line` of its table.
    pub place: String,
    /// Its name.
    pub name: PoolName,
    /// Incus's word for its driver.
    pub driver: String,
    /// The directory, dataset or device it keeps its data in.
    pub source: String,
}

/// The devices of the default profile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The pool of the root disk.
    pub pool: Option<PoolName>,
    /// The bridge of the first NIC.
    pub network: Option<IfName>,
}

/// The names Incus itself uses for its first bridge and pool.
const DEFAULTS: [&str; 2] = ["incusbr0", "default"];

/// `preseed.yaml`; the default profile has the bridge and the pool with Incus's own default names, else the first by name.
///
/// `None` if nothing is configured for Incus: its units start only if the file exists.
pub(super) fn preseed(model: &Model, engine: &Engine<'_>) -> Result<Option<Rendered>, RenderError> {
    if model.incus.is_empty() {
        return Ok(None);
    }
    let text = engine.render("incus/preseed.yaml.j2", View::of(model))?;
    Ok(Some(Rendered::new("run/imp/incus/preseed.yaml", text)))
}

impl View {
    /// What this configuration asks for.
    pub fn of(model: &Model) -> Self {
        let incus = &model.incus;
        let networks = incus.bridges.iter();
        let pools = incus.storage_pools.iter();
        Self {
            networks: networks
                .map(|(name, bridge)| network(model, name, bridge))
                .collect(),
            pools: pools.map(|(name, pool)| storage(model, name, pool)).collect(),
            profile: Profile {
                pool: preferred(incus.storage_pools.keys()),
                network: preferred(incus.bridges.keys()),
            },
        }
    }
}

impl View {
    /// The bridges' names.
    pub fn bridges(&self) -> impl Iterator<Item = &IfName> {
        self.networks.iter().map(|network| &network.name)
    }
}

fn preferred<'m, N: AsRef<str> + Clone + 'm>(names: impl Iterator<Item = &'m N> + Clone) -> Option<N> {
    let default = names.clone().find(|name| DEFAULTS.contains(&name.as_ref()));
    default.or_else(|| names.clone().next()).cloned()
}

fn network(model: &Model, name: &IfName, bridge: &Bridge) -> Network {
    let written = bridge.dhcp_range.map(|range| range.to_string());
    Network {
        place: model.place(bridge.at),
        name: name.clone(),
        address: bridge.address,
        gateway: bridge.gateway,
        ranges: written.or_else(|| free_ranges(bridge)),
    }
}

/// Every host address of the subnet but the bridge's and the gateway's, which dnsmasq would hand out otherwise.
fn free_ranges(bridge: &Bridge) -> Option<String> {
    let number = |addr: Ipv4Addr| u32::from(addr);
    let first = number(bridge.address.network()).saturating_add(1);
    let end = number(bridge.address.broadcast());
    let mut taken = [number(bridge.address.addr()), number(bridge.gateway)];
    taken.sort_unstable();
    let starts = [first, taken[0].saturating_add(1), taken[1].saturating_add(1)];
    let ends = [taken[0], taken[1], end];
    let ranges = starts.into_iter().zip(ends).filter(|(start, end)| start < end);
    let texts = ranges.map(|(start, end)| format!("{}-{}", Ipv4Addr::from(start), Ipv4Addr::from(end - 1)));
    texts.reduce(|all, next| format!("{all},{next}"))
}

fn storage(model: &Model, name: &PoolName, pool: &StoragePool) -> Pool {
    let (driver, source) = match &pool.driver {
        PoolDriver::Dir(path) => ("dir", path.to_string()),
        PoolDriver::Zfs(dataset) => ("zfs", dataset.to_string()),
        PoolDriver::Btrfs(path) => ("btrfs", path.to_string()),
        PoolDriver::Lvm(source) => ("lvm", source.to_string()),
    };
    Pool {
        place: model.place(pool.at),
        name: name.clone(),
        driver: driver.to_owned(),
        source,
    }
}

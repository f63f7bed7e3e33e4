//! `[incus]` to the preseed of `incus admin init`.

use super::engine::Engine;
use super::{RenderError, Rendered};
use crate::config::{At, Bridge, Incus, Model, PoolDriver, StoragePool};
use crate::types::{IfName, PoolName};
use ipnet::Ipv4Net;
use serde::Serialize;
use std::net::Ipv4Addr;

/// What Incus should have, whether by preseed or over its socket.
#[derive(Debug, Serialize)]
pub(crate) struct View<'m> {
    pub(crate) networks: Vec<Network<'m>>,
    pub(crate) pools: Vec<Pool<'m>>,
    pub(crate) profile: Profile<'m>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Network<'m> {
    #[serde(skip)]
    pub(crate) at: At,
    pub(crate) name: &'m IfName,
    pub(crate) address: Ipv4Net,
    pub(crate) gateway: Ipv4Addr,
    /// Absent if the subnet has no address to hand out: then there is no DHCP.
    pub(crate) ranges: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Pool<'m> {
    #[serde(skip)]
    pub(crate) at: At,
    pub(crate) name: &'m PoolName,
    pub(crate) driver: &'static str,
    pub(crate) source: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Profile<'m> {
    pub(crate) pool: Option<&'m PoolName>,
    pub(crate) network: Option<&'m IfName>,
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
    let text = engine.render("incus/preseed.yaml.j2", View::of(&model.incus))?;
    Ok(Some(Rendered::new("run/imp/incus/preseed.yaml", text)))
}

impl<'m> View<'m> {
    /// What this configuration asks for.
    pub(crate) fn of(incus: &'m Incus) -> Self {
        let networks = incus.bridges.iter();
        let pools = incus.storage_pools.iter();
        Self {
            networks: networks.map(|(name, bridge)| network(name, bridge)).collect(),
            pools: pools.map(|(name, pool)| storage(name, pool)).collect(),
            profile: Profile {
                pool: preferred(incus.storage_pools.keys()),
                network: preferred(incus.bridges.keys()),
            },
        }
    }
}

fn preferred<'m, N: AsRef<str>>(names: impl Iterator<Item = &'m N> + Clone) -> Option<&'m N> {
    let default = names.clone().find(|name| DEFAULTS.contains(&name.as_ref()));
    default.or_else(|| names.clone().next())
}

fn network<'m>(name: &'m IfName, bridge: &Bridge) -> Network<'m> {
    let written = bridge.dhcp_range.map(|range| range.to_string());
    Network {
        at: bridge.at,
        name,
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

fn storage<'m>(name: &'m PoolName, pool: &StoragePool) -> Pool<'m> {
    let (driver, source) = match &pool.driver {
        PoolDriver::Dir(path) => ("dir", path.to_string()),
        PoolDriver::Zfs(dataset) => ("zfs", dataset.to_string()),
        PoolDriver::Btrfs(path) => ("btrfs", path.to_string()),
        PoolDriver::Lvm(source) => ("lvm", source.to_string()),
    };
    Pool {
        at: pool.at,
        name,
        driver,
        source,
    }
}

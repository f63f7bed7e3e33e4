//! What Incus reports, and what the kernel has of it. Incus's report alone is not enough: it still calls a bridge that was
//! deleted, or whose dnsmasq died, `Created` (6.0.4).

mod bridge;
mod marker;
mod restarts;

pub use bridge::{BRIDGE, Bridge, bridges};
pub use marker::{MARKER, Marker};
pub use restarts::{RESTARTS, Restarts};

use crate::host::incus::{Client, IncusError};
use crate::types::one_line;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;

/// Characters of a complaint that are shown.
const LONGEST_COMPLAINT: usize = 1000;

/// The key of the server's configuration that holds the digest of the preseed file applied last. It disappears when the
/// state of Incus is wiped.
pub const PRESEED_DIGEST: &str = "user.imp.preseed";

/// Where incusd listens, below the root.
pub const SOCKET: &str = "/var/lib/incus/unix.socket";

/// Keys and values, as Incus keeps them: every value is text.
pub type Config = BTreeMap<String, String>;

/// Everything a plan for Incus depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IncusFacts {
    /// Storage pools by name.
    pub pools: BTreeMap<String, Pool>,
    /// Networks by name, including those Incus does not manage.
    pub networks: BTreeMap<String, Network>,
    /// The default profile.
    pub profile: Profile,
    /// What it keeps under [`PRESEED_DIGEST`].
    pub preseed_digest: Option<String>,
    /// The wanted bridges as the kernel has them.
    pub bridges: BTreeMap<String, Bridge>,
}

/// A storage pool.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// `dir`, `zfs` …
    pub driver: String,
    /// `Created`, `Pending`, `Unavailable` …
    #[serde(default)]
    pub status: String,
    /// Its keys.
    #[serde(default)]
    pub config: Config,
    /// Paths of the objects that use it.
    #[serde(default)]
    pub used_by: Vec<String>,
}

/// This file exists from the first start of incusd until its first answer: until then its database holds nothing worth keeping
/// (`units/incus.service.d`).
pub const FIRST_START: &str = "/var/lib/incus/.imp-first-start";

impl Pool {
    /// The source it was created at. Incus overwrites `source` with what it found there (the UUID of a device, a volume group)
    /// and, with some drivers, keeps the original value as well. `None` when it reports neither.
    pub fn made_at(&self) -> Option<&str> {
        let value = |key: &str| self.config.get(key).filter(|value| !value.is_empty());
        value("volatile.initial_source")
            .or_else(|| value("source"))
            .map(String::as_str)
    }
}

/// A network.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Network {
    /// Its name.
    pub name: String,
    /// Whether Incus created it.
    pub managed: bool,
    /// `bridge`, `physical` …
    #[serde(rename = "type")]
    pub kind: String,
    /// `Created`, `Pending`, `Unavailable`; empty for what is not managed.
    #[serde(default)]
    pub status: String,
    /// The operator's description.
    #[serde(default)]
    pub description: String,
    /// Its keys.
    #[serde(default)]
    pub config: Config,
    /// Paths of the objects that use it.
    #[serde(default)]
    pub used_by: Vec<String>,
}

/// A profile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Profile {
    /// The operator's description.
    #[serde(default)]
    pub description: String,
    /// Its keys.
    #[serde(default)]
    pub config: Config,
    /// Devices by name.
    #[serde(default)]
    pub devices: BTreeMap<String, Config>,
}

/// The state of Incus, in four requests.
pub fn read(client: &Client) -> Result<IncusFacts, IncusError> {
    let pools = pools(client)?;
    let networks: Vec<Network> = list(client, "/1.0/networks?recursion=1")?;
    let profile = list(client, "/1.0/profiles/default")?;
    let server = client.get("/1.0")?.metadata;
    Ok(IncusFacts {
        pools,
        networks: networks
            .into_iter()
            .map(|network| (network.name.clone(), network))
            .collect(),
        profile,
        preseed_digest: server["config"][PRESEED_DIGEST].as_str().map(str::to_owned),
        bridges: BTreeMap::new(),
    })
}

/// The storage pools of Incus by name, in one request.
pub fn pools(client: &Client) -> Result<BTreeMap<String, Pool>, IncusError> {
    let pools: Vec<Pool> = list(client, "/1.0/storage-pools?recursion=1")?;
    Ok(pools.into_iter().map(|pool| (pool.name.clone(), pool)).collect())
}

/// Incus's warning about an object it could not start, by the object's path (`networks/NAME`); `None` without a warning.
pub fn complaint(client: &Client, path: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Warning {
        #[serde(default)]
        entity_url: String,
        #[serde(default)]
        last_message: String,
        #[serde(default)]
        status: String,
    }
    let warnings: Vec<Warning> = list(client, "/1.0/warnings?recursion=1").ok()?;
    let suffix = format!("/{path}");
    warnings
        .into_iter()
        .filter(|warning| warning.status != "resolved")
        .find(|warning| {
            warning
                .entity_url
                .split('?')
                .next()
                .unwrap_or_default()
                .ends_with(&suffix)
        })
        .map(|warning| one_line(&warning.last_message, LONGEST_COMPLAINT))
}

fn list<T: DeserializeOwned>(client: &Client, path: &str) -> Result<T, IncusError> {
    object(client.get(path)?.metadata).map_err(|source| IncusError::Broken {
        what: format!("GET {path}"),
        source: source.into(),
    })
}

/// An object of Incus. An empty list or map of Go is `null`.
pub fn object<T: DeserializeOwned>(metadata: Value) -> Result<T, serde_json::Error> {
    let metadata = match metadata {
        Value::Null => Value::Array(Vec::new()),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => without_nulls(other),
    };
    serde_json::from_value(metadata)
}

fn without_nulls(mut value: Value) -> Value {
    if let Value::Object(fields) = &mut value {
        fields.retain(|_, value| !value.is_null());
    }
    value
}

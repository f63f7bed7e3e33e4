//! The default profile: the devices every container gets, from a pool and a network that are fully created.

use super::Change;
use crate::facts::incus::{Config, IncusFacts, Network, Profile};
use crate::render::incus::View;
use crate::types::{IfName, PoolName};
use serde_json::json;
use std::collections::BTreeMap;

/// Its path in Incus, as listed among the users of a network.
const DEFAULT: &str = "/1.0/profiles/default";

/// Sets our two devices; other keys that the operator added to them stay. A device is left out while its pool or network is
/// only half created: once in use, that could no longer be removed and created again.
pub(super) fn profile(view: &View, facts: &IncusFacts) -> Option<Change> {
    let found = &facts.profile;
    let is_whole = |status: Option<&String>| status.is_none_or(|status| status == "Created");
    let pool = |name: &&PoolName| is_whole(facts.pools.get(name.as_ref()).map(|pool| &pool.status));
    let network = |name: &&IfName| is_whole(facts.networks.get(name.as_ref()).map(|it| &it.status));
    let mut devices = BTreeMap::new();
    let is_root = |device: &Config| device.get("path").is_some_and(|path| path == "/");
    let another_root = found
        .devices
        .iter()
        .any(|(name, device)| name != "root" && is_root(device));
    if let Some(pool) = view.profile.pool.as_ref().filter(|_| !another_root).filter(pool) {
        let ours = [("type", "disk"), ("pool", pool.as_ref())];
        devices.extend(device(found, "root", &ours, ("path", "/")));
    }
    if let Some(network) = view.profile.network.as_ref().filter(network) {
        let ours = [("type", "nic"), ("network", network.as_ref())];
        devices.extend(device(found, "eth0", &ours, ("name", "eth0")));
    }
    (!devices.is_empty()).then(|| Change::UpdateProfile {
        seen: found.clone(),
        body: json!({"description": found.description, "devices": devices}),
    })
}

/// The device as it should be; `None` if it already is.
fn device(
    found: &Profile,
    name: &str,
    ours: &[(&str, &str)],
    default: (&str, &str),
) -> Option<(String, Config)> {
    let before = found.devices.get(name);
    let mut after = before.cloned().unwrap_or_default();
    after.entry(default.0.to_owned()).or_insert(default.1.to_owned());
    after.extend(
        ours.iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
    );
    if after.contains_key("network") {
        // Incus refuses a device that names its parent in both ways.
        after.remove("nictype");
        after.remove("parent");
    }
    (before != Some(&after)).then(|| (name.to_owned(), after))
}

/// Removes our NIC from the profile if that leaves the network unused.
pub(super) fn release(facts: &IncusFacts, network: &Network) -> Option<Change> {
    let profile = &facts.profile;
    let is_ours = profile.devices.get("eth0")?.get("network") == Some(&network.name);
    (is_ours && network.used_by == [DEFAULT]).then(|| Change::RemoveDevice {
        seen: profile.clone(),
        name: "eth0".to_owned(),
    })
}

//! The default profile: the devices every container gets, of a pool and a network that are whole.

use super::Change;
use crate::facts::incus::{Config, IncusFacts, Network, Profile};
use crate::render::incus::View;
use crate::types::{IfName, PoolName};
use serde_json::json;
use std::collections::BTreeMap;

/// Incus's path of it, as it stands among the users of a network.
const DEFAULT: &str = "/1.0/profiles/default";

/// Our two devices; what else an operator wrote into them stays. Not those whose pool or network is not whole: once it is
/// used it could not be removed and made anew.
pub(super) fn profile(view: &View<'_>, facts: &IncusFacts) -> Option<Change> {
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
    if let Some(pool) = view.profile.pool.filter(|_| !another_root).filter(pool) {
        let ours = [("type", "disk"), ("pool", pool.as_ref())];
        devices.extend(device(found, "root", &ours, ("path", "/")));
    }
    if let Some(network) = view.profile.network.filter(network) {
        let ours = [("type", "nic"), ("network", network.as_ref())];
        devices.extend(device(found, "eth0", &ours, ("name", "eth0")));
    }
    (!devices.is_empty()).then(|| Change::UpdateProfile {
        seen: found.clone(),
        body: json!({"description": found.description, "devices": devices}),
    })
}

/// The device as it should be; none when it is.
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
        // Both ways to name a parent at once is what Incus refuses.
        after.remove("nictype");
        after.remove("parent");
    }
    (before != Some(&after)).then(|| (name.to_owned(), after))
}

/// Our NIC is taken out of the profile when that makes the network free: nobody else uses it.
pub(super) fn release(facts: &IncusFacts, network: &Network) -> Option<Change> {
    let profile = &facts.profile;
    let is_ours = profile.devices.get("eth0")?.get("network") == Some(&network.name);
    (is_ours && network.used_by == [DEFAULT]).then(|| Change::RemoveDevice {
        seen: profile.clone(),
        name: "eth0".to_owned(),
    })
}

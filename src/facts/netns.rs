//! Network namespaces pinned below `/run/netns`.

use super::{FactsError, mount};
use crate::host::namespace::{inside, open, path, pin};
use crate::host::netlink::{Connection, Link};
use crate::host::{paths, sysctl};
use crate::types::{NetnsName, Root};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;

pub use crate::host::namespace::Pin;

/// The state of a namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct NetnsFacts {
    /// What is at its path.
    pub pin: Pin,
    /// Whether the link that the units use points to it.
    pub linked: bool,
    /// Whether a pin created now is visible in every mount namespace.
    pub directory_shared: bool,
    /// Whether its lo is up; false if there is no namespace.
    pub loopback_up: bool,
    /// The values of the requested keys below `/proc/sys/net` in the namespace.
    pub sysctls: BTreeMap<String, String>,
}

/// The state of the namespace, with the values of these sysctls in it.
pub fn read(root: &Root, name: &NetnsName, keys: &[&str]) -> Result<NetnsFacts, FactsError> {
    let about = |error: io::Error| FactsError::new(format!("namespace '{name}'"), error);
    let pin = pin(root, name).map_err(about)?;
    let mut facts = NetnsFacts {
        pin,
        linked: in_use(root).as_ref() == Some(name),
        directory_shared: mount::is_shared(&root.join(paths::NETNS)).map_err(about)?,
        loopback_up: false,
        sysctls: BTreeMap::new(),
    };
    if pin == Pin::Pinned {
        let namespace = File::open(path(root, name)).map_err(about)?;
        let mut connection = Connection::open_in(&namespace).map_err(about)?;
        let links = connection
            .links()
            .map_err(|error| about(io::Error::other(error)))?;
        facts.loopback_up = links.iter().any(|link| link.loopback && link.up);
        facts.sysctls = inside(&namespace, || Ok(sysctls(keys))).map_err(about)?;
    }
    Ok(facts)
}

/// Whether this process runs in the dataplane's namespace.
pub fn is_own(root: &Root) -> bool {
    let same = |path: &std::path::Path| fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
    let dataplane = same(&root.join(paths::NETNS_LINK));
    dataplane.is_some() && same(std::path::Path::new("/proc/self/ns/net")) == dataplane
}

/// The devices of the dataplane's namespace, when this process runs in it; `None` in any other.
pub fn own_devices(root: &Root) -> Option<Vec<String>> {
    if !is_own(root) {
        return None;
    }
    let table = fs::read_to_string("/proc/self/net/dev").ok()?;
    let names = table.lines().filter_map(|line| line.split_once(':'));
    Some(names.map(|(name, _)| name.trim().to_owned()).collect())
}

/// The devices of the namespace that is in use; none where there is none.
pub fn links(root: &Root) -> Result<Vec<Link>, FactsError> {
    let Some(name) = in_use(root) else {
        return Ok(Vec::new());
    };
    let about = |error: io::Error| FactsError::new(format!("namespace '{name}'"), error);
    let namespace = open(root, &name).map_err(about)?;
    let mut connection = Connection::open_in(&namespace).map_err(about)?;
    connection.links().map_err(|error| about(io::Error::other(error)))
}

/// The values of these keys in the namespace of the calling thread; a key the kernel lacks is left out.
fn sysctls(keys: &[&str]) -> BTreeMap<String, String> {
    let value = |key: &str| sysctl::get(key).ok().flatten();
    keys.iter()
        .filter_map(|key| Some(((*key).to_owned(), value(key)?)))
        .collect()
}

/// The namespace that is up and that the units use, even after the configuration names another one.
pub fn in_use(root: &Root) -> Option<NetnsName> {
    let target = fs::read_link(root.join(paths::NETNS_LINK)).ok()?;
    target.strip_prefix(paths::NETNS).ok()?.to_str()?.parse().ok()
}

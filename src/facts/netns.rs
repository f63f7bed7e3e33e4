//! Network namespaces pinned below `/run/netns`.

use super::{FactsError, mount, netlink::Connection};
use crate::types::{NetnsName, Root};
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns};
use nix::sys::statfs::{NSFS_MAGIC, statfs};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Where namespaces are pinned, below the root: where `ip netns` and `NetworkNamespacePath=` expect them.
pub const DIRECTORY: &str = "/run/netns";

/// The link through which units find the namespace, whatever its name: a unit file cannot hold what the TOML says.
pub const LINK: &str = "/run/imp/netns";

/// What is at a namespace's place.
///
/// Decided by the filesystem type alone: a plain file stays behind when the pin was made in another mount
/// namespace, and the inode number of a namespace is used again (facts/components.md, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pin {
    /// Nothing.
    Absent,
    /// A plain file that pins nothing.
    Placeholder,
    /// A namespace.
    Pinned,
}

/// What there is of a namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct NetnsFacts {
    /// What is at its place.
    pub pin: Pin,
    /// Whether the units' link leads to it.
    pub linked: bool,
    /// Whether a pin made now is seen in every mount namespace.
    pub directory_shared: bool,
    /// Whether its lo is up; false where there is no namespace.
    pub loopback_up: bool,
    /// The values of the asked keys below `/proc/sys/net`, in it.
    pub sysctls: BTreeMap<String, String>,
}

/// What there is of the namespace, with the values of these sysctls inside.
pub fn read(root: &Root, name: &NetnsName, keys: &[&str]) -> Result<NetnsFacts, FactsError> {
    let about = |error: io::Error| FactsError::new(format!("namespace '{name}'"), error);
    let pin = pin(root, name).map_err(about)?;
    let mut facts = NetnsFacts {
        pin,
        linked: in_use(root).as_ref() == Some(name),
        directory_shared: mount::is_shared(&root.join(DIRECTORY)).map_err(about)?,
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

/// The values of these keys in the namespace of the calling thread; a key the kernel lacks is left out.
fn sysctls(keys: &[&str]) -> BTreeMap<String, String> {
    let value = |key: &str| fs::read_to_string(Path::new("/proc/sys").join(key)).ok();
    keys.iter()
        .filter_map(|key| Some(((*key).to_owned(), value(key)?.trim().to_owned())))
        .collect()
}

/// The namespace the units were led to: the one that is up, also after the configuration names another.
pub fn in_use(root: &Root) -> Option<NetnsName> {
    let target = fs::read_link(root.join(LINK)).ok()?;
    target.strip_prefix(DIRECTORY).ok()?.to_str()?.parse().ok()
}

/// The path a namespace of this name is pinned at.
pub fn path(root: &Root, name: &NetnsName) -> PathBuf {
    root.join(DIRECTORY).join(name.as_ref())
}

/// What is at the place of this namespace.
pub fn pin(root: &Root, name: &NetnsName) -> io::Result<Pin> {
    match statfs(&path(root, name)) {
        Ok(found) if found.filesystem_type() == NSFS_MAGIC => Ok(Pin::Pinned),
        Ok(_) => Ok(Pin::Placeholder),
        Err(Errno::ENOENT) => Ok(Pin::Absent),
        Err(error) => Err(error.into()),
    }
}

/// The pinned namespace, open; an error of kind `NotFound` when there is none, placeholder or not.
pub fn open(root: &Root, name: &NetnsName) -> io::Result<File> {
    match pin(root, name)? {
        Pin::Pinned => File::open(path(root, name)),
        Pin::Absent | Pin::Placeholder => Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!("namespace '{name}' is not there"),
        )),
    }
}

/// Does the work inside the namespace and returns its result; the caller itself never leaves its own.
///
/// A namespace belongs to a thread, so the work gets a thread of its own that ends with it: there is no way back
/// to forget. Needs CAP_SYS_ADMIN.
pub fn inside<T: Send>(namespace: &File, work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    let visit = || {
        setns(namespace, CloneFlags::CLONE_NEWNET)?;
        work()
    };
    std::thread::scope(|scope| {
        scope
            .spawn(visit)
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the work inside the namespace panicked")))
    })
}

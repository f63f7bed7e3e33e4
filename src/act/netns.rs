//! Creates and removes pinned network namespaces and sets sysctls in them.

use super::{ActError, mount};
use crate::host::file::{self, Effect};
use crate::host::namespace::{self, Pin};
use crate::host::{paths, sysctl};
use crate::plan::Place;
use crate::types::{NetnsName, Root};
use nix::mount::MsFlags;
use nix::sched::{CloneFlags, unshare};
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// A new namespace is pinned under the name.
///
/// It is created by a thread that ends afterwards; the process stays in its own namespace. A kill between the placeholder
/// and the mount leaves a placeholder, which the next plan removes.
pub fn create(root: &Root, name: &NetnsName) -> Result<Effect, ActError> {
    if namespace::pin(root, name)? == Pin::Pinned {
        return Ok(Effect::Unchanged);
    }
    let path = namespace::path(root, name);
    file::create_dir(&root.join(paths::NETNS), 0o755)?;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o444)
        .open(&path)?;
    let pinned = std::thread::scope(|scope| scope.spawn(|| unshare_and_pin(&path)).join())
        .unwrap_or_else(|_| Err(io::Error::other("the thread that creates it panicked")));
    if let Err(error) = pinned {
        // The first error is the one to report.
        let _ = fs::remove_file(&path);
        return Err(error.into());
    }
    Ok(Effect::Changed)
}

fn unshare_and_pin(path: &Path) -> io::Result<()> {
    const NONE: Option<&str> = None;
    unshare(CloneFlags::CLONE_NEWNET)?;
    let own = "/proc/thread-self/ns/net";
    Ok(nix::mount::mount(Some(own), path, NONE, MsFlags::MS_BIND, NONE)?)
}

/// A plain file where a namespace should be pinned is removed; a pinned namespace is left alone.
pub fn remove_placeholder(root: &Root, name: &NetnsName) -> Result<Effect, ActError> {
    match namespace::pin(root, name)? {
        Pin::Placeholder => Ok(file::remove(&namespace::path(root, name))?),
        Pin::Absent | Pin::Pinned => Ok(Effect::Unchanged),
    }
}

/// The pin is removed, including any stacked on top of each other.
pub fn remove(root: &Root, name: &NetnsName) -> Result<Effect, ActError> {
    let path = namespace::path(root, name);
    let _ = mount::unmount(&path)?;
    Ok(file::remove(&path)?)
}

/// A key below `/proc/sys` has the value in the namespace; a kernel without the key has nothing to set.
pub fn set_sysctl(root: &Root, place: &Place, key: &str, value: &str) -> Result<Effect, ActError> {
    match place {
        Place::Host => Ok(sysctl::set(key, value)?),
        Place::Namespace(name) => {
            let namespace = namespace::open(root, name)?;
            Ok(namespace::inside(&namespace, || sysctl::set(key, value))?)
        }
    }
}

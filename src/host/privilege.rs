//! Drops every capability that a step does not name, and asks what whoever calls may do.

use super::file;
use super::stat::lstat;
use crate::exit::{Failure, Kind};
use caps::{CapSet, Capability, CapsHashSet};
use nix::errno::Errno;
use nix::unistd::{AccessFlags, eaccess, geteuid};
use std::io;
use std::path::{Path, PathBuf};

/// Why the capabilities could not be reduced.
#[derive(Debug, thiserror::Error)]
pub enum PrivilegeError {
    /// The unit, or whoever started the program, does not grant it.
    #[error("{0} is needed and not granted")]
    NotGranted(Capability),
    /// The kernel refused.
    #[error("drop capabilities")]
    Drop(#[source] caps::errors::CapsError),
}

impl From<PrivilegeError> for Failure {
    fn from(error: PrivilegeError) -> Self {
        Self::from_error(Kind::Privilege, &error)
    }
}

/// This thread, and every program it starts, has exactly these capabilities from here on.
///
/// Call it first, before any thread is started: capabilities belong to threads. A process that holds none at all
/// (a regular user, in a test) has nothing to drop and continues; the kernel then checks each action.
/// The bounding set can only shrink with CAP_SETPCAP; where a unit withholds that, its `CapabilityBoundingSet=`
/// already is the bound.
pub fn keep(needed: &[Capability]) -> Result<(), PrivilegeError> {
    keep_also(needed, &[])
}

/// The same, and also keeps capabilities in `welcome` that the process happens to have: a step can do without them.
pub fn keep_also(needed: &[Capability], welcome: &[Capability]) -> Result<(), PrivilegeError> {
    let held = caps::read(None, CapSet::Permitted).map_err(PrivilegeError::Drop)?;
    if held.is_empty() {
        return Ok(());
    }
    if let Some(missing) = needed.iter().find(|cap| !held.contains(cap)) {
        return Err(PrivilegeError::NotGranted(*missing));
    }
    let welcome = welcome.iter().filter(|cap| held.contains(cap));
    let wanted = needed.iter().chain(welcome).copied().collect();
    match has_exactly(&wanted) {
        Ok(true) => Ok(()),
        Ok(false) => shrink_to(&wanted).map_err(PrivilegeError::Drop),
        Err(error) => Err(PrivilegeError::Drop(error)),
    }
}

/// Whether whoever calls is root.
pub fn is_root() -> bool {
    geteuid().is_root()
}

/// The file may be written: itself, or, where it is missing, something in the nearest directory above it that is there. An error
/// only where the caller lacks the right; a full or read-only disk is found out by the write.
pub fn may_write(path: &Path) -> io::Result<()> {
    allowed(path, AccessFlags::W_OK)
}

/// The first of the files below a directory that the caller lacks the right to read; `None` when he may read them all. What is in
/// a directory of a name in `but` is not looked at.
pub fn first_hidden(directory: &Path, but: &[&str]) -> Option<(PathBuf, io::Error)> {
    let mut places = vec![directory.to_owned()];
    while let Some(place) = places.pop() {
        if let Err(error) = allowed(&place, AccessFlags::R_OK) {
            return Some((place, error));
        }
        let name = place.file_name().and_then(|name| name.to_str());
        let is_left_out = name.is_some_and(|name| but.contains(&name));
        let is_dir = lstat(&place).is_ok_and(|found| found.is_directory);
        if is_dir && !is_left_out {
            places.extend(file::list(&place).unwrap_or_default());
        }
    }
    None
}

fn allowed(path: &Path, how: AccessFlags) -> io::Result<()> {
    for place in path.ancestors() {
        match eaccess(place, how) {
            Err(Errno::ENOENT) => {}
            Err(error @ (Errno::EACCES | Errno::EPERM)) => return Err(error.into()),
            _ => return Ok(()),
        }
    }
    Ok(())
}

/// Whether there is nothing to drop: the unit's system call filter may then forbid capset(2) altogether.
fn has_exactly(wanted: &CapsHashSet) -> Result<bool, caps::errors::CapsError> {
    Ok(caps::read(None, CapSet::Permitted)? == *wanted
        && caps::read(None, CapSet::Bounding)? == *wanted
        && caps::read(None, CapSet::Ambient)?.is_empty())
}

fn shrink_to(wanted: &CapsHashSet) -> Result<(), caps::errors::CapsError> {
    caps::clear(None, CapSet::Ambient)?;
    if caps::has_cap(None, CapSet::Effective, Capability::CAP_SETPCAP)? {
        for cap in caps::read(None, CapSet::Bounding)?.difference(wanted) {
            caps::drop(None, CapSet::Bounding, *cap)?;
        }
    }
    caps::set(None, CapSet::Effective, wanted)?;
    caps::set(None, CapSet::Inheritable, &CapsHashSet::new())?;
    caps::set(None, CapSet::Permitted, wanted)
}

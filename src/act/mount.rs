//! Bind mounts.

use super::Outcome;
use super::file;
use crate::facts::mount::{is_mounted, is_same, is_shared};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use std::io;
use std::path::Path;

const NONE: Option<&str> = None;

/// Mounts made below the directory from now on reach every mount namespace, as `ip netns` arranges it.
pub fn share(directory: &Path) -> io::Result<Outcome> {
    file::create_dir(directory, 0o755)?;
    if is_shared(directory)? {
        return Ok(Outcome::Unchanged);
    }
    if !is_mounted(directory)? {
        let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
        mount(Some(directory), directory, NONE, flags, NONE)?;
    }
    mount(NONE, directory, NONE, MsFlags::MS_SHARED | MsFlags::MS_REC, NONE)?;
    Ok(Outcome::Changed)
}

/// The source is what one sees at the target; an older bind there is taken away first.
///
/// A second bind over one whose source was renamed away fails with ENOENT (facts/components.md, section 5), so
/// stale ones go, as many as are stacked. Both must exist and be of one kind.
pub fn bind(source: &Path, target: &Path) -> io::Result<Outcome> {
    if is_same(source, target) {
        return Ok(Outcome::Unchanged);
    }
    let kind = |path: &Path, what: &str| match std::fs::metadata(path) {
        Ok(found) => Ok(found.is_dir()),
        Err(error) => Err(io::Error::new(
            error.kind(),
            format!("{what} {}: {error}", path.display()),
        )),
    };
    if kind(source, "the source")? != kind(target, "the placeholder")? {
        return Err(io::Error::other("one is a directory and the other is not"));
    }
    let _ = unmount(target)?;
    mount(Some(source), target, NONE, MsFlags::MS_BIND, NONE)?;
    Ok(Outcome::Changed)
}

/// Nothing is mounted at the target any more; who still has it open keeps what was there.
pub fn unmount(target: &Path) -> io::Result<Outcome> {
    let mut outcome = Outcome::Unchanged;
    while is_mounted(target)? {
        umount2(target, MntFlags::MNT_DETACH)?;
        outcome = Outcome::Changed;
    }
    Ok(outcome)
}

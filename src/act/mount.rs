//! Bind mounts.

use crate::facts::mount::{is_mounted, is_same, is_shared, is_stale};
use crate::host::file::{self, Effect, Owner};
use nix::fcntl::{OFlag, open};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::stat::Mode;
use std::fs;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const NONE: Option<&str> = None;

/// Mounts made below the directory from now on reach every mount namespace, as `ip netns` sets it up.
pub fn share(directory: &Path) -> io::Result<Effect> {
    file::create_dir(directory, 0o755)?;
    if is_shared(directory)? {
        return Ok(Effect::Unchanged);
    }
    if !is_mounted(directory)? {
        let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
        mount(Some(directory), directory, NONE, flags, NONE)?;
    }
    mount(NONE, directory, NONE, MsFlags::MS_SHARED | MsFlags::MS_REC, NONE)?;
    Ok(Effect::Changed)
}

/// The source is bind-mounted at the target. Both must exist, and both be files or both directories.
///
/// A bind over one whose source was renamed away fails with ENOENT, so such a stale mount is removed first. Anything else
/// mounted there is not ours to remove: the bind is stacked on top of it.
pub fn bind(source: &Path, target: &Path) -> io::Result<Effect> {
    if is_same(source, target) {
        return Ok(Effect::Unchanged);
    }
    let kind = |path: &Path, what: &str| match fs::metadata(path) {
        Ok(found) => Ok(found.is_dir()),
        Err(error) => Err(io::Error::new(
            error.kind(),
            format!("{what} {}: {error}", path.display()),
        )),
    };
    if kind(source, "the source")? != kind(target, "the placeholder")? {
        return Err(io::Error::other("only one of the two is a directory"));
    }
    while is_stale(target)? {
        umount2(target, MntFlags::MNT_DETACH)?;
    }
    // A symbolic link is covered itself, not what it leads to.
    let place = open(
        target,
        OFlag::O_PATH | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC,
        Mode::empty(),
    )?;
    let place = format!("/proc/self/fd/{}", place.as_raw_fd());
    mount(Some(source), place.as_str(), NONE, MsFlags::MS_BIND, NONE)?;
    Ok(Effect::Changed)
}

/// The directory exists; a new one has mode and owner of `like`, or is not there.
pub fn make_directory(path: &Path, like: &Path) -> io::Result<Effect> {
    if path.is_dir() {
        return Ok(Effect::Unchanged);
    }
    let pattern = fs::metadata(like)?;
    let (uid, gid) = (pattern.uid(), pattern.gid());
    file::create_dir_as(path, pattern.mode() & 0o7777, Owner { uid, gid })
}

/// An empty file exists to bind over; the file, and every directory created for it, is private to the user from the moment it
/// is there.
pub fn make_placeholder(path: &Path, uid: u32, gid: u32) -> io::Result<Effect> {
    if path.try_exists()? {
        return Ok(Effect::Unchanged);
    }
    let owner = Owner { uid, gid };
    let missing: Vec<&Path> = path.ancestors().skip(1).take_while(|dir| !dir.exists()).collect();
    for dir in missing.into_iter().rev() {
        let _ = file::create_dir_as(dir, 0o700, owner)?;
    }
    file::write_as(path, b"", 0o600, owner)
}

/// The home directory exists; a new one is private to the user. What it lies in must be there: it outlives the boot.
pub fn make_home(path: &Path, uid: u32) -> io::Result<Effect> {
    if let Some(data) = path.ancestors().nth(2).filter(|data| !data.is_dir()) {
        return Err(io::Error::other(format!("{} is missing", data.display())));
    }
    file::create_dir_as(path, 0o700, Owner { uid, gid: uid })
}

/// Nothing is mounted at the target any more; processes that have a file in it open keep that file.
pub fn unmount(target: &Path) -> io::Result<Effect> {
    let mut outcome = Effect::Unchanged;
    while is_mounted(target)? {
        umount2(target, MntFlags::MNT_DETACH)?;
        outcome = Effect::Changed;
    }
    Ok(outcome)
}

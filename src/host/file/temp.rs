//! Temporary files beside their targets: `.NAME.imp-PID.NUMBER`, locked as long as somebody writes them.

use super::{parent, remove};
use nix::fcntl::OFlag;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// How often a temporary file is made that somebody else removes.
pub(super) const ATTEMPTS: u32 = 10;

/// Creates a temporary file or directory beside the target and returns it locked.
///
/// Another writer of the same target may see it before the lock, take it for a leftover and remove it: then it is made again.
pub(super) fn locked(target: &Path, make: fn(&Path) -> io::Result<File>) -> io::Result<(PathBuf, File)> {
    for _ in 0..ATTEMPTS {
        let temp = temp_beside(target)?;
        let file = match make(&temp) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            file => file?,
        };
        file.lock()?;
        if is_named(&file, &temp) {
            return Ok((temp, file));
        }
    }
    let text = "its temporary files are removed by somebody else";
    Err(io::Error::new(ErrorKind::ResourceBusy, text))
}

/// Whether the open file still is what has the name.
fn is_named(file: &File, path: &Path) -> bool {
    let identity = |found: fs::Metadata| (found.dev(), found.ino());
    let named = fs::symlink_metadata(path).map(identity);
    matches!((file.metadata().map(identity), named), (Ok(one), Ok(other)) if one == other)
}

pub(super) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

pub(super) fn create_private_dir(path: &Path) -> io::Result<File> {
    DirBuilder::new().mode(0o700).create(path)?;
    File::open(path)
}

/// The prefix of this target's temporary files. Hidden, so that nothing that reads `*.conf` takes one.
fn temp_prefix(path: &Path) -> io::Result<OsString> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "the path names no file"))?;
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".imp-");
    Ok(prefix)
}

pub(super) fn temp_beside(path: &Path) -> io::Result<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let mut name = temp_prefix(path)?;
    name.push(format!(
        "{}.{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    ));
    Ok(path.with_file_name(name))
}

/// Removes what a killed run left beside the target: temporary files that are not locked.
pub(super) fn remove_leftovers(path: &Path) -> io::Result<()> {
    let prefix = temp_prefix(path)?;
    for entry in fs::read_dir(parent(path)?)? {
        let entry = entry?;
        if is_temp(&entry.file_name(), &prefix) {
            remove_abandoned(&entry.path())?;
        }
    }
    Ok(())
}

fn is_temp(name: &OsStr, prefix: &OsStr) -> bool {
    name.as_encoded_bytes()
        .strip_prefix(prefix.as_encoded_bytes())
        .is_some_and(|rest| rest.iter().all(|b| b.is_ascii_digit() || *b == b'.'))
}

/// Removes it unless a running write has it locked. Our own lock is held meanwhile, so that one that is about to be locked
/// is seen to be gone.
fn remove_abandoned(temp: &Path) -> io::Result<()> {
    let is_link = fs::symlink_metadata(temp).is_ok_and(|found| found.is_symlink());
    let lock = open_at_once(temp).ok().filter(|file| file.try_lock().is_ok());
    if !is_link && lock.is_none() {
        return Ok(());
    }
    match remove(temp) {
        // Somebody else was quicker.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed.map(drop),
    }
}

/// Opened for reading, without waiting for somebody to write into a pipe.
pub(super) fn open_at_once(path: &Path) -> io::Result<File> {
    let flags = OFlag::O_NONBLOCK.bits();
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

//! What has to survive a power cut, and what cannot.

use nix::sys::statfs::{FsType, TMPFS_MAGIC, fstatfs};
use nix::unistd::syncfs;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Renames and unlinks in the directory survive a power cut.
pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    sync(&File::open(dir)?, dir)
}

/// The content survives a power cut, where anything does.
pub(super) fn sync(file: &File, path: &Path) -> io::Result<()> {
    match outlives_boot(file, path) {
        true => file.sync_all(),
        false => Ok(()),
    }
}

/// All that was written below an open directory survives a power cut. The whole filesystem is synced at once: a slow disk takes
/// seconds for each file.
pub(super) fn sync_tree(dir: &File, path: &Path) -> io::Result<()> {
    match outlives_boot(dir, path) {
        true => Ok(syncfs(dir)?),
        false => Ok(()),
    }
}

/// Whether what is written to an open file or directory is there after a power cut: not on a tmpfs, nor in a `run` that is on a
/// disk, as below another root, for the next boot empties it. A boot writes about forty files there.
fn outlives_boot(file: &File, path: &Path) -> bool {
    let filesystem = fstatfs(file).map(|found| found.filesystem_type());
    if filesystem.is_ok_and(|found: FsType| found == TMPFS_MAGIC) {
        return false;
    }
    let run = path.ancestors().find(|dir| dir.ends_with("run"));
    // What is mounted below it, such as an image that is being written, is no part of it.
    let device = |found: io::Result<fs::Metadata>| found.ok().map(|found| found.dev());
    run.is_none_or(|run| device(fs::metadata(run)) != device(file.metadata()))
}

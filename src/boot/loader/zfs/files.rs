//! The files of an image: where it is mounted, or in a mount that nobody else sees and that ends with the look at it.

use crate::boot::loader::BackendError;
use crate::facts::mount::{Mount, mounts_of};
use crate::host::process;
use crate::types::{DatasetName, Root};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(20);
/// There on every Linux machine, and nothing of it is needed while the namespace lives.
const PLACE: &str = "/mnt";
const NONE: Option<&str> = None;

/// The dataset that is mounted as `/`; `None` when that is not a dataset.
pub fn booted(root: &Root) -> Option<DatasetName> {
    let mounts = mounts_of(root).ok()?;
    let top = mounts.into_iter().rfind(|mount| mount.target == Path::new("/"))?;
    (top.kind == "zfs").then(|| top.device.parse().ok())?
}

/// Why a machine whose `/` has to do with ZFS, or hides what it lies on, has no images that could be told apart.
pub fn unfit(root: &Root) -> Option<String> {
    let mounts = mounts_of(root).ok()?;
    let top = mounts.into_iter().rfind(|mount| mount.target == Path::new("/"))?;
    match top.kind.as_str() {
        "zfs" if !top.device.contains('/') => Some(format!(
            "/ is the pool's own dataset '{pool}', and images are datasets beside each other, such as {pool}/ROOT/a",
            pool = top.device
        )),
        "zfs" => Some(format!(
            "/ is the dataset '{}', whose name is not an image's",
            top.device
        )),
        "overlay" => Some("/ is an overlay, and which image lies under it does not show".to_owned()),
        _ => None,
    }
}

/// Where a dataset is mounted as a whole.
pub fn mounted(root: &Root, dataset: &DatasetName) -> Option<PathBuf> {
    let whole = |mount: &Mount| {
        mount.kind == "zfs" && mount.device == dataset.as_ref() && mount.source == Path::new("/")
    };
    let found = mounts_of(root).ok()?.into_iter().find(whole)?;
    Some(root.join(found.target))
}

/// The names in `/boot` of an image; empty when it has no such directory.
pub fn boot_directory(
    root: &Root,
    dataset: &DatasetName,
    legacy: bool,
) -> Result<BTreeSet<String>, BackendError> {
    look(root, dataset, legacy, |image| names(&image.join("boot")))?.map_err(|source| BackendError::File {
        subject: format!("/boot of '{dataset}'"),
        source,
    })
}

/// What a look at the files of an image gives, at the place they are mounted.
pub fn look<T: Send>(
    root: &Root,
    dataset: &DatasetName,
    legacy: bool,
    what: impl Fn(&Path) -> T + Sync,
) -> Result<T, BackendError> {
    match mounted(root, dataset) {
        Some(place) => Ok(what(&place)),
        None => look_inside(dataset, legacy, what),
    }
}

/// A thread has a mount namespace of its own: killed at any moment, nothing stays mounted.
fn look_inside<T: Send>(
    dataset: &DatasetName,
    legacy: bool,
    what: impl Fn(&Path) -> T + Sync,
) -> Result<T, BackendError> {
    let options = if legacy { "ro" } else { "ro,zfsutil" };
    let look = || {
        unshare(CloneFlags::CLONE_NEWNS)
            .and_then(|()| mount(NONE, "/", NONE, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NONE))
            .map_err(|error| BackendError::File {
                subject: format!("a private mount of '{dataset}'"),
                source: error.into(),
            })?;
        let words = ["-t", "zfs", "-o", options, dataset.as_ref(), PLACE];
        let _ = process::run("mount", &words, DEADLINE)?;
        Ok(what(Path::new(PLACE)))
    };
    thread::scope(|scope| scope.spawn(look).join()).unwrap_or_else(|_| {
        Err(BackendError::Unreadable(format!(
            "'{dataset}' could not be looked at"
        )))
    })
}

fn names(dir: &Path) -> io::Result<BTreeSet<String>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeSet::new()),
        entries => entries?,
    };
    let mut names = BTreeSet::new();
    for entry in entries {
        let entry = entry?;
        // What a link leads to is in the image too, but an empty file is what a full disk leaves.
        if fs::metadata(entry.path()).is_ok_and(|file| file.is_file() && file.len() > 0) {
            names.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

//! Atomic, durable changes of files and directories: after a crash there is the old content or the new one.

mod read;
mod space;
mod sync;
mod temp;

pub use space::{Space, space};

use super::paths;
use nix::unistd::{Gid, Uid, fchown};
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
pub use read::{
    again, link_target, list, list_dirs_newest_first, modified, read_bytes, read_start, read_text,
};
use sync::{sync, sync_dir, sync_tree};
use temp::{ATTEMPTS, create, create_private_dir, locked, remove_leftovers, temp_beside};

/// Whether an operation changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Effect {
    /// The machine is different from before.
    Changed,
    /// It already was as requested and was not touched.
    Unchanged,
}

impl Effect {
    /// Changed if either is.
    pub fn or(self, other: Self) -> Self {
        if self.changed() { self } else { other }
    }

    /// Whether anything changed.
    pub fn changed(self) -> bool {
        self == Self::Changed
    }
}

/// The user and the group something belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The user's number.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
}

impl Owner {
    fn take(self, file: &File) -> io::Result<()> {
        Ok(fchown(
            file,
            Some(Uid::from_raw(self.uid)),
            Some(Gid::from_raw(self.gid)),
        )?)
    }
}

/// One file of a tree given to [`write_tree`].
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// Its place below the tree's directory.
    pub path: &'a Path,
    /// Its content.
    pub bytes: &'a [u8],
    /// Its permission bits.
    pub mode: u32,
}

/// The path holds exactly these bytes with this mode, durably; a reader or a power cut sees the old file or the new one.
///
/// An identical file is not touched. Missing parent directories are created with mode 0755.
/// Temporary files left beside it by a killed run are removed. On a tmpfs, nothing is synced.
pub fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<Effect> {
    if holds(path, bytes, mode) {
        // What a killed run left of a secret is a secret too.
        if mode & 0o077 == 0 {
            let _ = remove_leftovers(path);
        }
        return Ok(Effect::Unchanged);
    }
    replace(path, bytes, mode, None)
}

/// The file holds exactly these bytes and keeps its permission bits; a new one is for its owner alone. A link stays a link: what
/// it leads to is written.
pub fn write_through(path: &Path, bytes: &[u8]) -> io::Result<Effect> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mode = fs::metadata(&target).map_or(0o600, |found| found.permissions().mode() & 0o7777);
    write(&target, bytes, mode)
}

/// Like [`write`], and the file belongs to this user and group from its first moment under this name.
pub fn write_as(path: &Path, bytes: &[u8], mode: u32, owner: Owner) -> io::Result<Effect> {
    replace(path, bytes, mode, Some(owner))
}

fn replace(path: &Path, bytes: &[u8], mode: u32, owner: Option<Owner>) -> io::Result<Effect> {
    let parent = parent(path)?;
    create_dir(parent, 0o755)?;
    remove_leftovers(path)?;
    // The lock is held until the name is final: a locked file belongs to a running write, an unlocked one is a leftover.
    let (temp, mut file) = locked(path, create)?;
    let written = owner
        .map_or(Ok(()), |owner| owner.take(&file))
        .and_then(|()| fill(&mut file, bytes, mode))
        .and_then(|()| sync(&file, &temp))
        .and_then(|()| fs::rename(&temp, path));
    discard_on_error(written, &temp)?;
    sync_dir(parent)?;
    Ok(Effect::Changed)
}

/// The directory holds exactly these files and nothing else, replaced in one step by an exchange of names.
///
/// The directory has mode `dir_mode`, and so have those below it. An identical one is not touched. Where the filesystem cannot
/// exchange names, the old directory is moved aside first: for a moment there is none, but never an incomplete one. However
/// many files there are, the disk is waited for once, and once more for the name.
pub fn write_tree(dir: &Path, entries: &[Entry<'_>], dir_mode: u32) -> io::Result<Effect> {
    if is_tree(dir, entries, dir_mode)? {
        let _ = remove_leftovers(dir);
        return Ok(Effect::Unchanged);
    }
    let parent = parent(dir)?;
    create_dir(parent, 0o755)?;
    remove_leftovers(dir)?;
    let (temp, lock) = locked(dir, create_private_dir)?;
    let replaced = fill_tree(&temp, &lock, entries, dir_mode).and_then(|()| exchange(&temp, dir));
    discard_on_error(replaced, &temp)?;
    sync_dir(parent)?;
    Ok(Effect::Changed)
}

/// The link points to the target, replaced in one step.
pub fn replace_symlink(link: &Path, target: &Path) -> io::Result<Effect> {
    if fs::read_link(link).is_ok_and(|found| found == target) {
        return Ok(Effect::Unchanged);
    }
    let parent = parent(link)?;
    create_dir(parent, 0o755)?;
    remove_leftovers(link)?;
    let mut attempts = ATTEMPTS;
    loop {
        let temp = temp_beside(link)?;
        let replaced = std::os::unix::fs::symlink(target, &temp).and_then(|()| fs::rename(&temp, link));
        attempts -= 1;
        match replaced {
            // A link cannot be locked: whoever writes the same one took it for a leftover.
            Err(error) if error.kind() == ErrorKind::NotFound && attempts > 0 => {}
            replaced => {
                discard_on_error(replaced, &temp)?;
                sync_dir(parent)?;
                return Ok(Effect::Changed);
            }
        }
    }
}

/// What is at the path has the other name, in the same directory; whatever had that before is gone.
pub fn rename(path: &Path, name: &str) -> io::Result<()> {
    let _ = remove(&path.with_file_name(name))?;
    fs::rename(path, path.with_file_name(name))?;
    sync_dir(parent(path)?)
}

/// Nothing is at the path any more: a file is removed, a directory with its content. A symlink is not followed.
pub fn remove(path: &Path) -> io::Result<Effect> {
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Effect::Unchanged),
        found => found?,
    };
    if metadata.is_dir() {
        fs::remove_dir_all(path)?;
    } else {
        fs::remove_file(path)?;
    }
    sync_dir(parent(path)?)?;
    Ok(Effect::Changed)
}

/// The directory and its parents exist. New ones get this mode regardless of the umask; those for our own records get 0700,
/// whoever makes them first. `/persistent/data` is never created, and `/persistent/config` only on a partition that is mounted
/// on `/persistent`: that is an error of kind `NotFound`.
pub fn create_dir(dir: &Path, mode: u32) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    // Whoever mounts it creates it. Incus would take an empty directory for its state and initialise itself again; a new
    // identity in the image would be hidden by the mount that comes later.
    let is = |place: &str| dir.ends_with(paths::relative(place));
    if is(paths::DATA) || is(paths::CONFIG) && !dir.parent().is_some_and(is_partition) {
        let text = format!("{} does not exist", dir.display());
        return Err(io::Error::new(ErrorKind::NotFound, text));
    }
    let mut above = dir.ancestors();
    let ours = above.any(|dir| dir.ends_with(paths::relative(paths::RECORDS)));
    let mode = if ours { 0o700 } else { mode };
    let parent = parent(dir)?;
    create_dir(parent, mode)?;
    match create_one_dir(dir, mode)? {
        Effect::Changed => sync_dir(parent),
        Effect::Unchanged => Ok(()),
    }
}

/// Whether the directory is on another filesystem than the one it is in.
fn is_partition(dir: &Path) -> bool {
    let device = |dir: &Path| fs::metadata(dir).map(|found| found.dev());
    let around = dir.parent().map(device);
    matches!((device(dir), around), (Ok(here), Some(Ok(around))) if here != around)
}

/// The same below a directory that exists, but a power cut may undo it.
fn create_dirs(dir: &Path, mode: u32) -> io::Result<()> {
    if !dir.is_dir() {
        create_dirs(parent(dir)?, mode)?;
        let _ = create_one_dir(dir, mode)?;
    }
    Ok(())
}

fn create_one_dir(dir: &Path, mode: u32) -> io::Result<Effect> {
    match DirBuilder::new().mode(mode).create(dir) {
        Ok(()) => fs::set_permissions(dir, Permissions::from_mode(mode)).map(|()| Effect::Changed),
        Err(error) if error.kind() == ErrorKind::AlreadyExists && dir.is_dir() => Ok(Effect::Unchanged),
        Err(error) => Err(error),
    }
}

/// The directory exists. A new one has mode and owner from its first moment under this name: killed before that, it is not
/// there. One that is there is left as it is.
pub fn create_dir_as(dir: &Path, mode: u32, owner: Owner) -> io::Result<Effect> {
    if dir.is_dir() {
        return Ok(Effect::Unchanged);
    }
    let parent = parent(dir)?;
    create_dir(parent, 0o755)?;
    remove_leftovers(dir)?;
    let (temp, file) = locked(dir, create_private_dir)?;
    let made = owner
        .take(&file)
        .and_then(|()| file.set_permissions(Permissions::from_mode(mode)))
        .and_then(|()| sync(&file, &temp))
        .and_then(|()| fs::rename(&temp, dir));
    discard_on_error(made, &temp)?;
    sync_dir(parent)?;
    Ok(Effect::Changed)
}

/// How much of a file is compared at once, in bytes.
const PIECE: usize = 64 << 10;

/// Whether a regular file (no symlink) with these bytes and this mode is there.
pub fn holds(path: &Path, bytes: &[u8], mode: u32) -> bool {
    let same = |metadata: fs::Metadata| {
        metadata.is_file()
            && metadata.len() == bytes.len() as u64
            && metadata.permissions().mode() & 0o7777 == mode
    };
    fs::symlink_metadata(path).is_ok_and(same)
        && File::open(path)
            .and_then(|file| reads(file, bytes))
            .unwrap_or(false)
}

/// Whether a file holds just these bytes, read piece by piece: what is compared may be large.
fn reads(mut file: File, bytes: &[u8]) -> io::Result<bool> {
    let mut piece = vec![0; PIECE];
    let mut left = bytes;
    loop {
        let length = file.read(&mut piece)?;
        match left.strip_prefix(&piece[..length]) {
            Some(_) if length == 0 => return Ok(left.is_empty()),
            Some(rest) => left = rest,
            None => return Ok(false),
        }
    }
}

/// Whether the directory holds exactly these files, with their modes, and nothing else.
pub fn is_tree(dir: &Path, entries: &[Entry<'_>], dir_mode: u32) -> io::Result<bool> {
    let Ok(metadata) = fs::symlink_metadata(dir) else {
        return Ok(false);
    };
    let dir_is_right = metadata.is_dir() && metadata.permissions().mode() & 0o7777 == dir_mode;
    Ok(dir_is_right
        && entries
            .iter()
            .all(|entry| holds(&dir.join(entry.path), entry.bytes, entry.mode))
        && count_files(dir)? == entries.len())
}

fn count_files(dir: &Path) -> io::Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        count += if entry.file_type()?.is_dir() {
            count_files(&entry.path())?
        } else {
            1
        };
    }
    Ok(count)
}

/// The new file holds these bytes; until it is synced, a power cut may undo that.
fn fill(file: &mut File, bytes: &[u8], mode: u32) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(mode))?;
    file.write_all(bytes)
}

/// The new directory holds all these files, durably.
fn fill_tree(dir: &Path, lock: &File, entries: &[Entry<'_>], dir_mode: u32) -> io::Result<()> {
    for entry in entries {
        let path = dir.join(entry.path);
        create_dirs(parent(&path)?, dir_mode)?;
        fill(&mut create(&path)?, entry.bytes, entry.mode)?;
    }
    lock.set_permissions(Permissions::from_mode(dir_mode))?;
    sync_tree(lock, dir)
}

/// The new directory is under the final name and the old one, if any, is gone.
fn exchange(temp: &Path, dir: &Path) -> io::Result<()> {
    if fs::symlink_metadata(dir).is_err() {
        return fs::rename(temp, dir);
    }
    match renameat2(AT_FDCWD, temp, AT_FDCWD, dir, RenameFlags::RENAME_EXCHANGE) {
        Ok(()) => remove(temp).map(|_| ()),
        // OpenZFS before 2.2 and overlayfs know no exchange.
        Err(nix::errno::Errno::EINVAL) => {
            let aside = temp_beside(dir)?;
            fs::rename(dir, &aside)?;
            fs::rename(temp, dir)?;
            remove(&aside).map(|_| ())
        }
        Err(error) => Err(error.into()),
    }
}

fn discard_on_error(result: io::Result<()>, temp: &Path) -> io::Result<()> {
    if result.is_err() {
        // The first error is the one to report.
        let _ = remove(temp);
    }
    result
}

/// The directory a path is in; the current one for a bare name.
fn parent(path: &Path) -> io::Result<&Path> {
    match path.parent() {
        Some(dir) if dir.as_os_str().is_empty() => Ok(Path::new(".")),
        Some(dir) => Ok(dir),
        None => Err(io::Error::new(ErrorKind::InvalidInput, "the path names no file")),
    }
}

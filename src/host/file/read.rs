//! Reads of files and directories; a fault that passes is no answer.

use super::temp::open_at_once;
use crate::host::wait::pause;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Reads once more, three times at most within a tenth of a second, where that failed in a way that may pass: what boots, and
/// with which configuration, must not depend on one failed read.
pub fn again<T>(read: impl Fn() -> io::Result<T>) -> io::Result<T> {
    let stays = |error: &io::Error| {
        use ErrorKind::{InvalidData, InvalidInput, IsADirectory, NotADirectory, NotFound, PermissionDenied};
        [
            InvalidData,
            InvalidInput,
            IsADirectory,
            NotADirectory,
            NotFound,
            PermissionDenied,
        ]
        .contains(&error.kind())
    };
    for _ in 0..3 {
        match read() {
            Err(error) if !stays(&error) => pause(Duration::from_millis(30)),
            read => return read,
        }
    }
    read()
}

/// The text of a regular file; `None` when there is none.
pub fn read_text(path: &Path) -> io::Result<Option<String>> {
    let read = || {
        let mut text = String::new();
        regular(path)?.read_to_string(&mut text)?;
        Ok(text)
    };
    match again(read) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        text => text.map(Some),
    }
}

/// The bytes of a regular file.
pub fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    regular(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The first bytes of a regular file, at most this many.
pub fn read_start(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    regular(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A regular file, open. Anything else is an error: no boot waits for somebody to write into a pipe.
fn regular(path: &Path) -> io::Result<File> {
    let file = open_at_once(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(
            ErrorKind::InvalidInput,
            "it is not a regular file",
        ));
    }
    Ok(file)
}

/// Where a symlink leads, as it is written.
pub fn link_target(link: &Path) -> io::Result<PathBuf> {
    fs::read_link(link)
}

/// The paths of what is in a directory, hidden or not, in no order.
pub fn list(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let read = || fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect();
    again(read)
}

/// The directories in a directory, the one that was changed last first.
pub fn list_dirs_newest_first(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in list(dir)? {
        // One that is removed meanwhile is none.
        if let Ok(metadata) = fs::symlink_metadata(&path)
            && metadata.is_dir()
        {
            found.push((metadata.modified()?, path));
        }
    }
    found.sort_by(|one, other| other.cmp(one));
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// When a file or directory was last changed.
pub fn modified(path: &Path) -> io::Result<SystemTime> {
    fs::symlink_metadata(path)?.modified()
}

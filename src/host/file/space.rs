//! How much room a file system has.

use nix::sys::statvfs::{FsFlags, statvfs};
use std::io;
use std::path::Path;

/// What a file system has room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Bytes.
    pub bytes: u64,
    /// Files; `None` where they are made as they are needed.
    pub files: Option<u64>,
    /// Nothing at all: it is mounted read-only.
    pub read_only: bool,
}

/// What the file system of this path has room for.
pub fn space(path: &Path) -> io::Result<Space> {
    let found = statvfs(path)?;
    Ok(Space {
        bytes: found.blocks_available() * found.fragment_size(),
        files: (found.files() > 0).then(|| found.files_available()),
        read_only: found.flags().contains(FsFlags::ST_RDONLY),
    })
}

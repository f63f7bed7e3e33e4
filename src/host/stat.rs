//! What a file is, without its content: stat(2), also inside a tree that is not trusted.

use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use std::fs::{self, File, Metadata};
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// What is known about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// Whether it is a regular file.
    pub is_file: bool,
    /// How many bytes it holds.
    pub length: u64,
    /// The user it belongs to.
    pub owner: u32,
    /// Its permission bits.
    pub mode: u32,
    /// When its content or its attributes changed last (ctime), in seconds since 1970.
    pub changed_at: i64,
}

/// The file at the path; symlinks are followed.
pub fn stat(path: &Path) -> io::Result<Stat> {
    fs::metadata(path).map(|metadata| of(&metadata))
}

/// The same, and a symlink is what is described.
pub fn lstat(path: &Path) -> io::Result<Stat> {
    fs::symlink_metadata(path).map(|metadata| of(&metadata))
}

/// A directory tree made by others, such as the files of an image: its symlinks are followed as they are once it runs, and
/// never lead out of it.
#[derive(Debug)]
pub struct UntrustedTree(File);

impl UntrustedTree {
    /// The tree below this directory.
    pub fn open(path: &Path) -> io::Result<Self> {
        File::open(path).map(Self)
    }

    /// The file at a path below it, which must be possible to open for reading.
    pub fn stat(&self, path: &str) -> io::Result<Stat> {
        let how = OpenHow::new()
            .flags(OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)
            .resolve(ResolveFlag::RESOLVE_IN_ROOT);
        let file = File::from(openat2(self.0.as_fd(), path, how)?);
        file.metadata().map(|metadata| of(&metadata))
    }
}

fn of(metadata: &Metadata) -> Stat {
    Stat {
        is_file: metadata.is_file(),
        length: metadata.len(),
        owner: metadata.uid(),
        mode: metadata.mode() & 0o7777,
        changed_at: metadata.ctime(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_symlink_of_an_untrusted_tree_stays_inside() {
        let dir = tempfile::tempdir().unwrap();
        let tree = dir.path().join("tree");
        fs::create_dir(&tree).unwrap();
        fs::write(dir.path().join("outside"), "longer").unwrap();
        fs::write(tree.join("inside"), "in").unwrap();
        symlink("/inside", tree.join("absolute")).unwrap();
        symlink("../outside", tree.join("out")).unwrap();
        let untrusted = UntrustedTree::open(&tree).unwrap();
        assert_eq!(untrusted.stat("absolute").unwrap().length, 2);
        let out = untrusted.stat("out").unwrap_err();
        assert_eq!(out.kind(), io::ErrorKind::NotFound);
        assert_eq!(stat(&tree.join("out")).unwrap().length, 6);
        assert!(!lstat(&tree.join("out")).unwrap().is_file);
    }
}

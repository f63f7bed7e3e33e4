//! What a file is, without its content: stat(2), also inside a tree that is not trusted.

use nix::dir::Dir;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::os::fd::AsFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// What is known about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// Whether it is a regular file.
    pub is_file: bool,
    /// Whether it is a directory.
    pub is_directory: bool,
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
        self.open_file(path)?.metadata().map(|metadata| of(&metadata))
    }

    /// The first bytes of a regular file, at most this many.
    pub fn read_start(&self, path: &str, limit: u64) -> io::Result<Vec<u8>> {
        take(self.open_regular(path)?, limit)
    }

    /// The last bytes of a regular file, at most this many.
    pub fn read_end(&self, path: &str, limit: u64) -> io::Result<Vec<u8>> {
        let mut file = self.open_regular(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(limit)))?;
        take(file, limit)
    }

    /// The names in a directory, in no order.
    pub fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let directory = Dir::from_fd(self.open_file(path)?.into())?;
        let mut names = Vec::new();
        for entry in directory {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name != "." && name != ".." {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// A pipe or a device is an error: nobody waits for one.
    fn open_regular(&self, path: &str) -> io::Result<File> {
        let file = self.open_file(path)?;
        match file.metadata()?.is_file() {
            true => Ok(file),
            false => Err(io::Error::new(
                ErrorKind::InvalidInput,
                "it is not a regular file",
            )),
        }
    }

    fn open_file(&self, path: &str) -> io::Result<File> {
        let how = OpenHow::new()
            .flags(OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK | OFlag::O_NOCTTY)
            .resolve(ResolveFlag::RESOLVE_IN_ROOT);
        Ok(File::from(openat2(self.0.as_fd(), path, how)?))
    }
}

fn take(file: File, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn of(metadata: &Metadata) -> Stat {
    Stat {
        is_file: metadata.is_file(),
        is_directory: metadata.is_dir(),
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
        assert!(untrusted.read_start("out", 9).is_err());
        assert_eq!(untrusted.read_start("absolute", 1).unwrap(), b"i");
        assert_eq!(untrusted.read_end("absolute", 1).unwrap(), b"n");
        let mut names = untrusted.list("/").unwrap();
        names.sort();
        assert_eq!(names, ["absolute", "inside", "out"]);
        assert!(untrusted.list("inside").is_err());
    }

    #[test]
    fn nobody_waits_for_a_pipe_of_an_untrusted_tree() {
        let tree = tempfile::tempdir().unwrap();
        nix::unistd::mkfifo(&tree.path().join("pipe"), nix::sys::stat::Mode::S_IRUSR).unwrap();
        let untrusted = UntrustedTree::open(tree.path()).unwrap();
        let error = untrusted.read_start("pipe", 9).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
}

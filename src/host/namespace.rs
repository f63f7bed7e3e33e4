//! Network namespaces: where they are pinned, and how a thread gets into one.

use super::paths;
use crate::types::{NetnsName, Root};
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns};
use nix::sys::statfs::{NSFS_MAGIC, statfs};
use serde::Serialize;
use std::fs::File;
use std::io;
use std::path::PathBuf;

/// What is at the path where a namespace is pinned.
///
/// Decided by the filesystem type alone: a plain file stays behind when the pin was made in another mount
/// namespace, and the inode number of a namespace that ended is used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pin {
    /// Nothing.
    Absent,
    /// A regular file that pins nothing.
    Placeholder,
    /// A namespace.
    Pinned,
}

/// The path a namespace of this name is pinned at.
pub fn path(root: &Root, name: &NetnsName) -> PathBuf {
    root.join(paths::NETNS).join(name.as_ref())
}

/// What is at the path of this namespace.
pub fn pin(root: &Root, name: &NetnsName) -> io::Result<Pin> {
    match statfs(&path(root, name)) {
        Ok(found) if found.filesystem_type() == NSFS_MAGIC => Ok(Pin::Pinned),
        Ok(_) => Ok(Pin::Placeholder),
        Err(Errno::ENOENT) => Ok(Pin::Absent),
        Err(error) => Err(error.into()),
    }
}

/// The namespace of this process, open.
pub fn own() -> io::Result<File> {
    File::open("/proc/self/ns/net")
}

/// The pinned namespace, open; an error of kind `NotFound` when there is none, placeholder or not.
pub fn open(root: &Root, name: &NetnsName) -> io::Result<File> {
    match pin(root, name)? {
        Pin::Pinned => File::open(path(root, name)),
        Pin::Absent | Pin::Placeholder => Err(io::Error::new(
            io::ErrorKind::NotFound,
            format!("namespace '{name}' does not exist"),
        )),
    }
}

/// Runs the work in the namespace and returns its result; the caller stays in its own.
///
/// The work runs in a separate thread that ends with it, because a namespace belongs to a thread: nothing can forget to
/// switch back. Needs CAP_SYS_ADMIN.
pub fn inside<T: Send>(namespace: &File, work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    let visit = || {
        setns(namespace, CloneFlags::CLONE_NEWNET)?;
        work()
    };
    std::thread::scope(|scope| {
        scope
            .spawn(visit)
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the work inside the namespace panicked")))
    })
}

//! Copies the configuration in, and lists what the boot leaves behind.

use super::failed;
use crate::exit::{Failure, Kind};
use crate::facts::mount::{Mount, mounts};
use crate::host::file;
use crate::host::paths::{CONFIG, relative};
use crate::types::Root;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Files by their path below a root: content and permission bits.
pub type Files = BTreeMap<PathBuf, (Vec<u8>, u32)>;

/// Something the boot left.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Left {
    /// Its path, as the operator would see it.
    pub path: PathBuf,
    /// What is at the path.
    pub what: What,
}

/// What the boot left at a path.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A file of this many bytes.
    File(usize),
    /// A link to this.
    Link(PathBuf),
    /// A bind mount of this.
    Bound(PathBuf),
    /// A pinned namespace.
    Namespace,
}

/// Reads everything below `persistent/config` that the caller can read, with the modes it would have under `umask 027`: git
/// does not keep modes, and readable secrets are reported by `impctl check` on the real folder.
pub fn read_configuration(root: &Root) -> Result<Files, Failure> {
    let folder = root.join(CONFIG);
    if !folder.is_dir() {
        return Err(Failure::new(
            Kind::Config,
            format!("{}: no configuration to rehearse", folder.display()),
        ));
    }
    let mut files = Files::new();
    read_below(&folder, Path::new(relative(CONFIG)), &mut files).map_err(failed)?;
    Ok(files)
}

fn read_below(directory: &Path, path: &Path, files: &mut Files) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let (source, path) = (entry.path(), path.join(entry.file_name()));
        let Ok(metadata) = fs::metadata(&source) else {
            continue; // a dangling link: the boot reports it if it matters
        };
        if metadata.is_dir() {
            read_below(&source, &path, files)?;
        } else if metadata.is_file() {
            match fs::read(&source) {
                Ok(bytes) => {
                    files.insert(path, (bytes, metadata.permissions().mode() & 0o750));
                }
                Err(error) => tracing::warn!("{}: {error}: not rehearsed", source.display()),
            }
        }
    }
    Ok(())
}

/// Writes the files below the root.
pub fn write(root: &Root, files: &Files) -> Result<(), Failure> {
    fs::create_dir_all(root.join(CONFIG)).map_err(failed)?;
    for (path, (bytes, mode)) in files {
        let _ = file::write(&root.join(path), bytes, *mode).map_err(failed)?;
    }
    Ok(())
}

/// What is new or different below the root, in order of the paths.
pub fn left_behind(root: &Root, before: &Tree) -> Vec<Left> {
    let mounts = mounts_below(root);
    let mut left: Vec<Left> = mounts
        .iter()
        .map(|(path, source)| Left {
            path: Path::new("/").join(path),
            what: match source.to_str() {
                Some(text) if text.starts_with("net:[") => What::Namespace,
                _ => What::Bound(source.clone()),
            },
        })
        .collect();
    for (path, content) in snapshot(root) {
        if before.get(&path) == Some(&content) || mounts.keys().any(|mounted| path.starts_with(mounted)) {
            continue;
        }
        let what = match content {
            Content::File(bytes) => What::File(bytes.len()),
            Content::Link(target) => What::Link(target),
        };
        left.push(Left {
            path: Path::new("/").join(path),
            what,
        });
    }
    left.sort();
    left
}

/// Mounts below the root, each with its source as a path in its own filesystem.
fn mounts_below(root: &Root) -> BTreeMap<PathBuf, PathBuf> {
    let below = |mount: Mount| {
        Some((
            mount.target.strip_prefix(root.path()).ok()?.to_owned(),
            mount.source,
        ))
    };
    let mounts = mounts().unwrap_or_default().into_iter().filter_map(below);
    mounts
        // The root itself, and directories bound over themselves, which is how they become shared.
        .filter(|(path, source)| !path.as_os_str().is_empty() && *source != Path::new("/").join(path))
        .collect()
}

/// Files and links by their path below a root.
pub type Tree = BTreeMap<PathBuf, Content>;

/// What is at a path.
#[derive(Debug, PartialEq, Eq)]
pub enum Content {
    /// A file of these bytes.
    File(Vec<u8>),
    /// A link to this.
    Link(PathBuf),
}

/// Every file and link below the root, as it is now.
pub fn snapshot(root: &Root) -> Tree {
    let mut tree = Tree::new();
    let mut open = vec![PathBuf::new()];
    while let Some(directory) = open.pop() {
        let entries = fs::read_dir(root.join(&directory))
            .into_iter()
            .flatten()
            .flatten();
        for entry in entries {
            let path = directory.join(entry.file_name());
            if entry.path().is_dir() && !entry.path().is_symlink() {
                open.push(path);
            } else if let Ok(target) = fs::read_link(entry.path()) {
                tree.insert(path, Content::Link(target));
            } else if let Ok(bytes) = fs::read(entry.path()) {
                // A pinned namespace is a file that cannot be read, and is left out here.
                tree.insert(path, Content::File(bytes));
            }
        }
    }
    tree
}

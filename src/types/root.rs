//! The directory below which everything is read and written.

use std::path::{Path, PathBuf};

/// The root of the machine a binary works on: `/`, or what `--root` names. Joins never leave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root(PathBuf);

impl Root {
    /// The root at this directory.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self(dir.into())
    }

    /// `path` below this root, with or without a leading slash.
    pub fn join(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        self.0.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// Whether this is the running machine's own root.
    pub fn is_machine(&self) -> bool {
        self.0 == Path::new("/")
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

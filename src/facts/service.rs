//! Which programs an image has.

use crate::host::file;
use crate::types::Root;

/// Whether one of these files is there; `*` stands for one directory.
pub fn is_installed(root: &Root, files: &[&str]) -> bool {
    files.iter().any(|path| match path.split_once("/*/") {
        None => root.join(path).exists(),
        Some((folder, rest)) => {
            let folders = file::list(&root.join(folder)).unwrap_or_default();
            folders.iter().any(|folder| folder.join(rest).exists())
        }
    })
}

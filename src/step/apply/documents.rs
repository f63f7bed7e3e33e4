//! Puts the documents of a kept generation in place of those in `/persistent/config`.
//!
//! The folder may be a mount of its own, so its files are replaced one by one. What is to be there is on record first: a
//! replacement that is killed is finished by the next one who reads the documents, before he reads them.

use crate::config::{self, Folder};
use crate::exit::Failure;
use crate::host::file::{self, Entry};
use crate::host::{json, paths};
use crate::step::config::failed;
use crate::step::generation::{Store, Tree, id_of};
use crate::types::Root;
use crate::types::generation::Id;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const RECORD: &str = "persistent/data/imp/restore.json";

/// A replacement that was begun.
#[derive(Debug, Serialize, Deserialize)]
struct Restore {
    /// The generation whose documents are put in place.
    generation: Id,
    /// Files of before that are not among its own, below the folder.
    gone: BTreeSet<String>,
}

/// The files that the documents in a folder are made of, whether they are valid or not.
pub fn read(folder: &Path) -> Tree {
    let folder = Folder::new(folder);
    let _ = config::parse(&folder);
    folder.read_files()
}

/// The documents of this generation are those in `/persistent/config`. What was there before is kept as a generation of its
/// own; returns which.
pub fn restore(root: &Root, store: &Store, generation: &Id, most: usize) -> Result<Id, Failure> {
    let present = read(&root.join(paths::CONFIG));
    let id = id_of(&present);
    if id == *generation {
        return Ok(id);
    }
    let _ = store
        .keep_aside(&id, &present, most)
        .map_err(|error| failed("generations", &error))?;
    let wanted = read(&store.folder(generation));
    let gone = present.keys().filter(|path| !wanted.contains_key(*path));
    let restore = Restore {
        generation: generation.clone(),
        gone: gone.cloned().collect(),
    };
    let _ = json::write(&root.join(RECORD), &restore, 0o600).map_err(|error| failed(RECORD, &error))?;
    finish(root, store)?;
    Ok(id)
}

/// A replacement that was begun is finished. A record that cannot be read is dropped: it was never whole.
pub fn finish(root: &Root, store: &Store) -> Result<(), Failure> {
    let record = root.join(RECORD);
    let Some(restore) = json::read::<Restore>(&record).unwrap_or_default() else {
        return Ok(());
    };
    let folder = root.join(paths::CONFIG);
    let wanted = read(&store.folder(&restore.generation));
    for (path, contents) in &wanted {
        // Kept without its permissions, because secrets are among them.
        let _ =
            file::write_through(&folder.join(path), &contents.bytes).map_err(|error| failed(path, &error))?;
    }
    for path in &restore.gone {
        let _ = file::remove(&folder.join(path)).map_err(|error| failed(path, &error))?;
    }
    let _ = file::remove(&record).map_err(|error| failed(RECORD, &error))?;
    Ok(())
}

/// A copy of the documents for an editor, in a directory for root alone.
pub fn copy(root: &Root, to: &Path) -> Result<(Id, Vec<PathBuf>), Failure> {
    let tree = read(&root.join(paths::CONFIG));
    let entries: Vec<Entry<'_>> = tree
        .iter()
        .map(|(path, file)| Entry {
            path: Path::new(path),
            bytes: &file.bytes,
            mode: file.mode & 0o600 | 0o600,
        })
        .collect();
    let _ = file::write_tree(to, &entries, 0o700).map_err(|error| failed("copy", &error))?;
    Ok((id_of(&tree), tree.keys().map(PathBuf::from).collect()))
}

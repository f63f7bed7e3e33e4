//! Kept configurations: whole folders under their digest, and which of them is the last good one.
//!
//! ```text
//! /persistent/data/imp/generations/   0700, this module's alone
//!     4f6c1d0e9a2b/                   every file that was read: documents, secrets, templates
//!     order                           digests, the last good one first: what a fallback goes by
//!     current -> 4f6c1d0e9a2b         the same, for people
//!     history.json                    what ran from when on, who applied it and why
//!     hold.json                       documents that are held back because a boot or a reload was not healthy with them
//! /run/imp/generation/                the folder this boot runs, with what each step is to do in `.steps`
//! ```
//! The folders are what counts: without a readable `order` they are found all the same, the newest one first. A run that is
//! killed leaves at worst a folder that `order` does not name yet.

mod history;
mod ran;

pub use history::{By, Event};
pub use ran::Ran;

use crate::config::File;
use crate::host::file::{self, Effect, Entry};
use crate::host::{json, paths};
use crate::step::input::{self, Inputs};
use crate::types::Root;
use crate::types::generation::Id;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

const ORDER: &str = "order";
const CURRENT: &str = "current";
const HOLD: &str = "hold.json";

/// Bytes of `order` that are read: far more than any number of generations that is kept.
const LONGEST_ORDER: u64 = 1 << 20;

/// What a generation is made of: paths below the configuration folder, and contents.
pub type Tree = BTreeMap<String, File>;

/// The name of a tree; the same files have the same name on every machine.
pub fn id_of(tree: &Tree) -> Id {
    let mut hash = Sha256::new();
    for (path, file) in tree {
        for part in [path.as_bytes(), &file.bytes] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    let [a, b, c, d, e, f, ..]: [u8; 32] = hash.finalize().into();
    Id::new([a, b, c, d, e, f])
}

/// Documents that are held back: as long as they are unchanged, another generation runs instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The documents.
    pub documents: Id,
    /// What runs instead.
    pub instead: Id,
    /// Why.
    pub reason: String,
    /// What found that out.
    #[serde(default)]
    pub since: HoldSince,
    /// Whether the way back has still to be gone: until then the other generation is to run whatever the documents have become.
    #[serde(default)]
    pub is_due: bool,
}

/// What found out that documents have to be held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldSince {
    /// The assessment of a boot.
    #[default]
    Boot,
    /// VPP did not live with a reload.
    Reload,
    /// A part did not take the change, in a reload.
    Apply,
    /// A change that waited for its confirmation did not get one.
    Unconfirmed,
}

impl Hold {
    /// Why `them`, the documents, in words: `a boot with them was not healthy (…)`.
    pub fn why(&self, them: &str) -> String {
        match self.since {
            HoldSince::Boot => format!("a boot with {them} was not healthy ({})", self.reason),
            HoldSince::Reload => format!("VPP did not take {them} ({})", self.reason),
            HoldSince::Apply => format!("applying {them} failed ({})", self.reason),
            HoldSince::Unconfirmed => format!("nobody confirmed {them} ({})", self.reason),
        }
    }
}

/// The generations of a machine.
#[derive(Debug, Clone)]
pub struct Store {
    kept: PathBuf,
    running: PathBuf,
}

impl Store {
    /// The generations below a root. Nothing is touched yet.
    pub fn new(root: &Root) -> Self {
        Self {
            kept: root.join(paths::GENERATIONS),
            running: root.join(paths::GENERATION),
        }
    }

    /// The folder of a kept generation.
    pub fn folder(&self, id: &Id) -> PathBuf {
        self.kept.join(id.as_ref())
    }

    /// The folder this boot runs; it does not exist when there is nothing to run.
    pub fn running(&self) -> &Path {
        &self.running
    }

    /// The kept generations, the last good one first: as `order` says, then `current`, then by the age of their folders.
    /// What of those is missing or unreadable is done without. A machine without any generation has an empty list.
    pub fn newest_first(&self) -> io::Result<Vec<Id>> {
        if !self.kept.is_dir() {
            return Ok(Vec::new());
        }
        let order =
            file::again(|| file::read_start(&self.kept.join(ORDER), LONGEST_ORDER)).unwrap_or_default();
        let order = String::from_utf8_lossy(&order);
        let current = file::link_target(&self.kept.join(CURRENT)).unwrap_or_default();
        let folders = file::list_dirs_newest_first(&self.kept)?;
        let folders = folders.iter().filter_map(|path| path.file_name()?.to_str());
        let mut ids: Vec<Id> = Vec::new();
        for name in order.lines().chain(current.to_str()).chain(folders) {
            if let Ok(id) = name.parse::<Id>()
                && !ids.contains(&id)
                && self.folder(&id).is_dir()
            {
                ids.push(id);
            }
        }
        Ok(ids)
    }

    /// The tree is kept and is the last good generation; of the older ones the newest stay, `most` in all, and those that are
    /// still needed: what runs while documents are held back, and these.
    pub fn keep(&self, id: &Id, tree: &Tree, most: usize, needed: &[Id]) -> io::Result<Effect> {
        self.keep_at(0, id, tree, most, needed)
    }

    /// The tree is kept without being the last good generation: it comes second. One that is kept already stays where it is.
    pub fn keep_aside(&self, id: &Id, tree: &Tree, most: usize) -> io::Result<Effect> {
        match self.folder(id).is_dir() {
            true => Ok(Effect::Unchanged),
            false => self.keep_at(1, id, tree, most.max(2), &[]),
        }
    }

    fn keep_at(&self, place: usize, id: &Id, tree: &Tree, most: usize, needed: &[Id]) -> io::Result<Effect> {
        file::create_dir(&self.kept, 0o700)?;
        let mut order = self.newest_first()?;
        order.retain(|other| other != id);
        order.insert(place.min(order.len()), id.clone());
        let instead = self.last_hold().map(|hold| hold.instead);
        let mut places = 0..;
        order.retain(|id| {
            places.next().is_some_and(|place: usize| place < most.max(1))
                || needed.contains(id)
                || instead.as_ref() == Some(id)
        });
        let mut lines = String::new();
        for id in &order {
            let _ = writeln!(lines, "{id}");
        }
        // Whole before it is named, and unnamed before it is removed.
        let tree = file::write_tree(&self.folder(id), &entries(tree), 0o700)?;
        let order_file = file::write(&self.kept.join(ORDER), lines.as_bytes(), 0o600)?;
        let newest = order.first().unwrap_or(id);
        let current = file::replace_symlink(&self.kept.join(CURRENT), Path::new(newest.as_ref()))?;
        self.remove_others(&order)?;
        Ok(tree.or(order_file).or(current))
    }

    /// What is held back, if these are the documents; a record that cannot be read holds nothing.
    pub fn hold_on(&self, documents: &Id) -> Option<Hold> {
        self.last_hold().filter(|hold| hold.documents == *documents)
    }

    /// What was held back last, and is whenever these documents are there again.
    pub fn last_hold(&self) -> Option<Hold> {
        json::read(&self.kept.join(HOLD)).ok()?
    }

    /// The documents are held back from the next run of `imp-config` on.
    pub fn hold(&self, hold: &Hold) -> io::Result<Effect> {
        json::write(&self.kept.join(HOLD), hold, 0o600)
    }

    /// The generation that is to run whatever the documents are, until [`Self::nothing_is_due`].
    pub fn due(&self) -> Option<Hold> {
        self.last_hold().filter(|hold| hold.is_due)
    }

    /// This generation runs, or other documents are wanted instead of it: no way back is due any more.
    pub fn nothing_is_due(&self) -> io::Result<Effect> {
        match self.due() {
            None => Ok(Effect::Unchanged),
            Some(hold) => self.hold(&Hold {
                is_due: false,
                ..hold
            }),
        }
    }

    /// Nothing is held back.
    pub fn release(&self) -> io::Result<Effect> {
        file::remove(&self.kept.join(HOLD))
    }

    /// Removes the folders of generations that are not in the list, and what a killed run left half written.
    fn remove_others(&self, order: &[Id]) -> io::Result<()> {
        for path in file::list(&self.kept)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let ours = name
                .trim_start_matches('.')
                .get(..12)
                .and_then(|id| id.parse::<Id>().ok());
            if ours.is_some_and(|id| !order.contains(&id) || name.starts_with('.')) {
                let _ = file::remove(&path)?;
            }
        }
        Ok(())
    }

    /// Whether the tree is what this boot runs, file by file; what the steps read of it may be another version's.
    pub fn runs(&self, tree: &Tree) -> bool {
        let found = input::found(&self.running);
        let found = found.iter().map(|(path, bytes)| private(path, bytes));
        let all: Vec<Entry<'_>> = entries(tree).into_iter().chain(found).collect();
        file::is_tree(&self.running, &all, 0o700).unwrap_or(false)
    }

    /// The tree is what this boot runs, and these are what its steps read.
    pub fn run(&self, tree: &Tree, inputs: &Inputs) -> io::Result<Effect> {
        let inputs = inputs.files().map(|(path, bytes)| private(path, bytes));
        let all: Vec<Entry<'_>> = entries(tree).into_iter().chain(inputs).collect();
        file::write_tree(&self.running, &all, 0o700)
    }

    /// This boot runs nothing: whatever needs a configuration is skipped.
    pub fn run_nothing(&self) -> io::Result<Effect> {
        file::remove(&self.running)
    }
}

/// Secrets are among them, and nobody but root has business here: 0600 whatever they had.
fn entries(tree: &Tree) -> Vec<Entry<'_>> {
    tree.iter()
        .map(|(path, file)| private(Path::new(path), &file.bytes))
        .collect()
}

fn private<'a>(path: &'a Path, bytes: &'a [u8]) -> Entry<'a> {
    Entry {
        path,
        bytes,
        mode: 0o600,
    }
}

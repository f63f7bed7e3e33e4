//! What two configurations set differently: by key, with both values and where they stand. Pure and linear.
//!
//! What is compared is the meaning: comments, spacing, the order of tables and of lists where it means nothing, and another
//! way to write the same number or address are no difference. A secret is never shown, only that it changed.

mod beside;
mod items;
mod normal;
mod tables;

use super::keys::{Declaration, Shape};
use super::merge;
use super::raw::DocumentRaw;
use super::read::{Read, read};
use super::source::{File, Files};
use beside::Beside;
use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::io;
use tables::{Side, Walk};

/// The files of a configuration, by their path below its folder.
pub type Tree = BTreeMap<String, File>;

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// The key as a path, `interfaces.external.vlan.25.mtu`; for a file that no key names it is the file's path.
    pub path: String,
    /// What became of it.
    #[serde(flatten)]
    pub change: Change,
}

/// What became of a key.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "is", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Change {
    /// It is set now.
    Added {
        /// To what.
        after: Shown,
    },
    /// It is not set any more.
    Removed {
        /// What it was.
        before: Shown,
    },
    /// It has another value.
    Changed {
        /// What it was.
        before: Shown,
        /// What it is.
        after: Shown,
    },
    /// A list has other members.
    Members {
        /// Those it has now.
        added: Vec<Shown>,
        /// Those it no longer has.
        removed: Vec<Shown>,
        /// Whether those that stayed are in another order, and it matters.
        reordered: bool,
    },
    /// A table with the same content has another name.
    Renamed {
        /// The new name, as a path.
        to: String,
        /// Where it was.
        before_place: String,
        /// Where it is.
        after_place: String,
    },
    /// The secret in the file that it names is another one. Neither is shown.
    Secret {
        /// The file.
        file: String,
        /// Where the key is.
        place: String,
    },
    /// A file beside the documents has other lines.
    Lines {
        /// How many are new.
        added: usize,
        /// How many are gone.
        removed: usize,
    },
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// As it is written, without its notation.
    pub value: Json,
    /// `FILE:LINE`.
    pub place: String,
}

/// Everything that differs in meaning from one accepted configuration to another, in the order of the later documents, then
/// files beside them by path. Both are taken as they are: nothing is checked again.
pub fn difference(before: &Tree, after: &Tree) -> Vec<Entry> {
    let beside = Beside::between(before, after);
    // A key is set in one document, so that a document that did not change has nothing to say.
    let same =
        |name: &str| beside.is_empty() && is_document(name) && same_bytes(before.get(name), after.get(name));
    let (old, new) = (documents(before, &same), documents(after, &same));
    // What was accepted has no errors left.
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    let [was, is] = [&old, &new].map(|read| merge::all(read, &mut found, &mut unread));
    let root: &'static Declaration = DocumentRaw::DECLARATION;
    let mut walk = Walk {
        before: Side {
            tree: before,
            sources: &old.sources,
        },
        after: Side {
            tree: after,
            sources: &new.sources,
        },
        entries: Vec::new(),
    };
    let shape = Shape::Table(root);
    walk.table("", None, &shape, &was, &is);
    let mut entries = walk.entries;
    entries.extend(beside.entries([&was, &is], &shape));
    entries
}

/// Whether a file of the folder is one of the documents.
fn is_document(name: &str) -> bool {
    name.ends_with(".toml") && !name.contains('/')
}

fn same_bytes(before: Option<&File>, after: Option<&File>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) => before.bytes == after.bytes,
        (None, None) => true,
        _ => false,
    }
}

fn documents(tree: &Tree, without: &dyn Fn(&str) -> bool) -> Read {
    read(&Some { tree, without }, &mut Vec::new())
}

/// Some of the documents of a tree.
struct Some<'t> {
    tree: &'t Tree,
    without: &'t dyn Fn(&str) -> bool,
}

impl Files for Some<'_> {
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut names = match folder {
            "" => self.tree.list(folder)?,
            _ => Vec::new(),
        };
        names.retain(|name| !(self.without)(name));
        Ok(names)
    }

    fn read(&self, path: &str) -> io::Result<File> {
        self.tree.read(path)
    }
}

//! The users of the documents as the machine has them: records, homes, and who is there besides.

use crate::host::file;
use crate::host::paths::{GROUP, PASSWD, SYSTEM_USERDB, USERDB};
use crate::types::Root;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What a plan needs to know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFacts {
    /// The names of the records that were rendered.
    pub records: BTreeSet<String>,
    /// What is in `/run/userdb`, by name: whether it is a link to a record of ours.
    pub linked: BTreeMap<String, bool>,
    /// The users of the image, with their numbers.
    pub users: BTreeMap<String, u32>,
    /// The groups of the image, with their numbers.
    pub groups: BTreeMap<String, u32>,
    /// The owner of each home directory that is there.
    pub homes: BTreeMap<String, u32>,
}

/// The state of the machine, for users with these homes.
pub fn facts(root: &Root, homes: &[String]) -> UserFacts {
    let name = |path: &Path| Some(path.file_name()?.to_str()?.to_owned());
    let ours = Path::new(USERDB);
    let is_ours = |path: &Path| fs::read_link(path).is_ok_and(|target| target.parent() == Some(ours));
    let records = file::list(&root.join(USERDB)).unwrap_or_default();
    let linked = file::list(&root.join(SYSTEM_USERDB)).unwrap_or_default();
    UserFacts {
        records: records
            .iter()
            .filter_map(|path| name(path))
            .filter(|name| !name.starts_with('.'))
            .collect(),
        linked: linked
            .iter()
            .filter_map(|path| Some((name(path)?, is_ours(path))))
            .collect(),
        users: numbers(root, PASSWD),
        groups: numbers(root, GROUP),
        homes: homes
            .iter()
            .filter_map(|home| Some((home.clone(), fs::metadata(root.join(home)).ok()?.uid())))
            .collect(),
    }
}

/// Names and numbers: the first and the third field in both files.
fn numbers(root: &Root, path: &str) -> BTreeMap<String, u32> {
    let text = file::read_text(&root.join(path))
        .ok()
        .flatten()
        .unwrap_or_default();
    let entry = |line: &str| {
        let mut fields = line.split(':');
        Some((fields.next()?.to_owned(), fields.nth(1)?.parse().ok()?))
    };
    text.lines().filter_map(entry).collect()
}

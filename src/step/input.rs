//! What the steps read of the generation that runs: a file each in `/run/imp/generation/.steps`.
//!
//! `imp-config` writes them into the folder with the documents before it gets its name, so that a step sees the documents'
//! own data or that of the ones before them, never a mixture, and a way back puts the earlier data back too. The folder is
//! hidden: what reads documents does not see it.

use super::apply;
use super::generation::Store;
use crate::config::{Folder, Model, parse};
use crate::exit::{Failure, Kind};
use crate::health;
use crate::host::{file, json};
use crate::plan::{Input, identity, incus, netns, nic};
use crate::types::Root;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The folder of the data, below that of the generation.
pub(super) const FOLDER: &str = ".steps";

/// How long a change that goes on may take to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// The data of every step, by its path below the generation's folder.
#[derive(Debug)]
pub struct Inputs(Vec<(PathBuf, String)>);

impl Inputs {
    /// What this Model asks of every step.
    pub fn of(model: &Model) -> io::Result<Self> {
        Ok(Self(vec![
            text::<netns::Wanted>(model)?,
            text::<identity::Wanted>(model)?,
            text::<incus::Wanted>(model)?,
            text::<nic::Configured>(model)?,
            text::<health::Wanted>(model)?,
        ]))
    }

    /// Whether they are what the steps find.
    pub(super) fn are_in(&self, store: &Store) -> bool {
        let found: BTreeMap<PathBuf, Vec<u8>> = found(store.running()).into_iter().collect();
        let mut files = self.files();
        found.len() == self.0.len()
            && files.all(|(path, bytes)| found.get(path).is_some_and(|it| it == bytes))
    }

    /// The paths and their contents.
    pub(super) fn files(&self) -> impl Iterator<Item = (&Path, &[u8])> {
        let files = self.0.iter();
        files.map(|(path, text)| (path.as_path(), text.as_bytes()))
    }
}

fn text<I: Input>(model: &Model) -> io::Result<(PathBuf, String)> {
    Ok((path::<I>(), json::text(&I::of(model))?))
}

fn path<I: Input>() -> PathBuf {
    Path::new(FOLDER).join(format!("{}.json", I::STEP))
}

/// What the running generation asks of a step. Exit code 78 when none runs, or another version of these programs wrote it.
pub fn read<I: Input>(root: &Root) -> Result<I, Failure> {
    read_if_any(root)?
        .ok_or_else(|| Failure::new(Kind::Config, "no configuration is running: none was accepted yet"))
}

/// The same, for a step that has work without any configuration too.
pub fn read_if_any<I: Input>(root: &Root) -> Result<Option<I>, Failure> {
    let store = Store::new(root);
    if !store.running().is_dir() {
        return Ok(None);
    }
    let path = store.running().join(path::<I>());
    let why = match json::read(&path) {
        Ok(Some(input)) => return Ok(Some(input)),
        Ok(None) => "it does not exist".to_owned(),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            let text = format!("{}: {error}; try again as root", path.display());
            return Err(Failure::new(Kind::Privilege, text));
        }
        Err(error) => error.to_string(),
    };
    let text = format!(
        "{}: {why}; another version of imp wrote it: run '/usr/lib/imp/imp-config --steps', which writes it anew",
        path.display()
    );
    Err(Failure::new(Kind::Config, text))
}

/// The data of the steps is what this version makes of the generation that runs; the documents are not touched. For a package
/// that is upgraded while the router runs.
pub fn renew(root: &Root) -> Result<(), Failure> {
    let store = Store::new(root);
    if !store.running().is_dir() {
        return Ok(());
    }
    // A reload that came in between would be undone.
    let _lock = apply::lock(root, "imp-config --steps", PATIENCE)?;
    let folder = Folder::new(store.running());
    let Some(model) = parse(&folder).model else {
        let text = "this version cannot read the running generation; run 'systemctl restart imp-config'";
        return Err(Failure::new(Kind::Config, text));
    };
    let failed = |error: io::Error| Failure::new(Kind::Failed, format!("{FOLDER}: {error}"));
    let inputs = Inputs::of(&model).map_err(failed)?;
    store
        .run(&folder.read_files(), &inputs)
        .map(|_| ())
        .map_err(failed)
}

/// What is there of the data, readable or not.
pub(super) fn found(running: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let paths = file::list(&running.join(FOLDER)).unwrap_or_default();
    let read = |path: PathBuf| {
        let bytes = file::read_bytes(&path).ok()?;
        Some((path.strip_prefix(running).ok()?.to_owned(), bytes))
    };
    paths.into_iter().filter_map(read).collect()
}

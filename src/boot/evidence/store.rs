//! The folder of the evidence: the newest ten boots that were not good, a bounded file each.

use super::Evidence;
use crate::host::file::{self, Effect};
use crate::host::json;
use crate::host::stat::UntrustedTree;
use crate::types::{Root, TrialId};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Where the pieces are, below the root.
pub const DIRECTORY: &str = "persistent/data/imp/evidence";
const FILE: &str = "evidence.json";
/// How many boots are kept.
const KEPT: usize = 10;
/// The largest file.
const LIMIT: usize = 256 * 1024;

/// Writes the evidence and removes the eleventh. A boot has one piece of evidence: the later replaces the earlier. Returns the
/// folder.
pub fn write(root: &Root, evidence: &Evidence) -> io::Result<PathBuf> {
    let directory = root.join(DIRECTORY);
    let known: Vec<_> = read_all(&directory).into_iter().flatten().collect();
    let folder = directory.join(name(evidence));
    let mut evidence = evidence.clone();
    let before = known
        .iter()
        .find(|(path, _)| *path == folder)
        .map(|(_, known)| known.number);
    let newest = known.iter().map(|(_, known)| known.number).max().unwrap_or(0);
    evidence.number = before.filter(|number| *number == newest).unwrap_or(newest + 1);
    if file::write(&folder.join(FILE), bounded(&evidence)?.as_bytes(), 0o600)? == Effect::Changed {
        prune(known, &folder)?;
    }
    Ok(folder)
}

/// The newest evidence and its folder; `None` when none can be read. An error only when there is some that the caller may not
/// read.
pub fn read_newest(root: &Root) -> io::Result<Option<(PathBuf, Evidence)>> {
    let denied = |error: &io::Error| error.kind() == ErrorKind::PermissionDenied;
    let pieces = read_all(&root.join(DIRECTORY)).into_iter();
    let told = pieces.filter(|piece| piece.as_ref().err().is_none_or(denied));
    let all = told.collect::<io::Result<Vec<_>>>()?;
    Ok(all.into_iter().max_by_key(|(_, evidence)| evidence.number))
}

/// What a trial left, written by itself.
pub fn of_trial(root: &Root, trial: &TrialId) -> Option<Evidence> {
    read(&root.join(DIRECTORY).join(trial.to_string())).ok()
}

/// The same, in the files of an image that nobody trusts.
pub fn in_image(image: &UntrustedTree, trial: &TrialId) -> Option<Evidence> {
    let text = image.read_start(&format!("{DIRECTORY}/{trial}/{FILE}"), LIMIT as u64);
    serde_json::from_slice(&text.ok()?).ok()
}

/// The folder's name, also for a boot without an id.
fn name(evidence: &Evidence) -> String {
    let trial = evidence.trial.as_ref().map(ToString::to_string);
    let boot = || evidence.boot.as_ref().map(ToString::to_string);
    trial.or_else(boot).unwrap_or_else(|| "unknown".to_owned())
}

fn read_all(directory: &Path) -> Vec<io::Result<(PathBuf, Evidence)>> {
    match file::list(directory) {
        Ok(folders) => folders
            .into_iter()
            .map(|folder| read(&folder).map(|evidence| (folder, evidence)))
            .collect(),
        Err(error) => vec![Err(error)],
    }
}

fn read(folder: &Path) -> io::Result<Evidence> {
    json::read(&folder.join(FILE))?.ok_or_else(|| ErrorKind::NotFound.into())
}

/// The oldest go, and this one stays.
fn prune(mut known: Vec<(PathBuf, Evidence)>, newest: &Path) -> io::Result<()> {
    known.retain(|(folder, _)| folder != newest);
    known.sort_by_key(|(_, evidence)| std::cmp::Reverse(evidence.number));
    for (folder, _) in known.iter().skip(KEPT - 1) {
        let _ = file::remove(folder)?;
    }
    Ok(())
}

/// The text of the file. Each part is bounded where it is made; if the whole is still too long, it loses its longest parts.
fn bounded(evidence: &Evidence) -> io::Result<String> {
    let mut text = json::text(evidence)?;
    if text.len() > LIMIT {
        let mut short = evidence.clone();
        short.checks.drain(..short.checks.len().saturating_sub(20));
        short.journal.clear();
        short.unit.iter_mut().for_each(|unit| unit.log.truncate(10));
        short.reset.crashes.truncate(1);
        short.before.crashes.truncate(1);
        short.reason = super::units::cut(&short.reason);
        short.missing = vec!["most of it: it was larger than 256 KiB".to_owned()];
        text = json::text(&short)?;
    }
    Ok(text)
}

//! This boot: its ID, and the trial it is.

use crate::host::{cmdline, file};
use crate::types::{BootId, Root, TrialId};
use std::fs;
use std::io::{self, ErrorKind};

/// The kernel's ID of this boot (random(4)).
pub fn id(root: &Root) -> io::Result<BootId> {
    uuid(root, "proc/sys/kernel/random/boot_id")
}

/// A new, unique ID for a trial.
pub fn new_trial(root: &Root) -> io::Result<TrialId> {
    uuid(root, "proc/sys/kernel/random/uuid").map(|uuid| TrialId::from_uuid(&uuid))
}

fn uuid(root: &Root, path: &str) -> io::Result<BootId> {
    let text = file::again(|| fs::read_to_string(root.join(path)))?;
    let parsed = text.trim().parse();
    parsed.map_err(|error| io::Error::new(ErrorKind::InvalidData, format!("{path}: {error}")))
}

/// The word our boot scripts add to the command line of a trial boot; the trial's ID follows.
pub const TRIAL: &str = "imp.trial=";

/// The trial that this boot is, if the command line names one. Not every loader can add it.
pub fn trial(root: &Root) -> Option<TrialId> {
    let line = cmdline::text(root);
    line.split_whitespace()
        .find_map(|word| word.strip_prefix(TRIAL)?.parse().ok())
}

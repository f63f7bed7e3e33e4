//! This start of the kernel: its name, and what it was told.

use crate::host::cmdline;
use crate::types::{BootId, Root, TrialId};
use std::fs;
use std::io::{self, ErrorKind};

/// The kernel's name of this boot (random(4)).
pub fn id(root: &Root) -> io::Result<BootId> {
    uuid(root, "proc/sys/kernel/random/boot_id")
}

/// A name for a trial that no other trial has.
pub fn new_trial(root: &Root) -> io::Result<TrialId> {
    uuid(root, "proc/sys/kernel/random/uuid").map(|uuid| TrialId::from_uuid(&uuid))
}

fn uuid(root: &Root, path: &str) -> io::Result<BootId> {
    let text = fs::read_to_string(root.join(path))?;
    let parsed = text.trim().parse();
    parsed.map_err(|error| io::Error::new(ErrorKind::InvalidData, format!("{path}: {error}")))
}

/// What a script of ours puts on the command line of an image on its one attempt; the trial follows.
pub const TRIAL: &str = "imp.trial=";

/// The trial that this boot is, where the command line says so. Not every loader can.
pub fn trial(root: &Root) -> Option<TrialId> {
    let line = cmdline::text(root);
    line.split_whitespace()
        .find_map(|word| word.strip_prefix(TRIAL)?.parse().ok())
}

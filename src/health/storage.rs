//! Whether the persistent partition takes what the router has to keep: generations, the ledger of boots, evidence.

use super::{About, Baseline, DEADLINE, Running};
use crate::boot::trial::outcome::{CheckOutcome, Scope};
use crate::host::file::{self, Space};
use crate::types::Root;
use std::io;

/// Where it is kept.
const DATA: &str = "persistent/data";
/// What has to be free, in bytes: a failed boot's evidence and a configuration of 250,000 lines fit.
const BYTES: u64 = 16 << 20;
/// How many files have to fit.
const FILES: u64 = 64;

/// The check. No image under trial is rejected for it: the partition is the same for every image.
pub fn check(root: &Root, baseline: Option<&Baseline>) -> Running<'static> {
    let about = About::new("persistent storage", Scope::Boot, baseline.is_none(), false);
    let data = root.join(DATA);
    Running::start(about, DEADLINE, move || file::space(&data), judge)
}

/// A full partition loses what is written last: the next failure, and the next configuration.
pub fn judge(about: &About, seen: io::Result<Space>) -> Vec<CheckOutcome> {
    let expected = format!("{} MiB free", BYTES >> 20);
    vec![match seen {
        Err(error) => about.failed(expected, format!("/{DATA}: {error}")),
        Ok(space) if space.read_only => about.failed(expected, format!("/{DATA} is mounted read-only")),
        // A file system that makes them as it needs them counts none at all.
        Ok(Space {
            files: Some(files), ..
        }) if files < FILES => about.failed(
            format!("room for {FILES} files"),
            format!("room for {files} on /{DATA}"),
        ),
        Ok(space) => {
            let free = format!("{} MiB free on /{DATA}", space.bytes >> 20);
            about.passed_if(space.bytes >= BYTES, expected, free)
        }
    }]
}

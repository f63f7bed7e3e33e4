//! What looked like a crash before a trial began, and so speaks against no trial: a store that nobody empties keeps a panic of
//! last year, and some watchdogs say for ever that they reset the machine.

use super::crash_log::{self, CrashLog};
use super::reset;
use crate::facts::watchdog;
use crate::host::json;
use crate::host::stat::UntrustedTree;
use crate::types::{Root, TrialId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io;

const TRACES: &str = "persistent/data/imp/boot/traces.json";

/// What was there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Traces {
    trial: TrialId,
    seen: BTreeSet<String>,
}

impl Traces {
    /// What is there now, and in the image, is on record: it was there before this trial began. Called before it is armed.
    pub fn take(root: &Root, trial: &TrialId, in_image: &[CrashLog]) -> io::Result<()> {
        let mut seen = now(root);
        seen.extend(in_image.iter().map(CrashLog::trace));
        Self {
            trial: trial.clone(),
            seen,
        }
        .write(root)
    }

    /// The trial has come up, so what is there now is not how it ended: the image before it may have died while it shut down.
    /// Does nothing for a trial that was armed without a record.
    pub fn add(root: &Root, trial: &TrialId) -> io::Result<()> {
        match Self::of(root, trial) {
            Some(mut traces) => {
                traces.seen.extend(now(root));
                traces.write(root)
            }
            None => Ok(()),
        }
    }

    /// What was there before this trial; `None` where nobody wrote it down.
    pub fn of(root: &Root, trial: &TrialId) -> Option<Self> {
        let traces: Option<Self> = json::read(&root.join(TRACES)).ok()?;
        traces.filter(|traces| traces.trial == *trial)
    }

    /// Whether this was there.
    pub fn has(&self, trace: &str) -> bool {
        self.seen.contains(trace)
    }

    fn write(&self, root: &Root) -> io::Result<()> {
        json::write(&root.join(TRACES), self, 0o600).map(drop)
    }
}

fn now(root: &Root) -> BTreeSet<String> {
    let mut seen: BTreeSet<String> = reset::causes(&watchdog::read(root)).into_iter().collect();
    if let Ok(tree) = UntrustedTree::open(root.path()) {
        for folder in [crash_log::PSTORE, crash_log::KDUMP] {
            seen.extend(crash_log::below(&tree, folder).iter().map(CrashLog::trace));
        }
    }
    seen
}

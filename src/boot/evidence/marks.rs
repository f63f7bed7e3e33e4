//! How far the last boots came: all that is known of one that ended in a panic or a hang.

use super::{Phase, lenient};
use crate::boot::deadline;
use crate::facts::boot;
use crate::host::lock::Lock;
use crate::host::{clock, json};
use crate::types::{BootId, Root, TrialId};
use serde::{Deserialize, Serialize};
use std::io::{self, ErrorKind};
use std::time::Duration;

const MARKS: &str = "persistent/data/imp/boot/marks.json";
/// Locked while the marks are written: two steps may end at once.
const LOCK: &str = "persistent/data/imp/boot/marks.lock";
/// How many boots are kept: this one, the trial before it, the one that armed it, and two more.
const BOOTS: usize = 5;
/// How long a step waits for the lock. A mark is not worth a longer wait.
const PATIENCE: Duration = Duration::from_millis(500);

/// The last boots, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Marks {
    /// Each with how far it came.
    #[serde(deserialize_with = "lenient")]
    pub boots: Vec<BootMarks>,
}

/// How far one boot came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct BootMarks {
    /// Which.
    pub boot: BootId,
    /// The attempt it was.
    #[serde(default)]
    pub trial: Option<TrialId>,
    /// What it reached, in the order of time.
    #[serde(default, deserialize_with = "lenient")]
    pub marks: Vec<Mark>,
}

/// A phase that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Mark {
    /// Which.
    pub phase: Phase,
    /// When: milliseconds since the kernel started.
    pub at_ms: u64,
}

impl Marks {
    /// What is on record; empty when the file is torn or missing, because nothing can be done about that.
    pub fn read(root: &Root) -> Self {
        json::read(&root.join(MARKS)).ok().flatten().unwrap_or_default()
    }

    /// The boot that was this attempt.
    pub fn of_trial(&self, trial: &TrialId) -> Option<&BootMarks> {
        self.boots.iter().find(|boot| boot.trial.as_ref() == Some(trial))
    }

    /// This boot.
    pub fn of_boot(&self, boot: &BootId) -> Option<&BootMarks> {
        self.boots.iter().find(|marks| marks.boot == *boot)
    }

    /// Records that the phase was reached. Only the first time counts.
    fn add(&mut self, boot: &BootId, trial: Option<TrialId>, mark: Mark) {
        let mut own = match self.boots.iter().position(|marks| marks.boot == *boot) {
            Some(index) => self.boots.remove(index),
            None => BootMarks {
                boot: boot.clone(),
                trial: None,
                marks: Vec::new(),
            },
        };
        own.trial = own.trial.or(trial);
        if own.marks.iter().all(|known| known.phase != mark.phase) {
            own.marks.push(mark);
        }
        self.boots.insert(0, own);
        self.boots.truncate(BOOTS);
    }
}

/// Records that this boot reached a phase, for the next boot to know. Takes a few milliseconds, half a second where others hold
/// the file.
///
/// No boot fails because of a mark: an error is logged. A machine without `/persistent/data` keeps no marks.
pub fn mark(root: &Root, phase: Phase) {
    if root.join("persistent/data").is_dir()
        && let Err(error) = try_mark(root, phase)
    {
        tracing::warn!("the mark '{}': {error}", phase.name());
    }
}

fn try_mark(root: &Root, phase: Phase) -> io::Result<()> {
    let boot = match boot::id(root) {
        // A tree given with --root does not boot.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        id => id?,
    };
    let at_ms = clock::since_kernel_start_ms();
    let lock = Lock::take(&root.join(LOCK), PATIENCE)?;
    let _lock =
        lock.ok_or_else(|| io::Error::new(ErrorKind::TimedOut, "marks.lock is held by another process"))?;
    let mut marks = Marks::read(root);
    let before = marks.clone();
    marks.add(&boot, deadline::trial(root), Mark { phase, at_ms });
    if marks == before {
        return Ok(());
    }
    json::write(&root.join(MARKS), &marks, 0o600).map(|_| ())
}

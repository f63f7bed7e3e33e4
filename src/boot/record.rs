//! The record of this boot: `/run/imp/boot.json`.

use super::evidence::TimeLine;
use super::trial::classify::{Class, LoaderState};
use super::trial::ledger::{Ledger, Trial};
use super::trial::outcome::CheckOutcome;
use crate::host::json;
use crate::types::generation::Id;
use crate::types::{BootId, Root};
use serde::{Deserialize, Serialize};
use std::io;

const RECORD: &str = "run/imp/boot.json";

/// What is known about this boot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct BootRecord {
    /// Which boot.
    pub boot: BootId,
    /// Which boot technology: `zfs`, `systemd-boot`, `ostree`, `none`.
    pub backend: String,
    /// What kind of boot.
    pub class: Class,
    /// What the loader's store said when the boot was classified; `None` when it could not be read.
    pub loader: Option<LoaderState>,
    /// The trial this boot is, or the one it ended.
    pub trial: Option<Trial>,
    /// Problems, a line each.
    pub problems: Vec<String>,
    /// The verdict; `None` until one is reached.
    pub verdict: Option<Verdict>,
    /// The newest results of the checks.
    pub outcomes: Vec<CheckOutcome>,
    /// The generation that ran while they were looked at; `None` where none ran.
    #[serde(default)]
    pub generation: Option<Id>,
    /// What the checks saw since the boot began, change by change.
    #[serde(default)]
    pub time_line: TimeLine,
}

/// A verdict that was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is", content = "reason")]
pub enum Verdict {
    /// Every required check passed; whatever else `boot-complete.target` asks for is next.
    Healthy,
    /// Healthy, and on record as good; a trial is blessed.
    Good,
    /// The trial is rejected, for this reason.
    GivenUp(String),
    /// Not healthy, for this reason, and the image stays.
    Alarm(String),
}

impl BootRecord {
    /// Whether the ledger's open trial is this boot. Another one that was armed since has nothing to do with its verdict.
    pub fn is_attempt_of(&self, ledger: &Ledger) -> bool {
        let own = self.trial.as_ref().filter(|_| self.class == Class::Trial);
        own.is_some_and(|own| ledger.trial.as_ref().is_some_and(|open| open.id == own.id))
    }

    /// Whether this is a trial that was not found good yet: its deadline stays armed until a verdict keeps the image.
    pub fn is_on_deadline(&self) -> bool {
        let kept = matches!(self.verdict, Some(Verdict::Good | Verdict::Alarm(_)));
        self.class == Class::Trial && !kept
    }

    /// What `imp-boot` knows about this boot; `None` before it has said anything.
    pub fn read(root: &Root) -> io::Result<Option<Self>> {
        json::read(&root.join(RECORD))
    }

    /// Writes the record. The caller arms the deadline of a trial first ([`super::deadline::arm`]).
    pub fn write(&self, root: &Root) -> io::Result<()> {
        json::write(&root.join(RECORD), self, 0o644).map(|_| ())
    }
}

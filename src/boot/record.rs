//! The record of this boot, for whoever asks: `/run/imp/boot.json`. Beside it `/run/imp/trial` exists while a trial has no
//! verdict: what the deadline and the emergency shell go by.

use super::deadline;
use super::evidence::TimeLine;
use super::trial::classify::{Class, Loader};
use super::trial::ledger::{Ledger, Trial};
use super::trial::outcome::Outcome;
use crate::act::file;
use crate::types::{BootId, Root};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, ErrorKind};

const RECORD: &str = "run/imp/boot.json";

/// What is known about this boot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Record {
    /// Which boot.
    pub boot: BootId,
    /// Which boot technology: `zfs`, `systemd-boot`, `ostree`, `none`.
    pub backend: String,
    /// What kind of boot.
    pub class: Class,
    /// What the loader's store said when the boot was classified; `None` when it could not be read.
    pub loader: Option<Loader>,
    /// The trial this boot is, or the one it ended.
    pub trial: Option<Trial>,
    /// What was not as it should be, a line each.
    pub problems: Vec<String>,
    /// The verdict; `None` while there is none.
    pub verdict: Option<Concluded>,
    /// The newest results of the checks.
    pub outcomes: Vec<Outcome>,
    /// What the checks saw since the boot began, as it changed.
    #[serde(default)]
    pub time_line: TimeLine,
}

/// A verdict that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "is", content = "reason")]
pub enum Concluded {
    /// Every required check passed; whatever else `boot-complete.target` asks for is next.
    Healthy,
    /// Healthy, and on record as good; a trial is blessed.
    Good,
    /// The trial is given up, for this reason.
    GivenUp(String),
    /// Not healthy, for this reason, and the image stays.
    Alarm(String),
}

impl Record {
    /// Whether the ledger's open trial is this boot. Another one that was armed since has nothing to do with its verdict.
    pub fn is_attempt_of(&self, ledger: &Ledger) -> bool {
        let own = self.trial.as_ref().filter(|_| self.class == Class::Trial);
        own.is_some_and(|own| ledger.trial.as_ref().is_some_and(|open| open.id == own.id))
    }

    /// What `imp-boot` knows about this boot; `None` before it has said anything.
    pub fn read(root: &Root) -> io::Result<Option<Self>> {
        match fs::read(root.join(RECORD)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            text => Ok(Some(serde_json::from_slice(&text?)?)),
        }
    }

    /// The record is where it is looked for.
    pub fn write(&self, root: &Root) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        // First: a trial that is on record without its mark would never meet its deadline.
        let _ = match (&self.verdict, self.class) {
            (None | Some(Concluded::Healthy | Concluded::GivenUp(_)), Class::Trial) => {
                deadline::arm(root, self.trial.as_ref().map(|trial| &trial.id))?
            }
            _ => deadline::disarm(root)?,
        };
        file::write(&root.join(RECORD), &text, 0o644).map(|_| ())
    }
}

//! What a boot leaves behind for `impctl why`: outside both images, bounded, readable without a journal.
//!
//! ```text
//! /persistent/data/imp/boot/marks.json            how far the last boots came: all that a panic or a hang leaves
//! /persistent/data/imp/evidence/ID/evidence.json  one boot that was not good; ID is its trial's, or its boot's
//! ```
//! Two versions of this program read each other's files, because two images do: what one does not know it skips, what the
//! other did not write is empty.

mod announce;
pub mod collect;
mod crash_log;
mod marks;
mod post_mortem;
mod reset;
mod sentence;
mod store;
mod time_line;
mod traces;
mod units;

pub use announce::{Announcement, announce};
pub use collect::{ThisBoot, collect, keep};
pub use crash_log::CrashLog;
pub use marks::{BootMarks, Mark, Marks, mark};
pub use post_mortem::{Seen, inspect, post_mortem};
pub use reset::{Crash, Reset};
pub use store::{read_newest, write};
pub use time_line::{Observation, TimeLine};
pub use traces::Traces;
pub use units::FailedUnit;

use crate::boot::trial::classify::{Class, LoaderState};
use crate::types::{BootId, ImageName, TrialId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

/// How far a boot came, in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// `imp-boot` ran: kernel, initramfs and PID 1 are well, and the shared storage is mounted.
    Userspace,
    /// The configuration was read and is what runs, or an older one is.
    Config,
    /// VPP took its commands.
    Dataplane,
    /// The checks began.
    Assess,
    /// A verdict was reached.
    Verdict,
    /// The machine was shut down cleanly, by an operator or after a verdict.
    Shutdown,
}

impl Phase {
    /// What it is called in a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Userspace => "userspace",
            Self::Config => "config",
            Self::Dataplane => "dataplane",
            Self::Assess => "assess",
            Self::Verdict => "verdict",
            Self::Shutdown => "shutdown",
        }
    }
}

/// How a boot that was not good came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// Its own checks rejected it, or raised the alarm.
    Verdict,
    /// It was not healthy, and another configuration was applied instead of its own.
    OtherConfig,
    /// systemd went to emergency mode.
    Emergency,
    /// It reached no verdict in time.
    Deadline,
    /// It ended without a trace of its own: a panic, a hang, a reset. Written by the next boot.
    Died,
    /// A newer version wrote what this one does not know.
    #[default]
    #[serde(other)]
    Unknown,
}

/// Everything known about one boot that was not good.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Evidence {
    /// Counts up with every piece: the newest has the highest. No clock is trusted for that.
    pub number: u64,
    /// Which boot it is about; `None` when that one left no mark.
    pub boot: Option<BootId>,
    /// The image that ran.
    pub image: Option<ImageName>,
    /// What kind of boot it was.
    #[serde(deserialize_with = "lenient")]
    pub class: Option<Class>,
    /// The attempt it was.
    pub trial: Option<TrialId>,
    /// The generation of the configuration that ran; `None` when none did.
    pub generation: Option<String>,
    /// How it ended.
    pub ending: Ending,
    /// Why, in a line; empty when only the rest says it.
    pub reason: String,
    /// The unit that failed first.
    pub unit: Option<FailedUnit>,
    /// Units that were not started because a dependency failed.
    pub dependents: Vec<String>,
    /// Jobs systemd was still working on.
    pub unfinished: Vec<String>,
    /// The checks as they changed.
    #[serde(deserialize_with = "lenient")]
    pub checks: Vec<Observation>,
    /// How far it came.
    #[serde(deserialize_with = "lenient")]
    pub marks: Vec<Mark>,
    /// Why the machine restarted after it, found out by the next boot.
    pub reset: Reset,
    /// Why the machine had restarted before it, found out by this boot itself: not how it ended.
    pub before: Reset,
    /// Its last lines in a journal that outlived it.
    pub journal: Vec<String>,
    /// What is wrong with its image, seen from outside.
    pub findings: Vec<String>,
    /// The kernel's command line.
    pub command_line: String,
    /// What the loader's store said.
    #[serde(deserialize_with = "lenient")]
    pub loader: Option<LoaderState>,
    /// What could not be collected, and why.
    pub missing: Vec<String>,
}

impl Evidence {
    /// The last phase it reached.
    pub fn phase(&self) -> Option<Phase> {
        self.marks.iter().map(|mark| mark.phase).max()
    }

    /// Evidence against the image: its own report, a panic, a watchdog, a missing file; `None` when it merely vanished.
    pub fn proof(&self) -> Option<String> {
        let said = self.ending != Ending::Died;
        let seen = self.reset.has_cause() || !self.findings.is_empty();
        (said || seen).then(|| self.what())
    }
}

/// What another version wrote and this one does not understand counts as absent.
fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(from: D) -> Result<T, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

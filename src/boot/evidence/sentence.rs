//! Evidence in a sentence: what happened to this boot, in an operator's words.

use super::{Ending, Evidence, Phase};
use std::fmt::Write as _;

impl Evidence {
    /// What happened, in a line, without the image's name: `its kernel panicked before userspace: …`. The reason that goes
    /// into the ledger.
    pub fn what(&self) -> String {
        let mut text = match self.ending {
            Ending::Died if self.reason.is_empty() => self.death(),
            Ending::Died => format!("{}; it was not healthy before: {}", self.death(), self.reason),
            Ending::Emergency => format!("it ended in emergency mode{}", self.because()),
            Ending::Deadline => format!("it reached no verdict in time{}", self.because()),
            Ending::OtherConfig => format!(
                "it was not healthy, so the last good configuration was applied instead of its own: {}",
                self.reason
            ),
            Ending::Verdict | Ending::Unknown if self.reason.is_empty() => {
                format!("it was not healthy{}", self.because())
            }
            Ending::Verdict | Ending::Unknown => self.reason.clone(),
        };
        for finding in &self.findings {
            let _ = write!(text, "; in its image {finding}");
        }
        text
    }

    /// The unit that failed first, else what had not ended.
    fn because(&self) -> String {
        match (&self.unit, self.unfinished.first()) {
            (Some(unit), _) => format!(": {} {}", unit.name, unit.how()),
            (None, Some(_)) => format!(": still waiting for {}", self.unfinished.join(", ")),
            (None, None) if !self.reason.is_empty() => format!(": {}", self.reason),
            (None, None) => String::new(),
        }
    }

    fn death(&self) -> String {
        let place = match self.phase() {
            None => "before userspace (kernel, initramfs, /sbin/init)".to_owned(),
            Some(Phase::Shutdown) => return "it was shut down cleanly before it had a verdict".to_owned(),
            Some(phase) => format!("after the phase '{}'", phase.name()),
        };
        match (self.reset.crashes.first(), self.reset.watchdogs.first()) {
            (Some(crash), _) if crash.is_panic() => {
                format!("its kernel panicked {place}: {}", crash.message())
            }
            (Some(crash), _) => format!("its kernel crashed {place}: {}", crash.message()),
            (None, Some(watchdog)) => format!("it hung {place}: {watchdog}"),
            (None, None) if !self.findings.is_empty() => format!("it stopped {place}"),
            (None, None) if !self.reset.unreadable.is_empty() => format!(
                "it stopped {place}; a kernel left its last words in {}, compressed as this kernel cannot read",
                self.reset.unreadable.join(", ")
            ),
            (None, None) => format!("it stopped {place} without a trace: a hang, a reset or a power cut"),
        }
    }
}

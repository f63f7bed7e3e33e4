//! Jobs for systemd, as a value: who is told what, in which order.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What is done to a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Started, with all it wants; one that runs is left alone.
    Start,
    /// Stopped.
    Stop,
    /// Reloaded if it can be, else restarted; one that does not run is left alone.
    Reload,
    /// Restarted; one that does not run is left alone.
    Restart,
    /// Started anew, whether it runs, has failed or never ran.
    Rerun,
}

/// One job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// What is done.
    pub verb: Verb,
    /// To which unit.
    pub unit: String,
    /// Whether its end is waited for. Only of a stop, or of a unit that is not ordered after the one that asks: systemd
    /// holds every other job back until the asker has ended.
    pub awaited: bool,
}

impl Job {
    /// A job whose end is waited for.
    pub fn awaited(verb: Verb, unit: impl Into<String>) -> Self {
        Self {
            awaited: true,
            ..Self::new(verb, unit)
        }
    }

    /// A job that is queued and reports by itself.
    pub fn new(verb: Verb, unit: impl Into<String>) -> Self {
        Self {
            verb,
            unit: unit.into(),
            awaited: false,
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Reload => "reload",
            Self::Restart => "restart",
            Self::Rerun => "rerun",
        })
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.unit)
    }
}

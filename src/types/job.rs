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

/// When systemd runs a job, and whether anybody waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// In systemd's order, with whatever depends on the unit. It reports by itself.
    Queued,
    /// The same, and its end is waited for. Only of a stop, or of a unit that is not ordered after the one that asks: systemd
    /// holds every other job back until the asker has ended.
    Awaited,
    /// At once, whatever the unit is ordered after, and to this unit alone: nothing that it wants or that depends on it has a
    /// job. Its end is waited for.
    AtOnce,
}

/// One job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// What is done.
    pub verb: Verb,
    /// To which unit.
    pub unit: String,
    /// When.
    pub mode: Mode,
}

impl Job {
    /// A job that is queued and reports by itself.
    pub fn new(verb: Verb, unit: impl Into<String>) -> Self {
        Self::with(Mode::Queued, verb, unit)
    }

    /// A job whose end is waited for.
    pub fn awaited(verb: Verb, unit: impl Into<String>) -> Self {
        Self::with(Mode::Awaited, verb, unit)
    }

    /// A job that runs at once, and whose end is waited for.
    pub fn at_once(verb: Verb, unit: impl Into<String>) -> Self {
        Self::with(Mode::AtOnce, verb, unit)
    }

    /// Whether its end is waited for.
    pub fn is_awaited(&self) -> bool {
        self.mode != Mode::Queued
    }

    /// Whether the unit, if it runs, is another process afterwards.
    pub fn is_restart(&self) -> bool {
        self.verb == Verb::Restart
    }

    fn with(mode: Mode, verb: Verb, unit: impl Into<String>) -> Self {
        Self {
            verb,
            unit: unit.into(),
            mode,
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

//! The checks of a boot over time: only what changed, so that an hour of checks stays a page.

use crate::boot::trial::outcome::{CheckOutcome, CheckState};
use serde::{Deserialize, Serialize};

/// How many changes are kept: of a check that flaps, the newest ones.
const KEPT: usize = 200;

/// A check that ended differently from the time before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Observation {
    /// Milliseconds since the kernel started.
    pub at_ms: u64,
    /// How it ended.
    pub outcome: CheckOutcome,
}

/// What changed, in the order of time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeLine(Vec<Observation>);

impl TimeLine {
    /// Notes the results of a round of checks, as far as they changed.
    pub fn note(&mut self, at_ms: u64, outcomes: &[CheckOutcome]) {
        for outcome in outcomes {
            if self.is_news(outcome) {
                self.0.push(Observation {
                    at_ms,
                    outcome: outcome.clone(),
                });
                self.forget();
            }
        }
    }

    /// Drops the oldest change that a later one of the same check replaces, when there are too many. The last result of each
    /// check stays, however many there are: otherwise it would be news every time.
    fn forget(&mut self) {
        let is_old = |at: usize| {
            let (seen, later) = (&self.0[at], &self.0[at + 1..]);
            later.iter().any(|other| other.outcome.name == seen.outcome.name)
        };
        if self.0.len() > KEPT
            && let Some(oldest) = (0..self.0.len()).find(|at| is_old(*at))
        {
            self.0.remove(oldest);
        }
    }

    /// All of it.
    pub fn observations(&self) -> &[Observation] {
        &self.0
    }

    /// While a check fails, what it observes is news as well; a counter in a healthy one is not.
    fn is_news(&self, outcome: &CheckOutcome) -> bool {
        let mut before = self.0.iter().rev().map(|seen| &seen.outcome);
        before.find(|seen| seen.name == outcome.name).is_none_or(|seen| {
            seen.state != outcome.state
                || (outcome.state == CheckState::Failed && seen.observed != outcome.observed)
        })
    }
}

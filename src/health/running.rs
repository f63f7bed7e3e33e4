//! A check that runs: a look in a thread of its own, given up at its deadline, and the judgement of what it saw.

use crate::boot::trial::outcome::{CheckOutcome, CheckState, Scope};
use crate::host::question::{Question, Unanswered};
use std::time::{Duration, Instant};

/// What a check is, whatever comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub scope: Scope,
    /// Whether a boot without it is rejected.
    pub required: bool,
    /// Whether a configuration can be the reason.
    pub config_can_cause: bool,
}

impl About {
    /// A check of this scope.
    pub fn new(name: impl Into<String>, scope: Scope, required: bool, config_can_cause: bool) -> Self {
        Self {
            name: name.into(),
            scope,
            required,
            config_can_cause,
        }
    }

    /// One of the things it is about: `bgp 192.0.2.1`.
    pub fn part(&self, subject: impl std::fmt::Display) -> Self {
        Self {
            name: format!("{} {subject}", self.name),
            ..self.clone()
        }
    }

    /// The same, for what an operator should know and no boot is rejected for.
    pub fn warning(&self) -> Self {
        Self {
            required: false,
            ..self.clone()
        }
    }

    /// As expected.
    pub fn passed(&self, expected: impl Into<String>, observed: impl Into<String>) -> CheckOutcome {
        self.outcome(CheckState::Passed, expected.into(), observed.into())
    }

    /// Not as expected.
    pub fn failed(&self, expected: impl Into<String>, observed: impl Into<String>) -> CheckOutcome {
        self.outcome(CheckState::Failed, expected.into(), observed.into())
    }

    /// Nothing to check: what would be right otherwise, and why not.
    pub fn not_needed(&self, expected: impl Into<String>, why: impl Into<String>) -> CheckOutcome {
        self.outcome(CheckState::NotNeeded, expected.into(), why.into())
    }

    /// As expected if it is good.
    pub fn passed_if(
        &self,
        good: bool,
        expected: impl Into<String>,
        observed: impl Into<String>,
    ) -> CheckOutcome {
        let state = if good {
            CheckState::Passed
        } else {
            CheckState::Failed
        };
        self.outcome(state, expected.into(), observed.into())
    }

    fn outcome(&self, state: CheckState, expected: String, observed: String) -> CheckOutcome {
        CheckOutcome {
            name: self.name.clone(),
            scope: self.scope,
            required: self.required,
            config_can_cause: self.config_can_cause,
            state,
            expected,
            observed,
            took_ms: 0,
        }
    }
}

/// A check whose look has begun.
pub struct Running<'a> {
    finish: Box<dyn FnOnce() -> Vec<CheckOutcome> + 'a>,
}

impl std::fmt::Debug for Running<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Running")
    }
}

impl<'a> Running<'a> {
    /// Begins to look. What is seen is judged when the check is finished; a look that takes longer than the deadline is
    /// left to itself, and the check has failed.
    pub fn start<Seen: Send + 'static>(
        about: About,
        deadline: Duration,
        look: impl FnOnce() -> Seen + Send + 'static,
        judge: impl FnOnce(&About, Seen) -> Vec<CheckOutcome> + 'a,
    ) -> Self {
        let started = Instant::now();
        let question = Question::ask(deadline, look);
        let finish = move || {
            let (mut outcomes, took) = match question.answer() {
                Ok((seen, took)) => (judge(&about, seen), took),
                Err(Unanswered::Crashed) => {
                    let outcome = about.failed("an answer", "the check itself crashed");
                    (vec![outcome], started.elapsed())
                }
                Err(late @ Unanswered::Late(_)) => {
                    (vec![about.failed("an answer", late.to_string())], deadline)
                }
            };
            for outcome in &mut outcomes {
                outcome.took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            }
            outcomes
        };
        Self {
            finish: Box::new(finish),
        }
    }

    /// A check whose result is known without a look.
    pub fn known(outcome: CheckOutcome) -> Self {
        Self {
            finish: Box::new(|| vec![outcome]),
        }
    }

    /// Waits for what was seen, at most until the deadline, and judges it.
    pub fn finish(self) -> Vec<CheckOutcome> {
        (self.finish)()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    fn about(name: &str) -> About {
        About::new(name, Scope::Boot, true, false)
    }

    fn pass(about: &About, (): ()) -> Vec<CheckOutcome> {
        vec![about.passed("well", "well")]
    }

    #[test]
    fn a_hung_check_fails_alone_and_in_time() {
        let started = Instant::now();
        let deadline = Duration::from_millis(200);
        let hung = Running::start(
            about("hung"),
            deadline,
            || thread::sleep(Duration::from_secs(60)),
            pass,
        );
        let quick = Running::start(about("quick"), deadline, || (), pass);
        let outcomes: Vec<CheckOutcome> = [hung, quick].into_iter().flat_map(Running::finish).collect();
        assert!(started.elapsed() < Duration::from_secs(5));
        assert!(outcomes[0].rejects());
        assert_eq!(outcomes[0].observed, "no answer within 0.2 s");
        assert_eq!(outcomes[1].state, CheckState::Passed);
        assert!(outcomes[1].took_ms < 200);
    }

    #[test]
    fn a_check_that_panics_has_failed() {
        let check = Running::start(
            about("broken"),
            Duration::from_secs(5),
            || -> () { panic!("on purpose") },
            pass,
        );
        assert_eq!(check.finish()[0].observed, "the check itself crashed");
    }
}

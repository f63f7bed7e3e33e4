//! `impctl health`: every check of this router, once and without consequences.

use super::{Format, out};
use crate::boot::record::BootRecord;
use crate::boot::trial::classify::Class;
use crate::boot::trial::outcome::{self, CheckOutcome, CheckState};
use crate::exit::{Failure, Kind};
use crate::health::{self, Baseline};
use crate::step;
use crate::types::Root;
use serde::Serialize;
use std::fmt::Write as _;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report<'a> {
    /// Whether a boot with these results is a good one.
    healthy: bool,
    /// Whether what was down before the reboot is not needed now.
    compared_with_baseline: bool,
    outcomes: &'a [CheckOutcome],
}

/// Prints what every check expected and observed. Exit code 1 when one failed that a trial is rejected for, 78 when no
/// configuration runs, so that nothing is known to be expected.
pub fn run(root: &Root, format: Format) -> Result<(), Failure> {
    if !root.is_machine() {
        let text = "'impctl health' checks the running machine and takes no --root";
        return Err(Failure::new(Kind::Usage, text));
    }
    let wanted = step::input::read(root)?;
    let baseline = baseline(root);
    let outcomes = health::run(root, &wanted, baseline.as_ref());
    let report = Report {
        healthy: outcome::healthy(&outcomes),
        compared_with_baseline: baseline.is_some(),
        outcomes: &outcomes,
    };
    out::print(&match format {
        Format::Text => text(&outcomes, out::colour()),
        Format::Json => serde_json::to_string_pretty(&report).unwrap_or_default() + "\n",
    })?;
    match report.healthy {
        true => Ok(()),
        false => Err(Failure::new(Kind::Failed, "")),
    }
}

/// After a reboot for a trial, what was before it; at any other time nothing excuses what is down.
fn baseline(root: &Root) -> Option<Baseline> {
    let record = BootRecord::read(root).ok().flatten()?;
    match record.class {
        Class::Trial | Class::FailedEarly => Baseline::read(root),
        _ => None,
    }
}

/// A line per check, what failed first; a second one with what was expected where that is not what was observed.
pub fn text(outcomes: &[CheckOutcome], colour: bool) -> String {
    let mut sorted: Vec<&CheckOutcome> = outcomes.iter().collect();
    sorted.sort_by_key(|outcome| rank(outcome));
    let width = outcomes
        .iter()
        .map(|it| it.name.chars().count())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for outcome in sorted {
        let (word, paint) = word(outcome);
        let (on, off) = if colour { (paint, "\x1b[0m") } else { ("", "") };
        let (name, observed, took) = (&outcome.name, &outcome.observed, outcome.took_ms);
        let _ = writeln!(
            text,
            "{on}{word:<10}{off}  {name:<width$}  {took:>5} ms  {observed}"
        );
        if outcome.state == CheckState::Failed {
            let _ = writeln!(
                text,
                "{:<10}  {:<width$}  {:>8}  expected {}",
                "", "", "", outcome.expected
            );
        }
    }
    let rejecting = outcomes.iter().filter(|outcome| outcome.rejects()).count();
    let _ = match rejecting {
        0 => writeln!(text, "healthy"),
        count => writeln!(text, "not healthy: {count} of {} checks", outcomes.len()),
    };
    text
}

/// In the order an operator reads: what a trial is rejected for, what only warns, what is well, what is not needed.
fn rank(outcome: &CheckOutcome) -> u8 {
    match outcome.state {
        CheckState::Failed if outcome.rejects() => 0,
        CheckState::Failed => 1,
        CheckState::Passed => 2,
        CheckState::NotNeeded => 3,
    }
}

fn word(outcome: &CheckOutcome) -> (&'static str, &'static str) {
    match outcome.state {
        CheckState::Failed if outcome.rejects() => ("FAILED", "\x1b[1;31m"),
        CheckState::Failed => ("warning", "\x1b[1;33m"),
        CheckState::Passed => ("passed", "\x1b[32m"),
        CheckState::NotNeeded => ("not needed", "\x1b[2m"),
    }
}

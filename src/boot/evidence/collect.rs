//! Evidence of the boot that runs, within a hard time: a machine that is to be reset must not hang over its own report.

use super::marks::Marks;
use super::units::TimedOutJobs;
use super::{Ending, Evidence, FailedUnit, Mark, Observation, Reset, store, units};
use crate::boot::record::{BootRecord, Verdict};
use crate::boot::trial::classify::{Class, LoaderState};
use crate::boot::trial::outcome::CheckOutcome;
use crate::facts::boot;
use crate::host::wait;
use crate::types::generation::Id;
use crate::types::{BootId, Root, TrialId};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// How long everything may take.
const ALL: Duration = Duration::from_secs(20);
/// How much of it is for looking; the rest is for the disk.
const LOOK: Duration = Duration::from_secs(15);

/// What is known of the boot that runs.
#[derive(Debug)]
pub struct ThisBoot<'a> {
    /// What kind of boot it is, if that was found out.
    pub class: Option<Class>,
    /// What the loader's store said, if it could be read.
    pub loader: Option<&'a LoaderState>,
    /// The attempt it is.
    pub trial: Option<&'a TrialId>,
    /// How it ends.
    pub ending: Ending,
    /// Why, in a line.
    pub reason: &'a str,
    /// The generation of the configuration that runs; `None` when none does.
    pub generation: Option<&'a Id>,
    /// What the checks saw.
    pub checks: &'a [Observation],
}

/// Keeps what is known about this boot: given up, alarmed, or, without a verdict, about to get another configuration. Ends
/// within 20 s whatever hangs; what cannot be had is left out and said.
///
/// The class is the one the verdict is for: a trial that was blessed is steady when it is looked at again.
pub fn collect(root: &Root, record: &BootRecord, class: Class, generation: Option<&Id>) {
    let healthy = !record.outcomes.iter().any(CheckOutcome::rejects);
    let trial = record.trial.as_ref().filter(|_| class == Class::Trial);
    // It goes back on purpose, and nothing has to be explained.
    if healthy && trial.is_some_and(|trial| trial.drill) {
        return;
    }
    let (ending, reason) = match &record.verdict {
        Some(Verdict::GivenUp(reason) | Verdict::Alarm(reason)) => (Ending::Verdict, reason.clone()),
        Some(Verdict::Healthy | Verdict::Good) | None => {
            let bad = record.outcomes.iter().find(|outcome| outcome.rejects());
            (
                Ending::OtherConfig,
                bad.map(CheckOutcome::sentence).unwrap_or_default(),
            )
        }
    };
    keep(
        root,
        &ThisBoot {
            class: Some(class),
            loader: record.loader.as_ref(),
            trial: trial.map(|trial| &trial.id),
            ending,
            reason: &reason,
            generation,
            checks: record.time_line.observations(),
        },
    );
}

/// What one of the lookers found.
enum Part {
    Boot(BootId, Vec<Mark>),
    CommandLine(String),
    /// What ended the boot before this one.
    Before(Reset),
    Unit(FailedUnit),
    Dependents(Vec<String>),
    Unfinished(Vec<String>),
    Missing(String),
    /// One of them is done.
    End,
}

/// The evidence of this boot is gathered and on disk. Never takes longer than 20 s, whatever hangs: the disk as well.
pub fn keep(root: &Root, this_boot: &ThisBoot<'_>) {
    let end = Instant::now() + ALL;
    let mut evidence = Evidence {
        image: this_boot.loader.map(|loader| loader.booted.clone()),
        class: this_boot.class,
        trial: this_boot.trial.cloned(),
        ending: this_boot.ending,
        reason: this_boot.reason.to_owned(),
        checks: this_boot.checks.to_vec(),
        loader: this_boot.loader.cloned(),
        generation: this_boot.generation.map(ToString::to_string),
        ..Evidence::default()
    };
    let units: Look = match this_boot.ending {
        Ending::Emergency => |root, found| of_units(root, units::leads_to_emergency, found),
        _ => |root, found| of_units(root, |_| true, found),
    };
    gather(root, &[of_kernel, of_marks, units], LOOK, &mut evidence);
    let owned = root.clone();
    let left = end.saturating_duration_since(Instant::now());
    match wait::at_most(left, move || store::write(&owned, &evidence)) {
        Some(Ok(folder)) => tracing::info!("evidence of this boot is in {}", folder.display()),
        Some(Err(error)) => tracing::error!("evidence: {error}"),
        None => tracing::error!("writing evidence took longer than {} s", ALL.as_secs()),
    }
}

type Look = fn(&Root, &Sender<Part>);

/// Each looks in a thread of its own: one that hangs takes nothing of the others with it.
fn gather(root: &Root, looks: &[Look], limit: Duration, evidence: &mut Evidence) {
    let end = Instant::now() + limit;
    let (sender, receiver) = mpsc::channel();
    for look in looks {
        let (root, sender, look) = (root.clone(), sender.clone(), *look);
        thread::spawn(move || {
            look(&root, &sender);
            // Nobody listens any more after the deadline.
            let _ = sender.send(Part::End);
        });
    }
    let mut running = looks.len();
    while running > 0 {
        match receiver.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(Part::Boot(boot, marks)) => {
                evidence.boot = Some(boot);
                evidence.marks = marks;
            }
            Ok(Part::CommandLine(text)) => evidence.command_line = text,
            Ok(Part::Before(reset)) => evidence.before = reset,
            Ok(Part::Unit(unit)) => evidence.unit = Some(unit),
            Ok(Part::Dependents(units)) => evidence.dependents = units,
            Ok(Part::Unfinished(jobs)) => evidence.unfinished = jobs,
            Ok(Part::Missing(what)) => evidence.missing.push(what),
            Ok(Part::End) => running -= 1,
            Err(_) => {
                evidence.missing.push(format!(
                    "not everything was collected within {} s",
                    limit.as_secs()
                ));
                return;
            }
        }
    }
}

fn of_kernel(root: &Root, found: &Sender<Part>) {
    tell(found, Part::CommandLine(crate::host::cmdline::text(root)));
    tell(found, Part::Before(Reset::read(root)));
}

fn of_marks(root: &Root, found: &Sender<Part>) {
    match boot::id(root) {
        Ok(id) => {
            let marks = Marks::read(root);
            let own = marks
                .of_boot(&id)
                .map(|own| own.marks.clone())
                .unwrap_or_default();
            tell(found, Part::Boot(id, own));
        }
        Err(error) => tell(found, Part::Missing(format!("the boot id: {error}"))),
    }
}

/// The units of this machine, first of all one that is likely to blame; of another root's nobody knows anything.
fn of_units(root: &Root, is_likely: fn(&str) -> bool, found: &Sender<Part>) {
    if !root.is_machine() {
        return;
    }
    let timed_out_jobs = units::timed_out_jobs().unwrap_or_else(|error| {
        tell(found, Part::Missing(format!("the jobs that timed out: {error}")));
        TimedOutJobs::default()
    });
    tell(found, Part::Dependents(timed_out_jobs.dependents.clone()));
    match units::first_failed(&timed_out_jobs, is_likely) {
        Ok(Some(unit)) => {
            tell(found, Part::Unit(unit.clone()));
            match units::log(&unit.name) {
                Ok(log) => tell(found, Part::Unit(FailedUnit { log, ..unit })),
                Err(error) => tell(found, Part::Missing(format!("the log of {}: {error}", unit.name))),
            }
        }
        Ok(None) => {}
        Err(error) => tell(found, Part::Missing(format!("the units: {error}"))),
    }
    match units::unfinished() {
        Ok(jobs) => tell(found, Part::Unfinished(jobs)),
        Err(error) => tell(found, Part::Missing(format!("the jobs: {error}"))),
    }
}

fn tell(found: &Sender<Part>, part: Part) {
    let _ = found.send(part);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_hangs_takes_nothing_of_the_others_with_it() {
        let hangs: Look = |_, _| thread::sleep(Duration::from_secs(600));
        let says: Look = |_, found| tell(found, Part::CommandLine("quiet".to_owned()));
        let mut evidence = Evidence::default();
        let began = Instant::now();
        gather(
            &Root::new("/not-there"),
            &[hangs, says],
            Duration::from_millis(300),
            &mut evidence,
        );
        assert!(began.elapsed() < Duration::from_secs(60));
        assert_eq!(evidence.command_line, "quiet");
        assert_eq!(evidence.missing, ["not everything was collected within 0 s"]);
    }
}

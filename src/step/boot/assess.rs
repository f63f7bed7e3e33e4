//! `imp-boot assess`: is this boot a good one, and what happens if it is not.

use super::{arm, bless, failed, record, running_config, save, write};
use crate::boot::deadline;
use crate::boot::evidence::{self, Phase};
use crate::boot::ledger;
use crate::boot::loader;
use crate::boot::record::{BootRecord, Verdict};
use crate::boot::trial::classify::Class;
use crate::boot::trial::ledger::{Culprit, Stage};
use crate::boot::trial::outcome::{CheckOutcome, CheckState, Scope};
use crate::boot::trial::transitions;
use crate::boot::trial::verdict::{Decision, Situation, judge};
use crate::config::Health;
use crate::exit::{Failure, Kind};
use crate::facts;
use crate::facts::status::Status;
use crate::health::{self, Baseline};
use crate::host::bus::{self, JobResult};
use crate::host::clock;
use crate::host::wait::pause;
use crate::step::apply;
use crate::step::back;
use crate::step::generation::{Hold, HoldSince, Store};
use crate::step::input;
use crate::types::Root;
use crate::types::generation::Id;
use crate::types::{Job, Verb};
use std::time::{Duration, Instant};

/// Between two rounds of checks.
const PAUSE: Duration = Duration::from_secs(3);
/// How many rounds in a row have to be good: a daemon that starts and falls is up for one of them.
const ROUNDS: u32 = 2;
/// How long a router that was judged may be unhealthy before the alarm: an operator may restart anything.
const GRACE: Duration = Duration::from_secs(60);
/// How long the last good configuration may take to be applied.
const APPLY: Duration = Duration::from_secs(60);
/// How long `boot-complete.target` and whoever is required by it may take, behind a change that goes on.
const COMPLETE: Duration = bless::LONGEST_CHANGE.saturating_add(Duration::from_secs(300));

/// The boot has a verdict and what follows from it is done: blessed, or the configuration or the image given up.
///
/// Looked at again later in the same boot, the verdict may change between good and alarm, and nothing else happens.
pub fn start(root: &Root) -> Result<(), Failure> {
    let record = record(root)?;
    match &record.verdict {
        Some(Verdict::GivenUp(reason)) => Err(Failure::new(Kind::Failed, reason.clone())),
        Some(Verdict::Good | Verdict::Alarm(_)) => Assessment::again(root, record).conclude(),
        None | Some(Verdict::Healthy) => Assessment::first(root, record).conclude(),
    }
}

struct Assessment<'r> {
    root: &'r Root,
    record: BootRecord,
    /// What kind of boot the verdict is for.
    class: Class,
    baseline: Option<Baseline>,
    /// Looked at again: no other configuration is tried.
    again: bool,
    /// Another configuration was tried in this boot: once is enough, also when it was not taken.
    tried: bool,
}

impl<'r> Assessment<'r> {
    fn first(root: &'r Root, record: BootRecord) -> Self {
        let compared = matches!(record.class, Class::Trial | Class::FailedEarly);
        Self {
            root,
            class: record.class,
            baseline: compared.then(|| Baseline::read(root)).flatten(),
            record,
            again: false,
            tried: false,
        }
    }

    /// A verdict stands: whatever the boot was, it is steady now. What it was excused from it still is.
    fn again(root: &'r Root, record: BootRecord) -> Self {
        Self {
            class: Class::Steady,
            again: true,
            ..Self::first(root, record)
        }
    }

    fn conclude(mut self) -> Result<(), Failure> {
        let mut began = Instant::now();
        let mut good = 0;
        evidence::mark(self.root, Phase::Assess);
        loop {
            // What is being changed is not there yet, and nobody's fault.
            if apply::is_under_way(self.root) {
                (began, good) = (Instant::now(), 0);
                pause(PAUSE);
                continue;
            }
            let judged = running_config(self.root);
            let (outcomes, limit) = self.look();
            if judged != running_config(self.root) {
                // What was seen is neither the one nor the other.
                (began, good) = (Instant::now(), 0);
                continue;
            }
            if self.is_blessed_by_hand() {
                return Ok(());
            }
            if let Err(error) = deadline::allow(self.root, limit) {
                tracing::warn!("the deadline of the trial stays where it is: {error}");
            }
            let other = self.other_config();
            let verdict = judge(&Situation {
                class: self.class,
                drill: self.record.trial.as_ref().is_some_and(|trial| trial.drill),
                outcomes: &outcomes,
                late: began.elapsed() >= if self.again { GRACE } else { limit },
                other_config: other.as_ref(),
            });
            self.record
                .time_line
                .note(clock::since_kernel_start_ms(), &outcomes);
            self.record.outcomes = outcomes;
            if self.record.generation != judged {
                good = 0;
            }
            self.record.generation = judged;
            self.save()?;
            good = if verdict == Decision::Good { good + 1 } else { 0 };
            match verdict {
                Decision::Good if good >= ROUNDS => return self.good(),
                Decision::Good | Decision::Wait => pause(PAUSE),
                Decision::TryConfig(config) => match self.try_config(config) {
                    Ok(()) => began = Instant::now(),
                    Err(failure) => return self.not_good(failure.to_string()),
                },
                Decision::GiveUp(reason) => return self.give_up(reason),
                Decision::Alarm(reason) => return self.alarm(reason),
            }
        }
    }

    /// An operator was quicker, and his word stands.
    fn is_blessed_by_hand(&self) -> bool {
        let good = |record: &BootRecord| record.verdict == Some(Verdict::Good);
        let now = BootRecord::read(self.root).ok().flatten();
        now.is_some_and(|now| good(&now)) && !good(&self.record)
    }

    /// One round of checks, and how long the boot has for all of them.
    fn look(&self) -> (Vec<CheckOutcome>, Duration) {
        match input::read::<health::Wanted>(self.root) {
            Ok(wanted) => (
                health::run(self.root, &wanted, self.baseline.as_ref()),
                wanted.health.deadline.duration() + wanted.long_nic_wait() + facts::frr::long_load(self.root),
            ),
            Err(failure) => (
                vec![no_configuration(&failure)],
                Health::default().deadline.duration(),
            ),
        }
    }

    /// The configuration to try before the image is given up: one that was healthy, while the documents themselves run.
    fn other_config(&self) -> Option<Id> {
        let accepted = Status::read(self.root)
            .ok()
            .flatten()
            .is_some_and(|status| status.is_accepted());
        let booted = &self.record.loader.as_ref()?.booted;
        let running = running_config(self.root)?;
        let (ledger, _) = ledger::read(self.root);
        let other = ledger.last_good_config(booted, Some(&running))?;
        // One that was good itself is not to blame for what is wrong now.
        let known = ledger
            .good
            .iter()
            .any(|pair| pair.config.as_ref() == Some(&running));
        let kept = Store::new(self.root).folder(other).is_dir();
        let first = !self.again && !self.tried;
        (accepted && first && !known && kept).then(|| other.clone())
    }

    /// The last good configuration is applied on this boot; the documents are held back.
    fn try_config(&mut self, instead: Id) -> Result<(), Failure> {
        self.tried = true;
        let Some(documents) = running_config(self.root) else {
            return Ok(());
        };
        let reason = first_reason(&self.record.outcomes);
        self.collect_evidence();
        tracing::error!("{reason}: applying generation {instead}, which was healthy, instead of {documents}");
        let hold = Hold {
            documents,
            instead,
            reason,
            since: HoldSince::Boot,
            is_due: true,
        };
        let store = Store::new(self.root);
        let _ = store.hold(&hold).map_err(|error| failed("hold.json", &error))?;
        self.stage(Stage::TryingOldConfig)?;
        if self.root.is_machine() {
            say(back::run_again(self.root, &store, APPLY));
        }
        Ok(())
    }

    /// How far the trial came is on record.
    fn stage(&mut self, stage: Stage) -> Result<(), Failure> {
        let (mut ledger, _) = ledger::read(self.root);
        if self.class == Class::Trial
            && let Some(trial) = &mut ledger.trial
        {
            trial.stage = stage;
            write(self.root, &ledger)?;
            self.record.trial = ledger.trial;
        }
        Ok(())
    }

    /// Healthy: what else `boot-complete.target` asks for decides, then the bless.
    fn good(mut self) -> Result<(), Failure> {
        // A boot that was judged has no deadline any more, and gets none again: not even until the bless.
        self.record.verdict = Some(if self.again {
            Verdict::Good
        } else {
            Verdict::Healthy
        });
        self.save()?;
        if !self.root.is_machine() {
            return bless::start(self.root);
        }
        // What is waited for from here on is no fault of the image.
        let end = Duration::from_millis(clock::since_kernel_start_ms()) + COMPLETE;
        if let Err(error) = deadline::no_sooner(self.root, end) {
            tracing::warn!("the deadline of the trial stays where it is: {error}");
        }
        let job = Job::awaited(Verb::Rerun, "imp-boot-bless.service");
        let results = bus::run_jobs(&[job], COMPLETE);
        let refused = match results {
            Ok(results) if results[0] == JobResult::Done => return Ok(()),
            Ok(results) => format!("boot-complete.target or imp-boot-bless.service: {}", results[0]),
            Err(error) => Failure::from_error(Kind::Failed, &error).to_string(),
        };
        self.not_good(refused)
    }

    /// What the checks themselves have nothing against went wrong.
    fn not_good(self, reason: String) -> Result<(), Failure> {
        match self.class {
            Class::Trial => self.give_up(reason),
            _ => self.alarm(reason),
        }
    }

    /// The trial is rejected: on record first, then what is known about it, then a plain reset. The reset needs none of the
    /// writes: a full or dead disk is a reason to go, not to stay. An image that is the default already, because the bless came
    /// that far, stays.
    fn give_up(mut self, reason: String) -> Result<(), Failure> {
        if self.is_default() {
            self.class = Class::Steady;
            return self.alarm(reason);
        }
        let trial = self.record.trial.as_ref();
        let tried = trial.is_some_and(|trial| trial.stage == Stage::TryingOldConfig);
        say(self.stage(Stage::Rejected(reason.clone())));
        if tried {
            // The image is to blame, or both: the image that was decides on the documents for itself.
            let released = Store::new(self.root).release().map(drop);
            say(released.map_err(|error| failed("hold.json", &error)));
        }
        self.record.verdict = Some(Verdict::GivenUp(reason.clone()));
        say(self.save());
        self.collect_evidence();
        evidence::announce(self.root, &self.record);
        if self.root.is_machine() {
            say(arm::reboot(self.root));
        }
        let text = format!("the image is rejected: {reason}");
        Err(Failure::new(Kind::Failed, text))
    }

    /// Power-on starts what runs. A loader that cannot be asked moved nothing.
    fn is_default(&self) -> bool {
        let loader = loader::of_machine(self.root).loader();
        loader.is_ok_and(|loader| loader.default == loader.booted)
    }

    /// Not healthy, and nothing is done but say so, on a full disk too.
    fn alarm(mut self, reason: String) -> Result<(), Failure> {
        let known = matches!(&self.record.verdict, Some(Verdict::Alarm(before)) if *before == reason);
        self.record.verdict = Some(Verdict::Alarm(reason.clone()));
        self.save()?;
        if !known {
            let ledger = transitions::attribute(&ledger::read(self.root).0, Culprit::Neither);
            say(write(self.root, &ledger));
            self.collect_evidence();
            evidence::announce(self.root, &self.record);
        }
        Err(Failure::new(Kind::Failed, format!("not healthy: {reason}")))
    }

    fn collect_evidence(&self) {
        let generation = running_config(self.root);
        evidence::collect(self.root, &self.record, self.class, generation.as_ref());
    }

    fn save(&self) -> Result<(), Failure> {
        save(self.root, &self.record)?;
        if self.record.verdict.is_some() {
            evidence::mark(self.root, Phase::Verdict);
        }
        Ok(())
    }
}

/// What a boot without any configuration fails in.
fn no_configuration(failure: &Failure) -> CheckOutcome {
    CheckOutcome {
        name: "configuration".to_owned(),
        scope: Scope::Boot,
        required: true,
        config_can_cause: true,
        state: CheckState::Failed,
        expected: "a configuration that runs".to_owned(),
        observed: failure.to_string(),
        took_ms: 0,
    }
}

/// What could not be done on the way out.
fn say(result: Result<(), Failure>) {
    if let Err(failure) = result {
        tracing::error!("{failure}");
    }
}

fn first_reason(outcomes: &[CheckOutcome]) -> String {
    let bad = outcomes.iter().find(|outcome| outcome.rejects());
    bad.map(CheckOutcome::sentence).unwrap_or_default()
}

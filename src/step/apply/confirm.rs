//! A change that has to be confirmed: on record before anything changes, and what ran before runs again unless somebody, or
//! the router itself, says in time that it is well.
//!
//! The record is on the disk: a boot before the confirmation comes up with what was confirmed last.

use super::request::Wanted;
use super::{lock, systemd};
use crate::boot::trial::outcome::{CheckOutcome, CheckState};
use crate::exit::{Failure, Kind};
use crate::health::{self, Baseline};
use crate::host::bus::JobResult;
use crate::host::lock::Lock;
use crate::host::wait::pause;
use crate::host::{clock, file, json};
use crate::step::config::failed;
use crate::step::generation::{Hold, HoldSince, Store};
use crate::step::{back, input};
use crate::types::generation::Id;
use crate::types::{Job, Root, Verb};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const RECORD: &str = "persistent/data/imp/confirm.json";
/// What worked before the change, for `auto`.
const BEFORE: &str = "run/imp/apply-baseline.json";
/// The unit that waits, and goes back.
const UNIT: &str = "imp-apply-back.service";

/// Between two looks at the record.
const EVERY: Duration = Duration::from_millis(500);
/// Between two rounds of checks.
const ROUND: Duration = Duration::from_secs(5);
/// How long everything has to be as good as before until the router confirms by itself, where there is time for that: VPP may die
/// of the first packets.
const STEADY: Duration = Duration::from_secs(30);
/// How long an apply that goes on may take before the way back begins.
const PATIENCE: Duration = Duration::from_secs(900);
/// How long systemd may take to start the unit.
const START: Duration = Duration::from_secs(10);
/// How long the reload that goes back may take.
const RELOAD: Duration = Duration::from_secs(900);

/// A change that waits for its confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Confirm {
    /// What runs, and is not confirmed.
    pub documents: Id,
    /// What was confirmed last, and runs again otherwise.
    pub instead: Id,
    /// Whether the router confirms by itself when what worked before works again.
    pub auto: bool,
    /// How long is waited, in seconds.
    pub seconds: u32,
    /// Until when, in milliseconds since the kernel started.
    pub until_ms: u64,
    /// Whether the change has been carried out: what works while it is under way says nothing about it.
    #[serde(default)]
    pub is_applied: bool,
}

impl Confirm {
    /// The change that waits; `None` when there is none. A record that cannot be read is a failure: it may be a way back.
    pub fn read(root: &Root) -> Result<Option<Self>, Failure> {
        json::read(&root.join(RECORD)).map_err(|error| failed(RECORD, &error))
    }

    /// How many seconds are left.
    pub fn left(&self) -> u64 {
        self.until_ms.saturating_sub(clock::since_kernel_start_ms()) / 1000
    }

    fn is_over(&self) -> bool {
        clock::since_kernel_start_ms() >= self.until_ms
    }

    fn write(&self, root: &Root) -> Result<(), Failure> {
        json::write(&root.join(RECORD), self, 0o600)
            .map(|_| ())
            .map_err(|error| failed(RECORD, &error))
    }

    fn begin(&mut self) {
        self.until_ms = clock::since_kernel_start_ms() + u64::from(self.seconds) * 1000;
    }
}

fn forget(root: &Root) -> Result<(), Failure> {
    let removed = file::remove(&root.join(RECORD)).and_then(|_| file::remove(&root.join(BEFORE)));
    removed.map(|_| ()).map_err(|error| failed(RECORD, &error))
}

/// The change to these documents is on record as one that has to be confirmed, if it is to be or an earlier one still is, and
/// the unit that goes back waits. Nothing has changed yet.
pub fn arm(
    root: &Root,
    store: &Store,
    wanted: Wanted,
    documents: &Id,
    runs: Option<&Id>,
) -> Result<(), Failure> {
    let earlier = Confirm::read(root)?;
    let instead = earlier.as_ref().map(|it| &it.instead).or(runs);
    let confirm = match (wanted, earlier.clone()) {
        (Wanted::Nothing, None) => return Ok(()),
        // What was confirmed last runs again: there is nothing left to confirm.
        (_, Some(earlier)) if earlier.instead == *documents => return forget(root),
        (Wanted::Nothing, Some(earlier)) => Confirm {
            documents: documents.clone(),
            is_applied: false,
            ..earlier
        },
        (Wanted::Confirmation(seconds) | Wanted::Auto(seconds), _) => {
            let kept = instead.filter(|id| store.folder(id).is_dir());
            let Some(instead) = kept.filter(|id| *id != documents) else {
                let text = "nothing is changed: there is no other generation to go back to, so there is nothing to confirm; \
                    apply without --confirm";
                return Err(Failure::new(Kind::Failed, text));
            };
            let mut confirm = Confirm {
                documents: documents.clone(),
                instead: instead.clone(),
                auto: matches!(wanted, Wanted::Auto(_)),
                seconds,
                until_ms: 0,
                is_applied: false,
            };
            confirm.begin();
            confirm
        }
    };
    if earlier.is_none() && !confirm.auto {
        // What worked before another change, which was refused, says nothing about this one.
        let _ = file::remove(&root.join(BEFORE)).map_err(|error| failed(BEFORE, &error))?;
    }
    confirm.write(root)?;
    if !root.is_machine() {
        return Ok(());
    }
    match systemd(&Job::at_once(Verb::Rerun, UNIT), START) {
        JobResult::Done => Ok(()),
        other => {
            // Nobody would go back.
            match earlier {
                Some(earlier) => earlier.write(root)?,
                None => forget(root)?,
            }
            let text =
                format!("nothing is changed: {UNIT}, which would go back without a confirmation: {other}");
            Err(Failure::new(Kind::Failed, text))
        }
    }
}

/// The change has been carried out: the time for its confirmation begins now.
pub fn applied(root: &Root, documents: &Id) -> Result<(), Failure> {
    match Confirm::read(root)? {
        Some(mut confirm) if confirm.documents == *documents => {
            confirm.begin();
            confirm.is_applied = true;
            confirm.write(root)
        }
        _ => Ok(()),
    }
}

/// The change was taken back before it was confirmed.
pub fn taken_back(root: &Root, instead: &Id) -> Result<(), Failure> {
    match Confirm::read(root)? {
        Some(confirm) if confirm.instead == *instead => forget(root),
        _ => Ok(()),
    }
}

/// The change stays. Returns which it was; a failure when none waits.
pub fn confirm(root: &Root) -> Result<Id, Failure> {
    let Some(confirm) = Confirm::read(root)? else {
        return Err(Failure::new(Kind::Failed, "no change waits for a confirmation"));
    };
    forget(root)?;
    let noted = Store::new(root).note_confirmed(&confirm.documents);
    if let Err(error) = noted {
        tracing::warn!(
            "generation {} is not on record as confirmed: {error}",
            confirm.documents
        );
    }
    Ok(confirm.documents)
}

/// A boot: a change that was not confirmed by then is held back.
pub fn boots(root: &Root, store: &Store) -> Result<(), Failure> {
    match Confirm::read(root)? {
        Some(confirm) => hold(root, store, &confirm, "the router was booted before"),
        None => Ok(()),
    }
}

/// The documents are held back, and the way back is due. That is on record before the change is off it.
fn hold(root: &Root, store: &Store, confirm: &Confirm, reason: &str) -> Result<(), Failure> {
    let hold = Hold {
        documents: confirm.documents.clone(),
        instead: confirm.instead.clone(),
        reason: reason.to_owned(),
        since: HoldSince::Unconfirmed,
        is_due: true,
    };
    let _ = store.hold(&hold).map_err(|error| failed("hold.json", &error))?;
    forget(root)
}

/// What works before a change: which sessions, cables and checks.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Before {
    baseline: Baseline,
    /// The checks that passed.
    passed: BTreeSet<String>,
}

impl Before {
    /// What works now is on record, for a change that is to confirm itself: what worked before the first one, while others wait
    /// for their confirmation. Ends within a minute.
    pub fn take(root: &Root) -> Result<(), Failure> {
        if Confirm::read(root)?.is_some() && root.join(BEFORE).exists() {
            return Ok(());
        }
        let wanted = input::read(root)?;
        let baseline = Baseline::take(root, &wanted);
        let outcomes = health::run(root, &wanted, Some(&baseline));
        let passed = outcomes.iter().filter(|it| it.state == CheckState::Passed);
        let before = Self {
            passed: passed.map(|it| it.name.clone()).collect(),
            baseline,
        };
        json::write(&root.join(BEFORE), &before, 0o600)
            .map(|_| ())
            .map_err(|error| failed(BEFORE, &error))
    }

    /// What worked before and does not work now, in a sentence; `None` when all does.
    fn missing(&self, outcomes: &[CheckOutcome]) -> Option<String> {
        let lost = |it: &&CheckOutcome| it.state == CheckState::Failed && self.passed.contains(&it.name);
        outcomes.iter().find(lost).map(CheckOutcome::sentence)
    }
}

/// The change that waits is confirmed, or what was confirmed last runs again when its time is over.
pub fn watch(root: &Root) -> Result<(), Failure> {
    let before: Option<Before> = json::read(&root.join(BEFORE)).ok().flatten();
    let mut checks = Checks::default();
    let mut seen = None;
    while let Some(confirm) = Confirm::read(root)? {
        // What was found before another change, or before its end, says nothing about this one.
        if seen.as_ref() != Some(&confirm) {
            checks = Checks::default();
            seen = Some(confirm.clone());
        }
        let look = before.as_ref().filter(|_| confirm.auto && confirm.is_applied);
        let is_steady = look.is_some_and(|before| checks.are_steady(root, before, confirm.seconds));
        if is_steady || confirm.is_over() {
            let Some(held) = while_nobody_changes(root)? else {
                continue;
            };
            // Confirmed, or changed, or there is more time, while we waited.
            if Confirm::read(root)?.as_ref() != Some(&confirm) {
                continue;
            }
            if !is_steady {
                let within = format!("within {} s", confirm.seconds);
                let reason = checks.missing.map(|missing| format!("{within}: {missing}"));
                return back(root, &confirm, &reason.unwrap_or(within), held);
            }
            let id = self::confirm(root)?;
            tracing::info!("generation {id} is confirmed: what worked before it works with it");
        }
        pause(EVERY);
    }
    Ok(())
}

/// The lock; none when somebody still holds it after a long time.
fn while_nobody_changes(root: &Root) -> Result<Option<Lock>, Failure> {
    match lock(root, "imp-apply-back.service", PATIENCE) {
        Ok(held) => Ok(Some(held)),
        Err(failure) if failure.kind() == Kind::Timeout => {
            tracing::warn!("{failure}");
            Ok(None)
        }
        Err(failure) => Err(failure),
    }
}

/// How long the checks have been as good as before.
#[derive(Default)]
struct Checks {
    since: Option<Instant>,
    last: Option<Instant>,
    missing: Option<String>,
}

impl Checks {
    /// Looks once a round. A neighbour that is cut off is missed after its hold time alone; but half of the `seconds` that there
    /// are have to do.
    fn are_steady(&mut self, root: &Root, before: &Before, seconds: u32) -> bool {
        if self.last.is_some_and(|last| last.elapsed() < ROUND) {
            return false;
        }
        let wanted = input::read::<health::Wanted>(root);
        let outcomes = wanted
            .as_ref()
            .map(|wanted| health::run(root, wanted, Some(&before.baseline)));
        self.missing = match &outcomes {
            Ok(outcomes) => before.missing(outcomes),
            Err(failure) => Some(failure.to_string()),
        };
        self.last = Some(Instant::now());
        let (Ok(wanted), None) = (&wanted, &self.missing) else {
            self.since = None;
            return false;
        };
        let steady = STEADY.max(missed_after(wanted)).min(at_most(seconds));
        self.since.get_or_insert_with(Instant::now).elapsed() >= steady
    }
}

/// How long it takes until a neighbour that is cut off is missed.
fn missed_after(wanted: &health::Wanted) -> Duration {
    wanted.longest_hold() + ROUND
}

/// How long everything has to be as good as before, at most: half of the time that there is.
fn at_most(seconds: u32) -> Duration {
    Duration::from_secs(u64::from(seconds / 2))
}

/// How many seconds `auto` would need to miss a neighbour that the change cuts off; `None` where it has them.
pub fn too_short_for_auto(root: &Root, seconds: u32) -> Option<u64> {
    let missed_after = missed_after(&input::read::<health::Wanted>(root).ok()?);
    (at_most(seconds) < missed_after).then(|| 2 * missed_after.as_secs())
}

/// What was confirmed last runs again, now.
pub fn give_up(root: &Root) -> Result<(), Failure> {
    let held = lock(root, "impctl rollback --unconfirmed", Duration::from_secs(10))?;
    match Confirm::read(root)? {
        Some(confirm) => back(root, &confirm, "taken back by hand", held),
        None => Err(Failure::new(Kind::Failed, "no change waits for a confirmation")),
    }
}

fn back(root: &Root, confirm: &Confirm, reason: &str, held: Lock) -> Result<(), Failure> {
    tracing::error!(
        "generation {} is not confirmed ({reason}): going back to generation {}",
        confirm.documents,
        confirm.instead
    );
    let store = Store::new(root);
    hold(root, &store, confirm, reason)?;
    // The reload takes it.
    drop(held);
    back::run_again(root, &store, RELOAD)
}

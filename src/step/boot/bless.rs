//! `imp-boot bless`: a healthy boot is a good one. `boot-complete.target` comes before it.

use super::{PATIENCE, backend_failure, pair, record, running_config, save, write};
use crate::boot::ledger;
use crate::boot::record::{BootRecord, Verdict};
use crate::boot::trial::classify::Class;
use crate::boot::trial::ledger::{Culprit, Ledger, Pair};
use crate::boot::trial::sequence;
use crate::boot::trial::transitions;
use crate::boot::{evidence, loader};
use crate::exit::{Failure, Kind};
use crate::host::lock::Lock;
use crate::host::notify;
use crate::step::apply;
use crate::step::apply::confirm::Confirm;
use crate::step::generation::{HoldSince, Store};
use crate::types::generation::Id;
use crate::types::{ImageName, Root};
use std::time::Duration;

/// How long a change that goes on may take to end: one that takes longer hangs.
pub const LONGEST_CHANGE: Duration = Duration::from_secs(900);
/// How long the bless itself may take: what its unit allows.
const BLESS: Duration = Duration::from_secs(45);

/// The image of a trial is the default, and a default that runs stays it; image and configuration are on record as good
/// together.
///
/// Only after `imp-boot assess` found it healthy, and not after a soft reboot into another image. Killed anywhere, the next boot
/// ends in the same state. A change of the configuration that goes on is waited for; one that does not end is a failure that
/// names whoever makes it, and nothing is blessed.
pub fn start(root: &Root) -> Result<(), Failure> {
    let _lock = lock_patiently(root)?;
    let mut record = record(root)?;
    if !matches!(record.verdict, Some(Verdict::Healthy | Verdict::Good)) {
        return Err(Failure::new(
            Kind::Failed,
            "this boot has not been found healthy; nothing is blessed",
        ));
    }
    let booted = booted(&record)?;
    let (ledger, _) = ledger::read(root);
    if record.is_attempt_of(&ledger) {
        let config = record.generation.clone();
        let _ = bless(root, &booted, &ledger, config.filter(|id| is_settled(root, id)))?;
        tracing::info!("{booted} is blessed: it is what power-on starts");
    } else if record.class != Class::SoftReboot {
        // Healthy together they were, whatever the loader's store says to it.
        let confirmed = confirm(root, &record);
        let mut good = transitions::attribute(&ledger, culprit(root));
        if record.generation.as_ref().is_none_or(|id| is_settled(root, id)) {
            good.add_good(Pair {
                image: booted,
                config: record.generation.clone(),
            });
        }
        write(root, &good)?;
        confirmed?;
    }
    record.verdict = Some(Verdict::Good);
    save(root, &record)?;
    evidence::announce(root, &record);
    Ok(())
}

/// The image that runs is the default, because an operator says so: that is the verdict of this boot, too.
pub fn by_hand(root: &Root) -> Result<ImageName, Failure> {
    let _lock = apply::lock(root, "impctl boot bless", PATIENCE)?;
    let mut record = record(root)?;
    let booted = booted(&record)?;
    let (ledger, _) = ledger::read(root);
    if let Some(other) = ledger.trial.as_ref().filter(|trial| trial.image != booted) {
        let text = format!(
            "{} is armed: run 'impctl boot disarm' first, then bless {booted}",
            other.image
        );
        return Err(Failure::new(Kind::Failed, text));
    }
    let mut good = bless(root, &booted, &ledger, running_config(root))?;
    good.quarantine.retain(|other| other.image != booted);
    good.add_good(pair(root, &booted));
    write(root, &good)?;
    record.verdict = Some(Verdict::Good);
    save(root, &record)?;
    Ok(booted)
}

/// The lock, as soon as whoever changes the configuration has ended.
fn lock_patiently(root: &Root) -> Result<Lock, Failure> {
    const WHAT: &str = "imp-boot bless";
    if let Ok(lock) = apply::lock(root, WHAT, PATIENCE) {
        return Ok(lock);
    }
    if let Err(error) = notify::allow(LONGEST_CHANGE + BLESS) {
        tracing::warn!("the unit's own time limit holds: {error}");
    }
    tracing::info!("waiting until the change of the configuration that goes on has ended");
    apply::lock(root, WHAT, LONGEST_CHANGE)
        .map_err(|failure| Failure::new(Kind::Timeout, format!("nothing is blessed: {failure}")))
}

/// Whether this generation, which was found healthy, waits for no confirmation: what may go away again is nothing that a later
/// boot falls back on.
fn is_settled(root: &Root, generation: &Id) -> bool {
    match Confirm::read(root) {
        Ok(waiting) => waiting.is_none_or(|confirm| confirm.documents != *generation),
        // Nobody can say what it waits for.
        Err(_) => false,
    }
}

/// The image is the default. Returns the ledger that says so, and that it is good with this configuration.
fn bless(root: &Root, image: &ImageName, ledger: &Ledger, config: Option<Id>) -> Result<Ledger, Failure> {
    let ended = transitions::blessed(ledger, config);
    let backend = loader::of_machine(root);
    loader::carry_out(root, backend.as_ref(), &sequence::bless(image, ended.clone()))
        .map_err(|error| backend_failure(&error))?;
    Ok(ended)
}

/// The image that runs has what it takes to stay the default, if it is that. What somebody chose by hand is left alone.
fn confirm(root: &Root, record: &BootRecord) -> Result<(), Failure> {
    let loader = record.loader.as_ref();
    let Some(loader) = loader.filter(|loader| loader.default == loader.booted) else {
        return Ok(());
    };
    loader::of_machine(root)
        .confirm(&loader.booted)
        .map_err(|error| backend_failure(&error))
}

fn booted(record: &BootRecord) -> Result<ImageName, Failure> {
    let loader = record.loader.as_ref();
    loader.map(|loader| loader.booted.clone()).ok_or_else(|| {
        Failure::new(
            Kind::Missing,
            "the running image is not known; 'impctl boot status' says why",
        )
    })
}

/// Who is to blame for the failed trial, now that the previous image is healthy.
fn culprit(root: &Root) -> Culprit {
    let hold = Store::new(root)
        .last_hold()
        .filter(|hold| hold.since == HoldSince::Boot);
    let instead = hold.map(|hold| hold.instead);
    if instead.is_some() && instead == running_config(root) {
        Culprit::Both
    } else {
        Culprit::Image
    }
}

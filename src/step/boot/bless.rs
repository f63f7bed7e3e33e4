//! `imp-boot bless`: a healthy boot is a good one. `boot-complete.target` comes before it.

use super::{backend_failure, pair, record, running_config, save, write};
use crate::boot::ledger;
use crate::boot::record::{BootRecord, Verdict};
use crate::boot::trial::classify::Class;
use crate::boot::trial::ledger::{Culprit, Ledger};
use crate::boot::trial::sequence;
use crate::boot::trial::transitions;
use crate::boot::{evidence, loader};
use crate::exit::{Failure, Kind};
use crate::step::generation::{HoldSince, Store};
use crate::types::{ImageName, Root};

/// The image of a trial is the default, and a default that runs stays it; image and configuration are on record as good
/// together.
///
/// Only after `imp-boot assess` found it healthy, and not after a soft reboot into another image. Killed anywhere, the next boot ends in the same state.
pub fn start(root: &Root) -> Result<(), Failure> {
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
        let _ = bless(root, &booted, &ledger)?;
        tracing::info!("{booted} is blessed: it is what power-on starts");
    } else if record.class != Class::SoftReboot {
        // Healthy together they were, whatever the loader's store says to it.
        let confirmed = confirm(root, &record);
        let mut good = transitions::attribute(&ledger, culprit(root));
        good.add_good(pair(root, &booted));
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
    let mut good = bless(root, &booted, &ledger)?;
    good.quarantine.retain(|other| other.image != booted);
    good.add_good(pair(root, &booted));
    write(root, &good)?;
    record.verdict = Some(Verdict::Good);
    save(root, &record)?;
    Ok(booted)
}

/// The image is the default. Returns the ledger that says so.
fn bless(root: &Root, image: &ImageName, ledger: &Ledger) -> Result<Ledger, Failure> {
    let ended = transitions::blessed(ledger, pair(root, image).config);
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

//! `imp-boot classify`: what kind of boot this is, before anything depends on it.

use super::{failed, of_backend};
use crate::boot::backend::{self, Backend};
use crate::boot::classify::{Class, Loader, classify};
use crate::boot::ledger::{Ledger, Trial};
use crate::boot::record::Record;
use crate::boot::{course, evidence};
use crate::exit::Failure;
use crate::facts;
use crate::types::Root;

/// This boot has a class, on record; a trial that ended is closed, in the loader's store and in the ledger.
///
/// Once in a boot: a second run finds the record and does nothing. A loader that cannot be read gives `Manual`: nothing is
/// done by itself then.
pub fn start(root: &Root) -> Result<(), Failure> {
    let boot = facts::boot::id(root).map_err(|error| failed("boot id", &error))?;
    if Record::read(root)
        .ok()
        .flatten()
        .is_some_and(|record| record.boot == boot)
    {
        return Ok(());
    }
    let backend = backend::of_machine(root);
    let (ledger, torn) = Ledger::read(root);
    let mut record = Record {
        boot: boot.clone(),
        backend: backend.name().to_owned(),
        class: Class::Manual,
        loader: None,
        trial: ledger.trial.clone(),
        problems: torn.into_iter().collect(),
        verdict: None,
        outcomes: Vec::new(),
    };
    match backend.loader() {
        Ok(loader) => {
            record.class = classify(&loader, &ledger, &boot);
            record.trial = begin(root, backend.as_ref(), &loader, &ledger, &mut record)?;
            record.loader = Some(loader);
        }
        Err(error) => record.problems.push(of_backend(&error).to_string()),
    }
    say(&record);
    record.write(root).map_err(|error| failed("boot.json", &error))?;
    evidence::announce(root, &record);
    Ok(())
}

/// The ledger and the loader's store go on. What cannot be written is a problem of this boot, and its class stays: the next
/// one comes here again.
fn begin(
    root: &Root,
    backend: &dyn Backend,
    loader: &Loader,
    ledger: &Ledger,
    record: &mut Record,
) -> Result<Option<Trial>, Failure> {
    let found = (record.class == Class::FailedEarly).then(|| evidence::post_mortem(root, ledger));
    let proof = found.as_ref().and_then(|found| found.proof());
    let (next, writes) = course::begin(record.class, loader, ledger, &record.boot, proof.as_deref());
    if let Err(error) = backend::carry_out(root, backend, &writes) {
        record.problems.push(of_backend(&error).to_string());
    }
    let ended = ledger
        .trial
        .as_ref()
        .filter(|trial| trial.drill && record.class == Class::FailedEarly);
    if let Some(Err(error)) = ended.map(|trial| backend.remove_drill(&trial.image)) {
        record.problems.push(of_backend(&error).to_string());
    }
    Ok(next.trial.or_else(|| ledger.trial.clone()))
}

fn say(record: &Record) {
    for problem in &record.problems {
        tracing::warn!("{problem}");
    }
    let image = record.loader.as_ref().map(|loader| loader.booted.to_string());
    let image = image.as_deref().unwrap_or("an unknown image");
    match (record.class, &record.trial) {
        (Class::Steady, _) => {}
        (Class::Trial, _) => tracing::warn!("this is the one attempt of {image}"),
        (Class::FailedEarly, Some(trial)) => tracing::error!(
            "{} did not stay; {image} runs again; 'impctl why' says more",
            trial.image
        ),
        (Class::NotAttempted, Some(trial)) => {
            tracing::warn!("{} was armed and never started; {image} runs", trial.image);
        }
        (Class::BlessedUnrecorded, _) => tracing::info!("{image} was blessed before; that is on record now"),
        (class, _) => tracing::warn!(
            "{image} was started by hand or by accident ({class:?}): nothing is done by itself"
        ),
    }
}

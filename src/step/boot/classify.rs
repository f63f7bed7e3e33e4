//! `imp-boot classify`: what kind of boot this is, before anything depends on it.

use super::{backend_failure, failed, save};
use crate::boot::evidence;
use crate::boot::evidence::{Phase, Seen, TimeLine, Traces};
use crate::boot::ledger;
use crate::boot::loader::{self, Backend};
use crate::boot::record::BootRecord;
use crate::boot::soft_reboot;
use crate::boot::trial::classify::{Attempt, Class, LoaderState, classify};
use crate::boot::trial::ledger::{Ledger, Trial};
use crate::boot::trial::transitions;
use crate::exit::Failure;
use crate::facts;
use crate::types::Root;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// This boot has a class, on record; a trial that ended is closed, in the loader's store and in the ledger.
///
/// Once in a boot: a second run finds the record and does nothing, but after a soft reboot into another image, which is no boot
/// of that image: its kernel and its boot loader were not tried, so nothing happens automatically. A loader that cannot be read
/// gives `Manual`: nothing happens automatically then, unless the loader says otherwise that this is the one attempt of an image.
pub fn start(root: &Root) -> Result<(), Failure> {
    let boot = facts::boot::id(root).map_err(|error| failed("boot id", &error))?;
    let backend = loader::of_machine(root);
    let known = BootRecord::read(root).ok().flatten();
    if let Some(known) = known.filter(|record| record.boot == boot) {
        return after_soft_reboot(root, backend.as_ref(), known);
    }
    let (ledger, torn) = ledger::read(root);
    let mut record = BootRecord {
        boot: boot.clone(),
        backend: backend.name().to_owned(),
        class: Class::Manual,
        loader: None,
        trial: ledger.trial.clone(),
        problems: torn.into_iter().collect(),
        verdict: None,
        outcomes: Vec::new(),
        generation: None,
        time_line: TimeLine::default(),
    };
    if let Err(error) = backend.renew_proof() {
        record.problems.push(backend_failure(&error).to_string());
    }
    match backend.loader() {
        Ok(loader) => {
            record.class = classify(&loader, &ledger, &boot);
            record.trial = begin(root, backend.as_ref(), &loader, &ledger, &mut record)?;
            record.loader = Some(loader);
        }
        Err(error) => {
            record.problems.push(backend_failure(&error).to_string());
            // It cannot be blessed then; but it can be given up, and lands on what power-on starts.
            if loader::attempt::is_this_boot(root) {
                record.class = Class::Trial;
            }
        }
    }
    say(&record);
    save(root, &record)?;
    soft_reboot::note(root);
    // After the record: it says which trial this is.
    evidence::mark(root, Phase::Userspace);
    if let Some(trial) = record.trial.as_ref().filter(|_| record.class == Class::Trial)
        && let Err(error) = Traces::add(root, &trial.id)
    {
        tracing::warn!("what was there before this trial: {error}");
    }
    evidence::announce(root, &record);
    Ok(())
}

/// This boot was classified, and another image runs by now, or another system: the record says so. Nothing where it is the same.
fn after_soft_reboot(root: &Root, backend: &dyn Backend, known: BootRecord) -> Result<(), Failure> {
    let Ok(loader) = backend.loader() else {
        return Ok(());
    };
    let before = known.loader.as_ref().map(|before| &before.booted);
    let Some(before) = before else { return Ok(()) };
    let now = match *before == loader.booted {
        false => loader.booted.as_ref(),
        true if soft_reboot::happened(root) => "another system",
        true => return Ok(()),
    };
    let problem = format!(
        "a soft reboot put {now} in the place of {before}: that is no boot of its own, and nothing is blessed, reset or tried \
         before the next one"
    );
    let record = BootRecord {
        class: Class::SoftReboot,
        problems: vec![problem],
        loader: Some(loader),
        trial: None,
        verdict: None,
        outcomes: Vec::new(),
        generation: None,
        time_line: TimeLine::default(),
        ..known
    };
    say(&record);
    save(root, &record)?;
    soft_reboot::note(root);
    evidence::announce(root, &record);
    Ok(())
}

/// The ledger and the loader's store go on. What cannot be written is a problem of this boot, and its class stays: the next
/// one comes here again.
fn begin(
    root: &Root,
    backend: &dyn Backend,
    loader: &LoaderState,
    ledger: &Ledger,
    record: &mut BootRecord,
) -> Result<Option<Trial>, Failure> {
    let remark = remark(backend, loader, record.class);
    let known = match record.class {
        Class::NotAttempted => remark,
        _ => {
            record.problems.extend(remark);
            came_back(root, backend, loader, ledger, record)
        }
    };
    let (next, writes) = transitions::begin(record.class, loader, ledger, &record.boot, known.as_deref());
    let carried_out = loader::carry_out(root, backend, &writes);
    if let Err(error) = &carried_out {
        record.problems.push(backend_failure(error).to_string());
    }
    // A token that names what is gone would leave the loader with nothing to start.
    let over = carried_out.is_ok() && matches!(record.class, Class::FailedEarly | Class::NotAttempted);
    let ended = ledger.trial.as_ref().filter(|trial| trial.drill && over);
    if let Some(Err(error)) = ended.map(|trial| backend.remove_drill(&trial.image)) {
        record.problems.push(backend_failure(&error).to_string());
    }
    Ok(next.trial.or_else(|| ledger.trial.clone()))
}

/// What the loader's store shows of an image that was armed and runs, or was not attempted, beyond its token.
fn remark(backend: &dyn Backend, loader: &LoaderState, class: Class) -> Option<String> {
    let attempt = loader.token.attempt()?;
    let runs = attempt.image == loader.booted && matches!(class, Class::Trial | Class::Manual);
    let asked = runs || class == Class::NotAttempted;
    asked.then(|| backend.remark(attempt)).flatten()
}

/// What is known about the trial that this boot came back from is on record; what of it speaks against its image. A drill that
/// went as it should leaves nothing to explain.
fn came_back(
    root: &Root,
    backend: &dyn Backend,
    loader: &LoaderState,
    ledger: &Ledger,
    record: &BootRecord,
) -> Option<String> {
    let open = ledger.trial.as_ref();
    let is_told = ledger.is_over(loader.token.attempt());
    if record.class != Class::FailedEarly || is_told || open.is_some_and(Trial::passed_drill) {
        return None;
    }
    let of_ledger = open.map(|trial| Attempt {
        trial: trial.id.clone(),
        image: trial.image.clone(),
    });
    let attempt = of_ledger.or_else(|| loader.token.attempt().cloned())?;
    let seen = seen(backend, &attempt);
    let proof = evidence::post_mortem(root, &attempt, seen).proof();
    backend.not_started(&attempt).or(proof)
}

/// What the image of the attempt shows from outside; nothing where its files cannot be seen.
pub(super) fn seen(backend: &dyn Backend, attempt: &Attempt) -> Seen {
    if !backend.sees_other_images() {
        return Seen::default();
    }
    let seen = Mutex::new(Seen::default());
    let look = |image_at: &Path| {
        let found = evidence::inspect(image_at, &attempt.trial);
        *seen.lock().unwrap_or_else(PoisonError::into_inner) = found;
    };
    let images = backend.images().unwrap_or_default();
    if let Some(image) = images.iter().find(|image| image.name == attempt.image)
        && let Err(error) = backend.look_into(image, &look)
    {
        tracing::info!("{}", backend_failure(&error));
    }
    seen.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn say(record: &BootRecord) {
    for problem in &record.problems {
        tracing::warn!("{problem}");
    }
    let image = record.loader.as_ref().map(|loader| loader.booted.to_string());
    let image = image.as_deref().unwrap_or("an unknown image");
    match (record.class, &record.trial) {
        (Class::Steady, _) => {}
        (Class::Trial, _) => tracing::warn!("this boot is the one attempt of {image}"),
        (Class::FailedEarly, Some(trial)) => tracing::error!(
            "{} failed and {image} is running again; 'impctl why' says more",
            trial.image
        ),
        (Class::NotAttempted, Some(trial)) => {
            tracing::warn!("{} was armed but never started; {image} is running", trial.image);
        }
        (Class::BlessedUnrecorded, _) => {
            tracing::info!("{image} was blessed earlier; the ledger says so now")
        }
        (Class::SoftReboot, _) => {}
        (class, _) => tracing::warn!(
            "{image} was started by hand or by accident ({class:?}): nothing happens automatically"
        ),
    }
}

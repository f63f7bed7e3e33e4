//! `impctl boot arm`: the next power-on attempts an image, once.

use super::classify::seen;
use super::{PATIENCE, backend_failure, failed, pair};
use crate::boot::evidence::Traces;
use crate::boot::ledger;
use crate::boot::loader::{self, Backend, BackendError, Strategy};
use crate::boot::trial::classify::{Attempt, Token};
use crate::boot::trial::ledger::{End, Ledger, Pair, Stage, Trial};
use crate::boot::trial::sequence;
use crate::exit::{Failure, Kind};
use crate::facts;
use crate::health::{self, Baseline};
use crate::host::lock::Lock;
use crate::step::{apply, input};
use crate::types::{ImageName, Root};

/// How much an operator takes upon himself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Although the image failed before, the router is not healthy now, or its configuration was never good.
    pub force: bool,
    /// The image is a copy of the one that runs, and comes back on purpose.
    pub drill: bool,
}

/// What `arm` asks of the machine, whatever the image is.
#[derive(Debug)]
pub struct Ready {
    ledger: Ledger,
    default: ImageName,
    from: Pair,
}

/// Nothing speaks against trying an image now: there is a way to, no trial is open, the default runs, the router is healthy
/// and its configuration was good at a boot. `force` takes the last two upon the operator. Whoever changes the configuration
/// right now is named in the failure.
pub fn ready(root: &Root, backend: &dyn Backend, force: bool) -> Result<Ready, Failure> {
    // What is being changed is not what would be judged. Let go of at once: the checks take a while, and a way back does not
    // wait for them.
    drop(lock(root)?);
    let (ledger, torn) = ledger::read(root);
    if let Some(torn) = torn {
        tracing::warn!("{torn}");
    }
    let _ = strategy(backend)?;
    let loader = backend.loader().map_err(|error| backend_failure(&error))?;
    if let Some(trial) = &ledger.trial {
        return Err(refused(format!(
            "{} is already armed; 'impctl boot disarm' undoes that",
            trial.image
        )));
    }
    if loader.default != loader.booted {
        return Err(refused(format!(
            "{} is running but power-on starts {}: bless the one that runs ('impctl boot bless'), or reboot first",
            loader.booted, loader.default
        )));
    }
    let from = pair(root, &loader.booted);
    healthy_now(root, &ledger, &from, force)?;
    Ok(Ready {
        ledger,
        default: loader.booted,
        from,
    })
}

/// The image is armed. Nothing that power-on does without the token is different. On an error nothing is armed.
pub fn arm(root: &Root, backend: &dyn Backend, image: &ImageName, options: Options) -> Result<(), Failure> {
    let ready = ready(root, backend, options.force)?;
    arm_ready(root, backend, ready, image, options)
}

/// Nobody changes the configuration, or what is on record about images, as long as this is held.
fn lock(root: &Root) -> Result<Lock, Failure> {
    apply::lock(root, "impctl boot arm", PATIENCE)
}

fn arm_ready(
    root: &Root,
    backend: &dyn Backend,
    ready: Ready,
    image: &ImageName,
    options: Options,
) -> Result<(), Failure> {
    let Ready {
        ledger,
        default,
        from,
    } = ready;
    if *image == default {
        return Err(refused(format!(
            "'{image}' is running and is already what power-on starts"
        )));
    }
    backend.check(image).map_err(|error| backend_failure(&error))?;
    let identity = identity(backend, image)?;
    if let Some(reason) = ledger.quarantined(image, &identity).filter(|_| !options.force) {
        return Err(refused(format!(
            "'{image}' failed before: {reason}; --force tries it again"
        )));
    }
    let baseline = Baseline::take(root, &input::read(root)?);
    baseline.write(root).map_err(|error| failed("baseline", &error))?;
    let _lock = lock(root)?;
    if ledger::read(root).0 != ledger || pair(root, &default) != from {
        return Err(refused(
            "nothing is armed: the configuration, or what is on record about images, changed while the router was looked at; \
             try again"
                .to_owned(),
        ));
    }
    let id = facts::boot::new_trial(root).map_err(|error| failed("random uuid", &error))?;
    let attempt = Attempt {
        trial: id.clone(),
        image: image.clone(),
    };
    Traces::take(root, &id, &seen(backend, &attempt).logs).map_err(|error| failed("traces.json", &error))?;
    let mut armed = ledger.clone();
    armed.trial = Some(Trial {
        id,
        image: image.clone(),
        identity: Some(identity),
        from,
        armed_in: facts::boot::id(root).map_err(|error| failed("boot id", &error))?,
        tried_in: None,
        stage: Stage::Arming,
        drill: options.drill,
    });
    loader::carry_out(root, backend, &sequence::arm(&armed))
        .map_err(|error| taken_back(root, backend, &ledger, &error))
}

/// Arming failed, perhaps in its last write, with the token in its place: nothing is armed, and the ledger is as it was.
fn taken_back(root: &Root, backend: &dyn Backend, ledger: &Ledger, why: &BackendError) -> Failure {
    if let Err(live) = backend.clear() {
        return refused(format!(
            "{}; it may still be armed, because its token cannot be removed: {}",
            backend_failure(why),
            backend_failure(&live)
        ));
    }
    // One that cannot be written says at the next boot that nothing was attempted.
    let _ = ledger::write(root, ledger);
    backend_failure(why)
}

/// Nothing is armed. Returns the image that was armed before.
pub fn disarm(root: &Root, backend: &dyn Backend) -> Result<Option<ImageName>, Failure> {
    let _lock = apply::lock(root, "impctl boot disarm", PATIENCE)?;
    let (ledger, _) = ledger::read(root);
    let trial = ledger.trial.clone();
    if let Some(trial) = &trial {
        let here = facts::boot::id(root).map_err(|error| failed("boot id", &error))?;
        if trial.tried_in.as_ref() == Some(&here) {
            return Err(refused(format!(
                "{} is running its attempt and is no longer armed",
                trial.image
            )));
        }
    }
    let loader = backend.loader().map_err(|error| backend_failure(&error))?;
    if trial.is_none() && loader.token == Token::None {
        return Ok(None);
    }
    call_off(root, backend, ledger, "disarmed by an operator").map_err(|error| backend_failure(&error))?;
    Ok(trial.map(|trial| trial.image))
}

/// Before the machine goes down: a trial whose token somebody else has taken is called off, and says so. After the reboot it
/// would look like an image that was started and left no trace.
pub fn shut_down(root: &Root) -> Result<(), Failure> {
    let (ledger, _) = ledger::read(root);
    let Some(trial) = ledger.trial.clone().filter(|trial| trial.stage == Stage::Armed) else {
        return Ok(());
    };
    let backend = loader::of_machine(root);
    let token = backend.loader().map_err(|error| backend_failure(&error))?.token;
    if let Token::Absent(attempt) = token
        && attempt.trial == trial.id
        && let Some(reason) = backend.remark(&attempt)
    {
        tracing::warn!("{}: {reason}", trial.image);
        call_off(root, backend.as_ref(), ledger, &reason).map_err(|error| backend_failure(&error))?;
    }
    Ok(())
}

/// The open trial has ended without an attempt, and nothing of it is left.
fn call_off(root: &Root, backend: &dyn Backend, mut ledger: Ledger, why: &str) -> Result<(), BackendError> {
    let drill = ledger.trial.clone().filter(|trial| trial.drill);
    ledger.end_trial(End::NotAttempted, None, why);
    loader::carry_out(root, backend, &sequence::call_off(ledger))?;
    drill.map_or(Ok(()), |trial| backend.remove_drill(&trial.image))
}

/// A copy of the image that runs is armed, to prove the way back.
pub fn drill(root: &Root, backend: &dyn Backend, force: bool) -> Result<ImageName, Failure> {
    let ready = ready(root, backend, force)?;
    let image = backend
        .copy_for_drill()
        .map_err(|error| backend_failure(&error))?;
    let options = Options { force, drill: true };
    if let Err(failure) = arm_ready(root, backend, ready, &image, options) {
        // A token that names what is gone would leave the loader with nothing to start.
        if let Err(error) = backend.clear().and_then(|()| backend.remove_drill(&image)) {
            tracing::warn!("{}", backend_failure(&error));
        }
        return Err(failure);
    }
    Ok(image)
}

/// The machine reboots in order, through firmware and boot loader.
pub fn reboot(root: &Root) -> Result<(), Failure> {
    loader::reboot::now(root).map_err(|error| Failure::from_error(Kind::Failed, &error))
}

/// The best strategy this machine was proven able to do.
pub fn strategy(backend: &dyn Backend) -> Result<Strategy, Failure> {
    let strategies = backend.strategies();
    let unable: Vec<String> = strategies
        .iter()
        .filter_map(|strategy| {
            Some(format!(
                "\n  {}: {}",
                strategy.name,
                strategy.proof.as_ref().err()?
            ))
        })
        .collect();
    strategies
        .into_iter()
        .find(|strategy| strategy.proof.is_ok())
        .ok_or_else(|| {
            let text = format!(
                "this machine cannot try an image and come back by itself{}",
                unable.concat()
            );
            Failure::new(Kind::Missing, text)
        })
}

fn identity(backend: &dyn Backend, image: &ImageName) -> Result<String, Failure> {
    let images = backend.images().map_err(|error| backend_failure(&error))?;
    let found = images.into_iter().find(|other| other.name == *image);
    found.map(|image| image.identity).ok_or_else(|| {
        Failure::new(
            Kind::Missing,
            format!("this machine has no image '{image}'; 'impctl boot list' shows them"),
        )
    })
}

/// The router is healthy and its configuration was good at a boot.
///
/// A configuration that no boot was healthy with would change together with the image, and nobody could say which of the two
/// is to blame.
fn healthy_now(root: &Root, ledger: &Ledger, from: &Pair, force: bool) -> Result<(), Failure> {
    let outcomes = health::run(root, &input::read(root)?, None);
    let bad: Vec<String> = outcomes
        .iter()
        .filter(|outcome| outcome.rejects())
        .map(|outcome| outcome.sentence())
        .collect();
    if !bad.is_empty() && !force {
        return Err(refused(format!(
            "the router is not healthy now, so a trial would say nothing about the image:\n  {}\n--force arms it anyway",
            bad.join("\n  ")
        )));
    }
    if !ledger.good.contains(from) && !force {
        return Err(refused(
            "the running image and configuration are not on record as good together: run 'systemctl start imp-boot-assess', \
             wait for its verdict ('impctl boot status') and try again, or use --force"
                .to_owned(),
        ));
    }
    Ok(())
}

fn refused(text: String) -> Failure {
    Failure::new(Kind::Failed, text)
}

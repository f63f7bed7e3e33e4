//! The two ends of a trial that its checks do not decide: emergency mode and the deadline.

use super::running_config;
use crate::boot::deadline;
use crate::boot::evidence::Ending;
use crate::boot::evidence::collect::{ThisBoot, keep};
use crate::boot::ledger;
use crate::boot::loader;
use crate::boot::record::BootRecord;
use crate::boot::trial::classify::{Class, LoaderState, classify};
use crate::exit::{Failure, Kind};
use crate::facts::boot;
use crate::host::process;
use crate::types::{Root, TrialId};
use std::time::Duration;

/// How long PID 1 may take to begin a forced reboot.
const REBOOT: Duration = Duration::from_secs(10);

/// `imp-boot emergency`, before the shell of emergency mode: the unit that led there is on record. A trial is then reset,
/// which lands on the previous image. A blessed image, or one whose loader is not understood, stays for the operator,
/// as does a trial that was started into emergency mode on purpose.
pub fn emergency(root: &Root) -> Result<(), Failure> {
    if is_asked_for(&crate::host::cmdline::text(root)) {
        return Ok(());
    }
    let (loader, problem) = match loader::of_machine(root).loader() {
        Ok(loader) => (Some(loader), String::new()),
        Err(error) => (None, error.to_string()),
    };
    let class = loader.as_ref().and_then(|loader| class(root, loader));
    // A loader that cannot be read has not taken back what it started.
    let is_marked = loader.is_none() && loader::attempt::is_this_boot(root);
    let is_trial = deadline::is_armed(root) || class == Some(Class::Trial) || is_marked;
    let trial = deadline::trial(root)
        .or_else(|| trial_of(class?, loader.as_ref()?))
        .or_else(|| boot::trial(root).filter(|_| is_marked));
    if is_trial {
        // First: when everything below fails, the clock still ends this boot.
        let armed = deadline::arm(root, trial.as_ref());
        let _ = armed.map_err(|error| Failure::new(Kind::Failed, format!("run/imp/trial: {error}")))?;
    }
    keep(
        root,
        &ThisBoot {
            class: if is_trial { Some(Class::Trial) } else { class },
            loader: loader.as_ref(),
            trial: trial.as_ref(),
            ending: Ending::Emergency,
            reason: &problem,
            generation: running_config(root).as_ref(),
            checks: &[],
        },
    );
    if is_trial {
        tracing::error!("emergency mode during a trial: going back to the previous image");
        return reboot(root);
    }
    tracing::warn!("emergency mode outside a trial: the machine stays; 'impctl why' shows what led here");
    Ok(())
}

/// `imp-boot deadline`, before PID 1 resets a trial without a verdict: what it waited for is on record.
pub fn deadline(root: &Root) -> Result<(), Failure> {
    let record = BootRecord::read(root).ok().flatten();
    let trial = deadline::trial(root);
    keep(
        root,
        &ThisBoot {
            class: Some(Class::Trial),
            loader: record.as_ref().and_then(|record| record.loader.as_ref()),
            trial: trial.as_ref(),
            ending: Ending::Deadline,
            reason: "",
            generation: running_config(root).as_ref(),
            checks: record
                .as_ref()
                .map_or(&[], |record| record.time_line.observations()),
        },
    );
    Ok(())
}

/// The class; its ledger may be on what was not mounted.
fn class(root: &Root, loader: &LoaderState) -> Option<Class> {
    let id = boot::id(root).ok()?;
    Some(classify(loader, &ledger::read(root).0, &id))
}

/// A shell was wanted (kernel-command-line(7)).
fn is_asked_for(command_line: &str) -> bool {
    let modes = [
        "emergency",
        "-b",
        "systemd.unit=emergency.target",
        "rd.systemd.unit=emergency.target",
    ];
    command_line.split_whitespace().any(|word| modes.contains(&word))
}

fn trial_of(class: Class, loader: &LoaderState) -> Option<TrialId> {
    let attempt = loader.token.attempt()?;
    (class == Class::Trial).then(|| attempt.trial.clone())
}

/// An orderly reboot is refused here: "Transaction for reboot.target/start is destructive".
fn reboot(root: &Root) -> Result<(), Failure> {
    if !root.is_machine() {
        return Ok(());
    }
    match process::run("systemctl", &["--force", "reboot"], REBOOT) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::from_error(Kind::Failed, &error)),
    }
}

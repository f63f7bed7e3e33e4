//! Applies an instance's commands to its VPP: all of them to a fresh one, the difference to one that runs, none to one that
//! already has them.

mod error;
mod files;
mod journal;
mod kernel;
mod key;
mod reload;
mod session;

pub use error::{ApplyError, Difference};
pub use files::Files;
pub use kernel::Kernel;
pub use reload::reload;

use self::files::save;
use self::session::Session;
use crate::facts::vpp::{Applied, Begun};
use crate::host::file::Effect;
use crate::host::vpp::Client;
use crate::plan::vpp::{self, BEGIN, Script};

/// The instance's VPP has every command of its file, verified. A VPP that already has them is not sent anything.
///
/// Errors: the first refusal, everything the read-back found different, or a VPP that is not fresh.
pub fn apply(files: &Files, kernel: &mut Kernel, client: &mut Client) -> Result<Effect, ApplyError> {
    let (wanted, script) = files.wanted()?;
    let record = Applied {
        generation: script.digest.clone(),
        process: client.peer(),
        startup: wanted.startup,
        commands: wanted.commands,
    };
    let begun = Begun {
        generation: script.digest.clone(),
        process: record.process,
    };
    let changes = files
        .changing()
        .is_some_and(|changing| changing.change.begun.process == record.process);
    if !changes && files.applied().is_some_and(|has| has.is_same(&record)) {
        return settle(files, &script, kernel);
    }
    refuse_occupied(files, &begun, client)?;
    refuse_adoption(&script, files, &kernel.devices())?;
    save(&begun, &files.begun)?;
    let mut session = Session { files, client };
    session.run_all(&script, kernel)?;
    save(&record, &files.applied)?;
    files::forget(&files.changing)?;
    Ok(Effect::Changed)
}

/// Every device of a pair is in the VRF of its table; one that somebody took out of it, or whose VRF was made again, is put back.
fn settle(files: &Files, script: &Script, kernel: &mut Kernel) -> Result<Effect, ApplyError> {
    let mut effect = Effect::Unchanged;
    for it in vpp::enslaved(&script.commands) {
        if kernel.enslave(&it, &files.fallback())?.changed() {
            effect = Effect::Changed;
        }
    }
    Ok(effect)
}

/// Refuses a VPP that is not fresh: applied a second time, the commands would fail at the first address.
fn refuse_occupied(files: &Files, begun: &Begun, client: &mut Client) -> Result<(), ApplyError> {
    let instance = files.instance.to_string();
    let occupied = |what: String| ApplyError::Occupied {
        instance: instance.clone(),
        what,
    };
    let of_this_process = |found: &Begun| found.process == begun.process;
    if let Some(found) = files.changing().map(|it| it.change.begun).filter(of_this_process) {
        return Err(occupied(format!("part of configuration {}", found.generation)));
    }
    if let Some(found) = files.applied().filter(|found| found.process == begun.process) {
        return Err(occupied(format!("configuration {}", found.generation)));
    }
    if let Some(found) = Begun::load(&files.begun).filter(of_this_process) {
        return Err(occupied(format!("part of configuration {}", found.generation)));
    }
    // Begun by hand (`vppctl exec`), or by a run whose files are gone.
    let log = client.run("show logging").map_err(|source| ApplyError::Client {
        instance: instance.clone(),
        source,
    })?;
    match log.text.rsplit_once(&log_entry(BEGIN)) {
        Some((_, rest)) => {
            let digest = rest.split_whitespace().next().unwrap_or_default();
            Err(occupied(format!("configuration {digest} or part of it")))
        }
        None => Ok(()),
    }
}

/// Refuses commands that would make VPP take over a device it did not make.
fn refuse_adoption(script: &Script, files: &Files, devices: &[String]) -> Result<(), ApplyError> {
    match vpp::pair_with_a_device(&script.commands, devices) {
        None => Ok(()),
        Some((command, device)) => Err(ApplyError::Adopts {
            origin: command.origin.clone().unwrap_or_else(|| files.fallback()),
            command: command.text.clone(),
            device: device.to_owned(),
        }),
    }
}

/// How the log shows a marker line: `vpplog` is the command, `CLI:` the source.
fn log_entry(marker: &str) -> String {
    marker.replacen("vpplog", "CLI:", 1)
}

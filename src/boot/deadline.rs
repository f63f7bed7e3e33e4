//! The deadline of a trial, `imp-boot-deadline.timer`: it holds even when nothing in the trial works.
//!
//! It elapses in every boot. What it starts has `ConditionPathExists=/run/imp/trial`, and PID 1 itself does the reset,
//! whatever becomes of our program before it. A verdict removes the file.

use crate::host::bus::{self, JobResult};
use crate::host::file::{self, Effect};
use crate::types::{Job, Verb};
use crate::types::{Root, TrialId};
use std::io;
use std::path::PathBuf;
use std::time::Duration;

const TRIAL: &str = "run/imp/trial";
/// Where the same deadline, set later, is a unit, and how that is named: with its seconds behind this.
const UNITS: &str = "run/systemd/system";
const PREFIX: &str = "imp-boot-deadline-";
/// `OnBootSec=` of the unit file.
pub const DEFAULT: Duration = Duration::from_secs(15 * 60);
/// Time beside the checks: the boot before them, applying a configuration, and everything else `boot-complete.target` waits for.
const MARGIN: Duration = Duration::from_secs(9 * 60);
/// How long systemd may take to start a timer.
const START: Duration = Duration::from_secs(10);

/// Arms the deadline: this boot is a trial and ends at it, unless [`disarm`] is called.
pub fn arm(root: &Root, trial: Option<&TrialId>) -> io::Result<Effect> {
    let name = trial.map(|trial| format!("{trial}\n")).unwrap_or_default();
    file::write(&root.join(TRIAL), name.as_bytes(), 0o644)
}

/// Disarms the deadline, after a verdict that keeps this boot.
pub fn disarm(root: &Root) -> io::Result<Effect> {
    file::remove(&root.join(TRIAL))
}

/// Whether this boot is a trial without a good verdict.
pub fn is_armed(root: &Root) -> bool {
    root.join(TRIAL).exists()
}

/// The name of the trial that this boot is; `None` outside a trial, and when the name was not known.
pub fn trial(root: &Root) -> Option<TrialId> {
    let name = file::read_text(&root.join(TRIAL)).ok()??;
    name.trim().parse().ok()
}

/// The deadline after the kernel's start, for checks that may take this long: their time counts twice, because the last good
/// configuration is tried with the same patience. Never less than [`DEFAULT`].
pub fn after(health: Duration) -> Duration {
    DEFAULT.max(MARGIN + 2 * health)
}

/// Moves the deadline so that checks of this length fit. Does nothing outside a trial, where the default is enough, or when
/// called again.
pub fn allow(root: &Root, health: Duration) -> io::Result<()> {
    no_sooner(root, after(health))
}

/// Moves the deadline to this time after the kernel's start, if it would end the trial sooner.
///
/// Each later deadline is a timer of its own: systemd does not read the file of a timer that it knows again, and one that it
/// has not read yet needs no daemon-reload.
pub fn no_sooner(root: &Root, after: Duration) -> io::Result<()> {
    let seconds = after.as_secs();
    let others = moved(root)?;
    if !is_armed(root) || others.iter().chain([&DEFAULT.as_secs()]).any(|at| *at >= seconds) {
        return Ok(());
    }
    let names: Vec<String> = others.into_iter().map(name).collect();
    let text = format!(
        "[Unit]\nDescription=IMP: the end of a trial without a verdict, for what takes long\nDefaultDependencies=no\n\
        # One clock: starting this one stops the others.\nConflicts=imp-boot-deadline.timer {}\n\n\
        [Timer]\nOnBootSec={seconds}\nAccuracySec=1s\nUnit=imp-boot-deadline.service\n",
        names.join(" ")
    );
    let path = root.join(UNITS).join(name(seconds));
    let _ = file::write(&path, text.as_bytes(), 0o644)?;
    let started = start(&name(seconds));
    if started.is_err() {
        // So that the next round of checks tries again.
        let _ = file::remove(&path)?;
    }
    started
}

/// The deadlines that this boot was given beside the default, in seconds after the kernel's start.
fn moved(root: &Root) -> io::Result<Vec<u64>> {
    let units = root.join(UNITS);
    if !units.is_dir() {
        return Ok(Vec::new());
    }
    let seconds = |path: PathBuf| {
        let name = path.file_name()?.to_str()?;
        name.strip_prefix(PREFIX)?.strip_suffix(".timer")?.parse().ok()
    };
    Ok(file::list(&units)?.into_iter().filter_map(seconds).collect())
}

fn name(seconds: u64) -> String {
    format!("{PREFIX}{seconds}.timer")
}

fn start(timer: &str) -> io::Result<()> {
    let results = bus::run_jobs(&[Job::awaited(Verb::Start, timer)], START).map_err(io::Error::other)?;
    match results.first() {
        None | Some(JobResult::Done) => Ok(()),
        Some(other) => Err(io::Error::other(format!("{timer}: {other}"))),
    }
}

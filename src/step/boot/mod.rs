//! What `imp-boot` does at boot, and `impctl boot` at any time.

pub mod arm;
pub mod assess;
pub mod bless;
pub mod classify;
pub mod emergency;

use crate::boot::deadline;
use crate::boot::ledger;
use crate::boot::loader::BackendError;
use crate::boot::record::BootRecord;
use crate::boot::trial::ledger::{Ledger, Pair};
use crate::exit::{Failure, Kind};
use crate::facts::status::Status;
use crate::types::generation::Id;
use crate::types::{ImageName, Root};
use caps::Capability::{
    self, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_KILL, CAP_LINUX_IMMUTABLE, CAP_NET_ADMIN, CAP_NET_RAW,
    CAP_SYS_ADMIN,
};
use std::io;
use std::time::Duration;

/// How long a change that goes on is waited for by somebody who can try again.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a verb of `imp-boot` works with, as its unit grants it.
pub fn rights(verb: &str) -> &'static [Capability] {
    match verb {
        // zfs(8); and the variables of a boot loader are immutable files.
        "bless" | "emergency" => &[CAP_SYS_ADMIN, CAP_LINUX_IMMUTABLE],
        // And ostree removes a deployment that failed: its files belong to many users, in directories nobody else may enter.
        "classify" | "shutdown" => &[CAP_SYS_ADMIN, CAP_LINUX_IMMUTABLE, CAP_DAC_OVERRIDE, CAP_FOWNER],
        // Looks into the namespace; and FRR's sockets belong to frr.
        "assess" => &[
            CAP_SYS_ADMIN,
            CAP_DAC_OVERRIDE,
            CAP_NET_ADMIN,
            CAP_NET_RAW,
            CAP_KILL,
        ],
        _ => &[],
    }
}

/// The record of this boot. An error before `imp-boot classify` has run.
pub fn record(root: &Root) -> Result<BootRecord, Failure> {
    let record = BootRecord::read(root).map_err(|error| failed("boot.json", &error))?;
    record.ok_or_else(|| {
        Failure::new(
            Kind::Failed,
            "this boot is not classified yet; 'systemctl status imp-boot-classify' says why",
        )
    })
}

/// Writes the record of this boot, after the deadline of a trial was armed, or disarmed because a verdict keeps the image.
///
/// The deadline goes first either way: killed in between, a trial that is not on record yet still ends in time, and an image
/// that was just blessed is not reset.
fn save(root: &Root, record: &BootRecord) -> Result<(), Failure> {
    let deadline = if record.is_on_deadline() {
        deadline::arm(root, record.trial.as_ref().map(|trial| &trial.id))
    } else {
        deadline::disarm(root)
    };
    let _ = deadline.map_err(|error| failed("run/imp/trial", &error))?;
    record.write(root).map_err(|error| failed("boot.json", &error))
}

/// The configuration that runs; `None` when none does.
fn running_config(root: &Root) -> Option<Id> {
    Status::read(root).ok()??.generation?.parse().ok()
}

/// The image, with what it runs.
fn pair(root: &Root, image: &ImageName) -> Pair {
    Pair {
        image: image.clone(),
        config: running_config(root),
    }
}

fn write(root: &Root, ledger: &Ledger) -> Result<(), Failure> {
    ledger::write(root, ledger)
        .map(drop)
        .map_err(|error| failed("ledger", &error))
}

fn failed(subject: &str, error: &io::Error) -> Failure {
    Failure::new(Kind::Failed, format!("{subject}: {error}"))
}

/// A machine that cannot do something lacks a component; everything else is a failure.
fn backend_failure(error: &BackendError) -> Failure {
    let kind = match error {
        BackendError::Incapable(_) => Kind::Missing,
        _ => Kind::Failed,
    };
    Failure::from_error(kind, error)
}

//! What `imp-boot` does at boot, and `impctl boot` at any time.

pub mod arm;
pub mod assess;
pub mod bless;
pub mod classify;

use super::backend::BackendError;
use super::ledger::{Ledger, Pair};
use super::record::Record;
use crate::act::generation::Id;
use crate::act::verdict::Status;
use crate::exit::{Failure, Kind};
use crate::types::{ImageName, Root};
use std::io;

/// The record of this boot. An error before `imp-boot classify` has run.
pub fn record(root: &Root) -> Result<Record, Failure> {
    let record = Record::read(root).map_err(|error| failed("boot.json", &error))?;
    record.ok_or_else(|| {
        Failure::new(
            Kind::Failed,
            "this boot is not classified yet: 'systemctl status imp-boot-classify' says why",
        )
    })
}

/// The configuration that runs; `None` when there is none.
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
    ledger
        .write(root)
        .map(drop)
        .map_err(|error| failed("ledger", &error))
}

fn failed(subject: &str, error: &io::Error) -> Failure {
    Failure::new(Kind::Failed, format!("{subject}: {error}"))
}

/// A machine that cannot do something lacks a component; everything else is a failure.
fn of_backend(error: &BackendError) -> Failure {
    let kind = match error {
        BackendError::Incapable(_) => Kind::Missing,
        _ => Kind::Failed,
    };
    Failure::from_error(kind, error)
}

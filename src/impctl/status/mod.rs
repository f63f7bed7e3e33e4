//! `impctl status`: what this router runs, and everything about it that is not as it should be.

mod dataplane;
mod drift;
mod finding;
mod generation;
mod look;
mod report;
mod text;

pub use self::finding::{Finding, Weight, findings};
pub use self::look::{Looker, machine_ports};
pub use self::report::{Applied, BridgeState, Drift, Image, Instance, Report, Running, Waiting};
pub use self::text::text;

use super::{Format, out};
use crate::exit::{Failure, Kind};
use crate::host::wait::pause;
use crate::types::Root;
use std::time::Duration;

/// The JSON Schema (2020-12) of `impctl status --format json`.
pub const SCHEMA: &str = include_str!("../../../templates/status.schema.json");

/// How often it is looked again when nobody says how often.
pub const EVERY: Duration = Duration::from_secs(2);

/// Prints what is known. Exit code 78 when the configuration was refused, 1 when something is not as it should be or nothing is
/// known.
pub fn run(root: &Root, format: Format) -> Result<(), Failure> {
    let report = Looker::new(root).look()?;
    out::print(&match format {
        Format::Text => text(&report, out::colour()),
        Format::Json => serde_json::to_string_pretty(&report).unwrap_or_default() + "\n",
    })?;
    match &report.verdict {
        Some(status) if !status.is_accepted() => Err(Failure::new(Kind::Config, "")),
        Some(_) if !report.is_wrong() => Ok(()),
        _ => Err(Failure::new(Kind::Failed, "")),
    }
}

/// Prints it again and again, until the reader leaves: drawn anew on a terminal, elsewhere only when something changed but
/// times and counters; of JSON a line each.
pub fn watch(root: &Root, format: Format, every: Duration) -> Result<(), Failure> {
    const CLEAR: &str = "\x1b[H\x1b[2J\x1b[3J";
    let mut looker = Looker::new(root);
    let mut last = None;
    loop {
        let report = looker.look()?;
        let gist = report.gist();
        let unchanged = last.as_ref() == Some(&gist);
        let shown = match format {
            Format::Text if out::is_terminal() => format!("{CLEAR}{}", text(&report, out::colour())),
            _ if unchanged => String::new(),
            Format::Text => text(&report, out::colour()),
            Format::Json => serde_json::to_string(&report).unwrap_or_default() + "\n",
        };
        if !out::offer(&shown)? {
            return Ok(());
        }
        last = Some(gist);
        pause(every);
    }
}

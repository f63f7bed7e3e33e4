//! `impctl status`: what this router runs, and how its units are.

use super::{Format, out};
use crate::boot::record::{BootRecord, Verdict};
use crate::exit::{Failure, Kind};
use crate::facts;
use crate::facts::status::Status;
use crate::host::bus::{self, UnitState};
use crate::step;
use crate::types::{InstanceName, Root};
use serde::Serialize;
use std::fmt::Write as _;

/// Units every router has, in the order of a boot; those of VPP instances follow by name.
const UNITS: [&str; 8] = [
    "imp-config.service",
    "imp-identity.service",
    "imp-nftables.service",
    "netns-dataplane.service",
    "netns-move-interfaces.service",
    "frr.service",
    "frr-config.service",
    "incus-dataplane.service",
];

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report {
    /// What `imp-config` found; `null` when it has not ended yet.
    verdict: Option<Status>,
    /// Whether this boot is a good one; `null` while that is not decided.
    boot: Option<Verdict>,
    /// VPP instances with files to run.
    instances: Vec<InstanceName>,
    /// What the machine lacks, or holds that nobody understands; each line begins with its code.
    notices: Vec<String>,
    /// What a reload decided and systemd was not told.
    pending: Vec<String>,
    /// `null` when systemd cannot be asked.
    units: Option<Vec<UnitState>>,
}

/// Prints what is known. Exit code 78 when the configuration was refused, 1 when a unit has failed, the boot is not a good one,
/// systemd was not told of a change or nothing is known.
pub fn run(root: &Root, format: Format) -> Result<(), Failure> {
    let verdict =
        Status::read(root).map_err(|error| Failure::new(Kind::Failed, format!("status.json: {error}")))?;
    let instances = facts::output::instances(root);
    let report = Report {
        units: ask(root, &instances),
        verdict,
        boot: BootRecord::read(root)
            .ok()
            .flatten()
            .and_then(|record| record.verdict),
        instances,
        notices: step::notices(root),
        pending: step::reload::pending(root)
            .iter()
            .map(ToString::to_string)
            .collect(),
    };
    out::print(&match format {
        Format::Text => text(&report),
        Format::Json => serde_json::to_string_pretty(&report).unwrap_or_default() + "\n",
    })?;
    let failed = report.units.iter().flatten().any(|unit| unit.active == "failed");
    let failed = failed || not_good(&report).is_some() || !report.pending.is_empty();
    match &report.verdict {
        Some(status) if !status.is_accepted() => Err(Failure::new(Kind::Config, "")),
        Some(_) if !failed => Ok(()),
        _ => Err(Failure::new(Kind::Failed, "")),
    }
}

/// The units of this machine; of another root's nobody knows anything.
fn ask(root: &Root, instances: &[InstanceName]) -> Option<Vec<UnitState>> {
    let of_instance = |name: &InstanceName| {
        [
            format!("vpp-{name}.service"),
            format!("vpp-{name}-config.service"),
        ]
    };
    let names = UNITS.map(str::to_owned).into_iter();
    let names: Vec<String> = names.chain(instances.iter().flat_map(of_instance)).collect();
    if !root.is_machine() {
        return None;
    }
    match bus::states(&names) {
        Ok(states) => Some(states),
        Err(error) => {
            tracing::warn!("{}", Failure::from_error(Kind::Failed, &error));
            None
        }
    }
}

/// What the checks found, where that is not good.
fn not_good(report: &Report) -> Option<String> {
    match report.boot.as_ref()? {
        Verdict::Alarm(reason) => Some(format!(
            "this boot is not healthy: {reason}; 'impctl health' shows the checks"
        )),
        Verdict::GivenUp(reason) => Some(format!("this trial is rejected: {reason}")),
        Verdict::Healthy | Verdict::Good => None,
    }
}

fn text(report: &Report) -> String {
    let mut text = match &report.verdict {
        Some(status) => status.sentence() + "\n",
        None => "imp-config has not finished yet\n".to_owned(),
    };
    for problem in report.verdict.iter().flat_map(|status| &status.problems) {
        let _ = writeln!(text, "  {problem}");
    }
    if let Some(line) = not_good(report) {
        let _ = writeln!(text, "{line}");
    }
    if !report.pending.is_empty() {
        let jobs = report.pending.join(", ");
        let _ = writeln!(
            text,
            "  not carried out: {jobs}; systemd was not told, 'systemctl reload imp-config' tries again"
        );
    }
    for notice in &report.notices {
        let _ = writeln!(text, "  {notice}");
    }
    for unit in report.units.iter().flatten() {
        let _ = writeln!(text, "  {:<32} {} ({})", unit.name, unit.active, unit.sub);
    }
    text
}

//! What of a report is not as it should be.

use super::report::{Instance, Report, Waiting};
use crate::boot::record::Verdict;
use crate::facts::vitals::{BondState, Vitals};
use crate::facts::vrrp::VirtualRouter;
use crate::health::frr::Adjacent;
use crate::host::bus::UnitState;
use crate::plan::nic::Port;
use serde::Serialize;

/// A pool or a heap that is fuller than this, in percent, is worth a warning.
const FULL: u64 = 90;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// The router is not what it should be.
    Wrong,
    /// Worth knowing: a cable, a neighbour, something that did not answer.
    Warning,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Finding {
    /// How much it matters.
    pub weight: Weight,
    /// What it is about: `frr.service`, `bgp 192.0.2.1`.
    pub about: String,
    /// What is the matter.
    pub text: String,
}

impl Finding {
    fn wrong(about: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            weight: Weight::Wrong,
            about: about.into(),
            text: text.into(),
        }
    }

    fn warning(about: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            weight: Weight::Warning,
            ..Self::wrong(about, text)
        }
    }
}

/// Everything in the report that is not as it should be, the worst first. The verdict on the documents is not among it.
pub fn findings(report: &Report) -> Vec<Finding> {
    let mut found: Vec<Finding> = report.boot.iter().filter_map(of_boot).collect();
    if !report.pending.is_empty() {
        let text = format!(
            "not carried out: {}; systemd was not told, 'systemctl reload imp-config' tries again",
            report.pending.join(", ")
        );
        found.push(Finding::wrong("reload", text));
    }
    found.extend(report.confirm.iter().map(of_confirmation));
    found.extend(report.units.iter().flatten().filter_map(of_unit));
    found.extend(report.vpp.iter().flat_map(of_instance));
    found.extend(report.drift.iter().map(|drift| Finding {
        weight: drift.weight,
        about: drift.about.clone(),
        text: format!("{}; expected {}", drift.observed, drift.expected),
    }));
    let more = report
        .drift_count
        .unwrap_or_default()
        .saturating_sub(report.drift.len());
    if more > 0 {
        found.push(Finding::wrong("drift", format!("{more} more differences")));
    }
    found.extend(report.nics.iter().flatten().filter_map(of_port));
    let down = report
        .bgp
        .iter()
        .flatten()
        .filter(|(_, peer)| !peer.is_established() && !peer.is_shut());
    found.extend(down.map(|(address, peer)| Finding::warning(format!("bgp {address}"), peer.state.as_str())));
    found.extend(apart("ospf", report.ospf.iter().flatten()));
    found.extend(apart("isis", report.isis.iter().flatten()));
    found.extend(
        report
            .unanswered
            .iter()
            .map(|line| Finding::warning("no answer", line.as_str())),
    );
    found.sort_by_key(|finding| finding.weight);
    found
}

/// The neighbours of a protocol that are not adjacent.
fn apart<'r, N: Adjacent + 'r>(
    protocol: &'r str,
    neighbors: impl Iterator<Item = &'r N>,
) -> impl Iterator<Item = Finding> {
    neighbors
        .filter(|it| !it.is_adjacent())
        .map(move |it| Finding::warning(format!("{protocol} {}", it.place()), it.state()))
}

fn of_boot(verdict: &Verdict) -> Option<Finding> {
    match verdict {
        Verdict::Alarm(reason) => Some(Finding::wrong(
            "boot",
            format!("this boot is not healthy: {reason}; 'impctl health' shows the checks"),
        )),
        Verdict::GivenUp(reason) => Some(Finding::wrong(
            "boot",
            format!("this trial is rejected: {reason}"),
        )),
        Verdict::Healthy | Verdict::Good => None,
    }
}

/// The time that is left is another one at each look, and stands in the text of its own section.
fn of_confirmation(waiting: &Waiting) -> Finding {
    let text = match waiting.auto {
        true => format!(
            "the change is kept when what worked before works again, or by 'impctl confirm'; else {} runs again",
            waiting.instead
        ),
        false => format!(
            "the change is taken back unless 'impctl confirm' follows; then {} runs again",
            waiting.instead
        ),
    };
    Finding::warning("confirm", text)
}

fn of_unit(unit: &UnitState) -> Option<Finding> {
    let text = || {
        format!(
            "{} ({}); 'journalctl -b -u {}' says why",
            unit.active, unit.sub, unit.name
        )
    };
    (unit.active == "failed").then(|| Finding::wrong(unit.name.as_str(), text()))
}

fn of_instance(instance: &Instance) -> Vec<Finding> {
    let about = format!("vpp {}", instance.name);
    let mut found = Vec::new();
    if !instance.configured {
        let why = instance
            .failed
            .clone()
            .unwrap_or_else(|| "it does not have its commands".to_owned());
        found.push(Finding::wrong(about.as_str(), why));
    }
    found.extend(
        instance
            .vitals
            .iter()
            .flat_map(full)
            .map(|text| Finding::warning(about.as_str(), text)),
    );
    let bonds = instance.vitals.iter().flat_map(|vitals| &vitals.bonds);
    found.extend(bonds.filter_map(of_bond));
    let routers = instance.vitals.iter().flat_map(|vitals| &vitals.virtual_routers);
    found.extend(routers.filter_map(of_virtual_router));
    let tunnels = instance.vitals.iter().flat_map(|vitals| &vitals.tunnels);
    let silent = tunnels.filter(|tunnel| tunnel.up && tunnel.established == Some(false));
    found.extend(silent.map(|tunnel| {
        let text = format!("{} has not answered", tunnel.destination);
        Finding::warning(format!("tunnel {}", tunnel.name), text)
    }));
    found
}

/// A bond without all of its members; without any it carries nothing.
fn of_bond(bond: &BondState) -> Option<Finding> {
    let about = format!("bond {}", bond.name);
    match bond.active() {
        0 => Some(Finding::wrong(about, "no member is active")),
        active if active < bond.members.len() => {
            let members = bond.members.iter().filter(|member| !member.active);
            let members: Vec<&str> = members.map(|member| member.name.as_str()).collect();
            let text = format!(
                "{active} of {} members are active, not {}",
                bond.members.len(),
                members.join(", ")
            );
            Some(Finding::warning(about, text))
        }
        _ => None,
    }
}

/// One that takes no part in the election: nobody gets its addresses from here.
fn of_virtual_router(router: &VirtualRouter) -> Option<Finding> {
    let takes_part = matches!(router.state.as_str(), "Master" | "Backup");
    let about = format!("vrrp {} {}", router.interface, router.id);
    (!takes_part).then(|| Finding::warning(about, router.state.as_str()))
}

/// What is nearly used up.
fn full(vitals: &Vitals) -> Vec<String> {
    let is_full = |used: u64, total: u64| total > 0 && used.saturating_mul(100) > total.saturating_mul(FULL);
    let heap = vitals.heap.iter().filter(|heap| is_full(heap.used, heap.total));
    let heap = heap.map(|_| {
        format!(
            "more than {FULL} % of the main heap is in use; 'main-heap-size' in [vpp.NAME] makes it larger"
        )
    });
    let pools = vitals
        .buffers
        .iter()
        .filter(|pool| is_full(pool.used, pool.total));
    let pools = pools.map(|pool| {
        format!(
            "{} of {} buffers of {} are in use; 'buffers-per-numa' in [vpp.NAME] makes more",
            pool.used, pool.total, pool.name
        )
    });
    heap.chain(pools).collect()
}

/// An interface without a cable.
fn of_port(port: &Port) -> Option<Finding> {
    match (port.claim.interface(), port.carrier) {
        (Some(name), Some(false)) => Some(Finding::warning(format!("nic {name}"), "no carrier")),
        _ => None,
    }
}

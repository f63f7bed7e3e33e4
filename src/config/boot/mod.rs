//! `[boot]`: what makes a boot a good one.

use crate::config::code::E0203;
use crate::config::diag::Diagnostic;
use crate::config::reader::{Cx, Located, Table, Value};
use crate::config::source::Span;
use crate::types::Seconds;
use std::collections::BTreeMap;

/// `[boot]`.
#[derive(Debug, Default)]
pub struct Boot {
    /// `health`.
    pub health: Health,
}

/// `[boot] health`: what makes a boot a good one.
#[derive(Debug)]
pub struct Health {
    /// How long the checks may take together. Default 180 s.
    pub deadline: Seconds,
    /// Checks that reject a boot.
    pub required: Vec<Check>,
    /// Checks that warn.
    pub wanted: Vec<Check>,
}

/// A built-in health check, by the name operators write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // the names say it
pub enum Check {
    Management,
    Ssh,
    Nics,
    Vpp,
    Frr,
    Bgp,
    Ospf,
    Incus,
}

/// Every check by the name operators write.
const CHECKS: [(&str, Check); 8] = [
    ("management", Check::Management),
    ("ssh", Check::Ssh),
    ("nics", Check::Nics),
    ("vpp", Check::Vpp),
    ("frr", Check::Frr),
    ("bgp", Check::Bgp),
    ("ospf", Check::Ospf),
    ("incus", Check::Incus),
];

impl Default for Health {
    /// A check of something that is not configured passes, so that these hold for every router.
    fn default() -> Self {
        Self {
            deadline: Seconds::new(180),
            required: vec![Check::Management, Check::Nics, Check::Vpp, Check::Frr],
            wanted: vec![Check::Bgp, Check::Ospf, Check::Incus],
        }
    }
}

pub(in crate::config) fn decode(document: &mut Table<'_, '_>) -> Boot {
    let mut boot = Boot::default();
    let Some(mut table) = document.table("boot") else {
        return boot;
    };
    if let Some(health) = table.table("health") {
        boot.health = decode_health(health);
    }
    table.finish();
    boot
}

fn decode_health(mut table: Table<'_, '_>) -> Health {
    let mut health = Health::default();
    if let Some(deadline) = table.duration("deadline", 1..=3600, "a duration from 1s to 1h") {
        health.deadline = deadline;
    }
    let mut seen = BTreeMap::new();
    if let Some(list) = table.value("required") {
        health.required = decode_checks(table.cx(), &list, &mut seen);
    }
    if let Some(list) = table.value("wanted") {
        health.wanted = decode_checks(table.cx(), &list, &mut seen);
    }
    table.finish();
    health
}

/// A list of checks, each in one of the two lists and there once.
fn decode_checks(cx: &Cx<'_>, list: &Value<'_, '_>, seen: &mut BTreeMap<Check, Span>) -> Vec<Check> {
    let mut checks = Vec::new();
    for item in list.items().into_iter().flatten() {
        let Some(Located { value: check, span }) = item.choice(&CHECKS) else {
            continue;
        };
        match seen.insert(check, span) {
            None => checks.push(check),
            Some(first) => cx.report(
                Diagnostic::error(E0203, span, "a check stands in the lists twice")
                    .also(first, "first here")
                    .hint("a check rejects a boot (required) or warns (wanted), not both"),
            ),
        }
    }
    checks
}

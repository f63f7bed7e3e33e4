//! `[boot]`: what makes a boot a good one.

pub(in crate::config) mod raw;

use crate::config::check::Checking;
use crate::config::code::E0203;
use crate::config::diag::Diagnostic;
use crate::config::keys::Field;
use crate::config::source::{Located, Span};
use crate::types::Seconds;
use raw::{BootRaw, HealthRaw};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `[boot]`.
#[derive(Debug, Default)]
pub struct Boot {
    /// `health`.
    pub health: Health,
}

/// `[boot] health`: what makes a boot a good one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Health {
    /// How long the checks may take together. Default 180 s.
    pub deadline: Seconds,
    /// Checks that reject a boot.
    pub required: Vec<Check>,
    /// Checks that warn.
    pub wanted: Vec<Check>,
}

/// A built-in health check, by the name operators write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // the names say it
pub enum Check {
    Management,
    Ssh,
    Nics,
    Vpp,
    Frr,
    Bgp,
    Ospf,
    Isis,
    Incus,
}

impl Default for Health {
    /// A check of something that is not configured passes, so that these hold for every router.
    fn default() -> Self {
        Self {
            deadline: Seconds::new(180),
            required: vec![Check::Management, Check::Nics, Check::Vpp, Check::Frr],
            wanted: vec![Check::Bgp, Check::Ospf, Check::Isis, Check::Incus],
        }
    }
}

/// `[boot]`, checked.
pub(in crate::config) fn boot(field: &Field<BootRaw>, cx: &mut Checking<'_>) -> Boot {
    let written = field.get().and_then(|boot| boot.health.get());
    Boot {
        health: written.map(|raw| health(raw, cx)).unwrap_or_default(),
    }
}

fn health(raw: &HealthRaw, cx: &mut Checking<'_>) -> Health {
    let mut health = Health::default();
    if let Some(deadline) = raw.deadline.get() {
        health.deadline = deadline.get();
    }
    let mut seen = BTreeMap::new();
    if raw.required.is_written() {
        health.required = listed(raw.required.items(), &mut seen, cx);
    }
    if raw.wanted.is_written() {
        health.wanted = listed(raw.wanted.items(), &mut seen, cx);
    }
    health
}

/// A list of checks, each in one of the two lists and there once.
fn listed(list: &[Located<Check>], seen: &mut BTreeMap<Check, Span>, cx: &mut Checking<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    for check in list {
        match seen.insert(check.value, check.span) {
            None => checks.push(check.value),
            Some(first) => cx.report(
                Diagnostic::error(E0203, check.span, "the check is listed twice")
                    .also(first, "first here")
                    .hint("a check rejects a boot (required) or warns (wanted), not both"),
            ),
        }
    }
    checks
}

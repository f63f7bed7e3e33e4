//! The result of a check, as the verdict, the record of a boot and its evidence hold it.

use serde::{Deserialize, Serialize};

/// Whether a boot with these results is a good one.
pub fn healthy(outcomes: &[CheckOutcome]) -> bool {
    !outcomes.iter().any(CheckOutcome::rejects)
}

/// What a check is about. Only the first four can reject a trial; `Outside` only ever warns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The image itself: its units, kernel module against userland, its pool.
    Boot,
    /// An operator reaches the machine.
    Management,
    /// Packets are forwarded: namespace, NICs, VPP.
    Forwarding,
    /// Routes are learnt and announced: FRR and its neighbours.
    ControlPlane,
    /// Services beside the router: Incus.
    Service,
    /// Others: DNS, NTP, an update server.
    Outside,
}

impl Scope {
    /// Whether a check of this scope can reject a trial.
    pub fn rejects(self) -> bool {
        self <= Self::ControlPlane
    }
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckState {
    /// As expected.
    Passed,
    /// Not as expected, or not known before the check's own deadline.
    Failed,
    /// There is nothing to check: not configured, or down before the reboot already.
    NotNeeded,
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CheckOutcome {
    /// Its name: `management`, `vpp`, `bgp 192.0.2.1`, `checks.d/required/uplink`.
    pub name: String,
    /// What it is about.
    pub scope: Scope,
    /// Whether the operator wants a boot without it rejected (`[boot] health` `required`, not `wanted`).
    pub required: bool,
    /// Whether a configuration can be the reason: then the last good one is tried before the image is rejected.
    pub config_can_cause: bool,
    /// How it ended.
    pub state: CheckState,
    /// What was expected.
    pub expected: String,
    /// What was observed.
    pub observed: String,
    /// Milliseconds it took.
    pub took_ms: u64,
}

impl CheckOutcome {
    /// Whether a boot with it is not a good one.
    pub fn rejects(&self) -> bool {
        self.state == CheckState::Failed && self.required && self.scope.rejects()
    }

    /// Name, expectation and observation in one line.
    pub fn sentence(&self) -> String {
        format!(
            "{}: expected {}, observed {}",
            self.name, self.expected, self.observed
        )
    }
}

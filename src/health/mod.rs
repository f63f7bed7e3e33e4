//! The checks of a boot: what was expected, what was observed, and whether a trial is rejected for it.
//!
//! Runnable at any time without consequences (`impctl health`): they only look. Each is a look at the machine, in a thread
//! of its own and given up at its own deadline, and a pure judgement of what was seen:
//!
//! | module | checks |
//! |---|---|
//! | [`unit`] | `units`, `other units` |
//! | [`kernel`] | `kernel modules`, `zfs versions`, `zfs pools` |
//! | [`management`] | `management` |
//! | `ssh` | `ssh` |
//! | [`dataplane`] | `namespace`, `nic NAME`, `vpp NAME` |
//! | [`routing`] | `frr`, `bgp ADDRESS`, `ospf ID`, read by [`frr`] |
//! | [`incus`] | `incus` |
//! | [`executable`] | `checks.d/required/NAME`, `checks.d/wanted/NAME`: the operator's |

pub mod baseline;
pub mod dataplane;
pub mod executable;
pub mod frr;
pub mod incus;
pub mod kernel;
pub mod management;
pub mod routing;
mod running;
mod ssh;
pub mod unit;

pub use baseline::Baseline;
pub use running::{About, Running};

use crate::config::{Check, Model};
use crate::types::Root;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long one look may take. All take milliseconds on a machine that is well.
const DEADLINE: Duration = Duration::from_secs(5);

/// Every check, all at once; the results in the order of a boot. Ends within the longest deadline of a check (11 s, of the
/// operator's own), whatever hangs.
///
/// With a baseline, what was down when it was taken is not needed now.
pub fn run(root: &Root, model: &Model, baseline: Option<&Baseline>) -> Vec<Outcome> {
    let mut running = vec![unit::check()];
    running.extend(kernel::checks(root));
    running.push(dataplane::namespace(root, model));
    running.extend(management::check(root, model, baseline));
    running.extend(ssh::check(model));
    running.extend(dataplane::checks(root, model, baseline));
    running.extend(routing::checks(root, model, baseline));
    running.extend(incus::check(root, model));
    running.extend(executable::checks(root));
    running.into_iter().flat_map(Running::finish).collect()
}

/// Whether a boot with these results is a good one.
pub fn healthy(outcomes: &[Outcome]) -> bool {
    !outcomes.iter().any(Outcome::rejects)
}

/// Whether the operator requires a check, wants it, or (`None`) has it in neither list.
fn wish(model: &Model, check: Check) -> Option<bool> {
    let health = &model.boot.health;
    match (health.required.contains(&check), health.wanted.contains(&check)) {
        (true, _) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    }
}

/// What a check speaks for. Only the first four can reject a trial; `Outside` only ever warns.
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
pub enum State {
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
pub struct Outcome {
    /// Its name: `management`, `vpp`, `bgp 192.0.2.1`, `checks.d/required/uplink`.
    pub name: String,
    /// What it speaks for.
    pub scope: Scope,
    /// Whether the operator wants a boot without it rejected (`[boot] health` `required`, not `wanted`).
    pub required: bool,
    /// Whether a configuration can be the reason: then the last good one is tried before the image is given up.
    pub config_can_cause: bool,
    /// How it ended.
    pub state: State,
    /// What would have been right.
    pub expected: String,
    /// What was there.
    pub observed: String,
    /// Milliseconds it took.
    pub took_ms: u64,
}

impl Outcome {
    /// Whether a boot with it is not a good one.
    pub fn rejects(&self) -> bool {
        self.state == State::Failed && self.required && self.scope.rejects()
    }

    /// What to tell, in a line.
    pub fn sentence(&self) -> String {
        format!(
            "{}: expected {}, observed {}",
            self.name, self.expected, self.observed
        )
    }
}

//! The checks of a boot: what was expected, what was observed, and whether a trial is rejected for it.
//!
//! Runnable at any time without consequences (`impctl health`): they only look. Each is a look at the machine, in a thread
//! of its own and given up at its own deadline, and a pure judgement of what was seen:
//!
//! | module | checks |
//! |---|---|
//! | [`unit`] | `units`, `other units` |
//! | [`kernel`] | `kernel modules`, `zfs versions`, `zfs pools` |
//! | [`storage`] | `persistent storage` |
//! | [`management`] | `management` |
//! | `ssh` | `ssh` |
//! | [`firewall`] | `firewall` |
//! | [`dataplane`] | `namespace`, `nic NAME`, `vpp NAME` |
//! | [`routing`] | `frr`, `bgp ADDRESS`, `ospf ID`, read by [`frr`] |
//! | [`incus`] | `incus` |
//! | [`executable`] | `checks.d/required/NAME`, `checks.d/wanted/NAME`: the operator's |

pub mod baseline;
pub mod dataplane;
pub mod executable;
pub mod firewall;
pub mod frr;
pub mod incus;
pub mod kernel;
pub mod management;
pub mod routing;
mod running;
mod ssh;
pub mod storage;
pub mod unit;
mod wanted;

pub use baseline::Baseline;
pub use running::{About, Running};
pub use wanted::{BgpWanted, Wanted};

use crate::boot::trial::outcome::CheckOutcome;
use crate::types::Root;
use std::time::Duration;

/// How long one look may take. All take milliseconds on a machine that is well.
const DEADLINE: Duration = Duration::from_secs(5);

/// Every check, all at once; the results in the order of a boot. Ends within the longest deadline of a check (30 s, of what
/// FRR runs), whatever hangs.
///
/// With a baseline, what was down when it was taken is not needed now.
pub fn run(root: &Root, wanted: &Wanted, baseline: Option<&Baseline>) -> Vec<CheckOutcome> {
    let mut running = vec![unit::check()];
    running.extend(kernel::checks(root));
    running.push(storage::check(root, baseline));
    running.push(dataplane::namespace(root, wanted));
    running.extend(management::check(root, wanted, baseline));
    running.extend(ssh::check(wanted));
    running.extend(firewall::check(wanted));
    running.extend(dataplane::checks(root, wanted, baseline));
    running.extend(routing::checks(root, wanted, baseline));
    running.extend(incus::check(root, wanted));
    running.extend(executable::checks(root));
    running.into_iter().flat_map(Running::finish).collect()
}

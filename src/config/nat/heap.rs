//! The heap a module's instance needs: VPP aborts when it does not hold what the module takes.

use super::NatMode;
use crate::config::code::E0232;
use crate::config::diag::{Diagnostic, Findings};
use crate::config::index::Index;
use crate::types::Bytes;
use std::fmt;

/// For everything else in an instance, in bytes.
const REST: u64 = 256 << 20;
/// What det44 takes for an inside address, at once: 1,000 sessions of 24 bytes.
const INSIDE_ADDRESS: u64 = 24_000;
/// What nat44-ed takes for a session: 363 bytes, as measured with 65,536 to 3 million of them, rounded up.
const SESSION: u64 = 368;
/// What nat64 takes for an address of its pool: 1.22 MB, as measured with 256 of them, rounded up.
const POOL_ADDRESS: u64 = 1_300_000;

/// What a module holds in its instance's heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// det44: its inside addresses.
    InsideAddresses(u64),
    /// nat44-ed: its sessions, in each thread.
    Sessions(u32),
    /// nat64: the addresses of its pool.
    PoolAddresses(u64),
}

impl Holds {
    /// The least main heap the instance lives with, in bytes, when VPP has this many workers.
    pub fn least_heap(self, workers: usize) -> u64 {
        let threads = 1 + workers as u64;
        REST + match self {
            Self::InsideAddresses(addresses) => addresses * INSIDE_ADDRESS,
            Self::Sessions(sessions) => u64::from(sessions) * SESSION * threads,
            Self::PoolAddresses(addresses) => addresses * POOL_ADDRESS,
        }
    }
}

impl From<&NatMode> for Holds {
    fn from(mode: &NatMode) -> Self {
        match mode {
            NatMode::Det44 { mappings } => {
                let addresses = mappings.iter().map(|m| 1 << (32 - m.inside.prefix_len()));
                Self::InsideAddresses(addresses.sum())
            }
            NatMode::Nat44Ed { sessions, .. } => Self::Sessions(*sessions),
            NatMode::Nat64 { pool, .. } => Self::PoolAddresses(pool.count()),
        }
    }
}

impl fmt::Display for Holds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InsideAddresses(addresses) => write!(f, "{addresses} inside addresses"),
            Self::Sessions(sessions) => write!(f, "{sessions} sessions in each thread"),
            Self::PoolAddresses(addresses) => write!(f, "{addresses} addresses in the pool"),
        }
    }
}

/// A heap that was written holds what the module of its instance takes.
pub(in crate::config) fn heaps_hold_their_modules(index: &Index, found: &mut Findings) {
    for (instance, holds) in &index.nat_holds {
        let workers = index.workers.iter().find(|(name, _)| *name == instance.value);
        let workers = workers.map_or(0, |(_, cores)| cores.value.iter().count());
        let needed = holds.least_heap(workers);
        match index.heaps.get(&instance.value) {
            Some(heap) if heap.value.get() < needed => found.report(
                Diagnostic::error(E0232, heap.span, "the heap is too small for the NAT mappings")
                    .label(format!(
                        "expected at least {}, for {holds}",
                        Bytes::round_up_to_megabytes(needed)
                    ))
                    .also(instance.span, "for this module")
                    .hint("leave `main-heap-size` out to have it derived"),
            ),
            _ => {}
        }
    }
}

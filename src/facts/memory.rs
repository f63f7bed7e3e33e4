//! Hugepages.

use crate::host::paths::HUGEPAGES;
use crate::types::Root;
use nix::unistd::{AccessFlags, access};
use std::fs;

/// The pool of 2 MB pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hugepages {
    /// How many are reserved now.
    pub reserved: u64,
    /// Whether the count can be changed: not in a container.
    pub writable: bool,
}

/// The current pool; `None` on a kernel without hugepages.
pub fn hugepages(root: &Root) -> Option<Hugepages> {
    let path = root.join(HUGEPAGES);
    Some(Hugepages {
        reserved: fs::read_to_string(&path).ok()?.trim().parse().ok()?,
        writable: access(&path, AccessFlags::W_OK).is_ok(),
    })
}

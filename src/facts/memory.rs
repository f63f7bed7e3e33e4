//! Hugepages.

use crate::types::Root;
use std::fs;

/// Where the kernel keeps the count of 2 MB pages, whatever its default size is.
pub const HUGEPAGES: &str = "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages";

/// Pages of 2 MB that are reserved now; none on a kernel without.
pub fn hugepages(root: &Root) -> Option<u64> {
    fs::read_to_string(root.join(HUGEPAGES)).ok()?.trim().parse().ok()
}

//! Hugepages.

use crate::types::Root;
use std::fs;

/// Pages of the default size that are reserved now; none on a kernel without hugepages.
pub fn hugepages(root: &Root) -> Option<u64> {
    fs::read_to_string(root.join("/proc/sys/vm/nr_hugepages"))
        .ok()?
        .trim()
        .parse()
        .ok()
}

/// The default size of a hugepage in bytes, from `Hugepagesize:` in `/proc/meminfo`.
pub fn hugepage_size(root: &Root) -> Option<u64> {
    let text = fs::read_to_string(root.join("/proc/meminfo")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Hugepagesize:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

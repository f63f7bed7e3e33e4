//! The CPUs of the machine.

use crate::types::{CpuList, Root};
use std::fs;

/// The CPUs that are online; `None` if the kernel does not list them.
pub fn online(root: &Root) -> Option<CpuList> {
    fs::read_to_string(root.join("/sys/devices/system/cpu/online"))
        .ok()?
        .trim()
        .parse()
        .ok()
}

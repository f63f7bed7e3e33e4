//! What VPP needs of the kernel before it starts: hugepages and modules.

use super::{Bindings, Dataplane};
use crate::config::{Attach, Instance};

/// Buffers of an instance that configures none (VPP's default).
const DEFAULT_BUFFERS: u64 = 16_384;
/// One buffer with its headers, in bytes, rounded up: 16,384 of them took about 19 pages of 2 MB.
const BUFFER_BYTES: u64 = 2_496;
const PAGE_BYTES: u64 = 2 << 20;
/// The pages DPDK takes in addition to the buffers, as measured.
const DPDK_PAGES: u64 = 8;

/// How many hugepages of 2 MB the instances want together.
///
/// They are wanted, not required: without them VPP's buffers fall back to 4 KB pages with a warning. Counts one NUMA node;
/// VPP itself raises the kernel's count for further ones.
pub fn hugepages(dataplane: &Dataplane, bindings: &Bindings) -> u64 {
    let pages = |instance: &Instance| {
        let buffers = instance.buffers_per_numa.map_or(DEFAULT_BUFFERS, u64::from);
        (buffers * BUFFER_BYTES).div_ceil(PAGE_BYTES)
    };
    let buffers: u64 = dataplane.instances.values().map(pages).sum();
    buffers + if uses_dpdk(bindings) { DPDK_PAGES } else { 0 }
}

/// The kernel modules to load before VPP starts, in order: linux-cp needs `vhost_net`, and `8021q` for VLANs.
pub fn modules(dataplane: &Dataplane, bindings: &Bindings) -> Vec<&'static str> {
    let Some((_, core)) = dataplane
        .instances
        .iter()
        .find(|(name, _)| name.as_ref() == "core")
    else {
        return Vec::new();
    };
    let mut modules = vec!["vhost_net", "tun"];
    if dataplane.interfaces.values().any(|nic| !nic.vlans.is_empty()) {
        modules.push("8021q");
    }
    if !dataplane.vrfs.is_empty() {
        modules.push("vrf");
    }
    if uses_dpdk(bindings) {
        modules.push(core.uio_driver.name());
    }
    modules
}

fn uses_dpdk(bindings: &Bindings) -> bool {
    bindings.nics.values().any(|nic| nic.attach == Attach::Dpdk)
}

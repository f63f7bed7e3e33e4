//! `[dataplane]` and `[vpp.NAME]`: the namespace and the VPP instances.

use super::At;
use crate::types::{Bytes, CpuList, NetnsName, Seconds};

/// `[dataplane]`.
#[derive(Debug)]
pub struct Dataplane {
    /// The namespace all forwarding happens in. Default `dataplane`.
    pub namespace: NetnsName,
    /// How long a boot waits for its NICs, 0 to 600 s. Default 30 s.
    pub nic_wait: Seconds,
}

/// `[vpp.NAME]`: one VPP process. No two share a core.
#[derive(Debug)]
pub struct Instance {
    /// Where it was written.
    pub at: At,
    /// The core of the main thread; VPP chooses when absent.
    pub main_core: Option<u16>,
    /// The cores of the workers; no workers when absent.
    pub corelist_workers: Option<CpuList>,
    /// The main heap. Derived where absent: 1 G, and for det44 24,000 bytes per inside address plus 256 MB.
    pub main_heap_size: Option<Bytes>,
    /// Buffers per NUMA node, 1,024 to 4,194,304; VPP's default when absent.
    pub buffers_per_numa: Option<u32>,
    /// Microseconds VPP sleeps between polls, 1 to 10,000; polls without pause when absent.
    pub poll_sleep_usec: Option<u32>,
    /// The driver NICs are bound to. Default `vfio-pci`.
    pub uio_driver: UioDriver,
    /// `extra-startup-file`: text appended to startup.conf in a marked place.
    pub extra_startup: Option<String>,
    /// `extra-commands-file`: lines appended to the commands in a marked place, before the proof marker.
    pub extra_commands: Option<String>,
}

/// The kernel driver through which DPDK gets a NIC (facts/vpp.md, section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UioDriver {
    /// `vfio-pci`: needs an IOMMU.
    #[default]
    VfioPci,
    /// `uio_pci_generic`: works without one.
    UioPciGeneric,
}

impl UioDriver {
    /// The name as VPP and modprobe spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::VfioPci => "vfio-pci",
            Self::UioPciGeneric => "uio_pci_generic",
        }
    }
}

//! What only the machine knows: which device each interface is, which cores there are.

use crate::config::Attach;
use crate::types::{CpuList, IfName, KernelName, MacAddr, PciAddress};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The machine's answers, written to `/run/imp/bindings.json` by `imp-nic`, read by `--bindings FILE`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Bindings {
    /// The NIC of each interface that was found; one that is absent is left out of VPP's files, loudly.
    pub nics: BTreeMap<IfName, NicBinding>,
    /// The CPUs this machine has; `None` (a build machine) accepts every core as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpus: Option<CpuList>,
}

/// The NIC an interface was bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NicBinding {
    /// How VPP gets at it.
    pub attach: Attach,
    /// The PCI function; always there for DPDK.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pci: Option<PciAddress>,
    /// The kernel's device; always there for af-packet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<KernelName>,
    /// The NIC's own address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac: Option<MacAddr>,
}

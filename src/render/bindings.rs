//! What only the machine itself knows: the device of each interface, its CPUs, and its FRR.

use crate::config::{Attach, Model, Nic};
use crate::render::frr::Frr;
use crate::types::{CpuList, IfName, KernelName, MacAddr, PciAddress};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The hardware that was found, written to `/run/imp/bindings.json` by `imp-nic`, read by `--bindings FILE`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Bindings {
    /// The NIC of each interface that was found; an absent one is left out of VPP's files, with a message.
    pub nics: BTreeMap<IfName, NicBinding>,
    /// The CPUs this machine has; `None` (a build machine) accepts every core as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpus: Option<CpuList>,
    /// FRR as it is when the files are made; not part of the recorded bindings.
    #[serde(skip)]
    pub frr: Frr,
}

/// The NIC an interface was bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NicBinding {
    /// How VPP drives it.
    pub attach: Attach,
    /// The PCI function; always there for DPDK on a real machine, a placeholder is rendered without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pci: Option<PciAddress>,
    /// The kernel's device; always there for af-packet on a real machine, a placeholder is rendered without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<KernelName>,
    /// The number of that device: one that went and came back under its name has another, and VPP is not on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u32>,
    /// The NIC's own address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac: Option<MacAddr>,
}

impl Bindings {
    /// The bindings as far as they are known without the machine: `pci`, `mac` and `name` matches bind as written.
    ///
    /// What a match leaves open is absent from the binding and rendered as a marked placeholder.
    pub fn as_written(model: &Model) -> Self {
        Self {
            nics: model
                .nics()
                .map(|(name, _, nic)| (name.clone(), NicBinding::as_written(nic)))
                .collect(),
            cpus: None,
            frr: Frr::default(),
        }
    }
}

impl NicBinding {
    fn as_written(nic: &Nic) -> Self {
        Self {
            attach: nic.attach.unwrap_or(Attach::Dpdk),
            pci: nic.matches.pci,
            device: nic.matches.name.clone(),
            index: None,
            mac: nic.matches.mac,
        }
    }
}

//! Whether VFIO can take the functions that DPDK is to have.

use crate::config::{Attach, UioDriver, code};
use crate::facts::iommu::Function;
use crate::plan::Notice;
use crate::render::{Bindings, Dataplane};
use crate::types::{IfName, PciAddress};
use std::collections::{BTreeMap, BTreeSet};

/// Drivers of other functions in the group that VFIO does not mind.
const HARMLESS: [&str; 3] = ["vfio-pci", "pci-stub", "pcieport"];

/// Mellanox, now NVIDIA: DPDK works through the kernel's driver and binds nothing.
const BIFURCATED: u16 = 0x15b3;

/// The interfaces whose NIC VFIO cannot take, and why: no IOMMU, or a group that somebody else uses. VPP would lack them
/// and stop at the first command about one, so they are left out before anything is bound.
pub fn refused(
    dataplane: &Dataplane,
    bindings: &Bindings,
    functions: &BTreeMap<PciAddress, Function>,
    management: Option<PciAddress>,
) -> Vec<(IfName, Notice)> {
    let driver = dataplane
        .instances
        .iter()
        .find(|(name, _)| name.as_ref() == "core")
        .map(|(_, core)| core.uio_driver);
    if driver != Some(UioDriver::VfioPci) {
        return Vec::new();
    }
    let ours: BTreeSet<PciAddress> = bindings.nics.values().filter_map(dpdk_function).collect();
    let refused = |(name, binding)| {
        let pci = dpdk_function(binding)?;
        let function = functions.get(&pci)?;
        let notice = obstacle(pci, function, &ours, management)?;
        let mut nics = dataplane.nics();
        let place = nics
            .find(|(other, ..)| *other == name)
            .map(|(_, at, _)| dataplane.place(at));
        let text = format!(
            "interface '{name}' ({}): {}",
            place.unwrap_or_default(),
            notice.text
        );
        Some((IfName::clone(name), Notice { text, ..notice }))
    };
    bindings.nics.iter().filter_map(refused).collect()
}

fn dpdk_function(binding: &crate::render::NicBinding) -> Option<PciAddress> {
    binding.pci.filter(|_| binding.attach == Attach::Dpdk)
}

fn obstacle(
    pci: PciAddress,
    function: &Function,
    ours: &BTreeSet<PciAddress>,
    management: Option<PciAddress>,
) -> Option<Notice> {
    if function.vendor == Some(BIFURCATED) {
        return None;
    }
    if !function.grouped {
        let text = format!(
            "pci {pci} is in no IOMMU group, so vfio-pci cannot take it; turn the IOMMU on (VT-d or AMD-Vi in the \
             firmware, intel_iommu=on on the command line), or write uio-driver = \"uio_pci_generic\" in [vpp.core] or \
             attach = \"af-packet\" here"
        );
        return Some(Notice::new(code::E0621, text));
    }
    let (other, driver) = function
        .in_use
        .iter()
        .find(|(other, driver)| !ours.contains(other) && !HARMLESS.contains(&driver.as_ref()))?;
    let whose = match Some(*other) == management {
        true => "the NIC of [management]".to_owned(),
        false => format!("which the kernel uses ({driver})"),
    };
    let text = format!(
        "pci {pci} is in one IOMMU group with {other}, {whose}, and vfio-pci takes a group as a whole; put the card into \
         another slot, or write uio-driver = \"uio_pci_generic\" in [vpp.core] or attach = \"af-packet\" here"
    );
    Some(Notice::new(code::E0622, text))
}

//! The IOMMU groups of PCI functions: what VFIO can take only as a whole.

use crate::host::file;
use crate::host::paths::{MODULES, PCI_BUS};
use crate::types::{DriverName, PciAddress, Root};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What VFIO needs to know about a PCI function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Function {
    /// Its vendor's number.
    pub vendor: Option<u16>,
    /// Whether it is in a group at all.
    pub grouped: bool,
    /// The other functions of its group that a kernel driver uses, bridges left out.
    pub in_use: BTreeMap<PciAddress, DriverName>,
}

/// What the kernel says about these functions; one it does not show is left out.
pub fn read(root: &Root, functions: impl IntoIterator<Item = PciAddress>) -> BTreeMap<PciAddress, Function> {
    let devices = root.join(PCI_BUS).join("devices");
    let function = |pci: PciAddress| {
        let device = devices.join(pci.to_string());
        device.is_dir().then(|| (pci, describe(pci, &device)))
    };
    functions.into_iter().filter_map(function).collect()
}

/// Whether VFIO was told to do without an IOMMU (`vfio.enable_unsafe_noiommu_mode`).
pub fn is_done_without(root: &Root) -> bool {
    let path = root
        .join(MODULES)
        .join("vfio/parameters/enable_unsafe_noiommu_mode");
    file::read_text(&path).is_ok_and(|text| text.is_some_and(|text| text.trim() == "Y"))
}

fn describe(pci: PciAddress, device: &Path) -> Function {
    let group = device.join("iommu_group");
    let members = fs::read_dir(group.join("devices"))
        .into_iter()
        .flatten()
        .flatten();
    let in_use = members.filter_map(|member| {
        let other = member.file_name().to_str()?.parse().ok()?;
        let is_bridge = text(&member.path().join("class")).starts_with("0x0604");
        let driver = fs::read_link(member.path().join("driver")).ok()?;
        let driver = driver.file_name()?.to_str()?.parse().ok()?;
        (other != pci && !is_bridge).then_some((other, driver))
    });
    let vendor = text(&device.join("vendor"));
    Function {
        vendor: u16::from_str_radix(vendor.trim().trim_start_matches("0x"), 16).ok(),
        grouped: group.exists(),
        in_use: in_use.collect(),
    }
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

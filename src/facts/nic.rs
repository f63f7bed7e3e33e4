//! The NICs of the machine: in the host, in the dataplane's namespace, and those DPDK holds without the kernel.

use super::FactsError;
use crate::host::netlink::{Connection, Link};
use crate::host::paths::{NET_DEVICES, PCI_BUS, VPP_RUN};
use crate::host::{json, namespace};
use crate::types::{DriverName, IfName, KernelName, MacAddr, NetnsName, PciAddress, Root};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

/// The file, below the root, in which `imp-nic` records the NICs it moved: once DPDK has one, it can no longer be read.
pub const TAKEN: &str = "/run/imp/nics.json";

/// Drivers that hand a device to DPDK.
const HANDING_OVER: [&str; 3] = ["vfio-pci", "uio_pci_generic", "igb_uio"];

/// A network device of the kernel other than the loopback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Nic {
    /// Its name at the moment of reading.
    pub name: KernelName,
    /// Its further names, which no other device of its namespace can have.
    pub alternative: Vec<KernelName>,
    /// Its index in its namespace.
    pub index: u32,
    /// Its permanent address, else the current one.
    pub mac: Option<MacAddr>,
    /// The PCI function it is, or is virtio on. A device behind a controller on the PCI bus (USB), or a part of a
    /// function with a life of its own (a sub-function), is none.
    pub pci: Option<PciAddress>,
    /// The driver of its device; for a software device what `ip -d link` calls it (`veth`, `bridge`).
    pub driver: Option<DriverName>,
    /// Whether there is hardware behind it.
    pub hardware: bool,
    /// Whether it is administratively up.
    pub up: bool,
    /// Whether it is promiscuous.
    pub promiscuous: bool,
    /// The table of routes, if it is a VRF.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<u32>,
}

impl Nic {
    /// Whether the kernel finds it by this name.
    pub fn is_called(&self, name: &KernelName) -> bool {
        self.name == *name || self.alternative.contains(name)
    }
}

/// A PCI network device that the kernel does not use: bound to a driver that hands it to a program, or to none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct HeldDevice {
    /// The PCI function.
    pub pci: PciAddress,
    /// What it is bound to: `vfio-pci`, `uio_pci_generic`, or nothing.
    pub driver: Option<DriverName>,
}

/// A NIC that was moved into the namespace, as it was before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Taken {
    /// The interface it was moved for.
    pub interface: IfName,
    /// Its PCI function.
    pub pci: Option<PciAddress>,
    /// Its address.
    pub mac: Option<MacAddr>,
    /// Its kernel driver.
    pub driver: Option<DriverName>,
    /// Its name in the host.
    pub name: KernelName,
    /// Its further names there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternative: Vec<KernelName>,
    /// Its name in the namespace.
    pub device: KernelName,
    /// Whether it was up.
    pub up: bool,
}

/// Everything a plan for NICs depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct NicFacts {
    /// Devices in the host namespace.
    pub host: Vec<Nic>,
    /// Devices in the dataplane's namespace.
    pub namespace: Vec<Nic>,
    /// Network functions that have a device in neither namespace.
    pub held: Vec<HeldDevice>,
    /// What an earlier run moved.
    pub taken: Vec<Taken>,
    /// Whether a VPP runs that may hold devices.
    pub vpp_runs: bool,
}

/// The NICs as they are now. If the namespace does not exist, its list is empty.
pub fn read(root: &Root, namespace: &NetnsName) -> Result<NicFacts, FactsError> {
    let host = host(root)?;
    let namespace = match namespace::open(root, namespace) {
        Ok(file) => Connection::open_in(&file)
            .map_err(|error| FactsError::new(format!("namespace '{namespace}'"), error))
            .and_then(|connection| list(root, connection))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(FactsError::new(format!("namespace '{namespace}'"), error)),
    };
    let mut held = pci_network_devices(root);
    held.retain(|device| {
        host.iter()
            .chain(&namespace)
            .all(|nic| nic.pci != Some(device.pci))
    });
    Ok(NicFacts {
        host,
        namespace,
        held,
        taken: taken(root),
        vpp_runs: vpp_runs(root),
    })
}

/// The devices of the host namespace alone, which everybody may see.
pub fn host(root: &Root) -> Result<Vec<Nic>, FactsError> {
    Connection::open()
        .map_err(|error| FactsError::new("network devices", error))
        .and_then(|connection| list(root, connection))
}

fn list(root: &Root, mut connection: Connection) -> Result<Vec<Nic>, FactsError> {
    let links = connection
        .links()
        .map_err(|error| FactsError::new("network devices", error))?;
    Ok(links
        .into_iter()
        .filter(|link| !link.loopback)
        .map(|link| describe(root, link))
        .collect())
}

fn describe(root: &Root, link: Link) -> Nic {
    let device = match &link.parent {
        Some((bus, name)) => root
            .join(format!("/sys/bus/{bus}/devices/{name}"))
            .canonicalize()
            .ok(),
        None => device_of(root, &link),
    };
    let driver = device.as_deref().and_then(driver_of);
    Nic {
        mac: link.permanent_mac.or(link.mac),
        pci: device.as_deref().and_then(pci_of),
        driver: driver.or_else(|| link.kind.as_ref()?.parse().ok()),
        hardware: device.is_some(),
        name: link.name,
        alternative: link.alternative,
        index: link.index,
        up: link.up,
        promiscuous: link.promiscuous,
        table: link.table,
    }
}

/// The device behind a link on a kernel that does not report it: sysfs shows the host's names only, so the address has to
/// agree too.
fn device_of(root: &Root, link: &Link) -> Option<std::path::PathBuf> {
    let class = root.join(NET_DEVICES).join(link.name.as_ref());
    let address = fs::read_to_string(class.join("address")).ok()?;
    let mac: MacAddr = address.trim().parse().ok()?;
    if link.mac == Some(mac) {
        class.join("device").canonicalize().ok()
    } else {
        None
    }
}

/// The PCI function a device is, or the one that a virtio device is all of. Never one further up: that is the controller
/// of a USB adapter, or the whole card of a sub-function, and DPDK would take it away from everything else on it.
fn pci_of(device: &Path) -> Option<PciAddress> {
    let mut parts = device.components().rev().map(|part| part.as_os_str().to_str());
    let own = parts.next()??;
    let virtio = own
        .strip_prefix("virtio")
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
    match virtio {
        true => parts.next()??.parse().ok(),
        false => own.parse().ok(),
    }
}

fn driver_of(device: &Path) -> Option<DriverName> {
    let driver = fs::read_link(device.join("driver")).ok()?;
    driver.file_name()?.to_str()?.parse().ok()
}

/// Every PCI function of class 02 (network controller).
fn pci_network_devices(root: &Root) -> Vec<HeldDevice> {
    let Ok(entries) = fs::read_dir(root.join(PCI_BUS).join("devices")) else {
        return Vec::new(); // a machine without PCI
    };
    let mut devices: Vec<_> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let class = fs::read_to_string(path.join("class")).ok()?;
            let driver = driver_of(&path);
            // Bound to a network driver and in neither list: the device is in some other namespace.
            let free = driver
                .as_ref()
                .is_none_or(|driver| HANDING_OVER.contains(&driver.as_ref()));
            (free && class.starts_with("0x02")).then_some(HeldDevice {
                pci: path.file_name()?.to_str()?.parse().ok()?,
                driver,
            })
        })
        .collect();
    devices.sort_by_key(|device| device.pci);
    devices
}

/// The record of an earlier run; one that cannot be read counts as empty.
fn taken(root: &Root) -> Vec<Taken> {
    json::read(&root.join(TAKEN)).ok().flatten().unwrap_or_default()
}

/// Whether the process of any `/run/vpp/*.pid` is alive. The file stays behind even after a clean exit.
fn vpp_runs(root: &Root) -> bool {
    let Ok(entries) = fs::read_dir(root.join(VPP_RUN)) else {
        return false;
    };
    let pid = |path: &Path| fs::read_to_string(path).ok()?.trim().parse::<u32>().ok();
    entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "pid"))
        .filter_map(|path| pid(&path))
        .any(|pid| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.starts_with("vpp")))
}

impl fmt::Display for Nic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let others: Vec<String> = self.alternative.iter().map(|name| format!("'{name}'")).collect();
        let facts: Vec<String> = [
            (!others.is_empty()).then(|| format!("also {}", others.join(", "))),
            self.pci.map(|pci| format!("pci {pci}")),
            self.mac.map(|mac| format!("mac {mac}")),
            self.driver.as_ref().map(|driver| format!("driver {driver}")),
        ]
        .into_iter()
        .flatten()
        .collect();
        write!(f, "'{}' ({})", self.name, facts.join(", "))
    }
}

impl fmt::Display for HeldDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.driver {
            Some(driver) => write!(f, "pci {} (held by {driver})", self.pci),
            None => write!(f, "pci {} (no driver)", self.pci),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pci_function_is_the_device_itself_or_virtio_on_it() {
        let cases = [
            ("pci0000:64/0000:64:00.0/0000:65:00.0", "0000:65:00.0"),
            ("pci0000:00/0000:00:03.0/virtio1", "0000:00:03.0"),
            (
                "platform/3f980000.pcie/pci0000:00/0000:00:00.0/0000:01:00.0",
                "0000:01:00.0",
            ),
            ("pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0", ""),
            ("pci0000:64/0000:64:00.0/0000:65:00.0/mlx5_core.sf.2", ""),
            ("pci0000:00/0000:00:14.0/usb1/virtio1", ""),
            ("platform/a003e00.virtio_mmio/virtio0", ""),
            ("pci0000:00/0000:00:05.0/virtio", ""),
        ];
        for (path, function) in cases {
            let found = pci_of(&Path::new("/sys/devices").join(path));
            let found = found.map(|pci| pci.to_string()).unwrap_or_default();
            assert_eq!(found, function, "{path}");
        }
    }
}

//! `[interfaces.NAME]`, their VLANs, and `[loopbacks.NAME]`.

use super::{At, InterfaceOspf, RouterAdvertisement};
use crate::types::{DriverName, IfAddr, KernelName, Line, MacAddr, Mtu, PciAddress, SubIfName};

/// `match = { … }`: at least one of the four, and all that are written are meant.
///
/// When `pci` and `mac` are both given and one of them matches alone, that one is used with a warning.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct NicMatch {
    /// The PCI function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pci: Option<PciAddress>,
    /// The permanent (else the current) MAC address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<MacAddr>,
    /// The kernel driver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<DriverName>,
    /// The kernel's name; accepted with a warning, names change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<KernelName>,
}

/// How VPP gets at a NIC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attach {
    /// DPDK drives the device.
    Dpdk,
    /// The kernel driver stays, VPP has a host-interface on it.
    AfPacket,
}

/// `[interfaces.NAME]`: a NIC of the dataplane.
#[derive(Debug)]
pub struct Interface {
    /// Where it was written.
    pub at: At,
    /// Which NIC.
    pub matches: NicMatch,
    /// `attach`; when absent DPDK if the NIC has a PCI address, else af-packet (only the machine knows).
    pub attach: Option<Attach>,
    /// `hw-addr` of an af-packet host-interface; derived from the NIC's own when absent.
    pub hw_addr: Option<MacAddr>,
    /// `description`.
    pub description: Option<Line>,
    /// `mtu`; VPP's default (9000) when absent.
    pub mtu: Option<Mtu>,
    /// `promiscuous = true`: virtio NICs drop tagged frames without it.
    pub promiscuous: bool,
    /// Untagged addresses; no two subnets of a table overlap.
    pub addresses: Vec<IfAddr>,
    /// `ospf = { … }`.
    pub ospf: Option<InterfaceOspf>,
    /// `ospf6 = { … }`.
    pub ospf6: Option<InterfaceOspf>,
    /// `ra = { … }`; never sent unless asked for. Has an IPv6 address to advertise.
    pub ra: Option<RouterAdvertisement>,
    /// `vlan.N`, in the order of the tags.
    pub vlans: Vec<Vlan>,
}

/// `[interfaces.NAME.vlan.N]`.
#[derive(Debug)]
pub struct Vlan {
    /// Where it was written.
    pub at: At,
    /// The derived name, the same in VPP, Linux and frr.conf.
    pub name: SubIfName,
    /// `description`.
    pub description: Option<Line>,
    /// `mtu`, not above the parent's; the parent's when absent.
    pub mtu: Option<Mtu>,
    /// Addresses; no two subnets of a table overlap.
    pub addresses: Vec<IfAddr>,
    /// `ospf = { … }`.
    pub ospf: Option<InterfaceOspf>,
    /// `ospf6 = { … }`.
    pub ospf6: Option<InterfaceOspf>,
    /// `ra = { … }`; never sent unless asked for. Has an IPv6 address to advertise.
    pub ra: Option<RouterAdvertisement>,
}

/// `[loopbacks.NAME]`.
#[derive(Debug)]
pub struct Loopback {
    /// Where it was written.
    pub at: At,
    /// `description`.
    pub description: Option<Line>,
    /// Addresses; at least one.
    pub addresses: Vec<IfAddr>,
    /// `ospf = { … }`.
    pub ospf: Option<InterfaceOspf>,
    /// `ospf6 = { … }`.
    pub ospf6: Option<InterfaceOspf>,
}

//! The ports of the machine as an operator looks for one: where it is, what claims it, and how a document names it.

use super::Wanted;
use super::find::{Device, Finding, find, named};
use crate::facts::nic::{HeldDevice, Nic, NicFacts, Taken};
use crate::facts::port::{PortNow, Ports};
use crate::types::{DriverName, IfName, KernelName, MacAddr, PciAddress};
use serde::Serialize;
use std::fmt;

/// Where a port is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Where {
    /// In the host namespace.
    Host,
    /// In the dataplane's namespace, where VPP has a host-interface on it.
    Dataplane,
    /// Without the kernel: its driver hands it to VPP.
    Vpp,
    /// Nothing drives it.
    Undriven,
}

/// What has a port, or will have it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "by", content = "name")]
pub enum Claim {
    /// `[management]`.
    Management,
    /// `[interfaces.NAME]`.
    Interface(IfName),
    /// It is a port of a bridge, or of another device.
    Bridge(KernelName),
    /// Nothing.
    Nobody,
}

/// A network device of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Port {
    /// Its name in its namespace; none without the kernel.
    pub name: Option<KernelName>,
    /// Where it is.
    pub place: Where,
    /// Its PCI function.
    pub pci: Option<PciAddress>,
    /// The address it has; of one without the kernel, what it had before.
    pub mac: Option<MacAddr>,
    /// The address it was made with.
    pub permanent_mac: Option<MacAddr>,
    /// Its driver.
    pub driver: Option<DriverName>,
    /// Whether it is administratively up; not known without the kernel.
    pub up: Option<bool>,
    /// Whether it has carrier; not known without the kernel.
    pub carrier: Option<bool>,
    /// Megabits per second.
    pub speed: Option<u64>,
    /// What has it.
    pub claim: Claim,
    /// The bond it is a member of.
    pub bond: Option<IfName>,
    /// How a document names it: `match = { … }`.
    #[serde(rename = "match")]
    pub matches: String,
    /// Whether there is hardware behind it.
    pub hardware: bool,
}

/// Every port: what is claimed first. Without a configuration (`None`) nothing is claimed but by bridges.
///
/// Of devices without hardware behind them only those that are claimed by the configuration, unless the machine has no other
/// (a container).
pub fn ports(wanted: Option<&Wanted<'_>>, facts: &NicFacts, now: &Ports) -> Vec<Port> {
    let claims = Claims::of(wanted, facts);
    let host = facts.host.iter().map(|nic| {
        let now = now.host.iter().find(|port| port.index == nic.index);
        of_kernel(Device::Host(nic), nic, None, now, &claims)
    });
    let namespace = facts.namespace.iter().map(|nic| {
        let taken = super::find::taken_of(nic, facts);
        let now = now.namespace.iter().find(|port| port.index == nic.index);
        of_kernel(Device::Namespace(nic, taken), nic, taken, now, &claims)
    });
    let held = facts.held.iter().map(|held| without_kernel(held, facts, &claims));
    let mut ports: Vec<Port> = host.chain(namespace).chain(held).collect();
    let is_meant = |port: &Port| port.hardware || !matches!(port.claim, Claim::Bridge(_) | Claim::Nobody);
    if ports.iter().any(|port| port.hardware) {
        ports.retain(is_meant);
    }
    ports.sort_by(|a, b| (&a.claim, a.place, a.pci, &a.name).cmp(&(&b.claim, b.place, b.pci, &b.name)));
    ports
}

impl Wanted<'_> {
    /// The bond that has the interface's NIC.
    fn bond_of(&self, interface: &IfName) -> Option<IfName> {
        let nic = self.interfaces.iter().find(|nic| nic.name == interface);
        nic.and_then(|nic| nic.bond).cloned()
    }
}

/// What the configuration claims.
struct Claims<'a> {
    interfaces: Vec<(IfName, Option<IfName>, Device<'a>)>,
    management: Option<&'a Nic>,
}

impl<'a> Claims<'a> {
    fn of(wanted: Option<&Wanted<'_>>, facts: &'a NicFacts) -> Self {
        let Some(wanted) = wanted else {
            return Self {
                interfaces: Vec::new(),
                management: None,
            };
        };
        let found = find(wanted, facts).into_iter();
        let interfaces = found.filter_map(|(name, finding)| match finding {
            Finding::Found { device, .. } => Some((name.clone(), wanted.bond_of(&name), device)),
            Finding::Missing(_) | Finding::Refused(_) => None,
        });
        Self {
            interfaces: interfaces.collect(),
            management: wanted
                .management
                .and_then(|management| named(management, &facts.host)),
        }
    }

    /// The bond that a device is a member of.
    fn bond(&self, device: Device<'_>) -> Option<IfName> {
        let mut interfaces = self.interfaces.iter();
        interfaces.find(|(.., found)| *found == device)?.1.clone()
    }

    fn on(&self, device: Device<'_>, master: Option<&KernelName>) -> Claim {
        let interface = self.interfaces.iter().find(|(.., found)| *found == device);
        let manages = |nic: &Nic| self.management == Some(nic);
        match (interface, device, master) {
            (Some((name, ..)), ..) => Claim::Interface(name.clone()),
            (None, Device::Host(nic), _) if manages(nic) => Claim::Management,
            (None, _, Some(master)) => Claim::Bridge(master.clone()),
            (None, _, None) => Claim::Nobody,
        }
    }
}

fn of_kernel(
    device: Device<'_>,
    nic: &Nic,
    taken: Option<&Taken>,
    now: Option<&PortNow>,
    claims: &Claims<'_>,
) -> Port {
    let pci = nic.pci.or(taken.and_then(|taken| taken.pci));
    Port {
        name: Some(nic.name.clone()),
        place: match device {
            Device::Host(_) => Where::Host,
            Device::Namespace(..) | Device::Held(..) => Where::Dataplane,
        },
        pci,
        mac: now.and_then(|now| now.mac),
        permanent_mac: now.and_then(|now| now.permanent_mac),
        driver: nic.driver.clone(),
        up: Some(nic.up),
        carrier: now.map(|now| now.carrier),
        speed: now.and_then(|now| now.speed).map(u64::from),
        claim: claims.on(device, now.and_then(|now| now.master.as_ref())),
        bond: claims.bond(device),
        matches: line(pci, nic.mac, Some(&nic.name)),
        hardware: nic.hardware,
    }
}

fn without_kernel(held: &HeldDevice, facts: &NicFacts, claims: &Claims<'_>) -> Port {
    let taken = facts.taken.iter().find(|taken| taken.pci == Some(held.pci));
    let mac = taken.and_then(|taken| taken.mac);
    Port {
        name: None,
        place: match held.driver {
            Some(_) => Where::Vpp,
            None => Where::Undriven,
        },
        pci: Some(held.pci),
        mac,
        permanent_mac: None,
        driver: held.driver.clone(),
        up: None,
        carrier: None,
        speed: None,
        claim: claims.on(Device::Held(held, taken), None),
        bond: claims.bond(Device::Held(held, taken)),
        matches: line(Some(held.pci), mac, None),
        hardware: true,
    }
}

/// By function and address: one of both is enough to find it, where a card was moved or replaced. By name only where it has
/// neither.
fn line(pci: Option<PciAddress>, mac: Option<MacAddr>, name: Option<&KernelName>) -> String {
    let name = name.filter(|_| pci.is_none() && mac.is_none());
    let keys = [
        pci.map(|pci| format!("pci = \"{pci}\"")),
        mac.map(|mac| format!("mac = \"{mac}\"")),
        // A literal string: the name may hold a backslash.
        name.map(|name| format!("name = '{name}'")),
    ];
    let keys: Vec<String> = keys.into_iter().flatten().collect();
    format!("match = {{ {} }}", keys.join(", "))
}

impl Claim {
    /// The interface whose NIC it is.
    pub fn interface(&self) -> Option<&IfName> {
        match self {
            Self::Interface(name) => Some(name),
            Self::Management | Self::Bridge(_) | Self::Nobody => None,
        }
    }
}

impl fmt::Display for Where {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Host => "host",
            Self::Dataplane => "dataplane",
            Self::Vpp => "VPP",
            Self::Undriven => "no driver",
        })
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Management => f.write_str("[management]"),
            Self::Interface(name) => name.fmt(f),
            Self::Bridge(name) => write!(f, "port of {name}"),
            Self::Nobody => f.write_str("-"),
        }
    }
}

//! Moves NICs into the namespace and back, and creates the veth pair of each Incus bridge.

mod back;
mod configured;
mod find;
mod port;
mod veth;
pub mod vfio;
mod vrf;

pub use back::{forget, give_back};
pub use configured::Configured;
pub use find::{Device, Finding, find, named};
pub use port::{Claim, Port, Where, ports};
pub use veth::veths;
pub use vrf::vrfs;

use super::{Action, Link, Notice, Place, Plan};
use crate::config::{Attach, NicMatch, code};
use crate::facts::nic::{Nic, NicFacts, TAKEN, Taken};
use crate::render::{Bindings, Dataplane, NicBinding};
use crate::types::{IfName, KernelName, NetnsName};
use std::collections::{BTreeMap, BTreeSet};

/// The NICs the dataplane wants.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// The namespace they move to.
    pub namespace: &'a NetnsName,
    /// The interfaces, in name order.
    pub interfaces: Vec<WantedNic<'a>>,
    /// The management NIC, which stays in the host.
    pub management: Option<&'a NicMatch>,
    /// Names of devices VPP will create in the namespace: no NIC may have one of them there.
    pub reserved: BTreeSet<KernelName>,
}

/// The NIC one interface wants.
#[derive(Debug)]
pub struct WantedNic<'a> {
    /// The interface.
    pub name: &'a IfName,
    /// `file:line` of its table.
    pub place: String,
    /// How the NIC is recognised.
    pub matches: &'a NicMatch,
    /// How VPP drives it; decided by the device when absent.
    pub attach: Option<Attach>,
    /// The bond it is a member of.
    pub bond: Option<&'a IfName>,
}

/// What to do with the NICs, and what VPP's files will say about them.
#[derive(Debug, Default)]
pub struct NicPlan {
    /// The actions.
    pub plan: Plan,
    /// The NIC of each interface whose NIC is already in place.
    pub bindings: BTreeMap<IfName, NicBinding>,
    /// Interfaces whose NIC is still in the host.
    pub pending: Vec<IfName>,
    /// What the operator should know.
    pub notices: Vec<Notice>,
    /// Interfaces that have no NIC.
    pub absent: Vec<IfName>,
}

impl<'a> Wanted<'a> {
    /// What this configuration wants.
    pub fn of(configured: &'a Configured) -> Self {
        let dataplane = &configured.dataplane;
        let bonds = dataplane.bonds();
        let members = bonds.flat_map(|(bond, it)| it.members.iter().map(move |member| (&member.name, bond)));
        let bonds: BTreeMap<&IfName, &IfName> = members.collect();
        let interfaces = dataplane.nics().map(|(name, at, nic)| WantedNic {
            name,
            place: dataplane.place(at),
            matches: &nic.matches,
            attach: nic.attach,
            bond: bonds.get(name).copied(),
        });
        let mut interfaces: Vec<_> = interfaces.collect();
        interfaces.sort_by_key(|nic| nic.name);
        Self {
            namespace: &dataplane.namespace,
            interfaces,
            management: configured.management.as_ref(),
            reserved: reserved_names(dataplane),
        }
    }
}

/// The Linux names that linux-cp uses in the namespace: those of VPP's interfaces.
fn reserved_names(dataplane: &Dataplane) -> BTreeSet<KernelName> {
    let mut names: BTreeSet<KernelName> = dataplane
        .interfaces
        .keys()
        .chain(dataplane.loopbacks.keys())
        .chain(dataplane.bridges.keys())
        .chain(dataplane.tunnels.keys())
        .chain(dataplane.domains.keys())
        .map(KernelName::from)
        .collect();
    let bridges = dataplane.bridges.keys();
    names.extend(bridges.filter_map(|bridge| veth::dataplane_end(bridge).ok()));
    let links = dataplane.links().map(|link| KernelName::from(&link.name));
    names.extend(links.chain(dataplane.vrfs.keys().map(KernelName::from)));
    names
}

/// Every wanted NIC that is present moves to the namespace, every NIC that is no longer wanted moves back, and those already
/// in place are not touched.
///
/// The plan converges: once it has been carried out, the next one is empty unless something failed.
pub fn up(wanted: &Wanted<'_>, facts: &NicFacts) -> NicPlan {
    let mut result = NicPlan::default();
    let mut taken: Vec<Taken> = Vec::new();
    let mut used: Vec<Device<'_>> = Vec::new();
    let mut moves = Plan::default();
    let findings = find(wanted, facts);
    for nic in &wanted.interfaces {
        let finding = findings.get(nic.name);
        let Some(Finding::Found { device, notice }) = finding else {
            result.notices.extend(finding.and_then(Finding::notice).cloned());
            result.absent.push(nic.name.clone());
            continue;
        };
        result.notices.extend(notice.clone());
        let record = record(wanted, nic.name, device, facts, &taken);
        match attach(nic, &record).and_then(|attach| shared(wanted, nic, &record, attach, facts)) {
            Ok(attach) => {
                let about = format!("interface '{}'", nic.name);
                let mut steps = drop_names(wanted, device, facts, &taken);
                steps.extend(actions(wanted.namespace, device, &record, attach, facts.vpp_runs));
                moves.add(about, steps);
                if is_in_place(device, attach) {
                    result
                        .bindings
                        .insert(nic.name.clone(), binding(attach, &record, device));
                } else {
                    result.pending.push(nic.name.clone());
                }
                used.push(*device);
                taken.push(record);
            }
            Err(notice) => {
                result.notices.push(notice);
                result.absent.push(nic.name.clone());
            }
        }
    }
    taken.extend(back::leaving(facts, &used).cloned());
    write_record(&mut result.plan, &taken, &facts.taken);
    result
        .plan
        .append(back::give_back_unused(wanted.namespace, facts, &used));
    result.plan.append(moves);
    result
}

/// The interfaces whose NIC VPP does not have although it runs: one that was not there when VPP was started, or one that
/// went away since and is a new device of the kernel's. `before` is what VPP was started with, `moved` what had to move.
pub fn unattached<'a>(before: &Bindings, after: &'a Bindings, moved: &[IfName]) -> Vec<&'a IfName> {
    let other = |name: &IfName, now: &NicBinding| match before.nics.get(name) {
        None => true,
        Some(then) => then.index.is_some() && then.index != now.index || moved.contains(name),
    };
    let nics = after.nics.iter();
    nics.filter(|(name, now)| other(name, now))
        .map(|(name, _)| name)
        .collect()
}

/// While DPDK holds a device, the kernel has none: af-packet waits until it has been released.
fn is_in_place(device: &Device<'_>, attach: Attach) -> bool {
    match device {
        Device::Host(_) => false,
        Device::Namespace(..) => true,
        Device::Held(..) => attach == Attach::Dpdk,
    }
}

/// How VPP drives a NIC: as configured, else DPDK for a PCI function and af-packet for anything else.
fn attach(nic: &WantedNic<'_>, record: &Taken) -> Result<Attach, Notice> {
    match (nic.attach, record.pci) {
        (Some(Attach::Dpdk), None) => Err(Notice::new(
            code::E0506,
            format!(
                "interface '{}' ({}): '{}' is not a PCI device; write attach = \"af-packet\"",
                nic.name, nic.place, record.name
            ),
        )),
        (Some(attach), _) => Ok(attach),
        (None, Some(_)) => Ok(Attach::Dpdk),
        (None, None) => Ok(Attach::AfPacket),
    }
}

/// DPDK takes a PCI function with all of its ports, and VPP gives them all one name: a function with more than one is for
/// af-packet, which takes a port.
fn shared(
    wanted: &Wanted<'_>,
    nic: &WantedNic<'_>,
    record: &Taken,
    attach: Attach,
    facts: &NicFacts,
) -> Result<Attach, Notice> {
    let other = facts.host.iter().chain(&facts.namespace).find(|other| {
        let own = [&record.name, &record.device].contains(&&other.name) && other.mac == record.mac;
        other.hardware && other.pci == record.pci && !own
    });
    let (Attach::Dpdk, Some(pci), Some(other)) = (attach, record.pci, other) else {
        return Ok(attach);
    };
    let is_management = wanted.management.and_then(|matches| named(matches, &facts.host)) == Some(other);
    let whose = match is_management {
        true => " is the NIC of [management]",
        false => " is another",
    };
    let text = format!(
        "{nic}: '{}' is one of several ports of pci {pci}, of which '{}'{whose}; DPDK would take them all: write \
         attach = \"af-packet\"",
        record.name, other.name
    );
    Err(Notice::new(code::E0620, text))
}

/// Frees what its NIC would keep from others in the namespace: alternative names go where a device goes.
fn drop_names(wanted: &Wanted<'_>, device: &Device<'_>, facts: &NicFacts, taken: &[Taken]) -> Vec<Action> {
    let (nic, place) = match device {
        Device::Host(nic) => (nic, Place::Host),
        Device::Namespace(nic, _) => (nic, Place::Namespace(wanted.namespace.clone())),
        Device::Held(..) => return Vec::new(),
    };
    let in_the_way = |name: &&KernelName| {
        wanted.reserved.contains(*name)
            || taken.iter().any(|other| other.device == **name)
            || place == Place::Host && facts.namespace.iter().any(|other| other.is_called(name))
    };
    let names = nic.alternative.iter().filter(in_the_way);
    let link = Link {
        place: place.clone(),
        name: nic.name.clone(),
    };
    names
        .map(|name| Action::DropAlternativeName {
            link: link.clone(),
            name: name.clone(),
        })
        .collect()
}

fn binding(attach: Attach, record: &Taken, device: &Device<'_>) -> NicBinding {
    let index = match device {
        Device::Host(nic) | Device::Namespace(nic, _) => Some(nic.index),
        Device::Held(..) => None,
    };
    NicBinding {
        attach,
        pci: record.pci,
        // DPDK removes the kernel's device, so a second run could not name it and would differ from the first.
        device: (attach == Attach::AfPacket).then(|| record.device.clone()),
        index: index.filter(|_| attach == Attach::AfPacket),
        mac: record.mac,
    }
}

/// The NIC as it was in the host and as it will be in the namespace.
fn record(
    wanted: &Wanted<'_>,
    interface: &IfName,
    device: &Device<'_>,
    facts: &NicFacts,
    taken: &[Taken],
) -> Taken {
    if let Device::Namespace(_, Some(earlier)) | Device::Held(_, Some(earlier)) = device {
        return Taken {
            interface: interface.clone(),
            ..(*earlier).clone()
        };
    }
    let occupied = |name: &KernelName| {
        wanted.reserved.contains(name)
            || facts.namespace.iter().any(|nic| nic.is_called(name))
            || taken.iter().any(|other| other.device == *name)
    };
    match device {
        Device::Host(nic) => Taken {
            device: free_name(&nic.name, nic.index, occupied),
            ..as_found(interface, nic)
        },
        Device::Namespace(nic, _) => as_found(interface, nic),
        Device::Held(held, _) => Taken {
            interface: interface.clone(),
            pci: Some(held.pci),
            mac: None,
            driver: None,
            name: KernelName::from(interface),
            alternative: Vec::new(),
            device: KernelName::from(interface),
            up: false,
        },
    }
}

fn as_found(interface: &IfName, nic: &Nic) -> Taken {
    Taken {
        interface: interface.clone(),
        pci: nic.pci,
        mac: nic.mac,
        driver: nic.driver.clone(),
        name: nic.name.clone(),
        alternative: nic.alternative.clone(),
        device: nic.name.clone(),
        up: nic.up,
    }
}

/// The wanted name, or `nicNUMBER` if it is taken.
fn free_name(wanted: &KernelName, index: u32, occupied: impl Fn(&KernelName) -> bool) -> KernelName {
    if !occupied(wanted) {
        return wanted.clone();
    }
    (index..u32::MAX)
        .filter_map(|number| format!("nic{number}").parse().ok())
        .find(|name| !occupied(name))
        .unwrap_or_else(|| wanted.clone())
}

fn actions(
    namespace: &NetnsName,
    device: &Device<'_>,
    record: &Taken,
    attach: Attach,
    vpp_runs: bool,
) -> Vec<Action> {
    let place = Place::Namespace(namespace.clone());
    let link = Link {
        place: place.clone(),
        name: record.device.clone(),
    };
    let mut actions = Vec::new();
    let (mut up, mut promiscuous) = (false, false);
    match device {
        Device::Host(nic) => actions.push(Action::MoveNic {
            link: Link {
                place: Place::Host,
                name: nic.name.clone(),
            },
            index: nic.index,
            to: place.clone(),
            name: record.device.clone(),
        }),
        Device::Namespace(nic, _) => (up, promiscuous) = (nic.up, nic.promiscuous),
        Device::Held(held, _) if attach == Attach::AfPacket && !vpp_runs => {
            return vec![Action::ReleaseDevice { pci: held.pci }];
        }
        Device::Held(..) => return actions,
    }
    // A moved device is down, as DPDK requires; one that DPDK shares with its kernel driver may be up and in use.
    if attach == Attach::Dpdk {
        return actions;
    }
    if !up {
        actions.push(without_ipv6(&link));
        actions.push(Action::SetUp { link: link.clone() });
    }
    if !promiscuous {
        actions.push(Action::SetPromiscuous { link });
    }
    actions
}

/// Disables IPv6 on a device that belongs to VPP: with an address of its own, the kernel would answer in VPP's place.
fn without_ipv6(link: &Link) -> Action {
    Action::SetSysctl {
        place: link.place.clone(),
        key: format!("net/ipv6/conf/{}/disable_ipv6", link.name),
        value: "1".to_owned(),
    }
}

/// Records what can no longer be read once the NICs have moved. What is not on record cannot be given back, so nothing moves
/// without it.
fn write_record(plan: &mut Plan, taken: &[Taken], recorded: &[Taken]) {
    if taken == recorded {
        return;
    }
    let mut bytes = serde_json::to_vec_pretty(taken).unwrap_or_default();
    bytes.push(b'\n');
    plan.add_first(
        "record of NICs",
        vec![Action::WriteFile {
            path: TAKEN.into(),
            mode: 0o644,
            bytes,
        }],
    );
}

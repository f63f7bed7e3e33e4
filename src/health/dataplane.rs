//! Whether packets can be forwarded: the namespace, its NICs, and every VPP with its commands.

use super::{About, Baseline, DEADLINE, Running, Wanted};
use crate::boot::trial::outcome::{CheckOutcome, Scope};
use crate::config::{Attach, Check};
use crate::exit::{Failure, Kind};
use crate::facts::FactsError;
use crate::facts::bindings;
use crate::facts::netns::{self, Pin};
use crate::facts::nic::{self, Nic, Taken};
use crate::facts::vitals::{BondState, HardwareLink, Vitals};
use crate::facts::vpp::Applied;
use crate::host::file;
use crate::host::namespace;
use crate::host::netlink::{Connection, Link};
use crate::host::paths::{self, PCI_BUS};
use crate::host::pid::Process;
use crate::host::vpp::{Client, ClientError};
use crate::plan::vpp::parse;
use crate::render::{Bindings, NicBinding};
use crate::types::{IfName, InstanceName, KernelName, NetnsName, PciAddress, Root};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::Duration;

/// The VPP that has the NICs.
const CORE: &str = "core";

/// What is seen of the NICs.
#[derive(Debug, Default)]
pub struct Nics {
    /// What `imp-nic` bound; `None` before it did.
    pub bindings: Option<Bindings>,
    /// The devices of the namespace.
    pub devices: Vec<Link>,
    /// Which of the bound PCI functions are there.
    pub functions: BTreeSet<PciAddress>,
    /// The interfaces whose NIC is in the host namespace again, where it comes when the kernel makes it anew.
    pub back: BTreeMap<IfName, KernelName>,
    /// What VPP says of its bonds and of the links of its hardware; nothing where it does not answer, which is another check's.
    pub in_vpp: (Vec<BondState>, Vec<HardwareLink>),
}

/// What is seen of one VPP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vpp {
    /// The digest of the commands it should have.
    pub wanted: Result<String, String>,
    /// What was applied to which process.
    pub applied: Option<Applied>,
    /// The process that answers.
    pub answers: Result<Process, String>,
}

/// `namespace`: it is pinned, and the units' link leads to it.
pub fn namespace<'a>(root: &Root, wanted: &'a Wanted) -> Running<'a> {
    let about = About::new("namespace", Scope::Forwarding, true, false);
    let name = &wanted.namespace;
    let (root, owned) = (root.clone(), name.clone());
    let look = move || (namespace::pin(&root, &owned), netns::in_use(&root));
    Running::start(about, DEADLINE, look, move |about, (pin, in_use)| {
        vec![judge_namespace(about, name, pin, in_use.as_ref())]
    })
}

/// A plain file in its place is what one sees of a namespace that was pinned in somebody else's mount namespace.
pub fn judge_namespace(
    about: &About,
    name: &NetnsName,
    pin: io::Result<Pin>,
    in_use: Option<&NetnsName>,
) -> CheckOutcome {
    let expected = format!("{name} pinned");
    match pin {
        Ok(Pin::Pinned) if in_use == Some(name) => about.passed(expected, "pinned"),
        Ok(Pin::Pinned) => about.failed(expected, "pinned, and /run/imp/netns leads elsewhere"),
        Ok(Pin::Placeholder) => about.failed(expected, "a plain file instead"),
        Ok(Pin::Absent) => about.failed(expected, "not there"),
        Err(error) => about.failed(expected, error.to_string()),
    }
}

/// `nic NAME` and `vpp NAME`, as far as they are asked for.
pub fn checks<'a>(root: &Root, wanted: &'a Wanted, baseline: Option<&'a Baseline>) -> Vec<Running<'a>> {
    let mut running = Vec::new();
    if let Some(required) = wanted.wish(Check::Nics) {
        let about = About::new("nic", Scope::Forwarding, required, true);
        let (root, namespace) = (root.clone(), wanted.namespace.clone());
        let names: Vec<&IfName> = wanted.nics.iter().collect();
        let carrier = baseline.map(|baseline| &baseline.carrier);
        let judge = move |about: &About, seen| judge_nics(about, &names, &wanted.bonds, seen, carrier);
        let has_bonds = !wanted.bonds.is_empty();
        let look = move || {
            let mut seen = look_nics(&root, &namespace)?;
            if has_bonds {
                seen.in_vpp = look_links(&root).unwrap_or_default();
            }
            Ok(seen)
        };
        running.push(Running::start(about, DEADLINE, look, judge));
    }
    if let Some(required) = wanted.wish(Check::Vpp) {
        let about = About::new("vpp", Scope::Forwarding, required, true);
        // Each its own: one that hangs says nothing about the others.
        running.extend(wanted.instances.iter().map(|name| {
            let (root, name, about) = (root.clone(), name.clone(), about.part(name));
            Running::start(
                about,
                DEADLINE,
                move || look_vpp(&root, &name),
                |about, seen| vec![judge_vpp(about, &seen)],
            )
        }));
    }
    running
}

/// What there is of the NICs; an error says what could not be read.
pub fn look_nics(root: &Root, namespace: &NetnsName) -> Result<Nics, String> {
    let about = |subject: &str, error: &dyn std::error::Error| {
        format!("{subject}: {}", Failure::from_error(Kind::Failed, error))
    };
    let bindings = bindings::read(&root.join(crate::host::paths::BINDINGS))
        .map_err(|error| about(crate::host::paths::BINDINGS, &error))?;
    let unreadable = |error: io::Error| about(&format!("namespace '{namespace}'"), &error);
    let file = namespace::open(root, namespace).map_err(unreadable)?;
    let mut connection = Connection::open_in(&file).map_err(unreadable)?;
    let devices = connection
        .links()
        .map_err(|error| about("network devices", &error))?;
    let bound = bindings.iter().flat_map(|it| it.nics.values());
    let functions = bound
        .filter_map(|nic| nic.pci)
        .filter(|pci| root.join(format!("{PCI_BUS}/devices/{pci}")).exists())
        .collect();
    Ok(Nics {
        bindings,
        devices,
        functions,
        back: back(root, namespace).map_err(|error| about("NICs", &error))?,
        in_vpp: Default::default(),
    })
}

/// What core says of its bonds and links.
fn look_links(root: &Root) -> Result<(Vec<BondState>, Vec<HardwareLink>), ClientError> {
    let mut client = Client::connect(&root.join(paths::vpp_api(CORE)), Duration::ZERO, None)?;
    Vitals::links(&mut client)
}

/// What was taken into the namespace and is in the host: known by its address and driver, whatever its name is now.
fn back(root: &Root, namespace: &NetnsName) -> Result<BTreeMap<IfName, KernelName>, FactsError> {
    let facts = nic::read(root, namespace)?;
    let in_host = |taken: &Taken| {
        let again = |nic: &&Nic| nic.mac.is_some() && nic.mac == taken.mac && nic.driver == taken.driver;
        let nic = facts.host.iter().find(again)?;
        Some((taken.interface.clone(), nic.name.clone()))
    };
    Ok(facts.taken.iter().filter_map(in_host).collect())
}

/// One result per NIC, and one per bond, which needs one of its members: a member that is missing only warns. A cable that was plugged in before and is not now is one more, and only warns.
pub fn judge_nics(
    about: &About,
    names: &[&IfName],
    bonds: &BTreeMap<IfName, Vec<IfName>>,
    seen: Result<Nics, String>,
    carrier: Option<&BTreeMap<String, bool>>,
) -> Vec<CheckOutcome> {
    const EXPECTED: &str = "bound and in place";
    if names.is_empty() {
        return vec![about.not_needed(EXPECTED, "no NIC is configured")];
    }
    let seen = match seen {
        Ok(seen) => seen,
        Err(words) => return vec![about.failed(EXPECTED, words)],
    };
    let Some(bindings) = &seen.bindings else {
        return vec![about.failed(EXPECTED, "netns-move-interfaces.service has not bound any yet")];
    };
    let mut outcomes = Vec::new();
    let mut good_ones: BTreeSet<&IfName> = BTreeSet::new();
    let members: BTreeSet<&IfName> = bonds.values().flatten().collect();
    for name in names {
        let about = match members.contains(name) {
            true => about.part(name).warning(),
            false => about.part(name),
        };
        let (good, observed) = match bindings.nics.get(*name) {
            Some(_) if seen.back.contains_key(*name) => {
                let device = &seen.back[*name];
                (
                    false,
                    format!("{device} went away and came back in the host; VPP has lost it"),
                )
            }
            Some(nic) => place(nic, &seen),
            None => (false, "no NIC matches; VPP runs without it".to_owned()),
        };
        good_ones.extend(good.then_some(*name));
        outcomes.push(about.passed_if(good, EXPECTED, observed));
        let device = bindings.nics.get(*name).and_then(|nic| device(nic, &seen));
        let before = carrier.and_then(|all| all.get(name.as_ref()));
        if device.is_some_and(|link| !link.carrier) && before == Some(&true) {
            let about = About::new(format!("carrier {name}"), Scope::Outside, false, false);
            outcomes.push(about.failed("carrier, as before the reboot", "no carrier"));
        }
    }
    outcomes.extend(bonds.iter().map(|(name, members)| {
        let about = About {
            name: format!("bond {name}"),
            ..about.clone()
        };
        let there = members.iter().filter(|member| good_ones.contains(member)).count();
        match seen.in_vpp.0.iter().find(|bond| bond.name == name.as_ref()) {
            Some(bond) if there > 0 => judge_bond(&about, bond, &seen.in_vpp.1),
            _ => {
                let observed = format!("{there} of {}", members.len());
                about.passed_if(there > 0, "a member in place", observed)
            }
        }
    }));
    outcomes
}

/// A bond carries frames by one member as well. Where no member has carrier a cable or the other end is the reason, for which no
/// boot is rejected.
fn judge_bond(about: &About, bond: &BondState, links: &[HardwareLink]) -> CheckOutcome {
    let has_carrier = |name: &str| links.iter().any(|link| link.name == name && link.carrier);
    let carriers = bond
        .members
        .iter()
        .filter(|member| has_carrier(&member.name))
        .count();
    let observed = format!(
        "{} of {}, {carriers} with carrier",
        bond.active(),
        bond.members.len()
    );
    let about = match carriers {
        0 => about.warning(),
        _ => about.clone(),
    };
    about.passed_if(bond.active() > 0, "an active member", observed)
}

/// The kernel's device of an af-packet NIC.
fn device<'s>(nic: &NicBinding, seen: &'s Nics) -> Option<&'s Link> {
    let name = nic.device.as_ref().filter(|_| nic.attach == Attach::AfPacket)?;
    seen.devices.iter().find(|link| link.name == *name)
}

fn place(nic: &NicBinding, seen: &Nics) -> (bool, String) {
    match (nic.attach, &nic.device, nic.pci) {
        (Attach::AfPacket, Some(name), _) => match device(nic, seen) {
            Some(link) if nic.index.is_some_and(|index| index != link.index) => (
                false,
                format!("{name} went away and came back; VPP still has the one that is gone"),
            ),
            Some(link) if link.up => {
                let carrier = if link.carrier { "carrier" } else { "no carrier" };
                (true, format!("{name} is up in the namespace, {carrier}"))
            }
            Some(_) => (false, format!("{name} is in the namespace but down")),
            None => (false, format!("{name} is not in the namespace")),
        },
        (Attach::Dpdk, _, Some(pci)) if seen.functions.contains(&pci) => (true, format!("pci {pci}")),
        (Attach::Dpdk, _, Some(pci)) => (false, format!("pci {pci} is gone")),
        (Attach::AfPacket, None, _) | (Attach::Dpdk, _, None) => (false, "bound to no device".to_owned()),
    }
}

/// What there is of this instance.
pub fn look_vpp(root: &Root, name: &InstanceName) -> Vpp {
    let path = format!("run/imp/vpp/commands-{name}.txt");
    let text = match file::read_text(&root.join(&path)) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(format!("/{path} is missing")),
        Err(error) => Err(format!("/{path}: {error}")),
    };
    let socket = root.join(format!("run/vpp/{name}-api.sock"));
    // Now or not at all: the caller asks again.
    let answers = Client::connect(&socket, Duration::ZERO, None).map(|client| client.peer());
    Vpp {
        wanted: text.and_then(|text| match parse(&text) {
            Ok(script) => Ok(script.digest),
            Err(error) => Err(format!("/{path}: {error}")),
        }),
        applied: Applied::load(&root.join(format!("run/imp/vpp/{name}.applied"))),
        answers: answers.map_err(|error| match error {
            ClientError::Absent { source, .. } => format!("does not answer: {source}"),
            other => format!("does not answer: {}", Failure::from_error(Kind::Failed, &other)),
        }),
    }
}

/// The marker of the wanted commands, on the process that answers: what `imp-vpp` leaves when VPP does what it was told.
pub fn judge_vpp(about: &About, seen: &Vpp) -> CheckOutcome {
    let wanted = match &seen.wanted {
        Ok(wanted) => wanted,
        Err(words) => return about.failed("its commands applied", words),
    };
    let expected = format!("answers, with configuration {wanted}");
    let process = match &seen.answers {
        Ok(process) => process,
        Err(words) => return about.failed(expected, words),
    };
    match &seen.applied {
        Some(record) if record.process != *process => {
            let (old, new) = (record.process.pid, process.pid);
            about.failed(
                expected,
                format!("process {old} was configured, but process {new} answers"),
            )
        }
        Some(record) if record.generation != *wanted => about.failed(
            expected,
            format!("answers, with configuration {}", record.generation),
        ),
        Some(_) => about.passed(
            expected,
            format!("process {} answers, with this configuration", process.pid),
        ),
        None => about.failed(expected, "answers, without configuration"),
    }
}

//! Moves NICs back to the host.

use super::find::{Device, taken_of, was_taken};
use super::{free_name, write_record};
use crate::facts::nic::{Nic, NicFacts, Taken};
use crate::plan::{Action, Link, Place, Plan};
use crate::types::{KernelName, NetnsName};
use std::collections::BTreeSet;

/// Every NIC that was taken, and every device with hardware behind it, is back in the host namespace, and up if it was.
///
/// When a namespace ends, the kernel moves physical NICs to the *initial* one, which in a container is not the host's. A
/// device that DPDK holds is given back unless a VPP is still running.
pub fn give_back(namespace: &NetnsName, facts: &NicFacts) -> Plan {
    let all = |nic: &Nic, record: Option<&Taken>| record.is_some() || nic.hardware;
    back(namespace, facts, all, |_| true)
}

/// The same, but only for what an earlier configuration took and the current one does not use.
pub(super) fn give_back_unused(namespace: &NetnsName, facts: &NicFacts, used: &[Device<'_>]) -> Plan {
    let unused = |nic: &Nic, record: Option<&Taken>| {
        record.is_some_and(|record| !is_used(record, used)) && !used.iter().any(|device| device.is(nic))
    };
    back(namespace, facts, unused, |record| !is_used(record, used))
}

/// The records of taken devices that have not been given back yet and are no longer used.
pub(super) fn leaving<'a>(facts: &'a NicFacts, used: &[Device<'_>]) -> impl Iterator<Item = &'a Taken> {
    facts
        .taken
        .iter()
        .filter(|taken| is_taken(taken, facts) && !is_used(taken, used))
}

/// Reduces the record to what is still taken: after [`give_back`], usually nothing.
pub fn forget(facts: &NicFacts) -> Plan {
    let still: Vec<Taken> = facts
        .taken
        .iter()
        .filter(|taken| is_taken(taken, facts))
        .cloned()
        .collect();
    let mut plan = Plan::default();
    write_record(&mut plan, &still, &facts.taken);
    plan
}

/// Whether it is not back yet, or is back but not yet in its earlier state.
fn is_taken(taken: &Taken, facts: &NicFacts) -> bool {
    let inside = facts
        .namespace
        .iter()
        .any(|nic| taken_of(nic, facts) == Some(taken));
    let held = facts.held.iter().any(|held| Some(held.pci) == taken.pci);
    let down = |nic: &Nic| taken.up && !nic.up && was_taken(nic, facts) == Some(taken);
    inside || held || facts.host.iter().any(down)
}

fn is_used(record: &Taken, used: &[Device<'_>]) -> bool {
    used.iter().any(|device| match device {
        Device::Namespace(_, of) | Device::Held(_, of) => *of == Some(record),
        Device::Host(nic) => nic.name == record.name && nic.mac == record.mac,
    })
}

fn back(
    namespace: &NetnsName,
    facts: &NicFacts,
    goes: impl Fn(&Nic, Option<&Taken>) -> bool,
    ends: impl Fn(&Taken) -> bool,
) -> Plan {
    let mut plan = Plan::default();
    let mut names: BTreeSet<KernelName> = BTreeSet::new();
    for nic in &facts.host {
        names.extend(std::iter::once(&nic.name).chain(&nic.alternative).cloned());
    }
    for nic in &facts.namespace {
        let record = taken_of(nic, facts);
        if goes(nic, record) {
            let about = about(nic, record);
            plan.add(about, move_back(namespace, nic, record, &mut names));
        }
    }
    // Moved back by a run that was killed before it could set the device up.
    for nic in facts.host.iter().filter(|nic| !nic.up) {
        if let Some(record) = was_taken(nic, facts).filter(|record| record.up && ends(record)) {
            let link = host(&nic.name);
            plan.add(about(nic, Some(record)), vec![Action::SetUp { link }]);
        }
    }
    for held in facts.held.iter().filter(|_| !facts.vpp_runs) {
        let mut records = facts.taken.iter().filter(|record| record.pci == Some(held.pci));
        if records.any(&ends) {
            let action = Action::ReleaseDevice { pci: held.pci };
            plan.add(format!("pci {}", held.pci), vec![action]);
        }
    }
    plan
}

fn move_back(
    namespace: &NetnsName,
    nic: &Nic,
    record: Option<&Taken>,
    names: &mut BTreeSet<KernelName>,
) -> Vec<Action> {
    let wanted = record.map_or(&nic.name, |record| &record.name);
    let name = free_name(wanted, nic.index, |name| names.contains(name));
    names.insert(name.clone());
    let link = Link {
        place: Place::Namespace(namespace.clone()),
        name: nic.name.clone(),
    };
    let in_the_way = nic.alternative.iter().filter(|name| names.contains(*name));
    let mut actions: Vec<Action> = in_the_way
        .map(|name| Action::DropAlternativeName {
            link: link.clone(),
            name: name.clone(),
        })
        .collect();
    let had = record.map_or(&[][..], |record| &record.alternative).iter();
    let again = had
        .filter(|name| !nic.is_called(name) && !names.contains(*name))
        .map(|alternative| Action::AddAlternativeName {
            link: host(&name),
            name: alternative.clone(),
        });
    let again: Vec<Action> = again.collect();
    let up = record
        .is_some_and(|record| record.up)
        .then(|| Action::SetUp { link: host(&name) });
    let moved = Action::MoveNic {
        link,
        index: nic.index,
        to: Place::Host,
        name,
    };
    actions.push(moved);
    actions.extend(again);
    actions.extend(up);
    actions
}

fn about(nic: &Nic, record: Option<&Taken>) -> String {
    match record {
        Some(record) => format!("interface '{}'", record.interface),
        None => format!("NIC {nic}"),
    }
}

fn host(name: &KernelName) -> Link {
    Link {
        place: Place::Host,
        name: name.clone(),
    }
}

//! What Linux loses by a change of VPP.

use super::Step;
use super::difference::Difference;
use super::statement::{Statement, Subject};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::IpAddr;

/// What Linux, and with it FRR, loses by a change, if only for a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lost {
    /// The interfaces that go, or go down, and what becomes of each.
    pub interfaces: BTreeMap<String, &'static str>,
    /// The addresses that go, by their interfaces. One that comes back at once, if with another length, is none
    /// of them.
    pub addresses: BTreeMap<String, BTreeSet<IpNet>>,
}

impl Difference {
    /// What Linux loses by these steps.
    pub fn lost(&self) -> Lost {
        let made = self.steps.iter().flat_map(|step| &step.made);
        let made: HashSet<Subject> = made.map(Statement::subject).collect();
        let away = Away::of(&self.steps);
        let mut lost = Lost::default();
        for statement in self.steps.iter().flat_map(|step| &step.gone) {
            let subject = statement.subject();
            let again = made.contains(&subject);
            match subject {
                // It is more than that its Linux side goes, or that it goes down.
                Subject::Interface(name) => {
                    let how = if again { "is made again" } else { "is removed" };
                    lost.interfaces.insert(name, how);
                }
                Subject::Pair(name) => {
                    let how = if again {
                        "gets another Linux side"
                    } else {
                        "loses its Linux side"
                    };
                    lost.interfaces.entry(name).or_insert(how);
                }
                Subject::Up(name) => {
                    let how = if again { "goes down and up" } else { "goes down" };
                    lost.interfaces.entry(name).or_insert(how);
                }
                Subject::Address(name, address) if away.waits(&name, address) != Some(0) => {
                    lost.addresses.entry(name).or_default().insert(address);
                }
                _ => {}
            }
        }
        lost
    }
}

/// The addresses that are taken back and come back, if with another length.
#[derive(Debug, Default)]
pub(super) struct Away<'s> {
    /// How often the kernel is waited for before one was taken back, and then before it is there again.
    waits: HashMap<(&'s str, IpAddr), (u32, Option<u32>)>,
}

impl<'s> Away<'s> {
    pub(super) fn of(steps: &'s [Step]) -> Self {
        let (mut away, mut waits) = (Self::default(), 0);
        for step in steps {
            waits += u32::from(step.waits_for_the_kernel());
            for (name, address) in step.gone.iter().filter_map(Statement::address) {
                away.waits.insert((name, address.addr()), (waits, None));
            }
            for (name, address) in step.made.iter().filter_map(Statement::address) {
                if let Some((_, until)) = away.waits.get_mut(&(name, address.addr())) {
                    until.get_or_insert(waits);
                }
            }
        }
        away
    }

    /// How often the kernel is waited for while it is away. `None`: it does not come back.
    pub(super) fn waits(&self, interface: &str, address: IpNet) -> Option<u32> {
        let (from, until) = self.waits.get(&(interface, address.addr()))?;
        until.map(|until| until - from)
    }
}

//! What a VPP has after a script, or after a part of a change.

use super::statement::{self, Make, Statement, Subject};
use super::{Script, Step};
use std::collections::HashMap;

/// One thing a VPP has, and where the configuration says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) statement: Statement,
    pub(super) origin: Option<String>,
}

/// Everything a VPP was told, in an order in which each thing comes after what it needs.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    entries: Vec<Option<Entry>>,
    places: HashMap<Subject, usize>,
    /// The tags of its ACLs in the order of their numbers; `None` where a tag is not the only one of its kind.
    acls: Vec<Option<String>>,
}

impl State {
    /// What a fresh VPP has after the script.
    pub(super) fn of(script: &Script) -> Self {
        let mut state = Self::default();
        for command in &script.commands {
            state.read(&command.text, command.origin.as_ref());
        }
        state
    }

    /// What a VPP with this state has after the steps.
    pub(super) fn after(mut self, steps: &[Step]) -> Self {
        for step in steps {
            for gone in &step.gone {
                self.remove(&gone.subject());
            }
            for made in &step.made {
                self.push(Entry {
                    statement: made.clone(),
                    origin: step.origin.clone(),
                });
            }
        }
        self
    }

    fn read(&mut self, text: &str, origin: Option<&String>) {
        if let Some(addresses) = statement::pool(text) {
            for address in addresses {
                self.add(Statement::Nat(address), origin);
            }
            return;
        }
        if let ["set", "interface", "name", old, new] = text.split_whitespace().collect::<Vec<_>>()[..]
            && self.rename(old, new)
        {
            return;
        }
        let mut statement = Statement::read(text, &self.acls);
        if statement::makes_an_acl(text) {
            let tag = match &statement {
                Statement::Acl(acl) if !self.has(&statement.subject()) => Some(acl.tag.clone()),
                _ => None,
            };
            if tag.is_none() {
                statement = Statement::Line(text.to_owned());
            }
            self.acls.push(tag);
        }
        self.add(statement, origin);
    }

    fn add(&mut self, statement: Statement, origin: Option<&String>) {
        self.push(Entry {
            statement,
            origin: origin.cloned(),
        });
    }

    /// Whether the interface was one that had just been made: then it has the new name.
    fn rename(&mut self, old: &str, new: &str) -> bool {
        let last = self.entries.last_mut().and_then(Option::as_mut);
        match last.map(|entry| &mut entry.statement) {
            Some(Statement::Interface(interface)) if interface.name == old => {
                new.clone_into(&mut interface.name);
                let place = self.places.remove(&Subject::Interface(old.to_owned()));
                self.places
                    .extend(place.map(|place| (Subject::Interface(new.to_owned()), place)));
                true
            }
            _ => false,
        }
    }

    /// Of two statements about one subject the later holds, in the place of the earlier.
    fn push(&mut self, entry: Entry) {
        if let Statement::Line(_) = entry.statement {
            self.entries.push(Some(entry));
            return;
        }
        let subject = entry.statement.subject();
        match self.places.get(&subject) {
            Some(&place) => {
                let earlier = self.entries[place].take();
                let statement = match (earlier.map(|it| it.statement), &entry.statement) {
                    (Some(Statement::Advertisements(earlier)), Statement::Advertisements(later)) => {
                        Statement::Advertisements(earlier.and(later))
                    }
                    _ => entry.statement,
                };
                self.entries[place] = Some(Entry { statement, ..entry });
            }
            None => {
                self.places.insert(subject, self.entries.len());
                self.entries.push(Some(entry));
            }
        }
    }

    fn remove(&mut self, subject: &Subject) {
        if let Some(place) = self.places.remove(subject) {
            self.entries[place] = None;
        }
    }

    pub(super) fn has(&self, subject: &Subject) -> bool {
        self.places.contains_key(subject)
    }

    pub(super) fn get(&self, subject: &Subject) -> Option<&Statement> {
        let place = *self.places.get(subject)?;
        self.entries[place].as_ref().map(|entry| &entry.statement)
    }

    /// Everything, each after what it needs.
    pub(super) fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter().flatten()
    }

    /// Everything, without the places.
    pub(super) fn statements(&self) -> impl DoubleEndedIterator<Item = &Statement> {
        self.entries().map(|entry| &entry.statement)
    }

    /// The operator's lines, in order.
    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        self.statements().filter_map(|statement| match statement {
            Statement::Line(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// Whether VPP was told to make the interface; a NIC of DPDK's is there without.
    pub(super) fn makes(&self, interface: &str) -> bool {
        self.has(&Subject::Interface(interface.to_owned()))
    }

    /// What the interface is made of.
    pub(super) fn make_of(&self, interface: &str) -> Option<&Make> {
        match self.get(&Subject::Interface(interface.to_owned()))? {
            Statement::Interface(interface) => Some(&interface.make),
            _ => None,
        }
    }

    /// The MTU an interface has: its own, or as a VLAN its parent's. `None`: what it has from its start.
    pub(super) fn mtu(&self, interface: &str) -> Option<u32> {
        let own = |name: &str| {
            self.get(&Subject::Mtu(name.to_owned()))
                .and_then(Statement::mtu)
                .map(|(_, mtu)| mtu)
        };
        own(interface).or_else(|| own(statement::parent(interface)?))
    }
}

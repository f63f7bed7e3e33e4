//! What a VPP has after a script, or after a part of a change.

use super::statement::{self, Known, Make, Statement, Subject, Way};
use super::step::Line;
use super::{Command, Step};
use std::collections::HashMap;

/// One thing a VPP has, and where the configuration says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) statement: Statement,
    /// The last line about it.
    pub(super) command: Command,
    /// How many lines came before that one.
    pub(super) number: usize,
    /// The number of the ACL it makes.
    pub(super) acl: Option<u32>,
}

/// Everything a VPP was told, in an order in which each thing comes after what it needs.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    entries: Vec<Option<Entry>>,
    places: HashMap<Subject, usize>,
    pub(super) known: Known,
    lines_read: usize,
    /// What each line takes back that takes back one thing; made when the first line comes that is not known otherwise.
    undoing: Option<HashMap<String, Subject>>,
}

impl State {
    /// What a fresh VPP has after the commands.
    pub(super) fn of(commands: &[Command]) -> Self {
        let mut state = Self::default();
        for command in commands {
            state.lines_read += 1;
            state.read(command);
        }
        state
    }

    /// What a VPP with this state has after the steps.
    pub(super) fn after(mut self, steps: &[Step]) -> Self {
        for step in steps {
            for gone in &step.gone {
                self.remove(&gone.subject());
            }
            let command = Command {
                origin: step.origin.clone(),
                text: step.to_string(),
            };
            for made in &step.made {
                self.add(made.clone(), &command, None);
            }
        }
        self
    }

    fn read(&mut self, command: &Command) {
        let text = command.text.as_str();
        if let Some(several) = statement::pool(text).or_else(|| statement::paths(text)) {
            for statement in several {
                self.add(statement, command, None);
            }
            return;
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        if let ["set", "interface", "name", old, new] = words[..]
            && self.rename(old, new)
        {
            return;
        }
        let mut statement = Statement::read(text, &self.known);
        let mut acl = None;
        if statement::makes_an_acl(text) {
            let tag = match &statement {
                Statement::Acl(acl) if !self.has(&statement.subject()) => Some(acl.tag.clone()),
                _ => None,
            };
            if tag.is_none() {
                statement = Statement::Line(text.to_owned());
            }
            acl = Some(self.known.acl(tag));
        }
        if statement.accumulates() && self.has(&statement.subject()) {
            statement = Statement::Line(text.to_owned());
        }
        if let Statement::Line(_) = statement
            && acl.is_none()
            && (self.is_replaced(&words, command) || self.is_taken_back(&words))
        {
            return;
        }
        self.add(statement, command, acl);
    }

    fn add(&mut self, statement: Statement, command: &Command, acl: Option<u32>) {
        if let Statement::Interface(interface) = &statement {
            self.known.interface(interface);
        }
        self.push(Entry {
            statement,
            command: command.clone(),
            number: self.lines_read,
            acl,
        });
    }

    /// Whether the line gives the ACL of a number other rules, and perhaps another tag; then it has them.
    fn is_replaced(&mut self, words: &[&str], command: &Command) -> bool {
        let ["set", "acl-plugin", "acl", "index", number, rest @ ..] = words else {
            return false;
        };
        let number = number.parse().ok().filter(|it| self.known.tag(*it).is_some());
        let Some(before) = number.and_then(|it| self.known.forget_acl(it)).flatten() else {
            return false;
        };
        self.remove(&Subject::Acl(before));
        let text = format!("set acl-plugin acl {}", rest.join(" "));
        let after = Statement::read(&text, &self.known);
        let tag = match &after {
            Statement::Acl(acl) if !self.has(&after.subject()) => Some(acl.tag.clone()),
            _ => None,
        };
        let statement = match tag {
            Some(_) => after,
            None => Statement::Line(text),
        };
        // It takes the number that has just become free, unless a lower one is.
        let acl = self.known.acl(tag);
        self.add(statement, command, Some(acl));
        true
    }

    /// Whether the line takes back what earlier ones made; then that is gone.
    fn is_taken_back(&mut self, words: &[&str]) -> bool {
        let gone = match *words {
            ["set", "interface", "state", name, "down"] => self.all(|it| match it.subject() {
                // With a parent go its VLANs.
                Subject::Up(of) => is_on(&of, name),
                _ => false,
            }),
            ["set", "interface", "ip", "address", "del", name, "all"] => self.all(|it| {
                let of_addresses = it.address().is_some() || it.is_advertised();
                of_addresses && it.owner() == Some(name)
            }),
            ["ip", "route", "del", ref rest @ ..] if !rest.contains(&"via") => {
                let text = format!("ip route add {} via drop", rest.join(" "));
                let route = Statement::read(&text, &self.known).route();
                self.all(|it| route.is_some() && it.route() == route)
            }
            ["delete", "acl-plugin", "acl", "index", number] => {
                let number = number.parse().ok();
                match number.and_then(|it| self.known.forget_acl(it)) {
                    Some(None) => return self.remove_acl(number),
                    tag => tag.flatten().map(Subject::Acl).into_iter().collect(),
                }
            }
            ["delete", "host-interface", "name", device] => self.with(&format!("host-{device}")),
            ["delete", .., name] if self.makes(name) => self.with(name),
            _ => self.undone(&words.join(" ")).into_iter().collect(),
        };
        for subject in &gone {
            self.remove(subject);
        }
        !gone.is_empty()
    }

    /// The line that made the ACL of a number is as if it had never been.
    fn remove_acl(&mut self, number: Option<u32>) -> bool {
        let makes_it = |entry: &&mut Option<Entry>| entry.as_ref().is_some_and(|it| it.acl == number);
        let made = self.entries.iter_mut().find(makes_it);
        made.is_some_and(|entry| entry.take().is_some())
    }

    fn all(&self, of: impl Fn(&Statement) -> bool) -> Vec<Subject> {
        let all = self.statements().filter(|it| of(it));
        all.map(Statement::subject).collect()
    }

    /// An interface that was made, and all that stands on it or on its VLANs.
    fn with(&self, name: &str) -> Vec<Subject> {
        self.all(|it| {
            let of = |subject: &Subject| matches!(subject, Subject::Interface(of) if is_on(of, name));
            of(&it.subject()) || it.needs().iter().any(of)
        })
    }

    /// What this line alone takes back.
    fn undone(&mut self, text: &str) -> Option<Subject> {
        let entries = self.entries.iter().flatten();
        let undoing = self
            .undoing
            .get_or_insert_with(|| entries.filter_map(|it| undoing(&it.statement)).collect());
        let subject = undoing.get(text)?.clone();
        self.has(&subject).then_some(subject)
    }

    /// Whether the interface was one that had just been made: then it has the new name.
    fn rename(&mut self, old: &str, new: &str) -> bool {
        let last = self.entries.last_mut().and_then(Option::as_mut);
        let Some(entry) = last else {
            return false;
        };
        match &mut entry.statement {
            Statement::Interface(interface) if interface.name == old => {
                new.clone_into(&mut interface.name);
                let undoing = self.undoing.as_mut().zip(undoing(&entry.statement));
                if let Some((all, (text, subject))) = undoing {
                    all.insert(text, subject);
                }
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
        if let Some((all, (text, subject))) = self.undoing.as_mut().zip(undoing(&entry.statement)) {
            all.insert(text, subject);
        }
        match self.places.get(&subject) {
            Some(&place) => {
                let earlier = self.entries[place].take();
                let statement = match (earlier.map(|it| it.statement), &entry.statement) {
                    (Some(Statement::Advertisements(earlier)), Statement::Advertisements(later)) => {
                        Statement::Advertisements(earlier.and(later))
                    }
                    (Some(Statement::Timeouts(earlier)), Statement::Timeouts(later)) => {
                        Statement::Timeouts(earlier.and(later))
                    }
                    (Some(Statement::Vrrp(earlier)), Statement::Vrrp(later)) => {
                        Statement::Vrrp(earlier.and(later.clone()))
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
        self.entry(subject).map(|entry| &entry.statement)
    }

    fn entry(&self, subject: &Subject) -> Option<&Entry> {
        let place = *self.places.get(subject)?;
        self.entries[place].as_ref()
    }

    /// Whether it is the MTU of a VLAN whose parent got one by a later line: that one has become the VLAN's as well.
    pub(super) fn is_overwritten(&self, entry: &Entry) -> bool {
        let parent = entry
            .statement
            .mtu()
            .and_then(|(name, _)| statement::parent(name));
        let parents = parent.and_then(|parent| self.entry(&Subject::Mtu(parent.to_owned())));
        parents.is_some_and(|parents| parents.number > entry.number)
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
        self.own_lines().map(|(line, _)| line)
    }

    /// The same, each with the number of the ACL it makes on a fresh VPP.
    pub(super) fn own_lines(&self) -> impl Iterator<Item = (&str, Option<u32>)> {
        self.entries().filter_map(|entry| match &entry.statement {
            Statement::Line(text) => Some((text.as_str(), entry.acl)),
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

    /// The tag of the ACL by which a policy steers.
    pub(super) fn acl_of(&self, policy: u32) -> Option<&str> {
        match self.get(&Subject::Policy(policy))? {
            Statement::Policy(policy) => Some(&policy.acl),
            _ => None,
        }
    }

    /// The rules of the ACL with a tag, as the command has them.
    pub(super) fn rules_of(&self, tag: &str) -> Option<&str> {
        match self.get(&Subject::Acl(tag.to_owned()))? {
            Statement::Acl(acl) => Some(&acl.rules),
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

/// The line that takes the statement back, where it is one line that takes back nothing else.
fn undoing(statement: &Statement) -> Option<(String, Subject)> {
    let Way::By(moves) = statement.take_back(true) else {
        return None;
    };
    match &moves[..] {
        [only] => match &only.line {
            Line::Plain(text) => Some((text.clone(), statement.subject())),
            Line::Acl { .. } | Line::Interface { .. } => None,
        },
        _ => None,
    }
}

/// Whether the name is that of the interface, or of a VLAN on it.
fn is_on(name: &str, interface: &str) -> bool {
    let rest = name.strip_prefix(interface);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

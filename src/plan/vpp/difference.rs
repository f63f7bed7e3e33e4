//! From the commands a VPP has to those it is to have, in place.

use super::cost;
use super::going::{Going, announces_another_mtu};
use super::kernel::is_carried;
use super::state::{Entry, State};
use super::statement::{Move, Statement, Subject, Way, parent};
use super::{Script, Step};
use crate::plan::Impact;
use std::collections::{HashMap, HashSet};

/// How a running VPP gets from one script to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It has them already.
    None,
    /// By these commands, in this order.
    Live(Difference),
    /// Only a restart leads there.
    Restart {
        /// Why.
        why: String,
    },
}

/// Commands that lead from one script to another, and what they cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// In order: what is gone is taken back first, what hangs on others before those.
    pub steps: Vec<Step>,
    /// What that costs, each once.
    pub impacts: Vec<Impact>,
}

/// The way from the commands that were applied to those that are wanted.
///
/// The state it leads to is that of a fresh VPP with the wanted commands, but for the numbers of the ACLs. Takes a time in
/// proportion to the number of commands.
pub fn change(applied: &Script, wanted: &Script) -> Change {
    let (now, then) = (applied.commands.iter(), wanted.commands.iter());
    if now.map(|it| &it.text).eq(then.map(|it| &it.text)) {
        return Change::None;
    }
    between(&State::of(&applied.commands), &State::of(&wanted.commands))
}

/// The way back to what was applied, from a VPP that has carried out the first steps of a change and refused the next one.
///
/// It restarts where one of those steps was a line of the operator's, which has no known inverse.
pub fn back(applied: &Script, done: &[Step]) -> Change {
    let applied = State::of(&applied.commands);
    between(&applied.clone().after(done), &applied)
}

fn between(has: &State, wants: &State) -> Change {
    let going = match Going::of(has, wants) {
        Ok(going) => going,
        Err(why) => return Change::Restart { why },
    };
    let mut steps = Steps::default();
    match steps.all(has, wants, &going) {
        Err(why) => Change::Restart { why },
        Ok(()) if steps.steps.is_empty() => Change::None,
        Ok(()) => Change::Live(Difference {
            impacts: cost::impacts(has, wants, &going, &steps.steps),
            steps: steps.steps,
        }),
    }
}

/// The steps so far.
#[derive(Debug, Default)]
struct Steps<'s> {
    steps: Vec<Step>,
    /// The properties of the interfaces that go.
    properties: HashMap<&'s str, Vec<&'s Statement>>,
    /// What was taken back along with something else.
    along: HashSet<Subject>,
    /// The interfaces whose MTU was set: VPP gives it to their VLANs as well.
    mtus: HashSet<String>,
    /// Whether the kernel may still have to answer to one of them.
    unanswered: bool,
    /// Whether it may still have to say that the device of a pair was down at first.
    paired: bool,
    /// Whether an interface was set down, and with it its Linux side.
    lowered: bool,
    /// Whether VPP must hear of that before the next step.
    unheard: bool,
    /// The interfaces whose IPv6 was ended, that of their Linux sides as well.
    silent: HashSet<String>,
}

/// Whether what an interface advertises outlives its IPv6 addresses: its Linux side has one of its own.
fn outlives_addresses(has: &State, interface: &str) -> bool {
    has.has(&Subject::Pair(interface.to_owned()))
}

/// A VLAN has the MTU of its parent, in Linux as well: that lowers it with the parent's, and does not raise it again.
fn inherit(vlan: &str) -> Move {
    Move::plain(format!("set interface mtu packet 0 {vlan}"), None, None)
}

impl<'s> Steps<'s> {
    fn all(&mut self, has: &'s State, wants: &State, going: &Going) -> Result<(), String> {
        for statement in has.statements() {
            if let Some(owner) = statement.owner().filter(|owner| going.takes(owner)) {
                self.properties.entry(owner).or_default().push(statement);
            }
        }
        for entry in wants.entries().filter(|it| going.is_early(&it.statement)) {
            self.by(entry, entry.statement.make());
        }
        let gone = has.entries().rev().filter(|it| going.is_gone(&it.statement));
        // An address that was added early may come after what is advertised on it, and after the virtual routers there.
        let (first, others): (Vec<&Entry>, Vec<&Entry>) = gone.partition(|it| {
            let owner = it.statement.owner();
            let goes_along = |owner: &str| going.takes(owner) && !outlives_addresses(has, owner);
            it.statement.is_of_a_virtual_router()
                || it.statement.is_advertised() && !owner.is_some_and(goes_along)
        });
        for entry in first.into_iter().chain(others) {
            let owner = entry.statement.owner().filter(|_| entry.statement.is_silence());
            if !owner.is_some_and(|owner| going.silences(has, wants, owner)) {
                self.take_back(has, going, entry)?;
            }
        }
        self.silence(has, wants, going)?;
        let lines = has.lines().count();
        let mut line = 0;
        for entry in wants.entries() {
            if let Statement::Line(_) = entry.statement {
                line += 1;
                if line > lines {
                    self.by(entry, entry.statement.make());
                }
            } else if !going.is_early(&entry.statement) {
                self.make(has, wants, going, entry)?;
            }
        }
        Ok(())
    }

    fn take_back(&mut self, has: &State, going: &Going, entry: &Entry) -> Result<(), String> {
        let statement = &entry.statement;
        if self.along.contains(&statement.subject()) {
            return Ok(());
        }
        if let Some(owner) = statement.owner()
            && going.takes(owner)
        {
            return self.with_interface(has, owner, entry);
        }
        let made = statement.owner().is_some_and(|owner| has.makes(owner));
        self.way(entry, statement.take_back(made))?;
        self.hear_the_kernel(statement);
        if let Statement::Interface(interface) = statement {
            let rest = self.along(&interface.name, |_| true);
            self.gone_as_well(rest);
        }
        Ok(())
    }

    /// Linux drops the address that it gave a device itself when the device goes down, and VPP ends IPv6 when it has read that. Of
    /// a device that is gone with its pair it reads nothing more, and an interface that stays would speak IPv6 from then on.
    fn hear_the_kernel(&mut self, statement: &Statement) {
        if let Subject::Up(_) = statement.subject() {
            self.lowered = true;
        } else if statement.is_pair()
            && std::mem::take(&mut self.lowered)
            && let Some(step) = self.steps.last_mut()
        {
            step.waits = true;
        }
    }

    /// A property of an interface that goes: its addresses leave Linux before the pair does, all else goes with the interface.
    ///
    /// A command for each address: VPP can be asked for each of them whether it was carried out.
    fn with_interface(&mut self, has: &State, owner: &str, entry: &Entry) -> Result<(), String> {
        let statement = &entry.statement;
        let outlives = statement.is_advertised() && outlives_addresses(has, owner);
        if !statement.is_pair() && statement.address().is_none() && !outlives {
            return Ok(());
        }
        self.along.insert(statement.subject());
        self.way(entry, statement.take_back(true))?;
        if self.is_last_of_ipv6(owner, statement) {
            let advertised = self.along(owner, Statement::is_advertised);
            self.gone_as_well(advertised);
        }
        Ok(())
    }

    /// Whether it is the IPv6 address of the interface that is taken back last: IPv6 and all that is advertised end with it.
    fn is_last_of_ipv6(&self, owner: &str, statement: &Statement) -> bool {
        let all = self.properties.get(owner).into_iter().flatten();
        // Taken back in reverse order.
        let first = all.copied().find(|it| it.is_ipv6());
        first.is_some_and(|first| first == statement)
    }

    /// What else VPP no longer has after the last step.
    fn gone_as_well(&mut self, statements: Vec<Statement>) {
        if let Some(step) = self.steps.last_mut() {
            step.gone.extend(statements);
        }
    }

    /// The properties of an interface that are taken back with one command; each is named once.
    fn along(&mut self, interface: &str, of: impl Fn(&Statement) -> bool) -> Vec<Statement> {
        let all = self.properties.get(interface).into_iter().flatten();
        all.filter(|it| of(it) && self.along.insert(it.subject()))
            .map(|it| (*it).clone())
            .collect()
    }

    /// IPv6 ends on the interfaces where it is to begin again with another MTU, and their Linux sides would keep it.
    fn silence(&mut self, has: &State, wants: &State, going: &Going) -> Result<(), String> {
        for entry in wants.entries() {
            if let Subject::Up(name) = entry.statement.subject()
                && going.silences(has, wants, &name)
            {
                if !has.has(&Subject::Silent(name.clone())) {
                    self.by(entry, Statement::silence(&name).make());
                }
                self.silent.insert(name);
            }
        }
        Ok(())
    }

    /// IPv6 begins again before the first thing that speaks it: VPP counts its Linux side among those that want it.
    fn begin_ipv6(&mut self, has: &State, wants: &State, entry: &Entry) -> Result<(), String> {
        let Some(name) = entry.statement.speaks_ipv6() else {
            return Ok(());
        };
        if self.silent.remove(name) {
            self.way(entry, Statement::silence(name).take_back(true))?;
        } else if announces_another_mtu(has, wants, name) {
            // That it was set down, VPP must have heard as well: IPv6 would not have ended.
            self.unheard |= std::mem::take(&mut self.lowered);
        }
        Ok(())
    }

    fn make(&mut self, has: &State, wants: &State, going: &Going, entry: &Entry) -> Result<(), String> {
        let statement = &entry.statement;
        self.begin_ipv6(has, wants, entry)?;
        if let Some(name) = self.is_given_already(wants, statement) {
            self.by(entry, vec![inherit(name)]);
        }
        let before = has
            .get(&statement.subject())
            .filter(|before| !going.is_gone(before));
        match before {
            None => self.by(entry, statement.make()),
            Some(before) if before != statement => self.way(entry, before.turn_into(statement))?,
            Some(_) if self.is_overwritten(statement) => self.by(entry, statement.make()),
            Some(Statement::Interface(vlan)) if self.inherits(wants, &vlan.name) => {
                self.by(entry, vec![inherit(&vlan.name)]);
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// Whether it is a VLAN with the MTU of its parent, which was set.
    fn inherits(&self, wants: &State, name: &str) -> bool {
        !wants.has(&Subject::Mtu(name.to_owned())) && parent(name).is_some_and(|it| self.mtus.contains(it))
    }

    /// The VLAN, if this is its MTU and its parent's as well, which was set: VPP has given it to the VLAN already, and tells Linux
    /// only of another one.
    fn is_given_already<'n>(&self, wants: &State, statement: &'n Statement) -> Option<&'n str> {
        let (name, mtu) = statement.mtu()?;
        let parent = parent(name).filter(|it| self.mtus.contains(*it))?;
        (wants.mtu(parent) == Some(mtu)).then_some(name)
    }

    /// Whether it is the MTU of a VLAN whose parent's was set.
    fn is_overwritten(&self, statement: &Statement) -> bool {
        let parent = statement.mtu().and_then(|(name, _)| parent(name));
        parent.is_some_and(|parent| self.mtus.contains(parent))
    }

    fn way(&mut self, entry: &Entry, way: Way) -> Result<(), String> {
        match way {
            Way::By(moves) => self.by(entry, moves),
            Way::Remake => {
                return Err(format!(
                    "{} cannot be changed in place",
                    entry.statement.subject()
                ));
            }
            Way::Restart(why) => return Err(why),
        }
        Ok(())
    }

    fn by(&mut self, entry: &Entry, moves: Vec<Move>) {
        let carried = self.paired && is_carried(&entry.command);
        self.paired = !carried && (self.paired || entry.statement.is_pair());
        let waits = carried
            | std::mem::take(&mut self.unheard)
            | match entry.statement.mtu().map(|(name, _)| (name, parent(name))) {
                Some((_, Some(parent))) if self.unanswered && self.mtus.contains(parent) => {
                    self.unanswered = false;
                    true
                }
                Some((name, None)) => {
                    self.mtus.insert(name.to_owned());
                    self.unanswered = true;
                    false
                }
                _ => false,
            };
        self.steps.extend(moves.into_iter().map(|it| Step {
            origin: entry.command.origin.clone(),
            line: it.line,
            gone: it.gone,
            made: it.made,
            waits,
        }));
    }
}

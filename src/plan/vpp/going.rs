//! What a change takes back, with all that hangs on it; what it makes before that; and what it cannot do.

use super::bond;
use super::state::State;
use super::statement::{Statement, Subject, Way, acls_named};
use ipnet::IpNet;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::IpAddr;

/// What goes, and what comes before anything goes.
#[derive(Debug, Default)]
pub(super) struct Going {
    gone: HashSet<Subject>,
    /// The interfaces that lose an address: those of a virtual router on it have its length, and stay while it changes.
    readdressed: HashSet<String>,
    early: HashSet<Subject>,
}

impl Going {
    /// Decides it. Errors: why a restart is needed.
    pub(super) fn of(has: &State, wants: &State) -> Result<Self, String> {
        lines(has, wants)?;
        nics(has, wants)?;
        let mut going = Self::default();
        for statement in has.statements() {
            if !statement.is_advertised() && going.goes(has, wants, statement) {
                let interface = statement.address().map(|(name, _)| name.to_owned());
                going.readdressed.extend(interface);
                going.gone.insert(statement.subject());
            }
        }
        // Where a change is taken back, an address that goes may come behind the virtual router on its interface.
        for statement in has.statements().filter(|it| !it.is_advertised()) {
            if going.goes(has, wants, statement) {
                going.gone.insert(statement.subject());
            }
        }
        going.routes_and_pools(has, wants);
        going.addresses(has, wants);
        let ends = going.ipv6_ends(has);
        let without = |it: &Statement| it.owner().is_some_and(|owner| ends.contains(owner));
        for statement in has.statements().filter(|it| it.is_advertised()) {
            if going.goes(has, wants, statement) || without(statement) {
                going.gone.insert(statement.subject());
            }
        }
        going.restarts(has, wants)?;
        names(has, wants, &going)?;
        automatic_names(has, wants, &going)?;
        Ok(going)
    }

    /// Whether it is taken back.
    pub(super) fn is_gone(&self, statement: &Statement) -> bool {
        self.gone.contains(&statement.subject())
    }

    /// Whether it is made before anything is taken back.
    pub(super) fn is_early(&self, statement: &Statement) -> bool {
        self.early.contains(&statement.subject())
    }

    /// Whether the interface is taken back.
    pub(super) fn takes(&self, interface: &str) -> bool {
        self.gone.contains(&Subject::Interface(interface.to_owned()))
    }

    /// Whether IPv6 has to end on the interface and to begin again, and its Linux side would keep it: that has an address of its own
    /// as long as the interface is up.
    pub(super) fn silences(&self, has: &State, wants: &State, interface: &str) -> bool {
        let stays = |subject: Subject| has.has(&subject) && !self.gone.contains(&subject);
        stays(Subject::Pair(interface.to_owned()))
            && stays(Subject::Up(interface.to_owned()))
            && announces_another_mtu(has, wants, interface)
    }

    fn goes(&self, has: &State, wants: &State, statement: &Statement) -> bool {
        if let Statement::Line(_) = statement {
            return false;
        }
        let stays = wants
            .get(&statement.subject())
            .is_some_and(|wanted| wanted == statement || statement.turn_into(wanted) != Way::Remake);
        !stays
            || bond::is_another(has, wants, statement, |need| {
                self.gone.contains(need) || is_new(has, wants, need)
            })
            || statement
                .needs()
                .iter()
                .any(|need| self.gone.contains(need) || is_new(has, wants, need))
            || statement
                .virtual_router()
                .is_some_and(|name| self.readdressed.contains(name))
            || statement
                .speaks_ipv6()
                .is_some_and(|name| announces_another_mtu(has, wants, name))
    }

    /// A route's new path before its old one, a pool's new addresses before its old ones: nothing is lost in between. An
    /// interface's new ACL before its old one: nothing passes in between.
    fn routes_and_pools(&mut self, has: &State, wants: &State) {
        let replaced: HashSet<(u32, IpNet)> = has
            .statements()
            .filter(|statement| self.is_gone(statement))
            .filter_map(Statement::route)
            .collect();
        let filtered: HashSet<(&str, &str)> = has
            .statements()
            .filter(|statement| self.is_gone(statement))
            .filter_map(Statement::filtered)
            .collect();
        let filters = |it: &Statement| it.filtered().is_some_and(|side| filtered.contains(&side));
        let new = wants
            .statements()
            .filter(|it| !has.has(&it.subject()) && filters(it));
        let acls: HashSet<Subject> = new.flat_map(Statement::needs).collect();
        for statement in wants.statements() {
            let subject = statement.subject();
            let early = match statement.route() {
                Some(route) => replaced.contains(&route),
                None if statement.is_acl() => acls.contains(&subject),
                None => statement.is_of_a_cheap_pool() || filters(statement),
            };
            let stands = |need: &Subject| {
                !self.gone.contains(need) && (!is_new(has, wants, need) || self.early.contains(need))
            };
            if early && !has.has(&subject) && statement.needs().iter().all(stands) {
                self.early.insert(subject);
            }
        }
    }

    /// An interface's new IPv6 address before its last old one goes: IPv6 and all that is advertised would go with it.
    fn addresses(&mut self, has: &State, wants: &State) {
        let ends: HashSet<String> = self.ipv6_ends(has).into_iter().map(str::to_owned).collect();
        let taken = Taken::of(ipv6(has).map(|(_, address, _)| address));
        for (name, address, statement) in ipv6(wants).filter(|(name, ..)| ends.contains(*name)) {
            let stand = |need: &Subject| !self.gone.contains(need) && !is_new(has, wants, need);
            if !announces_another_mtu(has, wants, name)
                && statement.needs().iter().all(stand)
                && !taken.overlaps(address)
            {
                self.early.insert(statement.subject());
            }
        }
    }

    /// The interfaces that lose all that makes them speak IPv6, if only for a moment.
    fn ipv6_ends<'s>(&self, has: &'s State) -> HashSet<&'s str> {
        let new = self.early.iter().filter_map(|subject| match subject {
            Subject::Address(name, address) if is_ipv6(*address) => Some(name.as_str()),
            _ => None,
        });
        let stays: HashSet<&str> = has
            .statements()
            .filter(|statement| !self.is_gone(statement))
            .filter_map(Statement::speaks_ipv6)
            .chain(new)
            .collect();
        let speaking = has.statements().filter_map(Statement::speaks_ipv6);
        speaking.filter(|name| !stays.contains(name)).collect()
    }

    /// What only a start of VPP makes or unmakes.
    fn restarts(&self, has: &State, wants: &State) -> Result<(), String> {
        let gone = has.statements().filter(|it| self.is_gone(it));
        let new = wants.statements().filter(|it| !has.has(&it.subject()));
        match gone.chain(new).find_map(|it| Some((it, it.restarts()?))) {
            Some((statement, why)) => Err(format!("'{}': {why}", statement.subject())),
            None => Ok(()),
        }
    }
}

/// Networks that are in use.
struct Taken {
    networks: HashSet<IpNet>,
    begins: BTreeSet<IpAddr>,
}

impl Taken {
    fn of(addresses: impl Iterator<Item = IpNet>) -> Self {
        let networks: HashSet<IpNet> = addresses.map(|address| address.trunc()).collect();
        Self {
            begins: networks.iter().map(IpNet::network).collect(),
            networks,
        }
    }

    /// Whether one of them is in the network, or around it.
    fn overlaps(&self, network: IpNet) -> bool {
        let around = std::iter::successors(Some(network.trunc()), IpNet::supernet);
        let mut inside = self.begins.range(network.network()..=network.broadcast());
        inside.next().is_some() || around.into_iter().any(|it| self.networks.contains(&it))
    }
}

fn is_ipv6(net: IpNet) -> bool {
    matches!(net, IpNet::V6(_))
}

/// Every IPv6 address, with its interface.
fn ipv6(state: &State) -> impl Iterator<Item = (&str, IpNet, &Statement)> {
    state.statements().filter_map(|statement| {
        let (name, address) = statement.address()?;
        is_ipv6(address).then_some((name, address, statement))
    })
}

/// Whether it comes with the change: what was made without it must be made again after it.
fn is_new(has: &State, wants: &State, subject: &Subject) -> bool {
    wants.has(subject) && !has.has(subject)
}

/// Whether an interface is to announce an MTU other than the one there was when its IPv6 began: that is the one announced.
pub(super) fn announces_another_mtu(has: &State, wants: &State, interface: &str) -> bool {
    let advertises = |state: &State| state.has(&Subject::Advertisements(interface.to_owned()));
    advertises(wants) && (!advertises(has) || has.mtu(interface) != wants.mtu(interface))
}

/// The operator's own lines can be followed by more, and nothing else. The ACLs they make keep their numbers.
fn lines(has: &State, wants: &State) -> Result<(), String> {
    let mut wanted = wants.own_lines();
    for (line, acl) in has.own_lines() {
        match wanted.next() {
            Some((same, number)) if same == line && number == acl => {}
            Some((same, _)) if same == line => {
                return Err(format!(
                    "the ACL of '{line}' would have another number, and lines may name it by its number"
                ));
            }
            _ => {
                return Err(format!(
                    "the line '{line}' is removed, changed or moved, and how to undo it is not known"
                ));
            }
        }
    }
    // A running VPP has given the numbers in another order than a fresh one would.
    let is_numbered = has.statements().any(|it| matches!(it, Statement::Acl(_)));
    let counts = |(line, acl): &(&str, Option<u32>)| acl.is_some() || !acls_named(line).is_empty();
    match wanted.find(counts).filter(|_| is_numbered) {
        Some((line, _)) => Err(format!(
            "the line '{line}' counts ACLs, and a running VPP numbers them otherwise; an ACL with a tag of its own is not counted"
        )),
        None => Ok(()),
    }
}

/// A NIC that becomes VPP's own, or the kernel's.
fn nics(has: &State, wants: &State) -> Result<(), String> {
    let names = |state: &State| -> HashSet<String> {
        state
            .statements()
            .filter_map(Statement::owner)
            .map(str::to_owned)
            .collect()
    };
    let both = names(has);
    let other = names(wants)
        .into_iter()
        .filter(|name| both.contains(name) && has.makes(name) != wants.makes(name))
        .min();
    match other {
        Some(name) => Err(format!("'{name}' is attached in another way")),
        None => Ok(()),
    }
}

/// An operator's line that names something that goes would name nothing, or the next thing with its number.
fn names(has: &State, wants: &State, going: &Going) -> Result<(), String> {
    let mut lines: HashMap<&str, &str> = HashMap::new();
    let mut numbers: HashMap<u32, &str> = HashMap::new();
    for line in wants.lines().take(has.lines().count()) {
        for word in line.split_whitespace() {
            lines.entry(word).or_insert(line);
        }
        for acl in acls_named(line) {
            numbers.entry(acl).or_insert(line);
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    let changed = has
        .statements()
        .filter(|it| going.is_gone(it))
        .chain(wants.statements().filter(|it| !has.has(&it.subject())));
    for statement in changed {
        let subject = statement.subject();
        let name = match &subject {
            Subject::Interface(name) | Subject::Policer(name) if has.has(&subject) => name.as_str(),
            Subject::Acl(tag) => match counted(has, wants, tag, &numbers) {
                Some(line) => return Err(depends(&subject, line)),
                None => continue,
            },
            Subject::Policy(_) if has.has(&subject) => "policy",
            Subject::Socket(_) if has.has(&subject) => "socket-id",
            Subject::BridgeDomain(_) if has.has(&subject) => "bridge",
            Subject::Table(..) if has.has(&subject) => "table",
            _ => continue,
        };
        if let Some(line) = lines.get(name) {
            return Err(depends(&subject, line));
        }
    }
    Ok(())
}

/// The line that names the ACL of a tag by the number it has on a fresh VPP.
fn counted<'l>(has: &State, wants: &State, tag: &str, lines: &HashMap<u32, &'l str>) -> Option<&'l str> {
    let numbers = [has, wants].map(|state| state.known.number(tag));
    let mut numbers = numbers.into_iter().flatten();
    numbers.find_map(|number| lines.get(&number).copied())
}

fn depends(subject: &Subject, line: &str) -> String {
    format!("{subject} changes, and the line '{line}' may depend on it")
}

/// VPP aborts when it makes an interface whose automatic name another one was given.
fn automatic_names(has: &State, wants: &State, going: &Going) -> Result<(), String> {
    for statement in wants.statements() {
        let Statement::Interface(interface) = statement else {
            continue;
        };
        let automatic = interface.make.automatic_name();
        let made = !has.has(&statement.subject()) || going.is_gone(statement);
        let carried = has.make_of(&automatic).is_some() && !going.takes(&automatic);
        if made && carried && automatic != interface.name {
            return Err(format!(
                "'{}' is first called '{automatic}', as another interface is",
                interface.name
            ));
        }
    }
    Ok(())
}

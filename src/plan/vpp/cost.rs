//! What a change costs, by what it takes back and makes.

use super::Step;
use super::going::Going;
use super::kernel::KERNEL_ANSWERS;
use super::lost::Away;
use super::state::State;
use super::statement::{Filter, Nat, Statement, Subject};
use crate::plan::Impact;
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// For about so long nothing is forwarded through an interface that is made again: one round of ARP is lost.
const REMADE: u32 = 1000;
/// Three of 150 packets, 20 ms apart, were lost when an address went and came back.
const ADDRESS: u32 = 60;
/// Between the detaching of a policy and its attaching.
const POLICY: u32 = 20;
/// While an instance has no interfaces to translate between.
const INTERFACES: u32 = 20;
/// det44 allocates the sessions of a mapping at once, in VPP's only forwarding thread: 0.9 s for 4,096 addresses.
const MAP_STALLS: (u64, u64) = (900, 4096);
/// So many reasons are named; the rest is counted.
const REASONS: usize = 4;
/// What the tags of ACLs begin with that steer traffic to a NAT; its name follows.
const NAT: &str = "nat-";
/// A shorter stall is within what a busy router does anyway, in milliseconds.
const NOTICED: u32 = 5;

/// What the change costs, each once, in the order of severity; [`Impact::Live`] if nothing.
pub(super) fn impacts(has: &State, wants: &State, going: &Going, steps: &[Step]) -> Vec<Impact> {
    let mut costs = Costs::default();
    let away = Away::of(steps);
    for statement in has.statements().filter(|it| going.is_gone(it)) {
        costs.gone(has, wants, going, &away, statement);
    }
    let made = wants
        .statements()
        .filter(|it| !has.has(&it.subject()) || going.is_gone(it));
    costs.stall(made);
    costs.reflected(has, wants, going);
    costs.steered(has, wants, going);
    costs.impacts()
}

#[derive(Debug, Default)]
struct Costs {
    /// By interface, for how long and why; `None`: all of them.
    interrupts: BTreeMap<Option<String>, Vec<(u32, String)>>,
    ends: BTreeMap<String, String>,
    /// What loses its NAT sessions, by why.
    sessions: BTreeMap<String, Vec<String>>,
    /// What does not hold, by why.
    lapses: BTreeSet<(String, String)>,
}

impl Costs {
    fn gone(&mut self, has: &State, wants: &State, going: &Going, away: &Away<'_>, statement: &Statement) {
        let subject = statement.subject();
        let again = wants.has(&subject);
        let how = if again { "is made again" } else { "is removed" };
        let on = match &subject {
            Subject::Attachment(_, name) | Subject::Member(name) | Subject::Switched(name) => {
                Some(name.as_str())
            }
            Subject::VrrpRuns(router) => Some(router.interface.as_str()),
            _ => statement.owner(),
        };
        if on.is_some_and(|interface| going.takes(interface)) {
            return;
        }
        match &subject {
            Subject::Interface(name) if again => self.interrupt(Some(name), REMADE, "it is made again"),
            Subject::Interface(name) => {
                self.ends.insert(name.clone(), "it is removed".to_owned());
            }
            Subject::Pair(name) => self.interrupt(Some(name), REMADE, &format!("{subject} {how}")),
            Subject::Up(name) if again => self.interrupt(Some(name), REMADE, "it goes down and up"),
            Subject::Up(name) => {
                self.ends.insert(name.clone(), "it is set down".to_owned());
            }
            Subject::Address(name, address) => {
                // It waits while VPP waits for the kernel.
                let waits = away.waits(name, *address).unwrap_or_default();
                let answers = u32::try_from(KERNEL_ANSWERS.as_millis()).unwrap_or(u32::MAX);
                let milliseconds = answers.saturating_mul(waits).saturating_add(ADDRESS);
                self.interrupt(Some(name), milliseconds, &format!("{address} {how}"));
            }
            Subject::Attachment(_, name) if again => {
                self.interrupt(Some(name), POLICY, "its traffic is not translated meanwhile");
            }
            Subject::Attachment(policy, name) => {
                let nat = has.acl_of(*policy).and_then(|tag| tag.strip_prefix(NAT));
                if let Some(nat) = nat {
                    let why = format!("NAT '{nat}' does not take its traffic any more");
                    self.sessions.entry(why).or_default().push(name.clone());
                }
            }
            Subject::Member(name) if again => {
                let bond = statement.member().map(|(_, bond)| bond);
                if !bond.is_some_and(|bond| going.takes(bond)) {
                    self.interrupt(Some(name), REMADE, "it leaves its bond and joins one again");
                }
            }
            Subject::Peer(key) => {
                // The two agree on keys again within a second.
                let interface = statement.owner().map(str::to_owned);
                self.interrupt(
                    interface.as_ref(),
                    REMADE,
                    &format!("the WireGuard peer {key} {how}"),
                );
            }
            Subject::Switched(name) => self.interrupt(Some(name), REMADE, &format!("{subject} {how}")),
            Subject::VrrpRuns(router) => {
                let why = format!("virtual router {} {how}", router.id);
                self.interrupt(Some(&router.interface), REMADE, &why);
            }
            Subject::Nat(
                nat @ (Nat::Map(..)
                | Nat::Nat44Address(_)
                | Nat::Nat64Address(_)
                | Nat::Nat64Prefix(_)
                | Nat::Nat64Static(..)),
            ) => {
                let why = "they are removed or made again".to_owned();
                self.sessions.entry(why).or_default().push(nat.to_string());
            }
            Subject::Nat(Nat::Nat44Interfaces { .. } | Nat::Nat64Interface { .. }) => {
                self.interrupt(None, INTERFACES, "nothing is translated meanwhile");
            }
            _ => {}
        }
    }

    fn stall<'s>(&mut self, made: impl Iterator<Item = &'s Statement>) {
        let (milliseconds, addresses) = MAP_STALLS;
        let total: u64 = made
            .filter_map(|statement| match statement {
                Statement::Nat(Nat::Map(inside, _)) => Some(1u64 << (32 - inside.prefix_len())),
                _ => None,
            })
            .sum();
        let stall = u32::try_from(total * milliseconds / addresses).unwrap_or(u32::MAX);
        if stall >= NOTICED {
            let why = format!("det44 allocates the sessions of {total} addresses");
            self.interrupt(None, stall, &why);
        }
    }

    /// VPP asks an ACL that reflects about the first packet of a flow only, and forgets the flows of an interface when it filters by
    /// another one.
    fn reflected(&mut self, has: &State, wants: &State, going: &Going) {
        let acls = has.statements().filter_map(Statement::reflecting);
        let reflecting: HashSet<&str> = acls.collect();
        let filters = |state: &State| -> Vec<Filter> {
            let all = state.statements().filter_map(Statement::filter);
            all.filter(|it| !going.takes(&it.interface)).cloned().collect()
        };
        let (old, new) = (filters(has), filters(wants));
        let holding = old.iter().filter(|it| reflecting.contains(it.acl.as_str()));
        let holding: Vec<&Filter> = holding.collect();
        let holders: HashSet<&String> = holding.iter().map(|it| &it.interface).collect();
        let (is_old, is_new): (HashSet<&Filter>, HashSet<&Filter>) =
            (old.iter().collect(), new.iter().collect());
        let stays = |it: &&Filter| is_new.contains(it) && !going.is_gone(&Statement::Filter((*it).clone()));
        let gone = old.iter().filter(|it| !stays(it)).map(|it| (it, "goes"));
        let come = new
            .iter()
            .filter(|it| !is_old.contains(it))
            .map(|it| (it, "comes"));
        let mut forgotten = HashSet::new();
        for (filter, how) in gone.chain(come) {
            if holders.contains(&filter.interface) && forgotten.insert(&filter.interface) {
                let name = &filter.interface;
                let what = format!(
                    "return traffic of established flows on {name} may be dropped until the side that opened them sends again"
                );
                self.lapses.insert((what, format!("{filter} {how}")));
            }
        }
        for filter in holding.iter().filter(|it| !forgotten.contains(&it.interface)) {
            let acl = Subject::Acl(filter.acl.clone());
            if has.get(&acl) != wants.get(&acl) {
                let what = format!(
                    "established flows through {} are not re-checked against the new rules",
                    filter.interface
                );
                self.lapses.insert((what, format!("{acl} gets other rules")));
            }
        }
    }

    /// A policy asks its ACL about every packet. A flow that is under way is known only where it went before. Of a network of the
    /// router's own that comes or goes itself there is none.
    fn steered(&mut self, has: &State, wants: &State, going: &Going) {
        let own = networks_of_one(has, wants);
        let mut steered: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for statement in has.statements() {
            let Statement::Attachment(it) = statement else {
                continue;
            };
            let [old, new] = [has, wants].map(|state| {
                let acl = state
                    .has(&statement.subject())
                    .then(|| state.acl_of(it.policy))??;
                Some((acl, state.rules_of(acl)?))
            });
            if let (Some((_, before)), Some((acl, after))) = (old, new)
                && before != after
                && with_networks(before, &own) != with_networks(after, &own)
                && !going.takes(&it.interface)
            {
                steered.entry(acl).or_default().insert(&it.interface);
            }
        }
        for (acl, interfaces) in steered {
            let interfaces: Vec<&str> = interfaces.into_iter().collect();
            let names = interfaces.join(", ");
            let what =
                format!("established flows from {names} break where they are steered otherwise than before");
            self.lapses
                .insert((what, format!("acl '{acl}' gets other rules")));
        }
    }

    fn interrupt(&mut self, interface: Option<&String>, milliseconds: u32, why: &str) {
        let known = self.interrupts.entry(interface.cloned()).or_default();
        match known.iter_mut().find(|(_, of)| of == why) {
            Some(same) => same.0 = same.0.max(milliseconds),
            None => known.push((milliseconds, why.to_owned())),
        }
    }

    fn impacts(self) -> Vec<Impact> {
        let mut impacts: Vec<Impact> = self
            .interrupts
            .into_iter()
            .map(|(interface, reasons)| Impact::Interrupts {
                interface,
                milliseconds: reasons
                    .iter()
                    .map(|(for_long, _)| *for_long)
                    .max()
                    .unwrap_or_default(),
                why: in_a_line(reasons),
            })
            .collect();
        impacts.extend(
            self.ends
                .into_iter()
                .map(|(interface, why)| Impact::Ends { interface, why }),
        );
        let lapses = self.lapses.into_iter();
        impacts.extend(lapses.map(|(what, why)| Impact::Lapses { what, why }));
        let sessions = self.sessions.into_iter();
        impacts.extend(sessions.map(|(why, of)| Impact::DropsNatSessions { of, why }));
        if impacts.is_empty() {
            impacts.push(Impact::Live);
        }
        impacts
    }
}

/// The rules of an ACL in the form in which two can be compared, as if it spared these networks too: neighbouring ones that are
/// spared are one.
fn with_networks<'r>(rules: &'r str, own: &BTreeSet<IpNet>) -> (Vec<IpNet>, Vec<&'r str>) {
    let (mut spared, mut others): (Vec<IpNet>, _) = (own.iter().copied().collect(), Vec::new());
    for rule in rules.split(", ") {
        let network = rule.strip_prefix("deny src 0.0.0.0/0 dst ");
        match network.and_then(|network| network.parse().ok()) {
            Some(network) => spared.push(network),
            None => others.push(rule),
        }
    }
    (IpNet::aggregate(&spared), others)
}

/// The networks that the router has an address in before or after the change, and not both.
fn networks_of_one(has: &State, wants: &State) -> BTreeSet<IpNet> {
    let [before, after] = [has, wants].map(|state| {
        let networks = state.statements().filter_map(Statement::address);
        let networks = networks.map(|(_, address)| address.trunc());
        networks.collect::<BTreeSet<IpNet>>()
    });
    before.symmetric_difference(&after).copied().collect()
}

/// The reasons, what takes longest first.
fn in_a_line(mut reasons: Vec<(u32, String)>) -> String {
    reasons.sort_by_key(|(milliseconds, _)| std::cmp::Reverse(*milliseconds));
    let mut words: Vec<String> = reasons.into_iter().map(|(_, why)| why).collect();
    let more = words.len().saturating_sub(REASONS);
    words.truncate(REASONS);
    match more {
        0 => words.join(", "),
        more => format!("{} and {more} more", words.join(", ")),
    }
}

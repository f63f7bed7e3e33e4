//! What a change costs, by what it takes back and makes.

use super::going::Going;
use super::state::State;
use super::statement::{Nat, Statement, Subject};
use crate::plan::Impact;
use std::collections::BTreeMap;

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
/// A shorter stall is within what a busy router does anyway, in milliseconds.
const NOTICED: u32 = 5;

/// What the change costs, each once, in the order of severity; [`Impact::Live`] if nothing.
pub(super) fn impacts(has: &State, wants: &State, going: &Going) -> Vec<Impact> {
    let mut costs = Costs::default();
    for statement in has.statements().filter(|it| going.is_gone(it)) {
        costs.gone(wants, going, statement);
    }
    let made = wants
        .statements()
        .filter(|it| !has.has(&it.subject()) || going.is_gone(it));
    costs.stall(made);
    costs.impacts()
}

#[derive(Debug, Default)]
struct Costs {
    /// By interface; `None`: all of them.
    interrupts: BTreeMap<Option<String>, (u32, String)>,
    ends: BTreeMap<String, String>,
    sessions: Vec<String>,
}

impl Costs {
    fn gone(&mut self, wants: &State, going: &Going, statement: &Statement) {
        let subject = statement.subject();
        let again = wants.has(&subject);
        let how = if again { "is made again" } else { "is removed" };
        if statement.owner().is_some_and(|owner| going.takes(owner)) {
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
                self.interrupt(Some(name), ADDRESS, &format!("{address} {how}"));
            }
            Subject::Attachment(_, name) if again => {
                self.interrupt(Some(name), POLICY, "its traffic is not translated meanwhile");
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
                nat @ (Nat::Map(..) | Nat::Nat44Address(_) | Nat::Nat64Address(_) | Nat::Nat64Static(..)),
            ) => {
                self.sessions.push(nat.to_string());
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

    fn interrupt(&mut self, interface: Option<&String>, milliseconds: u32, why: &str) {
        let known = self.interrupts.entry(interface.cloned()).or_default();
        if known.0 < milliseconds {
            *known = (milliseconds, why.to_owned());
        }
    }

    fn impacts(self) -> Vec<Impact> {
        let mut impacts: Vec<Impact> = self
            .interrupts
            .into_iter()
            .map(|(interface, (milliseconds, why))| Impact::Interrupts {
                interface,
                milliseconds,
                why,
            })
            .collect();
        impacts.extend(
            self.ends
                .into_iter()
                .map(|(interface, why)| Impact::Ends { interface, why }),
        );
        if !self.sessions.is_empty() {
            impacts.push(Impact::DropsNatSessions {
                of: self.sessions,
                why: "they are removed or made again".to_owned(),
            });
        }
        if impacts.is_empty() {
            impacts.push(Impact::Live);
        }
        impacts
    }
}

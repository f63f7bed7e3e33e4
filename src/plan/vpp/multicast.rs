//! What VPP 25.06 takes of multicast for the Linux side of an interface: the hellos of OSPF, RIP and PIM.
//!
//! It begins with each address that Linux says the device has, and ends with each one that Linux says is gone, whatever others are
//! left: it does not count them. From then on VPP drops the hellos (`Multicast RPF check failed`), and the neighbours are lost. Linux
//! says all of them again when VPP copies them to it again. Measured: 0.14 s for 1,000 interfaces with 2,000 addresses.

use super::Step;
use super::state::State;
use super::statement::{Statement, Subject};
use ipnet::IpNet;
use std::collections::{BTreeMap, HashSet};

/// VPP copies what every interface has to its Linux side.
const COPY: &str = "lcp lcp-sync on";

/// The step behind these with which every interface that is up hears multicast again; `None`: none of them has stopped.
pub(super) fn told_again(steps: &[Step], wants: &State) -> Option<Step> {
    let mut deaf: BTreeMap<String, [Option<&Step>; 2]> = BTreeMap::new();
    for step in steps {
        for (name, family) in step.gone.iter().filter_map(Statement::address).map(of) {
            deaf.entry(name.to_owned()).or_default()[family] = Some(step);
        }
        for (name, family) in step.made.iter().filter_map(Statement::address).map(of) {
            if let Some(families) = deaf.get_mut(name) {
                families[family] = None;
            }
        }
        for statement in &step.made {
            // What comes up is copied with all it has.
            if let Subject::Up(name) = statement.subject() {
                deaf.remove(&name);
            }
        }
    }
    if deaf.is_empty() || wants.lines().any(|line| line == "lcp lcp-sync off") {
        return None;
    }
    let all = wants.statements().filter_map(Statement::address).map(of);
    let with_v4: HashSet<&str> = all
        .filter(|(_, family)| *family == V4)
        .map(|(name, _)| name)
        .collect();
    let step = deaf.iter().find_map(|(name, [v4, v6])| {
        let has = |subject: Subject| wants.has(&subject);
        let listens = has(Subject::Pair(name.clone())) && has(Subject::Up(name.clone()));
        // The address that Linux gives the device itself is one of IPv6, and stays.
        let deaf = v6.or_else(|| v4.filter(|_| with_v4.contains(name.as_str())));
        deaf.filter(|_| listens)
    })?;
    Some(Step::plain(step.origin.clone(), COPY))
}

const V4: usize = 0;

/// The interface, and the family.
fn of((name, address): (&str, IpNet)) -> (&str, usize) {
    (name, usize::from(!address.addr().is_ipv4()))
}

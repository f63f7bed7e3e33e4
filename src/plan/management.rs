//! What a configuration would do to those who manage this machine, as far as it can be known before it is applied.

use super::Notice;
use super::nic::named;
use crate::config::{Allow, Management, ManagementAddressing, Model, Protocol, code};
use crate::facts::nic::Nic;
use crate::types::Prefix;
use std::collections::BTreeSet;

/// How many devices a message lists.
const LISTED: usize = 8;

/// What the machine says about it.
#[derive(Debug, Default)]
pub struct ManagementFacts<'a> {
    /// The devices of the host namespace.
    pub host: &'a [Nic],
    /// The ports that SSH is listening on; none if nobody knows.
    pub ssh_ports: BTreeSet<u16>,
    /// What runs, if anything does.
    pub running: Option<&'a Model>,
}

/// What would cut an operator off: no such NIC, a firewall without SSH, no [management] where there is one.
pub fn notices(model: &Model, facts: &ManagementFacts<'_>) -> Vec<Notice> {
    let Some(management) = &model.management else {
        return goes_away(facts.running).into_iter().collect();
    };
    let place = model.place(management.at);
    let missing = is_missing(management, &place, facts.host);
    let shut = shuts_out_ssh(model, management, &place, &facts.ssh_ports);
    missing.into_iter().chain(shut).collect()
}

fn goes_away(running: Option<&Model>) -> Option<Notice> {
    let before = running.filter(|model| model.management.is_some())?;
    let place = before.management.as_ref().map(|it| before.place(it.at));
    let text = format!(
        "the running configuration has [management] ({}) and this one has not: its addresses go away when this is applied",
        place.unwrap_or_default()
    );
    Some(Notice::new(code::E0625, text))
}

fn is_missing(management: &Management, place: &str, host: &[Nic]) -> Option<Notice> {
    if named(&management.matches, host).is_some() {
        return None;
    }
    let hardware = host.iter().filter(|nic| nic.hardware).take(LISTED);
    let there: Vec<String> = hardware.map(ToString::to_string).collect();
    let there = match there.is_empty() {
        true => "none".to_owned(),
        false => there.join(", "),
    };
    let text = format!(
        "[management] ({place}): no NIC has {}; in the host's namespace: {there}",
        management.matches
    );
    Some(Notice::new(code::E0623, text))
}

fn shuts_out_ssh(
    model: &Model,
    management: &Management,
    place: &str,
    listening: &BTreeSet<u16>,
) -> Option<Notice> {
    let firewall = model.firewall.as_ref()?;
    let usual = BTreeSet::from([22]);
    let ports = if listening.is_empty() { &usual } else { listening };
    let subnets = subnets(management);
    let written = firewall.allow.iter().any(|allow| {
        let service = allow.service;
        service.protocol == Protocol::Tcp && ports.contains(&service.port) && lets_in(allow, &subnets)
    });
    let listed = |(protocol, port): &(Protocol, u16)| *protocol == Protocol::Tcp && ports.contains(port);
    if written || model.identity_ports.iter().any(listed) {
        return None;
    }
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    let from: Vec<String> = subnets.iter().map(ToString::to_string).collect();
    let from = match from.is_empty() {
        true => String::new(),
        false => format!(" from {}", from.join(" or ")),
    };
    let text = format!(
        "[management] ({place}): no entry of [firewall] lets SSH (tcp {}) in{from}",
        ports.join(", ")
    );
    Some(Notice::new(code::E0624, text))
}

/// The networks that operators are in: those of the addresses that have neighbours; none where only a DHCP server or the
/// hoster knows.
fn subnets(management: &Management) -> Vec<Prefix> {
    let ManagementAddressing::Static { addresses, .. } = &management.addressing else {
        return Vec::new();
    };
    let subnets = addresses.iter().map(|address| address.subnet());
    subnets
        .filter(|subnet| subnet.net().prefix_len() < subnet.net().max_prefix_len())
        .collect()
}

fn lets_in(allow: &Allow, subnets: &[Prefix]) -> bool {
    let overlap =
        |one: &Prefix, other: &Prefix| one.holds(other.net().network()) || other.holds(one.net().network());
    allow.from.is_empty()
        || subnets.is_empty()
        || allow
            .from
            .iter()
            .any(|from| subnets.iter().any(|subnet| overlap(from, subnet)))
}

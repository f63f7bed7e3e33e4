//! What a VPP was told to make and does not show, of the kinds that its lists of interfaces, addresses and routes do not have. Pure.

use super::Command;
use super::state::State;
use super::statement::{Export, Feature, Guard, Statement};
use crate::facts::vitals::Vitals;

/// Each command whose object is not there, and what that is.
pub fn absent(commands: &[Command], vitals: &Vitals) -> Vec<(Command, String)> {
    let state = State::of(commands);
    let absent = state.entries().filter_map(|entry| {
        let what = match &entry.statement {
            Statement::Feature(feature) => of_feature(feature, vitals),
            Statement::Guard(guard) => of_guard(guard, vitals),
            Statement::Export(export) => of_export(export, vitals),
            _ => None,
        };
        Some((entry.command.clone(), what?))
    });
    absent.collect()
}

fn of_feature(feature: &Feature, vitals: &Vitals) -> Option<String> {
    let domain = |id: u32| vitals.bridge_domains.iter().find(|domain| domain.number == id);
    match feature {
        Feature::Member { bond, interface, .. } => {
            let of = vitals.bonds.iter().find(|it| it.name == *bond);
            let is_there = of.is_some_and(|of| of.members.iter().any(|member| member.name == *interface));
            (!is_there).then(|| format!("'{interface}' in the bond '{bond}'"))
        }
        Feature::BridgeDomain { id, .. } => domain(*id).is_none().then(|| format!("a bridge domain {id}")),
        Feature::Bridged {
            interface,
            domain: id,
            ..
        } => {
            let is_there = domain(*id).is_some_and(|domain| domain.members.contains(interface));
            (!is_there).then(|| format!("'{interface}' in the bridge domain {id}"))
        }
        _ => None,
    }
}

fn of_guard(guard: &Guard, vitals: &Vitals) -> Option<String> {
    let Guard::Relay { server, table, .. } = guard else {
        return None;
    };
    let server = server.to_string();
    let mut of_table = vitals.relays.iter().filter(|relay| relay.table == *table);
    let is_there = of_table.any(|relay| relay.servers.contains(&server));
    (!is_there).then(|| format!("a relay of DHCP to {server}"))
}

fn of_export(export: &Export, vitals: &Vitals) -> Option<String> {
    match export {
        Export::Sampled(name) => {
            let sflow = vitals.sflow.as_ref();
            let is_there = sflow.is_some_and(|sflow| sflow.interfaces.contains(name));
            (!is_there).then(|| format!("samples of '{name}'"))
        }
        Export::Reported { interface, .. } => {
            let is_there = vitals.flows.contains(interface);
            (!is_there).then(|| format!("reports of the flows of '{interface}'"))
        }
        _ => None,
    }
}

//! What a VPP switches, filters and passes on, for people: a line for each of them.

use super::report::Report;
use crate::facts::vitals::{AclState, BondMember, BondState, RelayState, Vitals};
use crate::impctl::columns::{columns, row};

/// What every VPP says of itself.
fn vitals(report: &Report) -> impl Iterator<Item = &Vitals> {
    report.vpp.iter().filter_map(|instance| instance.vitals.as_ref())
}

fn lines(rows: impl Iterator<Item = Vec<String>>) -> String {
    columns("  ", &rows.collect::<Vec<_>>())
}

/// `core  lacp  1 of 2 members active  eth0, not eth1 (DETACHED)`
pub(super) fn bonds(report: &Report) -> String {
    let line = |bond: &BondState| {
        let active = format!("{} of {} members active", bond.active(), bond.members.len());
        let members: Vec<String> = bond.members.iter().map(member).collect();
        row([bond.name.as_str(), &bond.mode, &active, &members.join(", ")])
    };
    lines(vitals(report).flat_map(|vitals| &vitals.bonds).map(line))
}

fn member(member: &BondMember) -> String {
    match (member.active, &member.lacp) {
        (true, _) => member.name.clone(),
        (false, Some(lacp)) => format!("not {} ({})", member.name, lacp.state),
        (false, None) => format!("not {}", member.name),
    }
}

/// `cust  external.10, internal.10  router cust  3 addresses learned`
pub(super) fn bridges(report: &Report) -> String {
    let domains = vitals(report).flat_map(|vitals| &vitals.bridge_domains);
    let rows = domains.map(|domain| {
        let own = domain.bvi.as_deref();
        let members = domain.members.iter().map(String::as_str);
        let members: Vec<&str> = members.filter(|name| Some(*name) != own).collect();
        row([
            domain.shown_name().as_str(),
            &members.join(", "),
            &own.map_or_else(String::new, |own| format!("router {own}")),
            &format!("{} addresses learned", domain.learned),
        ])
    });
    lines(rows)
}

/// `t1  gre  192.0.2.1 to 198.51.100.77  up`
pub(super) fn tunnels(report: &Report) -> String {
    let rows = vitals(report).flat_map(|vitals| &vitals.tunnels).map(|tunnel| {
        let kind = match tunnel.vni {
            Some(vni) => format!("{} {vni}", tunnel.kind),
            None => tunnel.kind.clone(),
        };
        let ends = format!("{} to {}", tunnel.source, tunnel.destination);
        let state = match (tunnel.up, tunnel.established) {
            (false, _) => "down",
            (true, Some(true)) => "established",
            (true, Some(false)) => "up, no answer",
            (true, None) => "up",
        };
        row([&tunnel.name, &kind, &ends, state])
    });
    lines(rows)
}

/// `external.30  10 IPv4  Master  priority 200  198.51.100.254`
pub(super) fn virtual_routers(report: &Report) -> String {
    let rows = vitals(report)
        .flat_map(|vitals| &vitals.virtual_routers)
        .map(|router| {
            row([
                router.interface.as_str(),
                &format!("{} {}", router.id, family(router.ipv6)),
                &router.state,
                &format!("priority {}", router.priority),
                &router.addresses.join(" "),
            ])
        });
    lines(rows)
}

fn family(ipv6: bool) -> &'static str {
    if ipv6 { "IPv6" } else { "IPv4" }
}

/// `EDGE  7 rules  in on external, internal  out on external`; those that steer to a NAT are of no interface.
pub(super) fn acls(report: &Report) -> String {
    let is_used = |acl: &&AclState| !acl.inward.is_empty() || !acl.outward.is_empty();
    let side = |word: &str, interfaces: &[String]| match interfaces {
        [] => String::new(),
        interfaces => format!("{word} on {}", interfaces.join(", ")),
    };
    let acls = vitals(report).flat_map(|vitals| &vitals.acls).filter(is_used);
    lines(acls.map(|acl| {
        row([
            acl.name.as_str(),
            &format!("{} rules", acl.rules),
            &side("in", &acl.inward),
            &side("out", &acl.outward),
        ])
    }))
}

/// `GOLD  10 packets passed  3 dropped`
pub(super) fn policers(report: &Report) -> String {
    lines(vitals(report).flat_map(|vitals| &vitals.policers).map(|policer| {
        row([
            policer.name.as_str(),
            &format!("{} packets passed", policer.passed.packets),
            &format!("{} dropped", policer.dropped.packets),
        ])
    }))
}

/// `IPv4  from 192.0.2.1  to 10.234.116.10, 10.234.116.11`
pub(super) fn relays(report: &Report) -> String {
    let line = |relay: &RelayState| {
        row([
            family(relay.ipv6),
            &format!("from {}", relay.source),
            &format!("to {}", relay.servers.join(", ")),
        ])
    };
    lines(vitals(report).flat_map(|vitals| &vitals.relays).map(line))
}

/// `external, internal  12 samples  3 lost`
pub(super) fn sflow(report: &Report) -> String {
    lines(
        vitals(report)
            .filter_map(|vitals| vitals.sflow.as_ref())
            .map(|sflow| {
                row([
                    sflow.interfaces.join(", ").as_str(),
                    &format!("{} samples", sflow.sent),
                    &format!("{} lost", sflow.dropped),
                ])
            }),
    )
}

/// The interfaces whose flows are reported.
pub(super) fn flows(report: &Report) -> String {
    let flows = vitals(report).map(|vitals| &vitals.flows);
    lines(
        flows
            .filter(|flows| !flows.is_empty())
            .map(|flows| row([flows.join(", ").as_str()])),
    )
}

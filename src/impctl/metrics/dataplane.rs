//! What a VPP switches, filters and passes on, as metrics; by names of the configuration.

use super::exposition::Exposition;
use super::series::{counter, gauge, number};
use crate::facts::vitals::{PolicerState, SflowState, Vitals};
use std::collections::BTreeSet;

/// All of it, of an instance.
pub(super) fn dataplane(instance: &str, vitals: &Vitals, all: &mut Exposition) {
    switching(instance, vitals, all);
    let master = gauge(
        "imp_vrrp_master",
        "Whether this router is the master of a virtual router.",
    );
    for router in &vitals.virtual_routers {
        let (id, family) = (router.id.to_string(), if router.ipv6 { "ipv6" } else { "ipv4" });
        let labels = [
            ("instance", instance),
            ("interface", &router.interface),
            ("router", &id),
            ("family", family),
        ];
        all.add(master, &labels, number(router.state == "Master"));
    }
    vitals.policers.iter().for_each(|it| policer(instance, it, all));
    vitals.sflow.iter().for_each(|it| sflow(instance, it, all));
}

fn switching(instance: &str, vitals: &Vitals, all: &mut Exposition) {
    let members = gauge("imp_bond_members", "The members of a bond.");
    let active = gauge(
        "imp_bond_active_members",
        "The members of a bond that carry frames.",
    );
    for bond in &vitals.bonds {
        let labels = [("instance", instance), ("bond", bond.name.as_str())];
        all.add(members, &labels, bond.members.len() as f64);
        all.add(active, &labels, bond.active() as f64);
    }
    let ports = gauge(
        "imp_bridge_members",
        "The members of a bridge, this router's own interface as well.",
    );
    let learned = gauge(
        "imp_bridge_learned_addresses",
        "The hardware addresses a bridge has learned.",
    );
    for domain in &vitals.bridge_domains {
        let name = domain.shown_name();
        let labels = [("instance", instance), ("bridge", name.as_str())];
        all.add(ports, &labels, domain.members.len() as f64);
        all.add(learned, &labels, domain.learned as f64);
    }
    let up = gauge("imp_tunnel_up", "Whether a tunnel is administratively up.");
    let established = gauge(
        "imp_tunnel_established",
        "Whether the other end of a tunnel with keys has answered.",
    );
    let mut seen = BTreeSet::new();
    for tunnel in &vitals.tunnels {
        let labels = [
            ("instance", instance),
            ("tunnel", tunnel.name.as_str()),
            ("kind", &tunnel.kind),
        ];
        // One of WireGuard is there once for each peer.
        if seen.insert(&tunnel.name) {
            all.add(up, &labels, number(tunnel.up));
        }
        if let Some(is_so) = tunnel.established {
            let peer = ("peer", tunnel.destination.as_str());
            all.add(established, &[&labels[..], &[peer]].concat(), number(is_so));
        }
    }
}

fn policer(instance: &str, policer: &PolicerState, all: &mut Exposition) {
    let packets = counter(
        "imp_policer_packets_total",
        "What a policer let through and what it dropped, in packets.",
    );
    let bytes = counter(
        "imp_policer_bytes_total",
        "What a policer let through and what it dropped, in bytes.",
    );
    for (result, amount) in [("passed", policer.passed), ("dropped", policer.dropped)] {
        let labels = [
            ("instance", instance),
            ("policer", policer.name.as_str()),
            ("result", result),
        ];
        all.add(packets, &labels, amount.packets as f64);
        all.add(bytes, &labels, amount.bytes as f64);
    }
}

fn sflow(instance: &str, sflow: &SflowState, all: &mut Exposition) {
    let samples = counter(
        "imp_sflow_samples_total",
        "The samples that VPP handed on, and those it lost.",
    );
    for (result, count) in [("sent", sflow.sent), ("lost", sflow.dropped)] {
        all.add(
            samples,
            &[("instance", instance), ("result", result)],
            count as f64,
        );
    }
}

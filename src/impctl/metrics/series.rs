//! A report as metrics. What is not known has no sample.

use super::exposition::{Exposition, Kind};
use crate::boot::record::Verdict;
use crate::health::frr::Adjacent;
use crate::impctl::status::{Instance, Report, Weight};
use crate::plan::nic::Port;
use crate::step::apply::progress::Outcome;

pub(super) type Metric = (&'static str, Kind, &'static str);

pub(super) const fn gauge(name: &'static str, help: &'static str) -> Metric {
    (name, Kind::Gauge, help)
}

pub(super) const fn counter(name: &'static str, help: &'static str) -> Metric {
    (name, Kind::Counter, help)
}

/// The states of a unit, in systemd's words.
const STATES: [&str; 6] = [
    "active",
    "reloading",
    "inactive",
    "failed",
    "activating",
    "deactivating",
];

/// The whole report.
pub fn exposition(report: &Report) -> Exposition {
    let mut all = Exposition::default();
    configuration(report, &mut all);
    units(report, &mut all);
    report.nics.iter().flatten().for_each(|port| nic(port, &mut all));
    report.vpp.iter().for_each(|instance| vpp(instance, &mut all));
    routing(report, &mut all);
    for (name, bridge) in report.bridges.iter().flatten() {
        let joined = gauge("imp_bridge_joined", "Whether a bridge of Incus is joined to VPP.");
        all.add(joined, &[("bridge", name)], number(bridge.joined));
    }
    all
}

pub(super) fn number(is: bool) -> f64 {
    f64::from(u8::from(is))
}

fn configuration(report: &Report, all: &mut Exposition) {
    let info = gauge("imp_build_info", "The version of impctl; always 1.");
    all.add(info, &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    if let Some(status) = &report.verdict {
        let accepted = gauge(
            "imp_configuration_accepted",
            "Whether the documents in /persistent/config are what runs.",
        );
        all.add(accepted, &[], number(status.is_accepted()));
    }
    if let Some(running) = &report.generation {
        let info = gauge("imp_generation_info", "The generation that runs; always 1.");
        all.add(info, &[("generation", &running.id)], 1.0);
        let since = gauge(
            "imp_generation_applied_timestamp_seconds",
            "When the generation that runs was applied, in seconds since 1970.",
        );
        if let Some(at) = running.since {
            all.add(since, &[], at as f64);
        }
    }
    let waits = gauge(
        "imp_confirm_pending",
        "Whether a change waits for its confirmation.",
    );
    all.add(waits, &[], number(report.confirm.is_some()));
    if let Some(apply) = &report.apply {
        let took = gauge(
            "imp_apply_duration_seconds",
            "How long the last apply of this boot took.",
        );
        all.add(took, &[], apply.seconds);
        let done = gauge(
            "imp_apply_done",
            "Whether the last apply of this boot did what it was to do; no sample while it goes on.",
        );
        if let Some(outcome) = apply.outcome {
            let is_done = matches!(outcome, Outcome::Done | Outcome::Unchanged);
            all.add(done, &[], number(is_done));
        }
    }
    if let Some(verdict) = &report.boot {
        let good = gauge(
            "imp_boot_good",
            "Whether this boot is a good one; no sample while that is not decided.",
        );
        let is_good = matches!(verdict, Verdict::Good | Verdict::Healthy);
        all.add(good, &[], number(is_good));
    }
    if let Some(image) = &report.image {
        let info = gauge("imp_image_info", "The image that runs; always 1.");
        let name = image.name.as_ref().map_or("", AsRef::as_ref);
        all.add(info, &[("image", name)], 1.0);
    }
    // Without a verdict hardly anything is known.
    let weights = [(Weight::Wrong, "wrong"), (Weight::Warning, "warning")];
    for (weight, word) in weights.into_iter().filter(|_| report.verdict.is_some()) {
        let findings = gauge(
            "imp_findings",
            "What 'impctl status' finds that is not as it should be.",
        );
        let count = report.findings.iter().filter(|it| it.weight == weight).count();
        all.add(findings, &[("weight", word)], count as f64);
    }
    let drift = gauge(
        "imp_drift",
        "Where the machine is not what the configuration says; FRR and VPP are compared up to 256 KiB of it.",
    );
    if let Some(count) = report.drift_count {
        all.add(drift, &[], count as f64);
    }
    let pending = gauge("imp_pending_jobs", "What a reload decided and did not carry out.");
    all.add(pending, &[], report.pending.len() as f64);
    let unanswered = gauge(
        "imp_unanswered",
        "How much of this router did not answer in time.",
    );
    all.add(unanswered, &[], report.unanswered.len() as f64);
}

fn units(report: &Report, all: &mut Exposition) {
    let state = gauge("imp_unit_state", "Whether a unit is in this state.");
    for unit in report.units.iter().flatten() {
        for word in STATES {
            let labels = [("unit", unit.name.as_str()), ("state", word)];
            all.add(state, &labels, number(unit.active == word));
        }
    }
}

/// By function where there is one: the name of a port changes when it is moved.
fn nic(port: &Port, all: &mut Exposition) {
    let pci = port.pci.map(|pci| pci.to_string()).unwrap_or_default();
    let name = port.name.as_ref().map(ToString::to_string).unwrap_or_default();
    let (used_by, place) = (port.claim.to_string(), port.place.to_string());
    let labels = [
        ("pci", pci.as_str()),
        ("device", &name),
        ("used_by", &used_by),
        ("where", &place),
    ];
    if let Some(carrier) = port.carrier {
        let metric = gauge("imp_nic_carrier", "Whether a NIC has carrier.");
        all.add(metric, &labels, number(carrier));
    }
    if let Some(megabits) = port.speed {
        let metric = gauge(
            "imp_nic_speed_bits_per_second",
            "The speed a NIC has agreed on with its peer.",
        );
        all.add(metric, &labels, megabits as f64 * 1e6);
    }
}

fn vpp(instance: &Instance, all: &mut Exposition) {
    let name = instance.name.as_ref();
    let own = [("instance", name)];
    let configured = gauge(
        "imp_vpp_configured",
        "Whether the VPP that runs has the commands it is to have.",
    );
    all.add(configured, &own, number(instance.configured));
    let answers = gauge("imp_vpp_answers", "Whether the VPP answers.");
    all.add(answers, &own, number(instance.vitals.is_some()));
    let Some(vitals) = &instance.vitals else {
        return;
    };
    let workers = gauge("imp_vpp_workers", "Worker threads.");
    all.add(workers, &own, vitals.workers as f64);
    if let Some(heap) = &vitals.heap {
        let size = gauge("imp_vpp_heap_size_bytes", "The size of the main heap.");
        all.add(size, &own, heap.total as f64);
        let used = gauge("imp_vpp_heap_used_bytes", "What is in use of the main heap.");
        all.add(used, &own, heap.used as f64);
    }
    for pool in &vitals.buffers {
        let labels = [("instance", name), ("pool", pool.name.as_str())];
        let size = gauge("imp_vpp_buffers", "Packet buffers of a pool.");
        all.add(size, &labels, pool.total as f64);
        let used = gauge("imp_vpp_buffers_used", "Packet buffers in use.");
        all.add(used, &labels, pool.used as f64);
    }
    let errors = counter(
        "imp_vpp_errors_total",
        "What the nodes of VPP counted; the severity tells whether it is an error.",
    );
    for error in &vitals.errors {
        let labels = [
            ("instance", name),
            ("node", error.node.as_str()),
            ("reason", error.reason.as_str()),
            ("severity", error.severity.as_str()),
        ];
        all.add(errors, &labels, error.count as f64);
    }
    let interfaces = counter(
        "imp_vpp_interface_counter_total",
        "The counters of VPP's interfaces, by VPP's names for them; one that is zero has no sample.",
    );
    for interface in &vitals.interfaces {
        for (what, count) in &interface.counters {
            let labels = [
                ("instance", name),
                ("interface", interface.name.as_str()),
                ("counter", what.as_str()),
            ];
            all.add(interfaces, &labels, *count as f64);
        }
    }
    super::dataplane::dataplane(name, vitals, all);
}

fn routing(report: &Report, all: &mut Exposition) {
    for (name, peer) in report.bgp.iter().flatten() {
        let address = name.split(' ').next().unwrap_or_default();
        let mut own = vec![("neighbor", address)];
        own.extend(peer.vrf.as_deref().map(|vrf| ("vrf", vrf)));
        let established = gauge("imp_bgp_established", "Whether a BGP session is Established.");
        all.add(established, &own, number(peer.is_established()));
        if let Some(seconds) = peer.established_s {
            let since = gauge(
                "imp_bgp_established_seconds",
                "For how long a BGP session has been Established.",
            );
            all.add(since, &own, seconds as f64);
        }
        let received = gauge("imp_bgp_prefixes_received", "Prefixes received from a neighbour.");
        let sent = gauge("imp_bgp_prefixes_sent", "Prefixes sent to a neighbour.");
        for (metric, counts) in [(received, &peer.prefixes), (sent, &peer.sent)] {
            for (family, count) in counts {
                let labels = [own.as_slice(), &[("family", family)]].concat();
                all.add(metric, &labels, *count as f64);
            }
        }
    }
    for neighbor in report.ospf.iter().flatten() {
        let version = neighbor.version.to_string();
        let labels = [
            ("version", version.as_str()),
            ("neighbor", &neighbor.id),
            ("interface", &neighbor.interface),
        ];
        let adjacent = gauge(
            "imp_ospf_adjacent",
            "Whether an OSPF neighbour is as near as it gets: Full, or 2-Way among those that are no DR.",
        );
        all.add(adjacent, &labels, number(neighbor.is_adjacent()));
    }
    for neighbor in report.isis.iter().flatten() {
        let level = neighbor.level.to_string();
        let labels = [
            ("level", level.as_str()),
            ("neighbor", &neighbor.id),
            ("interface", &neighbor.interface),
        ];
        let adjacent = gauge("imp_isis_adjacent", "Whether a neighbour of IS-IS is Up.");
        all.add(adjacent, &labels, number(neighbor.is_adjacent()));
    }
    for count in report.routes.iter().flatten() {
        let family = format!("ipv{}", count.family);
        for (table, routes) in [("rib", count.rib), ("fib", count.fib)] {
            let labels = [
                ("family", family.as_str()),
                ("origin", count.origin.as_str()),
                ("table", table),
            ];
            let metric = gauge(
                "imp_routes",
                "Routes of zebra by where they come from: in its table (rib), and of these in the kernel (fib).",
            );
            all.add(metric, &labels, routes as f64);
        }
    }
}

//! What watches the router: notes on its interfaces, and on the host.

use crate::config::{Export, Model};
use crate::types::LinkName;

/// What is told of an interface to others.
pub(super) fn on_link(export: &Export, link: &LinkName) -> Vec<String> {
    let name: &str = link.as_ref();
    let (sflow, ipfix, lldp) = (&export.sflow, &export.ipfix, &export.lldp);
    let sampled = sflow
        .iter()
        .filter(|it| it.interfaces.iter().any(|of| of.as_ref() == name));
    let reported = ipfix
        .iter()
        .filter(|it| it.interfaces.iter().any(|of| of.as_ref() == name));
    let spoken = lldp
        .iter()
        .filter(|it| it.interfaces.iter().any(|of| of.as_ref() == name));
    let mut notes: Vec<String> = sampled
        .map(|it| format!("sFlow, 1 of {} packets", it.rate))
        .collect();
    notes.extend(reported.map(|it| format!("IPFIX to {}", it.collector)));
    notes.extend(spoken.map(|_| "LLDP".to_owned()));
    notes
}

/// What of the host an operator asks first: whose time it shows, who logs in, who may ask it.
pub(super) fn on_host(model: &Model) -> Vec<String> {
    let mut notes: Vec<String> = model.system.timezone.iter().map(ToString::to_string).collect();
    if !model.users.is_empty() {
        let names: Vec<&str> = model.users.keys().map(AsRef::as_ref).collect();
        notes.push(format!("users {}", names.join(", ")));
    }
    notes.extend(model.snmp.iter().flat_map(|snmp| {
        let listen = snmp.listen.iter();
        listen.map(|address| format!("SNMP on {address}"))
    }));
    let prometheus = model.prometheus.as_ref();
    let exporters = prometheus.map(|it| [("node", it.node_exporter), ("FRR", it.frr_exporter)]);
    for (name, listen) in exporters.into_iter().flatten() {
        notes.extend(listen.map(|listen| format!("{name} exporter on {listen}")));
    }
    notes
}

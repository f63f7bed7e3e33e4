//! `[snmp]`, `[sflow]` and `[prometheus]` to the services that an image may have for them.

use super::engine::{Engine, Phrase};
use super::{RenderError, Rendered};
use crate::config::{Model, Snmp};
use crate::types::{HostName, Line, Prefix};
use minijinja::Value;
use serde::Serialize;
use std::net::{IpAddr, SocketAddr};

#[derive(Debug, Serialize)]
struct Agent<'m> {
    addresses: Vec<Value>,
    hostname: &'m HostName,
    location: Option<Value>,
    contact: Option<Value>,
    community: Value,
    ip4: bool,
    ip6: bool,
    from4: Vec<Prefix>,
    from6: Vec<Prefix>,
}

#[derive(Debug, Serialize)]
struct Collectors<'m> {
    collectors: &'m [IpAddr],
    port: u16,
    polling: u32,
}

#[derive(Debug, Serialize)]
struct Exporter {
    listen: SocketAddr,
}

/// The configuration of snmpd and where it is read from, that of hsflowd, and where the exporters listen. Nothing where the document says
/// nothing: then each is as the image has it.
pub(super) fn files(model: &Model, engine: &Engine<'_>) -> Result<Vec<Rendered>, RenderError> {
    let mut files = Vec::new();
    if let Some(snmp) = &model.snmp {
        let text = engine.render("snmp/snmpd.conf.j2", agent(snmp, &model.system.hostname))?;
        // It holds the community.
        files.push(Rendered::new("run/imp/snmp/snmpd.conf", text).with_mode(0o600));
        // Only there does it look for its configuration then (snmp_config(5)).
        files.push(Rendered::new(
            "run/imp/snmpd.env",
            "SNMPCONFPATH=/run/imp/snmp\n".to_owned(),
        ));
    }
    if let Some(sflow) = &model.export.sflow {
        let collectors = Collectors {
            collectors: &sflow.collectors,
            port: sflow.port,
            polling: sflow.polling.get(),
        };
        let text = engine.render("sflow/hsflowd.conf.j2", collectors)?;
        files.push(Rendered::new("run/imp/hsflowd.conf", text));
    }
    if let Some(prometheus) = &model.prometheus {
        let exporters = [
            (
                prometheus.node_exporter,
                "run/imp/node-exporter.env",
                "prometheus/node-exporter.env.j2",
            ),
            (
                prometheus.frr_exporter,
                "run/imp/frr-exporter.env",
                "prometheus/frr-exporter.env.j2",
            ),
        ];
        for (listen, path, template) in exporters {
            if let Some(listen) = listen {
                let text = engine.render(template, Exporter { listen })?;
                files.push(Rendered::new(path, text));
            }
        }
    }
    Ok(files)
}

fn agent<'m>(snmp: &'m Snmp, hostname: &'m HostName) -> Agent<'m> {
    let is_ip4 = |prefix: &Prefix| prefix.net().addr().is_ipv4();
    let (from4, from6): (Vec<Prefix>, Vec<Prefix>) = snmp.from.iter().copied().partition(is_ip4);
    let phrase = |line: &Line| Phrase::value(line.as_ref());
    // Sources of one family let nobody of the other one in.
    let open = snmp.from.is_empty();
    Agent {
        addresses: snmp
            .listen
            .iter()
            .map(|address| Phrase::value(&transport(*address, snmp.port)))
            .collect(),
        hostname,
        location: snmp.location.as_ref().map(phrase),
        contact: snmp.contact.as_ref().map(phrase),
        community: Phrase::value(snmp.community.reveal()),
        ip4: open || !from4.is_empty(),
        ip6: open || !from6.is_empty(),
        from4,
        from6,
    }
}

/// An address in snmpd's words (snmpcmd(1), AGENT SPECIFICATION).
fn transport(address: IpAddr, port: u16) -> String {
    match address {
        IpAddr::V4(address) => format!("udp:{address}:{port}"),
        IpAddr::V6(address) => format!("udp6:[{address}]:{port}"),
    }
}

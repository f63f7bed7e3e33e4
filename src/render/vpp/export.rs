//! What VPP exports: samples, flows, and who it is.

use super::interfaces::{in_vpp, is_absent};
use crate::config::{Ipfix, Layer, Lldp, Sflow};
use crate::render::{Bindings, Dataplane};
use crate::types::HostName;
use serde::Serialize;
use std::net::Ipv4Addr;

#[derive(Debug, Default, Serialize)]
pub(super) struct View {
    sflow: Option<Samples>,
    ipfix: Option<Flows>,
    lldp: Option<Neighbours>,
}

#[derive(Debug, Serialize)]
struct Samples {
    place: String,
    rate: u32,
    polling: u32,
    header: u16,
    interfaces: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Flows {
    place: String,
    collector: Ipv4Addr,
    port: u16,
    source: Ipv4Addr,
    record: Vec<Layer>,
    active: u32,
    passive: u32,
    interfaces: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Neighbours {
    place: String,
    system: HostName,
    interfaces: Vec<String>,
}

/// All of it, on the interfaces that are there.
pub(super) fn view(dataplane: &Dataplane, bindings: &Bindings) -> View {
    let names = |names: &mut dyn Iterator<Item = String>| {
        let there = names.filter(|name| !is_absent(dataplane, bindings, name));
        there.map(|name| in_vpp(&name)).collect()
    };
    let export = &dataplane.export;
    View {
        sflow: export.sflow.as_ref().map(|it: &Sflow| Samples {
            place: super::place(dataplane, it.at),
            rate: it.rate,
            polling: it.polling.get(),
            header: it.header,
            interfaces: names(&mut it.interfaces.iter().map(ToString::to_string)),
        }),
        ipfix: export.ipfix.as_ref().map(|it: &Ipfix| Flows {
            place: super::place(dataplane, it.at),
            collector: it.collector,
            port: it.port,
            source: it.source,
            record: it.record.clone(),
            active: it.active.get(),
            passive: it.passive.get(),
            interfaces: names(&mut it.interfaces.iter().map(ToString::to_string)),
        }),
        lldp: export.lldp.as_ref().map(|it: &Lldp| Neighbours {
            place: super::place(dataplane, it.at),
            system: it.system.clone(),
            interfaces: names(&mut it.interfaces.iter().map(ToString::to_string)),
        }),
    }
}

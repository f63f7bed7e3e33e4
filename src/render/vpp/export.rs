//! What VPP exports: samples, flows, and who it is.

use super::interfaces::{in_vpp, is_absent};
use crate::config::{Ipfix, Layer, Lldp, Sflow};
use crate::render::{Bindings, Dataplane};
use crate::types::{HostName, IfName};
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

/// The NICs whose packets are sampled, as far as they are there. Those of a bond: VPP samples what a NIC receives, before it is
/// the bond's.
fn sampled(sflow: &Sflow, dataplane: &Dataplane, bindings: &Bindings) -> Vec<String> {
    let nics = sflow.interfaces.iter().flat_map(|name| {
        let bond = dataplane.interfaces.get(name).and_then(|it| it.carrier.bond());
        let mut nics: Vec<&IfName> = match bond {
            Some(bond) => bond.members.iter().map(|member| &member.name).collect(),
            None => vec![name],
        };
        nics.retain(|nic| match bond {
            Some(_) => bindings.nics.contains_key(*nic),
            None => !is_absent(dataplane, bindings, nic.as_ref()),
        });
        nics
    });
    nics.map(|name| in_vpp(name.as_ref())).collect()
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
            interfaces: sampled(it, dataplane, bindings),
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

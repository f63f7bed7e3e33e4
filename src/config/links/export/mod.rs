//! `[sflow]`, `[ipfix]` and `lldp`: what VPP tells others of its traffic and of itself.

mod check;
pub(in crate::config) mod raw;

use self::check::{can_be_watched, header_is_whole, is_ours, timers_fit};
use self::raw::{IpfixRaw, LldpForm, SflowRaw};
use super::raw::InterfacesRaw;
use crate::config::At;
use crate::config::check::Checking;
use crate::config::keys::{Field, Form};
use crate::types::{HostName, IfName, LinkName, Seconds};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr};

/// What VPP exports; none of it unless asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Export {
    /// `[sflow]`.
    pub sflow: Option<Sflow>,
    /// `[ipfix]`.
    pub ipfix: Option<Ipfix>,
    /// `lldp`.
    pub lldp: Option<Lldp>,
}

/// `[sflow]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Sflow {
    /// Where it was written.
    pub at: At,
    /// Where the samples go; at least one, each once.
    pub collectors: Vec<IpAddr>,
    /// The collectors' port. Default 6343.
    pub port: u16,
    /// The NICs, each once; at least one.
    pub interfaces: Vec<IfName>,
    /// One of how many packets. Default 10000.
    pub rate: u32,
    /// How often counters are sent. Default 20 s.
    pub polling: Seconds,
    /// How many bytes of a packet; a multiple of 32. Default 128.
    pub header: u16,
}

/// `[ipfix]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Ipfix {
    /// Where it was written.
    pub at: At,
    /// Where the reports go.
    pub collector: Ipv4Addr,
    /// The collector's port. Default 4739.
    pub port: u16,
    /// An address of the dataplane.
    pub source: Ipv4Addr,
    /// The interfaces and VLANs, each once; at least one.
    pub interfaces: Vec<LinkName>,
    /// What a flow is told apart by, in order; at least one.
    pub record: Vec<Layer>,
    /// How often a flow that goes on is reported. Default 15 s.
    pub active: Seconds,
    /// After how long it is taken for ended, not below `active`. Default 120 s.
    pub passive: Seconds,
}

/// `lldp`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Lldp {
    /// Where it was written.
    pub at: At,
    /// What the router calls itself.
    pub system: HostName,
    /// The NICs, each once.
    pub interfaces: Vec<IfName>,
}

/// A layer of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// Ethernet.
    L2,
    /// IP.
    L3,
    /// TCP, UDP and ICMP.
    L4,
}

/// All three, checked.
pub(in crate::config) fn export(
    (sflow, ipfix, lldp): (&Field<SflowRaw>, &Field<IpfixRaw>, &Field<LldpForm>),
    nics: &Field<InterfacesRaw>,
    system: Option<&HostName>,
    cx: &mut Checking<'_>,
) -> Export {
    Export {
        sflow: sampled(sflow, nics, cx),
        ipfix: reported(ipfix, nics, cx),
        lldp: spoken(lldp, nics, system, cx),
    }
}

fn sampled(field: &Field<SflowRaw>, nics: &Field<InterfacesRaw>, cx: &mut Checking<'_>) -> Option<Sflow> {
    let table = field.located()?;
    let raw = table.value;
    header_is_whole(raw.header.located(), cx);
    let (collectors, interfaces) = (&raw.collectors.get()?.0, &raw.interfaces.get()?.0);
    cx.listed_once(collectors);
    cx.listed_once(interfaces);
    for name in interfaces {
        can_be_watched(&name.value, name.span, nics, cx);
    }
    Some(Sflow {
        at: cx.at(table.span),
        collectors: collectors.iter().map(|it| it.value).collect(),
        port: raw.port.get().map_or(6343, |port| port.get()),
        interfaces: interfaces.iter().map(|it| it.value.clone()).collect(),
        rate: raw.rate.get().map_or(10_000, |rate| rate.get()),
        polling: raw.polling.get().map_or(Seconds::new(20), |it| it.get()),
        header: raw.header.get().map_or(128, |it| it.get()),
    })
}

fn reported(field: &Field<IpfixRaw>, nics: &Field<InterfacesRaw>, cx: &mut Checking<'_>) -> Option<Ipfix> {
    let table = field.located()?;
    let raw = table.value;
    let active = raw.active.get().map_or(Seconds::new(15), |it| it.get());
    let passive = raw.passive.get().map_or(Seconds::new(120), |it| it.get());
    let written = raw.passive.span().or(raw.active.span());
    timers_fit(active, passive, written.unwrap_or(table.span), cx);
    if let Some(source) = raw.source.copied() {
        is_ours(source, cx);
    }
    let interfaces = &raw.interfaces.get()?.0;
    cx.listed_once(interfaces);
    for name in interfaces {
        can_be_watched(name.value.as_ref(), name.span, nics, cx);
    }
    let record = raw.record.get().map_or(&[][..], |record| &record.0);
    cx.listed_once(record);
    let mut record: Vec<Layer> = record.iter().map(|it| it.value).collect();
    record.sort();
    if record.is_empty() {
        record = vec![Layer::L3, Layer::L4];
    }
    Some(Ipfix {
        at: cx.at(table.span),
        collector: raw.collector.value()?,
        port: raw.port.get().map_or(4739, |port| port.get()),
        source: raw.source.value()?,
        interfaces: interfaces.iter().map(|it| it.value.clone()).collect(),
        record,
        active,
        passive,
    })
}

fn spoken(
    field: &Field<LldpForm>,
    nics: &Field<InterfacesRaw>,
    system: Option<&HostName>,
    cx: &mut Checking<'_>,
) -> Option<Lldp> {
    let form = field.located()?;
    let interfaces = match form.value {
        Form::Short(false) => return None,
        Form::Short(true) => nics.names().iter().map(|name| name.value.clone()).collect(),
        Form::Table(raw) => {
            let interfaces = &raw.interfaces.get()?.0;
            cx.listed_once(interfaces);
            for name in interfaces {
                can_be_watched(&name.value, name.span, nics, cx);
            }
            interfaces.iter().map(|it| it.value.clone()).collect()
        }
    };
    Some(Lldp {
        at: cx.at(form.span),
        system: system?.clone(),
        interfaces,
    })
}

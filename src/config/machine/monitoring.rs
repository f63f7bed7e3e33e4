//! `[snmp]` and `[prometheus]`: what asks this router how it is.

use super::raw::{PrometheusRaw, SnmpRaw};
use crate::config::check::Checking;
use crate::config::keys::Field;
use crate::types::{Line, Prefix, SnmpCommunity};
use std::net::{IpAddr, SocketAddr};

/// `[snmp]`.
#[derive(Debug, Clone)]
pub struct Snmp {
    /// The addresses snmpd answers on; at least one, each once.
    pub listen: Vec<IpAddr>,
    /// The port. Default 161.
    pub port: u16,
    /// The community that may read everything.
    pub community: SnmpCommunity,
    /// Who may ask, each once; empty: everybody.
    pub from: Vec<Prefix>,
    /// Where the router is.
    pub location: Option<Line>,
    /// Whom to call.
    pub contact: Option<Line>,
}

/// `[prometheus]`.
#[derive(Debug, Clone)]
pub struct Prometheus {
    /// Where prometheus-node-exporter listens; none leaves it as the image has it.
    pub node_exporter: Option<SocketAddr>,
    /// Where prometheus-frr-exporter listens.
    pub frr_exporter: Option<SocketAddr>,
}

/// The port of SNMP (RFC 3417).
const SNMP: u16 = 161;

/// `[snmp]`, checked.
pub(in crate::config) fn snmp(field: &Field<SnmpRaw>, cx: &mut Checking<'_>) -> Option<Snmp> {
    let raw = field.get()?;
    let listen = &raw.listen.get()?.0;
    cx.listed_once(listen);
    cx.listed_once(raw.from.items());
    Some(Snmp {
        listen: listen.iter().map(|address| address.value).collect(),
        port: raw.port.get().map_or(SNMP, |port| port.get()),
        community: cx.secret(raw.community_file.located()?, "community")?,
        from: raw.from.items().iter().map(|prefix| prefix.value).collect(),
        location: raw.location.value(),
        contact: raw.contact.value(),
    })
}

/// `[prometheus]`.
pub(in crate::config) fn prometheus(field: &Field<PrometheusRaw>) -> Option<Prometheus> {
    let raw = field.get()?;
    Some(Prometheus {
        node_exporter: raw.node_exporter.value(),
        frr_exporter: raw.frr_exporter.value(),
    })
}

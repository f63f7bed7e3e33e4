//! Who is told of a change.

use crate::types::InstanceName;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A part of the router that a change concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// The namespace of the dataplane, and everything in it.
    Namespace,
    /// NICs, pairs and VPP's files.
    Nics,
    /// A VPP instance.
    Vpp(InstanceName),
    /// FRR.
    Frr,
    /// The packet filter.
    Firewall,
    /// systemd-networkd: the management interface and the devices that stay.
    Networkd,
    /// Identity files, resolver, host name, bind mounts.
    Identity,
    /// Whichever of systemd-timesyncd and chrony sets the clock.
    Clock,
    /// rsyslog.
    Log,
    /// snmpd.
    Snmp,
    /// hsflowd, which sends the samples of VPP.
    Sflow,
    /// An exporter of Prometheus.
    Exporter,
    /// Incus and its bridges.
    Incus,
    /// Whatever was skipped or has failed because of the old configuration.
    Rest,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Namespace => f.write_str("namespace"),
            Self::Nics => f.write_str("NICs"),
            Self::Vpp(name) => write!(f, "VPP {name}"),
            Self::Frr => f.write_str("FRR"),
            Self::Firewall => f.write_str("firewall"),
            Self::Networkd => f.write_str("networkd"),
            Self::Identity => f.write_str("identity"),
            Self::Clock => f.write_str("clock"),
            Self::Log => f.write_str("log"),
            Self::Snmp => f.write_str("SNMP"),
            Self::Sflow => f.write_str("sFlow"),
            Self::Exporter => f.write_str("exporter"),
            Self::Incus => f.write_str("Incus"),
            Self::Rest => f.write_str("the rest"),
        }
    }
}

//! Programs of the image that the documents use and that an image need not have.

use super::Notice;
use crate::config::{Model, code};
use serde::{Deserialize, Serialize};

/// Something of the image that the documents use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// What sets the clock.
    Clock,
    /// What sends the log to other servers.
    Log,
    /// What knows the time zones.
    Zones,
    /// What finds the users in systemd's user database.
    Users,
    /// What answers SNMP.
    Snmp,
    /// What sends VPP's samples.
    Sflow,
    /// The exporter of the machine.
    NodeExporter,
    /// The exporter of FRR.
    FrrExporter,
}

impl Service {
    /// Those the documents use.
    pub fn used_by(model: &Model) -> Vec<Self> {
        let system = &model.system;
        let prometheus = model.prometheus.as_ref();
        let used = [
            (!system.ntp.is_empty(), Self::Clock),
            (!system.syslog.is_empty(), Self::Log),
            (system.timezone.is_some(), Self::Zones),
            (!model.users.is_empty(), Self::Users),
            (model.snmp.is_some(), Self::Snmp),
            (model.export.sflow.is_some(), Self::Sflow),
            (
                prometheus.is_some_and(|it| it.node_exporter.is_some()),
                Self::NodeExporter,
            ),
            (
                prometheus.is_some_and(|it| it.frr_exporter.is_some()),
                Self::FrrExporter,
            ),
        ];
        used.into_iter()
            .filter_map(|(is_used, service)| is_used.then_some(service))
            .collect()
    }

    /// The key that needs it.
    fn key(self) -> &'static str {
        match self {
            Self::Clock => "[system] ntp",
            Self::Log => "[system] syslog",
            Self::Zones => "[system] timezone",
            Self::Users => "[users]",
            Self::Snmp => "[snmp]",
            Self::Sflow => "[sflow]",
            Self::NodeExporter => "[prometheus] node-exporter",
            Self::FrrExporter => "[prometheus] frr-exporter",
        }
    }

    /// Its files, of which one has to be there; `*` stands for one directory.
    pub fn files(self) -> &'static [&'static str] {
        match self {
            Self::Clock => &["usr/lib/systemd/systemd-timesyncd", "usr/sbin/chronyd"],
            Self::Log => &["usr/sbin/rsyslogd"],
            Self::Zones => &["usr/share/zoneinfo"],
            Self::Users => &["usr/lib/*/libnss_systemd.so.2", "lib/*/libnss_systemd.so.2"],
            Self::Snmp => &["usr/sbin/snmpd"],
            Self::Sflow => &["usr/sbin/hsflowd"],
            Self::NodeExporter => &["usr/bin/prometheus-node-exporter"],
            Self::FrrExporter => &["usr/bin/prometheus-frr-exporter"],
        }
    }

    /// Debian's package with it.
    fn package(self) -> &'static str {
        match self {
            Self::Clock => "systemd-timesyncd or chrony",
            Self::Log => "rsyslog",
            Self::Zones => "tzdata",
            Self::Users => "libnss-systemd",
            Self::Snmp => "snmpd",
            Self::Sflow => "hsflowd of sflow.net, which Debian does not have,",
            Self::NodeExporter => "prometheus-node-exporter",
            Self::FrrExporter => "prometheus-frr-exporter",
        }
    }

    /// What is said where it is not there.
    pub fn missing(self) -> Notice {
        let (key, package) = (self.key(), self.package());
        let text = format!("{key} has no effect: {package} is not installed in this image");
        Notice::new(code::E0756, text)
    }
}

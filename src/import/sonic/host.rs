//! What SONiC says of the host itself, and what it tells others: management, time, logs, SNMP, sFlow.

use super::{Sonic, field};
use crate::import::document::{Table, Value};
use crate::import::left::{ALL_IS_SENT, Why};
use crate::import::tree::Node;

impl Sonic {
    /// `MGMT_INTERFACE|eth0|172.16.0.10/24`.
    pub(super) fn management(&mut self, address: &str, fields: &Node) {
        let place = fields.place(self.file);
        let table = self.site.draft.table(&["management"], place);
        if table.notes.is_empty() {
            table
                .notes
                .push("Which NIC is eth0 here? match = { mac = \"3c:ec:ef:00:00:01\" }".to_owned());
        }
        self.site.draft.push(&["management"], "addresses", address, place);
        if let Some(gateway) = field(fields, "gwaddr") {
            let key = match gateway.contains(':') {
                true => "gateway6",
                false => "gateway",
            };
            self.site.draft.set(&["management"], key, gateway, place);
        }
        self.leave_others("MGMT_INTERFACE", address, fields, &["gwaddr"]);
    }

    /// `NTP_SERVER|192.0.2.123`.
    pub(super) fn ntp(&mut self, server: &str, fields: &Node) {
        let place = fields.place(self.file);
        if field(fields, "admin_state") == Some("disabled") {
            return self.leave(
                "NTP_SERVER",
                &format!("{server} admin_state disabled"),
                fields,
                Why::NotYet,
            );
        }
        self.site.draft.push(&["system"], "ntp", server, place);
        let defaults = [("association_type", "server"), ("trusted", "no")];
        self.leave_unless("NTP_SERVER", server, fields, &defaults);
        let known = [
            "admin_state",
            "association_type",
            "trusted",
            "iburst",
            "resolve_as",
            "version",
        ];
        self.leave_others("NTP_SERVER", server, fields, &known);
    }

    /// `SYSLOG_SERVER|192.0.2.9`.
    pub(super) fn syslog(&mut self, server: &str, fields: &Node) {
        let place = fields.place(self.file);
        let mut table = Table::at(place);
        // Each key is set once: a table that is new has no other value for it.
        let _ = table.set("host", server, place);
        if let Some(port) = field(fields, "port") {
            let _ = table.set("port", Value::number(port), place);
        }
        if let Some(protocol) = field(fields, "protocol") {
            let _ = table.set("protocol", protocol, place);
        }
        self.site.draft.table(&["system"], place).append("syslog", table);
        if let Some(value) = fields.get("severity").filter(|it| it.text() != Some("debug")) {
            let severity = format!("{server} severity {}", value.text().unwrap_or_default());
            self.leave(
                "SYSLOG_SERVER",
                &severity,
                value,
                Why::Because(ALL_IS_SENT.to_owned()),
            );
        }
        self.leave_others("SYSLOG_SERVER", server, fields, &["port", "protocol", "severity"]);
    }

    /// `SNMP_COMMUNITY|…`: the key itself is the secret.
    pub(super) fn snmp_community(&mut self, community: &str, fields: &Node) {
        let place = fields.place(self.file);
        let why = match field(fields, "TYPE") {
            Some("RW") => "the community may read and nothing else",
            _ if self.site.draft.snmp_community(community, place) => return,
            _ => "there is one community",
        };
        self.site
            .draft
            .leave(place, "SNMP_COMMUNITY (hidden)", Why::Because(why.to_owned()));
    }

    /// `SNMP|LOCATION`, `SNMP|CONTACT`.
    pub(super) fn snmp(&mut self, what: &str, fields: &Node) {
        for (name, value) in fields.members() {
            let place = value.place(self.file);
            let text = value.text().unwrap_or_default();
            match what {
                "LOCATION" => self.site.draft.set(&["snmp"], "location", text, place),
                "CONTACT" => {
                    let contact = format!("{name} {text}");
                    self.site.draft.set(&["snmp"], "contact", contact.trim(), place);
                }
                _ => self.leave("SNMP", what, value, Why::NotYet),
            }
        }
    }

    /// `SNMP_AGENT_ADDRESS_CONFIG|10.0.0.1|161|`.
    pub(super) fn snmp_address(&mut self, address: &str, port: &str, fields: &Node) {
        let place = fields.place(self.file);
        self.site.draft.push(&["snmp"], "listen", address, place);
        if port.parse::<u16>().is_ok_and(|port| port != 161) {
            self.site.draft.set(&["snmp"], "port", Value::number(port), place);
        }
    }

    /// `SFLOW|global`.
    pub(super) fn sflow(&mut self, fields: &Node) {
        let place = fields.place(self.file);
        if field(fields, "admin_state") == Some("down") {
            return self.leave("SFLOW", "global admin_state down", fields, Why::NotYet);
        }
        if let Some(seconds) = field(fields, "polling_interval").filter(|seconds| *seconds != "0") {
            let seconds = format!("{seconds}s");
            self.site
                .draft
                .set(&["sflow"], "polling", seconds.as_str(), place);
        }
        self.leave_others("SFLOW", "global", fields, &["admin_state", "polling_interval"]);
    }

    /// `SFLOW_COLLECTOR|NAME`.
    pub(super) fn sflow_collector(&mut self, name: &str, fields: &Node) {
        let place = fields.place(self.file);
        if let Some(address) = field(fields, "collector_ip") {
            self.site.draft.push(&["sflow"], "collectors", address, place);
        }
        if let Some(port) = field(fields, "collector_port").filter(|port| *port != "6343") {
            self.site
                .draft
                .set(&["sflow"], "port", Value::number(port), place);
        }
        let known = ["collector_ip", "collector_port", "collector_vrf"];
        self.leave_unless("SFLOW_COLLECTOR", name, fields, &[("collector_vrf", "default")]);
        self.leave_others("SFLOW_COLLECTOR", name, fields, &known);
    }

    /// `SFLOW_SESSION|Ethernet0`.
    pub(super) fn sflow_session(&mut self, port: &str, fields: &Node) {
        let place = fields.place(self.file);
        let is_down = field(fields, "admin_state") == Some("down");
        if is_down || port == "all" {
            return self.leave("SFLOW_SESSION", port, fields, Why::NotYet);
        }
        let link = self.link(port);
        self.site
            .draft
            .push(&["sflow"], "interfaces", link.name.as_str(), place);
        if let Some(rate) = field(fields, "sample_rate") {
            self.site
                .draft
                .set(&["sflow"], "rate", Value::number(rate), place);
        }
        self.leave_others("SFLOW_SESSION", port, fields, &["admin_state", "sample_rate"]);
    }
}

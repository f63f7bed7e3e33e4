//! `system` and `snmp` of Junos: the host itself. No password is copied.

use super::Junos;
use super::statement::Statement;
use crate::import::document::{Table, Value};
use crate::import::left::{ALL_IS_SENT, Why};

impl Junos {
    /// `system …`.
    pub(super) fn system(&mut self, what: &[&str], statement: &Statement) {
        let place = statement.place;
        match *what {
            // Management is in the host's namespace anyway.
            [] | ["management-instance"] => {}
            ["host-name", name] => self.site.hostname(name, place),
            ["name-server", server, ref how @ ..] => {
                self.site
                    .draft
                    .push_new(&["system"], "nameservers", server, place);
                match *how {
                    [] | ["routing-instance", super::instance::MANAGEMENT] => {}
                    ["routing-instance", _] => {
                        let why = "the host asks from its own namespace, where management is".to_owned();
                        self.leave(statement, Why::Because(why));
                    }
                    _ => self.leave(statement, Why::NotYet),
                }
            }
            ["domain-name" | "domain-search", domain] => {
                self.site.draft.push(&["system"], "search", domain, place);
            }
            ["time-zone", zone] => self.site.draft.set(&["system"], "timezone", zone, place),
            ["ntp", "server", server, ref how @ ..] => {
                self.site.draft.push_new(&["system"], "ntp", server, place);
                if !matches!(how, [] | ["prefer" | "version", ..]) {
                    self.leave(statement, Why::NotYet);
                }
            }
            ["syslog", "host", host, ref how @ ..] => self.syslog(host, how, statement),
            ["syslog", ..] => self.leave(statement, Why::Foreign("the journal keeps all of it")),
            ["login", "message" | "announcement", text] => {
                let text = text.replace("\\n", "\n");
                self.site.draft.set(&["system"], "banner", text.as_str(), place);
            }
            ["login", "user", user, ref what @ ..] => self.user(user, what, statement),
            ["root-authentication", ..] => {
                let why = "root has the keys of identity/admin_authorized_keys, and no password is copied"
                    .to_owned();
                self.leave(statement, Why::Because(why));
            }
            ["services", ..] => self.leave(statement, Why::Foreign("sshd is set up by the image")),
            _ => self.leave(statement, Why::NotYet),
        }
    }

    fn syslog(&mut self, host: &str, how: &[&str], statement: &Statement) {
        let place = statement.place;
        let syslog = self.syslog.entry(host.to_owned()).or_insert_with(|| {
            let mut table = Table::at(place);
            let _ = table.set("host", host, place);
            table
        });
        match *how {
            [] | ["any", "any"] => {}
            ["any", _] => self.leave(statement, Why::Because(ALL_IS_SENT.to_owned())),
            ["port", port] => {
                let _ = syslog.set("port", Value::number(port), place);
            }
            ["transport", protocol @ ("udp" | "tcp")] => {
                let _ = syslog.set("protocol", protocol, place);
            }
            _ => self.leave(statement, Why::NotYet),
        }
    }

    fn user(&mut self, user: &str, what: &[&str], statement: &Statement) {
        let place = statement.place;
        let path = ["users", user];
        self.site.draft.table(&path, place);
        match *what {
            [] => {}
            ["full-name", name] => self.site.draft.set(&path, "full-name", name, place),
            ["class", "super-user" | "superuser"] => self.site.draft.push(&path, "groups", "sudo", place),
            // The number owns files of another machine.
            ["uid", _] => {}
            ["authentication", "ssh-rsa" | "ssh-ecdsa" | "ssh-ed25519", key, ..] => {
                self.site.draft.push(&path, "ssh-keys", key, place);
            }
            ["authentication", ..] => {
                let why = "a password is never copied: write its hash into a file of its own, for 'password-hash-file'".to_owned();
                self.leave(statement, Why::Because(why));
            }
            _ => self.leave(statement, Why::NotYet),
        }
    }

    /// `snmp …`.
    pub(super) fn snmp(&mut self, what: &[&str], statement: &Statement) {
        let place = statement.place;
        match *what {
            [] => {}
            [key @ ("location" | "contact"), text] => self.site.draft.set(&["snmp"], key, text, place),
            ["community", community, ref how @ ..] => {
                if how == ["authorization", "read-write"] {
                    let why = "the community may read and nothing else".to_owned();
                    return self.leave_secret("snmp community", statement, Why::Because(why));
                }
                if !self.site.draft.snmp_community(community, place) {
                    let why = "there is one community".to_owned();
                    return self.leave_secret("snmp community", statement, Why::Because(why));
                }
                match *how {
                    [] | ["authorization", "read-only"] => {}
                    ["clients", prefix] => {
                        let prefix = super::link::with_length(prefix);
                        self.site.draft.push(&["snmp"], "from", prefix.as_str(), place);
                    }
                    _ => self.leave_secret("snmp community", statement, Why::NotYet),
                }
            }
            _ => self.leave(statement, Why::NotYet),
        }
    }

    /// A statement whose words are secrets themselves.
    fn leave_secret(&mut self, shown: &str, statement: &Statement, why: Why) {
        self.site.draft.leave(statement.place, shown, why);
    }

    /// What is told once all statements are read: where the log goes, and where SNMP answers.
    pub(super) fn finish_machine(&mut self) {
        for (_, table) in std::mem::take(&mut self.syslog) {
            let place = table.from;
            if let Some(place) = place {
                self.site.draft.table(&["system"], place).append("syslog", table);
            }
        }
        let Some(place) = self.site.draft.root.child("snmp").and_then(|snmp| snmp.from) else {
            return;
        };
        let hosts: Vec<String> = match self
            .site
            .draft
            .root
            .child("management")
            .and_then(|it| it.value("addresses"))
        {
            Some(Value::List(list)) => list
                .iter()
                .filter_map(|address| match address {
                    Value::Text(text) => text.split('/').next().map(str::to_owned),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        let snmp = self.site.draft.table(&["snmp"], place);
        match hosts.is_empty() {
            true => snmp
                .notes
                .push("On which addresses of the host? listen = [\"172.16.0.10\"]".to_owned()),
            false => {
                let hosts = hosts.iter().map(Value::text).collect();
                let _ = snmp.set("listen", Value::List(hosts), place);
            }
        }
    }
}

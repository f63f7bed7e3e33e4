//! What Junos passes on to others: requests of DHCP, samples of sFlow, LLDP.

use super::Junos;
use super::inactive::DISABLED;
use super::statement::Statement;
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::relay::{self, Relay};
use crate::import::site::Link;
use indexmap::IndexMap;
use std::collections::HashSet;

/// Relays and interfaces, until all statements are read.
#[derive(Debug, Default)]
pub(super) struct Exports {
    /// The servers of each group of them.
    servers: IndexMap<String, Vec<(String, Place)>>,
    /// The group of servers of each group of interfaces; that of all has no name.
    active: IndexMap<String, String>,
    /// The interfaces of each group.
    relayed: IndexMap<String, Vec<(Link, Place)>>,
    /// Where LLDP is spoken: everywhere, or on these.
    speaks_everywhere: Option<Place>,
    /// Where it is not.
    silent: HashSet<String>,
}

/// The group of what has none.
const ALL: &str = "";

impl Junos {
    /// `forwarding-options dhcp-relay …` and `forwarding-options helpers bootp …`.
    pub(super) fn relay(&mut self, what: &[&str], statement: &Statement) {
        let place = statement.place;
        let exports = &mut self.exports;
        match *what {
            ["dhcp-relay", "server-group", group, server] => {
                let servers = exports.servers.entry(group.to_owned()).or_default();
                servers.push((server.to_owned(), place));
            }
            ["dhcp-relay", "active-server-group", servers] => {
                exports.active.insert(ALL.to_owned(), servers.to_owned());
            }
            ["dhcp-relay", "group", group, "active-server-group", servers] => {
                exports.active.insert(group.to_owned(), servers.to_owned());
            }
            ["dhcp-relay", "group", group, "interface", name] => {
                if let Some(link) = self.known_link(name, statement) {
                    let links = self.exports.relayed.entry(group.to_owned()).or_default();
                    links.push((link, place));
                }
            }
            ["dhcp-relay", "group", _] | ["dhcp-relay"] => {}
            ["helpers", "bootp", "server", server] => {
                let servers = exports.servers.entry(ALL.to_owned()).or_default();
                servers.push((server.to_owned(), place));
                exports.active.insert(ALL.to_owned(), ALL.to_owned());
            }
            ["helpers", "bootp", "interface", name] => {
                if let Some(link) = self.known_link(name, statement) {
                    let links = self.exports.relayed.entry(ALL.to_owned()).or_default();
                    links.push((link, place));
                }
            }
            _ => self.leave(statement, Why::NotYet),
        }
    }

    /// `protocols sflow …`.
    pub(super) fn sflow(&mut self, what: &[&str], statement: &Statement) {
        let place = statement.place;
        let path = ["sflow"];
        match *what {
            [] => {}
            ["collector", address, ref how @ ..] => {
                self.site.draft.push_new(&path, "collectors", address, place);
                match *how {
                    [] => {}
                    ["udp-port", port] => self.site.draft.set(&path, "port", Value::number(port), place),
                    _ => self.leave(statement, Why::NotYet),
                }
            }
            ["sample-rate", rate] | ["sample-rate", "ingress", rate] => {
                self.site.draft.set(&path, "rate", Value::number(rate), place);
            }
            ["sample-rate", "egress", _] => {
                let why = "VPP samples what comes in".to_owned();
                self.leave(statement, Why::Because(why));
            }
            ["polling-interval", seconds] => {
                self.site
                    .draft
                    .set(&path, "polling", format!("{seconds}s").as_str(), place);
            }
            ["interfaces", name] => {
                // A NIC is sampled with all of its VLANs.
                let name = name.split('.').next().unwrap_or(name);
                let name = self.site.interface(name).name;
                self.site
                    .draft
                    .push_new(&path, "interfaces", name.as_str(), place);
            }
            _ => self.leave(statement, Why::NotYet),
        }
    }

    /// `protocols lldp …`.
    pub(super) fn lldp(&mut self, what: &[&str], statement: &Statement) {
        let place = statement.place;
        match *what {
            [] => {}
            ["interface", "all"] => self.exports.speaks_everywhere = Some(place),
            ["interface", "all", "disable"] => self.leave(statement, Why::Because(DISABLED.to_owned())),
            ["interface", name, "disable"] => {
                let name = name.split('.').next().unwrap_or(name);
                if !super::link::is_management(name) {
                    let name = self.site.interface(name).name;
                    self.exports.silent.insert(name);
                }
            }
            ["interface", name] => {
                let name = name.split('.').next().unwrap_or(name);
                if super::link::is_management(name) {
                    return self.leave(statement, Why::NotYet);
                }
                let name = self.site.interface(name).name;
                self.site
                    .draft
                    .push(&["lldp"], "interfaces", name.as_str(), place);
            }
            _ => self.leave(statement, Why::NotYet),
        }
    }

    /// The relays of all groups, which VPP has as one; LLDP on every NIC.
    pub(super) fn finish_exports(&mut self) {
        let exports = std::mem::take(&mut self.exports);
        let mut relays = Vec::new();
        for (group, links) in exports.relayed {
            let active = exports.active.get(&group).or_else(|| exports.active.get(ALL));
            let servers = active.and_then(|active| exports.servers.get(active));
            let servers = servers.into_iter().flatten().map(|(server, _)| server.clone());
            let servers: Vec<String> = servers.collect();
            relays.extend(links.into_iter().map(|(link, place)| Relay {
                link,
                servers: servers.clone(),
                place,
            }));
        }
        relay::write(&mut self.site, relays);
        if let Some(place) = exports.speaks_everywhere {
            let interfaces = self.site.draft.root.child("interfaces");
            let interfaces = interfaces.into_iter().flat_map(|it| it.children());
            let nics = interfaces.filter(|(_, table)| !table.has("bond"));
            let nics = nics.filter(|(name, _)| !exports.silent.contains(*name));
            let nics: Vec<Value> = nics.map(|(name, _)| name.into()).collect();
            if !nics.is_empty() {
                self.site
                    .draft
                    .set(&["lldp"], "interfaces", Value::List(nics), place);
            }
        }
    }
}

//! `interfaces` of Junos, and OSPF on them.

use super::Junos;
use super::statement::Statement;
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::site::Link;
use std::collections::{HashMap, HashSet};

/// Bytes of an Ethernet header, which Junos counts in the MTU of an interface, and of a tag.
const HEADER: u32 = 14;
const TAG: u32 = 4;

/// What has to be known of units before the first of them is read, and MTUs until all of them are.
#[derive(Debug, Default)]
pub(super) struct Units {
    /// The tags of units.
    tags: HashMap<(String, String), u16>,
    /// The MTU of each interface, as it is written.
    mtus: HashMap<String, (u32, Place)>,
    /// The VLANs that there are, with the interface each is of.
    vlans: Vec<(String, Link)>,
    seen: HashSet<(String, String)>,
}

impl Units {
    /// The units of a configuration.
    pub fn of(statements: &[Statement]) -> Self {
        let mut units = Self::default();
        for statement in statements {
            if let [interfaces, name, unit, number, vlan_id, tag] = &statement.words[..]
                && (interfaces.as_str(), unit.as_str(), vlan_id.as_str()) == ("interfaces", "unit", "vlan-id")
                && let Ok(tag) = tag.parse()
            {
                units.tags.insert((name.clone(), number.clone()), tag);
            }
        }
        units
    }
}

/// The NICs that are there for management.
fn is_management(name: &str) -> bool {
    ["fxp0", "em0", "em1", "me0", "vme", "re0:mgmt-0"].contains(&name)
}

impl Junos {
    pub(super) fn interface(&mut self, name: &str, what: &[&str], statement: &Statement) {
        let place = statement.place;
        if is_management(name) {
            return self.management(name, what, statement);
        }
        if [
            "irb", "vlan", "st0", "gr-", "ip-", "lt-", "vt-", "si-", "pp0", "demux0",
        ]
        .iter()
        .any(|other| name.starts_with(other))
        {
            return self.leave(statement, Why::NotYet);
        }
        match *what {
            ["description", text] => {
                let link = self.link(name, "0");
                self.site.draft.set(&link.path(), "description", text, place);
            }
            ["mtu", mtu] if mtu.parse::<u32>().is_ok_and(|mtu| mtu > HEADER + TAG) => {
                let mtu = mtu.parse().unwrap_or_default();
                self.units.mtus.insert(name.to_owned(), (mtu, place));
            }
            // A VLAN is one by its tag.
            []
            | ["vlan-tagging" | "flexible-vlan-tagging"]
            | ["encapsulation", "flexible-ethernet-services"] => {
                let link = self.link(name, "0");
                self.site.draft.table(&link.path(), place);
            }
            ["unit", unit, ref what @ ..] => self.unit(name, unit, what, statement),
            _ => self.leave(statement, Why::NotYet),
        }
    }

    fn unit(&mut self, name: &str, unit: &str, what: &[&str], statement: &Statement) {
        let is_tagged = self.units.tags.contains_key(&(name.to_owned(), unit.to_owned()));
        if unit != "0" && !is_tagged {
            let why = "this unit has no vlan-id, and so is no VLAN".to_owned();
            return self.leave(statement, Why::Because(why));
        }
        let place = statement.place;
        let link = self.link(name, unit);
        match *what {
            [] | ["vlan-id", _] | ["family", "inet" | "inet6"] => {
                self.site.draft.table(&link.path(), place);
            }
            ["description", text] => {
                // Of an interface and its only unit, the first description stays.
                let table = self.site.draft.table(&link.path(), place);
                if is_tagged || !table.has("description") {
                    self.site.draft.set(&link.path(), "description", text, place);
                } else {
                    let why = "the interface has a description already".to_owned();
                    self.leave(statement, Why::Because(why));
                }
            }
            ["family", "inet" | "inet6", "address", address]
            | [
                "family",
                "inet" | "inet6",
                "address",
                address,
                "primary" | "preferred",
            ] => {
                let key = (link.name.clone(), address.to_owned());
                if self.units.seen.insert(key) {
                    self.site.address(&link, &with_length(address), place);
                }
            }
            ["family", "inet" | "inet6", "mtu", mtu] => {
                let table = self.site.draft.table(&link.path(), place);
                // One MTU for both families: the first of them.
                if !table.has("mtu") {
                    self.site
                        .draft
                        .set(&link.path(), "mtu", Value::number(mtu), place);
                }
            }
            _ => self.leave(statement, Why::NotYet),
        }
    }

    fn management(&mut self, name: &str, what: &[&str], statement: &Statement) {
        let place = statement.place;
        match *what {
            ["unit", "0", "family", "inet" | "inet6", "address", address] => {
                let table = self.site.draft.table(&["management"], place);
                if table.notes.is_empty() {
                    table.notes.push(format!(
                        "Which NIC is {name} here? match = {{ mac = \"3c:ec:ef:00:00:01\" }}"
                    ));
                }
                self.site
                    .draft
                    .push(&["management"], "addresses", with_length(address).as_str(), place);
            }
            ["unit", "0", "family", "inet", "dhcp"] => {
                self.site.draft.set(&["management"], "dhcp", true, place);
            }
            ["unit", "0"] | ["unit", "0", "family", _] | [] => {}
            _ => self.leave(statement, Why::NotYet),
        }
    }

    /// The link of a unit.
    fn link(&mut self, name: &str, unit: &str) -> Link {
        if name == "lo0" {
            return self.site.loopback("lo0");
        }
        match self.units.tags.get(&(name.to_owned(), unit.to_owned())) {
            Some(tag) => {
                let link = self.site.vlan(name, *tag);
                if self.units.seen.insert((name.to_owned(), format!("unit {unit}"))) {
                    self.units.vlans.push((name.to_owned(), link.clone()));
                }
                link
            }
            None => self.site.interface(name),
        }
    }

    /// The link that other statements call `ge-0/0/0.25`.
    pub(super) fn link_named(&mut self, name: &str) -> Link {
        let (name, unit) = name.split_once('.').unwrap_or((name, "0"));
        self.link(name, unit)
    }

    pub(super) fn ospf(
        &mut self,
        key: &'static str,
        area: &str,
        name: &str,
        what: &[&str],
        statement: &Statement,
    ) {
        if name == "all" {
            return self.leave(statement, Why::NotYet);
        }
        let place = statement.place;
        let link = self.link_named(name);
        let area = match area.parse::<std::net::Ipv4Addr>() {
            Ok(area) if u32::from(area) < 65536 => Value::Number(i64::from(u32::from(area))),
            _ => Value::number(area),
        };
        self.site.draft.inner(&link.path(), key, "area", area, place);
        let (inner, value) = match *what {
            [] => return,
            ["passive", ..] => ("passive", true.into()),
            ["metric", cost] => ("cost", Value::number(cost)),
            [timer @ ("hello-interval" | "dead-interval"), seconds] => (timer, Value::number(seconds)),
            ["interface-type", "p2p"] => ("network", "point-to-point".into()),
            _ => return self.leave(statement, Why::NotYet),
        };
        self.site.draft.inner(&link.path(), key, inner, value, place);
    }

    /// Junos counts the Ethernet header, and a tag where there is one; here an MTU is that of the packet.
    pub(super) fn finish_links(&mut self) {
        let vlans = std::mem::take(&mut self.units.vlans);
        let mtus = std::mem::take(&mut self.units.mtus);
        for (parent, link) in &vlans {
            if let Some((mtu, place)) = mtus.get(parent) {
                let table = self.site.draft.table(&link.path(), *place);
                if !table.has("mtu") {
                    let mtu = i64::from(mtu - HEADER - TAG);
                    self.site
                        .draft
                        .set(&link.path(), "mtu", Value::Number(mtu), *place);
                }
            }
        }
        let mut mtus: Vec<_> = mtus.into_iter().collect();
        mtus.sort_by_key(|(_, (_, place))| *place);
        for (name, (mtu, place)) in mtus {
            let link = self.link(&name, "0");
            let table = self.site.draft.table(&link.path(), place);
            if !table.has("mtu") {
                let mtu = i64::from(mtu - HEADER);
                self.site
                    .draft
                    .set(&link.path(), "mtu", Value::Number(mtu), place);
            }
        }
    }
}

/// An address without a length is one of a host.
fn with_length(address: &str) -> String {
    match address.parse::<std::net::IpAddr>() {
        Ok(host) if host.is_ipv4() => format!("{address}/32"),
        Ok(_) => format!("{address}/128"),
        Err(_) => address.to_owned(),
    }
}

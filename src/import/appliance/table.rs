//! VPP's tables and the kernel's VRFs, which are one thing here.

use super::Appliance;
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::vrf::Routing;
use indexmap::IndexMap;
use std::collections::HashMap;
use std::net::IpAddr;

/// The number of VPP's main table.
pub(super) const MAIN: &str = "0";

/// The tables, until all commands are read.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// What each is called.
    names: HashMap<u32, String>,
    /// By VPP's names: where an interface is put into one, for IPv4 and for IPv6.
    links: IndexMap<String, [Option<(String, Place)>; 2]>,
}

impl Tables {
    /// An interface is called otherwise from here on.
    pub fn rename(&mut self, old: &str, new: &str) {
        if let Some(families) = self.links.shift_remove(old) {
            self.links.insert(new.to_owned(), families);
        }
    }
}

impl Appliance {
    /// `ip link add NAME type vrf table N`, in whichever namespace.
    pub(super) fn vrf_device(&mut self, words: &[&str], table: &str, line: &str, place: Place) {
        let mut behind = words.iter().skip_while(|word| **word != "add").skip(1);
        let name = behind.find(|word| !["dev", "name"].contains(word));
        match (name, table.parse()) {
            (Some(name), Ok(number)) => {
                self.tables.names.insert(number, (*name).to_owned());
                self.site.vrf_of_table(name, number, place);
            }
            _ => self.leave(place, line, Why::Unknown),
        }
    }

    /// `ip table add N`.
    pub(super) fn table(
        &mut self,
        instance: &str,
        table: &str,
        name: Option<&str>,
        line: &str,
        place: Place,
    ) {
        if instance != "core" {
            return self.leave(place, line, Why::NotYet);
        }
        if let (Ok(number), Some(name)) = (table.parse(), name) {
            // The kernel's name is that of FRR.
            self.tables.names.entry(number).or_insert_with(|| name.to_owned());
        }
        let _ = self.routing(table, line, place);
    }

    /// The table of this number; none where it is no number, and the line is left out then.
    pub(super) fn routing(&mut self, table: &str, line: &str, place: Place) -> Option<Routing> {
        if table == MAIN {
            return Some(Routing::main());
        }
        let Ok(number) = table.parse() else {
            self.leave(
                place,
                line,
                Why::Because("expected the number of a table".to_owned()),
            );
            return None;
        };
        let name = self.tables.names.get(&number).cloned();
        let name = name.unwrap_or_else(|| format!("vrf{number}"));
        Some(self.site.vrf_of_table(&name, number, place))
    }

    /// `set interface ip table NAME N`.
    pub(super) fn in_table(&mut self, name: &str, family: &str, table: &str, line: &str, place: Place) {
        let Some(link) = self.links.get(name).cloned() else {
            if !self.joints.contains(name) {
                self.unknown_interface(name, line, place);
            }
            return;
        };
        if link.path[0] == "incus" {
            let why = "containers are in the main table".to_owned();
            return self.leave(place, line, Why::Because(why));
        }
        let Some(routing) = self.routing(table, line, place) else {
            return;
        };
        self.site.put_into(&link, &routing, place);
        if !routing.is_main() {
            let families = self.tables.links.entry(name.to_owned()).or_default();
            families[usize::from(family == "ip6")] = Some((line.to_owned(), place));
        }
    }

    /// A VRF is of both families: what is said of an interface for one of them changes the other, if it has that one.
    pub(super) fn finish_tables(&mut self) {
        for (name, families) in std::mem::take(&mut self.tables.links) {
            let (line, place, other) = match families {
                [Some((line, place)), None] => (line, place, "IPv6"),
                [None, Some((line, place))] => (line, place, "IPv4"),
                _ => continue,
            };
            let Some(link) = self.links.get(&name) else {
                continue;
            };
            let of_other = |text: &str| {
                let host = text
                    .split('/')
                    .next()
                    .and_then(|host| host.parse::<IpAddr>().ok());
                host.is_some_and(|host| host.is_ipv6() == (other == "IPv6"))
            };
            let addresses = self
                .site
                .draft
                .find(&link.path())
                .and_then(|it| it.value("addresses"));
            let is_mixed = match addresses {
                Some(Value::List(list)) => list
                    .iter()
                    .any(|it| matches!(it, Value::Text(text) if of_other(text))),
                _ => false,
            };
            if is_mixed {
                let why = format!("its {other} was in the main table, and is in the VRF with the rest here");
                self.leave(place, &line, Why::Because(why));
            }
        }
    }
}

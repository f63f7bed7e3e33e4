//! A router while it is imported: its document, the names its things get, and its policy.

use super::Original;
use super::document::{Place, Table, Value};
use super::draft::Draft;
use super::left::Why;
use super::name::{self, Names};
use super::policy::Policy;
use super::vrf::Vrfs;
use crate::types::{IfAddr, KernelName};
use std::collections::{HashMap, HashSet};

/// A router while it is imported.
#[derive(Debug, Default)]
pub(super) struct Site {
    /// The document.
    pub draft: Draft,
    /// The names.
    pub names: Names,
    /// Lists and route-maps, written at the end.
    pub policy: Policy,
    /// The VRFs.
    pub vrfs: Vrfs,
    /// What each interface is called where it comes from.
    foreign: HashMap<String, String>,
}

/// An interface, VLAN or loopback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// Its table.
    pub path: Vec<String>,
    /// What it is called where the document refers to it.
    pub name: String,
}

impl Link {
    /// The path of its table, as the draft takes it.
    pub fn path(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// The VLAN inside of this one.
    pub fn inner(mut self, tag: u16) -> Self {
        self.path.extend(["inner".to_owned(), tag.to_string()]);
        self.name = format!("{}.{tag}", self.name);
        self
    }
}

impl Site {
    /// A router that is imported from these files.
    pub fn new(files: &[Original]) -> Self {
        Self {
            draft: Draft::new(files),
            ..Self::default()
        }
    }

    /// A loopback of this foreign name.
    pub fn loopback(&mut self, foreign: &str) -> Link {
        let name = match foreign {
            "lo" => self.names.interface("lo0"),
            _ => self.names.interface(foreign),
        };
        Link {
            path: vec!["loopbacks".to_owned(), name.clone()],
            name,
        }
    }

    /// A NIC of this foreign name.
    pub fn interface(&mut self, foreign: &str) -> Link {
        let name = self.names.interface(foreign);
        self.foreign
            .entry(name.clone())
            .or_insert_with(|| foreign.to_owned());
        Link {
            path: vec!["interfaces".to_owned(), name.clone()],
            name,
        }
    }

    /// The VLAN of a NIC.
    pub fn vlan(&mut self, parent: &str, tag: u16) -> Link {
        let mut link = self.interface(parent);
        link.path.extend(["vlan".to_owned(), tag.to_string()]);
        link.name = format!("{}.{tag}", link.name);
        link
    }

    /// A NIC whose VLANs add so many bytes to its name.
    pub fn leave_room(&mut self, parent: &str, bytes: usize) {
        self.names.parent(parent, bytes);
    }

    /// A bridge.
    pub fn bridge(&mut self, foreign: &str) -> Link {
        let name = self.names.interface(foreign);
        Link {
            path: vec!["bridges".to_owned(), name.clone()],
            name,
        }
    }

    /// A network device as Linux calls it: `lo`, `eth0`, `eth0.25`.
    pub fn device(&mut self, foreign: &str) -> Link {
        if is_loopback(foreign) {
            return self.loopback(foreign);
        }
        let vlan = foreign
            .rsplit_once('.')
            .and_then(|(parent, tag)| Some((parent, tag.parse::<u16>().ok()?)));
        match vlan {
            Some((parent, tag)) if (1..=4094).contains(&tag) => self.vlan(parent, tag),
            _ => self.interface(foreign),
        }
    }

    /// The name of a network device that something refers to; it is in the document from then on.
    pub fn device_in_use(&mut self, foreign: &str, place: Place) -> String {
        let link = self.device(foreign);
        self.draft.table(&link.path(), place);
        link.name
    }

    /// Gives a link an address; what is no address is said by the check.
    pub fn address(&mut self, link: &Link, address: &str, place: Place) {
        let address = match address.parse::<IfAddr>() {
            Ok(address) => Value::text(address),
            Err(_) => Value::text(address),
        };
        self.draft.push(&link.path(), "addresses", address, place);
    }

    /// What the NICs are called where they come from.
    pub fn foreign_names(&self) -> HashSet<String> {
        self.foreign.values().cloned().collect()
    }

    /// The host's name, or a note that it is no host name.
    pub fn hostname(&mut self, foreign: &str, place: Place) {
        match name::host(foreign) {
            Some(name) => self.draft.set(&["system"], "hostname", name.as_str(), place),
            None => self.draft.leave(
                place,
                "",
                Why::Because("this is no host name: letters, digits and inner hyphens".to_owned()),
            ),
        }
    }

    /// Every address of a link in the document, with the link.
    pub fn addresses(&self) -> Vec<(Link, IfAddr)> {
        let mut found = Vec::new();
        for (link, table) in self.tables() {
            let Some(Value::List(list)) = table.value("addresses") else {
                continue;
            };
            for address in list {
                if let Value::Text(text) = address
                    && let Ok(address) = text.parse()
                {
                    found.push((link.clone(), address));
                }
            }
        }
        found
    }

    /// Every link in the document.
    pub fn links(&self) -> Vec<Link> {
        self.tables().into_iter().map(|(link, _)| link).collect()
    }

    /// Every link in the document with its table, and the VLANs on it behind it.
    fn tables(&self) -> Vec<(Link, &Table)> {
        let mut found = Vec::new();
        for group in ["loopbacks", "interfaces", "bridges", "tunnels"] {
            let links = self.draft.root.child(group).into_iter();
            for (name, table) in links.flat_map(Table::children) {
                let link = Link {
                    path: vec![group.to_owned(), name.to_owned()],
                    name: name.to_owned(),
                };
                tables_of(link, table, &mut found);
            }
        }
        found
    }

    /// Completes the document: the policy, and what no other system has to say.
    pub fn finish(mut self) -> Draft {
        std::mem::take(&mut self.policy).write(&mut self.draft, &mut self.names);
        let nowhere = Place::NOWHERE;
        let system = self.draft.table(&["system"], nowhere);
        if !system.has("hostname") {
            system
                .notes
                .push("hostname is missing: hostname = \"edge1\"".to_owned());
        }
        let links = ["interfaces", "loopbacks"];
        if links.iter().any(|links| self.draft.root.has(links)) {
            self.draft.table(&["vpp", "core"], nowhere);
        }
        self.finish_vrfs(nowhere);
        if self.draft.root.has("interfaces") {
            self.strip_members();
            self.attach_service_vlans(nowhere);
            self.match_interfaces(nowhere);
        }
        self.draft.left.sort_by_key(|left| left.place);
        self.draft
    }

    /// A member of a bond says which NIC it is, and nothing else.
    fn strip_members(&mut self) {
        let interfaces = self.draft.root.tables.get_mut("interfaces");
        let Some(interfaces) = interfaces else { return };
        let members: Vec<String> = interfaces.children().flat_map(|(_, it)| members_of(it)).collect();
        let mut left = Vec::new();
        for member in members {
            let Some(table) = interfaces.tables.get_mut(&member) else {
                continue;
            };
            let keys: Vec<String> = table.values.keys().cloned().collect();
            for key in keys
                .iter()
                .filter(|key| !["match", "attach"].contains(&key.as_str()))
            {
                // What was derived is no loss.
                let from = table.remove(key).and_then(|entry| entry.from);
                if let Some((place, _)) = from.filter(|(place, _)| place.is_somewhere()) {
                    left.push((place, format!("{member} {key}")));
                }
            }
        }
        for (place, statement) in left {
            let why = "a member of a bond says which NIC it is, and nothing else".to_owned();
            self.draft.leave(place, &statement, Why::Because(why));
        }
    }

    /// Frames of 802.1ad arrive by DPDK alone.
    fn attach_service_vlans(&mut self, nowhere: Place) {
        let interfaces = self.draft.table(&["interfaces"], nowhere);
        let is_service = |vlan: &Table| vlan.value("type") == Some(&Value::text("dot1ad"));
        let has_one = |table: &Table| {
            let mut vlans = table.child("vlan").into_iter().flat_map(Table::children);
            vlans.any(|(_, vlan)| is_service(vlan))
        };
        let parents = interfaces.children().filter(|(_, table)| has_one(table));
        let nics = parents.flat_map(|(name, table)| match members_of(table) {
            members if members.is_empty() => vec![name.to_owned()],
            members => members,
        });
        for nic in nics.collect::<Vec<_>>() {
            let _ = interfaces.table(&nic, nowhere).set("attach", "dpdk", nowhere);
        }
    }

    /// Where an interface does not say which NIC it is: the kernel's name of it, or the question.
    fn match_interfaces(&mut self, nowhere: Place) {
        let interfaces = self.draft.table(&["interfaces"], nowhere);
        let names: Vec<String> = interfaces.children().map(|(name, _)| name.to_owned()).collect();
        for name in names {
            let table = interfaces.table(&name, nowhere);
            if table.has("match") || table.has("bond") {
                continue;
            }
            let foreign = self.foreign.get(&name).map_or(name.as_str(), String::as_str);
            match is_device(foreign) {
                true => {
                    let _ = table.inner("match", "name", foreign, nowhere);
                }
                false => table.notes.push(format!(
                    "Which NIC is {foreign}? match = {{ pci = \"0000:65:00.0\" }} or match = {{ mac = \"3c:ec:ef:00:00:01\" }}"
                )),
            }
        }
    }
}

/// The members of a bond; none of anything else.
fn members_of(table: &Table) -> Vec<String> {
    let Some(Value::Inline(bond)) = table.value("bond") else {
        return Vec::new();
    };
    let members = bond.iter().filter(|(key, _)| key == "members");
    let members = members.flat_map(|(_, members)| match members {
        Value::List(list) => list.as_slice(),
        _ => &[],
    });
    let text = |name: &Value| match name {
        Value::Text(name) => Some(name.clone()),
        _ => None,
    };
    members.filter_map(text).collect()
}

fn tables_of<'t>(link: Link, table: &'t Table, found: &mut Vec<(Link, &'t Table)>) {
    found.push((link.clone(), table));
    for group in ["vlan", "inner"] {
        for (tag, table) in table.child(group).into_iter().flat_map(Table::children) {
            let mut inner = link.clone();
            inner.path.extend([group.to_owned(), tag.to_owned()]);
            inner.name = format!("{}.{tag}", link.name);
            tables_of(inner, table, found);
        }
    }
}

/// `lo`, `lo0`, `dummy1`, `loop7`, `Loopback0`.
fn is_loopback(name: &str) -> bool {
    let kind = name.trim_end_matches(|c: char| c.is_ascii_digit());
    ["lo", "loop", "loopback", "dummy"]
        .iter()
        .any(|known| kind.eq_ignore_ascii_case(known))
}

/// Whether Linux may have a device of this name: Junos's and SONiC's names are no such names, or of no such machine.
fn is_device(name: &str) -> bool {
    name.parse::<KernelName>().is_ok() && !name.contains(char::is_uppercase)
}

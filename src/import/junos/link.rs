//! `interfaces` of Junos.

use super::bond::is_bond;
use super::bridge::NO_DOMAIN;
use super::statement::Statement;
use super::{Junos, tunnel};
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::site::Link;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Bytes of an Ethernet header, which Junos counts in the MTU of an interface, and of a tag.
const HEADER: u32 = 14;
const TAG: u32 = 4;

/// What has to be known of units before the first of them is read, and MTUs until all of them are.
#[derive(Debug, Default)]
pub(super) struct Units {
    /// The tags of units.
    tags: HashMap<(String, String), Tags>,
    /// The MTU of each interface, as it is written.
    mtus: HashMap<String, (u32, Place)>,
    /// The VLANs that there are, with the interface each is of.
    pub(super) vlans: Vec<(String, Link)>,
    pub(super) seen: HashSet<(String, String)>,
}

/// What the frames of a unit are marked with.
#[derive(Debug, Clone, Copy, Default)]
struct Tags {
    outer: u16,
    inner: Option<u16>,
    /// Whether the outer tag is one of 802.1ad.
    is_service: bool,
}

impl Units {
    /// The units of a configuration.
    pub fn of(statements: &[Statement]) -> Self {
        let mut units = Self::default();
        for statement in statements {
            let words: Vec<&str> = statement.words.iter().map(String::as_str).collect();
            let ["interfaces", name, "unit", number, ref tags @ ..] = words[..] else {
                continue;
            };
            let unit = || (name.to_owned(), number.to_owned());
            match *tags {
                ["vlan-id", tag] => {
                    if let Ok(outer) = tag.parse() {
                        units.tags.entry(unit()).or_default().outer = outer;
                    }
                }
                // On one line in `display set`, each on its own in JSON.
                ["vlan-tags", ref pairs @ ..] => {
                    for pair in pairs.chunks_exact(2) {
                        units.tags.entry(unit()).or_default().read(pair[0], pair[1]);
                    }
                }
                _ => {}
            }
        }
        units.tags.retain(|_, tags| tags.outer != 0);
        units
    }

    /// How many bytes the tags of each interface add to its name at most.
    pub fn room(&self) -> BTreeMap<String, usize> {
        let mut room = BTreeMap::new();
        for ((name, _), tags) in &self.tags {
            let inner = tags.inner.map_or(String::new(), |inner| format!(".{inner}"));
            let bytes = format!(".{}{inner}", tags.outer).len();
            let most = room.entry(name.clone()).or_insert(0);
            *most = bytes.max(*most);
        }
        room
    }
}

impl Tags {
    /// `outer 100`, `outer 0x88a8.100`, `inner 200`.
    fn read(&mut self, which: &str, tag: &str) {
        let (kind, tag) = tag.split_once('.').unwrap_or(("0x8100", tag));
        let Ok(tag) = tag.parse() else { return };
        match which {
            "outer" => (self.outer, self.is_service) = (tag, kind.eq_ignore_ascii_case("0x88a8")),
            "inner" => self.inner = Some(tag),
            _ => {}
        }
    }
}

/// The NICs that are there for management.
pub(super) fn is_management(name: &str) -> bool {
    ["fxp0", "em0", "em1", "me0", "vme", "re0:mgmt-0"].contains(&name)
}

/// The interfaces that nothing takes the place of.
fn is_foreign(name: &str) -> bool {
    ["vlan", "st0", "lt-", "vt-", "si-", "pp0", "demux0"]
        .iter()
        .any(|other| name.starts_with(other))
}

impl Junos {
    pub(super) fn interface(&mut self, name: &str, what: &[&str], statement: &Statement) {
        let place = statement.place;
        if is_management(name) {
            return self.management(name, what, statement);
        }
        if tunnel::kind(name).is_some() {
            return self.tunnel(name, what, statement);
        }
        if name == "irb" {
            return self.irb_statement(what, statement);
        }
        if is_foreign(name) {
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
            | ["vlan-tagging" | "flexible-vlan-tagging" | "stacked-vlan-tagging"]
            | [
                "encapsulation",
                "flexible-ethernet-services" | "ethernet-bridge" | "vlan-bridge" | "extended-vlan-bridge",
            ] => {
                let link = self.link(name, "0");
                self.site.draft.table(&link.path(), place);
            }
            ["disable"] => {
                let link = self.link(name, "0");
                self.site.draft.set(&link.path(), "enabled", false, place);
            }
            ["mac", address] => {
                let link = self.link(name, "0");
                self.site.draft.set(&link.path(), "mac", address, place);
            }
            [
                "gigether-options" | "ether-options" | "fastether-options",
                "802.3ad",
                bond,
            ]
            | [
                "gigether-options" | "ether-options",
                "ieee-802.3ad",
                "bundle",
                bond,
            ] if is_bond(bond) => {
                self.member(name, bond, place);
            }
            ["aggregated-ether-options", ref what @ ..] if is_bond(name) => {
                self.bond_option(name, what, statement)
            }
            [
                "hold-time" | "speed" | "link-mode" | "gigether-options" | "ether-options" | "traps"
                | "no-traps",
                ..,
            ] => {
                self.leave(statement, Why::Foreign(""));
            }
            ["unit", unit, ref what @ ..] => self.unit(name, unit, what, statement),
            _ => self.leave(statement, Why::NotYet),
        }
    }

    fn unit(&mut self, name: &str, unit: &str, what: &[&str], statement: &Statement) {
        if let Err(why) = self.is_link(name, unit) {
            return self.leave(statement, why);
        }
        let is_tagged = self.is_tagged(name, unit);
        if let ["family", "bridge" | "ethernet-switching", ref what @ ..] = *what {
            return self.bridge_port(name, what, statement);
        }
        let link = self.link(name, unit);
        self.of_unit(&link, is_tagged, what, statement);
    }

    fn management(&mut self, name: &str, what: &[&str], statement: &Statement) {
        let place = statement.place;
        match *what {
            [
                "unit",
                "0",
                "family",
                "inet" | "inet6",
                "address",
                address,
                ref options @ ..,
            ] if options != ["eui-64"] => {
                let table = self.site.draft.table(&["management"], place);
                if table.notes.is_empty() {
                    table.notes.push(format!(
                        "Which NIC is {name} here? match = {{ mac = \"3c:ec:ef:00:00:01\" }}"
                    ));
                }
                let address = with_length(address);
                let address = address.as_str();
                self.site
                    .draft
                    .push_new(&["management"], "addresses", address, place);
                match *options {
                    [] => {}
                    ["master-only"] => self.leave(statement, Why::Foreign("it has one routing engine")),
                    _ => self.address_option(options, statement),
                }
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
        match name {
            "lo0" if unit == "0" => return self.site.loopback("lo0"),
            // A loopback of a VRF.
            "lo0" => return self.site.loopback(&format!("lo{unit}")),
            "irb" => return self.irb(unit),
            _ => {}
        }
        if tunnel::kind(name).is_some() {
            return self.tunnel_link(name, unit);
        }
        match self.units.tags.get(&(name.to_owned(), unit.to_owned())).copied() {
            Some(tags) => {
                let mut link = self.site.vlan(name, tags.outer);
                if tags.is_service {
                    let draft = &mut self.site.draft;
                    draft.set(&link.path(), "type", "dot1ad", Place::NOWHERE);
                }
                if let Some(inner) = tags.inner {
                    link = link.inner(inner);
                }
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

    /// The same where it is a link here; where it is none, that is said.
    pub(super) fn known_link(&mut self, name: &str, statement: &Statement) -> Option<Link> {
        match self.is_here(name) {
            Ok(()) => Some(self.link_named(name)),
            Err(why) => {
                self.leave(statement, why);
                None
            }
        }
    }

    /// Whether there is a link here for what other statements call `ge-0/0/0.25`; if not, why.
    pub(super) fn is_here(&self, name: &str) -> Result<(), Why> {
        let (parent, unit) = name.split_once('.').unwrap_or((name, "0"));
        let because = |why: &str| Err(Why::Because(why.to_owned()));
        match parent {
            _ if is_management(parent) => because("management is in the host's namespace"),
            _ if is_foreign(parent) => Err(Why::NotYet),
            _ if self.inactive.has_unit(parent, unit) => because("this unit is deactivated"),
            "irb" if !self.bridges.has_irb(unit) => because(NO_DOMAIN),
            _ => self.is_link(parent, unit),
        }
    }

    /// Whether a unit is a link: it has a tag, or is the first of its interface.
    fn is_link(&self, name: &str, unit: &str) -> Result<(), Why> {
        let is_link = unit == "0"
            || ["lo0", "irb"].contains(&name)
            || tunnel::kind(name).is_some()
            || self.is_tagged(name, unit);
        match is_link {
            true => Ok(()),
            false => Err(Why::Because(
                "this unit has no vlan-id, and so is no VLAN".to_owned(),
            )),
        }
    }

    fn is_tagged(&self, name: &str, unit: &str) -> bool {
        self.units.tags.contains_key(&(name.to_owned(), unit.to_owned()))
    }

    /// Junos counts the Ethernet header, and a tag where there is one; here an MTU is that of the packet.
    pub(super) fn finish_links(&mut self) {
        let vlans = std::mem::take(&mut self.units.vlans);
        let mtus = std::mem::take(&mut self.units.mtus);
        for (parent, link) in &vlans {
            if let Some((mtu, place)) = mtus.get(parent) {
                let table = self.site.draft.table(&link.path(), *place);
                if !table.has("mtu") {
                    let tags = if link.path.iter().any(|it| it == "inner") {
                        2
                    } else {
                        1
                    };
                    let mtu = i64::from(mtu.saturating_sub(HEADER + tags * TAG));
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
pub(super) fn with_length(address: &str) -> String {
    match address.parse::<std::net::IpAddr>() {
        Ok(host) if host.is_ipv4() => format!("{address}/32"),
        Ok(_) => format!("{address}/128"),
        Err(_) => address.to_owned(),
    }
}

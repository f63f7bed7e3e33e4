//! `bridge-domains` of Junos, `vlans` of its switches, and the units of `irb`, which are this router's interfaces on them.

use super::Junos;
use super::statement::Statement;
use crate::import::document::Place;
use crate::import::left::Why;
use crate::import::site::Link;
use indexmap::IndexMap;
use std::collections::{BTreeMap, HashMap};

/// What is bridged, in the words of routers and of switches.
const DOMAINS: &str = "bridge-domains";
const VLANS: &str = "vlans";

/// Why a unit of `irb` is nothing here.
pub(super) const NO_DOMAIN: &str = "no bridge domain has it as its routing-interface";

/// What a VLAN of a trunk adds to the name of its port at most.
pub(super) const LONGEST_TAG: usize = ".4094".len();

/// The bridge domains; their ports until all statements are read.
#[derive(Debug, Default)]
pub(super) struct Bridges {
    /// The domain that each unit of `irb` is on.
    by_irb: HashMap<String, String>,
    /// The domains by their tags: Junos has one for each.
    by_tag: BTreeMap<u16, String>,
    /// The tags by their domains: the ports of a switch name these.
    tags: HashMap<String, u16>,
    ports: IndexMap<String, Port>,
    /// Where each was named first.
    places: IndexMap<String, Place>,
}

/// A port that says itself which VLANs it has: `family bridge`, on switches `family ethernet-switching`.
#[derive(Debug, Default)]
struct Port {
    is_trunk: bool,
    /// From and to.
    tags: Vec<(u16, u16)>,
    place: Option<Place>,
}

impl Bridges {
    /// The bridge domains of a configuration.
    pub fn of(statements: &[Statement]) -> Self {
        let mut bridges = Self::default();
        for statement in statements {
            let words: Vec<&str> = statement.words.iter().map(String::as_str).collect();
            match words[..] {
                [DOMAINS | VLANS, name, "routing-interface" | "l3-interface", irb] => {
                    let unit = irb.strip_prefix("irb.").unwrap_or(irb);
                    bridges.by_irb.insert(unit.to_owned(), name.to_owned());
                }
                [DOMAINS | VLANS, name, "vlan-id", tag] => {
                    if let Ok(tag) = tag.parse() {
                        bridges.by_tag.entry(tag).or_insert_with(|| name.to_owned());
                        bridges.tags.insert(name.to_owned(), tag);
                    }
                }
                [
                    "interfaces",
                    name,
                    "unit",
                    "0",
                    "family",
                    "bridge" | "ethernet-switching",
                    "interface-mode" | "port-mode",
                    mode,
                ] => {
                    bridges.ports.entry(name.to_owned()).or_default().is_trunk = mode == "trunk";
                }
                _ => {}
            }
        }
        bridges
    }

    /// Whether a domain has this unit of `irb`.
    pub fn has_irb(&self, unit: &str) -> bool {
        self.by_irb.contains_key(unit)
    }

    /// The ports whose frames have tags.
    pub fn trunks(&self) -> impl Iterator<Item = &str> {
        let trunks = self.ports.iter().filter(|(_, port)| port.is_trunk);
        trunks.map(|(name, _)| name.as_str())
    }
}

impl Junos {
    /// `bridge-domains NAME …` and `vlans NAME …`: a bridge once it has a port.
    pub(super) fn bridge_domain(&mut self, name: &str, what: &[&str], statement: &Statement) {
        let place = statement.place;
        let bridge = self.site.bridge(name);
        self.bridges.places.entry(name.to_owned()).or_insert(place);
        match *what {
            [] | ["domain-type", "bridge"] | ["vlan-id" | "routing-interface" | "l3-interface", _] => {}
            ["interface", name] => {
                if let Some(member) = self.known_link(name, statement) {
                    self.joins(&bridge, &member, place);
                }
            }
            ["description", text] => self.site.draft.set(&bridge.path(), "description", text, place),
            _ => self.leave(statement, Why::NotYet),
        }
    }

    fn joins(&mut self, bridge: &Link, member: &Link, place: Place) {
        self.site.draft.table(&member.path(), place);
        let name = member.name.as_str();
        self.site.draft.push(&bridge.path(), "members", name, place);
    }

    /// The interface on a bridge that Junos calls `irb.UNIT`.
    pub(super) fn irb(&mut self, unit: &str) -> Link {
        let domain = self.bridges.by_irb.get(unit);
        let domain = domain.cloned().unwrap_or_else(|| format!("irb.{unit}"));
        self.site.bridge(&domain)
    }

    /// `interfaces irb …`.
    pub(super) fn irb_statement(&mut self, what: &[&str], statement: &Statement) {
        match *what {
            [] => {}
            ["unit", unit, ref what @ ..] if self.bridges.has_irb(unit) => {
                let link = self.irb(unit);
                self.of_unit(&link, true, what, statement);
            }
            ["unit", ..] => {
                self.leave(statement, Why::Because(NO_DOMAIN.to_owned()));
            }
            _ => self.leave(statement, Why::NotYet),
        }
    }

    /// `family bridge …` and `family ethernet-switching …` of a port.
    pub(super) fn bridge_port(&mut self, name: &str, what: &[&str], statement: &Statement) {
        let place = statement.place;
        let tags = match *what {
            [] | ["interface-mode" | "port-mode", "access" | "trunk"] | ["vlan"] => return,
            ["vlan", "members", "all"] => Some((1, 4094)),
            ["vlan-id" | "vlan-id-list", tags] | ["vlan", "members", tags] => {
                let named = self.bridges.tags.get(tags).map(|tag| (*tag, *tag));
                let (first, last) = tags.split_once('-').unwrap_or((tags, tags));
                named.or_else(|| first.parse().ok().zip(last.parse().ok()))
            }
            _ => None,
        };
        let Some(tags) = tags else {
            return self.leave(statement, Why::NotYet);
        };
        let port = self.bridges.ports.entry(name.to_owned()).or_default();
        port.tags.push(tags);
        port.place.get_or_insert(place);
    }

    /// Gives each domain the ports that say its tag.
    pub(super) fn finish_bridges(&mut self) {
        let domains = std::mem::take(&mut self.bridges.by_tag);
        for (name, port) in std::mem::take(&mut self.bridges.ports) {
            let Some(place) = port.place else { continue };
            let tags = port.tags.iter().filter(|(first, last)| first <= last);
            let own: BTreeMap<&u16, &String> = tags
                .flat_map(|(first, last)| domains.range(first..=last))
                .collect();
            let found = !own.is_empty();
            for (tag, domain) in own {
                let member = match port.is_trunk {
                    true => self.site.vlan(&name, *tag),
                    false => self.site.interface(&name),
                };
                if port.is_trunk {
                    self.units.vlans.push((name.clone(), member.clone()));
                }
                let bridge = self.site.bridge(domain);
                self.joins(&bridge, &member, place);
            }
            if !found {
                let why = "nothing that is bridged has such a vlan-id".to_owned();
                self.site.draft.leave(
                    place,
                    &format!("interfaces {name} family bridge"),
                    Why::Because(why),
                );
            }
        }
        for (domain, place) in std::mem::take(&mut self.bridges.places) {
            let bridge = self.site.bridge(&domain);
            let table = self.site.draft.find(&bridge.path());
            // What routes and has no port stays, to be completed.
            if !table.is_some_and(|it| it.has("members") || it.has("addresses")) {
                self.site.draft.take(&bridge.path());
                self.site
                    .draft
                    .leave(place, &domain, Why::Because("it has no ports".to_owned()));
            }
        }
    }
}

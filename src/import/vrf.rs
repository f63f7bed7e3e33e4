//! VRFs of any source: what is routed in which table, and the numbers of these.

use super::document::{Place, Table, Value};
use super::draft::Draft;
use super::left::Why;
use super::site::{Link, Site};
use indexmap::IndexMap;
use std::collections::HashSet;

/// The routing table that routes, BGP or a link are in: the main one, or that of the VRF of this name in the document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Routing(Option<String>);

impl Routing {
    /// The main table.
    pub fn main() -> Self {
        Self(None)
    }

    /// Whether it is the main table.
    pub fn is_main(&self) -> bool {
        self.0.is_none()
    }

    /// Where these keys of the main table are in this one: `bgp` is `vrfs.CUST.bgp`.
    pub fn path<'p>(&'p self, keys: &[&'p str]) -> Vec<&'p str> {
        let vrf = self.0.iter().flat_map(|name| ["vrfs", name.as_str()]);
        vrf.chain(keys.iter().copied()).collect()
    }
}

/// The VRFs that were met.
#[derive(Debug, Default)]
pub(super) struct Vrfs {
    /// By their names in the document: what they are called where they come from, and the table they have there.
    by_name: IndexMap<String, (String, Option<u32>)>,
}

/// What a VRF says that has no number where it comes from.
const CHOSEN: &str =
    "The number is made of the name, so that the next import has it too; any free one will do.";

/// The tables that are chosen: below, people count their own.
const FIRST: u32 = 1000;
const LAST: u32 = 999_999;

/// The table of a VRF: of its name alone, so that it stays the same whatever comes and goes beside it (FNV-1a).
fn chosen(name: &str) -> u32 {
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    FIRST + hash % (LAST - FIRST + 1)
}

impl Site {
    /// The VRF of this foreign name, which is in the document from then on; `default` is the main table.
    pub fn vrf(&mut self, foreign: &str, place: Place) -> Routing {
        if foreign == "default" {
            return Routing::main();
        }
        let name = self.names.vrf(foreign);
        self.draft.table(&["vrfs", &name], place);
        let vrf = || (foreign.to_owned(), None);
        self.vrfs.by_name.entry(name.clone()).or_insert_with(vrf);
        Routing(Some(name))
    }

    /// The same for one whose table is known.
    pub fn vrf_of_table(&mut self, foreign: &str, table: u32, place: Place) -> Routing {
        let routing = self.vrf(foreign, place);
        if let Some(vrf) = routing
            .0
            .as_ref()
            .and_then(|name| self.vrfs.by_name.get_mut(name))
        {
            vrf.1 = Some(table);
            let number = Value::Number(i64::from(table));
            self.draft.set(&routing.path(&[]), "table", number, place);
        }
        routing
    }

    /// Puts a link into a table.
    pub fn put_into(&mut self, link: &Link, routing: &Routing, place: Place) {
        if let Some(name) = &routing.0 {
            self.draft.set(&link.path(), "vrf", name.as_str(), place);
        }
    }

    /// The table that a link is in, as far as the document says it yet.
    pub fn routing_of(&self, link: &Link) -> Routing {
        let vrf = self.draft.find(&link.path()).and_then(|link| link.value("vrf"));
        Routing(match vrf {
            Some(Value::Text(name)) => Some(name.clone()),
            _ => None,
        })
    }

    /// The VRFs whose table nothing says, and where each was met.
    pub fn vrfs_without_table(&self) -> Vec<(String, Place)> {
        let vrfs = self.vrfs.by_name.iter().filter(|(_, (_, table))| table.is_none());
        let place = |name: &str| self.draft.find(&["vrfs", name])?.from;
        vrfs.filter_map(|(name, (foreign, _))| Some((foreign.clone(), place(name)?)))
            .collect()
    }

    /// The VRFs that BGP is in, as far as the document says it yet.
    pub fn vrfs_with_bgp(&self) -> Vec<Routing> {
        let vrfs = self.draft.root.child("vrfs").into_iter();
        let vrfs = vrfs.flat_map(Table::children).filter(|(_, vrf)| vrf.has("bgp"));
        vrfs.map(|(name, _)| Routing(Some(name.to_owned()))).collect()
    }

    /// Whether this is what the VRF is called, or the main table.
    pub fn is_called(&mut self, routing: &Routing, foreign: &str) -> bool {
        match &routing.0 {
            None => foreign == "default",
            Some(name) => *name == self.names.vrf(foreign),
        }
    }

    /// Completes the VRFs: their tables, and what runs in none of them.
    pub(super) fn finish_vrfs(&mut self, nowhere: Place) {
        let vrfs = std::mem::take(&mut self.vrfs.by_name);
        let mut taken: HashSet<u32> = vrfs.values().filter_map(|(_, table)| *table).collect();
        for (name, (foreign, table)) in &vrfs {
            if table.is_none() {
                let mut number = chosen(foreign);
                while !taken.insert(number) {
                    number += 1;
                }
                let vrf = self.draft.table(&["vrfs", name], nowhere);
                vrf.notes.push(CHOSEN.to_owned());
                let _ = vrf.set("table", Value::Number(i64::from(number)), nowhere);
            }
        }
        let asn = self
            .draft
            .find(&["bgp"])
            .and_then(|bgp| bgp.value("asn"))
            .cloned();
        for name in vrfs.keys() {
            let vrf = self.draft.table(&["vrfs", name], nowhere);
            // That of the router is what it has without being told.
            if let Some(bgp) = vrf.tables.get_mut("bgp")
                && bgp.value("asn") == asn.as_ref()
            {
                bgp.remove("asn");
            }
        }
        let mut used = HashSet::new();
        for group in ["loopbacks", "interfaces", "bridges", "tunnels"] {
            let links = self.draft.root.tables.get_mut(group).map(std::mem::take);
            let Some(mut links) = links else { continue };
            for (name, link) in &mut links.tables {
                in_vrf(name, link, &mut self.draft, &mut used);
            }
            self.draft.root.tables[group] = links;
        }
        for name in vrfs.keys().filter(|name| !used.contains(*name)) {
            let vrf = self.draft.table(&["vrfs", name], nowhere);
            vrf.notes
                .push(format!("Which interfaces are in it? vrf = \"{name}\""));
        }
    }
}

/// Takes the protocols away that run in the main table alone, from a link in a VRF and from the VLANs on it; and notes
/// which VRFs they are in.
fn in_vrf(name: &str, link: &mut Table, draft: &mut Draft, used: &mut HashSet<String>) {
    if let Some(Value::Text(vrf)) = link.value("vrf") {
        used.insert(vrf.clone());
        for (key, protocol) in [("ospf", "OSPF"), ("ospf6", "OSPFv3"), ("isis", "IS-IS")] {
            if let Some((place, _)) = link.remove(key).and_then(|entry| entry.from) {
                let why = format!("{protocol} runs in the main table alone in this version, not in a VRF");
                draft.leave(place, &format!("{name} {key}"), Why::Because(why));
            }
        }
    }
    for group in ["vlan", "inner"] {
        for (tag, link) in link
            .tables
            .get_mut(group)
            .into_iter()
            .flat_map(|it| &mut it.tables)
        {
            in_vrf(&format!("{name}.{tag}"), link, draft, used);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FIRST, LAST, chosen};

    #[test]
    fn a_table_is_that_of_its_name_in_every_version() {
        assert_eq!(chosen("CUST"), 475_730);
        assert_ne!(chosen("CUST"), chosen("TSUC"));
        for number in 0..10_000 {
            let table = chosen(&format!("Vrf{number}"));
            assert!((FIRST..=LAST).contains(&table), "{table}");
        }
    }
}

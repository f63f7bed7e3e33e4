//! Bonds of Junos: `ae0`, and the NICs that say they are in it.

use super::Junos;
use super::statement::Statement;
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use indexmap::IndexMap;

/// The bonds by Junos's names.
#[derive(Debug, Default)]
pub(super) struct Bonds {
    by_name: IndexMap<String, Bond>,
}

#[derive(Debug, Default)]
struct Bond {
    members: Vec<(String, Place)>,
    speaks_lacp: bool,
    is_passive: bool,
    is_slow: bool,
    first: Option<Place>,
}

/// Whether Junos calls a bond so.
pub(super) fn is_bond(name: &str) -> bool {
    let number = name.strip_prefix("ae");
    number.is_some_and(|number| number.parse::<u16>().is_ok())
}

impl Junos {
    /// `interfaces NIC gigether-options 802.3ad BOND`.
    pub(super) fn member(&mut self, name: &str, bond: &str, place: Place) {
        let link = self.site.interface(name);
        self.site.draft.table(&link.path(), place);
        let bond = self.bonds.by_name.entry(bond.to_owned()).or_default();
        bond.members.push((link.name, place));
    }

    /// `interfaces BOND aggregated-ether-options …`.
    pub(super) fn bond_option(&mut self, name: &str, what: &[&str], statement: &Statement) {
        let bond = self.bonds.by_name.entry(name.to_owned()).or_default();
        bond.first.get_or_insert(statement.place);
        match *what {
            ["lacp"] | ["lacp", "active"] => bond.speaks_lacp = true,
            ["lacp", "passive"] => (bond.speaks_lacp, bond.is_passive) = (true, true),
            ["lacp", "periodic", "fast"] => bond.speaks_lacp = true,
            ["lacp", "periodic", "slow"] => (bond.speaks_lacp, bond.is_slow) = (true, true),
            ["minimum-links", "1"] | ["link-speed", ..] => {}
            ["minimum-links", ..] => {
                let why = "VPP keeps a bond up as long as one member is".to_owned();
                self.leave(statement, Why::Because(why));
            }
            _ => self.leave(statement, Why::NotYet),
        }
    }

    pub(super) fn finish_bonds(&mut self) {
        for (name, bond) in std::mem::take(&mut self.bonds.by_name) {
            let Some(place) = bond.members.first().map(|(_, place)| *place).or(bond.first) else {
                continue;
            };
            let link = self.site.interface(&name);
            let members = bond
                .members
                .into_iter()
                .map(|(name, _)| Value::text(name))
                .collect();
            let mut set =
                |key: &str, value: Value| self.site.draft.inner(&link.path(), "bond", key, value, place);
            set("members", Value::List(members));
            set("mode", if bond.speaks_lacp { "lacp" } else { "xor" }.into());
            if bond.is_slow {
                set("rate", "slow".into());
            }
            if bond.is_passive {
                set("passive", true.into());
            }
        }
    }
}

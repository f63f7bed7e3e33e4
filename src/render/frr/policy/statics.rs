//! Route-maps for `redistribute static` that leave out the blackholes behind announced networks: these only hold the networks in
//! the RIB, and are no routes of the operator's.
//!
//! A map calls the one it stands for: `NAME/static4`, `NAME/static6`, in a VRF `NAME/static4/VRF`. A name in the document has no
//! slash.

use super::super::numbers::{self, MEMBERS};
use super::super::ospf::Version;
use super::super::running::Numbered;
use super::Copies;
use crate::config::{IsisSource, Model, Redistribute, RouteOrigin};
use crate::types::{PolicyName, Prefix, VrfName};
use std::collections::BTreeSet;

/// The list that holds the networks.
const NETWORKS: &str = "/networks";

/// The networks of a table that have a blackhole behind them, in the order of their addresses.
#[derive(Debug, Default)]
pub(in crate::render::frr) struct Held<'m> {
    /// The VRF; none: the main table.
    vrf: Option<&'m VrfName>,
    v4: Vec<Prefix>,
    v6: Vec<Prefix>,
}

/// A family of addresses, as the names of the maps have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::render::frr) enum Of {
    V4,
    V6,
}

impl Of {
    fn word(self) -> &'static str {
        match self {
            Self::V4 => "ip",
            Self::V6 => "ipv6",
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::V4 => "static4",
            Self::V6 => "static6",
        }
    }

    /// What a line of a prefix-list begins with.
    fn list(self) -> &'static str {
        match self {
            Self::V4 => "ip prefix-list ",
            Self::V6 => "ipv6 prefix-list ",
        }
    }
}

impl<'m> Held<'m> {
    pub(in crate::render::frr) fn new(
        vrf: Option<&'m VrfName>,
        networks: impl Iterator<Item = Prefix>,
    ) -> Self {
        let mut networks: Vec<Prefix> = networks.collect();
        networks.sort_by_key(|prefix| (prefix.net().addr(), prefix.net().prefix_len()));
        let (v4, v6) = networks.into_iter().partition(|prefix| prefix.v4().is_some());
        Self { vrf, v4, v6 }
    }

    fn of(&self, family: Of) -> &[Prefix] {
        match family {
            Of::V4 => &self.v4,
            Of::V6 => &self.v6,
        }
    }

    /// The map for static routes of the family where the document has this one, or none.
    pub(in crate::render::frr) fn map(&self, map: Option<String>, family: Of) -> Option<String> {
        match self.of(family).is_empty() {
            true => map,
            false => Some(self.named(&format!("{}/{}", map.unwrap_or_default(), family.suffix()))),
        }
    }

    /// A derived name, told from that of the other tables.
    fn named(&self, name: &str) -> String {
        match self.vrf {
            None => name.to_owned(),
            Some(vrf) => format!("{name}/{vrf}"),
        }
    }

    /// The lines of the maps, each ending in a newline.
    pub(in crate::render::frr) fn maps(&self, model: &Model, copies: &Copies<'_>) -> String {
        let used = self.uses(model, copies);
        let used = used.iter().filter(|(family, _)| !self.of(*family).is_empty());
        used.map(|(family, map)| self.lines(map, *family)).collect()
    }

    /// The lines of the list in the family, each ending in a newline; a network keeps the number it has.
    pub(in crate::render::frr) fn list(&self, model: &Model, running: &Numbered<'_>, family: Of) -> String {
        if !self
            .uses(model, &Copies::default())
            .iter()
            .any(|(used, _)| *used == family)
        {
            return String::new();
        }
        let members: Vec<String> = self.of(family).iter().map(|it| format!("permit {it}")).collect();
        let wanted: Vec<&str> = members.iter().map(String::as_str).collect();
        let list = self.named(NETWORKS);
        let before = running.parts(family.list(), &list);
        let before = before.and_then(|parts| parts.get(&1));
        let numbers = numbers::of(before.map_or(&[][..], Vec::as_slice), &wanted, &MEMBERS);
        let lines = numbers.into_iter().zip(&wanted);
        lines
            .map(|(number, member)| format!("{}{list} seq {number} {member}\n", family.list()))
            .collect()
    }

    fn lines(&self, map: &str, family: Of) -> String {
        let call = match map {
            "" => String::new(),
            map => format!(" call {map}\n"),
        };
        let (word, list) = (family.word(), self.named(NETWORKS));
        let derived = self.named(&format!("{map}/{}", family.suffix()));
        format!(
            "route-map {derived} deny 10\n match {word} address prefix-list {list}\n!\n\
             route-map {derived} permit 20\n{call}!\n"
        )
    }

    /// In which families static routes of the table are redistributed, by which map; none has no name.
    fn uses(&self, model: &Model, copies: &Copies<'_>) -> BTreeSet<(Of, String)> {
        let mut uses = BTreeSet::new();
        let own = model.routings().find(|it| it.vrf == self.vrf);
        let bgp = own.and_then(|it| it.bgp);
        if let Some(it) = bgp.and_then(|bgp| bgp.redistribute.get(&RouteOrigin::Static)) {
            uses.extend([Of::V4, Of::V6].map(|family| (family, name(it.route_map.as_ref()))));
        }
        if self.vrf.is_none() {
            uses.extend(uses_of_igps(model, copies));
        }
        uses
    }
}

fn name(map: Option<&PolicyName>) -> String {
    map.map(ToString::to_string).unwrap_or_default()
}

/// The same of the protocols that run in the main table alone.
fn uses_of_igps(model: &Model, copies: &Copies<'_>) -> BTreeSet<(Of, String)> {
    let mut uses = BTreeSet::new();
    let isis = model.isis.as_ref();
    if let Some(it) = isis.and_then(|isis| isis.redistribute.get(&IsisSource::Static)) {
        uses.extend([Of::V4, Of::V6].map(|family| (family, name(it.route_map.as_ref()))));
    }
    let versions = [
        (model.ospf.as_ref(), Version::V2, Of::V4),
        (model.ospf6.as_ref(), Version::V3, Of::V6),
    ];
    for (ospf, version, family) in versions {
        let announced = ospf.into_iter().flat_map(|ospf| &ospf.redistribute);
        let statics = announced.filter(|it| it.source == Redistribute::Static);
        uses.extend(statics.map(|it| {
            let map = it.external.route_map.as_ref();
            (
                family,
                map.map_or_else(String::new, |map| copies.name(map.as_ref(), version)),
            )
        }));
    }
    uses
}

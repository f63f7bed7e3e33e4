//! The interfaces of frr.conf: descriptions, OSPF and IS-IS. Addresses belong to VPP's commands, never also to FRR.

use super::isis::{self, Families};
use super::lines::Lines;
use super::ospf::{Version, on_interface};
use crate::config::{InterfaceIsis, InterfaceOspf, IsisLevel, Model};
use crate::render::engine::Phrase;
use crate::types::{FrrRelease, IfAddr, Line};
use minijinja::Value;
use serde::Serialize;
use std::borrow::Cow;
use std::cmp::Ordering;

#[derive(Debug, Serialize)]
pub(super) struct View<'m> {
    name: Cow<'m, str>,
    description: Option<Value>,
    lines: Vec<Value>,
    /// How many daemons vtysh asks before one of them mentions the interface.
    #[serde(skip)]
    asked_before: usize,
}

/// What an interface of any kind says of protocols.
#[derive(Debug, Clone, Copy, Default)]
struct Said<'m> {
    description: Option<&'m Line>,
    ospf: Option<&'m InterfaceOspf>,
    ospf6: Option<&'m InterfaceOspf>,
    isis: Option<&'m InterfaceIsis>,
    addresses: &'m [IfAddr],
}

impl<'m> Said<'m> {
    fn asked_before(&self) -> usize {
        let knows = [
            self.description.is_some(),
            self.ospf.is_some(),
            self.ospf6.is_some(),
            self.isis.is_some(),
        ];
        knows.iter().position(|known| *known).unwrap_or(knows.len())
    }

    fn view(self, name: Cow<'m, str>, router: IsisLevel) -> View<'m> {
        let mut lines = Lines::default();
        let families = self.isis.map(|_| Families::of(self.addresses));
        if let Some(it) = self.ospf {
            on_interface(it, Version::V2, &mut lines);
        }
        if families.is_some_and(Families::has_v4) {
            isis::takes_part("ip", &mut lines);
        }
        if let Some(it) = self.ospf6 {
            on_interface(it, Version::V3, &mut lines);
        }
        if families.is_some_and(Families::has_v6) {
            isis::takes_part("ipv6", &mut lines);
        }
        if let Some(it) = self.isis {
            isis::on_interface(it, router, &mut lines);
        }
        View {
            name,
            description: self.description.map(|line| Phrase::value(line.as_ref())),
            lines: lines.into_values(),
            asked_before: self.asked_before(),
        }
    }
}

/// Every interface of the model, with what it says.
fn said(model: &Model) -> impl Iterator<Item = (Cow<'_, str>, Said<'_>)> {
    let loopbacks = model.loopbacks.iter().map(|(name, it)| {
        let said = Said {
            description: it.description.as_ref(),
            ospf: it.ospf.as_ref(),
            ospf6: it.ospf6.as_ref(),
            isis: it.isis.as_ref(),
            addresses: &it.addresses,
        };
        (Cow::Borrowed(name.as_ref()), said)
    });
    let parents = model.interfaces.iter().map(|(name, it)| {
        let said = Said {
            description: it.description.as_ref(),
            ospf: it.ospf.as_ref(),
            ospf6: it.ospf6.as_ref(),
            isis: it.isis.as_ref(),
            addresses: &it.addresses,
        };
        (Cow::Borrowed(name.as_ref()), said)
    });
    let vlans = model.interfaces.values().flat_map(|it| &it.vlans);
    let vlans = vlans.map(|it| {
        let said = Said {
            description: it.description.as_ref(),
            ospf: it.ospf.as_ref(),
            ospf6: it.ospf6.as_ref(),
            isis: it.isis.as_ref(),
            addresses: &it.addresses,
        };
        (Cow::Owned(it.name.to_string()), said)
    });
    let bridges = model.incus.bridges.keys();
    let bridges = bridges.map(|name| (Cow::Borrowed(name.as_ref()), Said::default()));
    loopbacks.chain(parents).chain(vlans).chain(bridges)
}

/// The families that IS-IS has interfaces of.
pub(super) fn families_of_isis(model: &Model) -> Families {
    let with = said(model).filter(|(_, said)| said.isis.is_some());
    with.map(|(_, said)| Families::of(said.addresses))
        .fold(Families::default(), Families::or)
}

/// Whether an interface has BFD monitor neighbours of OSPF or IS-IS.
pub(super) fn uses_bfd(model: &Model) -> bool {
    said(model).any(|(_, it)| {
        let mut ospf = [it.ospf, it.ospf6].into_iter().flatten();
        ospf.any(|it| it.bfd.is_some()) || it.isis.is_some_and(|it| it.bfd.is_some())
    })
}

/// The interfaces frr.conf mentions, in vtysh's order: first those zebra has settings for (the described ones), then those
/// ospfd adds, then those of ospf6d and isisd, then the others; each group by name.
///
/// FRR 10 keeps the settings of an interface whose block leaves the file: there each has one, an empty one if need be.
pub(super) fn all(model: &Model, release: FrrRelease) -> Vec<View<'_>> {
    let router = model.isis.as_ref().map(|isis| isis.level).unwrap_or_default();
    let views = said(model).map(|(name, said)| said.view(name, router));
    let has_settings = |view: &View<'_>| view.description.is_some() || !view.lines.is_empty();
    let mut views: Vec<View<'_>> = views
        .filter(|view| has_settings(view) || release == FrrRelease::V10)
        .collect();
    views.sort_by(|a, b| {
        a.asked_before
            .cmp(&b.asked_before)
            .then_with(|| by_name(&a.name, &b.name))
    });
    views
}

/// FRR's order of names: the letters first, then the number behind them as a number, then what follows.
fn by_name(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let (word_a, rest_a) = split(a, |c| !c.is_ascii_digit());
        let (word_b, rest_b) = split(b, |c| !c.is_ascii_digit());
        let (number_a, next_a) = split(rest_a, |c| c.is_ascii_digit());
        let (number_b, next_b) = split(rest_b, |c| c.is_ascii_digit());
        let number = |text: &str| text.parse::<u64>().ok();
        let order = word_a
            .cmp(word_b)
            .then_with(|| number(number_a).cmp(&number(number_b)))
            .then_with(|| number_a.cmp(number_b));
        if order != Ordering::Equal || (next_a.is_empty() && next_b.is_empty()) {
            return order.then_with(|| next_a.cmp(next_b));
        }
        (a, b) = (next_a, next_b);
    }
}

fn split(text: &str, inside: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !inside(c)).unwrap_or(text.len()))
}

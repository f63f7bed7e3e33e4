//! The interfaces of frr.conf: descriptions, router advertisements, OSPF and IS-IS. Addresses belong to VPP's commands, never also to FRR.

use super::advertise;
use super::isis::{self, Families};
use super::lines::Lines;
use super::ospf::{Version, on_interface};
use crate::config::{Bridge, IsisLevel, Link, Model, Protocols, RouterAdvertisement};
use crate::render::engine::Phrase;
use crate::types::{FrrRelease, IfName};
use minijinja::Value;
use serde::Serialize;
use std::cmp::Ordering;

#[derive(Debug, Serialize)]
pub(super) struct View<'m> {
    name: &'m str,
    description: Option<Value>,
    lines: Vec<Value>,
    /// How many daemons vtysh asks before one of them mentions the interface.
    #[serde(skip)]
    asked_before: usize,
}

/// How many daemons vtysh asks before one of them mentions the interface, which zebra does where it has settings for it.
fn asked_before(is_known: bool, it: &Protocols, has_isis: bool) -> usize {
    let knows = [is_known, it.ospf.is_some(), it.ospf6.is_some(), has_isis];
    knows.iter().position(|known| *known).unwrap_or(knows.len())
}

fn view<'m>(link: &'m Link, protocols: &'m Protocols, router: IsisLevel) -> View<'m> {
    let mut lines = Lines::default();
    let ra = of_frr(&link.ra);
    // Where no family takes part isisd has no circuit, and keeps no settings of one.
    let isis = protocols
        .isis
        .as_ref()
        .map(|it| (it, Families::of(&link.addresses, it)))
        .filter(|(_, families)| families.has_v4() || families.has_v6());
    let families = isis.map(|(_, families)| families).unwrap_or_default();
    if let Some(it) = &protocols.ospf {
        on_interface(it, Version::V2, &mut lines);
    }
    if families.has_v4() {
        isis::takes_part("ip", &mut lines);
    }
    for line in ra.iter().flat_map(|ra| advertise::lines(ra, link.mtu)) {
        lines.add(line);
    }
    if let Some(it) = &protocols.ospf6 {
        on_interface(it, Version::V3, &mut lines);
    }
    if families.has_v6() {
        isis::takes_part("ipv6", &mut lines);
    }
    if let Some((it, _)) = isis {
        isis::on_interface(it, router, &mut lines);
    }
    lines.add_if(ra.is_some(), ADVERTISES);
    // FRR knows nothing of what has no Linux side.
    let description = protocols.description.as_ref().filter(|_| link.lcp);
    View {
        name: link.name.as_ref(),
        description: description.map(|line| Phrase::value(line.as_ref())),
        lines: lines.into_values(),
        asked_before: asked_before(description.is_some() || ra.is_some(), protocols, isis.is_some()),
    }
}

/// What has zebra send router advertisements; it is written last.
const ADVERTISES: &str = "no ipv6 nd suppress-ra";

/// The advertisements that FRR sends.
fn of_frr(ra: &Option<RouterAdvertisement>) -> Option<&RouterAdvertisement> {
    ra.as_ref().filter(|ra| ra.is_frrs())
}

/// A bridge's, which FRR is told nothing of but what it advertises.
fn of_bridge<'m>((name, bridge): (&'m IfName, &'m Bridge)) -> View<'m> {
    let mut lines = Lines::default();
    let ra = of_frr(&bridge.ra);
    if let Some(ra) = ra {
        advertise::lines(ra, None).iter().for_each(|line| lines.add(line));
        lines.add(ADVERTISES);
    }
    View {
        name: name.as_ref(),
        description: None,
        lines: lines.into_values(),
        asked_before: asked_before(ra.is_some(), &Protocols::default(), false),
    }
}

/// The families that IS-IS has interfaces of.
pub(super) fn families_of_isis(model: &Model) -> Families {
    let with = model
        .links()
        .filter_map(|(link, it)| Some((link, it.isis.as_ref()?)));
    with.map(|(link, isis)| Families::of(&link.addresses, isis))
        .fold(Families::default(), Families::or)
}

/// Whether an interface has BFD monitor neighbours of OSPF or IS-IS.
pub(super) fn uses_bfd(model: &Model) -> bool {
    model.links().any(|(_, it)| {
        let mut ospf = [&it.ospf, &it.ospf6].into_iter().flatten();
        ospf.any(|it| it.bfd.is_some()) || it.isis.as_ref().is_some_and(|it| it.bfd.is_some())
    })
}

/// The interfaces frr.conf mentions, in vtysh's order: first those zebra has settings for (the described ones), then those
/// ospfd adds, then those of ospf6d and isisd, then the others; each group by name.
///
/// FRR 10 keeps the settings of an interface whose block leaves the file: there each has one, an empty one if need be.
pub(super) fn all(model: &Model, release: FrrRelease) -> Vec<View<'_>> {
    let router = model.isis.as_ref().map(|isis| isis.level).unwrap_or_default();
    let links = model
        .links()
        .map(|(link, protocols)| view(link, protocols, router));
    let views = links.chain(model.incus.bridges.iter().map(of_bridge));
    let has_settings = |view: &View<'_>| view.description.is_some() || !view.lines.is_empty();
    let mut views: Vec<View<'_>> = views
        .filter(|view| has_settings(view) || release == FrrRelease::V10)
        .collect();
    views.sort_by(|a, b| {
        a.asked_before
            .cmp(&b.asked_before)
            .then_with(|| by_name(a.name, b.name))
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

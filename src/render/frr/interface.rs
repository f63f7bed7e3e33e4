//! The interfaces of frr.conf: descriptions and OSPF. Addresses belong to VPP's commands, never also to FRR.

use super::ospf::{OnInterface, Version, on_interface};
use crate::config::{InterfaceOspf, Model};
use crate::render::engine::Phrase;
use crate::types::{FrrRelease, Line};
use minijinja::Value;
use serde::Serialize;
use std::cmp::Ordering;

#[derive(Debug, Serialize)]
pub(super) struct View<'m> {
    name: std::borrow::Cow<'m, str>,
    description: Option<Value>,
    ospf: Option<OnInterface>,
    ospf6: Option<OnInterface>,
}

impl View<'_> {
    /// How many daemons vtysh asks before one of them mentions the interface.
    fn asked_before(&self) -> usize {
        let knows = [
            self.description.is_some(),
            self.ospf.is_some(),
            self.ospf6.is_some(),
        ];
        knows.iter().position(|known| *known).unwrap_or(knows.len())
    }
}

type Ospf<'m> = Option<&'m InterfaceOspf>;

/// The interfaces frr.conf mentions, in vtysh's order: first those zebra has settings for (the described ones), then those
/// ospfd adds, then those of ospf6d, then the others; each group by name.
///
/// FRR 10 keeps the settings of an interface whose block leaves the file: there each has one, an empty one if need be.
pub(super) fn all(model: &Model, release: FrrRelease) -> Vec<View<'_>> {
    let mut views = Vec::new();
    let mut add = |name, description: Option<&Line>, ospf: Ospf<'_>, ospf6: Ospf<'_>| {
        let has_settings = description.is_some() || ospf.is_some() || ospf6.is_some();
        if has_settings || release == FrrRelease::V10 {
            views.push(View {
                name,
                description: description.map(|line| Phrase::value(line.as_ref())),
                ospf: ospf.map(|it| on_interface(it, Version::V2)),
                ospf6: ospf6.map(|it| on_interface(it, Version::V3)),
            });
        }
    };
    for (name, it) in &model.loopbacks {
        let (name, text) = (name.as_ref().into(), it.description.as_ref());
        add(name, text, it.ospf.as_ref(), it.ospf6.as_ref());
    }
    for (name, it) in &model.interfaces {
        let (name, text) = (name.as_ref().into(), it.description.as_ref());
        add(name, text, it.ospf.as_ref(), it.ospf6.as_ref());
        for vlan in &it.vlans {
            let (name, text) = (vlan.name.to_string().into(), vlan.description.as_ref());
            add(name, text, vlan.ospf.as_ref(), vlan.ospf6.as_ref());
        }
    }
    for name in model.incus.bridges.keys() {
        add(name.as_ref().into(), None, None, None);
    }
    views.sort_by(|a, b| {
        a.asked_before()
            .cmp(&b.asked_before())
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

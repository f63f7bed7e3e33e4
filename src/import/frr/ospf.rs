//! `router ospf` and `router ospf6` of frr.conf. What stands there of interfaces goes to the interfaces.

use super::link::area_of;
use super::{Frr, stands_for};
use crate::import::document::{Place, Table, Value};
use crate::import::left::Why;
use crate::import::policy::Family;
use crate::import::site::Link;
use crate::types::Prefix;
use ipnet::IpNet;
use std::collections::HashMap;

/// `network PREFIX area AREA`, until all addresses are known.
#[derive(Debug, Default)]
pub(super) struct AreaNetworks {
    networks: Vec<(IpNet, String, String, Place)>,
    passive: Vec<(Link, bool, String, Place)>,
    passive_by_default: Option<Place>,
}

impl Frr {
    pub(super) fn of_ospf(&mut self, family: Family, line: &str, words: &[&str], place: Place) {
        let table = key_of(family);
        let draft = &mut self.site.draft;
        match *words {
            ["ospf" | "ospf6", "router-id", id] | ["router-id", id] => {
                draft.set(&[table], "router-id", id, place)
            }
            ["default-information", "originate", ref words @ ..] => {
                let (always, words) = match words {
                    ["always", rest @ ..] => (true, rest),
                    words => (false, words),
                };
                let Some(mut pairs) = self.external(words) else {
                    return self.not_yet(line, place);
                };
                if always {
                    pairs.insert(0, ("always".to_owned(), true.into()));
                }
                let value = match pairs.is_empty() {
                    true => true.into(),
                    false => Value::Inline(pairs),
                };
                self.site.draft.set(&[table], "default-originate", value, place);
            }
            [
                "redistribute",
                source @ ("kernel" | "connected" | "static" | "isis" | "bgp"),
                ref words @ ..,
            ] => {
                let Some(mut pairs) = self.external(words) else {
                    return self.not_yet(line, place);
                };
                let value = match pairs.is_empty() {
                    true => source.into(),
                    false => {
                        pairs.insert(0, ("from".to_owned(), source.into()));
                        Value::Inline(pairs)
                    }
                };
                self.site.draft.push(&[table], "redistribute", value, place);
            }
            ["area", area, ref what @ ..] => self.of_area(table, area, what, line, place),
            // What is so here where nothing is said.
            ["log-adjacency-changes"] => {}
            ["auto-cost", "reference-bandwidth", mbits] if mbits.parse::<u32>().is_ok() => {
                draft.set(&[table], "reference-bandwidth", Value::number(mbits), place);
            }
            ["max-metric", "router-lsa", "administrative"] | ["stub-router", "administrative"] => {
                draft.set(&[table], "max-metric", true, place);
            }
            // ospf6d has neither.
            ["network" | "passive-interface", ..] | ["no", "passive-interface", ..]
                if family == Family::V6 =>
            {
                self.not_yet(line, place);
            }
            ["network", prefix, "area", area] => match prefix.parse::<Prefix>() {
                Ok(prefix) => {
                    let network = (prefix.net(), area.to_owned(), line.trim().to_owned(), place);
                    self.area_networks.networks.push(network);
                }
                Err(_) => self.leave(line, place, Why::Because("expected a prefix".to_owned())),
            },
            ["passive-interface", "default"] => self.area_networks.passive_by_default = Some(place),
            ["no", "passive-interface", "default"] => self.area_networks.passive_by_default = None,
            ["passive-interface", device] => {
                let link = self.site.device(device);
                self.passive(link, true, line, place);
            }
            ["no", "passive-interface", device] => {
                let link = self.site.device(device);
                self.passive(link, false, line, place);
            }
            ["interface", device, "area", area] => {
                let link = self.site.device(device);
                self.site
                    .draft
                    .inner(&link.path(), table, "area", area_of(area), place);
            }
            _ => self.not_yet(line, place),
        }
    }

    /// `metric`, `metric-type` and `route-map` behind what is announced; `None` when there is something else.
    fn external(&mut self, words: &[&str]) -> Option<Vec<(String, Value)>> {
        let (pairs, rest) = words.as_chunks::<2>();
        if !rest.is_empty() {
            return None;
        }
        let mut external = Vec::new();
        for [key, value] in pairs {
            let value = match *key {
                "metric" | "metric-type" if value.parse::<u32>().is_ok() => Value::number(value),
                "route-map" if stands_for(value).is_empty() => continue,
                "route-map" => self.site.names.policy(stands_for(value)).as_str().into(),
                _ => return None,
            };
            external.push(((*key).to_owned(), value));
        }
        Some(external)
    }

    fn of_area(&mut self, table: &str, area: &str, what: &[&str], line: &str, place: Place) {
        let path = [table, "areas", area];
        let draft = &mut self.site.draft;
        match *what {
            [kind @ ("stub" | "nssa")] => draft.set(&path, "type", kind, place),
            [kind @ ("stub" | "nssa"), "no-summary"] => {
                draft.set(&path, "type", kind, place);
                draft.set(&path, "no-summary", true, place);
            }
            ["authentication", ref mode @ ..] if table == "ospf" && mode.len() < 2 => {
                self.area_authentication(area, mode, line, place);
            }
            ["default-cost", cost] if cost.parse::<u32>().is_ok() => {
                draft.set(&path, "default-cost", Value::number(cost), place);
            }
            ["range", prefix, ref rest @ ..] if prefix.parse::<IpNet>().is_ok() => {
                let value = match *rest {
                    [] => Vec::new(),
                    ["not-advertise"] => vec![("advertise".to_owned(), false.into())],
                    ["cost", cost] if cost.parse::<u32>().is_ok() => {
                        vec![("cost".to_owned(), Value::number(cost))]
                    }
                    _ => return self.not_yet(line, place),
                };
                let ranges = [table, "areas", area, "ranges"];
                draft.set(&ranges, prefix, Value::Inline(value), place);
            }
            _ => self.not_yet(line, place),
        }
    }

    /// `[no] passive-interface IF`, or `[no] ip ospf passive` in the interface.
    pub(super) fn passive(&mut self, link: Link, on: bool, line: &str, place: Place) {
        let passive = (link, on, line.trim().to_owned(), place);
        self.area_networks.passive.push(passive);
    }

    /// Gives each interface the area of the smallest network its address is in, as ospfd does.
    pub(super) fn finish_areas(&mut self) {
        let networks = std::mem::take(&mut self.area_networks.networks);
        let by_net: HashMap<IpNet, usize> = (0..).zip(&networks).map(|(n, (net, ..))| (*net, n)).collect();
        let mut addresses = self.site.addresses();
        addresses.retain(|(link, _)| self.site.routing_of(link).is_main());
        let mut used = vec![false; networks.len()];
        for (link, address) in &addresses {
            let address = IpNet::from(address.addr());
            let around = (0..=address.prefix_len())
                .rev()
                .filter_map(|length| IpNet::new(address.addr(), length).ok());
            let mut found = around.filter_map(|net| by_net.get(&net.trunc()).copied());
            if let Some(index) = found.next() {
                used[index] = true;
                let (_, area, _, place) = &networks[index];
                let links = self.site.draft.table(&link.path(), *place);
                let _ = links.inner("ospf", "area", area_of(area), *place);
            }
        }
        for ((_, _, line, place), _) in networks.iter().zip(used).filter(|(_, used)| !used) {
            let why = "no interface of this file has an address in it; interfaces have their area here: ospf = { area = 0 }";
            self.leave(line, *place, Why::Because(why.to_owned()));
        }
        if let Some(place) = self.area_networks.passive_by_default {
            for group in ["loopbacks", "interfaces", "bridges", "tunnels"] {
                if let Some(links) = self.site.draft.root.tables.get_mut(group) {
                    links.tables.values_mut().for_each(|link| be_passive(link, place));
                }
            }
        }
        for (link, on, line, place) in std::mem::take(&mut self.area_networks.passive) {
            let table = self.site.draft.table(&link.path(), place);
            match (on, table.has("ospf")) {
                (true, true) => {
                    let _ = table.inner("ospf", "passive", true, place);
                }
                (false, true) => table.remove_inner("ospf", "passive"),
                (_, false) => {
                    let why = "the interface has no area in this file".to_owned();
                    self.leave(&line, place, Why::Because(why));
                }
            }
        }
    }
}

/// Makes a link that is in an area passive, and the VLANs on it.
fn be_passive(link: &mut Table, place: Place) {
    let is_area = |(key, _): &(String, Value)| key == "area";
    if matches!(link.value("ospf"), Some(Value::Inline(pairs)) if pairs.iter().any(is_area)) {
        let _ = link.inner("ospf", "passive", true, place);
    }
    for group in ["vlan", "inner"] {
        let links = link.tables.get_mut(group).into_iter();
        links
            .flat_map(|links| links.tables.values_mut())
            .for_each(|link| be_passive(link, place));
    }
}

fn key_of(family: Family) -> &'static str {
    match family {
        Family::V4 => "ospf",
        Family::V6 => "ospf6",
    }
}

//! `router ospf` and `router ospf6` of frr.conf. What stands there of interfaces goes to the interfaces.

use super::Frr;
use super::link::area_of;
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::policy::Family;
use crate::types::Prefix;
use ipnet::IpNet;
use std::collections::HashMap;

/// `network PREFIX area AREA`, until all addresses are known.
#[derive(Debug, Default)]
pub(super) struct AreaNetworks {
    networks: Vec<(IpNet, String, String, Place)>,
    passive: Vec<(String, bool, String, Place)>,
    passive_by_default: bool,
}

impl Frr {
    pub(super) fn of_ospf(&mut self, family: Family, line: &str, words: &[&str], place: Place) {
        let table = key_of(family);
        let draft = &mut self.site.draft;
        match *words {
            ["ospf" | "ospf6", "router-id", id] | ["router-id", id] => {
                draft.set(&[table], "router-id", id, place)
            }
            ["default-information", "originate"] => draft.set(&[table], "default-originate", true, place),
            ["default-information", "originate", ..] => {
                draft.set(&[table], "default-originate", true, place);
                let why =
                    "the default route is announced while there is one; the rest is not in this version";
                self.leave(line, place, Why::Because(why.to_owned()));
            }
            ["redistribute", source @ ("connected" | "static" | "bgp")] => {
                draft.push(&[table], "redistribute", source, place);
            }
            [
                "redistribute",
                source @ ("connected" | "static" | "bgp"),
                "route-map",
                map,
            ] => {
                let map = self.site.names.policy(map);
                let pairs = vec![
                    ("from".to_owned(), source.into()),
                    ("route-map".to_owned(), map.as_str().into()),
                ];
                draft.push(&[table], "redistribute", Value::Inline(pairs), place);
            }
            ["network", prefix, "area", area] => match prefix.parse::<Prefix>() {
                Ok(prefix) => {
                    let network = (prefix.net(), area.to_owned(), line.trim().to_owned(), place);
                    self.area_networks.networks.push(network);
                }
                Err(_) => self.leave(line, place, Why::Because("expected a prefix".to_owned())),
            },
            ["passive-interface", "default"] => self.area_networks.passive_by_default = true,
            ["passive-interface", device] => self.passive(device, true, line, place),
            ["no", "passive-interface", device] => self.passive(device, false, line, place),
            ["interface", device, "area", area] => {
                let link = self.site.device(device);
                self.site
                    .draft
                    .inner(&link.path(), table, "area", area_of(area), place);
            }
            _ => self.not_yet(line, place),
        }
    }

    fn passive(&mut self, device: &str, on: bool, line: &str, place: Place) {
        let passive = (device.to_owned(), on, line.trim().to_owned(), place);
        self.area_networks.passive.push(passive);
    }

    /// Gives each interface the area of the smallest network its address is in, as ospfd does.
    pub(super) fn finish_areas(&mut self) {
        let networks = std::mem::take(&mut self.area_networks.networks);
        let by_net: HashMap<IpNet, usize> = (0..).zip(&networks).map(|(n, (net, ..))| (*net, n)).collect();
        let addresses = self.site.addresses();
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
                if self.area_networks.passive_by_default {
                    let _ = links.inner("ospf", "passive", true, *place);
                }
            }
        }
        for ((_, _, line, place), _) in networks.iter().zip(used).filter(|(_, used)| !used) {
            let why = "no interface of this file has an address in it; interfaces have their area here: ospf = { area = 0 }";
            self.leave(line, *place, Why::Because(why.to_owned()));
        }
        for (device, on, line, place) in std::mem::take(&mut self.area_networks.passive) {
            let link = self.site.device(&device);
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

fn key_of(family: Family) -> &'static str {
    match family {
        Family::V4 => "ospf",
        Family::V6 => "ospf6",
    }
}

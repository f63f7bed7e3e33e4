//! What `router bgp` of frr.conf announces: networks, aggregates and routes of other origin. There each address family has its
//! own lines, and here one key is for both.

use super::setting::without_host_bits;
use super::{Frr, stands_for};
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::policy::Family;
use crate::import::vrf::Routing;
use indexmap::IndexMap;
use std::collections::BTreeSet;

/// What is settled when all lines are read.
#[derive(Debug, Default)]
pub(super) struct Announced {
    /// The networks, with the route-map of each.
    networks: Vec<(String, Option<String>, Place)>,
    /// The routes of each origin, as each family has them.
    origins: IndexMap<String, Vec<Origin>>,
    /// The families that have something to announce or somebody to announce it to.
    pub families: BTreeSet<Family>,
}

/// Routes of an origin in one family.
#[derive(Debug)]
struct Origin {
    family: Family,
    metric: Option<String>,
    route_map: Option<String>,
    line: String,
    place: Place,
}

impl Announced {
    /// Whether this prefix is announced as a network.
    pub(super) fn has_network(&self, prefix: &str) -> bool {
        self.networks.iter().any(|(network, ..)| network == prefix)
    }
}

impl Frr {
    /// What BGP of the table announces that the block is about.
    pub(super) fn announced(&mut self) -> &mut Announced {
        self.announced.entry(self.routing.clone()).or_default()
    }

    /// `network PREFIX [mask MASK] [route-map MAP]`.
    pub(super) fn network(&mut self, family: Family, words: &[&str], line: &str, place: Place) {
        let [prefix, ref rest @ ..] = *words else {
            return self.leave(line, place, Why::Unknown);
        };
        let (mask, rest) = match *rest {
            ["mask", mask, ref rest @ ..] => (Some(mask), rest),
            ref rest => (None, rest),
        };
        let masked = mask.and_then(|mask| {
            let net = ipnet::Ipv4Net::with_netmask(prefix.parse().ok()?, mask.parse().ok()?);
            Some(net.ok()?.trunc().to_string())
        });
        let plain = || without_host_bits(prefix);
        let prefix = masked.unwrap_or_else(plain);
        if rest.contains(&"backdoor") {
            let why = "FRR does not announce it: it only puts the eBGP route to this prefix behind OSPF and IS-IS, which has no key here";
            return self.leave(line, place, Why::Because(why.to_owned()));
        }
        let map = rest.iter().position(|word| *word == "route-map");
        let map = map.and_then(|at| rest.get(at + 1));
        let map = map.map(|map| self.site.names.policy(map));
        if !matches!(*rest, [] | ["route-map", _]) {
            let why = "the network is announced, but nothing else changes its attributes here".to_owned();
            self.leave(line, place, Why::Because(why));
        }
        let announced = self.announced();
        announced.families.insert(family);
        announced.networks.push((prefix, map, place));
    }

    /// `aggregate-address PREFIX [as-set] [summary-only] [route-map MAP]`.
    pub(super) fn aggregate(&mut self, prefix: &str, rest: &[&str], line: &str, place: Place) {
        let prefix = without_host_bits(prefix);
        let path = self.routing.path(&["bgp", "aggregates", prefix.as_str()]);
        self.site.draft.table(&path, place);
        let mut rest = rest;
        loop {
            rest = match *rest {
                [] => return,
                ["as-set", ref rest @ ..] => {
                    self.site.draft.set(&path, "as-set", true, place);
                    rest
                }
                ["summary-only", ref rest @ ..] => {
                    self.site.draft.set(&path, "summary-only", true, place);
                    rest
                }
                ["route-map", map, ref rest @ ..] => {
                    let map = self.site.names.policy(map);
                    self.site.draft.set(&path, "route-map", map.as_str(), place);
                    rest
                }
                _ => return self.not_yet(line, place),
            };
        }
    }

    /// `redistribute ORIGIN [metric N] [route-map MAP]`.
    pub(super) fn redistribute(&mut self, family: Family, words: &[&str], line: &str, place: Place) {
        let [origin, ref rest @ ..] = *words else {
            return self.leave(line, place, Why::Unknown);
        };
        let origin = match origin {
            "kernel" | "connected" | "static" | "ospf" | "isis" => origin,
            "ospf6" => "ospf",
            _ => return self.not_yet(line, place),
        };
        let (metric, route_map) = match *rest {
            [] => (None, None),
            ["metric", metric] => (Some(metric), None),
            ["route-map", map] => (None, Some(map)),
            ["metric", metric, "route-map", map] => (Some(metric), Some(map)),
            _ => return self.not_yet(line, place),
        };
        let route_map = route_map.map(stands_for).filter(|map| !map.is_empty());
        let route_map = route_map.map(|map| self.site.names.policy(map));
        let it = Origin {
            family,
            metric: metric.map(str::to_owned),
            route_map,
            line: line.trim().to_owned(),
            place,
        };
        let announced = self.announced();
        announced.families.insert(family);
        announced.origins.entry(origin.to_owned()).or_default().push(it);
    }

    /// Writes what depends on all lines.
    pub(super) fn finish_announced(&mut self) {
        for (routing, announced) in std::mem::take(&mut self.announced) {
            self.finish_table(&routing, announced);
        }
    }

    fn finish_table(&mut self, routing: &Routing, announced: Announced) {
        let have_maps = announced.networks.iter().any(|(_, map, _)| map.is_some());
        for (prefix, map, place) in announced.networks {
            match have_maps {
                false => {
                    let path = routing.path(&["bgp"]);
                    self.site.draft.push(&path, "networks", prefix.as_str(), place);
                }
                true => {
                    let path = routing.path(&["bgp", "networks", prefix.as_str()]);
                    self.site.draft.table(&path, place);
                    if let Some(map) = map {
                        self.site.draft.set(&path, "route-map", map.as_str(), place);
                    }
                }
            }
        }
        for (origin, of_families) in announced.origins {
            let said: BTreeSet<Family> = of_families.iter().map(|it| it.family).collect();
            let first = &of_families[0];
            let alike = |it: &Origin| it.metric == first.metric && it.route_map == first.route_map;
            if !announced.families.is_subset(&said) || !of_families.iter().all(alike) {
                for it in &of_families {
                    let why =
                        format!("'{origin}' is redistributed in both address families here, or in none");
                    self.leave(&it.line, it.place, Why::Because(why));
                }
                continue;
            }
            let path = routing.path(&["bgp", "redistribute", origin.as_str()]);
            self.site.draft.table(&path, first.place);
            if let Some(metric) = &first.metric {
                self.site
                    .draft
                    .set(&path, "metric", Value::number(metric), first.place);
            }
            if let Some(map) = &first.route_map {
                self.site.draft.set(&path, "route-map", map.as_str(), first.place);
            }
        }
    }
}

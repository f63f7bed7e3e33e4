//! Static routes of Junos.

use super::statement::Statement;
use super::{Junos, distance};
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::vrf::Routing;
use crate::types::Prefix;
use indexmap::IndexMap;
use std::collections::HashSet;
use std::net::IpAddr;

/// The routes of each table, by prefix, until all of their statements are read.
#[derive(Debug, Default)]
pub(super) struct Routes {
    by_prefix: IndexMap<(Routing, String), Route>,
    /// The tables whose routes no policy announces without being told otherwise: `static defaults no-readvertise`.
    kept: HashSet<Routing>,
}

#[derive(Debug, Default)]
struct Route {
    /// Each next hop with a preference of its own.
    hops: Vec<(Hop, Option<u32>, Place)>,
    preference: Option<u32>,
    tag: Option<String>,
    /// `readvertise`, or `no-readvertise`: whether policies may announce it.
    is_offered: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Hop {
    Via(String),
    Interface(String),
    Blackhole,
}

impl Junos {
    pub(super) fn route(&mut self, routing: &Routing, prefix: &str, what: &[&str], statement: &Statement) {
        let place = statement.place;
        let Ok(prefix) = prefix.parse::<Prefix>() else {
            return self.leave(statement, Why::Because("expected a prefix".to_owned()));
        };
        let key = (routing.clone(), prefix.to_string());
        let hop = match *what {
            ["next-hop", hop]
            | ["qualified-next-hop", hop]
            | ["qualified-next-hop", hop, "preference", _] => match hop.parse::<IpAddr>() {
                Ok(address) => Hop::Via(address.to_string()),
                Err(_) => match self.known_link(hop, statement) {
                    Some(link) => Hop::Interface(link.name),
                    None => return,
                },
            },
            ["discard"] => Hop::Blackhole,
            ["reject"] => {
                let why = "packets to it are dropped without an answer here".to_owned();
                self.leave(statement, Why::Because(why));
                Hop::Blackhole
            }
            ["preference", number] => match number.parse() {
                Ok(number) => {
                    let route = self.routes.by_prefix.entry(key).or_default();
                    route.preference = Some(number);
                    return;
                }
                Err(_) => return self.leave(statement, Why::Unknown),
            },
            ["tag", tag] => {
                let route = self.routes.by_prefix.entry(key).or_default();
                route.tag = Some(tag.to_owned());
                return;
            }
            // Here a route is announced by `networks` alone, and this one is not among these.
            [word @ ("readvertise" | "no-readvertise")] => {
                let route = self.routes.by_prefix.entry(key).or_default();
                route.is_offered = Some(word == "readvertise");
                return;
            }
            ["next-table", ..] => {
                let why = "a route leads over interfaces of its own table".to_owned();
                return self.leave(statement, Why::Because(why));
            }
            _ => return self.leave(statement, Why::NotYet),
        };
        let preference = match *what {
            [.., "preference", number] => number.parse().ok(),
            _ => None,
        };
        let route = self.routes.by_prefix.entry(key).or_default();
        // `qualified-next-hop` is said again with its preference.
        match route.hops.iter_mut().find(|(other, ..)| *other == hop) {
            Some((_, known, _)) => *known = preference.or(*known),
            None => route.hops.push((hop, preference, place)),
        }
    }

    /// `static defaults readvertise` or `no-readvertise`.
    pub(super) fn offers_routes(&mut self, routing: &Routing, is_offered: bool) {
        match is_offered {
            true => self.routes.kept.remove(routing),
            false => self.routes.kept.insert(routing.clone()),
        };
    }

    /// The routes of a table that lead nowhere and that policies may announce, and where each is said.
    pub(super) fn blackholes(&self) -> Vec<(Routing, Prefix, Place)> {
        let routes = self.routes.by_prefix.iter();
        let leads_nowhere = routes.filter_map(|((routing, prefix), route)| {
            let hole = route.hops.iter().find(|(hop, ..)| *hop == Hop::Blackhole);
            let (_, _, place) = hole?;
            let is_offered = || !self.routes.kept.contains(routing);
            if !route.is_offered.unwrap_or_else(is_offered) {
                return None;
            }
            Some((routing.clone(), prefix.parse().ok()?, *place))
        });
        leads_nowhere.collect()
    }

    pub(super) fn finish_routes(&mut self) {
        for ((routing, prefix), route) in std::mem::take(&mut self.routes.by_prefix) {
            let preferences: Vec<Option<u32>> = route
                .hops
                .iter()
                .map(|(_, own, _)| own.or(route.preference))
                .collect();
            let distances = distance::of(&preferences);
            for (number, (hop, _, place)) in route.hops.into_iter().enumerate() {
                let mut pairs = vec![match hop {
                    Hop::Via(address) => ("via".to_owned(), Value::text(address)),
                    Hop::Interface(name) => ("interface".to_owned(), Value::text(name)),
                    Hop::Blackhole => ("blackhole".to_owned(), true.into()),
                }];
                if let Some(distance) = distances.as_ref().and_then(|all| all.get(number)) {
                    let value = Value::Number(i64::from(distance.value));
                    pairs.push(("distance".to_owned(), value));
                    if let (false, Some(preference)) = (distance.is_exact, preferences[number]) {
                        self.leave_preference(&prefix, preference, distance.value, place);
                    }
                }
                if let Some(tag) = &route.tag {
                    pairs.push(("tag".to_owned(), Value::number(tag)));
                }
                let routes = self.site.draft.table(&routing.path(&["routes"]), place);
                routes.one_or_more(&prefix, Value::Inline(pairs), place);
            }
        }
    }

    fn leave_preference(&mut self, prefix: &str, preference: u32, distance: u32, place: Place) {
        let why = format!(
            "on Junos it is behind OSPF and IS-IS and before BGP; with distance = {distance} it is behind them, before iBGP, and behind eBGP as well"
        );
        let statement = format!("static route {prefix} preference {preference}");
        self.site.draft.leave(place, &statement, Why::Because(why));
    }
}

//! Static routes of Junos.

use super::Junos;
use super::statement::Statement;
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::vrf::Routing;
use crate::types::Prefix;
use indexmap::IndexMap;
use std::net::IpAddr;

/// The routes of each table, by prefix, until all of their statements are read.
#[derive(Debug, Default)]
pub(super) struct Routes {
    by_prefix: IndexMap<(Routing, String), Route>,
}

#[derive(Debug, Default)]
struct Route {
    /// Each next hop with a distance of its own.
    hops: Vec<(Hop, Option<String>, Place)>,
    distance: Option<String>,
    tag: Option<String>,
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
                Err(_) => Hop::Interface(self.link_named(hop).name),
            },
            ["discard" | "reject"] => Hop::Blackhole,
            ["preference", distance] | ["preference", distance, ..] => {
                let route = self.routes.by_prefix.entry(key).or_default();
                route.distance = Some(distance.to_owned());
                return;
            }
            ["tag", tag] => {
                let route = self.routes.by_prefix.entry(key).or_default();
                route.tag = Some(tag.to_owned());
                return;
            }
            ["next-table", ..] => {
                let why = "a route leads over interfaces of its own table".to_owned();
                return self.leave(statement, Why::Because(why));
            }
            _ => return self.leave(statement, Why::NotYet),
        };
        let distance = match *what {
            [.., "preference", distance] => Some(distance.to_owned()),
            _ => None,
        };
        let route = self.routes.by_prefix.entry(key).or_default();
        // `qualified-next-hop` is said again with its preference.
        match route.hops.iter_mut().find(|(other, ..)| *other == hop) {
            Some((_, known, _)) => *known = distance.or(known.take()),
            None => route.hops.push((hop, distance, place)),
        }
    }

    pub(super) fn finish_routes(&mut self) {
        for ((routing, prefix), route) in std::mem::take(&mut self.routes.by_prefix) {
            for (hop, own, place) in route.hops {
                let mut pairs = vec![match hop {
                    Hop::Via(address) => ("via".to_owned(), Value::text(address)),
                    Hop::Interface(name) => ("interface".to_owned(), Value::text(name)),
                    Hop::Blackhole => ("blackhole".to_owned(), true.into()),
                }];
                if let Some(distance) = own.as_ref().or(route.distance.as_ref()) {
                    pairs.push(("distance".to_owned(), Value::number(distance)));
                }
                if let Some(tag) = &route.tag {
                    pairs.push(("tag".to_owned(), Value::number(tag)));
                }
                let routes = self.site.draft.table(&routing.path(&["routes"]), place);
                routes.one_or_more(&prefix, Value::Inline(pairs), place);
            }
        }
    }
}

//! Static routes of frr.conf.

use super::Frr;
use super::setting::without_host_bits;
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::policy::Family;
use crate::types::Prefix;
use std::net::{IpAddr, Ipv4Addr};

/// The distance of a blackhole that holds a network in the table while nothing else does.
const LAST_RESORT: &str = "254";

impl Frr {
    /// A line of `vrf NAME`.
    pub(super) fn of_vrf(&mut self, line: &str, words: &[&str], place: Place) {
        match *words {
            ["ip", "route", ref route @ ..] => self.route(Family::V4, route, line, place),
            ["ipv6", "route", ref route @ ..] => self.route(Family::V6, route, line, place),
            ["ip", "router-id", id] => self.router_id(id, place),
            _ => self.not_yet(line, place),
        }
    }

    /// `ip route PREFIX [GATEWAY] [INTERFACE] [tag N] [DISTANCE] [vrf NAME] [table N] [nexthop-vrf NAME] [onlink]`.
    pub(super) fn route(&mut self, family: Family, words: &[&str], line: &str, place: Place) {
        let Some((prefix, rest)) = prefix(family, words) else {
            return self.leave(line, place, Why::Because("expected a prefix".to_owned()));
        };
        let (vrf, rest) = without("vrf", rest);
        let (next_vrf, rest) = without("nexthop-vrf", &rest);
        let mut rest = &rest[..];
        let routing = vrf.map_or_else(|| self.routing.clone(), |vrf| self.site.vrf(vrf, place));
        if next_vrf.is_some_and(|next| !self.site.is_called(&routing, next)) {
            let why = "a route leads over interfaces of its own table".to_owned();
            return self.leave(line, place, Why::Because(why));
        }
        let is_last_resort = matches!(rest, ["blackhole" | "Null0" | "null0", LAST_RESORT]);
        let mut pairs: Vec<(String, Value)> = Vec::new();
        let mut add = |key: &str, value: Value| pairs.push((key.to_owned(), value));
        while let [word, others @ ..] = rest {
            rest = others;
            match (*word, others) {
                ("tag" | "table", [number, others @ ..]) => {
                    // 254 is the main table, where routes are anyway.
                    if (*word, *number) != ("table", "254") {
                        add(word, Value::number(number));
                    }
                    rest = others;
                }
                ("onlink", _) => add("onlink", true.into()),
                ("blackhole" | "Null0" | "null0", _) => add("blackhole", true.into()),
                ("reject", _) => {
                    add("blackhole", true.into());
                    let why = "what it drops gets no answer here".to_owned();
                    self.leave(line, place, Why::Because(why));
                }
                (word, _) if word.parse::<u8>().is_ok() => add("distance", Value::number(word)),
                (word, _) if word.parse::<IpAddr>().is_ok() => add("via", word.into()),
                ("label" | "color" | "bfd" | "segments" | "from", _) => {
                    return self.not_yet(line, place);
                }
                (device, _) => add(
                    "interface",
                    self.site.device_in_use(device, place).as_str().into(),
                ),
            }
        }
        let pairs = Value::Inline(pairs);
        if is_last_resort {
            return self.last_resorts.push((routing, prefix, pairs, place));
        }
        let routes = self.site.draft.table(&routing.path(&["routes"]), place);
        routes.one_or_more(&prefix, pairs, place);
    }

    /// The last resorts, but for those of networks: an announced network has one here anyway.
    pub(super) fn finish_routes(&mut self) {
        for (routing, prefix, pairs, place) in std::mem::take(&mut self.last_resorts) {
            let announced = self.announced.get(&routing);
            if !announced.is_some_and(|announced| announced.has_network(&prefix)) {
                let routes = self.site.draft.table(&routing.path(&["routes"]), place);
                routes.one_or_more(&prefix, pairs, place);
            }
        }
    }
}

/// The word behind a keyword, and the words without the two.
fn without<'w>(keyword: &str, words: &[&'w str]) -> (Option<&'w str>, Vec<&'w str>) {
    let at = words.iter().position(|word| *word == keyword);
    match at.and_then(|at| Some((at, *words.get(at + 1)?))) {
        Some((at, value)) => (Some(value), [&words[..at], &words[at + 2..]].concat()),
        None => (None, words.to_vec()),
    }
}

/// The prefix, in one word or with a mask in a second one, and what follows.
fn prefix<'w>(family: Family, words: &'w [&'w str]) -> Option<(String, &'w [&'w str])> {
    let (first, rest) = words.split_first()?;
    if let Ok(prefix) = without_host_bits(first).parse::<Prefix>() {
        return (prefix.net().addr().is_ipv6() == (family == Family::V6)).then(|| (prefix.to_string(), rest));
    }
    let address: Ipv4Addr = first.parse().ok()?;
    let (mask, rest) = rest.split_first()?;
    let net = ipnet::Ipv4Net::with_netmask(address, mask.parse().ok()?).ok()?;
    Some((net.trunc().to_string(), rest))
}

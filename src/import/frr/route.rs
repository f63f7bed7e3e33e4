//! Static routes of frr.conf.

use super::Frr;
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::policy::Family;
use crate::types::Prefix;
use std::net::{IpAddr, Ipv4Addr};

/// The distance of a blackhole that holds a network in the table while nothing else does.
const LAST_RESORT: &str = "254";

impl Frr {
    /// `ip route PREFIX [GATEWAY] [INTERFACE] [tag N] [DISTANCE] [table N] [onlink]`.
    pub(super) fn route(&mut self, family: Family, words: &[&str], line: &str, place: Place) {
        let Some((prefix, mut rest)) = prefix(family, words) else {
            return self.leave(line, place, Why::Because("expected a prefix".to_owned()));
        };
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
                ("blackhole" | "Null0" | "null0" | "reject", _) => add("blackhole", true.into()),
                (word, _) if word.parse::<u8>().is_ok() => add("distance", Value::number(word)),
                (word, _) if word.parse::<IpAddr>().is_ok() => add("via", word.into()),
                ("vrf" | "nexthop-vrf" | "label" | "color" | "bfd" | "segments" | "from", _) => {
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
            return self.last_resorts.push((prefix, pairs, place));
        }
        let routes = self.site.draft.table(&["routes"], place);
        routes.one_or_more(&prefix, pairs, place);
    }

    /// The last resorts, but for those of networks: an announced network has one here anyway.
    pub(super) fn finish_routes(&mut self) {
        for (prefix, pairs, place) in std::mem::take(&mut self.last_resorts) {
            if !self.announced.has_network(&prefix) {
                let routes = self.site.draft.table(&["routes"], place);
                routes.one_or_more(&prefix, pairs, place);
            }
        }
    }
}

/// The prefix, in one word or with a mask in a second one, and what follows.
fn prefix<'w>(family: Family, words: &'w [&'w str]) -> Option<(String, &'w [&'w str])> {
    let (first, rest) = words.split_first()?;
    if let Ok(prefix) = first.parse::<Prefix>() {
        return (prefix.net().addr().is_ipv6() == (family == Family::V6)).then(|| (prefix.to_string(), rest));
    }
    let address: Ipv4Addr = first.parse().ok()?;
    let (mask, rest) = rest.split_first()?;
    let net = ipnet::Ipv4Net::with_netmask(address, mask.parse().ok()?).ok()?;
    Some((net.trunc().to_string(), rest))
}

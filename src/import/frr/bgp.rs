//! `router bgp` of frr.conf: what is not about a neighbour.

use super::{Block, Frr};
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::policy::Family;
use crate::types::Prefix;

impl Frr {
    pub(super) fn enter_bgp(&mut self, asn: &str, line: &str, place: Place) {
        self.block = Block::Bgp;
        let other = self.site.draft.root.child("bgp").and_then(|bgp| bgp.value("asn"));
        if other.is_some_and(|other| *other != Value::number(asn)) {
            self.block = Block::Lost(Box::new(Block::Top));
            let why = "a router has one AS number here".to_owned();
            return self.leave(line, place, Why::Because(why));
        }
        self.site.draft.set(&["bgp"], "asn", Value::number(asn), place);
    }

    /// A line of `router bgp`: without `address-family` it is about IPv4.
    pub(super) fn of_bgp(&mut self, line: &str, words: &[&str], place: Place) {
        match *words {
            ["bgp", "router-id", id] => self.site.draft.set(&["bgp"], "router-id", id, place),
            ["bgp", "cluster-id", id] if id.contains('.') => {
                self.site.draft.set(&["bgp"], "cluster-id", id, place);
            }
            ["address-family", family @ ("ipv4" | "ipv6")]
            | ["address-family", family @ ("ipv4" | "ipv6"), "unicast"] => {
                self.block = Block::BgpFamily(match family {
                    "ipv4" => Family::V4,
                    _ => Family::V6,
                });
            }
            ["address-family", ..] | ["vnc" | "segment-routing", ..] => {
                self.block = Block::Lost(Box::new(Block::Bgp));
                self.not_yet(line, place);
            }
            // The document has them this way without being told.
            ["no", "bgp", "default", "ipv4-unicast"]
            | ["no", "bgp", "network", "import-check"]
            | ["bgp", "log-neighbor-changes"]
            | ["no", "auto-summary"] => {}
            ["no", "bgp", "ebgp-requires-policy"] => self.leave(
                line,
                place,
                Why::Foreign("an eBGP neighbour needs a route-map for each direction"),
            ),
            ["timers", "bgp", keepalive, hold] => {
                self.sessions.timers = Some((keepalive.to_owned(), hold.to_owned(), place));
            }
            ["neighbor", peer, ref what @ ..] => self.of_neighbor(peer, None, what, line, place),
            ["no", "neighbor", peer, ref what @ ..] => self.not_of_neighbor(peer, what, line, place),
            ["network", ..] => self.of_family(Family::V4, line, words, place),
            _ => self.not_yet(line, place),
        }
    }

    /// A line of `address-family ipv4 unicast` or `ipv6 unicast`.
    pub(super) fn of_family(&mut self, family: Family, line: &str, words: &[&str], place: Place) {
        match *words {
            ["network", prefix, ref rest @ ..] => self.network(prefix, rest, line, place),
            ["neighbor", peer, ref what @ ..] => self.of_neighbor(peer, Some(family), what, line, place),
            ["no", "neighbor", peer, ref what @ ..] => self.not_of_neighbor(peer, what, line, place),
            _ => self.not_yet(line, place),
        }
    }

    fn network(&mut self, prefix: &str, rest: &[&str], line: &str, place: Place) {
        let prefix = match *rest {
            ["mask", mask, ..] => {
                let address = prefix.parse().ok();
                let mask = mask.parse().ok();
                let net = address
                    .zip(mask)
                    .and_then(|(address, mask)| ipnet::Ipv4Net::with_netmask(address, mask).ok());
                net.map_or_else(|| prefix.to_owned(), |net| net.trunc().to_string())
            }
            _ => prefix
                .parse::<Prefix>()
                .map_or_else(|_| prefix.to_owned(), |prefix| prefix.to_string()),
        };
        self.site.draft.push(&["bgp"], "networks", prefix.as_str(), place);
        if !matches!(rest, [] | ["mask", _]) {
            let why = "the network is announced, but nothing changes its attributes in this version";
            self.leave(line, place, Why::Because(why.to_owned()));
        }
    }
}

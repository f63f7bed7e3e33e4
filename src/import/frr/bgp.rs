//! `router bgp` of frr.conf: what is not about a neighbour.

use super::session::{Peer, Said};
use super::setting::timers;
use super::{Block, Frr};
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::policy::Family;
use crate::import::vrf::Routing;

impl Frr {
    pub(super) fn enter_bgp(&mut self, asn: &str, line: &str, place: Place) {
        self.block = Block::Bgp;
        let path = self.routing.path(&["bgp"]);
        let other = self.site.draft.find(&path).and_then(|bgp| bgp.value("asn"));
        if other.is_some_and(|other| *other != Value::number(asn)) {
            self.block = Block::Lost(Box::new(Block::Top));
            let why = "a router has one AS number here".to_owned();
            return self.leave(line, place, Why::Because(why));
        }
        self.site.draft.set(&path, "asn", Value::number(asn), place);
    }

    /// A line of `router bgp`: without `address-family` it is about IPv4.
    pub(super) fn of_bgp(&mut self, line: &str, words: &[&str], place: Place) {
        match *words {
            ["bgp", "router-id", id] => self.set("router-id", id.into(), place),
            ["bgp", "cluster-id", id] if id.contains('.') => self.set("cluster-id", id.into(), place),
            ["bgp", "graceful-restart"] => self.set("graceful-restart", true.into(), place),
            ["bgp", "graceful-shutdown"] => self.set("graceful-shutdown", true.into(), place),
            ["no", "bgp", "log-neighbor-changes"] => self.set("log-neighbor-changes", false.into(), place),
            ["bgp", "always-compare-med"] => self.bestpath("always-compare-med", place),
            ["bgp", "deterministic-med"] => self.bestpath("deterministic-med", place),
            ["bgp", "bestpath", "as-path", "ignore"] => self.bestpath("as-path-ignore", place),
            ["bgp", "bestpath", "as-path", "confed"] => self.bestpath("as-path-confed", place),
            ["bgp", "bestpath", "as-path", "multipath-relax"] => self.bestpath("multipath-relax", place),
            ["bgp", "bestpath", "compare-routerid"] => self.bestpath("compare-router-id", place),
            ["bgp", "bestpath", "med", "missing-as-worst"] => self.bestpath("missing-as-worst", place),
            ["bgp", "bestpath", "med", "confed"] => self.bestpath("med-confed", place),
            ["bgp", "bestpath", "med", "confed", "missing-as-worst"] => {
                self.bestpath("missing-as-worst", place);
                self.bestpath("med-confed", place);
            }
            ["bgp", "confederation", "identifier", asn] => {
                self.inner("confederation", "identifier", Value::number(asn), place);
            }
            ["bgp", "confederation", "peers", ref peers @ ..] => {
                let peers = Value::List(peers.iter().map(|asn| Value::number(asn)).collect());
                self.inner("confederation", "peers", peers, place);
            }
            ["bgp", "listen", "limit", limit] => self.set("listen-limit", Value::number(limit), place),
            ["bgp", "listen", "range", range, "peer-group", group] => {
                let group = self.site.names.policy(group);
                let group = Peer::group(self.routing.clone(), group);
                self.sessions.families.listens(group, range, line, place);
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
            ["no", "bgp", "default", family @ ("ipv4-unicast" | "ipv6-unicast")] => {
                self.has_by_default(family, false)
            }
            ["bgp", "default", family @ ("ipv4-unicast" | "ipv6-unicast")] => {
                self.has_by_default(family, true)
            }
            // FRR prints it where its profile has it.
            ["no", "bgp", "deterministic-med"] if self.datacenter.is_some() => {
                self.inner("bestpath", "deterministic-med", false.into(), place);
            }
            // The document has them this way without being told.
            ["no", "bgp", "network", "import-check"]
            | ["bgp", "log-neighbor-changes"]
            | ["no", "auto-summary"] => {}
            ["no", "bgp", "ebgp-requires-policy"] => self.leave(
                line,
                place,
                Why::Foreign("an eBGP neighbour needs a route-map for each direction"),
            ),
            ["timers", "bgp", keepalive, hold] => self.set("timers", timers(keepalive, hold), place),
            ["neighbor", ..] | ["no", "neighbor", ..] => self.peers(None, line, words, place),
            [
                "network" | "aggregate-address" | "redistribute" | "maximum-paths" | "distance",
                ..,
            ] => {
                self.of_family(Family::V4, line, words, place);
            }
            _ => self.not_yet(line, place),
        }
    }

    /// A line of `address-family ipv4 unicast` or `ipv6 unicast`.
    pub(super) fn of_family(&mut self, family: Family, line: &str, words: &[&str], place: Place) {
        match *words {
            ["network", ref what @ ..] => self.network(family, what, line, place),
            ["aggregate-address", prefix, ref rest @ ..] => self.aggregate(prefix, rest, line, place),
            ["redistribute", ref what @ ..] => self.redistribute(family, what, line, place),
            ["import", "vrf", ..]
            | ["import" | "export", "vpn"]
            | ["rd" | "rt" | "label" | "nexthop" | "route-map", "vpn", ..] => {
                let why = "each table has its own routes alone in this version".to_owned();
                self.leave(line, place, Why::Because(why));
            }
            ["table-map", map] => {
                let map = self.site.names.policy(map);
                let table = self.site.draft.table(&self.routing.path(&["bgp"]), place);
                if !table.has("table-map") {
                    table
                        .notes
                        .push("table-map is asked about routes of both families".to_owned());
                }
                self.set("table-map", map.as_str().into(), place);
            }
            ["maximum-paths", "ibgp", paths] => self.paths("ibgp", paths, place),
            ["maximum-paths", paths] => self.paths("ebgp", paths, place),
            ["distance", "bgp", external, internal, local] => {
                let distances = [("external", external), ("internal", internal), ("local", local)];
                for (kind, distance) in distances {
                    self.inner("distance", kind, Value::number(distance), place);
                }
            }
            ["neighbor", ..] | ["no", "neighbor", ..] => self.peers(Some(family), line, words, place),
            _ => self.not_yet(line, place),
        }
    }

    /// `[no] neighbor`; the family is that of its block.
    fn peers(&mut self, family: Option<Family>, line: &str, words: &[&str], place: Place) {
        let said = |what| Said {
            family,
            what,
            line,
            place,
        };
        match words {
            ["neighbor", peer, what @ ..] => self.of_neighbor(peer, said(what)),
            ["no", "neighbor", peer, what @ ..] => self.not_of_neighbor(peer, said(what)),
            _ => self.not_yet(line, place),
        }
    }

    fn has_by_default(&mut self, family: &str, on: bool) {
        let family = match family {
            "ipv4-unicast" => Family::V4,
            _ => Family::V6,
        };
        self.sessions.families.has_by_default(&self.routing, family, on);
    }

    /// What `frr defaults datacenter` has of BGP otherwise than `traditional`, where a key is for it.
    pub(super) fn finish_profile(&mut self) {
        let Some((line, place)) = self.datacenter.take() else {
            return;
        };
        let mut instances = self.site.vrfs_with_bgp();
        if self.site.draft.root.has("bgp") {
            instances.push(Routing::main());
        }
        for routing in instances {
            let bgp = self.site.draft.table(&routing.path(&["bgp"]), place);
            if !bgp.has("timers") {
                let _ = bgp.set("timers", timers("3", "9"), place);
            }
            // One that says it itself keeps what it says.
            let _ = bgp.inner("bestpath", "deterministic-med", true, place);
        }
        let why = "of these defaults BGP has its timers, 3 and 9, and deterministic-med here; an eBGP neighbour needs route-maps, which it does not there, and is called again after 120 seconds, not 10";
        self.leave(&line, place, Why::Because(why.to_owned()));
    }

    fn set(&mut self, key: &str, value: Value, place: Place) {
        self.site
            .draft
            .set(&self.routing.path(&["bgp"]), key, value, place);
    }

    fn inner(&mut self, key: &str, inner: &str, value: Value, place: Place) {
        self.site
            .draft
            .inner(&self.routing.path(&["bgp"]), key, inner, value, place);
    }

    fn bestpath(&mut self, key: &str, place: Place) {
        self.inner("bestpath", key, true.into(), place);
    }

    fn paths(&mut self, kind: &str, paths: &str, place: Place) {
        self.inner("maximum-paths", kind, Value::number(paths), place);
    }
}

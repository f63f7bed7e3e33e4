//! Neighbours and peer-groups of frr.conf.

use super::{Frr, after};
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::policy::{Entry, Family};
use indexmap::IndexMap;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

/// What is settled when all lines are read.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    /// The filters of each session and direction.
    filters: IndexMap<(Peer, &'static str), Filters>,
    /// The names of peer-groups.
    groups: HashSet<String>,
    /// `timers bgp`: of every neighbour without others.
    pub timers: Option<(String, String, Place)>,
    /// Neighbours that come from an interface's address.
    sources: Vec<(Peer, String, String, Place)>,
}

/// A neighbour, or a peer-group.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Peer {
    Neighbor(IpAddr),
    Group(String),
}

impl Peer {
    /// Its table.
    fn path(&self) -> [String; 3] {
        let (kind, name) = match self {
            Self::Neighbor(address) => ("neighbors", address.to_string()),
            Self::Group(name) => ("peer-groups", name.clone()),
        };
        ["bgp".to_owned(), kind.to_owned(), name]
    }
}

/// What filters the routes of one direction; FRR applies all of them.
#[derive(Debug, Default)]
struct Filters {
    route_map: Option<(String, Place)>,
    prefix_lists: Vec<(Family, String, Place)>,
    others: Vec<(String, Place)>,
}

impl Frr {
    /// `neighbor PEER …`; the family is that of its block.
    pub(super) fn of_neighbor(
        &mut self,
        peer: &str,
        family: Option<Family>,
        what: &[&str],
        line: &str,
        place: Place,
    ) {
        if what == ["peer-group"] {
            self.sessions.groups.insert(peer.to_owned());
            let name = self.site.names.policy(peer);
            self.site.draft.table(&["bgp", "peer-groups", &name], place);
            return;
        }
        let Some(peer) = self.peer(peer) else {
            return self.not_yet(line, place);
        };
        let is_other_family = match (&peer, family) {
            (Peer::Neighbor(address), Some(family)) => address.is_ipv6() != (family == Family::V6),
            _ => false,
        };
        if is_other_family {
            let why = "a neighbour has the routes of its address's family alone, in this version".to_owned();
            return self.leave(line, place, Why::Because(why));
        }
        if let [
            filter @ ("route-map" | "prefix-list" | "filter-list" | "distribute-list"),
            name,
            way,
        ] = *what
        {
            return self.filter(peer, family, (filter, name, way), line, place);
        }
        if let ["password", ..] = what {
            let [.., name] = peer.path();
            let path = peer.path();
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            return self.site.draft.password(&path, &name, after(line, 3), place);
        }
        self.of_session(&peer, what, line, place);
    }

    fn of_session(&mut self, peer: &Peer, what: &[&str], line: &str, place: Place) {
        let path = peer.path();
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let mut set = |key: &str, value: Value| self.site.draft.set(&path, key, value, place);
        match *what {
            ["remote-as", "external"] => self.not_yet(line, place),
            ["remote-as", "internal"] => {
                let own = self.site.draft.root.child("bgp").and_then(|bgp| bgp.value("asn"));
                if let Some(own) = own.cloned() {
                    self.site.draft.set(&path, "remote-as", own, place);
                }
            }
            ["remote-as", asn] => set("remote-as", Value::number(asn)),
            ["peer-group", group] => {
                let group = self.site.names.policy(group);
                self.site.draft.set(&path, "peer-group", group.as_str(), place);
            }
            ["description", ..] => set("description", after(line, 3).into()),
            ["shutdown", ..] => set("shutdown", true.into()),
            ["passive"] => set("passive", true.into()),
            ["bfd"] => self.bfd(&path, true.into(), place),
            ["bfd", "profile", profile] => {
                let profile = self.site.names.policy(profile);
                self.bfd(&path, profile.as_str().into(), place);
            }
            ["ebgp-multihop"] => set("ebgp-multihop", Value::Number(255)),
            // One hop is what every eBGP session has.
            ["ebgp-multihop", "1"] => {}
            ["ebgp-multihop", hops] => set("ebgp-multihop", Value::number(hops)),
            ["update-source", source] => match source.parse::<IpAddr>() {
                Ok(source) => set("update-source", Value::text(source)),
                Err(_) => {
                    let waiting = (peer.clone(), source.to_owned(), line.trim().to_owned(), place);
                    self.sessions.sources.push(waiting);
                }
            },
            ["timers", keepalive, hold] if keepalive != "connect" => set("timers", timers(keepalive, hold)),
            ["next-hop-self"] => set("next-hop-self", true.into()),
            ["next-hop-self", "force" | "all"] => {
                set("next-hop-self", true.into());
                let why =
                    "next-hop-self is set, but for reflected routes it is not in this version".to_owned();
                self.leave(line, place, Why::Because(why));
            }
            ["route-reflector-client"] => set("route-reflector-client", true.into()),
            ["maximum-prefix", .., "warning-only"] => self.not_yet(line, place),
            ["maximum-prefix", limit, ref rest @ ..] => {
                set("maximum-prefix", Value::number(limit));
                if !rest.is_empty() {
                    let why = "the limit is set, the rest is not in this version".to_owned();
                    self.leave(line, place, Why::Because(why));
                }
            }
            // A neighbour has its family, and all communities are sent to it, without being told.
            ["activate"]
            | ["send-community"]
            | [
                "send-community",
                "all" | "both" | "extended" | "large" | "standard",
            ] => {}
            _ => self.not_yet(line, place),
        }
    }

    /// `bfd = true` makes room for a profile, and a profile stays.
    fn bfd(&mut self, path: &[&str], value: Value, place: Place) {
        let table = self.site.draft.table(path, place);
        if table.value("bfd") == Some(&Value::Switch(true)) {
            table.remove("bfd");
        }
        if !table.has("bfd") {
            let _ = table.set("bfd", value, place);
        }
    }

    /// `no neighbor PEER …`.
    pub(super) fn not_of_neighbor(&mut self, peer: &str, what: &[&str], line: &str, place: Place) {
        match what {
            // Of the other family it is what a neighbour here has anyway.
            ["activate"] => {
                let is_own = match (self.peer(peer), &self.block) {
                    (Some(Peer::Neighbor(address)), super::Block::BgpFamily(family)) => {
                        address.is_ipv6() == (*family == Family::V6)
                    }
                    _ => false,
                };
                if is_own {
                    let why = "a neighbour always has the routes of its address's family here".to_owned();
                    self.leave(line, place, Why::Because(why));
                }
            }
            _ => self.not_yet(line, place),
        }
    }

    /// The peer of this name; none for an interface.
    fn peer(&mut self, name: &str) -> Option<Peer> {
        match name.parse::<IpAddr>() {
            Ok(address) => Some(Peer::Neighbor(address)),
            Err(_) if self.sessions.groups.contains(name) => Some(Peer::Group(self.site.names.policy(name))),
            Err(_) => None,
        }
    }

    fn filter(
        &mut self,
        peer: Peer,
        family: Option<Family>,
        (filter, name, way): (&str, &str, &str),
        line: &str,
        place: Place,
    ) {
        let way = match way {
            "in" => "in",
            "out" => "out",
            _ => return self.not_yet(line, place),
        };
        let filters = self.sessions.filters.entry((peer, way)).or_default();
        match filter {
            "route-map" => match &filters.route_map {
                Some((other, first)) if other != name => {
                    let first = self.site.draft.shown(*first);
                    let why =
                        format!("both families of a peer-group have one route-map here, that of {first}");
                    self.leave(line, place, Why::Because(why));
                }
                Some(_) => {}
                None => filters.route_map = Some((name.to_owned(), place)),
            },
            "prefix-list" => {
                let family = family.unwrap_or(Family::V4);
                filters.prefix_lists.push((family, name.to_owned(), place));
            }
            _ => filters.others.push((line.trim().to_owned(), place)),
        }
    }

    /// Gives each session what depends on all lines.
    pub(super) fn finish_sessions(&mut self) {
        let mut made = HashMap::new();
        for ((peer, way), filters) in std::mem::take(&mut self.sessions.filters) {
            self.finish_filters(&peer, way, filters, &mut made);
        }
        let mut addresses = HashMap::new();
        for (link, address) in self.site.addresses() {
            let address = address.addr();
            addresses.entry((link.name, address.is_ipv4())).or_insert(address);
        }
        for (peer, device, line, place) in std::mem::take(&mut self.sessions.sources) {
            let link = self.site.device(&device);
            let is_ipv4 = !matches!(&peer, Peer::Neighbor(address) if address.is_ipv6());
            match addresses.get(&(link.name, is_ipv4)) {
                Some(address) => {
                    let path = peer.path();
                    let path: Vec<&str> = path.iter().map(String::as_str).collect();
                    self.site
                        .draft
                        .set(&path, "update-source", Value::text(address), place);
                }
                None => {
                    let why = format!("an address is expected here, and '{device}' has none in this file");
                    self.leave(&line, place, Why::Because(why));
                }
            }
        }
        if let Some((keepalive, hold, place)) = self.sessions.timers.take() {
            let bgp = self.site.draft.table(&["bgp"], place);
            let names: Vec<String> = match bgp.child("neighbors") {
                Some(neighbors) => neighbors.children().map(|(name, _)| name.to_owned()).collect(),
                None => Vec::new(),
            };
            for name in names {
                let neighbor = self.site.draft.table(&["bgp", "neighbors", &name], place);
                // What a group says stays said.
                if !neighbor.has("timers") && !neighbor.has("peer-group") {
                    let _ = neighbor.set("timers", timers(&keepalive, &hold), place);
                }
            }
        }
    }

    /// One route-map, or one made of prefix-lists. Where FRR applies more than that, there is none: the check asks for one.
    fn finish_filters(
        &mut self,
        peer: &Peer,
        way: &'static str,
        filters: Filters,
        made: &mut HashMap<Vec<(Family, String)>, String>,
    ) {
        let path = peer.path();
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let lists: Vec<(Family, String)> = filters
            .prefix_lists
            .iter()
            .map(|(family, list, _)| (*family, list.clone()))
            .collect();
        match filters.route_map {
            Some((map, place)) if lists.is_empty() && filters.others.is_empty() => {
                let map = self.site.names.policy(&map);
                self.site
                    .draft
                    .inner(&path, "route-map", way, map.as_str(), place);
                return;
            }
            None if !lists.is_empty() && filters.others.is_empty() => {
                let (_, _, place) = filters.prefix_lists[0];
                let map = match made.get(&lists) {
                    Some(map) => map.clone(),
                    None => self.map_of_lists(&lists, place),
                };
                made.insert(lists, map.clone());
                let map = self.site.names.policy(&map);
                self.site
                    .draft
                    .inner(&path, "route-map", way, map.as_str(), place);
                return;
            }
            Some((map, place)) => {
                let why = format!(
                    "a session has one filter for each direction here, and without the others '{map}' would let more through"
                );
                self.leave(&format!("route-map {map} {way}"), place, Why::Because(why));
            }
            None => {}
        }
        for (_, list, place) in filters.prefix_lists {
            self.not_yet(&format!("prefix-list {list} {way}"), place);
        }
        for (line, place) in filters.others {
            self.not_yet(&line, place);
        }
    }

    /// A route-map that lets through what prefix-lists permit; its name where it comes from.
    fn map_of_lists(&mut self, lists: &[(Family, String)], place: Place) -> String {
        let list = lists.first().map_or("", |(_, list)| list);
        let mut name = format!("{list}-ONLY");
        while self.site.policy.find(&name).is_some() {
            name.push_str("-2");
        }
        for (number, (family, list)) in (1..).zip(lists) {
            let mut entry = Entry::new(number * 10, "permit", place);
            entry.lists.push((*family, list.clone()));
            self.site.policy.route_map(&name).entries.push(entry);
        }
        name
    }
}

fn timers(keepalive: &str, hold: &str) -> Value {
    Value::Inline(vec![
        ("keepalive".to_owned(), Value::number(keepalive)),
        ("hold".to_owned(), Value::number(hold)),
    ])
}

//! Neighbours and peer-groups of frr.conf.

use super::families::{Families, is_of_family};
use super::filters::Filters;
use super::setting::{COMMUNITIES, local_as, maximum_prefix, not_sent, plain, timers};
use super::{Frr, after};
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::policy::Family;
use crate::import::vrf::Routing;
use indexmap::IndexMap;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::IpAddr;

/// Why a neighbour has nothing of the other family.
pub(super) const OTHER_FAMILY: &str =
    "a neighbour has the routes of its address's family alone, in this version";

/// What is settled when all lines are read.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    /// The filters of each session and direction.
    pub(super) filters: IndexMap<(Peer, &'static str), Filters>,
    /// The names of peer-groups, of each table.
    groups: HashSet<(Routing, String)>,
    /// Neighbours on the link of an interface, by its name there; and its name here.
    links: HashMap<String, String>,
    /// The communities that a neighbour is not sent.
    without: IndexMap<Peer, (BTreeSet<&'static str>, Place)>,
    /// Neighbours that come from an interface's address.
    sources: Vec<(Peer, String, String, Place)>,
    /// The address families they exchange routes of.
    pub(super) families: Families,
}

/// A neighbour, or a peer-group.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Peer {
    /// The table it is in.
    pub(super) routing: Routing,
    kind: Kind,
    /// Its name in the document.
    pub(super) name: String,
}

/// What follows `[no] neighbor PEER`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said<'l> {
    /// That of its block; none outside of them.
    pub(super) family: Option<Family>,
    pub(super) what: &'l [&'l str],
    /// The whole line.
    pub(super) line: &'l str,
    pub(super) place: Place,
}

impl Said<'_> {
    /// What is of a family and stands outside of them is about IPv4.
    fn family(&self) -> Option<Family> {
        self.family
            .or_else(|| is_of_family(self.what).then_some(Family::V4))
    }
}

/// What a peer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    /// A neighbour of this family.
    Neighbor(Family),
    /// One on the link of an interface.
    Link,
    Group,
}

impl Peer {
    /// The peer-group of this name in the document.
    pub(super) fn group(routing: Routing, name: String) -> Self {
        let kind = Kind::Group;
        Self { routing, kind, name }
    }

    /// Whether it is a peer-group.
    pub(super) fn is_group(&self) -> bool {
        self.kind == Kind::Group
    }

    /// Its table.
    pub(super) fn path(&self) -> Vec<&str> {
        let peers = match self.kind {
            Kind::Neighbor(_) | Kind::Link => "neighbors",
            Kind::Group => "peer-groups",
        };
        self.routing.path(&["bgp", peers, &self.name])
    }

    /// The family of its address; none where it has no address.
    pub(super) fn family(&self) -> Option<Family> {
        match self.kind {
            Kind::Neighbor(family) => Some(family),
            Kind::Link | Kind::Group => None,
        }
    }
}

impl Frr {
    /// `neighbor PEER …`
    pub(super) fn of_neighbor(&mut self, peer: &str, said: Said<'_>) {
        let Said { line, place, .. } = said;
        if said.what == ["peer-group"] {
            let group = (self.routing.clone(), peer.to_owned());
            self.sessions.groups.insert(group);
            if let Some(group) = self.peer(peer) {
                self.site.draft.table(&group.path(), place);
            }
            return;
        }
        let what = match *said.what {
            ["interface", "v6only", ref rest @ ..] | ["interface", ref rest @ ..] => {
                let name = self.site.device_in_use(peer, place);
                self.sessions.links.insert(peer.to_owned(), name);
                rest
            }
            ref what => what,
        };
        let Some(peer) = self.peer(peer) else {
            return self.not_yet(line, place);
        };
        self.sessions.families.meets(&peer, line, place);
        if what.is_empty() {
            return;
        }
        let said = Said { what, ..said };
        let family = said.family();
        self.announced().families.extend(family);
        if let (Some(own), Some(family)) = (peer.family(), family)
            && own != family
        {
            return self.leave(line, place, Why::Because(OTHER_FAMILY.to_owned()));
        }
        match family {
            Some(family) if what == ["activate"] => {
                self.sessions.families.activates(peer, family, true, line, place);
            }
            Some(family) if peer.family().is_none() => self.sessions.families.waits(peer, family, said),
            _ => self.of_peer(peer, Said { family, ..said }),
        }
    }

    /// What a peer has, once it is known for which family.
    pub(super) fn of_peer(&mut self, peer: Peer, said: Said<'_>) {
        self.sessions.families.says(&peer, said.what);
        match *said.what {
            [
                filter @ ("route-map" | "prefix-list" | "filter-list" | "distribute-list"),
                name,
                way,
            ] => self.filter(peer, (filter, name, way), said),
            ["password", ..] => {
                let password = after(said.line, 3);
                self.site
                    .draft
                    .password(&peer.path(), &peer.name, password, said.place);
            }
            _ => self.of_session(&peer, said),
        }
    }

    fn of_session(
        &mut self,
        peer: &Peer,
        Said {
            what, line, place, ..
        }: Said<'_>,
    ) {
        let path = peer.path();
        let is_client = self.site.draft.table(&path, place).has("route-server-client");
        let mut set = |key: &str, value: Value| self.site.draft.set(&path, key, value, place);
        match *what {
            ["remote-as", kind @ ("external" | "internal")] => set("remote-as", kind.into()),
            ["remote-as", "auto"] => {
                let why = "the document says which: \"external\", \"internal\" or a number".to_owned();
                self.leave(line, place, Why::Because(why));
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
            ["timers", keepalive, hold] if !["connect", "delayopen"].contains(&keepalive) => {
                set("timers", timers(keepalive, hold));
            }
            ["next-hop-self"] => set("next-hop-self", true.into()),
            ["next-hop-self", "force" | "all"] => {
                self.site.draft.table(&path, place).remove("next-hop-self");
                self.site.draft.set(&path, "next-hop-self", "all", place);
            }
            ["route-reflector-client"] => set("route-reflector-client", true.into()),
            ["maximum-prefix", limit, ref rest @ ..] => match maximum_prefix(limit, rest) {
                Some(limit) => set("maximum-prefix", limit),
                None => self.not_yet(line, place),
            },
            ["default-originate", "route-map", map] => {
                let map = self.site.names.policy(map);
                let path = peer.path();
                self.site
                    .draft
                    .inner(&path, "default-originate", "route-map", map.as_str(), place);
            }
            ["local-as", asn, ref rest @ ..] => match local_as(asn, rest) {
                Some(local_as) => set("local-as", local_as),
                None => self.not_yet(line, place),
            },
            ["local-role", role] => set("local-role", role.into()),
            ["local-role", role, "strict-mode"] => {
                let pairs = [
                    ("role".to_owned(), role.into()),
                    ("strict".to_owned(), true.into()),
                ];
                set("local-role", Value::Inline(pairs.into()));
            }
            // FRR prints it beside that of a client of the route server, which has it here.
            ["attribute-unchanged", "next-hop"] if is_client => {}
            // All communities are sent without being told.
            ["send-community"]
            | [
                "send-community",
                "all" | "both" | "extended" | "large" | "standard",
            ] => {}
            _ => match plain(what) {
                Some((key, value)) => set(key, value),
                None => self.not_yet(line, place),
            },
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

    /// `no neighbor PEER …`
    pub(super) fn not_of_neighbor(&mut self, peer: &str, said: Said<'_>) {
        let Said {
            what, line, place, ..
        } = said;
        let Some(peer) = self.peer(peer) else {
            return self.not_yet(line, place);
        };
        match (what, said.family()) {
            (["activate"], Some(family)) => {
                self.sessions.families.activates(peer, family, false, line, place);
            }
            (_, Some(family)) if peer.family().is_some_and(|own| own != family) => {
                self.leave(line, place, Why::Because(OTHER_FAMILY.to_owned()));
            }
            (_, Some(family)) if peer.family().is_none() => {
                let what = &[&["no"], what].concat();
                self.sessions.families.waits(peer, family, Said { what, ..said });
            }
            _ => self.not_of_peer(peer, said),
        }
    }

    /// What a peer has not, once it is known for which family.
    pub(super) fn not_of_peer(
        &mut self,
        peer: Peer,
        Said {
            what, line, place, ..
        }: Said<'_>,
    ) {
        self.sessions.families.says(&peer, what);
        match what {
            ["enforce-first-as"] => {
                let path = peer.path();
                self.site.draft.set(&path, "enforce-first-as", false, place);
            }
            ["send-community", kinds @ ..] => match not_sent(kinds) {
                Some(kinds) => {
                    let (without, _) = self
                        .sessions
                        .without
                        .entry(peer)
                        .or_insert((BTreeSet::new(), place));
                    without.extend(kinds);
                }
                None => self.not_yet(line, place),
            },
            _ => self.not_yet(line, place),
        }
    }

    /// What a peer is called here, where a route-map matches it.
    pub(super) fn peer_name(&mut self, name: &str) -> Option<String> {
        let is_group = self.sessions.groups.iter().any(|(_, group)| group == name);
        match name.parse::<IpAddr>() {
            Err(_) if is_group => Some(self.site.names.policy(name)),
            _ => Some(self.peer(name)?.name),
        }
    }

    /// The peer of this name in the table that the block is about; none for an interface that no neighbour is on.
    fn peer(&mut self, name: &str) -> Option<Peer> {
        let routing = self.routing.clone();
        let (kind, name) = match name.parse::<IpAddr>() {
            Ok(address) => {
                let family = if address.is_ipv6() { Family::V6 } else { Family::V4 };
                (Kind::Neighbor(family), address.to_string())
            }
            Err(_) if self.sessions.groups.contains(&(routing.clone(), name.to_owned())) => {
                (Kind::Group, self.site.names.policy(name))
            }
            Err(_) => (Kind::Link, self.sessions.links.get(name)?.clone()),
        };
        Some(Peer { routing, kind, name })
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
            let is_ipv4 = peer.family() != Some(Family::V6);
            match addresses.get(&(link.name, is_ipv4)) {
                Some(address) => {
                    let path = peer.path();
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
        for (peer, (without, place)) in std::mem::take(&mut self.sessions.without) {
            let path = peer.path();
            let sent = COMMUNITIES.into_iter().filter(|kind| !without.contains(kind));
            let sent = Value::List(sent.map(Value::text).collect());
            self.site.draft.set(&path, "send-community", sent, place);
        }
    }
}

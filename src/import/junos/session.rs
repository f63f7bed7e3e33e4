//! What sessions of BGP carry and make of it, once all neighbours and policies are known.

use super::Junos;
use super::bgp::{Groups, Peer};
use super::policy::Statements;
use super::statement::Statement;
use crate::import::document::Place;
use crate::import::left::Why;
use indexmap::IndexMap;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The families that a neighbour or group names, each with the statement.
pub(super) type Families = IndexMap<(Peer, &'static str), (String, Place)>;

/// The family of a neighbour's address; a group has none.
pub(super) fn family_of(peer: &Peer) -> Option<&'static str> {
    if peer.kind != "neighbors" {
        return None;
    }
    let is_v4 = peer.name.parse::<IpAddr>().ok()?.is_ipv4();
    Some(if is_v4 { "inet" } else { "inet6" })
}

/// Which of the routes that a chain of policies announces have this router as their next hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OwnNextHop {
    None,
    All,
    /// Some alone: where it is said.
    Some(Place),
}

impl Statements {
    fn own_next_hop(&self, chain: &[String]) -> OwnNextHop {
        // Whether all routes that come this far have it, whether one that is accepted has it not, and whether one goes on so.
        let (mut all, mut without, mut goes_on) = (false, false, false);
        let mut said = None;
        for (.., term) in self.terms(chain) {
            let own = all || term.next_hop_self.is_some();
            said = said.or(term.next_hop_self);
            match term.accepts {
                Some(accepts) => without |= accepts && !own,
                None => goes_on |= !own,
            }
            if term.is_of_all() {
                all = own;
                if term.accepts.is_some() {
                    goes_on = false;
                    break;
                }
            }
        }
        without |= goes_on && !all;
        match said {
            None => OwnNextHop::None,
            Some(place) if without => OwnNextHop::Some(place),
            Some(_) => OwnNextHop::All,
        }
    }
}

impl Groups {
    /// The neighbours of a group; of anything else none.
    pub fn members_of(&self, group: &Peer) -> Vec<Peer> {
        let members = self.members.iter().filter(|(_, of)| *of == group);
        members.map(|(member, _)| member.clone()).collect()
    }

    /// Whether a neighbour or its group is of type internal.
    pub fn is_internal(&self, peer: &Peer) -> bool {
        let is_one = |peer: &Peer| self.internal.iter().any(|(it, _)| it == peer);
        is_one(peer) || self.members.get(peer).is_some_and(is_one)
    }
}

impl Junos {
    /// `family inet …` and `family inet6 …` of a neighbour or group.
    pub(super) fn names_family(&mut self, peer: &Peer, family: &'static str, statement: &Statement) {
        let words = &statement.words;
        let end = words.iter().position(|word| word == "family").unwrap_or_default() + 2;
        let named = words[..end.min(words.len())].join(" ");
        let key = (peer.clone(), family);
        let families = &mut self.groups.families;
        families.entry(key).or_insert((named, statement.place));
    }

    /// A session carries the family of its neighbour's address.
    pub(super) fn finish_families(&mut self) {
        let families = std::mem::take(&mut self.groups.families);
        let mut left: BTreeMap<(&(String, Place), &str), Vec<&str>> = BTreeMap::new();
        for (neighbor, group) in &self.groups.members {
            let named = |peer: &Peer| families.keys().any(|(it, _)| it == peer);
            let of = if named(neighbor) { neighbor } else { group };
            let Some(own) = family_of(neighbor) else { continue };
            for ((_, family), said) in families.iter().filter(|((peer, _), _)| peer == of) {
                if *family != own {
                    left.entry((said, own)).or_default().push(&neighbor.name);
                }
            }
        }
        for (((statement, place), own), neighbors) in left {
            let version = if own == "inet" { "IPv4" } else { "IPv6" };
            let other = if own == "inet" { "IPv6" } else { "IPv4" };
            let names = neighbors.join(", ");
            let why = format!(
                "a session carries the family of its neighbour's address, {version} to {names}; {other} takes a neighbour with an address of {other}"
            );
            self.site.draft.leave(*place, statement, Why::Because(why));
        }
    }

    /// Names the route-maps of each session, and makes this router the next hop where they do.
    pub(super) fn finish_sessions(&mut self) {
        let policies = std::mem::take(&mut self.groups.policies);
        for ((peer, way), (chain, place)) in &policies {
            let own = match *way {
                "out" => self.policies.own_next_hop(chain),
                _ => OwnNextHop::None,
            };
            let map = match chain.is_empty() {
                true => self.open_map(way, *place),
                false => self.policies.map_of(chain.clone(), way),
            };
            match own {
                OwnNextHop::None => {}
                OwnNextHop::All => {
                    let others = |member: &Peer| {
                        let chain = policies.get(&(member.clone(), "out"));
                        chain.is_some_and(|(chain, _)| self.policies.own_next_hop(chain) != OwnNextHop::All)
                    };
                    let members = self.groups.members_of(peer);
                    // FRR takes nothing away from a member that its group has.
                    let inherits = |member: &Peer| !policies.contains_key(&(member.clone(), "out"));
                    let peers: Vec<Peer> = match members.iter().any(others) {
                        true => members.into_iter().filter(inherits).collect(),
                        false => vec![peer.clone()],
                    };
                    for peer in peers {
                        self.site.draft.set(&peer.path(), "next-hop-self", true, *place);
                    }
                }
                OwnNextHop::Some(said) => self.some_next_hops(peer, &map, said),
            }
            let map = self.site.names.policy(&map);
            self.site
                .draft
                .inner(&peer.path(), "route-map", way, map.as_str(), *place);
        }
    }

    /// `next-hop-self` is of a session: a map that makes this router the next hop of some routes is held back, where the
    /// others would not get it anyway.
    fn some_next_hops(&mut self, peer: &Peer, map: &str, said: Place) {
        let statement = "then next-hop self of some of the routes alone".to_owned();
        if self.groups.is_internal(peer) {
            self.policies.lacks.insert(map.to_owned(), (statement, said));
        } else {
            let why = "an external neighbour gets this router as the next hop, but for routes over another router on its own subnet; next-hop-self = true is of all that a session sends";
            self.site
                .draft
                .leave(said, &statement, Why::Because(why.to_owned()));
        }
    }
}

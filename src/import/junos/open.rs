//! Sessions of Junos without a policy of their own: they have that of `protocols bgp`, and where there is none either, Junos
//! takes each route of BGP and announces each. Here an external neighbour without a route-map exchanges nothing.

use super::Junos;
use super::bgp::Peer;
use crate::import::document::{Place, Value};
use crate::import::policy::Entry;

/// The directions, with the name and the description of the route-map that lets all through. A tab is in no name of Junos.
const WAYS: [(&str, &str, &str); 2] = [
    (
        "in",
        "DEFAULT\tIN",
        "Without an import policy Junos takes all routes; choose what to take",
    ),
    (
        "out",
        "DEFAULT\tOUT",
        "Without an export policy Junos announces all BGP routes; choose what to send",
    ),
];

impl Junos {
    /// Gives each group the policies it has without naming one: those of all groups, or none at all.
    pub(super) fn inherit_policies(&mut self) {
        let groups = self.groups.places.clone().into_iter();
        for (group, place) in groups.filter(|(peer, _)| peer.kind == "peer-groups") {
            for (way, ..) in WAYS {
                let key = (group.clone(), way);
                if self.groups.policies.contains_key(&key) {
                    continue;
                }
                let default = self.groups.defaults.get(&(group.routing.clone(), way));
                match default.cloned() {
                    Some(default) => self.groups.policies.insert(key, default),
                    None if self.is_open(&group, way) => {
                        self.groups.policies.insert(key, (Vec::new(), place))
                    }
                    None => None,
                };
            }
        }
    }

    /// Whether an external neighbour of a group has no policy in a direction. Where policies are not read, as those that
    /// come from groups of statements, the check asks for a route-map.
    fn is_open(&self, group: &Peer, way: &'static str) -> bool {
        let table = (group.routing.clone(), way);
        let members = self.groups.members_of(group);
        let mut sessions = members.iter().chain([group]);
        let is_closed = |peer: &Peer| self.groups.closed.contains(&(peer.clone(), way));
        if self.grouped.is_some() || self.groups.closed_tables.contains(&table) || sessions.any(is_closed) {
            return false;
        }
        let is_open = |member: &Peer| {
            let key = (member.clone(), way);
            !self.groups.policies.contains_key(&key) && self.is_external(member)
        };
        let listens = self.groups.listening.contains(group) && self.is_external(group);
        listens || members.iter().any(is_open)
    }

    fn is_external(&self, peer: &Peer) -> bool {
        let said = |peer: &Peer| self.site.draft.find(&peer.path())?.value("remote-as").cloned();
        let group = self.groups.members.get(peer);
        let remote = said(peer).or_else(|| said(group?));
        let own = self.asn_of(&peer.routing).map(|(asn, _)| Value::number(asn));
        !self.groups.is_internal(peer) && (remote.is_none() || remote != own)
    }

    /// The route-map of a session without a policy.
    pub(super) fn open_map(&mut self, way: &str, place: Place) -> String {
        let mut name = String::new();
        for (_, map, why) in WAYS.iter().filter(|(of, ..)| *of == way) {
            (*map).clone_into(&mut name);
            let map = self.site.policy.route_map(map);
            if map.entries.is_empty() {
                let mut entry = Entry::new(10, "permit", place);
                entry.description = Some((*why).to_owned());
                map.entries.push(entry);
            }
        }
        name
    }
}

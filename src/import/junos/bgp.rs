//! `protocols bgp` of Junos: groups become peer-groups, and what neighbours say stays with them.

use super::Junos;
use super::limit::Limits;
use super::session::Families;
use super::statement::Statement;
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::vrf::Routing;
use crate::types::Prefix;
use indexmap::IndexMap;
use std::collections::HashSet;
use std::net::IpAddr;

/// A neighbour or a group of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Peer {
    pub routing: Routing,
    /// `neighbors` or `peer-groups`.
    pub kind: &'static str,
    pub name: String,
}

impl Peer {
    /// Its table.
    pub fn path(&self) -> Vec<&str> {
        self.routing.path(&["bgp", self.kind, &self.name])
    }
}

/// What is settled when all statements are read.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// Groups of type internal.
    pub internal: Vec<(Peer, Place)>,
    /// Groups that neighbours join by calling.
    pub listening: HashSet<Peer>,
    /// The group of each neighbour.
    pub members: IndexMap<Peer, Peer>,
    pub families: Families,
    pub limits: Limits,
    /// Where each neighbour and group is named first.
    pub places: IndexMap<Peer, Place>,
    /// The policies of all groups of a table that say none, by direction.
    pub defaults: IndexMap<(Routing, &'static str), (Vec<String>, Place)>,
    /// The sessions, and the tables, that have policies which are not read, by direction.
    pub closed: HashSet<(Peer, &'static str)>,
    pub closed_tables: HashSet<(Routing, &'static str)>,
    /// The policies of each session and direction, in order; none where Junos takes and announces all routes of BGP.
    pub policies: IndexMap<(Peer, &'static str), (Vec<String>, Place)>,
    bfd: IndexMap<Peer, Bfd>,
}

#[derive(Debug, Clone)]
struct Bfd {
    interval: Option<String>,
    multiplier: Option<String>,
    place: Place,
}

/// The direction of a route-map.
fn direction(way: &str) -> &'static str {
    match way {
        "import" => "in",
        _ => "out",
    }
}

impl Junos {
    /// `protocols bgp …` of a table.
    pub(super) fn bgp(&mut self, routing: &Routing, what: &[&str], statement: &Statement) {
        match *what {
            // Sessions that come and go are logged without being told to.
            [] | ["log-updown"] => {}
            ["group", group, ref what @ ..] => self.group(routing, group, what, statement),
            [way @ ("import" | "export"), policy] => {
                let way = direction(way);
                let default = || (Vec::new(), statement.place);
                let defaults = &mut self.groups.defaults;
                let (chain, _) = defaults.entry((routing.clone(), way)).or_insert_with(default);
                chain.push(policy.to_owned());
            }
            // Policies that are not read are no reason to let all through.
            [way @ ("import" | "export"), ..] => {
                self.groups
                    .closed_tables
                    .insert((routing.clone(), direction(way)));
                self.leave(statement, Why::NotYet);
            }
            _ => self.leave(statement, Why::NotYet),
        }
    }

    fn group(&mut self, routing: &Routing, group: &str, what: &[&str], statement: &Statement) {
        let peer = |kind, name: &str| Peer {
            routing: routing.clone(),
            kind,
            name: name.to_owned(),
        };
        let group = peer("peer-groups", &self.site.names.policy(group));
        let places = &mut self.groups.places;
        places.entry(group.clone()).or_insert(statement.place);
        match *what {
            ["neighbor", neighbor, ref what @ ..] => {
                let Ok(address) = neighbor.parse::<IpAddr>() else {
                    return self.leave(statement, Why::NotYet);
                };
                let neighbor = peer("neighbors", &address.to_string());
                let (place, draft) = (statement.place, &mut self.site.draft);
                draft.set(&neighbor.path(), "peer-group", group.name.as_str(), place);
                draft.table(&group.path(), place);
                self.groups.places.entry(neighbor.clone()).or_insert(place);
                self.groups.members.insert(neighbor.clone(), group);
                self.session(&neighbor, what, statement);
            }
            _ => {
                self.site.draft.table(&group.path(), statement.place);
                self.session(&group, what, statement);
            }
        }
    }

    fn session(&mut self, peer: &Peer, what: &[&str], statement: &Statement) {
        let place = statement.place;
        let path = peer.path();
        if let ["family", family @ ("inet" | "inet6"), ref what @ ..] = *what {
            let family = if family == "inet" { "inet" } else { "inet6" };
            self.names_family(peer, family, statement);
            if let [
                "unicast" | "any",
                "prefix-limit" | "accepted-prefix-limit",
                ref what @ ..,
            ] = *what
            {
                return self.limit(peer, family, what, statement);
            }
        }
        let mut set = |key: &str, value: Value| self.site.draft.set(&path, key, value, place);
        match *what {
            []
            | ["type", "external"]
            | ["family", "inet" | "inet6", "unicast" | "any"]
            | ["family", "inet" | "inet6"] => {}
            ["type", "internal"] => self.groups.internal.push((peer.clone(), place)),
            ["peer-as", asn] => set("remote-as", Value::number(asn)),
            ["local-address", address] => set("update-source", address.into()),
            ["description", text] => set("description", text.into()),
            ["passive"] => set("passive", true.into()),
            ["shutdown", ..] => set("shutdown", true.into()),
            ["multihop"] => set("ebgp-multihop", Value::Number(64)),
            ["multihop", "ttl", hops] => set("ebgp-multihop", Value::number(hops)),
            ["hold-time", seconds] => match seconds.parse::<u16>() {
                Ok(hold) => set(
                    "timers",
                    Value::Inline(vec![
                        ("keepalive".to_owned(), Value::Number(i64::from(hold / 3))),
                        ("hold".to_owned(), Value::Number(i64::from(hold))),
                    ]),
                ),
                Err(_) => self.leave(statement, Why::Unknown),
            },
            ["log-updown"] => {}
            ["local-as", asn] => set("local-as", Value::number(asn)),
            ["remove-private"] => set("remove-private-as", true.into()),
            ["enforce-first-as"] => set("enforce-first-as", true.into()),
            ["keep", "all"] => set("soft-reconfiguration", true.into()),
            // It is received wherever a neighbour sends it.
            ["family", "inet" | "inet6", "unicast", "add-path", "receive"] => {}
            [
                "family",
                "inet" | "inet6",
                "unicast",
                "add-path",
                "send",
                ref how @ ..,
            ] => {
                set("add-path", "all".into());
                self.add_path_option(how, statement);
            }
            ["cluster", id] => {
                set("route-reflector-client", true.into());
                let path = peer.routing.path(&["bgp"]);
                self.site.draft.set(&path, "cluster-id", id, place);
            }
            ["allow", prefix] if peer.kind == "peer-groups" && prefix.parse::<Prefix>().is_ok() => {
                self.groups.listening.insert(peer.clone());
                let path = peer.routing.path(&["bgp", "listen-ranges", prefix]);
                self.site
                    .draft
                    .set(&path, "peer-group", peer.name.as_str(), place);
            }
            [way @ ("import" | "export"), policy] => self.policy_of(peer, direction(way), policy, place),
            [way @ ("import" | "export"), ..] => {
                self.groups.closed.insert((peer.clone(), direction(way)));
                self.leave(statement, Why::NotYet);
            }
            ["authentication-key", key] => match clear(key) {
                Some(password) => self.site.draft.password(&path, &peer.name, &password, place),
                None => {
                    let why =
                        "its encoding cannot be read; write the password into a password-file".to_owned();
                    self.leave(statement, Why::Because(why));
                }
            },
            [
                "bfd-liveness-detection",
                timer @ ("minimum-interval" | "multiplier"),
                number,
            ] => {
                let bfd = self.groups.bfd.entry(peer.clone()).or_insert(Bfd {
                    interval: None,
                    multiplier: None,
                    place,
                });
                let value = Some(number.to_owned());
                match timer {
                    "multiplier" => bfd.multiplier = value,
                    _ => bfd.interval = value,
                }
            }
            _ => self.leave(statement, Why::NotYet),
        }
    }

    /// What limits the paths that are sent: here all of them are.
    fn add_path_option(&mut self, how: &[&str], statement: &Statement) {
        let why = match *how {
            [] => return,
            ["path-count", _] => "all paths are sent here, however many they are",
            ["prefix-policy", _] => "all paths are sent here, of whichever prefix",
            _ => return self.leave(statement, Why::NotYet),
        };
        self.leave(statement, Why::Because(why.to_owned()));
    }

    fn policy_of(&mut self, peer: &Peer, way: &'static str, policy: &str, place: Place) {
        let key = (peer.clone(), way);
        let (chain, _) = self.groups.policies.entry(key).or_insert((Vec::new(), place));
        if !chain.iter().any(|it| it == policy) {
            chain.push(policy.to_owned());
        }
    }

    /// Gives each session what depends on all statements.
    pub(super) fn finish_groups(&mut self) {
        for (peer, place) in self.groups.internal.clone() {
            if let Some((asn, _)) = self.asn_of(&peer.routing) {
                let asn = Value::number(asn);
                self.site.draft.set(&peer.path(), "remote-as", asn, place);
            }
        }
        for (peer, bfd) in std::mem::take(&mut self.groups.bfd) {
            let interval = bfd.interval.as_deref().unwrap_or("300");
            // Three is what both sides count without being told.
            let multiplier = bfd.multiplier.as_deref().unwrap_or("3");
            let name = self.site.names.policy(&format!("BFD-{interval}-{multiplier}"));
            for (key, value) in [
                ("detect-multiplier", multiplier),
                ("receive-interval", interval),
                ("transmit-interval", interval),
            ] {
                self.site
                    .draft
                    .set(&["bfd", "profiles", &name], key, Value::number(value), bfd.place);
            }
            let path = peer.path();
            self.site.draft.set(&path, "bfd", name.as_str(), bfd.place);
        }
        self.finish_sessions();
        self.finish_families();
        self.finish_limits();
    }
}

/// The families of letters of Junos's `$9$`, and what each letter of a password is weighted with.
const FAMILIES: [&str; 4] = [
    "QzF3n6/9CAtpu0O",
    "B1IREhcSyrleKvMW8LXx",
    "7N-dVbwsY2g4oaJZGUDj",
    "iHkq.mPf5T",
];
const WEIGHTS: [&[usize]; 7] = [
    &[1, 4, 32],
    &[1, 16, 32],
    &[1, 8, 32],
    &[1, 64],
    &[1, 32],
    &[1, 4, 16, 128],
    &[1, 32, 64],
];

/// A key as it was typed: Junos stores it reversibly as `$9$…`. None where that is not whole.
fn clear(key: &str) -> Option<String> {
    let Some(encoded) = key.strip_prefix("$9$") else {
        return (!key.starts_with('$')).then(|| key.to_owned());
    };
    let letters: String = FAMILIES.concat();
    let place_of = |letter: char| letters.find(letter);
    let mut rest = encoded.chars();
    let first = rest.next()?;
    let salt = FAMILIES.iter().position(|family| family.contains(first))?;
    // As many letters as its family is before the last one say nothing.
    for _ in salt..FAMILIES.len() - 1 {
        rest.next()?;
    }
    let mut previous = place_of(first)?;
    let mut password = String::new();
    let mut rest = rest.peekable();
    while rest.peek().is_some() {
        let mut sum = 0;
        for weight in WEIGHTS[password.len() % WEIGHTS.len()] {
            let place = place_of(rest.next()?)?;
            let gap = (place + letters.len() - previous) % letters.len();
            sum += (gap + letters.len() - 1) % letters.len() * weight;
            previous = place;
        }
        let letter = char::from(u8::try_from(sum % 256).ok()?);
        password.push(Some(letter).filter(|letter| letter.is_ascii_graphic() || *letter == ' ')?);
    }
    Some(password)
}

#[cfg(test)]
mod tests {
    use super::clear;

    #[test]
    fn a_stored_key_is_what_was_typed() {
        assert_eq!(clear("$9$LbHX-wg4Z").as_deref(), Some("lc"));
        assert_eq!(clear("plain").as_deref(), Some("plain"));
        assert_eq!(clear("$9$LbHX-wg4"), None);
        assert_eq!(clear("$9$"), None);
        assert_eq!(clear("$9$\u{e9}\u{e9}\u{e9}\u{e9}"), None);
        assert_eq!(clear("$1$abc"), None);
    }
}

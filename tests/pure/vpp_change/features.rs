//! Bonds' members, bridges, mirrors, policers, virtual routers, neighbours and tables of the simulated VPP.

use super::guards::Guards;
use super::sim::{Outcome, Refused, unless};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

#[derive(Debug, Clone, Default)]
pub struct Features {
    /// By member: its bond.
    members: BTreeMap<String, String>,
    domains: BTreeMap<u32, String>,
    /// By interface: its domain or the other end, and how.
    switched: BTreeMap<String, Vec<String>>,
    /// By interface: what happens to its tags.
    rewrites: BTreeMap<String, String>,
    mirrors: BTreeMap<String, String>,
    policers: BTreeMap<String, String>,
    policed: BTreeMap<(String, String), String>,
    /// By interface, number and family: settings, and whether it runs.
    routers: BTreeMap<(String, String, bool), (String, bool)>,
    /// By router and interface: by how much its priority falls.
    tracked: BTreeMap<((String, String, bool), String), String>,
    told: BTreeMap<(String, String, bool), String>,
    /// By key: the tunnel, and what it may send from.
    peers: BTreeMap<String, (String, String)>,
    neighbours: BTreeMap<(String, String), (String, bool)>,
    tables: BTreeMap<(String, u32), String>,
    /// By table and groups: whether it is for this router.
    multicast: BTreeMap<(u32, String), bool>,
    timeouts: BTreeMap<String, u32>,
    guards: Guards,
}

impl Features {
    fn multicast(&mut self, words: &[&str]) -> Outcome {
        let (add, table, rest) = match *words {
            [add, "table", id, ref rest @ ..] => (add == "add", id.parse().unwrap(), rest),
            [add, ref rest @ ..] => (add == "add", 0, rest),
            [] => panic!("{words:?}"),
        };
        let groups = (table, rest[0].to_owned());
        let family = if groups.1.contains(':') { "ip6" } else { "ip" };
        unless(!self.has_table(family, table))?;
        let before = match (add, &rest[1..]) {
            (true, ["AA"]) => self.multicast.insert(groups, false).map_or(Some(()), |_| None),
            (false, []) => self.multicast.remove(&groups).filter(|ours| !ours).map(drop),
            (_, ["via", "local", "Forward"]) => {
                let ours = self.multicast.insert(groups, add);
                ours.filter(|ours| *ours != add).map(drop)
            }
            _ => panic!("{words:?}"),
        };
        assert!(
            before.is_some(),
            "silently nothing, or more than was said: {words:?}"
        );
        Ok(())
    }

    pub fn has_table(&self, family: &str, id: u32) -> bool {
        id == 0 || self.tables.contains_key(&(family.to_owned(), id))
    }

    pub fn has_members(&self, bond: &str) -> bool {
        let mut bonds = self.members.values();
        bonds.any(|of| of.split(' ').next() == Some(bond))
    }

    pub fn is_switched(&self, interface: &str) -> bool {
        self.switched.contains_key(interface)
    }

    pub fn names(&self, interface: &str) -> bool {
        let is = |name: &String| name == interface;
        self.members
            .iter()
            .any(|(member, bond)| is(member) || bond.split(' ').next() == Some(interface))
            || self
                .switched
                .iter()
                .any(|(name, to)| is(name) || to.iter().any(is))
            || self.rewrites.keys().any(is)
            || self.mirrors.iter().any(|(name, to)| is(name) || is(to))
            || self.policed.keys().any(|(_, name)| is(name))
            || self.routers.keys().any(|(name, ..)| is(name))
            || self.tracked.keys().any(|(_, name)| is(name))
            || self.peers.values().any(|(name, _)| is(name))
            || self.neighbours.keys().any(|(name, _)| is(name))
            || self.guards.names(interface)
    }

    /// The peers of a tunnel go with it.
    pub fn without_peers(&mut self, tunnel: &str) {
        self.peers.retain(|_, (name, _)| name != tunnel);
    }

    /// Whether a virtual router on the interface has an address in the network.
    pub fn elects_in(&self, interface: &str, network: IpNet) -> bool {
        let mut routers = self.routers.iter().filter(|((name, ..), _)| name == interface);
        routers.any(|(_, (words, _))| {
            let mut addresses = words.split(' ').filter_map(|word| word.parse::<IpAddr>().ok());
            addresses.any(|address| network.contains(&address))
        })
    }

    /// `None`: a line of another kind. `used`: whether an interface or a route uses a table.
    pub fn run(
        &mut self,
        words: &[&str],
        there: impl Fn(&str) -> bool,
        used: impl Fn(&str, u32) -> bool,
    ) -> Option<Outcome> {
        let owned = |word: &str| word.to_owned();
        Some(match *words {
            ["bond", "add", bond, member, ref rest @ ..] => {
                unless(!there(bond) || !there(member)).and_then(|()| {
                    assert!(
                        !member.starts_with("loop") && !member.contains('.'),
                        "no member: {member}"
                    );
                    let joined = [&[bond], rest].concat().join(" ");
                    unless(self.members.insert(owned(member), joined).is_some())
                })
            }
            ["bond", "del", member] => unless(self.members.remove(member).is_none()),
            ["create", "bridge-domain", id, "del"] => {
                let id: u32 = id.parse().unwrap();
                let in_it = |to: &Vec<String>| to[0] == id.to_string();
                unless(self.switched.values().any(in_it) || self.domains.remove(&id).is_none())
            }
            ["create", "bridge-domain", id, ref rest @ ..] => {
                let known = self.domains.insert(id.parse().unwrap(), rest.join(" "));
                unless(known.is_some())
            }
            ["set", "interface", "l2", "tag-rewrite", name, "disable"] => unless(!there(name)).map(|()| {
                let known = self.rewrites.remove(name);
                assert!(known.is_some(), "silently nothing: {words:?}");
            }),
            ["set", "interface", "l2", "tag-rewrite", name, ref rest @ ..] => {
                assert!(
                    name.contains('.') && self.is_switched(name),
                    "no tags to rewrite: {words:?}"
                );
                let known = self.rewrites.insert(owned(name), rest.join(" "));
                assert!(known.is_none(), "twice: {words:?}");
                Ok(())
            }
            ["set", "interface", "l2", kind, name, to, ref rest @ ..] => {
                let there = there(name)
                    && match kind {
                        "bridge" => self.domains.contains_key(&to.parse().unwrap()),
                        _ => there(to),
                    };
                let words = [&[to], rest].concat().into_iter().map(owned).collect();
                unless(!there).map(|()| {
                    let known = self.switched.insert(owned(name), words);
                    assert!(known.is_none(), "'{name}' is moved without a word");
                })
            }
            ["set", "interface", "l3", name] => unless(!there(name)).map(|()| {
                assert!(
                    !self.rewrites.contains_key(name),
                    "the tags of '{name}' stay rewritten"
                );
                let known = self.switched.remove(name);
                assert!(known.is_some(), "silently nothing: {words:?}");
            }),
            ["set", "interface", "span", name, "disable"] => {
                assert!(self.mirrors.remove(name).is_some(), "silently nothing: {words:?}");
                Ok(())
            }
            ["set", "interface", "span", name, "destination", to, ..] => unless(!there(name) || !there(to))
                .map(|()| {
                    let known = self.mirrors.insert(owned(name), owned(to));
                    assert!(known.is_none(), "a second mirror: {words:?}");
                }),
            ["policer", ref rest @ ..] | ["configure", "policer", ref rest @ ..] => {
                self.policer(words[0] == "configure", rest, there)
            }
            ["vrrp", ref rest @ ..] => self.vrrp(rest, there),
            ["wireguard", "peer", "add", name, "public-key", key, ref rest @ ..] => {
                unless(!there(name) || self.peers.contains_key(key)).map(|()| {
                    self.peers.insert(owned(key), (owned(name), rest.join(" ")));
                })
            }
            ["wireguard", "peer", "remove", key] => {
                assert!(self.peers.remove(key).is_some(), "silently nothing: {words:?}");
                Ok(())
            }
            ["set", "ip", "neighbor", "del", name, address, _] => unless(!there(name)).map(|()| {
                let known = self.neighbours.remove(&(owned(name), owned(address)));
                assert!(known.is_some(), "silently nothing: {words:?}");
            }),
            ["set", "ip", "neighbor", ref rest @ ..] => {
                let fixed = rest[0] == "static";
                let [name, address, mac] = rest[usize::from(fixed)..] else {
                    panic!("{words:?}")
                };
                let neighbour = (owned(mac), fixed);
                unless(!there(name)).map(|()| {
                    let known = self.neighbours.insert((owned(name), owned(address)), neighbour);
                    assert!(known.is_none(), "twice: {words:?}");
                })
            }
            ["ip", "mroute", ref rest @ ..] => self.multicast(rest),
            [family @ ("ip" | "ip6"), "table", "add", id, ref rest @ ..] => {
                let known = self
                    .tables
                    .insert((owned(family), id.parse().unwrap()), rest.join(" "));
                assert!(known.is_none(), "silently nothing: {words:?}");
                Ok(())
            }
            [family @ ("ip" | "ip6"), "table", "del", id] => {
                let id = id.parse().unwrap();
                let has_groups = self
                    .multicast
                    .keys()
                    .any(|(table, groups)| *table == id && groups.contains(':') == (family == "ip6"));
                assert!(
                    !used(family, id) && !has_groups,
                    "the table stays until nothing uses it"
                );
                let known = self.tables.remove(&(owned(family), id));
                assert!(known.is_some(), "silently nothing: {words:?}");
                Ok(())
            }
            ["set", "det44", "timeouts", ref rest @ ..] => {
                let mut rest = rest.iter();
                while let Some(word) = rest.next() {
                    let mut name = owned(word);
                    if name == "tcp" {
                        name = format!("tcp {}", rest.next().unwrap());
                    }
                    let value = rest.next().unwrap().parse().unwrap();
                    self.timeouts.insert(name, value);
                }
                Ok(())
            }
            _ => return self.guards.run(words, there),
        })
    }

    fn policer(&mut self, configures: bool, words: &[&str], there: impl Fn(&str) -> bool) -> Outcome {
        let owned = |word: &str| word.to_owned();
        match *words {
            ["add", "name", name, ref rest @ ..] => {
                unless(self.policers.insert(owned(name), rest.join(" ")).is_some())
            }
            ["name", name, ref rest @ ..] if configures => {
                *self.policers.get_mut(name).ok_or(Refused)? = rest.join(" ");
                Ok(())
            }
            ["del", "name", name] => {
                let used = self.policed.values().any(|of| of == name);
                assert!(!used, "the next policer takes effect in its place");
                unless(self.policers.remove(name).is_none())
            }
            [side, "unapply", "name", name, interface] => {
                let known = self.policed.remove(&(owned(side), owned(interface)));
                unless(known.as_deref() != Some(name))
            }
            [side, "name", name, interface] => {
                unless(!self.policers.contains_key(name) || !there(interface))?;
                let known = self.policed.insert((owned(side), owned(interface)), owned(name));
                assert!(known.is_none(), "two policers of '{interface}'");
                Ok(())
            }
            _ => panic!("unknown: {words:?}"),
        }
    }

    fn vrrp(&mut self, words: &[&str], there: impl Fn(&str) -> bool) -> Outcome {
        let key = |name: &str, id: &str| (name.to_owned(), id.to_owned(), words.contains(&"ipv6"));
        match *words {
            ["vr", "add", name, "vr_id", id, ref rest @ ..] => {
                unless(!there(name))?;
                let router = (rest.join(" "), false);
                unless(self.routers.insert(key(name, id), router).is_some())
            }
            ["vr", "del", name, "vr_id", id, ..] => {
                let (_, runs) = self.routers.remove(&key(name, id)).ok_or(Refused)?;
                assert!(!runs, "the virtual address stays on '{name}'");
                self.told.remove(&key(name, id));
                self.tracked.retain(|(router, _), _| *router != key(name, id));
                Ok(())
            }
            ["peers", name, "vr_id", id, ref rest @ ..] => {
                let (words, runs) = self.routers.get(&key(name, id)).ok_or(Refused)?;
                unless(*runs || !words.contains("unicast"))?;
                self.told.insert(key(name, id), rest.join(" "));
                Ok(())
            }
            [
                "vr",
                "track-if",
                verb,
                name,
                "vr_id",
                id,
                ..,
                "track-index",
                tracked,
                "priority",
                by,
            ] => {
                unless(!self.routers.contains_key(&key(name, id)) || !there(tracked))?;
                let place = (key(name, id), tracked.to_owned());
                let known = match verb {
                    "add" => self.tracked.insert(place, by.to_owned()),
                    _ => self.tracked.remove(&place),
                };
                assert_eq!(known.is_some(), verb == "del", "silently nothing: {words:?}");
                Ok(())
            }
            ["proto", verb, name, "vr_id", id, ..] => {
                let unicast_alone = !self.told.contains_key(&key(name, id));
                let (set, runs) = self.routers.get_mut(&key(name, id)).ok_or(Refused)?;
                unless(verb == "start" && set.contains("unicast") && unicast_alone)?;
                assert!(*runs != (verb == "start"), "silently nothing: {words:?}");
                *runs = verb == "start";
                Ok(())
            }
            _ => panic!("unknown: {words:?}"),
        }
    }

    pub fn has(&self) -> BTreeSet<String> {
        let mut has = BTreeSet::new();
        has.extend(self.members.iter().map(|it| format!("member {it:?}")));
        has.extend(self.domains.iter().map(|it| format!("domain {it:?}")));
        has.extend(self.switched.iter().map(|it| format!("switched {it:?}")));
        has.extend(self.rewrites.iter().map(|it| format!("rewrite {it:?}")));
        has.extend(self.mirrors.iter().map(|it| format!("mirror {it:?}")));
        has.extend(self.policers.iter().map(|it| format!("policer {it:?}")));
        has.extend(self.policed.iter().map(|it| format!("policed {it:?}")));
        has.extend(self.routers.iter().map(|it| format!("router {it:?}")));
        has.extend(self.tracked.iter().map(|it| format!("tracked {it:?}")));
        has.extend(self.told.iter().map(|it| format!("told {it:?}")));
        has.extend(self.peers.iter().map(|it| format!("peer {it:?}")));
        has.extend(self.neighbours.iter().map(|it| format!("neighbour {it:?}")));
        has.extend(self.multicast.iter().map(|it| format!("multicast {it:?}")));
        has.extend(self.tables.iter().map(|it| format!("table {it:?}")));
        has.extend(self.guards.has());
        let default = |name: &str| match name {
            "udp" => 300,
            "tcp established" => 7440,
            "tcp transitory" => 240,
            _ => 60,
        };
        let timeouts = self.timeouts.iter().filter(|(name, it)| **it != default(name));
        has.extend(timeouts.map(|it| format!("timeout {it:?}")));
        has
    }
}

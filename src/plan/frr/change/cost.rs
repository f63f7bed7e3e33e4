//! What a change costs: which lines reset a session of BGP, as both releases do it.

use super::adjacency::ADJACENCY;
use super::bgp::{families, group_of, instances, listen_range, neighbor, ranges_left};
use super::confederation::Moved;
use super::side::Side;
use crate::plan::Impact;
use crate::types::FrrRelease;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

/// Sessions by why they fall.
type Resets<'s> = BTreeMap<String, BTreeSet<Peer<'s>>>;

/// What is said of a neighbour, by family and subject; what its group says where it says nothing itself.
pub(super) type Said<'s> = BTreeMap<(&'s str, String), &'s str>;

/// Who a session is with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Peer<'s> {
    /// A neighbour, or whoever calls from a listen range that goes.
    One(&'s str),
    /// Whoever calls from the listen ranges of a group: they have nothing but what it says.
    Dynamic(&'s str),
}

impl fmt::Display for Peer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(name) => f.write_str(name),
            Self::Dynamic(group) => write!(f, "the dynamic neighbours of {group}"),
        }
    }
}

/// The neighbours of an instance with all that holds for each.
fn neighbors<'s>(side: &Side<'s>, families: &[&'s str], block: &'s str) -> BTreeMap<Peer<'s>, Said<'s>> {
    let mut all: BTreeMap<&str, Said<'_>> = BTreeMap::new();
    for family in [block].into_iter().chain(families.iter().copied()) {
        for (name, rest) in side.lines(family).iter().filter_map(|it| neighbor(it)) {
            let _ = all.entry(name).or_default().insert((family, subject(rest)), rest);
        }
    }
    let groups: BTreeMap<&str, Said<'_>> = all
        .iter()
        .filter(|(_, said)| said.values().any(|it| *it == "peer-group"))
        .map(|(name, said)| (*name, said.clone()))
        .collect();
    let ranges = side.lines(block).iter().filter_map(|it| listen_range(it));
    let listening: BTreeSet<&str> = ranges.map(|(_, group)| group).collect();
    for said in all.values_mut() {
        let group = said.values().find_map(|it| group_of(it));
        let inherited = group.and_then(|it| groups.get(it)).into_iter().flatten();
        for ((family, subject), rest) in inherited.filter(|(_, it)| **it != "peer-group") {
            let _ = said.entry((family, subject.clone())).or_insert(rest);
        }
    }
    let peers = all
        .into_iter()
        .filter_map(|(name, said)| match groups.contains_key(name) {
            true => listening.contains(name).then_some((Peer::Dynamic(name), said)),
            false => Some((Peer::One(name), said)),
        });
    peers.collect()
}

/// Those of an instance that may have a session.
pub(super) fn peers_up<'s>(side: &Side<'s>, block: &'s str) -> impl Iterator<Item = (Peer<'s>, Said<'s>)> {
    let all = neighbors(side, &families(side, side, block), block);
    all.into_iter().filter(|(_, said)| is_up(said))
}

/// Whether it may have a session.
fn is_up(said: &Said<'_>) -> bool {
    !said.values().any(|it| it.starts_with("shutdown"))
}

/// What a line about a neighbour is about, without its value.
fn subject(rest: &str) -> String {
    let words: Vec<&str> = rest.split(' ').collect();
    match words[..] {
        ["bfd", "profile", ..] => "bfd profile".to_owned(),
        [
            "route-map" | "prefix-list" | "filter-list" | "distribute-list",
            ..,
            way,
        ] => {
            format!("{} {way}", words[0])
        }
        ["capability" | "soft-reconfiguration" | "timers", second, ..] if second.parse::<u16>().is_err() => {
            format!("{} {second}", words[0])
        }
        _ => words[0].to_owned(),
    }
}

/// Why a session falls when this about a neighbour is set, changed or taken away; `None`: it stays up.
fn reason(subject: &str, is_taken_away: bool, release: Option<FrrRelease>) -> Option<String> {
    let known = match subject {
        "remote-as" | "interface" => "the AS number of the peer changes",
        "local-as" => "the AS number the peer sees changes",
        "local-role" if release != Some(FrrRelease::V10) => "the role changes",
        "disable-connected-check" => "how far away the peer may be changes",
        "addpath-tx-all-paths" | "addpath-tx-bestpath-per-AS" => "which paths the peer is sent changes",
        "route-server-client" => "route-server-client changes",
        "capability extended-nexthop" => "the capabilities change",
        "peer-group" => "the neighbour is in another group",
        "password" => "the password changes",
        "update-source" => "the source address changes",
        "ebgp-multihop" => "the number of hops changes",
        "ttl-security" => "the TTL security changes, and the peer has to agree",
        "shutdown" => "the session is shut down",
        "passive" => "who opens the session changes",
        "activate" => "the address families change",
        "route-reflector-client" => "route-reflector-client changes",
        "bfd" if is_taken_away => "BFD is taken away; FRR 10 stays down until the peer does the same",
        "bfd" | "bfd profile" | "description" | "timers" | "timers connect" | "send-community" => {
            return None;
        }
        "local-role" | "next-hop-self" | "attribute-unchanged" | "remove-private-AS" | "as-override" => {
            return None;
        }
        "default-originate" | "maximum-prefix-out" | "maximum-prefix" | "allowas-in" | "weight" => {
            return None;
        }
        "soft-reconfiguration inbound" | "advertisement-interval" | "enforce-first-as" => return None,
        "tcp-mss" | "solo" | "dont-capability-negotiate" | "override-capability" => return None,
        policy if policy.ends_with(" in") || policy.ends_with(" out") => return None,
        other => return Some(format!("what '{other}' does to a session is not known")),
    };
    Some(known.to_owned())
}

/// The sessions of an instance that a change resets.
///
/// What takes effect with the next session only, as timers, costs nothing now. `None` for a release that is not known: what
/// either of the two resets is said.
pub(super) fn sessions(
    before: &Side<'_>,
    after: &Side<'_>,
    block: &str,
    release: Option<FrrRelease>,
) -> Vec<Impact> {
    let Some(block) = before.blocks().find(|it| *it == block) else {
        return Vec::new();
    };
    let families = families(before, after, block);
    let old = neighbors(before, &families, block);
    let new = neighbors(after, &families, block);
    let mut resets = Resets::new();
    let moved = Moved::between(before.lines(block), after.lines(block));
    for (name, was) in old.iter().filter(|(_, said)| is_up(said)) {
        let Some(is) = new.get(name) else {
            // Of a group whose listen ranges go, those are named.
            if let Peer::One(_) = name {
                let peers = resets.entry("the neighbour is removed".to_owned()).or_default();
                let _ = peers.insert(*name);
            }
            continue;
        };
        if let Some(why) = remote_as(was).and_then(|it| moved.reason(it)) {
            let _ = resets.entry(why).or_default().insert(*name);
        }
        let keys: BTreeSet<_> = was.keys().chain(is.keys()).collect();
        for key in keys.into_iter().filter(|key| was.get(*key) != is.get(*key)) {
            // A group is built anew for its role.
            let is_in_place = key.1 != "local-role" || !is_of_group(*name, was);
            let release = release.filter(|_| is_in_place);
            if let Some(why) = reason(&key.1, !is.contains_key(key), release) {
                let _ = resets.entry(why).or_default().insert(*name);
            }
        }
    }
    for (why, whose) in of_instance(before.lines(block), after.lines(block), release) {
        let is_hit = |said: &Said<'_>| match whose {
            Whose::All => true,
            Whose::Internal => is_internal(said, block),
            Whose::External => !is_internal(said, block),
        };
        let hit = old.iter().filter(|(_, said)| is_up(said) && is_hit(said));
        resets.entry(why).or_default().extend(hit.map(|(name, _)| *name));
    }
    let left = ranges_left(before.lines(block), after.lines(block));
    resets
        .entry("the listen range is removed".to_owned())
        .or_default()
        .extend(left.into_iter().map(Peer::One));
    impacts(resets)
}

fn is_of_group(peer: Peer<'_>, said: &Said<'_>) -> bool {
    matches!(peer, Peer::Dynamic(_)) || said.values().any(|it| group_of(it).is_some())
}

fn is_internal(said: &Said<'_>, block: &str) -> bool {
    let own = block
        .trim_start_matches("router bgp ")
        .split(' ')
        .next()
        .unwrap_or_default();
    remote_as(said).is_some_and(|it| it == own || it == "internal")
}

/// The AS of a neighbour, or `external`, or `internal`; one on an interface may have it in the same line.
fn remote_as<'s>(said: &Said<'s>) -> Option<&'s str> {
    let mut lines = said.values().filter(|it| !it.starts_with("description "));
    lines.find_map(|it| it.split_once("remote-as ").map(|(_, number)| number))
}

/// The sessions that a line of the instance resets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    All,
    Internal,
    External,
}

/// Why lines of the instance reset its sessions, and which.
fn of_instance(before: &[&str], after: &[&str], release: Option<FrrRelease>) -> BTreeSet<(String, Whose)> {
    const HARMLESS: [&str; 13] = [
        "bgp confederation peers",
        "no bgp network import-check",
        "bgp log-neighbor-changes",
        "no bgp ebgp-requires-policy",
        "bgp bestpath",
        "bgp always-compare-med",
        "bgp deterministic-med",
        "bgp listen",
        "bgp default local-preference",
        "no bgp default ipv4-unicast",
        "bgp graceful-restart restart-time",
        "bgp graceful-restart stalepath-time",
        "timers bgp",
    ];
    let (old, new): (HashSet<&str>, HashSet<&str>) =
        (before.iter().copied().collect(), after.iter().copied().collect());
    let changed = old.symmetric_difference(&new).filter(|it| neighbor(it).is_none());
    let reason = |line: &&str| match line {
        it if it.starts_with("bgp router-id ") => Some(("the router id changes".to_owned(), Whose::All)),
        it if it.starts_with("bgp cluster-id ") => {
            Some(("the cluster id changes".to_owned(), Whose::Internal))
        }
        it if it.starts_with("bgp confederation identifier ") => {
            let why = "the AS number of the confederation changes, and the peers have to expect it";
            Some((why.to_owned(), Whose::External))
        }
        // 8.4 needs its sessions cleared by hand for it.
        &"bgp graceful-restart" => match release {
            Some(FrrRelease::V8) => None,
            _ => Some((
                "graceful restart is announced in new sessions".to_owned(),
                Whose::All,
            )),
        },
        it if HARMLESS.iter().any(|known| it.starts_with(known)) => None,
        other => {
            let words: Vec<&str> = other.split(' ').take(2).collect();
            let words = words.join(" ");
            Some((
                format!("what '{words}' does to the sessions is not known"),
                Whose::All,
            ))
        }
    };
    changed.filter_map(reason).collect()
}

/// All sessions of an instance that goes.
pub(super) fn instance_gone(before: &Side<'_>, block: &str) -> Vec<Impact> {
    let Some(block) = before.blocks().find(|it| *it == block) else {
        return Vec::new();
    };
    let all = neighbors(before, &[], block);
    let why = format!("'{block}' is removed");
    impacts(Resets::from([(why, all.into_keys().collect())]))
}

/// All that a daemon holds falls when it is restarted: the sessions that bgpd has, the adjacencies of another.
pub(super) fn restart(side: &Side<'_>, daemon: &str, why: &str) -> Vec<Impact> {
    let why = format!("{daemon} restarts: {why}");
    if daemon != "bgpd" {
        return vec![Impact::Interrupts {
            interface: None,
            milliseconds: ADJACENCY,
            why,
        }];
    }
    let up = instances(side)
        .flat_map(|block| peers_up(side, block))
        .map(|(name, _)| name);
    impacts(Resets::from([(why, up.collect())]))
}

/// What happens where the cache goes that is asked: bgpd asks the one of the lowest preference alone, forgets what it has from
/// there, and waits for what the next one says.
pub(super) fn rpki(before: &Side<'_>, after: &Side<'_>) -> Option<Impact> {
    fn caches<'s>(side: &Side<'s>) -> impl Iterator<Item = &'s str> {
        let lines = side.lines("rpki").iter().copied();
        lines.filter(|it| it.starts_with("rpki cache "))
    }
    let preference = |line: &&str| line.rsplit(' ').next().and_then(|it| it.parse::<u8>().ok());
    let asked = caches(before).min_by_key(preference)?;
    let goes = caches(after).all(|it| it != asked);
    (goes && caches(after).next().is_some()).then(|| Impact::Lapses {
        what: "no origin is validated until another RPKI cache is in sync".to_owned(),
        why: "the cache that was asked goes".to_owned(),
    })
}

fn impacts(resets: Resets<'_>) -> Vec<Impact> {
    let hit = resets.into_iter().filter(|(_, peers)| !peers.is_empty());
    hit.map(|(why, peers)| Impact::ResetsSessions {
        peers: peers.iter().map(Peer::to_string).collect(),
        why,
    })
    .collect()
}

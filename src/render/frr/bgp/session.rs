//! What is said of a peer-group or neighbour, in FRR's order.

use super::super::lines::Lines;
use super::drain::Drained;
use super::{DEFAULT_TIMERS, Peer};
use crate::config::{
    AddPath, Bgp, CommunityKind, DefaultOriginate, Excess, InOut, LocalAsPaths, LocalRole, NeighborBfd,
    NextHopSelf, OwnAs, PrefixLimit, PrivateAs, RemoteAs,
};
use crate::types::FrrRelease;
use std::collections::BTreeSet;

/// The most hops there are, which FRR 10 does not print.
const MOST_HOPS: u8 = 255;
/// From how many percent on FRR logs a warning anyway.
const DEFAULT_THRESHOLD: u8 = 75;
/// How often our AS number may be in a path where no number is printed.
const DEFAULT_OWN_AS: u8 = 3;

/// The lines of the instance.
pub(super) fn of_instance(peer: Peer<'_>, bgp: &Bgp, release: FrrRelease, lines: &mut Lines) {
    let (name, policy) = (peer.name(), peer.policy());
    let mut say = |words: String| lines.add(format!("neighbor {name} {words}"));
    identity(peer, &mut say);
    if let Some(local) = policy.local_as {
        let paths = match local.paths {
            LocalAsPaths::Both => "",
            LocalAsPaths::NoPrepend => " no-prepend",
            LocalAsPaths::NoPrependReplaceAs => " no-prepend replace-as",
        };
        say(format!("local-as {}{paths}", local.asn));
    }
    if let Some(text) = &policy.description {
        say(format!("description {text}"));
    }
    if policy.shutdown {
        say("shutdown".into());
    }
    if policy.bfd.is_some() {
        say("bfd".into());
    }
    if let Some(NeighborBfd::Profile(profile)) = &policy.bfd {
        say(format!("bfd profile {profile}"));
    }
    if let Some(secret) = &policy.password {
        say(format!("password {}", secret.reveal()));
    }
    if policy.passive {
        say("passive".into());
    }
    match policy.ebgp_multihop {
        Some(MOST_HOPS) if release == FrrRelease::V10 => say("ebgp-multihop".into()),
        Some(hops) => say(format!("ebgp-multihop {hops}")),
        None => {}
    }
    if let Some((role, strict)) = policy.local_role {
        let strict = if strict { " strict-mode" } else { "" };
        say(format!("local-role {}{strict}", role_name(role)));
    }
    if let Some(hops) = policy.ttl_security {
        say(format!("ttl-security hops {hops}"));
    }
    if policy.disable_connected_check {
        say("disable-connected-check".into());
    }
    // It is on in FRR 10 and off in 8.4 where nothing is said.
    match (policy.enforce_first_as, release) {
        (Some(true), FrrRelease::V8) => say("enforce-first-as".into()),
        (Some(false), FrrRelease::V10) => lines.add(format!("no neighbor {name} enforce-first-as")),
        _ => {}
    }
    let mut say = |words: String| lines.add(format!("neighbor {name} {words}"));
    if let Some(source) = &policy.update_source {
        say(format!("update-source {source}"));
    }
    // What repeats a default overrides that of the group or of the instance.
    let overrides = matches!(peer, Peer::Neighbor(_, _, Some(_))) || bgp.timers.is_some();
    if let Some((keepalive, hold)) = policy.timers.filter(|it| overrides || *it != DEFAULT_TIMERS) {
        say(format!("timers {keepalive} {hold}"));
    }
    // On an interface it is so anyway.
    let is_on_a_link = matches!(peer, Peer::Neighbor(name, ..) if name.interface().is_some());
    if policy.extended_nexthop && !is_on_a_link {
        say("capability extended-nexthop".into());
    }
}

/// What makes it, which FRR prints in one line for a neighbour on an interface.
fn identity(peer: Peer<'_>, say: &mut impl FnMut(String)) {
    let (name, neighbor, group) = match peer {
        Peer::Group(_, group) => {
            say("peer-group".into());
            if let Some(remote_as) = group.remote_as {
                say(remote_as_line(remote_as));
            }
            return;
        }
        Peer::Neighbor(name, neighbor, group) => (name, neighbor, group),
    };
    let own = group.is_none_or(|group| group.remote_as.is_none());
    let remote_as = own.then(|| remote_as_line(neighbor.remote_as));
    let group = neighbor
        .peer_group
        .as_ref()
        .map(|group| format!("peer-group {group}"));
    if name.interface().is_none() {
        remote_as.into_iter().chain(group).for_each(say);
        return;
    }
    match (remote_as, group) {
        (None, Some(group)) => say(format!("interface v6only {group}")),
        (remote_as, group) => {
            remote_as
                .into_iter()
                .for_each(|it| say(format!("interface v6only {it}")));
            group.into_iter().for_each(say);
        }
    }
}

fn remote_as_line(remote_as: RemoteAs) -> String {
    format!("remote-as {remote_as}")
}

fn role_name(role: LocalRole) -> &'static str {
    match role {
        LocalRole::Customer => "customer",
        LocalRole::Provider => "provider",
        LocalRole::Peer => "peer",
        LocalRole::RsClient => "rs-client",
        LocalRole::RsServer => "rs-server",
    }
}

/// The lines of an address family.
pub(super) fn in_family(peer: Peer<'_>, bgp: &Bgp, activate: bool, lines: &mut Lines) {
    let (name, policy) = (peer.name(), peer.policy());
    let mut say = |words: &str| lines.add(format!("neighbor {name} {words}"));
    if activate {
        say("activate");
    }
    match policy.add_path {
        Some(AddPath::All) => say("addpath-tx-all-paths"),
        Some(AddPath::BestPerAs) => say("addpath-tx-bestpath-per-AS"),
        None => {}
    }
    if policy.route_reflector_client {
        say("route-reflector-client");
    }
    match policy.next_hop_self {
        Some(NextHopSelf::External) => say("next-hop-self"),
        Some(NextHopSelf::All) => say("next-hop-self force"),
        None => {}
    }
    match policy.remove_private_as {
        Some(PrivateAs::Only) => say("remove-private-AS"),
        Some(PrivateAs::All) => say("remove-private-AS all"),
        Some(PrivateAs::Replace) => say("remove-private-AS all replace-AS"),
        None => {}
    }
    if let Some(sent) = &policy.send_community {
        for kind in not_sent(sent) {
            lines.add(format!("no neighbor {name} send-community{kind}"));
        }
    }
    let mut say = |words: &str| lines.add(format!("neighbor {name} {words}"));
    match &policy.default_originate {
        Some(DefaultOriginate::Always) => say("default-originate"),
        Some(DefaultOriginate::While(map)) => say(&format!("default-originate route-map {map}")),
        None => {}
    }
    if policy.soft_reconfiguration {
        say("soft-reconfiguration inbound");
    }
    if let Some(limit) = policy.maximum_prefix {
        say(&maximum_prefix(limit));
    }
    if policy.route_server_client {
        say("route-server-client");
    }
    match policy.allowas_in {
        Some(OwnAs::Times(DEFAULT_OWN_AS)) => say("allowas-in"),
        Some(OwnAs::Times(times)) => say(&format!("allowas-in {times}")),
        Some(OwnAs::Origin) => say("allowas-in origin"),
        None => {}
    }
    if let Some(weight) = policy.weight {
        say(&format!("weight {weight}"));
    }
    both_ways("prefix-list", &policy.prefix_list, &mut say);
    let maps = Drained::of(peer, bgp);
    if let Some(map) = maps.import {
        say(&format!("route-map {map} in"));
    }
    if let Some(map) = maps.export {
        say(&format!("route-map {map} out"));
    }
    both_ways("filter-list", &policy.as_path_list, &mut say);
    // FRR adds it to a client of a route server, and a reload would take it away where it is not written.
    if policy.route_server_client {
        say("attribute-unchanged next-hop");
    }
}

fn both_ways(key: &str, names: &InOut, say: &mut impl FnMut(&str)) {
    if let Some(name) = &names.import {
        say(&format!("{key} {name} in"));
    }
    if let Some(name) = &names.export {
        say(&format!("{key} {name} out"));
    }
}

/// The words behind `no … send-community`, one line each: FRR sends every kind that is not named.
fn not_sent(sent: &BTreeSet<CommunityKind>) -> Vec<&'static str> {
    use CommunityKind::{Extended, Large, Standard};
    if sent.is_empty() {
        return vec![" all"];
    }
    let kinds = [(Standard, ""), (Extended, " extended"), (Large, " large")];
    let without = kinds.into_iter().filter(|(kind, _)| !sent.contains(kind));
    without.map(|(_, words)| words).collect()
}

fn maximum_prefix(it: PrefixLimit) -> String {
    let threshold = it.threshold.filter(|threshold| *threshold != DEFAULT_THRESHOLD);
    let threshold = threshold
        .map(|threshold| format!(" {threshold}"))
        .unwrap_or_default();
    let excess = match it.excess {
        Excess::Closes => String::new(),
        Excess::ClosesFor(minutes) => format!(" restart {minutes}"),
        Excess::Warns => " warning-only".into(),
    };
    let force = if it.counts_dropped { " force" } else { "" };
    format!("maximum-prefix {}{threshold}{excess}{force}", it.limit)
}

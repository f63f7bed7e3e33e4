//! What is done with the packets of core's interfaces: policers, uRPF, mirrors, neighbours, virtual routers, relays and ACLs.

use super::interfaces::is_absent;
use super::place;
use crate::config::{
    ALL_PORTS, AclAction, AclRule, Action, Direction, Link, Mirror, Traffic, Urpf, VirtualRouter,
};
use crate::render::{Bindings, Dataplane};
use crate::types::{IfName, LinkName, MacAddr, PolicyName};
use ipnet::IpNet;
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// A policer; those that use it come after it.
#[derive(Debug, Serialize)]
pub(super) struct Policer {
    place: String,
    name: PolicyName,
    kilobits: u64,
    burst: u64,
}

/// What is said of one interface's packets, in the order of its block; but for the ACLs, which come last of all.
#[derive(Debug, Serialize)]
pub(super) struct Passing {
    place: String,
    name: String,
    urpf: Vec<Checked>,
    mss: Option<Mss>,
    policers: Vec<Policed>,
    mirror: Option<Copied>,
    neighbors: Vec<Neighbor>,
    routers: Vec<Router>,
}

#[derive(Debug, Serialize)]
struct Checked {
    family: &'static str,
    mode: Urpf,
}

#[derive(Debug, Serialize)]
struct Mss {
    v4: u16,
    v6: u16,
}

#[derive(Debug, Serialize)]
struct Policed {
    side: &'static str,
    policer: PolicyName,
}

#[derive(Debug, Serialize)]
struct Copied {
    to: String,
    direction: &'static str,
}

#[derive(Debug, Serialize)]
struct Neighbor {
    place: String,
    address: IpAddr,
    mac: MacAddr,
}

#[derive(Debug, Serialize)]
struct Router {
    place: String,
    id: u8,
    v6: bool,
    priority: u8,
    interval: u16,
    preempt: bool,
    accept: bool,
    addresses: Vec<IpAddr>,
    tracks: Vec<Tracked>,
    peers: Vec<IpAddr>,
}

/// An interface, and by how much a priority falls while it is down.
#[derive(Debug, Serialize)]
struct Tracked {
    name: LinkName,
    by: u8,
}

/// A server of a relay.
#[derive(Debug, Serialize)]
pub(super) struct Server {
    place: String,
    protocol: &'static str,
    server: IpAddr,
    source: IpAddr,
    /// The table of the links and of the server; none: the main one.
    table: Option<u32>,
}

/// An ACL, with the sides of the interfaces that use it.
#[derive(Debug, Serialize)]
pub(super) struct Filter {
    place: String,
    name: PolicyName,
    rules: Vec<Rule>,
    /// The number that VPP gives it.
    number: u32,
    sides: Vec<Side>,
}

#[derive(Debug, Serialize)]
struct Rule {
    action: Action,
    reflect: bool,
    source: IpNet,
    destination: IpNet,
    protocol: Option<u8>,
    from_ports: Option<String>,
    to_ports: Option<String>,
    tcp_flags: Option<Flags>,
}

#[derive(Debug, Serialize)]
struct Flags {
    value: u8,
    mask: u8,
}

#[derive(Debug, Serialize)]
struct Side {
    interface: String,
    side: &'static str,
}

/// The header of IPv6 is so many bytes longer than that of IPv4, and a segment so many shorter.
const LONGER_HEADER: u16 = 20;

/// Every interface that is there, with what is said of its packets.
fn links<'d>(dataplane: &'d Dataplane, bindings: &'d Bindings) -> impl Iterator<Item = &'d Link> {
    let found = dataplane.found(bindings);
    let found = found.flat_map(|it| std::iter::once(&it.link).chain(it.subinterfaces()));
    found.chain(dataplane.virtual_links())
}

pub(super) fn policers(dataplane: &Dataplane) -> Vec<Policer> {
    let policers = dataplane.policers.iter();
    policers
        .map(|(name, it)| Policer {
            place: place(dataplane, it.at),
            name: name.clone(),
            kilobits: it.rate.kilobits(),
            burst: it.burst.get(),
        })
        .collect()
}

/// What is said of the packets of each interface; nothing of those of which nothing is.
pub(super) fn passing(dataplane: &Dataplane, bindings: &Bindings) -> Vec<Passing> {
    let all = links(dataplane, bindings).map(|link| of(dataplane, bindings, link));
    all.filter(Passing::says_something).collect()
}

impl Passing {
    fn says_something(&self) -> bool {
        !self.urpf.is_empty()
            || self.mss.is_some()
            || !self.policers.is_empty()
            || self.mirror.is_some()
            || !self.neighbors.is_empty()
            || !self.routers.is_empty()
    }
}

fn of(dataplane: &Dataplane, bindings: &Bindings, link: &Link) -> Passing {
    let traffic = &link.traffic;
    let has = |v4: bool| link.addresses.iter().any(|address| address.is_v4() == v4);
    let families = [("ip4", has(true)), ("ip6", has(false))];
    let urpf = traffic.urpf.into_iter().flat_map(|mode| {
        let families = families.into_iter().filter(|(_, has)| *has);
        families.map(move |(family, _)| Checked { family, mode })
    });
    let policers = [
        ("input", &traffic.policer.inward),
        ("output", &traffic.policer.outward),
    ];
    let neighbors = traffic.neighbors.iter().map(|it| Neighbor {
        place: place(dataplane, it.at),
        address: it.address,
        mac: it.mac,
    });
    let mirror = traffic
        .mirror
        .as_ref()
        .filter(|it| !is_absent(dataplane, bindings, &it.to));
    Passing {
        place: place(dataplane, link.at),
        name: link.name.in_vpp(),
        urpf: urpf.collect(),
        mss: traffic.mss_clamp.map(|v4| Mss {
            v4,
            v6: v4 - LONGER_HEADER,
        }),
        policers: policers
            .into_iter()
            .filter_map(|(side, policer)| {
                let policer = policer.clone()?;
                Some(Policed { side, policer })
            })
            .collect(),
        mirror: mirror.map(copied),
        neighbors: neighbors.collect(),
        routers: routers(dataplane, bindings, traffic),
    }
}

fn copied(mirror: &Mirror) -> Copied {
    Copied {
        to: mirror.to.clone(),
        direction: match mirror.direction {
            Direction::In => "rx",
            Direction::Out => "tx",
            Direction::Both => "both",
        },
    }
}

/// An interface that is not there is down, as far as whoever tracks it is concerned.
fn routers(dataplane: &Dataplane, bindings: &Bindings, traffic: &Traffic) -> Vec<Router> {
    let is_there = |(name, _): &&(LinkName, u8)| !is_absent(dataplane, bindings, name.as_ref());
    let router = |it: &VirtualRouter| Router {
        place: place(dataplane, it.at),
        id: it.id,
        v6: it.is_v6(),
        priority: it
            .tracks
            .iter()
            .filter(|it| !is_there(it))
            .fold(it.priority, |priority, (_, by)| {
                priority.saturating_sub(*by).max(1)
            }),
        tracks: it
            .tracks
            .iter()
            .filter(is_there)
            .map(|(name, by)| Tracked {
                name: name.clone(),
                by: *by,
            })
            .collect(),
        peers: it.peers.clone(),
        interval: it.interval,
        preempt: it.preempt,
        accept: it.accept,
        addresses: it.addresses.clone(),
    };
    traffic.virtual_routers.iter().map(router).collect()
}

/// The mirrors that lead to an interface, as what is missing without it.
pub(super) fn copied_to<'d>(dataplane: &'d Dataplane, name: &'d IfName) -> impl Iterator<Item = String> + 'd {
    let nics = dataplane
        .interfaces
        .iter()
        .filter(move |(other, _)| *other != name);
    let copies = nics.filter(move |(_, nic)| {
        let mirror = nic.link.traffic.mirror.as_ref();
        mirror.is_some_and(|mirror| mirror.to == name.as_ref())
    });
    copies.map(|(other, _)| format!("the mirror of '{other}'"))
}

/// The servers of both relays. All interfaces of a table name the same.
pub(super) fn relays(dataplane: &Dataplane, bindings: &Bindings) -> Vec<Server> {
    let mut all: BTreeMap<(Option<u32>, bool, IpAddr), Server> = BTreeMap::new();
    for link in links(dataplane, bindings) {
        for relay in &link.traffic.relays {
            for server in &relay.servers {
                let v6 = server.is_ipv6();
                let table = link.vrf.as_ref().map(|vrf| vrf.table);
                all.entry((table, v6, *server)).or_insert_with(|| Server {
                    place: place(dataplane, link.at),
                    protocol: if v6 { "dhcpv6" } else { "dhcp" },
                    server: *server,
                    source: relay.source,
                    table,
                });
            }
        }
    }
    all.into_values().collect()
}

/// The ACLs, each with the number that VPP gives it: those of the steering have the numbers before theirs.
pub(super) fn filters(
    dataplane: &Dataplane,
    bindings: &Bindings,
    numbers: impl Iterator<Item = u32>,
) -> Vec<Filter> {
    let mut sides: BTreeMap<&PolicyName, Vec<Side>> = BTreeMap::new();
    for link in links(dataplane, bindings) {
        let acl = &link.traffic.acl;
        for (side, acl) in [("input", &acl.inward), ("output", &acl.outward)] {
            if let Some(acl) = acl {
                let interface = link.name.in_vpp();
                sides.entry(acl).or_default().push(Side { interface, side });
            }
        }
    }
    let acls = dataplane.acls.iter().zip(numbers);
    acls.map(|((name, acl), number)| Filter {
        place: place(dataplane, acl.at),
        name: name.clone(),
        rules: acl.rules.iter().map(rule).collect(),
        number,
        sides: sides.remove(name).unwrap_or_default(),
    })
    .collect()
}

fn rule(rule: &AclRule) -> Rule {
    Rule {
        action: match rule.action {
            AclAction::Deny => Action::Deny,
            AclAction::Permit | AclAction::Reflect => Action::Permit,
        },
        reflect: rule.action == AclAction::Reflect,
        source: rule.source,
        destination: rule.destination,
        protocol: (rule.protocol > 0).then_some(rule.protocol),
        from_ports: ports(rule.from_ports),
        to_ports: ports(rule.to_ports),
        tcp_flags: rule.tcp_flags.map(|(value, mask)| Flags { value, mask }),
    }
}

/// As VPP takes them; `None`: any.
fn ports((first, last): (u16, u16)) -> Option<String> {
    match (first, last) {
        ALL_PORTS => None,
        _ if first == last => Some(first.to_string()),
        _ => Some(format!("{first}-{last}")),
    }
}

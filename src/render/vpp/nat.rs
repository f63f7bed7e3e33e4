//! The commands a NAT module's own instance gets once its links are up.

use super::links::{End, Links, Side};
use super::place;
use super::steer::Route;
use crate::config::{
    Nat, NatMode, Pool, Protocol, SessionLog, SessionTimeouts, StaticMapping, StaticMapping64,
};
use crate::render::Dataplane;
use crate::types::AddrRange4;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Serialize;
use std::net::{Ipv4Addr, Ipv6Addr};

#[derive(Debug, Serialize)]
pub(super) struct View {
    place: String,
    inside: String,
    outside: String,
    mode: &'static str,
    sessions: u32,
    mappings: Vec<Mapping>,
    pool: Vec<Range>,
    statics: Vec<Static>,
    bindings: Vec<Binding>,
    prefix: Option<Ipv6Net>,
    /// The words of VPP's command for them; none when all are its own.
    timeouts: Vec<String>,
    log: Option<SessionLog>,
}

#[derive(Debug, Serialize)]
struct Mapping {
    place: String,
    inside: Ipv4Net,
    outside: Ipv4Net,
}

#[derive(Debug, Serialize)]
struct Range {
    first: Ipv4Addr,
    last: Ipv4Addr,
}

#[derive(Debug, Serialize)]
struct Static {
    place: String,
    protocol: Option<Protocol>,
    inside: Ipv4Addr,
    inside_port: u16,
    outside: Ipv4Addr,
    outside_port: u16,
}

/// A static mapping of nat64.
#[derive(Debug, Serialize)]
struct Binding {
    place: String,
    protocol: Protocol,
    inside: Ipv6Addr,
    inside_port: u16,
    outside: Ipv4Addr,
    outside_port: u16,
}

/// The view of a module.
pub(super) fn view(dataplane: &Dataplane, links: &Links<'_>) -> View {
    let mut view = View {
        place: place(dataplane, links.nat.at),
        inside: links.interface(Side::Internal, End::Module),
        outside: links.interface(Side::External, End::Module),
        mode: "det44",
        sessions: 0,
        mappings: Vec::new(),
        pool: Vec::new(),
        statics: Vec::new(),
        bindings: Vec::new(),
        prefix: None,
        timeouts: Vec::new(),
        log: None,
    };
    match &links.nat.mode {
        NatMode::Det44 { mappings } => {
            let mapping = |m: &crate::config::NatMapping| Mapping {
                place: place(dataplane, m.at),
                inside: m.inside,
                outside: m.outside,
            };
            view.mappings = mappings.iter().map(mapping).collect();
        }
        NatMode::Nat44Ed {
            pool,
            sessions,
            statics,
            log,
            ..
        } => {
            (view.mode, view.sessions, view.pool) = ("nat44-ed", *sessions, ranges(pool));
            view.statics = statics.iter().map(|it| forwarded(dataplane, it)).collect();
            view.log = *log;
        }
        NatMode::Nat64 {
            prefix,
            pool,
            statics,
        } => {
            (view.mode, view.prefix, view.pool) = ("nat64", Some(*prefix), ranges(pool));
            view.bindings = statics.iter().map(|it| bound(dataplane, it)).collect();
        }
    }
    view.timeouts = timeouts(links.nat.timeouts, view.mode);
    view
}

fn ranges(pool: &Pool) -> Vec<Range> {
    let range = |range: &AddrRange4| Range {
        first: range.first(),
        last: range.last(),
    };
    pool.ranges().iter().map(range).collect()
}

/// The timeouts that are not VPP's own, as its command has them: det44 writes those of TCP in two words.
fn timeouts(timeouts: SessionTimeouts, mode: &str) -> Vec<String> {
    let (established, transitory): (&[&str], &[&str]) = match mode {
        "det44" => (&["tcp", "established"], &["tcp", "transitory"]),
        _ => (&["tcp-established"], &["tcp-transitory"]),
    };
    let all: [(&[&str], Option<u32>); 4] = [
        (&["udp"], timeouts.udp),
        (established, timeouts.tcp_established),
        (transitory, timeouts.tcp_transitory),
        (&["icmp"], timeouts.icmp),
    ];
    let written = all
        .into_iter()
        .filter_map(|(name, seconds)| Some((name, seconds?)));
    let words = written.flat_map(|(name, seconds)| {
        let name = name.iter().map(|word| (*word).to_owned());
        name.chain([seconds.to_string()])
    });
    words.collect()
}

fn bound(dataplane: &Dataplane, it: &StaticMapping64) -> Binding {
    Binding {
        place: place(dataplane, it.at),
        protocol: it.protocol,
        inside: it.inside,
        inside_port: it.inside_port,
        outside: it.outside,
        outside_port: it.outside_port,
    }
}

fn forwarded(dataplane: &Dataplane, it: &StaticMapping) -> Static {
    let port = it.port;
    Static {
        place: place(dataplane, it.at),
        protocol: port.map(|(protocol, ..)| protocol),
        inside: it.inside,
        inside_port: port.map_or(0, |(_, inside, _)| inside),
        outside: it.outside,
        outside_port: port.map_or(0, |(.., outside)| outside),
    }
}

/// The module's routes: the world on its external side, its subscribers on its internal one.
pub(super) fn routes(dataplane: &Dataplane, links: &Links<'_>) -> Vec<Route> {
    let route = |prefix, via, side| Route {
        place: place(dataplane, links.nat.at),
        prefix,
        table: None,
        via,
        interface: links.interface(side, End::Module),
    };
    let core = links.address(Side::External, End::Core).into();
    let world = route(IpNet::V4(Ipv4Net::default()), core, Side::External);
    let subscribers = subscribers(links.nat);
    let back = subscribers
        .into_iter()
        .map(|net| route(net, links.internal(End::Core), Side::Internal));
    std::iter::once(world).chain(back).collect()
}

fn subscribers(nat: &Nat) -> Vec<IpNet> {
    match &nat.mode {
        NatMode::Nat64 { .. } => vec![IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 0))],
        _ => Ipv4Net::aggregate(&nat.inside())
            .into_iter()
            .map(IpNet::V4)
            .collect(),
    }
}

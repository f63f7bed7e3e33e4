//! The BGP sessions that a configuration has, and what each stands on.

use super::super::block;
use super::super::unchanged::Unchanged;
use super::bgp::{instances, listen_range};
use super::cost::{Peer, Said, peers_up};
use super::side::Side;
use ipnet::IpNet;
use std::net::IpAddr;

/// A session that is not shut down, or those of whoever calls from the listen ranges of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who it is with, as costs name it.
    pub peer: String,
    /// The VRF; `None`: the main table.
    pub vrf: Option<String>,
    /// The address of the neighbour, or where it may call from; none of one that is named by its interface.
    pub from: Vec<IpNet>,
    /// The interface that it is bound to.
    pub interface: Option<String>,
    /// The address or the interface that it is opened from.
    pub source: Option<String>,
}

/// All of a frr.conf, or of what FRR prints of what it runs.
pub fn sessions(conf: &str) -> Vec<Session> {
    // Nothing has to be known of the lists, which may be large.
    let lists = Unchanged::between(conf, conf);
    let statements = block::statements_but(conf, super::super::release(conf), &lists.before);
    let side = Side::new(&statements);
    instances(&side)
        .flat_map(|block| of_instance(&side, block))
        .collect()
}

fn of_instance<'s>(side: &Side<'s>, block: &'s str) -> Vec<Session> {
    let vrf = block.split_once(" vrf ").map(|(_, vrf)| vrf.to_owned());
    let sessions = peers_up(side, block).map(|(peer, said)| Session {
        peer: peer.to_string(),
        vrf: vrf.clone(),
        from: from(side, block, peer),
        interface: interface(peer, &said),
        source: said
            .values()
            .find_map(|it| it.strip_prefix("update-source "))
            .map(str::to_owned),
    });
    sessions.collect()
}

fn from(side: &Side<'_>, block: &str, peer: Peer<'_>) -> Vec<IpNet> {
    match peer {
        Peer::One(name) => name.parse::<IpAddr>().map(IpNet::from).into_iter().collect(),
        Peer::Dynamic(group) => {
            let ranges = side.lines(block).iter().filter_map(|it| listen_range(it));
            let own = ranges.filter(|(_, of)| *of == group);
            own.filter_map(|(range, _)| range.parse().ok()).collect()
        }
    }
}

/// `neighbor eth0 interface remote-as 1` is named by it, `neighbor fe80::1 interface eth0` is bound to it.
fn interface(peer: Peer<'_>, said: &Said<'_>) -> Option<String> {
    let rest = said.values().find_map(|it| it.strip_prefix("interface"))?;
    match (peer, rest.trim_start().split(' ').next()) {
        (Peer::One(name), Some("" | "v6only" | "remote-as" | "peer-group") | None) => Some(name.to_owned()),
        (_, other) => other.map(str::to_owned),
    }
}

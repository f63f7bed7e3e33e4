//! The BGP sessions that end with what VPP takes away: FRR keeps its configuration and is told nothing, but Linux loses an address
//! or an interface that they stand on.

use crate::config::Link;
use crate::plan::Impact;
use crate::plan::frr::{self, Session};
use crate::plan::vpp::{Difference, Lost};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of an interface.
#[derive(Debug, Default)]
struct Place {
    /// Its name in Linux, and so in FRR.
    name: String,
    vrf: Option<String>,
    addresses: BTreeSet<IpNet>,
}

/// Those that end with a change of VPP, by why. `conf` is the frr.conf that runs, `links` are the interfaces that do.
pub fn ended<'l>(
    difference: &Difference,
    conf: &str,
    links: impl IntoIterator<Item = &'l Link>,
) -> Vec<Impact> {
    let lost = difference.lost();
    if lost.interfaces.is_empty() && lost.addresses.is_empty() {
        return Vec::new();
    }
    let places: BTreeMap<String, Place> = links.into_iter().map(place).collect();
    let mut ended: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for session in frr::sessions(conf) {
        if let Some(why) = reason(&session, &lost, &places) {
            let _ = ended.entry(why).or_default().insert(session.peer);
        }
    }
    let impact = |(why, peers): (String, BTreeSet<String>)| Impact::ResetsSessions {
        peers: peers.into_iter().collect(),
        why,
    };
    ended.into_iter().map(impact).collect()
}

/// What is known of an interface, by its name in VPP.
fn place(link: &Link) -> (String, Place) {
    let place = Place {
        name: link.name.to_string(),
        vrf: link.vrf.as_ref().map(|it| it.name.to_string()),
        addresses: link.addresses.iter().map(|it| it.net()).collect(),
    };
    (link.name.in_vpp(), place)
}

/// Why a session ends; `None`: it does not.
fn reason(session: &Session, lost: &Lost, places: &BTreeMap<String, Place>) -> Option<String> {
    let in_frr = |name: &'_ String| {
        places
            .get(name)
            .map_or_else(|| name.clone(), |it| it.name.clone())
    };
    let is_there = |name: &str| places.get(name).and_then(|it| it.vrf.as_ref()) == session.vrf.as_ref();
    let interfaces = lost.interfaces.iter().filter(|(name, _)| is_there(name));
    for (name, how) in interfaces {
        let own = places.get(name).map(|it| &it.addresses).into_iter().flatten();
        let own = own.chain(lost.addresses.get(name).into_iter().flatten());
        if is_named(session, &in_frr(name)) || own.into_iter().any(|it| stands_on(session, *it)) {
            return Some(format!("{name} {how}"));
        }
    }
    let addresses = lost.addresses.iter().filter(|(name, _)| is_there(name));
    let mut addresses = addresses.flat_map(|(name, all)| all.iter().map(move |it| (name, *it)));
    addresses
        .find(|(name, it)| stands_on(session, *it) || is_opened_from(session, &in_frr(name), *it))
        .map(|(name, it)| format!("{name} loses {it}"))
}

/// Whether the interface is that of the session, or the one it is opened from.
fn is_named(session: &Session, interface: &str) -> bool {
    [&session.interface, &session.source]
        .into_iter()
        .flatten()
        .any(|it| it == interface)
}

/// Whether the neighbour is in the subnet of the address, or the session is opened from it.
fn stands_on(session: &Session, address: IpNet) -> bool {
    let is_source = session.source.as_ref() == Some(&address.addr().to_string());
    // Whoever is listened to may be from a part of the subnet, or it from a part of theirs.
    let is_near = |from: &IpNet| address.trunc().contains(from) || from.contains(&address.addr());
    is_source || session.from.iter().any(is_near)
}

/// Whether the session is opened from the interface, and the address is one that it may have there.
fn is_opened_from(session: &Session, interface: &str, address: IpNet) -> bool {
    let is_v4 = address.addr().is_ipv4();
    let is_of_family = session.from.iter().any(|it| it.addr().is_ipv4() == is_v4);
    session.source.as_deref() == Some(interface) && is_of_family
}

//! Bonds and their members, as core creates them.

use super::{L3, Make, of, parent};
use crate::config::{Balance, Bond, BondMode, Link, Member};
use crate::render::{Bindings, Dataplane};
use serde::Serialize;

/// A bond that is made.
#[derive(Debug, Serialize)]
pub(super) struct Bonding {
    number: u32,
    mode: &'static str,
    balance: Option<&'static str>,
    /// Without one it takes that of its first member.
    hw_addr: Option<String>,
}

/// A member that joins it.
#[derive(Debug, Serialize)]
pub(super) struct Joining {
    name: String,
    passive: bool,
    slow: bool,
}

/// The members that are there. Each carries packets as large as its bond's: VPP does not hand the MTU on.
pub(super) fn members<'d>(dataplane: &'d Dataplane, bindings: &'d Bindings) -> impl Iterator<Item = L3> + 'd {
    let bonds = dataplane.interfaces.values();
    let bonds = bonds.filter_map(|it| Some((&it.link, it.carrier.bond()?)));
    let members = bonds.flat_map(|(link, bond)| bond.members.iter().map(move |member| (link, member)));
    members.filter_map(|(bond, member)| {
        let binding = bindings.nics.get(&member.name)?;
        let link = Link {
            mtu: bond.mtu,
            enabled: member.enabled && bond.enabled,
            lcp: false,
            ..Link::bare(member.at, (&member.name).into())
        };
        Some(parent(dataplane, &member.nic, &link, binding))
    })
}

/// The bond, with the members that are there.
pub(super) fn bond(dataplane: &Dataplane, bindings: &Bindings, number: u32, bond: &Bond, link: &Link) -> L3 {
    let bonding = Bonding {
        number,
        mode: bond.mode.word(),
        balance: bond.mode.balance().map(Balance::word),
        hw_addr: bond.mac.map(|mac| mac.to_string()),
    };
    let there = |member: &&Member| bindings.nics.contains_key(&member.name);
    let joins = |member: &Member| {
        let (passive, slow) = match bond.mode {
            BondMode::Lacp { passive, slow, .. } => (passive, slow),
            _ => (false, false),
        };
        Joining {
            name: member.name.to_string(),
            passive,
            slow,
        }
    };
    L3 {
        make: Make {
            bond: Some(bonding),
            ..Make::default()
        },
        members: bond.members.iter().filter(there).map(joins).collect(),
        ..of(dataplane, link)
    }
}

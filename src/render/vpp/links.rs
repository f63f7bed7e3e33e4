//! The two memifs between core and a NAT module: sockets, ids, hardware and link addresses, all derived.

use super::identity::{MEMIF, hw_addr};
use crate::config::{Nat, NatMode};
use crate::render::Dataplane;
use crate::types::{InstanceName, NatName};
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The side of a memif that carries subscribers, or the one that carries the translated traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Internal,
    External,
}

/// Which end of a memif.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Core,
    Module,
}

/// One memif, seen from one end.
#[derive(Debug, Serialize)]
pub(super) struct Memif {
    pub(super) place: String,
    /// Unique in the instance, from 1: VPP keeps 0 for itself.
    pub(super) socket: u32,
    pub(super) path: String,
    pub(super) hw_addr: String,
    pub(super) role: &'static str,
    pub(super) name: String,
    pub(super) addresses: Vec<String>,
}

/// The links of one module: the number that its name gave it decides everything.
#[derive(Debug, Clone, Copy)]
pub(super) struct Links<'m> {
    pub(super) name: &'m NatName,
    pub(super) nat: &'m Nat,
}

/// Every module's links, in the order of their names.
pub(super) fn all(dataplane: &Dataplane) -> impl Iterator<Item = Links<'_>> {
    dataplane.nats.iter().map(|(name, nat)| Links { name, nat })
}

/// The links of the module in an instance.
pub(super) fn of<'m>(dataplane: &'m Dataplane, instance: &InstanceName) -> Option<Links<'m>> {
    all(dataplane).find(|links| links.nat.instance == *instance)
}

impl Links<'_> {
    /// The IPv4 address of an end.
    pub(super) fn address(&self, side: Side, end: End) -> Ipv4Addr {
        let offset = side as u32 * 2 + end as u32;
        Ipv4Addr::from_bits(self.nat.links().network().to_bits() + offset)
    }

    /// The IPv6 address of an end of the internal link; only a NAT64 module has one (RFC 4193, a /64 per link).
    pub(super) fn address6(&self, end: End) -> Ipv6Addr {
        let link = u16::try_from(self.nat.link).unwrap_or(u16::MAX);
        Ipv6Addr::new(0xfd69, 0x6d70, 0, link, 0, 0, 0, 1 + end as u16)
    }

    /// The address traffic of a family is sent to on the internal side.
    pub(super) fn internal(&self, end: End) -> IpAddr {
        match self.nat.mode {
            NatMode::Nat64 { .. } => self.address6(end).into(),
            _ => self.address(Side::Internal, end).into(),
        }
    }

    /// The name VPP gives the memif in the instance of that end.
    pub(super) fn interface(&self, side: Side, end: End) -> String {
        format!("memif{}/0", self.socket(side, end))
    }

    fn socket(&self, side: Side, end: End) -> u32 {
        let first = match end {
            End::Core => self.nat.link * 2 + 1,
            End::Module => 1,
        };
        first + side as u32
    }

    /// Both memifs as this end creates them; core is the master.
    pub(super) fn memifs(&self, place: &str, end: End) -> [Memif; 2] {
        [(Side::Internal, "int"), (Side::External, "ext")].map(|(side, word)| Memif {
            place: place.to_owned(),
            socket: self.socket(side, end),
            path: format!("/run/vpp/memif-{}-{word}.sock", self.nat.instance),
            // Fixed: with VPP's random address, a restart of one instance stops traffic until the other's ARP entry is flushed.
            hw_addr: hw_addr(MEMIF, self.nat.link << 8 | (side as u32) << 4 | end as u32),
            role: match end {
                End::Core => "master",
                End::Module => "slave",
            },
            name: self.interface(side, end),
            addresses: self.addresses(side, end),
        })
    }

    fn addresses(&self, side: Side, end: End) -> Vec<String> {
        let mut addresses = vec![format!("{}/31", self.address(side, end))];
        if side == Side::Internal && matches!(self.nat.mode, NatMode::Nat64 { .. }) {
            addresses.push(format!("{}/64", self.address6(end)));
        }
        addresses
    }
}

/// A memif that joins core and a NAT module, with both of its ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joint {
    /// What it carries: `subscribers` or `translated`.
    pub carries: &'static str,
    /// Its end in core: VPP's name for it, and its addresses.
    pub core: (String, Vec<String>),
    /// Its end in the module's instance.
    pub module: (String, Vec<String>),
}

/// Both memifs of a module.
pub fn joints(name: &NatName, nat: &Nat) -> [Joint; 2] {
    let links = Links { name, nat };
    let end = |side, end| (links.interface(side, end), links.addresses(side, end));
    [(Side::Internal, "subscribers"), (Side::External, "translated")].map(|(side, carries)| Joint {
        carries,
        core: end(side, End::Core),
        module: end(side, End::Module),
    })
}

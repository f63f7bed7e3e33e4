//! Prefixes, found by the addresses in them.

use crate::types::Prefix;
use ipnet::IpNet;
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

/// Prefixes with what belongs to each, found by an address in as many steps as there are prefix lengths.
#[derive(Debug, Default)]
pub(super) struct Subnets {
    members: HashMap<Prefix, Vec<usize>>,
    lengths: BTreeSet<(bool, u8)>,
}

impl Subnets {
    pub(super) fn insert(&mut self, prefix: Prefix, member: usize) {
        let net = prefix.net();
        self.lengths.insert((net.addr().is_ipv4(), net.prefix_len()));
        self.members.entry(prefix).or_default().push(member);
    }

    /// The members of exactly this prefix.
    pub(super) fn get(&self, prefix: Prefix) -> Option<&[usize]> {
        self.members.get(&prefix).map(Vec::as_slice)
    }

    /// The members of every prefix that holds the address.
    pub(super) fn holding(&self, addr: IpAddr) -> impl Iterator<Item = usize> {
        self.at_least_as_long(addr, 0)
    }

    /// The members of every prefix that holds the address, but for those of the default route.
    pub(super) fn longer_than_default(&self, addr: IpAddr) -> impl Iterator<Item = usize> {
        self.at_least_as_long(addr, 1)
    }

    fn at_least_as_long(&self, addr: IpAddr, least: u8) -> impl Iterator<Item = usize> {
        let lengths = self.lengths.iter();
        lengths
            .filter(move |(v4, length)| *v4 == addr.is_ipv4() && *length >= least)
            .filter_map(move |(_, length)| IpNet::new(addr, *length).ok())
            .filter_map(|net| self.get(Prefix::truncating(net)))
            .flatten()
            .copied()
    }
}

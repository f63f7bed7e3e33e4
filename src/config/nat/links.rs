//! The addresses of the two links that join core and a module.

use super::raw::NatRaw;
use crate::config::index::Index;
use crate::config::keys::{Field, Named};
use crate::types::{IfAddr, NatName, id};
use ipnet::Ipv4Net;
use std::net::Ipv4Addr;

/// The first address of the first block: 169.254.0.0/24 and 169.254.255.0/24 are reserved (RFC 3927, section 2.1).
const FIRST: Ipv4Addr = Ipv4Addr::new(169, 254, 1, 0);
/// How many blocks of four addresses there are.
const BLOCKS: u32 = 16_256;
/// Two links of two addresses.
const BLOCK_LENGTH: u8 = 30;

/// The block of a number: a /31 for each of the two links.
pub(in crate::config) fn block(number: u32) -> Ipv4Net {
    let first = Ipv4Addr::from_bits(FIRST.to_bits() + number * 4);
    Ipv4Net::new_assert(first, BLOCK_LENGTH)
}

/// The number each module's links are made of: its name decides, and keeps away from the subnets of interfaces.
pub(in crate::config) fn index_links(field: &Field<Named<NatName, NatRaw>>, index: &mut Index) {
    let mut names: Vec<&NatName> = field.entries().iter().map(|(name, _)| &name.value).collect();
    names.sort();
    let subnet = |address: IfAddr| address.subnet().v4();
    let subnets = index.addresses.iter().filter_map(|address| subnet(address.addr));
    let link_local = Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 0, 0), 16);
    let near: Vec<Ipv4Net> = subnets.filter(|net| overlap(net, &link_local)).collect();
    let free = |number| near.iter().all(|net| !overlap(net, &block(number)));
    let numbers = id::numbers(names.iter().map(|name| (*name).as_ref()), BLOCKS, free);
    index.nat_links = names.into_iter().cloned().zip(numbers).collect();
}

/// Whether two networks share addresses.
pub(in crate::config) fn overlap(one: &Ipv4Net, other: &Ipv4Net) -> bool {
    one.contains(other) || other.contains(one)
}

//! The addresses of the two links that join core and a module.

use super::raw::NatRaw;
use crate::config::code::E0245;
use crate::config::diag::{Diagnostic, Findings};
use crate::config::index::{Address, Index};
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
pub(super) fn block(number: u32) -> Ipv4Net {
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
fn overlap(one: &Ipv4Net, other: &Ipv4Net) -> bool {
    one.contains(other) || other.contains(one)
}

/// No subnet takes the addresses of the links to the NAT modules: they keep away from it where they can.
pub(in crate::config) fn links_are_free(index: &Index, found: &mut Findings) {
    let blocks = index
        .nat_links
        .iter()
        .map(|(name, number)| (name, block(*number)));
    for (name, block) in blocks {
        let taken = |address: &&Address| {
            address
                .addr
                .subnet()
                .v4()
                .is_some_and(|net| overlap(&net, &block))
        };
        if let Some(address) = index.addresses.iter().find(taken) {
            found.report(
                Diagnostic::error(
                    E0245,
                    address.span,
                    "the subnet contains addresses of the links to NAT modules",
                )
                .label(format!("leaves no room for the links of '{name}'"))
                .hint("use another part of 169.254.0.0/16"),
            );
        }
    }
}

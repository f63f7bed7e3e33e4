//! What VPP's objects are told apart by: made from names, so that one more of a kind changes none of the others.

use crate::types::id;
use std::collections::HashSet;

/// Loopback instances VPP has: 0 to 16,383.
const LOOPBACKS: u32 = 1 << 14;
/// Tunnels of a kind that VPP has: instances 0 to 16,383.
const INSTANCES: u32 = 1 << 14;
/// Bridge domains that we number.
const DOMAINS: u32 = u16::MAX as u32;
/// Numbers of bonds.
const BONDS: u32 = 1 << 14;
/// Hardware addresses of one kind: the last three bytes.
const ADDRESSES: u32 = 1 << 24;

/// The kind of a hardware address of ours, its third byte: a memif's.
pub(super) const MEMIF: u8 = 1;
/// That of a bridge's port.
pub(super) const BRIDGE: u8 = 3;
/// That of a loopback: VPP's own has the last byte of the instance only, so that two could have the same.
pub(super) const LOOPBACK: u8 = 4;

/// The instance of each loopback, in the order of the names.
pub(super) fn loopbacks<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<u32> {
    id::numbers(names, LOOPBACKS, |_| true)
}

/// The number of each bridge domain, in the order of the names: VPP keeps 0 for itself.
pub(super) fn domains<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<u32> {
    let numbers = id::numbers(names, DOMAINS, |_| true);
    numbers.into_iter().map(|number| number + 1).collect()
}

/// The instance of each tunnel of a kind, in the order of the names. One that is called like VPP calls its own, `gre7`, has
/// that number.
pub(super) fn tunnels<'n>(kind: &str, names: impl IntoIterator<Item = &'n str> + Clone) -> Vec<u32> {
    let written = |name: &str| {
        let number = name.strip_prefix(kind)?.parse().ok()?;
        (format!("{kind}{number}") == name && number < INSTANCES).then_some(number)
    };
    let taken: HashSet<u32> = names.clone().into_iter().filter_map(written).collect();
    let others = names.clone().into_iter().filter(|name| written(name).is_none());
    let mut others = id::numbers(others, INSTANCES, |number| !taken.contains(&number)).into_iter();
    let number = |name| written(name).or_else(|| others.next());
    names.into_iter().filter_map(number).collect()
}

/// The number of each bond, in the order of the names.
pub(super) fn bonds<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<u32> {
    id::numbers(names, BONDS, |_| true)
}

/// The hardware address of VPP's port on each bridge, in the order of the names.
pub(super) fn bridge_ports<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let numbers = id::numbers(names, ADDRESSES, |_| true);
    numbers
        .into_iter()
        .map(|number| hw_addr(BRIDGE, number))
        .collect()
}

/// A locally administered address of a kind; of the number the last three bytes.
pub(super) fn hw_addr(kind: u8, number: u32) -> String {
    let [_, a, b, c] = number.to_be_bytes();
    format!("02:fe:{kind:02x}:{a:02x}:{b:02x}:{c:02x}")
}

//! What VPP's objects are told apart by: made from names, so that one more of a kind changes none of the others.

use crate::types::id;

/// Loopback instances VPP has: 0 to 16,383.
const LOOPBACKS: u32 = 1 << 14;
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

//! Numbers made from names: one more name changes no other's number.

use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// How often a name is hashed again before the first free number is taken.
const ATTEMPTS: u8 = 32;

/// A number below `range` for each name, in the order of the names: all different, each one `free`.
///
/// It is the name's hash, and that of another attempt where a name before it has the same or where it is not free. Only
/// when no number is left, the rest get those from `range` up.
pub fn numbers<'n>(
    names: impl IntoIterator<Item = &'n str>,
    range: u32,
    free: impl Fn(u32) -> bool,
) -> Vec<u32> {
    let mut taken = HashSet::new();
    let mut beyond = range..;
    let mut number = |name: &str| {
        let is_left = |number: &u32| !taken.contains(number) && free(*number);
        let hashed = (0..ATTEMPTS).map(|attempt| hash(name, attempt) % range);
        let number = hashed.chain(0..range).find(is_left).or_else(|| beyond.next());
        let number = number.unwrap_or(range);
        taken.insert(number);
        number
    };
    names.into_iter().map(&mut number).collect()
}

fn hash(name: &str, attempt: u8) -> u32 {
    let digest: [u8; 32] = Sha256::new()
        .chain_update([attempt])
        .chain_update(name)
        .finalize()
        .into();
    let [a, b, c, d, ..] = digest;
    u32::from_be_bytes([a, b, c, d])
}

//! Numbers and addresses as text without `fmt`: the prefix-lists of a transit router are 250,000 lines.

use crate::types::FrrRelease;
use std::array;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

/// The numbers of a byte: a member of a prefix-list is six of them.
static BYTES: LazyLock<[String; 256]> = LazyLock::new(|| array::from_fn(|value| value.to_string()));

/// Appends a number in decimal.
pub(super) fn number(out: &mut String, value: u32) {
    out.push_str(itoa::Buffer::new().format(value));
}

/// Appends a number of one byte in decimal.
pub(super) fn byte(out: &mut String, value: u8) {
    out.push_str(&BYTES[usize::from(value)]);
}

/// Appends an IPv4 address.
pub(super) fn ipv4(out: &mut String, address: Ipv4Addr) {
    let [a, b, c, d] = address.octets();
    byte(out, a);
    for octet in [b, c, d] {
        out.push('.');
        byte(out, octet);
    }
}

/// Appends an IPv6 address as FRR prints it: RFC 5952 with `::1.2.3.4` for an IPv4-compatible address, but FRR 8 has
/// `::ffff:102:304` for an IPv4-mapped one (seen with 8.4.4 and 10.3). With another spelling, each reload would find a
/// difference.
pub(super) fn ipv6(out: &mut String, address: Ipv6Addr, release: FrrRelease) {
    let groups = address.segments();
    if release == FrrRelease::V10
        && let Some(mapped) = address.to_ipv4_mapped()
    {
        out.push_str("::ffff:");
        return ipv4(out, mapped);
    }
    if groups[..6] == [0; 6] && groups[6] != 0 {
        let [.., a, b, c, d] = address.octets();
        out.push_str("::");
        return ipv4(out, Ipv4Addr::new(a, b, c, d));
    }
    let (start, length) = longest_zeros(groups);
    let mut index = 0;
    while index < groups.len() {
        if index == start && length > 1 {
            out.push_str("::");
            index += length;
            continue;
        }
        let after_run = length > 1 && index == start + length;
        if index > 0 && !after_run {
            out.push(':');
        }
        hexadecimal(out, groups[index]);
        index += 1;
    }
}

fn longest_zeros(groups: [u16; 8]) -> (usize, usize) {
    let (mut best, mut run) = ((0, 0), 0);
    for (index, group) in groups.into_iter().enumerate() {
        run = if group == 0 { run + 1 } else { 0 };
        if run > best.1 {
            best = (index + 1 - run, run);
        }
    }
    best
}

fn hexadecimal(out: &mut String, group: u16) {
    let mut shift = 12;
    while shift > 0 && group >> shift == 0 {
        shift -= 4;
    }
    loop {
        let digit = u32::from(group >> shift & 0xf);
        out.extend(char::from_digit(digit, 16));
        if shift == 0 {
            return;
        }
        shift -= 4;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_print_as_the_standard_library_prints_them(value: u32) {
            let mut out = String::new();
            number(&mut out, value);
            prop_assert_eq!(out, value.to_string());
        }

        #[test]
        fn addresses_print_as_the_standard_library_prints_them(v4: [u8; 4], v6: [u16; 8], zeros: u8) {
            let mut out = String::new();
            ipv4(&mut out, v4.into());
            prop_assert_eq!(&out, &Ipv4Addr::from(v4).to_string());
            let mut groups = v6;
            for (bit, group) in groups.iter_mut().enumerate() {
                if zeros >> bit & 1 == 1 {
                    *group = 0;
                }
            }
            prop_assume!(groups[..5] != [0; 5]);
            out.clear();
            ipv6(&mut out, groups.into(), FrrRelease::V8);
            prop_assert_eq!(out, Ipv6Addr::from(groups).to_string());
        }
    }

    #[test]
    fn what_starts_with_zeros_prints_as_frr_prints_it() {
        for text in [
            "::",
            "::1",
            "::ffff",
            "::100",
            "::0.2.0.0",
            "::1.2.3.4",
            "::ffff:0:0",
            "::ffff:102:304",
            "::fffe:102:304",
            "::1:0:0",
            "::1:2:3:4:5",
            "::ffff:0:102:304",
        ] {
            let mut out = String::new();
            ipv6(&mut out, text.parse().unwrap(), FrrRelease::V8);
            assert_eq!(out, text);
        }
        let mut out = String::new();
        ipv6(&mut out, "::ffff:102:304".parse().unwrap(), FrrRelease::V10);
        assert_eq!(out, "::ffff:1.2.3.4");
    }
}

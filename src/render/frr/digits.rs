//! Numbers and addresses as text without `fmt`: the prefix-lists of a transit router are 250,000 lines.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Appends a number in decimal.
pub(super) fn number(out: &mut String, mut value: u32) {
    let mut digits = [b'0'; 10];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend(digits[first..].iter().map(|digit| char::from(*digit)));
}

/// Appends an IPv4 address.
pub(super) fn ipv4(out: &mut String, address: Ipv4Addr) {
    let [a, b, c, d] = address.octets();
    number(out, a.into());
    for octet in [b, c, d] {
        out.push('.');
        number(out, octet.into());
    }
}

/// Appends an IPv6 address as RFC 5952 has it: the first longest run of two or more zero groups is `::`.
pub(super) fn ipv6(out: &mut String, address: Ipv6Addr) {
    if address.to_ipv4_mapped().is_some() {
        out.push_str(&address.to_string());
        return;
    }
    let groups = address.segments();
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
            out.clear();
            ipv6(&mut out, groups.into());
            prop_assert_eq!(out, Ipv6Addr::from(groups).to_string());
        }
    }
}

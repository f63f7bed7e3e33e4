//! One member of a prefix-list, `[permit|deny] PREFIX [ge N] [le N]`.

use super::{Action, PrefixRule};
use ipnet::{Ipv4Net, Ipv6Net};
use std::net::{Ipv4Addr, Ipv6Addr};

/// One member of either family.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    V4(PrefixRule<Ipv4Net>),
    V6(PrefixRule<Ipv6Net>),
}

/// Why a member is none.
#[derive(Debug)]
pub(super) enum Wrong {
    /// It is not a string.
    Type,
    /// The file is not valid JSON; the reason.
    Json(String),
    Grammar,
    /// The prefix that was probably meant.
    HostBits(String),
    /// The prefix's length and the family's.
    Range(u8, u8),
}

/// `[permit |deny ]PREFIX [ge N] [le N]`.
pub(super) fn rule(text: &str) -> Result<Rule, Wrong> {
    let mut words = text.split_ascii_whitespace();
    let mut word = words.next().unwrap_or_default();
    let action = match word {
        "deny" => Action::Deny,
        _ => Action::Permit,
    };
    if matches!(word, "permit" | "deny") {
        word = words.next().ok_or(Wrong::Grammar)?;
    }
    let (ge, le) = bounds(words)?;
    Written {
        action,
        prefix: word,
        ge,
        le,
    }
    .rule()
}

/// The parts of a member, in whichever format it was written.
#[derive(Debug)]
pub(super) struct Written<'t> {
    pub(super) action: Action,
    pub(super) prefix: &'t str,
    pub(super) ge: Option<u8>,
    pub(super) le: Option<u8>,
}

impl Written<'_> {
    pub(super) fn rule(&self) -> Result<Rule, Wrong> {
        let (addr, length) = self.prefix.split_once('/').ok_or(Wrong::Grammar)?;
        let length = number(length).ok_or(Wrong::Grammar)?;
        let action = self.action;
        if addr.contains(':') {
            let addr: Ipv6Addr = addr.parse().map_err(|_| Wrong::Grammar)?;
            let prefix = Ipv6Net::new(addr, length).map_err(|_| Wrong::Grammar)?;
            if prefix.trunc() != prefix {
                return Err(Wrong::HostBits(prefix.trunc().to_string()));
            }
            let (ge, le) = normal(length, 128, self.ge, self.le)?;
            Ok(Rule::V6(PrefixRule {
                action,
                prefix,
                ge,
                le,
            }))
        } else {
            let addr = v4(addr).ok_or(Wrong::Grammar)?;
            let prefix = Ipv4Net::new(addr, length).map_err(|_| Wrong::Grammar)?;
            if prefix.trunc() != prefix {
                return Err(Wrong::HostBits(prefix.trunc().to_string()));
            }
            let (ge, le) = normal(length, 32, self.ge, self.le)?;
            Ok(Rule::V4(PrefixRule {
                action,
                prefix,
                ge,
                le,
            }))
        }
    }
}

/// An IPv4 address, without the generality of the standard library's parser: lists have a quarter of a million of them.
fn v4(text: &str) -> Option<Ipv4Addr> {
    let (mut octets, mut index, mut digits, mut value) = ([0; 4], 0, 0, 0_u16);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' if digits < 3 && (digits == 0 || value > 0) => {
                value = value * 10 + u16::from(byte - b'0');
                digits += 1;
            }
            b'.' if digits > 0 && index < 3 => {
                octets[index] = u8::try_from(value).ok()?;
                (index, digits, value) = (index + 1, 0, 0);
            }
            _ => return None,
        }
    }
    octets[index] = u8::try_from(value).ok()?;
    (index == 3 && digits > 0).then_some(Ipv4Addr::from(octets))
}

/// A decimal number without sign or leading zero.
pub(super) fn number(text: &str) -> Option<u8> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain)
}

/// `[ge N] [le N]`, each at most once.
pub(super) fn bounds<'t>(
    mut words: impl Iterator<Item = &'t str>,
) -> Result<(Option<u8>, Option<u8>), Wrong> {
    let (mut ge, mut le) = (None, None);
    while let Some(word) = words.next() {
        let bound = words.next().and_then(number).ok_or(Wrong::Grammar)?;
        match word {
            "ge" if ge.is_none() => ge = Some(bound),
            "le" if le.is_none() => le = Some(bound),
            _ => return Err(Wrong::Grammar),
        }
    }
    Ok((ge, le))
}

/// The bounds as FRR wants them, `length < ge <= le <= width`, 0 for none; what means the same is written the same.
fn normal(length: u8, width: u8, ge: Option<u8>, le: Option<u8>) -> Result<(u8, u8), Wrong> {
    let (low, high) = (
        ge.unwrap_or(length),
        le.unwrap_or(if ge.is_some() { width } else { length }),
    );
    if !(length <= low && low <= high && high <= width) {
        return Err(Wrong::Range(length, width));
    }
    Ok(match (ge.filter(|ge| *ge > length), le) {
        (None, None) if ge.is_none() => (0, 0),
        (None, _) if high == length => (0, 0),
        (None, _) => (0, high),
        (Some(ge), le) => (ge, le.unwrap_or(0)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// It is the address the standard library reads, and nothing else.
        #[test]
        fn an_address_is_read_as_by_the_standard_library(text in "[0-9.]{0,16}", octets in any::<[u8; 4]>()) {
            prop_assert_eq!(v4(&text), text.parse().ok());
            let address = Ipv4Addr::from(octets);
            prop_assert_eq!(v4(&address.to_string()), Some(address));
        }
    }
}

//! One member of a prefix-list, `[permit|deny] PREFIX [ge N] [le N]`.

use super::{Action, PrefixRule};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// One member of either family.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rule {
    V4(PrefixRule<Ipv4Net>),
    V6(PrefixRule<Ipv6Net>),
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (action, prefix, ge, le) = match self {
            Self::V4(rule) => (rule.action, IpNet::V4(rule.prefix), rule.ge, rule.le),
            Self::V6(rule) => (rule.action, IpNet::V6(rule.prefix), rule.ge, rule.le),
        };
        if action == Action::Deny {
            f.write_str("deny ")?;
        }
        write!(f, "{prefix}")?;
        for (word, bound) in [("ge", ge), ("le", le)] {
            if bound != 0 {
                write!(f, " {word} {bound}")?;
            }
        }
        Ok(())
    }
}

/// A member in the one way to write what it means; `None` when it is none.
pub(super) fn spelled(text: &str) -> Option<String> {
    rule(text).ok().map(|rule| rule.to_string())
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
    if let Some(rule) = plain(text.as_bytes()) {
        return rule;
    }
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
    let written = Written {
        action,
        prefix: word,
        ge,
        le,
    };
    written.rule()
}

/// The shapes nearly all members have, `192.0.2.0/24` and `192.0.2.0/24 le 32`, in one pass; `None` for any other.
fn plain(text: &[u8]) -> Option<Result<Rule, Wrong>> {
    let mut bytes = text.iter();
    let mut octets = [0; 4];
    for (octet, end) in octets.iter_mut().zip(*b".../") {
        let (value, behind) = decimal(&mut bytes)?;
        if behind != Some(end) {
            return None;
        }
        *octet = value;
    }
    let (length, behind) = decimal(&mut bytes)?;
    let le = match behind {
        None => None,
        Some(b' ') => {
            let mut bound = bytes.as_slice().strip_prefix(b"le ")?.iter();
            let (bound, behind) = decimal(&mut bound)?;
            if behind.is_some() {
                return None;
            }
            Some(bound)
        }
        Some(_) => return None,
    };
    Some(v4_rule(Action::Permit, octets.into(), length, None, le))
}

fn v4_rule(
    action: Action,
    addr: Ipv4Addr,
    length: u8,
    ge: Option<u8>,
    le: Option<u8>,
) -> Result<Rule, Wrong> {
    let prefix = Ipv4Net::new(addr, length).map_err(|_| Wrong::Grammar)?;
    if prefix.network() != addr {
        return Err(Wrong::HostBits(prefix.trunc().to_string()));
    }
    let (ge, le) = normal(length, 32, ge, le)?;
    Ok(Rule::V4(PrefixRule {
        action,
        prefix,
        ge,
        le,
    }))
}

/// A decimal number below 256 without leading zero, and the byte behind it, which is taken too.
///
/// A quarter of a million members are a million and a half of them.
#[inline(always)]
fn decimal(bytes: &mut std::slice::Iter<'_, u8>) -> Option<(u8, Option<u8>)> {
    let digit = |byte: u8| Some(byte.wrapping_sub(b'0')).filter(|digit| *digit < 10);
    let mut value = u16::from(digit(*bytes.next()?)?);
    loop {
        let behind = bytes.next().copied();
        let Some(next) = behind.and_then(digit) else {
            return Some((u8::try_from(value).ok()?, behind));
        };
        if value == 0 || value > 25 {
            return None;
        }
        value = value * 10 + u16::from(next);
    }
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
            let addr = addr.parse().map_err(|_| Wrong::Grammar)?;
            v4_rule(action, addr, length, self.ge, self.le)
        }
    }
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

    /// A member as the general parser reads it.
    fn general(text: &str) -> Result<Rule, Wrong> {
        rule(&format!("permit {text}"))
    }

    proptest! {
        /// The short way says what the general parser says, or nothing.
        #[test]
        fn a_plain_member_is_read_as_any_other(
            text in prop_oneof![
                "[0-9./ le]{0,22}",
                "[0-9]{1,3}(\\.[0-9]{1,3}){3}/[0-9]{1,3}( le [0-9]{1,3})?",
            ],
            octets in any::<[u8; 4]>(),
            length in 0..34_u8,
            le in 0..34_u8,
        ) {
            let addr = Ipv4Addr::from(octets);
            for text in [text, format!("{addr}/{length}"), format!("{addr}/{length} le {le}")] {
                if let Some(plain) = plain(text.as_bytes()) {
                    prop_assert_eq!(format!("{plain:?}"), format!("{:?}", general(&text)), "{}", text);
                }
            }
        }
    }
}

//! BGP's numbers: AS numbers, router ids, communities.

use super::{TypeError, number, serde_as_text};
use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// An autonomous system number that a speaker may have: not 0, 23456 (AS_TRANS), 65535 or 4294967295 (RFC 7607, 6793,
/// 7300).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asn(u32);

impl Asn {
    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<i64> for Asn {
    type Error = TypeError;
    fn try_from(number: i64) -> Result<Self, TypeError> {
        match u32::try_from(number) {
            Ok(0 | 23456 | 65535 | u32::MAX) | Err(_) => Err(TypeError::expected(
                "an AS number from 1 to 4294967294, except the reserved 23456 and 65535",
            )),
            Ok(number) => Ok(Self(number)),
        }
    }
}

impl FromStr for Asn {
    type Err = TypeError;
    /// Plain (`4200000001`), asdot (`64086.59905`, RFC 5396), or either behind `AS`.
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let named = text
            .get(..2)
            .is_some_and(|start| start.eq_ignore_ascii_case("as"));
        let text = if named { &text[2..] } else { text };
        let asn = match text.split_once('.') {
            None => number::<u32>(text).map(i64::from),
            Some((high, low)) => match (number::<u16>(high), number::<u16>(low)) {
                (Some(high), Some(low)) => Some((i64::from(high) << 16) | i64::from(low)),
                _ => None,
            },
        };
        Self::try_from(asn.unwrap_or(0))
    }
}

impl fmt::Display for Asn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A router id: 32 bits written like an IPv4 address; not 0.0.0.0, multicast or broadcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouterId(Ipv4Addr);

impl TryFrom<Ipv4Addr> for RouterId {
    type Error = TypeError;
    fn try_from(addr: Ipv4Addr) -> Result<Self, TypeError> {
        if addr.is_unspecified() || addr.is_multicast() || addr.is_broadcast() {
            return Err(TypeError::expected("a router id, like 192.0.2.1"));
        }
        Ok(Self(addr))
    }
}

impl FromStr for RouterId {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        Self::try_from(
            text.parse::<Ipv4Addr>()
                .map_err(|_| TypeError::expected("a router id, like 192.0.2.1"))?,
        )
    }
}

impl fmt::Display for RouterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A standard community (RFC 1997), written `high:low` or as one of the well-known names; printed as FRR prints it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Community(u16, u16);

/// Well-known communities, as frr.conf spells them (RFC 1997, 3765, 7611, 7999, 8326, 9494).
const WELL_KNOWN: [(&str, u16, u16); 14] = [
    ("graceful-shutdown", 65535, 0),
    ("accept-own", 65535, 1),
    ("route-filter-translated-v4", 65535, 2),
    ("route-filter-v4", 65535, 3),
    ("route-filter-translated-v6", 65535, 4),
    ("route-filter-v6", 65535, 5),
    ("llgr-stale", 65535, 6),
    ("no-llgr", 65535, 7),
    ("accept-own-nexthop", 65535, 8),
    ("blackhole", 65535, 666),
    ("no-export", 65535, 65281),
    ("no-advertise", 65535, 65282),
    ("local-AS", 65535, 65283),
    ("no-peer", 65535, 65284),
];

impl Community {
    /// The communities that have names: each name, and the numbers it stands for.
    pub fn well_known() -> impl Iterator<Item = (&'static str, String)> {
        WELL_KNOWN
            .iter()
            .map(|(name, high, low)| (*name, format!("{high}:{low}")))
    }
}

impl FromStr for Community {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        if let Some((_, high, low)) = WELL_KNOWN.iter().find(|(name, ..)| *name == text) {
            return Ok(Self(*high, *low));
        }
        if text == "internet" {
            return Err(TypeError::expected(
                "a community with a number: `internet` is in every route, and FRR 10 does not know it",
            ));
        }
        let wrong = || {
            TypeError::expected(
                "a community, like 64500:100, no-export, no-advertise, local-AS, no-peer, blackhole or graceful-shutdown",
            )
        };
        let (high, low) = text.split_once(':').ok_or_else(wrong)?;
        match (number(high).ok_or_else(wrong)?, number(low).ok_or_else(wrong)?) {
            // FRR 8 reads it as `internet`, which is in every route.
            (0, 0) => Err(wrong()),
            (high, low) => Ok(Self(high, low)),
        }
    }
}

impl fmt::Display for Community {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match WELL_KNOWN
            .iter()
            .find(|(_, high, low)| (*high, *low) == (self.0, self.1))
        {
            Some((name, ..)) => f.write_str(name),
            None => write!(f, "{}:{}", self.0, self.1),
        }
    }
}

/// A large community `asn:first:second` (RFC 8092).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LargeCommunity(u32, u32, u32);

impl FromStr for LargeCommunity {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let wrong = || TypeError::expected("a large community, like 64500:1:100");
        let numbers: Option<Vec<u32>> = text.split(':').map(number).collect();
        match numbers.as_deref() {
            Some([global, first, second]) => Ok(Self(*global, *first, *second)),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for LargeCommunity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.0, self.1, self.2)
    }
}

serde_as_text!(Asn, RouterId, Community, LargeCommunity);

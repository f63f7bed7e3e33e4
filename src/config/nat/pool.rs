//! The outside addresses of a module.

use crate::config::check::Checking;
use crate::config::code::{E0241, E0730};
use crate::config::diag::Diagnostic;
use crate::config::keys::{OneOrMore, Reading, Shape, Takes, Value, normal};
use crate::config::source::Located;
use crate::types::{AddrRange4, Prefix, TypeError};
use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// How many addresses a pool may have.
const WIDEST: u64 = 65_536;

/// What `pool` or an item of it may be: an address, a prefix with all its addresses, or a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) struct PoolRange(AddrRange4);

/// What other systems write for the address of the interface that leads out.
const MASQUERADE: [&str; 2] = ["interface", "masquerade"];

impl FromStr for PoolRange {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let wrong = || TypeError::expected("an IPv4 address, prefix or range, like 203.0.113.8-203.0.113.15");
        if text.contains('-') {
            return text.parse().map(Self);
        }
        match text.parse::<Ipv4Addr>() {
            Ok(address) => Ok(Self(address.into())),
            Err(_) if !text.contains('/') => Err(wrong()),
            Err(_) => {
                let net = text.parse::<Prefix>()?.v4().ok_or_else(wrong)?;
                Ok(Self(net.into()))
            }
        }
    }
}

/// An address alone, or a range.
impl fmt::Display for PoolRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.count() {
            1 => self.0.first().fmt(f),
            _ => self.0.fmt(f),
        }
    }
}

impl Takes for PoolRange {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let text = value.text(reading)?;
        if MASQUERADE.contains(&text) {
            let message = format!("'{}' cannot be the address of an interface", value.path());
            reading.report(
                value
                    .refuse(E0730, message)
                    .label("the module has no interface with an address of the outside")
                    .hint("write an address of its own that is routed to this router, like `pool = \"203.0.113.134\"`"),
            );
            return None;
        }
        value.parse(reading)
    }

    fn shape() -> Shape {
        Shape::Text {
            about: "an IPv4 address, prefix or range like 192.0.2.10-192.0.2.99",
            pattern: "^[0-9]{1,3}(\\.[0-9]{1,3}){3}(/[0-9]{1,2}| *- *[0-9]{1,3}(\\.[0-9]{1,3}){3})?$",
            normal: normal::<Self>,
        }
    }
}

/// `pool`: one range at least, at most 65,536 addresses that hosts can have, none of them twice.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Pool(Vec<AddrRange4>);

impl Pool {
    /// Its ranges, in the order written.
    pub fn ranges(&self) -> &[AddrRange4] {
        &self.0
    }

    /// How many addresses it has.
    pub fn count(&self) -> u64 {
        self.0.iter().map(|range| range.count()).sum()
    }

    /// Whether it has the address.
    pub fn holds(&self, address: Ipv4Addr) -> bool {
        self.0.iter().any(|range| range.holds(address))
    }

    /// The first address of its first range.
    pub fn first(&self) -> Option<Ipv4Addr> {
        self.0.first().map(|range| range.first())
    }

    /// The fewest prefixes that have exactly the addresses of each range.
    pub fn prefixes(&self) -> impl Iterator<Item = Prefix> + '_ {
        self.0.iter().flat_map(|range| prefixes(PoolRange(*range)))
    }
}

/// The ranges as they are written.
impl From<&OneOrMore<PoolRange>> for Pool {
    fn from(written: &OneOrMore<PoolRange>) -> Self {
        Self(written.0.iter().map(|range| range.value.0).collect())
    }
}

/// `203.0.113.8-203.0.113.15, 203.0.113.32`; an address alone is printed as one.
impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, range) in self.0.iter().enumerate() {
            let separator = if number == 0 { "" } else { ", " };
            write!(f, "{separator}{}", PoolRange(*range))?;
        }
        Ok(())
    }
}

/// The fewest prefixes that have exactly the addresses of the range.
pub(super) fn prefixes(range: PoolRange) -> impl Iterator<Item = Prefix> {
    let PoolRange(range) = range;
    ipnet::Ipv4Subnets::new(range.first(), range.last(), 0).map(|net| Prefix::truncating(net.into()))
}

/// Every range has addresses of hosts only, and all together are few enough to be added one by one.
pub(super) fn is_usable(pool: &OneOrMore<PoolRange>, cx: &mut Checking<'_>) {
    for range in &pool.0 {
        if let Some(reason) = flaw(range) {
            let message = format!("the pool {} cannot be used", range.value);
            cx.report(Diagnostic::error(E0241, range.span, message).label(reason));
        }
    }
    let count = |range: &Located<PoolRange>| range.value.0.count();
    if let [_, .., last] = &pool.0[..]
        && pool.0.iter().all(|range| flaw(range).is_none())
        && pool.0.iter().map(count).sum::<u64>() > WIDEST
    {
        cx.report(
            Diagnostic::error(E0241, last.span, "the pool cannot be used")
                .label("its ranges have more than 65,536 addresses together"),
        );
    }
}

/// Whether nothing about the pool was refused.
pub(super) fn is_sound(pool: &OneOrMore<PoolRange>) -> bool {
    pool.0.iter().all(|range| flaw(range).is_none()) && Pool::from(pool).count() <= WIDEST
}

/// Why a range cannot be used.
fn flaw(range: &Located<PoolRange>) -> Option<&'static str> {
    let range = range.value.0;
    let (first, last) = (range.first(), range.last());
    if first.octets()[0] == 0
        || last.octets()[0] >= 224
        || (first.octets()[0]..=last.octets()[0]).contains(&127)
    {
        Some("it contains addresses that no host can have")
    } else if range.count() > WIDEST {
        Some("it has more than 65,536 addresses")
    } else {
        None
    }
}

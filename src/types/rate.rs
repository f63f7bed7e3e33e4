//! Rates and amounts of traffic.

use super::{TypeError, serde_as_text};
use std::fmt;
use std::str::FromStr;

const UNITS: [(char, u64); 3] = [('G', 1_000_000_000), ('M', 1_000_000), ('K', 1000)];

/// The number that `512K`, `100M` or `10G` stands for (powers of 1000); `None` for another text.
fn amount(text: &str) -> Option<u64> {
    let (digits, unit) = UNITS
        .iter()
        .find_map(|(letter, unit)| Some((text.strip_suffix(*letter)?, *unit)))?;
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    let number: u64 = digits.parse().ok().filter(|_| plain)?;
    number.checked_mul(unit)
}

/// The same the other way, in the largest unit that says it exactly.
fn print(amount: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let unit = UNITS.iter().find(|(_, unit)| amount.is_multiple_of(*unit));
    let (letter, unit) = unit.copied().unwrap_or(('K', 1000));
    write!(f, "{}{letter}", amount / unit)
}

/// Bits a second, 64K to 400G, written `512K`, `100M` or `10G` (powers of 1000).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BitRate(u64);

/// Bytes that may come at once, 10K to 4G, written `64K` or `1M` (powers of 1000): no less than one of the largest packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Burst(u64);

impl BitRate {
    /// Kilobits a second.
    pub fn kilobits(self) -> u64 {
        self.0 / 1000
    }

    /// What comes at this rate in a tenth of a second, as a burst.
    pub fn tenth(self) -> Burst {
        Burst((self.0 / 80_000 * 1000).clamp(10_000, 4_000_000_000))
    }
}

impl Burst {
    /// The number of bytes.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl FromStr for BitRate {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let wrong = || TypeError::expected("bits per second from 64K to 400G, like 512K, 100M or 10G");
        let fits = amount(text).filter(|bits| (64_000..=400_000_000_000).contains(bits));
        fits.map(Self).ok_or_else(wrong)
    }
}

impl FromStr for Burst {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let wrong = || TypeError::expected("bytes from 10K to 4G, like 64K or 1M");
        let fits = amount(text).filter(|bytes| (10_000..=4_000_000_000).contains(bytes));
        fits.map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for BitRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(self.0, f)
    }
}

impl fmt::Display for Burst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(self.0, f)
    }
}

serde_as_text!(BitRate, Burst);

//! Sizes and durations.

use super::{TypeError, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// An amount of memory, 1 MiB to 16 TiB in whole MiB, written `512M` or `3G` (powers of 1024).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(u64);

const MEGABYTE: u64 = 1 << 20;

impl Bytes {
    /// The bytes rounded up to whole MiB; at least one.
    pub fn round_up_to_megabytes(bytes: u64) -> Self {
        Self(bytes.div_ceil(MEGABYTE).max(1) * MEGABYTE)
    }

    /// The amount in bytes.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl FromStr for Bytes {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let wrong = || TypeError::expected("an amount of memory from 1M to 16384G, like 512M or 3G");
        let (digits, unit) = match text.strip_suffix('G') {
            Some(digits) => (digits, 1 << 30),
            None => (text.strip_suffix('M').ok_or_else(wrong)?, MEGABYTE),
        };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let number: u64 = digits.parse().map_err(|_| wrong())?;
        match number.checked_mul(unit) {
            Some(bytes @ MEGABYTE..=0x1000_0000_0000) => Ok(Self(bytes)),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 % (1 << 30) {
            0 => write!(f, "{}G", self.0 >> 30),
            _ => write!(f, "{}M", self.0 >> 20),
        }
    }
}

/// A duration in whole seconds, written `30s`, `10m` or `2h`: from 0 s to 24 h.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(u32);

impl Seconds {
    /// A duration of this many seconds; for defaults, so that nothing is checked.
    pub const fn new(seconds: u32) -> Self {
        Self(seconds)
    }

    /// The number of seconds.
    pub fn get(self) -> u32 {
        self.0
    }

    /// The duration as the standard library's type.
    pub fn duration(self) -> std::time::Duration {
        std::time::Duration::from_secs(self.0.into())
    }
}

impl FromStr for Seconds {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let wrong = || TypeError::expected("a duration up to 24h, like 30s, 10m or 2h");
        let fits = seconds(text).filter(|seconds| *seconds <= 86_400);
        fits.map(Self).ok_or_else(wrong)
    }
}

/// The seconds of `30s`, `10m` or `2h`, as far as 32 bits reach; `None` for another text.
pub(crate) fn seconds(text: &str) -> Option<u32> {
    let unit = match text.bytes().last()? {
        b's' => 1,
        b'm' => 60,
        b'h' => 3600,
        _ => return None,
    };
    let digits = &text[..text.len() - 1];
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    let number: u32 = digits.parse().ok().filter(|_| plain)?;
    number.checked_mul(unit)
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}s", self.0)
    }
}

serde_as_text!(Bytes, Seconds);

//! Who a BGP session is with.

use super::{HostAddr, TypeError, serde_as_text};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A host, or an interface with whatever router is on its link; in the order FRR prints them in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PeerName {
    /// An interface, by its name as the dataplane's namespace has it: `external`, `external.25`.
    Interface(String),
    /// A host.
    Address(HostAddr),
}

impl PeerName {
    /// The address, when it has one.
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Interface(_) => None,
            Self::Address(address) => Some(address.get()),
        }
    }

    /// The interface, when it is named by one.
    pub fn interface(&self) -> Option<&str> {
        match self {
            Self::Interface(name) => Some(name),
            Self::Address(_) => None,
        }
    }
}

impl FromStr for PeerName {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.bytes().all(part);
        // An IPv6 address may begin with a letter, too, and has a colon.
        match is_name {
            true if text.len() <= 15 => Ok(Self::Interface(text.to_owned())),
            true => Err(TypeError::expected("the name of an interface, at most 15 characters")),
            false => text.parse().map(Self::Address).map_err(|_| {
                TypeError::expected(
                    "a host address, like 192.0.2.1 or 2001:db8::1, or the name of an interface, like external.25",
                )
            }),
        }
    }
}

impl fmt::Display for PeerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interface(name) => f.write_str(name),
            Self::Address(address) => address.fmt(f),
        }
    }
}

serde_as_text!(PeerName);

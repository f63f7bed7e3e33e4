//! `[nat.NAME]`: a NAT module in a VPP instance of its own.

pub(in crate::config) mod check;
mod checked;
mod det44;
pub(in crate::config) mod differ;
mod heap;
pub(in crate::config) mod links;
pub(in crate::config) mod raw;
pub(in crate::config) mod reach;

pub(in crate::config) use checked::{index_nats, modes, nats};
pub use det44::Share;
pub use heap::Holds;
pub(in crate::config) use heap::heaps_hold_their_modules;

use crate::config::{At, Protocol};
use crate::types::{AddrRange4, InstanceName, Prefix};
use ipnet::{Ipv4Net, Ipv6Net};
use std::net::Ipv4Addr;

/// `[nat.NAME]`; no two share an instance, none uses `core`.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Nat {
    /// Where it was written.
    pub at: At,
    /// The VPP process, joined to core by two memifs.
    pub instance: InstanceName,
    /// The number its links to core are made of: decided by its name, below 16,256.
    pub link: u32,
    /// The interfaces steering attaches to, by their L3 names (`internal.30`, `incusbr0`); each exists.
    pub from: Vec<String>,
    /// Destinations that are never translated (IPv4), as written; inside and connected prefixes are added by rendering.
    pub exempt: Vec<Ipv4Net>,
    /// What it does.
    pub mode: NatMode,
}

/// The mode with what only it has.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum NatMode {
    /// Deterministic NAT (det44): at least one mapping, disjoint, none VPP dies of.
    Det44 {
        /// `[[nat.NAME.mappings]]`, in order.
        mappings: Vec<NatMapping>,
    },
    /// Endpoint-dependent NAT (nat44-ed).
    Nat44Ed {
        /// `inside`: what is steered into it.
        inside: Vec<Ipv4Net>,
        /// `pool`: the outside addresses.
        pool: AddrRange4,
        /// `sessions`, 1,024 to 16,777,216.
        sessions: u32,
        /// `[[nat.NAME.static]]`.
        statics: Vec<StaticMapping>,
    },
    /// Stateful NAT64 (RFC 6146).
    Nat64 {
        /// `prefix`, of length 32, 40, 48, 56, 64 or 96.
        prefix: Ipv6Net,
        /// `pool`: the outside addresses.
        pool: AddrRange4,
    },
}

/// One `[[nat.NAME.mappings]]`: inside not longer than outside, sharing ratio below 64,512.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NatMapping {
    /// Where it was written.
    pub at: At,
    /// The subscribers.
    pub inside: Ipv4Net,
    /// The public addresses.
    pub outside: Ipv4Net,
}

/// One `[[nat.NAME.static]]`: a port (or with no port, an address) forwarded inward.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StaticMapping {
    /// Where it was written.
    pub at: At,
    /// Protocol, inside port and outside port; `None` maps the whole address.
    pub port: Option<(Protocol, u16, u16)>,
    /// The inside address.
    pub inside: Ipv4Addr,
    /// The outside address.
    pub outside: Ipv4Addr,
}

impl Nat {
    /// What the module holds in its instance's heap.
    pub fn holds(&self) -> Holds {
        Holds::from(&self.mode)
    }

    /// The four addresses of its two links to core, a /31 each.
    pub fn links(&self) -> Ipv4Net {
        links::block(self.link)
    }

    /// The inside IPv4 prefixes: what is steered into the module.
    pub fn inside(&self) -> Vec<Ipv4Net> {
        match &self.mode {
            NatMode::Det44 { mappings } => mappings.iter().map(|m| m.inside).collect(),
            NatMode::Nat44Ed { inside, .. } => inside.clone(),
            NatMode::Nat64 { .. } => Vec::new(),
        }
    }

    /// The outside prefixes: what core routes to the module. A pool's range is covered by the fewest prefixes.
    pub fn outside(&self) -> Vec<Prefix> {
        match &self.mode {
            NatMode::Det44 { mappings } => mappings
                .iter()
                .map(|m| Prefix::truncating(m.outside.into()))
                .collect(),
            NatMode::Nat44Ed { pool, .. } | NatMode::Nat64 { pool, .. } => {
                ipnet::Ipv4Subnets::new(pool.first(), pool.last(), 0)
                    .map(|net| Prefix::truncating(net.into()))
                    .collect()
            }
        }
    }

    /// The outside prefixes with the place each was written at.
    pub fn pools(&self) -> Vec<(At, Prefix)> {
        match &self.mode {
            NatMode::Det44 { mappings } => {
                let places = mappings.iter().map(|mapping| mapping.at);
                places.zip(self.outside()).collect()
            }
            _ => self
                .outside()
                .into_iter()
                .map(|prefix| (self.at, prefix))
                .collect(),
        }
    }

    /// The prefix IPv6 hosts reach IPv4 ones by, for a NAT64 module.
    pub fn nat64_prefix(&self) -> Option<Ipv6Net> {
        match &self.mode {
            NatMode::Nat64 { prefix, .. } => Some(*prefix),
            _ => None,
        }
    }
}

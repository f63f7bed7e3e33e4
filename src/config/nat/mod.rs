//! `[nat.NAME]`: a NAT module in a VPP instance of its own.

pub(in crate::config) mod acl;
mod bypass;
pub(in crate::config) mod check;
mod checked;
mod det44;
pub(in crate::config) mod differ;
mod heap;
pub(in crate::config) mod links;
mod log;
mod pool;
pub(in crate::config) mod raw;
pub(in crate::config) mod reach;
mod static_mapping;
mod timeouts;

pub use acl::next_acls;
pub use bypass::Bypass;
pub(in crate::config) use checked::{index_nats, modes, nats};
pub use det44::Share;
pub use heap::Holds;
pub(in crate::config) use heap::heaps_hold_their_modules;
pub use log::SessionLog;
pub use pool::Pool;
pub use static_mapping::{StaticMapping, StaticMapping64};
pub use timeouts::SessionTimeouts;

use crate::config::At;
use crate::types::{InstanceName, Prefix};
use ipnet::{Ipv4Net, Ipv6Net};

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
    /// `bypass`: between which nothing is translated, as written.
    pub bypass: Vec<Bypass>,
    /// `timeouts`, as far as they are not VPP's own.
    pub timeouts: SessionTimeouts,
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
        pool: Pool,
        /// `sessions`, 1,024 to 16,777,216.
        sessions: u32,
        /// `[[nat.NAME.static]]`.
        statics: Vec<StaticMapping>,
        /// `log`.
        log: Option<SessionLog>,
    },
    /// Stateful NAT64 (RFC 6146).
    Nat64 {
        /// `prefix`, of length 32, 40, 48, 56, 64 or 96.
        prefix: Ipv6Net,
        /// `pool`: the outside addresses.
        pool: Pool,
        /// `[[nat.NAME.static]]`.
        statics: Vec<StaticMapping64>,
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

    /// The outside prefixes: what core routes to the module. Each range of a pool is covered by the fewest prefixes.
    pub fn outside(&self) -> Vec<Prefix> {
        match &self.mode {
            NatMode::Det44 { mappings } => mappings
                .iter()
                .map(|m| Prefix::truncating(m.outside.into()))
                .collect(),
            NatMode::Nat44Ed { pool, .. } | NatMode::Nat64 { pool, .. } => pool.prefixes().collect(),
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

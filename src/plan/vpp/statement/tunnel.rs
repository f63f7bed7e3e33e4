//! The tunnels that VPP makes.

use super::{Interface, Make};
use crate::plan::vpp::Fact;

/// What a tunnel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tunnel {
    /// GRE.
    Gre,
    /// IP in IP.
    Ipip,
    /// VXLAN.
    Vxlan,
    /// WireGuard.
    Wireguard,
}

impl Tunnel {
    pub(super) fn read(word: &str) -> Option<Self> {
        match word {
            "gre" => Some(Self::Gre),
            "ipip" => Some(Self::Ipip),
            "vxlan" => Some(Self::Vxlan),
            "wireguard" => Some(Self::Wireguard),
            _ => None,
        }
    }

    /// As commands call it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Gre => "gre",
            Self::Ipip => "ipip",
            Self::Vxlan => "vxlan",
            Self::Wireguard => "wireguard",
        }
    }

    /// What VPP calls one, before the number.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self::Gre => "gre",
            Self::Ipip => "ipip",
            Self::Vxlan => "vxlan_tunnel",
            Self::Wireguard => "wg",
        }
    }

    /// `src A dst B [vni V] instance N`, and of WireGuard in place of `dst B` its port and keys.
    pub(super) fn made(self, words: &[&str]) -> Option<Make> {
        let (ends, instance) = match *words {
            [ref ends @ .., "instance", instance] => (ends, instance.parse().ok()?),
            _ => return None,
        };
        Some(Make::Tunnel {
            kind: self,
            instance,
            ends: ends.join(" "),
        })
    }
}

impl Interface {
    /// VPP cannot tell whether the key it got is the one that was meant.
    pub(super) fn facts(&self) -> Option<Fact> {
        let Make::Tunnel { ends, .. } = &self.make else {
            return None;
        };
        let (_, key) = ends.split_once(" public-key ")?;
        Some(Fact::Key(self.name.clone(), key.parse().ok()?))
    }
}

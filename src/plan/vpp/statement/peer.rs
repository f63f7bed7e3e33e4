//! The peers of WireGuard.

use super::{Evidence, Statement, Subject, Way};
use crate::plan::vpp::{Fact, PEERS};
use crate::types::WireguardKey;
use ipnet::IpNet;

/// A router at another end of a tunnel.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Peer {
    /// The tunnel.
    pub interface: String,
    /// Its public key: VPP has it once, whichever tunnel it is of.
    pub key: WireguardKey,
    /// Where it is and what it may send from, as the command has it.
    pub words: String,
}

pub(super) fn read(words: &[&str]) -> Option<Peer> {
    match *words {
        [
            "wireguard",
            "peer",
            "add",
            interface,
            "public-key",
            key,
            ref rest @ ..,
        ] => Some(Peer {
            interface: interface.to_owned(),
            key: key.parse().ok()?,
            words: rest.join(" "),
        }),
        _ => None,
    }
}

impl Peer {
    pub(super) fn subject(&self) -> Subject {
        Subject::Peer(self.key)
    }

    pub(super) fn line(&self) -> String {
        format!(
            "wireguard peer add {} public-key {} {}",
            self.interface, self.key, self.words
        )
    }

    pub(super) fn take_back(&self) -> Way {
        let text = format!("wireguard peer remove {}", self.key);
        Way::one(text, Some(&Statement::Peer(self.clone())), None)
    }

    pub(super) fn facts(&self) -> Fact {
        let mut words = self.words.split_whitespace();
        let mut allowed: Vec<IpNet> = Vec::new();
        while let Some(word) = words.next() {
            if word == "allowed-ip" {
                allowed.extend(words.next().and_then(|prefix| prefix.parse::<IpNet>().ok()));
            }
        }
        allowed.sort();
        Fact::Peer(self.interface.clone(), self.key, allowed)
    }

    pub(super) fn evidence(&self) -> Evidence {
        Evidence::listed(PEERS, &[&format!("key:{}", self.key)])
    }
}

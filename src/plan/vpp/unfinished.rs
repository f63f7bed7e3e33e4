//! Lines of a commands file that VPP does not take as they are: what is missing is found out when they are sent. Pure.

use super::{Command, interface_numbers};
use crate::types::WireguardKey;
use std::net::IpAddr;

/// What shows the peers of WireGuard; their private keys are no part of it.
pub const PEERS: &str = "show wireguard peer";

/// A command that lacks something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfinished<'c> {
    /// A tunnel of WireGuard: its private key. VPP is told of it by a message of its own, so that the key is in no line.
    Wireguard(WireguardTunnel<'c>),
    /// A word that VPP takes a number for.
    Number {
        /// The words before it.
        before: &'c str,
        /// The word.
        of: Numbered<'c>,
        /// The words behind it.
        after: &'c str,
    },
}

/// A tunnel of WireGuard that is to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WireguardTunnel<'c> {
    /// The number in its name.
    pub instance: u32,
    /// An address of this router.
    pub source: IpAddr,
    /// The port peers send to.
    pub port: u16,
    /// The file with its private key, below the configuration folder.
    pub key_file: &'c str,
    /// The public key of that one.
    pub public_key: WireguardKey,
}

/// What has a number in VPP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbered<'c> {
    /// The interface of a name.
    Interface(&'c str),
    /// The peer of WireGuard with a key.
    Peer(WireguardKey),
}

impl Command {
    /// What it lacks, if it lacks something.
    pub fn unfinished(&self) -> Option<Unfinished<'_>> {
        let text = self.text.as_str();
        match text.split_whitespace().collect::<Vec<_>>()[..] {
            [
                "create",
                "wireguard",
                "tunnel",
                "src",
                source,
                "port",
                port,
                "private-key-file",
                key_file,
                "public-key",
                key,
                "instance",
                instance,
            ] => Some(Unfinished::Wireguard(WireguardTunnel {
                instance: instance.parse().ok()?,
                source: source.parse().ok()?,
                port: port.parse().ok()?,
                key_file,
                public_key: key.parse().ok()?,
            })),
            ["wireguard", "peer", "remove", key] => {
                let of = Numbered::Peer(key.parse().ok()?);
                Some(Unfinished::Number {
                    before: text.strip_suffix(key)?,
                    of,
                    after: "",
                })
            }
            ["vrrp", "vr", "track-if", .., "track-index", name, "priority", _] => {
                let (before, rest) = text.split_once(" track-index ")?;
                let before = text.get(..before.len() + " track-index ".len())?;
                // One that is a number already is the operator's.
                name.parse::<u32>().is_err().then_some(Unfinished::Number {
                    before,
                    of: Numbered::Interface(name),
                    after: rest.strip_prefix(name)?,
                })
            }
            _ => None,
        }
    }
}

impl Numbered<'_> {
    /// What to ask VPP for the number.
    pub fn question(self) -> &'static str {
        match self {
            Self::Interface(_) => "show interface",
            Self::Peer(_) => PEERS,
        }
    }

    /// The number, in VPP's answer.
    pub fn number(self, answer: &str) -> Option<u32> {
        match self {
            Self::Interface(name) => interface_numbers(answer).remove(name),
            Self::Peer(key) => peers(answer)
                .into_iter()
                .find(|it| it.key == key)
                .map(|it| it.number),
        }
    }
}

/// A peer of WireGuard, as VPP shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Peer {
    number: u32,
    pub(super) interface: String,
    pub(super) key: WireguardKey,
    pub(super) allowed: Vec<ipnet::IpNet>,
}

/// `[0] endpoint:[192.0.2.1:51820->198.51.100.77:51820] t1 keep-alive:0 flags: 2, api-clients count: 0`, and below it
/// `  key:BASE64 HEX` and `  allowed-ips: 10.9.0.2/32 10.20.0.0/16`.
pub(super) fn peers(answer: &str) -> Vec<Peer> {
    let mut found = Vec::new();
    let mut head = None;
    for line in answer.lines() {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            [number, endpoint, interface, ..] if endpoint.starts_with("endpoint:") => {
                let number = number.trim_matches(['[', ']']).parse().ok();
                head = number.map(|number: u32| (number, interface.to_owned()));
            }
            [key, ..] if key.starts_with("key:") => {
                let key = key.strip_prefix("key:").and_then(|key| key.parse().ok());
                let peer = head.take().zip(key).map(|((number, interface), key)| Peer {
                    number,
                    interface,
                    key,
                    allowed: Vec::new(),
                });
                found.extend(peer);
            }
            ["allowed-ips:", ref prefixes @ ..] => {
                if let Some(peer) = found.last_mut() {
                    let mut allowed: Vec<ipnet::IpNet> =
                        prefixes.iter().filter_map(|it| it.parse().ok()).collect();
                    allowed.sort();
                    peer.allowed = allowed;
                }
            }
            _ => {}
        }
    }
    found
}

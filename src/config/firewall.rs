//! `[firewall]`: inbound rules of the host namespace.

use super::At;
use crate::types::Prefix;

/// `[firewall]`.
#[derive(Debug)]
pub struct Firewall {
    /// `allow`, in order.
    pub allow: Vec<Allow>,
}

/// One entry of `allow`.
#[derive(Debug)]
pub struct Allow {
    /// Where it was written.
    pub at: At,
    /// What it lets in.
    pub service: Service,
    /// From where; empty means from anywhere.
    pub from: Vec<Prefix>,
}

/// What an `allow` lets in: `service = "ssh"` (tcp 22) or `port` and `protocol`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// The transport.
    pub protocol: Protocol,
    /// The destination port, 1 to 65535.
    pub port: u16,
}

/// A transport protocol, by its IANA number where one is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// 6
    Tcp,
    /// 17
    Udp,
}

//! Packets to this router, and whether an ACL lets them in.

use super::acl::ICMP6;
use crate::config::links::acl::{ALL_PORTS, Acl, AclAction};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// TCP's number.
pub(super) const TCP: u8 = 6;
/// UDP's number.
pub(super) const UDP: u8 = 17;
/// OSPF's number.
pub(super) const OSPF: u8 = 89;
/// VRRP's number.
pub(super) const VRRP: u8 = 112;

/// A packet to this router.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packet {
    source: IpAddr,
    destination: IpAddr,
    protocol: u8,
    from_port: u16,
    to_port: u16,
}

impl Packet {
    /// One of a protocol without ports.
    pub(super) fn new(protocol: u8, source: IpAddr, destination: IpAddr) -> Self {
        Self {
            source,
            destination,
            protocol,
            from_port: 0,
            to_port: 0,
        }
    }

    /// The same with ports.
    pub(super) fn ports(self, from_port: u16, to_port: u16) -> Self {
        Self {
            from_port,
            to_port,
            ..self
        }
    }

    /// The answer of a neighbour that was asked for its hardware address.
    pub(super) fn discovered(source: IpAddr, destination: IpAddr) -> Self {
        Self::new(ICMP6, source, destination).ports(136, 0)
    }

    /// The two that may begin a session of BGP: that of the other side, and its answer to this router's.
    pub(super) fn session(source: IpAddr, destination: IpAddr) -> [Self; 2] {
        let tcp = Self::new(TCP, source, destination);
        [tcp.ports(179, SOME_PORT), tcp.ports(SOME_PORT, 179)]
    }

    /// Whether it is of IPv4.
    pub(super) fn is_v4(self) -> bool {
        self.destination.is_ipv4()
    }

    /// Whether the ACL lets it in; flags of TCP are not looked at, as a session has some with and some without each.
    pub(super) fn is_let_in(self, acl: &Acl) -> bool {
        let within = |ports: (u16, u16), port: u16| ports == ALL_PORTS || (ports.0..=ports.1).contains(&port);
        let matches = acl.rules.iter().find(|rule| {
            rule.source.contains(&self.source)
                && rule.destination.contains(&self.destination)
                && (rule.protocol == 0 || rule.protocol == self.protocol)
                && within(rule.from_ports, self.from_port)
                && within(rule.to_ports, self.to_port)
                && (rule.tcp_flags.is_none() || rule.action != AclAction::Deny)
        });
        matches.is_some_and(|rule| rule.action != AclAction::Deny)
    }
}

/// A port that nobody has to be at.
pub(super) const SOME_PORT: u16 = 50_000;

/// An address of a link.
pub(super) fn link_local(last: u16) -> IpAddr {
    Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, last).into()
}

/// Another address near this one.
pub(super) fn beside(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => Ipv4Addr::from_bits(v4.to_bits() ^ 1).into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() ^ 1).into(),
    }
}

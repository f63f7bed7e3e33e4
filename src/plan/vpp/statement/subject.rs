//! What a statement is about, as a person names it.

use super::{Family, Subject};
use std::fmt;

/// As a person names it: `198.51.100.2/30 on 'external.25'`.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interface(name) => write!(f, "interface '{name}'"),
            Self::Socket(id) => write!(f, "memif socket {id}"),
            Self::Pair(name) => write!(f, "the Linux side of '{name}'"),
            Self::Mtu(name) => write!(f, "the MTU of '{name}'"),
            Self::Ipv6(name) => write!(f, "IPv6 on '{name}'"),
            Self::Silent(name) => write!(f, "the end of IPv6 on '{name}'"),
            Self::Promiscuous(name) => write!(f, "promiscuous mode of '{name}'"),
            Self::Mac(name) => write!(f, "the hardware address of '{name}'"),
            Self::RxMode(name) => write!(f, "the rx-mode of '{name}'"),
            Self::Up(name) => write!(f, "'{name}' up"),
            Self::Address(name, address) => write!(f, "{address} on '{name}'"),
            Self::Advertisements(name) => write!(f, "the router advertisements of '{name}'"),
            Self::Prefix(name, prefix) => write!(f, "{prefix} advertised on '{name}'"),
            Self::Route(0, prefix, hop) => write!(f, "the route {prefix} via {hop}"),
            Self::Route(table, prefix, hop) => write!(f, "the route {prefix} via {hop} in table {table}"),
            Self::Acl(tag) => write!(f, "acl '{tag}'"),
            Self::Policy(id) => write!(f, "abf policy {id}"),
            Self::Attachment(id, name) => write!(f, "abf policy {id} on '{name}'"),
            Self::Nat(it) => it.fmt(f),
            Self::Timeouts(of) => write!(f, "the timeouts of {of}"),
            Self::Filter(it) => it.fmt(f),
            Self::Exporter => f.write_str("the IPFIX exporter"),
            Self::Member(name) => write!(f, "the bond of '{name}'"),
            Self::BridgeDomain(id) => write!(f, "bridge domain {id}"),
            Self::Switched(name) => write!(f, "the bridge of '{name}'"),
            Self::Tags(name) => write!(f, "the tags of '{name}'"),
            Self::Mirror(name) => write!(f, "the copies of '{name}'"),
            Self::Policer(name) => write!(f, "policer '{name}'"),
            Self::Policed(side, name) => write!(f, "the {side} policer of '{name}'"),
            Self::Vrrp(router) => write!(f, "virtual router {} on '{}'", router.id, router.interface),
            Self::VrrpRuns(router) => {
                write!(
                    f,
                    "virtual router {} on '{}' running",
                    router.id, router.interface
                )
            }
            Self::VrrpTracks(router, name) => write!(
                f,
                "'{name}' tracked by virtual router {} on '{}'",
                router.id, router.interface
            ),
            Self::Neighbour(name, address) => write!(f, "the neighbour {address} on '{name}'"),
            Self::Urpf(Family::V4, name) => write!(f, "uRPF of IPv4 on '{name}'"),
            Self::Urpf(Family::V6, name) => write!(f, "uRPF of IPv6 on '{name}'"),
            Self::Mss(name) => write!(f, "the segments through '{name}'"),
            Self::Relay(_, 0, server) => write!(f, "the relay to {server}"),
            Self::Relay(_, table, server) => write!(f, "the relay to {server} in table {table}"),
            Self::Multicast(it) => write!(f, "the multicast {it}"),
            Self::Table(Family::V4, id) => write!(f, "IPv4 table {id}"),
            Self::Table(Family::V6, id) => write!(f, "IPv6 table {id}"),
            Self::TableOf(Family::V4, name) => write!(f, "the IPv4 table of '{name}'"),
            Self::TableOf(Family::V6, name) => write!(f, "the IPv6 table of '{name}'"),
            Self::Export(it) => it.fmt(f),
            Self::Peer(key) => write!(f, "the WireGuard peer {key}"),
            Self::Line(text) => write!(f, "'{text}'"),
        }
    }
}

//! A statement about a running VPP, in a form that a command implies and a `show` confirms.

use super::policing::{FEATURES, POLICERS};
use super::routers::ROUTERS;
use super::statement::{Family, Multicast};
use super::{PEERS, Rule};
use crate::types::wireguard::{LISTS_TUNNELS, WireguardKey};
use ipnet::{IpNet, Ipv4Net};
use std::fmt;
use std::net::IpAddr;

/// A next hop on an interface.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Path {
    /// The gateway.
    pub gateway: IpAddr,
    /// The interface it is reached through.
    pub interface: String,
}

impl Path {
    /// Parses a gateway and an interface; `None` if the first is not an address.
    pub fn parse(gateway: &str, interface: &str) -> Option<Self> {
        Some(Self {
            gateway: gateway.parse().ok()?,
            interface: interface.to_owned(),
        })
    }
}

/// An IPv4 prefix as VPP stores it, with the host bits cleared.
pub(super) fn network(word: &str) -> Option<Ipv4Net> {
    word.parse::<Ipv4Net>().ok().map(|net| net.trunc())
}

/// Something VPP has configured. Two facts are about the same object if their [`Fact::subject`] is equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Fact {
    /// The interface is administratively up.
    Up(String),
    /// The interface has the address.
    Address(String, IpNet),
    /// The interface speaks IPv6.
    Ipv6(String),
    /// The interface carries packets of so many bytes.
    Mtu(String, u32),
    /// The interface has a Linux side of that name.
    Pair(String, String),
    /// The interface sends router advertisements with this prefix.
    Prefix(String, IpNet),
    /// The interface sends them at this longest and this shortest interval, in seconds.
    Interval(String, u32, u32),
    /// Its router holds for so many seconds.
    Lifetime(String, u32),
    /// A neighbour on the interface has this hardware address, and does not age.
    Neighbour(String, IpAddr, String),
    /// The side of the interface is held against the ACL.
    Filter(String, String, u32),
    /// The same of the interface with this index: VPP names none there.
    FilterOf(u32, String, u32),
    /// The index of an interface.
    Index(String, u32),
    /// The ACL of this index has the tag and the rules.
    Acl(u32, String, Vec<Rule>),
    /// The ABF policy uses the ACL.
    Policy(u32, u32),
    /// The ABF policy forwards there.
    PolicyPath(u32, Path),
    /// The interface uses the policy with this priority.
    Attachment(String, u32, u32),
    /// The table has a route for exactly this prefix.
    Route(u32, IpNet),
    /// That route has the path.
    RoutePath(u32, IpNet, Path),
    /// The tunnel of WireGuard has the private key that belongs to this one.
    Key(String, WireguardKey),
    /// The same of the interface with this index: VPP names none there.
    KeyOf(u32, WireguardKey),
    /// The tunnel of WireGuard has a peer of this key, which may send from there.
    Peer(String, WireguardKey, Vec<IpNet>),
    /// The virtual router of an interface, of this number, of IPv6 or not, is set so.
    Router(String, u32, bool, String),
    /// The same of the interface with this index.
    RouterOf(u32, u32, bool, String),
    /// Its priority falls by so much while another interface is down.
    Tracks(String, u32, bool, String, u32),
    /// The same, of the interfaces with these indexes.
    TracksOf(u32, u32, bool, u32, u32),
    /// The policer is set so.
    Policer(String, String),
    /// The side of the interface has a policer.
    Policed(String, String),
    /// The interface checks where packets of this protocol come from, in this mode.
    Urpf(String, Family, String),
    /// Half of what becomes of multicast is so.
    Multicast(Multicast),
    /// det44 maps the inside prefix to the outside one.
    Map(Ipv4Net, Ipv4Net),
}

impl Fact {
    /// The `show` command whose answer confirms it.
    pub fn question(&self) -> String {
        match self {
            Self::Up(_) | Self::Address(..) => "show interface address".to_owned(),
            Self::Mtu(..) | Self::Index(..) => "show interface".to_owned(),
            Self::Filter(..) | Self::FilterOf(..) => "show acl-plugin interface".to_owned(),
            Self::Pair(..) => "show lcp".to_owned(),
            Self::Ipv6(interface)
            | Self::Prefix(interface, _)
            | Self::Interval(interface, ..)
            | Self::Lifetime(interface, _) => {
                format!("show ip6 interface {interface}")
            }
            Self::Neighbour(..) => "show ip neighbors".to_owned(),
            Self::Acl(..) => "show acl-plugin acl".to_owned(),
            Self::Policy(..) | Self::PolicyPath(..) => "show abf policy".to_owned(),
            Self::Attachment(interface, ..) => format!("show abf attach {interface}"),
            Self::Route(table, prefix) | Self::RoutePath(table, prefix, _) => {
                let family = Family::of(*prefix).word();
                match table {
                    0 => format!("show {family} fib {prefix}"),
                    table => format!("show {family} fib table {table} {prefix}"),
                }
            }
            Self::Key(..) | Self::KeyOf(..) => LISTS_TUNNELS.to_owned(),
            Self::Peer(..) => PEERS.to_owned(),
            Self::Router(..) | Self::RouterOf(..) | Self::Tracks(..) | Self::TracksOf(..) => {
                ROUTERS.to_owned()
            }
            Self::Policer(..) => POLICERS.to_owned(),
            Self::Policed(interface, _) | Self::Urpf(interface, ..) => format!("{FEATURES} {interface}"),
            Self::Multicast(it) => it.question(),
            Self::Map(..) => "show det44 mappings".to_owned(),
        }
    }

    /// All that has to be asked: VPP tells of some things by the numbers of interfaces, and of those elsewhere.
    pub fn questions(&self) -> Vec<String> {
        let by_number = matches!(
            self,
            Self::Filter(..) | Self::Key(..) | Self::Router(..) | Self::Tracks(..)
        );
        let names = by_number.then(|| "show interface".to_owned());
        std::iter::once(self.question()).chain(names).collect()
    }

    /// The object it is about.
    pub fn subject(&self) -> String {
        match self {
            Self::Up(interface) | Self::Address(interface, _) => format!("interface {interface}"),
            Self::Ipv6(interface) => format!("ipv6 on {interface}"),
            Self::Mtu(interface, _) => format!("mtu of {interface}"),
            Self::Index(interface, _) => format!("index of {interface}"),
            Self::Filter(interface, side, _) => format!("{side} acl of {interface}"),
            Self::FilterOf(index, side, _) => format!("{side} acl of interface {index}"),
            Self::Pair(interface, _) => format!("pair {interface}"),
            Self::Prefix(interface, _) | Self::Interval(interface, ..) | Self::Lifetime(interface, _) => {
                format!("advertisements of {interface}")
            }
            Self::Neighbour(interface, address, _) => format!("neighbour {address} on {interface}"),
            Self::Acl(index, ..) => format!("acl {index}"),
            Self::Policy(id, _) | Self::PolicyPath(id, _) => format!("abf policy {id}"),
            Self::Attachment(interface, policy, _) => format!("abf policy {policy} on {interface}"),
            Self::Route(table, prefix) | Self::RoutePath(table, prefix, _) => {
                format!("route {table} {prefix}")
            }
            Self::Key(interface, _) => format!("key of {interface}"),
            Self::KeyOf(index, _) => format!("key of interface {index}"),
            Self::Peer(_, key, _) => format!("wireguard peer {key}"),
            Self::Router(interface, id, is_v6, _) => format!("router {id} {is_v6} of {interface}"),
            Self::RouterOf(index, id, is_v6, _) => format!("router {id} {is_v6} of interface {index}"),
            Self::Tracks(interface, id, is_v6, of, _) => {
                format!("router {id} {is_v6} of {interface} tracks {of}")
            }
            Self::TracksOf(index, id, is_v6, of, _) => format!("router {id} {is_v6} of {index} tracks {of}"),
            Self::Policer(name, _) => format!("policer {name}"),
            Self::Policed(interface, side) => format!("{side} policer of {interface}"),
            Self::Urpf(interface, family, _) => format!("urpf {} of {interface}", family.word()),
            Self::Multicast(it) => format!("multicast {it}"),
            Self::Map(inside, _) => format!("det44 {inside}"),
        }
    }

    /// The interface it depends on: removed and renamed together with it.
    pub(super) fn interface_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Up(interface)
            | Self::Address(interface, _)
            | Self::Ipv6(interface)
            | Self::Mtu(interface, _)
            | Self::Pair(interface, _)
            | Self::Prefix(interface, _)
            | Self::Interval(interface, ..)
            | Self::Lifetime(interface, _)
            | Self::Filter(interface, ..)
            | Self::Index(interface, _)
            | Self::Neighbour(interface, ..)
            | Self::Key(interface, _)
            | Self::Peer(interface, ..)
            | Self::Router(interface, ..)
            | Self::Tracks(interface, ..)
            | Self::Policed(interface, _)
            | Self::Urpf(interface, ..)
            | Self::Attachment(interface, ..) => Some(interface),
            Self::PolicyPath(_, path) | Self::RoutePath(_, _, path) => Some(&mut path.interface),
            Self::FilterOf(..)
            | Self::RouterOf(..)
            | Self::TracksOf(..)
            | Self::KeyOf(..)
            | Self::Acl(..)
            | Self::Policy(..)
            | Self::Route(..)
            | Self::Policer(..)
            | Self::Multicast(_)
            | Self::Map(..) => None,
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.gateway, self.interface)
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Up(interface) => write!(f, "'{interface}' up"),
            Self::Ipv6(interface) => write!(f, "IPv6 on '{interface}'"),
            Self::Address(interface, address) => write!(f, "{address} on '{interface}'"),
            Self::Mtu(interface, mtu) => write!(f, "an MTU of {mtu} on '{interface}'"),
            Self::Pair(interface, host) => write!(f, "'{interface}' paired with '{host}'"),
            Self::Prefix(interface, prefix) => write!(f, "{prefix} advertised on '{interface}'"),
            Self::Interval(interface, longest, shortest) => {
                write!(
                    f,
                    "advertisements on '{interface}' every {shortest} to {longest} s"
                )
            }
            Self::Filter(interface, side, acl) => write!(f, "acl {acl} on the {side} of '{interface}'"),
            Self::FilterOf(index, side, acl) => write!(f, "acl {acl} on the {side} of interface {index}"),
            Self::Index(interface, index) => write!(f, "'{interface}' as interface {index}"),
            Self::Lifetime(interface, seconds) => {
                write!(f, "a router's lifetime of {seconds} s on '{interface}'")
            }
            Self::Neighbour(interface, address, mac) => {
                write!(f, "the neighbour {address} at {mac} on '{interface}'")
            }
            Self::Acl(index, tag, rules) => {
                write!(f, "acl {index} '{tag}':")?;
                let mut separator = " ";
                for rule in rules {
                    write!(f, "{separator}{rule}")?;
                    separator = ", ";
                }
                Ok(())
            }
            Self::Policy(id, acl) => write!(f, "abf policy {id} with acl {acl}"),
            Self::PolicyPath(id, path) => write!(f, "abf policy {id} via {path}"),
            Self::Attachment(interface, policy, priority) => {
                write!(f, "abf policy {policy} on '{interface}' with priority {priority}")
            }
            Self::Route(table, prefix) => write!(f, "a route for {prefix} in table {table}"),
            Self::RoutePath(table, prefix, path) => write!(f, "{prefix} via {path} in table {table}"),
            Self::Key(interface, key) => write!(f, "the key of {key} on '{interface}'"),
            Self::KeyOf(index, key) => write!(f, "the key of {key} on interface {index}"),
            Self::Router(interface, id, _, words) => {
                write!(f, "virtual router {id} on '{interface}' with {words}")
            }
            Self::RouterOf(index, id, _, words) => {
                write!(f, "virtual router {id} on interface {index} with {words}")
            }
            Self::Tracks(interface, id, _, of, by) => {
                write!(f, "virtual router {id} on '{interface}' tracking '{of}' by {by}")
            }
            Self::TracksOf(index, id, _, of, by) => {
                write!(
                    f,
                    "virtual router {id} on interface {index} tracking interface {of} by {by}"
                )
            }
            Self::Peer(interface, key, allowed) => {
                write!(f, "the WireGuard peer {key} on '{interface}' with")?;
                allowed.iter().try_for_each(|prefix| write!(f, " {prefix}"))
            }
            Self::Policer(name, words) => write!(f, "a policer '{name}' of {words}"),
            Self::Policed(interface, side) => write!(f, "a policer on the {side} of '{interface}'"),
            Self::Urpf(interface, family, mode) => {
                write!(f, "{mode} uRPF of {} on '{interface}'", family.protocol())
            }
            Self::Multicast(it) => write!(f, "the multicast {it}"),
            Self::Map(inside, outside) => write!(f, "det44 {inside} to {outside}"),
        }
    }
}

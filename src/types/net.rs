//! Addresses, prefixes, tags and sizes of the network layer.

use super::{HostName, TypeError, number, serde_as_text};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

/// An interface's address with its prefix length, host bits included. Never unspecified or multicast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IfAddr(IpNet);

impl IfAddr {
    /// An address with its prefix length; an error for an unspecified or multicast one.
    pub fn new(net: IpNet) -> Result<Self, TypeError> {
        if net.addr().is_unspecified() || net.addr().is_multicast() {
            return Err(TypeError::expected(
                "an address with its prefix length, like 192.0.2.1/24 or 2001:db8::1/64",
            ));
        }
        Ok(Self(net))
    }

    /// The address itself.
    pub fn addr(self) -> IpAddr {
        self.0.addr()
    }

    /// An IPv4 address with its prefix length; `None` when it is unspecified or multicast.
    pub fn from_v4(net: Ipv4Net) -> Option<Self> {
        let addr = net.addr();
        (!addr.is_unspecified() && !addr.is_multicast()).then_some(Self(net.into()))
    }

    /// The connected subnet.
    pub fn subnet(self) -> Prefix {
        Prefix(self.0.trunc())
    }

    /// The address with its length, host bits kept.
    pub fn net(self) -> IpNet {
        self.0
    }

    /// Whether it is an IPv4 address.
    pub fn is_v4(self) -> bool {
        self.0.addr().is_ipv4()
    }
}

impl FromStr for IfAddr {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let net = text.parse().map_err(|_| {
            TypeError::expected("an address with its prefix length, like 192.0.2.1/24 or 2001:db8::1/64")
        })?;
        Self::new(net)
    }
}

/// A network without host bits. The error for `10.0.0.1/8` names `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix(IpNet);

impl Prefix {
    /// The network, with its host bits cleared.
    pub fn truncating(net: IpNet) -> Self {
        Self(net.trunc())
    }

    /// The network.
    pub fn net(self) -> IpNet {
        self.0
    }

    /// The IPv4 network, if it is one.
    pub fn v4(self) -> Option<Ipv4Net> {
        match self.0 {
            IpNet::V4(net) => Some(net),
            IpNet::V6(_) => None,
        }
    }

    /// The IPv6 network, if it is one.
    pub fn v6(self) -> Option<Ipv6Net> {
        match self.0 {
            IpNet::V4(_) => None,
            IpNet::V6(net) => Some(net),
        }
    }

    /// Whether it is one address.
    pub fn is_host(self) -> bool {
        self.0.prefix_len() == self.0.max_prefix_len()
    }

    /// Whether every address of `other` is in this network.
    pub fn contains(self, other: Prefix) -> bool {
        self.0.contains(&other.0)
    }

    /// Whether the address is in this network.
    pub fn holds(self, addr: IpAddr) -> bool {
        self.0.contains(&addr)
    }
}

impl FromStr for Prefix {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let net: IpNet = text
            .parse()
            .map_err(|_| TypeError::expected("a prefix, like 192.0.2.0/24 or 2001:db8::/32"))?;
        if net.trunc() == net {
            Ok(Self(net))
        } else {
            Err(TypeError::expected(format!(
                "a prefix without host bits, like {}",
                net.trunc()
            )))
        }
    }
}

/// The address of one host: not unspecified, multicast, broadcast, loopback or IPv4-mapped IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostAddr(IpAddr);

impl HostAddr {
    /// The address.
    pub fn get(self) -> IpAddr {
        self.0
    }

    /// Whether it is an IPv6 link-local address (`fe80::/10`). `169.254.0.0/16` is an ordinary network to FRR and VPP.
    pub fn is_link_local(self) -> bool {
        matches!(self.0, IpAddr::V6(addr) if addr.is_unicast_link_local())
    }
}

impl FromStr for HostAddr {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let wrong = || TypeError::expected("a host address, like 192.0.2.1 or 2001:db8::1");
        let too_much = |_| match text.split_once('/') {
            Some((addr, _)) if addr.parse::<IpAddr>().is_ok() => {
                TypeError::expected(format!("the address without a prefix length: {addr}"))
            }
            _ => wrong(),
        };
        let addr: IpAddr = text.parse().map_err(too_much)?;
        let special = match addr {
            IpAddr::V4(v4) => v4.is_broadcast(),
            IpAddr::V6(v6) => v6.to_ipv4_mapped().is_some(),
        };
        if special || addr.is_unspecified() || addr.is_multicast() || addr.is_loopback() {
            return Err(wrong());
        }
        Ok(Self(addr))
    }
}

/// A server as its clients name it: by its address, or by a name that they look up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Server {
    /// Its address.
    Address(HostAddr),
    /// Its name.
    Name(HostName),
}

impl FromStr for Server {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let wrong = || {
            TypeError::expected("the address or the name of a server, like 192.0.2.123 or ntp.example.net")
        };
        // A mistyped address must not become a name that nobody has.
        let looks_like_address = text.contains(':') || text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        match looks_like_address {
            true => text.parse().map(Self::Address).map_err(|_| wrong()),
            false => text.parse().map(Self::Name).map_err(|_| wrong()),
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

/// A range of IPv4 addresses, both ends included, first not above last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AddrRange4 {
    first: Ipv4Addr,
    last: Ipv4Addr,
}

impl AddrRange4 {
    /// The first address.
    pub fn first(self) -> Ipv4Addr {
        self.first
    }

    /// The last address, included.
    pub fn last(self) -> Ipv4Addr {
        self.last
    }

    /// How many addresses it has.
    pub fn count(self) -> u64 {
        u64::from(self.last.to_bits() - self.first.to_bits()) + 1
    }

    /// Whether the address is in the range.
    pub fn holds(self, addr: Ipv4Addr) -> bool {
        (self.first..=self.last).contains(&addr)
    }
}

/// Every address of a prefix, its first and its last one too.
impl From<Ipv4Net> for AddrRange4 {
    fn from(net: Ipv4Net) -> Self {
        Self {
            first: net.network(),
            last: net.broadcast(),
        }
    }
}

/// One address alone.
impl From<Ipv4Addr> for AddrRange4 {
    fn from(address: Ipv4Addr) -> Self {
        Self {
            first: address,
            last: address,
        }
    }
}

impl FromStr for AddrRange4 {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let wrong = || TypeError::expected("an address range FIRST-LAST, like 192.0.2.10-192.0.2.99");
        let (first, last) = text.split_once('-').ok_or_else(wrong)?;
        let first: Ipv4Addr = first.trim().parse().map_err(|_| wrong())?;
        let last: Ipv4Addr = last.trim().parse().map_err(|_| wrong())?;
        if first <= last {
            Ok(Self { first, last })
        } else {
            Err(wrong())
        }
    }
}

impl fmt::Display for AddrRange4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

/// A VLAN tag, 1 to 4094 (IEEE 802.1Q). VPP does not check: it accepts 0, 4095 and 5000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VlanId(u16);

impl VlanId {
    /// The tag as a number.
    pub fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<i64> for VlanId {
    type Error = TypeError;
    fn try_from(number: i64) -> Result<Self, TypeError> {
        match u16::try_from(number) {
            Ok(tag @ 1..=4094) => Ok(Self(tag)),
            _ => Err(TypeError::expected("a VLAN tag from 1 to 4094")),
        }
    }
}

impl FromStr for VlanId {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        Self::try_from(number::<i64>(text).unwrap_or(0))
    }
}

/// The number of a virtual router of VRRP on its link: 1 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VirtualRouterId(u8);

impl VirtualRouterId {
    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl FromStr for VirtualRouterId {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        let fits = number::<u8>(text).filter(|number| *number > 0);
        fits.map(Self)
            .ok_or_else(|| TypeError::expected("the number of a virtual router, from 1 to 255"))
    }
}

/// The largest packet of the network layer that an interface carries, in bytes: 68 (RFC 791) to 65535.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mtu(u16);

impl Mtu {
    /// The smallest MTU an interface with IPv6 may have (RFC 8200, section 5).
    pub const IPV6_MINIMUM: u16 = 1280;

    /// The size in bytes.
    pub fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<i64> for Mtu {
    type Error = TypeError;
    fn try_from(number: i64) -> Result<Self, TypeError> {
        match u16::try_from(number) {
            Ok(bytes @ 68..) => Ok(Self(bytes)),
            _ => Err(TypeError::expected("an MTU from 68 to 65535 bytes")),
        }
    }
}

impl FromStr for Mtu {
    type Err = TypeError;
    fn from_str(text: &str) -> Result<Self, TypeError> {
        Self::try_from(number::<i64>(text).unwrap_or(0))
    }
}

macro_rules! display_inner {
    ($($name:ty),+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}
display_inner!(IfAddr, Prefix, HostAddr, VirtualRouterId, VlanId, Mtu);
serde_as_text!(IfAddr, Prefix, Server, AddrRange4, VlanId, Mtu);

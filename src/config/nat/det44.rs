//! Which ports of which outside address a subscriber of det44 has: arithmetic, so the configuration alone says it.

use super::NatMapping;
use std::net::Ipv4Addr;

/// The ports an outside address has for its subscribers: the well-known ones are never given out.
pub(in crate::config) const PORTS: u32 = 64_512;
/// The first of them.
const FIRST_PORT: u16 = 1024;

/// A subscriber and the ports that are his alone, for TCP and UDP; of ICMP, the identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The inside address.
    pub inside: Ipv4Addr,
    /// The outside address.
    pub outside: Ipv4Addr,
    /// The first of his ports.
    pub first_port: u16,
    /// The last of them.
    pub last_port: u16,
}

impl NatMapping {
    /// How many subscribers share an outside address: 1 to 32,768.
    pub fn subscribers_per_address(&self) -> u32 {
        let bits = self.outside.prefix_len().saturating_sub(self.inside.prefix_len());
        1 << bits.min(15)
    }

    /// How many ports each of them has: 1 to 64,512. What remains of a division is given to nobody.
    pub fn ports_per_subscriber(&self) -> u16 {
        u16::try_from(PORTS / self.subscribers_per_address()).unwrap_or(1)
    }

    /// The ports of a subscriber; `None` for an address that is not inside.
    pub fn share_of(&self, inside: Ipv4Addr) -> Option<Share> {
        let offset = offset(self.inside, inside)?;
        let sharing = self.subscribers_per_address();
        Some(self.share(offset / sharing, offset % sharing))
    }

    /// The subscriber who has a port of an outside address; `None` where nobody has it.
    pub fn share_at(&self, outside: Ipv4Addr, port: u16) -> Option<Share> {
        let address = offset(self.outside, outside)?;
        let index = u32::from(port.checked_sub(FIRST_PORT)? / self.ports_per_subscriber());
        (index < self.subscribers_per_address()).then(|| self.share(address, index))
    }

    /// The first and the last subscriber who share an outside address; `None` for one that is not outside.
    pub fn sharing(&self, outside: Ipv4Addr) -> Option<(Share, Share)> {
        let address = offset(self.outside, outside)?;
        let last = self.subscribers_per_address() - 1;
        Some((self.share(address, 0), self.share(address, last)))
    }

    /// The subscriber who is the so manyth of an outside address, itself the so manyth of the outside prefix.
    fn share(&self, address: u32, index: u32) -> Share {
        let ports = self.ports_per_subscriber();
        let inside = address * self.subscribers_per_address() + index;
        // At most 64,512 ports are divided, so the product fits.
        let first_port = FIRST_PORT + u16::try_from(index).unwrap_or(u16::MAX) * ports;
        Share {
            inside: Ipv4Addr::from_bits(self.inside.network().to_bits() + inside),
            outside: Ipv4Addr::from_bits(self.outside.network().to_bits() + address),
            first_port,
            last_port: first_port + (ports - 1),
        }
    }
}

fn offset(net: ipnet::Ipv4Net, address: Ipv4Addr) -> Option<u32> {
    net.contains(&address)
        .then(|| address.to_bits() - net.network().to_bits())
}

//! The addresses of network devices: getifaddrs(3), in the namespace of the caller.

use nix::ifaddrs::getifaddrs;
use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;

/// The IPv4 and IPv6 addresses of each device; a device without one has an empty list.
pub fn by_device() -> io::Result<BTreeMap<String, Vec<IpAddr>>> {
    let mut addresses: BTreeMap<String, Vec<IpAddr>> = BTreeMap::new();
    for entry in getifaddrs()? {
        let address = entry.address.as_ref();
        let v4 = address
            .and_then(|it| it.as_sockaddr_in())
            .map(|it| IpAddr::from(it.ip()));
        let v6 = address
            .and_then(|it| it.as_sockaddr_in6())
            .map(|it| IpAddr::from(it.ip()));
        addresses
            .entry(entry.interface_name)
            .or_default()
            .extend(v4.or(v6));
    }
    Ok(addresses)
}

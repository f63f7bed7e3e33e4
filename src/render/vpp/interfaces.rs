//! Loopbacks, NICs, their VLANs and the Incus bridges, as core creates them.

use super::identity::{self, LOOPBACK, hw_addr};
use super::{place, placeholder};
use crate::config::{At, Attach, Link, RouterAdvertisement};
use crate::render::dataplane::{Interface, Vlan};
use crate::render::{Bindings, Dataplane, NicBinding};
use crate::types::{IfAddr, IfName, LinkName, MacAddr, Mtu};
use serde::Serialize;

/// An interface and the contents of its block of commands, in the order of the block.
#[derive(Debug, Serialize)]
pub(super) struct L3 {
    place: String,
    name: String,
    make: Make,
    promiscuous: bool,
    up: bool,
    /// Whether it speaks IPv6 without an address of it.
    ipv6: bool,
    mtu: Option<u16>,
    addresses: Vec<IfAddr>,
    ra: Option<Ra>,
}

/// How the interface is created: exactly one is set, or none for a NIC that DPDK has already named.
#[derive(Debug, Default, Serialize)]
struct Make {
    loopback: Option<Instance>,
    host: Option<HostInterface>,
    vlan: Option<Tag>,
}

#[derive(Debug, Serialize)]
struct Instance {
    number: u32,
    hw_addr: String,
}

#[derive(Debug, Serialize)]
struct HostInterface {
    device: String,
    hw_addr: String,
}

#[derive(Debug, Serialize)]
struct Tag {
    parent: String,
    id: u16,
}

#[derive(Debug, Serialize)]
struct Ra {
    max: u16,
    min: u16,
    /// Each /64: hosts form addresses from no other length (RFC 4862).
    prefixes: Vec<crate::types::Prefix>,
}

/// The MTU of a bridge's port, in bytes; Incus's bridges and containers have it too.
const BRIDGE_MTU: u16 = 1500;

/// Every interface of core that can be created. All parents come before all VLANs: the kernel's answer to the MTU of a
/// parent, some milliseconds later, sets that of its VLANs as well.
pub(super) fn all(dataplane: &Dataplane, bindings: &Bindings) -> Vec<L3> {
    let numbers = identity::loopbacks(dataplane.loopbacks.keys().map(AsRef::as_ref));
    let loopbacks = dataplane.loopbacks.iter().zip(numbers);
    let mut all: Vec<L3> = loopbacks
        .map(|((_, link), number)| loopback(dataplane, number, link))
        .collect();
    let found = || {
        let nics = dataplane.interfaces.iter();
        nics.filter_map(|(name, nic)| Some((name, nic, bindings.nics.get(name)?)))
    };
    all.extend(found().map(|(_, nic, binding)| parent(dataplane, nic, binding)));
    let ports = identity::bridge_ports(dataplane.bridges.keys().map(AsRef::as_ref));
    let bridges = dataplane.bridges.iter().zip(ports);
    all.extend(bridges.map(|((name, it), hw_addr)| bridge(dataplane, hw_addr, name, it)));
    let vlans = found().flat_map(|(_, nic, _)| nic.vlans.iter().map(move |vlan| (nic, vlan)));
    all.extend(vlans.map(|(nic, vlan)| tagged(dataplane, &nic.link.name, vlan)));
    all
}

/// A message for each interface without a NIC, naming what depends on it.
pub(super) fn left_out(dataplane: &Dataplane, bindings: &Bindings) -> Vec<String> {
    let absent = dataplane
        .interfaces
        .iter()
        .filter(|(name, _)| !bindings.nics.contains_key(*name));
    absent.map(|(name, nic)| without(dataplane, name, nic)).collect()
}

fn without(dataplane: &Dataplane, name: &IfName, nic: &Interface) -> String {
    let mut hanging: Vec<String> = nic
        .vlans
        .iter()
        .map(|vlan| format!("'{}'", vlan.link.name))
        .collect();
    for (module, nat) in &dataplane.nats {
        let steers = |from: &&String| belongs(from, name);
        hanging.extend(
            nat.from
                .iter()
                .filter(steers)
                .map(|from| format!("the steering of '{module}' on '{from}'")),
        );
    }
    let with = match hanging.is_empty() {
        true => String::new(),
        false => format!(", and with it {}", hanging.join(", ")),
    };
    format!(
        "{}: interface '{name}' has no NIC: left out{with}",
        dataplane.place(nic.link.at)
    )
}

/// Whether an L3 name is that of the interface or of one of its VLANs.
pub(super) fn belongs(l3: &str, parent: &IfName) -> bool {
    l3.strip_prefix(parent.as_ref())
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// What all kinds have; those that FRR has no part in are up and say no more.
fn bare(dataplane: &Dataplane, at: At, name: impl ToString, addresses: &[IfAddr]) -> L3 {
    L3 {
        place: place(dataplane, at),
        name: name.to_string(),
        make: Make::default(),
        promiscuous: false,
        up: true,
        ipv6: false,
        mtu: None,
        addresses: addresses.to_vec(),
        ra: None,
    }
}

fn of(dataplane: &Dataplane, link: &Link) -> L3 {
    L3 {
        up: link.enabled,
        ipv6: dataplane.speaks_ipv6.contains(&link.name),
        mtu: link.mtu.map(Mtu::get),
        ra: link.ra.map(|ra| advertised(ra, &link.addresses)),
        ..bare(dataplane, link.at, &link.name, &link.addresses)
    }
}

fn loopback(dataplane: &Dataplane, number: u32, link: &Link) -> L3 {
    let make = Make {
        loopback: Some(Instance {
            number,
            hw_addr: hw_addr(LOOPBACK, number),
        }),
        ..Make::default()
    };
    L3 {
        make,
        ..of(dataplane, link)
    }
}

fn parent(dataplane: &Dataplane, nic: &Interface, binding: &NicBinding) -> L3 {
    let host = (binding.attach == Attach::AfPacket).then(|| host_interface(nic, binding));
    L3 {
        make: Make {
            host,
            ..Make::default()
        },
        promiscuous: nic.promiscuous,
        ..of(dataplane, &nic.link)
    }
}

/// A MAC address other than the device's: otherwise both would answer the same frames.
fn host_interface(nic: &Interface, binding: &NicBinding) -> HostInterface {
    let name = &nic.link.name;
    let device = binding.device.as_ref().map(ToString::to_string);
    let hw_addr = nic.hw_addr.or_else(|| binding.mac.map(MacAddr::sibling));
    HostInterface {
        device: device.unwrap_or_else(|| placeholder(name, "device")),
        hw_addr: hw_addr.map_or_else(|| placeholder(name, "hw-addr"), |mac| mac.to_string()),
    }
}

fn tagged(dataplane: &Dataplane, parent: &LinkName, vlan: &Vlan) -> L3 {
    let tag = Tag {
        parent: parent.to_string(),
        id: vlan.tag.get(),
    };
    L3 {
        make: Make {
            vlan: Some(tag),
            ..Make::default()
        },
        ..of(dataplane, &vlan.link)
    }
}

fn bridge(dataplane: &Dataplane, hw_addr: String, name: &IfName, it: &crate::config::Bridge) -> L3 {
    let addresses = it.addresses();
    let host = HostInterface {
        device: format!("{name}-vpp"),
        hw_addr,
    };
    L3 {
        make: Make {
            host: Some(host),
            ..Make::default()
        },
        mtu: Some(BRIDGE_MTU),
        ra: it.ra.map(|ra| advertised(ra, &addresses)),
        ..bare(dataplane, it.at, name, &addresses)
    }
}

fn advertised(ra: RouterAdvertisement, addresses: &[IfAddr]) -> Ra {
    let subnets = addresses.iter().map(|address| address.subnet());
    Ra {
        max: ra.max_interval,
        min: ra.min_interval,
        prefixes: subnets
            .filter(|subnet| subnet.v6().is_some_and(|net| net.prefix_len() == 64))
            .collect(),
    }
}

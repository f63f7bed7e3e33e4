//! Loopbacks, NICs, their VLANs and the Incus bridges, as core creates them.

mod bond;
mod tunnel;

use self::bond::{Bonding, Joining};
use self::tunnel::Tunnelled;
pub(super) use self::tunnel::to_peers;
use super::advertise::{Ra, advertised};
use super::identity::{self, LOOPBACK, hw_addr};
use super::{place, placeholder};
use crate::config::{At, Attach, Carrier, Link, Nic, RxMode, TagType};
use crate::render::dataplane::{InnerVlan, Interface, Vlan};
use crate::render::{Bindings, Dataplane, NicBinding};
use crate::types::{IfAddr, IfName, LinkName, MacAddr, Mtu};
use serde::Serialize;

/// An interface and the contents of its block of commands, in the order of the block.
#[derive(Debug, Serialize)]
pub(super) struct L3 {
    place: String,
    /// Its name in VPP.
    name: String,
    make: Make,
    /// The members it is made of.
    members: Vec<Joining>,
    /// The table its packets are routed in; none: the main one.
    table: Option<u32>,
    /// The hardware address it is given after it was made.
    mac: Option<String>,
    /// The name of its Linux side.
    linux: Option<String>,
    /// Whether that one carries packets, and not frames.
    tun: bool,
    promiscuous: bool,
    up: bool,
    /// Whether it speaks IPv6 without an address of it.
    ipv6: bool,
    rx_mode: Option<&'static str>,
    mtu: Option<u16>,
    addresses: Vec<IfAddr>,
    ra: Option<Ra>,
}

/// How the interface is created: exactly one is set, or none for a NIC that DPDK has already named, and for what extra commands
/// make.
#[derive(Debug, Default, Serialize)]
pub(super) struct Make {
    loopback: Option<Instance>,
    host: Option<HostInterface>,
    bond: Option<Bonding>,
    vlan: Option<Tag>,
    tunnel: Option<Tunnelled>,
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
    number: String,
    /// The tags, where the number is not the only one, of 802.1Q.
    tags: Option<Tags>,
}

#[derive(Debug, Serialize)]
struct Tags {
    kind: TagType,
    outer: u16,
    inner: Option<u16>,
}

/// The MTU of a bridge's port, in bytes; Incus's bridges and containers have it too.
const BRIDGE_MTU: u16 = 1500;

/// Every interface of core that can be created. All parents come before all VLANs: the kernel's answer to the MTU of a
/// parent, some milliseconds later, sets that of its VLANs as well. VLANs inside others come last: linux-cp hangs them on those.
pub(super) fn all(dataplane: &Dataplane, bindings: &Bindings) -> Vec<L3> {
    let own = dataplane.loopbacks.values().map(|it| (&it.link, it.mac));
    let bvis = dataplane.domains.values().filter_map(|it| it.bvi.as_ref());
    let loopbacks = own.chain(bvis.map(|link| (link, None)));
    let numbers = identity::loopbacks(loopbacks.clone().map(|(link, _)| link.name.as_ref()));
    let mut all: Vec<L3> = loopbacks
        .zip(numbers)
        .map(|((link, mac), number)| loopback(dataplane, number, link, mac))
        .collect();
    all.extend(bond::members(dataplane, bindings));
    let bonds = identity::bonds(dataplane.bonds().map(|(name, _)| name.as_ref()));
    let mut bonds = bonds.into_iter();
    for (name, it) in &dataplane.interfaces {
        // Each has its number, also one that is not there.
        let number = it.carrier.bond().and_then(|_| bonds.next());
        let found = it.is_there(name, bindings);
        match &it.carrier {
            Carrier::Nic(nic) => {
                let binding = bindings.nics.get(name);
                all.extend(binding.map(|binding| parent(dataplane, nic, &it.link, binding)));
            }
            Carrier::Bond(bond) => {
                let number = number.filter(|_| found);
                all.extend(number.map(|number| bond::bond(dataplane, bindings, number, bond, &it.link)));
            }
            Carrier::Commands => all.push(of(dataplane, &it.link)),
        }
    }
    let ports = identity::bridge_ports(dataplane.bridges.keys().map(AsRef::as_ref));
    let bridges = dataplane.bridges.iter().zip(ports);
    all.extend(bridges.map(|((name, it), hw_addr)| bridge(dataplane, hw_addr, name, it)));
    all.extend(tunnel::all(dataplane));
    let found = dataplane.found(bindings);
    let vlans = found.flat_map(|it| it.vlans.iter().map(move |vlan| (&it.link.name, vlan)));
    all.extend(
        vlans
            .clone()
            .map(|(parent, vlan)| tagged(dataplane, parent, vlan)),
    );
    let inner = vlans.flat_map(|(parent, vlan)| vlan.inner.iter().map(move |it| (parent, vlan, it)));
    all.extend(inner.map(|(parent, vlan, it)| tagged_twice(dataplane, parent, vlan, it)));
    all
}

/// A message for each interface without a NIC, naming what depends on it, and for each member of a bond that is not there.
pub(super) fn left_out(dataplane: &Dataplane, bindings: &Bindings) -> Vec<String> {
    let mut messages = Vec::new();
    for (name, it) in &dataplane.interfaces {
        let members = it.carrier.bond().into_iter().flat_map(|bond| &bond.members);
        let absent = members.filter(|member| !bindings.nics.contains_key(&member.name));
        messages.extend(absent.map(|member| {
            let place = dataplane.place(member.at);
            format!(
                "{place}: member '{}' of bond '{name}' has no NIC: left out",
                member.name
            )
        }));
        if !it.is_there(name, bindings) {
            messages.push(without(dataplane, name, it));
        }
    }
    messages
}

fn without(dataplane: &Dataplane, name: &IfName, it: &Interface) -> String {
    let subinterfaces = it.subinterfaces();
    let mut hanging: Vec<String> = subinterfaces.map(|link| format!("'{}'", link.name)).collect();
    for (bridge, domain) in &dataplane.domains {
        let members = domain.members.iter();
        let members = members.filter(|member| belongs(member.as_ref(), name));
        hanging.extend(members.map(|member| format!("'{member}' in the bridge '{bridge}'")));
    }
    for (module, nat) in &dataplane.nats {
        let steers = |from: &&String| belongs(from, name);
        hanging.extend(
            nat.from
                .iter()
                .filter(steers)
                .map(|from| format!("the steering of '{module}' on '{from}'")),
        );
    }
    hanging.extend(super::traffic::copied_to(dataplane, name));
    let with = match hanging.is_empty() {
        true => String::new(),
        false => format!(", and with it {}", hanging.join(", ")),
    };
    let what = match it.carrier.bond() {
        Some(_) => format!("bond '{name}' has none of its NICs"),
        None => format!("interface '{name}' has no NIC"),
    };
    format!("{}: {what}: left out{with}", dataplane.place(it.link.at))
}

/// The name in VPP of an interface of core, by its name in the documents.
pub(super) fn in_vpp(name: &str) -> String {
    let link = name.parse::<LinkName>();
    link.map_or_else(|_| name.to_owned(), |link| link.in_vpp())
}

/// Whether an L3 name is that of the interface or of one of its VLANs.
fn belongs(l3: &str, parent: &IfName) -> bool {
    l3.strip_prefix(parent.as_ref())
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether a link is, or is on, an interface that the machine lacks.
pub(super) fn is_absent(dataplane: &Dataplane, bindings: &Bindings, link: &str) -> bool {
    let mut all = dataplane.interfaces.iter();
    all.any(|(name, it)| belongs(link, name) && !it.is_there(name, bindings))
}

/// What all kinds have; those that FRR has no part in are up and say no more.
fn bare(dataplane: &Dataplane, at: At, name: impl ToString, addresses: &[IfAddr]) -> L3 {
    L3 {
        place: place(dataplane, at),
        name: name.to_string(),
        make: Make::default(),
        members: Vec::new(),
        table: None,
        mac: None,
        linux: Some(name.to_string()),
        tun: false,
        promiscuous: false,
        up: true,
        ipv6: false,
        rx_mode: None,
        mtu: None,
        addresses: addresses.to_vec(),
        ra: None,
    }
}

/// What is the same of an interface whichever its kind.
impl L3 {
    /// Whether it has a Linux side.
    pub(super) fn is_paired(&self) -> bool {
        self.linux.is_some()
    }
}

fn of(dataplane: &Dataplane, link: &Link) -> L3 {
    L3 {
        name: link.name.in_vpp(),
        linux: link.lcp.then(|| link.name.to_string()),
        table: link.vrf.as_ref().map(|vrf| vrf.table),
        up: link.enabled,
        ipv6: dataplane.speaks_ipv6.contains(&link.name),
        mtu: link.mtu.map(Mtu::get),
        ra: advertised(&link.ra),
        ..bare(dataplane, link.at, &link.name, &link.addresses)
    }
}

fn loopback(dataplane: &Dataplane, number: u32, link: &Link, mac: Option<MacAddr>) -> L3 {
    let derived = || hw_addr(LOOPBACK, number);
    let make = Make {
        loopback: Some(Instance {
            number,
            hw_addr: mac.map_or_else(derived, |mac| mac.to_string()),
        }),
        ..Make::default()
    };
    L3 {
        make,
        ..of(dataplane, link)
    }
}

/// A NIC: DPDK has made it, or VPP makes a host-interface on it.
fn parent(dataplane: &Dataplane, nic: &Nic, link: &Link, binding: &NicBinding) -> L3 {
    let is_dpdks = binding.attach == Attach::Dpdk;
    L3 {
        make: Make {
            host: (!is_dpdks).then(|| host_interface(nic, &link.name, binding)),
            ..Make::default()
        },
        mac: nic.mac.filter(|_| is_dpdks).map(|mac| mac.to_string()),
        promiscuous: nic.promiscuous,
        rx_mode: nic.rx_mode.map(RxMode::word),
        ..of(dataplane, link)
    }
}

/// A MAC address other than the device's: otherwise both would answer the same frames.
fn host_interface(nic: &Nic, name: &LinkName, binding: &NicBinding) -> HostInterface {
    let device = binding.device.as_ref().map(ToString::to_string);
    let hw_addr = nic.mac.or_else(|| binding.mac.map(MacAddr::sibling));
    HostInterface {
        device: device.unwrap_or_else(|| placeholder(name, "device")),
        hw_addr: hw_addr.map_or_else(|| placeholder(name, "hw-addr"), |mac| mac.to_string()),
    }
}

fn tagged(dataplane: &Dataplane, parent: &LinkName, vlan: &Vlan) -> L3 {
    let tags = Tags {
        kind: vlan.kind,
        outer: vlan.tag.get(),
        inner: None,
    };
    let tags = (vlan.kind == TagType::Dot1ad).then_some(tags);
    on(dataplane, parent, vlan.tag.to_string(), tags, &vlan.link)
}

fn tagged_twice(dataplane: &Dataplane, parent: &LinkName, outer: &Vlan, inner: &InnerVlan) -> L3 {
    let tags = Tags {
        kind: outer.kind,
        outer: outer.tag.get(),
        inner: Some(inner.tag.get()),
    };
    let name = inner.link.name.in_vpp();
    let number = name.rsplit('.').next().unwrap_or_default().to_owned();
    on(dataplane, parent, number, Some(tags), &inner.link)
}

fn on(dataplane: &Dataplane, parent: &LinkName, number: String, tags: Option<Tags>, link: &Link) -> L3 {
    let tag = Tag {
        parent: parent.to_string(),
        number,
        tags,
    };
    L3 {
        make: Make {
            vlan: Some(tag),
            ..Make::default()
        },
        ..of(dataplane, link)
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
        ra: advertised(&it.ra),
        ..bare(dataplane, it.at, name, &addresses)
    }
}

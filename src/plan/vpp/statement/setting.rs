//! The properties of an interface.

use super::{Evidence, Family, Statement, Subject, Way};
use crate::plan::vpp::Fact;
use ipnet::IpNet;

/// A property of an interface.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Setting {
    /// The interface.
    pub interface: String,
    /// The property.
    pub value: Value,
}

/// What is set.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// A Linux side of this name.
    Pair(String),
    /// A Linux side of this name that carries packets and not frames.
    Tun(String),
    /// The largest packet, in bytes.
    Mtu(u32),
    /// Frames for others are taken as well.
    Promiscuous,
    /// It has this hardware address in place of its own.
    Mac(String),
    /// How a thread learns of packets it receives.
    RxMode(String),
    /// It is up.
    Up,
    /// It speaks IPv6 without an address of it: it has a link-local one then.
    Ipv6,
    /// It speaks no IPv6, although its Linux side has an address of its own: only in the middle of a change.
    Silent,
    /// It has the address.
    Address(IpNet),
    /// It belongs to a table of routes.
    Table(Family, u32),
}

/// The MTU of an interface that VPP makes itself, in bytes, until another one is set.
const DEFAULT_MTU: u32 = 9000;

pub(super) fn read(words: &[&str]) -> Option<Statement> {
    let (interface, value) = match *words {
        ["lcp", "create", name, "host-if", host] => (name, Value::Pair(host.to_owned())),
        ["lcp", "create", name, "host-if", host, "tun"] => (name, Value::Tun(host.to_owned())),
        ["set", "interface", "mtu", "packet", mtu, name] => (name, Value::Mtu(mtu.parse().ok()?)),
        ["set", "interface", "promiscuous", "on", name] => (name, Value::Promiscuous),
        ["enable", "ip6", "interface", name] => (name, Value::Ipv6),
        ["set", "interface", "mac", "address", name, mac] => (name, Value::Mac(mac.to_owned())),
        ["set", "interface", "rx-mode", name, mode] => (name, Value::RxMode(mode.to_owned())),
        ["set", "interface", "state", name, "up"] => (name, Value::Up),
        ["set", "interface", "ip", "address", name, address] => (name, Value::Address(address.parse().ok()?)),
        ["set", "interface", family @ ("ip" | "ip6"), "table", name, id] => {
            let family = if family == "ip" { Family::V4 } else { Family::V6 };
            (name, Value::Table(family, id.parse().ok()?))
        }
        _ => return None,
    };
    Some(Statement::Setting(Setting {
        interface: interface.to_owned(),
        value,
    }))
}

/// The interface that carries a VLAN.
pub(in crate::plan::vpp) fn parent(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(parent, _)| parent)
}

/// What says in which tables an interface is.
fn tables(name: &str) -> [Subject; 2] {
    [Family::V4, Family::V6].map(|family| Subject::TableOf(family, name.to_owned()))
}

impl Setting {
    pub(super) fn subject(&self) -> Subject {
        let name = self.interface.clone();
        match &self.value {
            Value::Pair(_) | Value::Tun(_) => Subject::Pair(name),
            Value::Mtu(_) => Subject::Mtu(name),
            Value::Promiscuous => Subject::Promiscuous(name),
            Value::Mac(_) => Subject::Mac(name),
            Value::RxMode(_) => Subject::RxMode(name),
            Value::Up => Subject::Up(name),
            Value::Ipv6 => Subject::Ipv6(name),
            Value::Silent => Subject::Silent(name),
            Value::Address(address) => Subject::Address(name, *address),
            Value::Table(family, _) => Subject::TableOf(*family, name),
        }
    }

    /// A pair comes before all that is copied to Linux, and after the hardware address, which it takes, and the tables, whose VRF it
    /// is put into when it is made; a VLAN's after its parent's. A parent that goes down takes its VLANs along, and leaves them
    /// down when it comes up.
    pub(super) fn needs(&self) -> Vec<Subject> {
        let name = self.interface.clone();
        let parent = parent(&name).map(str::to_owned);
        let mut needs = vec![Subject::Interface(name.clone())];
        match &self.value {
            Value::Pair(_) => {
                needs.extend(tables(&name));
                needs.push(Subject::Mac(name));
                needs.extend(parent.map(Subject::Pair));
            }
            Value::Tun(_) => needs.extend(tables(&name)),
            Value::Mac(_) | Value::RxMode(_) => {}
            Value::Up => {
                needs.push(Subject::Pair(name));
                needs.extend(parent.map(Subject::Up));
            }
            Value::Mtu(_) | Value::Promiscuous | Value::Silent => needs.push(Subject::Pair(name)),
            Value::Ipv6 => {
                needs.push(Subject::Pair(name.clone()));
                needs.push(Subject::TableOf(Family::V6, name));
            }
            Value::Address(address) => {
                let family = Family::of(*address);
                needs.push(Subject::Pair(name.clone()));
                needs.push(Subject::TableOf(family, name));
            }
            Value::Table(family, id) => needs.push(Subject::Table(*family, *id)),
        }
        needs
    }

    pub(super) fn changes_in_place(&self) -> bool {
        matches!(self.value, Value::Mtu(_) | Value::RxMode(_))
    }

    pub(super) fn line(&self) -> String {
        let name = &self.interface;
        match &self.value {
            Value::Pair(host) => format!("lcp create {name} host-if {host}"),
            Value::Tun(host) => format!("lcp create {name} host-if {host} tun"),
            Value::Mtu(mtu) => format!("set interface mtu packet {mtu} {name}"),
            Value::Promiscuous => format!("set interface promiscuous on {name}"),
            Value::Mac(mac) => format!("set interface mac address {name} {mac}"),
            Value::RxMode(mode) => format!("set interface rx-mode {name} {mode}"),
            Value::Up => format!("set interface state {name} up"),
            Value::Ipv6 => format!("enable ip6 interface {name}"),
            Value::Silent => format!("disable ip6 interface {name}"),
            Value::Address(address) => format!("set interface ip address {name} {address}"),
            Value::Table(family, id) => format!("set interface {} table {name} {id}", family.word()),
        }
    }

    pub(super) fn take_back(&self, made: bool) -> Way {
        let name = &self.interface;
        let text = match &self.value {
            Value::Pair(_) | Value::Tun(_) => format!("lcp delete {name}"),
            // A VLAN without one has its parent's.
            Value::Mtu(_) if parent(name).is_some() => format!("set interface mtu packet 0 {name}"),
            Value::Mtu(_) if made => format!("set interface mtu packet {DEFAULT_MTU} {name}"),
            Value::Mtu(_) => {
                return Way::Restart(format!(
                    "'{name}' has no MTU of its own any more, and what its driver gives it is known after a start only"
                ));
            }
            Value::Promiscuous => format!("set interface promiscuous off {name}"),
            Value::Mac(_) => {
                return Way::Restart(format!(
                    "'{name}' gets another hardware address, and its Linux side would keep the one it has"
                ));
            }
            Value::RxMode(_) => {
                return Way::Restart(format!(
                    "'{name}' has no 'rx-mode' any more, and how its driver begins is known after a start only"
                ));
            }
            Value::Up => format!("set interface state {name} down"),
            Value::Ipv6 => format!("disable ip6 interface {name}"),
            Value::Silent => format!("enable ip6 interface {name}"),
            Value::Address(address) => format!("set interface ip address del {name} {address}"),
            Value::Table(family, _) => format!("set interface {} table {name} 0", family.word()),
        };
        Way::one(text, Some(&Statement::Setting(self.clone())), None)
    }

    /// A parent's MTU is what was asked for; a VLAN's may have become its parent's.
    pub(super) fn facts(&self) -> Option<Fact> {
        let name = self.interface.clone();
        match &self.value {
            Value::Up => Some(Fact::Up(name)),
            Value::Ipv6 => Some(Fact::Ipv6(name)),
            Value::Address(address) => Some(Fact::Address(name, *address)),
            Value::Mtu(mtu) if parent(&name).is_some() => Some(Fact::Mtu(name, *mtu)),
            Value::Pair(host) | Value::Tun(host) => Some(Fact::Pair(name, host.clone())),
            Value::Silent
            | Value::Mtu(_)
            | Value::Promiscuous
            | Value::Mac(_)
            | Value::RxMode(_)
            | Value::Table(..) => None,
        }
    }

    pub(super) fn evidence(&self) -> Evidence {
        match &self.value {
            Value::Ipv6 => Evidence::fact(Fact::Ipv6(self.interface.clone())),
            Value::Silent => Evidence::no_fact(Fact::Ipv6(self.interface.clone())),
            Value::Up
            | Value::Mtu(_)
            | Value::Promiscuous
            | Value::Mac(_)
            | Value::RxMode(_)
            | Value::Table(..) => Evidence::Value,
            Value::Address(address) => Evidence::fact(Fact::Address(self.interface.clone(), *address)),
            Value::Pair(host) | Value::Tun(host) => {
                Evidence::subject(&Fact::Pair(self.interface.clone(), host.clone()))
            }
        }
    }
}

//! Addresses of interfaces, the host's and VPP's.

use crate::config::check::Checking;
use crate::config::code::{E0215, E0216, E0217};
use crate::config::diag::Diagnostic;
use crate::config::diag::Findings;
use crate::config::index::{Address, Index};
use crate::config::overlap::{each_overlap, in_order};
use crate::config::source::{Located, Span};
use crate::types::IfAddr;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::IpAddr;

/// Each address can be an interface's own, of a host in a subnet, and is listed once.
pub(in crate::config) fn can_be_configured(addresses: &[Located<IfAddr>], cx: &mut Checking<'_>) {
    cx.listed_once(addresses);
    for address in addresses {
        let reason = match address.value.net() {
            IpNet::V4(net) => wrong_v4(net),
            IpNet::V6(net) => wrong_v6(net),
        };
        if let Some(reason) = reason {
            let message = format!("'{}' cannot be an interface's address", address.value);
            cx.report(Diagnostic::error(E0215, address.span, message).label(reason));
        }
    }
}

fn wrong_v4(net: Ipv4Net) -> Option<&'static str> {
    let addr = net.addr();
    if net.prefix_len() == 0 {
        Some("this subnet is the whole address space")
    } else if addr.octets()[0] == 0 || addr.octets()[0] >= 240 {
        Some("not a host address (RFC 1122)")
    } else if addr.is_loopback() {
        Some("127.0.0.0/8 never leaves the host; a loopback needs a routable address")
    } else if net.prefix_len() < 31 && addr == net.network() {
        Some("this is the address of the network itself")
    } else if net.prefix_len() < 31 && addr == net.broadcast() {
        Some("this is the broadcast address of its subnet")
    } else {
        None
    }
}

fn wrong_v6(net: Ipv6Net) -> Option<&'static str> {
    let addr = net.addr();
    if net.prefix_len() == 0 {
        Some("this subnet is the whole address space")
    } else if addr.is_loopback() {
        Some("::1 never leaves the host; a loopback needs a routable address")
    } else if addr.is_unicast_link_local() {
        Some("VPP derives the link-local address from the MAC address")
    } else if addr.to_ipv4_mapped().is_some() {
        Some("an IPv4-mapped address; write it as IPv4")
    } else if net.prefix_len() < 127 && addr == net.network() {
        Some("this is the subnet-router anycast address (RFC 4291, 2.6.1); use a host address")
    } else {
        None
    }
}

/// No subnet shares addresses with another of its table. VPP refuses the second and stops there.
pub(in crate::config) fn subnets_are_disjoint(index: &Index, found: &mut Findings) {
    let tables = index.tables().map(|table| &table.addresses);
    for addresses in tables.chain([&index.host_addresses]) {
        each_overlap(
            addresses,
            |a| a.addr.subnet(),
            |one, other| compare(found, one, other),
        );
    }
}

fn compare(found: &mut Findings, one: &Address, other: &Address) {
    let (first, second) = in_order(one, other, |a| a.span);
    if first.interface == second.interface && first.addr.subnet() == second.addr.subnet() {
        return;
    }
    if first.addr.addr() == second.addr.addr() {
        found.report(
            Diagnostic::error(
                E0216,
                second.span,
                format!(
                    "'{}' is already an address of '{}'",
                    second.addr.addr(),
                    first.interface
                ),
            )
            .also(first.span, "first here"),
        );
        return;
    }
    let message = match first.interface == second.interface {
        true => format!("two subnets of '{}' overlap", first.interface),
        false => format!(
            "the subnets of '{}' and '{}' overlap",
            first.interface, second.interface
        ),
    };
    found.report(
        Diagnostic::error(E0217, second.span, message)
            .label(format!("in {}", second.addr.subnet()))
            .also(first.span, format!("in {}", first.addr.subnet())),
    );
}

impl Index {
    /// Where an address of this router is written, if VPP has it: Linux may not.
    pub(in crate::config) fn vpps_address(&self, addr: IpAddr) -> Option<Span> {
        let alone = self.vpps_alone.get(&addr);
        let alone = alone.and_then(|number| self.addresses.get(*number));
        self.own_address(addr).or(alone.map(|address| address.span))
    }
}

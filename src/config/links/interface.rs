//! `[interfaces.NAME]`, their VLANs, and `[loopbacks.NAME]`.

use super::{nic, ra};
use crate::config::code::{E0201, E0206, E0208, E0219};
use crate::config::diag::Diagnostic;
use crate::config::index::{Address, Name};
use crate::config::reader::{Cx, Located, Table};
use crate::config::routing::ospf;
use crate::config::source::Span;
use crate::config::{At, Attach, InterfaceOspf, NicMatch, RouterAdvertisement, check};
use crate::types::{IfAddr, IfName, Line, MacAddr, Mtu, SubIfName, VlanId};
use std::collections::BTreeMap;

/// `[interfaces.NAME]`: a NIC of the dataplane.
#[derive(Debug)]
pub struct Interface {
    /// Where it was written.
    pub at: At,
    /// Which NIC.
    pub matches: NicMatch,
    /// `attach`; when absent DPDK if the NIC has a PCI address, else af-packet (only the machine knows).
    pub attach: Option<Attach>,
    /// `hw-addr` of an af-packet host-interface; derived from the NIC's own when absent.
    pub hw_addr: Option<MacAddr>,
    /// `description`.
    pub description: Option<Line>,
    /// `mtu`; VPP's default (9000) when absent.
    pub mtu: Option<Mtu>,
    /// `promiscuous = true`: virtio NICs drop tagged frames without it.
    pub promiscuous: bool,
    /// Untagged addresses; no two subnets of a table overlap.
    pub addresses: Vec<IfAddr>,
    /// `ospf = { … }`.
    pub ospf: Option<InterfaceOspf>,
    /// `ospf6 = { … }`.
    pub ospf6: Option<InterfaceOspf>,
    /// `ra = { … }`; never sent unless asked for. Has an IPv6 address to advertise.
    pub ra: Option<RouterAdvertisement>,
    /// `vlan.N`, in the order of the tags.
    pub vlans: Vec<Vlan>,
}

/// `[interfaces.NAME.vlan.N]`.
#[derive(Debug)]
pub struct Vlan {
    /// Where it was written.
    pub at: At,
    /// The derived name, the same in VPP, Linux and frr.conf.
    pub name: SubIfName,
    /// `description`.
    pub description: Option<Line>,
    /// `mtu`, not above the parent's; the parent's when absent.
    pub mtu: Option<Mtu>,
    /// Addresses; no two subnets of a table overlap.
    pub addresses: Vec<IfAddr>,
    /// `ospf = { … }`.
    pub ospf: Option<InterfaceOspf>,
    /// `ospf6 = { … }`.
    pub ospf6: Option<InterfaceOspf>,
    /// `ra = { … }`; never sent unless asked for. Has an IPv6 address to advertise.
    pub ra: Option<RouterAdvertisement>,
}

/// `[loopbacks.NAME]`.
#[derive(Debug)]
pub struct Loopback {
    /// Where it was written.
    pub at: At,
    /// `description`.
    pub description: Option<Line>,
    /// Addresses; at least one.
    pub addresses: Vec<IfAddr>,
    /// `ospf = { … }`.
    pub ospf: Option<InterfaceOspf>,
    /// `ospf6 = { … }`.
    pub ospf6: Option<InterfaceOspf>,
}

/// What every L3 interface of the dataplane can say.
struct Common {
    description: Option<Line>,
    addresses: Vec<Located<IfAddr>>,
    ospf: Option<InterfaceOspf>,
    ospf6: Option<InterfaceOspf>,
}

/// Decodes what all L3 interfaces share and enters it in the index under `name`.
fn decode_common(table: &mut Table<'_, '_>, name: &str) -> Common {
    let cx = table.cx();
    let common = Common {
        description: table.text("description").map(|d| d.value),
        addresses: table.texts("addresses"),
        ospf: table.table("ospf").and_then(ospf::decode_interface),
        ospf6: table.table("ospf6").and_then(ospf::decode_interface),
    };
    check::listed_once(cx, &common.addresses);
    for address in &common.addresses {
        check::address::can_be_configured(cx, address);
    }
    let mut index = cx.index.borrow_mut();
    index.l3.insert(name.to_owned(), table.span());
    index
        .addresses
        .extend(common.addresses.iter().map(|address| Address {
            interface: name.to_owned(),
            addr: address.value,
            span: address.span,
        }));
    common
}

fn values(addresses: Vec<Located<IfAddr>>) -> Vec<IfAddr> {
    addresses.into_iter().map(|a| a.value).collect()
}

/// `[loopbacks.NAME]`.
pub(in crate::config) fn decode_loopbacks(document: &mut Table<'_, '_>) -> BTreeMap<IfName, Loopback> {
    let mut loopbacks = BTreeMap::new();
    for (name, mut table) in document.named::<IfName>("loopbacks") {
        let at = table.at();
        enter_name(table.cx(), &name, "a loopback");
        table.required("addresses", "[\"192.0.2.1/32\"]");
        let common = decode_common(&mut table, name.value.as_ref());
        table.finish();
        let loopback = Loopback {
            at,
            description: common.description,
            addresses: values(common.addresses),
            ospf: common.ospf,
            ospf6: common.ospf6,
        };
        loopbacks.insert(name.value, loopback);
    }
    loopbacks
}

fn enter_name(cx: &Cx<'_>, name: &Located<IfName>, what: &'static str) {
    cx.index.borrow_mut().dataplane_names.push(Name {
        name: name.value.to_string(),
        what,
        span: name.span,
    });
}

/// `[interfaces.NAME]`.
pub(in crate::config) fn decode(document: &mut Table<'_, '_>) -> BTreeMap<IfName, Interface> {
    let mut interfaces = BTreeMap::new();
    for (name, table) in document.named::<IfName>("interfaces") {
        enter_name(table.cx(), &name, "an interface");
        if let Some(interface) = decode_interface(&name.value, table) {
            interfaces.insert(name.value, interface);
        }
    }
    interfaces
}

fn decode_interface(name: &IfName, mut table: Table<'_, '_>) -> Option<Interface> {
    let at = table.at();
    let bond = refuse_for_now(&mut table, "bond", "linux-cp on bonds was not measured yet");
    let attach = table.choice("attach", nic::ATTACH);
    let matches = match bond {
        true => None,
        false => nic::decode_match(&mut table, Some(name.as_ref()), attach.map(|a| a.value)),
    };
    let hw_addr = decode_hw_addr(&mut table, attach.map(|a| a.value));
    let mtu = table.number("mtu");
    let promiscuous = table.switch("promiscuous");
    let common = decode_common(&mut table, name.as_ref());
    check::interface::mtu_carries_ipv6(table.cx(), mtu, &common.addresses);
    let ra = ra::decode(&mut table, &common.addresses);
    let vlans = decode_vlans(&mut table, name, mtu);
    table.finish();
    Some(Interface {
        at,
        matches: matches?,
        attach: attach.map(|a| a.value),
        hw_addr,
        description: common.description,
        mtu: mtu.map(|m| m.value),
        promiscuous,
        addresses: values(common.addresses),
        ospf: common.ospf,
        ospf6: common.ospf6,
        ra,
        vlans,
    })
}

/// Refuses a key this build knows but does not render; whether it is set.
fn refuse_for_now(table: &mut Table<'_, '_>, key: &'static str, why: &str) -> bool {
    let Some(value) = table.value(key) else {
        return false;
    };
    table.cx().report(
        Diagnostic::error(
            E0201,
            value.span(),
            format!("'{}' is not in this version", value.path()),
        )
        .label(why),
    );
    true
}

/// DPDK keeps the NIC's own address; only a host-interface can be given another.
fn decode_hw_addr(table: &mut Table<'_, '_>, attach: Option<Attach>) -> Option<MacAddr> {
    let hw_addr = table.text::<MacAddr>("hw-addr")?;
    let cx = table.cx();
    if attach != Some(Attach::AfPacket) {
        cx.report(
            Diagnostic::error(E0219, hw_addr.span, "'hw-addr' without attach = \"af-packet\"")
                .label("a NIC that DPDK drives keeps its own address")
                .hint("add `attach = \"af-packet\"`, or remove `hw-addr`"),
        );
    }
    cx.index.borrow_mut().hw_addrs.push(hw_addr);
    Some(hw_addr.value)
}

/// `vlan.N`, in the order of the tags.
fn decode_vlans(table: &mut Table<'_, '_>, parent: &IfName, parent_mtu: Option<Located<Mtu>>) -> Vec<Vlan> {
    let Some(vlans) = table.table("vlan") else {
        return Vec::new();
    };
    let mut tags = BTreeMap::new();
    let mut decoded = Vec::new();
    for (key, span, value) in vlans.keys() {
        if !tag_is_new(&vlans, key, span, &mut tags) {
            continue;
        }
        if let (Some(tag), Some(table)) = (vlans.key(key, span), value.table()) {
            decoded.extend(decode_vlan(parent, parent_mtu, tag, table));
        }
    }
    decoded.sort_by_key(|vlan| vlan.name.vlan());
    decoded
}

/// Whether no other key stands for the same tag: `025` is no second way to write 25.
fn tag_is_new(vlans: &Table<'_, '_>, key: &str, span: Span, tags: &mut BTreeMap<u64, Span>) -> bool {
    let Some(first) = key.parse().ok().and_then(|number: u64| tags.insert(number, span)) else {
        return true;
    };
    vlans.cx().report(
        Diagnostic::error(E0208, span, format!("tag {key} is on this parent twice"))
            .label("the same tag, written differently")
            .also(first, "first here"),
    );
    false
}

fn decode_vlan(
    parent: &IfName,
    parent_mtu: Option<Located<Mtu>>,
    tag: Located<VlanId>,
    mut table: Table<'_, '_>,
) -> Option<Vlan> {
    let cx = table.cx();
    let at = table.at();
    refuse_for_now(&mut table, "inner-dot1q", "linux-cp on QinQ was not measured yet");
    refuse_for_now(&mut table, "dot1ad", "linux-cp on QinQ was not measured yet");
    let name = SubIfName::derive(parent, tag.value);
    if let Err(error) = &name {
        let length = parent.as_ref().len() + 1 + tag.value.to_string().len();
        cx.report(
            Diagnostic::error(
                E0206,
                tag.span,
                format!("the derived name '{parent}.{}' has {length} bytes", tag.value),
            )
            .label(error.to_string())
            .hint("give the parent a shorter name"),
        );
    }
    let mtu = table.number("mtu");
    let common = decode_common(&mut table, &format!("{parent}.{}", tag.value));
    check::interface::mtu_fits_parent(cx, mtu, parent_mtu);
    check::interface::mtu_carries_ipv6(cx, mtu.or(parent_mtu), &common.addresses);
    let ra = ra::decode(&mut table, &common.addresses);
    table.finish();
    Some(Vlan {
        at,
        name: name.ok()?,
        description: common.description,
        mtu: mtu.map(|m| m.value),
        addresses: values(common.addresses),
        ospf: common.ospf,
        ospf6: common.ospf6,
        ra,
    })
}

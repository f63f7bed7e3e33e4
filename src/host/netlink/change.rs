//! Changes to network devices, each acknowledged by the kernel.

use super::{Connection, NetlinkError};
use crate::types::{KernelName, MacAddr};
use netlink_packet_core::{NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::{
    InfoData, InfoKind, InfoVeth, InfoVrf, LinkAttribute, LinkFlags, LinkInfo, LinkMessage, Prop,
};
use std::fs::File;
use std::os::fd::AsRawFd;

/// The device is up.
pub fn set_up(connection: &mut Connection, index: u32) -> Result<(), NetlinkError> {
    set_flags(connection, index, LinkFlags::Up, LinkFlags::Up)
}

/// The device accepts every frame, not only those addressed to it.
pub fn set_promiscuous(connection: &mut Connection, index: u32) -> Result<(), NetlinkError> {
    set_flags(connection, index, LinkFlags::Promisc, LinkFlags::Promisc)
}

/// The device is in the other namespace under this name; up state, addresses and routes are lost, MAC and MTU stay.
///
/// Takes the kernel 18 to 25 ms.
pub fn move_to(
    connection: &mut Connection,
    index: u32,
    namespace: &File,
    name: &KernelName,
) -> Result<(), NetlinkError> {
    let mut message = device(index);
    message.attributes = vec![
        LinkAttribute::NetNsFd(namespace.as_raw_fd()),
        LinkAttribute::IfName(name.to_string()),
    ];
    change(connection, RouteNetlinkMessage::SetLink(message), 0)
}

/// The device is found by this name as well; an error with EEXIST if any device of the namespace already is.
pub fn add_alternative_name(
    connection: &mut Connection,
    index: u32,
    name: &KernelName,
) -> Result<(), NetlinkError> {
    let message = RouteNetlinkMessage::NewLinkProp(alternatively(index, name));
    change(connection, message, NLM_F_CREATE | NLM_F_EXCL)
}

/// The device is no longer found by this alternative name.
pub fn drop_alternative_name(
    connection: &mut Connection,
    index: u32,
    name: &KernelName,
) -> Result<(), NetlinkError> {
    let message = RouteNetlinkMessage::DelLinkProp(alternatively(index, name));
    change(connection, message, 0)
}

fn alternatively(index: u32, name: &KernelName) -> LinkMessage {
    let mut message = device(index);
    message.attributes = vec![LinkAttribute::PropList(vec![Prop::AltIfName(name.to_string())])];
    message
}

/// The device is a port of the bridge, or in the VRF.
pub fn enslave(connection: &mut Connection, index: u32, master: u32) -> Result<(), NetlinkError> {
    let mut message = device(index);
    message.attributes = vec![LinkAttribute::Controller(master)];
    change(connection, RouteNetlinkMessage::SetLink(message), 0)
}

/// The device has this address.
pub fn set_address(connection: &mut Connection, index: u32, mac: MacAddr) -> Result<(), NetlinkError> {
    let mut message = device(index);
    message.attributes = vec![LinkAttribute::Address(mac.octets().to_vec())];
    change(connection, RouteNetlinkMessage::SetLink(message), 0)
}

/// A veth pair exists: one end here, its peer in the other namespace.
pub fn create_veth(
    connection: &mut Connection,
    name: &KernelName,
    peer: &KernelName,
    namespace: &File,
) -> Result<(), NetlinkError> {
    let mut far = LinkMessage::default();
    far.attributes = vec![
        LinkAttribute::IfName(peer.to_string()),
        LinkAttribute::NetNsFd(namespace.as_raw_fd()),
    ];
    let mut near = LinkMessage::default();
    near.attributes = vec![
        LinkAttribute::IfName(name.to_string()),
        LinkAttribute::LinkInfo(vec![
            LinkInfo::Kind(InfoKind::Veth),
            LinkInfo::Data(InfoData::Veth(InfoVeth::Peer(far))),
        ]),
    ];
    change(
        connection,
        RouteNetlinkMessage::NewLink(near),
        NLM_F_CREATE | NLM_F_EXCL,
    )
}

/// A VRF with the table exists.
pub fn create_vrf(connection: &mut Connection, name: &KernelName, table: u32) -> Result<(), NetlinkError> {
    let mut message = LinkMessage::default();
    message.attributes = vec![
        LinkAttribute::IfName(name.to_string()),
        LinkAttribute::LinkInfo(vec![
            LinkInfo::Kind(InfoKind::Vrf),
            LinkInfo::Data(InfoData::Vrf(vec![InfoVrf::TableId(table)])),
        ]),
    ];
    change(
        connection,
        RouteNetlinkMessage::NewLink(message),
        NLM_F_CREATE | NLM_F_EXCL,
    )
}

/// The device is deleted, and with a veth its peer.
pub fn delete(connection: &mut Connection, index: u32) -> Result<(), NetlinkError> {
    change(connection, RouteNetlinkMessage::DelLink(device(index)), 0)
}

fn set_flags(
    connection: &mut Connection,
    index: u32,
    flags: LinkFlags,
    mask: LinkFlags,
) -> Result<(), NetlinkError> {
    let mut message = device(index);
    message.header.flags = flags;
    message.header.change_mask = mask;
    change(connection, RouteNetlinkMessage::SetLink(message), 0)
}

fn device(index: u32) -> LinkMessage {
    let mut message = LinkMessage::default();
    message.header.index = index;
    message
}

fn change(connection: &mut Connection, message: RouteNetlinkMessage, flags: u16) -> Result<(), NetlinkError> {
    connection
        .exchange(message, NLM_F_ACK | flags, |_| {})
        .map(|_| ())
}

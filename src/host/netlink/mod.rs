//! The network devices of a namespace, from the kernel (rtnetlink(7)).

mod change;
pub mod ethtool;

pub use change::{
    add_alternative_name, create_veth, create_vrf, delete, drop_alternative_name, enslave, move_to,
    set_address, set_promiscuous, set_up,
};

use super::namespace;
use super::wait::readable;
use crate::types::{KernelName, MacAddr};
use netlink_packet_core::{
    DecodeError, ErrorMessage, NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, NetlinkDeserializable, NetlinkHeader,
    NetlinkMessage, NetlinkPayload, NlaBuffer, NlasIterator,
};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::{LinkAttribute, LinkMessage};
use netlink_sys::protocols::NETLINK_ROUTE;
use netlink_sys::{Socket, SocketAddr};
use nix::errno::Errno;
use nix::sys::socket::MsgFlags;
use nix::sys::socket::{setsockopt, sockopt};
use nix::sys::time::{TimeVal, TimeValLike};
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

/// What the kernel calls a VRF.
const VRF: &str = "vrf";

/// Dumps with virtual functions exceed the usual 8 KiB; the kernel never sends more than this at once.
const BUFFER: usize = 32 * 1024;

/// The kernel answers in microseconds, and moves a NIC in tens of milliseconds. An answer that takes longer will not come.
const ANSWER_SECONDS: i64 = 20;

/// Why a request to the kernel failed.
#[derive(Debug, thiserror::Error)]
pub enum NetlinkError {
    /// The kernel refused, with its own message if it has one.
    #[error("{}", words.as_deref().unwrap_or(errno.desc()))]
    Refused {
        /// The error number.
        errno: Errno,
        /// The extended acknowledgement, if the kernel sent one.
        words: Option<String>,
    },
    /// The connection to the kernel failed.
    #[error("rtnetlink")]
    Broken(#[from] io::Error),
}

impl NetlinkError {
    /// Whether the kernel refused with this error number.
    pub fn is(&self, expected: Errno) -> bool {
        matches!(self, Self::Refused { errno, .. } if *errno == expected)
    }
}

/// One network device, as the kernel lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its number in its namespace.
    pub index: u32,
    /// Its name at the moment of asking.
    pub name: KernelName,
    /// Its further names, as far as a device could have them as its first: the kernel finds it by each, and no other device
    /// of the namespace can have one of them.
    pub alternative: Vec<KernelName>,
    /// The address it has now.
    pub mac: Option<MacAddr>,
    /// Its permanent address, if the driver reports one.
    pub permanent_mac: Option<MacAddr>,
    /// Whether it is administratively up.
    pub up: bool,
    /// Whether it has carrier: a cable, a peer that is up.
    pub carrier: bool,
    /// Whether anything holds it in promiscuous mode.
    pub promiscuous: bool,
    /// Whether it is the loopback.
    pub loopback: bool,
    /// `veth`, `bridge` …; none for hardware.
    pub kind: Option<String>,
    /// The number of the bridge it is a port of, or of the VRF it is in.
    pub master: Option<u32>,
    /// The table of routes, if it is a VRF.
    pub table: Option<u32>,
    /// The bus and name of the device behind it (`pci`, `0000:65:00.0`), on kernels that report it (5.14).
    pub parent: Option<(String, String)>,
}

/// An rtnetlink socket that belongs to the namespace it was opened in, wherever it is used.
#[derive(Debug)]
pub struct Connection {
    socket: Socket,
    sequence: u32,
}

impl Connection {
    /// A connection to the namespace of the caller.
    pub fn open() -> io::Result<Self> {
        let mut socket = Socket::new(NETLINK_ROUTE)?;
        socket.bind_auto()?;
        socket.connect(&SocketAddr::new(0, 0))?;
        socket.set_ext_ack(true)?;
        socket.set_cap_ack(true)?;
        setsockopt(
            &socket,
            sockopt::ReceiveTimeout,
            &TimeVal::seconds(ANSWER_SECONDS),
        )?;
        Ok(Self { socket, sequence: 0 })
    }

    /// A connection to another namespace.
    pub fn open_in(namespace: &File) -> io::Result<Self> {
        namespace::inside(namespace, Self::open)
    }

    /// Every device of the namespace, as one consistent list in the kernel's order.
    ///
    /// A list that changed while it was read is read again, three times at most.
    pub fn links(&mut self) -> Result<Vec<Link>, NetlinkError> {
        let mut links = Vec::new();
        for _ in 0..3 {
            links.clear();
            let message = RouteNetlinkMessage::GetLink(LinkMessage::default());
            let interrupted = self.exchange(message, NLM_F_DUMP, |raw| links.extend(parse_link(&raw.0)))?;
            if !interrupted {
                break;
            }
        }
        Ok(links)
    }

    /// The device that the kernel finds by this name, its first or a further one; `None` if there is none.
    ///
    /// Costs the same however many devices there are.
    pub fn link(&mut self, name: &KernelName) -> Result<Option<Link>, NetlinkError> {
        let mut asked = LinkMessage::default();
        asked.attributes = vec![LinkAttribute::IfName(name.to_string())];
        self.one(asked)
    }

    /// The device with this number; `None` if there is none.
    pub fn link_at(&mut self, index: u32) -> Result<Option<Link>, NetlinkError> {
        let mut asked = LinkMessage::default();
        asked.header.index = index;
        self.one(asked)
    }

    fn one(&mut self, asked: LinkMessage) -> Result<Option<Link>, NetlinkError> {
        let mut link = None;
        let message = RouteNetlinkMessage::GetLink(asked);
        match self.exchange(message, NLM_F_ACK, |raw| link = parse_link(&raw.0)) {
            Err(error) if error.is(Errno::ENODEV) => Ok(None),
            asked => asked.map(|_| link),
        }
    }

    /// Sends one request and hands every answer to `take`, up to the acknowledgement or the end of the list.
    ///
    /// Returns whether the kernel marked the list as changed while it was read.
    pub fn exchange(
        &mut self,
        message: RouteNetlinkMessage,
        flags: u16,
        mut take: impl FnMut(Raw),
    ) -> Result<bool, NetlinkError> {
        self.send(message, NLM_F_REQUEST | flags)?;
        let mut interrupted = false;
        let mut buffer = vec![0; BUFFER];
        loop {
            let length = self.receive(&mut buffer)?;
            let mut rest = &buffer[..length];
            while !rest.is_empty() {
                let answer = NetlinkMessage::<Raw>::deserialize(rest).map_err(decode)?;
                let taken = (answer.header.length as usize).next_multiple_of(4);
                rest = rest.get(taken..).unwrap_or_default();
                if answer.header.sequence_number != self.sequence {
                    continue; // the end of an earlier conversation
                }
                interrupted |= answer.header.flags & netlink_packet_core::NLM_F_DUMP_INTR != 0;
                match answer.payload {
                    NetlinkPayload::InnerMessage(raw) => take(raw),
                    NetlinkPayload::Error(answer) => return acknowledged(&answer).map(|()| interrupted),
                    NetlinkPayload::Done(_) => return Ok(interrupted),
                    _ => {}
                }
            }
        }
    }

    fn send(&mut self, message: RouteNetlinkMessage, flags: u16) -> io::Result<()> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut header = NetlinkHeader::default();
        header.flags = flags;
        header.sequence_number = self.sequence;
        let mut message = NetlinkMessage::new(header, NetlinkPayload::from(message));
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        self.socket.send(&bytes, 0).map(|_| ())
    }

    fn receive(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = loop {
            match self.socket.recv(&mut &mut *buffer, MsgFlags::MSG_TRUNC.bits()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                received => break received?,
            }
        };
        if length > buffer.len() {
            return Err(io::Error::other(format!("an answer of {length} bytes was cut")));
        }
        Ok(length)
    }
}

/// A socket that is notified of every device that appears, changes or goes away in the namespace it was opened in.
#[derive(Debug)]
pub struct Monitor {
    socket: Socket,
}

impl Monitor {
    /// Listens from now on. Open it before reading the devices, so that nothing is missed between the read and the wait.
    pub fn open() -> io::Result<Self> {
        const LINKS: u32 = 1; // RTNLGRP_LINK
        let mut socket = Socket::new(NETLINK_ROUTE)?;
        socket.bind_auto()?;
        socket.add_membership(LINKS)?;
        socket.set_non_blocking(true)?;
        Ok(Self { socket })
    }

    /// Returns when a device changed, at the latest after this time.
    pub fn wait(&self, longest: Duration) -> io::Result<()> {
        readable(&[self.socket.as_fd()], longest)?;
        // The content does not matter, only that something changed; so an overrun (ENOBUFS) does not matter either.
        let mut buffer = vec![0; BUFFER];
        while self.socket.recv(&mut &mut *buffer, 0).is_ok() {}
        Ok(())
    }
}

/// The body of an answer, undecoded: of a device only a few attributes matter, and a kernel with new ones must
/// not make the list unreadable.
#[derive(Debug)]
pub struct Raw(Vec<u8>);

impl NetlinkDeserializable for Raw {
    type Error = io::Error;
    fn deserialize(_: &NetlinkHeader, payload: &[u8]) -> Result<Self, io::Error> {
        Ok(Self(payload.to_vec()))
    }
}

fn decode(error: DecodeError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}

fn acknowledged(answer: &ErrorMessage) -> Result<(), NetlinkError> {
    match answer.raw_code() {
        0 => Ok(()),
        code => Err(NetlinkError::Refused {
            errno: Errno::from_raw(code.abs()),
            words: extended_acknowledgement(&answer.header),
        }),
    }
}

/// The kernel's text after the header of the refused request (NLMSGERR_ATTR_MSG in linux/netlink.h).
fn extended_acknowledgement(after_code: &[u8]) -> Option<String> {
    const REQUEST_HEADER: usize = 16;
    const MESSAGE: u16 = 1;
    attributes(after_code.get(REQUEST_HEADER..)?)
        .find(|nla| nla.kind() == MESSAGE)
        .map(|nla| text(nla.value()))
}

fn attributes(bytes: &[u8]) -> impl Iterator<Item = NlaBuffer<&[u8]>> {
    NlasIterator::new(bytes).map_while(Result::ok)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.split(|b| *b == 0).next().unwrap_or_default()).into_owned()
}

/// A device from its message (linux/if_link.h); `None` if its name is one that no configuration can contain.
fn parse_link(bytes: &[u8]) -> Option<Link> {
    let field = |at: usize| Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let (index, flags) = (field(4)?, field(8)?);
    let (mut name, mut mac, mut permanent_mac, mut kind) = (None, None, None, None);
    let (mut master, mut parent_name, mut parent_bus) = (None, None, None);
    let mut table = None;
    let mut alternative = Vec::new();
    for nla in attributes(bytes.get(16..)?) {
        let value = nla.value();
        match nla.kind() {
            1 => mac = parse_mac(value),
            3 => name = text(value).parse().ok(),
            10 => master = value.try_into().ok().map(u32::from_ne_bytes),
            18 => {
                let info = |wanted: u16| attributes(value).find(|nla| nla.kind() == wanted);
                kind = info(1).map(|nla| text(nla.value()));
                // IFLA_VRF_TABLE in IFLA_INFO_DATA.
                let data = info(2).filter(|_| kind.as_deref() == Some(VRF));
                table = data.and_then(|data| {
                    let table = attributes(data.value()).find(|nla| nla.kind() == 1)?;
                    table.value().try_into().ok().map(u32::from_ne_bytes)
                });
            }
            52 => {
                let names = attributes(value).filter(|nla| nla.kind() == 53);
                alternative.extend(names.filter_map(|nla| text(nla.value()).parse().ok()));
            }
            54 => permanent_mac = parse_mac(value),
            56 => parent_name = Some(text(value)),
            57 => parent_bus = Some(text(value)),
            _ => {}
        }
    }
    const UP: u32 = 1;
    const LOOPBACK: u32 = 1 << 3;
    const PROMISCUOUS: u32 = 1 << 8;
    const LOWER_UP: u32 = 1 << 16;
    Some(Link {
        index,
        name: name?,
        alternative,
        mac,
        permanent_mac,
        up: flags & UP != 0,
        carrier: flags & LOWER_UP != 0,
        promiscuous: flags & PROMISCUOUS != 0,
        loopback: flags & LOOPBACK != 0,
        kind,
        master,
        table,
        parent: parent_bus.zip(parent_name),
    })
}

fn parse_mac(bytes: &[u8]) -> Option<MacAddr> {
    MacAddr::new(bytes.try_into().ok()?).ok()
}

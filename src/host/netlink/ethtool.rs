//! What ethtool knows of a namespace's devices, over generic netlink (linux/ethtool_netlink.h, Linux 5.6): their speed.

use super::attributes;
use crate::host::namespace;
use netlink_sys::protocols::NETLINK_GENERIC;
use netlink_sys::{Socket, SocketAddr};
use nix::sys::socket::{setsockopt, sockopt};
use nix::sys::time::{TimeVal, TimeValLike};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;

const HEADER: usize = 16;
const GENERIC_HEADER: usize = 4;
/// The kernel fills one buffer after the other; none is longer.
const BUFFER: usize = 32 * 1024;
const ANSWER_SECONDS: i64 = 2;

const REQUEST: u16 = 1;
const ACKNOWLEDGE: u16 = 4;
const DUMP: u16 = 0x300;
const ERROR: u16 = 2;
const DONE: u16 = 3;
const NESTED: u16 = 1 << 15;

/// The megabits per second of each device of the caller's namespace that has a speed, by its index. Empty on a kernel that
/// does not say.
pub fn speeds() -> io::Result<BTreeMap<u32, u32>> {
    let mut socket = Socket::new(NETLINK_GENERIC)?;
    socket.bind_auto()?;
    socket.connect(&SocketAddr::new(0, 0))?;
    setsockopt(
        &socket,
        sockopt::ReceiveTimeout,
        &TimeVal::seconds(ANSWER_SECONDS),
    )?;
    let Some(family) = family(&socket)? else {
        return Ok(BTreeMap::new());
    };
    const LINKMODES: u8 = 4;
    const NAMES_HEADER: u16 = 1;
    let header = attribute(NAMES_HEADER | NESTED, &[]);
    let answers = talk(&socket, &message(family, DUMP, LINKMODES, &header))?;
    Ok(answers.iter().filter_map(|answer| speed(answer)).collect())
}

/// The same of another namespace.
pub fn speeds_in(namespace: &File) -> io::Result<BTreeMap<u32, u32>> {
    namespace::inside(namespace, speeds)
}

/// The number this kernel has given to ethtool's messages; `None` without them.
fn family(socket: &Socket) -> io::Result<Option<u16>> {
    const CONTROLLER: u16 = 16;
    const GET_FAMILY: u8 = 3;
    const NAME: u16 = 2;
    const ID: u16 = 1;
    let name = attribute(NAME, b"ethtool\0");
    let answers = match talk(socket, &message(CONTROLLER, ACKNOWLEDGE, GET_FAMILY, &name)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        answers => answers?,
    };
    let id = |answer: &Vec<u8>| {
        let found = attributes(answer).find(|nla| nla.kind() == ID)?;
        found.value().try_into().ok().map(u16::from_ne_bytes)
    };
    Ok(answers.iter().find_map(id))
}

/// A device and its speed, from the answer about its link modes.
fn speed(answer: &[u8]) -> Option<(u32, u32)> {
    const DEVICE: u16 = 1;
    const INDEX: u16 = 1;
    const SPEED: u16 = 5;
    let number = |bytes: &[u8]| bytes.try_into().ok().map(u32::from_ne_bytes);
    let (mut index, mut speed) = (None, None);
    for nla in attributes(answer) {
        match nla.kind() {
            DEVICE => {
                index = attributes(nla.value())
                    .find(|nla| nla.kind() == INDEX)
                    .and_then(|nla| number(nla.value()));
            }
            SPEED => speed = number(nla.value()),
            _ => {}
        }
    }
    // Without carrier the kernel says -1, some drivers 0.
    index.zip(speed.filter(|speed| (1..u32::MAX).contains(speed)))
}

fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap_or(u16::MAX);
    let mut bytes = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// One request; there is never more than one under way on a socket, so its sequence number does not matter.
fn message(kind: u16, flags: u16, command: u8, attributes: &[u8]) -> Vec<u8> {
    let length = (HEADER + GENERIC_HEADER + attributes.len()) as u32;
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend(kind.to_ne_bytes());
    bytes.extend((REQUEST | flags).to_ne_bytes());
    bytes.extend([0; 8]);
    bytes.extend([command, 1, 0, 0]);
    bytes.extend(attributes);
    bytes
}

/// The attributes of every answer, up to the acknowledgement or the end of the list.
fn talk(socket: &Socket, request: &[u8]) -> io::Result<Vec<Vec<u8>>> {
    socket.send(request, 0)?;
    let mut answers = Vec::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        let length = socket.recv(&mut &mut *buffer, 0)?;
        let mut rest = &buffer[..length];
        while let Some((kind, body, after)) = split(rest) {
            match kind {
                DONE => return Ok(answers),
                ERROR => {
                    let code = body.get(..4).and_then(|code| code.try_into().ok());
                    return match code.map_or(0, i32::from_ne_bytes) {
                        0 => Ok(answers),
                        code => Err(io::Error::from_raw_os_error(-code)),
                    };
                }
                _ => answers.push(body.get(GENERIC_HEADER..).unwrap_or_default().to_vec()),
            }
            rest = after;
        }
    }
}

/// The kind and the body of the first message, and what follows it.
fn split(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let length = u32::from_ne_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
    let kind = u16::from_ne_bytes(bytes.get(4..6)?.try_into().ok()?);
    let body = bytes.get(HEADER..length)?;
    Some((
        kind,
        body,
        bytes.get(length.next_multiple_of(4)..).unwrap_or_default(),
    ))
}

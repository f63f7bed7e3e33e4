//! The messages of VPP's binary API that are needed, as bytes: one runs any CLI command, a few others tell of tunnels of
//! WireGuard without writing a key into a line. Nothing here does I/O.
//!
//! A message is preceded by 16 bytes: 8 zero, u32 length, 4 zero. All integers are big-endian.

use crate::types::{WireguardKey, WireguardSecret};
use std::net::IpAddr;

/// Length of what precedes each message.
pub const HEADER: usize = 16;
/// A longer message is not VPP's: `show` of everything on a full router stays far below.
pub const LONGEST: usize = 256 << 20;
const SOCKCLNT_CREATE: u16 = 15;
const SOCKCLNT_CREATE_REPLY: u16 = 16;
const NAME: usize = 64;
/// Bytes of a key of WireGuard.
const KEY: usize = 32;
/// In place of the number of an interface.
const NO_INTERFACE: u32 = u32::MAX;

/// Why a message is invalid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The header announces a longer message than VPP ever sends.
    #[error("a message of {0} bytes")]
    Length(usize),
    /// It ends before its fields do.
    #[error("a message that ends too early")]
    Short,
    /// A message other than the answer to the first one.
    #[error("message {0} instead of the answer to a new client")]
    Unexpected(u16),
    /// VPP refused the client.
    #[error("the client was refused with {0}")]
    Refused(i32),
    /// The table lacks the message everything is done with.
    #[error("no message cli_inband in its table")]
    NoCli,
}

/// VPP's answer to a new client: its number, and the IDs of the messages it will use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// The number to put into each request.
    pub client: u32,
    /// The id of the request.
    pub cli: u16,
    /// The id of its answer.
    pub cli_reply: u16,
    /// Those of WireGuard, where this VPP has them in the layout that is known.
    pub wireguard: Option<Wireguard>,
}

/// The ids of the messages about WireGuard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wireguard {
    create: u16,
    create_reply: u16,
    dump: u16,
    details: u16,
    ping: u16,
    ping_reply: u16,
}

/// Their names, with the checksums of their layouts: the same from VPP 25.06 to 26.06.
const WIREGUARD: [&str; 6] = [
    "wireguard_interface_create_a530137e",
    "wireguard_interface_create_reply_5383d31f",
    "wireguard_interface_dump_2c954158",
    "wireguard_interface_details_0dd4865d",
    "control_ping_51077d14",
    "control_ping_reply_f6b0b8ca",
];

/// What is asked of VPP.
#[derive(Debug, Clone, Copy)]
pub enum Request<'r> {
    /// A CLI command.
    Command(&'r str),
    /// A tunnel of WireGuard is made.
    CreateTunnel(Wireguard, &'r Tunnel),
    /// Which tunnels of WireGuard there are.
    ListTunnels(Wireguard),
}

/// A tunnel of WireGuard.
#[derive(Debug)]
pub struct Tunnel {
    /// The number in its name.
    pub instance: u32,
    /// An address of this router.
    pub source: IpAddr,
    /// The port peers send to.
    pub port: u16,
    /// Its private key.
    pub key: WireguardSecret,
}

/// A message that belongs to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A part of the answer; more follows.
    Part(String),
    /// The answer, or the end of it.
    Whole(Reply),
}

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// 0, or negative when the command returned an error.
    pub status: i32,
    /// What was printed.
    pub text: String,
}

/// The length of the message after this header.
pub fn length(header: [u8; HEADER]) -> Result<usize, WireError> {
    let [.., a, b, c, d, _, _, _, _] = header;
    let length = u32::from_be_bytes([a, b, c, d]) as usize;
    match length {
        2..=LONGEST => Ok(length),
        _ => Err(WireError::Length(length)),
    }
}

/// The first message: who we are.
pub fn create(name: &str) -> Vec<u8> {
    let mut message = SOCKCLNT_CREATE.to_be_bytes().to_vec();
    message.extend(0u32.to_be_bytes());
    // VPP wants the name to end with a zero byte.
    let mut field: Vec<u8> = name.bytes().take(NAME - 1).collect();
    field.resize(NAME, 0);
    message.extend(field);
    framed(message)
}

/// A request as bytes: one message, or two.
pub fn request(session: Session, context: u32, request: Request<'_>) -> Vec<u8> {
    let begun = |id: u16| {
        let mut message = id.to_be_bytes().to_vec();
        message.extend(session.client.to_be_bytes());
        message.extend(context.to_be_bytes());
        message
    };
    match request {
        Request::Command(text) => {
            let mut message = begun(session.cli);
            message.extend((text.len() as u32).to_be_bytes());
            message.extend(text.as_bytes());
            framed(message)
        }
        Request::CreateTunnel(ids, tunnel) => {
            let mut message = begun(ids.create);
            message.extend(tunnel.instance.to_be_bytes());
            message.extend(NO_INTERFACE.to_be_bytes());
            message.extend(tunnel.key.reveal());
            message.extend([0; KEY]);
            message.extend(tunnel.port.to_be_bytes());
            message.extend(address(tunnel.source));
            // It is not to make a key itself.
            message.push(0);
            framed(message)
        }
        Request::ListTunnels(ids) => {
            let mut message = begun(ids.dump);
            // Without private keys, of all interfaces.
            message.push(0);
            message.extend(NO_INTERFACE.to_be_bytes());
            // The list has no end of its own: the answer to a ping comes behind it.
            [framed(message), framed(begun(ids.ping))].concat()
        }
    }
}

/// One byte for the family, 16 for the address.
fn address(address: IpAddr) -> [u8; 17] {
    let mut bytes = [0; 17];
    match address {
        IpAddr::V4(address) => bytes[1..5].copy_from_slice(&address.octets()),
        IpAddr::V6(address) => {
            bytes[0] = 1;
            bytes[1..].copy_from_slice(&address.octets());
        }
    }
    bytes
}

fn framed(message: Vec<u8>) -> Vec<u8> {
    let mut bytes = vec![0; 8];
    bytes.extend((message.len() as u32).to_be_bytes());
    bytes.extend([0; 4]);
    bytes.extend(message);
    bytes
}

/// The answer to [`create`]. Ids differ with the loaded plugins, so they come from its table only.
pub fn session(message: &[u8]) -> Result<Session, WireError> {
    let mut fields = Fields(message);
    let kind = fields.u16()?;
    if kind != SOCKCLNT_CREATE_REPLY {
        return Err(WireError::Unexpected(kind));
    }
    let (_client, _context) = (fields.u32()?, fields.u32()?);
    let status = fields.u32()?.cast_signed();
    if status != 0 {
        return Err(WireError::Refused(status));
    }
    let client = fields.u32()?;
    let (mut cli, mut cli_reply) = (None, None);
    let mut wireguard = [None; WIREGUARD.len()];
    for _ in 0..fields.u16()? {
        let id = fields.u16()?;
        let name = fields.take(NAME)?;
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        if name.starts_with(b"cli_inband_reply_") {
            cli_reply = Some(id);
        } else if name.starts_with(b"cli_inband_") {
            cli = Some(id);
        }
        let known = WIREGUARD.iter().zip(&mut wireguard);
        for (_, place) in known.filter(|(known, _)| known.as_bytes() == name) {
            *place = Some(id);
        }
    }
    let wireguard = match wireguard {
        [
            Some(create),
            Some(create_reply),
            Some(dump),
            Some(details),
            Some(ping),
            Some(ping_reply),
        ] => Some(Wireguard {
            create,
            create_reply,
            dump,
            details,
            ping,
            ping_reply,
        }),
        _ => None,
    };
    match (cli, cli_reply) {
        (Some(cli), Some(cli_reply)) => Ok(Session {
            client,
            cli,
            cli_reply,
            wireguard,
        }),
        _ => Err(WireError::NoCli),
    }
}

/// What the message says to the [`request`] with this context; `None` if it is another message.
pub fn answer(session: Session, context: u32, message: &[u8]) -> Result<Option<Answer>, WireError> {
    let mut fields = Fields(message);
    let id = fields.u16()?;
    let is = |of: fn(Wireguard) -> u16| session.wireguard.is_some_and(|ids| of(ids) == id);
    let is_known = id == session.cli_reply
        || is(|ids| ids.create_reply)
        || is(|ids| ids.details)
        || is(|ids| ids.ping_reply);
    if !is_known || fields.u32()? != context {
        return Ok(None);
    }
    if is(|ids| ids.details) {
        return listed(fields).map(Answer::Part).map(Some);
    }
    let status = fields.u32()?.cast_signed();
    let text = match id == session.cli_reply {
        true => {
            let length = fields.u32()? as usize;
            // C strings keep their end inside the text, too: `show lcp` of 25.06 has one behind each Linux name.
            String::from_utf8_lossy(fields.take(length)?).replace('\0', "")
        }
        false if status == 0 => String::new(),
        false => format!("error {status}"),
    };
    Ok(Some(Answer::Whole(Reply { status, text })))
}

/// A tunnel of WireGuard in the list: its interface and its public key.
fn listed(mut fields: Fields<'_>) -> Result<String, WireError> {
    let _instance = fields.u32()?;
    let interface = fields.u32()?;
    let _private: [u8; KEY] = fields.array()?;
    let key = WireguardKey::from(fields.array::<KEY>()?);
    Ok(format!("sw_if_index {interface} public-key {key}\n"))
}

/// The part of a message that was not read yet.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], WireError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(WireError::Short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        self.take(N)?.try_into().map_err(|_| WireError::Short)
    }

    fn u16(&mut self) -> Result<u16, WireError> {
        self.array().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Result<u32, WireError> {
        self.array().map(u32::from_be_bytes)
    }
}

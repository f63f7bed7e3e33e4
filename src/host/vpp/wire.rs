//! The messages of VPP's binary API that are needed to run CLI commands, as bytes. Nothing here does I/O.
//!
//! A message is preceded by 16 bytes: 8 zero, u32 length, 4 zero. All integers are big-endian.

/// Length of what precedes each message.
pub const HEADER: usize = 16;
/// A longer message is not VPP's: `show` of everything on a full router stays far below.
pub const LONGEST: usize = 256 << 20;
const SOCKCLNT_CREATE: u16 = 15;
const SOCKCLNT_CREATE_REPLY: u16 = 16;
const NAME: usize = 64;

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

/// VPP's answer to a new client: its number, and the IDs of the two messages it will use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// The number to put into each request.
    pub client: u32,
    /// The id of the request.
    pub cli: u16,
    /// The id of its answer.
    pub cli_reply: u16,
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

/// A command as a message.
pub fn request(session: Session, context: u32, text: &str) -> Vec<u8> {
    let mut message = session.cli.to_be_bytes().to_vec();
    message.extend(session.client.to_be_bytes());
    message.extend(context.to_be_bytes());
    message.extend((text.len() as u32).to_be_bytes());
    message.extend(text.as_bytes());
    framed(message)
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
    for _ in 0..fields.u16()? {
        let id = fields.u16()?;
        let name = fields.take(NAME)?;
        if name.starts_with(b"cli_inband_reply_") {
            cli_reply = Some(id);
        } else if name.starts_with(b"cli_inband_") {
            cli = Some(id);
        }
    }
    match (cli, cli_reply) {
        (Some(cli), Some(cli_reply)) => Ok(Session {
            client,
            cli,
            cli_reply,
        }),
        _ => Err(WireError::NoCli),
    }
}

/// The answer to the [`request`] with this context; `None` if it is another message.
pub fn reply(session: Session, context: u32, message: &[u8]) -> Result<Option<Reply>, WireError> {
    let mut fields = Fields(message);
    if fields.u16()? != session.cli_reply || fields.u32()? != context {
        return Ok(None);
    }
    let status = fields.u32()?.cast_signed();
    let length = fields.u32()? as usize;
    // C strings keep their end inside the text, too: `show lcp` of 25.06 has one behind each Linux name.
    let text = String::from_utf8_lossy(fields.take(length)?).replace('\0', "");
    Ok(Some(Reply { status, text }))
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

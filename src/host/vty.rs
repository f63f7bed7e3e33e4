//! FRR's daemons, each on the socket that it has for vtysh: one command, one answer.
//!
//! A command ends in a zero byte, its answer in three and its result (lib/vty.c, the same from FRR 8.4 to 10.3). A vtysh would
//! build the grammar of all daemons first, 20 ms of a processor for each question, and have PAM look at the account.

use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, socket};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

const FOLDER: &str = "/run/frr";

/// FRR's `CMD_SUCCESS`.
const SUCCESS: u8 = 0;

/// Longer answers are an error: FRR writes half a kilobyte of JSON for each neighbour.
const LONGEST: usize = 16 << 20;

/// Why a daemon did not answer.
#[derive(Debug, thiserror::Error)]
pub enum VtyError {
    /// It does not run, or takes no more connections.
    #[error("{daemon} cannot be reached at {FOLDER}/{daemon}.vty")]
    Absent {
        /// Which.
        daemon: String,
        /// What the kernel said.
        #[source]
        source: io::Error,
    },
    /// The connection broke.
    #[error("{daemon} ended while it answered '{command}'")]
    Broken {
        /// Which.
        daemon: String,
        /// What it was asked.
        command: String,
        /// What the kernel said.
        #[source]
        source: io::Error,
    },
    /// It hangs.
    #[error("{daemon} did not answer '{command}' within {} s", deadline.as_secs())]
    Late {
        /// Which.
        daemon: String,
        /// What it was asked.
        command: String,
        /// The time limit it was given.
        deadline: Duration,
    },
    /// It does not know the command, or cannot do it.
    #[error("{daemon} refused '{command}': {words}")]
    Refused {
        /// Which.
        daemon: String,
        /// What it was asked.
        command: String,
        /// What it said.
        words: String,
    },
}

/// What the daemon prints to a command of vtysh that only shows something. Nothing that it does or does not do takes longer
/// than the deadline.
pub fn show(daemon: &str, command: &str, deadline: Duration) -> Result<String, VtyError> {
    let end = Instant::now() + deadline;
    let stream = open(daemon).map_err(|source| VtyError::Absent {
        daemon: daemon.to_owned(),
        source,
    })?;
    let (answer, result) = ask(&stream, command, end).map_err(|source| match source.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => VtyError::Late {
            daemon: daemon.to_owned(),
            command: command.to_owned(),
            deadline,
        },
        _ => VtyError::Broken {
            daemon: daemon.to_owned(),
            command: command.to_owned(),
            source,
        },
    })?;
    match result {
        SUCCESS => Ok(answer),
        _ => Err(VtyError::Refused {
            daemon: daemon.to_owned(),
            command: command.to_owned(),
            words: answer.trim().to_owned(),
        }),
    }
}

/// Without waiting: the queue of a daemon that hangs is full after a few who asked, and connecting would block.
fn open(daemon: &str) -> io::Result<UnixStream> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let descriptor = socket(AddressFamily::Unix, SockType::Stream, flags, None)?;
    let address = UnixAddr::new(format!("{FOLDER}/{daemon}.vty").as_str())?;
    connect(descriptor.as_raw_fd(), &address)?;
    let stream = UnixStream::from(descriptor);
    stream.set_nonblocking(false)?;
    Ok(stream)
}

fn ask(mut stream: &UnixStream, command: &str, end: Instant) -> io::Result<(String, u8)> {
    stream.set_write_timeout(Some(left(end)?))?;
    stream.write_all(format!("{command}\0").as_bytes())?;
    let mut heard = Vec::new();
    let mut part = [0; 16 << 10];
    loop {
        if let Some((answer, result)) = whole(&heard) {
            return Ok((String::from_utf8_lossy(answer).into_owned(), result));
        }
        if heard.len() > LONGEST {
            return Err(io::Error::other("an answer without end"));
        }
        stream.set_read_timeout(Some(left(end)?))?;
        match stream.read(&mut part) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(length) => heard.extend_from_slice(part.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn left(end: Instant) -> io::Result<Duration> {
    let left = end.saturating_duration_since(Instant::now());
    match left.is_zero() {
        true => Err(ErrorKind::TimedOut.into()),
        false => Ok(left),
    }
}

/// The text of an answer and its result, once all of it is there. No text has a zero byte.
fn whole(heard: &[u8]) -> Option<(&[u8], u8)> {
    match heard.split_last_chunk()? {
        (text, [0, 0, 0, result]) => Some((text, *result)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_with_its_result() {
        for part in [&b""[..], b"up\n", b"up\n\0", b"up\n\0\0\0"] {
            assert_eq!(whole(part), None);
        }
        assert_eq!(whole(b"up\n\0\0\0\0"), Some((&b"up\n"[..], 0)));
        assert_eq!(whole(b"\0\0\0\x02"), Some((&b""[..], 2)));
    }

    #[test]
    fn a_daemon_that_does_not_run_is_named() {
        let said = show("nod", "show version", Duration::from_secs(1)).map_err(|error| error.to_string());
        assert_eq!(said, Err("nod cannot be reached at /run/frr/nod.vty".to_owned()));
    }
}

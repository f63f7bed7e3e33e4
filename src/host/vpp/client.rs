//! A connection to a VPP over its binary API's socket; every wait has a deadline.

use super::wire::{self, Answer, Reply, Request, Session, WireError, Wireguard};
use crate::host::pid::{self, Process};
use crate::host::wait::within;
use crate::types::wireguard::LISTS_TUNNELS;
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use std::collections::VecDeque;
use std::io::{self, BufReader, ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Between two attempts. On real hardware the socket appears within a fraction of a second.
const POLL: Duration = Duration::from_millis(50);
/// How long VPP may take for one command. The slowest allocates det44's session tables: seconds for the 1.5 GB measured.
const ANSWER: Duration = Duration::from_secs(60);
/// How many commands are under way at once: VPP has the next one before it has answered the last.
const WINDOW: usize = 32;
/// So many bytes of them at most, or one longer command: VPP reads what fits into a socket's buffer without waiting for us.
const UNDER_WAY: usize = 64 << 10;

/// Why VPP could not be reached, or did not answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nothing accepted a connection on the socket before the deadline.
    #[error("no vpp answers on '{}' after {} s", path.display(), waited.as_secs())]
    Absent {
        /// The socket.
        path: PathBuf,
        /// How long it was waited for.
        waited: Duration,
        /// The last attempt's error.
        #[source]
        source: io::Error,
    },
    /// The process that should answer has ended.
    #[error("vpp (process {0}) ended before it answered")]
    Died(i32),
    /// It closed the connection: VPP died.
    #[error("vpp closed the connection")]
    Gone,
    /// No answer within a minute.
    #[error("vpp did not answer within {} s", ANSWER.as_secs())]
    Silent,
    /// The socket failed otherwise.
    #[error("vpp's socket")]
    Io(#[source] io::Error),
    /// The data received is not VPP's protocol.
    #[error("vpp sent")]
    Protocol(#[from] WireError),
}

/// The connection failed before this command was answered: it may have been carried out, and nothing behind it was answered.
#[derive(Debug)]
pub struct Unanswered {
    /// Which of the commands.
    pub number: usize,
    /// Why.
    pub source: ClientError,
}

/// An open connection.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<UnixStream>,
    session: Session,
    context: u32,
    peer: Process,
}

impl Client {
    /// Connects to the VPP that listens there, within `wait`. The socket file alone proves nothing: it outlives VPP.
    ///
    /// With `owner`, only that process is accepted, and the wait ends when it does: VPP exits with status 0 on several
    /// failures, which systemd would notice only at its own time limit.
    pub fn connect(path: &Path, wait: Duration, owner: Option<i32>) -> Result<Self, ClientError> {
        let mut last = ErrorKind::TimedOut.into();
        let connected = within(wait, POLL, || {
            if let Some(pid) = owner.filter(|pid| !pid::is_alive(*pid)) {
                return Some(Err(ClientError::Died(pid)));
            }
            last = match Self::attempt(path, owner) {
                Err(ClientError::Io(source)) => source,
                // Closed during the handshake: the old VPP is ending, a new one will follow.
                Err(ClientError::Gone) => ErrorKind::ConnectionReset.into(),
                answer => return Some(answer),
            };
            None
        });
        connected.unwrap_or_else(|| {
            Err(ClientError::Absent {
                path: path.to_owned(),
                waited: wait,
                source: last,
            })
        })
    }

    fn attempt(path: &Path, owner: Option<i32>) -> Result<Self, ClientError> {
        let stream = UnixStream::connect(path).map_err(ClientError::Io)?;
        let pid = getsockopt(&stream, PeerCredentials)
            .map_err(|error| ClientError::Io(error.into()))?
            .pid();
        if owner.is_some_and(|owner| owner != pid) {
            return Err(ClientError::Io(io::Error::other(format!(
                "process {pid} answers instead"
            ))));
        }
        let peer = Process::running(pid).map_err(ClientError::Io)?;
        let mut stream = BufReader::with_capacity(UNDER_WAY, stream);
        send(&mut stream, &wire::create("imp-vpp"))?;
        let session = wire::session(&receive(&mut stream, Instant::now() + ANSWER)?)?;
        Ok(Self {
            stream,
            session,
            context: 0,
            peer,
        })
    }

    /// The process at the other end.
    pub fn peer(&self) -> Process {
        self.peer
    }

    /// The messages about WireGuard, where this VPP has those that are known.
    pub fn wireguard(&self) -> Option<Wireguard> {
        self.session.wireguard
    }

    /// Runs one command and returns what VPP said.
    pub fn run(&mut self, text: &str) -> Result<Reply, ClientError> {
        self.ask(self.request(text))
    }

    /// One request, and VPP's answer to all of it.
    pub fn ask(&mut self, request: Request<'_>) -> Result<Reply, ClientError> {
        let context = self.next_context();
        send(&mut self.stream, &wire::request(self.session, context, request))?;
        self.reply(context)
    }

    /// A command, or the one question that no command asks. A VPP without that message refuses it like any unknown command.
    fn request<'t>(&self, text: &'t str) -> Request<'t> {
        match (text, self.session.wireguard) {
            (LISTS_TUNNELS, Some(ids)) => Request::ListTunnels(ids),
            _ => Request::Command(text),
        }
    }

    /// Runs the commands in order, up to 32 under way at once; `answered` gets each reply with the number of its command.
    ///
    /// Once `answered` returns false, no further command is sent; those that were are still carried out by VPP, and their
    /// replies are still given. So every command that VPP carried out is known in the end, unless the connection fails.
    pub fn run_each<'t>(
        &mut self,
        texts: impl IntoIterator<Item = &'t str>,
        mut answered: impl FnMut(usize, Reply) -> bool,
    ) -> Result<(), Unanswered> {
        let mut texts = texts.into_iter().enumerate();
        let mut waiting = VecDeque::new();
        let mut goes_on = true;
        loop {
            if goes_on && waiting.len() <= WINDOW / 2 {
                let mut bytes = Vec::new();
                while waiting.len() < WINDOW && bytes.len() < UNDER_WAY {
                    let Some((number, text)) = texts.next() else {
                        break;
                    };
                    let context = self.next_context();
                    bytes.extend(wire::request(self.session, context, self.request(text)));
                    waiting.push_back((context, number));
                }
                // Of a VPP that has died, the answers tell how far it came.
                goes_on = send(&mut self.stream, &bytes).is_ok();
            }
            let Some((context, number)) = waiting.pop_front() else {
                return Ok(());
            };
            let reply = self
                .reply(context)
                .map_err(|source| Unanswered { number, source })?;
            goes_on &= answered(number, reply);
        }
    }

    fn next_context(&mut self) -> u32 {
        self.context = self.context.wrapping_add(1);
        self.context
    }

    /// The answer to this request; VPP may send other messages before it.
    fn reply(&mut self, context: u32) -> Result<Reply, ClientError> {
        let deadline = Instant::now() + ANSWER;
        let mut parts = String::new();
        loop {
            let message = receive(&mut self.stream, deadline)?;
            match wire::answer(self.session, context, &message)? {
                None => {}
                Some(Answer::Part(part)) => parts.push_str(&part),
                Some(Answer::Whole(mut reply)) => {
                    reply.text.insert_str(0, &parts);
                    return Ok(reply);
                }
            }
        }
    }
}

fn send(stream: &mut BufReader<UnixStream>, bytes: &[u8]) -> Result<(), ClientError> {
    let stream = stream.get_mut();
    stream
        .set_write_timeout(Some(ANSWER))
        .and_then(|()| stream.write_all(bytes))
        .map_err(classify)
}

fn receive(stream: &mut BufReader<UnixStream>, deadline: Instant) -> Result<Vec<u8>, ClientError> {
    let mut header = [0; wire::HEADER];
    read_exact(stream, &mut header, deadline)?;
    let mut message = vec![0; wire::length(header)?];
    read_exact(stream, &mut message, deadline)?;
    Ok(message)
}

fn read_exact(
    stream: &mut BufReader<UnixStream>,
    mut buffer: &mut [u8],
    deadline: Instant,
) -> Result<(), ClientError> {
    while !buffer.is_empty() {
        if stream.buffer().is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ClientError::Silent);
            }
            let wait = stream.get_ref().set_read_timeout(Some(left));
            wait.map_err(ClientError::Io)?;
        }
        match stream.read(buffer) {
            Ok(0) => return Err(ClientError::Gone),
            Ok(count) => buffer = &mut buffer[count..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(classify(error)),
        }
    }
    Ok(())
}

fn classify(error: io::Error) -> ClientError {
    match error.kind() {
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof => ClientError::Gone,
        ErrorKind::WouldBlock | ErrorKind::TimedOut => ClientError::Silent,
        _ => ClientError::Io(error),
    }
}

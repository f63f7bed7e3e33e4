//! Runs other programs with a clean environment and a deadline; an error quotes what they wrote to standard error.

use super::child::Running;
use super::pipe::Pipe;
use super::wait::readable;
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _, Write};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::process::{CommandExt as _, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Where system programs are. The environment of a boot step is not relied on.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// How many bytes of standard error are kept.
pub(super) const STDERR: u64 = 8 * 1024;
/// How long to wait for a killed program to be gone.
const REAP: Duration = Duration::from_secs(2);

/// How many bytes of standard output are kept: FRR writes half a kilobyte of JSON per neighbour, and lists of datasets are
/// long.
const OUTPUT: u64 = 16 << 20;

/// Why a program did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// It could not be started.
    #[error("start '{program}'")]
    Start {
        /// Which.
        program: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file it should read could not be read.
    #[error("{}", path.display())]
    Input {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It ended with an error.
    #[error("'{program}' {}{}", how(*status), said(stderr))]
    Ended {
        /// Which.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// What it wrote to standard error, trimmed.
        stderr: String,
    },
    /// It did not finish in time and was killed.
    #[error("'{program}' did not finish within {} s{}", deadline.as_secs(), said(stderr))]
    Late {
        /// Which.
        program: String,
        /// The time limit it was given.
        deadline: Duration,
        /// What it wrote to standard error, trimmed.
        stderr: String,
    },
}

/// A program that ended, successfully or not.
#[derive(Debug)]
pub struct Ended {
    /// How.
    pub status: ExitStatus,
    /// What it wrote to standard output, trimmed.
    pub output: String,
    /// What it wrote to standard error, trimmed.
    pub stderr: String,
}

/// Runs a program and returns what it wrote to standard output, trimmed. One that fails or is late is an error.
pub fn run(program: &str, arguments: &[&str], deadline: Duration) -> Result<String, ProcessError> {
    run_with(program, arguments, &[], "", deadline)
}

/// The same with environment variables and a text on standard input.
pub fn run_with(
    program: &str,
    arguments: &[&str],
    environment: &[(&str, &str)],
    input: &str,
    deadline: Duration,
) -> Result<String, ProcessError> {
    let ended = run_to_end(program, arguments, environment, input, deadline)?;
    if ended.status.success() {
        Ok(ended.output)
    } else {
        Err(ProcessError::Ended {
            program: program.to_owned(),
            status: ended.status,
            stderr: ended.stderr,
        })
    }
}

/// The same, but an exit status other than 0 is not an error. A program that exceeds the deadline is killed with its whole
/// process group.
pub fn run_to_end(
    program: &str,
    arguments: &[&str],
    environment: &[(&str, &str)],
    input: &str,
    deadline: Duration,
) -> Result<Ended, ProcessError> {
    let start = |source| ProcessError::Start {
        program: program.to_owned(),
        source,
    };
    let mut running = Running::start(
        command(program, arguments)
            .envs(environment.iter().copied())
            .stdin(if input.is_empty() {
                Stdio::null()
            } else {
                Stdio::piped()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped()),
    )
    .map_err(start)?;
    feed(running.child.stdin.take(), input);
    // A full pipe must not block the program, nor a grandchild that keeps it open block us.
    let mut output = Pipe::new(running.child.stdout.take(), OUTPUT).map_err(start)?;
    let mut stderr = Pipe::new(running.child.stderr.take(), STDERR).map_err(start)?;
    match await_end(&mut running, &mut output, &mut stderr, deadline).map_err(start)? {
        Some(status) => Ok(Ended {
            status,
            output: output.text(),
            stderr: stderr.text(),
        }),
        None => {
            running.kill_group(REAP);
            Err(ProcessError::Late {
                program: program.to_owned(),
                deadline,
                stderr: stderr.text(),
            })
        }
    }
}

/// How the program ended, or `None` at the deadline. Reads what it writes in the meantime.
fn await_end(
    running: &mut Running,
    output: &mut Pipe<ChildStdout>,
    stderr: &mut Pipe<ChildStderr>,
    deadline: Duration,
) -> io::Result<Option<ExitStatus>> {
    let end = Instant::now() + deadline;
    loop {
        output.drain();
        stderr.drain();
        let left = end.saturating_duration_since(Instant::now());
        match running.status()? {
            Some(status) => return Ok(Some(status)),
            None if left.is_zero() => return Ok(None),
            None => {}
        }
        let pipes = [output.descriptor(), stderr.descriptor()].into_iter().flatten();
        let all: Vec<BorrowedFd<'_>> = pipes.chain([running.as_fd()]).collect();
        readable(&all, left)?;
    }
}

/// The first bytes that a program writes when it reads this file, at most `length` of them. Then it is killed: how it ends
/// does not matter.
pub fn first_bytes(
    program: &str,
    arguments: &[&str],
    input: &Path,
    length: usize,
) -> Result<Vec<u8>, ProcessError> {
    let unreadable = |source| ProcessError::Input {
        path: input.to_owned(),
        source,
    };
    let file = File::open(input).map_err(unreadable)?;
    let started = command(program, arguments)
        .stdin(file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut child = started.map_err(|source| ProcessError::Start {
        program: program.to_owned(),
        source,
    })?;
    let mut bytes = Vec::with_capacity(length);
    let read = match child.stdout.take() {
        Some(output) => output.take(length as u64).read_to_end(&mut bytes),
        None => Ok(0),
    };
    let _ = child.kill();
    let _ = child.wait();
    read.map(|_| bytes).map_err(unreadable)
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// By itself, with this exit code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

/// Says to a program that [`again`] started it.
const AGAIN: &str = "IMP_AGAIN";

/// Runs this program once more, with these arguments and all else that it has itself, and waits for its end.
///
/// It knows by [`is_again`], and dies with its caller if it asks for that ([`die_with_parent`]).
pub fn again(arguments: &[OsString]) -> io::Result<End> {
    let status = Command::new(std::env::current_exe()?)
        .args(arguments)
        .env(AGAIN, "1")
        .stdin(Stdio::null())
        .status()?;
    Ok(match status.code() {
        Some(code) => End::Code(code),
        None => End::Signal(status.signal().unwrap_or_default()),
    })
}

/// This process becomes the program, with its environment, its terminal and its exit status; returns only why it did not.
pub fn become_program(program: &str, arguments: &[String]) -> io::Error {
    Command::new(program).args(arguments).exec()
}

/// Runs an editor, with its words as typed in `EDITOR`, on files in a directory, at the terminal of this process.
pub fn edit(editor: &str, directory: &Path, files: &[PathBuf]) -> io::Result<End> {
    let mut words = editor.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or_default());
    let status = command.args(words).args(files).current_dir(directory).status()?;
    Ok(match status.code() {
        Some(code) => End::Code(code),
        None => End::Signal(status.signal().unwrap_or_default()),
    })
}

/// Whether this process was started by [`again`].
pub fn is_again() -> bool {
    std::env::var_os(AGAIN).is_some()
}

/// If whoever started this process is killed, so is this process.
pub fn die_with_parent() -> io::Result<()> {
    Ok(set_pdeathsig(Signal::SIGKILL)?)
}

/// A command with the environment all programs get, and nothing on standard input.
pub(super) fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .env("PATH", PATH)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null());
    command
}

/// Writes the text from a separate thread, so that a program that does not read it does not block us.
fn feed(stream: Option<impl Write + Send + 'static>, input: &str) {
    if let Some(mut stream) = stream {
        let input = input.to_owned();
        // A program that ends early reports why itself.
        std::thread::spawn(move || stream.write_all(input.as_bytes()));
    }
}

fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with status {code}"),
        (None, Some(signal)) => format!("was killed by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}

fn said(stderr: &str) -> String {
    match stderr.split('\n').map(str::trim).collect::<Vec<_>>().join("; ") {
        text if text.is_empty() => text,
        text => format!(": {text}"),
    }
}

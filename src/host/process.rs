//! Other programs: started with a clean environment and a deadline, quoted with their own words when they fail.

use super::child::Running;
use super::pipe::Pipe;
use super::wait::readable;
use std::io::{self, Write};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Where system programs are; the environment of a boot has no better answer.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// How much of a program's words is kept.
pub(super) const WORDS: u64 = 8 * 1024;
/// How long a killed program may take to be gone.
const REAP: Duration = Duration::from_secs(2);

/// How much of its output is kept: FRR takes half a kilobyte of JSON per neighbour, and lists of datasets are long.
const OUTPUT: u64 = 16 << 20;

/// Why a program did not do its work.
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
    /// It ended with an error.
    #[error("'{program}' {}{}", how(*status), said(words))]
    Ended {
        /// Which.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// What it wrote to standard error, trimmed.
        words: String,
    },
    /// It did not finish in time and was killed.
    #[error("'{program}' did not finish within {} s{}", deadline.as_secs(), said(words))]
    Late {
        /// Which.
        program: String,
        /// What it was given.
        deadline: Duration,
        /// What it wrote to standard error, trimmed.
        words: String,
    },
}

/// A program that ended, well or not.
#[derive(Debug)]
pub struct Ended {
    /// How.
    pub status: ExitStatus,
    /// What it wrote to standard output, trimmed.
    pub output: String,
    /// What it wrote to standard error, trimmed.
    pub words: String,
}

/// What a program that succeeded wrote to standard output.
pub fn run(program: &str, arguments: &[&str], deadline: Duration) -> Result<String, ProcessError> {
    run_with(program, arguments, &[], "", deadline)
}

/// The same with variables in its environment and a text at its standard input.
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
            words: ended.words,
        })
    }
}

/// The same, and how it ended is the caller's to judge. One that is late is killed with everything it started.
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
    // A full pipe must not stop the program, nor a grandchild that keeps it open stop us.
    let mut output = Pipe::new(running.child.stdout.take(), OUTPUT).map_err(start)?;
    let mut words = Pipe::new(running.child.stderr.take(), WORDS).map_err(start)?;
    match await_end(&mut running, &mut output, &mut words, deadline).map_err(start)? {
        Some(status) => Ok(Ended {
            status,
            output: output.text(),
            words: words.text(),
        }),
        None => {
            running.kill_group(REAP);
            Err(ProcessError::Late {
                program: program.to_owned(),
                deadline,
                words: words.text(),
            })
        }
    }
}

/// How the program ended; `None` when it had not at the deadline. What it writes meanwhile is read.
fn await_end(
    running: &mut Running,
    output: &mut Pipe<ChildStdout>,
    words: &mut Pipe<ChildStderr>,
    deadline: Duration,
) -> io::Result<Option<ExitStatus>> {
    let end = Instant::now() + deadline;
    loop {
        output.drain();
        words.drain();
        let left = end.saturating_duration_since(Instant::now());
        match running.status()? {
            Some(status) => return Ok(Some(status)),
            None if left.is_zero() => return Ok(None),
            None => {}
        }
        let pipes = [output.descriptor(), words.descriptor()].into_iter().flatten();
        let all: Vec<BorrowedFd<'_>> = pipes.chain([running.as_fd()]).collect();
        readable(&all, left)?;
    }
}

/// A program that reads a file and whose output is read by the caller, who ends and reaps it.
pub fn reader(program: &str, arguments: &[&str], input: std::fs::File) -> Result<Child, ProcessError> {
    let started = command(program, arguments)
        .stdin(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    started.map_err(|source| ProcessError::Start {
        program: program.to_owned(),
        source,
    })
}

/// A program that is about to be started, with the environment all of ours get and no terminal to read from.
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

/// A program that reads nothing must not stop us, so the text has a thread of its own.
fn feed(stream: Option<impl Write + Send + 'static>, input: &str) {
    if let Some(mut stream) = stream {
        let input = input.to_owned();
        // A program that ends early says why itself.
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

fn said(words: &str) -> String {
    match words.split('\n').map(str::trim).collect::<Vec<_>>().join("; ") {
        words if words.is_empty() => words,
        words => format!(": {words}"),
    }
}

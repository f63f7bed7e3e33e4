//! Other programs: started with a clean environment and a deadline, quoted with their own words when they fail.

use super::pipe::Pipe;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::io::{self, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
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
    /// It did not end in time and was killed.
    #[error("'{program}' did not end within {} s{}", deadline.as_secs(), said(words))]
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
    let mut child = command(program, arguments)
        .envs(environment.iter().copied())
        .process_group(0)
        .stdin(if input.is_empty() {
            Stdio::null()
        } else {
            Stdio::piped()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(start)?;
    feed(child.stdin.take(), input);
    // A full pipe must not stop the program, nor a grandchild that keeps it open stop us.
    let mut output = Pipe::new(child.stdout.take(), OUTPUT).map_err(start)?;
    let mut words = Pipe::new(child.stderr.take(), WORDS).map_err(start)?;
    let end = Instant::now() + deadline;
    let status = loop {
        output.drain();
        words.drain();
        match child.try_wait().map_err(start)? {
            Some(status) => break Some(status),
            None if Instant::now() >= end => break None,
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let Some(status) = status else {
        kill_group(&mut child);
        return Err(ProcessError::Late {
            program: program.to_owned(),
            deadline,
            words: words.text(),
        });
    };
    Ok(Ended {
        status,
        output: output.text(),
        words: words.text(),
    })
}

/// It may have ended this very moment; either way it is reaped, unless not even a kill ends it: a disk that does not answer.
fn kill_group(child: &mut Child) {
    if let Ok(group) = i32::try_from(child.id()) {
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
    let _ = child.kill();
    let end = Instant::now() + REAP;
    while matches!(child.try_wait(), Ok(None)) && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(2));
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

/// What a program wrote, once it has ended.
pub(super) type Stream = std::sync::mpsc::Receiver<String>;

/// The first words of a stream; the rest is read and dropped, so that the program is never stopped by it.
pub(super) fn collect(stream: Option<impl Read + Send + 'static>, limit: u64) -> Stream {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            let _ = stream.by_ref().take(limit).read_to_end(&mut bytes);
            let _ = io::copy(&mut stream, &mut io::sink());
        }
        // Nobody listens any more after a deadline.
        let _ = sender.send(String::from_utf8_lossy(&bytes).trim().to_owned());
    });
    receiver
}

/// What [`collect`] collected.
pub(super) fn received(stream: &Stream) -> String {
    stream
        .recv_timeout(Duration::from_millis(200))
        .unwrap_or_default()
}

fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with {code}"),
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

//! Feeds a file through two programs, `first < FILE | second`, with progress; stops both on a signal or an error.
//!
//! This process copies the file into the first program. That gives the progress, and if this process is killed, the first
//! program sees its input end in the middle of a frame, so that both fail.

use super::child::Running;
use super::pipe::Pipe;
use super::process::{self, ProcessError};
use super::wait::readable;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ChildStderr, ChildStdin, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The longest time between two reports of progress.
const BEAT: Duration = Duration::from_millis(100);

/// How long to wait for a program that was killed, or whose partner failed.
const END: Duration = Duration::from_secs(30);

/// One program and its arguments.
pub type Program<'a> = (&'a str, &'a [&'a str]);

/// Why the transfer failed. Both programs have ended by then.
#[derive(Debug, thiserror::Error)]
pub enum PipelineError {
    /// A program could not be started, or ended with an error.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The file could not be read.
    #[error("read the file")]
    Read(#[source] io::Error),
    /// Ctrl-C, a hang-up or SIGTERM.
    #[error("interrupted by {0}")]
    Interrupted(Signal),
    /// No progress for this long.
    #[error("no progress for {} s", .0.as_secs())]
    Stalled(Duration),
    /// Signals could not be blocked.
    #[error("watch for signals")]
    Signals(#[source] nix::Error),
}

/// Both programs succeeded on the whole file.
///
/// `tell` is called at least ten times a second with the number of bytes read so far; `patience` is the longest time without
/// progress, also after the last byte. Each program has its own process group, so that a Ctrl-C at the terminal reaches
/// this process alone.
pub fn run(
    file: File,
    first: Program<'_>,
    second: Program<'_>,
    patience: Duration,
    tell: &mut dyn FnMut(u64),
) -> Result<(), PipelineError> {
    let signals = Signals::hold()?;
    let mut pipeline = Pipeline::start(file, first, second)?;
    let ended = pipeline.wait(&signals, patience, tell);
    if ended.is_err() {
        pipeline.kill();
    }
    ended
}

/// The two programs and the thread that feeds them.
struct Pipeline {
    programs: [Member; 2],
    read: Arc<AtomicU64>,
    feeder: std::sync::mpsc::Receiver<io::Error>,
}

struct Member {
    name: String,
    running: Running,
    stderr: Pipe<ChildStderr>,
}

impl Pipeline {
    fn start(file: File, first: Program<'_>, second: Program<'_>) -> Result<Self, ProcessError> {
        let mut head = Member::start(first, Stdio::piped(), Stdio::piped())?;
        let between = head
            .running
            .child
            .stdout
            .take()
            .map_or_else(Stdio::null, Stdio::from);
        let tail = Member::start(second, between, Stdio::null());
        let tail = tail.inspect_err(|_| head.running.kill(END))?;
        let read = Arc::new(AtomicU64::new(0));
        let feeder = feed(file, head.running.child.stdin.take(), Arc::clone(&read));
        Ok(Self {
            programs: [head, tail],
            read,
            feeder,
        })
    }

    fn wait(
        &mut self,
        signals: &Signals,
        patience: Duration,
        tell: &mut dyn FnMut(u64),
    ) -> Result<(), PipelineError> {
        let mut moved = (0, Instant::now());
        loop {
            let read = self.read.load(Ordering::Relaxed);
            if read != moved.0 {
                moved = (read, Instant::now());
            }
            tell(read);
            if let Some(signal) = signals.caught() {
                return Err(PipelineError::Interrupted(signal));
            }
            if let Ok(error) = self.feeder.try_recv() {
                return Err(PipelineError::Read(error));
            }
            if self.ended()? {
                return Ok(());
            }
            if moved.1.elapsed() > patience {
                return Err(PipelineError::Stalled(patience));
            }
            self.await_event(Some(signals), BEAT)?;
        }
    }

    /// Returns when a program has ended or written something or a signal has arrived, at the latest after this time.
    fn await_event(&self, signals: Option<&Signals>, longest: Duration) -> Result<(), ProcessError> {
        let [first, second] = &self.programs;
        let signals = signals.map(|signals| signals.fd.as_fd());
        let programs = first.descriptors().chain(second.descriptors());
        let all: Vec<BorrowedFd<'_>> = programs.chain(signals).collect();
        readable(&all, longest).map_err(|source| first.lost(source))
    }

    /// Whether both have ended successfully. When one has failed, the other gets time to end, and the error names the one to
    /// blame: the first, unless it failed only because its reader was gone.
    fn ended(&mut self) -> Result<bool, ProcessError> {
        let (mut first, mut second) = self.poll()?;
        if !first.is_some_and(failed) && !second.is_some_and(failed) {
            return Ok(first.is_some() && second.is_some());
        }
        let end = Instant::now() + END;
        while (first.is_none() || second.is_none()) && Instant::now() < end {
            self.await_event(None, end.saturating_duration_since(Instant::now()))?;
            (first, second) = self.poll()?;
        }
        let [head, tail] = &mut self.programs;
        let reader_gone = |status: ExitStatus| status.signal() == Some(Signal::SIGPIPE as i32);
        let by_itself = first.filter(|status| failed(*status) && !reader_gone(*status));
        Err(match (by_itself, second) {
            (None, Some(status)) if failed(status) => tail.error(status),
            (Some(status), _) => head.error(status),
            (None, status) => head.error(first.or(status).unwrap_or_default()),
        })
    }

    /// How each ended, once it has.
    fn poll(&mut self) -> Result<(Option<ExitStatus>, Option<ExitStatus>), ProcessError> {
        let [first, second] = &mut self.programs;
        Ok((first.poll()?, second.poll()?))
    }

    /// Kills both. A system call that is in progress is finished by the kernel first.
    fn kill(&mut self) {
        for program in &mut self.programs {
            program.running.kill(END);
        }
    }
}

impl Member {
    fn start((name, arguments): Program<'_>, input: Stdio, output: Stdio) -> Result<Self, ProcessError> {
        let failed = |source| ProcessError::Start {
            program: name.to_owned(),
            source,
        };
        let mut command = process::command(name, arguments);
        command.stdin(input).stdout(output).stderr(Stdio::piped());
        let mut running = Running::start(&mut command).map_err(failed)?;
        Ok(Self {
            name: name.to_owned(),
            stderr: Pipe::new(running.child.stderr.take(), process::STDERR).map_err(failed)?,
            running,
        })
    }

    /// How it ended, once it has. What it wrote meanwhile is read.
    fn poll(&mut self) -> Result<Option<ExitStatus>, ProcessError> {
        self.stderr.drain();
        self.running.status().map_err(|source| self.lost(source))
    }

    /// What to wait for: its standard error, and its end unless that has come.
    fn descriptors(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let end = (!self.running.has_ended()).then(|| self.running.as_fd());
        self.stderr.descriptor().into_iter().chain(end)
    }

    fn lost(&self, source: io::Error) -> ProcessError {
        ProcessError::Start {
            program: self.name.clone(),
            source,
        }
    }

    fn error(&mut self, status: ExitStatus) -> ProcessError {
        ProcessError::Ended {
            program: self.name.clone(),
            status,
            stderr: self.stderr.text(),
        }
    }
}

fn failed(status: ExitStatus) -> bool {
    !status.success()
}

/// Copies the file into the pipe. A closed pipe is not an error here: the program that closed it reports why.
fn feed(
    mut file: File,
    mut pipe: Option<ChildStdin>,
    read: Arc<AtomicU64>,
) -> std::sync::mpsc::Receiver<io::Error> {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 256 * 1024];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => {
                    let fed = pipe.as_mut().map(|pipe| pipe.write_all(&buffer[..length]));
                    if !matches!(fed, Some(Ok(()))) {
                        break;
                    }
                    read.fetch_add(length as u64, Ordering::Relaxed);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    // Sent before the pipe is closed, so that it is received first.
                    let _ = sender.send(error);
                    break;
                }
            }
        }
    });
    receiver
}

/// Blocks the signals that would end this process, in this thread and those it starts, until dropped.
struct Signals {
    fd: SignalFd,
    before: SigSet,
}

impl Signals {
    fn hold() -> Result<Self, PipelineError> {
        let set = SigSet::from_iter([Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT]);
        let before = set
            .thread_swap_mask(nix::sys::signal::SigmaskHow::SIG_BLOCK)
            .map_err(PipelineError::Signals)?;
        let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
        let fd = SignalFd::with_flags(&set, flags).map_err(PipelineError::Signals)?;
        Ok(Self { fd, before })
    }

    fn caught(&self) -> Option<Signal> {
        let caught = self.fd.read_signal().ok().flatten()?;
        Signal::try_from(caught.ssi_signo.cast_signed()).ok()
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        // It cannot fail: the set was the thread's own.
        let _ = self.before.thread_set_mask();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::{Seek as _, SeekFrom};

    const PATIENCE: Duration = Duration::from_secs(20);

    fn file(length: usize) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&vec![b'x'; length]).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file
    }

    fn through(first: &str, second: &str, patience: Duration) -> (Result<(), PipelineError>, u64) {
        let mut told = 0;
        let result = run(
            file(1_000_000),
            ("sh", &["-c", first]),
            ("sh", &["-c", second]),
            patience,
            &mut |read| told = read,
        );
        (result, told)
    }

    #[test]
    fn every_byte_goes_through_and_is_reported() {
        let (result, told) = through("exec cat", "test $(wc -c) = 1000000", PATIENCE);
        result.unwrap();
        assert_eq!(told, 1_000_000);
    }

    #[test]
    fn the_program_that_failed_is_named_with_its_words() {
        let (result, _) = through("exec cat", "echo no space >&2; exit 3", PATIENCE);
        assert_eq!(
            result.unwrap_err().to_string(),
            "'sh' exited with status 3: no space"
        );
        let (result, _) = through("head -c 10; echo torn >&2; exit 1", "cat", PATIENCE);
        assert_eq!(result.unwrap_err().to_string(), "'sh' exited with status 1: torn");
        let missing = run(
            file(1),
            ("cat", &[]),
            ("no-such-program", &[]),
            PATIENCE,
            &mut |_| {},
        );
        assert_eq!(missing.unwrap_err().to_string(), "start 'no-such-program'");
    }

    #[test]
    fn a_stalled_pipeline_is_killed() {
        let before = Instant::now();
        let (result, _) = through("exec cat", "exec sleep 60", Duration::from_millis(300));
        assert!(matches!(result, Err(PipelineError::Stalled(_))), "{result:?}");
        assert!(before.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_signal_ends_it() {
        let result = run(
            file(10),
            ("sh", &["-c", "exec cat"]),
            ("sh", &["-c", "exec sleep 60"]),
            PATIENCE,
            &mut |_| {
                nix::sys::signal::raise(Signal::SIGINT).unwrap();
            },
        );
        assert!(
            matches!(result, Err(PipelineError::Interrupted(Signal::SIGINT))),
            "{result:?}"
        );
    }
}

//! Non-blocking reads of another program's output. Everything it wrote before it ended is read, however busy the machine is,
//! and a grandchild that holds the pipe open does not block the reader.

use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};

/// Bytes of one read, and reads of one [`Pipe::drain`]. Together they exceed a pipe's largest capacity (1 MiB, pipe(7)), so
/// that the output of a program that has ended is read completely, and one that never stops writing does not block us.
const PART: usize = 16 * 1024;
const PARTS: usize = 128;

/// Our end of a pipe that a program writes to.
#[derive(Debug)]
pub(super) struct Pipe<R> {
    end: Option<R>,
    kept: Vec<u8>,
    limit: usize,
}

impl<R: Read + AsFd> Pipe<R> {
    /// Reads from it never block. The first `limit` bytes are kept, the rest is dropped.
    pub fn new(end: Option<R>, limit: u64) -> io::Result<Self> {
        if let Some(end) = &end {
            rustix::io::ioctl_fionbio(end, true)?;
        }
        Ok(Self {
            end,
            kept: Vec::new(),
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
        })
    }

    /// Readable when there is something to drain; `None` once all writers have closed it.
    pub fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.end.as_ref().map(AsFd::as_fd)
    }

    /// Empties the pipe, so that the program is not blocked.
    pub fn drain(&mut self) {
        let Some(end) = &mut self.end else { return };
        let mut part = [0; PART];
        for _ in 0..PARTS {
            match end.read(&mut part) {
                Ok(0) => {
                    self.end = None;
                    return;
                }
                Ok(length) => {
                    let room = self.limit.saturating_sub(self.kept.len()).min(length);
                    self.kept.extend_from_slice(&part[..room]);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Nothing more for now.
                Err(_) => return,
            }
        }
    }

    /// Everything that was kept, trimmed. Complete once the program has ended.
    pub fn text(&mut self) -> String {
        self.drain();
        String::from_utf8_lossy(&self.kept).trim().to_owned()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::host::process::{ProcessError, run};
    use std::time::{Duration, Instant};

    const DEADLINE: Duration = Duration::from_secs(20);

    #[test]
    fn output_larger_than_a_pipe_is_complete() {
        let words = ["-c", "head -c 300000 /dev/zero | tr '\\0' x; echo end"];
        let text = run("sh", &words, DEADLINE).unwrap();
        assert_eq!(text.len(), 300_003);
        assert!(text.ends_with("xend"));
    }

    #[test]
    fn a_grandchild_that_keeps_the_pipe_open_does_not_block() {
        let begin = Instant::now();
        let text = run("sh", &["-c", "sleep 15 & echo done"], DEADLINE).unwrap();
        assert_eq!(text, "done");
        assert!(begin.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_program_that_never_stops_writing_is_killed_at_the_deadline() {
        let begin = Instant::now();
        let error = run("sh", &["-c", "exec yes"], Duration::from_millis(300)).unwrap_err();
        assert!(matches!(error, ProcessError::Late { .. }), "{error}");
        assert!(begin.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_late_program_is_killed_with_the_programs_it_started() {
        let marker = tempfile::NamedTempFile::new().unwrap();
        let script = format!("(sleep 1; echo late >{}) & sleep 60", marker.path().display());
        let error = run("sh", &["-c", &script], Duration::from_millis(200)).unwrap_err();
        assert!(matches!(error, ProcessError::Late { .. }), "{error}");
        std::thread::sleep(Duration::from_millis(1500));
        assert_eq!(std::fs::read(marker.path()).unwrap(), b"");
    }
}

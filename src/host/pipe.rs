//! What another program writes, read as it comes: nothing it wrote before it ended is missed, however busy the machine is, and
//! nobody who holds its end open keeps us waiting.

use std::io::{self, Read};
use std::os::fd::AsFd;

/// Our end of a pipe that a program writes to.
#[derive(Debug)]
pub(super) struct Pipe<R> {
    end: Option<R>,
    kept: Vec<u8>,
    limit: usize,
}

impl<R: Read + AsFd> Pipe<R> {
    /// Reading from it never waits. Of what comes, the first bytes are kept, so many at most.
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

    /// The pipe is empty, so that its program goes on.
    pub fn drain(&mut self) {
        let Some(end) = &mut self.end else { return };
        let mut part = [0; 16 * 1024];
        loop {
            match end.read(&mut part) {
                Ok(0) => break,
                Ok(length) => {
                    let room = self.limit.saturating_sub(self.kept.len()).min(length);
                    self.kept.extend_from_slice(&part[..room]);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Nothing more for now, or for ever.
                Err(_) => break,
            }
        }
    }

    /// All that came, trimmed. After its program ended, that is all it wrote.
    pub fn text(mut self) -> String {
        self.drain();
        String::from_utf8_lossy(&self.kept).trim().to_owned()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::host::process::run;
    use std::time::{Duration, Instant};

    const DEADLINE: Duration = Duration::from_secs(20);

    #[test]
    fn more_than_a_pipe_holds_is_all_there() {
        let words = ["-c", "head -c 300000 /dev/zero | tr '\\0' x; echo end"];
        let text = run("sh", &words, DEADLINE).unwrap();
        assert_eq!(text.len(), 300_003);
        assert!(text.ends_with("xend"));
    }

    #[test]
    fn who_keeps_the_pipe_open_holds_nobody_up() {
        let begin = Instant::now();
        let text = run("sh", &["-c", "sleep 15 & echo done"], DEADLINE).unwrap();
        assert_eq!(text, "done");
        assert!(begin.elapsed() < Duration::from_secs(10));
    }
}

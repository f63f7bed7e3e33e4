//! How far a file is: one line that is drawn again on a terminal, one for each tenth elsewhere.

use super::space::mib;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// How often a terminal's line is drawn again.
const REDRAW: Duration = Duration::from_millis(500);

/// Progress on standard error.
#[derive(Debug)]
pub struct Progress {
    total: u64,
    begun: Instant,
    terminal: bool,
    drawn: Option<Instant>,
    tenths: u64,
}

impl Progress {
    /// Of a file of so many bytes, from now on.
    pub fn of(total: u64) -> Self {
        Self {
            total,
            begun: Instant::now(),
            terminal: std::io::stderr().is_terminal(),
            drawn: None,
            tenths: 0,
        }
    }

    /// So many bytes are read.
    pub fn tell(&mut self, read: u64) {
        let line = line(read, self.total, self.begun.elapsed());
        let mut err = std::io::stderr().lock();
        // Nobody may be looking; the work goes on.
        if self.terminal {
            if self.drawn.is_none_or(|drawn| drawn.elapsed() >= REDRAW) {
                self.drawn = Some(Instant::now());
                let _ = write!(err, "\r{line}\x1b[K").and_then(|()| err.flush());
            }
        } else {
            let tenths = read.saturating_mul(10) / self.total.max(1);
            if tenths > self.tenths {
                self.tenths = tenths;
                let _ = writeln!(err, "{line}");
            }
        }
    }

    /// Whatever is printed next starts on a line of its own.
    pub fn end(&self) {
        if self.terminal && self.drawn.is_some() {
            let _ = writeln!(std::io::stderr().lock());
        }
    }
}

/// `120 of 480 MiB, 25 %, 30 MiB/s`.
fn line(read: u64, total: u64, elapsed: Duration) -> String {
    let percent = read.saturating_mul(100) / total.max(1);
    let rate = u128::from(read) * 1000 / elapsed.as_millis().max(1);
    format!(
        "{} of {} MiB, {percent} %, {} MiB/s",
        read >> 20,
        mib(total),
        rate >> 20
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_bytes_percent_and_rate() {
        let text = line(120 << 20, 480 << 20, Duration::from_secs(4));
        assert_eq!(text, "120 of 480 MiB, 25 %, 30 MiB/s");
        assert_eq!(line(0, 0, Duration::ZERO), "0 of 0 MiB, 0 %, 0 MiB/s");
    }
}

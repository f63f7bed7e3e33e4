//! A process, identified by more than its PID: the kernel reuses PIDs.

use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, ErrorKind};

/// A process, identified by PID and start time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its PID.
    pub pid: i32,
    /// When it started, in clock ticks since boot (proc_pid_stat(5), field 22).
    pub start_time: u64,
}

impl Process {
    /// The process that has this PID now; an error of kind `NotFound` when it has ended.
    pub fn running(pid: i32) -> io::Result<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        match fields(&stat) {
            Some((state, start_time)) if !is_dead(state) => Ok(Self { pid, start_time }),
            _ => Err(ErrorKind::NotFound.into()),
        }
    }
}

/// The PID of this process.
pub fn own() -> u32 {
    std::process::id()
}

/// Whether a process has this PID and has not ended.
pub fn is_alive(pid: i32) -> bool {
    Process::running(pid).is_ok()
}

/// State and start time; the name before them may hold blanks and parentheses.
fn fields(stat: &str) -> Option<(&str, u64)> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let state = fields.next()?;
    Some((state, fields.nth(18)?.parse().ok()?))
}

fn is_dead(state: &str) -> bool {
    matches!(state, "Z" | "X" | "x")
}

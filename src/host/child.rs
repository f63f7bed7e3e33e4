//! A running program, with a pidfd (pidfd_open(2)) to wait for its end without polling.

use super::wait::readable;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid as Group;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

/// A program in its own process group. Dropping this does not stop it.
#[derive(Debug)]
pub(super) struct Running {
    /// For its pipes, which the caller takes.
    pub child: Child,
    end: OwnedFd,
    status: Option<ExitStatus>,
}

impl Running {
    /// Starts the command.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let mut child = command.process_group(0).spawn()?;
        // It has not been reaped yet, so the PID cannot have been reused.
        let end = pidfd_open(Pid::from_child(&child), PidfdFlags::empty()).inspect_err(|_| {
            let _ = child.kill();
            let _ = child.wait();
        })?;
        Ok(Self {
            child,
            end,
            status: None,
        })
    }

    /// How it ended; `None` while it runs.
    pub fn status(&mut self) -> io::Result<Option<ExitStatus>> {
        if self.status.is_none() {
            self.status = self.child.try_wait()?;
        }
        Ok(self.status)
    }

    /// Whether [`Self::status`] has returned how it ended.
    pub fn has_ended(&self) -> bool {
        self.status.is_some()
    }

    /// Kills it and reaps it, unless the kernel does not let go of it within `patience`: a disk that does not answer.
    pub fn kill(&mut self, patience: Duration) {
        let _ = self.child.kill();
        let end = Instant::now() + patience;
        while let Ok(None) = self.status() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || readable(&[self.as_fd()], left).is_err() {
                break;
            }
        }
    }

    /// The same for everything in its process group.
    pub fn kill_group(&mut self, patience: Duration) {
        if let Ok(group) = i32::try_from(self.child.id()) {
            // It may have ended in the meantime.
            let _ = killpg(Group::from_raw(group), Signal::SIGKILL);
        }
        self.kill(patience);
    }
}

/// Readable once the program has ended.
impl AsFd for Running {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.end.as_fd()
    }
}

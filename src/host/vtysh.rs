//! vtysh, FRR's shell: single commands, and whole texts that nobody else may read.

use super::process::{self, Ended, ProcessError};
use nix::sys::memfd::{MFdFlags, memfd_create};
use std::io::{self, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::Path;
use std::time::Duration;

const VTYSH: &str = "/usr/bin/vtysh";

/// Why vtysh was not given a text.
#[derive(Debug, thiserror::Error)]
pub enum VtyshError {
    /// It did not answer.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The text could not be passed to it.
    #[error("a file in memory")]
    Memory(#[from] io::Error),
}

/// Whether FRR is installed.
pub fn is_installed() -> bool {
    Path::new(VTYSH).exists()
}

/// What it prints with these options. One that fails or is late is an error.
pub fn run(options: &[&str], deadline: Duration) -> Result<String, ProcessError> {
    process::run(VTYSH, options, deadline)
}

/// Reads the lines of a text, with these options; how it ended.
///
/// The text is in memory and inherited by the child: no file that a killed run could leave with passwords in it.
pub fn read_lines(options: &[&str], lines: &str, deadline: Duration) -> Result<Ended, VtyshError> {
    let mut file =
        std::fs::File::from(memfd_create(c"frr.conf", MFdFlags::empty()).map_err(io::Error::from)?);
    file.write_all(lines.as_bytes())?;
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    let arguments: Vec<&str> = options.iter().copied().chain(["-f", &path]).collect();
    Ok(process::run_to_end(VTYSH, &arguments, &[], "", deadline)?)
}

/// The error of a vtysh that ended like this and said nothing that explains it.
pub fn unexplained(ended: Ended) -> VtyshError {
    VtyshError::Process(ProcessError::Ended {
        program: VTYSH.to_owned(),
        status: ended.status,
        stderr: ended.stderr,
    })
}

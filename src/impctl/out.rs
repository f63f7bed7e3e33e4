//! Standard output that may be a pipe somebody closed.

use crate::exit::{Failure, Kind};
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};

/// Prints a text. That nobody reads it any more (`impctl explain | head -1`) is no failure.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(Kind::Failed, format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Whether colour helps: on a terminal, unless the user does not want it (<https://no-color.org>).
pub fn colour() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

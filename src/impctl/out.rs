//! Standard output, which may be a closed pipe.

use crate::exit::{Failure, Kind};
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};

/// Prints a text. A reader that is gone (`impctl explain | head -1`) is not an error.
pub fn print(text: &str) -> Result<(), Failure> {
    offer(text).map(|_| ())
}

/// The same; whether the reader is still there.
pub fn offer(text: &str) -> Result<bool, Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::new(Kind::Failed, format!("standard output: {error}"))),
    }
}

/// Whether a person looks on.
pub fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Whether a line can be drawn over another one: on a terminal that can go back to its beginning.
pub fn is_rewritable() -> bool {
    is_terminal() && std::env::var_os("TERM").is_some_and(|term| !term.is_empty() && term != "dumb")
}

/// Whether to use colour: on a terminal, unless NO_COLOR is set (<https://no-color.org>).
pub fn colour() -> bool {
    is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

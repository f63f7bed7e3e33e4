//! What a service tells systemd about itself (sd_notify(3)). Does nothing outside systemd.

use std::io;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

/// Reports the service as ready. Does nothing in a unit without `Type=notify`.
pub fn ready() -> io::Result<()> {
    say("READY=1")
}

/// The start or reload that runs may take this long from now on, if that is longer than the unit allows.
pub fn allow(length: Duration) -> io::Result<()> {
    say(&format!("EXTEND_TIMEOUT_USEC={}", length.as_micros()))
}

fn say(words: &str) -> io::Result<()> {
    let Some(socket) = std::env::var_os("NOTIFY_SOCKET") else {
        return Ok(());
    };
    UnixDatagram::unbound()?
        .send_to(words.as_bytes(), socket)
        .map(|_| ())
}

//! What a service tells systemd that started it (sd_notify(3)).

use std::io;
use std::os::unix::net::UnixDatagram;

/// The service is up. Not under systemd, or in a unit that does not ask for it, nobody is told.
pub fn ready() -> io::Result<()> {
    let Some(socket) = std::env::var_os("NOTIFY_SOCKET") else {
        return Ok(());
    };
    UnixDatagram::unbound()?.send_to(b"READY=1", socket).map(|_| ())
}

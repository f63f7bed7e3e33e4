//! Tells systemd that the service is ready (sd_notify(3)).

use std::io;
use std::os::unix::net::UnixDatagram;

/// Reports the service as ready. Does nothing outside systemd and in a unit without `Type=notify`.
pub fn ready() -> io::Result<()> {
    let Some(socket) = std::env::var_os("NOTIFY_SOCKET") else {
        return Ok(());
    };
    UnixDatagram::unbound()?.send_to(b"READY=1", socket).map(|_| ())
}

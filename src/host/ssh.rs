//! The beginning of a conversation with an SSH server (RFC 4253).

use std::io::{self, BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A banner is one line of at most 255 bytes (section 4.2), other lines may come before it.
const BYTES: u64 = 4096;

/// The server's banner, without the end of its line. `patience` is for the connection, and again for each read.
pub fn banner(address: SocketAddr, patience: Duration) -> io::Result<String> {
    let stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(patience))?;
    for line in BufReader::new(stream.take(BYTES)).lines() {
        let line = line?;
        if line.starts_with("SSH-2.0") || line.starts_with("SSH-1.99") {
            return Ok(line.trim_end().to_owned());
        }
    }
    Err(io::Error::other("it sent no SSH banner"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::net::TcpListener;

    const PATIENCE: Duration = Duration::from_secs(2);

    #[test]
    fn a_banner_is_one_of_ssh() {
        let answer = |words: &'static str| {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let server = std::thread::spawn(move || {
                let _ = listener.accept().unwrap().0.write_all(words.as_bytes());
            });
            let said = banner(address, PATIENCE);
            server.join().unwrap();
            said
        };
        assert_eq!(
            answer("hello\r\nSSH-2.0-OpenSSH_9.2\r\n").unwrap(),
            "SSH-2.0-OpenSSH_9.2"
        );
        assert!(answer("HTTP/1.1 400 Bad Request\r\n").is_err());
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(banner(nobody, PATIENCE).is_err());
    }
}

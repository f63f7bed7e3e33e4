//! Whether somebody speaks SSH where sshd says it listens.

use super::{About, DEADLINE, Running, wish};
use crate::boot::trial::outcome::{CheckOutcome, Scope};
use crate::config::{Check, Model};
use crate::host::process;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// sshd answers from memory; its banner comes before anything slow.
const BANNER: Duration = Duration::from_secs(2);
/// A banner is one line of at most 255 bytes (RFC 4253, 4.2), other lines may come before it.
const WORDS: u64 = 4096;

/// `ssh`, if it is asked for.
pub fn check(model: &Model) -> Option<Running<'static>> {
    let about = About::new("ssh", Scope::Management, wish(model, Check::Ssh)?, true);
    Some(Running::start(about, DEADLINE, banner, judge))
}

/// The first line of SSH's that comes from where sshd says it listens.
fn banner() -> Result<String, String> {
    let told = process::run("sshd", &["-T"], BANNER).unwrap_or_default();
    let mut failure = "sshd listens nowhere".to_owned();
    for address in listening(&told) {
        match read_banner(address) {
            Ok(line) => return Ok(format!("{line} on {address}")),
            Err(error) => failure = format!("{address}: {error}"),
        }
    }
    Err(failure)
}

/// The addresses of `listenaddress` lines, as one reaches them from here; port 22 when sshd does not tell.
fn listening(told: &str) -> Vec<SocketAddr> {
    let reached = |line: &str| {
        let address: SocketAddr = line.strip_prefix("listenaddress ")?.trim().parse().ok()?;
        let ip = match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        Some(SocketAddr::new(ip, address.port()))
    };
    let found: Vec<SocketAddr> = told.lines().filter_map(reached).collect();
    match found.is_empty() {
        true => vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 22))],
        false => found,
    }
}

fn read_banner(address: SocketAddr) -> io::Result<String> {
    let stream = TcpStream::connect_timeout(&address, BANNER)?;
    stream.set_read_timeout(Some(BANNER))?;
    for line in BufReader::new(stream.take(WORDS)).lines() {
        let line = line?;
        if line.starts_with("SSH-2.0") || line.starts_with("SSH-1.99") {
            return Ok(line.trim_end().to_owned());
        }
    }
    Err(io::Error::other("it sent no SSH banner"))
}

fn judge(about: &About, seen: Result<String, String>) -> Vec<CheckOutcome> {
    const EXPECTED: &str = "an SSH 2 banner";
    vec![match seen {
        Ok(line) => about.passed(EXPECTED, line),
        Err(words) => about.failed(EXPECTED, words),
    }]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::net::TcpListener;

    #[test]
    fn sshd_is_asked_where_it_listens() {
        let told = "port 2222\nlistenaddress [::]:2222\nlistenaddress 172.16.0.10:22\n";
        let there: Vec<String> = listening(told).iter().map(ToString::to_string).collect();
        assert_eq!(there, ["[::1]:2222", "172.16.0.10:22"]);
        assert_eq!(listening("").len(), 1);
    }

    #[test]
    fn a_banner_is_one_of_ssh() {
        let answer = |words: &'static str| {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let server = std::thread::spawn(move || {
                let _ = listener.accept().unwrap().0.write_all(words.as_bytes());
            });
            let banner = read_banner(address);
            server.join().unwrap();
            banner
        };
        assert_eq!(
            answer("hello\r\nSSH-2.0-OpenSSH_9.2\r\n").unwrap(),
            "SSH-2.0-OpenSSH_9.2"
        );
        assert!(answer("HTTP/1.1 400 Bad Request\r\n").is_err());
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(read_banner(nobody).is_err());
    }
}

//! Whether somebody speaks SSH where sshd says it listens.

use super::{About, DEADLINE, Running, wish};
use crate::boot::trial::outcome::{CheckOutcome, Scope};
use crate::config::{Check, Model};
use crate::host::{process, ssh};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// sshd answers from memory; its banner comes before anything slow.
const BANNER: Duration = Duration::from_secs(2);

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
        match ssh::banner(address, BANNER) {
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

fn judge(about: &About, seen: Result<String, String>) -> Vec<CheckOutcome> {
    const EXPECTED: &str = "an SSH 2 banner";
    vec![match seen {
        Ok(line) => about.passed(EXPECTED, line),
        Err(words) => about.failed(EXPECTED, words),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sshd_is_asked_where_it_listens() {
        let told = "port 2222\nlistenaddress [::]:2222\nlistenaddress 172.16.0.10:22\n";
        let there: Vec<String> = listening(told).iter().map(ToString::to_string).collect();
        assert_eq!(there, ["[::1]:2222", "172.16.0.10:22"]);
        assert_eq!(listening("").len(), 1);
    }
}

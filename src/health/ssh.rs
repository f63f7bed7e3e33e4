//! Whether somebody speaks SSH where it listens: on a socket of systemd's, or where sshd says.

use super::{About, DEADLINE, Running, Wanted};
use crate::boot::trial::outcome::{CheckOutcome, Scope};
use crate::config::Check;
use crate::facts::ssh::listening;
use crate::host::ssh;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// sshd answers from memory; its banner comes before anything slow.
const BANNER: Duration = Duration::from_secs(2);

/// `ssh`, if it is asked for.
pub fn check(wanted: &Wanted) -> Option<Running<'static>> {
    let about = About::new("ssh", Scope::Management, wanted.wish(Check::Ssh)?, true);
    Some(Running::start(about, DEADLINE, banner, judge))
}

/// The first line of SSH's that comes from where it listens.
fn banner() -> Result<String, String> {
    let mut failure = "sshd listens nowhere".to_owned();
    for address in reached(listening()) {
        match ssh::banner(address, BANNER) {
            Ok(line) => return Ok(format!("{line} on {address}")),
            Err(error) => failure = format!("{address}: {error}"),
        }
    }
    Err(failure)
}

/// Addresses as one reaches them from here; port 22 when nobody tells where SSH listens.
fn reached(listening: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let near = |address: SocketAddr| {
        let ip = match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        SocketAddr::new(ip, address.port())
    };
    match listening.is_empty() {
        true => vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 22))],
        false => listening.into_iter().map(near).collect(),
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
    fn ssh_is_asked_where_it_is_reached() {
        let bound = ["[::]:2222", "0.0.0.0:22", "172.16.0.10:22"].map(|text| text.parse().ok());
        let there: Vec<String> = reached(bound.into_iter().flatten().collect())
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(there, ["[::1]:2222", "127.0.0.1:22", "172.16.0.10:22"]);
        assert_eq!(reached(Vec::new()).len(), 1);
    }
}

//! Where SSH listens: what systemd holds open for sshd, else what sshd says.

use crate::host::{bus, process};
use std::net::SocketAddr;
use std::time::Duration;

/// The socket units of Debian and of others.
const SOCKETS: [&str; 2] = ["ssh.socket", "sshd.socket"];

/// sshd reads its configuration and its keys, nothing slow.
const CONFIGURATION: Duration = Duration::from_secs(2);

/// The addresses and ports, as they were bound; none if neither systemd nor sshd tells.
///
/// With a socket unit that is active, sshd's own configuration says nothing about where it is reached.
pub fn listening() -> Vec<SocketAddr> {
    let sockets = bus::open_streams(&SOCKETS).unwrap_or_default();
    let found: Vec<SocketAddr> = sockets.iter().filter_map(|text| text.parse().ok()).collect();
    if !found.is_empty() {
        return found;
    }
    let told = process::run("sshd", &["-T"], CONFIGURATION).unwrap_or_default();
    of_configuration(&told)
}

/// The addresses of the `listenaddress` lines of `sshd -T`.
fn of_configuration(told: &str) -> Vec<SocketAddr> {
    told.lines()
        .filter_map(|line| line.strip_prefix("listenaddress ")?.trim().parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sshd_is_asked_where_it_listens() {
        let told = "port 2222\nlistenaddress [::]:2222\nlistenaddress 172.16.0.10:22\n";
        let there: Vec<String> = of_configuration(told).iter().map(ToString::to_string).collect();
        assert_eq!(there, ["[::]:2222", "172.16.0.10:22"]);
        assert!(of_configuration("").is_empty());
    }
}

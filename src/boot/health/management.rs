//! Whether an operator reaches the machine: management's NIC, carrier, addresses and way out, and sshd. Nothing outside is
//! asked: a gateway that is down is no fault of this router.

use super::{About, Baseline, DEADLINE, Outcome, Running, Scope, wish};
use crate::act::process;
use crate::config::{Check, Management, ManagementAddressing, Model};
use crate::exit::{Failure, Kind};
use crate::facts::FactsError;
use crate::facts::netlink::Connection;
use crate::facts::nic::{self, Nic};
use crate::plan::nic::fits;
use crate::types::{NetnsName, Root};
use nix::ifaddrs::getifaddrs;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// The key of management's NIC in a baseline: no interface can have this name.
pub const NIC: &str = "[management]";

/// sshd answers from memory; its banner comes before anything slow.
const BANNER: Duration = Duration::from_secs(3);
/// A banner is one line of at most 255 bytes (RFC 4253, 4.2), other lines may come before it.
const WORDS: u64 = 4096;

/// The host namespace, as far as management is concerned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Host {
    /// Its devices.
    pub nics: Vec<Nic>,
    /// Whether each has carrier.
    pub carrier: BTreeMap<String, bool>,
    /// The addresses of each.
    pub addresses: BTreeMap<String, Vec<IpAddr>>,
    /// Default routes: the device and the gateway.
    pub routes: Vec<(String, IpAddr)>,
}

/// `management` and `ssh`, those of them that are asked for.
pub fn checks<'a>(root: &Root, model: &'a Model, baseline: Option<&'a Baseline>) -> Vec<Running<'a>> {
    let mut running = Vec::new();
    if let Some(required) = wish(model, Check::Management) {
        let about = About::new("management", Scope::Management, required, true);
        let (root, namespace) = (root.clone(), model.dataplane.namespace.clone());
        let had_carrier = baseline.and_then(|it| it.carrier.get(NIC)).copied();
        let judge = move |about: &About, seen: Result<Host, FactsError>| {
            vec![judge(about, model.management.as_ref(), seen, had_carrier)]
        };
        running.push(Running::start(
            about,
            DEADLINE,
            move || look(&root, &namespace),
            judge,
        ));
    }
    if let Some(required) = wish(model, Check::Ssh) {
        let about = About::new("ssh", Scope::Management, required, true);
        running.push(Running::start(about, DEADLINE, banner, judge_ssh));
    }
    running
}

/// What there is in the host namespace.
pub fn look(root: &Root, namespace: &NetnsName) -> Result<Host, FactsError> {
    let about = |what: &'static str| move |error| FactsError::new(what, error);
    let nics = nic::read(root, namespace)?.host;
    let links = Connection::open()
        .map_err(about("network devices"))?
        .links()
        .map_err(|error| FactsError::new("network devices", error))?;
    let mut addresses: BTreeMap<String, Vec<IpAddr>> = BTreeMap::new();
    for entry in getifaddrs().map_err(|error| FactsError::new("addresses", error))? {
        let address = entry.address.as_ref();
        let v4 = address
            .and_then(|it| it.as_sockaddr_in())
            .map(|it| IpAddr::from(it.ip()));
        let v6 = address
            .and_then(|it| it.as_sockaddr_in6())
            .map(|it| IpAddr::from(it.ip()));
        addresses
            .entry(entry.interface_name)
            .or_default()
            .extend(v4.or(v6));
    }
    let table = |path: &str| fs::read_to_string(root.join(path)).unwrap_or_default();
    let mut routes = default_routes4(&table("/proc/net/route"));
    routes.extend(default_routes6(&table("/proc/net/ipv6_route")));
    Ok(Host {
        nics,
        carrier: links
            .iter()
            .map(|link| (link.name.to_string(), link.carrier))
            .collect(),
        addresses,
        routes,
    })
}

/// The NIC a match means, by its name now, and whether it has carrier.
pub fn carrier(host: &Host, management: &Management) -> Option<bool> {
    let nic = host.nics.iter().find(|nic| fits(&management.matches, nic))?;
    host.carrier.get(nic.name.as_ref()).copied()
}

/// Whether management is reachable as far as this machine can tell.
pub fn judge(
    about: &About,
    management: Option<&Management>,
    seen: Result<Host, FactsError>,
    had_carrier: Option<bool>,
) -> Outcome {
    let Some(management) = management else {
        return about.not_needed("a management NIC", "none is configured");
    };
    let expected = expected(management);
    let host = match seen {
        Ok(host) => host,
        Err(error) => {
            return about.failed(expected, Failure::from_error(Kind::Failed, &error).to_string());
        }
    };
    let Some(nic) = host.nics.iter().find(|nic| fits(&management.matches, nic)) else {
        return about.failed(expected, "no NIC fits its match");
    };
    let name = nic.name.to_string();
    if host.carrier.get(&name) != Some(&true) {
        let observed = format!("{name} has no carrier");
        return match had_carrier {
            Some(false) => about.not_needed(expected, format!("{observed}, nor had it before the reboot")),
            _ => about.failed(expected, observed),
        };
    }
    let none = Vec::new();
    let addresses = host.addresses.get(&name).unwrap_or(&none);
    if let Some(missing) = missing(management, addresses) {
        return about.failed(expected, format!("{name} has carrier and lacks {missing}"));
    }
    let gateways = gateways(management);
    let led = |gateway: &&IpAddr| host.routes.contains(&(name.clone(), **gateway));
    if let Some(gateway) = gateways.iter().find(|gateway| !led(gateway)) {
        return about.failed(
            expected,
            format!("{name} has its addresses and no default route via {gateway}"),
        );
    }
    let list: Vec<String> = addresses
        .iter()
        .filter(|it| !is_link_local(it))
        .map(IpAddr::to_string)
        .collect();
    about.passed(expected, format!("{name}, {}", list.join(", ")))
}

fn expected(management: &Management) -> String {
    match &management.addressing {
        ManagementAddressing::Dhcp => "a NIC with carrier and an address by DHCP".to_owned(),
        ManagementAddressing::Static { addresses, .. } => {
            let list: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            format!("a NIC with carrier and {}", list.join(", "))
        }
    }
}

/// What of its addresses is not there, in words.
fn missing(management: &Management, there: &[IpAddr]) -> Option<String> {
    match &management.addressing {
        ManagementAddressing::Dhcp => {
            let any = there.iter().any(|address| !is_link_local(address));
            (!any).then(|| "an address by DHCP".to_owned())
        }
        ManagementAddressing::Static { addresses, .. } => addresses
            .iter()
            .find(|address| !there.contains(&address.addr()))
            .map(ToString::to_string),
    }
}

fn gateways(management: &Management) -> Vec<IpAddr> {
    match management.addressing {
        ManagementAddressing::Dhcp => Vec::new(),
        ManagementAddressing::Static {
            gateway, gateway6, ..
        } => {
            let v4 = gateway.map(IpAddr::V4);
            v4.into_iter().chain(gateway6.map(IpAddr::V6)).collect()
        }
    }
}

fn is_link_local(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

/// Of `/proc/net/route`: device, destination and gateway as the kernel's own words in hexadecimal, …, the mask eighth.
fn default_routes4(table: &str) -> Vec<(String, IpAddr)> {
    let route = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [device, "00000000", gateway, _, _, _, _, "00000000", ..] = fields.as_slice() else {
            return None;
        };
        let gateway = u32::from_str_radix(gateway, 16).ok()?;
        Some(((*device).to_owned(), Ipv4Addr::from(gateway.to_ne_bytes()).into()))
    };
    table.lines().filter_map(route).collect()
}

/// Of `/proc/net/ipv6_route`: destination, its length, source, its length, next hop, …, the device last.
fn default_routes6(table: &str) -> Vec<(String, IpAddr)> {
    let route = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, "00", _, _, gateway, .., device] = fields.as_slice() else {
            return None;
        };
        let gateway = u128::from_str_radix(gateway, 16)
            .ok()
            .filter(|gateway| *gateway != 0)?;
        Some(((*device).to_owned(), Ipv6Addr::from(gateway).into()))
    };
    table.lines().filter_map(route).collect()
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
    Err(io::Error::other("it sends no banner of SSH"))
}

/// Whether somebody speaks SSH.
fn judge_ssh(about: &About, seen: Result<String, String>) -> Vec<Outcome> {
    const EXPECTED: &str = "a banner of SSH 2";
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
    fn default_routes_are_read_from_the_kernels_tables() {
        let table = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
            eth0\t00000000\t010010AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n\
            eth0\t000010AC\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
        let gateway: IpAddr = "172.16.0.1".parse().unwrap();
        assert_eq!(default_routes4(table), [("eth0".to_owned(), gateway)]);
        let zero = "0".repeat(32);
        let table = format!(
            "{zero} 00 {zero} 00 20010db8000000000000000000000001 00000400 00000001 00000000 00000003 eth0\n\
             {zero} 00 {zero} 00 {zero} ffffffff 00000001 00000000 00200200 lo\n"
        );
        let gateway: IpAddr = "2001:db8::1".parse().unwrap();
        assert_eq!(default_routes6(&table), [("eth0".to_owned(), gateway)]);
    }

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

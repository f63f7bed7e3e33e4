//! A bridge of Incus as the kernel has it: the device, its address, its dnsmasq and its port towards VPP.

use crate::facts::FactsError;
use crate::host::netlink::Connection;
use crate::types::IfName;
use nix::ifaddrs::getifaddrs;
use std::collections::BTreeMap;
use std::fs;
use std::net::Ipv4Addr;

/// The kind of device Incus creates, as the kernel calls it.
pub const BRIDGE: &str = "bridge";

/// The kernel's state of one bridge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bridge {
    /// The kind of the device with this name: `bridge` or another; `None` if there is no device.
    pub kind: Option<String>,
    /// Its IPv4 addresses.
    pub addresses: Vec<Ipv4Addr>,
    /// The processes that serve DHCP and DNS on it.
    pub dnsmasq: Vec<i32>,
    /// Whether `NAME-dp` exists.
    pub has_port: bool,
    /// Whether `NAME-dp` is a port of this very bridge.
    pub enslaved: bool,
}

impl Bridge {
    /// Whether it exists and is a bridge, not a device of another kind.
    pub fn is_there(&self) -> bool {
        self.kind.as_deref() == Some(BRIDGE)
    }
}

/// The kernel's state of these bridges, including those that do not exist.
pub fn bridges<'n>(
    names: impl IntoIterator<Item = &'n IfName>,
) -> Result<BTreeMap<String, Bridge>, FactsError> {
    let unreadable = |error| FactsError::new("network devices", error);
    let mut connection = Connection::open().map_err(|error| FactsError::new("rtnetlink", error))?;
    let links = connection.links().map_err(unreadable)?;
    let addresses = addresses()?;
    let servers = dnsmasq_processes();
    let bridge = |name: &IfName| {
        let device = links.iter().find(|link| link.name.as_ref() == name.as_ref());
        let port = format!("{name}-dp");
        let port = links.iter().find(|link| link.name.as_ref() == port);
        let serves = format!("--interface={name}");
        let of_this = |(_, words): &&(i32, Vec<String>)| words.contains(&serves);
        Bridge {
            kind: device.map(|link| link.kind.clone().unwrap_or_else(|| "NIC".to_owned())),
            addresses: addresses.get(name.as_ref()).cloned().unwrap_or_default(),
            dnsmasq: servers.iter().filter(of_this).map(|(pid, _)| *pid).collect(),
            has_port: port.is_some(),
            enslaved: port
                .zip(device)
                .is_some_and(|(port, bridge)| port.master == Some(bridge.index)),
        }
    };
    Ok(names
        .into_iter()
        .map(|name| (name.to_string(), bridge(name)))
        .collect())
}

fn addresses() -> Result<BTreeMap<String, Vec<Ipv4Addr>>, FactsError> {
    let mut all: BTreeMap<String, Vec<Ipv4Addr>> = BTreeMap::new();
    for entry in getifaddrs().map_err(|error| FactsError::new("addresses", error))? {
        let address = entry
            .address
            .as_ref()
            .and_then(|address| address.as_sockaddr_in());
        if let Some(address) = address {
            all.entry(entry.interface_name).or_default().push(address.ip());
        }
    }
    Ok(all)
}

/// Every dnsmasq of this machine with its arguments. Those of containers are left out: an Incus in one may have a bridge of
/// the same name.
fn dnsmasq_processes() -> Vec<(i32, Vec<String>)> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let process = |entry: fs::DirEntry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        let comm = fs::read_to_string(entry.path().join("comm")).ok()?;
        if comm.trim_end() != "dnsmasq" {
            return None;
        }
        let status = fs::read_to_string(entry.path().join("status")).ok()?;
        if is_contained(&status) {
            return None;
        }
        let words = fs::read(entry.path().join("cmdline")).ok()?;
        let words = words
            .split(|byte| *byte == 0)
            .map(|word| String::from_utf8_lossy(word).into_owned());
        Some((pid, words.collect()))
    };
    entries.flatten().filter_map(process).collect()
}

/// Whether a process is in a PID namespace below ours: it has a number in each, from ours on (proc_pid_status(5)).
fn is_contained(status: &str) -> bool {
    let numbers = status.lines().find_map(|line| line.strip_prefix("NSpid:"));
    numbers.is_some_and(|numbers| numbers.split_whitespace().count() > 1)
}

#[cfg(test)]
mod tests {
    use super::is_contained;

    #[test]
    fn a_process_with_a_second_pid_belongs_to_a_container() {
        assert!(!is_contained("Name:\tdnsmasq\nNSpid:\t812\nNSpgid:\t812\n"));
        assert!(is_contained(
            "Name:\tdnsmasq\nNSpid:\t90312\t214\nNSpgid:\t90312\t214\n"
        ));
        assert!(
            !is_contained("Name:\tdnsmasq\n"),
            "a kernel without PID namespaces"
        );
    }
}

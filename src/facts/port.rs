//! What of the kernel's network devices only the moment knows: carrier, addresses, speed, and the bridge they are a port of.

use super::FactsError;
use crate::host::namespace;
use crate::host::netlink::{Connection, Link, NetlinkError, ethtool};
use crate::types::{KernelName, MacAddr, NetnsName, Root};
use std::collections::BTreeMap;
use std::io;

/// A device at the moment of reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortNow {
    /// Its index in its namespace.
    pub index: u32,
    /// The address it has.
    pub mac: Option<MacAddr>,
    /// The address it was made with, if the driver says.
    pub permanent_mac: Option<MacAddr>,
    /// Whether it has carrier.
    pub carrier: bool,
    /// Its speed in megabits per second, if it has one now.
    pub speed: Option<u32>,
    /// The bridge, or whatever else it is a port of.
    pub master: Option<KernelName>,
}

/// The devices of both namespaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ports {
    /// Of the host.
    pub host: Vec<PortNow>,
    /// Of the dataplane.
    pub namespace: Vec<PortNow>,
}

/// The devices as they are now. A namespace that does not exist has none.
pub fn read(root: &Root, namespace: &NetnsName) -> Result<Ports, FactsError> {
    let about = || format!("namespace '{namespace}'");
    let file = match namespace::open(root, namespace) {
        Ok(file) => Some(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(FactsError::new(about(), error)),
    };
    let namespace = match file {
        None => Vec::new(),
        Some(file) => {
            let links = Connection::open_in(&file)
                .map_err(NetlinkError::from)
                .and_then(|mut connection| connection.links())
                .map_err(|error| FactsError::new(about(), error))?;
            ports(&links, ethtool::speeds_in(&file))
        }
    };
    Ok(Ports {
        host: host()?,
        namespace,
    })
}

/// The devices of the host alone, which everybody may see.
pub fn host() -> Result<Vec<PortNow>, FactsError> {
    let links = Connection::open()
        .map_err(NetlinkError::from)
        .and_then(|mut connection| connection.links())
        .map_err(|error| FactsError::new("network devices", error))?;
    Ok(ports(&links, ethtool::speeds()))
}

/// A speed that cannot be asked for is not known, and nothing else is missing with it.
fn ports(links: &[Link], speeds: io::Result<BTreeMap<u32, u32>>) -> Vec<PortNow> {
    let speeds = speeds.unwrap_or_default();
    let name_of = |index: u32| {
        let master = links.iter().find(|link| link.index == index)?;
        Some(master.name.clone())
    };
    let port = |link: &Link| PortNow {
        index: link.index,
        mac: link.mac,
        permanent_mac: link.permanent_mac,
        carrier: link.carrier,
        speed: speeds.get(&link.index).copied(),
        master: link.master.and_then(name_of),
    };
    links.iter().map(port).collect()
}

//! Moves, sets up, creates and deletes network devices, and gives PCI devices back to the kernel.

use super::ActError;
use crate::facts::incus::BRIDGE;
use crate::host::file::Effect;
use crate::host::namespace;
use crate::host::netlink::{self, Connection, Link as Found, NetlinkError};
use crate::host::paths::{HUGEPAGES, PCI_BUS};
use crate::plan::{Link, Place};
use crate::types::{KernelName, PciAddress, Root};
use nix::errno::Errno;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{self, File};
use std::io;

/// The connections of a plan: one for each place, opened when it is first needed there.
#[derive(Debug)]
pub struct Connections<'r> {
    root: &'r Root,
    open: BTreeMap<Place, Connection>,
}

impl<'r> Connections<'r> {
    /// No connection yet; namespaces are found below this root.
    pub fn new(root: &'r Root) -> Self {
        Self {
            root,
            open: BTreeMap::new(),
        }
    }

    /// Closes all of them: after a failure an answer may still be under way.
    pub fn close(&mut self) {
        self.open.clear();
    }

    fn to(&mut self, place: &Place) -> io::Result<&mut Connection> {
        match self.open.entry(place.clone()) {
            Entry::Occupied(open) => Ok(open.into_mut()),
            Entry::Vacant(place) => {
                let connection = match place.key() {
                    Place::Host => Connection::open()?,
                    Place::Namespace(name) => Connection::open_in(&namespace::open(self.root, name)?)?,
                };
                Ok(place.insert(connection))
            }
        }
    }
}

/// The device is in the other namespace under its new name. It is found by its index, because udev may rename it.
pub fn move_nic(
    connections: &mut Connections<'_>,
    link: &Link,
    index: u32,
    to: &Place,
    name: &KernelName,
) -> Result<Effect, ActError> {
    connections
        .to(&link.place)?
        .link_at(index)?
        .ok_or(Errno::ENODEV)?;
    let target = namespace_of(connections.root, to)?;
    netlink::move_to(connections.to(&link.place)?, index, &target, name)?;
    Ok(Effect::Changed)
}

/// The device is up.
pub fn set_up(connections: &mut Connections<'_>, link: &Link) -> Result<Effect, ActError> {
    set(connections, link, |found| found.up, netlink::set_up)
}

/// The device accepts every frame, not only those addressed to it.
pub fn set_promiscuous(connections: &mut Connections<'_>, link: &Link) -> Result<Effect, ActError> {
    set(
        connections,
        link,
        |found| found.promiscuous,
        netlink::set_promiscuous,
    )
}

/// The device is found by this name as well. Another device that has the name keeps it.
pub fn add_alternative_name(
    connections: &mut Connections<'_>,
    link: &Link,
    name: &KernelName,
) -> Result<Effect, ActError> {
    let connection = connections.to(&link.place)?;
    if connection.link(name)?.is_some() {
        return Ok(Effect::Unchanged);
    }
    let found = find(connection, &link.name)?.ok_or(Errno::ENODEV)?;
    match netlink::add_alternative_name(connection, found.index, name) {
        // udev, which sees the device arrive, was faster.
        Err(error) if error.is(Errno::EEXIST) => Ok(Effect::Unchanged),
        added => added.map(|()| Effect::Changed).map_err(ActError::from),
    }
}

/// The device is no longer found by this name.
pub fn drop_alternative_name(
    connections: &mut Connections<'_>,
    link: &Link,
    name: &KernelName,
) -> Result<Effect, ActError> {
    let connection = connections.to(&link.place)?;
    let found = find(connection, &link.name)?.ok_or(Errno::ENODEV)?;
    if !found.alternative.contains(name) {
        return Ok(Effect::Unchanged);
    }
    netlink::drop_alternative_name(connection, found.index, name)?;
    Ok(Effect::Changed)
}

fn set(
    connections: &mut Connections<'_>,
    link: &Link,
    is_so: impl Fn(&Found) -> bool,
    make_so: impl Fn(&mut Connection, u32) -> Result<(), NetlinkError>,
) -> Result<Effect, ActError> {
    let connection = connections.to(&link.place)?;
    let found = find(connection, &link.name)?.ok_or(Errno::ENODEV)?;
    if is_so(&found) {
        return Ok(Effect::Unchanged);
    }
    make_so(connection, found.index)?;
    Ok(Effect::Changed)
}

/// A veth pair joins the host and the peer's namespace.
pub fn create_veth(
    connections: &mut Connections<'_>,
    host: &KernelName,
    peer: &Link,
) -> Result<Effect, ActError> {
    let target = namespace_of(connections.root, &peer.place)?;
    netlink::create_veth(connections.to(&Place::Host)?, host, &peer.name, &target)?;
    Ok(Effect::Changed)
}

/// A VRF with the table exists.
pub fn create_vrf(connections: &mut Connections<'_>, link: &Link, table: u32) -> Result<Effect, ActError> {
    netlink::create_vrf(connections.to(&link.place)?, &link.name, table)?;
    Ok(Effect::Changed)
}

/// The device is a port of the bridge; both are in the host.
pub fn enslave(
    connections: &mut Connections<'_>,
    port: &KernelName,
    bridge: &KernelName,
) -> Result<Effect, ActError> {
    let connection = connections.to(&Place::Host)?;
    let bridge = find(connection, bridge)?.ok_or(Errno::ENODEV)?;
    let port = find(connection, port)?.ok_or(Errno::ENODEV)?;
    if port.master == Some(bridge.index) {
        return Ok(Effect::Unchanged);
    }
    netlink::enslave(connection, port.index, bridge.index)?;
    Ok(Effect::Changed)
}

/// The device is deleted.
pub fn delete(connections: &mut Connections<'_>, link: &Link) -> Result<Effect, ActError> {
    let connection = connections.to(&link.place)?;
    match find(connection, &link.name)? {
        Some(found) => delete_found(connection, &found),
        None => Ok(Effect::Unchanged),
    }
}

/// A bridge in the host is deleted. A device of another kind under its name stays: it is not ours.
pub fn delete_bridge(name: &KernelName) -> Result<Effect, ActError> {
    let mut connection = Connection::open()?;
    let found = find(&mut connection, name)?;
    match found.filter(|found| found.kind.as_deref() == Some(BRIDGE)) {
        Some(found) => delete_found(&mut connection, &found),
        None => Ok(Effect::Unchanged),
    }
}

fn delete_found(connection: &mut Connection, found: &Found) -> Result<Effect, ActError> {
    match netlink::delete(connection, found.index) {
        // Its peer has just been deleted, and this end with it.
        Err(error) if error.is(Errno::ENODEV) => Ok(Effect::Unchanged),
        deleted => deleted.map(|()| Effect::Changed).map_err(ActError::from),
    }
}

/// At least this many hugepages of 2 MB are reserved; never fewer than before.
///
/// The kernel accepts any number and reserves what it can; fewer than asked for is an error that says how many.
pub fn reserve_hugepages(root: &Root, count: u64) -> Result<Effect, ActError> {
    let path = root.join(HUGEPAGES);
    let read = || -> io::Result<u64> {
        let text = fs::read_to_string(&path)?;
        text.trim()
            .parse()
            .map_err(|_| io::Error::other(format!("'{}' is not a number", text.trim())))
    };
    if read()? >= count {
        return Ok(Effect::Unchanged);
    }
    fs::write(&path, count.to_string())?;
    match read()? {
        reserved if reserved < count => {
            Err(io::Error::other(format!("only {reserved} could be reserved")).into())
        }
        _ => Ok(Effect::Changed),
    }
}

/// The PCI device is bound to the kernel's own driver again, if there is one.
pub fn release(root: &Root, pci: PciAddress) -> Result<Effect, ActError> {
    let bus = root.join(PCI_BUS);
    let device = bus.join("devices").join(pci.to_string());
    // Otherwise the probe below would give it to the same driver again. An empty line ends the override.
    fs::write(device.join("driver_override"), "\n")?;
    match fs::write(device.join("driver/unbind"), pci.to_string()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {} // bound to nothing
        unbound => unbound?,
    }
    fs::write(bus.join("drivers_probe"), pci.to_string())?;
    Ok(Effect::Changed)
}

/// The host namespace is the one this process was started in.
fn namespace_of(root: &Root, place: &Place) -> io::Result<File> {
    match place {
        Place::Host => namespace::own(),
        Place::Namespace(name) => namespace::open(root, name),
    }
}

/// The device with this as its first name.
fn find(connection: &mut Connection, name: &KernelName) -> Result<Option<Found>, ActError> {
    Ok(connection.link(name)?.filter(|link| link.name == *name))
}

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
use std::fs::{self, File};
use std::io;

/// The device is in the other namespace under its new name. It is found by its index, because udev may rename it.
pub fn move_nic(
    root: &Root,
    link: &Link,
    index: u32,
    to: &Place,
    name: &KernelName,
) -> Result<Effect, ActError> {
    let mut connection = connect(root, &link.place)?;
    if !connection.links()?.iter().any(|found| found.index == index) {
        return Err(Errno::ENODEV.into());
    }
    netlink::move_to(&mut connection, index, &namespace_of(root, to)?, name)?;
    Ok(Effect::Changed)
}

/// The device is up.
pub fn set_up(root: &Root, link: &Link) -> Result<Effect, ActError> {
    set(root, link, |found| found.up, netlink::set_up)
}

/// The device accepts every frame, not only those addressed to it.
pub fn set_promiscuous(root: &Root, link: &Link) -> Result<Effect, ActError> {
    set(root, link, |found| found.promiscuous, netlink::set_promiscuous)
}

fn set(
    root: &Root,
    link: &Link,
    is_so: impl Fn(&Found) -> bool,
    make_so: impl Fn(&mut Connection, u32) -> Result<(), NetlinkError>,
) -> Result<Effect, ActError> {
    let mut connection = connect(root, &link.place)?;
    let found = find(&mut connection, &link.name)?.ok_or(Errno::ENODEV)?;
    if is_so(&found) {
        return Ok(Effect::Unchanged);
    }
    make_so(&mut connection, found.index)?;
    Ok(Effect::Changed)
}

/// A veth pair joins the host and the peer's namespace.
pub fn create_veth(root: &Root, host: &KernelName, peer: &Link) -> Result<Effect, ActError> {
    let mut connection = Connection::open()?;
    netlink::create_veth(
        &mut connection,
        host,
        &peer.name,
        &namespace_of(root, &peer.place)?,
    )?;
    Ok(Effect::Changed)
}

/// The device is a port of the bridge; both are in the host.
pub fn enslave(port: &KernelName, bridge: &KernelName) -> Result<Effect, ActError> {
    let mut connection = Connection::open()?;
    let bridge = find(&mut connection, bridge)?.ok_or(Errno::ENODEV)?;
    let port = find(&mut connection, port)?.ok_or(Errno::ENODEV)?;
    if port.master == Some(bridge.index) {
        return Ok(Effect::Unchanged);
    }
    netlink::enslave(&mut connection, port.index, bridge.index)?;
    Ok(Effect::Changed)
}

/// The device is deleted.
pub fn delete(root: &Root, link: &Link) -> Result<Effect, ActError> {
    let mut connection = connect(root, &link.place)?;
    match find(&mut connection, &link.name)? {
        Some(found) => delete_found(&mut connection, &found),
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

fn connect(root: &Root, place: &Place) -> io::Result<Connection> {
    match place {
        Place::Host => Connection::open(),
        Place::Namespace(name) => Connection::open_in(&namespace::open(root, name)?),
    }
}

/// The host namespace is the one this process was started in.
fn namespace_of(root: &Root, place: &Place) -> io::Result<File> {
    match place {
        Place::Host => namespace::own(),
        Place::Namespace(name) => namespace::open(root, name),
    }
}

fn find(connection: &mut Connection, name: &KernelName) -> Result<Option<Found>, ActError> {
    Ok(connection.links()?.into_iter().find(|link| link.name == *name))
}

//! The kernel's side of pairs: which devices there are, and which VRF each is in.

use super::error::ApplyError;
use crate::facts::netns;
use crate::host::file::Effect;
use crate::host::netlink::{self, Connection, Link, NetlinkError};
use crate::plan::vpp::{Command, Enslaved};
use crate::types::Root;
use std::io;

/// The namespace of the dataplane, where this process runs in it.
#[derive(Debug)]
pub struct Kernel {
    /// The devices that were there at first; none in any other namespace.
    pub(super) devices: Vec<String>,
    is_dataplane: bool,
    connection: Option<Connection>,
}

impl Kernel {
    /// That of this process.
    pub fn own(root: &Root) -> Self {
        let devices = netns::own_devices(root);
        Self {
            is_dataplane: devices.is_some(),
            devices: devices.unwrap_or_default(),
            connection: None,
        }
    }

    /// The device is in the VRF of its table. In another namespace than the dataplane's there is no such device.
    pub(super) fn enslave(&mut self, it: &Enslaved<'_>, fallback: &str) -> Result<Effect, ApplyError> {
        if !self.is_dataplane {
            return Ok(Effect::Unchanged);
        }
        self.put_in(it.device, it.table)
            .map_err(|words| refused(it.command, it, words, fallback))
    }

    fn put_in(&mut self, device: &str, table: u32) -> Result<Effect, String> {
        let links = self.links().map_err(|error| error.to_string())?;
        let link = links.iter().find(|link| link.name.as_ref() == device);
        let link = link.ok_or("there is no such device")?;
        let vrf = links.iter().find(|link| link.table == Some(table));
        let vrf = vrf
            .ok_or("there is no VRF of that table; imp-nic makes it: journalctl -u netns-move-interfaces")?;
        if link.master == Some(vrf.index) {
            return Ok(Effect::Unchanged);
        }
        self.change(link, vrf).map_err(|error| error.to_string())?;
        Ok(Effect::Changed)
    }

    fn change(&mut self, link: &Link, vrf: &Link) -> Result<(), NetlinkError> {
        netlink::enslave(self.connection()?, link.index, vrf.index)
    }

    fn links(&mut self) -> Result<Vec<Link>, NetlinkError> {
        self.connection()?.links()
    }

    fn connection(&mut self) -> io::Result<&mut Connection> {
        if self.connection.is_none() {
            self.connection = Some(Connection::open()?);
        }
        self.connection
            .as_mut()
            .ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

fn refused(command: &Command, it: &Enslaved<'_>, words: String, fallback: &str) -> ApplyError {
    ApplyError::NotInVrf {
        origin: command.origin.clone().unwrap_or_else(|| fallback.to_owned()),
        device: it.device.to_owned(),
        table: it.table,
        words,
    }
}

//! The kernel's side of pairs: which devices there are, and which VRF each is in.

use super::error::ApplyError;
use crate::facts::netns;
use crate::host::file::Effect;
use crate::host::netlink::{self, Connection, Link, NetlinkError};
use crate::plan::vpp::{Command, Enslaved};
use crate::types::{KernelName, Root};
use std::collections::HashMap;
use std::io;

/// The namespace of the dataplane, where this process runs in it.
#[derive(Debug)]
pub struct Kernel {
    root: Root,
    is_dataplane: bool,
    connection: Option<Connection>,
    /// The VRFs by their tables, once they were looked for: imp-nic makes them before there is a VPP.
    vrfs: HashMap<u32, u32>,
}

impl Kernel {
    /// That of this process.
    pub fn own(root: &Root) -> Self {
        Self {
            root: root.clone(),
            is_dataplane: netns::is_own(root),
            connection: None,
            vrfs: HashMap::new(),
        }
    }

    /// The devices that are there now; none in any other namespace. Ending a change that was interrupted removes some.
    pub(super) fn devices(&self) -> Vec<String> {
        netns::own_devices(&self.root).unwrap_or_default()
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
        let link = self.link(device).map_err(|error| error.to_string())?;
        let link = link.ok_or("there is no such device")?;
        let vrf = self.vrf(table).map_err(|error| error.to_string())?;
        let vrf = vrf
            .ok_or("there is no VRF of that table; imp-nic makes it: journalctl -u netns-move-interfaces")?;
        if link.master == Some(vrf) {
            return Ok(Effect::Unchanged);
        }
        self.change(&link, vrf).map_err(|error| error.to_string())?;
        Ok(Effect::Changed)
    }

    fn change(&mut self, link: &Link, vrf: u32) -> Result<(), NetlinkError> {
        netlink::enslave(self.connection()?, link.index, vrf)
    }

    /// Asked for by its name: there may be thousands of others.
    fn link(&mut self, device: &str) -> Result<Option<Link>, NetlinkError> {
        match device.parse::<KernelName>() {
            Ok(device) => self.connection()?.link(&device),
            Err(_) => Ok(None),
        }
    }

    /// The index of the VRF of a table.
    fn vrf(&mut self, table: u32) -> Result<Option<u32>, NetlinkError> {
        if self.vrfs.is_empty() {
            let links = self.connection()?.links()?.into_iter();
            self.vrfs = links.filter_map(|link| Some((link.table?, link.index))).collect();
        }
        Ok(self.vrfs.get(&table).copied())
    }

    fn connection(&mut self) -> io::Result<&mut Connection> {
        match &mut self.connection {
            Some(connection) => Ok(connection),
            none => Ok(none.insert(Connection::open()?)),
        }
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

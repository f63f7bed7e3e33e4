//! Where the kernel has a say in what a command does.

use super::Command;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// The kernel has answered by then to what VPP told it, and VPP has read it: that took 50 ms at most on an idle machine.
pub const KERNEL_ANSWERS: Duration = Duration::from_millis(300);

/// The commands before which the kernel must have answered to all that came before them.
///
/// Linux reports that the device of a new pair was down at first. VPP, once it has read that, takes the interface down, and up
/// again: IPv6 ends meanwhile, and with it all that is advertised. So what a pair carries is set up behind the answer. And
/// Linux reports a parent's new MTU back, up to 50 ms later, and VPP then gives it to every VLAN of the parent. A VLAN's MTU
/// lasts only when it is set after that.
pub fn behind_the_kernel(commands: &[Command]) -> Vec<usize> {
    let (mut parents, mut paired, mut found) = (HashSet::new(), false, Vec::new());
    let mut is_told = false;
    for (number, command) in commands.iter().enumerate() {
        let mtu = mtu_of(command);
        let of_parent = mtu
            .and_then(|name| name.split_once('.'))
            .map(|(parent, _)| parent);
        let overwritten = !is_told && of_parent.is_some_and(|parent| parents.contains(parent));
        if paired && is_carried(command) || overwritten {
            found.push(number);
            paired = false;
            is_told |= overwritten;
        }
        paired |= paired_device(command).is_some();
        parents.extend(mtu.filter(|name| !name.contains('.')));
    }
    found
}

/// Whether it sets up what an interface carries: it is up, with addresses and advertisements.
pub(super) fn is_carried(command: &Command) -> bool {
    let beginnings = [
        "set interface mtu ",
        "set interface state ",
        "set interface ip address ",
        "enable ip6 interface ",
        "ip6 nd ",
    ];
    beginnings.iter().any(|begin| command.text.starts_with(begin))
}

fn mtu_of(command: &Command) -> Option<&str> {
    match command.text.split_whitespace().collect::<Vec<_>>()[..] {
        ["set", "interface", "mtu", "packet", _, name] => Some(name),
        _ => None,
    }
}

/// The first command that would pair an interface with a device that is there already, and the device: VPP takes such a
/// device over without a word, and removes it with the pair.
pub fn pair_with_a_device<'c>(commands: &'c [Command], devices: &[String]) -> Option<(&'c Command, &'c str)> {
    commands.iter().find_map(|command| {
        let host = paired_device(command)?;
        devices
            .iter()
            .any(|device| device == host)
            .then_some((command, host))
    })
}

/// A device of a pair that belongs to the VRF of a table: linux-cp leaves it in the main one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enslaved<'c> {
    /// The command that makes the pair.
    pub command: &'c Command,
    /// Which one it is, from 0.
    pub number: usize,
    /// The device.
    pub device: &'c str,
    /// The table.
    pub table: u32,
}

/// The devices of interfaces that the commands put into another table than the main one, in the order of the pairs.
pub fn enslaved(commands: &[Command]) -> Vec<Enslaved<'_>> {
    let mut tables: HashMap<&str, u32> = HashMap::new();
    let mut enslaved = Vec::new();
    for (number, command) in commands.iter().enumerate() {
        match command.text.split_whitespace().collect::<Vec<_>>()[..] {
            ["set", "interface", "ip" | "ip6", "table", name, table] => {
                tables.extend(table.parse().ok().map(|table: u32| (name, table)));
            }
            ["lcp", "create", name, "host-if", device, ..] => {
                let table = tables.get(name).copied().filter(|table| *table > 0);
                enslaved.extend(table.map(|table| Enslaved {
                    command,
                    number,
                    device,
                    table,
                }));
            }
            _ => {}
        }
    }
    enslaved
}

/// The devices the commands make for pairs.
pub fn paired_devices(commands: &[Command]) -> impl Iterator<Item = &str> {
    commands.iter().filter_map(paired_device)
}

/// The device a command makes for a pair.
pub fn paired_device(command: &Command) -> Option<&str> {
    match command.text.split_whitespace().collect::<Vec<_>>()[..] {
        ["lcp", "create", _, "host-if", host, ..] => Some(host),
        _ => None,
    }
}

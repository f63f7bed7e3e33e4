//! Where the kernel has a say in what a command does.

use super::Command;
use std::collections::HashSet;

/// The first command that sets the MTU of a VLAN after the MTU of its parent was set.
///
/// Linux reports a parent's new MTU back, up to 50 ms later, and VPP then gives it to every VLAN of the parent. A VLAN's
/// MTU lasts only when it is set after that.
pub fn first_mtu_of_a_vlan(commands: &[Command]) -> Option<usize> {
    let mut parents = HashSet::new();
    commands.iter().position(|command| match mtu_of(command) {
        None => false,
        Some(name) => match name.split_once('.') {
            None => {
                parents.insert(name);
                false
            }
            Some((parent, _)) => parents.contains(parent),
        },
    })
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

/// The devices the commands make for pairs.
pub fn paired_devices(commands: &[Command]) -> impl Iterator<Item = &str> {
    commands.iter().filter_map(paired_device)
}

fn paired_device(command: &Command) -> Option<&str> {
    match command.text.split_whitespace().collect::<Vec<_>>()[..] {
        ["lcp", "create", _, "host-if", host, ..] => Some(host),
        _ => None,
    }
}

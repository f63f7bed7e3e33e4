//! VPP's two files per instance: startup.conf and the commands.

mod advertise;
mod commands;
mod export;
mod identity;
mod interfaces;
mod links;
mod nat;
mod startup;
mod steer;
mod switching;
mod traffic;

pub use commands::{APPLIED, BEGIN, digest};
pub use links::joints;
pub(super) use steer::owned_by_frr;
pub use switching::bridge_numbers;

use super::engine::Engine;
use super::error::harmless;
use super::{Bindings, Dataplane, RenderError, Rendered};
use crate::config::{At, Attach, Carrier};
use crate::types::InstanceName;

/// The files of every instance, and what was left out of them.
#[derive(Debug)]
pub struct VppFiles {
    /// `startup-NAME.conf` and `commands-NAME.txt` of each instance.
    pub files: Vec<Rendered>,
    /// What depends on an absent NIC or CPU core and was left out, each with its place in the documents.
    pub left_out: Vec<String>,
    /// What the bindings leave open: rendered as `@NAME:what@`, which VPP refuses.
    pub placeholders: Vec<String>,
}

/// The files of every VPP instance on the machine the bindings describe.
///
/// An interface without a binding is left out with everything that depends on it: its VLANs, addresses and NAT steering.
pub(super) fn files(
    dataplane: &Dataplane,
    bindings: &Bindings,
    engine: &Engine<'_>,
) -> Result<VppFiles, RenderError> {
    let mut files = Vec::new();
    let mut left_out = interfaces::left_out(dataplane, bindings);
    for (name, instance) in &dataplane.instances {
        let startup = startup::view(dataplane, bindings, name, instance, &mut left_out)?;
        let startup = engine.render("vpp/startup.conf.j2", startup)?;
        let body = engine.render("vpp/commands.j2", commands::view(dataplane, bindings, name)?)?;
        let body = commands::behind_extra(
            body,
            instance.extra_commands.as_deref(),
            made_by_commands(dataplane, name),
        );
        let commands = commands::with_markers(&startup, &body);
        files.push(Rendered::new(format!("run/imp/vpp/startup-{name}.conf"), startup));
        files.push(Rendered::new(
            format!("run/imp/vpp/commands-{name}.txt"),
            commands,
        ));
    }
    Ok(VppFiles {
        files,
        left_out,
        placeholders: placeholders(bindings),
    })
}

/// Whether it is the instance with the NICs, the pairs in the kernel, and FRR.
fn is_core(name: &InstanceName) -> bool {
    name.as_ref() == "core"
}

/// The interfaces that the extra commands of the instance make.
fn made_by_commands<'d>(dataplane: &'d Dataplane, name: &InstanceName) -> impl Iterator<Item = &'d str> {
    let interfaces = is_core(name).then_some(&dataplane.interfaces);
    let all = interfaces.into_iter().flatten();
    all.filter(|(_, it)| matches!(it.carrier, Carrier::Commands))
        .map(|(name, _)| name.as_ref())
}

/// A place as it is written into a comment.
fn place(dataplane: &Dataplane, at: At) -> String {
    harmless(&dataplane.place(at))
}

/// The placeholder for what the bindings leave open.
fn placeholder(interface: impl std::fmt::Display, what: &str) -> String {
    format!("@{interface}:{what}@")
}

fn placeholders(bindings: &Bindings) -> Vec<String> {
    let mut messages = Vec::new();
    for (name, nic) in &bindings.nics {
        let mut open = |missing: bool, what: &str, words: &str| {
            if missing {
                let mark = placeholder(name, what);
                messages.push(format!(
                    "interface '{name}': {words} is not known here; {mark} is written in its place"
                ));
            }
        };
        match nic.attach {
            Attach::Dpdk => open(nic.pci.is_none(), "pci", "its PCI address"),
            Attach::AfPacket => open(nic.device.is_none(), "device", "its kernel device"),
        }
    }
    messages
}

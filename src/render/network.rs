//! `[management]` to systemd-networkd, and what networkd must leave alone.

use super::engine::Engine;
use super::{RenderError, Rendered};
use crate::config::{Management, ManagementAddressing, Model, NicMatch};
use crate::types::{DriverName, IfAddr, KernelName, MacAddr, PciAddress};
use serde::Serialize;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The keys of `[Match]`; all that are given must match (systemd.network(5)).
#[derive(Debug, Clone, Serialize)]
struct MatchView<'m> {
    mac: Option<MacAddr>,
    pci: Option<PciAddress>,
    driver: Option<&'m DriverName>,
    name: Option<&'m KernelName>,
}

#[derive(Debug, Serialize)]
struct ManagementView<'m> {
    nic: MatchView<'m>,
    dhcp: bool,
    addresses: &'m [IfAddr],
    gateway: Option<Ipv4Addr>,
    gateway6: Option<Ipv6Addr>,
}

#[derive(Debug, Serialize)]
struct UnmanagedView<'m> {
    nic: Option<MatchView<'m>>,
    names: Vec<String>,
}

const FOLDER: &str = "run/systemd/network";

/// The management NIC's file, and files that keep networkd away from the dataplane's NICs and Incus's devices.
pub(super) fn files(model: &Model, engine: &Engine<'_>) -> Result<Vec<Rendered>, RenderError> {
    let mut files = Vec::new();
    if let Some(management) = &model.management {
        for (suffix, keys) in either(&management.matches) {
            let text = engine.render("systemd/management.network.j2", view(management, keys))?;
            files.push(Rendered::new(
                format!("{FOLDER}/10-imp-management{suffix}.network"),
                text,
            ));
        }
    }
    for (name, nic) in &model.interfaces {
        for (suffix, keys) in either(&nic.matches) {
            let (nic, names) = (Some(keys), Vec::new());
            let view = UnmanagedView { nic, names };
            let text = engine.render("systemd/unmanaged.network.j2", view)?;
            files.push(Rendered::new(
                format!("{FOLDER}/05-imp-{name}{suffix}.network"),
                text,
            ));
        }
    }
    let names = bridge_devices(model);
    if !names.is_empty() {
        let text = engine.render("systemd/unmanaged.network.j2", UnmanagedView { nic: None, names })?;
        files.push(Rendered::new(format!("{FOLDER}/05-imp-bridges.network"), text));
    }
    Ok(files)
}

fn view<'m>(management: &'m Management, nic: MatchView<'m>) -> ManagementView<'m> {
    let mut view = ManagementView {
        nic,
        dhcp: true,
        addresses: &[],
        gateway: None,
        gateway6: None,
    };
    if let ManagementAddressing::Static {
        addresses,
        gateway,
        gateway6,
    } = &management.addressing
    {
        (view.dhcp, view.addresses) = (false, addresses);
        (view.gateway, view.gateway6) = (*gateway, *gateway6);
    }
    view
}

/// One match, or two for two files: a NIC found only by its MAC or only by its PCI address is used as well (a card in
/// another slot, another card in the slot), and `[Match]` has no "or".
fn either(nic: &NicMatch) -> Vec<(&'static str, MatchView<'_>)> {
    let both = MatchView {
        mac: nic.mac,
        pci: nic.pci,
        driver: nic.driver.as_ref(),
        name: nic.name.as_ref(),
    };
    if nic.pci.is_none() || nic.mac.is_none() {
        return vec![("", both)];
    }
    let by_pci = MatchView {
        mac: None,
        ..both.clone()
    };
    vec![("-by-mac", MatchView { pci: None, ..both }), ("-by-pci", by_pci)]
}

/// The bridge itself belongs to Incus, both ends of its veth to us.
fn bridge_devices(model: &Model) -> Vec<String> {
    let names = model.incus.bridges.keys();
    names
        .flat_map(|name| [name.to_string(), format!("{name}-dp"), format!("{name}-vpp")])
        .collect()
}

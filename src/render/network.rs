//! `[management]` to systemd-networkd, and what networkd must leave alone.

use super::engine::Engine;
use super::{RenderError, Rendered};
use crate::config::{Management, ManagementAddressing, Model, NicMatch};
use crate::types::{DriverName, HostName, IfAddr, KernelName, MacAddr, PciAddress};
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The keys of `[Match]`; all that are given must match (systemd.network(5)).
#[derive(Debug, Clone, Serialize)]
struct MatchView<'m> {
    permanent_mac: Option<MacAddr>,
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
    onlink: bool,
    nameservers: &'m [IpAddr],
    search: &'m [HostName],
}

#[derive(Debug, Serialize)]
struct UnmanagedView<'m> {
    nic: Option<MatchView<'m>>,
    /// The management NIC, as far as this match could mean it as well.
    but: Option<But>,
    names: Vec<String>,
}

/// What tells a NIC from others, as udev's properties.
#[derive(Debug, Serialize)]
struct But {
    /// The name made of its permanent MAC address, `enx3cecef000001`.
    by_mac: Option<String>,
    pci: Option<PciAddress>,
}

const FOLDER: &str = "run/systemd/network";

/// The management NIC's file, and files that keep networkd away from the dataplane's NICs and Incus's devices.
pub(super) fn files(model: &Model, engine: &Engine<'_>) -> Result<Vec<Rendered>, RenderError> {
    let mut files = Vec::new();
    if let Some(management) = &model.management {
        for (suffix, keys) in either(&management.matches) {
            let view = view(model, management, keys);
            let text = engine.render("systemd/management.network.j2", view)?;
            files.push(Rendered::new(
                format!("{FOLDER}/10-imp-management{suffix}.network"),
                text,
            ));
        }
    }
    for (name, _, nic) in model.nics() {
        for (suffix, keys) in either(&nic.matches) {
            let view = UnmanagedView {
                but: model.management.as_ref().and_then(|it| exception(it, &keys)),
                nic: Some(keys),
                names: Vec::new(),
            };
            let text = engine.render("systemd/unmanaged.network.j2", view)?;
            files.push(Rendered::new(
                format!("{FOLDER}/05-imp-{name}{suffix}.network"),
                text,
            ));
        }
    }
    let names = bridge_devices(model);
    if !names.is_empty() {
        let view = UnmanagedView {
            nic: None,
            but: None,
            names,
        };
        let text = engine.render("systemd/unmanaged.network.j2", view)?;
        files.push(Rendered::new(format!("{FOLDER}/05-imp-bridges.network"), text));
    }
    Ok(files)
}

fn view<'m>(model: &'m Model, management: &'m Management, nic: MatchView<'m>) -> ManagementView<'m> {
    let mut view = ManagementView {
        nic,
        dhcp: true,
        addresses: &[],
        gateway: None,
        gateway6: None,
        onlink: false,
        nameservers: &model.system.nameservers,
        search: &model.system.search,
    };
    if let ManagementAddressing::Static {
        addresses,
        gateway,
        gateway6,
        onlink,
    } = &management.addressing
    {
        (view.dhcp, view.addresses) = (false, addresses);
        (view.gateway, view.gateway6, view.onlink) = (*gateway, *gateway6, *onlink);
    }
    view
}

/// One match, or several for several files, because `[Match]` has no "or": a MAC address is the permanent one, and of a
/// NIC without any the current one; a NIC found only by its MAC or only by its PCI address is used as well (a card in
/// another slot, another card in the slot).
fn either(nic: &NicMatch) -> Vec<(&'static str, MatchView<'_>)> {
    let rest = MatchView {
        permanent_mac: None,
        mac: None,
        pci: None,
        driver: nic.driver.as_ref(),
        name: nic.name.as_ref(),
    };
    let by_pci = MatchView {
        pci: nic.pci,
        ..rest.clone()
    };
    let Some(mac) = nic.mac else {
        return vec![("", by_pci)];
    };
    let permanent = MatchView {
        permanent_mac: Some(mac),
        ..rest.clone()
    };
    let current = MatchView {
        mac: Some(mac),
        ..rest
    };
    match nic.pci {
        None => vec![("", current), ("-by-permanent-mac", permanent)],
        Some(_) => vec![
            ("-by-mac", current),
            ("-by-pci", by_pci),
            ("-by-permanent-mac", permanent),
        ],
    }
}

/// What tells the management NIC from others that a file of the dataplane matches: a MAC address from another port of the
/// same function, that or the function from others of a driver. Without it, networkd would leave management alone as well.
fn exception(management: &Management, keys: &MatchView<'_>) -> Option<But> {
    if keys.mac.or(keys.permanent_mac).is_some() {
        return None;
    }
    let hex = |mac: MacAddr| {
        mac.octets()
            .iter()
            .map(|octet| format!("{octet:02x}"))
            .collect::<String>()
    };
    let but = But {
        by_mac: management.matches.mac.map(|mac| format!("enx{}", hex(mac))),
        pci: management.matches.pci.filter(|_| keys.pci.is_none()),
    };
    (but.by_mac.is_some() || but.pci.is_some()).then_some(but)
}

/// The bridge itself belongs to Incus, both ends of its veth to us.
fn bridge_devices(model: &Model) -> Vec<String> {
    let names = model.incus.bridges.keys();
    names
        .flat_map(|name| [name.to_string(), format!("{name}-dp"), format!("{name}-vpp")])
        .collect()
}

//! `impctl nics`: every network device, what has it, and the line by which a document names it.

use super::columns::{columns, row, speed};
use super::status::machine_ports;
use super::{Format, out};
use crate::exit::{Failure, Kind};
use crate::host::privilege;
use crate::plan::nic::Port;
use crate::step;
use crate::types::Root;

/// Prints them, what is claimed first. Without root only the host's are seen, which is said.
pub fn run(root: &Root, format: Format) -> Result<(), Failure> {
    if !root.is_machine() {
        let text = "'impctl nics' lists the devices of the running machine and takes no --root";
        return Err(Failure::new(Kind::Usage, text));
    }
    // Before the first configuration is accepted this is what one looks for a NIC with.
    let model = step::running_model(root).ok();
    let all = privilege::is_root();
    if !all {
        tracing::warn!("the dataplane's NICs are shown to root alone");
    }
    let ports = machine_ports(root, model.as_ref(), all)?;
    out::print(&match format {
        Format::Json => serde_json::to_string_pretty(&ports).unwrap_or_default() + "\n",
        Format::Text => text(&ports),
    })
}

/// The table, then a line to paste for each.
pub fn text(ports: &[Port]) -> String {
    if ports.is_empty() {
        return "this machine has no NIC\n".to_owned();
    }
    let header = row([
        "USED BY",
        "WHERE",
        "NAME",
        "PCI",
        "DRIVER",
        "MAC",
        "PERMANENT",
        "LINK",
    ]);
    let rows = ports.iter().map(|port| {
        let mut cells = cells(port);
        let macs = [port.mac, port.permanent_mac].map(|mac| mac.map(|mac| mac.to_string()));
        let [mac, permanent] = macs.map(Option::unwrap_or_default);
        let link = cells.pop().unwrap_or_default();
        cells.extend([mac, permanent, link]);
        cells
    });
    let table = columns("", &[header].into_iter().chain(rows).collect::<Vec<_>>());
    let lines = ports.iter().map(|port| {
        let pci = port.pci.map(|pci| pci.to_string()).unwrap_or_default();
        let name = port.name.as_ref().map_or(pci, ToString::to_string);
        vec![port.matches.clone(), format!("# {name}")]
    });
    table + "\n" + &columns("", &lines.collect::<Vec<_>>())
}

/// A line per device: what has it, where it is, and its link.
pub fn lines<'p>(indent: &str, ports: impl Iterator<Item = &'p Port>) -> String {
    columns(indent, &ports.map(cells).collect::<Vec<_>>())
}

fn cells(port: &Port) -> Vec<String> {
    let link = match (port.up, port.carrier, port.speed) {
        (Some(false), ..) => "down".to_owned(),
        (_, Some(true), Some(megabits)) => speed(megabits),
        (_, Some(true), None) => "carrier".to_owned(),
        (_, Some(false), _) => "no carrier".to_owned(),
        (_, None, _) => "unknown".to_owned(),
    };
    let text = |value: Option<String>| value.unwrap_or_default();
    vec![
        match &port.bond {
            Some(bond) => format!("{} in {bond}", port.claim),
            None => port.claim.to_string(),
        },
        port.place.to_string(),
        text(port.name.as_ref().map(ToString::to_string)),
        text(port.pci.map(|pci| pci.to_string())),
        text(port.driver.as_ref().map(ToString::to_string)),
        link,
    ]
}

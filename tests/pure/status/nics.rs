//! What uses each NIC, and the line that names it.

use crate::pure::nic::{dataplane, matches};
use imp::facts::nic::{HeldDevice, Nic, NicFacts, Taken};
use imp::facts::port::{PortNow, Ports};
use imp::impctl::nics::text;
use imp::plan::nic::{Claim, Port, Wanted, WantedNic, Where, ports};

fn nic(index: u32, name: &str, pci: Option<&str>, mac: &str) -> Nic {
    Nic {
        name: name.parse().unwrap(),
        alternative: Vec::new(),
        index,
        mac: Some(mac.parse().unwrap()),
        pci: pci.map(|pci| pci.parse().unwrap()),
        driver: Some("i40e".parse().unwrap()),
        hardware: pci.is_some(),
        up: true,
        promiscuous: false,
        table: None,
    }
}

fn now(index: u32, carrier: bool, master: Option<&str>) -> PortNow {
    PortNow {
        index,
        mac: Some("02:00:00:00:00:01".parse().unwrap()),
        permanent_mac: Some("b4:96:91:00:00:01".parse().unwrap()),
        carrier,
        speed: carrier.then_some(10_000),
        master: master.map(|name| name.parse().unwrap()),
    }
}

/// Management's NIC, one that DPDK holds, one in the namespace, one that a bridge has, one that is free, and a veth.
fn facts() -> (NicFacts, Ports) {
    let taken = |interface: &str, pci: &str, mac: &str, device: &str| Taken {
        interface: interface.parse().unwrap(),
        pci: Some(pci.parse().unwrap()),
        mac: Some(mac.parse().unwrap()),
        driver: Some("i40e".parse().unwrap()),
        name: "enp1s0".parse().unwrap(),
        alternative: Vec::new(),
        device: device.parse().unwrap(),
        up: true,
    };
    let facts = NicFacts {
        host: vec![
            nic(2, "eno1", Some("0000:01:00.0"), "3c:ec:ef:00:00:01"),
            nic(3, "eno2", Some("0000:01:00.1"), "3c:ec:ef:00:00:02"),
            nic(4, "eno3", Some("0000:01:00.2"), "3c:ec:ef:00:00:03"),
            nic(5, "veth0", None, "02:00:00:00:00:05"),
        ],
        namespace: vec![nic(7, "internal", Some("0000:65:00.1"), "b4:96:91:00:00:11")],
        held: vec![
            HeldDevice {
                pci: "0000:65:00.0".parse().unwrap(),
                driver: Some("vfio-pci".parse().unwrap()),
            },
            HeldDevice {
                pci: "0000:99:00.0".parse().unwrap(),
                driver: None,
            },
        ],
        taken: vec![
            taken("external", "0000:65:00.0", "b4:96:91:00:00:10", "external"),
            taken("internal", "0000:65:00.1", "b4:96:91:00:00:11", "internal"),
        ],
        vpp_runs: true,
    };
    let ports = Ports {
        host: vec![
            now(2, true, None),
            now(3, true, Some("br0")),
            now(4, false, None),
            now(5, true, None),
        ],
        namespace: vec![now(7, true, None)],
    };
    (facts, ports)
}

/// The ports of a machine with this configuration.
pub fn machine() -> Vec<Port> {
    let (facts, now) = facts();
    let namespace = dataplane();
    let names = ["external", "internal"].map(|name| name.parse().unwrap());
    let wishes = ["mac=b4:96:91:00:00:10", "pci=0000:65:00.1"].map(matches);
    let management = matches("mac=3c:ec:ef:00:00:01");
    let interfaces = names.iter().zip(&wishes).map(|(name, matches)| WantedNic {
        name,
        place: "imp.toml:1".to_owned(),
        matches,
        attach: None,
        bond: None,
    });
    let wanted = Wanted {
        namespace: &namespace,
        interfaces: interfaces.collect(),
        management: Some(&management),
        reserved: Default::default(),
    };
    ports(Some(&wanted), &facts, &now)
}

#[test]
fn what_uses_each_and_where_it_is() {
    let found = machine();
    let seen: Vec<(String, Where)> = found.iter().map(|it| (it.claim.to_string(), it.place)).collect();
    let expected = [
        ("[management]", Where::Host),
        ("external", Where::Vpp),
        ("internal", Where::Dataplane),
        ("port of br0", Where::Host),
        ("-", Where::Host),
        ("-", Where::Undriven),
    ]
    .map(|(claim, place)| (claim.to_owned(), place));
    assert_eq!(seen, expected, "the veth is nobody's NIC");
    assert_eq!(
        found[1].matches,
        "match = { pci = \"0000:65:00.0\", mac = \"b4:96:91:00:00:10\" }"
    );
    assert_eq!(
        found[5].matches, "match = { pci = \"0000:99:00.0\" }",
        "nobody knows its address"
    );
}

#[test]
fn the_line_to_paste_finds_the_same_nic_again() {
    let (facts, now) = facts();
    let namespace = dataplane();
    let name = "pasted".parse().unwrap();
    for port in machine().iter().filter(|port| port.claim != Claim::Management) {
        let document: toml::Table = toml::from_str(&port.matches).unwrap();
        let keys = document["match"].as_table().unwrap().iter();
        let words: Vec<String> = keys
            .map(|(key, value)| format!("{key}={}", value.as_str().unwrap()))
            .collect();
        let wish = matches(&words.join(" "));
        let wanted = Wanted {
            namespace: &namespace,
            interfaces: vec![WantedNic {
                name: &name,
                place: "imp.toml:1".to_owned(),
                matches: &wish,
                attach: None,
                bond: None,
            }],
            management: None,
            reserved: Default::default(),
        };
        let again = ports(Some(&wanted), &facts, &now);
        let found = again
            .iter()
            .find(|it| matches!(&it.claim, Claim::Interface(claim) if *claim == name));
        let found = found.unwrap();
        assert_eq!((found.pci, &found.name), (port.pci, &port.name));
    }
}

#[test]
fn without_hardware_every_device_is_listed() {
    let (mut facts, now) = facts();
    facts.held.clear();
    facts.host.retain(|nic| !nic.hardware);
    facts.namespace.clear();
    let found = ports(None, &facts, &now);
    assert_eq!(found.len(), 1, "a container's veth is its NIC");
    assert_eq!(found[0].matches, "match = { mac = \"02:00:00:00:00:05\" }");
}

#[test]
fn it_is_a_table_and_then_lines_to_paste() {
    let text = text(&machine());
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("USED BY       WHERE      NAME"), "{text}");
    assert!(
        lines[1].ends_with("10 Gbit/s") && lines[2].ends_with("unknown"),
        "{text}"
    );
    assert_eq!(
        lines[8],
        "match = { pci = \"0000:01:00.0\", mac = \"3c:ec:ef:00:00:01\" }  # eno1"
    );
    assert!(lines.iter().all(|line| line.trim_end() == *line), "{text}");
}

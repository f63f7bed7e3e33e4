//! What a configuration would do to those who manage the machine, and what networkd and VFIO are told.
#![allow(clippy::unwrap_used)]

use imp::boot::trial::outcome::{CheckState, Scope};
use imp::config::{File, Model, parse};
use imp::facts::iommu::Function;
use imp::facts::nic::Nic;
use imp::health::{About, firewall};
use imp::plan::management::{ManagementFacts, notices};
use imp::plan::nic::vfio;
use imp::render::{self, Bindings, Dataplane};
use imp::types::PciAddress;
use std::collections::BTreeMap;

const HEAD: &str = "config-version = 1\n[system]\nhostname = \"edge1\"\n";
const BY_MAC: &str =
    "[management]\nmatch = { mac = \"3c:ec:ef:00:00:01\" }\naddresses = [\"172.16.0.10/24\"]\n";
const CORE: &str = "[vpp.core]\nmain-core = 1\n";

fn model(parts: &[&str]) -> Model {
    let bytes = (HEAD.to_owned() + &parts.concat()).into_bytes();
    let files = BTreeMap::from([("imp.toml".to_owned(), File { bytes, mode: 0o644 })]);
    let parsed = parse(&files);
    parsed.model.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
}

fn nic(name: &str, mac: &str) -> Nic {
    Nic {
        name: name.parse().unwrap(),
        alternative: Vec::new(),
        index: 2,
        mac: mac.parse().ok(),
        pci: None,
        driver: None,
        hardware: true,
        up: true,
        promiscuous: false,
        table: None,
    }
}

fn said(model: &Model, facts: &ManagementFacts<'_>) -> String {
    let lines: Vec<String> = notices(model, facts).iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn a_firewall_without_ssh_from_management_is_said() {
    let host = [nic("eno1", "3c:ec:ef:00:00:01")];
    let says = |management: &str, allow: &str, ports: &[u16]| {
        let firewall = format!("[firewall]\nallow = [{allow}]\n");
        let facts = ManagementFacts {
            host: &host,
            ssh_ports: ports.iter().copied().collect(),
            running: None,
        };
        said(&model(&[management, &firewall]), &facts)
    };
    let ssh = "{ service = \"ssh\", from = [\"172.16.0.0/24\"] }";
    assert_eq!(says(BY_MAC, ssh, &[]), "");
    assert_eq!(
        says(BY_MAC, "{ service = \"ssh\", from = [\"172.16.0.20/32\"] }", &[]),
        ""
    );
    assert_eq!(says(BY_MAC, "{ service = \"ssh\" }", &[]), "");
    assert_eq!(
        says(BY_MAC, "{ service = \"ssh\", from = [\"172.61.0.0/24\"] }", &[]),
        "E0624: [management] (imp.toml:4): no entry of [firewall] lets SSH (tcp 22) in from 172.16.0.0/24"
    );
    assert!(says(BY_MAC, "", &[]).starts_with("E0624"));
    assert!(says(BY_MAC, "{ port = 22, protocol = \"udp\" }", &[]).starts_with("E0624"));
    assert!(
        says(BY_MAC, ssh, &[2222]).contains("(tcp 2222)"),
        "it listens elsewhere"
    );
    assert_eq!(says(BY_MAC, "{ port = 2222, protocol = \"tcp\" }", &[2222]), "");
    let dhcp = "[management]\nmatch = { mac = \"3c:ec:ef:00:00:01\" }\ndhcp = true\n";
    assert_eq!(says(dhcp, ssh, &[]), "", "only the DHCP server knows the network");
    assert!(says(dhcp, "", &[]).ends_with("lets SSH (tcp 22) in"));
}

#[test]
fn management_that_is_not_there_or_goes_away_is_said() {
    let with = model(&[BY_MAC]);
    let host = [nic("eno1", "3c:ec:ef:00:00:02")];
    let facts = |running| ManagementFacts {
        host: &host,
        running,
        ..ManagementFacts::default()
    };
    assert_eq!(
        said(&with, &facts(None)),
        "E0623: [management] (imp.toml:4): no NIC has mac 3c:ec:ef:00:00:01; in the host's namespace: \
         'eno1' (mac 3c:ec:ef:00:00:02)"
    );
    let without = model(&[]);
    assert!(
        said(&without, &facts(Some(&with))).starts_with("E0625: the running configuration has [management]")
    );
    assert_eq!(said(&without, &facts(Some(&without))), "");
    assert_eq!(said(&without, &facts(None)), "");
}

#[test]
fn vfio_takes_no_function_without_a_group_of_its_own() {
    let wan = "[interfaces.wan]\nmatch = { pci = \"0000:65:00.0\" }\naddresses = [\"192.0.2.2/24\"]\n";
    let lan = "[interfaces.lan]\nmatch = { pci = \"0000:65:00.1\" }\naddresses = [\"192.0.3.2/24\"]\n";
    let pci = |text: &str| -> PciAddress { text.parse().unwrap() };
    let says = |parts: &[&str], function: Function, management: Option<&str>| {
        let model = model(parts);
        let bindings = Bindings::as_written(&model);
        let functions = BTreeMap::from([(pci("0000:65:00.0"), function)]);
        let refused = vfio::refused(&Dataplane::of(&model), &bindings, &functions, management.map(pci));
        let lines: Vec<String> = refused
            .iter()
            .map(|(name, notice)| format!("{name} {notice}"))
            .collect();
        lines.join("\n")
    };
    let shared = |driver: &str| Function {
        vendor: Some(0x8086),
        grouped: true,
        in_use: [(pci("0000:65:00.1"), driver.parse().unwrap())].into(),
    };
    let alone = Function {
        vendor: Some(0x8086),
        ..Function::default()
    };
    let here: &[&str] = &[CORE, wan];
    assert!(
        says(here, alone.clone(), None)
            .starts_with("wan E0621: interface 'wan' (imp.toml:6): pci 0000:65:00.0 is in no IOMMU group")
    );
    let mellanox = Function {
        vendor: Some(0x15b3),
        ..Function::default()
    };
    assert_eq!(says(here, mellanox, None), "", "DPDK leaves its driver in place");
    let uio = "[vpp.core]\nmain-core = 1\nuio-driver = \"uio_pci_generic\"\n";
    assert_eq!(says(&[uio, wan], alone, None), "");
    let management = says(here, shared("igb"), Some("0000:65:00.1"));
    assert!(
        management.starts_with("wan E0622") && management.contains("the NIC of [management]"),
        "{management}"
    );
    assert!(says(here, shared("nvme"), None).contains("which the kernel uses (nvme)"));
    assert_eq!(says(here, shared("vfio-pci"), None), "");
    assert_eq!(
        says(&[CORE, wan, lan], shared("i40e"), None),
        "",
        "the whole group is the dataplane's"
    );
}

#[test]
fn networkd_matches_what_imp_matches() {
    let interface = |name: &str, matches: &str| {
        format!("[interfaces.{name}]\nmatch = {{ {matches} }}\nattach = \"af-packet\"\n")
    };
    let files = |parts: &[&str]| -> BTreeMap<String, String> {
        let model = model(parts);
        let files = render::everything(&model, &Bindings::as_written(&model))
            .unwrap()
            .files;
        let folder = "run/systemd/network/";
        let named =
            |file: imp::render::Rendered| Some((file.path.strip_prefix(folder)?.to_owned(), file.text));
        files.into_iter().filter_map(named).collect()
    };
    let mac = files(&[BY_MAC]);
    assert!(mac["10-imp-management.network"].contains("\nMACAddress=3c:ec:ef:00:00:01\n"));
    assert!(
        mac["10-imp-management-by-permanent-mac.network"]
            .contains("\nPermanentMACAddress=3c:ec:ef:00:00:01\n")
    );
    // Another port of management's function, and another NIC of its driver: neither file is about management.
    let by_pci = files(&[BY_MAC, CORE, &interface("wan", "pci = \"0000:65:00.0\"")]);
    let text = &by_pci["05-imp-wan.network"];
    assert!(
        text.contains("\nPath=pci-0000:65:00.0 *-pci-0000:65:00.0\n"),
        "{text}"
    );
    assert!(
        text.contains("\nProperty=!ID_NET_NAME_MAC=enx3cecef000001\n"),
        "{text}"
    );
    let management = "[management]\nmatch = { pci = \"0000:01:00.0\" }\ndhcp = true\n";
    let by_driver = files(&[management, CORE, &interface("wan", "driver = \"igb\"")]);
    let text = &by_driver["05-imp-wan.network"];
    assert!(
        text.contains("\nProperty=!ID_PATH=pci-0000:01:00.0 ID_PATH=*-pci-0000:01:00.0\n"),
        "{text}"
    );
    // Both ports by both keys: only the address tells.
    let one = interface("one", "pci = \"0000:65:00.0\", mac = \"02:00:5e:00:00:31\"");
    let two = interface("two", "pci = \"0000:65:00.0\", mac = \"02:00:5e:00:00:32\"");
    let both = files(&[CORE, &one, &two]);
    assert!(both.values().all(|text| !text.contains("Path=")), "{both:?}");
    assert_eq!(both.len(), 4);
}

#[test]
fn an_open_firewall_is_red() {
    let about = About::new("firewall", Scope::Management, true, true);
    let chain =
        "table inet imp {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n";
    assert_eq!(
        firewall::judge(&about, Ok(chain.to_owned())).state,
        CheckState::Passed
    );
    let gone = "'nft' ended with 1: Error: No such file or directory";
    let red = firewall::judge(&about, Err(gone.to_owned()));
    assert!(
        red.rejects()
            && red
                .observed
                .ends_with("'systemctl restart imp-nftables' loads it")
    );
    assert!(firewall::judge(&about, Ok(chain.replace("drop", "accept"))).rejects());
}

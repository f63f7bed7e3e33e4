//! NICs: which one is meant, moved there and back.
#![allow(clippy::unwrap_used)]

use crate::sandbox::{self, ip};
use imp::act;
use imp::config::{Attach, NicMatch};
use imp::facts::nic::{HeldDevice, Nic, NicFacts, Taken, read};
use imp::plan::nic::{NicPlan, Wanted, WantedNic, give_back, up, veths};
use imp::types::{IfName, KernelName, NetnsName, Root};
use std::fs;

fn dataplane() -> NetnsName {
    "dataplane".parse().unwrap()
}

/// A NIC of the host: `name pci mac driver`, `-` for what it has not.
fn nic(index: u32, words: &str) -> Nic {
    let mut words = words.split(' ');
    let mut word = || words.next().filter(|word| *word != "-");
    let name = word().unwrap().parse().unwrap();
    let pci = word().map(|pci| pci.parse().unwrap());
    Nic {
        name,
        index,
        pci,
        mac: word().map(|mac| mac.parse().unwrap()),
        driver: word().map(|driver| driver.parse().unwrap()),
        hardware: pci.is_some(),
        up: false,
        promiscuous: false,
    }
}

/// A match as an operator writes it: `pci=… mac=… driver=… name=…`.
fn matches(words: &str) -> NicMatch {
    let mut result = NicMatch::default();
    for word in words.split(' ') {
        match word.split_once('=').unwrap() {
            ("pci", value) => result.pci = Some(value.parse().unwrap()),
            ("mac", value) => result.mac = Some(value.parse().unwrap()),
            ("driver", value) => result.driver = Some(value.parse().unwrap()),
            ("name", value) => result.name = Some(value.parse().unwrap()),
            (key, _) => panic!("{key}"),
        }
    }
    result
}

struct Case {
    interfaces: Vec<(IfName, NicMatch, Option<Attach>)>,
    management: Option<NicMatch>,
    reserved: Vec<KernelName>,
}

impl Case {
    fn new(interfaces: &[(&str, &str)]) -> Self {
        let interfaces = interfaces
            .iter()
            .map(|(name, words)| (name.parse().unwrap(), matches(words), None));
        Self {
            interfaces: interfaces.collect(),
            management: None,
            reserved: Vec::new(),
        }
    }

    fn with<T>(&self, work: impl FnOnce(&Wanted<'_>) -> T) -> T {
        let namespace = dataplane();
        let interfaces = self.interfaces.iter().map(|(name, matches, attach)| WantedNic {
            name,
            place: "imp.toml:1".to_owned(),
            matches,
            attach: *attach,
        });
        work(&Wanted {
            namespace: &namespace,
            interfaces: interfaces.collect(),
            management: self.management.as_ref(),
            reserved: self.reserved.iter().cloned().collect(),
        })
    }

    fn plan(&self, facts: &NicFacts) -> NicPlan {
        self.with(|wanted| up(wanted, facts))
    }
}

fn host(nics: &[&str]) -> NicFacts {
    let host = nics
        .iter()
        .zip(2..)
        .map(|(words, index)| nic(index, words))
        .collect();
    NicFacts {
        host,
        ..NicFacts::default()
    }
}

const TWO: [&str; 2] = [
    "eth0 0000:65:00.0 b4:96:91:00:00:10 i40e",
    "eth1 0000:65:00.1 b4:96:91:00:00:11 i40e",
];

#[test]
fn finds_by_each_key_and_says_what_it_did_not_find() {
    // match, the plan's moves, the notice
    let cases = [
        ("pci=0000:65:00.0", "eth0", ""),
        ("mac=b4:96:91:00:00:11", "eth1", ""),
        ("name=eth1", "eth1", ""),
        ("pci=0000:65:00.1 driver=i40e", "eth1", ""),
        ("pci=0000:65:00.0 mac=b4:96:91:00:00:10", "eth0", ""),
        (
            "driver=i40e",
            "",
            "E0502: interface 'external' (imp.toml:1): driver i40e fits 'eth0' (",
        ),
        (
            "pci=0000:65:00.0 mac=b4:96:91:00:00:99",
            "eth0",
            "write: match = { pci = \"0000:65:00.0\", mac = \"b4:96:91:00:00:10\" }",
        ),
        (
            "pci=0000:66:00.0 mac=b4:96:91:00:00:11",
            "eth1",
            "write: match = { pci = \"0000:65:00.1\", mac = \"b4:96:91:00:00:11\" }",
        ),
        (
            "pci=0000:65:00.0 mac=b4:96:91:00:00:11",
            "",
            "E0502: interface 'external' (imp.toml:1): pci 0000:65:00.0 and mac b4:96:91:00:00:11 fits 'eth0'",
        ),
        (
            "pci=0000:66:00.0",
            "",
            "E0501: interface 'external' (imp.toml:1): no NIC has pci 0000:66:00.0; free on this machine: 'eth0' (pci 0000:65:00.0, mac b4:96:91:00:00:10, driver i40e), 'eth1'",
        ),
        ("pci=0000:65:00.0 driver=ixgbe", "", "E0501"),
    ];
    for (words, moved, notice) in cases {
        let plan = Case::new(&[("external", words)]).plan(&host(&TWO));
        let text = plan.plan.to_string();
        let said: Vec<String> = plan.notices.iter().map(ToString::to_string).collect();
        assert_eq!(text.contains("move NIC"), !moved.is_empty(), "{words}: {text}");
        assert!(text.contains(moved), "{words}: {text}");
        assert_eq!(said.is_empty(), notice.is_empty(), "{words}: {said:?}");
        assert!(said.join("\n").contains(notice), "{words}: {said:?}");
        assert_eq!(plan.absent.is_empty(), !moved.is_empty(), "{words}");
    }
}

#[test]
fn one_nic_is_never_two_interfaces_and_never_the_managements() {
    let mut case = Case::new(&[
        ("external", "pci=0000:65:00.0"),
        ("internal", "mac=b4:96:91:00:00:10"),
    ]);
    let plan = case.plan(&host(&TWO));
    assert_eq!(plan.absent.len(), 2);
    assert!(
        plan.notices
            .iter()
            .all(|notice| notice.to_string().starts_with("E0503"))
    );
    assert!(plan.plan.is_empty(), "{}", plan.plan);

    case.interfaces.pop();
    for management in [
        "mac=b4:96:91:00:00:10",
        "name=eth0",
        "pci=0000:65:00.0 mac=b4:96:91:00:00:99",
    ] {
        case.management = Some(matches(management));
        let plan = case.plan(&host(&TWO));
        assert!(plan.plan.is_empty(), "{management}: {}", plan.plan);
        assert!(plan.notices[0].to_string().starts_with("E0504"), "{management}");
    }
}

#[test]
fn a_vlan_device_with_the_address_of_its_nic_is_not_meant() {
    let facts = host(&[TWO[0], "eth0.5 - b4:96:91:00:00:10 vlan"]);
    let plan = Case::new(&[("external", "mac=b4:96:91:00:00:10")]).plan(&facts);
    assert!(
        plan.plan.to_string().contains("move NIC 'eth0' to namespace"),
        "{}",
        plan.plan
    );
}

#[test]
fn dpdk_needs_a_pci_device_and_af_packet_is_set_up() {
    let facts = host(&["veth0 - 02:00:00:00:00:01 veth"]);
    let mut case = Case::new(&[("external", "name=veth0")]);
    let text = case.plan(&facts).plan.to_string();
    let lines: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(
        lines,
        [
            "interface 'external': move NIC 'veth0' to namespace 'dataplane'",
            "interface 'external': set net/ipv6/conf/veth0/disable_ipv6 = 1 in namespace 'dataplane'",
            "interface 'external': set 'veth0' in namespace 'dataplane' up",
            "interface 'external': set 'veth0' in namespace 'dataplane' promiscuous",
        ]
    );
    case.interfaces[0].2 = Some(Attach::Dpdk);
    let plan = case.plan(&facts);
    assert!(plan.plan.is_empty());
    assert!(plan.notices[0].to_string().starts_with("E0506"));
}

#[test]
fn a_name_that_vpp_will_give_is_not_taken_along() {
    let facts = host(&["external - 02:00:00:00:00:01 veth"]);
    let mut case = Case::new(&[("external", "name=external")]);
    case.reserved = vec!["external".parse().unwrap()];
    let text = case.plan(&facts).plan.to_string();
    assert!(
        text.contains("move NIC 'external' to namespace 'dataplane' as 'nic2'"),
        "{text}"
    );
}

#[test]
fn what_dpdk_holds_is_remembered_by_its_record() {
    let taken = Taken {
        interface: "external".parse().unwrap(),
        pci: Some("0000:65:00.0".parse().unwrap()),
        mac: Some("b4:96:91:00:00:10".parse().unwrap()),
        driver: Some("i40e".parse().unwrap()),
        name: "eth0".parse().unwrap(),
        device: "eth0".parse().unwrap(),
        up: true,
    };
    let mut facts = NicFacts {
        held: vec![HeldDevice {
            pci: "0000:65:00.0".parse().unwrap(),
            driver: Some("vfio-pci".parse().unwrap()),
        }],
        taken: vec![taken],
        ..NicFacts::default()
    };
    for words in [
        "mac=b4:96:91:00:00:10",
        "pci=0000:65:00.0",
        "name=eth0 driver=i40e",
    ] {
        let plan = Case::new(&[("external", words)]).plan(&facts);
        assert!(
            plan.plan.is_empty() && plan.absent.is_empty(),
            "{words}: {}",
            plan.plan
        );
        let binding = &plan.bindings["external"];
        assert_eq!(binding.attach, Attach::Dpdk);
        assert_eq!(binding.mac.unwrap().to_string(), "b4:96:91:00:00:10");
    }
    assert_eq!(
        give_back(&dataplane(), &facts).to_string(),
        "pci 0000:65:00.0: give PCI device 0000:65:00.0 back to its kernel driver\n"
    );
    facts.vpp_runs = true;
    assert!(
        give_back(&dataplane(), &facts).is_empty(),
        "a running VPP keeps its NIC"
    );
}

/// Two veths as NICs `n0`, `n1` with known addresses, and the namespace.
fn machine(root: &Root) {
    imp::act::step::netns::up(root, &dataplane()).unwrap();
    for (name, mac) in [("n0", "02:00:00:00:00:01"), ("n1", "02:00:00:00:00:02")] {
        ip(&format!(
            "link add {name} address {mac} up type veth peer name {name}-peer"
        ));
    }
}

fn apply(root: &Root, case: &Case) -> NicPlan {
    let plan = case.plan(&read(root, &dataplane()).unwrap());
    let report = act::apply(root, &plan.plan);
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    case.plan(&read(root, &dataplane()).unwrap())
}

#[test]
fn nics_go_and_come_back_as_they_were() {
    sandbox::run("nic::nics_go_and_come_back_as_they_were", |root| {
        machine(root);
        ip("link set n1 down");
        let case = Case::new(&[("external", "mac=02:00:00:00:00:01"), ("internal", "name=n1")]);
        let settled = apply(root, &case);
        assert!(
            settled.plan.is_empty(),
            "the second run has nothing to do: {}",
            settled.plan
        );
        assert_eq!(
            settled.bindings["external"].device.as_ref().unwrap().as_ref(),
            "n0"
        );
        assert_eq!(settled.bindings["internal"].attach, Attach::AfPacket);
        let inside = read(root, &dataplane()).unwrap().namespace;
        assert!(inside.iter().all(|nic| nic.up && nic.promiscuous), "{inside:?}");

        let facts = read(root, &dataplane()).unwrap();
        let report = act::apply(root, &give_back(&dataplane(), &facts));
        assert!(report.failed.is_empty(), "{:?}", report.failed);
        let facts = read(root, &dataplane()).unwrap();
        assert!(facts.namespace.is_empty());
        let up = |name: &str| {
            facts
                .host
                .iter()
                .find(|nic| nic.name.as_ref() == name)
                .unwrap()
                .up
        };
        assert!(up("n0") && !up("n1"), "up as before");
        assert!(give_back(&dataplane(), &facts).is_empty());
    });
}

#[test]
fn a_pci_device_is_found_through_sysfs() {
    sandbox::run("nic::a_pci_device_is_found_through_sysfs", |root| {
        machine(root);
        let device = root.join("sys/devices/pci0000:64/0000:65:00.0");
        fs::create_dir_all(&device).unwrap();
        let class = root.join("sys/class/net/n0");
        fs::create_dir_all(&class).unwrap();
        fs::write(class.join("address"), "02:00:00:00:00:01\n").unwrap();
        std::os::unix::fs::symlink(&device, class.join("device")).unwrap();
        let mut case = Case::new(&[("external", "pci=0000:65:00.0")]);
        case.interfaces[0].2 = Some(Attach::AfPacket);
        let settled = apply(root, &case);
        assert!(
            settled.plan.is_empty() && settled.absent.is_empty(),
            "{}",
            settled.plan
        );
        assert_eq!(
            settled.bindings["external"].device.as_ref().unwrap().as_ref(),
            "n0"
        );
    });
}

#[test]
fn a_name_in_use_is_stepped_around_and_given_back() {
    sandbox::run("nic::a_name_in_use_is_stepped_around_and_given_back", |root| {
        machine(root);
        let mut case = Case::new(&[("n0", "name=n0")]);
        case.reserved = vec!["n0".parse().unwrap()];
        let settled = apply(root, &case);
        assert!(
            settled.plan.is_empty() && settled.absent.is_empty(),
            "{}",
            settled.plan
        );
        assert!(
            settled.bindings["n0"]
                .device
                .as_ref()
                .unwrap()
                .as_ref()
                .starts_with("nic")
        );
        let facts = read(root, &dataplane()).unwrap();
        assert!(
            act::apply(root, &give_back(&dataplane(), &facts))
                .failed
                .is_empty()
        );
        let facts = read(root, &dataplane()).unwrap();
        assert!(facts.host.iter().any(|nic| nic.name.as_ref() == "n0"));
    });
}

#[test]
fn a_kill_between_any_two_actions_is_completed_by_the_next_run() {
    sandbox::run(
        "nic::a_kill_between_any_two_actions_is_completed_by_the_next_run",
        |root| {
            machine(root);
            let case = Case::new(&[("external", "mac=02:00:00:00:00:01"), ("internal", "name=n1")]);
            let whole = case.plan(&read(root, &dataplane()).unwrap()).plan;
            let all: Vec<_> = whole
                .groups()
                .iter()
                .flat_map(|group| group.actions.clone())
                .collect();
            for done in 0..all.len() {
                let mut part = imp::plan::Plan::default();
                part.add("part", all[..done].to_vec());
                assert!(act::apply(root, &part).failed.is_empty());
                let settled = apply(root, &case);
                assert!(
                    settled.plan.is_empty() && settled.absent.is_empty(),
                    "{done}: {}",
                    settled.plan
                );
                let facts = read(root, &dataplane()).unwrap();
                assert!(
                    act::apply(root, &give_back(&dataplane(), &facts))
                        .failed
                        .is_empty()
                );
            }
        },
    );
}

#[test]
fn a_bridge_gets_one_veth_and_loses_it_with_the_configuration() {
    sandbox::run(
        "nic::a_bridge_gets_one_veth_and_loses_it_with_the_configuration",
        |root| {
            machine(root);
            let bridge: IfName = "incusbr0".parse().unwrap();
            let plan = |bridges: &[&IfName]| {
                let facts = read(root, &dataplane()).unwrap();
                let (plan, notices) = veths(bridges, &dataplane(), &facts);
                assert!(notices.is_empty(), "{notices:?}");
                plan
            };
            let made = plan(&[&bridge]);
            let report = act::apply(root, &made);
            assert!(report.failed.is_empty(), "{:?}", report.failed);
            assert!(plan(&[&bridge]).is_empty(), "{}", plan(&[&bridge]));
            ip("link set incusbr0-dp down");
            assert_eq!(plan(&[&bridge]).groups()[0].actions.len(), 2, "only what drifted");

            // The namespace was made anew: the pair went with it, or half of another one is in the way.
            ip("link del incusbr0-dp");
            ip("link add incusbr0-dp type veth peer name x");
            assert!(act::apply(root, &plan(&[&bridge])).failed.is_empty());
            assert!(plan(&[&bridge]).is_empty());
            assert!(act::apply(root, &plan(&[])).failed.is_empty());
            assert!(read(root, &dataplane()).unwrap().namespace.is_empty());

            ip("link add incusbr0-dp type bridge");
            let facts = read(root, &dataplane()).unwrap();
            let (plan, notices) = veths(&[&bridge], &dataplane(), &facts);
            assert!(plan.is_empty());
            assert!(
                notices[0].to_string().contains("is in the way of its veth"),
                "{notices:?}"
            );
        },
    );
}

/// A running generation for the veths of [`machine`], with a wait of one second.
fn generation(root: &Root, external: &str) {
    let folder = root.join("run/imp/generation");
    fs::create_dir_all(&folder).unwrap();
    let text = format!(
        r#"config-version = 1
[system]
hostname = "edge1"
[dataplane]
nic-wait = "1s"
[vpp.core]
[management]
match = {{ name = "mgmt" }}
dhcp = true
[interfaces.external]
match = {external}
attach = "af-packet"
[interfaces.internal]
match = {{ mac = "02:00:00:00:00:02" }}
attach = "af-packet"
[incus.bridges.incusbr0]
address = "10.234.116.1/24"
gateway = "10.234.116.5"
"#
    );
    fs::write(folder.join("imp.toml"), text).unwrap();
}

/// Runs a step; returns its exit code and what it said.
fn step(binary: &str, verb: &str, root: &Root) -> (i32, String) {
    let output = std::process::Command::new(binary)
        .args([verb, "--root"])
        .arg(root.path())
        .output()
        .unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

const NETNS: &str = env!("CARGO_BIN_EXE_imp-netns");
const NIC: &str = env!("CARGO_BIN_EXE_imp-nic");

#[test]
fn the_step_takes_everything_once_and_gives_it_back() {
    sandbox::run("nic::the_step_takes_everything_once_and_gives_it_back", |root| {
        generation(root, r#"{ mac = "02:00:00:00:00:01" }"#);
        assert_eq!(step(NETNS, "up", root).0, 0);
        assert_eq!(
            step(NETNS, "up", root),
            (0, String::new()),
            "the second start says nothing"
        );
        machine(root);
        let (code, said) = step(NIC, "up", root);
        assert_eq!(code, 0, "{said}");
        assert!(
            said.contains("interface 'external': move NIC 'n0' to namespace 'dataplane'"),
            "{said}"
        );
        let bindings = fs::read_to_string(root.join("run/imp/bindings.json")).unwrap();
        assert!(bindings.contains(r#""device": "n1""#), "{bindings}");
        let (code, said) = step(NIC, "up", root);
        let unheard = said
            .lines()
            .find(|line| !line.contains("E0510") && !line.contains("E0511"));
        assert_eq!((code, unheard), (0, None), "the second start changes nothing");

        assert_eq!(step(NIC, "down", root).0, 0);
        assert_eq!(step(NIC, "down", root), (0, String::new()));
        let facts = read(root, &dataplane()).unwrap();
        assert!(facts.namespace.is_empty(), "{:?}", facts.namespace);
        assert!(facts.host.iter().all(|nic| nic.name.as_ref() != "incusbr0-dp"));
        assert_eq!(step(NETNS, "down", root).0, 0);
    });
}

#[test]
fn a_late_nic_is_waited_for() {
    sandbox::run("nic::a_late_nic_is_waited_for", |root| {
        generation(root, r#"{ mac = "02:00:00:00:00:09" }"#);
        machine(root);
        let late = std::thread::spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(400));
            ip("link add late address 02:00:00:00:00:09 type veth peer name late-peer");
        });
        let started = std::time::Instant::now();
        let (code, said) = step(NIC, "up", root);
        late.join().unwrap();
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("waiting up to 1 s for 'external'"), "{said}");
        assert!(
            started.elapsed().as_millis() < 950,
            "seen when it came, not at the end"
        );
    });
}

#[test]
fn a_missing_nic_degrades_the_boot_and_names_the_candidates() {
    sandbox::run(
        "nic::a_missing_nic_degrades_the_boot_and_names_the_candidates",
        |root| {
            generation(root, r#"{ pci = "0000:65:00.0" }"#);
            machine(root);
            let (code, said) = step(NIC, "up", root);
            assert_eq!(code, 69, "{said}");
            assert!(said.contains("E0501: interface 'external' (imp.toml:"), "{said}");
            assert!(
                said.contains("'n0' (mac 02:00:00:00:00:01, driver veth)"),
                "{said}"
            );
            assert!(
                said.contains("imp.toml:10: interface 'external' has no NIC: left out"),
                "{said}"
            );
            let facts = read(root, &dataplane()).unwrap();
            assert_eq!(
                facts.namespace.len(),
                2,
                "the other NIC and the bridge's veth are there"
            );
        },
    );
}

#[test]
fn removing_the_namespace_saves_the_nics_in_it() {
    sandbox::run("nic::removing_the_namespace_saves_the_nics_in_it", |root| {
        generation(root, r#"{ mac = "02:00:00:00:00:01" }"#);
        machine(root);
        assert_eq!(step(NIC, "up", root).0, 0);
        let (code, said) = step(NETNS, "down", root);
        assert_eq!(code, 0, "{said}");
        let facts = read(root, &dataplane()).unwrap();
        assert!(
            facts.host.iter().any(|nic| nic.name.as_ref() == "n0"),
            "{:?}",
            facts.host
        );
    });
}

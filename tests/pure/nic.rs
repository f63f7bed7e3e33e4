//! NICs: which one is meant, and what is done about it.
#![allow(clippy::unwrap_used)]

use imp::config::{Attach, NicMatch};
use imp::facts::nic::{HeldDevice, Nic, NicFacts, Taken};
use imp::plan::nic::{NicPlan, Wanted, WantedNic, give_back, unattached, up, vrfs};
use imp::render::{Bindings, Dataplane, NicBinding};
use imp::types::{IfName, KernelName, NetnsName};

pub fn dataplane() -> NetnsName {
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
        alternative: Vec::new(),
        index,
        pci,
        mac: word().map(|mac| mac.parse().unwrap()),
        driver: word().map(|driver| driver.parse().unwrap()),
        hardware: pci.is_some(),
        up: false,
        promiscuous: false,
        table: None,
    }
}

/// A match as an operator writes it: `pci=… mac=… driver=… name=…`.
pub fn matches(words: &str) -> NicMatch {
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

pub struct Case {
    pub interfaces: Vec<(IfName, NicMatch, Option<Attach>)>,
    pub management: Option<NicMatch>,
    pub reserved: Vec<KernelName>,
}

impl Case {
    pub fn new(interfaces: &[(&str, &str)]) -> Self {
        let interfaces = interfaces
            .iter()
            .map(|(name, words)| (name.parse().unwrap(), matches(words), None));
        Self {
            interfaces: interfaces.collect(),
            management: None,
            reserved: Vec::new(),
        }
    }

    pub fn with<T>(&self, work: impl FnOnce(&Wanted<'_>) -> T) -> T {
        let namespace = dataplane();
        let interfaces = self.interfaces.iter().map(|(name, matches, attach)| WantedNic {
            name,
            place: "imp.toml:1".to_owned(),
            matches,
            attach: *attach,
            bond: None,
        });
        work(&Wanted {
            namespace: &namespace,
            interfaces: interfaces.collect(),
            management: self.management.as_ref(),
            reserved: self.reserved.iter().cloned().collect(),
        })
    }

    pub fn plan(&self, facts: &NicFacts) -> NicPlan {
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
            "E0502: interface 'external' (imp.toml:1): driver i40e matches 'eth0' (",
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
            "E0502: interface 'external' (imp.toml:1): pci 0000:65:00.0 and mac b4:96:91:00:00:11 matches 'eth0'",
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
fn one_nic_is_never_two_interfaces_and_never_management() {
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
fn a_vlan_device_with_the_address_of_its_nic_is_not_matched() {
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
        alternative: Vec::new(),
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
    let mut case = Case::new(&[("external", "pci=0000:65:00.0")]);
    case.interfaces[0].2 = Some(Attach::AfPacket);
    let plan = case.plan(&facts);
    assert!(
        plan.plan
            .to_string()
            .contains("give PCI device 0000:65:00.0 back"),
        "{}",
        plan.plan
    );
    assert_eq!(plan.pending.len(), 1, "not in its place before the kernel has it");
    let gone = Case::new(&[]).plan(&facts);
    assert!(
        gone.plan.to_string().contains("give PCI device"),
        "wanted no more: {}",
        gone.plan
    );
    facts.vpp_runs = true;
    assert!(case.plan(&facts).plan.is_empty());
    assert!(
        give_back(&dataplane(), &facts).is_empty(),
        "a running VPP keeps its NIC"
    );
}

/// Both ports of a card that shows one PCI function for the two.
const PORTS: [&str; 2] = [
    "ens1 0000:65:00.0 02:00:5e:00:00:31 mlx4_core",
    "ens1d1 0000:65:00.0 02:00:5e:00:00:32 mlx4_core",
];

#[test]
fn dpdk_gets_no_function_that_has_a_second_port() {
    let mut case = Case::new(&[
        ("external", "mac=02:00:5e:00:00:31"),
        ("internal", "mac=02:00:5e:00:00:32"),
    ]);
    let plan = case.plan(&host(&PORTS));
    assert!(plan.plan.is_empty() && plan.absent.len() == 2, "{}", plan.plan);
    assert!(
        plan.notices
            .iter()
            .all(|notice| notice.to_string().starts_with("E0620"))
    );
    // The second port is nobody's, or management's.
    case.interfaces.pop();
    assert_eq!(case.plan(&host(&PORTS)).absent.len(), 1);
    case.management = Some(matches("mac=02:00:5e:00:00:32"));
    let plan = case.plan(&host(&PORTS));
    assert!(plan.plan.is_empty());
    let said = plan.notices[0].to_string();
    assert!(said.contains("'ens1d1' is the NIC of [management]"), "{said}");
    // Another function of the same card has ports of its own.
    assert!(
        Case::new(&[("external", "pci=0000:65:00.0")])
            .plan(&host(&TWO))
            .absent
            .is_empty()
    );
}

#[test]
fn ports_of_one_function_are_told_apart() {
    let mut case = Case::new(&[
        ("external", "mac=02:00:5e:00:00:31"),
        ("internal", "mac=02:00:5e:00:00:32"),
    ]);
    case.interfaces
        .iter_mut()
        .for_each(|interface| interface.2 = Some(Attach::AfPacket));
    let plan = case.plan(&host(&PORTS));
    assert!(
        plan.absent.is_empty() && plan.notices.is_empty(),
        "{:?}",
        plan.notices
    );
    for line in [
        "'external': move NIC 'ens1' to",
        "'internal': move NIC 'ens1d1' to",
    ] {
        assert!(plan.plan.to_string().contains(line), "{}", plan.plan);
    }
    // The function alone says nothing, unless the other port is management's.
    let mut case = Case::new(&[("external", "pci=0000:65:00.0")]);
    case.interfaces[0].2 = Some(Attach::AfPacket);
    let plan = case.plan(&host(&PORTS));
    assert!(plan.plan.is_empty() && plan.notices[0].to_string().starts_with("E0502"));
    for management in ["mac=02:00:5e:00:00:32", "pci=0000:65:00.0 mac=02:00:5e:00:00:32"] {
        case.management = Some(matches(management));
        let text = case.plan(&host(&PORTS)).plan.to_string();
        assert!(text.contains("move NIC 'ens1' to"), "{management}: {text}");
        assert!(!text.contains("ens1d1"), "{management}: {text}");
    }
}

#[test]
fn alternative_names_are_matched_listed_and_in_nobodys_way() {
    let mut facts = host(&TWO);
    facts.host[0].alternative = vec!["ens1f0".parse().unwrap(), "enp101s0f0".parse().unwrap()];
    let mut case = Case::new(&[("ens1f0", "name=ens1f0")]);
    case.reserved = vec!["ens1f0".parse().unwrap()];
    let plan = case.plan(&facts);
    let text = plan.plan.to_string();
    let lines: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(
        lines,
        [
            "interface 'ens1f0': drop the alternative name 'ens1f0' of 'eth0'",
            "interface 'ens1f0': move NIC 'eth0' to namespace 'dataplane'",
        ]
    );
    let other = Case::new(&[("external", "name=eth7")]).plan(&facts);
    let said = other.notices[0].to_string();
    assert!(
        said.contains("'eth0' (also 'ens1f0', 'enp101s0f0', pci"),
        "{said}"
    );
    // Taken, it is still found by the name it no longer has, and gets it back.
    let taken = Taken {
        interface: "ens1f0".parse().unwrap(),
        pci: facts.host[0].pci,
        mac: facts.host[0].mac,
        driver: facts.host[0].driver.clone(),
        name: "eth0".parse().unwrap(),
        alternative: facts.host[0].alternative.clone(),
        device: "eth0".parse().unwrap(),
        up: false,
    };
    let mut nic = facts.host.remove(0);
    nic.alternative.remove(0);
    let inside = NicFacts {
        namespace: vec![nic],
        taken: vec![taken],
        ..facts
    };
    let plan = case.plan(&inside);
    assert!(plan.plan.is_empty() && plan.absent.is_empty(), "{}", plan.plan);
    assert_eq!(
        give_back(&dataplane(), &inside).to_string(),
        "interface 'ens1f0': move NIC 'eth0' in namespace 'dataplane' to the host\n\
         interface 'ens1f0': add the alternative name 'ens1f0' to 'eth0'\n"
    );
}

#[test]
fn vpp_is_told_of_a_device_it_does_not_have() {
    let bindings = |index: u32, pci: &str| {
        let bound = |attach, device: Option<&str>| NicBinding {
            attach,
            pci: Some(pci.parse().unwrap()),
            device: device.map(|name| name.parse().unwrap()),
            index: device.map(|_| index),
            mac: None,
        };
        let nics = [
            ("wan".parse().unwrap(), bound(Attach::AfPacket, Some("eth1"))),
            ("core".parse().unwrap(), bound(Attach::Dpdk, None)),
        ];
        Bindings {
            nics: nics.into(),
            ..Bindings::default()
        }
    };
    let now = bindings(7, "0000:65:00.0");
    let names = |before: &Bindings, moved: &[&str]| -> Vec<String> {
        let moved: Vec<IfName> = moved.iter().map(|name| name.parse().unwrap()).collect();
        let found = unattached(before, &now, &moved);
        found.into_iter().map(ToString::to_string).collect()
    };
    assert!(names(&now, &[]).is_empty());
    assert_eq!(
        names(&bindings(6, "0000:65:00.0"), &[]),
        ["wan"],
        "another device"
    );
    assert_eq!(names(&now, &["core"]), ["core"], "it was in the host again");
    let mut late = bindings(7, "0000:65:00.0");
    late.nics.remove("core");
    assert_eq!(names(&late, &["core"]), ["core"], "it was not there before");
}

#[test]
fn each_vrf_has_its_device_and_no_other_is_left() {
    let document = "config-version = 1\n[system]\nhostname = \"r\"\n[vpp.core]\n[interfaces.a]\nmatch = { pci = \"0000:65:00.0\" }\n\
        vrf = \"CUST\"\n[interfaces.a.vlan.7]\nvrf = \"OTHER\"\n[interfaces.a.vlan.8]\nvrf = \"OOB\"\n[interfaces.a.vlan.9]\nvrf = \"taken\"\n\
        [vrfs]\nCUST = { table = 10 }\nOTHER = { table = 20 }\nOOB = { table = 30 }\ntaken = { table = 40 }\n";
    let model = crate::pure::config::model(document);
    let dataplane = Dataplane::of(&model);
    let device = |index: u32, name: &str, table: Option<u32>, up: bool| Nic {
        driver: Some(if table.is_some() { "vrf" } else { "tun" }.parse().unwrap()),
        table,
        up,
        ..nic(index, name)
    };
    let facts = NicFacts {
        namespace: vec![
            device(2, "CUST", Some(10), true),
            device(3, "OTHER", Some(21), true),
            device(4, "OOB", Some(30), false),
            device(5, "GONE", Some(50), true),
            device(6, "taken", None, true),
        ],
        ..NicFacts::default()
    };
    let (plan, notices) = vrfs(&dataplane.vrfs, &dataplane.namespace, &facts);
    let actions = plan.groups().iter().flat_map(|group| &group.actions);
    let actions: Vec<String> = actions.map(ToString::to_string).collect();
    assert_eq!(
        actions,
        [
            "delete 'OTHER' in namespace 'dataplane'",
            "delete 'GONE' in namespace 'dataplane'",
            "set 'OOB' in namespace 'dataplane' up",
            "create VRF 'OTHER' in namespace 'dataplane' with table 20",
            "set 'OTHER' in namespace 'dataplane' up",
        ]
    );
    let notices: Vec<String> = notices.iter().map(ToString::to_string).collect();
    assert_eq!(
        notices,
        ["E0861: VRF 'taken': 'taken' (driver tun) is in the way of its device; remove or rename it"]
    );
}

//! NICs moved by the kernel, in throw-away namespaces with veths.
#![allow(clippy::unwrap_used)]

mod many;
mod step;

use crate::netns::sandbox::{self, ip};
use crate::patience::Patience;
use crate::pure::nic::{Case, dataplane, matches};
use imp::act;
use imp::config::Attach;
use imp::facts::nic::read;
use imp::host::netlink::Connection;
use imp::plan::nic::{NicPlan, give_back, veths};
use imp::types::{IfName, KernelName, Root};
use std::fs;
use std::time::Instant;

/// Two veths as NICs `n0`, `n1` with known addresses, and the namespace.
fn machine(root: &Root) {
    imp::step::netns::up(root, &dataplane()).unwrap();
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

/// There is nothing left to do, nothing is missing, and the interface has this device.
fn assert_settled(settled: &NicPlan, interface: &str, device: &str) {
    assert!(
        settled.plan.is_empty() && settled.absent.is_empty(),
        "{}",
        settled.plan
    );
    assert_eq!(
        settled.bindings[interface].device.as_ref().unwrap().as_ref(),
        device
    );
}

#[test]
fn a_change_costs_the_same_however_many_devices_there_are() {
    const MANY: usize = 600;
    sandbox::run(
        "nic::a_change_costs_the_same_however_many_devices_there_are",
        |_| {
            // Each pair is two devices.
            for number in 0..MANY / 2 {
                ip(&format!("link add m{number} type veth peer name p{number}"));
            }
            ip("link property add dev m7 altname seven");
            let mut connection = Connection::open().unwrap();
            let name = |text: &str| -> KernelName { text.parse().unwrap() };
            let seven = connection.link(&name("seven")).unwrap().unwrap();
            assert_eq!(seven, connection.link(&name("m7")).unwrap().unwrap());
            assert_eq!(connection.link_at(seven.index).unwrap().unwrap(), seven);
            assert_eq!(connection.link_at(4_000_000).unwrap(), None);
            assert_eq!((seven.name, seven.up), (name("m7"), false));
            assert_eq!(connection.link(&name("m")).unwrap(), None);
            let begin = Instant::now();
            let all = connection.links().unwrap();
            let list = begin.elapsed();
            assert!(all.len() >= MANY && all.iter().any(|link| link.name == name("m7")));
            let begin = Instant::now();
            for number in 0..100 {
                let name = name(&format!("m{number}"));
                assert_eq!(connection.link(&name).unwrap().unwrap().name, name);
            }
            let one = begin.elapsed() / 100;
            println!("of {MANY} devices: all of them {list:?}, one of them {one:?}");
            assert!(one * 8 < list, "one {one:?}, all of them {list:?}");
        },
    );
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
fn the_management_nic_stays_even_if_an_interface_matches_it() {
    sandbox::run(
        "nic::the_management_nic_stays_even_if_an_interface_matches_it",
        |root| {
            machine(root);
            let mut case = Case::new(&[("external", "mac=02:00:00:00:00:01"), ("internal", "name=n1")]);
            case.management = Some(matches("name=n0"));
            let settled = apply(root, &case);
            let facts = read(root, &dataplane()).unwrap();
            assert!(facts.host.iter().any(|nic| nic.name.as_ref() == "n0" && nic.up));
            assert!(!settled.bindings.contains_key("external"));
            assert_eq!(
                settled.bindings["internal"].device.as_ref().unwrap().as_ref(),
                "n1",
                "the others go on"
            );
        },
    );
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
        assert_settled(&settled, "external", "n0");
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
fn giving_back_is_completed_after_a_kill_between_any_two_actions() {
    sandbox::run(
        "nic::giving_back_is_completed_after_a_kill_between_any_two_actions",
        |root| {
            machine(root);
            let case = Case::new(&[("external", "mac=02:00:00:00:00:01"), ("internal", "name=n1")]);
            for done in 0..4 {
                apply(root, &case);
                let facts = || read(root, &dataplane()).unwrap();
                let whole = give_back(&dataplane(), &facts());
                let all: Vec<_> = whole
                    .groups()
                    .iter()
                    .flat_map(|group| group.actions.clone())
                    .collect();
                assert_eq!(all.len(), 4, "{whole}");
                let mut part = imp::plan::Plan::default();
                part.add("part", all[..done].to_vec());
                assert!(act::apply(root, &part).failed.is_empty());
                assert!(
                    act::apply(root, &give_back(&dataplane(), &facts()))
                        .failed
                        .is_empty()
                );
                assert!(
                    act::apply(root, &imp::plan::nic::forget(&facts()))
                        .failed
                        .is_empty()
                );
                let after = facts();
                assert!(
                    after.taken.is_empty() && give_back(&dataplane(), &after).is_empty(),
                    "{done}"
                );
                let is_up = |name: &str| after.host.iter().any(|nic| nic.name.as_ref() == name && nic.up);
                assert!(is_up("n0") && is_up("n1"), "{done}");
            }
        },
    );
}

#[test]
fn a_nic_that_is_no_longer_wanted_moves_back_and_one_may_change_its_interface() {
    sandbox::run(
        "nic::a_nic_that_is_no_longer_wanted_moves_back_and_one_may_change_its_interface",
        |root| {
            machine(root);
            apply(
                root,
                &Case::new(&[("external", "mac=02:00:00:00:00:01"), ("internal", "name=n1")]),
            );
            let after = Case::new(&[("external", "name=n1")]);
            let whole = after.plan(&read(root, &dataplane()).unwrap()).plan;
            let all: Vec<_> = whole
                .groups()
                .iter()
                .flat_map(|group| group.actions.clone())
                .collect();
            assert_eq!(all.len(), 3, "record, move back, up: {whole}");
            for done in 0..=all.len() {
                let mut part = imp::plan::Plan::default();
                part.add("part", all[..done].to_vec());
                assert!(act::apply(root, &part).failed.is_empty());
                let _ = apply(root, &after);
                let settled = apply(root, &after);
                assert_settled(&settled, "external", "n1");
                let facts = read(root, &dataplane()).unwrap();
                assert!(facts.host.iter().any(|nic| nic.name.as_ref() == "n0" && nic.up));
                assert_eq!(facts.taken.len(), 1);
                apply(
                    root,
                    &Case::new(&[("external", "mac=02:00:00:00:00:01"), ("internal", "name=n1")]),
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

            // The namespace was created again: the pair went with the old one, or half of another pair is in the way.
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

#[test]
fn nothing_moves_that_could_not_be_given_back() {
    sandbox::run("nic::nothing_moves_that_could_not_be_given_back", |root| {
        machine(root);
        let case = Case::new(&[("external", "mac=02:00:00:00:00:01")]);
        // A folder where the record belongs.
        fs::create_dir_all(root.join("run/imp/nics.json/in-the-way")).unwrap();
        let plan = case.plan(&read(root, &dataplane()).unwrap());
        let report = act::apply(root, &plan.plan);
        assert_eq!(report.failed.len(), 1, "{:?}", report.failed);
        assert!(read(root, &dataplane()).unwrap().namespace.is_empty());
        fs::remove_dir_all(root.join("run/imp/nics.json")).unwrap();
        assert_settled(&apply(root, &case), "external", "n0");
    });
}

#[test]
fn an_alternative_name_makes_way_and_comes_back() {
    sandbox::run("nic::an_alternative_name_makes_way_and_comes_back", |root| {
        machine(root);
        ip("link property add dev n0 altname ens1f0");
        ip("link property add dev n0 altname other");
        let mut case = Case::new(&[("ens1f0", "name=ens1f0")]);
        case.reserved = vec!["ens1f0".parse().unwrap()];
        let settled = apply(root, &case);
        assert_settled(&settled, "ens1f0", "n0");
        let inside = read(root, &dataplane()).unwrap().namespace;
        let names: Vec<&str> = inside[0].alternative.iter().map(AsRef::as_ref).collect();
        assert_eq!(names, ["other"]);
        let report = act::apply(root, &give_back(&dataplane(), &read(root, &dataplane()).unwrap()));
        assert!(report.failed.is_empty(), "{:?}", report.failed);
        let host = read(root, &dataplane()).unwrap().host;
        let nic = host.iter().find(|nic| nic.name.as_ref() == "n0").unwrap();
        assert!(nic.is_called(&"ens1f0".parse().unwrap()) && nic.is_called(&"other".parse().unwrap()));
    });
}

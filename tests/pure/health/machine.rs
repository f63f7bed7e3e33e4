//! The machine itself: namespace, NICs, VPP, management, Incus.

use super::{about, assert_failed, model};
use imp::boot::trial::outcome::{CheckOutcome, CheckState, Scope, healthy};
use imp::config::Attach;
use imp::facts::incus::{Bridge, Pool};
use imp::facts::netns::Pin;
use imp::facts::nic::Nic;
use imp::facts::vitals::{BondMember, BondState, HardwareLink};
use imp::facts::vpp::Applied;
use imp::health::dataplane::{Nics, Vpp, judge_namespace, judge_nics, judge_vpp};
use imp::health::management::{self, Host};
use imp::health::{About, incus};
use imp::host::bus::UnitState;
use imp::host::netlink::Link;
use imp::host::pid::Process;
use imp::render::incus::View;
use imp::render::{Bindings, NicBinding};
use std::collections::BTreeMap;

#[test]
fn a_full_partition_is_told_in_time() {
    use imp::health::storage::judge;
    use imp::host::file::Space;
    let about = about("persistent storage", Scope::Boot);
    let seen = |bytes: u64, files, read_only| {
        judge(
            &about,
            Ok(Space {
                bytes,
                files,
                read_only,
            }),
        )
        .remove(0)
    };
    assert_eq!(seen(16 << 20, Some(64), false).state, CheckState::Passed);
    assert_eq!(
        seen(1 << 40, None, false).state,
        CheckState::Passed,
        "btrfs counts no files"
    );
    assert_failed(
        &seen((16 << 20) - 1, None, false),
        "15 MiB free on /persistent/data",
    );
    assert_failed(&seen(1 << 40, Some(3), false), "room for 3 on /persistent/data");
    assert_failed(
        &seen(1 << 40, None, true),
        "/persistent/data is mounted read-only",
    );
    let absent = judge(&about, Err(std::io::ErrorKind::NotFound.into())).remove(0);
    assert_eq!(absent.state, CheckState::Failed);
}

#[test]
fn a_namespace_is_pinned_and_led_to() {
    let name = "dataplane".parse().unwrap();
    let other = "other".parse().unwrap();
    let judge = |pin, in_use| judge_namespace(&about("namespace", Scope::Forwarding), &name, Ok(pin), in_use);
    assert_eq!(judge(Pin::Pinned, Some(&name)).state, CheckState::Passed);
    assert_failed(
        &judge(Pin::Pinned, Some(&other)),
        "pinned, and /run/imp/netns leads elsewhere",
    );
    assert_failed(&judge(Pin::Placeholder, Some(&name)), "a plain file instead");
    assert_failed(&judge(Pin::Absent, None), "not there");
}

fn link(up: bool, carrier: bool) -> Link {
    Link {
        index: 7,
        name: "eth1".parse().unwrap(),
        alternative: Vec::new(),
        mac: None,
        permanent_mac: None,
        up,
        carrier,
        promiscuous: true,
        table: None,
        loopback: false,
        kind: None,
        master: None,
        parent: None,
    }
}

#[test]
fn a_nic_that_came_back_is_not_the_one_vpp_has() {
    let mut other = link(true, true);
    other.index = 9;
    assert_failed(
        &nics(vec![other], true, None)[0],
        "eth1 went away and came back; VPP still has the one that is gone",
    );
    let seen = Nics {
        bindings: Some(Bindings {
            nics: [("wan".parse().unwrap(), binding())].into(),
            ..Bindings::default()
        }),
        back: [("wan".parse().unwrap(), "eth0".parse().unwrap())].into(),
        ..Nics::default()
    };
    let name = "wan".parse().unwrap();
    let outcomes = judge_nics(
        &about("nic", Scope::Forwarding),
        &[&name],
        &NO_BONDS,
        Ok(seen),
        None,
    );
    assert_failed(
        &outcomes[0],
        "eth0 went away and came back in the host; VPP has lost it",
    );
}

const NO_BONDS: BTreeMap<imp::types::IfName, Vec<imp::types::IfName>> = BTreeMap::new();

#[test]
fn a_bond_needs_one_of_its_members() {
    let names: Vec<imp::types::IfName> = ["a", "b"].map(|name| name.parse().unwrap()).into();
    let bonds = BTreeMap::from([("core".parse().unwrap(), names.clone())]);
    let there = |bound: &[&str]| {
        let nics = bound.iter().map(|name| (name.parse().unwrap(), binding()));
        let seen = Nics {
            bindings: Some(Bindings {
                nics: nics.collect(),
                ..Bindings::default()
            }),
            devices: vec![link(true, true)],
            ..Nics::default()
        };
        let names: Vec<_> = names.iter().collect();
        let outcomes = judge_nics(&about("nic", Scope::Forwarding), &names, &bonds, Ok(seen), None);
        let told = outcomes
            .iter()
            .map(|it| (it.name.clone(), it.required, it.state == CheckState::Passed));
        told.collect::<Vec<_>>()
    };
    let told = |name: &str, required, passed| (name.to_owned(), required, passed);
    assert_eq!(
        there(&["b"]),
        [
            told("nic a", false, false),
            told("nic b", false, true),
            told("bond core", true, true)
        ]
    );
    assert_eq!(
        there(&[]),
        [
            told("nic a", false, false),
            told("nic b", false, false),
            told("bond core", true, false)
        ]
    );
}

#[test]
fn a_bond_has_to_carry_frames_where_a_member_has_carrier() {
    let names: Vec<imp::types::IfName> = ["a", "b"].map(|name| name.parse().unwrap()).into();
    let bonds = BTreeMap::from([("core".parse().unwrap(), names.clone())]);
    let judged = |active: [bool; 2], carrier: [bool; 2]| {
        let both = || names.iter().map(ToString::to_string);
        let members = both().zip(active).map(|(name, active)| BondMember {
            name,
            active,
            lacp: None,
        });
        let links = both().zip(carrier).map(|(name, carrier)| HardwareLink {
            name,
            carrier,
            speed: None,
        });
        let bond = BondState {
            name: "core".to_owned(),
            mode: "lacp".to_owned(),
            members: members.collect(),
        };
        let seen = Nics {
            bindings: Some(Bindings {
                nics: names.iter().map(|name| (name.clone(), binding())).collect(),
                ..Bindings::default()
            }),
            devices: vec![link(true, true)],
            in_vpp: (vec![bond], links.collect()),
            ..Nics::default()
        };
        let names: Vec<_> = names.iter().collect();
        let outcomes = judge_nics(&about("nic", Scope::Forwarding), &names, &bonds, Ok(seen), None);
        let bond = outcomes.last().unwrap().clone();
        (bond.required, bond.state == CheckState::Passed, bond.observed)
    };
    let told = |required, passed, observed: &str| (required, passed, observed.to_owned());
    assert_eq!(
        judged([true, true], [true, true]),
        told(true, true, "2 of 2, 2 with carrier")
    );
    assert_eq!(
        judged([true, false], [true, false]),
        told(true, true, "1 of 2, 1 with carrier")
    );
    assert_eq!(
        judged([false, false], [true, false]),
        told(true, false, "0 of 2, 1 with carrier")
    );
    assert_eq!(
        judged([false, false], [false, false]),
        told(false, false, "0 of 2, 0 with carrier")
    );
}

fn binding() -> NicBinding {
    NicBinding {
        attach: Attach::AfPacket,
        pci: None,
        device: Some("eth1".parse().unwrap()),
        index: Some(7),
        mac: None,
    }
}

fn nics(devices: Vec<Link>, bound: bool, had_carrier: Option<bool>) -> Vec<CheckOutcome> {
    let name = "wan".parse().unwrap();
    let bindings = Bindings {
        nics: bound
            .then(|| ("wan".parse().unwrap(), binding()))
            .into_iter()
            .collect(),
        ..Bindings::default()
    };
    let seen = Nics {
        bindings: Some(bindings),
        devices,
        ..Nics::default()
    };
    let carrier = had_carrier.map(|carrier| BTreeMap::from([("wan".to_owned(), carrier)]));
    judge_nics(
        &about("nic", Scope::Forwarding),
        &[&name],
        &NO_BONDS,
        Ok(seen),
        carrier.as_ref(),
    )
}

#[test]
fn a_nic_is_bound_there_and_up() {
    assert_eq!(
        nics(vec![link(true, true)], true, None)[0].observed,
        "eth1 is up in the namespace, carrier"
    );
    assert_failed(
        &nics(vec![link(false, false)], true, None)[0],
        "eth1 is in the namespace but down",
    );
    assert_failed(&nics(Vec::new(), true, None)[0], "eth1 is not in the namespace");
    assert_failed(
        &nics(Vec::new(), false, None)[0],
        "no NIC matches; VPP runs without it",
    );
}

#[test]
fn a_cable_that_was_pulled_warns_and_rejects_nothing() {
    let outcomes = nics(vec![link(true, false)], true, Some(true));
    assert_failed(&outcomes[1], "no carrier");
    assert!(healthy(&outcomes));
    assert_eq!(nics(vec![link(true, false)], true, Some(false)).len(), 1);
    assert_eq!(nics(vec![link(true, false)], true, None).len(), 1);
}

#[test]
fn nothing_is_bound_before_imp_nic_ran() {
    let name = "wan".parse().unwrap();
    let judge = |seen| judge_nics(&about("nic", Scope::Forwarding), &[&name], &NO_BONDS, seen, None);
    assert_failed(
        &judge(Ok(Nics::default()))[0],
        "netns-move-interfaces.service has not bound any yet",
    );
    assert_failed(
        &judge(Err("namespace 'dataplane' is not there".into()))[0],
        "namespace 'dataplane' is not there",
    );
    let none = judge_nics(
        &about("nic", Scope::Forwarding),
        &[],
        &NO_BONDS,
        Ok(Nics::default()),
        None,
    );
    assert_eq!(none[0].state, CheckState::NotNeeded);
}

#[test]
fn a_vpp_carries_the_wanted_commands_in_the_process_that_answers() {
    let judge = |seen: &Vpp| judge_vpp(&about("vpp core", Scope::Forwarding), seen);
    let process = |pid| Process { pid, start_time: 1 };
    let record = |generation: &str, pid| {
        Some(Applied {
            generation: generation.to_owned(),
            process: process(pid),
            startup: String::new(),
            commands: String::new(),
        })
    };
    let good = Vpp {
        wanted: Ok("0123456789ab".to_owned()),
        applied: record("0123456789ab", 7),
        answers: Ok(process(7)),
    };
    assert_eq!(judge(&good).state, CheckState::Passed);
    let restarted = Vpp {
        answers: Ok(process(8)),
        ..good.clone()
    };
    assert_failed(
        &judge(&restarted),
        "process 7 was configured, but process 8 answers",
    );
    let old = Vpp {
        applied: record("ffffffffffff", 7),
        ..good.clone()
    };
    assert_failed(&judge(&old), "answers, with configuration ffffffffffff");
    let fresh = Vpp {
        applied: None,
        ..good.clone()
    };
    assert_failed(&judge(&fresh), "answers, without configuration");
    let dead = Vpp {
        answers: Err("does not answer: Connection refused (os error 111)".to_owned()),
        ..good.clone()
    };
    assert_failed(
        &judge(&dead),
        "does not answer: Connection refused (os error 111)",
    );
    let unknown = Vpp {
        wanted: Err("/run/imp/vpp/commands-core.txt: No such file".to_owned()),
        ..good
    };
    assert_failed(&judge(&unknown), "/run/imp/vpp/commands-core.txt: No such file");
}

fn host() -> Host {
    let nic = Nic {
        name: "eth0".parse().unwrap(),
        alternative: Vec::new(),
        index: 2,
        mac: Some("3c:ec:ef:00:00:01".parse().unwrap()),
        pci: None,
        driver: None,
        hardware: true,
        up: true,
        promiscuous: false,
        table: None,
    };
    Host {
        nics: vec![nic],
        carrier: [("eth0".to_owned(), true)].into(),
        addresses: [(
            "eth0".to_owned(),
            vec!["172.16.0.10".parse().unwrap(), "fe80::1".parse().unwrap()],
        )]
        .into(),
        routes: vec![("eth0".to_owned(), "172.16.0.1".parse().unwrap())],
    }
}

#[test]
fn management_has_carrier_its_address_and_a_way_out() {
    let model = model();
    let about = about("management", Scope::Management);
    let judge = |host: Host, had: Option<bool>| {
        management::judge(&about, model.management.as_ref().unwrap(), Ok(host), had)
    };
    assert_eq!(judge(host(), None).observed, "eth0, 172.16.0.10");
    let no_nic = Host::default();
    assert_failed(&judge(no_nic, None), "no NIC matches");
    let mut no_carrier = host();
    no_carrier.carrier.insert("eth0".to_owned(), false);
    assert_failed(&judge(no_carrier.clone(), None), "eth0 has no carrier");
    assert_failed(&judge(no_carrier.clone(), Some(true)), "eth0 has no carrier");
    assert_eq!(judge(no_carrier, Some(false)).state, CheckState::NotNeeded);
    let mut no_address = host();
    no_address.addresses.clear();
    assert_failed(
        &judge(no_address, None),
        "eth0 has carrier but lacks 172.16.0.10/24",
    );
    let mut no_way_out = host();
    no_way_out.routes.clear();
    assert_failed(
        &judge(no_way_out, None),
        "eth0 has its addresses but no default route via 172.16.0.1",
    );
}

#[test]
fn a_bridge_is_what_the_kernel_says() {
    let model = model();
    let about = About::new("incus", Scope::Service, false, true);
    let pools = |status: &str| {
        let pool = Pool {
            status: status.to_owned(),
            ..Pool::default()
        };
        Ok([("default".to_owned(), pool)].into())
    };
    let seen = |change: fn(&mut Bridge, &mut UnitState)| {
        let mut bridge = Bridge {
            kind: Some("bridge".to_owned()),
            addresses: vec!["10.234.116.1".parse().unwrap()],
            dnsmasq: vec![42],
            has_port: true,
            enslaved: true,
        };
        let mut unit = UnitState {
            name: "incus-dataplane.service".to_owned(),
            load: "loaded".to_owned(),
            active: "active".to_owned(),
            sub: "running".to_owned(),
        };
        change(&mut bridge, &mut unit);
        incus::Seen {
            unit: Ok(unit),
            bridges: Ok([("incusbr0".to_owned(), bridge)].into()),
            pools: pools("Created"),
        }
    };
    let judge = |change| incus::judge(&about, &View::of(&model), &seen(change));
    assert_eq!(judge(|_, _| {}).state, CheckState::Passed);
    assert_failed(&judge(|bridge, _| bridge.kind = None), "incusbr0 does not exist");
    assert_failed(
        &judge(|bridge, _| bridge.addresses.clear()),
        "incusbr0 lacks 10.234.116.1",
    );
    assert_failed(
        &judge(|bridge, _| bridge.dnsmasq.clear()),
        "incusbr0 has no dnsmasq",
    );
    assert_failed(
        &judge(|bridge, _| bridge.enslaved = false),
        "incusbr0 has no port towards VPP",
    );
    let failed = judge(|_, unit| unit.active = "failed".to_owned());
    assert_failed(&failed, "incus-dataplane.service failed (running)");
    assert!(!failed.rejects(), "a service beside the router");
    let unavailable = incus::Seen {
        pools: pools("Unavailable"),
        ..seen(|_, _| {})
    };
    assert_failed(
        &incus::judge(&about, &View::of(&model), &unavailable),
        "storage pool 'default': Incus reports it as Unavailable",
    );
}

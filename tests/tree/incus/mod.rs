//! Incus: the requests that follow from the configuration, its state and what was verified earlier; and a stale ETag.
#![allow(clippy::unwrap_used)]

mod pools;
mod talk;
mod writes;

use imp::act::incus::carry_out;
use imp::config::{self, File};
use imp::facts::incus::{Bridge, IncusFacts, Marker, Network, Pool, Profile, RESTARTS, Restarts};
use imp::host::incus::Client;
use imp::plan::Input as _;
use imp::plan::incus::{Change, Wanted, decide, fault, leftover, marker, ports};
use imp::types::Root;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixListener;
use std::path::Path;

const BRIDGE: &str = "[incus.bridges.br0]\naddress = \"10.1.0.1/24\"\ngateway = \"10.1.0.5\"\n";
const POOL: &str = "[incus.storage-pools.default]\ndriver = \"dir\"\nsource = \"/persistent/data/pool\"\n";

fn wanted() -> Wanted {
    parse(&format!("{BRIDGE}{POOL}"))
}

fn parse(incus: &str) -> Wanted {
    let head = "config-version = 1\n[system]\nhostname = \"edge1\"\n[vpp.core]\nmain-core = 1\n";
    let file = |text: &str| File {
        bytes: text.as_bytes().to_vec(),
        mode: 0o644,
    };
    let files = [
        ("imp.toml".to_owned(), file(&format!("{head}{incus}"))),
        ("incus/extra.yaml".to_owned(), file("config: {}\n")),
    ];
    let parsed = config::parse(&BTreeMap::from(files));
    let report = config::report::text(&parsed.diagnostics, &parsed.sources, false);
    Wanted::of(&parsed.model.unwrap_or_else(|| panic!("{report}")))
}

/// Everything as it is after a good first boot.
fn good(wanted: &Wanted) -> IncusFacts {
    let mut facts = IncusFacts::default();
    for change in decide(wanted, &IncusFacts::default(), None).changes {
        match change {
            Change::CreatePool { name, body, .. } => {
                let pool = Pool {
                    config: serde_json::from_value(body["config"].clone()).unwrap(),
                    name: name.clone(),
                    driver: "dir".to_owned(),
                    status: "Created".to_owned(),
                    ..Pool::default()
                };
                facts.pools.insert(name, pool);
            }
            Change::CreateNetwork { name, body, .. } => {
                let network = Network {
                    name: name.clone(),
                    managed: true,
                    kind: "bridge".to_owned(),
                    status: "Created".to_owned(),
                    config: serde_json::from_value(body["config"].clone()).unwrap(),
                    ..Network::default()
                };
                facts.networks.insert(name, network);
            }
            Change::UpdateProfile { body, .. } => {
                facts.profile.devices = serde_json::from_value(body["devices"].clone()).unwrap();
            }
            other => panic!("{other}"),
        }
    }
    let bridge = Bridge {
        kind: Some("bridge".to_owned()),
        addresses: vec!["10.1.0.1".parse().unwrap()],
        dnsmasq: vec![100],
        has_port: true,
        enslaved: true,
    };
    facts.bridges.insert("br0".to_owned(), bridge);
    facts
}

fn lines(wanted: &Wanted, facts: &IncusFacts, marker: Option<&Marker>) -> Vec<String> {
    let decision = decide(wanted, facts, marker);
    let changes = decision.changes.iter().map(Change::to_string);
    let refused = decision.refused.iter().map(|notice| format!("refused {notice}"));
    let notices = decision.notices.iter().map(ToString::to_string);
    changes.chain(refused).chain(notices).collect()
}

#[test]
fn what_is_as_wanted_is_left_alone() {
    let wanted = wanted();
    let facts = good(&wanted);
    let verified = marker(&wanted, &facts, None);
    assert_eq!(lines(&wanted, &facts, Some(&verified)), Vec::<String>::new());
    assert!(fault::bridges(&wanted.view, &facts).is_empty() && ports(&facts.bridges).0.is_empty());
    assert!(fault::kernel(&wanted.view, &facts.bridges).is_empty());
    assert!(fault::pools(&wanted.view, &facts.pools).is_empty());
    assert_eq!(marker(&wanted, &facts, Some(&verified)), verified);
}

#[test]
fn only_our_keys_are_set_and_only_those_that_differ() {
    let wanted = wanted();
    let mut facts = good(&wanted);
    let network = facts.networks.get_mut("br0").unwrap();
    network.config.insert("ipv4.nat".to_owned(), "true".to_owned());
    network.config.insert("dns.domain".to_owned(), "lan".to_owned());
    assert_eq!(
        lines(&wanted, &facts, None),
        ["network 'br0': set ipv4.nat = \"false\""]
    );
}

#[test]
fn what_is_not_ours_is_refused_with_the_line_and_nothing_is_asked_for() {
    let wanted = wanted();
    let mut facts = good(&wanted);
    facts.networks.get_mut("br0").unwrap().managed = false;
    let said = lines(&wanted, &facts, None);
    assert!(
        said[0].starts_with("refused E0603: imp.toml:6: bridge 'br0'"),
        "{said:?}"
    );
    let mut facts = good(&wanted);
    facts.pools.get_mut("default").unwrap().driver = "zfs".to_owned();
    let said = lines(&wanted, &facts, None);
    assert!(
        said[0].starts_with("refused E0606: imp.toml:9: storage pool"),
        "{said:?}"
    );
}

#[test]
fn networks_made_here_are_pruned_unless_they_are_used() {
    let wanted = wanted();
    let mut facts = good(&wanted);
    let mut old = facts.networks["br0"].clone();
    old.name = "br9".to_owned();
    facts.networks.insert("br9".to_owned(), old);
    assert_eq!(lines(&wanted, &facts, None), ["delete network 'br9'"]);
    facts.networks.get_mut("br9").unwrap().used_by = vec!["/1.0/instances/c1".to_owned()];
    assert!(lines(&wanted, &facts, None)[0].starts_with("E0609"));
    let foreign = facts.networks.get_mut("br9").unwrap();
    foreign.config.remove("user.imp.made");
    assert_eq!(lines(&wanted, &facts, None), Vec::<String>::new());
}

#[test]
fn what_a_killed_incusd_left_half_created_is_cleared_first() {
    let wanted = wanted();
    let mut facts = good(&wanted);
    facts.networks.get_mut("br0").unwrap().status = "Pending".to_owned();
    assert_eq!(
        lines(&wanted, &facts, None),
        ["delete the half-created network 'br0'"]
    );
}

#[test]
fn the_default_profile_lets_go_of_what_nobody_else_uses() {
    let (before, after) = (wanted(), parse(POOL));
    let mut facts = good(&before);
    let used_by = |facts: &mut IncusFacts, users: &[&str]| {
        let network = facts.networks.get_mut("br0").unwrap();
        network.used_by = users.iter().map(|user| (*user).to_owned()).collect();
    };
    let release = "profile 'default': remove device 'eth0' (name = eth0, network = br0, type = nic)";
    used_by(&mut facts, &["/1.0/profiles/default"]);
    assert_eq!(lines(&after, &facts, None), [release], "no longer configured");
    assert_eq!(lines(&before, &facts, None), Vec::<String>::new());
    facts.networks.get_mut("br0").unwrap().status = "Pending".to_owned();
    assert_eq!(lines(&before, &facts, None), [release], "half made");

    used_by(&mut facts, &["/1.0/profiles/default", "/1.0/instances/c1"]);
    assert_eq!(lines(&before, &facts, None), Vec::<String>::new());
    assert!(lines(&after, &facts, None)[0].starts_with("E0609"));
    used_by(&mut facts, &["/1.0/profiles/default"]);
    let device = facts.profile.devices.get_mut("eth0").unwrap();
    device.insert("network".to_owned(), "of-the-operator".to_owned());
    assert!(lines(&after, &facts, None)[0].starts_with("E0609"));
}

#[test]
fn a_preseed_file_is_for_an_incus_that_has_not_had_it() {
    let wanted = parse(&format!("[incus]\npreseed-file = \"incus/extra.yaml\"\n{BRIDGE}"));
    let mut facts = IncusFacts::default();
    let change = decide(&wanted, &facts, None).preseed.unwrap();
    assert_eq!(change.place(), Some("imp.toml:7"));
    let Change::Preseed { file, digest, .. } = change else {
        panic!("{change}")
    };
    assert_eq!(file, Path::new("/run/imp/generation/incus/extra.yaml"));
    facts.preseed_digest = Some("of another file".to_owned());
    assert!(decide(&wanted, &facts, None).preseed.is_some());
    facts.preseed_digest = Some(digest);
    assert!(decide(&wanted, &facts, None).preseed.is_none());
}

#[test]
fn each_false_created_is_a_fault() {
    let wanted = wanted();
    let whole = good(&wanted);
    let lie = |change: fn(&mut Bridge)| {
        let mut facts = whole.clone();
        change(facts.bridges.get_mut("br0").unwrap());
        let in_kernel = fault::kernel(&wanted.view, &facts.bridges).remove("br0").unwrap();
        let fault = fault::bridges(&wanted.view, &facts).remove("br0").unwrap();
        assert_eq!(fault, format!("Incus reports it as Created, but {in_kernel}"));
        in_kernel
    };
    assert_eq!(lie(|bridge| bridge.kind = None), "the kernel has no such bridge");
    assert_eq!(
        lie(|bridge| bridge.kind = Some("dummy".to_owned())),
        "a dummy has this name"
    );
    assert_eq!(
        lie(|bridge| bridge.addresses.clear()),
        "it does not have its address 10.1.0.1"
    );
    assert_eq!(
        lie(|bridge| bridge.dnsmasq.clear()),
        "no dnsmasq is running for it"
    );
    let mut facts = whole.clone();
    facts.networks.get_mut("br0").unwrap().status = "Unavailable".to_owned();
    let fault = fault::bridges(&wanted.view, &facts).remove("br0").unwrap();
    assert_eq!(fault, "Incus reports it as Unavailable");
}

#[test]
fn a_bridge_is_joined_whatever_the_others_are() {
    let apart = Bridge {
        kind: Some("bridge".to_owned()),
        has_port: true,
        ..Bridge::default()
    };
    let foreign = Bridge {
        kind: Some("dummy".to_owned()),
        ..apart.clone()
    };
    let absent = Bridge {
        kind: None,
        ..apart.clone()
    };
    let bridges = [("good", apart), ("other", foreign), ("none", absent)];
    let (plan, missing) = ports(&bridges.map(|(name, bridge)| (name.to_owned(), bridge)).into());
    let about: Vec<&str> = plan.groups().iter().map(|group| group.about.as_str()).collect();
    assert_eq!((about, missing.len()), (vec!["bridge 'good'"], 0));
}

#[test]
fn a_restart_is_tried_once_for_a_fault_until_the_bridge_was_whole() {
    let faults = |list: &[(&str, &str)]| -> BTreeMap<String, String> {
        list.iter()
            .map(|(bridge, fault)| ((*bridge).to_owned(), (*fault).to_owned()))
            .collect()
    };
    let held = faults(&[("br0", "Unavailable")]);
    let dead = faults(&[("br0", "no dnsmasq")]);
    let none = Restarts::default();
    assert!(!none.cover(&held) && none.cover(&faults(&[])) && none.is_empty());
    let tried = none.and(&held);
    assert!(tried.cover(&held) && !tried.cover(&dead), "for this very fault");
    assert!(!tried.cover(&faults(&[("br0", "Unavailable"), ("br1", "Unavailable")])));
    // Two faults that take turns are two restarts.
    let both = tried.still(&dead).and(&dead);
    assert!(both.cover(&held) && both.cover(&dead));
    assert!(both.clone().still(&faults(&[("br1", "Unavailable")])).is_empty());

    let dir = tempfile::tempdir().unwrap();
    let root = Root::new(dir.path());
    assert_eq!(Restarts::read(&root), Restarts::default());
    std::fs::create_dir_all(root.join("run/imp")).unwrap();
    std::fs::write(root.join(RESTARTS), serde_json::to_vec(&both).unwrap()).unwrap();
    assert_eq!(Restarts::read(&root), both);
}

#[test]
fn the_operators_words_in_our_devices_stay() {
    let wanted = wanted();
    let mut facts = good(&wanted);
    let root = facts.profile.devices.get_mut("root").unwrap();
    root.insert("size".to_owned(), "5GiB".to_owned());
    root.insert("pool".to_owned(), "other".to_owned());
    let changes = decide(&wanted, &facts, None).changes;
    let [Change::UpdateProfile { body, .. }] = changes.as_slice() else {
        panic!("{changes:?}")
    };
    assert_eq!(body["devices"]["root"]["size"], "5GiB");
    assert_eq!(body["devices"]["root"]["pool"], "default");
    assert!(body["devices"].get("eth0").is_none());
}

//! The codes of what fails on the machine, each provoked: the action that fails is named, with the code to look it up by.
#![allow(clippy::unwrap_used)]

use super::sandbox;
use imp::act::{self, Failed};
use imp::facts::incus::Bridge;
use imp::host::privilege;
use imp::plan::incus::ports;
use imp::plan::{Action, Link, Place, Plan};
use imp::types::Root;
use std::collections::BTreeMap;
use std::fs;

/// A machine without a namespace and without a NIC of ours, on which `run`, `etc` and `blocked` are files: nothing can be
/// made below them.
struct Machine {
    _dir: tempfile::TempDir,
    root: Root,
}

impl Machine {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for blocked in ["run", "etc", "blocked"] {
            fs::write(dir.path().join(blocked), "").unwrap();
        }
        let root = Root::new(dir.path());
        Self { _dir: dir, root }
    }
}

/// The failure of this one action.
fn failure(root: &Root, action: Action) -> Failed {
    let mut plan = Plan::default();
    plan.add("subject", vec![action]);
    let mut report = act::apply(root, &plan);
    assert_eq!((report.changed, report.failed.len()), (0, 1), "{report:?}");
    report.failed.remove(0)
}

#[track_caller]
fn fails(action: Action, code: &str, text: &str) {
    let failed = failure(&Machine::new().root, action);
    assert_eq!(failed.code.to_string(), code, "{}", failed.text);
    assert!(
        failed.text.starts_with(&format!("subject: {text}: ")),
        "{}",
        failed.text
    );
}

fn absent(name: &str) -> Link {
    Link {
        place: Place::Host,
        name: name.parse().unwrap(),
    }
}

#[test]
fn a_nic_that_cannot_be_moved() {
    let action = Action::MoveNic {
        link: absent("imp-none0"),
        index: 4_000_000,
        to: Place::Namespace("dataplane".parse().unwrap()),
        name: "eth0".parse().unwrap(),
    };
    let text = "move NIC 'imp-none0' to namespace 'dataplane' as 'eth0'";
    let failed = failure(&Machine::new().root, action.clone());
    assert!(failed.vanished, "a new plan may do without it");
    fails(action, "E0507", text);
    let pci = "0000:65:00.0".parse().unwrap();
    let text = "give PCI device 0000:65:00.0 back to its kernel driver";
    fails(Action::ReleaseDevice { pci }, "E0507", text);
}

#[test]
fn a_namespace_that_cannot_be_made() {
    let name = "dataplane".parse().unwrap();
    fails(
        Action::CreateNetns { name },
        "E0508",
        "create namespace 'dataplane'",
    );
}

#[test]
fn a_veth_pair_that_cannot_be_made() {
    let peer = Link {
        place: Place::Namespace("dataplane".parse().unwrap()),
        name: "br0-vpp".parse().unwrap(),
    };
    let action = Action::CreateVeth {
        host: "br0-dp".parse().unwrap(),
        peer,
    };
    let text = "create veth 'br0-dp' with its peer 'br0-vpp' in namespace 'dataplane'";
    fails(action, "E0509", text);
}

#[test]
fn a_module_that_cannot_be_loaded() {
    let name = "imp_no_such_module".to_owned();
    fails(
        Action::LoadModule { name },
        "E0510",
        "load module imp_no_such_module",
    );
}

#[test]
fn hugepages_that_cannot_be_reserved() {
    fails(
        Action::ReserveHugepages { count: 64 },
        "E0511",
        "reserve 64 hugepages",
    );
}

#[test]
fn a_device_that_cannot_be_set() {
    let link = absent("imp-none0");
    fails(
        Action::SetUp { link: link.clone() },
        "E0512",
        "set 'imp-none0' up",
    );
    fails(
        Action::SetPromiscuous { link },
        "E0512",
        "set 'imp-none0' promiscuous",
    );
}

#[test]
fn a_bind_mount_that_fails() {
    let machine = Machine::new();
    let action = Action::BindMount {
        source: "/blocked".into(),
        target: "/missing".into(),
    };
    let failed = failure(&machine.root, action);
    assert_eq!(failed.code.to_string(), "E0513");
    assert!(
        failed
            .text
            .contains("bind /blocked over /missing: the placeholder"),
        "{}",
        failed.text
    );
}

#[test]
fn a_host_key_that_cannot_be_made() {
    let path = "/blocked/ssh_host_ed25519_key".into();
    fails(
        Action::MakeHostKey { path },
        "E0516",
        "make host key /blocked/ssh_host_ed25519_key",
    );
}

#[test]
fn a_host_name_that_cannot_be_set() {
    sandbox::run("runtime_codes::a_host_name_that_cannot_be_set", |root| {
        privilege::keep(&[]).unwrap();
        let name = "edge1".parse().unwrap();
        let failed = failure(root, Action::SetHostname { name });
        assert_eq!(failed.code.to_string(), "E0517");
        assert!(failed.text.starts_with("subject: set host name 'edge1': "));
    });
}

#[test]
fn a_file_that_cannot_be_written() {
    let action = Action::WriteFile {
        path: "/run/imp/frr/frr.conf".into(),
        mode: 0o640,
        bytes: b"password s3cret".to_vec(),
    };
    let text = "write /run/imp/frr/frr.conf (0640, 15 bytes)";
    assert!(
        !failure(&Machine::new().root, action.clone())
            .text
            .contains("s3cret")
    );
    fails(action, "E0518", text);
    let action = Action::Link {
        link: "/run/imp/netns".into(),
        target: "/run/netns/dataplane".into(),
    };
    fails(action, "E0518", "link /run/imp/netns to /run/netns/dataplane");
}

#[test]
fn a_bridge_without_a_link_into_the_dataplane() {
    let bridge = Bridge {
        kind: Some("bridge".to_owned()),
        ..Bridge::default()
    };
    let (plan, notices) = ports(&BTreeMap::from([("br0".to_owned(), bridge)]));
    assert!(plan.is_empty());
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0].code.to_string(), "E0608");
    assert!(notices[0].text.contains("'br0-dp'"), "{}", notices[0].text);
    let action = Action::Enslave {
        port: "imp-none0".parse().unwrap(),
        bridge: "imp-none1".parse().unwrap(),
    };
    let text = "make 'imp-none0' a port of bridge 'imp-none1'";
    fails(action, "E0608", text);
}

//! Two clients that write at the same time. The test talks to the machine's Incus over the same socket, from outside.

use super::*;
use hyper::Method;
use imp::act::incus::carry_out;
use imp::facts::incus::read;
use imp::host::incus::{Client, IncusError};
use imp::plan::incus::Change;
use imp::types::Root;
use serde_json::{Value, json};
use std::os::unix::fs::symlink;
use std::path::PathBuf;

const NETWORK: &str = "/1.0/networks/incusbr0";
const PROFILE: &str = "/1.0/profiles/default";

#[test]
fn a_plan_made_from_another_state_writes_nothing() {
    let Some(router) = router("a_plan_made_from_another_state_writes_nothing", LEAST) else {
        return;
    };
    let machine = router.boot();
    is_whole(&machine);
    // A socket's path is at most 107 bytes, wherever this tree lies.
    let near = tempfile::tempdir().unwrap();
    symlink(router.persistent().join("data/incus"), near.path().join("incus")).unwrap();
    let socket = near.path().join("incus/unix.socket");
    let (ours, other) = (Client::new(&socket).unwrap(), Client::new(&socket).unwrap());

    a_stale_etag_is_refused(&ours, &other);
    a_stale_plan_is_refused(&ours, &other);
    delete_looks_at_no_etag(&ours, &other);
    the_step_ends_beside_a_busy_writer(&machine, socket);
    machine.power_off();
}

fn set_note(client: &Client, path: &str, note: &str) {
    let body = json!({"config": {"user.note": note}});
    client.exchange(Method::PATCH, path, None, &body).unwrap();
}

fn a_stale_etag_is_refused(ours: &Client, other: &Client) {
    let wanted = json!({"config": {"user.imp.test": "x"}});
    for path in [NETWORK, PROFILE, "/1.0"] {
        let seen = ours.get(path).unwrap();
        set_note(other, path, "of the other");
        for method in [Method::PATCH, Method::PUT] {
            let answer = ours.exchange(method.clone(), path, seen.etag.as_deref(), &wanted);
            assert!(
                matches!(&answer, Err(IncusError::Stale(words)) if words.contains("ETag doesn't match")),
                "{method} {path}: {answer:?}"
            );
        }
        let now = ours.get(path).unwrap().metadata;
        assert_eq!(now["config"]["user.note"], "of the other", "{path}");
        assert_eq!(now["config"]["user.imp.test"], Value::Null, "{path}");
    }
}

fn a_stale_plan_is_refused(ours: &Client, other: &Client) {
    let seen = read(ours).unwrap();
    let network = seen.networks["incusbr0"].clone();
    set_note(other, NETWORK, "newer");
    set_note(other, PROFILE, "newer");
    for change in [
        Change::UpdateNetwork {
            seen: network.clone(),
            body: json!({"config": {"user.imp.test": "x"}}),
            place: String::new(),
        },
        Change::DeleteNetwork { seen: network },
        Change::UpdateProfile {
            seen: seen.profile.clone(),
            body: json!({"devices": {}}),
        },
        Change::RemoveDevice {
            seen: seen.profile,
            name: "eth0".to_owned(),
        },
    ] {
        let error = carry_out(ours, &Root::new("/"), &change).unwrap_err();
        assert!(error.is_stale(), "{change}: {error}");
    }
    assert!(read(ours).unwrap().profile.devices.contains_key("eth0"));
}

/// Why what is to be deleted is read and compared just before.
fn delete_looks_at_no_etag(ours: &Client, other: &Client) {
    let body = json!({"name": "spare", "type": "bridge", "config": {"ipv4.address": "none", "ipv6.address": "none"}});
    ours.exchange(Method::POST, "/1.0/networks", None, &body).unwrap();
    let path = "/1.0/networks/spare";
    let seen = ours.get(path).unwrap();
    set_note(other, path, "newer");
    ours.exchange(Method::DELETE, path, seen.etag.as_deref(), &Value::Null)
        .unwrap();
}

/// Our step finishes although another client keeps writing to the same object. Which of those writes survive is up to Incus,
/// which reads and writes in two transactions.
fn the_step_ends_beside_a_busy_writer(machine: &Machine, socket: PathBuf) {
    let drift = Client::new(&socket).unwrap();
    let writer = std::thread::spawn(move || {
        let client = Client::new(&socket).unwrap();
        for number in 0..300 {
            set_note(&client, PROFILE, &number.to_string());
        }
    });
    while !writer.is_finished() {
        let body = json!({"devices": {"eth0": {"type": "none"}}});
        drift.exchange(Method::PATCH, PROFILE, None, &body).unwrap();
        machine.until("the device is repaired", 30, "/usr/lib/imp/imp-incus");
    }
    writer.join().unwrap();
    machine.sh("/usr/lib/imp/imp-incus");
    assert!(query(machine, PROFILE).contains("\"network\": \"incusbr0\""));
}

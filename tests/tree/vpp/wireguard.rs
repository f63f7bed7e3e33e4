//! Tunnels of WireGuard: their private keys are in their files and in VPP, and nowhere else.

#![allow(clippy::unwrap_used)]

use super::stand_in::Effect::{Prints, Refused, Silent};
use super::stand_in::{CORE, StandIn, has_python, said, session};
use std::fs;
use std::path::Path;

/// RFC 7748's, and another.
const PRIVATE: &str = "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=";
const PUBLIC: &str = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=";
const OTHER_PRIVATE: &str = "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=";
const OTHER_PUBLIC: &str = "V9tLNZ8jrl4Ubk4lEgVnBHIlBjSMFQwUdT0Mkz0E1CE=";
const BERLIN: &str = "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08=";
const PARIS: &str = "E75P6uryBMf9M1j8nAByGIHRdCeBKCJ+xnTzf3/pe20=";

fn fresh() -> StandIn {
    let startup = CORE.replace(
        "plugin ping_plugin.so",
        "plugin wireguard_plugin.so { enable } plugin ping_plugin.so",
    );
    let vpp = StandIn::start("core", &startup, &[]);
    write(&vpp, "run/imp/generation", PRIVATE);
    vpp
}

/// The key is in its file in this folder.
fn write(vpp: &StandIn, folder: &str, key: &str) {
    let folder = vpp.root.path().join(folder).join("secrets");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("wireguard"), format!("{key}\n")).unwrap();
}

fn tunnel(public: &str, peers: &[(&str, &str)]) -> String {
    let mut lines = format!(
        "create wireguard tunnel src 192.0.2.1 port 51820 private-key-file secrets/wireguard public-key {public} instance 3\n\
         set interface name wg3 t1\nlcp create t1 host-if t1 tun\nset interface state t1 up\n\
         set interface ip address t1 10.9.0.1/24\n"
    );
    for (key, allowed) in peers {
        lines.push_str(&format!(
            "wireguard peer add t1 public-key {key} endpoint 198.51.100.7 dst-port 51820 {allowed}\n"
        ));
    }
    lines.push_str("ip route add 10.9.0.2/32 via 10.9.0.2 t1");
    lines
}

/// Everything below the root, but the files that hold keys, and VPP's own memory.
fn shows_no_key(vpp: &StandIn) {
    fn each(folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                each(&entry.path());
            } else if kind.is_file() && entry.file_name() != "wireguard" {
                let text = String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned();
                assert!(
                    !text.contains(PRIVATE) && !text.contains(OTHER_PRIVATE),
                    "{}",
                    entry.path().display()
                );
            }
        }
    }
    each(vpp.root.path());
    let log = vpp.ask("show logging").text;
    assert!(!log.contains(PRIVATE), "{log}");
}

#[test]
fn a_tunnel_gets_the_key_from_its_file() {
    if !has_python() {
        return;
    }
    let vpp = fresh();
    let both = [
        (BERLIN, "allowed-ip 10.9.0.2/32"),
        (PARIS, "allowed-ip 10.9.0.3/32 persistent-keepalive 25"),
    ];
    let applied = vpp.apply("1", &tunnel(PUBLIC, &both));
    assert!(applied.status.success(), "{}", said(&applied));
    let shown = vpp.ask("show wireguard interface").text;
    assert!(
        shown.contains(&format!("t1 src:192.0.2.1 port:51820 private-key:{PRIVATE} ")),
        "{shown}"
    );
    shows_no_key(&vpp);

    // A peer goes, the other changes; then everything comes back.
    let state = vpp.state();
    for (digest, peers) in [("2", &[(PARIS, "allowed-ip 10.9.0.3/32")][..]), ("3", &both)] {
        let reloaded = vpp.reload(digest, &tunnel(PUBLIC, peers));
        assert!(reloaded.status.success(), "{}", said(&reloaded));
        assert_eq!(
            vpp.ask("show wireguard peer").text.matches("key:").count(),
            peers.len()
        );
    }
    assert_eq!(vpp.state(), state);

    // VPP refuses something of a new key's tunnel: what it had has its old key, from the generation that is kept.
    write(&vpp, "persistent/data/imp/generations/0123456789ab", PRIVATE);
    write(&vpp, "run/imp/generation", OTHER_PRIVATE);
    for step in 1..100 {
        vpp.ask(&format!("stand-in ambush refuse {step}"));
        if vpp.reload("4", &tunnel(OTHER_PUBLIC, &both)).status.success() {
            assert!(step > 8, "only {step} steps");
            break;
        }
        assert_eq!(vpp.state(), state, "step {step}");
    }
    assert!(vpp.ask("show wireguard interface").text.contains(OTHER_PRIVATE));
    shows_no_key(&vpp);
}

#[test]
fn without_its_key_a_tunnel_is_refused_by_the_name_of_the_file() {
    if !has_python() {
        return;
    }
    for (key, public) in [("not a key", PUBLIC), (PRIVATE, OTHER_PUBLIC)] {
        let vpp = fresh();
        write(&vpp, "run/imp/generation", key);
        let refused = vpp.apply("1", &tunnel(public, &[]));
        assert_eq!(refused.status.code(), Some(1));
        let words = format!("'secrets/wireguard' has no private key that belongs to {public}");
        assert!(said(&refused).contains(&words), "{}", said(&refused));
        assert!(!said(&refused).contains(key), "{}", said(&refused));
    }
    let vpp = StandIn::core();
    write(&vpp, "run/imp/generation", PRIVATE);
    let refused = vpp.apply("1", &tunnel(PUBLIC, &[]));
    assert!(
        said(&refused).contains("it has no messages about WireGuard"),
        "{}",
        said(&refused)
    );
}

#[test]
fn peers_are_known_by_their_keys() {
    if !has_python() {
        return;
    }
    let vpp = fresh();
    assert!(vpp.apply("1", &tunnel(PUBLIC, &[])).status.success());
    let add = |key: &str, more: &str| {
        format!("wireguard peer add t1 public-key {key} endpoint 198.51.100.7 {more}")
    };
    session(
        &vpp,
        &[
            (&add(BERLIN, "allowed-ip 10.9.0.2/32"), Silent),
            (&add(BERLIN, "allowed-ip 10.9.0.3/32"), Refused("already exist")),
            (&add(PARIS, ""), Refused("Allowed IPs are not specified")),
            ("show wireguard peer", Prints(BERLIN)),
            ("wireguard peer remove 0", Silent),
            ("wireguard delete loop7", Refused("no such interface")),
            ("wireguard delete t1", Silent),
            ("wireguard delete t1", Refused("no such interface")),
        ],
    );
}

//! What the YAML of vppcfg means, key by key.

use super::table;
use imp::import::{Imported, Original, Source, import};

fn vppcfg(text: &str) -> Imported {
    let (name, text) = ("x".to_owned(), text.to_owned());
    import(Source::Vppcfg, &[Original { name, text }])
}

#[test]
fn a_bridge_domain_keeps_what_its_interface_does_not_say() {
    let imported = vppcfg(
        "bridgedomains:\n  bd1:\n    description: one\n    mtu: 9000\n    interfaces: [ a ]\n\
         \x20 bd2:\n    description: two\n    mtu: 9000\n    bvi: loop0\n    interfaces: [ b ]\n\
         \x20 bd3:\n    bvi: loop7\n    interfaces: [ c ]\n\
         interfaces:\n  a:\n    mtu: 9000\n  b:\n    mtu: 9000\n  c:\n    mtu: 9000\n\
         loopbacks:\n  loop0:\n    mtu: 1500\n",
    );
    assert_eq!(
        table(&imported, "[bridges.bd1]"),
        ["description = \"one\"", "mtu = 9000", "members = [\"a\"]"]
    );
    assert_eq!(
        table(&imported, "[bridges.bd2]"),
        ["description = \"two\"", "mtu = 1500", "members = [\"b\"]"]
    );
    assert_eq!(
        imported.left,
        [
            "x:8 'bd2 mtu': its bvi has another mtu, and one is of both here",
            "x:12 'bd3 bvi': not in this version",
        ]
    );
}

#[test]
fn a_loopback_has_an_mtu_and_is_always_up() {
    let imported = vppcfg("loopbacks:\n  loop0:\n    mtu: 1500\n    state: down\n");
    assert_eq!(table(&imported, "[loopbacks.lo0]"), ["mtu = 1500"]);
    assert_eq!(
        imported.left,
        ["x:4 'loop0 state': a loopback is always up here, and its addresses are this router's"]
    );
}

#[test]
fn an_interface_has_one_acl_on_each_side() {
    let imported = vppcfg(
        "interfaces:\n  a:\n    acls:\n      input: [ A, B ]\n      output: A\n    unnumbered: loop0\n  b:\n    acls:\n      input: [ A ]\n\
         acls:\n  A:\n    terms:\n      - action: permit\n",
    );
    let has = |header: &str, line: &str| table(&imported, header).contains(&line.to_owned());
    assert!(
        has("[interfaces.a]", "acl = { out = \"A\" }"),
        "{}",
        imported.toml
    );
    assert!(has("[interfaces.b]", "acl = { in = \"A\" }"), "{}", imported.toml);
    assert_eq!(
        imported.left,
        [
            "x:4 'a acls input': a side has one ACL here, which can have the rules of all of them",
            "x:6 'a unnumbered': not in this version: an interface has addresses of its own",
        ]
    );
}

#[test]
fn no_name_is_one_that_vpp_uses_itself() {
    let imported = vppcfg(
        "loopbacks:\n  loop0:\n    lcp: loop0\n    addresses: [ 192.0.2.1/32 ]\n  loop1:\n    lcp: tap1\n\
         interfaces:\n  GigabitEthernet3/0/0:\n    lcp: tap0\n    mtu: 9000\n",
    );
    assert_eq!(
        table(&imported, "[loopbacks.lo0]"),
        ["addresses = [\"192.0.2.1/32\"]"]
    );
    assert!(imported.toml.contains("[loopbacks.lo1]"), "{}", imported.toml);
    assert!(!imported.toml.contains("tap"), "{}", imported.toml);
}

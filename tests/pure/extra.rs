//! The operator's own files for FRR and VPP, read like everything else.
#![allow(clippy::unwrap_used)]

use super::config::said;
use imp::config::{self, Daemon, File, Parsed};
use imp::types::BgpModule;
use std::collections::BTreeMap;

const BASE: &str = r#"
config-version = 1
[system]
hostname = "edge1"
[vpp.core]
[loopbacks.lo0]
addresses = ["192.0.2.1/32", "2001:db8::1/128"]
[interfaces.external]
match = { pci = "0000:65:00.0" }
addresses = ["198.51.100.2/29", "2001:db8:25::2/64"]
[frr]
extra-file = "extra.conf"
"#;

fn parse(rest: &str, extra: &str) -> Parsed {
    let file = |text: &str| File {
        bytes: text.as_bytes().to_vec(),
        mode: 0o640,
    };
    let document = file(&format!("{BASE}{rest}"));
    config::parse(&BTreeMap::from([
        ("imp.toml".to_owned(), document),
        ("extra.conf".to_owned(), file(extra)),
    ]))
}

/// The daemons and modules these lines need; they are accepted without a warning.
fn asked(extra: &str) -> (Vec<Daemon>, Vec<BgpModule>) {
    let parsed = parse("", extra);
    assert_eq!(said(&parsed), "", "{extra}");
    let extra = parsed.model.unwrap().frr_extra.unwrap();
    (
        extra.daemons.into_iter().collect(),
        extra.bgp_modules.into_iter().collect(),
    )
}

#[test]
fn the_daemon_of_each_line_is_asked_for() {
    let cases: [(&str, &[Daemon]); 14] = [
        ("ip nht resolve-via-default\nlog syslog\n", &[]),
        (
            "router bgp 64500\n neighbor 198.51.100.1 bfd\n",
            &[Daemon::Bfdd, Daemon::Bgpd],
        ),
        ("router bgp 64500 vrf blue\nexit\n", &[Daemon::Bgpd]),
        ("router ospf\nrouter ospf6\n", &[Daemon::Ospf6d, Daemon::Ospfd]),
        ("interface external\n ip ospf area 0\n", &[Daemon::Ospfd]),
        (
            "interface external\n ipv6 router isis X\n isis bfd\n",
            &[Daemon::Bfdd, Daemon::Isisd],
        ),
        ("mpls ldp\n router-id 192.0.2.1\n", &[Daemon::Ldpd]),
        ("bfd\n profile X\n", &[Daemon::Bfdd]),
        ("interface external\n vrrp 5 version 3\n", &[Daemon::Vrrpd]),
        (
            "router rip\nrouter ripng\nrouter babel\nrouter eigrp 1\n",
            &[Daemon::Babeld, Daemon::Eigrpd, Daemon::Ripd, Daemon::Ripngd],
        ),
        ("interface external\n ip pim\n ip igmp\n", &[Daemon::Pimd]),
        ("pbr-map X seq 1\nexit\n", &[Daemon::Pbrd]),
        ("ip route 10.0.0.0/8 198.51.100.1 bfd\n", &[Daemon::Bfdd]),
        ("no router bgp 64500\n! router ospf\n", &[]),
    ];
    for (extra, daemons) in cases {
        assert_eq!(asked(extra).0, daemons, "{extra}");
    }
}

#[test]
fn the_modules_of_bgpd_are_asked_for() {
    let rpki = "rpki\n rpki cache 192.0.2.9 3323 preference 1\nexit\n";
    assert_eq!(asked(rpki), (vec![Daemon::Bgpd], vec![BgpModule::Rpki]));
    let bmp = "router bgp 64500\n bmp targets T\n  bmp connect 192.0.2.9 port 1 min-retry 1 max-retry 2\n exit\nexit\n";
    assert_eq!(asked(bmp), (vec![Daemon::Bgpd], vec![BgpModule::Bmp]));
    assert_eq!(
        asked("route-map X permit 1\n match rpki invalid\nexit\n").1,
        [BgpModule::Rpki]
    );
}

/// The `exit` of a block ends it, of whichever kind; one that is left over ends everything.
#[test]
fn blocks_are_followed() {
    for blocks in [
        "router bgp 64500\n address-family ipv4 unicast\n  network 203.0.113.0/24\n exit-address-family\nexit\n",
        "router bgp 64500\n address-family ipv4 unicast\n exit-address-family\n address-family ipv6 unicast\n quit\nquit\n",
        "key chain K\n key 1\n  key-string s\n exit\nexit\n",
        "vrf blue\n ip route 10.0.0.0/8 blackhole\nexit-vrf\ninterface external\nexit\n",
        "bfd\n profile X\n  detect-multiplier 4\n exit\n !\nexit\n",
        "a-block of-tomorrow\n whatever\nexit\n",
        "interface external\nip route 10.0.0.0/8 blackhole\ninterface lo0\nexit\n",
        // Lines that begin like some outside of blocks.
        "mpls ldp\n router-id 192.0.2.1\n address-family ipv4\n  interface external\n  exit\n exit-address-family\nexit\n",
        "router ospf\n router-id 192.0.2.1\nexit\n",
        "router isis X\n hostname dynamic\nexit\n",
        "vrf blue\n ip protocol bgp route-map M\nexit-vrf\nroute-map M permit 1\nexit\n",
        // The last interface ends with its family.
        "mpls ldp\n address-family ipv4\n  interface external\n  interface lo0\n exit-address-family\nexit\n",
        // Blocks inside of blocks.
        "segment-routing\n traffic-eng\n  policy color 1 endpoint 192.0.2.9\n  exit\n exit\nexit\n",
        "router isis X\n segment-routing srv6\n  node-msd\n  exit\n exit\nexit\n",
        "interface external\n link-params\n  enable\n exit-link-params\nexit\n",
    ] {
        assert_eq!(said(&parse("", blocks)), "", "{blocks}");
    }
    for left_over in [
        "exit\n",
        "interface external\nexit\nexit\n",
        "interface external\nip prefix-list X permit 10.0.0.0/8\nexit\n",
        "router bgp 64500\n address-family ipv4 unicast\n exit-address-family\nexit\nquit\n",
        "mpls ldp\n address-family ipv4\n  interface external\n exit-address-family\nexit\nexit\n",
        "rpki\nexit\nexit\n",
        "router ospf\n end\nip route 10.0.0.0/8 blackhole\n",
    ] {
        assert!(
            said(&parse("", left_over)).contains("error[E0370]"),
            "{left_over}"
        );
    }
}

#[test]
fn names_of_the_extra_file_and_of_the_tables_are_one_set() {
    let tables = r#"
[bgp]
asn = 64500
[bgp.neighbors."198.51.100.1"]
remote-as = 64496
route-map = { in = "IN", out = "OUT" }
bfd = "SLOW"
[[route-maps.OUT]]
action = "permit"
match = { prefix-list = "OURS", community-list = "C" }
[[route-maps.CALLED]]
action = "permit"
match = { prefix-list = "USED" }
[prefix-lists]
USED = ["10.0.0.0/8"]
"#;
    let extra = "route-map IN permit 10\n match ip address prefix-list USED\n call CALLED\nexit\n\
        ip prefix-list OURS seq 5 permit 203.0.113.0/24\nipv6 prefix-list OURS seq 5 permit 2001:db8::/32\n\
        bgp community-list standard C seq 5 permit 64500:1\nbfd\n profile SLOW\n exit\nexit\n";
    let parsed = parse(tables, extra);
    assert_eq!(said(&parsed), "");
    let lists = parsed.model.unwrap().frr_extra.unwrap().prefix_lists;
    let ours = lists.iter().find(|(name, _)| name.as_ref() == "OURS").unwrap().1;
    assert!(ours.v4 && ours.v6, "an entry for each family");
    assert!(said(&parse(tables, "")).contains("undefined route-map 'IN'"));
}

/// FRR wants a group before its members, and the extra lines come last.
#[test]
fn a_group_of_the_extra_file_is_for_its_own_neighbours() {
    let group = "router bgp 64500\n neighbor G peer-group\n neighbor G remote-as 64500\n\
        neighbor 198.51.100.3 peer-group G\nexit\n";
    let neighbour = "[bgp]\nasn = 64500\n[bgp.neighbors.\"198.51.100.1\"]\npeer-group = \"G\"\n";
    assert_eq!(said(&parse("[bgp]\nasn = 64500\n", group)), "");
    assert!(said(&parse(neighbour, group)).contains("error[E0305]: undefined peer-group 'G'"));
    let used = "[bgp]\nasn = 64500\n[bgp.peer-groups.G]\nremote-as = 64500\n";
    let listen = "router bgp 64500\n bgp listen range 198.51.100.0/29 peer-group G\nexit\n";
    assert_eq!(said(&parse(used, listen)), "");
    assert!(said(&parse(used, "")).contains("E0306"));
}

/// A line with a password is in no report, whatever else is wrong with it.
#[test]
fn a_password_is_never_shown() {
    for line in [
        "router bgp 64500\n neighbor 198.51.100.1 password hunter2\nexit\n",
        "interface external\n ip ospf message-digest-key 1 md5 hunter2\nexit\n",
        "interface external\n isis password md5 hunter2\nexit\n",
        "router isis X\n area-password md5 hunter2\nexit\n",
        "key chain K\n key 1\n  key-string hunter2\n exit\nexit\n",
        "password hunter2\n",
        "enable password 8 hunter2\n",
    ] {
        let document = BASE.replace("extra-file = \"extra.conf\"", "extra-file = \"open.conf\"");
        let file = |text: &str, mode| File {
            bytes: text.as_bytes().to_vec(),
            mode,
        };
        let parsed = config::parse(&BTreeMap::from([
            ("imp.toml".to_owned(), file(&document, 0o640)),
            ("open.conf".to_owned(), file(line, 0o644)),
        ]));
        let text = said(&parsed);
        assert!(text.contains("error[E0339]"), "{line}: {text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
    assert_eq!(said(&parse("", "service password-encryption\n")), "");
}

/// What leads to a next hop or a pool may stand in the extra file.
#[test]
fn the_extra_file_routes_and_announces() {
    let route = "[routes]\n\"10.0.0.0/8\" = { via = \"10.200.0.1\" }\n";
    assert!(said(&parse(route, "")).contains("error[E0311]"));
    assert_eq!(said(&parse(route, "ip route 10.200.0.0/24 198.51.100.1\n")), "");
    assert!(said(&parse(route, "ip route 10.200.0.0/24 203.0.113.9\n")).contains("error[E0311]"));
    let neighbour = "[bgp]\nasn = 64500\n[bgp.neighbors.\"192.0.2.2\"]\nremote-as = 64500\nupdate-source = \"192.0.2.1\"\n";
    assert!(said(&parse(neighbour, "")).contains("error[E0336]"));
    assert_eq!(
        said(&parse(
            neighbour,
            "router isis X\n net 49.0001.1921.6800.1002.00\nexit\n"
        )),
        ""
    );
}

/// `ip nht resolve-via-default` is the operator's answer to what would be warned about.
#[test]
fn the_extra_file_may_resolve_next_hops_by_the_default_route() {
    let rest = r#"
[routes]
"0.0.0.0/0" = { via = "198.51.100.1" }
"10.0.0.0/8" = { via = "203.0.113.8" }
[interfaces.internal]
match = { pci = "0000:65:00.1" }
"#;
    let neighbor = r#"
[bgp]
asn = 64500
[bgp.neighbors."203.0.113.9"]
remote-as = 64496
ebgp-multihop = 4
route-map = { in = "ALL", out = "ALL" }
[[route-maps.ALL]]
action = "permit"
"#;
    let extra = "ip nht resolve-via-default\n";
    let said_of = |rest: &str, extra| said(&parse(rest, extra));
    assert!(said_of(rest, "").contains("E0311"));
    assert_eq!(said_of(rest, extra), "");
    let with_neighbor = rest.replace("\"10.0.0.0/8\" = { via = \"203.0.113.8\" }\n", "") + neighbor;
    for without in ["", "ipv6 nht resolve-via-default\n"] {
        assert!(said_of(&with_neighbor, without).contains("E0361"), "{without}");
    }
    assert_eq!(said_of(&with_neighbor, extra), "");
}

/// What the documents do not set, the file may; and every stanza of VPP is known.
#[test]
fn settings_of_one_place_are_fine() {
    let files = |extra: &str| {
        let file = |text: &str| File {
            bytes: text.as_bytes().to_vec(),
            mode: 0o640,
        };
        let document = BASE.replace("[vpp.core]", "[vpp.core]\nextra-startup-file = \"s\"");
        let document = document.replace("[frr]\nextra-file = \"extra.conf\"\n", "");
        said(&config::parse(&BTreeMap::from([
            ("imp.toml".to_owned(), file(&document)),
            ("s".to_owned(), file(extra)),
        ])))
    };
    for fine in [
        "cpu { main-core 3 corelist-workers 4-5 }\nbuffers { buffers-per-numa 4096 }\n",
        "unix { gid vpp }\nstatseg { size 64M }\nmemory { main-heap-page-size 2M }\nlinux-cp { lcp-auto-subint }\n",
        "ikev2 { dpd disable }\ntap { }\n",
    ] {
        assert_eq!(files(fine), "", "{fine}");
    }
    assert!(files("unix { cli-listen /run/x }\n").contains("E0387"));
}

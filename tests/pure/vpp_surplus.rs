//! What a VPP has that its commands did not make.

#![allow(clippy::unwrap_used)]

use imp::plan::vpp::{Command, Surplus};

fn surplus(lines: &[&str]) -> Surplus {
    let command = |text: &&str| Command {
        origin: None,
        text: (*text).to_owned(),
    };
    Surplus::of(&lines.iter().map(command).collect::<Vec<_>>())
}

const CORE: [&str; 6] = [
    "lcp create x host-if x",
    "set interface ip address x 192.0.2.1/24",
    "create sub-interfaces x 5",
    "lcp create x.5 host-if x.5",
    "set acl-plugin acl permit src 10.0.0.0/8 dst 0.0.0.0/0 tag nat-a",
    "abf policy add id 7 acl 0 via 192.0.2.9 x",
];

#[test]
fn what_nobody_asked_for_is_named() {
    let known = surplus(&CORE);
    for (question, answer, expected) in [
        (
            "show interface",
            "Name Idx State MTU\nx 1 up 9000/0/0/0\nx.5 2 up 1500/0/0/0\nx.6 3 up 9000/0/0/0\nloop9 4 down 9000/0/0/0\n",
            &["an interface 'x.6'", "an interface 'loop9'"][..],
        ),
        (
            "show interface address",
            "x (up):\n  L3 192.0.2.1/24\n  L3 192.0.2.2/24\nx.5 (up):\n  L3 2001:db8::1/64\n",
            &["192.0.2.2/24 on 'x'", "2001:db8::1/64 on 'x.5'"],
        ),
        (
            "show lcp",
            "itf-pair: [0] x tap4096 x 3 type tap netns d\nitf-pair: [1] x.6 tap4096.6 x.6 4 type tap netns d\n",
            &["'x.6' paired with 'x.6'"],
        ),
        (
            "show acl-plugin acl",
            "acl-index 0 count 0 tag {nat-a}\nacl-index 1 count 0 tag {by-hand}\n",
            &["an acl 'by-hand'"],
        ),
        (
            "show abf policy",
            "abf:[0]: policy:7 acl:0\nabf:[1]: policy:8 acl:0\n",
            &["abf policy 8 with acl 0"],
        ),
        (
            "show det44 mappings",
            " in 10.0.0.0/24 out 203.0.113.0/28\n",
            &["det44 10.0.0.0/24 to 203.0.113.0/28"],
        ),
        (
            "show nat44 addresses",
            "NAT44 pool addresses:\n203.0.113.9\n",
            &["203.0.113.9 in the pool"],
        ),
        (
            "show nat44 static mappings",
            "NAT44 static mappings:\n TCP local 10.0.0.80:8443 external 203.0.113.65:443 vrf 0\n",
            &["the mapping tcp local 10.0.0.80 8443 external 203.0.113.65 443"],
        ),
    ] {
        assert_eq!(known.of_list(question, answer), expected, "{question}");
    }
}

#[test]
fn what_vpp_and_linux_cp_make_themselves_is_not_surplus() {
    let known = surplus(&CORE);
    let interfaces =
        "local0 0 down 0/0/0/0\nx 1 up 9000/0/0/0\ntap4096 2 up 0/0/0/0\ntap4096.5 3 up 0/0/0/0\n";
    assert!(known.of_list("show interface", interfaces).is_empty());
    let addresses = "x (up):\n  L3 fe80::1/10\ntap4096 (up):\n  L3 198.51.100.1/32\n";
    assert!(known.of_list("show interface address", addresses).is_empty());
}

#[test]
fn an_operators_own_line_is_not_surplus() {
    let lines = [
        "lcp create x host-if x",
        "set dhcp client intfc y hostname h",
        "create vxlan tunnel src 192.0.2.1 dst 192.0.2.2 vni 5 instance 9 loop7",
        "vrrp vr add x vr_id 5 priority 100 interval 100 accept_mode 192.0.2.250",
        "set interface state y up",
        "nat44 add static mapping tcp local 10.0.0.80 8443 external 203.0.113.65 443",
        "nat44 add address 203.0.113.64 - 203.0.113.66",
    ];
    let known = surplus(&lines);
    let addresses = "x (up):\n  L3 192.0.2.250/32\ny (up):\n  L3 198.51.100.77/24\n";
    assert!(known.of_list("show interface address", addresses).is_empty());
    assert!(
        known
            .of_list("show interface", "loop7 1 up 9000/0/0/0\n")
            .is_empty()
    );
    let mapping = " TCP local 10.0.0.80:8443 external 203.0.113.65:443 vrf 0\n";
    assert!(known.of_list("show nat44 static mappings", mapping).is_empty());
    assert!(known.of_list("show nat44 addresses", "203.0.113.65\n").is_empty());
}

#[test]
fn a_route_is_surplus_when_a_command_made_it() {
    assert_eq!(
        surplus(&CORE).of_all_routes().count(),
        0,
        "Linux's are among them"
    );
    let known = surplus(&["ip route add 10.0.0.0/8 via 192.0.2.9 memif1/0"]);
    assert_eq!(
        known.of_all_routes().collect::<Vec<_>>(),
        ["show ip fib", "show ip6 fib"]
    );
    let all = "ipv4-VRF:0, fib_index:0\n0.0.0.0/0 fib:0\n  unicast-ip4-chain\n10.0.0.0/8 fib:0\n11.0.0.0/8 fib:0\nipv4-VRF:7\n12.0.0.0/8 fib:1\n";
    let prefixes: Vec<String> = known.routes_in(all).iter().map(ToString::to_string).collect();
    assert_eq!(prefixes, ["0.0.0.0/0", "11.0.0.0/8"]);
    let prefix = "11.0.0.0/8".parse().unwrap();
    let answer = |source: &str| format!("ipv4-VRF:0\n11.0.0.0/8 fib:0\n  {source} refs:1 src-flags:added,\n");
    assert!(Surplus::is_of_a_command(prefix, &answer("CLI")));
    assert!(!Surplus::is_of_a_command(prefix, &answer("default-route")));
    assert!(!Surplus::is_of_a_command(
        "11.1.0.0/16".parse().unwrap(),
        &answer("CLI")
    ));
}

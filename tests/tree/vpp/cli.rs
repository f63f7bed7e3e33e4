//! The stand-in against what VPP was seen to do: each command, repeated, undone, out of order.

#![allow(clippy::unwrap_used)]

use super::stand_in::Effect::{Prints, Refused, Silent};
use super::stand_in::{CORE, StandIn, has_python, session};

#[test]
fn text_rules() {
    if !has_python() {
        return;
    }
    session(
        &StandIn::core(),
        &[
            ("sh ver", Prints("v25.06")),
            ("show version # comment", Prints("v25.06")),
            ("create loopback interface instance 1#2", Prints("loop1")),
            ("set interface state loop1 up show version", Prints("v25.06")),
            (
                "set interface state loop1 down frobnicate",
                Refused("unknown input `frobnicate'"),
            ),
            ("set interface name {loop1} a", Silent),
            ("set interface state a sideways", Refused("unknown flags")),
            ("set interface state \"a\" up", Refused("unknown interface")),
            ("vpplog x$NOSUCHMACRO", Silent),
            ("show logging", Prints("CLI: xUNSET")),
            ("s", Refused("unknown input")),
            (
                "set interface ip frob",
                Refused("set interface ip: unknown input `frob'"),
            ),
            (
                "show version\nshow frob\nshow version",
                Refused("show: unknown input"),
            ),
            ("", Silent),
        ],
    );
}

#[test]
fn names() {
    if !has_python() {
        return;
    }
    session(
        &StandIn::core(),
        &[
            ("set interface name external ext.25", Silent),
            ("set interface state ext.25 up", Refused("unknown interface")),
            ("set interface name internal del", Silent),
            (
                "set interface ip address del 192.0.2.1/24",
                Refused("unknown interface"),
            ),
            ("create loopback interface instance 0", Prints("loop0")),
            ("create loopback interface instance 0", Refused("failed")),
            ("create loopback interface", Prints("loop1")),
            // A name that exists is accepted: two interfaces carry it.
            ("set interface name loop1 loop0", Silent),
            ("set interface name loop1 loop0", Refused("parse error")),
            ("delete loopback interface intfc loop0", Silent),
        ],
    );
}

#[test]
fn interfaces_and_addresses() {
    if !has_python() {
        return;
    }
    session(
        &StandIn::core(),
        &[
            ("create sub-interfaces external 25", Prints("external.25")),
            ("create sub-interfaces external 25", Silent),
            (
                "create sub-interfaces external 26 dot1q 25",
                Refused("vlan is already in use"),
            ),
            ("create sub-interfaces external 0", Prints("external.0")),
            ("create sub-interfaces external 5000", Prints("external.5000")),
            (
                "create sub-interfaces external 100 dot1q 100 inner-dot1q 200 exact-match",
                Prints("external.100"),
            ),
            (
                "set interface state external.25 up",
                Refused("super-interface external must be up"),
            ),
            ("set interface state external up", Silent),
            ("set interface state external up", Silent),
            ("set interface state external.25 up", Silent),
            ("set interface mtu packet 99999 external", Silent),
            ("set interface mtu 1500 external.25", Refused("not supported")),
            ("set interface promiscuous on external", Silent),
            ("set interface ip address external.25 198.51.100.2/30", Silent),
            (
                "set interface ip address external.25 198.51.100.2/30",
                Refused("conflicts"),
            ),
            ("set interface ip address external.25 198.51.100.1/30", Silent),
            (
                "set interface ip address external.25 198.51.100.9/24",
                Refused("conflicts"),
            ),
            (
                "set interface ip address internal 198.51.100.1/24",
                Refused("conflicts"),
            ),
            (
                "set interface ip address del internal 198.51.100.1/24",
                Refused("not found"),
            ),
            (
                "set interface ip address internal nonsense",
                Refused("expected IP4/IP6 address/length"),
            ),
            ("set interface ip address del external.25 all", Silent),
            ("ip6 nd internal no ra-suppress", Refused("IP6")),
            ("enable ip6 interface internal", Silent),
            ("ip6 nd internal no ra-suppress", Silent),
            ("ip6 nd internal frob", Silent),
            ("ip6 nd internal ra-interval 30 15", Silent),
            (
                "show ip6 interface internal",
                Prints("every 30.0 seconds (min interval is 15.0)"),
            ),
            (
                "create host-interface name incus0 hw-addr 02:fe:00:03:00:01",
                Prints("host-incus0"),
            ),
            (
                "create host-interface name incus0 hw-addr 02:fe:00:03:00:01",
                Prints("host-incus0"),
            ),
            (
                "create host-interface name nosuch",
                Refused("Invalid interface name"),
            ),
            (
                "create host-interface hw-addr 02:fe:00:03:00:01",
                Refused("missing host interface name"),
            ),
            ("delete host-interface name nosuch", Silent),
            ("set interface state external down", Silent),
            ("show interface address", Prints("external.25 (dn):")),
        ],
    );
}

#[test]
fn routes() {
    if !has_python() {
        return;
    }
    session(
        &StandIn::core(),
        &[
            ("ip route add 192.0.2.9/24 via 198.51.100.1 external", Silent),
            ("show ip fib 192.0.2.0/24", Prints("\n192.0.2.0/24 fib:0")),
            ("show ip fib 192.0.2.0/25", Prints("\n192.0.2.0/24 fib:0")),
            ("show ip fib 203.0.113.0/24", Prints("\n0.0.0.0/0 fib:0")),
            ("ip route add 192.0.2.0/24 via 198.51.100.2 external", Silent),
            ("show ip fib 192.0.2.0/24", Prints("198.51.100.1 external")),
            (
                "ip route add 192.0.2.0/33 via 198.51.100.1 external",
                Prints("Invalid prefix len: 33"),
            ),
            (
                "ip route add 192.0.2.0/24 via 198.51.100.1 nosuch",
                Refused("parse error"),
            ),
            ("ip route add 192.0.2.0/24", Refused("expected paths")),
            (
                "ip route add via 198.51.100.1 external",
                Refused("expected ip4/ip6 destination"),
            ),
            (
                "ip route add 192.0.2.0/24 table 7 via 198.51.100.1 external",
                Refused("Nonexistent table id 7"),
            ),
            ("ip route add ::/0 via 2001:db8::1 external", Silent),
            ("show ip6 fib ::/0", Prints("2001:db8::1 external")),
            ("ip route del 192.0.2.0/24", Silent),
            ("ip route del 192.0.2.0/24", Silent),
        ],
    );
}

#[test]
fn linux_cp() {
    if !has_python() {
        return;
    }
    session(
        &StandIn::core(),
        &[
            ("create sub-interfaces external 25", Prints("external.25")),
            ("lcp create external.25 host-if x", Refused("(-2)")),
            ("lcp create external host-if external", Silent),
            ("lcp create external host-if external", Refused("(-81)")),
            ("lcp create external.25 host-if a-name-of-15-by", Silent),
            ("lcp create internal host-if a-name-of-16-byt", Refused("(-73)")),
            ("lcp create internal host-if a/b", Refused("(-73)")),
            ("lcp create internal host-if i netns nosuch", Refused("(-12)")),
            ("lcp create nosuch host-if i", Refused("unknown input")),
            ("lcp create internal", Refused("host interface name required")),
            ("lcp create 99 host-if i", Refused("(-2)")),
            (
                "show lcp",
                Prints("external.25 tap4096.25 a-name-of-15-by 0 type tap netns dataplane"),
            ),
            ("lcp lcp-auto-subint on", Silent),
            ("delete sub-interface external.25", Silent),
            // linux-cp brings it back
            ("show interface", Prints("external.25")),
            ("lcp lcp-auto-subint off", Silent),
            ("lcp delete external.25", Silent),
            ("lcp delete external.25", Refused("pair deletion failed")),
            ("delete sub-interface external.25", Silent),
            ("delete sub-interface external.25", Refused("unknown interface")),
            ("lcp lcp-auto-subint on", Silent),
            ("create sub-interfaces external 26", Prints("external.26")),
            ("lcp create external.26 host-if v26", Refused("(-81)")),
            (
                "create sub-interfaces external 27 dot1q 27 inner-dot1q 3",
                Refused("(-73)"),
            ),
            ("lcp lcp-auto-subint off", Silent),
            (
                "create sub-interfaces external 28002 dot1q 28 inner-dot1q 2 exact-match",
                Prints("external.28002"),
            ),
            ("lcp create external.28002 host-if v28.2", Refused("(-73)")),
            ("create sub-interfaces external 28", Prints("external.28")),
            ("lcp create external.28 host-if v28", Silent),
            ("lcp create external.28002 host-if v28.2", Silent),
            // The devices of the sub-interfaces go with that of the parent, their pairs stay.
            ("lcp delete external", Silent),
            ("show lcp", Prints("<no-host-if>")),
            // Without lcp-auto-subint the pair goes with the sub-interface.
            ("delete sub-interface external.28", Silent),
        ],
    );
}

#[test]
fn acls_and_abf() {
    if !has_python() {
        return;
    }
    session(
        &StandIn::core(),
        &[
            (
                "set acl-plugin acl permit src 10.0.0.0/8 dst 10.0.0.0/8 tag a",
                Prints("ACL index:0"),
            ),
            (
                "set acl-plugin acl permit src 10.0.0.0/8 dst 10.0.0.0/8 tag a",
                Prints("ACL index:1"),
            ),
            (
                "set acl-plugin acl index 1 deny src 10.0.0.0/8 dst 10.0.0.0/8 tag b",
                Prints("ACL index:1"),
            ),
            (
                "set acl-plugin acl index 9 deny src 10.0.0.0/8 dst 10.0.0.0/8 tag b",
                Silent,
            ),
            (
                "set acl-plugin acl permit src 10.0.0.0/8, deny src 10.0.0.0/8",
                Prints("ACL index:2"),
            ),
            (
                "show acl-plugin acl",
                Prints("1: ipv4 deny src 10.0.0.0/8 dst 0.0.0.0/0 proto 0 sport 0-65535"),
            ),
            ("delete acl-plugin acl index 2", Prints("Deleted ACL index:2")),
            ("set acl-plugin interface nosuch input acl 0", Silent),
            ("set acl-plugin frobnicate", Silent),
            ("abf policy add id 1 acl 0 via 192.0.2.1 external", Silent),
            // Repeated, it empties the policy; another path fills it again.
            ("abf policy add id 1 acl 0 via 192.0.2.1 external", Silent),
            ("abf policy add id 1 acl 0 via 192.0.2.1 external", Silent),
            (
                "abf policy add id 1 acl 1 via 192.0.2.1 external",
                Prints("policy 1"),
            ),
            ("abf policy add id 2 acl 99 via 192.0.2.1 external", Silent),
            (
                "abf policy add acl 0 via 192.0.2.1 external",
                Prints("Specify a Policy ID"),
            ),
            ("abf policy add id 3 acl 0", Prints("")),
            ("abf attach ip4 policy 1 priority 10 external", Silent),
            ("abf attach ip4 policy 1 priority 10 external", Silent),
            ("abf attach ip4 policy 9 external", Refused("invalid policy ID:9")),
            (
                "abf attach policy 1 external",
                Refused("Specify either ip4 or ip6"),
            ),
            ("show abf attach", Prints("specify an interface")),
            (
                "show abf attach external",
                Prints("abf-interface-attach: policy:1 priority:10"),
            ),
            ("show abf policy", Prints("abf:[0]: policy:1 acl:0")),
            ("delete acl-plugin acl index 0", Refused("failed")),
            ("abf policy del id 1 via 192.0.2.1 external", Silent),
        ],
    );
}

#[test]
fn deleting_an_attached_policy_twice_kills_it() {
    if !has_python() {
        return;
    }
    let vpp = StandIn::start("core", CORE, &[]);
    session(
        &vpp,
        &[
            (
                "set acl-plugin acl permit src 10.0.0.0/8 tag a",
                Prints("ACL index:0"),
            ),
            ("abf policy add id 1 acl 0 via 192.0.2.1 external", Silent),
            ("abf attach ip4 policy 1 external", Silent),
            ("abf policy del id 1 via 192.0.2.1 external", Silent),
        ],
    );
    let second = vpp.client().run("abf policy del id 1 via 192.0.2.1 external");
    assert!(second.is_err());
}

/// Each of these is accepted, or kills VPP, where a change in place would send it carelessly.
#[test]
fn lines_that_kill_it() {
    if !has_python() {
        return;
    }
    let prepared = [
        "set interface ip address internal 10.0.0.1/24",
        "create sub-interfaces external 25",
        "set acl-plugin acl permit src 10.0.0.0/8 tag a",
        "abf policy add id 1 acl 0 via 192.0.2.1 external.25",
        "abf policy add id 1 acl 0 via 192.0.2.2 external",
    ];
    let deadly: &[&[&str]] = &[
        // A policy attached without its ACL.
        &[
            "delete acl-plugin acl index 0",
            "abf attach ip4 policy 1 internal",
        ],
        // A path of it deleted once an interface of another path is gone.
        &[
            "delete sub-interface external.25",
            "abf policy del id 1 via 192.0.2.2 external",
        ],
        &[
            "delete sub-interface external.25",
            "abf policy add id 1 acl 0 via 192.0.2.3 external",
        ],
        // A path deleted from a policy that a repeated path has emptied.
        &[
            "abf policy add id 1 acl 0 via 192.0.2.2 external",
            "abf policy del id 1 via 192.0.2.2 external",
        ],
        &[
            "create loopback interface instance 0",
            "set interface name loop0 loop1",
            "create loopback interface instance 1",
        ],
    ];
    for lines in deadly {
        let vpp = StandIn::core();
        let mut client = vpp.client();
        let (last, before) = lines.split_last().unwrap();
        for line in prepared.iter().chain(before) {
            let reply = client.run(line).unwrap();
            assert_eq!(reply.status, 0, "{line}: {}", reply.text);
        }
        assert!(client.run(last).is_err(), "it survived {lines:?}");
    }
}

#[test]
fn what_names_an_interface_stays_behind_when_it_goes() {
    if !has_python() {
        return;
    }
    session(
        &StandIn::core(),
        &[
            ("create sub-interfaces external 25", Prints("external.25")),
            (
                "set acl-plugin acl permit src 10.0.0.0/8 tag a",
                Prints("ACL index:0"),
            ),
            ("abf policy add id 1 acl 0 via 192.0.2.1 internal", Silent),
            ("abf attach ip4 policy 1 external.25", Silent),
            ("ip route add 203.0.113.0/24 via 198.51.100.1 external.25", Silent),
            ("delete sub-interface external.25", Silent),
            ("delete acl-plugin acl index 0", Refused("failed")),
            ("show ip fib 203.0.113.0/24", Prints("unresolved")),
            // Another interface gets the number, and the policy with it.
            ("create sub-interfaces external 26", Prints("external.26")),
            ("show abf attach external.26", Prints("policy:1")),
            // The route is dead, even with an interface of the old name.
            ("create sub-interfaces external 25", Prints("external.25")),
            ("ip route add 203.0.113.0/24 via 198.51.100.1 external.25", Silent),
            ("show ip fib 203.0.113.0/24", Prints("unresolved")),
            ("ip route del 203.0.113.0/24 via 198.51.100.1 external.25", Silent),
            ("show ip fib 203.0.113.0/24", Prints("unresolved")),
            ("ip route del 203.0.113.0/24", Silent),
            ("ip route add 203.0.113.0/24 via 198.51.100.1 external.25", Silent),
            ("show ip fib 203.0.113.0/24", Prints("198.51.100.1 external.25")),
        ],
    );
}

#[test]
fn advertisements() {
    if !has_python() {
        return;
    }
    session(
        &StandIn::core(),
        &[
            ("set interface mtu packet 1500 internal", Silent),
            ("set interface ip address internal 2001:db8::1/64", Silent),
            ("set interface mtu packet 9000 internal", Silent),
            ("show ip6 interface internal", Prints("MTU is 1500")),
            // Not below the lifetime of 600 s: silently nothing.
            ("ip6 nd internal ra-interval 700 15", Silent),
            ("show ip6 interface internal", Prints("every 200.0 seconds")),
            ("ip6 nd internal ra-lifetime 2100", Silent),
            ("ip6 nd internal ra-interval 700 15", Silent),
            ("show ip6 interface internal", Prints("every 700.0 seconds")),
            ("ip6 nd internal no ra-interval", Refused("")),
            ("ip6 nd internal no ra-interval 700 15", Silent),
            ("show ip6 interface internal", Prints("every 200.0 seconds")),
            ("ip6 nd internal prefix 2001:db8::/64 infinite", Silent),
            // The last address takes everything with it.
            ("set interface ip address del internal 2001:db8::1/64", Silent),
            ("ip6 nd internal no ra-suppress", Refused("IP6")),
            ("set interface ip address internal 2001:db8::1/64", Silent),
            ("show ip6 interface internal", Prints("MTU is 9000")),
            ("show ip6 interface internal", Prints("live for 600 seconds")),
        ],
    );
}

#[test]
fn a_subnet_loses_all_its_addresses_where_linux_does_not_promote() {
    if !has_python() {
        return;
    }
    let steps = [
        "lcp create external host-if external",
        "set interface ip address external 10.0.0.1/24",
        "set interface ip address external 10.0.0.7/24",
        "set interface ip address del external 10.0.0.1/24",
    ];
    for (environment, stays) in [(&[][..], true), (&[("VPP_STAND_IN_NO_PROMOTE", "1")][..], false)] {
        let vpp = StandIn::start("core", CORE, environment);
        for step in steps {
            assert_eq!(vpp.ask(step).status, 0, "{step}");
        }
        let shown = vpp.ask("show interface address").text;
        assert_eq!(shown.contains("10.0.0.7/24"), stays, "{shown}");
    }
}

#[test]
fn vppctl_ends_with_0_whatever_was_said_and_1_without_vpp() {
    if !has_python() {
        return;
    }
    let vpp = StandIn::core();
    let link = vpp.root.path().join("vppctl");
    std::os::unix::fs::symlink(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stand_in/vpp"), &link).unwrap();
    let run = |socket: &str, words: &[&str]| {
        let output = std::process::Command::new(&link)
            .arg("-s")
            .arg(vpp.root.path().join(socket))
            .args(words)
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(
        run("run/vpp/core-cli.sock", &["frobnicate"]),
        (Some(0), "unknown input `frobnicate'\n".to_owned())
    );
    assert!(
        run("run/vpp/core-cli.sock", &["show", "version"])
            .1
            .contains("v25.06")
    );
    assert_eq!(run("run/vpp/nosuch.sock", &["show", "version"]).0, Some(1));
}

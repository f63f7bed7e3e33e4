//! `imp-vpp NAME`: applied once, verified, refused with the TOML's line.

#![allow(clippy::unwrap_used)]

use super::stand_in::{CORE, NAT, StandIn, has_python, run_through_stand_in, said};
use std::os::unix::process::ExitStatusExt as _;

/// The commands of a core instance as they are rendered.
pub const CORE_COMMANDS: &str = "
# at 20-dataplane.toml:31
lcp create external host-if external
lcp create internal host-if internal
set interface mtu packet 1500 external
set interface promiscuous on external
set interface state external up
set interface state internal up
create sub-interfaces external 25
create sub-interfaces internal 30
lcp create external.25 host-if external.25
lcp create internal.30 host-if internal.30
set interface state external.25 up
set interface state internal.30 up
set interface ip address external.25 198.51.100.2/30
set interface ip address external.25 2001:db8:25::2/64
set interface ip address internal.30 10.30.0.1/24
set interface ip address internal.30 2001:db8:30::1/64
ip6 nd internal.30 no ra-suppress
ip6 nd internal.30 ra-interval 30 15
ip6 nd internal.30 prefix 2001:db8:30::/64 infinite
create host-interface name incus0 hw-addr 02:fe:00:03:00:01
set interface name host-incus0 incus
set interface state incus up
set interface ip address incus 100.64.0.1/24
create memif socket id 1 filename /run/vpp/memif-nat-int.sock
create memif socket id 2 filename /run/vpp/memif-nat-ext.sock
create interface memif id 0 socket-id 1 hw-addr 02:fe:00:01:00:01 master
create interface memif id 0 socket-id 2 hw-addr 02:fe:00:02:00:01 master
set interface state memif1/0 up
set interface state memif2/0 up
set interface ip address memif1/0 169.254.100.1/30
set interface ip address memif2/0 169.254.100.5/30
create loopback interface instance 0
set interface name loop0 lo0
set interface state lo0 up
set interface ip address lo0 192.0.2.1/32
ip route add 0.0.0.0/0 via 198.51.100.1 external.25
ip route add ::/0 via 2001:db8:25::1 external.25
ip route add 203.0.113.0/27 via 169.254.100.6 memif2/0
set acl-plugin acl deny src 10.0.0.0/8 dst 10.0.0.0/8, permit src 10.0.0.0/8 dst 0.0.0.0/0 proto 6 dport 80-90, permit src 100.64.0.0/10 dst 0.0.0.0/0 tag nat-steer
set acl-plugin acl permit src ::/0 dst 2001:db8::/32 tag six
abf policy add id 1 acl 0 via 169.254.100.2 memif1/0
abf attach ip4 policy 1 priority 10 internal.30
abf attach ip4 policy 1 priority 10 incus
";

const NAT_COMMANDS: &str = "
create memif socket id 1 filename /run/vpp/memif-nat-int.sock
create interface memif id 0 socket-id 1 hw-addr 02:fe:00:01:00:02 slave
set interface state memif1/0 up
set interface ip address memif1/0 169.254.100.2/30
ip route add 10.0.0.0/8 via 169.254.100.1 memif1/0
det44 plugin enable
set interface det44 inside memif1/0 outside memif1/0
";

#[test]
fn a_fresh_vpp_gets_everything_and_the_second_run_says_nothing() {
    if !has_python() {
        return;
    }
    let vpp = StandIn::core();
    let first = vpp.apply("0123abcd", CORE_COMMANDS);
    assert!(first.status.success(), "{}", said(&first));
    let record = vpp.root.path().join("run/imp/vpp/core.applied");
    let applied: serde_json::Value = serde_json::from_slice(&std::fs::read(&record).unwrap()).unwrap();
    assert_eq!(applied["generation"], "0123abcd");
    assert_eq!(applied["pid"], vpp.pid());
    assert!(applied["start_time"].as_u64().unwrap() > 0);
    let log = vpp.ask("show logging").text;
    assert!(log.trim_end().ends_with("CLI: imp-applied:0123abcd"), "{log}");

    let second = vpp.apply("0123abcd", CORE_COMMANDS);
    assert!(second.status.success());
    assert_eq!(said(&second), "");
    assert_eq!(vpp.ask("show logging").text, log);
}

#[test]
fn a_vpp_that_was_restarted_gets_everything_again() {
    if !has_python() {
        return;
    }
    let mut vpp = StandIn::core();
    assert!(vpp.apply("0123abcd", CORE_COMMANDS).status.success());
    vpp.restart(CORE);
    assert!(!vpp.ask("show interface address").text.contains("external.25"));
    let again = vpp.apply("0123abcd", CORE_COMMANDS);
    assert!(again.status.success(), "{}", said(&again));
    assert!(
        vpp.ask("show interface address")
            .text
            .contains("external.25 (up):")
    );
}

#[test]
fn a_vpp_with_other_commands_needs_a_restart() {
    if !has_python() {
        return;
    }
    let vpp = StandIn::core();
    assert!(vpp.apply("aaaa", CORE_COMMANDS).status.success());
    let other = vpp.apply("bbbb", CORE_COMMANDS);
    assert_eq!(other.status.code(), Some(1));
    assert_eq!(
        said(&other),
        "error: vpp 'core' already has configuration aaaa: restart vpp-core.service\n"
    );
    for record in ["core.applied", "core.begun"] {
        std::fs::remove_file(vpp.root.path().join("run/imp/vpp").join(record)).unwrap();
    }
    // The files are gone, VPP's own log still tells.
    assert_eq!(
        said(&vpp.apply("bbbb", CORE_COMMANDS)),
        "error: vpp 'core' already has configuration aaaa or part of it: restart vpp-core.service\n"
    );
}

#[test]
fn a_vlan_keeps_its_mtu_below_its_parents() {
    if !has_python() {
        return;
    }
    let vpp = StandIn::core();
    let commands = "lcp create external host-if external\n\
                    set interface mtu packet 9216 external\n\
                    create sub-interfaces external 25\n\
                    lcp create external.25 host-if external.25\n\
                    set interface mtu packet 1500 external.25\n\
                    set interface mtu packet 9000 internal\n\
                    lcp create internal host-if internal\n\
                    create sub-interfaces internal 30\n\
                    set interface mtu packet 1400 internal\n\
                    set interface mtu packet 1300 internal.30\n";
    let applied = vpp.apply("aaaa", commands);
    assert!(applied.status.success(), "{}", said(&applied));
    let shown = vpp.ask("show interface").text;
    let mtu = |name: &str| {
        let mut lines = shown
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>());
        lines.find(|words| words[0] == name).unwrap()[3].to_owned()
    };
    // Set at once, it would be the parent's 50 ms later.
    assert_eq!(mtu("external.25"), "1500/0/0/0", "{shown}");
    assert_eq!(mtu("internal.30"), "1300/0/0/0", "{shown}");
}

#[test]
fn a_device_with_the_name_of_a_pair_is_not_taken_over() {
    if !has_python() {
        return;
    }
    let vpp = StandIn::core();
    let imp = vpp.root.path().join("run/imp");
    std::fs::create_dir_all(&imp).unwrap();
    // The dataplane's namespace is the one this test is in, which has an lo.
    std::os::unix::fs::symlink("/proc/self/ns/net", imp.join("netns")).unwrap();
    let commands = "# at imp.toml:7\nlcp create external host-if lo\n";
    let refused = vpp.apply("aaaa", commands);
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(
        said(&refused),
        "error: E0530: imp.toml:7: the namespace already has a device 'lo', which vpp would take over\n"
    );
    assert!(!vpp.ask("show lcp").text.contains("itf-pair"), "nothing was sent");
}

#[test]
fn why_it_failed_is_on_record_until_it_works() {
    if !has_python() {
        return;
    }
    let mut vpp = StandIn::core();
    let record = vpp.root.path().join("run/imp/vpp/core.failed");
    assert!(
        !vpp.apply("aaaa", "# at imp.toml:7\nset interface state nosuch up\n")
            .status
            .success()
    );
    let text = std::fs::read_to_string(&record).unwrap();
    assert!(
        text.contains("aaaa") && text.contains("imp.toml:7: vpp refused 'set interface state nosuch up': "),
        "{text}"
    );
    vpp.restart(CORE);
    assert!(
        vpp.apply("bbbb", "set interface state external up\n")
            .status
            .success()
    );
    assert!(!record.exists());
}

#[test]
fn the_first_refusal_stops_and_names_the_line() {
    if !has_python() {
        return;
    }
    let vpp = StandIn::core();
    let commands = "set interface state external up\n# at 20-dataplane.toml:31\n\
                    set interface state nosuch0 up\nset interface state internal up";
    let output = vpp.apply("aaaa", commands);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        said(&output),
        "error: 20-dataplane.toml:31: vpp refused 'set interface state nosuch0 up': \
         set interface state: unknown interface `nosuch0 up'\n"
    );
    let state = vpp.ask("show interface address").text;
    // What was under way behind the refused command has been carried out.
    assert!(
        state.contains("external (up):") && state.contains("internal (up):"),
        "{state}"
    );
    let log = vpp.ask("show logging").text;
    assert!(!log.contains("imp-applied"), "{log}");
    assert!(!vpp.root.path().join("run/imp/vpp/core.applied").exists());
    // Half configured: the same file cannot be given again, and it says what can be done.
    assert_eq!(
        said(&vpp.apply("aaaa", commands)),
        "error: vpp 'core' already has part of configuration aaaa: restart vpp-core.service\n"
    );
}

/// What VPP answers with success although it did nothing, or something else.
#[test]
fn what_vpp_never_reports_is_found() {
    if !has_python() {
        return;
    }
    let permit = "set acl-plugin acl permit src 10.0.0.0/8 dst 192.0.2.0/24";
    let long = "x".repeat(64);
    let cases = [
        (
            format!("{permit} proto tcp dport 80 tag web"),
            "does not have acl 0 'web': permit 10.0.0.0/8 to 192.0.2.0/24 dport 80-80 'proto tcp'; \
             instead it has acl 0 'cli': permit 10.0.0.0/8 to 192.0.2.0/24",
        ),
        (
            "set acl-plugin acl permit srcc 10.0.0.0/8 dst 192.0.2.0/24 tag web".to_owned(),
            "instead it has acl 0 'cli': permit 0.0.0.0/0 to 0.0.0.0/0",
        ),
        (
            "set acl-plugin acl permit src 10.0.0.0/33 dst 192.0.2.0/24 tag web".to_owned(),
            "instead it has acl 0 'cli': permit 0.0.0.0/0 to 0.0.0.0/0",
        ),
        (
            format!("{permit} tag {long}"),
            "it printed nothing and did nothing",
        ),
        (
            "set acl-plugin acl permit src 10.0.0.0/8 dst ::/0 tag web".to_owned(),
            "it printed nothing and did nothing",
        ),
        (
            format!("{permit} dport 90-80 tag web"),
            "it printed nothing and did nothing",
        ),
        (
            "set acl-plugin acl index 7 permit src ::/0 dst ::/0".to_owned(),
            "it printed nothing and did nothing",
        ),
        (
            "ip route add 192.0.2.0/33 via 192.0.2.1 external".to_owned(),
            "Invalid prefix len: 33",
        ),
        (
            "abf policy add id 1 via 192.0.2.1 external".to_owned(),
            "ACL index must be set",
        ),
        (
            "ip6 nd external ra-interval 30 25".to_owned(),
            "does not have advertisements on 'external' every 25 to 30 s; \
             instead it has 2001:db8::/64 advertised on 'external'; a router's lifetime of 600 s on 'external'; \
             advertisements on 'external' every 150 to 200 s",
        ),
    ];
    let before = "set interface state external up\nset interface ip address external 2001:db8::1/64\n\
                  ip6 nd external prefix 2001:db8::/64 infinite";
    for (command, expected) in cases {
        let vpp = StandIn::core();
        let output = vpp.apply("aaaa", &format!("{before}\n# at a.toml:7\n{command}"));
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{command}: {said}");
        assert!(said.starts_with("error: a.toml:7: vpp "), "{command}: {said}");
        assert!(said.contains(expected), "{command}: {said}");
        assert!(!vpp.ask("show logging").text.contains("imp-applied"));
    }
}

#[test]
fn linux_cp_refusals_carry_the_reason_from_the_log() {
    if !has_python() {
        return;
    }
    let create = "# at a.toml:1\nlcp create external host-if external";
    let no_vhost = StandIn::start("core", CORE, &[("VPP_STAND_IN_NO_VHOST", "1")]);
    assert_eq!(
        said(&no_vhost.apply("aaaa", create)),
        "error: a.toml:1: vpp refused 'lcp create external host-if external': lcp create: linux-cp pair creation \
         failed (-11) (vpp's log: open '/dev/vhost-net': No such file or directory)\n"
    );
    let no_netns = StandIn::core();
    std::fs::remove_file(no_netns.root.path().join("run/netns/dataplane")).unwrap();
    assert!(said(&no_netns.apply("aaaa", create)).contains("failed (-12) (vpp's log: could not create tap"));
}

#[test]
fn a_vpp_that_dies_is_not_a_refusal() {
    if !has_python() {
        return;
    }
    let vpp = StandIn::start(
        "core",
        CORE,
        &[("VPP_STAND_IN_DIE", "set interface state internal up")],
    );
    let output = vpp.apply("aaaa", CORE_COMMANDS);
    assert_eq!(output.status.code(), Some(69), "{}", said(&output));
    assert_eq!(
        said(&output),
        "error: 20-dataplane.toml:31: lost the connection to vpp at 'set interface state internal up': \
         vpp closed the connection\n"
    );
}

#[test]
fn det44_lines_that_kill_vpp_are_named() {
    if !has_python() {
        return;
    }
    for map in [
        "det44 add in 10.0.0.0/28 out 203.0.113.0/24",
        "det44 add in 10.0.2.0/24",
        "det44 add in 10.0.0.0/16 out 203.0.113.0/24",
    ] {
        let vpp = StandIn::nat();
        let output = vpp.apply("aaaa", &format!("det44 plugin enable\n# at n.toml:3\n{map}"));
        assert_eq!(output.status.code(), Some(69));
        assert!(
            said(&output).starts_with(&format!("error: n.toml:3: lost the connection to vpp at '{map}'")),
            "{}",
            said(&output)
        );
        // VPP's handler turns every signal into an abort.
        assert_eq!(vpp.wait().signal(), Some(6));
    }
}

#[test]
fn a_nat_instance_is_verified_too() {
    if !has_python() {
        return;
    }
    let vpp = StandIn::start("nat", NAT, &[]);
    let refused = vpp.apply("aaaa", NAT_COMMANDS);
    assert!(
        said(&refused).contains("add outside memif1/0 failed"),
        "{}",
        said(&refused)
    );
    let commands = NAT_COMMANDS.replace(" outside memif1/0", "");
    let good = format!(
        "vpplog imp-begin:a\n{commands}det44 add in 10.30.0.9/24 out 203.0.113.0/28\nvpplog imp-applied:a\n"
    );
    run_through_stand_in(NAT, &good, std::path::Path::new("/nonexistent")).unwrap();
}

#[test]
fn a_file_that_is_not_a_commands_file_changes_nothing() {
    if !has_python() {
        return;
    }
    let vpp = StandIn::core();
    for (digest, commands, expected) in [
        ("", "", "the first command is not 'vpplog imp-begin:DIGEST'"),
        (
            "aaaa",
            "set interface state external up\u{7}",
            "line 2 contains a control character",
        ),
    ] {
        let output = vpp.apply(digest, commands);
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains(expected), "{}", said(&output));
    }
    assert!(vpp.ask("show interface address").text.contains("external (dn):"));
}

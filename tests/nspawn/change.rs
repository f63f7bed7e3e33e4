//! Edits of a running router, one after another: each takes effect, costs what 'impctl diff' said, and nothing else.

use super::example::assert_all_active;
use super::machine::Machine;
use super::peer::Peer;
use super::router::{Release, Router};
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;

/// Members of the prefix-list that gets one more.
const MEMBERS: u32 = 5_000;
/// Every process that forwards or routes.
const PROCESSES: &str = "systemctl show -p MainPID --value vpp-core vpp-nat frr systemd-networkd ssh incus; \
     pgrep -x 'watchfrr|zebra|bgpd|ospfd|ospf6d|bfdd|staticd|mgmtd' -l | sort -k2";
/// How often the sessions with the provider were established and dropped, while both are up.
const SESSIONS: &str = r#"for peer in 198.51.100.1 2001:db8:25::1; do
said=$(vtysh -c "show bgp neighbors $peer json")
grep -q '"bgpState":"Established"' <<<"$said" && grep -oE '"connections(Established|Dropped)":[0-9]+' <<<"$said" || exit
done"#;

/// The daemons that every edit leaves running.
const ROUTING: &str = "pgrep -x 'zebra|bgpd|ospfd|staticd|mgmtd' -l | sort -k2";
/// What the example has of OSPFv3 and BFD. The router boots without.
const OSPF6_ON_LOOPBACK: &str = "ospf6     = { area = 0, passive = true }\n";
const OSPF6_ON_VLAN: &str = "ospf6       = { area = 0 }\n";
const OSPF6: &str = "[ospf6]\ndefault-originate = true\n\n";
const BFD: &str = "bfd            = true\n";
/// The line before it.
const OSPF_ON_VLAN: &str = "ospf        = { area = 0 }\n";

/// An edit of `imp.toml`.
struct Edit {
    what: &'static str,
    from: &'static str,
    to: &'static str,
    /// Succeeds once the router has it.
    seen: &'static str,
}

/// Edits that cost nothing.
const LIVE: [Edit; 16] = [
    Edit {
        what: "a description",
        from: "\"Subscribers\"",
        to: "\"Customers\"",
        seen: "true",
    },
    Edit {
        what: "a route",
        from: "[routes]\n",
        to: "[routes]\n\"10.99.0.0/16\" = { blackhole = true }\n",
        seen: "ip -n dataplane route show | grep -q '^blackhole 10.99.0.0/16'",
    },
    Edit {
        what: "a second address",
        from: "\"100.64.0.1/22\", ",
        to: "\"100.64.0.1/22\", \"100.66.0.1/24\", ",
        seen: "ip -n dataplane address show internal.30 | grep -q 100.66.0.1/24",
    },
    Edit {
        what: "a VLAN",
        from: "[routes]\n",
        to: "[interfaces.internal.vlan.31]\naddresses = [\"100.67.0.1/24\"]\n\n[routes]\n",
        seen: "ip -n dataplane address show internal.31 | grep -q 100.67.0.1/24",
    },
    Edit {
        what: "a VLAN renumbered",
        from: "[interfaces.internal.vlan.31]",
        to: "[interfaces.internal.vlan.32]",
        seen: "ip -n dataplane address show internal.32 | grep -q 100.67.0.1/24 && \
               ! ip -n dataplane link show internal.31 2>/dev/null",
    },
    Edit {
        what: "an MTU",
        from: "[\"100.67.0.1/24\"]\n",
        to: "[\"100.67.0.1/24\"]\nmtu = 1400\n",
        seen: "ip -n dataplane link show internal.32 | grep -q 'mtu 1400'",
    },
    Edit {
        what: "a VLAN less",
        from: "[interfaces.internal.vlan.32]\naddresses = [\"100.67.0.1/24\"]\nmtu = 1400\n\n",
        to: "",
        seen: "! ip -n dataplane link show internal.32 2>/dev/null",
    },
    Edit {
        what: "a long prefix-list, and a route-map entry in front that uses it",
        from: "[prefix-lists]\n",
        to: "[[route-maps.TRANSIT-IN]]\naction = \"deny\"\nmatch  = { prefix-list = \"CUSTOMERS\" }\n\n\
             [prefix-lists]\nCUSTOMERS = { file = \"lists/customers.txt\" }\n",
        seen: "vtysh -c 'show route-map TRANSIT-IN' | grep -q CUSTOMERS",
    },
    Edit {
        what: "a neighbour",
        from: "[prefix-lists]\n",
        to: "[bgp.neighbors.\"100.66.0.9\"]\nremote-as = 64501\nroute-map = { in = \"TRANSIT-IN\", out = \"ANNOUNCE\" }\n\n[prefix-lists]\n",
        seen: "vtysh -c 'show bgp summary' | grep -q '^100.66.0.9 '",
    },
    Edit {
        what: "a det44 mapping",
        from: "[bgp]\n",
        to: "[[nat.cgn.mappings]]\ninside  = \"100.66.0.0/24\"\noutside = \"203.0.113.32/30\"\n\n[bgp]\n",
        seen: "vppctl -s /run/vpp/nat-cli.sock show det44 mappings | grep -q 100.66.0.0/24",
    },
    Edit {
        what: "a bridge",
        from: "[incus.storage-pools.default]",
        to: "[incus.bridges.incusbr1]\naddress = \"10.234.117.1/24\"\ngateway = \"10.234.117.5\"\n\n[incus.storage-pools.default]",
        seen: "ip -n dataplane address show incusbr1 | grep -q 10.234.117.5/24 && ip link show incusbr1",
    },
    Edit {
        what: "a bridge less",
        from: "[incus.bridges.incusbr1]\naddress = \"10.234.117.1/24\"\ngateway = \"10.234.117.5\"\n\n",
        to: "",
        seen: "! ip -n dataplane link show incusbr1 2>/dev/null",
    },
    Edit {
        what: "a firewall rule",
        from: "{ port = 9100, ",
        to: "{ port = 9101, ",
        seen: "nft list ruleset | grep -q 9101 && ! nft list ruleset | grep -q 9100",
    },
    Edit {
        what: "a hostname",
        from: "\"edge1\"",
        to: "\"edge2\"",
        seen: "[ \"$(hostname)\" = edge2 ]",
    },
    Edit {
        what: "a name server",
        from: "\"192.0.2.53\"",
        to: "\"192.0.2.54\"",
        seen: "grep -q 192.0.2.54 /etc/resolv.conf && ! grep -q 192.0.2.53 /etc/resolv.conf",
    },
    Edit {
        what: "the address of management",
        from: "\"172.16.0.10/24\"",
        to: "\"172.16.0.11/24\"",
        seen: "ip address show eth0 | grep -q 172.16.0.11/24 && ! ip address show eth0 | grep -q 172.16.0.10/24",
    },
];

#[test]
fn an_edit_costs_what_was_said_and_nothing_else() {
    edits(Release::Bookworm, "an_edit_costs_what_was_said_and_nothing_else");
}

#[test]
fn an_edit_costs_what_was_said_on_trixie() {
    edits(Release::Trixie, "an_edit_costs_what_was_said_on_trixie");
}

fn edits(release: Release, test: &str) {
    let Some(router) = Router::with_example_on(release, test) else {
        return;
    };
    write_list(&router, MEMBERS);
    for line in [OSPF6_ON_LOOPBACK, OSPF6, OSPF6_ON_VLAN, BFD] {
        router.edit(line, "");
    }
    // Not by chance, while the edits go on.
    router.write_image(
        "etc/systemd/system/imp-boot-assess.timer.d/rarely.conf",
        "[Timer]\nOnUnitInactiveSec=\nOnActiveSec=0\nOnUnitInactiveSec=1d\n",
    );
    let machine = router.boot();
    let _peer = Peer::start(&router, &machine);
    let sessions = machine.until("both sessions are Established", 60, SESSIONS);
    let processes = machine.sh(PROCESSES);
    let assessed = assessed(&machine);
    for edit in &LIVE {
        router.edit(edit.from, edit.to);
        costs_nothing(&machine, edit.what, edit.seen);
        assert_eq!(
            machine.sh(PROCESSES),
            processes,
            "{}: a process was restarted",
            edit.what
        );
        assert_eq!(
            machine.sh(SESSIONS),
            sessions,
            "{}: a session was reset",
            edit.what
        );
    }
    write_list(&router, MEMBERS + 1);
    let seen = "vtysh -c 'show ip prefix-list' | grep -q '10.0.19.136/32'";
    costs_nothing(&machine, "one member of a list more", seen);
    assert_eq!(machine.sh(SESSIONS), sessions);
    assert_eq!(
        machine.property("imp-boot-assess.service", "InvocationID"),
        assessed,
        "an edit started an assessment of the boot"
    );
    daemons_come_and_go(&router, &machine, &sessions);
    one_session_is_reset_and_no_other(&router, &machine);
    restarts_core_and_says_so(&router, &machine);
    machine.power_off();
}

#[test]
fn a_change_outlives_its_terminal_and_an_interface_gets_another_name() {
    let test = "a_change_outlives_its_terminal_and_an_interface_gets_another_name";
    let Some(router) = Router::with_example(test) else {
        return;
    };
    let machine = router.boot();
    let _peer = Peer::start(&router, &machine);
    machine.until("both sessions are Established", 60, SESSIONS);
    goes_on_when_the_session_is_gone(&router, &machine);
    another_name_costs_what_was_said(&router, &machine);
    machine.power_off();
}

/// The assessment of this boot that has ended well.
fn assessed(machine: &Machine) -> String {
    machine.until(
        "the boot is good",
        120,
        "impctl boot status | grep -q ', good$' && ! systemctl -q is-active imp-boot-assess",
    );
    machine.property("imp-boot-assess.service", "InvocationID")
}

/// An interface of another name is another interface to all who work with it.
fn another_name_costs_what_was_said(router: &Router, machine: &Machine) {
    router.edit("[interfaces.internal]\n", "[interfaces.access]\n");
    router.edit("[interfaces.internal.vlan.30]", "[interfaces.access.vlan.30]");
    router.edit("\"internal.30\"", "\"access.30\"");
    let core = machine.property("vpp-core.service", "MainPID");
    let said = machine.try_sh("impctl diff").0;
    assert!(
        said.contains("interfaces.internal is now interfaces.access"),
        "{said}"
    );
    assert!(
        said.contains("gives back 'internal', takes in 'access'"),
        "{said}"
    );
    let applied = machine.sh("impctl apply");
    machine.until(
        "the interface has its name and its address",
        30,
        "ip -n dataplane address show access.30 | grep -q 100.64.0.1/22 && ! ip -n dataplane link show internal.30 2>/dev/null",
    );
    let same = machine.property("vpp-core.service", "MainPID") == core;
    assert_eq!(said.contains("restarts VPP core"), !same, "{said}\n{applied}");
    machine.settle();
    assert_all_active(machine);
    machine.until("both sessions are Established again", 60, SESSIONS);
    assert_eq!(machine.sh("impctl diff"), "no difference in meaning");
}

/// The terminal that a change was typed on goes away in its middle, as with an SSH session: the change goes on.
fn goes_on_when_the_session_is_gone(router: &Router, machine: &Machine) {
    const SESSION: &str = "cd /run; export TERM=vt100; script -qfc 'impctl apply -m gone' seen </dev/null >/dev/null 2>&1 & session=$!
until grep -q 'at work' seen 2>/dev/null; do kill -0 $session || exit 1; sleep 0.05; done
kill -9 $session; for try in $(seq 50); do pgrep -x impctl >/dev/null || exit 0; sleep 0.1; done; exit 1";
    router.edit("buffers-per-numa = 16384", "buffers-per-numa = 8192");
    let core = machine.property("vpp-core.service", "MainPID");
    machine.sh(SESSION);
    let seen = machine.sh("cat /run/seen");
    assert!(seen.contains("\r  ") && !seen.contains('\u{1b}'), "{seen:?}");
    machine.until(
        "the change has ended without whoever asked for it",
        60,
        "grep -qE '\"outcome\": *\"done\"' /run/imp/apply.json && grep -q gone /run/imp/apply.json",
    );
    assert_ne!(machine.property("vpp-core.service", "MainPID"), core);
    assert!(machine.sh("impctl history").contains("gone"));
    machine.settle();
    assert_all_active(machine);
    machine.until("both sessions are Established again", 60, SESSIONS);
}

/// Said beforehand, done, and none of the packets through another interface lost.
fn costs_nothing(machine: &Machine, what: &str, seen: &str) {
    let (said, is_same) = machine.try_sh("impctl diff");
    assert!(!is_same, "{what}: no difference was found");
    assert!(
        !said.contains("restarts") && !said.contains("resets"),
        "{what} was to cost something: {said}"
    );
    machine.sh("systemd-run -q --collect --unit ping -p StandardOutput=truncate:/run/ping ip netns exec dataplane ping -i 0.1 198.51.100.1");
    let applied = machine.sh(&format!("impctl apply -m '{what}'"));
    machine.until(&format!("{what} is in force"), 20, seen);
    machine.sh("systemctl stop ping");
    // The last ones may be on their way.
    let lost = machine
        .try_sh("grep -o 'icmp_seq=[0-9]*' /run/ping | cut -d= -f2 | awk '$1 != ++n { print; exit }'")
        .0;
    assert_eq!(
        lost, "",
        "{what}: the answers to pings before this one are lost\n{applied}"
    );
    let (said, is_same) = machine.try_sh("impctl diff");
    assert!(is_same, "{what} is not done: {said}\n{applied}");
    machine.settle();
    assert_all_active(machine);
}

/// A daemon starts for the first line that it is for and stops behind the last one. The others, and the sessions, do not notice.
fn daemons_come_and_go(router: &Router, machine: &Machine, sessions: &str) {
    let kept = machine.sh(ROUTING);
    let stays = |what: &str| {
        assert_eq!(machine.sh(ROUTING), kept, "{what}: a daemon was restarted");
        assert_eq!(machine.sh(SESSIONS), sessions, "{what}: a session was reset");
        assert_eq!(
            machine.sh("cat /run/frr/watchfrr.pid"),
            machine.property("frr.service", "MainPID")
        );
        assert_eq!(machine.property("frr.service", "NRestarts"), "0");
    };
    router.edit(OSPF_ON_VLAN, &format!("{OSPF_ON_VLAN}{OSPF6_ON_VLAN}"));
    router.edit("[ospf]\n", &format!("{OSPF6}[ospf]\n"));
    let said = machine.try_sh("impctl diff").0;
    assert!(said.contains("starts ospf6d, "), "{said}");
    let seen = "vtysh -c 'show ipv6 ospf6 interface' | grep -q '^internal.30 is up'";
    costs_nothing(machine, "the first interface with OSPFv3", seen);
    stays("ospf6d");
    // Whoever looks after it starts it again.
    machine.sh("kill -9 $(cat /run/frr/ospf6d.pid)");
    machine.until("ospf6d is back", 60, seen);
    stays("ospf6d again");

    let neighbor = "[bgp.neighbors.\"100.66.0.10\"]\nremote-as = 64501\nbfd = true\n\
         route-map = { in = \"TRANSIT-IN\", out = \"ANNOUNCE\" }\n\n";
    router.edit("[prefix-lists]\n", &format!("{neighbor}[prefix-lists]\n"));
    let seen = "vtysh -c 'show bfd peers' | grep -q 100.66.0.10";
    costs_nothing(machine, "the first user of BFD", seen);
    stays("bfdd");

    // What goes first is said to cost its own session and no other.
    router.edit(neighbor, "");
    let said = machine.try_sh("impctl diff").0;
    assert!(
        said.contains("stops bfdd") && said.contains("the BGP sessions with 100.66.0.10: "),
        "{said}"
    );
    router.edit(OSPF6_ON_VLAN, "");
    router.edit(OSPF6, "");
    machine.sh("impctl apply");
    machine.settle();
    assert_all_active(machine);
    stays("no bfdd, no ospf6d");
    let watched = machine.sh("vtysh -d watchfrr -c 'show watchfrr' | awk '$2 == \"Up\" { print $1 }'; pgrep -x 'ospf6d|bfdd' || true");
    assert!(
        !watched.contains("ospf6d") && !watched.contains("bfdd") && watched.contains("bgpd"),
        "{watched}"
    );
}

/// The session whose password changes falls; the other one stays.
fn one_session_is_reset_and_no_other(router: &Router, machine: &Machine) {
    const FIRST: &str = "vtysh -c 'show bgp neighbors 198.51.100.1 json' | grep -oE '\"connections(Established|Dropped)\":[0-9]+'";
    const SECOND: &str =
        "vtysh -c 'show bgp neighbors 2001:db8:25::1 json' | grep -oE '\"bgpState\":\"[A-Za-z]+\"'";
    let first = machine.sh(FIRST);
    let (of_second, other) = (
        "\"Transit A v6\"\nremote-as     = 64496\n",
        "password-file = \"secrets/bgp-other\"\n",
    );
    let same = "password-file = \"secrets/bgp-transit-a\"\n";
    router.write_config("secrets/bgp-other", "another\n");
    let secret = router.config("secrets/bgp-other");
    std::fs::set_permissions(secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    router.edit(&format!("{of_second}{same}"), &format!("{of_second}{other}"));
    let said = machine.try_sh("impctl diff").0;
    let resets = "resets the BGP sessions with 2001:db8:25::1: the password changes";
    assert!(said.contains(resets), "{said}");
    machine.sh("impctl apply");
    machine.until(
        "the session with another password is down",
        30,
        &format!("! {SECOND} | grep -q Established"),
    );
    router.edit(&format!("{of_second}{other}"), &format!("{of_second}{same}"));
    machine.sh("impctl apply");
    machine.until("both sessions are Established again", 60, SESSIONS);
    assert_eq!(machine.sh(FIRST), first, "the other session was reset");
    machine.settle();
}

/// What cannot be had without a restart is announced as one.
fn restarts_core_and_says_so(router: &Router, machine: &Machine) {
    router.edit("buffers-per-numa = 16384", "buffers-per-numa = 8192");
    let core = machine.property("vpp-core.service", "MainPID");
    let nat = machine.property("vpp-nat.service", "MainPID");
    let (said, _) = machine.try_sh("impctl diff");
    assert!(said.contains("restarts VPP core and FRR"), "{said}");
    machine.sh("impctl apply");
    machine.settle();
    assert_all_active(machine);
    assert_ne!(machine.property("vpp-core.service", "MainPID"), core);
    assert_eq!(machine.property("vpp-nat.service", "MainPID"), nat);
    machine.until("both sessions are Established again", 60, SESSIONS);
}

fn write_list(router: &Router, members: u32) {
    let mut text = String::new();
    for member in 0..members {
        let [_, b, c, d] = member.to_be_bytes();
        let _ = writeln!(text, "10.{b}.{c}.{d}/32");
    }
    std::fs::create_dir_all(router.config("lists")).unwrap();
    router.write_config("lists/customers.txt", &text);
}

//! The example of the documentation, booted.

use super::machine::Machine;
use super::peer::Peer;
use super::router::{Release, Router};
use crate::patience::Patience;

/// Everything that must be active once the example has booted.
pub const UNITS: [&str; 19] = [
    "imp.target",
    "imp-machine-id.service",
    "imp-config.service",
    "imp-config-verdict.service",
    "imp-identity.service",
    "imp-nftables.service",
    "systemd-networkd.service",
    "netns-dataplane.service",
    "netns-move-interfaces.service",
    "vpp-core.service",
    "vpp-core-config.service",
    "vpp-nat.service",
    "vpp-nat-config.service",
    "etc-frr.mount",
    "frr.service",
    "frr-config.service",
    "var-lib-incus.mount",
    "incus.service",
    "incus-dataplane.service",
];

/// Every unit is active, none failed, and systemd had no cycle to break.
pub fn assert_all_active(machine: &Machine) {
    for unit in UNITS {
        let state = machine.state(unit);
        assert_eq!(
            state,
            "active",
            "{unit}: {}",
            machine.journal(&format!("-u {unit}"))
        );
    }
    assert_eq!(machine.state("ssh.service"), "active");
    assert_eq!(machine.sh("systemctl --failed --no-legend --plain"), "");
    let journal = machine.journal("");
    assert!(!journal.contains("ordering cycle"), "{journal}");
}

/// The routes of the namespace, once FRR has put in those of the configuration.
pub fn routes(machine: &Machine) -> String {
    for (family, route) in [
        ("-4", "default via 198.51.100.1"),
        ("-4", "blackhole 192.168.0.0/16"),
        ("-4", "blackhole 203.0.113.0/24"),
        ("-6", "default via 2001:db8:25::1"),
        ("-6", "blackhole 2001:db8:100::/40"),
    ] {
        let script =
            format!("ip -n dataplane {family} route show | sed 's/nhid [0-9]* //' | grep '^{route}'");
        machine.until(&format!("FRR's route {route}"), 30, &script);
    }
    // Each zebra numbers next-hop objects afresh.
    machine
        .sh("{ ip -n dataplane route show; ip -n dataplane -6 route show; } | sed 's/nhid [0-9]* //' | sort")
}

#[test]
fn the_example_boots_and_every_unit_is_active() {
    boots_whole(Release::Bookworm, "the_example_boots_and_every_unit_is_active");
}

#[test]
fn the_example_boots_on_trixie_and_every_unit_is_active() {
    boots_whole(
        Release::Trixie,
        "the_example_boots_on_trixie_and_every_unit_is_active",
    );
}

fn boots_whole(release: Release, test: &str) {
    let Some(router) = Router::with_example_on(release, test) else {
        return;
    };
    let machine = router.boot();
    assert_all_active(&machine);
    nics_are_where_they_belong(&machine);
    frr_runs_what_was_rendered(&machine);
    bgp_is_established(&router, &machine);
    machine.power_off();
}

fn nics_are_where_they_belong(machine: &Machine) {
    let inside = machine.sh("ip -n dataplane -br link show");
    for nic in ["eth1", "eth2", "incusbr0-vpp"] {
        assert!(inside.contains(nic), "{nic} is not in the namespace:\n{inside}");
    }
    let host = machine.sh("ip -br address show");
    assert!(!host.contains("eth1") && !host.contains("eth2"), "{host}");
    assert!(host.contains("incusbr0-dp"), "{host}");
    let management = host.lines().find(|line| line.starts_with("eth0")).unwrap();
    assert!(management.contains("172.16.0.10/24"), "{management}");
}

/// `show running-config` holds every line of frr.conf.
fn frr_runs_what_was_rendered(machine: &Machine) {
    let running = machine.sh("vtysh -c 'show running-config'");
    for line in machine.sh("cat /etc/frr/frr.conf").lines() {
        let line = line.trim();
        let structure =
            line.is_empty() || line.starts_with('!') || line.starts_with('#') || line.starts_with("exit");
        assert!(
            structure || running.lines().any(|found| found.trim() == line),
            "'{line}' does not run:\n{running}"
        );
    }
}

fn bgp_is_established(router: &Router, machine: &Machine) {
    let peer = Peer::start(router, machine);
    machine.until(
        "both BGP sessions are Established",
        60,
        "[ $(vtysh -c 'show bgp neighbors' | grep -c 'BGP state = Established') = 2 ]",
    );
    machine.until(
        "the peer's prefix is in the kernel",
        20,
        "ip -n dataplane route show | grep -q '^198.18.0.0/15'",
    );
    let mut patience = Patience::new(20);
    while !peer.routes().contains("203.0.113.0/24") {
        assert!(patience.lasts(), "not announced:\n{}", peer.routes());
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

//! NICs that are missing, late, or given back.

use super::example::{UNITS, assert_all_active};
use super::network::{EXTERNAL, INTERNAL, MANAGEMENT};
use super::router::Router;

/// SSH is up before the dataplane gives up a NIC: by what systemd noted, not by when somebody looked.
#[test]
fn ssh_does_not_wait_for_a_missing_nic() {
    let Some(mut router) = Router::with_example("ssh_does_not_wait_for_a_missing_nic") else {
        return;
    };
    router.nics = vec![MANAGEMENT, INTERNAL];
    router.edit("nic-wait  = \"30s\"", "nic-wait  = \"10s\"");
    let machine = router.boot();
    let when = |unit: &str, event: &str| -> u64 { machine.property(unit, event).parse().unwrap() };
    let ssh = when("ssh", "ActiveEnterTimestampMonotonic");
    let begun = when("netns-move-interfaces", "ExecMainStartTimestampMonotonic");
    let given_up = when("netns-move-interfaces", "ExecMainExitTimestampMonotonic");
    assert!(
        given_up >= begun + 10_000_000 && (1..given_up).contains(&ssh),
        "ssh at {ssh}, the NICs from {begun} to {given_up} µs"
    );
    assert_degraded_but_running(&machine);
}

fn assert_degraded_but_running(machine: &super::machine::Machine) {
    let said = machine.journal("-u netns-move-interfaces.service");
    for part in ["'external'", "b4:96:91:00:00:10", "eth2"] {
        assert!(said.contains(part), "no {part} in\n{said}");
    }
    for unit in ["vpp-core.service", "vpp-core-config.service", "frr.service"] {
        assert_eq!(machine.state(unit), "active", "{unit}");
    }
    assert!(machine.sh("ip -n dataplane -br link").contains("eth2"));
}

#[test]
fn a_nic_that_comes_late_is_waited_for() {
    let Some(mut router) = Router::with_example("a_nic_that_comes_late_is_waited_for") else {
        return;
    };
    router.nics = vec![MANAGEMENT, INTERNAL];
    let machine = router.power_on();
    machine.until(
        "imp-nic waits",
        20,
        "[ $(systemctl show -p ActiveState --value netns-move-interfaces) = activating ]",
    );
    machine.network.plug(EXTERNAL);
    machine.settle();
    assert_all_active(&machine);
}

#[test]
fn stopping_the_namespace_puts_the_nics_back_and_starting_takes_them_again() {
    let Some(router) =
        Router::with_example("stopping_the_namespace_puts_the_nics_back_and_starting_takes_them_again")
    else {
        return;
    };
    let machine = router.boot();
    machine.sh("systemctl stop netns-dataplane.service");
    let host = machine.sh("ip -br link show");
    for nic in ["eth1", "eth2"] {
        assert!(host.contains(nic), "{nic} did not come back:\n{host}");
    }
    assert!(!host.contains("incusbr0-dp"), "{host}");
    machine.sh("[ ! -e /run/netns/dataplane ]");
    machine.sh("systemctl start imp.target");
    machine.settle();
    // imp.target stayed active while what it wants was stopped: that is started by hand.
    machine.sh(&format!("systemctl start {}", UNITS.join(" ")));
    machine.settle();
    assert_all_active(&machine);
}

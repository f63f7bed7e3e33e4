//! What Incus does not notice, or gets wrong by itself.

use super::*;

#[test]
fn what_incus_does_not_notice_is_repaired_by_itself() {
    let Some(router) = Router::with_example("what_incus_does_not_notice_is_repaired_by_itself") else {
        return;
    };
    let machine = router.boot();
    is_whole(&machine);
    for harm in [
        "ip link delete incusbr0",
        "pkill -9 -f '[d]nsmasq.*--interface=incusbr0'",
        "kill -9 $(systemctl show -p MainPID --value incus.service)",
        "systemctl restart incus.service",
        "ip link set incusbr0-dp nomaster",
        "ip link delete incusbr0-dp; systemctl reload netns-move-interfaces.service",
        "systemctl restart vpp-core.service",
        "ip address flush dev incusbr0",
        FAILED,
    ] {
        machine.sh(harm);
        // Not the state before the harm shows.
        machine.sh("sleep 1");
        eprintln!("after: {harm}");
        is_whole(&machine);
    }
    drift_is_repaired_and_the_operators_keys_stay(&machine);
    a_dnsmasq_in_a_container_is_not_ours(&machine);
    a_dead_watcher_is_seen(&machine);
    whoever_has_the_number_of_a_dead_dnsmasq_lives(&machine);
    machine.power_off();
}

/// As after a reboot: what Incus noted is the number of another process.
const NOTED: &str = "systemctl stop incus-dataplane.service incus.service; pkill -9 -f '^dnsmasq .*--interface=incusbr0'; \
    systemd-run --quiet --unit=other sleep 600; \
    sed -i \"s/^pid: .*/pid: $(systemctl show -p MainPID --value other.service)/\" /var/lib/incus/networks/incusbr0/dnsmasq.pid";

fn whoever_has_the_number_of_a_dead_dnsmasq_lives(machine: &Machine) {
    machine.sh(NOTED);
    machine.sh(&format!("systemctl start {UNIT}"));
    is_whole(machine);
    machine.sh("systemctl is-active other.service && systemctl stop other.service");
    // One that lives is known by its number, and replaced.
    machine.sh("systemctl restart incus.service");
    machine.until(
        "one answers",
        60,
        "test $(pgrep -c -f '^dnsmasq .*--interface=incusbr0') = 1 && ss -Hlnu src 10.234.116.1:53 | grep -q 10.234.116.1",
    );
    is_whole(machine);
}

/// An incusd that died and is not started again, as after its fifth death in ten seconds.
const FAILED: &str = "mkdir -p /run/systemd/system/incus.service.d; \
    printf '[Service]\\nRestart=no\\n' >/run/systemd/system/incus.service.d/test.conf; systemctl daemon-reload; \
    kill -9 $(systemctl show -p MainPID --value incus.service); ip link delete incusbr0";

/// What an Incus in a container runs for a bridge of the same name: a process in a PID namespace below ours.
const NESTED: &str = "cp /bin/bash /run/imp-test-dnsmasq; mkdir -p /run/nested; mv /run/imp-test-dnsmasq /run/nested/dnsmasq; \
    systemd-run --quiet --unit=nested unshare --pid --fork /run/nested/dnsmasq -c 'sleep 300; true' x --interface=incusbr0";

fn a_dnsmasq_in_a_container_is_not_ours(machine: &Machine) {
    machine.sh(NESTED);
    machine.until("the nested one runs", 10, "pgrep -f '^/run/nested/[d]nsmasq'");
    machine.sh("pkill -9 -f '^dnsmasq .*--interface=incusbr0'");
    machine.until(
        "another one answers",
        60,
        "ss -Hlnu src 10.234.116.1:53 | grep -q 10.234.116.1",
    );
    machine.sh("pgrep -f '^/run/nested/[d]nsmasq'; systemctl stop nested.service");
    is_whole(machine);
}

fn a_dead_watcher_is_seen(machine: &Machine) {
    machine.sh(&format!("kill $(systemctl show -p MainPID --value {UNIT})"));
    machine.until(
        "the unit is down",
        10,
        &format!("! systemctl is-active --quiet {UNIT}"),
    );
    machine.sh(&format!("systemctl start {UNIT}"));
    is_whole(machine);
}

fn drift_is_repaired_and_the_operators_keys_stay(machine: &Machine) {
    machine.sh(&format!(
        "{CLIENT} incus network set incusbr0 ipv4.nat=true dns.domain=lan user.note=mine; \
         incus profile device set default root size=5GiB; \
         incus profile device remove default eth0"
    ));
    machine.sh(&format!("systemctl restart {UNIT}"));
    is_whole(machine);
    let told = told(machine);
    for kept in [
        "\"ipv4.nat\": \"false\"",
        "\"dns.domain\": \"lan\"",
        "\"user.note\": \"mine\"",
        "\"size\": \"5GiB\"",
        "\"network\": \"incusbr0\"",
    ] {
        assert!(told.contains(kept), "{kept} is not in:\n{told}");
    }
}

#[test]
fn a_held_port_53_is_reported_and_releasing_it_is_enough() {
    let Some(router) = Router::with_example("a_held_port_53_is_reported_and_releasing_it_is_enough") else {
        return;
    };
    hold_port_53(&router, "0.0.0.0");
    let machine = router.boot();
    assert_eq!(machine.state(UNIT), "failed");
    let journal = machine.journal(&format!("-u {UNIT}"));
    assert!(
        journal.contains("E0602") || journal.contains("E0605"),
        "{journal}"
    );
    for unit in [
        "vpp-core-config.service",
        "frr.service",
        "ssh.service",
        "systemd-networkd.service",
    ] {
        assert_eq!(machine.state(unit), "active", "{unit}");
    }
    machine.sh("systemctl stop holder.service");
    machine.until(
        "it heals by itself",
        150,
        &format!("systemctl is-active --quiet {UNIT}"),
    );
    is_whole(&machine);
    machine.power_off();
}

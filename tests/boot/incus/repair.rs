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
    ] {
        machine.sh(harm);
        // Not the state before the harm shows.
        machine.sh("sleep 1");
        eprintln!("after: {harm}");
        is_whole(&machine);
    }
    drift_is_repaired_and_the_operators_keys_stay(&machine);
    machine.power_off();
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

const HOLDER: &str = "import socket, time\n\
    kinds = [socket.SOCK_DGRAM, socket.SOCK_STREAM]\n\
    held = [socket.socket(socket.AF_INET, kind) for kind in kinds]\n\
    [s.bind((\"0.0.0.0\", 53)) for s in held]\n\
    held[1].listen()\n\
    time.sleep(600)\n";

#[test]
fn a_held_port_53_is_said_and_its_end_is_enough() {
    let Some(router) = Router::with_example("a_held_port_53_is_said_and_its_end_is_enough") else {
        return;
    };
    router.write_image("opt/holder.py", HOLDER);
    router.write_image(
        "etc/systemd/system/holder.service",
        "[Unit]\nBefore=incus.socket incus.service\nDefaultDependencies=no\nAfter=local-fs.target\n\
         [Service]\nExecStart=/usr/bin/python3 /opt/holder.py\n",
    );
    router.write_image(
        "etc/systemd/system/incus.socket.d/holder.conf",
        "[Unit]\nWants=holder.service\n",
    );
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

//! Run again, killed half-way: the end is the same.

use super::example::{UNITS, assert_all_active};
use super::machine::{Machine, assert_same};
use super::router::Router;

/// Everything our steps make, with inode and time of change: a file that was written again differs.
const TRACES: &str = "find /run/imp /run/systemd/network /persistent -printf '%p %i %C@ %s\\n' | grep -v '/journal/' | sort; \
    cut -d' ' -f4,5,10- /proc/self/mountinfo; ls -i /run/netns; ip -br link; ip -n dataplane -br link";

/// The same without what differs from boot to boot.
const OUTCOME: &str = "cd /; find run/imp run/systemd/network persistent/config -type f ! -name '*.applied' ! -name '*.begun' | sort | xargs sha256sum; \
    { ip -br link; ip -n dataplane -br link; } | sed 's/[@ ].*//' | sort; cat /etc/hostname /etc/machine-id";

#[test]
fn a_second_run_of_every_step_changes_nothing_and_says_nothing() {
    let Some(router) = Router::with_example("a_second_run_of_every_step_changes_nothing_and_says_nothing")
    else {
        return;
    };
    let machine = router.boot();
    let before = machine.sh(TRACES);
    for step in [
        "imp-machine-id",
        "imp-config",
        "imp-identity",
        "imp-netns up",
        "imp-nic up",
        "imp-vpp core",
        "imp-vpp nat",
    ] {
        let said = machine.sh(&format!("/usr/lib/imp/{step}"));
        assert_eq!(said, "", "{step}");
        assert_same(&machine.sh(TRACES), &before, step);
    }
    assert_all_active(&machine);
}

/// Restarted one after the other by an operator who does not know what hangs on what.
#[test]
fn a_restart_of_every_unit_ends_where_it_began() {
    let Some(router) = Router::with_example("a_restart_of_every_unit_ends_where_it_began") else {
        return;
    };
    let machine = router.boot();
    let wanted = machine.sh(OUTCOME);
    for unit in UNITS {
        machine.sh(&format!("systemctl restart {unit}"));
        machine.settle();
        assert_all_active(&machine);
    }
    assert_same(&machine.sh(OUTCOME), &wanted, "after every unit was restarted");
}

/// Kills a step at its first, second, third … call of a kind, until it ends unhurt; starts it once more after each.
fn kill_everywhere(machine: &Machine, step: &str, calls: &str) {
    for count in 1..400 {
        let killed = format!(
            "strace -f -qq -e trace=none -e inject={calls}:signal=SIGKILL:when={count} -o /dev/null /usr/lib/imp/{step}"
        );
        let (_, unhurt) = machine.try_sh(&killed);
        machine.sh(&format!("/usr/lib/imp/{step}"));
        if unhurt {
            return;
        }
    }
    panic!("{step} never came to its end");
}

#[test]
fn imp_config_killed_anywhere_ends_the_same() {
    let Some(router) = Router::with_example("imp_config_killed_anywhere_ends_the_same") else {
        return;
    };
    let machine = router.boot();
    let wanted = machine.sh(OUTCOME);
    machine.power_off();
    // The state a power cut in the middle of imp-config leaves, at the first writes and at later ones.
    for when in [1, 3, 8, 20, 50] {
        run_in_an_emptied_machine(&router, when);
        let machine = router.boot();
        assert_same(&machine.sh(OUTCOME), &wanted, &format!("killed at write {when}"));
        machine.power_off();
    }
}

/// A boot whose imp-config is killed at a write, then the power is cut.
fn run_in_an_emptied_machine(router: &Router, when: u32) {
    let _ = std::fs::remove_dir_all(router.persistent().join("data/imp"));
    let drop_in = "etc/systemd/system/imp-config.service.d/kill.conf";
    router.write_image(
        drop_in,
        &format!(
            "[Service]\nExecStart=\nExecStart=/usr/bin/strace -f -qq -e trace=none -e inject=fsync:signal=SIGKILL:when={when} -o /dev/null /usr/lib/imp/imp-config\n\
             SystemCallFilter=\nCapabilityBoundingSet=CAP_SYS_PTRACE\n"
        ),
    );
    let machine = router.boot();
    assert_eq!(
        machine.state("ssh.service"),
        "active",
        "a killed imp-config leaves ssh up"
    );
    drop(machine);
    std::fs::remove_file(router.dir.join("up").join(drop_in)).unwrap();
}

#[test]
fn imp_nic_killed_anywhere_ends_the_same() {
    let Some(router) = Router::with_example("imp_nic_killed_anywhere_ends_the_same") else {
        return;
    };
    let machine = router.boot();
    let wanted = machine.sh(OUTCOME);
    machine.sh("systemctl stop frr vpp-core vpp-nat");
    kill_everywhere(&machine, "imp-nic down", "sendto,setns");
    kill_everywhere(&machine, "imp-nic up", "sendto,setns,fsync");
    machine.sh("systemctl start vpp-core vpp-nat frr");
    machine.settle();
    assert_all_active(&machine);
    assert_same(
        &machine.sh(OUTCOME),
        &wanted,
        "after imp-nic was killed at each of its calls",
    );
}

//! Steps that run again or are killed half-way: the result is the same.

use super::example::{UNITS, assert_all_active};
use super::machine::{Machine, assert_same};
use super::router::Router;
use std::thread::sleep;
use std::time::Duration;

/// Everything our steps create, with inode and time of change: a file that was written again differs. Incus writes as it
/// likes, and the assessment of the boot continues meanwhile.
const TRACES: &str = "find /run/imp /run/systemd/network /persistent -printf '%p %i %C@ %s\\n' | grep -vE '/(journal|data/incus)/|/data/imp/(boot|evidence)[/ ]|^/run/imp(/boot.json)? ' | sort; \
    cut -d' ' -f4,5,10- /proc/self/mountinfo; ls -i /run/netns; ip -br link; ip -n dataplane -br link";

/// The same without what differs from boot to boot.
const OUTCOME: &str = "cd /; find run/imp run/systemd/network persistent/config -type f ! -name '*.applied' ! -name '*.begun' ! -name boot.json ! -path run/imp/lock | sort | xargs sha256sum; \
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

/// An operator who does not know the dependencies restarts one unit after the other.
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
            "[Service]\nExecStart=\nExecStart=/usr/bin/strace -f -qq -e trace=fsync -e inject=fsync:signal=SIGKILL:when={when} -o /dev/null /usr/lib/imp/imp-config\n\
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

/// A step killed at the first, second, third … of the calls that change the machine, then after 2, 4, 6 … ms: each
/// thread counts its own calls. Each time `after` completes it; this ends once the step gets through without being killed.
fn kill_everywhere(machine: &Machine, step: &str, before: &str, after: impl Fn(u32)) {
    const CALLS: &str = "sendto,sendmsg,setns,fsync";
    let at_call = |count| {
        format!("strace -f -qq -e trace={CALLS} -e inject={CALLS}:signal=SIGKILL:when={count} -o /dev/null")
    };
    let after_time = |count| format!("timeout -s KILL 0.{:03}", count * 2);
    for killer in [&at_call as &dyn Fn(u32) -> String, &after_time] {
        let kills = (1..500).take_while(|count| {
            machine.sh(before);
            let (_, unhurt) = machine.try_sh(&format!("{} /usr/lib/imp/{step}", killer(*count)));
            after(*count);
            !unhurt
        });
        assert!(kills.count() > 3, "{step} was hardly ever killed");
    }
}

#[test]
fn imp_nic_killed_anywhere_ends_the_same() {
    let Some(router) = Router::with_example("imp_nic_killed_anywhere_ends_the_same") else {
        return;
    };
    let machine = router.boot();
    let wanted = machine.sh(OUTCOME);
    machine.sh("systemctl stop frr vpp-core vpp-nat");
    // An operator stops what hangs half-way, or starts it again: both end as if nothing had happened.
    kill_everywhere(&machine, "imp-nic up", "/usr/lib/imp/imp-nic down", |count| {
        if count % 2 == 0 {
            down_puts_the_nics_back(&machine);
        }
        machine.sh("/usr/lib/imp/imp-nic up");
    });
    kill_everywhere(&machine, "imp-nic down", "/usr/lib/imp/imp-nic up", |_| {
        down_puts_the_nics_back(&machine);
    });
    machine.sh("/usr/lib/imp/imp-nic up; systemctl start vpp-core vpp-nat frr");
    machine.settle();
    assert_all_active(&machine);
    assert_same(
        &machine.sh(OUTCOME),
        &wanted,
        "after imp-nic was killed at each of its calls",
    );
}

fn down_puts_the_nics_back(machine: &Machine) {
    machine.sh("/usr/lib/imp/imp-nic down");
    let links = machine.sh("ip -br link show");
    assert!(links.contains("eth1") && links.contains("eth2"), "{links}");
}

/// The power is cut at any moment of the first boots.
#[test]
fn a_power_cut_at_any_moment_of_a_boot_ends_the_same() {
    let Some(router) = Router::with_example("a_power_cut_at_any_moment_of_a_boot_ends_the_same") else {
        return;
    };
    for milliseconds in [0, 100, 200, 400, 700, 1000, 1500] {
        let machine = router.power_on();
        sleep(Duration::from_millis(milliseconds));
        drop(machine);
    }
    let machine = router.boot();
    assert_all_active(&machine);
    let wanted = machine.sh(OUTCOME);
    machine.power_off();
    assert_same(&router.boot().sh(OUTCOME), &wanted, "the boot after");
}

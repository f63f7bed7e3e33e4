//! The first boot, killed at any moment, and the boots after it.

use super::*;

#[test]
fn the_first_boot_initialises_incus_and_the_second_writes_nothing() {
    let Some(router) = Router::with_example("the_first_boot_initialises_incus_and_the_second_writes_nothing")
    else {
        return;
    };
    let machine = router.boot();
    is_whole(&machine);
    let first = told(&machine);
    assert!(
        first.contains("\"ipv4.dhcp.gateway\": \"10.234.116.5\""),
        "{first}"
    );
    assert!(first.contains("\"ipv4.nat\": \"false\""), "{first}");
    let marker = machine.sh(&format!("cat {MARKER}"));
    assert!(marker.contains("incus-pool"), "{marker}");
    a_container_reaches_its_gateway(&machine);
    machine.power_off();

    trace_the_unit(&router);
    let machine = router.boot();
    is_whole(&machine);
    let count = only_asked(&machine, "/run/imp/trace");
    eprintln!("the boot's own run: {count} requests");
    let journal = machine.journal(&format!("-u {UNIT}"));
    assert!(
        !journal.contains("set ") && !journal.contains("create "),
        "{journal}"
    );
    nothing_is_written(&machine, "second boot");
    assert_eq!(machine.sh(&format!("cat {MARKER}")), marker);
    assert_eq!(machine.sh("systemctl --failed --no-legend --plain"), "");
    machine.power_off();
}

fn a_container_reaches_its_gateway(machine: &Machine) {
    // The stand-in for VPP forwards nothing: the kernel answers for it at the end of the veth.
    machine.sh("ip -n dataplane address add 10.234.116.5/24 dev incusbr0-vpp");
    container_has_a_lease(machine, "incus init bb c1", "10.234.116.5");
    machine.until(
        "the container pings its gateway",
        20,
        &format!("{CLIENT} incus exec c1 -- ping -c 1 -W 1 10.234.116.5"),
    );
}

/// Everything that was made is gone, as before the first boot.
const VIRGIN: &str = "systemctl stop incus-dataplane.service; \
    incus profile device remove default eth0; incus profile device remove default root; \
    incus network delete incusbr0; incus storage delete default; \
    rm -rf /persistent/data/incus-pool /persistent/data/imp/incus-initialised.json; ";

#[test]
fn killed_at_any_point_of_the_initialisation_the_next_run_finishes() {
    let Some(router) =
        Router::with_example("killed_at_any_point_of_the_initialisation_the_next_run_finishes")
    else {
        return;
    };
    let machine = router.boot();
    is_whole(&machine);
    let incusd = "$(systemctl show -p MainPID --value incus.service)";
    for victim in [incusd, "$step"] {
        for delay in ["0.02", "0.08", "0.2", "0.5"] {
            machine.sh(&format!(
                "{CLIENT} {VIRGIN} /usr/lib/imp/imp-incus & step=$!; sleep {delay}; kill -9 {victim}; wait $step; true"
            ));
            eprintln!("killed {victim} after {delay} s");
            machine.sh(&format!("systemctl reset-failed; systemctl restart {UNIT}"));
            is_whole(&machine);
            machine.sh(&format!("test -e {MARKER}"));
            assert!(query(&machine, "/1.0/profiles/default").contains("\"pool\": \"default\""));
        }
    }
    machine.power_off();
}

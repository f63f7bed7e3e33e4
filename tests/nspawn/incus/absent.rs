//! No `[incus]`, no Incus; no persistent partition, no Incus either.

use super::*;

const UNITS: [&str; 6] = [
    UNIT,
    "incus.service",
    "incus.socket",
    "incus-startup.service",
    "incus-user.socket",
    "var-lib-incus.mount",
];

#[test]
fn incus_runs_only_if_it_is_configured() {
    let Some(router) = router("incus_runs_only_if_it_is_configured", "") else {
        return;
    };
    let machine = router.boot();
    for unit in UNITS {
        assert_eq!(machine.state(unit), "inactive", "{unit}");
    }
    let (said, listed) = machine.try_sh(&format!("{CLIENT} incus list"));
    assert!(!listed, "{said}");
    machine.sh("systemctl start incus.service");
    assert_eq!(machine.state("incus.service"), "inactive");
    assert_eq!(machine.sh("systemctl --failed --no-legend --plain"), "");

    write_site(&router, LEAST);
    reload(&machine);
    is_whole(&machine);

    write_site(&router, "");
    reload(&machine);
    assert_eq!(machine.state(UNIT), "inactive");
    assert_eq!(machine.sh("systemctl --failed --no-legend --plain"), "");
    // With the whole table only the link to VPP goes.
    assert!(query(&machine, "/1.0/networks").contains("incusbr0"));
    assert_eq!(machine.state("incus.service"), "active");
    machine.sh("ip link show incusbr0 && ! ip link show incusbr0-dp");
    machine.power_off();

    let machine = router.boot();
    for unit in UNITS {
        assert_eq!(machine.state(unit), "inactive", "{unit}");
    }
    machine.sh("! ip link show incusbr0");
    machine.power_off();
    write_site(&router, LEAST);
    let machine = router.boot();
    is_whole(&machine);
    machine.power_off();
}

#[test]
fn without_the_persistent_partition_incus_initialises_nothing() {
    let Some(router) = router(
        "without_the_persistent_partition_incus_initialises_nothing",
        LEAST,
    ) else {
        return;
    };
    std::fs::remove_dir(router.persistent().join("data")).unwrap();
    let machine = router.boot();
    assert_eq!(machine.property("var-lib-incus.mount", "AssertResult"), "no");
    for unit in ["incus.service", "incus.socket"] {
        assert_eq!(machine.state(unit), "inactive", "{unit}");
    }
    let journal = step_is_red(&machine);
    assert!(journal.contains("E0601: Incus does not listen at"), "{journal}");
    let (said, started) = machine.try_sh("systemctl start incus.service");
    assert!(!started, "{said}");
    machine.sh("! test -e /persistent/data && ! test -e /var/lib/incus/database");
    for unit in ["vpp-core-config.service", "ssh.service"] {
        assert_eq!(machine.state(unit), "active", "{unit}");
    }

    // The partition comes late.
    machine.sh("mkdir /persistent/data; systemctl restart incus-dataplane.service");
    is_whole(&machine);
    machine.sh("test -d /persistent/data/incus/database");
    machine.power_off();
}

//! What an incusd that was killed leaves half created, and how it is repaired.

use super::*;

const PROFILE: &str = "/1.0/profiles/default";

#[test]
fn the_default_profile_releases_a_removed_bridge() {
    let Some(router) = router("the_default_profile_releases_a_removed_bridge", LEAST) else {
        return;
    };
    let machine = router.boot();
    is_whole(&machine);
    machine.sh(&format!("{CLIENT} incus profile set default user.note=mine"));
    let (_, pool) = LEAST.split_once("[incus.storage-pools").unwrap();
    write_site(&router, &format!("[incus.storage-pools{pool}"));
    reload(&machine);
    step_is_up(&machine);
    let profile = query(&machine, PROFILE);
    assert!(!profile.contains("eth0"), "{profile}");
    assert!(
        profile.contains("\"pool\": \"default\"") && profile.contains("\"user.note\": \"mine\""),
        "{profile}"
    );
    assert!(!query(&machine, "/1.0/networks").contains("incusbr0\""));
    machine.sh("! ip link show incusbr0");

    // One that an instance still uses is left to the operator.
    write_site(&router, LEAST);
    reload(&machine);
    is_whole(&machine);
    machine.sh(&format!(
        "{CLIENT} incus init --empty held; incus config device override held eth0"
    ));
    write_site(&router, &format!("[incus.storage-pools{pool}"));
    reload(&machine);
    step_is_up(&machine);
    let journal = machine.journal(&format!("-u {UNIT}"));
    assert!(
        journal.contains("E0609: bridge 'incusbr0'") && journal.contains("/1.0/instances/held"),
        "{journal}"
    );
    assert!(query(&machine, PROFILE).contains("eth0"));
    machine.power_off();
}

/// The state left by an incusd that was killed while creating the network, before a profile used it.
const HALF: &str = "incus admin sql global \"UPDATE networks SET state = 0 WHERE name = 'incusbr0'; \
    UPDATE networks_nodes SET state = 0\" >/dev/null; \
    systemctl stop incus-dataplane.service; systemctl restart incus.service";

#[test]
fn a_half_created_bridge_in_the_default_profile_is_created_again() {
    let Some(router) = router(
        "a_half_created_bridge_in_the_default_profile_is_created_again",
        LEAST,
    ) else {
        return;
    };
    let machine = router.boot();
    is_whole(&machine);
    machine.sh(&format!("{CLIENT} {HALF}"));
    let network = query(&machine, "/1.0/networks/incusbr0");
    assert!(
        network.contains("\"status\": \"Pending\"") && network.contains(PROFILE),
        "{network}"
    );
    machine.sh(&format!("systemctl restart {UNIT}"));
    is_whole(&machine);
    assert!(query(&machine, PROFILE).contains("\"network\": \"incusbr0\""));
    machine.power_off();
}

/// The state left by an incusd that was killed after it had mounted the pool it was creating.
const HALF_POOL: &str = "systemctl stop incus-dataplane.service; \
    incus profile device remove default root; rm /persistent/data/imp/incus-initialised.json; \
    incus admin sql global \"UPDATE storage_pools SET state = 0; UPDATE storage_pools_nodes SET state = 0\" >/dev/null; \
    systemctl restart incus.service; at=/var/lib/incus/storage-pools/default; mkdir -p $at; \
    mountpoint -q $at || mount --bind /persistent/data/incus-pool $at";

/// systemd reads what is mounted five times a second at most: it does not know yet of the last of these.
const JUST_MOUNTED: &str = "at=/var/lib/incus/storage-pools/default; for n in 1 2 3 4 5 6 7 8; do \
    umount $at; mount --bind /persistent/data/incus-pool $at; done";

#[test]
fn a_half_created_pool_that_is_still_mounted_is_created_again() {
    let Some(router) = router(
        "a_half_created_pool_that_is_still_mounted_is_created_again",
        LEAST,
    ) else {
        return;
    };
    let machine = router.boot();
    is_whole(&machine);
    machine.sh(&format!("{CLIENT} {HALF_POOL}"));
    assert!(query(&machine, "/1.0/storage-pools/default").contains("\"status\": \"Pending\""));
    machine.sh(&format!("{JUST_MOUNTED}; systemctl restart {UNIT}"));
    is_whole(&machine);
    let journal = machine.journal(&format!("-u {UNIT}"));
    assert!(
        journal.contains("delete the half-created storage pool 'default'"),
        "{journal}"
    );
    assert!(query(&machine, "/1.0/storage-pools/default").contains("\"status\": \"Created\""));
    assert!(query(&machine, PROFILE).contains("\"pool\": \"default\""));
    machine.power_off();
}

/// The state left by an incusd that was killed during its first start, between the schema of its database and the
/// patches that a fresh one counts as applied.
const HALF_DATABASE: &str = "systemctl stop incus-dataplane.service incus.service incus.socket; \
    rm /persistent/data/imp/incus-initialised.json; rmdir /var/lib/incus/snapshots; \
    python3 -c \"import sqlite3; made = sqlite3.connect('/var/lib/incus/database/local.db'); \
    made.execute('DELETE FROM patches'); made.commit()\"";

/// incusd then refuses every later start, because a patch renames a directory that a fresh state never had.
#[test]
fn a_first_start_that_was_killed_before_its_patches_is_finished() {
    let Some(router) = router(
        "a_first_start_that_was_killed_before_its_patches_is_finished",
        LEAST,
    ) else {
        return;
    };
    let machine = router.boot();
    is_whole(&machine);
    machine.sh(HALF_DATABASE);
    machine.sh(&format!("systemctl start incus.socket; systemctl restart {UNIT}"));
    is_whole(&machine);
    machine.power_off();
}

/// Killed in between, it leaves a state that no later incusd accepts: it is created again, because it is still empty.
#[test]
fn a_first_start_that_was_killed_anywhere_starts_over() {
    let Some(router) = router("a_first_start_that_was_killed_anywhere_starts_over", LEAST) else {
        return;
    };
    let state = router.persistent().join("data/incus");
    let machine = router.boot();
    is_whole(&machine);
    assert!(!state.join(".imp-first-start").exists(), "Incus has answered");
    machine.sh(&format!(
        "set -e; {CLIENT} incus admin sql global 'DELETE FROM nodes'"
    ));
    machine.power_off();
    // What a first start has created so far: a database with nothing in it worth keeping.
    for entry in std::fs::read_dir(&state).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("database") {
            std::fs::remove_dir_all(path).unwrap();
        }
    }
    std::fs::write(state.join(".imp-first-start"), "").unwrap();
    std::fs::remove_dir_all(router.persistent().join("data/incus-pool")).unwrap();
    std::fs::remove_file(router.persistent().join("data/imp/incus-initialised.json")).unwrap();
    let machine = router.boot();
    is_whole(&machine);
    assert!(!state.join(".imp-first-start").exists());
    // Once it contains a pool and a bridge it is in use, whatever the mark says.
    machine.sh(&format!(
        "set -e; {CLIENT} incus network set incusbr0 user.note=mine; touch /var/lib/incus/.imp-first-start; \
         systemctl restart incus.service"
    ));
    is_whole(&machine);
    assert!(query(&machine, "/1.0/networks/incusbr0").contains("mine"));
    // And a completed start needs no step of ours to remove the mark.
    machine.sh("! test -e /var/lib/incus/.imp-first-start");
    machine.power_off();
}

/// Killed even before that, it leaves a database without a table, which Debian's check of what starts by itself cannot read.
/// The unit of that check also shuts the instances down, so it must be active.
#[test]
fn a_first_start_that_was_killed_before_its_tables_leaves_no_unit_red() {
    let Some(router) = router(
        "a_first_start_that_was_killed_before_its_tables_leaves_no_unit_red",
        LEAST,
    ) else {
        return;
    };
    let database = router.persistent().join("data/incus/database");
    std::fs::create_dir_all(&database).unwrap();
    std::fs::write(database.join("local.db"), "").unwrap();
    let machine = router.boot();
    is_whole(&machine);
    assert!(
        machine
            .journal("-u incus-startup.service")
            .contains("no such table: config")
    );
    assert_eq!(machine.state("incus-startup.service"), "active");
    assert_eq!(machine.sh("systemctl --failed --no-legend --plain"), "");
    machine.power_off();
}

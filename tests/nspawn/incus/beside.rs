//! An existing bridge stays connected to VPP even if something else is wrong.

use super::*;

const DMZ: &str = "[incus.bridges.dmz]\naddress = \"10.9.0.1/24\"\ngateway = \"10.9.0.5\"\n";
const FULL: &str = "[incus.storage-pools.full]\ndriver = \"dir\"\nsource = \"/persistent/data/full\"\n";

#[test]
fn a_bridge_is_connected_at_each_boot_despite_other_faults() {
    let Some(router) = router("a_bridge_is_connected_at_each_boot_despite_other_faults", LEAST) else {
        return;
    };
    write_site(&router, &format!("{LEAST}{DMZ}"));
    let machine = router.boot();
    is_whole(&machine);
    bridge_is_whole(&machine, "dmz", "10.9.0.1/24");
    machine.power_off();

    // A pool that Incus refuses.
    std::fs::create_dir_all(router.persistent().join("data/full/of")).unwrap();
    write_site(&router, &format!("{LEAST}{DMZ}{FULL}"));
    let machine = router.boot();
    let journal = step_is_red(&machine);
    assert!(
        journal.contains("E0602: imp.toml:") && journal.contains("isn't empty"),
        "{journal}"
    );
    both_are_whole(&machine);
    a_refused_document_leaves_it_joined(&router, &machine);
    machine.power_off();

    // A pool whose directory is gone, and a bridge whose port 53 is taken.
    write_site(&router, &format!("{LEAST}{DMZ}"));
    let pool = router.persistent().join("data/incus-pool");
    let away = pool.with_file_name("away");
    std::fs::rename(&pool, &away).unwrap();
    hold_port_53(&router, "10.9.0.1");
    let machine = router.boot();
    what_lasts_is_said_and_nothing_is_restarted_for_it(&machine);
    std::fs::rename(&away, &pool).unwrap();
    machine.sh("systemctl stop holder.service");
    machine.until(
        "it heals by itself",
        150,
        &format!("systemctl is-active --quiet {UNIT}"),
    );
    both_are_whole(&machine);
    machine.sh("! test -e /run/imp/incus-restarts.json");
    machine.power_off();
}

fn both_are_whole(machine: &Machine) {
    bridge_is_whole(machine, "incusbr0", "10.234.116.1/24");
    bridge_is_whole(machine, "dmz", "10.9.0.1/24");
}

fn a_refused_document_leaves_it_joined(router: &Router, machine: &Machine) {
    machine.sh("ip link set incusbr0-dp nomaster; ip link set dmz-dp nomaster");
    write_site(
        router,
        &format!("{LEAST}{DMZ}").replace("driver = \"dir\"", "driver = \"btrfs\""),
    );
    reload(machine);
    let journal = step_is_red(machine);
    let said = "storage pool 'default' is 'dir' in Incus, not 'btrfs'";
    assert!(
        journal.contains("E0606: imp.toml:") && journal.contains(said),
        "{journal}"
    );
    both_are_whole(machine);
}

fn what_lasts_is_said_and_nothing_is_restarted_for_it(machine: &Machine) {
    let journal = step_is_red(machine);
    for said in [
        "E0605: bridge 'dmz': Incus reports it as Unavailable, also after a restart",
        "E0611: storage pool 'default': Incus reports it as Unavailable",
    ] {
        assert!(journal.contains(said), "{said} is not in:\n{journal}");
    }
    bridge_is_whole(machine, "incusbr0", "10.234.116.1/24");
    let (health, _) = machine.try_sh("impctl health");
    for said in ["dmz", "storage pool 'default': Incus reports it as Unavailable"] {
        assert!(health.contains(said), "{said} is not in:\n{health}");
    }
    // Once is enough: the next runs say it and leave incusd alone.
    let incusd = machine.property("incus.service", "MainPID");
    machine.try_sh(&format!("systemctl restart {UNIT}"));
    let again = step_is_red(machine);
    assert!(
        again.matches("E0605").count() > journal.matches("E0605").count(),
        "{again}"
    );
    assert_eq!(again.matches("restarting incus.service").count(), 1, "{again}");
    assert_eq!(machine.property("incus.service", "MainPID"), incusd);
}

//! What Incus has or cannot do is reported, and nothing else is touched.

use super::*;

#[test]
fn a_wiped_state_with_a_kept_pool_is_reported_and_nothing_touched() {
    let Some(router) = Router::with_example("a_wiped_state_with_a_kept_pool_is_reported_and_nothing_touched")
    else {
        return;
    };
    let machine = router.boot();
    is_whole(&machine);
    machine.power_off();
    std::fs::remove_dir_all(router.persistent().join("data/incus")).unwrap();
    let machine = router.boot();
    assert_eq!(machine.state(UNIT), "failed");
    let journal = machine.journal(&format!("-u {UNIT}"));
    assert!(
        journal.contains("E0604") && journal.contains("incus admin recover"),
        "{journal}"
    );
    assert!(journal.contains("imp.toml:"), "{journal}");
    assert!(!query(&machine, "/1.0/storage-pools").contains("default"));
    assert!(!query(&machine, "/1.0/networks").contains("incusbr0\""));
    assert_eq!(machine.state("vpp-core-config.service"), "active");
    machine.power_off();
}

#[test]
fn what_incus_cannot_do_is_reported_with_the_line_of_the_document() {
    let Some(router) = Router::with_example("what_incus_cannot_do_is_reported_with_the_line_of_the_document")
    else {
        return;
    };
    std::fs::create_dir_all(router.persistent().join("data/incus-pool/full")).unwrap();
    let machine = router.boot();
    assert_eq!(machine.state(UNIT), "failed");
    let journal = machine.journal(&format!("-u {UNIT}"));
    assert!(
        journal.contains("E0602: imp.toml:") && journal.contains("isn't empty"),
        "{journal}"
    );
    machine.sh("rmdir /persistent/data/incus-pool/full; ip link add incusbr0 type bridge");
    machine.try_sh(&format!("systemctl restart {UNIT}"));
    let journal = machine.journal(&format!("-u {UNIT}"));
    assert!(journal.contains("E0603: imp.toml:"), "{journal}");
    let pools = query(&machine, "/1.0/storage-pools");
    assert!(!pools.contains("default"), "a refusal touches nothing: {pools}");
    machine.sh(&format!(
        "ip link delete incusbr0; systemctl reset-failed; systemctl restart {UNIT}"
    ));
    is_whole(&machine);
    // A daemon that hangs: the deadline, and a unit that names it.
    machine.sh(&format!(
        "kill -STOP $(systemctl show -p MainPID --value incus.service); systemctl restart --no-block {UNIT}"
    ));
    machine.until(
        "the step gives up",
        80,
        &format!("systemctl is-failed --quiet {UNIT}"),
    );
    let journal = machine.journal(&format!("-u {UNIT}"));
    assert!(journal.contains("E0601: Incus did not answer GET"), "{journal}");
    assert_eq!(machine.state("vpp-core-config.service"), "active");
}

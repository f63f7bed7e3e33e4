//! `/persistent` may be there before PID 1, or come late: by a mount unit, or by zfs-mount.service.

use super::example::assert_all_active;
use super::router::{Arrival, Release, Router};

const SLOW_DISK: &str = "[Unit]\nDefaultDependencies=no\nConflicts=shutdown.target\nBefore=shutdown.target\n\
    [Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sleep 3\n";

const PERSISTENT_MOUNT: &str = "[Unit]\nRequires=slow-disk.service\nAfter=slow-disk.service\nBefore=local-fs.target\n\
    [Mount]\nWhat=/disk\nWhere=/persistent\nType=none\nOptions=bind\n";

/// Ordered as the one of Debian's zfsutils.
const ZFS_MOUNT: &str = "[Unit]\nDefaultDependencies=no\nAfter=systemd-udev-settle.service systemd-remount-fs.service\n\
    Wants=systemd-udev-settle.service\nBefore=local-fs.target\n\
    [Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c 'sleep 3; mount --bind /disk /persistent'\n";

#[test]
fn persistent_by_a_late_mount_unit_boots_the_same() {
    let Some(mut router) = Router::with_example("persistent_by_a_late_mount_unit_boots_the_same") else {
        return;
    };
    late_by_mount_unit(&mut router);
    boots(&router);
}

#[test]
fn persistent_by_zfs_mount_boots_the_same() {
    arrives_by_zfs(Release::Bookworm, "persistent_by_zfs_mount_boots_the_same");
}

#[test]
fn persistent_by_zfs_mount_boots_the_same_on_trixie() {
    arrives_by_zfs(
        Release::Trixie,
        "persistent_by_zfs_mount_boots_the_same_on_trixie",
    );
}

fn arrives_by_zfs(release: Release, test: &str) {
    let Some(mut router) = Router::with_example_on(release, test) else {
        return;
    };
    router.arrival = Arrival::Late;
    router.write_image("etc/systemd/system/zfs-mount.service", ZFS_MOUNT);
    router.write_image(
        "etc/systemd/system/local-fs.target.d/zfs.conf",
        "[Unit]\nWants=zfs-mount.service\n",
    );
    boots(&router);
}

fn late_by_mount_unit(router: &mut Router) {
    router.arrival = Arrival::Late;
    router.write_image("etc/systemd/system/slow-disk.service", SLOW_DISK);
    router.write_image("etc/systemd/system/persistent.mount", PERSISTENT_MOUNT);
    router.write_image(
        "etc/systemd/system/local-fs.target.d/persistent.conf",
        "[Unit]\nRequires=persistent.mount\n",
    );
}

fn boots(router: &Router) {
    let machine = router.boot();
    assert_all_active(&machine);
    assert_eq!(machine.sh("cat /etc/hostname"), "edge1");
    let id = machine.sh("cat /etc/machine-id");
    assert!(
        machine.journal("").lines().count() > 20,
        "journalctl does not see this boot's journal"
    );
    machine.power_off();
    let machine = router.boot();
    assert_eq!(machine.sh("cat /etc/machine-id"), id);
}

/// The generator ran before there was a configuration: the third instance is `imp-config`'s to start.
#[test]
fn a_third_instance_of_a_late_configuration_is_started() {
    let Some(mut router) = Router::with_example("a_third_instance_of_a_late_configuration_is_started") else {
        return;
    };
    late_by_mount_unit(&mut router);
    router.edit("[vpp.nat]\n", "[vpp.office]\n\n[vpp.nat]\n");
    let machine = router.boot();
    machine.settle();
    assert_all_active(&machine);
    for unit in ["vpp-office.service", "vpp-office-config.service"] {
        assert_eq!(machine.state(unit), "active", "{unit}");
    }
    router.edit("[vpp.office]\n\n", "");
    machine.sh("systemctl reload imp-config");
    machine.settle();
    assert_eq!(machine.state("vpp-office.service"), "inactive");
    machine
        .sh("[ ! -e /run/systemd/system/vpp-office.service ] && [ ! -e /run/imp/vpp/startup-office.conf ]");
    assert_all_active(&machine);
}

//! Several bridges, and pools of each driver that the machine supports.

use super::*;
use crate::skip::skipped;
use std::path::PathBuf;
use std::process::Command;

/// A bridge with everything, one with the least, and one too small for DHCP.
const SEVERAL: &str = r#"
[incus.bridges.dmz]
address    = "10.1.0.1/24"
gateway    = "10.1.0.5"
dhcp-range = "10.1.0.100-10.1.0.199"
gateway6   = "2001:db8:d::1/64"
ra         = { max-interval = 30 }

[incus.bridges.lab]
address = "10.2.0.1/29"
gateway = "10.2.0.6"

[incus.bridges.link]
address = "10.3.0.1/30"
gateway = "10.3.0.2"

[incus.storage-pools.bulk]
driver = "dir"
source = "/persistent/data/pools/bulk"

[incus.storage-pools.fast]
driver = "dir"
source = "/persistent/data/pools/fast"
"#;

const BRIDGES: [(&str, &str); 3] = [
    ("dmz", "10.1.0.1/24"),
    ("lab", "10.2.0.1/29"),
    ("link", "10.3.0.1/30"),
];

#[test]
fn several_bridges_and_several_pools_are_there_after_each_boot() {
    let name = "several_bridges_and_several_pools_are_there_after_each_boot";
    let Some(router) = router(name, SEVERAL) else {
        return;
    };
    let machine = router.boot();
    all_are_whole(&machine);
    for pool in ["bulk", "fast"] {
        assert!(query(&machine, &format!("/1.0/storage-pools/{pool}")).contains("\"status\": \"Created\""));
    }
    let profile = query(&machine, "/1.0/profiles/default");
    assert!(
        profile.contains("\"network\": \"dmz\"") && profile.contains("\"pool\": \"bulk\""),
        "{profile}"
    );
    container_has_a_lease(&machine, "incus init bb c1 -s fast -n lab", "10.2.0.6");
    machine.power_off();

    let machine = router.boot();
    all_are_whole(&machine);
    nothing_is_written(&machine, "second boot of three bridges and two pools");
    machine.power_off();
}

fn all_are_whole(machine: &Machine) {
    step_is_up(machine);
    for (name, address) in BRIDGES {
        bridge_is_whole(machine, name, address);
    }
}

/// A file system in a file, mounted where the machine sees it; gone when this is dropped.
struct Disk(PathBuf);

impl Disk {
    /// Or why this host has none.
    fn btrfs(router: &Router) -> Result<Self, String> {
        let at = router.persistent().join("data/disk");
        std::fs::create_dir(&at).unwrap();
        let script = format!(
            "grep -qw btrfs /proc/filesystems || modprobe btrfs; set -e; \
             truncate -s 256M {dir}/disk.img; mkfs.btrfs -q {dir}/disk.img; mount -o loop {dir}/disk.img {at}",
            dir = router.dir.display(),
            at = at.display()
        );
        let done = Command::new("sh").args(["-c", &script]).output().unwrap();
        match done.status.success() {
            true => Ok(Self(at)),
            false => Err(String::from_utf8_lossy(&done.stderr).trim().replace('\n', "; ")),
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn pool(driver: &str, source: &str) -> String {
    format!("[incus.storage-pools.default]\ndriver = \"{driver}\"\nsource = \"{source}\"\n")
}

#[test]
fn a_btrfs_pool_holds_a_container() {
    let name = "a_btrfs_pool_holds_a_container";
    let (bridge, _) = LEAST.split_once("[incus.storage-pools").unwrap();
    let incus = format!("{bridge}{}", pool("btrfs", "/persistent/data/disk/incus"));
    let Some(router) = router(name, &incus) else {
        return;
    };
    let _disk = match Disk::btrfs(&router) {
        Ok(disk) => disk,
        Err(why) => return skipped(format!("{name}: no btrfs on this host: {why}")),
    };
    let machine = router.boot();
    is_whole(&machine);
    container_has_a_lease(&machine, "incus init bb c1", "10.234.116.5");
    machine.power_off();

    let machine = router.boot();
    is_whole(&machine);
    nothing_is_written(&machine, "second boot of a btrfs pool");
    machine.power_off();
}

/// ZFS and LVM need a kernel and tools that this machine may lack. Then Incus reports that, and we
/// report the line of the document.
#[test]
fn a_pool_of_a_missing_driver_fails_with_its_line() {
    let name = "a_pool_of_a_missing_driver_fails_with_its_line";
    let Some(router) = router(name, "") else {
        return;
    };
    let machine = router.boot();
    for (driver, source, tool) in [("zfs", "tank/incus", "zpool"), ("lvm", "vg0", "lvm")] {
        if machine.try_sh(&format!("command -v {tool}")).1 {
            skipped(format!(
                "{name}: {driver}: this image has '{tool}', so the pool would not fail"
            ));
            continue;
        }
        skipped(format!(
            "{name}: no {driver} pool is created: the image has no '{tool}'"
        ));
        write_site(&router, &pool(driver, source));
        reload(&machine);
        let journal = step_is_red(&machine);
        let place = format!("E0602: imp.toml:11: create storage pool 'default' ({driver} at {source}): ");
        assert!(journal.contains(&place), "{journal}");
        assert!(
            journal.contains(&format!("Required tool '{tool}' is missing"))
                || journal.contains(&format!("Required tool \"{tool}\" is missing")),
            "{journal}"
        );
        machine.sh("systemctl reset-failed");
    }
    write_site(&router, LEAST);
    reload(&machine);
    is_whole(&machine);
    machine.power_off();
}

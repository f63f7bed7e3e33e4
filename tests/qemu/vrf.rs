//! VRFs on a kernel that has them: the devices that `imp-nic` makes, the pairs that `imp-vpp` puts into them, and the routes of a
//! real FRR in their tables. VPP is the stand-in, whose TAPs are real.
//!
//! `tests/run` builds the kernel and the root; without them the test says `skipped: …` and ends.

use super::boot::Boot;
use super::emulator::{Emulator, built};
use super::place::Place;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");
const BINARIES: [(&str, &str); 4] = [
    ("imp-config", env!("CARGO_BIN_EXE_imp-config")),
    ("imp-netns", env!("CARGO_BIN_EXE_imp-netns")),
    ("imp-nic", env!("CARGO_BIN_EXE_imp-nic")),
    ("imp-vpp", env!("CARGO_BIN_EXE_imp-vpp")),
];
/// What the root needs of the image; all of it would not fit into memory.
const KEPT: [&str; 9] = [
    "bin",
    "sbin",
    "lib",
    "lib64",
    "etc",
    "usr/bin",
    "usr/sbin",
    "usr/lib",
    "usr/share/yang",
];

#[test]
fn routes_of_a_vrf_are_in_its_table() {
    const TEST: &str = "routes_of_a_vrf_are_in_its_table";
    let (Some(root), Some(guest)) = (built("IMP_TEST_ROOT", TEST), built("IMP_TEST_GUEST", TEST)) else {
        return;
    };
    let mut place = Place::take(Path::new(env!("CARGO_TARGET_TMPDIR")).join("vrf"));
    let initrd = initrd(&root, &guest, &place.dir);
    let console = place.console();
    let machine = Emulator::new("pc", 2048, &console).kernel(&guest.join("vmlinuz"), &initrd, "panic=-1");
    let mut boot = Boot::new(machine.power_on());
    assert_eq!(boot.root().as_deref(), Some("vrf"), "{}", boot.tail());

    boot.sh("imp-config && imp-netns");
    // There is no NIC, and nothing is missing.
    boot.sh("imp-nic");
    let vrfs = boot.sh("ip -n dataplane -d link show type vrf");
    assert!(vrfs.contains("CUST") && vrfs.contains("vrf table 10"), "{vrfs}");
    assert!(vrfs.contains("OTHER") && vrfs.contains("vrf table 20"), "{vrfs}");
    assert_eq!(boot.sh("imp-nic"), "", "a second time it does nothing");

    boot.sh(
        "nohup ip netns exec dataplane /stand_in/vpp -c /run/imp/vpp/startup-core.conf >/run/vpp.log 2>&1 &",
    );
    boot.sh("ip netns exec dataplane imp-vpp core");
    let master = "ip -n dataplane -o link show master CUST; ip -n dataplane -o link show master OTHER";
    let enslaved = boot.sh(master);
    assert!(
        enslaved.contains("cust0") && enslaved.contains("other0"),
        "{enslaved}"
    );
    let addresses = boot.sh("ip -n dataplane -o address show dev cust0");
    assert!(
        addresses.contains("10.1.0.1/24") && addresses.contains("2001:db8:1::1/64"),
        "{addresses}"
    );

    frr(&mut boot);
    let asked = |table: u32| format!("ip -n dataplane route show table {table} proto static");
    let routes = boot
        .until(
            "FRR's route is in the table",
            60,
            &format!("{} | grep 10.20", asked(10)),
        )
        .unwrap();
    assert!(routes.contains("10.20.0.0/16 via 10.1.0.9 dev cust0"), "{routes}");
    let six = boot.sh("ip -n dataplane -6 route show table 10 proto static");
    assert!(
        six.contains("2001:db8:2::/48 via 2001:db8:1::9 dev cust0"),
        "{six}"
    );
    assert_eq!(boot.sh(&asked(20)) + &boot.sh(&asked(254)), "");
    let bgp = boot.sh("ip netns exec dataplane vtysh -c 'show bgp vrf CUST ipv4 unicast json'");
    assert!(bgp.contains("10.30.0.0/16"), "{bgp}");

    taken_out_it_is_put_back(&mut boot, master);
    vpp_starts_anew(&mut boot, master);
    boot.cut();
}

/// Somebody took a device out of its VRF: the unit that gives VPP its commands puts it back.
fn taken_out_it_is_put_back(boot: &mut Boot, master: &str) {
    boot.sh("ip -n dataplane link set cust0 nomaster");
    boot.sh("ip netns exec dataplane imp-vpp core");
    let enslaved = boot.sh(master);
    assert!(enslaved.contains("cust0"), "{enslaved}");
}

/// VPP died, and the pairs are new devices.
fn vpp_starts_anew(boot: &mut Boot, master: &str) {
    boot.sh("kill -9 $(cat /run/vpp/core.pid); sleep 1");
    boot.sh(
        "nohup ip netns exec dataplane /stand_in/vpp -c /run/imp/vpp/startup-core.conf >/run/vpp.log 2>&1 &",
    );
    boot.sh("ip netns exec dataplane imp-vpp core");
    let enslaved = boot.sh(master);
    assert!(
        enslaved.contains("cust0") && enslaved.contains("other0"),
        "{enslaved}"
    );
    boot.until(
        "FRR's route is there again",
        60,
        "ip -n dataplane route show table 10 proto static | grep 10.20",
    )
    .unwrap();
}

fn frr(boot: &mut Boot) {
    boot.sh("cp /run/imp/frr/frr.conf /run/imp/frr/vtysh.conf /etc/frr/; chown -R frr:frr /etc/frr");
    for daemon in ["zebra", "staticd", "bgpd"] {
        boot.sh(&format!(
            "ip netns exec dataplane {daemon} -d -A 127.0.0.1 --log file:/run/frr/{daemon}.log >/run/{daemon}.out 2>&1"
        ));
    }
    boot.sh("ip netns exec dataplane vtysh -b");
}

/// The root with the modules, our binaries and the stand-in, as an initramfs.
fn initrd(root: &Path, guest: &Path, dir: &Path) -> PathBuf {
    let (tree, initrd) = (dir.join("tree"), dir.join("initrd.img"));
    for folder in [
        "proc",
        "sys",
        "dev",
        "run",
        "tmp",
        "modules",
        "usr/lib/imp",
        "var/tmp",
        "persistent/config",
    ] {
        fs::create_dir_all(tree.join(folder)).unwrap();
    }
    std::os::unix::fs::symlink("../run", tree.join("var/run")).unwrap();
    let mut copy = Command::new("tar");
    copy.arg("-C").arg(root).args(["-cf", "-"]).args(KEPT);
    let archive = copy.stdout(std::process::Stdio::piped()).spawn().unwrap();
    run(Command::new("tar")
        .arg("-C")
        .arg(&tree)
        .args(["-xf", "-"])
        .stdin(archive.stdout.unwrap()));
    for module in ["vrf", "tun", "veth"] {
        let found = format!("root/lib/modules/*/kernel/drivers/net/{module}.ko");
        let script = format!("cp {}/{found} {}/modules/", guest.display(), tree.display());
        run(Command::new("sh").args(["-c", &script]));
    }
    for (name, binary) in BINARIES {
        // The debugger's part is most of it, and an emulated processor unpacks it all.
        run(Command::new("strip")
            .arg("-o")
            .arg(tree.join("usr/lib/imp").join(name))
            .arg(binary));
    }
    let here = format!("{REPOSITORY}/tests/qemu/vrf");
    fs::copy(format!("{here}/init"), tree.join("init")).unwrap();
    fs::copy(
        format!("{here}/imp.toml"),
        tree.join("persistent/config/imp.toml"),
    )
    .unwrap();
    run(Command::new("cp")
        .arg("-a")
        .arg(format!("{REPOSITORY}/tests/stand_in"))
        .arg(&tree));
    let pack = format!(
        "cd {} && find . -mindepth 1 | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0 >{}",
        tree.display(),
        initrd.display()
    );
    run(Command::new("sh").args(["-c", &pack]));
    fs::remove_dir_all(&tree).unwrap();
    initrd
}

fn run(command: &mut Command) {
    assert!(command.status().unwrap().success(), "{command:?}");
}

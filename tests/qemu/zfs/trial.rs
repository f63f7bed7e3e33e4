//! Trials of `tank/ROOT/b`, one fault each: what comes up, after how many boots, and what `impctl why` says it was.

use super::machine::Guest;
use crate::qemu::boot::Boot;

const A: &str = "tank/ROOT/a";
const B: &str = "tank/ROOT/b";

/// A machine that ran `a`, found good, and armed `b`; then this was done to `b`, which is mounted at `/mnt`, and the power cut.
fn armed(test: &str, fault: &str) -> Option<Guest> {
    let (guest, mut a) = Guest::armed(test)?;
    in_b(&mut a, fault);
    a.cut();
    Some(guest)
}

/// This is done to `b`, mounted at `/mnt`.
pub(super) fn in_b(a: &mut Boot, script: &str) {
    a.sh(&format!(
        "set -e\nmkdir -p /mnt\nmount -t zfs -o zfsutil {B} /mnt\n{script}\numount /mnt\nzpool sync tank"
    ));
}

/// The trial ends like this: each power-on came to that, `a` runs and stays the default, and the reason is named.
fn comes_back(test: &str, fault: &str, came: &[&str], reason: &str) {
    let Some(mut guest) = armed(test, fault) else {
        return;
    };
    let mut a = guest.comes_to(came);
    assert_eq!(bootfs(&mut a), A);
    let (why, _) = a.try_sh("impctl why").unwrap();
    assert!(why.contains(reason), "'{reason}' is not in:\n{why}");
}

fn bootfs(boot: &mut Boot) -> String {
    boot.sh("zpool get -H -o value bootfs tank")
}

fn taken_by(boot: &mut Boot) -> String {
    boot.sh("zfs get -H -o value org.imp:taken-by tank/ROOT")
}

#[test]
fn good_is_blessed() {
    let Some(mut guest) = armed("good_is_blessed", "") else {
        return;
    };
    let (mut b, came) = guest.settle();
    assert_eq!(came, [B]);
    assert_eq!(bootfs(&mut b), B);
    assert_eq!(taken_by(&mut b), "zbm-hook");
    b.reboot();
    let mut b = guest.comes_to(&[B]);
    // Not healthy yet.
    let (status, _) = b.try_sh("impctl boot status").unwrap();
    assert!(status.contains("tank/ROOT/b runs: a steady boot"), "{status}");
}

/// Without a hook in the loader the initramfs of the default gives the image its attempt.
#[test]
fn initramfs_is_enough() {
    let Some(mut guest) = armed("initramfs_is_enough", "") else {
        return;
    };
    "zbm.skip_hooks=50-imp-trial".clone_into(&mut guest.loader);
    let (mut b, came) = guest.settle();
    assert_eq!(came, [B], "{}", b.tail());
    assert_eq!(bootfs(&mut b), B);
    assert_eq!(taken_by(&mut b), "initramfs");
}

/// The way back is walked with a copy that is well: it gets its attempt, goes back, and leaves nothing.
#[test]
fn drill() {
    let Some((mut guest, mut a)) = Guest::running("drill") else {
        return;
    };
    let list = "zfs list -H -o name -t filesystem,snapshot -r tank/ROOT";
    let before = a.sh(list);
    a.until("armed", 120, "impctl boot drill").unwrap();
    a.cut();
    let (mut a, came) = guest.settle();
    assert_eq!(came, ["tank/ROOT/a-drill", A], "{}", a.tail());
    assert_eq!(bootfs(&mut a), A);
    assert_eq!(a.sh(list), before);
    let status = a.sh("impctl boot status");
    assert!(
        status.contains("tank/ROOT/a runs") && status.contains("passed the drill"),
        "{status}"
    );
}

#[test]
fn failed_unit() {
    let fault = "ln -sf /bin/false /mnt/usr/bin/vpp";
    comes_back("failed_unit", fault, &[B, A], "vpp-core.service");
}

#[test]
fn dead_init() {
    let fault = "rm /mnt/sbin/init; printf '#!/bin/sh\\nexit 3\\n' >/mnt/sbin/init; chmod 755 /mnt/sbin/init";
    comes_back("dead_init", fault, &["-", A], "Attempted to kill init");
}

/// In the middle of userspace, the way an oops in a driver does.
#[test]
fn kernel_panic() {
    // The ten seconds that a person at the console has are counted in a loop: minutes of an emulated processor.
    let panic = "echo 1 >/proc/sys/kernel/panic; echo c >/proc/sysrq-trigger";
    let fault = unit("panic", panic, "netns-dataplane.service");
    comes_back("kernel_panic", &fault, &[B, A], "sysrq triggered crash");
}

#[test]
fn emergency_mode() {
    // Not sooner than an emulated machine has a journal: before that, PID 1 tells the kernel, and only in words.
    let fault = "echo 'UUID=dead-beef /srv ext4 x-systemd.device-timeout=30s 0 2' >>/mnt/etc/fstab";
    comes_back("emergency_mode", fault, &[B, A], "srv.mount");
}

/// The initramfs cannot mount the configuration, and panics by its own means.
#[test]
fn mount_point_missing() {
    let fault = "rmdir /mnt/persistent/config";
    comes_back(
        "mount_point_missing",
        fault,
        &["-", A],
        "/persistent/config is missing",
    );
}

/// What would classify and judge it cannot be started: nothing of ours runs, and systemd alone goes back.
#[test]
fn imp_boot_is_missing() {
    let Some(mut guest) = armed("imp_boot_is_missing", "rm /mnt/usr/lib/imp/imp-boot") else {
        return;
    };
    let (mut a, came) = guest.settle();
    // It may take commands for a moment.
    assert!(came == ["-", A] || came == [B, A], "{came:?}\n{}", a.tail());
    let (why, _) = a.try_sh("impctl why").unwrap();
    assert!(why.contains("/usr/lib/imp/imp-boot cannot be opened"), "{why}");
}

/// PID 1 hangs; the watchdog that it no longer feeds resets the machine.
#[test]
fn hang() {
    let fault = unit("hang", "kill -SEGV 1", "netns-dataplane.service");
    comes_back("hang", &fault, &[B, A], "it stopped after the phase");
}

/// Its kernel is garbage: nothing can be started, and the boot continues with the default at once.
#[test]
fn kernel_is_garbage() {
    let fault = "for kernel in /mnt/boot/vmlinuz-*; do echo garbage >\"$kernel\"; done";
    comes_back("kernel_is_garbage", fault, &[A], "before userspace");
}

/// The image that was comes up, is not well either, and stays: a blessed image is never rebooted for image reasons.
#[test]
fn both_bad() {
    let Some((mut guest, mut a)) = Guest::armed("both_bad") else {
        return;
    };
    in_b(&mut a, "ln -sf /bin/false /mnt/usr/bin/vpp");
    a.sh("ln -sf /bin/false /usr/bin/vpp; sync");
    a.cut();
    let (mut a, came) = guest.settle();
    assert_eq!(came, [B, A]);
    let (status, good) = a.try_sh("impctl boot status").unwrap();
    assert!(!good && status.contains("not healthy"), "{status}");
    assert_eq!(bootfs(&mut a), A);
    let (why, _) = a.try_sh("impctl why").unwrap();
    assert!(why.contains("first failed unit: vpp-core.service"), "{why}");
}

/// The image is good and its configuration is not: the last good one is applied on the same boot, and the image is blessed.
#[test]
fn bad_configuration() {
    let Some((mut guest, mut a)) = Guest::armed("bad_configuration") else {
        return;
    };
    a.sh("sed -i 's/52:54:00:00:00:02/52:54:00:00:00:77/' /persistent/config/imp.toml; sync");
    a.cut();
    let (mut b, came) = guest.settle();
    assert_eq!(came, [B], "{}", b.tail());
    assert_eq!(bootfs(&mut b), B);
    let (why, _) = b.try_sh("impctl why").unwrap();
    assert!(why.contains("external"), "{why}");
    b.sh("grep -r 52:54:00:00:00:02 /run/imp/generation/");
}

/// Shell that gives `b` a unit which runs this once, after another.
fn unit(name: &str, command: &str, after: &str) -> String {
    let text = format!(
        "[Unit]\nDefaultDependencies=no\nAfter={after}\n[Service]\nType=oneshot\nExecStart=/bin/sh -c '{command}'\n"
    );
    format!(
        "cd /mnt/etc/systemd/system\nmkdir -p multi-user.target.wants\ncat >{name}.service <<'END'\n{text}END\n\
         ln -s ../{name}.service multi-user.target.wants/\ncd /"
    )
}

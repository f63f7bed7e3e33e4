//! A trial by systemd-boot, from arming to its outcome.

use super::machine::Machine;
use crate::qemu::boot::Boot;

/// How `imp-boot` classified this boot, and what the next one starts.
fn status(boot: &mut Boot) -> String {
    boot.sh("imp-boot classify; impctl boot status || true")
}

/// The files of the images, in the order of their names.
fn files(boot: &mut Boot) -> String {
    boot.sh("cd /efi/EFI/Linux; echo *")
}

/// Runs a script that must fail. Returns what it printed.
fn refused(boot: &mut Boot, script: &str) -> String {
    let (text, success) = boot.try_sh(script).unwrap();
    assert!(!success, "{script}\n{text}");
    text
}

fn says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "'{word}' is not in:\n{text}");
    }
}

#[test]
fn a_trial_that_is_blessed_is_the_default_and_an_older_image_by_name() {
    let Some(mut machine) = Machine::armed("blessed") else {
        return;
    };
    let mut boot = machine.boot("imp_2");
    says(
        &status(&mut boot),
        &["imp_2.efi runs: a trial", "the next boot starts imp_1.efi"],
    );
    assert_eq!(files(&mut boot), "imp_1.efi imp_2+0-1.efi imp_3+0-0.efi");
    boot.sh("imp-boot-unclassified");
    boot.sh("impctl boot bless");
    boot.sh("impctl boot bless");
    assert_eq!(files(&mut boot), "imp_1.efi imp_2.efi imp_3+0-0.efi");
    boot.cut();

    // The version alone decides. Back to the older one: it needs its name in the boot loader's default.
    let mut boot = machine.boot("imp_2");
    says(
        &status(&mut boot),
        &["imp_2.efi runs: a steady boot", "the next boot starts imp_2.efi"],
    );
    says(&refused(&mut boot, "imp-boot-unclassified"), &["nothing is done"]);
    boot.sh("impctl boot arm imp_1.efi --force");
    assert_eq!(files(&mut boot), "imp_1+0-0.efi imp_2.efi imp_3+0-0.efi");
    boot.cut();
    let mut boot = machine.boot("imp_1");
    says(&status(&mut boot), &["imp_1.efi runs: a trial"]);
    boot.sh("impctl boot bless");
    boot.cut();

    // And a trial while a default is set.
    let mut boot = machine.boot("imp_1");
    says(
        &status(&mut boot),
        &["imp_1.efi runs: a steady boot", "the next boot starts imp_1.efi"],
    );
    boot.sh("impctl boot arm imp_2.efi --force");
    boot.cut();
    let mut boot = machine.boot("imp_2");
    says(
        &status(&mut boot),
        &["imp_2.efi runs: a trial", "the next boot starts imp_1.efi"],
    );
    boot.cut();
    machine.boot("imp_1");
}

#[test]
fn a_trial_that_is_reset_comes_back_by_itself() {
    let Some(mut machine) = Machine::armed("reset") else {
        return;
    };
    let mut boot = machine.boot("imp_2");
    says(&status(&mut boot), &["imp_2.efi runs: a trial"]);
    boot.cut();
    let mut boot = machine.boot("imp_1");
    says(
        &status(&mut boot),
        &[
            "imp_1.efi runs: after a failed trial",
            "last trial: imp_2.efi failed",
        ],
    );
    assert_eq!(files(&mut boot), "imp_1.efi imp_2+0-1.efi imp_3+0-0.efi");
    boot.cut();
    says(
        &status(&mut machine.boot("imp_1")),
        &["imp_1.efi runs: a steady boot"],
    );
}

#[test]
fn a_kernel_that_panics_was_started_once() {
    let Some(mut machine) = Machine::new("panics") else {
        return;
    };
    let mut boot = machine.boot("imp_1");
    boot.sh("imp-boot classify; impctl boot arm imp_3.efi --force");
    boot.cut();
    let mut boot = machine.power_on();
    assert_eq!(boot.root(), None, "it panics and resets");
    boot.cut();
    let mut boot = machine.boot("imp_1");
    says(&status(&mut boot), &["imp_1.efi runs: after a failed trial"]);
    assert_eq!(files(&mut boot), "imp_1.efi imp_2+0-0.efi imp_3+0-1.efi");
}

#[test]
fn when_neither_is_healthy_the_one_that_was_good_stays_up() {
    let Some(mut machine) = Machine::armed("neither") else {
        return;
    };
    // Without systemd, nothing is healthy.
    let mut boot = machine.boot("imp_2");
    status(&mut boot);
    assert_eq!(boot.try_sh("imp-boot assess"), None, "it gives itself up");
    boot.ends(60);
    let mut boot = machine.boot("imp_1");
    says(&status(&mut boot), &["imp_1.efi runs: after a failed trial"]);
    refused(&mut boot, "imp-boot assess");
    says(
        &status(&mut boot),
        &["not healthy", "the next boot starts imp_1.efi"],
    );
    boot.cut();
    says(
        &status(&mut machine.boot("imp_1")),
        &["imp_1.efi runs: a steady boot"],
    );
}

#[test]
fn without_its_variables_the_firmware_starts_the_previous_image() {
    let Some(mut machine) = Machine::armed("lost") else {
        return;
    };
    machine.lose_variables();
    let mut boot = machine.boot("imp_1");
    says(
        &status(&mut boot),
        &[
            "imp_1.efi runs: after a trial that was never attempted",
            "last trial: imp_2.efi was not attempted",
        ],
    );
    assert_eq!(files(&mut boot), "imp_1.efi imp_2+0-0.efi imp_3+0-0.efi");
}

#[test]
fn an_esp_that_cannot_be_written_arms_nothing_and_blesses_nothing() {
    let Some(mut machine) = Machine::armed("read-only") else {
        return;
    };
    machine.read_only_esp = true;
    // The boot loader cannot count, and boots on.
    let mut boot = machine.boot("imp_2");
    says(&status(&mut boot), &["imp_2.efi runs: a trial"]);
    says(
        &refused(&mut boot, "impctl boot bless"),
        &["did not count this boot", "cannot write to the ESP"],
    );
    boot.cut();
    let mut boot = machine.boot("imp_1");
    says(&status(&mut boot), &["imp_1.efi runs: after a failed trial"]);
    boot.cut();
    machine.read_only_esp = false;
    let mut boot = machine.boot("imp_1");
    status(&mut boot);
    boot.sh("mount -o remount,ro /efi");
    says(
        &refused(&mut boot, "impctl boot arm imp_2.efi --force"),
        &["the ESP on /efi is mounted read-only"],
    );
    boot.sh("mount -o remount,rw /efi; mount -o remount,ro /sys/firmware/efi/efivars");
    says(
        &refused(&mut boot, "impctl boot arm imp_2.efi --force"),
        &["efivarfs is mounted read-only"],
    );
    assert_eq!(files(&mut boot), "imp_1.efi imp_2+0-0.efi imp_3+0-0.efi");
}

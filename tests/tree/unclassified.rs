//! What boot loaders leave behind says that a boot is a trial: to `imp-boot` where it cannot read their stores, and to
//! `units/unclassified` where `imp-boot` itself cannot be started. Both say the same.
#![allow(clippy::unwrap_used)]

use crate::boot_entry::device_path;
use imp::boot::loader::attempt;
use imp::host::efi::{LoadOption, VariableName, encode};
use imp::types::Root;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// What is left by a boot of `tank/ROOT/a`, or of an image that systemd-boot does not count.
const STEADY: &str = "root=zfs:tank/ROOT/a quiet";

fn says_trial(command_line: &str, variables: &[(VariableName, Vec<u8>)]) -> bool {
    says_trial_in(&tempfile::tempdir().unwrap(), command_line, variables)
}

fn says_trial_in(
    tree: &tempfile::TempDir,
    command_line: &str,
    variables: &[(VariableName, Vec<u8>)],
) -> bool {
    let efivars = tree.path().join("sys/firmware/efi/efivars");
    fs::create_dir_all(&efivars).unwrap();
    fs::create_dir_all(tree.path().join("proc")).unwrap();
    fs::write(tree.path().join("proc/cmdline"), format!("{command_line}\n")).unwrap();
    for (name, data) in variables {
        fs::write(
            efivars.join(name.to_string()),
            [&[7, 0, 0, 0], data.as_slice()].concat(),
        )
        .unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("units/unclassified/imp-boot-unclassified");
    let output = Command::new(script).arg(tree.path()).output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(text.lines().count(), 1, "it says more than its answer: {text}");
    let is_trial = match output.status.code() {
        Some(0) => true,
        Some(1) => false,
        other => panic!("{other:?}: {text}"),
    };
    assert_eq!(
        attempt::is_this_boot(&Root::new(tree.path())),
        is_trial,
        "{variables:?}"
    );
    is_trial
}

/// The boot loader counted this file.
fn counted(file: &str) -> Vec<(VariableName, Vec<u8>)> {
    let path = format!("\\EFI\\Linux\\{file}\0");
    vec![(VariableName::LoaderBootCountPath, encode(&path))]
}

/// The firmware started an entry with this description.
fn started(number: u16, description: &str) -> Vec<(VariableName, Vec<u8>)> {
    let path = device_path(2048, 196_608, "\\EFI\\zbm\\vmlinuz.efi");
    let option = LoadOption::new(description, path, "zbm.prefer=tank/ROOT/b zbm.timeout=0").unwrap();
    vec![
        (VariableName::BootCurrent, number.to_le_bytes().to_vec()),
        (VariableName::Boot(number), option.encode()),
    ]
}

/// What GRUB was told to start on an ostree host.
const OSTREE: &str = "root=UUID=1 ostree=/ostree/boot.1/imp/0a1b/0 rw";

fn deployment(letter: &str) -> String {
    format!("{}.0", letter.repeat(64))
}

/// Whether a boot of the deployment `c` is a trial where this file is GRUB's environment.
fn ostree_says_trial(command_line: &str, folder: &str, environment: &[u8]) -> bool {
    let tree = tempfile::tempdir().unwrap();
    let sysroot = tree.path().join("sysroot/ostree");
    let files = sysroot.join("deploy/imp/deploy").join(deployment("c"));
    fs::create_dir_all(files).unwrap();
    fs::create_dir_all(sysroot.join("boot.1.1/imp/0a1b")).unwrap();
    symlink("boot.1.1", sysroot.join("boot.1")).unwrap();
    let link = format!("../../../deploy/imp/deploy/{}", deployment("c"));
    symlink(link, sysroot.join("boot.1.1/imp/0a1b/0")).unwrap();
    fs::create_dir_all(tree.path().join(folder)).unwrap();
    fs::write(tree.path().join(folder).join("imp.env"), environment).unwrap();
    says_trial_in(&tree, command_line, &[])
}

/// GRUB's environment, as `impctl` writes it and GRUB changes it.
fn environment(token: &str, image: &str) -> Vec<u8> {
    let from = deployment("a");
    let text = format!(
        "# GRUB Environment Block\nimp_from=imp-{from}\nimp_image={image}\nimp_stood=no\nimp_token={token}\n\
         imp_trial=0a1b2c3d4e5f\n"
    );
    format!("{text:#<1024}").into_bytes()
}

#[test]
fn a_spent_token_of_the_deployment_that_runs_is_a_trial() {
    let candidate = format!("imp-{}", deployment("c"));
    let spent = environment("spent", &candidate);
    assert!(ostree_says_trial(OSTREE, "boot/grub2", &spent));
    assert!(ostree_says_trial(OSTREE, "boot/grub", &spent));
    for (what, environment) in [
        ("blessed", environment("blessed", &candidate)),
        // GRUB did not read our lines, or could not write.
        ("armed", environment("armed", &candidate)),
        // The image that was runs again.
        (
            "another image",
            environment("spent", &format!("imp-{}", deployment("d"))),
        ),
        (
            "another stateroot",
            environment("spent", &format!("other-{}", deployment("c"))),
        ),
        (
            "another serial",
            environment("spent", &candidate.replace(".0", ".01")),
        ),
        ("empty", Vec::new()),
        ("zeros", vec![0; 1024]),
    ] {
        assert!(!ostree_says_trial(OSTREE, "boot/grub2", &environment), "{what}");
    }
    for line in [
        STEADY,
        "ostree=",
        "ostree=/ostree/boot.1/imp/gone/0",
        "no-ostree=/ostree/boot.1/imp/0a1b/0",
    ] {
        assert!(!ostree_says_trial(line, "boot/grub2", &spent), "{line}");
    }
    // No file at all, in a folder nobody looks into.
    assert!(!ostree_says_trial(OSTREE, "boot", &spent));
}

#[test]
fn the_words_of_each_boot_loader_are_understood() {
    assert!(says_trial(&format!("{STEADY} imp.trial=0123456789ab"), &[]));
    assert!(says_trial(STEADY, &counted("imp_2+0-1.efi")));
    assert!(says_trial(STEADY, &started(0x0100, "IMP trial 0123456789ab")));
    assert!(says_trial(STEADY, &started(0xabcd, "IMP trial 0123456789ab")));
}

#[test]
fn whatever_is_not_our_attempt_stays_up() {
    assert!(!says_trial(STEADY, &[]));
    // Words that only look like it.
    assert!(!says_trial(&format!("{STEADY} no-imp.trial=1 imp.trials=2"), &[]));
    // Counted by somebody else: with tries left, or started once more without any.
    for file in [
        "imp_2+2-1.efi",
        "imp_2+0-2.efi",
        "imp_2+0-11.efi",
        "imp_2+0-1",
        "imp_2.efi",
    ] {
        assert!(!says_trial(STEADY, &counted(file)), "{file}");
    }
    assert!(!says_trial(STEADY, &started(0x0100, "ZFSBootMenu")));
    // A token that was not taken: another entry runs.
    let mut other = started(0x0100, "IMP trial 0123456789ab");
    other[0].1 = vec![1, 0];
    assert!(!says_trial(STEADY, &other));
    // Bytes that mean nothing.
    for bytes in [&b""[..], b"\xff", b"\0\0\0\0\0\0"] {
        let mut torn = started(0x0100, "ZFSBootMenu");
        torn[0].1 = bytes.to_vec();
        assert!(!says_trial(STEADY, &torn), "{bytes:?}");
    }
}

//! What boot loaders leave behind says that a boot is a trial: to `imp-boot` where it cannot read their stores, and to
//! `units/unclassified` where `imp-boot` itself cannot be started. Both say the same.
#![allow(clippy::unwrap_used)]

use imp::boot::backend::attempt;
use imp::boot::backend::efi::{DevicePath, LoadOption, Partition, VariableName, encode};
use imp::types::Root;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What is left by a boot of `tank/ROOT/a`, or of an image that systemd-boot does not count.
const STEADY: &str = "root=zfs:tank/ROOT/a quiet";

fn says_trial(command_line: &str, variables: &[(VariableName, Vec<u8>)]) -> bool {
    let tree = tempfile::tempdir().unwrap();
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
        attempt::is_said(&Root::new(tree.path())),
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
    let partition = Partition {
        number: 1,
        start: 2048,
        blocks: 196_608,
        guid: "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9".to_owned(),
    };
    let path = DevicePath::to_file(&partition, "/EFI/zbm/vmlinuz.efi").unwrap();
    let option = LoadOption::new(description, path, "zbm.prefer=tank/ROOT/b zbm.timeout=0").unwrap();
    vec![
        (VariableName::BootCurrent, number.to_le_bytes().to_vec()),
        (VariableName::Boot(number), option.encode()),
    ]
}

#[test]
fn the_words_of_each_boot_loader_are_understood() {
    assert!(says_trial(&format!("{STEADY} imp.trial=0123456789ab"), &[]));
    assert!(says_trial(STEADY, &counted("imp_2+0-1.efi")));
    assert!(says_trial(STEADY, &started(0x0100, "IMP trial 0123456789ab")));
    assert!(says_trial(STEADY, &started(0xabcd, "IMP trial 0123456789ab")));
}

#[test]
fn whatever_is_no_attempt_of_ours_stays_up() {
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

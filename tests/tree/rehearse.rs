//! `impctl rehearse`: the README's first command.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::process::{Command, Output};

fn rehearse(root: &str) -> Option<Output> {
    let output = Command::new(env!("CARGO_BIN_EXE_impctl"))
        .args(["rehearse", "--root", root])
        .output()
        .unwrap();
    if output.status.code() == Some(77) {
        crate::skip::skipped(String::from_utf8_lossy(&output.stderr).trim());
        return None;
    }
    Some(output)
}

#[test]
fn the_example_boots_and_a_second_start_changes_nothing() {
    let before = outside();
    let Some(output) = rehearse(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/trees/01-example/root"
    )) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!text.contains('\x1b'), "colour is for terminals");
    let (first, rest) = text.split_once("\nagain").unwrap();
    let (second, tree) = rest.split_once("\nwhat the boot would leave").unwrap();
    for step in [
        "imp-machine-id",
        "imp-config",
        "imp-identity",
        "imp-netns",
        "imp-nic",
    ] {
        let line = first.lines().find(|line| line.starts_with(step)).unwrap();
        assert!(line.ends_with("done") && line.contains(" ms"), "{line}");
    }
    assert_eq!(second.matches("nothing to do").count(), 4, "{second}");
    for left in [
        "bind  /etc/hosts <- /run/imp/hosts",
        "netns  /run/netns/dataplane",
        "/run/imp/frr/frr.conf",
        "/run/imp/vpp/commands-core.txt",
        "/run/imp/bindings.json",
    ] {
        assert!(tree.contains(left), "{left}: {tree}");
    }
    assert_eq!(outside(), before, "the machine itself is as it was");
}

#[test]
fn a_wrong_file_is_shown_as_at_boot() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("persistent/config");
    fs::create_dir_all(&config).unwrap();
    fs::write(
        config.join("imp.toml"),
        "config-version = 1\n[system]\nhostnam = \"x\"\n",
    )
    .unwrap();
    let Some(output) = rehearse(dir.path().to_str().unwrap()) else {
        return;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(78), "{text}");
    assert!(text.contains("imp.toml:3:1"), "{text}");
    assert!(
        text.contains("imp-identity"),
        "a wrong file costs nobody the host key: {text}"
    );
}

#[test]
fn nothing_to_rehearse_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    let output = rehearse(dir.path().to_str().unwrap()).unwrap();
    assert_eq!(output.status.code(), Some(78));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("no configuration to rehearse"), "{said}");
}

/// What a rehearsal could leave on the machine.
fn outside() -> (String, String) {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    // Other tests mount too: only its own filesystem counts.
    let mounts = mounts
        .lines()
        .filter(|line| line.contains(" - tmpfs imp "))
        .collect();
    let hostname = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    (mounts, hostname)
}

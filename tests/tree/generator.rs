//! The systemd generator as systemd runs it: three directories, and a tree to look at.
#![allow(clippy::unwrap_used)]

use imp::facts::instance::scan;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A root with the package's overriding units, and the three directories systemd passes.
struct Machine {
    root: tempfile::TempDir,
}

impl Machine {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let early = root.path().join("usr/lib/imp/early");
        fs::create_dir_all(&early).unwrap();
        fs::write(early.join("frr.service"), "[Unit]\n").unwrap();
        std::os::unix::fs::symlink("/dev/null", early.join("systemd-machine-id-commit.service")).unwrap();
        fs::create_dir_all(root.path().join("dev")).unwrap();
        fs::write(root.path().join("dev/kmsg"), "").unwrap();
        Self { root }
    }

    fn config(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let folder = self.root.path().join("persistent/config");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), text).unwrap();
        self
    }

    fn dir(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn run(&self) -> Output {
        let output = Command::new(env!("CARGO_BIN_EXE_imp-generator"))
            .arg("--root")
            .arg(self.root.path())
            .args(["normal", "early", "late"].map(|name| self.dir(name)))
            .output()
            .unwrap();
        assert!(output.status.success(), "a generator never fails the boot");
        assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
        output
    }

    fn kmsg(&self) -> String {
        fs::read_to_string(self.dir("dev/kmsg")).unwrap()
    }

    /// Everything below the three directories: files as `path`, links as `path -> target`.
    fn listing(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for name in ["normal", "early", "late"] {
            list(&self.dir(name), name, &mut lines);
        }
        lines.sort();
        lines
    }
}

fn list(dir: &Path, prefix: &str, lines: &mut Vec<String>) {
    for entry in fs::read_dir(dir).into_iter().flatten() {
        let entry = entry.unwrap();
        let path = format!("{prefix}/{}", entry.file_name().to_string_lossy());
        if let Ok(target) = fs::read_link(entry.path()) {
            lines.push(format!("{path} -> {}", target.display()));
        } else if entry.file_type().unwrap().is_dir() {
            list(&entry.path(), &path, lines);
        } else {
            lines.push(path);
        }
    }
}

const EARLY: [&str; 2] = [
    "early/frr.service -> /usr/lib/imp/early/frr.service",
    "early/systemd-machine-id-commit.service -> /dev/null",
];

#[test]
fn the_example_needs_the_overrides_only() {
    let machine = Machine::new().config(
        "imp.toml",
        "[vpp.core]\nmain-core = 1\n[vpp.nat]\nmain-core = 6\n",
    );
    machine.run();
    assert_eq!(machine.listing(), EARLY);
    assert_eq!(machine.kmsg(), "");
}

#[test]
fn a_further_instance_gets_the_units_nat_has_under_its_own_name() {
    let machine = Machine::new()
        .config("10.toml", "[vpp.core]\n")
        .config("20.toml", "x = 1\n[vpp.nat64] # comment\nmain-core = 8\n");
    machine.run();
    assert_eq!(
        machine.listing(),
        [
            EARLY[0],
            EARLY[1],
            "normal/imp.target.wants/vpp-nat64-config.service -> ../vpp-nat64-config.service",
            "normal/imp.target.wants/vpp-nat64.service -> ../vpp-nat64.service",
            "normal/vpp-nat64-config.service",
            "normal/vpp-nat64.service",
        ]
    );
    let unit = |name: &str| fs::read_to_string(machine.dir(name)).unwrap();
    let vpp = unit("normal/vpp-nat64.service");
    assert!(vpp.contains("ExecStart=/usr/bin/vpp -c /run/imp/vpp/startup-nat64.conf\n"));
    assert_eq!(
        vpp.replace("nat64", "nat"),
        include_str!("../../units/vpp-nat.service")
    );
    assert_eq!(
        unit("normal/vpp-nat64-config.service").replace("nat64", "nat"),
        include_str!("../../units/vpp-nat-config.service")
    );
}

#[test]
fn a_second_run_touches_nothing() {
    let machine = Machine::new().config("imp.toml", "[vpp.nat64]\n");
    machine.run();
    let inode = |name: &str| fs::symlink_metadata(machine.dir(name)).unwrap().ino();
    let all = [
        "normal/vpp-nat64.service",
        "normal/imp.target.wants/vpp-nat64.service",
        "early/frr.service",
    ];
    let before = all.map(inode);
    machine.run();
    assert_eq!(all.map(inode), before);
}

#[test]
fn nothing_to_read_is_not_a_problem() {
    let machine = Machine::new();
    machine.run();
    assert_eq!(machine.listing(), EARLY);
    let machine = Machine::new().config("notes.txt", "[vpp.x]\n");
    machine.run();
    assert_eq!(machine.listing(), EARLY);
    assert_eq!(machine.kmsg(), "");
}

#[test]
fn what_is_not_a_file_is_named_in_the_kernel_log_and_holds_nothing_up() {
    let machine = Machine::new().config("20.toml", "[vpp.b]\n");
    let fifo = machine.dir("persistent/config/10.toml");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    fs::create_dir(machine.dir("persistent/config/30\n.toml")).unwrap();
    machine.run();
    assert!(machine.listing().contains(&"normal/vpp-b.service".to_owned()));
    let kmsg = machine.kmsg();
    let mut lines: Vec<_> = kmsg
        .lines()
        .map(|line| line.split_once("]: ").unwrap().1)
        .collect();
    lines.sort_unstable();
    let folder = machine.dir("persistent/config");
    assert_eq!(
        lines,
        [
            format!("{}/10.toml: not a regular file", folder.display()),
            format!("{}/30\\n.toml: not a regular file", folder.display()),
        ]
    );
    assert!(kmsg.lines().all(|line| line.starts_with("<3>imp-generator[")));
}

#[test]
fn a_missing_package_directory_is_reported_and_the_rest_still_done() {
    let machine = Machine::new().config("imp.toml", "[vpp.b]\n");
    fs::remove_dir_all(machine.dir("usr")).unwrap();
    machine.run();
    assert!(machine.listing().contains(&"normal/vpp-b.service".to_owned()));
    assert!(
        machine
            .kmsg()
            .contains("usr/lib/imp/early: No such file or directory")
    );
}

#[test]
fn wrong_arguments_are_a_usage_error() {
    for words in [&[][..], &["one"], &["a", "b", "c", "d"], &["--root"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_imp-generator"))
            .args(words)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(64), "{words:?}");
    }
}

fn found(text: &[u8]) -> Vec<String> {
    let mut names = BTreeSet::new();
    scan(text, &mut names).unwrap();
    names.iter().map(ToString::to_string).collect()
}

#[test]
fn every_spelling_of_a_header_is_seen() {
    for line in [
        "[vpp.a1]",
        "[ vpp . a1 ]",
        "\t[vpp.a1]\r",
        "[\"vpp\".\"a1\"]",
        "['vpp'.'a1' ] # [vpp.b]",
        "[vpp.a1.extra]",
        "x = 1\n[vpp.a1]\ny = 2",
    ] {
        assert_eq!(found(line.as_bytes()), ["a1"], "{line}");
    }
}

#[test]
fn hostile_names_make_no_unit() {
    for line in [
        "[vpp]",
        "[vpp.]",
        "[vpp.\"../../etc/x\"]",
        "[vpp.\"a\\nExecStart=/bin/sh\"]",
        "[vpp.\"a b\"]",
        "[vpp.A]",
        "[vpp.a-b]",
        "[vpp.config]",
        "[vpp.abcdefghijklmnopq]",
        "[vpp.\"a]",
        "[xvpp.a]",
        "[x.vpp.a]",
        "[vppx.a]",
        "# [vpp.a]",
        "a = '[vpp.a]'",
        "[[vpp.a]]",
        "[vpp.\u{202e}a]",
        "[vpp.%i]",
    ] {
        assert_eq!(found(line.as_bytes()), [""; 0], "{line}");
    }
    assert_eq!(found(b"\xff\xfe[vpp.a]\n[vpp.b]\n\xff[vpp.c]"), ["b"]);
}

#[test]
fn a_header_is_found_wherever_the_reads_end() {
    for padding in (32_768 - 40)..(32_768 + 8) {
        let text = format!("{}\n[vpp.edge]\nx = 1\n[vpp.last]", "#".repeat(padding));
        assert_eq!(found(text.as_bytes()), ["edge", "last"], "{padding}");
    }
    let mut longest = vec![b'x'; 1 << 20];
    longest.extend_from_slice(b"\n[vpp.a]\n");
    assert_eq!(found(&longest), ["a"], "a line longer than the buffer");
}

proptest! {
    #[test]
    fn any_bytes_are_looked_at_without_harm(bytes: Vec<u8>, cut in 0usize..64) {
        let mut text = bytes.clone();
        text.truncate(cut.min(text.len()));
        text.extend_from_slice(b"\n[vpp.a]\n");
        text.extend_from_slice(&bytes);
        prop_assert!(found(&text).contains(&"a".to_owned()));
    }
}

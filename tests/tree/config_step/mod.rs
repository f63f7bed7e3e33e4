//! `imp-config` as systemd starts it, on trees of its own: what runs after good, bad, missing and hostile documents.
#![allow(clippy::unwrap_used)]

mod apply;
mod back;
mod costs;
mod refused;
mod reload;
mod steps;
mod unanswered;

use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const GOOD: &str = "config-version = 1\n[system]\nhostname = \"edge1\"\n";
const NETWORKS: &str = "run/systemd/network";
const KEPT: &str = "persistent/data/imp/generations";

struct Machine {
    root: tempfile::TempDir,
}

impl Machine {
    fn new(text: impl AsRef<[u8]>) -> Self {
        let machine = Self::empty();
        machine.write(text);
        machine
    }

    fn empty() -> Self {
        // In memory where there is one: every write is synced, which a busy disk makes slow.
        let root = tempfile::tempdir_in("/dev/shm")
            .or_else(|_| tempfile::tempdir())
            .unwrap();
        fs::create_dir_all(root.path().join("persistent/config")).unwrap();
        fs::create_dir_all(root.path().join("persistent/data")).unwrap();
        Self { root }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    fn write(&self, text: impl AsRef<[u8]>) {
        fs::write(self.path("persistent/config/imp.toml"), text).unwrap();
    }

    fn named(&self, hostname: &str) -> &Self {
        self.write(GOOD.replace("edge1", hostname));
        self
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_imp-config"));
        command.args(words).arg("--root").arg(self.root.path());
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// Starts the step; its exit code and what it said.
    fn start(&self) -> (i32, String) {
        said(&self.run(&[]))
    }

    fn status(&self) -> serde_json::Value {
        serde_json::from_str(&self.text("run/imp/status.json")).unwrap()
    }

    /// The host name of the configuration that runs, if one does.
    fn runs(&self) -> Option<String> {
        let text = fs::read_to_string(self.path("run/imp/generation/imp.toml")).ok()?;
        let name = text.split('"').nth(1).unwrap().to_owned();
        assert_eq!(
            self.text("run/imp/hostname").trim(),
            name,
            "what runs is what is rendered"
        );
        Some(name)
    }

    fn kept(&self) -> Vec<String> {
        let order = fs::read_to_string(self.path(KEPT).join("order")).unwrap_or_default();
        order.lines().map(str::to_owned).collect()
    }

    /// Forgets `/run`, as a reboot does.
    fn reboot(&self) -> &Self {
        let _ = fs::remove_dir_all(self.path("run"));
        self
    }
}

fn said(output: &Output) -> (i32, String) {
    assert!(output.stdout.is_empty(), "results go to the log");
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(!text.contains("panicked"), "{text}");
    (output.status.code().unwrap_or(-1), text)
}

/// Every file below a directory: its path, inode, time of change and mode.
fn snapshot(dir: &Path) -> BTreeMap<PathBuf, (u64, i64, i64, u32)> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.ends_with("run/imp/lock") {
            // Says who holds it.
            continue;
        }
        let data = fs::symlink_metadata(&path).unwrap();
        if data.is_dir() {
            files.extend(snapshot(&path));
        }
        files.insert(
            path,
            (
                data.ino(),
                data.mtime(),
                data.mtime_nsec(),
                data.permissions().mode() & 0o7777,
            ),
        );
    }
    files
}

#[test]
fn a_good_document_runs_and_is_kept() {
    let machine = Machine::new(GOOD);
    let (code, said) = machine.start();
    assert_eq!(code, 0, "{said}");
    assert_eq!(machine.runs().as_deref(), Some("edge1"));
    let kept = machine.kept();
    assert_eq!(kept.len(), 1);
    assert_eq!(
        fs::read_link(machine.path(KEPT).join("current")).unwrap(),
        Path::new(&kept[0])
    );
    let status = machine.status();
    assert_eq!(status["configuration"], "accepted");
    assert_eq!(status["generation"], kept[0].as_str());
    assert!(!machine.path("run/motd.d/imp").exists());
    assert_eq!(
        said.lines().count(),
        machine.text("run/imp/plan.json").matches("\"path\"").count()
    );
    assert_eq!(machine.run(&["--verdict"]).status.code(), Some(0));
}

#[test]
fn a_second_run_changes_nothing_and_says_nothing() {
    for text in [GOOD, "broken"] {
        let machine = Machine::new(GOOD);
        machine.start();
        machine.write(text);
        machine.start();
        let before = snapshot(machine.root.path());
        let (code, said) = machine.start();
        assert_eq!(snapshot(machine.root.path()), before);
        match code {
            0 => assert_eq!(said, ""),
            _ => assert!(said.starts_with("error: the configuration is refused"), "{said}"),
        }
    }
}

#[test]
fn secrets_are_kept_for_root_alone() {
    let machine = Machine::empty();
    copy(
        Path::new("tests/trees/01-example/root/persistent/config"),
        &machine.path("persistent/config"),
    );
    let secret = machine.path("persistent/config/secrets/bgp-transit-a");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o640)).unwrap();
    let (code, log) = machine.start();
    assert_eq!(code, 0, "{log}");
    let words = fs::read_to_string(&secret).unwrap();
    assert!(!log.contains(words.trim()));
    for dir in [machine.path(KEPT), machine.path("run/imp/generation")] {
        assert_eq!(fs::metadata(&dir).unwrap().permissions().mode() & 0o7777, 0o700);
        for (path, (.., mode)) in snapshot(&dir) {
            let wanted = match fs::symlink_metadata(&path).unwrap() {
                data if data.is_symlink() => continue,
                data if data.is_dir() => 0o700,
                _ => 0o600,
            };
            assert_eq!(mode, wanted, "{}", path.display());
        }
    }
    for path in ["run/imp/plan.json", "run/imp/status.json", "run/imp/verdict.json"] {
        assert!(!machine.text(path).contains(words.trim()), "{path}");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn the_last_good_one_is_the_one_accepted_last_and_old_ones_are_pruned() {
    let machine = Machine::empty();
    let named = |name: &str| format!("{}[apply]\ngenerations = 3\n", GOOD.replace("edge1", name));
    for name in ["a", "b", "c", "d", "a", "b"] {
        machine.write(named(name));
        assert_eq!(machine.start().0, 0);
    }
    let kept = machine.kept();
    assert_eq!(kept.len(), 3);
    let mut folders: Vec<String> = fs::read_dir(machine.path(KEPT))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let mut wanted = kept.clone();
    wanted.extend(["current", "history.json", "order"].map(str::to_owned));
    wanted.sort();
    assert_eq!(folders, wanted);
    machine.write("broken");
    machine.reboot().start();
    assert_eq!(machine.runs().as_deref(), Some("b"));
}

#[test]
fn what_is_not_rendered_any_more_goes() {
    let machine = Machine::new(format!(
        "{GOOD}[firewall]\nallow = [{{ service = \"ssh\", from = [\"172.16.0.0/24\"] }}]\n[vpp.nat64]\nmain-core = 2\n"
    ));
    let (code, log) = machine.start();
    assert_eq!(code, 0, "{log}");
    assert!(machine.path("run/imp/nftables.conf").exists());
    assert!(machine.path("run/systemd/system/vpp-nat64.service").exists());
    fs::create_dir_all(machine.path(NETWORKS)).unwrap();
    fs::write(machine.path("run/systemd/network/50-mine.network"), "[Match]\n").unwrap();
    machine.write(GOOD);
    machine.start();
    assert!(!machine.path("run/imp/nftables.conf").exists());
    assert!(!machine.path("run/systemd/system/vpp-nat64.service").exists());
    assert!(
        machine.path("run/systemd/network/50-mine.network").exists(),
        "not ours"
    );
}

#[test]
fn an_instance_the_generator_saw_needs_no_unit_from_us() {
    let machine = Machine::new(format!("{GOOD}[vpp.nat64]\nmain-core = 2\n"));
    let generated = machine.path("run/systemd/generator");
    fs::create_dir_all(&generated).unwrap();
    for name in ["vpp-nat64.service", "vpp-nat64-config.service"] {
        fs::write(generated.join(name), "").unwrap();
    }
    let (code, log) = machine.start();
    assert_eq!(code, 0, "{log}");
    assert!(!machine.path("run/systemd/system/vpp-nat64.service").exists());
}

#[test]
fn nothing_at_all_is_a_first_boot_without_configuration() {
    let machine = Machine::empty();
    let (code, said) = machine.start();
    assert_eq!(code, 78);
    assert!(said.contains("E0109"), "{said}");
    fs::remove_dir_all(machine.path("persistent")).unwrap();
    assert_eq!(machine.reboot().start().0, 78);
    assert!(machine.path("run/systemd/network/90-imp-dhcp.network").exists());
}

#[test]
fn generations_that_cannot_be_kept_do_not_stop_a_good_boot() {
    let machine = Machine::new(GOOD);
    fs::write(machine.path("persistent/data/imp"), "in the way").unwrap();
    let (code, said) = machine.start();
    assert_eq!(code, 0, "{said}");
    assert_eq!(machine.runs().as_deref(), Some("edge1"));
    assert!(
        machine.status()["problems"][0]
            .as_str()
            .unwrap()
            .contains("cannot be kept")
    );
    assert_eq!(
        machine.run(&["--verdict"]).status.code(),
        Some(1),
        "red: the next wrong file has nothing to fall back to"
    );
}

#[test]
fn frr_has_the_last_word_on_lines_that_are_not_ours() {
    if !Path::new("/usr/bin/vtysh").exists() {
        crate::skip::skipped("frr_has_the_last_word_on_lines_that_are_not_ours: no vtysh here");
        return;
    }
    let machine = Machine::new(GOOD);
    machine.start();
    fs::write(machine.path("persistent/config/extra.conf"), "router bgpp\n").unwrap();
    machine.write(format!(
        "{}[frr]\nextra-file = \"extra.conf\"\n",
        GOOD.replace("edge1", "edge2")
    ));
    let (code, said) = machine.start();
    assert_eq!(code, 78, "{said}");
    assert!(
        said.contains("E0406") && said.contains("% Unknown command") && said.contains("router bgpp"),
        "{said}"
    );
    assert_eq!(machine.runs().as_deref(), Some("edge1"));
    let (code, said) = self::said(&machine.run(&["--reload"]));
    assert_eq!(code, 1, "{said}");
    assert_eq!(machine.runs().as_deref(), Some("edge1"));
}

fn leftovers(dir: &Path) -> Vec<PathBuf> {
    let files = snapshot(dir);
    files
        .into_keys()
        .filter(|path| path.to_string_lossy().contains(".imp-"))
        .collect()
}

#[test]
fn an_unknown_word_is_a_usage_error() {
    let machine = Machine::new(GOOD);
    assert_eq!(machine.run(&["--relaod"]).status.code(), Some(64));
    assert!(!machine.path("run").exists());
}

#[test]
fn a_verdict_before_the_step_has_ended_is_not_a_good_one() {
    let machine = Machine::new(GOOD);
    let (code, said) = said(&machine.run(&["--verdict"]));
    assert_eq!(code, 1);
    assert!(said.contains("there is no verdict"), "{said}");
}

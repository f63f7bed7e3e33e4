//! Whether a reboot goes through what power-on goes through. Where a kernel is loaded for kexec, or the next root is set up for
//! a soft reboot, the same command starts something else: no token is taken, and what was rejected can come back.

use crate::boot::loader::BackendError;
use crate::facts::mount::mounts_of;
use crate::host::process::{self, ProcessError};
use crate::types::Root;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Of Debian's kexec-tools: a shell reads these in order (`/etc/init.d/kexec-load`), and what is set last counts.
const SETTINGS: &str = "etc/default/kexec";
const MORE: &str = "etc/default/kexec.d";
/// The first loads the kernel that runs once more, the second starts it in the place of a reset. Both act, or nothing happens.
const UNITS: [&str; 2] = ["kexec-load.service", "kexec.service"];
/// Where PID 1 looks for units, what counts first in front (systemd.unit(5)).
const UNIT_PATH: [&str; 5] = [
    "etc/systemd/system",
    "run/systemd/system",
    "usr/local/lib/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
];
/// Says `1` while a kernel is loaded (sysfs-kernel-kexec); one that waits for a crash is not counted.
const LOADED: &str = "sys/kernel/kexec_loaded";
/// What `systemctl reboot` switches to without a reset, from systemd 254 on, where something is mounted or lies there.
const NEXT_ROOT: &str = "run/nextroot";
/// How long PID 1 may take to begin a reboot, or to read its units again.
const DEADLINE: Duration = Duration::from_secs(10);

/// The next reboot goes through firmware and boot loader.
pub fn reaches_firmware(root: &Root) -> Result<(), BackendError> {
    if comes_back_by_kexec(root.path()) {
        return incapable(
            "a reboot goes by kexec and never reaches firmware and boot loader: set LOAD_KEXEC=false in /etc/default/kexec",
        );
    }
    nothing_is_in_its_place(root)
}

/// Nothing that is loaded or mounted already is started in the place of a reset.
pub fn nothing_is_in_its_place(root: &Root) -> Result<(), BackendError> {
    if is_loaded(root) {
        return incapable(
            "a kernel is loaded for kexec, and a reboot may start that in the place of the boot loader: 'kexec -u' unloads it",
        );
    }
    let mounts = mounts_of(root).unwrap_or_default();
    let mounted = mounts
        .iter()
        .any(|mount| mount.target == Path::new("/").join(NEXT_ROOT));
    if mounted || root.join(NEXT_ROOT).join("usr").exists() {
        return incapable(
            "/run/nextroot holds a system, and a reboot only switches to that (a soft reboot): unmount it first",
        );
    }
    Ok(())
}

/// The system below this directory starts its own kernel again when it is told to reboot.
pub fn comes_back_by_kexec(system: &Path) -> bool {
    is_told_to_load(system) && !UNITS.iter().any(|unit| is_masked(system, unit))
}

/// What is wrong with an image that does so: rejected, it would start itself.
pub fn problem(system: &Path) -> Option<&'static str> {
    comes_back_by_kexec(system).then_some(
        "reboots by kexec, so it would start itself again when it is rejected: set LOAD_KEXEC=false in its /etc/default/kexec",
    )
}

/// The machine reboots in order, through firmware and boot loader: by the target itself, because `systemctl reboot` starts
/// what is loaded or mounted in its place, and stays where a program holds shutdowns back (systemd-inhibit(1)).
///
/// What Debian's kexec-tools would do is kept from it where that can be done; what cannot is logged, and the reboot goes on.
pub fn now(root: &Root) -> Result<(), ProcessError> {
    if is_loaded(root) || comes_back_by_kexec(root.path()) {
        let words = ["--runtime", "mask", UNITS[0], UNITS[1]];
        if let Err(error) = process::run("systemctl", &words, DEADLINE) {
            tracing::warn!("the reboot may go by kexec: {error}");
        }
    }
    let words = [
        "--no-block",
        "--job-mode=replace-irreversibly",
        "start",
        "reboot.target",
    ];
    process::run("systemctl", &words, DEADLINE).map(drop)
}

fn is_loaded(root: &Root) -> bool {
    fs::read_to_string(root.join(LOADED)).is_ok_and(|text| text.trim() == "1")
}

fn is_told_to_load(system: &Path) -> bool {
    let entries = fs::read_dir(system.join(MORE)).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.sort();
    files.insert(0, system.join(SETTINGS));
    let mut told = false;
    for file in files {
        // A link out of an image leads to a file of ours while another one runs.
        let inside = file
            .canonicalize()
            .is_ok_and(|real| system.canonicalize().is_ok_and(|top| real.starts_with(top)));
        if !inside || !file.is_file() {
            continue;
        }
        let text = fs::read_to_string(file).unwrap_or_default();
        if let Some(value) = text.lines().filter_map(assigned).next_back() {
            told = value == "true";
        }
    }
    told
}

/// What a line of shell sets `LOAD_KEXEC` to: one word, without what follows it.
fn assigned(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    let word = line.strip_prefix("LOAD_KEXEC=")?;
    let end = word.find(|c: char| c.is_whitespace() || c == ';');
    Some(word[..end.unwrap_or(word.len())].trim_matches(['"', '\'']))
}

/// Whether the first file of a unit is a link to nowhere.
fn is_masked(system: &Path, unit: &str) -> bool {
    let files = UNIT_PATH.iter().map(|dir| system.join(dir).join(unit));
    let mut found = files.filter(|file| fs::symlink_metadata(file).is_ok());
    let first = found.next();
    first.is_some_and(|file| fs::read_link(file).is_ok_and(|to| to == Path::new("/dev/null")))
}

fn incapable(reason: &str) -> Result<(), BackendError> {
    Err(BackendError::Incapable(reason.to_owned()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn tree() -> (tempfile::TempDir, Root) {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::new(dir.path());
        for place in [
            MORE,
            "etc/systemd/system",
            "lib/systemd/system",
            "sys/kernel",
            "proc/self",
        ] {
            fs::create_dir_all(root.join(place)).unwrap();
        }
        (dir, root)
    }

    #[test]
    fn what_is_set_last_counts() {
        let (_dir, root) = tree();
        let with = |main: &str, more: &str| {
            fs::write(root.join(SETTINGS), main).unwrap();
            fs::write(root.join(MORE).join("local"), more).unwrap();
            reaches_firmware(&root).is_ok()
        };
        assert!(with("", ""));
        assert!(!with("# Defaults\nLOAD_KEXEC=true\nAPPEND=\"\"\n", ""));
        assert!(!with("LOAD_KEXEC=false\n", "LOAD_KEXEC=\"true\"\n"));
        assert!(with("LOAD_KEXEC=true\n", "LOAD_KEXEC=false\n"));
        for line in [
            "LOAD_KEXEC=true # fast",
            "LOAD_KEXEC='true'; X=1",
            "export LOAD_KEXEC=true",
        ] {
            assert!(!with(line, ""), "{line}");
        }
        assert!(with("LOAD_KEXEC=false # not true\n", ""));
    }

    #[test]
    fn a_setting_that_no_unit_acts_on_is_none() {
        let (_dir, root) = tree();
        fs::write(root.join(SETTINGS), "LOAD_KEXEC=true\n").unwrap();
        assert!(problem(root.path()).unwrap().contains("kexec"));
        let shipped = root.join("lib/systemd/system/kexec.service");
        symlink("/dev/null", &shipped).unwrap();
        assert!(!comes_back_by_kexec(root.path()));
        // An operator's own unit goes before the one of the package.
        let own = root.join("etc/systemd/system/kexec.service");
        fs::write(&own, "[Service]\n").unwrap();
        assert!(comes_back_by_kexec(root.path()));
        symlink("/dev/null", root.join("etc/systemd/system/kexec-load.service")).unwrap();
        assert!(!comes_back_by_kexec(root.path()), "nothing is loaded then");
    }

    #[test]
    fn the_settings_of_an_image_are_its_own() {
        let (_dir, root) = tree();
        let outside = tempfile::NamedTempFile::new().unwrap();
        fs::write(outside.path(), "LOAD_KEXEC=true\n").unwrap();
        symlink(outside.path(), root.join(SETTINGS)).unwrap();
        assert!(!comes_back_by_kexec(root.path()));
        fs::write(root.join("etc/kexec.conf"), "LOAD_KEXEC=true\n").unwrap();
        symlink("../../kexec.conf", root.join(MORE).join("local")).unwrap();
        assert!(comes_back_by_kexec(root.path()), "a link that stays inside");
    }

    #[test]
    fn what_is_loaded_or_mounted_goes_before_a_reset() {
        let (_dir, root) = tree();
        nothing_is_in_its_place(&root).unwrap();
        fs::write(root.join(LOADED), "1\n").unwrap();
        let error = reaches_firmware(&root).unwrap_err().to_string();
        assert!(error.contains("kexec -u"), "{error}");
        fs::write(root.join(LOADED), "0\n").unwrap();
        let mount = "30 25 0:30 / /run/nextroot rw - tmpfs tmpfs rw\n";
        fs::write(root.join("proc/self/mountinfo"), mount).unwrap();
        let error = reaches_firmware(&root).unwrap_err().to_string();
        assert!(error.contains("soft reboot"), "{error}");
    }
}

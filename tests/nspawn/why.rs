//! Boots that fail, and what is known about them afterwards: emergency mode, no verdict in time, a failed unit.

use super::machine::Machine;
use super::router::Router;
use std::fs;

/// A missing file system that local-fs.target requires.
const BROKEN_MOUNT: [(&str, &str); 2] = [
    (
        "etc/systemd/system/srv.mount",
        "[Unit]\nBefore=local-fs.target\n[Mount]\nWhat=/dev/not-there\nWhere=/srv\nType=ext4\n",
    ),
    (
        "etc/systemd/system/local-fs.target.d/srv.conf",
        "[Unit]\nRequires=srv.mount\n",
    ),
];

/// What `imp-boot classify` does in a trial, on a machine whose loader cannot try anything.
const TRIAL: [(&str, &str); 3] = [
    (
        "etc/systemd/system/on-trial.service",
        "[Unit]\nDefaultDependencies=no\nBefore=local-fs-pre.target\n[Service]\nType=oneshot\n\
         ExecStart=/bin/sh -c 'mkdir -p /run/imp && echo 0a1b2c3d4e5f >/run/imp/trial'\n",
    ),
    (
        "etc/systemd/system/sysinit.target.d/on-trial.conf",
        "[Unit]\nWants=on-trial.service\n",
    ),
    // The real one would find that this is not a trial.
    (
        "etc/systemd/system/imp-boot-classify.service.d/off.conf",
        "[Unit]\nConditionPathExists=/not-there\n",
    ),
];

const SLOW: [(&str, &str); 2] = [
    (
        "etc/systemd/system/slow.service",
        "[Service]\nType=oneshot\nTimeoutStartSec=infinity\nExecStart=/bin/sleep 600\n",
    ),
    (
        "etc/systemd/system/multi-user.target.d/slow.conf",
        "[Unit]\nWants=slow.service\n",
    ),
];

/// A deadline this many seconds after the start.
fn clock(seconds: u32) -> (&'static str, String) {
    (
        "etc/systemd/system/imp-boot-deadline.timer.d/soon.conf",
        format!("[Timer]\nOnBootSec=\nOnBootSec={seconds}s\n"),
    )
}

impl Router {
    fn with(self, files: &[(&str, &str)]) -> Self {
        for (path, text) in files {
            self.write_image(path, text);
        }
        self
    }

    /// The previous image, without what was added to this one.
    fn without(&self, files: &[(&str, &str)]) {
        for (path, _) in files {
            fs::remove_file(self.dir.join("up").join(path)).unwrap();
        }
    }

    fn kept(&self) -> serde_json::Value {
        let file = self
            .persistent()
            .join("data/imp/evidence/0a1b2c3d4e5f/evidence.json");
        serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
    }
}

fn why(machine: &Machine) -> String {
    machine.sh("impctl why")
}

#[test]
fn emergency_mode_in_a_trial_ends_in_a_reset_and_names_its_cause() {
    let Some(router) = Router::new("emergency_mode_in_a_trial_ends_in_a_reset_and_names_its_cause") else {
        return;
    };
    let router = router.with(&BROKEN_MOUNT).with(&TRIAL);
    router.power_on().until_reset(60);
    let kept = router.kept();
    assert_eq!(kept["ending"], "emergency", "{kept}");
    router.without(&BROKEN_MOUNT);
    router.without(&TRIAL);
    let told = why(&router.boot());
    assert!(
        told.contains("it ended in emergency mode: srv.mount failed (exit-code)"),
        "{told}"
    );
    assert!(told.contains("not-there"), "the mount's own words: {told}");
}

#[test]
fn emergency_mode_of_a_blessed_image_stays_for_the_operator() {
    let Some(router) = Router::new("emergency_mode_of_a_blessed_image_stays_for_the_operator") else {
        return;
    };
    let (path, text) = clock(4);
    let router = router.with(&BROKEN_MOUNT).with(&[(path, &text)]);
    let machine = router.power_on();
    machine.until(
        "evidence",
        60,
        "journalctl -b | grep -q 'imp-boot-deadline.*skipped' && impctl why",
    );
    assert_eq!(machine.state("emergency.target"), "active");
    let told = why(&machine);
    assert!(told.contains("srv.mount failed (exit-code)"), "{told}");
    assert!(told.contains("the image was blessed and stays"), "{told}");
}

#[test]
fn a_trial_without_a_verdict_is_reset_and_names_what_hung() {
    let Some(router) = Router::new("a_trial_without_a_verdict_is_reset_and_names_what_hung") else {
        return;
    };
    let (path, text) = clock(8);
    let soon = [(path, text.as_str())];
    let router = router.with(&TRIAL).with(&SLOW).with(&soon);
    router.power_on().until_reset(60);
    assert_eq!(router.kept()["ending"], "deadline");
    router.without(&TRIAL);
    router.without(&SLOW);
    router.without(&soon);
    let told = why(&router.boot());
    assert!(told.contains("it reached no verdict in time"), "{told}");
    assert!(told.contains("start slow.service"), "{told}");
}

/// The image on trial may be broken in any way: the reset is PID 1's.
#[test]
fn a_trial_whose_own_step_hangs_is_reset_all_the_same() {
    let Some(router) = Router::new("a_trial_whose_own_step_hangs_is_reset_all_the_same") else {
        return;
    };
    let (path, text) = clock(5);
    let router = router.with(&TRIAL).with(&[
        (path, &text),
        (
            "etc/systemd/system/imp-boot-deadline.service.d/hang.conf",
            "[Service]\nTimeoutStartSec=2\nExecStart=\nExecStart=/bin/sh -c 'trap \"\" TERM; sleep 600'\n",
        ),
    ]);
    router.power_on().until_reset(60);
}

#[test]
fn a_steady_boot_outlives_the_deadline_and_its_failed_unit_is_named() {
    let Some(router) = Router::new("a_steady_boot_outlives_the_deadline_and_its_failed_unit_is_named") else {
        return;
    };
    let (path, text) = clock(5);
    let router = router.with(&[
        (path, &text),
        (
            "etc/systemd/system/bad.service",
            "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'echo words of its own; exit 7'\n",
        ),
        (
            "etc/systemd/system/multi-user.target.d/bad.conf",
            "[Unit]\nWants=bad.service\n",
        ),
    ]);
    let machine = router.boot();
    machine.until(
        "the clock",
        30,
        "journalctl -b | grep -q 'imp-boot-deadline.*skipped'",
    );
    // Nothing ended this boot; the report is made the way the step before an emergency shell makes it.
    machine.sh("/usr/lib/imp/imp-boot emergency");
    let told = why(&machine);
    assert!(
        told.contains("first failed unit: bad.service failed (exit-code): exited with status 7"),
        "{told}"
    );
    assert!(told.contains("words of its own"), "{told}");
    // Not read with `impctl why`: under nspawn a unit with a sandbox sees another boot id than one without.
    let marks = machine.sh("cat /persistent/data/imp/boot/marks.json");
    assert!(
        marks.contains("\"userspace\"") && marks.contains("\"config\""),
        "{marks}"
    );
}

#[test]
fn watchdogs_are_set_and_the_console_reads_our_notice() {
    let Some(router) = Router::new("watchdogs_are_set_and_the_console_reads_our_notice") else {
        return;
    };
    let machine = router.boot();
    assert_eq!(machine.sh("systemctl show -p RuntimeWatchdogUSec --value"), "30s");
    assert_eq!(machine.sh("systemctl show -p RebootWatchdogUSec --value"), "2min");
    assert_eq!(machine.property("reboot.target", "JobTimeoutUSec"), "5min");
    // The machine has none, and that is not reported at every boot.
    assert!(!machine.journal("_PID=1").to_lowercase().contains("watchdog"));
    let shown = "script --quiet --command 'agetty --show-issue' /dev/null </dev/null";
    assert!(!machine.sh(shown).contains("imp:"));
    machine.sh("mkdir -p /run/issue.d && echo '*** imp: a notice' >/run/issue.d/30-imp.issue");
    assert!(machine.sh(shown).contains("*** imp: a notice"));
    machine.power_off();
    let marks = fs::read_to_string(router.persistent().join("data/imp/boot/marks.json")).unwrap();
    assert!(marks.contains("\"shutdown\""), "{marks}");
}

//! What a boot leaves behind, and what `impctl why` makes of it: a sentence for each way a boot can fail.
#![allow(clippy::unwrap_used)]

use caps::{CapSet, Capability};
use imp::act::file;
use imp::boot::evidence::{
    self, Announcement, Crash, Ending, Evidence, FailedUnit, Mark, Phase, Reset, Seen, TimeLine,
};
use imp::boot::record::{BootRecord, Concluded};
use imp::boot::trial::classify::{Attempt, Class, LoaderState, Token};
use imp::boot::trial::ledger::{Culprit, End, Ended, Ledger, Pair, Stage, Trial};
use imp::boot::trial::outcome::{CheckOutcome, CheckState, Scope};
use imp::boot::{deadline, ledger};
use imp::types::{BootId, Root, TrialId};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

const BOOT: &str = "11111111-2222-3333-4444-555555555555";

struct Site {
    dir: tempfile::TempDir,
    root: Root,
}

impl Site {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let site = Self {
            root: Root::new(dir.path()),
            dir,
        };
        fs::create_dir_all(site.path("persistent/data")).unwrap();
        site.write("proc/sys/kernel/random/boot_id", &format!("{BOOT}\n"));
        site.write("proc/cmdline", "root=zfs:AUTO panic=10\n");
        site
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    /// The next boot of the same machine.
    fn reboot(&self, boot: &str) {
        self.write("proc/sys/kernel/random/boot_id", &format!("{boot}\n"));
        let _ = fs::remove_dir_all(self.path("run"));
    }

    fn ended(&self, end: End, culprit: Option<Culprit>, reason: &str) {
        let ledger = Ledger {
            past: vec![Ended {
                id: trial(),
                image: image("b"),
                end,
                culprit,
                reason: reason.to_owned(),
            }],
            ..Ledger::default()
        };
        assert!(ledger::write(&self.root, &ledger).unwrap().changed());
    }

    fn why(&self, words: &[&str]) -> (String, i32) {
        self.impctl("why", words)
    }

    fn impctl(&self, command: &str, words: &[&str]) -> (String, i32) {
        let output = Command::new(env!("CARGO_BIN_EXE_impctl"))
            .args(["--root", self.dir.path().to_str().unwrap(), command])
            .args(words)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).replace(self.dir.path().to_str().unwrap(), "");
        (text, output.status.code().unwrap())
    }

    /// The first line of `impctl why`, and the last.
    fn sentence(&self) -> (String, String) {
        let (text, code) = self.why(&[]);
        assert_eq!(code, 0, "{text}");
        let line = |line: Option<&str>| line.unwrap().to_owned();
        (line(text.lines().next()), line(text.lines().last()))
    }
}

fn trial() -> TrialId {
    "0a1b2c3d4e5f".parse().unwrap()
}

fn image(name: &str) -> imp::types::ImageName {
    format!("tank/ROOT/{name}").parse().unwrap()
}

fn attempt() -> Attempt {
    Attempt {
        trial: trial(),
        image: image("b"),
    }
}

fn open_trial(drill: bool) -> Trial {
    Trial {
        id: trial(),
        image: image("b"),
        identity: None,
        from: Pair {
            image: image("a"),
            config: None,
        },
        armed_in: BOOT.parse().unwrap(),
        tried_in: None,
        stage: Stage::Trying,
        drill,
    }
}

fn record(class: Class, verdict: Option<Concluded>) -> BootRecord {
    BootRecord {
        boot: BOOT.parse().unwrap(),
        backend: "zfs".to_owned(),
        class,
        loader: Some(LoaderState {
            booted: image(if class == Class::Trial { "b" } else { "a" }),
            default: image("a"),
            token: Token::Consumed(attempt()),
        }),
        trial: None,
        problems: Vec::new(),
        verdict,
        outcomes: Vec::new(),
        time_line: TimeLine::default(),
    }
}

fn outcome(name: &str, state: CheckState, observed: &str) -> CheckOutcome {
    CheckOutcome {
        name: name.to_owned(),
        scope: Scope::Boot,
        required: true,
        config_can_cause: false,
        state,
        expected: "no failed unit".to_owned(),
        observed: observed.to_owned(),
        took_ms: 3,
    }
}

/// Evidence as a trial's own boot writes it.
fn of_trial(ending: Ending, reason: &str) -> Evidence {
    Evidence {
        boot: Some(BOOT.parse().unwrap()),
        image: Some(image("b")),
        class: Some(Class::Trial),
        trial: Some(trial()),
        ending,
        reason: reason.to_owned(),
        ..Evidence::default()
    }
}

fn failed_unit(name: &str, exit: &str) -> FailedUnit {
    FailedUnit {
        name: name.to_owned(),
        result: "exit-code".to_owned(),
        exit: exit.to_owned(),
        at_ms: 14_230,
        log: vec!["[   14.230001] nginx[812]: bind() to 0.0.0.0:80 failed".to_owned()],
    }
}

const PANIC: &str = "Panic#1 Part1\n<4>[    9.1] random line\n<0>[    9.2] Kernel panic - not syncing: Attempted to kill init! \
exitcode=0x00000100\n<4>[    9.2] CPU: 0 PID: 1 Comm: init\n";

#[test]
fn nothing_is_known_of_a_machine_that_never_failed() {
    let site = Site::new();
    let (text, code) = site.why(&[]);
    assert_eq!((text.as_str(), code), ("", 1));
    // A program reads a value all the same.
    let (json, code) = site.why(&["--format", "json"]);
    assert_eq!((json.as_str(), code), ("null\n", 1));
}

/// It is root's alone: that is no reason to say that there is nothing.
#[test]
fn what_may_not_be_read_is_not_unknown() {
    for path in [
        "evidence",
        "evidence/0a1b2c3d4e5f/evidence.json",
        "boot/ledger.json",
    ] {
        let site = Site::new();
        evidence::write(&site.root, &of_trial(Ending::Verdict, "units")).unwrap();
        site.ended(End::Failed, Some(Culprit::Image), "units");
        let path = site.path("persistent/data/imp").join(path);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        let asked = without_privilege(|| site.why(&[]));
        assert_eq!(asked, (String::new(), 77), "{}", path.display());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// What is started in it obeys the modes of files, also when root starts it.
fn without_privilege<T: Send>(ask: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let asked = scope.spawn(|| {
            for all_files in [Capability::CAP_DAC_OVERRIDE, Capability::CAP_DAC_READ_SEARCH] {
                // Refused to whoever has none.
                let _ = caps::drop(None, CapSet::Bounding, all_files);
            }
            ask()
        });
        asked.join().unwrap()
    })
}

#[test]
fn a_failed_unit_is_named_with_its_exit_and_its_words() {
    let site = Site::new();
    let mut time_line = TimeLine::default();
    time_line.note(12_000, &[outcome("units", CheckState::Passed, "none")]);
    time_line.note(15_000, &[outcome("units", CheckState::Passed, "none, again")]);
    time_line.note(
        18_000,
        &[outcome("units", CheckState::Failed, "nginx.service: failed")],
    );
    let found = Evidence {
        unit: Some(failed_unit("nginx.service", "exited with status 1")),
        checks: time_line.observations().to_vec(),
        marks: vec![
            Mark {
                phase: Phase::Userspace,
                at_ms: 3100,
            },
            Mark {
                phase: Phase::Config,
                at_ms: 3400,
            },
        ],
        command_line: "root=zfs:AUTO".to_owned(),
        ..of_trial(
            Ending::Verdict,
            "units: expected no failed unit, observed nginx.service: failed",
        )
    };
    evidence::write(&site.root, &found).unwrap();
    site.ended(End::Failed, Some(Culprit::Image), "units");
    let (text, code) = site.why(&[]);
    assert_eq!(code, 0);
    let wanted = "\
tank/ROOT/b was tried and rejected: units: expected no failed unit, observed nginx.service: failed. Cause: the image.

first failed unit: nginx.service failed (exit-code): exited with status 1, at 14.2 s
  [   14.230001] nginx[812]: bind() to 0.0.0.0:80 failed

       at  check          expected        observed
   12.0 s  units  passed  no failed unit  none
   18.0 s  units  FAILED  no failed unit  nginx.service: failed

reached: userspace at 3.1 s, config at 3.4 s
not reached: dataplane, assess, verdict

boot:
  boot 11111111-2222-3333-4444-555555555555
  trial 0a1b2c3d4e5f
  kernel: root=zfs:AUTO

evidence: /persistent/data/imp/evidence/0a1b2c3d4e5f

now: the previous image is running; deploy a fixed one with 'impctl boot deploy', or try this one again with 'impctl boot arm --force tank/ROOT/b'
";
    assert_eq!(text, wanted);
    let (json, _) = site.why(&["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["evidence"]["unit"]["name"], "nginx.service");
    assert_eq!(json["trial"]["culprit"], "image");
}

#[test]
fn a_dead_init_is_told_from_the_kernels_last_words() {
    let site = Site::new();
    site.write("sys/fs/pstore/dmesg-efi-170000000001001", PANIC);
    let found = evidence::post_mortem(&site.root, &attempt(), Seen::default());
    let words = "its kernel panicked before userspace (kernel, initramfs, /sbin/init): \
        Attempted to kill init! exitcode=0x00000100 (PID 1, /sbin/init, ended)";
    assert_eq!(found.proof().as_deref(), Some(words));
    site.ended(End::Failed, Some(Culprit::Image), words);
    assert_eq!(
        site.sentence().0,
        format!("tank/ROOT/b was tried and rejected: {words}. Cause: the image.")
    );
    let (text, _) = site.why(&[]);
    assert!(
        text.contains(
            "kernel log of the crash, sys/fs/pstore/dmesg-efi-170000000001001:\n  [    9.2] Kernel panic"
        ),
        "{text}"
    );
}

#[test]
fn a_dead_init_is_seen_in_the_image_when_the_kernel_left_no_word() {
    let site = Site::new();
    let image = tempfile::tempdir().unwrap();
    for dir in ["usr/sbin", "usr/lib/imp", "persistent/config", "persistent/data"] {
        fs::create_dir_all(image.path().join(dir)).unwrap();
    }
    let ours = image.path().join("usr/lib/imp/imp-boot");
    fs::write(&ours, "a program").unwrap();
    fs::set_permissions(&ours, fs::Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink("usr/sbin", image.path().join("sbin")).unwrap();
    // As it is on Debian: followed within the image, where there is none, and not on this machine.
    std::os::unix::fs::symlink("/lib/systemd/systemd", image.path().join("usr/sbin/init")).unwrap();
    let found = evidence::post_mortem(&site.root, &attempt(), evidence::inspect(image.path(), &trial()));
    assert_eq!(
        found.proof().as_deref(),
        Some(
            "it stopped before userspace (kernel, initramfs, /sbin/init); in its image /sbin/init cannot be opened: \
            ENOENT: No such file or directory"
        )
    );
    let init = image.path().join("lib/systemd/systemd");
    fs::create_dir_all(init.parent().unwrap()).unwrap();
    fs::write(&init, "").unwrap();
    let found = evidence::post_mortem(
        &Site::new().root,
        &attempt(),
        evidence::inspect(image.path(), &trial()),
    );
    assert_eq!(found.findings, ["/sbin/init is empty"]);
}

#[test]
fn a_panic_after_the_first_steps_says_how_far_it_came() {
    let site = Site::new();
    let _ = deadline::arm(&site.root, Some(&trial())).unwrap();
    evidence::mark(&site.root, Phase::Userspace);
    evidence::mark(&site.root, Phase::Config);
    site.reboot("99999999-2222-3333-4444-555555555555");
    // Two parts: the newer one is part 1, and the log begins in part 2.
    site.write(
        "sys/fs/pstore/dmesg-erst-2",
        "Panic#2 Part2\n<1>[   20.0] BUG: kernel NULL pointer dereference, address: 0\n",
    );
    site.write(
        "sys/fs/pstore/dmesg-erst-1",
        "Panic#2 Part1\n<0>[   20.1] Kernel panic - not syncing: Fatal exception\n",
    );
    let found = evidence::post_mortem(&site.root, &attempt(), Seen::default());
    assert_eq!(found.boot, Some(BOOT.parse::<BootId>().unwrap()));
    assert_eq!(
        found.proof().unwrap(),
        "its kernel panicked after the phase 'config': Fatal exception"
    );
    assert_eq!(
        found.reset.crashes[0].lines,
        [
            "[   20.0] BUG: kernel NULL pointer dereference, address: 0",
            "[   20.1] Kernel panic - not syncing: Fatal exception"
        ]
    );
}

/// That it went on with another configuration is not how it ended.
#[test]
fn a_panic_with_the_other_configuration_is_told_with_what_was_said_before() {
    let site = Site::new();
    let _ = deadline::arm(&site.root, Some(&trial())).unwrap();
    evidence::mark(&site.root, Phase::Userspace);
    let said = Evidence {
        unit: Some(failed_unit("nginx.service", "exited with status 1")),
        ..of_trial(Ending::OtherConfig, "bgp 192.0.2.1: observed Active")
    };
    evidence::write(&site.root, &said).unwrap();
    evidence::mark(&site.root, Phase::Assess);
    site.reboot("99999999-2222-3333-4444-555555555555");
    site.write("sys/fs/pstore/dmesg-efi-170000000001001", PANIC);
    let found = evidence::post_mortem(&site.root, &attempt(), Seen::default());
    assert_eq!((found.ending, found.phase()), (Ending::Died, Some(Phase::Assess)));
    assert_eq!(found.unit.as_ref().unwrap().name, "nginx.service");
    let words = "its kernel panicked after the phase 'assess': Attempted to kill init! exitcode=0x00000100 \
        (PID 1, /sbin/init, ended); it was not healthy before: bgp 192.0.2.1: observed Active";
    assert_eq!(found.proof().as_deref(), Some(words));
    // A second look finds the same, although the kernel's words are moved by then.
    let _ = file::remove(&site.path("sys")).unwrap();
    let again = evidence::post_mortem(&site.root, &attempt(), Seen::default());
    assert_eq!(again.proof().as_deref(), Some(words));
    site.ended(End::Failed, Some(Culprit::Image), words);
    assert_eq!(
        site.sentence().0,
        format!("tank/ROOT/b was tried and rejected: {words}. Cause: the image.")
    );
}

/// As an image with an older version of this program left it.
#[test]
fn the_configuration_is_not_to_blame_for_a_trial_that_failed_with_another_one() {
    let site = Site::new();
    evidence::write(&site.root, &of_trial(Ending::OtherConfig, "bgp")).unwrap();
    site.ended(End::Failed, Some(Culprit::Image), "bgp");
    let (sentence, _) = site.sentence();
    assert!(sentence.ends_with("Cause: the image."), "{sentence}");
    site.ended(End::Blessed, Some(Culprit::Configuration), "healthy");
    let (sentence, _) = site.sentence();
    assert!(sentence.ends_with("Cause: the configuration."), "{sentence}");
}

/// The power may have been cut: that its own configuration was not healthy speaks against no image.
#[test]
fn a_trial_that_vanished_with_the_other_configuration_proves_nothing() {
    let site = Site::new();
    evidence::write(&site.root, &of_trial(Ending::OtherConfig, "bgp")).unwrap();
    let found = evidence::post_mortem(&site.root, &attempt(), Seen::default());
    assert_eq!((found.ending, found.proof()), (Ending::Died, None));
}

#[test]
fn emergency_mode_names_the_unit_that_led_there() {
    let found = Evidence {
        unit: Some(failed_unit("srv.mount", "")),
        ..of_trial(Ending::Emergency, "")
    };
    let site = Site::new();
    evidence::write(&site.root, &found).unwrap();
    assert_eq!(
        site.sentence().0,
        "tank/ROOT/b was being tried: it ended in emergency mode: srv.mount failed (exit-code)."
    );
    // The boot after it finds what the trial said itself.
    assert_eq!(
        evidence::post_mortem(&site.root, &attempt(), Seen::default()).ending,
        Ending::Emergency
    );
}

#[test]
fn what_emergency_mode_could_only_write_into_its_own_image_is_found_there() {
    let (site, image) = (Site::new(), Site::new());
    let found = Evidence {
        unit: Some(failed_unit("persistent.mount", "")),
        ..of_trial(Ending::Emergency, "")
    };
    evidence::write(&image.root, &found).unwrap();
    let found = evidence::post_mortem(
        &site.root,
        &attempt(),
        evidence::inspect(image.dir.path(), &trial()),
    );
    assert_eq!(found.unit.unwrap().name, "persistent.mount");
    assert!(
        site.path("persistent/data/imp/evidence/0a1b2c3d4e5f/evidence.json")
            .exists()
    );
}

#[test]
fn a_boot_that_hung_names_the_watchdog_and_the_last_phase() {
    let site = Site::new();
    let _ = deadline::arm(&site.root, Some(&trial())).unwrap();
    evidence::mark(&site.root, Phase::Userspace);
    site.reboot("99999999-2222-3333-4444-555555555555");
    site.write("sys/class/watchdog/watchdog0/bootstatus", "32\n");
    site.write("sys/class/watchdog/watchdog0/identity", "iTCO_wdt\n");
    site.write("sys/class/watchdog/watchdog1/bootstatus", "0\n");
    let found = evidence::post_mortem(&site.root, &attempt(), Seen::default());
    let words = "it hung after the phase 'userspace': watchdog0 (iTCO_wdt) reset the machine";
    assert_eq!(found.proof().as_deref(), Some(words));
}

/// A power cut is nobody's fault: nothing speaks against the image.
#[test]
fn a_boot_that_ended_without_a_word_proves_nothing() {
    let site = Site::new();
    let found = evidence::post_mortem(&site.root, &attempt(), Seen::default());
    assert_eq!(found.proof(), None);
    assert_eq!(
        found.what(),
        "it stopped before userspace (kernel, initramfs, /sbin/init) without a trace: a hang, a reset or a power cut"
    );
}

#[test]
fn a_shutdown_in_order_is_no_hang() {
    let site = Site::new();
    let _ = deadline::arm(&site.root, Some(&trial())).unwrap();
    evidence::mark(&site.root, Phase::Userspace);
    evidence::mark(&site.root, Phase::Shutdown);
    site.reboot("99999999-2222-3333-4444-555555555555");
    let found = evidence::post_mortem(&site.root, &attempt(), Seen::default());
    assert_eq!(found.what(), "it was shut down cleanly before it had a verdict");
    assert_eq!(found.proof(), None);
}

#[test]
fn a_trial_without_a_verdict_names_what_it_waited_for() {
    let found = Evidence {
        unfinished: vec!["start slow.service".to_owned()],
        ..of_trial(Ending::Deadline, "")
    };
    assert_eq!(
        found.what(),
        "it reached no verdict in time: still waiting for start slow.service"
    );
}

#[test]
fn a_bad_configuration_is_to_blame_and_the_image_stays() {
    let site = Site::new();
    let mut bad = record(Class::Steady, None);
    bad.outcomes = vec![outcome("bgp 192.0.2.1", CheckState::Failed, "Active")];
    let generation = "aaaaaaaaaaaa".parse().unwrap();
    evidence::collect(&site.root, &bad, Class::Steady, Some(&generation));
    let (_, kept) = evidence::read_newest(&site.root).unwrap().unwrap();
    assert_eq!(kept.generation.as_deref(), Some("aaaaaaaaaaaa"));
    let (sentence, now) = site.sentence();
    assert_eq!(
        sentence,
        "tank/ROOT/a: it was not healthy, so the last good configuration was applied instead of its own: \
         bgp 192.0.2.1: expected no failed unit, observed Active. Cause: the configuration."
    );
    assert!(now.starts_with("now: fix /persistent/config"), "{now}");
}

#[test]
fn a_refused_document_is_something_to_tell() {
    let site = Site::new();
    site.write(
        "run/imp/status.json",
        r#"{"configuration":"refused","generation":"aaaaaaaaaaaa","errors":1,"warnings":0,"problems":[]}"#,
    );
    let (sentence, _) = site.sentence();
    assert_eq!(
        sentence,
        "the configuration is refused; the last good generation aaaaaaaaaaaa runs instead."
    );
}

#[test]
fn a_trial_that_nothing_tried_says_so_without_evidence() {
    let site = Site::new();
    site.ended(End::NotAttempted, None, "its token was not used");
    let (sentence, now) = site.sentence();
    assert_eq!(sentence, "tank/ROOT/b was not attempted: its token was not used.");
    assert!(now.contains("impctl boot arm --explain"), "{now}");
}

#[test]
fn a_drill_that_passed_is_no_boot_that_was_not_good() {
    let site = Site::new();
    site.ended(End::DrillPassed, None, "the previous image came back by itself");
    assert_eq!(site.why(&[]), (String::new(), 1));
    // One that passed although it was not healthy has evidence; its copy is gone.
    evidence::write(&site.root, &of_trial(Ending::Verdict, "units")).unwrap();
    let (_, now) = site.sentence();
    assert!(!now.contains("arm"), "{now}");
}

/// It runs, and power-on starts it.
#[test]
fn an_alarm_after_the_bless_is_no_trials() {
    let site = Site::new();
    let mut blessed = record(
        Class::Trial,
        Some(Concluded::Alarm("vpp core: no answer".to_owned())),
    );
    blessed.trial = Some(open_trial(false));
    site.ended(End::Blessed, None, "healthy");
    evidence::collect(&site.root, &blessed, Class::Steady, None);
    let (folder, found) = evidence::read_newest(&site.root).unwrap().unwrap();
    assert_eq!((found.class, found.trial), (Some(Class::Steady), None));
    assert!(folder.ends_with(BOOT), "{}", folder.display());
    let (sentence, now) = site.sentence();
    assert_eq!(sentence, "tank/ROOT/b: vpp core: no answer.");
    assert!(now.starts_with("now: the image was blessed and stays"), "{now}");
}

#[test]
fn a_boot_that_runs_tells_a_panic_as_that_of_the_boot_before() {
    let site = Site::new();
    site.write("sys/fs/pstore/dmesg-efi-170000000001001", PANIC);
    let alarm = record(Class::FailedEarly, Some(Concluded::Alarm("vpp".to_owned())));
    evidence::collect(&site.root, &alarm, Class::FailedEarly, None);
    let (_, found) = evidence::read_newest(&site.root).unwrap().unwrap();
    assert_eq!((found.reset, found.before.crashes.len()), (Reset::default(), 1));
    let (text, _) = site.why(&[]);
    assert!(
        text.contains("\nfrom the boot before that one: kernel log of the crash, sys/fs/pstore/dmesg-efi-170000000001001:\n"),
        "{text}"
    );
}

#[test]
fn status_says_that_a_boot_is_not_a_good_one() {
    let site = Site::new();
    site.write(
        "run/imp/status.json",
        r#"{"configuration":"accepted","generation":"aaaaaaaaaaaa","errors":0,"warnings":0,"problems":[]}"#,
    );
    let status = |verdict, format| {
        record(Class::Steady, Some(verdict)).write(&site.root).unwrap();
        site.impctl("status", &["--format", format])
    };
    assert_eq!(status(Concluded::Good, "text").1, 0);
    let alarm = || Concluded::Alarm("vpp core: no answer".to_owned());
    let (text, code) = status(alarm(), "text");
    assert_eq!(code, 1);
    let line = "this boot is not healthy: vpp core: no answer; 'impctl health' shows the checks\n";
    assert!(text.ends_with(line), "{text}");
    let json: serde_json::Value = serde_json::from_str(&status(alarm(), "json").0).unwrap();
    assert_eq!(json["boot"]["is"], "alarm");
}

#[test]
fn what_a_check_saw_last_is_kept_whatever_flaps() {
    let mut time_line = TimeLine::default();
    time_line.note(0, &[outcome("vpp", CheckState::Passed, "")]);
    for round in 1..500 {
        time_line.note(
            round,
            &[outcome(
                "bgp",
                CheckState::Failed,
                &format!("Active since {round} s"),
            )],
        );
    }
    time_line.note(600, &[outcome("units", CheckState::Failed, "a.service")]);
    let seen: Vec<_> = time_line
        .observations()
        .iter()
        .map(|seen| (seen.at_ms, seen.outcome.name.as_str()))
        .collect();
    assert_eq!(seen.len(), 200);
    assert_eq!(seen[..2], [(0, "vpp"), (302, "bgp")]);
    assert_eq!(seen[198..], [(499, "bgp"), (600, "units")]);
    // As many checks as there are: none is forgotten, and none is news without being new.
    let many: Vec<_> = (0..300)
        .map(|at| outcome(&format!("bgp {at}"), CheckState::Passed, ""))
        .collect();
    let mut time_line = TimeLine::default();
    time_line.note(1, &many);
    time_line.note(2, &many);
    let seen = time_line.observations();
    assert_eq!(seen.len(), 300);
    assert!(seen.iter().all(|seen| seen.at_ms == 1));
}

#[test]
fn a_drill_that_comes_back_leaves_nothing_to_explain() {
    let site = Site::new();
    let mut drill = record(Class::Trial, Some(Concluded::GivenUp("a drill".to_owned())));
    drill.trial = Some(open_trial(true));
    evidence::collect(&site.root, &drill, Class::Trial, None);
    assert!(evidence::read_newest(&site.root).unwrap().is_none());
    // But one that was not healthy does.
    drill.outcomes = vec![outcome("units", CheckState::Failed, "a.service")];
    evidence::collect(&site.root, &drill, Class::Trial, None);
    assert_eq!(
        evidence::read_newest(&site.root).unwrap().unwrap().1.trial,
        Some(trial())
    );
}

/// The other image may hold an older or a newer version of this program.
#[test]
fn what_another_version_wrote_is_read_as_far_as_it_is_understood() {
    let site = Site::new();
    site.write(
        "persistent/data/imp/evidence/x/evidence.json",
        r#"{"number":7,"ending":"swallowed","class":"DREAMT","reason":"r","checks":[{"odd":1}],"marks":[{"phase":"warp"}],"new":{}}"#,
    );
    let (_, found) = evidence::read_newest(&site.root).unwrap().unwrap();
    assert_eq!(
        (found.number, found.ending, found.class),
        (7, Ending::Unknown, None)
    );
    assert_eq!((found.reason.as_str(), found.checks.len()), ("r", 0));
    site.write(
        "persistent/data/imp/evidence/x/evidence.json",
        "{\"number\": torn",
    );
    assert!(evidence::read_newest(&site.root).unwrap().is_none());
    assert_eq!(site.why(&[]).1, 1);
}

#[test]
fn the_newest_ten_are_kept_and_each_is_bounded() {
    let site = Site::new();
    for number in 0..13 {
        let mut found = of_trial(Ending::Verdict, "r");
        found.trial = Some(format!("0000000000{number:02x}").parse().unwrap());
        found.journal = vec!["x".repeat(1000); 400];
        evidence::write(&site.root, &found).unwrap();
        // The same once more changes nothing.
        evidence::write(&site.root, &found).unwrap();
    }
    let folders: Vec<_> = fs::read_dir(site.path("persistent/data/imp/evidence"))
        .unwrap()
        .collect();
    assert_eq!(folders.len(), 10);
    for folder in folders {
        let file = folder.unwrap().path().join("evidence.json");
        assert!(fs::metadata(file).unwrap().len() <= 256 * 1024);
    }
    let (folder, newest) = evidence::read_newest(&site.root).unwrap().unwrap();
    assert_eq!(newest.number, 13);
    assert!(folder.ends_with("00000000000c"), "{}", folder.display());
}

#[test]
fn marks_outlive_a_boot_and_only_a_few_are_kept() {
    let site = Site::new();
    for boot in 0..8 {
        site.reboot(&format!("{boot:08x}-2222-3333-4444-555555555555"));
        evidence::mark(&site.root, Phase::Userspace);
        evidence::mark(&site.root, Phase::Userspace);
    }
    let marks = evidence::Marks::read(&site.root);
    assert_eq!(marks.boots.len(), 5);
    assert!(marks.boots.iter().all(|boot| boot.marks.len() == 1));
    // Torn by a power cut: begun anew.
    site.write("persistent/data/imp/boot/marks.json", "{");
    evidence::mark(&site.root, Phase::Config);
    assert_eq!(evidence::Marks::read(&site.root).boots.len(), 1);
}

#[test]
fn no_mark_is_written_without_the_shared_storage() {
    let site = Site::new();
    fs::remove_dir_all(site.path("persistent")).unwrap();
    evidence::mark(&site.root, Phase::Userspace);
    assert!(!site.path("persistent").exists());
}

#[test]
fn console_and_login_are_told_in_two_lines_and_then_no_more() {
    let site = Site::new();
    let issue = site.path("run/issue.d/30-imp.issue");
    evidence::announce(&site.root, &record(Class::Trial, None));
    assert_eq!(
        fs::read_to_string(&issue).unwrap(),
        "\n*** imp: tank/ROOT/b is on trial until it is found healthy.\n\
         *** Any reset returns to tank/ROOT/a. `impctl boot status` shows the progress.\n\n"
    );
    let odd = Some(Concluded::Alarm(
        "vpp: observed \\n\u{1b}[31m\nsecond line".to_owned(),
    ));
    evidence::announce(&site.root, &record(Class::Steady, odd));
    let text = fs::read_to_string(&issue).unwrap();
    assert_eq!(text.lines().count(), 4, "{text}");
    assert!(
        text.contains("\\\\n [31m second line"),
        "no escape of agetty's, none of the terminal's: {text}"
    );
    assert!(site.path("run/motd.d/30-imp").exists());
    evidence::announce(&site.root, &record(Class::Steady, Some(Concluded::Good)));
    assert!(!issue.exists() && !site.path("run/motd.d/30-imp").exists());
}

#[test]
fn every_kind_of_boot_has_its_notice() {
    let last = Ended {
        id: trial(),
        image: image("b"),
        end: End::Failed,
        culprit: None,
        reason: "it did not come up".to_owned(),
    };
    let what =
        |class, verdict| Announcement::of(&record(class, verdict), Some(&last)).map(|notice| notice.what);
    assert_eq!(what(Class::Steady, None), None);
    assert_eq!(what(Class::BlessedUnrecorded, Some(Concluded::Good)), None);
    assert_eq!(what(Class::Trial, Some(Concluded::Good)), None);
    let told = |class, verdict| what(class, verdict).unwrap();
    assert_eq!(
        told(Class::FailedEarly, Some(Concluded::Good)),
        "the trial of tank/ROOT/b failed: it did not come up"
    );
    assert_eq!(
        told(Class::NotAttempted, None),
        "tank/ROOT/b was armed but never started"
    );
    assert_eq!(
        told(Class::Manual, None),
        "tank/ROOT/a was started by hand; power-on starts tank/ROOT/a"
    );
    assert_eq!(
        told(Class::Trial, Some(Concluded::GivenUp("vpp".to_owned()))),
        "the trial of tank/ROOT/b is over: vpp"
    );
}

#[test]
fn the_clock_of_a_trial_is_never_earlier_than_its_checks() {
    assert_eq!(deadline::after(Duration::from_secs(180)), deadline::DEFAULT);
    assert_eq!(deadline::after(Duration::from_secs(1)), deadline::DEFAULT);
    assert_eq!(
        deadline::after(Duration::from_secs(3600)),
        Duration::from_secs(2 * 3600 + 9 * 60)
    );
    let unit =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("units/imp-boot-deadline.timer"))
            .unwrap();
    let minutes = deadline::DEFAULT.as_secs() / 60;
    assert!(unit.contains(&format!("OnBootSec={minutes}min\n")), "{unit}");
}

#[test]
fn a_trial_is_marked_with_its_name_until_it_is_good() {
    let site = Site::new();
    assert!(!deadline::is_armed(&site.root));
    let _ = deadline::arm(&site.root, Some(&trial())).unwrap();
    assert_eq!(deadline::trial(&site.root), Some(trial()));
    // Of an attempt nobody knows the name of.
    let _ = deadline::arm(&site.root, None).unwrap();
    assert!(deadline::is_armed(&site.root));
    assert_eq!(deadline::trial(&site.root), None);
    let _ = deadline::disarm(&site.root).unwrap();
    assert!(!deadline::is_armed(&site.root));
}

/// What `systemd-pstore` moved in an earlier boot is an earlier crash.
#[test]
fn a_crash_of_long_ago_is_not_taken_for_this_one() {
    let site = Site::new();
    site.write("var/lib/systemd/pstore/170000/dmesg.txt", PANIC);
    site.write("proc/stat", "cpu 1 2 3\nbtime 0\n");
    assert_eq!(Reset::read(&site.root).crashes.len(), 1, "moved in this boot");
    // Or in any, where the battery of the clock is empty: nothing is concluded from it.
    assert_eq!(Reset::unmoved(&site.root), Reset::default());
    site.write("proc/stat", "cpu 1 2 3\nbtime 99999999999\n");
    assert_eq!(Reset::read(&site.root), Reset::default());
}

#[test]
fn records_of_no_crash_and_of_no_text_are_nothing() {
    let site = Site::new();
    site.write(
        "sys/fs/pstore/console-ramoops-0",
        "Kernel panic - not syncing: of a console\n",
    );
    site.write(
        "sys/fs/pstore/dmesg-efi-1",
        "Shutdown#1 Part1\n<6>[  1.0] all well\n",
    );
    fs::write(
        site.path("sys/fs/pstore/dmesg-efi-2.enc.z"),
        [0xff_u8, 0x00, 0x9c],
    )
    .unwrap();
    assert_eq!(Reset::read(&site.root), Reset::default());
    let oops = Crash {
        title: "BUG: x".to_owned(),
        ..Crash::default()
    };
    assert!(!oops.is_panic());
    let _ = file::remove(&site.path("sys")).unwrap();
}

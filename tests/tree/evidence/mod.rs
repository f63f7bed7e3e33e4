//! What a boot leaves behind, and what `impctl why` makes of it: a sentence for each way a boot can fail.
#![allow(clippy::unwrap_used)]

mod kept;
mod notice;
mod trial;

use caps::{CapSet, Capability};
use imp::boot::deadline;
use imp::boot::evidence::{
    self, Announcement, Crash, Ending, Evidence, FailedUnit, Mark, Phase, Reset, Seen, TimeLine,
};
use imp::boot::ledger;
use imp::boot::record::{BootRecord, Verdict};
use imp::boot::trial::classify::{Attempt, Class, LoaderState, Token};
use imp::boot::trial::ledger::{Culprit, End, Ended, Ledger, Pair, Stage, Trial};
use imp::boot::trial::outcome::{CheckOutcome, CheckState, Scope};
use imp::host::file;
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

fn record(class: Class, verdict: Option<Verdict>) -> BootRecord {
    BootRecord {
        boot: BOOT.parse().unwrap(),
        backend: "zfs".to_owned(),
        class,
        loader: Some(LoaderState {
            booted: image(if class == Class::Trial { "b" } else { "a" }),
            default: image("a").into(),
            token: Token::Consumed(attempt()),
        }),
        trial: None,
        problems: Vec::new(),
        verdict,
        outcomes: Vec::new(),
        generation: None,
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

/// Only root may read it: that must not be reported as nothing to tell.
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

/// Which images were tried, and which one is, is for root: whoever else asks gets 77, and nothing false is said.
#[test]
fn what_may_not_be_changed_is_not_tried() {
    let site = Site::new();
    site.ended(End::Failed, Some(Culprit::Image), "units");
    site.write("persistent/config/imp.toml", "config-version = 1\n");
    site.write("persistent/config/secrets/bgp", "s3cret");
    site.write("persistent/config/identity/ssh_host_ed25519_key", "");
    let closed = [
        "persistent/data/imp/boot",
        "persistent/config/secrets/bgp",
        "persistent/config/identity/ssh_host_ed25519_key",
    ];
    let close = |mode| {
        for path in closed {
            fs::set_permissions(site.path(path), fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    let commands: [(&str, &[&str]); 8] = [
        ("check", &[]),
        ("boot", &["status"]),
        ("boot", &["list"]),
        ("boot", &["arm", "x"]),
        ("boot", &["disarm"]),
        ("boot", &["drill"]),
        ("boot", &["bless"]),
        ("boot", &["deploy", "x"]),
    ];
    close(0o000);
    let ask = || commands.map(|(command, words)| site.impctl(command, words));
    let answers = without_privilege(ask);
    close(0o755);
    for ((command, words), (said, code)) in commands.iter().zip(answers) {
        assert_eq!(code, 77, "{command} {words:?}: {said}");
        assert!(!said.contains("anew") && !said.contains("nothing"), "{said}");
    }
    // Root has them all answered, also what is not good.
    assert!(
        commands
            .iter()
            .all(|(command, words)| site.impctl(command, words).1 != 77)
    );
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
        "the configuration is refused; the last good generation aaaaaaaaaaaa runs instead. Cause: the configuration."
    );
}

/// It runs, and power-on starts it.
#[test]
fn an_alarm_after_the_bless_is_not_the_trials() {
    let site = Site::new();
    let mut blessed = record(
        Class::Trial,
        Some(Verdict::Alarm("vpp core: no answer".to_owned())),
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
    let alarm = record(Class::FailedEarly, Some(Verdict::Alarm("vpp".to_owned())));
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
    assert_eq!(status(Verdict::Good, "text").1, 0);
    let alarm = || Verdict::Alarm("vpp core: no answer".to_owned());
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

//! The steps of a trial on the machine in a directory: what each leaves when it comes twice, late, or after an operator.

use super::image;
use super::machine::{A, B, Machine};
use imp::boot::ledger;
use imp::boot::loader::Backend as _;
use imp::boot::record::{BootRecord, Verdict};
use imp::boot::trial::classify::{Class, Token};
use imp::boot::trial::ledger::{Ledger, Stage};
use imp::step::boot::arm::{self, Options};
use imp::step::boot::{assess, bless, classify};
use serde_json::json;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

pub const FORCE: Options = Options {
    force: true,
    drill: false,
};
/// Nothing of it is healthy on a machine that is a directory, and there is a second to become so.
const DOCUMENT: &str = r#"
config-version = 1

[system]
hostname = "edge1"

[management]
match = { mac = "3c:ec:ef:00:00:01" }
dhcp  = true

[boot]
health = { deadline = "1s" }
"#;

/// `a` runs, with a configuration.
pub fn machine() -> Machine {
    let machine = Machine::new().with_script();
    machine.file("run/imp/generation/imp.toml", DOCUMENT.as_bytes());
    imp::step::input::renew(&machine.root).unwrap();
    machine.file("persistent/data/.keep", b"");
    machine.is_boot(1);
    machine
}

impl Machine {
    pub fn is_boot(&self, number: u32) {
        let uuid = |kind: u32| format!("{number:08x}-{kind:04x}-4000-8000-000000000000\n");
        self.file("proc/sys/kernel/random/boot_id", uuid(1).as_bytes());
        self.file("proc/sys/kernel/random/uuid", uuid(2).as_bytes());
        for of_a_boot in ["run/imp/boot.json", "run/imp/trial"] {
            if self.root.join(of_a_boot).exists() {
                self.remove(of_a_boot);
            }
        }
    }

    /// `b` was armed in boot 1 and runs in boot 2, by the script in the initramfs.
    pub fn in_trial() -> Self {
        let machine = machine();
        arm::arm(&machine.root, &machine.zfs(), &image(B), FORCE).unwrap();
        let trial = machine.ledger().trial.unwrap().id;
        machine.set_local(B, "org.imp:state", "consumed");
        machine.is_boot(2);
        machine.runs(B, &format!("root=zfs:{B} imp.trial={trial}"));
        classify::start(&machine.root).unwrap();
        assert_eq!(machine.record().class, Class::Trial);
        machine
    }

    /// This image can be looked into, too.
    fn mounts(&self, dataset: &str) {
        let mut mounts = std::fs::read_to_string(self.root.join("proc/self/mountinfo")).unwrap();
        mounts += &format!("28 25 0:25 / /other ro - zfs {dataset} ro\n");
        self.file("proc/self/mountinfo", mounts.as_bytes());
        self.file("other/boot/vmlinuz-6.1.0-50", b"kernel");
        self.file("other/boot/initrd.img-6.1.0-50", b"initramfs");
    }

    /// `b` has what it takes to come up, as far as its files show it.
    fn with_whole_image(self) -> Self {
        for program in ["mnt/sbin/init", "mnt/usr/lib/imp/imp-boot"] {
            self.file(program, b"x");
            let executable = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(self.root.join(program), executable).unwrap();
        }
        for directory in ["mnt/persistent/config", "mnt/persistent/data"] {
            std::fs::create_dir_all(self.root.join(directory)).unwrap();
        }
        self
    }

    /// What an operator reads, and the exit code.
    fn impctl(&self, words: &[&str]) -> (String, Option<i32>) {
        let output = Command::new(env!("CARGO_BIN_EXE_impctl"))
            .arg("--root")
            .arg(self.root.path())
            .args(words)
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (String::from_utf8(text).unwrap(), output.status.code())
    }

    pub fn ledger(&self) -> Ledger {
        ledger::read(&self.root).0
    }

    pub fn record(&self) -> BootRecord {
        BootRecord::read(&self.root).unwrap().unwrap()
    }

    pub fn is_found(&self, verdict: Verdict) {
        let mut record = self.record();
        record.verdict = Some(verdict);
        record.write(&self.root).unwrap();
    }
}

/// A good boot is looked at again every few minutes, and blessed again each time.
#[test]
fn what_is_armed_after_the_bless_stays_armed() {
    let machine = Machine::in_trial();
    machine.is_found(Verdict::Healthy);
    bless::start(&machine.root).unwrap();
    assert_eq!(machine.bootfs(), B);
    machine.mounts(A);
    arm::arm(&machine.root, &machine.zfs(), &image(A), FORCE).unwrap();
    let armed = machine.token();
    assert!(matches!(armed, Token::Armed(_)), "{armed:?}");
    bless::start(&machine.root).unwrap();
    assert_eq!(machine.token(), armed);
    assert_eq!(machine.ledger().trial.unwrap().image, image(A));
    assert_eq!(machine.bootfs(), B);
    // Nor does an operator's word for the image that runs end the trial of another one.
    let refused = bless::by_hand(&machine.root).unwrap_err().to_string();
    assert!(refused.contains("impctl boot disarm"), "{refused}");
    assert_eq!(machine.token(), armed);
}

#[test]
fn an_operators_bless_is_the_verdict() {
    let machine = Machine::in_trial();
    assert!(machine.root.join("run/imp/trial").exists());
    bless::by_hand(&machine.root).unwrap();
    assert_eq!(machine.bootfs(), B);
    assert_eq!(machine.record().verdict, Some(Verdict::Good));
    assert!(
        !machine.root.join("run/imp/trial").exists(),
        "the clock still runs"
    );
}

/// Rejected after its bless came as far as the default: it stays up, and says that something is wrong.
#[test]
fn an_image_that_is_the_default_already_is_not_given_up() {
    let machine = Machine::in_trial();
    machine.change(|machine| machine["pools"]["tank"]["bootfs"] = json!(B));
    let failure = assess::start(&machine.root).unwrap_err().to_string();
    assert!(failure.starts_with("not healthy: "), "{failure}");
    assert!(matches!(machine.record().verdict, Some(Verdict::Alarm(_))));
    assert!(!machine.root.join("run/imp/trial").exists());

    let machine = Machine::in_trial();
    let failure = assess::start(&machine.root).unwrap_err().to_string();
    assert!(failure.starts_with("the image is rejected: "), "{failure}");
    assert!(machine.root.join("run/imp/trial").exists());
}

#[test]
fn a_drill_that_is_refused_leaves_the_one_that_is_armed() {
    let machine = machine();
    machine.mounts("tank/ROOT/a-drill");
    let copy = arm::drill(&machine.root, &machine.zfs(), true).unwrap();
    let armed = machine.token();
    assert!(arm::drill(&machine.root, &machine.zfs(), true).is_err());
    assert_eq!(machine.token(), armed);
    assert_eq!(machine.local(copy.as_ref(), "mountpoint").as_deref(), Some("/"));
}

#[test]
fn an_arm_that_fails_leaves_nothing_armed_and_can_be_repeated() {
    let machine = machine();
    machine.change(|machine| machine["fail"] = json!([["zfs set org.imp:state=armed", "out of space"]]));
    let failure = arm::arm(&machine.root, &machine.zfs(), &image(B), FORCE).unwrap_err();
    assert!(failure.to_string().contains("out of space"), "{failure}");
    assert_eq!((machine.token(), machine.ledger().trial), (Token::None, None));
    machine.change(|machine| machine["fail"] = json!([]));
    arm::arm(&machine.root, &machine.zfs(), &image(B), FORCE).unwrap();
}

/// A copy that never came up proved nothing, and is nobody's fault but its own.
#[test]
fn a_drill_passes_by_coming_up_and_going_back() {
    for (stage, end) in [
        (Stage::Armed, "failed: it did not come up"),
        (Stage::Rejected("a drill".to_owned()), "passed the drill"),
    ] {
        let machine = machine();
        machine.mounts("tank/ROOT/a-drill");
        let copy = arm::drill(&machine.root, &machine.zfs(), true).unwrap();
        let mut ledger = machine.ledger();
        ledger.trial.as_mut().unwrap().stage = stage;
        let _ = ledger::write(&machine.root, &ledger).unwrap();
        machine.set_local(copy.as_ref(), "org.imp:state", "consumed");
        machine.is_boot(2);
        classify::start(&machine.root).unwrap();
        assert_eq!(machine.record().class, Class::FailedEarly);
        let ledger = machine.ledger();
        let last = &ledger.past[0];
        let said = format!("{}: {}", last.end, last.reason);
        assert!(said.starts_with(end), "{said}");
        assert!(ledger.quarantine.is_empty());
        assert!(machine.zfs().check(&copy).is_err(), "the copy is left");
        // And whoever is healthy now has nobody to blame.
        machine.is_found(Verdict::Good);
        bless::start(&machine.root).unwrap();
        assert_eq!(machine.ledger().past[0].culprit, None);
    }
}

/// The modules that efivarfs is one of do not fit the kernel: nothing else knows that this is a trial.
#[test]
fn an_image_that_cannot_ask_the_firmware_is_on_its_attempt() {
    let machine = machine();
    let machine = machine.with_firmware();
    machine.remove("run/initramfs/imp-trial");
    arm::arm(&machine.root, &machine.zfs(), &image(B), FORCE).unwrap();
    assert_eq!(
        machine.local(B, "org.imp:state").as_deref(),
        Some("firmware"),
        "armed by the firmware"
    );
    machine.is_boot(2);
    machine.runs(B, "root=zfs:tank/ROOT/b panic=5");
    machine.remove("sys/firmware/efi/efivars");
    classify::start(&machine.root).unwrap();
    assert_eq!(machine.record().class, Class::Trial);
    assert!(machine.root.join("run/imp/trial").exists());
}

#[test]
fn the_firmware_tries_no_image_that_would_wait_in_a_panic() {
    let machine = machine().with_firmware();
    machine.remove("run/initramfs/imp-trial");
    for line in ["quiet", "panic=0 quiet"] {
        machine.set_local(B, "org.zfsbootmenu:commandline", line);
        let failure = arm::arm(&machine.root, &machine.zfs(), &image(B), FORCE).unwrap_err();
        assert!(failure.to_string().contains("panic=10"), "{failure}");
        assert_eq!((machine.token(), machine.ledger().trial), (Token::None, None));
    }
}

/// The scripts add `panic=10` to a command line that does not say; one that says "wait for ever" is the operator's word.
#[test]
fn no_script_tries_an_image_that_is_told_to_wait_in_a_panic() {
    let machine = machine();
    machine.set_local(B, "org.zfsbootmenu:commandline", "quiet panic=0");
    let failure = arm::arm(&machine.root, &machine.zfs(), &image(B), FORCE).unwrap_err();
    assert!(failure.to_string().contains("panic=0"), "{failure}");
    assert_eq!((machine.token(), machine.ledger().trial), (Token::None, None));
}

/// Others make a snapshot of every dataset each hour, of the copy as well.
#[test]
fn a_copy_goes_with_the_snapshots_that_others_made_of_it() {
    let machine = machine();
    machine.mounts("tank/ROOT/a-drill");
    let copy = arm::drill(&machine.root, &machine.zfs(), true).unwrap();
    machine.change(|machine| {
        let snapshots = machine["pools"]["tank"]["snapshots"].as_array_mut().unwrap();
        snapshots.push(json!("tank/ROOT/a-drill@hourly-1"));
    });
    machine.set_local(copy.as_ref(), "org.imp:state", "consumed");
    machine.is_boot(2);
    classify::start(&machine.root).unwrap();
    assert_eq!(machine.record().problems, [""; 0]);
    assert!(machine.zfs().check(&copy).is_err(), "the copy is left");
    // But nothing that somebody put below it.
    let copy = arm::drill(&machine.root, &machine.zfs(), true).unwrap();
    machine.change(|machine| {
        machine["pools"]["tank"]["datasets"]["tank/ROOT/a-drill/mine"] = json!({ "guid": "9", "local": {} });
    });
    let refused = machine.zfs().remove_drill(&copy).unwrap_err().to_string();
    assert!(refused.contains("tank/ROOT/a-drill/mine"), "{refused}");
}

impl Machine {
    /// `b` was armed in boot 1, took its token and never came up: `a` runs again, in boot 3.
    fn came_back() -> Self {
        let machine = machine().with_whole_image();
        machine.comes_back();
        machine
    }

    fn comes_back(&self) {
        arm::arm(&self.root, &self.zfs(), &image(B), FORCE).unwrap();
        self.set_local(B, "org.imp:state", "consumed");
        self.is_boot(3);
    }
}

/// A full disk: the ledger cannot say how the trial ended, so the token that says it was used stays.
#[test]
fn a_failure_that_cannot_be_recorded_is_not_forgotten() {
    let machine = Machine::came_back();
    let ledger = machine.root.join("persistent/data/imp/boot/ledger.json");
    let kept = std::fs::read(&ledger).unwrap();
    // Nothing can be renamed over a directory.
    std::fs::remove_file(&ledger).unwrap();
    std::fs::create_dir_all(ledger.join("in the way")).unwrap();
    machine.file("persistent/data/imp/boot/ledger.prev", &kept);
    classify::start(&machine.root).unwrap();
    assert_eq!(machine.record().class, Class::FailedEarly);
    assert!(matches!(machine.token(), Token::Consumed(_)));
    std::fs::remove_dir_all(&ledger).unwrap();
    machine.is_boot(4);
    classify::start(&machine.root).unwrap();
    let last = &machine.ledger().past[0];
    assert_eq!(last.end.to_string(), "failed", "{}", last.reason);
    assert_eq!(machine.token(), Token::None);
}

/// A full pool, or a power cut behind the ledger: the used token is left, and its trial is over.
#[test]
fn a_token_that_could_not_be_cleared_ends_its_trial_only_once() {
    let machine = Machine::came_back();
    machine.change(|machine| machine["fail"] = json!([["zfs inherit org.imp:state", "out of space"]]));
    classify::start(&machine.root).unwrap();
    let record = machine.record();
    assert!(
        record.problems[0].contains("out of space"),
        "{:?}",
        record.problems
    );
    let ended = machine.ledger();
    machine.is_boot(4);
    classify::start(&machine.root).unwrap();
    assert_eq!(
        (machine.record().class, machine.ledger()),
        (Class::FailedEarly, ended.clone())
    );
    machine.change(|machine| machine["fail"] = json!([]));
    machine.is_boot(5);
    classify::start(&machine.root).unwrap();
    assert_eq!((machine.token(), machine.ledger()), (Token::None, ended));
    machine.is_boot(6);
    classify::start(&machine.root).unwrap();
    assert_eq!(machine.record().class, Class::Steady);
}

#[test]
fn status_says_what_the_loader_will_do_not_what_was_asked_of_it() {
    let machine = machine();
    classify::start(&machine.root).unwrap();
    arm::arm(&machine.root, &machine.zfs(), &image(B), FORCE).unwrap();
    let (said, _) = machine.impctl(&["boot", "status"]);
    assert!(
        said.contains("the next boot starts tank/ROOT/b once, then tank/ROOT/a\n"),
        "{said}"
    );
    machine.set_local(B, "org.imp:state", "prepared");
    let (said, _) = machine.impctl(&["boot", "status"]);
    assert!(said.contains("the next boot starts tank/ROOT/a\n"), "{said}");
    assert!(said.contains("tank/ROOT/b was armed, but"), "{said}");
    let (said, _) = machine.impctl(&["boot", "list"]);
    assert!(!said.contains("armed"), "{said}");
}

#[test]
fn a_machine_whose_hang_nothing_ends_is_told_so() {
    let machine = machine();
    classify::start(&machine.root).unwrap();
    for (words, verb) in [("a hang waits", "status"), ("a hang waits", "arm")] {
        let (said, _) = machine.impctl(&["boot", verb, "--explain"][..if verb == "arm" { 3 } else { 2 }]);
        assert!(said.contains(words), "{said}");
    }
    machine.file("sys/class/watchdog/watchdog0/state", b"active\n");
    machine.file("sys/class/watchdog/watchdog0/identity", b"iTCO_wdt\n");
    machine.file("sys/class/watchdog/watchdog0/timeout", b"30\n");
    let (said, _) = machine.impctl(&["boot", "status"]);
    assert!(
        said.contains("watchdog0 (iTCO_wdt) resets it within 30 s\n"),
        "{said}"
    );
}

/// What speaks against one attempt was not there before it.
#[test]
fn a_panic_of_last_year_condemns_no_image() {
    let record = b"Panic#1 Part1\n<0>[ 9.2] Kernel panic - not syncing: Fatal exception\n";
    let machine = machine().with_whole_image();
    machine.file("sys/fs/pstore/dmesg-efi-1", record);
    machine.comes_back();
    classify::start(&machine.root).unwrap();
    assert!(machine.ledger().quarantine.is_empty(), "{:?}", machine.ledger());

    let machine = Machine::came_back();
    machine.file("sys/fs/pstore/dmesg-efi-1", record);
    classify::start(&machine.root).unwrap();
    assert_eq!(machine.ledger().quarantine[0].image, image(B));
}

/// With kdump nothing is in pstore, and the log is in the image or beside it.
#[test]
fn what_kdump_saved_condemns_the_image_if_it_is_new() {
    let log = b"[    0.0] Linux version 6.1\n[   12.3] Kernel panic - not syncing: Fatal exception\n";
    let place = "mnt/var/crash/202611281205/dmesg.202611281205";
    let machine = machine().with_whole_image();
    machine.file(place, log);
    machine.comes_back();
    classify::start(&machine.root).unwrap();
    assert!(machine.ledger().quarantine.is_empty(), "{:?}", machine.ledger());

    let machine = Machine::came_back();
    machine.file(place, log);
    classify::start(&machine.root).unwrap();
    let reason = &machine.ledger().quarantine[0].reason;
    assert!(
        reason.contains("its kernel panicked before userspace"),
        "{reason}"
    );
}

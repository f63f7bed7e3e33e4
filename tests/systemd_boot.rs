//! The systemd-boot backend against a boot loader that follows systemd's source: the order of entries, counters, one-shots.
//! Firmware variables and the ESP are plain files; `tests/uefi` has the real ones.
#![allow(clippy::unwrap_used)]

use imp::boot::evidence::TimeLine;
use imp::boot::ledger;
use imp::boot::loader::systemd_boot::SystemdBoot;
use imp::boot::loader::{Backend, BackendError};
use imp::boot::record::{BootRecord, Concluded};
use imp::boot::trial::classify::{Attempt, Class, Token};
use imp::exit::Failure;
use imp::step::boot::bless;
use imp::types::{ImageName, Root};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

const LOADER: &str = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";
const DISK: &str = "0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9";

/// A machine whose boot loader is one of the two kinds: the counter is part of an entry's id, or is not.
struct Machine {
    dir: tempfile::TempDir,
    counter_in_id: bool,
    /// The firmware's driver cannot write the ESP.
    esp_is_read_only: bool,
}

/// `+LEFT-DONE` of a file in `EFI/Linux`, and the name without it.
fn split(file: &str) -> (String, Option<(u32, u32)>) {
    let stem = file.strip_suffix(".efi").unwrap();
    match stem.rsplit_once('+') {
        None => (file.to_owned(), None),
        Some((stem, counter)) => {
            let (left, done) = counter.split_once('-').unwrap();
            (
                format!("{stem}.efi"),
                Some((left.parse().unwrap(), done.parse().unwrap())),
            )
        }
    }
}

/// A PE program with the sections of a unified kernel.
fn uki(version: u32, kernel: &[u8]) -> Vec<u8> {
    let os_release = format!("ID=imp\nVERSION_ID=\"{version}\"\nPRETTY_NAME=IMP\n").into_bytes();
    let sections: [(&[u8; 8], &[u8]); 3] = [
        (b".osrel\0\0", &os_release),
        (b".linux\0\0", kernel),
        (b".initrd\0", b"initramfs"),
    ];
    let mut bytes = vec![0; 0x80];
    bytes[..2].copy_from_slice(b"MZ");
    bytes[0x3c] = 0x80;
    bytes.extend(b"PE\0\0\x64\x86\x03\0");
    bytes.extend([0; 16]);
    let mut at = bytes.len() + 3 * 40;
    for (name, content) in sections {
        bytes.extend(name);
        for word in [content.len(), 0, content.len(), at] {
            bytes.extend(u32::try_from(word).unwrap().to_le_bytes());
        }
        bytes.extend([0; 16]);
        at += content.len();
    }
    for (_, content) in sections {
        bytes.extend(content);
    }
    bytes
}

impl Machine {
    fn new(counter_in_id: bool) -> Self {
        let machine = Self {
            dir: tempfile::tempdir().unwrap(),
            counter_in_id,
            esp_is_read_only: false,
        };
        fs::create_dir_all(machine.path("sys/firmware/efi/efivars")).unwrap();
        fs::create_dir_all(machine.path("efi/EFI/Linux")).unwrap();
        fs::create_dir_all(machine.path("usr/lib/systemd")).unwrap();
        machine.set("LoaderInfo", "systemd-boot 252.39-1~deb12u2");
        machine.set("LoaderDevicePartUUID", DISK);
        let features = [&[6, 0, 0, 0][..], &0xfff_u64.to_le_bytes()].concat();
        fs::write(machine.variable("LoaderFeatures"), features).unwrap();
        machine.install_bless();
        machine.image("imp_1.efi", 1);
        machine.image("imp_2.efi", 2);
        fs::rename(machine.kernel("imp_2.efi"), machine.kernel("imp_2+0-0.efi")).unwrap();
        machine.power_on();
        machine
    }

    /// What systemd-bless-boot does, for the variable and the ESP of this machine.
    fn install_bless(&self) {
        let program = self.path("usr/lib/systemd/systemd-bless-boot");
        let script = format!(
            r#"#!/bin/bash -e
esp="${{1#--path=}}"
path="$(tail -c +5 '{}' | tr -d '\000' | tr '\\' /)"
good="${{path%+*}}.efi"
case "$2" in
good) [ ! -e "$esp$path" ] || mv -n "$esp$path" "$esp$good" ;;
status) if [ -e "$esp$path" ]; then echo indeterminate; else echo good; fi ;;
esac
"#,
            self.variable("LoaderBootCountPath").display()
        );
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn root(&self) -> Root {
        Root::new(self.dir.path())
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn kernel(&self, file: &str) -> PathBuf {
        self.path("efi/EFI/Linux").join(file)
    }

    fn variable(&self, name: &str) -> PathBuf {
        self.path(&format!("sys/firmware/efi/efivars/{name}-{LOADER}"))
    }

    fn set(&self, name: &str, text: &str) {
        let units = text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes);
        let bytes: Vec<u8> = [6, 0, 0, 0].into_iter().chain(units).collect();
        fs::write(self.variable(name), bytes).unwrap();
    }

    fn get(&self, name: &str) -> Option<String> {
        let bytes = fs::read(self.variable(name)).ok()?;
        let units: Vec<u16> = bytes[4..]
            .chunks(2)
            .map(|unit| u16::from_le_bytes([unit[0], unit[1]]))
            .collect();
        Some(
            String::from_utf16(&units)
                .unwrap()
                .trim_end_matches('\0')
                .to_owned(),
        )
    }

    fn image(&self, file: &str, version: u32) {
        fs::write(self.kernel(file), uki(version, b"kernel")).unwrap();
    }

    fn files(&self) -> Vec<String> {
        let mut files: Vec<String> = fs::read_dir(self.path("efi/EFI/Linux"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        files
    }

    fn id(&self, file: &str) -> String {
        if self.counter_in_id {
            file.to_owned()
        } else {
            split(file).0
        }
    }

    /// systemd-boot starts an entry: the file it now is.
    fn power_on(&self) -> String {
        let mut files = self.files();
        // Newest first: here the versions are in the names. What has no attempt left is last.
        files.sort_by(|one, other| other.cmp(one));
        files.sort_by_key(|file| split(file).1.is_some_and(|(left, _)| left == 0));
        let find = |pattern: Option<String>| {
            let pattern = glob(&pattern?);
            files
                .iter()
                .find(|file| shell_matches(&pattern, &self.id(file)))
                .cloned()
        };
        let one_shot = self.get("LoaderEntryOneShot");
        let _ = fs::remove_file(self.variable("LoaderEntryOneShot"));
        let chosen = find(one_shot)
            .or_else(|| find(self.get("LoaderEntryDefault")))
            .unwrap_or_else(|| files[0].clone());
        self.set("LoaderEntrySelected", &self.id(&chosen).to_lowercase());
        let _ = fs::remove_file(self.variable("LoaderBootCountPath"));
        match split(&chosen) {
            (image, Some((left, done))) if !self.esp_is_read_only => {
                let stem = image.strip_suffix(".efi").unwrap();
                let counted = format!("{stem}+{}-{}.efi", left.saturating_sub(1), done + 1);
                fs::rename(self.kernel(&chosen), self.kernel(&counted)).unwrap();
                self.set("LoaderBootCountPath", &format!("\\EFI\\Linux\\{counted}"));
                counted
            }
            _ => chosen,
        }
    }

    fn backend(&self) -> SystemdBoot {
        SystemdBoot::of(&self.root()).unwrap()
    }

    fn arm(&self, image: &str) -> Result<(), BackendError> {
        let backend = self.backend();
        backend.prepare(&attempt(image))?;
        assert_eq!(
            backend.loader().unwrap().token,
            Token::Absent(attempt(image)),
            "prepared alone attempts nothing"
        );
        backend.arm(&attempt(image))
    }

    /// This boot, of that class, is found healthy: what `imp-boot bless` makes of it.
    fn is_healthy(&self, class: Class) -> Result<(), Failure> {
        fs::create_dir_all(self.path("run/imp")).unwrap();
        fs::create_dir_all(self.path("persistent/data")).unwrap();
        let record = BootRecord {
            boot: "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9".parse().unwrap(),
            backend: "systemd-boot".to_owned(),
            class,
            loader: Some(self.backend().loader().unwrap()),
            trial: None,
            problems: Vec::new(),
            verdict: Some(Concluded::Healthy),
            outcomes: Vec::new(),
            time_line: TimeLine::default(),
        };
        record.write(&self.root()).unwrap();
        bless::start(&self.root())
    }

    /// The images that are on record as good.
    fn good(&self) -> Vec<String> {
        let (ledger, _) = ledger::read(&self.root());
        ledger.good.iter().map(|pair| pair.image.to_string()).collect()
    }

    /// Booted, default, and the token.
    fn state(&self) -> (String, String, Token) {
        let loader = self.backend().loader().unwrap();
        (
            loader.booted.to_string(),
            loader.default.to_string(),
            loader.token,
        )
    }

    fn runs(&self, booted: &str, default: &str, token: Token) {
        assert_eq!(self.state(), (booted.to_owned(), default.to_owned(), token));
    }
}

/// The pattern as `case` of a shell takes it.
fn glob(pattern: &str) -> String {
    pattern.to_lowercase()
}

/// An implementation that is not ours.
fn shell_matches(pattern: &str, text: &str) -> bool {
    std::process::Command::new("bash")
        .args(["-c", "[[ $1 == $2 ]]", "bash", &text.to_lowercase(), pattern])
        .status()
        .unwrap()
        .success()
}

fn image(name: &str) -> ImageName {
    name.parse().unwrap()
}

fn attempt(name: &str) -> Attempt {
    Attempt {
        trial: "0a1b2c3d4e5f".parse().unwrap(),
        image: image(name),
    }
}

fn both_kinds(test: fn(Machine)) {
    for counter_in_id in [true, false] {
        test(Machine::new(counter_in_id));
    }
}

#[test]
fn a_trial_runs_once_and_the_bless_makes_it_the_default() {
    both_kinds(|machine| {
        machine.runs("imp_1.efi", "imp_1.efi", Token::None);
        machine.arm("imp_2.efi").unwrap();
        machine.runs("imp_1.efi", "imp_1.efi", Token::Armed(attempt("imp_2.efi")));
        assert_eq!(machine.power_on(), "imp_2+0-1.efi");
        machine.runs("imp_2.efi", "imp_1.efi", Token::Consumed(attempt("imp_2.efi")));
        let backend = machine.backend();
        backend.set_default(&image("imp_2.efi")).unwrap();
        backend.set_default(&image("imp_2.efi")).unwrap();
        machine.runs("imp_2.efi", "imp_2.efi", Token::Consumed(attempt("imp_2.efi")));
        backend.clear().unwrap();
        assert_eq!(machine.get("LoaderEntryDefault"), None, "the order says it");
        assert_eq!(machine.files(), ["imp_1.efi", "imp_2.efi"]);
        assert_eq!(machine.power_on(), "imp_2.efi");
        machine.runs("imp_2.efi", "imp_2.efi", Token::None);
    });
}

#[test]
fn a_reset_in_a_trial_is_the_way_back() {
    both_kinds(|machine| {
        machine.arm("imp_2.efi").unwrap();
        machine.power_on();
        for _ in 0..3 {
            assert_eq!(machine.power_on(), "imp_1.efi");
            machine.runs("imp_1.efi", "imp_1.efi", Token::Consumed(attempt("imp_2.efi")));
        }
        machine.backend().clear().unwrap();
        machine.backend().clear().unwrap();
        machine.runs("imp_1.efi", "imp_1.efi", Token::None);
        assert_eq!(machine.files(), ["imp_1.efi", "imp_2+0-1.efi"]);
        // Again, by force: the count begins anew.
        machine.arm("imp_2.efi").unwrap();
        assert_eq!(machine.power_on(), "imp_2+0-1.efi");
    });
}

#[test]
fn lost_variables_attempt_nothing() {
    both_kinds(|machine| {
        machine.arm("imp_2.efi").unwrap();
        fs::remove_file(machine.variable("LoaderEntryOneShot")).unwrap();
        assert_eq!(machine.power_on(), "imp_1.efi");
        machine.runs("imp_1.efi", "imp_1.efi", Token::Absent(attempt("imp_2.efi")));
    });
}

#[test]
fn an_older_image_is_blessed_by_name() {
    both_kinds(|machine| {
        machine.image("imp_0+0-0.efi", 0);
        machine.arm("imp_0.efi").unwrap();
        machine.power_on();
        machine.runs("imp_0.efi", "imp_1.efi", Token::Consumed(attempt("imp_0.efi")));
        machine.backend().set_default(&image("imp_0.efi")).unwrap();
        machine.backend().clear().unwrap();
        assert_eq!(machine.get("LoaderEntryDefault").as_deref(), Some("imp_0.efi"));
        machine.power_on();
        machine.runs("imp_0.efi", "imp_0.efi", Token::None);
        // And forward again: the name that was set moves with the bless.
        machine.arm("imp_2.efi").unwrap();
        machine.power_on();
        machine.runs("imp_2.efi", "imp_0.efi", Token::Consumed(attempt("imp_2.efi")));
        machine.backend().set_default(&image("imp_2.efi")).unwrap();
        machine.power_on();
        machine.backend().clear().unwrap();
        machine.runs("imp_2.efi", "imp_2.efi", Token::None);
    });
}

#[test]
fn an_image_without_a_counter_gets_one_before_anything_can_start_it() {
    both_kinds(|machine| {
        machine.image("imp_3.efi", 3);
        machine.runs("imp_1.efi", "imp_3.efi", Token::None);
        machine.arm("imp_3.efi").unwrap();
        machine.runs("imp_1.efi", "imp_1.efi", Token::Armed(attempt("imp_3.efi")));
        assert_eq!(machine.power_on(), "imp_3+0-1.efi");
    });
}

#[test]
fn an_esp_the_loader_cannot_write_is_found_out_and_is_never_blessed() {
    both_kinds(|mut machine| {
        machine.arm("imp_2.efi").unwrap();
        machine.esp_is_read_only = true;
        assert_eq!(machine.power_on(), "imp_2+0-0.efi");
        machine.runs("imp_2.efi", "imp_1.efi", Token::Consumed(attempt("imp_2.efi")));
        let refused = machine.backend().set_default(&image("imp_2.efi"));
        assert!(matches!(refused, Err(BackendError::Incapable(_))), "{refused:?}");
        assert!(machine.backend().strategies()[0].proof.is_err());
        assert_eq!(machine.power_on(), "imp_1.efi", "and it is not tried again");
    });
}

#[test]
fn a_start_after_the_one_attempt_is_somebodys_choice() {
    both_kinds(|machine| {
        machine.arm("imp_2.efi").unwrap();
        machine.power_on();
        machine.power_on();
        let name = if machine.counter_in_id {
            "imp_2+0-1.efi"
        } else {
            "imp_2.efi"
        };
        machine.set("LoaderEntryOneShot", name);
        assert_eq!(machine.power_on(), "imp_2+0-2.efi");
        machine.runs("imp_2.efi", "imp_1.efi", Token::Absent(attempt("imp_2.efi")));
    });
}

#[test]
fn what_is_no_image_is_refused_before_anything_changes() {
    let machine = Machine::new(true);
    machine.image("imp_4+0-0.efi", 4);
    machine.image("imp_4+0-1.efi", 4);
    fs::write(machine.kernel("imp_5+0-0.efi"), b"MZ, and no more").unwrap();
    fs::write(machine.kernel("imp_6+0-0.efi"), uki(6, b"")).unwrap();
    let whole = uki(7, b"kernel");
    fs::write(machine.kernel("imp_7+0-0.efi"), &whole[..whole.len() - 1]).unwrap();
    let before = machine.files();
    for (name, words) in [
        ("imp_1.efi", "'imp_1.efi' is the running image"),
        ("imp_4.efi", "exists twice, as imp_4+0-"),
        ("imp_5.efi", "is not a unified kernel"),
        ("imp_6.efi", "holds no kernel"),
        ("imp_7.efi", "is cut off in its section .initrd"),
        ("imp_8.efi", "is not in "),
    ] {
        let refused = machine.arm(name).unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
    }
    assert_eq!(machine.files(), before);
    machine.runs("imp_1.efi", "imp_1.efi", Token::None);
}

#[test]
fn a_loader_that_cannot_is_not_armed() {
    type Injury = fn(&Machine);
    let injuries: [(Injury, &str); 6] = [
        (
            |m| fs::write(m.variable("LoaderFeatures"), [6, 0, 0, 0, 1]).unwrap(),
            "does not support one-shot",
        ),
        (
            |m| fs::remove_file(m.variable("LoaderDevicePartUUID")).unwrap(),
            "which partition",
        ),
        (
            |m| fs::rename(m.path("efi"), m.path("elsewhere")).unwrap(),
            "is not mounted on",
        ),
        (|m| m.set("LoaderEntryDefault", "@saved"), "@saved"),
        (|m| m.set("LoaderEntryPreferred", "imp_1.efi"), "preferred"),
        (
            |m| fs::remove_file(m.path("usr/lib/systemd/systemd-bless-boot")).unwrap(),
            "not installed",
        ),
    ];
    for (injury, words) in injuries {
        let machine = Machine::new(true);
        injury(&machine);
        let proof = machine.backend().strategies()[0].proof.clone().unwrap_err();
        assert!(proof.contains(words), "{proof}");
        assert!(machine.arm("imp_2.efi").is_err());
        assert_eq!(machine.get("LoaderEntryOneShot"), None);
    }
}

#[test]
fn a_default_that_would_start_the_image_is_no_trial() {
    let machine = Machine::new(false);
    machine.set("LoaderEntryDefault", "imp_2.efi");
    let refused = machine.arm("imp_2.efi").unwrap_err().to_string();
    assert!(refused.contains("is what power-on starts"), "{refused}");
}

#[test]
fn images_too_alike_for_a_pattern_are_told_apart_or_refused() {
    let machine = Machine::new(true);
    machine.image("imp_2.0.efi", 1);
    let refused = machine.arm("imp_2.efi").unwrap_err().to_string();
    assert!(refused.contains("too similar to imp_2.0.efi"), "{refused}");
    assert_eq!(machine.get("LoaderEntryOneShot"), None);
}

#[test]
fn an_operators_one_shot_is_left_alone() {
    let machine = Machine::new(true);
    machine.set("LoaderEntryOneShot", "imp_1.efi");
    machine.backend().clear().unwrap();
    assert_eq!(machine.get("LoaderEntryOneShot").as_deref(), Some("imp_1.efi"));
}

#[test]
fn a_drill_tries_a_copy_that_leaves_no_trace() {
    both_kinds(|machine| {
        let copy = machine.backend().copy_for_drill().unwrap();
        assert_eq!(copy, image("imp_1-drill.efi"));
        machine.runs("imp_1.efi", "imp_1.efi", Token::None);
        machine.arm("imp_1-drill.efi").unwrap();
        assert_eq!(machine.power_on(), "imp_1-drill+0-1.efi");
        machine.backend().remove_drill(&copy).unwrap();
        assert_eq!(
            machine.files(),
            ["imp_1-drill+0-1.efi", "imp_1.efi", "imp_2+0-0.efi"]
        );
        machine.power_on();
        machine.backend().clear().unwrap();
        machine.backend().remove_drill(&copy).unwrap();
        machine.backend().remove_drill(&copy).unwrap();
        machine.backend().remove_drill(&image("imp_2.efi")).unwrap();
        assert_eq!(machine.files(), ["imp_1.efi", "imp_2+0-0.efi"]);
    });
}

#[test]
fn a_torn_note_is_no_trial() {
    let machine = Machine::new(true);
    machine.arm("imp_2.efi").unwrap();
    fs::write(machine.path("efi/EFI/imp/trial"), b"0a1b2c\0\0\xff").unwrap();
    machine.runs("imp_1.efi", "imp_1.efi", Token::None);
    machine.backend().clear().unwrap();
    assert_eq!(machine.get("LoaderEntryOneShot"), None);
}

#[test]
fn images_are_told_apart_by_content() {
    let machine = Machine::new(true);
    let images = machine.backend().images().unwrap();
    let names: Vec<String> = images.iter().map(|image| image.name.to_string()).collect();
    assert_eq!(names, ["imp_1.efi", "imp_2.efi"]);
    assert_ne!(images[0].identity, images[1].identity);
    assert!(images[0].mounted.is_some() && images[1].mounted.is_none());
}

#[test]
fn a_healthy_default_with_tries_of_systemds_own_keeps_none_that_run_out() {
    both_kinds(|machine| {
        machine.image("imp_3+3-0.efi", 3);
        assert_eq!(machine.power_on(), "imp_3+2-1.efi");
        machine.runs("imp_3.efi", "imp_3.efi", Token::None);
        machine.is_healthy(Class::Steady).unwrap();
        assert_eq!(machine.files(), ["imp_1.efi", "imp_2+0-0.efi", "imp_3.efi"]);
        assert_eq!(machine.good(), ["imp_3.efi"]);
        machine.is_healthy(Class::Steady).unwrap();
        for _ in 0..4 {
            assert_eq!(machine.power_on(), "imp_3.efi");
            machine.runs("imp_3.efi", "imp_3.efi", Token::None);
            machine.is_healthy(Class::Steady).unwrap();
        }
        assert_eq!(machine.get("LoaderEntryDefault"), None);
    });
}

#[test]
fn a_counter_that_stays_is_said() {
    both_kinds(|mut machine| {
        machine.image("imp_3+3-0.efi", 3);
        machine.power_on();
        // Another file has the name it would get: systemd-bless-boot ends well all the same (systemd#33504).
        machine.image("imp_3.efi", 3);
        let said = machine.is_healthy(Class::Steady).unwrap_err().to_string();
        assert!(said.contains("the bless of 'imp_3.efi'"), "{said}");
        assert_eq!(machine.good(), ["imp_3.efi"], "healthy it was");
        fs::remove_file(machine.kernel("imp_3.efi")).unwrap();

        machine.esp_is_read_only = true;
        machine.power_on();
        let said = machine.is_healthy(Class::Steady).unwrap_err().to_string();
        assert!(said.contains("did not count this boot"), "{said}");
    });
}

#[test]
fn what_is_not_the_default_is_not_confirmed() {
    both_kinds(|machine| {
        // Its last try: whether the boot loader or somebody in its menu wanted it cannot be told.
        machine.image("imp_3+1-0.efi", 3);
        assert_eq!(machine.power_on(), "imp_3+0-1.efi");
        machine.runs("imp_3.efi", "imp_1.efi", Token::None);
        machine.is_healthy(Class::Manual).unwrap();
        assert_eq!(machine.power_on(), "imp_1.efi");
    });
}

#[test]
fn a_foreign_entry_in_another_encoding_hides_nothing() {
    let machine = Machine::new(true);
    fs::create_dir_all(machine.path("efi/loader/entries")).unwrap();
    fs::write(
        machine.path("efi/loader/entries/memtest.conf"),
        b"title Speichertest f\xfcr alle\nsort-key zz\nefi /memtest.efi\n",
    )
    .unwrap();
    machine.runs("imp_1.efi", "imp_1.efi", Token::None);
}

//! The systemd-boot backend against a boot loader that follows systemd's source: the order of entries, counters, one-shots.
//! Firmware variables and the ESP are plain files; `tests/qemu/uefi` has the real ones.
#![allow(clippy::unwrap_used)]

mod refused;
mod trial;

use imp::boot::evidence::TimeLine;
use imp::boot::ledger;
use imp::boot::loader::systemd_boot::SystemdBoot;
use imp::boot::loader::{Backend, BackendError};
use imp::boot::record::{BootRecord, Verdict};
use imp::boot::trial::classify::{Attempt, Class, PowerOn, Token};
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
            verdict: Some(Verdict::Healthy),
            outcomes: Vec::new(),
            generation: None,
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
fn a_counter_that_stays_is_reported() {
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

/// Entries are called as people like, and one of them may sort first: what runs is still known, and what was tried is tried.
#[test]
fn an_entry_of_a_foreign_name_hides_nothing() {
    for name in ["My Rescue", "rescue@home", "[old] x", "übung"] {
        let machine = Machine::new(true);
        fs::create_dir_all(machine.path("efi/loader/entries")).unwrap();
        let entry = machine.path(&format!("efi/loader/entries/{name}.conf"));
        fs::write(entry, "title Rescue\nsort-key 0\nlinux /vmlinuz\n").unwrap();
        let loader = machine.backend().loader().unwrap();
        assert_eq!(loader.booted, image("imp_1.efi"));
        assert_eq!(loader.default, PowerOn::Other(format!("{name}.conf")));
        assert_eq!(loader.default.to_string(), format!("the entry '{name}.conf'"));
        // Where it may come back to is the operator's choice, and one word of theirs.
        machine.backend().set_default(&image("imp_1.efi")).unwrap();
        machine.runs("imp_1.efi", "imp_1.efi", Token::None);
    }
}

//! Our lines in the real GRUB, under QEMU with a BIOS: which entry is started in each state of the token, and what GRUB
//! writes. The menu's entries only print their name and turn the machine off.

use super::emulator::{Emulator, TICK};
use super::place::Place;
use crate::patience::Patience;
use crate::skip::skipped;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

const MODULES: &str = "/usr/lib/grub/i386-pc";
/// As `41_custom` of Debian and `41_custom.cfg` of bootupd include ours: after every entry.
const MENU: &str = r#"
serial --unit=0
terminal_output serial
set timeout=0
menuentry 'first' { if [ "${broken}" = "yes" ]; then linux /no-such-kernel; else echo "<started first>"; halt; fi; }
menuentry 'second' { echo "<started second>"; halt; }
menuentry 'third' { echo "<started third>"; halt; }
source ${prefix}/custom.cfg
"#;

/// A disk with GRUB, and one with the files it reads and writes.
struct Machine {
    place: Place,
    /// Around it.
    _dir: tempfile::TempDir,
}

impl Machine {
    /// `None`, and a line, where a package is missing.
    fn new() -> Option<Self> {
        let tools = ["grub-mkimage", "mke2fs", "debugfs", "qemu-system-x86_64"];
        let missing = tools
            .iter()
            .find(|tool| Command::new(tool).arg("--version").output().is_err());
        if missing.is_some() || !PathBuf::from(MODULES).is_dir() {
            skipped("our lines in GRUB: needs grub-pc-bin, grub-common, e2fsprogs and qemu-system-x86");
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        let machine = Self {
            place: Place::take(dir.path().join("machine")),
            _dir: dir,
        };
        let core = machine.path("core.img");
        let core = core.to_str().unwrap();
        let words = ["-O", "i386-pc", "-o", core, "-p", "(hd1)/grub"];
        let modules = [
            "biosdisk",
            "ext2",
            "normal",
            "configfile",
            "serial",
            "terminal",
            "test",
            "loadenv",
            "echo",
            "halt",
            "linux",
        ];
        run(Command::new("grub-mkimage").args(words).args(modules));
        // The first sector loads the rest from where it lies right behind (GRUB manual, "BIOS installation").
        let mut disk = fs::read(format!("{MODULES}/boot.img")).unwrap();
        disk.extend(fs::read(core).unwrap());
        disk.resize(disk.len().next_multiple_of(1 << 20), 0);
        fs::write(machine.path("grub.img"), disk).unwrap();
        Some(machine)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.file(name)
    }

    /// The second disk, with these files beside the menu.
    fn files(&self, menu: &str, files: &[(&str, &[u8])]) {
        let folder = self.path("files/grub");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("grub.cfg"), menu).unwrap();
        fs::write(
            folder.join("custom.cfg"),
            include_bytes!("../../units/grub/custom.cfg"),
        )
        .unwrap();
        for (name, bytes) in files {
            fs::write(folder.join(name), bytes).unwrap();
        }
        let _ = fs::remove_file(self.path("files.img"));
        let tree = self.path("files");
        run(Command::new("mke2fs")
            .args(["-q", "-t", "ext4", "-d"])
            .arg(tree)
            .arg(self.path("files.img"))
            .arg("8M"));
    }

    /// Which entry GRUB starts.
    fn boot(&mut self, read_only: bool) -> String {
        let emulator =
            Emulator::new("pc", 64, &self.place.console()).fixed_disk(&self.path("grub.img"), "raw");
        let files = self.path("files.img");
        let emulator = if read_only {
            emulator.fixed_disk(&files, "raw")
        } else {
            emulator.disk(&files, "raw")
        };
        let mut qemu = emulator.power_on();
        // A boot takes two or three seconds.
        let mut patience = Patience::emulated(60);
        while qemu.ended().is_none() {
            assert!(patience.lasts(), "it does not end\n{}", qemu.tail());
            std::thread::sleep(TICK);
        }
        let text = qemu.console();
        let started = text
            .split("<started ")
            .nth(1)
            .and_then(|rest| rest.split('>').next());
        started
            .unwrap_or_else(|| panic!("nothing was started: {text}"))
            .to_owned()
    }

    /// What GRUB left in a file.
    fn cat(&self, name: &str) -> String {
        let output = Command::new("debugfs")
            .args(["-R", &format!("cat /grub/{name}")])
            .arg(self.path("files.img"))
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
}

fn block(values: &str) -> Vec<u8> {
    format!("{:#<1024}", format!("# GRUB Environment Block\n{values}")).into_bytes()
}

#[test]
fn a_token_is_one_attempt_of_the_entry_on_top() {
    let Some(mut machine) = Machine::new() else { return };
    let armed = block("imp_from=a\nimp_image=b\nimp_token=armed\nimp_trial=0a1b2c3d4e5f\n");
    machine.files(MENU, &[("imp.env", &armed)]);
    assert_eq!(machine.boot(false), "first");
    let spent = String::from_utf8(armed).unwrap().replace("=armed\n", "=spent\n");
    assert_eq!(machine.cat("imp.env"), spent);
    assert_eq!(machine.boot(false), "second");
    assert_eq!(machine.boot(false), "second");
    assert_eq!(machine.cat("imp.env"), spent);
}

#[test]
fn without_a_token_or_with_a_blessed_one_the_menu_decides() {
    let Some(mut machine) = Machine::new() else { return };
    machine.files(MENU, &[]);
    assert_eq!(machine.boot(false), "first");
    machine.files(MENU, &[("imp.env", &block("imp_token=blessed\n"))]);
    assert_eq!(machine.boot(false), "first");
    // The operator's own default is left alone while nothing is tried.
    machine.files(
        &MENU.replace("set timeout=0", "set timeout=0\nset default=2"),
        &[],
    );
    assert_eq!(machine.boot(false), "third");
}

#[test]
fn doubt_starts_the_entry_that_is_known_to_be_good() {
    let Some(mut machine) = Machine::new() else { return };
    let mut torn = block("imp_token=armed\n");
    torn[..512].fill(0);
    for (what, bytes) in [
        ("torn", torn.as_slice()),
        ("cut in its word", b"# GRUB Environment Block\nimp_token=arm"),
        ("only its head", b"# GRUB Environment Block\n"),
        ("empty", b""),
        ("another word", &block("imp_token=perhaps\n")),
        ("no word", &block("imp_trial=0a1b2c3d4e5f\n")),
    ] {
        machine.files(MENU, &[("imp.env", bytes)]);
        assert_eq!(machine.boot(false), "second", "{what}");
    }
}

#[test]
fn a_disk_that_cannot_be_written_gives_no_attempt_and_no_proof() {
    let Some(mut machine) = Machine::new() else { return };
    let canary = block("imp_echo=none\nimp_nonce=n1\nimp_proved=no\n");
    let files: [(&str, &[u8]); 2] = [
        ("imp.env", &block("imp_token=armed\n")),
        ("imp-canary.env", &canary),
    ];
    machine.files(MENU, &files);
    assert_eq!(machine.boot(true), "second");
    assert!(machine.cat("imp-canary.env").contains("imp_echo=none\n"));
    assert_eq!(machine.boot(false), "first");
    assert!(machine.cat("imp-canary.env").contains("imp_echo=n1\n"));
}

#[test]
fn a_kernel_that_cannot_be_loaded_is_an_attempt_too() {
    let Some(mut machine) = Machine::new() else { return };
    let menu = MENU.replace("set timeout=0", "set timeout=0\nset broken=yes");
    machine.files(&menu, &[("imp.env", &block("imp_token=armed\n"))]);
    assert_eq!(machine.boot(false), "second");
    assert!(machine.cat("imp.env").contains("imp_token=spent\n"));
}

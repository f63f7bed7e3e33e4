//! A router on emulated hardware: its disk, and one QEMU per power-on.

use super::boot::Boot;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Condvar, Mutex, OnceLock};

const SNAPSHOT: &str = "good";

/// The image of `tests/guest/image`; none, after one line, where `tests/run` did not build it.
fn image(test: &str) -> Option<PathBuf> {
    let image = std::env::var_os("IMP_TEST_GUEST").map(PathBuf::from);
    if image.is_none() {
        crate::skip::skipped(format!(
            "{test}: no image in IMP_TEST_GUEST (tests/run builds one, as root)"
        ));
    }
    image
}

/// At most two machines run at once: each is a processor in software.
#[derive(Debug)]
pub struct Place;

static FREE: (Mutex<u32>, Condvar) = (Mutex::new(2), Condvar::new());

impl Place {
    /// Waits until it is free.
    pub fn take() -> Self {
        let (free, freed) = &FREE;
        let mut free = freed.wait_while(free.lock().unwrap(), |free| *free == 0).unwrap();
        *free -= 1;
        Self
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *FREE.0.lock().unwrap() += 1;
        FREE.1.notify_one();
    }
}

/// A machine that is off. Its disk is a layer over the image's; dropped, both are gone unless the test failed.
#[derive(Debug)]
pub struct Guest {
    image: PathBuf,
    pub(super) dir: PathBuf,
    /// How often it was powered on.
    pub(super) boots: u32,
    /// For the loader's command line.
    pub loader: String,
    _place: Place,
}

impl Guest {
    /// A machine with the image's disk. Says why and is none where no boot is possible.
    pub fn new(test: &str) -> Option<Self> {
        Some(Self::with_disk(image(test)?, test, None))
    }

    /// A machine that runs: `tank/ROOT/a` was found good by `imp-boot` before its snapshot was taken.
    pub fn running(test: &str) -> Option<(Self, Boot)> {
        static GOOD: OnceLock<PathBuf> = OnceLock::new();
        let image = image(test)?;
        // Before this machine takes its place: that one needs one, too.
        let disk = GOOD.get_or_init(|| snapshot(&image));
        let mut guest = Self::with_disk(image, test, Some(disk));
        let boot = Boot::start(&mut guest, &["-loadvm", SNAPSHOT]);
        Some((guest, boot))
    }

    fn with_disk(image: PathBuf, test: &str, copied: Option<&Path>) -> Self {
        let dir = image.with_file_name("run").join(test);
        let place = Place::take();
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        let disk = dir.join("disk");
        match copied {
            Some(other) => made(Command::new("cp").arg("--sparse=always").args([other, &disk])),
            None => made(
                Command::new("qemu-img")
                    .args(["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b"])
                    .args([&image.join("pool.qcow2"), &disk]),
            ),
        }
        Self {
            image,
            dir,
            boots: 0,
            loader: String::new(),
            _place: place,
        }
    }

    /// Powers it on.
    pub fn power_on(&mut self) -> Boot {
        Boot::start(self, &[])
    }

    /// Powers it on, waits until it takes commands and asserts what came up.
    pub fn boot(&mut self, dataset: &str) -> Boot {
        let mut boot = self.power_on();
        assert_eq!(boot.root().as_deref(), Some(dataset), "{}", boot.tail());
        boot
    }

    /// Powers it on until a boot stays up with a verdict. Returns that boot, and what each power-on came to: the root
    /// dataset, `-` where nothing ever took commands, `menu` where the loader waits for an operator, who cuts the power.
    pub fn settle(&mut self) -> (Boot, Vec<String>) {
        let mut came: Vec<String> = Vec::new();
        loop {
            let mut boot = self.power_on();
            came.push(match boot.root() {
                Some(root) => root,
                None if boot.is_in_menu() => "menu".to_owned(),
                None => "-".to_owned(),
            });
            if boot.concludes() {
                return (boot, came);
            }
            assert!(came.len() < 5, "it reboots for ever: {came:?}\n{}", boot.tail());
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = fs::remove_file(self.dir.join("disk"));
            eprintln!("the consoles of every boot are in {}", self.dir.display());
        } else {
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

/// A disk with the snapshot of the image running and found good. Made once per image: its first boot.
fn snapshot(image: &Path) -> PathBuf {
    let disk = image.join("good.qcow2");
    if disk.exists() {
        return disk;
    }
    let mut guest = Guest::with_disk(image.to_owned(), "good", None);
    let mut boot = guest.boot("tank/ROOT/a");
    assert!(boot.concludes(), "{}", boot.tail());
    boot.sh("impctl boot status || { cat /run/imp/boot.json; false; }");
    boot.quit_after(&format!("savevm {SNAPSHOT}"));
    boot.ends(60);
    fs::rename(guest.dir.join("disk"), &disk).unwrap();
    disk
}

fn made(command: &mut Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}

/// A reset ends QEMU: then a boot is a process, and a fresh one is faster than one that translated another kernel.
pub(super) fn spawn(guest: &Guest, console: &Path, more: &[&str]) -> Child {
    let socket = |name: &str| format!("unix:{},server=on,wait=off", guest.dir.join(name).display());
    // no_timer_check: that test of the kernel's fails where the machine that emulates the timer is busy.
    let line = format!(
        "console=ttyS0 boot=imploader panic=5 mitigations=off no_timer_check loglevel=4 {}",
        guest.loader
    );
    Command::new("qemu-system-x86_64")
        .args(["-machine", "pc", "-accel", "tcg,thread=multi,tb-size=512"])
        .args(["-cpu", "Nehalem", "-smp", "1", "-m", "1024"])
        .args(["-nodefaults", "-display", "none", "-no-reboot"])
        // The battery of its clock is empty: nothing about a boot may go by the time of day.
        .args(["-rtc", "base=1970-01-01T00:00:00"])
        .args(["-monitor", &socket("monitor")])
        .arg("-serial")
        .arg(format!("file:{}", console.display()))
        .args(["-serial", &socket("agent")])
        .args(["-device", "virtio-rng-pci"])
        .args(["-netdev", "user,id=management,restrict=on"])
        .args([
            "-device",
            "virtio-net-pci,netdev=management,mac=52:54:00:00:00:01,romfile=",
        ])
        .args(["-netdev", "user,id=external,restrict=on"])
        .args([
            "-device",
            "virtio-net-pci,netdev=external,mac=52:54:00:00:00:02,romfile=",
        ])
        // What a kernel that dies says outlives the reset, as in the flash of a server.
        .arg("-object")
        .arg(format!(
            "memory-backend-file,id=erst,size=64K,share=on,mem-path={}",
            guest.dir.join("erst").display()
        ))
        .args(["-device", "acpi-erst,memdev=erst"])
        .arg("-drive")
        // What the guest was told is on disk survives the emulator's own death.
        .arg(format!(
            "file={},if=virtio,format=qcow2,cache=writeback",
            guest.dir.join("disk").display()
        ))
        .arg("-kernel")
        .arg(guest.image.join("vmlinuz"))
        .arg("-initrd")
        .arg(guest.image.join("loader.img"))
        .args(["-append", &line])
        .args(more)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

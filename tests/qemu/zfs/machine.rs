//! A router on emulated hardware: its disk, and one QEMU per power-on.

use super::boot::Boot;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Condvar, Mutex, OnceLock};

const SNAPSHOT: &str = "good";

/// The image of `tests/qemu/zfs/image`; none, after one line, where `tests/run` did not build it.
fn image(test: &str) -> Option<PathBuf> {
    built("IMP_TEST_GUEST", test)
}

/// What `tests/run` built and named in this variable.
pub fn built(variable: &str, test: &str) -> Option<PathBuf> {
    let image = std::env::var_os(variable).map(PathBuf::from);
    if image.is_none() {
        crate::skip::skipped(format!(
            "{test}: no image in {variable} (tests/run builds one, as root)"
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
    /// Starts the loader, with its own command line, from an EFI system partition; none: QEMU does.
    firmware: Option<PathBuf>,
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

    /// A new machine with the image's disk, with UEFI firmware that starts the loader. Its `/dev/vdb1` is the EFI system
    /// partition.
    pub fn with_firmware(test: &str) -> Option<Self> {
        let firmware = built("IMP_TEST_UEFI", test)?;
        let mut guest = Self::new(test)?;
        fs::copy(firmware.join("variables.fd"), guest.dir.join("variables.fd")).unwrap();
        layer(&firmware.join("menu.img"), "raw", &guest.dir.join("esp"));
        guest.firmware = Some(firmware);
        Some(guest)
    }

    fn with_disk(image: PathBuf, test: &str, copied: Option<&Path>) -> Self {
        let dir = image.with_file_name("run").join(test);
        let place = Place::take();
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        let disk = dir.join("disk");
        match copied {
            Some(other) => made(Command::new("cp").arg("--sparse=always").args([other, &disk])),
            None => layer(&image.join("pool.qcow2"), "qcow2", &disk),
        }
        Self {
            image,
            dir,
            boots: 0,
            loader: String::new(),
            firmware: None,
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

/// A disk that holds what differs from another one.
pub fn layer(below: &Path, format: &str, disk: &Path) {
    made(
        Command::new("qemu-img")
            .args(["create", "-q", "-f", "qcow2", "-F", format, "-b"])
            .args([below, disk]),
    );
}

fn made(command: &mut Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}

/// A reset ends QEMU: then a boot is a process, and a fresh one is faster than one that translated another kernel.
pub(super) fn spawn(guest: &Guest, console: &Path, more: &[&str]) -> Child {
    let file = |name: &str| guest.dir.join(name).display().to_string();
    let socket = |name: &str| format!("unix:{},server=on,wait=off", file(name));
    let mut qemu = Command::new("qemu-system-x86_64");
    qemu.args(["-machine", "pc", "-accel", "tcg,thread=multi,tb-size=512"])
        .args(["-cpu", "Nehalem", "-smp", "1", "-m", "1024"])
        .args(["-nodefaults", "-display", "none", "-no-reboot"])
        // The battery of its clock is empty: nothing about a boot may go by the time of day.
        .args(["-rtc", "base=1970-01-01T00:00:00"])
        .args(["-monitor", &socket("monitor")])
        .args(["-serial", &format!("file:{}", console.display())])
        .args(["-serial", &socket("agent")])
        .args(["-device", "virtio-rng-pci"])
        .args(network("management", "52:54:00:00:00:01"))
        .args(network("external", "52:54:00:00:00:02"))
        // What a kernel that dies says outlives the reset, as in the flash of a server.
        .arg("-object")
        .arg(format!(
            "memory-backend-file,id=erst,size=64K,share=on,mem-path={}",
            file("erst")
        ))
        .args(["-device", "acpi-erst,memdev=erst"])
        .args(["-drive", &disk(&file("disk"))])
        .args(more);
    match &guest.firmware {
        Some(firmware) => starts_by_firmware(&mut qemu, firmware, &guest.dir),
        None => starts_loader(&mut qemu, guest),
    }
    qemu.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap()
}

fn network(name: &str, mac: &str) -> [String; 4] {
    [
        "-netdev".to_owned(),
        format!("user,id={name},restrict=on"),
        "-device".to_owned(),
        format!("virtio-net-pci,netdev={name},mac={mac},romfile="),
    ]
}

/// What the guest was told is on disk survives the emulator's own death.
fn disk(file: &str) -> String {
    format!("file={file},if=virtio,format=qcow2,cache=writeback")
}

fn starts_loader(qemu: &mut Command, guest: &Guest) {
    // no_timer_check: that test of the kernel's fails where the machine that emulates the timer is busy.
    let line = format!(
        "console=ttyS0 boot=imploader panic=5 mitigations=off no_timer_check loglevel=4 {}",
        guest.loader
    );
    qemu.arg("-kernel")
        .arg(guest.image.join("vmlinuz"))
        .arg("-initrd")
        .arg(guest.image.join("loader.img"))
        .args(["-append", &line]);
}

fn starts_by_firmware(qemu: &mut Command, firmware: &Path, dir: &Path) {
    let flash = |unit: u32, file: PathBuf, more: &str| {
        format!("if=pflash,unit={unit},format=raw,file={}{more}", file.display())
    };
    qemu.args(["-drive", &flash(0, firmware.join("code.fd"), ",readonly=on")])
        .args(["-drive", &flash(1, dir.join("variables.fd"), "")])
        .args(["-drive", &disk(&dir.join("esp").display().to_string())]);
}

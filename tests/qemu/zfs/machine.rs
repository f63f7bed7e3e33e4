//! A router on emulated hardware: its disk, and one QEMU per power-on.

use crate::patience::Patience;
use crate::qemu::boot::Boot;
use crate::qemu::emulator::{Emulator, TICK, built, layer};
use crate::qemu::place::Place;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread::sleep;

const A: &str = "tank/ROOT/a";
const B: &str = "tank/ROOT/b";

/// A machine that is off. Its disk is a layer over the image's.
#[derive(Debug)]
pub struct Guest {
    image: PathBuf,
    place: Place,
    /// For the loader's command line.
    pub loader: String,
    /// Starts the loader, with its own command line, from an EFI system partition; none: QEMU does.
    firmware: Option<PathBuf>,
}

impl Guest {
    /// A machine with the image's disk. Says why and is none where no boot is possible.
    pub fn new(test: &str) -> Option<Self> {
        let image = image(test)?;
        let disk = image.join("pool.qcow2");
        Some(Self::with_disk(image, test, &disk))
    }

    /// A machine that runs: `tank/ROOT/a` was found good by `imp-boot`.
    pub fn running(test: &str) -> Option<(Self, Boot)> {
        image(test).map(|image| Self::woken(&image, test, good(&image)))
    }

    /// The same after `tank/ROOT/b` was armed.
    pub fn armed(test: &str) -> Option<(Self, Boot)> {
        image(test).map(|image| Self::woken(&image, test, armed(&image)))
    }

    /// A new machine with the image's disk, with UEFI firmware that starts the loader. Its `/dev/vdb1` is the EFI system
    /// partition.
    pub fn with_firmware(test: &str) -> Option<Self> {
        let firmware = built("IMP_TEST_UEFI", test)?;
        let mut guest = Self::new(test)?;
        fs::copy(firmware.join("variables.fd"), guest.place.file("variables.fd")).unwrap();
        layer(&firmware.join("menu.img"), "raw", &guest.place.file("esp"));
        guest.firmware = Some(firmware);
        Some(guest)
    }

    fn with_disk(image: PathBuf, test: &str, below: &Path) -> Self {
        // Before this machine takes its place, because making it needs one too.
        loader(&image);
        Self::off(image, test, below)
    }

    fn off(image: PathBuf, test: &str, below: &Path) -> Self {
        let place = Place::take(image.with_file_name("run").join(test));
        layer(below, "qcow2", &place.file("disk"));
        Self {
            image,
            place,
            loader: String::new(),
            firmware: None,
        }
    }

    fn woken(image: &Path, test: &str, asleep: &Path) -> (Self, Boot) {
        let mut guest = Self::with_disk(image.to_owned(), test, &asleep.join("disk"));
        let boot = Boot::new(guest.emulator().wakes(&asleep.join("memory")).power_on());
        (guest, boot)
    }

    /// Powers it on. Where all is alike until the loader looks at the disk, the machine wakes there.
    pub fn power_on(&mut self) -> Boot {
        let emulator = self.emulator();
        let emulator = match self.begins_alike() {
            true => emulator.wakes(&loader(&self.image).join("memory")),
            false => emulator,
        };
        Boot::new(emulator.power_on())
    }

    /// Whether it differs by its disk alone from the machine that is asleep in its loader: a kernel that dies writes to the flash.
    fn begins_alike(&self) -> bool {
        let flash = |folder: &Path| fs::read(folder.join("erst")).ok();
        let is_written = || flash(&self.place.dir).is_some_and(|own| Some(own) != flash(loader(&self.image)));
        self.firmware.is_none() && self.loader.is_empty() && !is_written()
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

    /// Powers it on once for each of these, which is what it comes to, as `settle` has it; all but the last end by themselves.
    /// Returns the last as soon as it is classified, without a verdict.
    pub fn comes_to(&mut self, roots: &[&str]) -> Boot {
        let (last, before) = roots.split_last().unwrap();
        for root in before {
            let mut boot = self.power_on();
            assert_eq!(boot.root().as_deref().unwrap_or("-"), *root, "{}", boot.tail());
            boot.ends(300);
        }
        let mut boot = self.boot(last);
        boot.is_classified();
        boot
    }

    /// A reset ends QEMU: then a boot is a process, and a fresh one is faster than one that translated another kernel.
    fn emulator(&mut self) -> Emulator {
        let console = self.place.console();
        let nic = |name: &str, mac: &str| {
            let backend = format!("user,id={name},restrict=on");
            let device = format!("virtio-net-pci,netdev={name},mac={mac},romfile=");
            ["-netdev".to_owned(), backend, "-device".to_owned(), device]
        };
        let nics = [
            nic("management", "52:54:00:00:00:01"),
            nic("external", "52:54:00:00:00:02"),
        ];
        // What a kernel that dies says outlives the reset, as in the flash of a server.
        let flash = self.place.file("erst").display().to_string();
        let flash = format!("memory-backend-file,id=erst,size=64K,share=on,mem-path={flash}");
        let emulator = Emulator::new("pc", 1024, &console)
            // The battery of its clock is empty: nothing about a boot may go by the time of day.
            .with(["-rtc", "base=1970-01-01T00:00:00", "-device", "virtio-rng-pci"])
            .with(nics.as_flattened().iter().map(String::as_str))
            .with(["-object", &flash, "-device", "acpi-erst,memdev=erst"])
            .disk(&self.place.file("disk"), "qcow2");
        match &self.firmware {
            Some(firmware) => emulator
                .firmware(&firmware.join("code.fd"), &self.place.file("variables.fd"))
                .disk(&self.place.file("esp"), "qcow2"),
            // Not with firmware, which waits by counting, too, and would wait for minutes.
            None => emulator.counted().kernel(
                &self.image.join("vmlinuz"),
                &self.image.join("loader.img"),
                &format!("boot=imploader panic=1 {}", self.loader),
            ),
        }
    }
}

/// The image of `tests/qemu/zfs/image`; none, after one line, where `tests/run` did not build it.
fn image(test: &str) -> Option<PathBuf> {
    built("IMP_TEST_GUEST", test)
}

/// A machine of this image put to sleep in its loader, which did not look at the disk yet.
fn loader(image: &Path) -> &'static Path {
    static LOADER: OnceLock<PathBuf> = OnceLock::new();
    LOADER.get_or_init(|| {
        asleep(image, "loader", |folder| {
            let mut guest = Guest::off(image.to_owned(), folder, &image.join("pool.qcow2"));
            "imp.nap=1".clone_into(&mut guest.loader);
            let boot = guest.power_on();
            let mut patience = Patience::emulated(60);
            while !boot.console().contains("loader: asleep") {
                assert!(patience.lasts(), "{}", boot.tail());
                sleep(TICK);
            }
            (guest, boot)
        })
    })
}

/// A machine of this image put to sleep after `tank/ROOT/a` was found good: its disk and its memory. Made once per image: its
/// first boot.
fn good(image: &Path) -> &'static Path {
    static GOOD: OnceLock<PathBuf> = OnceLock::new();
    GOOD.get_or_init(|| {
        asleep(image, "good", |folder| {
            let mut guest = Guest::with_disk(image.to_owned(), folder, &image.join("pool.qcow2"));
            let mut boot = guest.boot(A);
            assert!(boot.concludes(), "{}", boot.tail());
            boot.sh("impctl boot status || { cat /run/imp/boot.json; false; }");
            (guest, boot)
        })
    })
}

/// That machine after `tank/ROOT/b` was armed.
fn armed(image: &Path) -> &'static Path {
    static ARMED: OnceLock<PathBuf> = OnceLock::new();
    ARMED.get_or_init(|| {
        asleep(image, "armed", |folder| {
            let (guest, mut boot) = Guest::woken(image, folder, good(image));
            // A machine just woken on a busy host may not answer the health checks at once.
            boot.until("armed", 120, &format!("impctl boot arm {B}")).unwrap();
            (guest, boot)
        })
    })
}

/// The folder of a machine of this image that is asleep; made, where it is not there yet, of one that runs.
fn asleep(image: &Path, name: &str, make: impl FnOnce(&str) -> (Guest, Boot)) -> PathBuf {
    let folder = image.join(name);
    if !folder.exists() {
        let (guest, boot) = make(name);
        boot.sleep(&guest.place.file("memory"));
        guest.place.keep(&folder);
    }
    folder
}

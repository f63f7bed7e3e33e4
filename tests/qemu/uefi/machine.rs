//! A machine with UEFI firmware: its variables, its ESP, its `/persistent`, and one QEMU per power-on.

use crate::qemu::boot::Boot;
use crate::qemu::emulator::{Emulator, built, layer};
use crate::qemu::place::Place;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What a machine is made of.
const PARTS: [&str; 3] = ["variables.fd", "esp.qcow2", "persistent.qcow2"];

/// A machine that is off. When dropped, it is removed unless the test failed.
#[derive(Debug)]
pub struct Machine {
    image: PathBuf,
    place: Place,
    /// The firmware and the kernel find an ESP that cannot be written.
    pub read_only_esp: bool,
    /// A file that the machine has as `/dev/vdc`.
    pub extra: Option<PathBuf>,
}

impl Machine {
    /// A machine as it is installed: `imp_1` is what power-on starts. `None`, after one line that says why, if it
    /// cannot boot here.
    pub fn new(test: &str) -> Option<Self> {
        Some(Self::with(image(test)?, test, None))
    }

    /// A machine that is off after `imp_2` was armed in it.
    pub fn armed(test: &str) -> Option<Self> {
        static ARMED: OnceLock<PathBuf> = OnceLock::new();
        let image = image(test)?;
        // Before this machine takes its place, because arming needs one too.
        let like = ARMED.get_or_init(|| arm(&image));
        Some(Self::with(image, test, Some(like)))
    }

    /// Its parts are new, or those of a machine that is off.
    fn with(image: PathBuf, test: &str, like: Option<&Path>) -> Self {
        let machine = Self {
            place: Place::take(image.join("run").join(test)),
            image,
            read_only_esp: false,
            extra: None,
        };
        if let Some(like) = like {
            for part in PARTS {
                fs::copy(like.join(part), machine.place.file(part)).unwrap();
            }
        } else {
            machine.lose_variables();
            for part in ["esp", "persistent"] {
                let below = machine.image.join(format!("{part}.img"));
                layer(&below, "raw", &machine.place.file(&format!("{part}.qcow2")));
            }
        }
        machine
    }

    /// The firmware has its variables as they left the factory.
    pub fn lose_variables(&self) {
        fs::copy(self.image.join("variables.fd"), self.place.file("variables.fd")).unwrap();
    }

    /// Powers it on. A reset ends QEMU: then a boot is a process.
    pub fn power_on(&mut self) -> Boot {
        let emulator = Emulator::new("q35", 768, &self.place.console())
            .firmware(&self.image.join("code.fd"), &self.place.file("variables.fd"));
        let esp = self.place.file("esp.qcow2");
        let emulator = if self.read_only_esp {
            emulator.fixed_disk(&esp, "qcow2")
        } else {
            emulator.disk(&esp, "qcow2")
        };
        let emulator = emulator.disk(&self.place.file("persistent.qcow2"), "qcow2");
        let emulator = match &self.extra {
            Some(extra) => emulator.fixed_disk(extra, "raw"),
            None => emulator,
        };
        Boot::new(emulator.power_on())
    }

    /// Powers it on, waits until it takes commands, and asserts which image runs.
    pub fn boot(&mut self, image: &str) -> Boot {
        let mut boot = self.power_on();
        assert_eq!(boot.root().as_deref(), Some(image), "{}", boot.tail());
        boot
    }
}

/// The images of `tests/qemu/uefi/image`; `None`, after one line, if `tests/run` has not built them.
fn image(test: &str) -> Option<PathBuf> {
    built("IMP_TEST_UEFI", test)
}

/// Arms `imp_2` once for all tests that begin so. The power is cut right after: what was promised is durable.
fn arm(image: &Path) -> PathBuf {
    let mut machine = Machine::with(image.to_owned(), "armed", None);
    let mut boot = machine.boot("imp_1");
    boot.sh("imp-boot classify");
    boot.sh("impctl boot arm imp_2.efi --force");
    boot.cut();
    let kept = image.join("run").join("armed-once");
    machine.place.keep(&kept);
    kept
}

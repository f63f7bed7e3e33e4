//! A machine with UEFI firmware: its variables, its ESP, its `/persistent`, and one QEMU per power-on.

use crate::qemu::zfs::boot::Boot;
use crate::qemu::zfs::machine::{Place, built, layer};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// What a machine is made of.
const PARTS: [&str; 3] = ["variables.fd", "esp.qcow2", "persistent.qcow2"];

/// A machine that is off. Dropped, it is gone unless the test failed.
#[derive(Debug)]
pub struct Machine {
    image: PathBuf,
    dir: PathBuf,
    boots: u32,
    /// The firmware and the kernel find an ESP that cannot be written.
    pub read_only_esp: bool,
    /// A file that the machine has as `/dev/vdc`.
    pub extra: Option<PathBuf>,
    _place: Place,
}

impl Machine {
    /// A machine as it is installed: `imp_1` is what power-on starts. Says why and is none where no boot is possible.
    pub fn new(test: &str) -> Option<Self> {
        Some(Self::with(image(test)?, test, None))
    }

    /// A machine that is off after `imp_2` was armed in it.
    pub fn armed(test: &str) -> Option<Self> {
        static ARMED: OnceLock<PathBuf> = OnceLock::new();
        let image = image(test)?;
        // Before this machine takes its place: that one needs one, too.
        let like = ARMED.get_or_init(|| arm(&image));
        Some(Self::with(image, test, Some(like)))
    }

    /// Its parts are new, or those of a machine that is off.
    fn with(image: PathBuf, test: &str, like: Option<&Path>) -> Self {
        let machine = Self {
            dir: image.join("run").join(test),
            image,
            boots: 0,
            read_only_esp: false,
            extra: None,
            _place: Place::take(),
        };
        let _ = fs::remove_dir_all(&machine.dir);
        fs::create_dir_all(&machine.dir).unwrap();
        if let Some(like) = like {
            for part in PARTS {
                fs::copy(like.join(part), machine.dir.join(part)).unwrap();
            }
        } else {
            machine.lose_variables();
            for part in ["esp", "persistent"] {
                let below = machine.image.join(format!("{part}.img"));
                layer(&below, "raw", &machine.dir.join(format!("{part}.qcow2")));
            }
        }
        machine
    }

    /// The firmware has its variables as they left the factory.
    pub fn lose_variables(&self) {
        fs::copy(self.image.join("variables.fd"), self.dir.join("variables.fd")).unwrap();
    }

    /// Powers it on.
    pub fn power_on(&mut self) -> Boot {
        self.boots += 1;
        Boot::of(&self.dir, self.boots, |console| self.spawn(console))
    }

    /// Powers it on, waits until it takes commands, and asserts which image runs.
    pub fn boot(&mut self, image: &str) -> Boot {
        let mut boot = self.power_on();
        assert_eq!(boot.root().as_deref(), Some(image), "{}", boot.tail());
        boot
    }

    /// A reset ends QEMU: then a boot is a process.
    fn spawn(&self, console: &Path) -> Child {
        let file = |dir: &Path, name: &str| format!("file={}", dir.join(name).display());
        let socket = |name: &str| format!("unix:{},server=on,wait=off", self.dir.join(name).display());
        let read_only = if self.read_only_esp { "on" } else { "off" };
        let mut drives = vec![
            format!(
                "if=pflash,unit=0,format=raw,readonly=on,{}",
                file(&self.image, "code.fd")
            ),
            format!("if=pflash,unit=1,format=raw,{}", file(&self.dir, "variables.fd")),
            format!(
                "if=virtio,format=qcow2,readonly={read_only},{}",
                file(&self.dir, "esp.qcow2")
            ),
            format!("if=virtio,format=qcow2,{}", file(&self.dir, "persistent.qcow2")),
        ];
        if let Some(extra) = &self.extra {
            drives.push(format!(
                "if=virtio,format=raw,readonly=on,file={}",
                extra.display()
            ));
        }
        let mut qemu = Command::new("qemu-system-x86_64");
        for drive in drives {
            qemu.args(["-drive", &drive]);
        }
        qemu.args(["-machine", "q35", "-accel", "tcg,thread=multi", "-m", "768"])
            .args(["-nodefaults", "-display", "none", "-no-reboot"])
            .args(["-monitor", &socket("monitor")])
            .args(["-serial", &format!("file:{}", console.display())])
            .args(["-serial", &socket("agent")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the consoles of every boot are in {}", self.dir.display());
        } else {
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

/// The images of `tests/qemu/uefi/image`; none, after one line, where `tests/run` did not build them.
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
    let _ = fs::remove_dir_all(&kept);
    fs::rename(&machine.dir, &kept).unwrap();
    kept
}

//! An emulated machine that is nothing but an initramfs and a disk. It is started once, put to sleep into a file, and woken out
//! of that file with any disk: that takes a second instead of ten.

use crate::patience::Patience;
use crate::qemu::emulator::{Emulator, Qemu};
use crate::qemu::place::Place;
use std::path::Path;

/// One machine; when dropped, its power is cut.
#[derive(Debug)]
pub struct Vm(Qemu);

impl Vm {
    /// Started from its kernel, or woken from a file. Its disk is in its place.
    pub fn start(boot: &Path, initrd: &Path, place: &mut Place, memory: Option<&Path>) -> Self {
        let emulator = Emulator::new("pc", 512, &place.console())
            .disk(&place.file("disk"), "raw")
            .kernel(&boot.join("vmlinuz"), initrd, "boot=imppool panic=-1 nokaslr");
        let emulator = match memory {
            Some(memory) => emulator.wakes(memory),
            None => emulator,
        };
        Self(emulator.power_on())
    }

    /// Everything in memory is in the file. The machine is over.
    pub fn sleep(self, memory: &Path) {
        self.0.sleep(memory);
    }

    /// One command of the machine's shell.
    pub fn say(&mut self, command: &str) {
        self.0.say(command);
    }

    /// All that was said until the line begins so.
    pub fn until(&mut self, begin: &str, seconds: u64) -> String {
        let mut patience = Patience::emulated(seconds);
        loop {
            let text = self.0.heard();
            if text.lines().any(|line| line.starts_with(begin)) && text.ends_with('\n') {
                return text;
            }
            let ended = self.0.ended();
            assert!(
                patience.lasts() && ended.is_none(),
                "no {begin} ({ended:?}): {text}"
            );
            self.0.listen();
        }
    }

    /// What it says until a line begins so, and for so many seconds of the emulator's processor after it; then the power is
    /// cut. An incomplete line does not count.
    pub fn cut_after(mut self, line: &str, seconds: f64) -> String {
        let mut patience = Patience::emulated(150);
        let mut until = f64::INFINITY;
        while self.0.cpu() < until && !self.said("@FAILED") {
            assert!(
                patience.lasts() && self.0.ended().is_none(),
                "it ended or stands still before {line}: {}",
                self.0.heard()
            );
            if until.is_infinite() && self.said(line) {
                until = self.0.cpu() + seconds;
            }
            self.0.listen();
        }
        let text = self.0.cut();
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        text[..whole].to_owned()
    }

    /// Whether a line began so.
    fn said(&self, begin: &str) -> bool {
        self.0.heard().lines().any(|line| line.starts_with(begin))
    }
}

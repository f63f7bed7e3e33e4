//! One power-on: commands over a serial line, the console, and how it ends.

use super::emulator::Qemu;
use crate::patience::Patience;
use std::fmt::Write as _;
use std::path::Path;

/// One power-on of a machine with an agent on its second serial line. It ends when the machine resets or switches itself off,
/// or when this is dropped: then by a power cut.
#[derive(Debug)]
pub struct Boot {
    qemu: Qemu,
    said: u32,
}

impl Boot {
    /// The state right after power-on.
    pub fn new(qemu: Qemu) -> Self {
        Self { qemu, said: 0 }
    }

    /// The root dataset, once the machine takes commands; none when it reset before that, or stays in its loader.
    pub fn root(&mut self) -> Option<String> {
        self.hear("it takes commands", 150, |heard| {
            let (_, ready) = heard.split_once("@READY ")?;
            ready.split_once('\n').map(|(dataset, _)| dataset.to_owned())
        })
    }

    /// Whether the loader found nothing to start and waits for an operator, as ZFSBootMenu does.
    pub fn is_in_menu(&self) -> bool {
        self.console().contains("\nloader: menu")
    }

    /// Runs a script that must succeed. Returns what it printed.
    pub fn sh(&mut self, script: &str) -> String {
        let (text, success) = self.try_sh(script).unwrap_or_else(|| {
            panic!("the machine reset during: {script}\n{}", self.tail());
        });
        assert!(success, "{script}\n{text}");
        text
    }

    /// Runs a script as root; returns what it printed and whether it succeeded, or none when the machine reset meanwhile.
    pub fn try_sh(&mut self, script: &str) -> Option<(String, bool)> {
        self.run(script, 60)
    }

    fn run(&mut self, script: &str, seconds: u64) -> Option<(String, bool)> {
        self.said += 1;
        let id = self.said;
        let bytes: String = script.bytes().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "\\x{byte:02x}");
            text
        });
        self.qemu.say(&format!("{id} {bytes}"));
        let (begin, end) = (format!("@BEGIN {id}\n"), format!("\n@END {id} "));
        self.hear(script, seconds, |heard| {
            let (_, answer) = heard.split_once(&begin)?;
            let (text, status) = answer.split_once(&end)?;
            let (status, _) = status.split_once('\n')?;
            Some((text.trim_end().to_owned(), status == "0"))
        })
    }

    /// Repeats a script until it succeeds; returns what it printed last, or none when the machine reset meanwhile.
    pub fn until(&mut self, what: &str, seconds: u64, script: &str) -> Option<String> {
        let mut patience = Patience::emulated(seconds);
        loop {
            let (text, success) = self.try_sh(script)?;
            if success {
                return Some(text);
            }
            assert!(patience.lasts(), "{what}\n{script}\n{text}\n{}", self.tail());
            patience.pause();
        }
    }

    /// Waits until the machine resets or switches itself off.
    pub fn ends(&mut self, seconds: u64) {
        let mut patience = Patience::emulated(seconds);
        while self.qemu.ended().is_none() {
            assert!(patience.lasts(), "it does not end\n{}", self.tail());
            // What it says is taken, or it would wait for us.
            self.qemu.listen();
        }
    }

    /// Reboots as an operator does and waits for the reset.
    pub fn reboot(mut self) {
        // The answer may come or not: what gives it is stopped, too.
        self.try_sh("systemctl --no-block reboot");
        self.ends(120);
    }

    /// Whether the boot stays up with a verdict of `imp-boot`; not, when it resets before.
    pub fn concludes(&mut self) -> bool {
        self.records(r#"\"verdict\":\ \{[^}]*\"is\":\ \"(good|alarm)\""#)
    }

    /// Waits until `imp-boot` classified it.
    pub fn is_classified(&mut self) {
        assert!(self.records(r#"\"class\":"#), "it reset\n{}", self.tail());
    }

    /// Waits until this is in the record of `imp-boot`; whether it ever was. The machine looks by itself, and starts no program
    /// for it: each would take time from the boot.
    fn records(&mut self, pattern: &str) -> bool {
        let until = format!(
            "exec 9<> <(:)\n\
             until [[ $record =~ {pattern} ]]; do\n\
                 read -rt 1 -u 9\n\
                 {{ read -rd '' record </run/imp/boot.json; }} 2>/dev/null\n\
             done"
        );
        self.run(&until, 300).is_some()
    }

    /// Puts the machine to sleep into a file.
    pub fn sleep(self, memory: &Path) {
        self.qemu.sleep(memory);
    }

    /// Cuts the power.
    pub fn cut(self) {
        drop(self);
    }

    /// All that this boot said, the loader included.
    pub fn console(&self) -> String {
        self.qemu.console()
    }

    /// The end of that.
    pub fn tail(&self) -> String {
        self.qemu.tail()
    }

    /// Waits until what the agent said answers the question; none when the machine ended first.
    fn hear<T>(&mut self, what: &str, seconds: u64, answer: impl Fn(&str) -> Option<T>) -> Option<T> {
        let mut patience = Patience::emulated(seconds);
        loop {
            if let Some(found) = answer(&self.qemu.heard()) {
                self.qemu.forget();
                return Some(found);
            }
            if self.qemu.ended().is_some() || self.is_in_menu() {
                return None;
            }
            assert!(patience.lasts(), "not in time: {what}\n{}", self.tail());
            self.qemu.listen();
        }
    }
}

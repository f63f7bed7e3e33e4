//! One power-on: commands over a serial line, the console, and how it ends.

use super::machine::{Guest, spawn};
use std::fmt::Write as _;
use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(200);

/// How long something may take: in seconds on the wall clock, and for an emulator that had less than that of a processor,
/// because the machine is busy, up to six times as long.
#[derive(Debug)]
struct Patience {
    usually: Instant,
    at_most: Instant,
    cpu: f64,
}

/// One power-on. It ends when the machine resets or switches itself off, or when this is dropped: then by a power cut.
#[derive(Debug)]
pub struct Boot {
    qemu: Child,
    agent: UnixStream,
    heard: Vec<u8>,
    said: u32,
    console: PathBuf,
    monitor: PathBuf,
}

impl Boot {
    pub(super) fn start(guest: &mut Guest, more: &[&str]) -> Self {
        guest.boots += 1;
        Self::of(&guest.dir, guest.boots, |console| spawn(guest, console, more))
    }

    /// A power-on of any machine: its QEMU writes the console to the file it is handed, and has the agent's serial line and
    /// the monitor as sockets in the directory.
    pub fn of(dir: &Path, number: u32, spawn: impl FnOnce(&Path) -> Child) -> Self {
        let console = dir.join(format!("console-{number}"));
        let socket = dir.join("agent");
        let _ = fs::remove_file(&socket);
        let mut qemu = spawn(&console);
        let deadline = Instant::now() + Duration::from_secs(30);
        let agent = loop {
            if let Ok(agent) = UnixStream::connect(&socket) {
                break agent;
            }
            let over = qemu.try_wait().unwrap();
            assert!(over.is_none() && Instant::now() < deadline, "qemu: {over:?}");
            sleep(TICK / 10);
        };
        agent.set_read_timeout(Some(TICK)).unwrap();
        Self {
            qemu,
            agent,
            heard: Vec::new(),
            said: 0,
            console,
            monitor: dir.join("monitor"),
        }
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
        self.said += 1;
        let id = self.said;
        let bytes: String = script.bytes().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "\\x{byte:02x}");
            text
        });
        // A machine that just reset is found out by listening.
        let _ = self.agent.write_all(format!("{id} {bytes}\n").as_bytes());
        let (begin, end) = (format!("@BEGIN {id}\n"), format!("\n@END {id} "));
        self.hear(script, 60, |heard| {
            let (_, answer) = heard.split_once(&begin)?;
            let (text, status) = answer.split_once(&end)?;
            let (status, _) = status.split_once('\n')?;
            Some((text.trim_end().to_owned(), status == "0"))
        })
    }

    /// Repeats a script until it succeeds; returns what it printed last, or none when the machine reset meanwhile.
    pub fn until(&mut self, what: &str, seconds: u64, script: &str) -> Option<String> {
        let patience = self.patience(seconds);
        loop {
            let (text, success) = self.try_sh(script)?;
            if success {
                return Some(text);
            }
            assert!(
                self.may_wait(&patience),
                "{what}\n{script}\n{text}\n{}",
                self.tail()
            );
            sleep(TICK);
        }
    }

    /// Waits until the machine resets or switches itself off.
    pub fn ends(&mut self, seconds: u64) {
        let patience = self.patience(seconds);
        while self.qemu.try_wait().unwrap().is_none() {
            assert!(self.may_wait(&patience), "it does not end\n{}", self.tail());
            // What it says is taken, or it would wait for us.
            self.listen();
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
        let verdict = r#"grep -A1 '"verdict": {' /run/imp/boot.json | grep -E '"(good|alarm)"'"#;
        self.until("imp-boot has a verdict", 300, verdict).is_some()
    }

    /// The last thing that QEMU's monitor is told: it ends with `quit`. What it answers is taken until it hangs up; hung up on,
    /// it drops what it has not read yet.
    pub(super) fn quit_after(&self, text: &str) {
        let mut monitor = UnixStream::connect(&self.monitor).unwrap();
        monitor.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        monitor.write_all(format!("{text}\nquit\n").as_bytes()).unwrap();
        let mut said = Vec::new();
        let end = monitor.read_to_end(&mut said);
        assert!(end.is_ok(), "{text}: {end:?}\n{}", String::from_utf8_lossy(&said));
    }

    /// Cuts the power.
    pub fn cut(self) {
        drop(self);
    }

    /// All that this boot said, the loader included.
    pub fn console(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.console).unwrap_or_default()).into_owned()
    }

    pub fn tail(&self) -> String {
        let text = self.console();
        let lines: Vec<&str> = text.lines().collect();
        let last = lines.len().saturating_sub(60);
        format!("--- {}\n{}", self.console.display(), lines[last..].join("\n"))
    }

    /// Waits until what the agent said answers the question; none when the machine ended first.
    fn hear<T>(&mut self, what: &str, seconds: u64, answer: impl Fn(&str) -> Option<T>) -> Option<T> {
        let patience = self.patience(seconds);
        loop {
            if let Some(found) = answer(&String::from_utf8_lossy(&self.heard)) {
                self.heard.clear();
                return Some(found);
            }
            if self.qemu.try_wait().unwrap().is_some() || self.is_in_menu() {
                return None;
            }
            assert!(self.may_wait(&patience), "not in time: {what}\n{}", self.tail());
            self.listen();
        }
    }

    fn listen(&mut self) {
        let mut part = [0; 65536];
        match self.agent.read(&mut part) {
            Ok(0) => sleep(TICK),
            Ok(length) => self.heard.extend_from_slice(&part[..length]),
            // A machine that resets with something of ours unread.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => sleep(TICK),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) => {}
            Err(error) => panic!("agent: {error}"),
        }
    }

    fn patience(&self, seconds: u64) -> Patience {
        Patience {
            usually: Instant::now() + Duration::from_secs(seconds),
            at_most: Instant::now() + Duration::from_secs(6 * seconds),
            cpu: self.cpu() + Duration::from_secs(seconds).as_secs_f64(),
        }
    }

    fn may_wait(&self, patience: &Patience) -> bool {
        let now = Instant::now();
        now < patience.usually || (now < patience.at_most && self.cpu() < patience.cpu)
    }

    /// Processor seconds that the emulator took: proc(5), utime and stime, in hundredths.
    fn cpu(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.qemu.id())).unwrap_or_default();
        let after = stat.rsplit(')').next().unwrap_or_default();
        let ticks = after.split_whitespace().skip(11).take(2);
        ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
    }
}

impl Drop for Boot {
    fn drop(&mut self) {
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
    }
}

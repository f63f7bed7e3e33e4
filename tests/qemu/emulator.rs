//! The one way to run QEMU: what every emulated machine has, and a process that ends with it.

use crate::patience::Patience;
use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

pub const TICK: Duration = Duration::from_millis(100);

/// A machine to be powered on: its console is a file, its second serial line and QEMU's monitor are ours.
#[derive(Debug)]
pub struct Emulator {
    command: Command,
    console: PathBuf,
    /// Of a directory with a short name: a socket's path has room for 107 bytes, wherever the checkout is.
    sockets: TempDir,
    wakes: bool,
}

impl Emulator {
    /// A machine of QEMU's type `pc` or `q35` with so many MiB, which writes its console to this file. A reset ends it.
    pub fn new(kind: &str, memory: u32, console: &Path) -> Self {
        let sockets = tempfile::Builder::new().prefix("imp").tempdir_in("/tmp").unwrap();
        let socket = |name: &str| format!("unix:{},server=on,wait=off", sockets.path().join(name).display());
        let mut command = Command::new("qemu-system-x86_64");
        command
            .args([
                "-machine",
                &format!("{kind},hpet=off"),
                "-accel",
                "tcg,tb-size=512",
            ])
            .args(["-cpu", "Nehalem", "-smp", "1", "-m", &memory.to_string()])
            .args(["-nodefaults", "-display", "none", "-no-reboot"])
            .args(["-serial", &format!("file:{}", console.display())])
            .args(["-serial", &socket("line")])
            .args(["-monitor", &socket("monitor")])
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        Self {
            command,
            console: console.to_owned(),
            sockets,
            wakes: false,
        }
    }

    /// More of QEMU's own options.
    pub fn with<'w>(mut self, words: impl IntoIterator<Item = &'w str>) -> Self {
        self.command.args(words);
        self
    }

    /// A busy host does not age the machine: its clock counts the instructions of its processor, two nanoseconds each, and
    /// goes by the time of day only while that is idle. So a deadline inside is as far away as on an idle host.
    pub fn counted(self) -> Self {
        self.with(["-icount", "shift=1,sleep=on"])
    }

    /// The next disk. What the machine was told is on it survives the emulator's own death.
    pub fn disk(self, file: &Path, format: &str) -> Self {
        self.drive(file, &format!("if=virtio,cache=writeback,format={format}"))
    }

    /// The next disk, which cannot be written.
    pub fn fixed_disk(self, file: &Path, format: &str) -> Self {
        self.drive(file, &format!("if=virtio,readonly=on,format={format}"))
    }

    /// Firmware, and the flash with its variables.
    pub fn firmware(self, code: &Path, variables: &Path) -> Self {
        self.drive(code, "if=pflash,unit=0,format=raw,readonly=on")
            .drive(variables, "if=pflash,unit=1,format=raw")
    }

    fn drive(self, file: &Path, options: &str) -> Self {
        self.with(["-drive", &format!("file={},{options}", file.display())])
    }

    /// QEMU starts this kernel. no_timer_check: that test of the kernel's fails where the machine that emulates the timer is
    /// busy. Nor does it measure a timer in a loop or try its ciphers: seconds of an emulated processor.
    pub fn kernel(self, kernel: &Path, initrd: &Path, line: &str) -> Self {
        let line = format!(
            "console=ttyS0 mitigations=off no_timer_check nolapic_timer cryptomgr.notests loglevel=4 {line}"
        );
        let (kernel, initrd) = (kernel.to_str().unwrap(), initrd.to_str().unwrap());
        self.with(["-kernel", kernel, "-initrd", initrd, "-append", &line])
    }

    /// It is not started but wakes with what is in this file of `Qemu::sleep`, of a machine that was made of the same parts.
    pub fn wakes(mut self, memory: &Path) -> Self {
        self.wakes = true;
        self.with(["-incoming", &format!("exec:cat '{}'", memory.display())])
    }

    /// Powers it on.
    pub fn power_on(mut self) -> Qemu {
        let mut process = self.command.spawn().unwrap();
        let line = connect(&mut process, &self.sockets.path().join("line"));
        let mut qemu = Qemu {
            process,
            line,
            console: self.console,
            sockets: self.sockets,
            heard: Vec::new(),
        };
        if self.wakes {
            // Its first byte is lost when a machine wakes.
            qemu.say("\n");
        }
        qemu
    }
}

/// A running machine, until it resets or switches itself off. When dropped, its power is cut.
#[derive(Debug)]
pub struct Qemu {
    process: Child,
    line: UnixStream,
    console: PathBuf,
    sockets: TempDir,
    heard: Vec<u8>,
}

impl Qemu {
    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().unwrap()
    }

    /// One line to the second serial line. A machine that just ended is found out by listening.
    pub fn say(&mut self, line: &str) {
        let _ = self.line.write_all(format!("{line}\n").as_bytes());
    }

    /// Waits a moment for the second serial line to say something; whether it did.
    pub fn listen(&mut self) -> bool {
        let mut part = [0; 65536];
        match self.line.read(&mut part) {
            Ok(0) => sleep(TICK),
            Ok(length) => {
                self.heard.extend_from_slice(&part[..length]);
                return true;
            }
            // A machine that resets with something of ours unread.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => sleep(TICK),
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) => {}
            Err(error) => panic!("second serial line: {error}"),
        }
        false
    }

    /// Everything received since `forget`.
    pub fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard).into_owned()
    }

    /// What was heard is answered.
    pub fn forget(&mut self) {
        self.heard.clear();
    }

    /// Seconds of a processor that the emulator took: proc(5), utime and stime, in hundredths.
    pub fn cpu(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap_or_default();
        let after = stat.rsplit(')').next().unwrap_or_default();
        let ticks = after.split_whitespace().skip(11).take(2);
        ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
    }

    /// Everything on its console, including the loader's output.
    pub fn console(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.console).unwrap_or_default()).into_owned()
    }

    /// The end of that, for the message of a failure.
    pub fn tail(&self) -> String {
        let text = self.console();
        let lines: Vec<&str> = text.lines().collect();
        let last = lines.len().saturating_sub(60);
        format!("--- {}\n{}", self.console.display(), lines[last..].join("\n"))
    }

    /// Cuts the power. Returns all that was heard: what it wrote before is still on its way.
    pub fn cut(mut self) -> String {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        while self.listen() {}
        self.heard()
    }

    /// Its memory is written to the file. The machine is over; a new one of the same parts wakes with it.
    pub fn sleep(mut self, memory: &Path) {
        let socket = self.sockets.path().join("monitor");
        let mut monitor = connect(&mut self.process, &socket);
        let migrate = format!("migrate -d \"exec:cat >'{}'\"\n", memory.display());
        monitor.write_all(migrate.as_bytes()).unwrap();
        let mut patience = Patience::emulated(120);
        let mut text = String::new();
        let mut part = [0; 4096];
        while !text.contains("Migration status: completed") {
            assert!(patience.lasts(), "it does not fall asleep: {text}");
            sleep(TICK);
            monitor.write_all(b"info migrate\n").unwrap();
            let length = monitor.read(&mut part).unwrap_or(0);
            text += &String::from_utf8_lossy(&part[..length]);
        }
    }
}

impl Drop for Qemu {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn connect(process: &mut Child, socket: &Path) -> UnixStream {
    let mut patience = Patience::new(30);
    loop {
        if let Ok(stream) = UnixStream::connect(socket) {
            stream.set_read_timeout(Some(TICK)).unwrap();
            return stream;
        }
        let ended = process.try_wait().unwrap();
        assert!(ended.is_none() && patience.lasts(), "qemu: {ended:?}");
        sleep(TICK / 5);
    }
}

/// What `tests/run` built and named in this variable; none, after one line, where it did not or its time is over.
pub fn built(variable: &str, test: &str) -> Option<PathBuf> {
    if is_late() {
        crate::skip::skipped(format!("{test}: no time is left for it (IMP_TEST_MINUTES)"));
        return None;
    }
    let image = std::env::var_os(variable).map(PathBuf::from);
    if image.is_none() {
        crate::skip::skipped(format!(
            "{test}: no image in {variable} (tests/run builds one, as root)"
        ));
    }
    image
}

/// Whether `tests/run` begins no more machines: seconds of the epoch.
fn is_late() -> bool {
    let until = std::env::var("IMP_TEST_UNTIL").ok();
    let until = until.map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds.parse().unwrap()));
    until.is_some_and(|until| SystemTime::now() > until)
}

/// A disk that contains only the differences from another one.
pub fn layer(below: &Path, format: &str, disk: &Path) {
    let mut create = Command::new("qemu-img");
    create.args(["create", "-q", "-f", "qcow2", "-F", format, "-b"]);
    let status = create.args([below, disk]).status().unwrap();
    assert!(status.success(), "{create:?}: {status}");
}

//! An emulated machine that is nothing but an initramfs and a disk. It is started once, put to sleep into a file, and woken out
//! of that file with whatever disk: that takes a second instead of ten.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(50);
/// However busy this machine is, an emulated one that takes this long stands still.
const SLOWEST: Duration = Duration::from_secs(600);

/// One machine; dropped, its power is cut.
pub struct Vm {
    qemu: Child,
    line: UnixStream,
    monitor: PathBuf,
    heard: Vec<u8>,
    woken: Instant,
}

impl Vm {
    /// Started from its kernel, or woken from a file.
    pub fn start(boot: &Path, initrd: &Path, disk: &Path, memory: Option<&Path>) -> Self {
        let socket = disk.with_extension("line");
        let monitor = disk.with_extension("monitor");
        for old in [&socket, &monitor] {
            let _ = fs::remove_file(old);
        }
        let mut command = Command::new("qemu-system-x86_64");
        command
            .args(["-machine", "pc", "-accel", "tcg,thread=multi,tb-size=256"])
            .args(["-cpu", "Nehalem", "-smp", "1", "-m", "512"])
            .args(["-nodefaults", "-display", "none", "-no-reboot"])
            .args(["-serial", "null", "-serial"])
            .arg(format!("unix:{},server=on,wait=off", socket.display()))
            .arg("-monitor")
            .arg(format!("unix:{},server=on,wait=off", monitor.display()))
            .arg("-drive")
            // What the guest was told is on disk survives the emulator's own death.
            .arg(format!(
                "file={},if=virtio,format=raw,cache=writeback",
                disk.display()
            ))
            .arg("-kernel")
            .arg(boot.join("vmlinuz"))
            .arg("-initrd")
            .arg(initrd)
            .args([
                "-append",
                "console=ttyS0 boot=imppool panic=-1 mitigations=off nokaslr loglevel=4",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if let Some(memory) = memory {
            command
                .arg("-incoming")
                .arg(format!("exec:cat {}", memory.display()));
        }
        let mut qemu = command.spawn().unwrap();
        let mut line = connect(&mut qemu, &socket);
        // The first byte is lost when the machine wakes.
        line.write_all(b"\n\n").unwrap();
        Self {
            qemu,
            line,
            monitor,
            heard: b"\n".to_vec(),
            woken: Instant::now(),
        }
    }

    /// Everything in memory is in the file. The machine is over.
    pub fn sleep(mut self, memory: &Path) {
        let mut monitor = connect(&mut self.qemu, &self.monitor);
        let command = format!("migrate \"exec:cat >{}\"\ninfo migrate\n", memory.display());
        let deadline = Instant::now() + Duration::from_secs(120);
        monitor.write_all(command.as_bytes()).unwrap();
        let mut text = String::new();
        let mut part = [0; 4096];
        while !text.contains("Migration status: completed") {
            assert!(Instant::now() < deadline, "it does not fall asleep: {text}");
            sleep(TICK * 4);
            monitor.write_all(b"info migrate\n").unwrap();
            let length = monitor.read(&mut part).unwrap_or(0);
            text += &String::from_utf8_lossy(&part[..length]);
        }
    }

    /// One command of the machine's shell.
    pub fn say(&mut self, command: &str) {
        self.line.write_all(format!("{command}\n").as_bytes()).unwrap();
    }

    /// All that was said until the line begins so.
    pub fn until(&mut self, begin: &str, seconds: u64) -> String {
        let deadline = Instant::now() + Duration::from_secs(seconds);
        loop {
            let text = self.text();
            if text.lines().any(|line| line.starts_with(begin)) && text.ends_with('\n') {
                return text;
            }
            let over = self.qemu.try_wait().unwrap();
            assert!(
                Instant::now() < deadline && over.is_none(),
                "no {begin} ({over:?}): {text}"
            );
            self.listen();
        }
    }

    /// What is said until a line begins so, and for so many seconds of the emulator's processor behind it; then the power is
    /// cut. A line that is not whole was not said.
    pub fn cut_after(mut self, line: &str, seconds: f64) -> String {
        let begin = format!("\n{line}");
        let mut until = f64::INFINITY;
        while self.cpu() < until && !self.text().contains("\n@FAILED") {
            assert!(
                self.woken.elapsed() < SLOWEST && self.qemu.try_wait().unwrap().is_none(),
                "it ended or stands still before {line}: {}",
                self.text()
            );
            if until.is_infinite() && self.text().contains(&begin) {
                until = self.cpu() + seconds;
            }
            self.listen();
        }
        self.qemu.kill().unwrap();
        self.qemu.wait().unwrap();
        // What it wrote before it was killed is still on its way.
        while self.listen() {}
        let text = self.text();
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        text[..whole].to_owned()
    }

    /// proc(5): utime and stime, in hundredths of a second. On a busy machine an emulated second takes many.
    fn cpu(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.qemu.id())).unwrap_or_default();
        let after = stat.rsplit(')').next().unwrap_or_default();
        let ticks = after.split_whitespace().skip(11).take(2);
        ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.heard).into_owned()
    }

    fn listen(&mut self) -> bool {
        let mut part = [0; 65536];
        match self.line.read(&mut part) {
            Ok(length) => {
                self.heard.extend_from_slice(&part[..length]);
                length > 0
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => false,
            Err(_) => false,
        }
    }
}

impl Drop for Vm {
    fn drop(&mut self) {
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
    }
}

fn connect(qemu: &mut Child, socket: &Path) -> UnixStream {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Ok(stream) = UnixStream::connect(socket) {
            stream.set_read_timeout(Some(TICK)).unwrap();
            return stream;
        }
        let over = qemu.try_wait().unwrap();
        assert!(over.is_none() && Instant::now() < deadline, "qemu: {over:?}");
        sleep(TICK);
    }
}

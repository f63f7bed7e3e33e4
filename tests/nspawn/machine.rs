//! A running machine: commands in it, waiting with a deadline, and its output when a test fails.

use super::network::{Network, run};
use super::router::{Arrival, Router};
use crate::patience::{Patience, stretched};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

const TICK: Duration = Duration::from_millis(50);

/// Two texts have the same lines; otherwise only those that differ are shown.
pub fn assert_same(found: &str, wanted: &str, what: &str) {
    let only_in = |one: &str, other: &str| -> String {
        let lines = one
            .lines()
            .filter(|line| !other.lines().any(|same| same == *line));
        lines.map(|line| format!("\n  {line}")).collect()
    };
    let (more, less) = (only_in(found, wanted), only_in(wanted, found));
    assert!(
        more.is_empty() && less.is_empty(),
        "{what}\nfound, not wanted:{more}\nwanted, not found:{less}"
    );
}

/// A booted router. When dropped, it is switched off as if its power were cut.
#[derive(Debug)]
pub struct Machine {
    name: String,
    nspawn: Child,
    init: u32,
    dir: PathBuf,
    pub network: Network,
}

impl Machine {
    /// Boots and waits until PID 1 takes commands.
    pub(super) fn start(router: &Router) -> Self {
        let network = Network::new(&router.name, &router.nics);
        mount_root(router);
        let nspawn = spawn(router, &network);
        let mut machine = Self {
            name: router.name.clone(),
            nspawn,
            init: 0,
            dir: router.dir.clone(),
            network,
        };
        machine.init = machine.find_init();
        machine.until("PID 1 answers", 60, "systemctl show -p Version >/dev/null 2>&1");
        machine
    }

    /// The PID of the machine's PID 1, outside.
    fn find_init(&mut self) -> u32 {
        let mut patience = Patience::new(20);
        loop {
            let children = Command::new("pgrep")
                .args(["-P", &self.nspawn.id().to_string(), "-x", "systemd"])
                .output()
                .unwrap();
            if let Ok(pid) = String::from_utf8_lossy(&children.stdout).trim().parse() {
                return pid;
            }
            let over = self.nspawn.try_wait().unwrap();
            assert!(
                over.is_none() && patience.lasts(),
                "nspawn: {over:?}\n{}",
                self.console()
            );
            sleep(TICK);
        }
    }

    /// Waits until no job is left; returns systemd's word for the state (`running`, `degraded`).
    pub fn settle(&self) -> String {
        self.until(
            "no job is left",
            120,
            "case $(systemctl is-system-running) in running|degraded) [ -z \"$(systemctl list-jobs --no-legend)\" ];; *) false;; esac",
        );
        self.try_sh("systemctl is-system-running").0
    }

    /// Runs a script as root; its exit status does not matter. Returns what it printed, and whether it succeeded.
    pub fn try_sh(&self, script: &str) -> (String, bool) {
        let output = self.command(script);
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (text.trim_end().to_owned(), output.status.success())
    }

    /// Runs a script that must succeed.
    pub fn sh(&self, script: &str) -> String {
        let (text, success) = self.try_sh(script);
        assert!(success, "{script}\n{text}");
        text
    }

    /// Repeats a script until it succeeds; returns what it printed last.
    pub fn until(&self, what: &str, seconds: u64, script: &str) -> String {
        let mut patience = Patience::new(seconds);
        loop {
            let (text, success) = self.try_sh(script);
            if success {
                return text;
            }
            assert!(
                patience.lasts(),
                "not within {seconds} s of an idle machine: {what}\n{script}\n{text}"
            );
            patience.pause();
        }
    }

    fn command(&self, script: &str) -> Output {
        Command::new("nsenter")
            .args([
                "-t",
                &self.init.to_string(),
                "-m",
                "-u",
                "-i",
                "-n",
                "-p",
                "-r",
                "-w",
            ])
            // The clock of a hung machine is ours.
            .args([
                "/usr/bin/timeout",
                "-k",
                "5",
                &stretched(90).as_secs().to_string(),
            ])
            .args(["/bin/bash", "-c", script])
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// ActiveState of a unit.
    pub fn state(&self, unit: &str) -> String {
        self.property(unit, "ActiveState")
    }

    /// One property of a unit.
    pub fn property(&self, unit: &str, property: &str) -> String {
        self.sh(&format!("systemctl show -p {property} --value {unit}"))
    }

    /// The journal of this boot, everything or of one unit (`-u UNIT`).
    pub fn journal(&self, filter: &str) -> String {
        self.sh(&format!(
            "journalctl -b -o short-monotonic --no-hostname --no-pager {filter}"
        ))
    }

    /// Shuts down as an operator does. systemd finds no cycle in the order of that either.
    pub fn power_off(mut self) {
        // On the console, and by a process of the machine's own: nsenter would be stopped together with its child when the
        // machine ends all processes, and the machine then waits for it.
        self.try_sh(
            "setsid journalctl -b -f -n 0 -o cat _PID=1 </dev/null >/dev/console 2>&1 & sleep 0.3; systemctl poweroff",
        );
        // Instances and daemons have 30 s each to stop, some of them one after the other.
        let mut patience = Patience::new(120);
        while self.nspawn.try_wait().unwrap().is_none() {
            assert!(patience.lasts(), "no power-off within 120 s of an idle machine");
            sleep(TICK);
        }
        let said = self.console();
        assert!(said.contains("Stopp"), "PID 1 was not heard: {said}");
        assert!(!said.contains("ordering cycle"), "{said}");
    }

    /// Waits until it has ended by itself: a machine here does not start again.
    pub fn until_reset(mut self, seconds: u64) {
        let mut patience = Patience::new(seconds);
        while self.nspawn.try_wait().unwrap().is_none() {
            assert!(patience.lasts(), "no reset within {seconds} s of an idle machine");
            sleep(TICK);
        }
        // Its PID may have been reused.
        self.init = 0;
    }

    fn console(&self) -> String {
        fs::read_to_string(self.dir.join("console")).unwrap_or_default()
    }

    fn report(&self) -> String {
        let mut text = String::new();
        for script in [
            "systemctl --failed --no-legend --plain",
            "systemctl list-jobs --no-legend",
            "journalctl -b -o short-monotonic --no-hostname --no-pager | tail -n 250",
        ] {
            let _ = writeln!(text, "--- {script}\n{}", self.try_sh(script).0);
        }
        text
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if std::thread::panicking() && self.init != 0 {
            eprintln!("{}\n--- console\n{}", self.report(), self.console());
        }
        if self.init != 0 && self.nspawn.try_wait().is_ok_and(|over| over.is_none()) {
            // PID 1 of the machine: everything in it dies with it.
            let _ = Command::new("kill").args(["-9", &self.init.to_string()]).status();
        } else {
            let _ = self.nspawn.kill();
        }
        let _ = self.nspawn.wait();
        for group in groups(&self.name) {
            let _ = Command::new("find")
                .args([&group, "-depth", "-type", "d", "-exec", "rmdir", "{}", "+"])
                .status();
        }
        let _ = Command::new("umount")
            .arg("-l")
            .arg(self.dir.join("root"))
            .status();
    }
}

/// Machines that run at once need control groups of their own: nspawn calls all of them `payload`, and systemd in one
/// would kill by group what runs in another.
const ENTER_GROUPS: &str = r#"
for group in $1; do mkdir -p "$group"; echo $$ >"$group/cgroup.procs"; done
shift; exec "$@""#;

/// Where a machine's groups are, on a host with cgroup 2 alone as on one with systemd's old hierarchy beside it.
fn groups(name: &str) -> Vec<String> {
    let own = fs::read_to_string("/proc/self/cgroup").unwrap();
    let mounts = [
        "/sys/fs/cgroup",
        "/sys/fs/cgroup/unified",
        "/sys/fs/cgroup/systemd",
    ];
    own.lines()
        .filter_map(|line| match line.split_once("::") {
            Some(("0", path)) => Some((&mounts[..2], path)),
            _ => line
                .split_once(":name=systemd:")
                .map(|(_, path)| (&mounts[2..], path)),
        })
        .filter_map(|(mounts, path)| {
            let mount = mounts
                .iter()
                .find(|mount| Path::new(mount).join("cgroup.procs").exists())?;
            Some(format!("{mount}{}/{name}", path.trim_end_matches('/')))
        })
        .collect()
}

fn mount_root(router: &Router) {
    let dir = router.dir.to_str().unwrap();
    let image = router.image.to_str().unwrap();
    let layers = format!("lowerdir={image},upperdir={dir}/up,workdir={dir}/work");
    run(
        "mount",
        &[
            "-t",
            "overlay",
            &router.name,
            "-o",
            &layers,
            &format!("{dir}/root"),
        ],
    );
}

/// Root read-only, /var a tmpfs, /persistent bound where an initramfs would have mounted it.
fn spawn(router: &Router, network: &Network) -> Child {
    let dir = router.dir.to_str().unwrap();
    let at = if router.arrival == Arrival::Early {
        "/persistent"
    } else {
        "/disk"
    };
    let console = File::create(router.dir.join("console")).unwrap();
    Command::new("sh")
        .args(["-ec", ENTER_GROUPS, "sh"])
        .arg(groups(&router.name).join(" "))
        .arg("systemd-nspawn")
        // /proc/sys/net is the machine's own; the rest of /proc/sys and /sys, this host's, stays read-only.
        .env("SYSTEMD_NSPAWN_API_VFS_WRITABLE", "network")
        .args([
            "--boot",
            "--quiet",
            "--register=no",
            "--keep-unit",
            "--read-only",
            "--volatile=state",
        ])
        .args(["--capability=all", "--bind=/dev/net/tun"])
        .arg(format!("--directory={dir}/root"))
        .arg(format!("--machine={}", router.name))
        .arg(format!("--network-namespace-path=/run/netns/{}", network.inside))
        .arg(format!("--bind={dir}/persistent:{at}"))
        .arg(format!(
            "--bind={}:/sys/kernel/mm/hugepages",
            router.hugepages().display()
        ))
        .stdin(Stdio::null())
        .stdout(console.try_clone().unwrap())
        .stderr(console)
        .spawn()
        .unwrap()
}

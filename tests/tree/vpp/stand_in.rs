//! A running stand-in in a temporary root, and `imp-vpp` run against it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::patience::{Patience, stretched};
use imp::host::vpp::Client;
use imp::host::vpp::wire::Reply;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stand_in/vpp");

/// The startup.conf of the core instance, with the paths of a root.
pub const CORE: &str = "
unix { nodaemon nocolor nobanner cli-listen /run/vpp/core-cli.sock cli-no-pager
       runtime-dir /run/vpp pidfile /run/vpp/core.pid }
api-segment { prefix core }
socksvr { socket-name /run/vpp/core-api.sock }
statseg { socket-name /run/vpp/core-stats.sock }
cpu { main-core 0 }
memory { main-heap-size 1G }
buffers { buffers-per-numa 16384 default data-size 2048 page-size default }
plugins { plugin default { disable }
  plugin dpdk_plugin.so { enable } plugin linux_cp_plugin.so { enable } plugin linux_nl_plugin.so { enable }
  plugin acl_plugin.so { enable } plugin abf_plugin.so { enable } plugin memif_plugin.so { enable }
  plugin af_packet_plugin.so { enable } plugin ping_plugin.so { enable } }
dpdk { uio-driver uio_pci_generic
  dev 0000:03:00.0 { name external num-rx-queues 1 } dev 0000:03:00.1 { name internal num-rx-queues 1 } }
linux-cp { default netns dataplane lcp-sync }
";

/// The nat instance of the same section.
pub const NAT: &str = "
unix { nodaemon cli-listen /run/vpp/nat-cli.sock }
api-segment { prefix nat }
socksvr { socket-name /run/vpp/nat-api.sock }
memory { main-heap-size 256M }
plugins { plugin default { disable } plugin memif_plugin.so { enable } plugin det44_plugin.so { enable } }
";

/// An instance that runs; it ends with this value.
pub struct StandIn {
    pub root: TempDir,
    name: &'static str,
    child: Child,
}

/// Whether the tests of this file can run; says so when they cannot.
pub fn has_python() -> bool {
    let found = Command::new("python3").arg("--version").output().is_ok();
    if !found {
        crate::skip::skipped("python3 is missing, the VPP stand-in needs it");
    }
    found
}

impl StandIn {
    /// The core instance with its two NICs and the bridge's veth.
    pub fn core() -> Self {
        Self::start("core", CORE, &[])
    }

    /// The nat instance.
    pub fn nat() -> Self {
        Self::start("nat", NAT, &[])
    }

    /// An instance with this startup.conf and this environment; it answers when this returns.
    pub fn start(name: &'static str, startup: &str, environment: &[(&str, &str)]) -> Self {
        let root = tempfile::tempdir().unwrap();
        let child = spawn(root.path(), name, startup, environment);
        let stand_in = Self { root, name, child };
        drop(stand_in.client());
        stand_in
    }

    /// Kills the process and starts another on the same sockets.
    pub fn restart(&mut self, startup: &str) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = spawn(self.root.path(), self.name, startup, &[]);
        drop(self.client());
    }

    /// A new connection.
    pub fn client(&self) -> Client {
        Client::connect(&self.socket(), stretched(20), None).unwrap()
    }

    /// The API socket.
    pub fn socket(&self) -> PathBuf {
        self.root.path().join(format!("run/vpp/{}-api.sock", self.name))
    }

    /// The PID.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// One command; VPP has to survive it.
    pub fn ask(&self, command: &str) -> Reply {
        self.client().run(command).unwrap()
    }

    /// `imp-vpp` with the commands, which get their markers here.
    pub fn apply(&self, digest: &str, commands: &str) -> Output {
        self.want(digest, commands);
        imp_vpp(self.root.path(), &[self.name], &[])
    }

    /// `imp-vpp --reload` with the commands.
    pub fn reload(&self, digest: &str, commands: &str) -> Output {
        self.want(digest, commands);
        imp_vpp(self.root.path(), &["--reload", self.name], &[])
    }

    /// Writes the commands file.
    pub fn want(&self, digest: &str, commands: &str) {
        let text = format!("vpplog imp-begin:{digest}\n{commands}\nvpplog imp-applied:{digest}\n");
        let file = self
            .root
            .path()
            .join(format!("run/imp/vpp/commands-{}.txt", self.name));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let text = text.replace("/run/vpp", self.root.path().join("run/vpp").to_str().unwrap());
        std::fs::write(file, text).unwrap();
    }

    /// Everything it has, with its own paths left out.
    pub fn state(&self) -> String {
        let state = self.ask("stand-in state").text;
        state.replace(self.root.path().to_str().unwrap(), "")
    }

    /// How it ended by itself.
    pub fn wait(mut self) -> ExitStatus {
        wait(&mut self.child)
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        // Ended already, perhaps.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `imp-vpp --root ROOT WORDS…`, with what it said on standard error.
pub fn imp_vpp(root: &Path, words: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_imp-vpp"))
        .arg("--root")
        .arg(root)
        .args(words)
        .env_remove("JOURNAL_STREAM")
        .env_remove("MAINPID")
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

/// Its standard error.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What a command must come to.
pub enum Effect {
    /// Status 0 and no text.
    Silent,
    /// Status 0 and a text that contains this.
    Prints(&'static str),
    /// Status -1 and a text that contains this.
    Refused(&'static str),
}

/// Gives it the commands one after the other; each must have the outcome beside it.
pub fn session(vpp: &StandIn, steps: &[(&str, Effect)]) {
    let mut client = vpp.client();
    for (command, expected) in steps {
        let reply = client.run(command).unwrap();
        let (status, text) = (reply.status, reply.text);
        let holds = match expected {
            Effect::Silent => status == 0 && text.is_empty(),
            Effect::Prints(words) => status == 0 && text.contains(words),
            Effect::Refused(words) => status == -1 && text.contains(words),
        };
        assert!(holds, "'{command}' came to {status} '{text}'");
    }
}

/// Starts the stand-in on a machine that has whatever the startup.conf and the usual commands name.
pub fn spawn(root: &Path, name: &str, startup: &str, environment: &[(&str, &str)]) -> Child {
    let mut command = Command::new("python3");
    prepare(&mut command, root, name, startup, environment);
    command.spawn().unwrap()
}

/// Makes a command that so far is an interpreter one that runs the stand-in.
pub fn prepare(command: &mut Command, root: &Path, name: &str, startup: &str, environment: &[(&str, &str)]) {
    let path = |below: &str| root.join(below);
    for dir in ["run/vpp", "run/imp/vpp", "var/log/vpp", "run/netns"] {
        std::fs::create_dir_all(path(dir)).unwrap();
    }
    let words: Vec<&str> = startup.split_whitespace().collect();
    let after = |word: &str| -> Vec<&str> {
        words
            .windows(2)
            .filter(|pair| pair[0] == word)
            .map(|pair| pair[1])
            .collect()
    };
    for netns in after("netns") {
        std::fs::write(path("run/netns").join(netns), "").unwrap();
    }
    std::fs::write(path("hardware"), after("dev").join("\n")).unwrap();
    let conf = path(&format!("run/imp/vpp/startup-{name}.conf"));
    let text = startup
        .replace("/run/vpp", path("run/vpp").to_str().unwrap())
        .replace("/var/log/vpp", path("var/log/vpp").to_str().unwrap());
    std::fs::write(&conf, text).unwrap();
    command
        .args([PROGRAM, "-c"])
        .arg(conf)
        .env("VPP_STAND_IN_NO_TAP", "1")
        .env("VPP_STAND_IN_HARDWARE", path("hardware"))
        .env("VPP_STAND_IN_NETNS_DIR", path("run/netns"))
        .env("VPP_STAND_IN_LINKS", "incus0")
        .env("VPP_STAND_IN_CPUS", "64")
        .env("VPP_STAND_IN_MEMORY", (256u64 << 30).to_string())
        .envs(environment.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
}

/// How a process ended, within 20 s.
pub fn wait(child: &mut Child) -> ExitStatus {
    let mut patience = Patience::new(20);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if !patience.lasts() {
            child.kill().unwrap();
            panic!("the stand-in still ran");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Gives a rendered commands file to a fresh stand-in with the rendered startup.conf, through `imp-vpp`.
///
/// Every NIC and host device the two files name exists there, and the secrets are those of a configuration folder. Returns what `imp-vpp` said if it did not end with 0.
pub fn run_through_stand_in(startup: &str, commands: &str, folder: &Path) -> Result<(), String> {
    let root = tempfile::tempdir().unwrap();
    let devices: Vec<&str> = commands
        .lines()
        .filter_map(|line| line.trim().strip_prefix("create host-interface name "))
        .filter_map(|rest| rest.split_whitespace().next())
        .collect();
    let socket = startup
        .split_whitespace()
        .skip_while(|word| *word != "socket-name")
        .nth(1)
        .and_then(|path| path.strip_prefix("/run/vpp/"))
        .ok_or("the startup.conf names no API socket")?;
    let links = [("VPP_STAND_IN_LINKS", devices.join(","))];
    let mut child = spawn(
        root.path(),
        "any",
        startup,
        &links.each_ref().map(|(name, value)| (*name, value.as_str())),
    );
    let sockets = root.path().join("run/vpp");
    let text = commands.replace("/run/vpp", sockets.to_str().unwrap());
    std::fs::write(root.path().join("run/imp/vpp/commands-any.txt"), text).unwrap();
    std::os::unix::fs::symlink(sockets.join(socket), sockets.join("any-api.sock")).unwrap();
    std::os::unix::fs::symlink(folder, root.path().join("run/imp/generation")).unwrap();
    let output = imp_vpp(root.path(), &["--deadline", "20", "any"], &[]);
    let _ = child.kill();
    let end = child.wait_with_output().unwrap();
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "{}{}",
            said(&output),
            String::from_utf8_lossy(&end.stderr)
        )),
    }
}

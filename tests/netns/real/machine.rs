//! A machine for a real VPP: a namespace with a wire for each NIC, and the processes in it.

use super::super::sandbox::{command, ip};
use crate::patience::stretched;
use imp::act::vpp::Files;
use imp::host::vpp::Client;
use imp::types::{InstanceName, Root};
use nix::sys::resource::{RLIM_INFINITY, Resource, setrlimit};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

/// Where the installation is; `None`, and a line that says so, without one.
pub fn prefix(test: &str) -> Option<PathBuf> {
    let prefix = env::var_os("IMP_TEST_VPP").map(PathBuf::from);
    if prefix.is_none() {
        crate::skip::skipped(format!("{test}: IMP_TEST_VPP names no installation of VPP"));
    }
    prefix
}

/// Whether the one with this name is to run: `IMP_TEST_VPP_OF` may be a part of the names that are.
pub fn is_chosen(name: &str) -> bool {
    env::var("IMP_TEST_VPP_OF").map_or(true, |part| name.contains(&part))
}

/// What random documents begin from: `IMP_TEST_VPP_SEED` may be another number, for other documents.
pub fn seed() -> u64 {
    let seed = env::var("IMP_TEST_VPP_SEED").ok();
    seed.and_then(|it| it.parse().ok()).unwrap_or(25)
}

/// The namespace `dataplane`, as units make it.
pub fn namespace() {
    // Whoever may lift it may also lock the rings of af_packet without.
    let _ = setrlimit(Resource::RLIMIT_MEMLOCK, RLIM_INFINITY, RLIM_INFINITY);
    command("mount", &["-t", "tmpfs", "tmpfs", "/run"]);
    ip("netns add dataplane");
    ip("-n dataplane link set lo up");
    for (key, value) in imp::plan::netns::SYSCTLS {
        let file = format!("/proc/sys/{}", key.replace('.', "/"));
        let write = format!("[ ! -e {file} ] || echo {value} > {file}");
        command("nsenter", &["--net=/run/netns/dataplane", "sh", "-c", &write]);
    }
}

/// An instance that runs. It ends with this value, and so do the wires.
#[derive(Debug)]
pub struct Vpp {
    /// Where its files are.
    pub root: Root,
    /// What it is called.
    pub name: InstanceName,
    /// The connection that its commands are sent over.
    pub client: Client,
    _process: Process,
    _wires: Wires,
}

/// It is ended with this value.
#[derive(Debug)]
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // Ended already, perhaps. nsenter became VPP.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Devices of the namespace, which are deleted with this value.
#[derive(Debug)]
struct Wires(Vec<String>);

impl Wires {
    /// Each is the end of a wire whose other end hears nobody.
    fn lay(names: impl Iterator<Item = String>) -> Self {
        let wires = Self(names.collect());
        for (number, wire) in wires.0.iter().enumerate() {
            ip(&format!(
                "-n dataplane link add {wire} type veth peer name far{number}"
            ));
            ip(&format!("-n dataplane link set {wire} up"));
            ip(&format!("-n dataplane link set far{number} up"));
        }
        wires
    }
}

impl Drop for Wires {
    fn drop(&mut self) {
        for wire in &self.0 {
            let delete = ["-n", "dataplane", "link", "del", wire];
            let _ = Command::new("ip").args(delete).stderr(Stdio::null()).status();
        }
    }
}

impl Vpp {
    /// Starts it with this startup.conf, without what this machine lacks: DPDK, its cores and huge pages. In place of each NIC it
    /// has the end of a wire, and each device that commands name is one.
    pub fn start(
        prefix: &Path,
        root: &Root,
        name: &str,
        startup: &str,
        nics: &[String],
        devices: &[&str],
    ) -> Result<Self, String> {
        let ends = |number: usize| format!("wire{number}");
        let wires = (0..nics.len())
            .map(ends)
            .chain(devices.iter().map(|it| (*it).to_owned()));
        let wires = Wires::lay(wires);
        for directory in ["run/vpp", "run/imp/vpp", "var/log/vpp"] {
            fs::create_dir_all(root.join(directory)).unwrap();
        }
        let name: InstanceName = name.parse().unwrap();
        let files = Files::of(root, &name);
        fs::write(&files.startup, startup).unwrap();
        let conf = root.join(format!("{name}.conf"));
        fs::write(&conf, here(startup, root)).unwrap();
        let said = root.join(format!("{name}.stderr"));
        let process = Command::new("nsenter")
            .arg("--net=/run/netns/dataplane")
            .arg(prefix.join("bin/vpp"))
            .arg("-c")
            .arg(conf)
            .stdout(Stdio::null())
            .stderr(fs::File::create(&said).unwrap())
            .spawn()
            .unwrap();
        let process = Process(process);
        let socket = root.join(imp::host::paths::vpp_api(name.as_ref()));
        let mut client = Client::connect(&socket, stretched(10), None)
            .map_err(|error| format!("{error}: {}", fs::read_to_string(&said).unwrap()))?;
        for (number, nic) in nics.iter().enumerate() {
            let wire = ends(number);
            // Each has an address of its own, the same every time.
            let made = format!("create host-interface name {wire} hw-addr 02:00:00:00:01:{number:02x}");
            for line in [made, format!("set interface name host-{wire} {nic}")] {
                let reply = client.run(&line).unwrap();
                assert_eq!(reply.status, 0, "{line}: {}", reply.text);
            }
        }
        Ok(Self {
            root: root.clone(),
            name,
            client,
            _process: process,
            _wires: wires,
        })
    }

    /// What VPP says to a question.
    pub fn show(&mut self, question: &str) -> String {
        self.client.run(question).unwrap().text
    }

    /// Linux has found out that nobody else has the addresses it gave itself, and has told VPP, which speaks IPv6 from then on.
    pub fn settle(&mut self) {
        let tentative = || ip("-n dataplane -6 -o addr show up tentative");
        let until = Instant::now() + stretched(10);
        while !tentative().is_empty() && Instant::now() < until {
            thread::sleep(Duration::from_millis(100));
        }
        thread::sleep(Duration::from_millis(300));
        // Nobody else wants to be the master: each virtual router becomes it.
        while self.show("show vrrp vr").contains("state Backup") && Instant::now() < until {
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Whether linux-cp can make pairs here: that takes the kernel's vhost_net.
    pub fn makes_pairs(&mut self) -> bool {
        let mut said = |line: &str| self.client.run(line).unwrap().status == 0;
        assert!(said("create loopback interface instance 16000"));
        let makes = said("lcp create loop16000 host-if probe");
        assert!(!makes || said("lcp delete loop16000"));
        assert!(said("delete loopback interface intfc loop16000"));
        makes
    }
}

/// The startup.conf with what this machine has.
fn here(startup: &str, root: &Root) -> String {
    let mut text = String::new();
    let mut inside_dpdk = false;
    for line in startup.lines() {
        inside_dpdk |= line == "dpdk {";
        let lacks = ["main-core", "corelist-workers", "dpdk_plugin.so"];
        if !inside_dpdk && !line.starts_with("buffers") && !lacks.iter().any(|word| line.contains(word)) {
            text.push_str(line);
            text.push('\n');
        }
        inside_dpdk &= line != "}";
    }
    let has_frames = text.contains("af_packet_plugin.so");
    let frames = "plugin default { disable }\n  plugin af_packet_plugin.so { enable }";
    if !has_frames {
        text = text.replace("plugin default { disable }", frames);
    }
    text.push_str("buffers { page-size default }\n");
    let below = |path: &str| root.join(path).to_string_lossy().into_owned();
    text.replace("/run/vpp", &below("run/vpp"))
        .replace("/var/log/vpp", &below("var/log/vpp"))
}

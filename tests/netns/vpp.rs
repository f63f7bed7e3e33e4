//! The stand-in's linux-cp: frames really flow, tagged and not, without 8021q in the kernel.

#![allow(clippy::unwrap_used)]

use super::sandbox::{self, command, ip};
use crate::patience::stretched;
use crate::tree::vpp::stand_in::{has_python, prepare, said};
use imp::host::vpp::Client;
use imp::types::Root;
use std::io::Read as _;
use std::process::{Child, Command, Output, Stdio};

const STARTUP: &str = "
unix { nodaemon }
socksvr { socket-name /run/vpp/core-api.sock }
plugins { plugin default { disable }
  plugin linux_cp_plugin.so { enable } plugin af_packet_plugin.so { enable } }
linux-cp { default netns dataplane lcp-sync }
";
/// A megabyte, so that segmentation and checksum offload of a veth take part.
const SERVER: &str = "
import socket, sys
listener = socket.create_server((sys.argv[1], 1790))
print('ready', flush=True)
connection, _ = listener.accept()
count = 0
while data := connection.recv(65536):
    count += len(data)
connection.sendall(str(count).encode())
";
const CLIENT: &str = "
import socket, sys
connection = socket.create_connection((sys.argv[1], 1790), 10)
connection.sendall(b'x' * 1000000)
connection.shutdown(socket.SHUT_WR)
print(connection.recv(100).decode())
";

/// A process of this test, ended with it.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn inside(netns: &str, program: &str) -> Command {
    let mut command = Command::new("nsenter");
    command.arg(format!("--net=/run/netns/{netns}")).arg(program);
    command
}

/// Waits until it says `ready`.
fn ready(mut command: Command) -> Ended {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut word = [0; 6];
    child.stdout.as_mut().unwrap().read_exact(&mut word).unwrap();
    Ended(child)
}

fn transfer(address: &str) -> String {
    let mut server = inside("dataplane", "python3");
    server.args(["-c", SERVER, address]);
    let _server = ready(server);
    let output = inside("peer", "python3")
        .args(["-c", CLIENT, address])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{address}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Whether the stand-in can make the devices of pairs here; says so when it cannot.
fn has_taps(test: &str) -> bool {
    let mut options = std::fs::OpenOptions::new();
    let tun = options.read(true).write(true).open("/dev/net/tun");
    let has = has_python() && tun.is_ok();
    if !has {
        crate::skip::skipped(format!(
            "{test}: /dev/net/tun cannot be opened, no TAP can be made"
        ));
    }
    has
}

/// A stand-in in the namespace of the dataplane, and a connection to it.
fn start(root: &Root) -> (Ended, Client) {
    let mut start = inside("dataplane", "python3");
    let netns = [("VPP_STAND_IN_NETNS_DIR", "/run/netns")];
    prepare(&mut start, root.path(), "core", STARTUP, &netns);
    start
        .env_remove("VPP_STAND_IN_NO_TAP")
        .env_remove("VPP_STAND_IN_LINKS")
        .stderr(Stdio::inherit());
    let vpp = Ended(start.spawn().unwrap());
    let socket = root.join("run/vpp/core-api.sock");
    (vpp, Client::connect(&socket, stretched(20), None).unwrap())
}

#[test]
fn a_peer_reaches_linux_behind_a_pair() {
    sandbox::run("vpp::a_peer_reaches_linux_behind_a_pair", |root| {
        if !has_taps("a_peer_reaches_linux_behind_a_pair") {
            return;
        }
        command("mount", &["-t", "tmpfs", "tmpfs", "/run"]);
        for name in ["dataplane", "peer"] {
            ip(&format!("netns add {name}"));
            ip(&format!("-n {name} link set lo up"));
        }
        ip("link add wire0 netns dataplane type veth peer name wire1 netns peer");
        ip("-n dataplane link set wire0 up promisc on");
        ip("-n peer link set wire1 up");
        // The kernel must not answer for the TAPs' addresses on the device below them.
        let quiet = "echo 1 > /proc/sys/net/ipv4/conf/all/arp_ignore";
        command("nsenter", &["--net=/run/netns/dataplane", "sh", "-c", quiet]);

        let (vpp, mut client) = start(root);
        for line in [
            "create host-interface name wire0 hw-addr 02:aa:00:00:00:01",
            "set interface name host-wire0 external",
            "lcp create external host-if external",
            "set interface mtu packet 1500 external",
            "set interface state external up",
            "set interface ip address external 192.0.2.1/24",
            "create sub-interfaces external 25",
            "lcp create external.25 host-if external.25",
            "set interface state external.25 up",
            "set interface ip address external.25 198.51.100.2/30",
        ] {
            let reply = client.run(line).unwrap();
            assert_eq!(reply.status, 0, "{line}: {}", reply.text);
        }
        let shown = ip("-n dataplane -o link show");
        assert!(
            shown.contains("external.25: ") && shown.contains("02:aa:00:00:00:01"),
            "{shown}"
        );
        let mut trunk = inside(
            "peer",
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stand_in/trunk"),
        );
        trunk.args(["wire1", "25", "vlan25"]);
        let _trunk = ready(trunk);
        ip("-n peer address add 192.0.2.2/24 dev wire1");
        ip("-n peer address add 198.51.100.1/30 dev vlan25");
        assert_eq!(transfer("192.0.2.1").trim(), "1000000");
        assert_eq!(transfer("198.51.100.2").trim(), "1000000");

        drop(vpp);
        assert!(!ip("-n dataplane -o link show").contains("external"));
    });
}

const PARENT: &str = "create host-interface name wire0 hw-addr 02:aa:00:00:00:01
set interface name host-wire0 external
lcp create external host-if external
set interface state external up
";
const VLAN: &str = "create sub-interfaces external 26
lcp create external.26 host-if external.26
set interface state external.26 up
set interface ip address external.26 198.51.100.2/30
";

/// `imp-vpp` as its unit runs it: in the namespace of the dataplane, whose devices it sees.
fn imp_vpp(root: &Root, verb: &[&str], digest: &str, commands: &str) -> Output {
    let text = format!("vpplog imp-begin:{digest}\n{commands}vpplog imp-applied:{digest}\n");
    sandbox::write(root, "run/imp/vpp/commands-core.txt", &text);
    inside("dataplane", env!("CARGO_BIN_EXE_imp-vpp"))
        .arg("--root")
        .arg(root.path())
        .args(verb)
        .arg("core")
        .env_remove("JOURNAL_STREAM")
        .output()
        .unwrap()
}

#[test]
fn the_device_of_an_interrupted_change_is_not_taken_for_a_foreign_one() {
    sandbox::run(
        "vpp::the_device_of_an_interrupted_change_is_not_taken_for_a_foreign_one",
        |root| {
            if !has_taps("the_device_of_an_interrupted_change_is_not_taken_for_a_foreign_one") {
                return;
            }
            command("mount", &["-t", "tmpfs", "tmpfs", "/run"]);
            ip("netns add dataplane");
            ip("-n dataplane link set lo up");
            ip("link add wire0 netns dataplane type veth peer name wire1");
            ip("-n dataplane link set wire0 up");
            std::fs::create_dir_all(root.join("run/imp")).unwrap();
            std::os::unix::fs::symlink("/run/netns/dataplane", root.join("run/imp/netns")).unwrap();
            let (_vpp, mut client) = start(root);
            let applied = imp_vpp(root, &[], "a", PARENT);
            assert!(applied.status.success(), "{}", said(&applied));
            let after = format!("{PARENT}{VLAN}");
            // Behind each of the steps, the one that makes the device among them.
            for step in 0..4 {
                client.run(&format!("stand-in ambush kill-after {step}")).unwrap();
                let killed = imp_vpp(root, &["--reload"], "b", &after);
                assert!(!killed.status.success(), "{step}");
                let is_there = ip("-n dataplane -o link show").contains("external.26");
                assert_eq!(is_there, step > 0, "{step}");
                let again = imp_vpp(root, &["--reload"], "b", &after);
                assert!(again.status.success(), "{step}: {}", said(&again));
                let back = imp_vpp(root, &["--reload"], "a", PARENT);
                assert!(back.status.success(), "{step}: {}", said(&back));
            }
            // One that nobody made for VPP is still left alone.
            ip("-n dataplane link add external.26 type veth peer name other");
            let refused = imp_vpp(root, &["--reload"], "b", &after);
            assert!(said(&refused).contains("E0530"), "{}", said(&refused));
        },
    );
}

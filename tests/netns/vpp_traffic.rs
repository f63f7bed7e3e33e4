//! Two real VPPs and what passes between them: `IMP_TEST_VPP=PREFIX` names an installation.

#![allow(clippy::unwrap_used)]

use super::sandbox::{self, ip, write};
use crate::patience::{Patience, stretched};
use imp::act::vpp::{Files, Kernel, apply, reload};
use imp::config::{self, File};
use imp::host::paths;
use imp::host::vpp::Client;
use imp::render::{self, Bindings, Dataplane};
use imp::types::{InstanceName, Root, WireguardSecret};
use nix::sys::resource::{RLIM_INFINITY, Resource, setrlimit};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// Private keys: RFC 7748's, and two that nobody else has.
const KEYS: [&str; 3] = [
    "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=",
    "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=",
    "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
];

/// A client on `right` asks for an address, and a server behind `far` offers one; VPP knows the interface by what the server echoes.
const DHCP: &str = r#"
import socket, struct
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("198.51.100.9", 67))
server.settimeout(1)
client = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
client.bind(("right", 0))
client.settimeout(20)
mac = bytes.fromhex("020000000055")

def dhcp(operation, kind, options=b"", relay=bytes(4), yours=bytes(4)):
    head = struct.pack("!BBBBIHH4s4s4s4s16s192x", operation, 1, 6, 0, 0x12345678, 0, 0x8000, bytes(4), yours, bytes(4), relay, mac)
    return head + bytes.fromhex("63825363") + bytes([53, 1, kind]) + options + b"\xff"

def checksum(header):
    total = sum(struct.unpack("!10H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF

body = dhcp(1, 1)
udp = struct.pack("!HHHH", 68, 67, 8 + len(body), 0) + body
ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, bytes(4), b"\xff" * 4)
ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
frame = b"\xff" * 6 + mac + b"\x08\x00" + ip + udp
for _ in range(20):
    client.send(frame)
    try:
        request, _ = server.recvfrom(2048)
        break
    except TimeoutError:
        pass
options, echo = request[240:], b""
while options and options[0] != 255:
    length = 0 if options[0] == 0 else options[1] + 1
    if options[0] == 82:
        echo = options[: length + 1]
    options = options[length + 1 :]
relay, link, inside = request[24:28], bytes(4), echo[2:]
while inside:
    if inside[0] == 5:
        link = inside[2:6]
    inside = inside[inside[1] + 2 :]
server.sendto(dhcp(2, 2, echo, relay, socket.inet_aton("192.0.2.77")), (socket.inet_ntoa(relay), 67))
while True:
    seen = client.recv(2048)
    if seen[23] == 17 and seen[36:38] == b"\x00\x44" and seen[42] == 2:
        print("offered", socket.inet_ntoa(seen[58:62]), "through", socket.inet_ntoa(relay), "on", socket.inet_ntoa(link))
        break
"#;

/// A router whose NICs are ends of veths. It ends with this value.
struct Router {
    root: Root,
    client: Client,
    process: Child,
}

impl Drop for Router {
    fn drop(&mut self) {
        // Ended already, perhaps.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Router {
    /// One that has the document, and these ends of wires as NICs of the names beside them.
    fn start(prefix: &Path, root: &Root, wires: &[(&str, &str)], document: &str, key: &str) -> Self {
        let device = wires[0].0;
        let root = Root::new(root.join(device));
        for directory in ["run/vpp", "run/imp/vpp", "var/log/vpp"] {
            std::fs::create_dir_all(root.join(directory)).unwrap();
        }
        let startup = want(&root, document, key);
        let conf = root.join("core.conf");
        std::fs::write(&conf, here(&startup, &root)).unwrap();
        let process = Command::new(prefix.join("bin/vpp"))
            .arg("-c")
            .arg(conf)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let socket = root.join(paths::vpp_api("core"));
        let client = Client::connect(&socket, stretched(30), None).unwrap();
        let mut router = Self {
            root,
            client,
            process,
        };
        for (device, name) in wires {
            let mac = format!("02:00:00:00:00:{:02x}", device.as_bytes()[0]);
            router.run(&format!("create host-interface name {device} hw-addr {mac}"));
            router.run(&format!("set interface name host-{device} {name}"));
        }
        let _ = apply(
            &router.files(),
            &mut Kernel::own(&router.root),
            &mut router.client,
        )
        .unwrap();
        router
    }

    /// It has another document, in place.
    fn reload(&mut self, document: &str, key: &str) {
        want(&self.root, document, key);
        let _ = reload(&self.files(), &mut Kernel::own(&self.root), &mut self.client).unwrap();
    }

    fn files(&self) -> Files {
        let core: InstanceName = "core".parse().unwrap();
        Files::of(&self.root, &core)
    }

    fn run(&mut self, line: &str) -> String {
        let reply = self.client.run(line).unwrap();
        assert_eq!(reply.status, 0, "{line}: {}", reply.text);
        reply.text
    }

    /// It hears from the address before long.
    fn pings(&mut self, address: &str) {
        let mut patience = Patience::new(20);
        loop {
            let said = self.run(&format!("ping {address} repeat 2 interval 0.2"));
            if said.contains(" 2 received") {
                return;
            }
            assert!(patience.lasts(), "{said}\n{}", self.run("show errors"));
        }
    }

    /// What the question shows has the words before long.
    fn shows(&mut self, question: &str, words: &str) {
        let mut patience = Patience::new(20);
        while !self.run(question).contains(words) {
            assert!(patience.lasts(), "{words}: {}", self.run(question));
            sleep(Duration::from_millis(200));
        }
    }
}

/// The files of a document are there, and its key; returns the startup.conf.
fn want(root: &Root, document: &str, key: &str) -> String {
    let document = format!(
        "config-version = 1\n[system]\nhostname = \"r1\"\n[vpp.core]\n[interfaces.wire]\nmatch = {{ pci = \"0000:01:00.0\" }}\n{document}"
    );
    let file = |text: &str| File {
        bytes: text.as_bytes().to_vec(),
        mode: 0o640,
    };
    let files = BTreeMap::from([
        ("imp.toml".to_owned(), file(&document)),
        ("secrets/wireguard".to_owned(), file(key)),
    ]);
    let parsed = config::parse(&files);
    let model = parsed
        .model
        .unwrap_or_else(|| panic!("{:#?}", parsed.diagnostics));
    let rendered = render::vpp(&Dataplane::of(&model), &Bindings::as_written(&model)).unwrap();
    for file in &rendered.files {
        // A loopback has a Linux side, and there is no linux-cp here.
        let lines = file.text.lines().filter(|line| !line.starts_with("lcp "));
        write(root, &file.path, &(lines.collect::<Vec<_>>().join("\n") + "\n"));
    }
    write(root, "run/imp/generation/secrets/wireguard", key);
    sandbox::read(root, "run/imp/vpp/startup-core.conf")
}

/// The startup.conf with what a namespace has: af_packet in place of DPDK, and no pairs.
fn here(startup: &str, root: &Root) -> String {
    let lacks = ["dpdk_plugin", "linux_cp_plugin", "linux_nl_plugin"];
    let lines = startup
        .lines()
        .filter(|line| !lacks.iter().any(|it| line.contains(it)));
    let text = lines.collect::<Vec<_>>().join("\n");
    let text = text.split("dpdk {").next().unwrap();
    let path = |below: &str| root.join(below).to_string_lossy().into_owned();
    text.replace(
        "plugin default { disable }",
        "plugin default { disable }\n  plugin af_packet_plugin.so { enable }",
    )
    .replace("unix {", "unix {\n  poll-sleep-usec 500")
    // Its shared memory is the machine's.
    .replace(
        "prefix core",
        &format!(
            "prefix traffic-{}",
            std::process::id() + u32::from(root.path().ends_with("right"))
        ),
    )
    .replace("/run/vpp", &path("run/vpp"))
    .replace("/var/log/vpp", &path("var/log/vpp"))
        + "\nbuffers { buffers-per-numa 8192 page-size default }\n"
}

/// Runs the body with an installation and two ends of a wire, `left` and `right`.
fn with_a_wire(test: &str, body: impl FnOnce(&Path, &Root)) {
    let Some(prefix) = std::env::var_os("IMP_TEST_VPP").map(PathBuf::from) else {
        crate::skip::skipped(format!("{test}: IMP_TEST_VPP names no installation of VPP"));
        return;
    };
    // af_packet locks its rings, and nobody in a user namespace may lock more than the limit from outside.
    let unlimited = setrlimit(Resource::RLIMIT_MEMLOCK, RLIM_INFINITY, RLIM_INFINITY);
    if !sandbox::is_inside() && unlimited.is_err() {
        crate::skip::skipped(format!(
            "{test}: af_packet needs more locked memory than is allowed here"
        ));
        return;
    }
    sandbox::run(&format!("vpp_traffic::{test}"), |root| {
        ip("link add left type veth peer name right");
        ip("link set left up");
        ip("link set right up");
        body(&prefix, root);
    });
}

fn tunnel(of: u8, key: &str) -> String {
    let (other, public) = (3 - of, key.parse::<WireguardSecret>().unwrap().public());
    format!(
        "lcp = false\naddresses = [\"192.0.2.{of}/24\"]\n\
         [loopbacks.lo0]\naddresses = [\"10.2{of}.0.1/24\"]\n\
         [tunnels.t1]\ntype = \"wireguard\"\nprivate-key-file = \"secrets/wireguard\"\nsource = \"192.0.2.{of}\"\n\
         lcp = false\naddresses = [\"10.9.0.{of}/24\"]\n\
         [tunnels.t1.peers.other]\npublic-key = \"{public}\"\nendpoint = \"192.0.2.{other}\"\n\
         allowed-ips = [\"10.9.0.{other}/32\", \"10.2{other}.0.0/16\"]\n"
    )
}

#[test]
fn wireguard_carries_packets_and_takes_another_key() {
    with_a_wire(
        "wireguard_carries_packets_and_takes_another_key",
        |prefix, root| {
            let mut left = Router::start(prefix, root, &[("left", "wire")], &tunnel(1, KEYS[1]), KEYS[0]);
            let mut right = Router::start(prefix, root, &[("right", "wire")], &tunnel(2, KEYS[0]), KEYS[1]);
            left.pings("10.9.0.2");
            right.pings("10.9.0.1");
            // What FRR's routes would be, which go with the Linux side of a tunnel that is made again.
            let routes = [("10.22.0.0/16", "10.9.0.2"), ("10.21.0.0/16", "10.9.0.1")];
            for (router, (to, via)) in [&mut left, &mut right].into_iter().zip(routes) {
                router.run(&format!("ip route add {to} via {via} t1"));
            }
            left.pings("10.22.0.1");
            for (router, (to, via)) in [&mut left, &mut right].into_iter().zip(routes) {
                router.run(&format!("ip route del {to} via {via} t1"));
            }
            right.reload(&tunnel(2, KEYS[2]), KEYS[1]);
            left.reload(&tunnel(1, KEYS[1]), KEYS[2]);
            left.pings("10.9.0.2");
            for router in [&mut left, &mut right] {
                let log = router.run("show logging");
                assert!(!KEYS.iter().any(|key| log.contains(key)), "{log}");
            }
        },
    );
}

#[test]
fn a_virtual_router_gives_way_while_what_it_tracks_is_down() {
    with_a_wire(
        "a_virtual_router_gives_way_while_what_it_tracks_is_down",
        |prefix, root| {
            let tracks = |up: &str| {
                format!(
                    "lcp = false\naddresses = [\"192.0.2.1/24\"]\n\
                 vrrp.10 = {{ addresses = [\"192.0.2.254\"], priority = 200, interval = 200, track = {{ \"wire.7\" = 60 }} }}\n\
                 [interfaces.wire.vlan.7]\naddresses = [\"198.51.100.1/24\"]\nlcp = false\n{up}"
                )
            };
            let backup = "lcp = false\naddresses = [\"192.0.2.2/24\"]\n\
            vrrp.10 = { addresses = [\"192.0.2.254\"], priority = 150, interval = 200 }\n";
            let mut left = Router::start(prefix, root, &[("left", "wire")], &tracks(""), KEYS[0]);
            let mut right = Router::start(prefix, root, &[("right", "wire")], backup, KEYS[1]);
            left.shows("show vrrp vr", "state Master");
            right.shows("show vrrp vr", "state Backup");
            left.reload(&tracks("enabled = false\n"), KEYS[0]);
            right.shows("show vrrp vr", "state Master");
            left.shows("show vrrp vr", "priority: configured 200 adjusted 140");
            left.shows("show vrrp vr", "state Backup");
            left.reload(&tracks(""), KEYS[0]);
            left.shows("show vrrp vr", "state Master");
            right.shows("show vrrp vr", "state Backup");
        },
    );
}

#[test]
fn a_relay_asks_the_server_and_brings_its_offer() {
    with_a_wire("a_relay_asks_the_server_and_brings_its_offer", |prefix, root| {
        ip("link add near type veth peer name far");
        ip("link set near up");
        ip("link set far up");
        ip("address add 198.51.100.9/24 dev far");
        ip("route add 192.0.2.0/24 via 198.51.100.1");
        let document = "lcp = false\naddresses = [\"192.0.2.1/24\"]\n\
            dhcp-relay = { servers = [\"198.51.100.9\"], source = \"198.51.100.1\" }\n\
            [interfaces.uplink]\nmatch = { pci = \"0000:02:00.0\" }\nlcp = false\naddresses = [\"198.51.100.1/24\"]\n";
        let wires = [("left", "wire"), ("near", "uplink")];
        let mut router = Router::start(prefix, root, &wires, document, KEYS[0]);
        router.pings("198.51.100.9");
        let said = sandbox::command("python3", &["-c", DHCP]);
        assert_eq!(
            said.trim(),
            "offered 192.0.2.77 through 198.51.100.1 on 192.0.2.1"
        );
    });
}

/// Linux has a bond of the other ends of both wires, and a VLAN in a VLAN on it. Errors: this kernel has none.
fn bond_of_linux() -> Result<(), String> {
    for line in [
        "link add b0 type bond mode 802.3ad lacp_rate fast",
        "link add link b0 name outer type vlan id 100",
        "link add link outer name inner type vlan id 200",
    ] {
        let output = Command::new("ip").args(line.split(' ')).output().unwrap();
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
        }
    }
    for port in ["right", "far"] {
        ip(&format!("link set {port} down"));
        ip(&format!("link set {port} master b0"));
    }
    for device in ["b0", "outer", "inner"] {
        ip(&format!("link set {device} up"));
    }
    ip("address add 192.0.2.2/24 dev b0");
    ip("address add 198.51.100.2/24 dev inner");
    Ok(())
}

#[test]
fn a_bond_and_a_vlan_in_a_vlan_talk_to_those_of_linux() {
    let test = "a_bond_and_a_vlan_in_a_vlan_talk_to_those_of_linux";
    with_a_wire(test, |prefix, root| {
        ip("link add near type veth peer name far");
        ip("link set near up");
        if let Err(lacks) = bond_of_linux() {
            crate::skip::skipped(format!("{test}: no bonds and VLANs in this kernel: {lacks}"));
            return;
        }
        let document = "[interfaces.second]\nmatch = { pci = \"0000:02:00.0\" }\n\
            [interfaces.core]\nbond = { members = [\"wire\", \"second\"], mode = \"lacp\", rate = \"fast\" }\nlcp = false\n\
            addresses = [\"192.0.2.1/24\"]\n[interfaces.core.vlan.100.inner.200]\naddresses = [\"198.51.100.1/24\"]\n";
        let wires = [("left", "wire"), ("near", "second")];
        let mut router = Router::start(prefix, root, &wires, document, KEYS[0]);
        router.pings("192.0.2.2");
        router.pings("198.51.100.2");
        router.shows("show bond details", "number of active members: 2");
        // One of the two wires is enough.
        ip("link set far down");
        router.shows("show bond details", "number of active members: 1");
        router.pings("192.0.2.2");
        router.pings("198.51.100.2");
    });
}

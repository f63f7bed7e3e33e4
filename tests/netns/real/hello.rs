//! The hellos of OSPF reach Linux whatever becomes of an interface's addresses; those of IS-IS and router advertisements never do.

use super::machine::{Vpp, namespace, prefix};
use super::{golden, report_left_out, sandbox};
use std::process::Command;

/// An interface with two addresses of each family; the second ones can be left out.
fn commands(second: &[&str]) -> String {
    let first = [
        "vpplog imp-begin:a",
        "ip mroute add 224.0.0.0/24 AA",
        "ip mroute add 224.0.0.0/24 via local Forward",
        "ip mroute add ff02::/16 AA",
        "ip mroute add ff02::/16 via local Forward",
        "lcp create x host-if x",
        "set interface state x up",
        "set interface ip address x 192.0.2.1/24",
        "set interface ip address x 2001:db8::1/64",
    ];
    let lines = first.iter().chain(second).chain(&["vpplog imp-applied:a"]);
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// One hello of each family on the wire to `x`.
const HELLOS: &str = r#"
import socket, struct
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind(("far0", 0))
hello = b"\x02\x01\x00\x2c" + bytes(40)
header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 64, 1, 0, 1, 89, 0, bytes([192, 0, 2, 2]), bytes([224, 0, 0, 5]))
total = sum(struct.unpack("!10H", header))
total = (total & 0xFFFF) + (total >> 16)
header = header[:10] + struct.pack("!H", ~total & 0xFFFF) + header[12:]
source = bytes.fromhex("020000000022")
wire.send(bytes.fromhex("01005e000005") + source + b"\x08\x00" + header + hello)
header = struct.pack("!IHBB", 0x6E000000, 44, 89, 1)
header += socket.inet_pton(socket.AF_INET6, "fe80::22") + socket.inet_pton(socket.AF_INET6, "ff02::5")
wire.send(bytes.fromhex("333300000005") + source + b"\x86\xdd" + header + hello)
"#;

/// A router advertisement and a hello of IS-IS on the wire to `x`.
const UNHEARD: &str = r#"
import socket, struct
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
wire.bind(("far0", 0))
source = bytes.fromhex("020000000022")
ends = socket.inet_pton(socket.AF_INET6, "fe80::22") + socket.inet_pton(socket.AF_INET6, "ff02::1")
body = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0)
total = sum(struct.unpack(f"!{(len(ends) + 8 + len(body)) // 2}H", ends + struct.pack("!II", len(body), 58) + body))
while total >> 16:
    total = (total & 0xFFFF) + (total >> 16)
body = body[:2] + struct.pack("!H", ~total & 0xFFFF) + body[4:]
header = struct.pack("!IHBB", 0x6E000000, len(body), 58, 255) + ends
wire.send(bytes.fromhex("333300000001") + source + b"\x86\xdd" + header + body)
hello = bytes.fromhex("fefe03" + "831b0100" + "10010000") + bytes(60)
wire.send(bytes.fromhex("0180c2000014") + source + struct.pack("!H", len(hello)) + hello)
"#;

/// The node that sends to the Linux side.
const TO_LINUX: &str = "tap4096-tx";

impl Vpp {
    /// The packets that come in when this is sent on the wire to `x`, as VPP's trace has them.
    fn traced(&mut self, program: &str) -> Vec<String> {
        self.show("clear trace");
        self.show("trace add af-packet-input 50");
        let words = ["--net=/run/netns/dataplane", "python3", "-c", program];
        assert!(Command::new("nsenter").args(words).status().unwrap().success());
        std::thread::sleep(std::time::Duration::from_millis(500));
        let trace = self.show("show trace max 50");
        trace.split("\nPacket ").map(str::to_owned).collect()
    }

    /// The families whose hello went to the Linux side, of those that came in: as VPP's trace has it.
    fn hears(&mut self) -> [bool; 2] {
        let packets = self.traced(HELLOS);
        ["192.0.2.2 -> 224.0.0.5", "fe80::22 -> ff02::5"].map(|hello| {
            let mut packets = packets.iter();
            packets.any(|it| it.contains(hello) && it.contains(TO_LINUX))
        })
    }
}

#[test]
fn they_are_heard_when_an_address_goes() {
    let Some(prefix) = prefix("they_are_heard_when_an_address_goes") else {
        return;
    };
    sandbox::run_as_root("real::hello::they_are_heard_when_an_address_goes", |root| {
        namespace();
        let golden = golden();
        let core = golden.iter().find(|it| it.instance == "core").unwrap();
        let mut vpp = Vpp::start(&prefix, root, "core", &core.startup, &["x".to_owned()], &[]).unwrap();
        if !vpp.makes_pairs() {
            return report_left_out("they_are_heard_when_an_address_goes", false);
        }
        let both = [
            "set interface ip address x 198.51.100.1/24",
            "set interface ip address x 2001:db8:1::1/64",
        ];
        vpp.want(&commands(&both), true);
        vpp.apply().unwrap();
        vpp.settle();
        assert_eq!(vpp.hears(), [true, true]);
        vpp.want(&commands(&[]), true);
        vpp.reload().unwrap();
        vpp.settle();
        assert_eq!(vpp.hears(), [true, true]);
        // A hand that takes the entries away is seen, and without them nothing is heard any more.
        assert_eq!(vpp.lacks(&commands(&[])), Vec::<String>::new());
        vpp.show("ip mroute del 224.0.0.0/24");
        vpp.show("ip mroute del ff02::/16");
        assert_eq!(vpp.lacks(&commands(&[])).len(), 4);
        assert_eq!(vpp.hears(), [false, false]);
    });
}

/// What E0907 and E0908 warn of. A VPP that hands them on fails this: then the warnings are to go.
#[test]
fn what_finds_neighbours_of_isis_and_unnumbered_bgp_is_dropped() {
    const NAME: &str = "what_finds_neighbours_of_isis_and_unnumbered_bgp_is_dropped";
    let Some(prefix) = prefix(NAME) else {
        return;
    };
    sandbox::run_as_root(&format!("real::hello::{NAME}"), |root| {
        namespace();
        let golden = golden();
        let core = golden.iter().find(|it| it.instance == "core").unwrap();
        let mut vpp = Vpp::start(&prefix, root, "core", &core.startup, &["x".to_owned()], &[]).unwrap();
        if !vpp.makes_pairs() {
            return report_left_out(NAME, false);
        }
        vpp.want(&commands(&[]), true);
        vpp.apply().unwrap();
        vpp.settle();
        let packets = vpp.traced(UNHEARD);
        for node in ["icmp6-router-advertisement", "llc-input"] {
            let mut packets = packets.iter().filter(|it| it.contains(node)).peekable();
            assert!(packets.peek().is_some(), "{node}: {packets:?}");
            assert!(packets.all(|it| !it.contains(TO_LINUX)), "{node}");
        }
    });
}

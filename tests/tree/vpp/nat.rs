//! The stand-in against what VPP was seen to do: memif and the three NATs.

#![allow(clippy::unwrap_used)]

use super::stand_in::Effect::{Prints, Refused, Silent};
use super::stand_in::{NAT, StandIn, has_python, session};

#[test]
fn memif_det44_and_what_is_not_loaded() {
    if !has_python() {
        return;
    }
    let vpp = StandIn::nat();
    let socket = vpp.root.path().join("m1.sock").to_str().unwrap().to_owned();
    session(
        &vpp,
        &[
            (
                "create memif socket id 0 filename /run/x",
                Refused("Invalid socket id"),
            ),
            (&format!("create memif socket id 1 filename {socket}"), Silent),
            (&format!("create memif socket id 1 filename {socket}"), Silent),
            (
                "create memif socket id 1 filename /run/other",
                Refused("already exists"),
            ),
            (
                "create interface memif id 0 socket-id 2 slave",
                Refused("unknown socket"),
            ),
            ("create interface memif id 0 socket-id 1 slave", Silent),
            (
                "create interface memif id 0 socket-id 1 slave",
                Refused("already exists"),
            ),
            (
                "create interface memif id 1 socket-id 1 master",
                Refused("master and slave"),
            ),
            ("delete memif socket id 1", Refused("in use")),
            ("show memif", Prints("interface memif1/0")),
            ("det44 plugin enable", Silent),
            ("det44 plugin enable", Refused("plugin enable failed")),
            ("set interface det44 inside memif1/0", Silent),
            ("set interface det44 inside memif1/0", Refused("failed")),
            ("det44 add in 10.30.0.0/24 out 203.0.113.0/28", Silent),
            ("det44 add in 10.30.0.0/24 out 203.0.113.0/28", Refused("-81")),
            ("det44 add in 10.30.0.0/24 out 203.0.113.0/28 del", Silent),
            ("det44 add in 10.30.0.0/24 out 203.0.113.0/28 del", Refused("-6")),
            ("det44 add in 10.0.0.0/8 out 203.0.113.0/28", Silent),
            (
                "show det44 mappings",
                Prints("number of ports per inside host: 0"),
            ),
            ("show det44 interfaces", Prints("memif1/0 in")),
            (
                "abf policy add id 1 acl 0 via 192.0.2.1 memif1/0",
                Refused("unknown input"),
            ),
            ("lcp create memif1/0 host-if x", Refused("unknown input")),
            ("nat44 plugin enable sessions 100", Refused("unknown input")),
        ],
    );
}

#[test]
fn the_other_nats() {
    if !has_python() {
        return;
    }
    let startup = NAT.replace(
        "det44_plugin.so",
        "nat_plugin.so { enable } plugin nat64_plugin.so",
    );
    session(
        &StandIn::start("nat", &startup, &[]),
        &[
            ("create loopback interface instance 0", Prints("loop0")),
            ("create loopback interface instance 1", Prints("loop1")),
            ("nat44 plugin enable sessions 1000", Silent),
            ("nat44 plugin enable sessions 1000", Refused("already enabled")),
            ("set interface nat44 in loop0 out loop1", Silent),
            ("set interface nat44 in loop0 out loop1", Silent),
            ("nat44 add address 203.0.113.0 - 203.0.113.3", Silent),
            (
                "nat44 add address 203.0.113.0 - 203.0.113.3",
                Refused("already in use"),
            ),
            (
                "nat44 add address 203.0.113.3 - 203.0.113.0",
                Refused("after end"),
            ),
            (
                "nat44 add static mapping tcp local 10.0.0.1 80 external 203.0.113.1 80",
                Silent,
            ),
            (
                "nat44 add static mapping local 10.0.0.2 external 203.0.113.2",
                Silent,
            ),
            // Up to the first address that is there already; those before it are added.
            (
                "nat44 add address 203.0.112.255 - 203.0.113.3",
                Refused("already in use"),
            ),
            ("nat44 add address 203.0.112.255 del", Silent),
            ("nat44 add address 203.0.112.255 del", Refused("no such entry")),
            ("nat44 add address 203.0.113.3 del", Silent),
            ("nat44 forwarding enable", Silent),
            (
                "show nat44 static mappings",
                Prints("TCP local 10.0.0.1:80 external 203.0.113.1:80"),
            ),
            ("nat64 plugin enable", Silent),
            ("nat64 plugin enable", Refused("plugin enable failed")),
            ("set interface nat64 in loop0", Silent),
            ("set interface nat64 out loop1", Silent),
            ("nat64 add prefix 64:ff9b::/96", Silent),
            ("nat64 add prefix 64:ff9b::/95", Refused("Invalid prefix length")),
            ("nat64 add pool address 203.0.113.8 - 203.0.113.9", Silent),
            (
                "nat64 add pool address 203.0.113.8 - 203.0.113.9",
                Refused("exist"),
            ),
            ("show nat64 prefix", Prints("64:ff9b::/96")),
            ("nat64 add static bib 2001:db8::1 80 203.0.113.9 8080 tcp", Silent),
            (
                "nat64 add static bib 2001:db8::1 80 203.0.113.9 8081 tcp",
                Refused("BIB entry exist"),
            ),
            (
                "nat64 add static bib 2001:db8::2 80 203.0.113.9 8080 tcp",
                Refused("already in use"),
            ),
            (
                "show nat64 bib tcp",
                Prints(" 2001:db8::1 80 203.0.113.9 8080 protocol tcp vrf 0 static"),
            ),
            (
                "nat64 add static bib 2001:db8::1 80 203.0.113.9 8080 udp del",
                Refused("not exist"),
            ),
            (
                "nat64 add static bib 2001:db8::1 80 203.0.113.9 8080 tcp del",
                Silent,
            ),
            ("set nat timeout udp 30 tcp-established 100", Silent),
            ("set nat timeout tcp established 100", Refused("unknown input")),
            ("show nat timeouts", Prints("tcp-established timeout: 100sec")),
            (
                "set ipfix exporter collector 192.0.2.50",
                Refused("src address required"),
            ),
            (
                "set ipfix exporter collector 192.0.2.50 port 2055 src 203.0.113.1",
                Prints("Collector 192.0.2.50"),
            ),
            ("nat ipfix logging enable domain 7", Silent),
            ("nat ipfix logging enable domain 8", Silent),
            ("nat ipfix logging disable", Refused("failed")),
            ("nat ipfix logging disable domain 7", Silent),
            (
                "set ipfix exporter collector 0.0.0.0 src 0.0.0.0",
                Prints("is disabled"),
            ),
            ("nat64 add pool address 203.0.113.8 del", Silent),
            ("show nat64 pool", Prints("203.0.113.9")),
            ("set interface nat64 in loop0 del", Silent),
            ("set interface nat64 in loop0 del", Refused("no such entry")),
            ("set interface nat64 out loop1 del", Silent),
            ("nat64 plugin disable", Silent),
            ("create bond mode lacp id 1", Refused("LACP plugin is not loaded")),
            (
                "create bond mode xor load-balance l2 id 1",
                Prints("BondEthernet1"),
            ),
            ("bond add BondEthernet1 loop0", Refused("")),
        ],
    );
}

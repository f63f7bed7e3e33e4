//! What the kernel says of a device's link.
#![allow(clippy::unwrap_used)]

use super::sandbox;
use imp::facts::port;
use imp::host::netlink::Connection;
use std::process::Command;

#[test]
fn carrier_speed_and_bridge_are_the_kernels() {
    sandbox::run("port::carrier_speed_and_bridge_are_the_kernels", |_| {
        for words in [
            "link add name left type veth peer name right",
            "link add br0 type bridge",
            "link set left master br0",
            "link set left up",
            "link set right up",
        ] {
            let done = Command::new("ip").args(words.split(' ')).status().unwrap();
            assert!(done.success(), "{words}");
        }
        let links = Connection::open().unwrap().links().unwrap();
        let index = |name: &str| links.iter().find(|it| it.name.as_ref() == name).unwrap().index;
        let ports = port::host().unwrap();
        let of = |name: &str| ports.iter().find(|it| it.index == index(name)).unwrap();
        assert!(of("left").carrier && of("right").carrier);
        // What a veth pair says it has.
        assert_eq!(of("left").speed, Some(10_000));
        assert!(!of("br0").carrier, "it is down");
        assert_eq!(of("left").master.as_ref().unwrap().as_ref(), "br0");
        assert_eq!(of("right").master, None);
    });
}

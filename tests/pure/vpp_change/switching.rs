//! Bridge domains, cross-connects and tunnels in random documents, on a trunk of their own.

use super::documents::{Dice, advertised};
use std::fmt::Write;

/// A VXLAN tunnel is in a bridge, so those come last that something is made of.
pub fn document(dice: &mut Dice, text: &mut String) {
    text.push_str("[loopbacks.ends]\naddresses = [\"192.0.2.1/32\", \"2001:db8::1/128\"]\n");
    text.push_str("[interfaces.trunk]\nmatch = { mac = \"52:54:00:00:00:04\", pci = \"0000:09:00.0\" }\n");
    text.push_str("mtu = 9000\n");
    text.push_str("[interfaces.trunk.vlan.99]\naddresses = [\"172.19.0.1/24\", \"2001:db8:19::1/64\"]\n");
    let mut members: Vec<String> = Vec::new();
    for vlan in 1..=3 {
        match dice.roll(4) {
            0 => writeln!(
                text,
                "[interfaces.trunk.vlan.{vlan}]\nxconnect = \"trunk.1{vlan}\"\n[interfaces.trunk.vlan.1{vlan}]"
            )
            .unwrap(),
            1 => {}
            _ => {
                writeln!(text, "[interfaces.trunk.vlan.{vlan}]").unwrap();
                members.push(format!("trunk.{vlan}"));
            }
        }
    }
    let tunnels = ["over", "vxlan_tunnel5"].map(|name| (name, dice.roll(2) == 0, dice.roll(2)));
    let wanted = tunnels.iter().filter(|(_, wanted, _)| *wanted);
    members.extend(wanted.map(|(name, ..)| (*name).to_owned()));
    let first = dice.roll(members.len() + 1);
    let mut bridged: Vec<&String> = Vec::new();
    for (n, members) in [&members[..first], &members[first..]].into_iter().enumerate() {
        let has_addresses = dice.roll(2) == 0;
        if members.len() < if has_addresses { 1 } else { 2 } {
            continue;
        }
        writeln!(text, "[bridges.br{n}]\nmembers = {members:?}").unwrap();
        bridged.extend(members);
        if has_addresses {
            writeln!(text, "addresses = [\"172.16.{n}.1/24\", \"2001:db8:a{n}::1/64\"]").unwrap();
            text.push_str(advertised(dice));
        }
    }
    for (name, _, end) in tunnels
        .iter()
        .filter(|(name, ..)| bridged.iter().any(|it| it == name))
    {
        writeln!(
            text,
            "[tunnels.{name}]\ntype = \"vxlan\"\nvni = 10{end}\nsource = \"192.0.2.1\"\ndestination = \"198.51.100.{}\"",
            name.len()
        )
        .unwrap();
    }
    for (n, kind) in ["gre", "ipip", "gre"].into_iter().enumerate() {
        if dice.roll(2) == 0 {
            continue;
        }
        let name = match n {
            0 => dice.one(&["gre7", "t0"]).to_owned(),
            n => format!("t{n}"),
        };
        let end = dice.roll(2);
        writeln!(
            text,
            "[tunnels.{name}]\ntype = \"{kind}\"\nsource = \"192.0.2.1\"\ndestination = \"198.51.100.1{n}{end}\"\naddresses = [\"172.17.{n}.1/30\"]"
        )
        .unwrap();
        text.push_str(dice.one(&["", "mtu = 1400\n"]));
    }
    if dice.roll(2) == 0 {
        wireguard(dice, text);
    }
}

/// The keys that a tunnel may have, each in its file.
pub const SECRETS: [(&str, &str); 2] = [
    ("secrets/a", "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo="),
    ("secrets/b", "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk="),
];

/// A tunnel to some of two routers, which may change names, keys and networks.
fn wireguard(dice: &mut Dice, text: &mut String) {
    let (name, secret) = (dice.one(&["wg3", "wire"]), dice.one(&["a", "a", "b"]));
    writeln!(
        text,
        "[tunnels.{name}]\ntype = \"wireguard\"\nprivate-key-file = \"secrets/{secret}\"\nsource = \"192.0.2.1\"\naddresses = [\"172.18.0.1/24\"]"
    )
    .unwrap();
    text.push_str(dice.one(&["", "mtu = 1400\n", "lcp = false\n", "port = 51999\n"]));
    for (host, key) in [
        (2, "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08="),
        (3, "E75P6uryBMf9M1j8nAByGIHRdCeBKCJ+xnTzf3/pe20="),
    ] {
        if host == 3 && dice.roll(2) == 0 {
            continue;
        }
        let more = dice
            .one(&["", ", \"10.250.0.0/16\""])
            .replace("250", &format!("25{host}"));
        let endpoint = dice.one(&["198.51.100.5", "198.51.100.5:51821"]);
        writeln!(
            text,
            "[tunnels.{name}.peers.p{host}]\npublic-key = \"{key}\"\nendpoint = \"{endpoint}\"\nallowed-ips = [\"172.18.0.{host}/32\"{more}]"
        )
        .unwrap();
        text.push_str(dice.one(&["", "keepalive = \"25s\"\n"]));
    }
}

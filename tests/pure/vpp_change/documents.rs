//! Random documents that are valid, and what the real templates make of them.

use super::operators;
use crate::pure::config::{files, said};
use imp::config;
use imp::plan::vpp::{self, Script};
use imp::render::{self, Bindings, Dataplane};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Numbers that are the same in every run (splitmix64).
#[derive(Debug)]
pub struct Dice(pub u64);

impl Dice {
    /// Below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }

    pub fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }

    fn shuffled(&mut self, count: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..count).collect();
        for place in (1..count).rev() {
            all.swap(place, self.roll(place + 1));
        }
        all
    }
}

/// An interface's addresses out of block `n`, which nothing else has.
fn addresses(dice: &mut Dice, n: usize) -> (String, bool) {
    let v4 = [
        "",
        "10.N.0.1/24",
        "10.N.0.1/16",
        "10.N.1.1/24",
        "10.N.0.1/24|10.N.0.7/24",
        "10.N.0.1/31",
    ];
    let v6 = [
        "",
        "2001:db8:N::1/64",
        "2001:db8:N:1::1/64",
        "2001:db8:N::1/64|2001:db8:N:1::1/64",
        "2001:db8:N::2/64",
        "2001:db8:N::1/127",
    ];
    let (v4, v6) = (dice.one(&v4), dice.one(&v6));
    let words = format!("{v4}|{v6}").replace('N', &n.to_string());
    let quoted: Vec<String> = words
        .split('|')
        .filter(|it| !it.is_empty())
        .map(|it| format!("\"{it}\""))
        .collect();
    (
        format!("addresses = [{}]\n", quoted.join(", ")),
        v6.contains("/64"),
    )
}

pub fn advertised(dice: &mut Dice) -> &'static str {
    dice.one(&[
        "",
        "ra = { max-interval = 30 }\n",
        "ra = { max-interval = 200 }\n",
        "ra = { max-interval = 600 }\n",
        "ra = { max-interval = 1800, min-interval = 300 }\n",
        "ra = { max-interval = 1800, lifetime = \"0s\", other = true }\n",
        "ra = { max-interval = 60, lifetime = \"180s\", managed = true, other = true }\n",
        "ra = { max-interval = 60, prefixes = { \"2001:db8:ffff::/64\" = { autonomous = false, valid-lifetime = 600 } } }\n",
    ])
}

/// What is done with the packets of an interface with these addresses out of block `n`.
fn traffic(dice: &mut Dice, addresses: &str, n: usize, is_vlan: bool) -> String {
    let mut text = String::new();
    text.push_str(dice.one(&[
        "",
        "",
        "acl = { in = \"E1\" }\n",
        "acl = { in = \"E2\", out = \"E1\" }\n",
    ]));
    text.push_str(dice.one(&["", "mss-clamp = 1400\n", "mss-clamp = 1452\n"]));
    text.push_str(dice.one(&[
        "",
        "",
        "policer = { out = \"P1\" }\n",
        "policer = { out = \"P2\" }\n",
    ]));
    if !is_vlan {
        text.push_str(dice.one(&[
            "",
            "",
            "",
            "mirror = { to = \"int\" }\n",
            "mirror = { to = \"ext\", direction = \"in\" }\n",
        ]));
    }
    if addresses.contains('"') {
        text.push_str(dice.one(&["", "urpf = \"strict\"\n", "urpf = \"loose\"\n"]));
    }
    let (v4, v6) = (format!("\"10.{n}.0.254\""), format!("\"2001:db8:{n}::fe\""));
    let in_v4 = addresses.contains("0.1/24") || addresses.contains("0.1/16");
    let in_v6 = addresses.contains(&format!(":{n}::1/64")) || addresses.contains("::2/64");
    let on_link = [(in_v4, v4), (in_v6, v6)].into_iter().filter(|(is_in, _)| *is_in);
    let on_link: Vec<String> = on_link.map(|(_, address)| address).collect();
    let on_link = on_link.join(", ");
    if !on_link.is_empty() {
        match dice.roll(4) {
            0 => {
                let more = dice.one(&[
                    "",
                    "",
                    ", track = { \"trunk.99\" = 20 }",
                    ", track = { \"trunk.99\" = 30, ends = 5 }",
                ]);
                writeln!(text, "vrrp.10 = {{ addresses = [{on_link}]{more} }}").unwrap();
            }
            1 => writeln!(
                text,
                "vrrp.10 = {{ addresses = [{on_link}], accept = true, priority = 200 }}"
            )
            .unwrap(),
            _ => {}
        }
        let mac = dice.roll(2);
        if dice.roll(3) == 0 {
            let first = on_link
                .split(", ")
                .next()
                .unwrap()
                .replace("254\"", "9\"")
                .replace("fe\"", "9\"");
            writeln!(text, "neighbors.{first} = {{ mac = \"02:00:5e:00:53:0{mac}\" }}").unwrap();
        }
    }
    text
}

/// The ACLs and policers that a document names, and the relays of one of its interfaces.
fn named(dice: &mut Dice, text: &mut String) {
    for name in ["E1", "E2"] {
        if text.contains(&format!("\"{name}\"")) {
            let port = dice.one(&[
                "",
                "protocol = \"tcp\"\nport = [22, \"8000-8099\"]\nreflect = true\n",
            ]);
            let source = dice.one(&["", "source = [\"192.0.2.0/24\", \"2001:db8:99::/48\"]\n"]);
            write!(
                text,
                "[[acls.{name}]]\naction = \"permit\"\n{port}{source}[[acls.{name}]]\naction = \"permit\"\n"
            )
            .unwrap();
        }
    }
    for name in ["P1", "P2"] {
        if text.contains(&format!("\"{name}\"")) {
            let rate = dice.one(&["rate = \"100M\"", "rate = \"1G\"\nburst = \"1M\""]);
            writeln!(text, "[policers.{name}]\n{rate}").unwrap();
        }
    }
}

fn timeouts(dice: &mut Dice) -> &'static str {
    dice.one(&[
        "",
        "",
        "timeouts = { udp = \"30s\" }\n",
        "timeouts = { udp = \"60s\", tcp-established = \"100s\", tcp-transitory = \"20s\" }\n",
        "timeouts = { icmp = \"5s\" }\n",
    ])
}

fn nats(dice: &mut Dice, text: &mut String, instances: &[&str]) {
    for (n, instance) in instances.iter().enumerate() {
        let (name, pool) = (dice.one(&["x", "y"]), 20 + n);
        match n {
            0 => {
                writeln!(
                    text,
                    "[nat.{instance}{name}]\ninstance = \"{instance}\"\nmode = \"det44\"\nfrom = [\"int.1\"]"
                )
                .unwrap();
                text.push_str(timeouts(dice));
                for map in 0..=dice.roll(3) {
                    let outside = dice.one(&["/28", "/29"]);
                    let at = dice.roll(2) * 32 + map * 64;
                    writeln!(text, "[[nat.{instance}{name}.mappings]]\ninside = \"10.200.{map}.0/24\"\noutside = \"203.0.{pool}.{at}{outside}\"").unwrap();
                }
            }
            1 => {
                let last = dice.roll(5);
                writeln!(text, "[nat.{instance}{name}]\ninstance = \"{instance}\"\nmode = \"nat44-ed\"\nfrom = [\"int.1\", \"int.2\"]\ninside = [\"10.201.{last}.0/24\"]").unwrap();
                writeln!(
                    text,
                    "pool = [\"203.0.{pool}.{}-203.0.{pool}.{}\"{}]\nsessions = {}",
                    last / 2,
                    last + 1,
                    dice.one(&["", ", \"203.0.99.0/30\"", ", \"203.0.99.2\""]),
                    dice.one(&["1024", "1024", "1024", "2048"])
                )
                .unwrap();
                text.push_str(timeouts(dice));
                text.push_str(dice.one(&[
                    "",
                    "bypass = [{ source = \"10.201.0.0/16\", destination = \"192.0.2.0/24\" }]\n",
                    "log = { collector = \"192.0.2.50\" }\n",
                    "log = { collector = \"192.0.2.50\", port = 2055, domain = 7 }\n",
                    "log = { collector = \"192.0.2.51\", domain = 7 }\n",
                ]));
                for inside in 0..dice.roll(3) {
                    let outside = last / 2;
                    writeln!(text, "[[nat.{instance}{name}.static]]\nprotocol = \"tcp\"\ninside = \"10.201.{last}.{inside}\"\ninside-port = 80\noutside = \"203.0.{pool}.{outside}\"\noutside-port = {}", 1000 + inside * 3 + dice.roll(3)).unwrap();
                }
            }
            _ => {
                let prefix = dice.one(&["64:ff9b::/96", "2001:db8:f:f::/96"]);
                let first = dice.roll(4);
                writeln!(text, "[nat.{instance}{name}]\ninstance = \"{instance}\"\nmode = \"nat64\"\nprefix = \"{prefix}\"\npool = \"203.0.{pool}.{first}-203.0.{pool}.{}\"", first + dice.roll(4)).unwrap();
                for inside in 0..dice.roll(3) {
                    writeln!(text, "[[nat.{instance}{name}.static]]\nprotocol = \"{}\"\ninside = \"2001:db8:ffff::{inside}\"\ninside-port = 80\noutside = \"203.0.{pool}.{first}\"\noutside-port = {}", dice.one(&["tcp", "udp"]), 80 + inside * 3 + dice.roll(3)).unwrap();
                }
            }
        }
    }
}

/// sFlow and IPFIX, the latter from a loopback's address; LLDP, which only a start changes, seldom.
fn exports(dice: &mut Dice, text: &mut String, own: Option<usize>) {
    if dice.roll(3) == 0 {
        let (nics, rate) = (
            dice.one(&["\"ext\"", "\"int\", \"ext\""]),
            dice.one(&["1000", "10000"]),
        );
        writeln!(
            text,
            "[sflow]\ncollectors = [\"192.0.2.77\"]\ninterfaces = [{nics}]\nrate = {rate}"
        )
        .unwrap();
        text.push_str(dice.one(&["", "polling = \"5s\"\n", "header = 64\n"]));
    }
    if let (Some(of), true) = (own, dice.roll(3) == 0) {
        let names = dice.one(&["\"ext\"", "\"int\"", "\"int.1\", \"int.2\""]);
        let collector = dice.one(&["192.0.2.78", "192.0.2.79"]);
        writeln!(
            text,
            "[ipfix]\ncollector = \"{collector}\"\nsource = \"10.{of}.9.1\"\ninterfaces = [{names}]"
        )
        .unwrap();
        text.push_str(dice.one(&["", "record = [\"l3\"]\n", "active = \"5s\"\n"]));
    }
    if dice.roll(40) == 0 {
        text.push_str("[lldp]\ninterfaces = [\"ext\"]\n");
    }
}

/// A document with loopbacks, NICs of both kinds, VLANs, bridges and NATs.
fn document(dice: &mut Dice) -> String {
    let instances: Vec<&str> = ["cgn", "office", "six"]
        .into_iter()
        .filter(|_| dice.roll(3) > 0)
        .collect();
    let mut text = "config-version = 1\n[system]\nhostname = \"r\"\n[vpp.core]\n".to_owned();
    for instance in &instances {
        writeln!(text, "[vpp.{instance}]").unwrap();
    }
    let mut own = None;
    let mut blocks = dice.shuffled(32).into_iter().map(|n| n + 1);
    for n in 0..dice.roll(3) {
        let of = blocks.next().unwrap();
        own = Some(of);
        writeln!(
            text,
            "[loopbacks.lo{}]\naddresses = [\"10.{of}.9.1/32\", \"2001:db8:{of}:9::1/128\"]",
            n + dice.roll(2) * 3
        )
        .unwrap();
    }
    for (nic, mac) in [
        ("ext", "52:54:00:00:00:01"),
        ("int", "52:54:00:00:00:02"),
        ("vm", "52:54:00:00:00:03"),
    ] {
        if nic == "vm" && dice.roll(2) == 0 {
            continue;
        }
        let attach = if nic == "vm" {
            "attach = \"af-packet\"\n"
        } else {
            ""
        };
        writeln!(
            text,
            "[interfaces.{nic}]\nmatch = {{ mac = \"{mac}\", pci = \"0000:0{}:00.0\" }}\n{attach}",
            mac.len() % 7 + nic.len()
        )
        .unwrap();
        if nic == "vm" && dice.roll(3) == 0 {
            text.push_str("hw-addr = \"02:00:00:00:00:33\"\n");
        }
        // Only of an interface that VPP makes is the MTU known that it has without one.
        let mtu = dice.one(&["mtu = 9000\n", "mtu = 1600\n", "mtu = 9216\n", ""]);
        text.push_str(if nic == "ext" && mtu.is_empty() {
            "mtu = 9000\n"
        } else {
            mtu
        });
        text.push_str(dice.one(&["", "promiscuous = true\n"]));
        text.push_str(dice.one(&["", "", "", "", "enabled = false\n"]));
        let block = blocks.next().unwrap();
        let (of_nic, announces) = addresses(dice, block);
        text.push_str(&of_nic);
        text.push_str(&traffic(dice, &of_nic, block, false));
        text.push_str(vrf(dice, nic));
        if announces {
            text.push_str(advertised(dice));
        }
        for vlan in 1..5 {
            if !(nic == "int" && vlan < 3) && dice.roll(2) == 0 {
                continue;
            }
            if nic == "vm" && vlan > 2 {
                continue;
            }
            writeln!(text, "[interfaces.{nic}.vlan.{vlan}]").unwrap();
            let mtu = dice.one(&["", "mtu = 1500\n", "mtu = 1400\n"]);
            text.push_str(mtu);
            text.push_str(dice.one(&["", "", "", "", "enabled = false\n"]));
            let block = blocks.next().unwrap();
            let (of_vlan, announces) = addresses(dice, block);
            text.push_str(&of_vlan);
            let of_packets = traffic(dice, &of_vlan, block, true);
            text.push_str(&of_packets);
            let vrf = vrf(dice, nic);
            text.push_str(vrf);
            if !of_packets.contains("urpf") && vrf.is_empty() {
                text.push_str(dice.one(&["", "", "ospf6 = { area = 0 }\n"]));
            }
            if announces {
                text.push_str(advertised(dice));
            }
        }
    }
    super::switching::document(dice, &mut text);
    bond(dice, &mut text, &mut blocks);
    vrfs(dice, &mut text);
    named(dice, &mut text);
    nats(dice, &mut text, &instances);
    exports(dice, &mut text, own);
    text.push_str("[ospf6]\nrouter-id = \"192.0.2.1\"\n");
    text
}

/// The VRF of an interface; NAT takes what comes from `int`.
fn vrf(dice: &mut Dice, nic: &str) -> &'static str {
    match nic {
        "int" => "",
        _ => dice.one(&["", "", "", "vrf = \"A\"\n", "vrf = \"B\"\n"]),
    }
}

/// The VRFs that interfaces are in.
fn vrfs(dice: &mut Dice, text: &mut String) {
    for (name, tables) in [("A", ["1010", "1020"]), ("B", ["1011", "1021"])] {
        if text.contains(&format!("vrf = \"{name}\"")) {
            writeln!(text, "[vrfs.{name}]\ntable = {}", dice.one(&tables)).unwrap();
        }
    }
}

/// A bond, with VLANs and a VLAN inside a VLAN.
fn bond(dice: &mut Dice, text: &mut String, blocks: &mut impl Iterator<Item = usize>) {
    if dice.roll(3) == 0 {
        return;
    }
    let members = dice.one(&["k1", "k1|k2", "k2|k1", "k2", "k3|k2"]);
    let members: Vec<&str> = members.split('|').collect();
    let mode = dice.one(&[
        "mode = \"lacp\"",
        "mode = \"lacp\"",
        "mode = \"lacp\", rate = \"slow\"",
        "mode = \"xor\", load-balance = \"l2\"",
        "mode = \"active-backup\"",
    ]);
    let of_bond = blocks.next().unwrap();
    writeln!(
        text,
        "[interfaces.agg]\nbond = {{ members = {members:?}, {mode} }}\naddresses = [\"10.{of_bond}.0.1/24\"]"
    )
    .unwrap();
    text.push_str(dice.one(&["", "", "mac = \"02:00:00:00:00:44\"\n"]));
    text.push_str(dice.one(&["", "mtu = 1600\n"]));
    if dice.roll(2) == 0 {
        let of = blocks.next().unwrap();
        writeln!(text, "[interfaces.agg.vlan.7]\naddresses = [\"10.{of}.0.1/24\"]").unwrap();
        text.push_str(dice.one(&["", "", "lcp = false\n"]));
    }
    if dice.roll(2) == 0 {
        text.push_str(dice.one(&[
            "[interfaces.agg.vlan.8]\n",
            "[interfaces.agg.vlan.8]\nenabled = false\n",
            "[interfaces.agg.vlan.8]\nmtu = 1500\n",
        ]));
        for inner in 1..3 {
            if dice.roll(2) == 0 {
                let of = blocks.next().unwrap();
                writeln!(
                    text,
                    "[interfaces.agg.vlan.8.inner.{inner}]\naddresses = [\"10.{of}.0.1/24\", \"2001:db8:{of}::1/64\"]"
                )
                .unwrap();
                text.push_str(dice.one(&["", "mtu = 1400\n"]));
            }
        }
    }
    for member in members {
        let number = member.trim_start_matches('k');
        writeln!(
            text,
            "[interfaces.{member}]\nmatch = {{ mac = \"52:54:00:00:01:0{number}\" }}\nattach = \"af-packet\""
        )
        .unwrap();
        text.push_str(dice.one(&[
            "",
            "",
            "enabled = false\n",
            "rx-mode = \"interrupt\"\n",
            "promiscuous = true\n",
        ]));
    }
}

/// What is rendered of a document for every instance, with lines of an operator's. `None`: the document is refused.
pub fn rendered(dice: &mut Dice) -> Option<Vec<render::Rendered>> {
    let mut document = document(dice);
    let extra = [
        ("core", operators::of_core(dice)),
        ("cgn", operators::of_det44(dice)),
    ];
    for (instance, _) in &extra {
        let table = format!("[vpp.{instance}]\n");
        let with_file = format!("{table}extra-commands-file = \"{instance}.txt\"\n");
        document = document.replace(&table, &with_file);
    }
    let [core, cgn] = extra.map(|(_, lines)| lines);
    let mut texts = vec![
        ("imp.toml", document.as_str()),
        ("core.txt", &core),
        ("cgn.txt", &cgn),
    ];
    texts.extend(super::switching::SECRETS);
    let parsed = config::parse(&files(&texts));
    let Some(model) = &parsed.model else {
        if std::env::var_os("SHOW_REFUSED").is_some() {
            eprintln!("{}", said(&parsed));
        }
        return None;
    };
    let rendered = render::vpp(&Dataplane::of(model), &Bindings::as_written(model)).unwrap();
    Some(rendered.files)
}

/// The commands of every instance of a document. `None`: the document is refused.
pub fn scripts(dice: &mut Dice) -> Option<BTreeMap<String, Script>> {
    let rendered = rendered(dice)?;
    let commands = |file: &render::Rendered| {
        let name = file
            .path
            .strip_prefix("run/imp/vpp/commands-")?
            .strip_suffix(".txt")?;
        Some((name.to_owned(), vpp::parse(&file.text).unwrap()))
    };
    Some(rendered.iter().filter_map(commands).collect())
}

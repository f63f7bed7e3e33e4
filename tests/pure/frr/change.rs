//! The lines that lead from one frr.conf to another, carried out by a model of FRR, and what they cost.
#![allow(clippy::unwrap_used, clippy::panic)]

use crate::tree::render::trees;
use imp::plan::Impact;
use imp::plan::frr::{self, Change, differences};
use std::collections::BTreeMap;

/// The way of an FRR whose release only the texts may say.
pub(super) fn change(before: &str, after: &str) -> Change {
    frr::change(before, after, None)
}

/// FRR as far as our lines go: blocks with their lines, outermost header first.
#[derive(Debug, Default)]
struct Model {
    blocks: BTreeMap<String, Vec<String>>,
}

/// The lines about one thing of which FRR has one.
fn about(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let count = match words[..] {
        ["no", "neighbor", ..] => words.len(),
        ["bgp", "listen", "range", ..]
        | ["bgp", "bestpath", "as-path", ..]
        | ["ipv6", "nd", "prefix" | "rdnss" | "dnssl", ..] => 4,
        ["ipv6", "nd", ..] => 3,
        ["log", "syslog", ..] => 2,
        ["bgp", "bestpath" | "listen" | "confederation", ..] => 3,
        ["maximum-paths", "ibgp", ..] | ["aggregate-address", ..] => 2,
        ["neighbor", _, "route-map" | "prefix-list" | "filter-list", _, way] => {
            return format!("{} {} {way}", words[1], words[2]);
        }
        ["area", _, "range", ..] | ["redistribute", "ipv4" | "ipv6", ..] => 4,
        ["default-information", _, "ipv4" | "ipv6", ..] => 4,
        ["area", ..] | ["isis", "bfd", "profile", ..] => 3,
        ["isis" | "default-information", ..] => 2,
        ["ip" | "ipv6", "ospf" | "ospf6", "bfd", "profile", ..]
        | ["ip", "ospf", "message-digest-key", ..] => 4,
        ["neighbor", _, "bfd", "profile", ..]
        | ["match" | "ip" | "ipv6", _, "address" | "ospf" | "ospf6", ..] => 4,
        ["ip" | "ipv6", "route", ..] => 4,
        ["ip" | "ipv6", "prefix-list", ..] => 5,
        ["bgp", "community-list" | "large-community-list" | "as-path", ..] => 6,
        // Two caches exclude each other by their preference.
        ["rpki", "cache", .., preference] => return format!("rpki cache {preference}"),
        ["match", "ip" | "ipv6", "next-hop", ..] => 4,
        ["neighbor", ..]
        | ["set", "ip" | "ipv6" | "as-path", ..]
        | ["no", ..]
        | ["ip" | "ipv6", "ospf" | "ospf6", ..] => 3,
        [
            "network" | "redistribute" | "match" | "set" | "bgp" | "ospf" | "ospf6" | "rpki",
            ..,
        ] => 2,
        _ => 1,
    };
    words[..count.min(words.len())].join(" ")
}

impl Model {
    fn run(lines: impl Iterator<Item = String>) -> Self {
        let mut model = Self::default();
        model.give(lines);
        model
    }

    fn give(&mut self, lines: impl Iterator<Item = String>) {
        let mut stack: Vec<String> = Vec::new();
        for line in lines {
            let line = line.trim();
            if line.is_empty() || line.starts_with(['!', '#']) || line == "end" {
                continue;
            }
            if line.starts_with("exit") {
                let _ = stack.pop();
                continue;
            }
            let is_top = [
                "interface ",
                "router ",
                "route-map ",
                "bgp as-path ",
                "bgp community-list ",
                "bgp large-community-list ",
                "ip prefix-list ",
                "ipv6 prefix-list ",
                "log ",
                "vrf ",
            ];
            // A VRF has its own.
            let routes = ["ip route ", "ipv6 route "];
            let in_vrf = stack.last().is_some_and(|block| block.starts_with("vrf "));
            let positive = line.strip_prefix("no ").unwrap_or(line);
            if is_top.iter().any(|it| positive.starts_with(it))
                || !in_vrf && routes.iter().any(|it| positive.starts_with(it))
                || ["bfd", "rpki"].contains(&positive)
            {
                stack.clear();
            }
            let block = stack.join(" / ");
            let opens = [
                "interface ",
                "router ",
                "route-map ",
                "address-family ",
                "profile ",
                "vrf ",
            ];
            if opens.iter().any(|it| line.starts_with(it))
                || (["bfd", "rpki"].contains(&line) && stack.is_empty())
            {
                if let Some((map, number)) = entry(line) {
                    self.rename(map, number, line);
                }
                stack.push(line.to_owned());
                let _ = self.blocks.entry(stack.join(" / ")).or_default();
            } else if let Some(gone) = line.strip_prefix("no ").filter(|it| self.knows(&block, it)) {
                self.take_back(&block, gone);
            } else {
                self.set(&block, line);
            }
        }
    }

    /// An entry that permits may come to deny, with all its clauses.
    fn rename(&mut self, map: &str, number: &str, line: &str) {
        let other = self
            .blocks
            .keys()
            .find(|it| entry(it) == Some((map, number)))
            .cloned();
        if let Some(lines) = other.and_then(|it| self.blocks.remove(&it)) {
            let _ = self.blocks.insert(line.to_owned(), lines);
        }
    }

    /// `no neighbor X send-community …` and `… enforce-first-as` are lines of their own: they deny what is so anyway.
    fn denies(line: &str) -> bool {
        let mut words = line.split(' ').skip(2);
        line.starts_with("neighbor ") && matches!(words.next(), Some("send-community" | "enforce-first-as"))
    }

    fn knows(&self, block: &str, line: &str) -> bool {
        let stands = |it: &str| {
            self.blocks
                .get(block)
                .is_some_and(|lines| lines.iter().any(|own| own == it))
        };
        if Self::denies(line) && !stands(line) {
            return false;
        }
        let is_default = [
            "ip forwarding",
            "ipv6 forwarding",
            "ipv6 nd suppress-ra",
            "bgp default ipv4-unicast",
        ]
        .contains(&line);
        !is_default && (line != "bgp network import-check" || block.is_empty())
    }

    fn take_back(&mut self, block: &str, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        let before = self.size();
        match words[..] {
            ["neighbor", name] | ["neighbor", name, "peer-group"] => {
                let start = format!("neighbor {name} ");
                let denied = format!("no {start}");
                let is_of = |key: &str| key == block || key.starts_with(&format!("{block} / "));
                let blocks = self.blocks.iter_mut().filter(|(key, _)| is_of(key));
                blocks.for_each(|(_, lines)| {
                    lines.retain(|it| !it.starts_with(&start) && !it.starts_with(&denied));
                });
                // "Peer-group CUST is attached to 2 listen-range(s), delete them first"
                let of_group = format!(" peer-group {name}");
                let mut lines = self.blocks[block].iter();
                assert!(!lines.any(|it| it.starts_with("bgp listen range ") && it.ends_with(&of_group)));
            }
            ["bgp", "confederation", "peers", ref gone @ ..] => {
                let lines = self.blocks.get_mut(block).unwrap();
                let line = lines.iter_mut().find(|it| about(it) == about(line)).unwrap();
                let members: Vec<&str> = line.split(' ').filter(|it| !gone.contains(it)).collect();
                *line = members.join(" ");
                lines.retain(|it| it != "bgp confederation peers");
                return;
            }
            ["vrf", _] => drop(self.blocks.remove(line)),
            // An instance with its families, and none of a VRF.
            ["route-map", ..] | ["router", ..] => {
                let start = match words[0] {
                    "router" => format!("{line} / "),
                    _ => format!("{line} "),
                };
                self.blocks
                    .retain(|key, _| key != line && !key.starts_with(&start));
            }
            ["profile", _] => drop(self.blocks.remove(&format!("{block} / {line}"))),
            _ => {
                let start = format!("{line} ");
                let lines = self.blocks.get_mut(block).unwrap();
                lines.retain(|it| it != line && !it.starts_with(&start));
            }
        }
        assert!(self.size() < before, "'{line}' in '{block}' takes nothing back");
    }

    fn size(&self) -> usize {
        self.blocks.values().map(|lines| 1 + lines.len()).sum()
    }

    fn set(&mut self, block: &str, line: &str) {
        let positive = format!("no {line}");
        let lines = self.blocks.entry(block.to_owned()).or_default();
        if let Some(members) = line.strip_prefix("bgp confederation peers ")
            && let Some(has) = lines.iter_mut().find(|it| about(it) == about(line))
        {
            *has += &format!(" {members}");
            return;
        }
        let count = lines.len();
        lines.retain(|it| *it != positive);
        if lines.len() < count {
            return;
        }
        if line.starts_with("rpki cache ") || line.starts_with("set as-path prepend ") {
            let is_other =
                |it: &&String| about(it) == about(line) && it.contains("last-as") != line.contains("last-as");
            let is_cache = line.starts_with("rpki ") && lines.iter().any(|it| about(it) == about(line));
            assert!(
                !is_cache && lines.iter().find(is_other).is_none(),
                "'{line}': the other one first"
            );
        }
        for (kind, other) in [
            ("-list standard ", "-list expanded "),
            ("-list expanded ", "-list standard "),
        ] {
            let name = line
                .split(" seq ")
                .next()
                .unwrap_or_default()
                .replace(kind, other);
            let conflicts = line.contains(kind) && lines.iter().any(|it| it.starts_with(&format!("{name} ")));
            assert!(!conflicts, "'{line}': community name conflict");
        }
        if line.contains(" ospf area ") || line.contains(" ospf6 area ") {
            assert!(
                !lines.iter().any(|it| about(it) == about(line)),
                "'{line}': remove the other area first"
            );
        }
        lines.retain(|it| about(it) != about(line));
        lines.push(line.to_owned());
    }

    /// As a configuration.
    fn text(&self) -> String {
        let mut text = String::from("frr version 8.4.4\n");
        for (block, lines) in &self.blocks {
            text += &block.split(" / ").map(|it| format!("{it}\n")).collect::<String>();
            text += &lines.iter().map(|it| format!(" {it}\n")).collect::<String>();
            text += &"exit\n".repeat(block.split(" / ").filter(|it| !it.is_empty()).count());
        }
        text
    }
}

fn entry(line: &str) -> Option<(&str, &str)> {
    let (map, rest) = line.strip_prefix("route-map ")?.split_once(' ')?;
    Some((map, rest.split_once(' ')?.1))
}

fn owned(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(str::to_owned)
}

pub(super) fn assert_leads(name: &str, before: &str, after: &str) {
    let Some(lines) = change(before, after).lines else {
        panic!("{name}: no way")
    };
    // As FRR spells it.
    let start = "no ip forwarding\nno ipv6 forwarding\n";
    let mut model = Model::run(owned(start).chain(change(start, before).lines.unwrap()));
    let wrong = differences(before, &model.text());
    assert!(wrong.is_empty(), "{name}: the model is wrong: {wrong:#?}");
    model.give(lines.iter().cloned());
    let found = differences(after, &model.text());
    assert!(found.is_empty(), "{name}: {found:#?}\n{}", lines.join("\n"));
}

#[test]
fn every_tree_leads_to_every_other() {
    let own_words = [
        "07-template-override",
        "08-extra-files",
        "47-routes-for-the-kernel",
    ];
    let confs: Vec<(String, String)> = trees()
        .iter()
        .filter(|tree| !own_words.contains(&tree.name().as_str()))
        .map(|tree| (tree.name(), tree.text("run/imp/frr/frr.conf").to_owned()))
        .collect();
    for (from, before) in &confs {
        for (to, after) in &confs {
            assert_leads(&format!("from {from} to {to}"), before, after);
        }
        assert_eq!(change(before, before).lines, Some(Vec::new()));
    }
}

const BGP: &str = "router bgp 64500\n bgp router-id 192.0.2.1\n no bgp default ipv4-unicast\n \
    neighbor G peer-group\n neighbor G remote-as 64500\n neighbor 192.0.2.3 peer-group G\n neighbor 192.0.2.4 peer-group G\n \
    neighbor 192.0.2.4 password own\n neighbor 198.51.100.1 remote-as 64496\n neighbor 198.51.100.1 password s3cret\n \
    neighbor 198.51.100.1 bfd\n neighbor 203.0.113.1 remote-as 64497\n neighbor 203.0.113.1 shutdown\n !\n \
    address-family ipv4 unicast\n  neighbor 198.51.100.1 activate\n  neighbor 198.51.100.1 route-map IN in\n exit-address-family\nexit\n";

fn cost(from: &str, to: &str) -> Vec<Impact> {
    assert!(BGP.contains(from), "no '{from}'");
    change(BGP, &BGP.replacen(from, to, 1)).impacts
}

pub(super) fn resets(peers: &[&str], why: &str) -> Vec<Impact> {
    vec![Impact::ResetsSessions {
        peers: peers.iter().map(|it| (*it).to_owned()).collect(),
        why: why.to_owned(),
    }]
}

#[test]
fn what_resets_a_session_names_it_and_what_does_not_is_live() {
    let live = [
        (
            " neighbor 198.51.100.1 bfd\n",
            " neighbor 198.51.100.1 bfd\n neighbor 198.51.100.1 description x\n",
        ),
        ("route-map IN in", "route-map OTHER in"),
        (
            " neighbor 203.0.113.1 remote-as 64497\n",
            " neighbor 203.0.113.1 remote-as 64498\n",
        ),
        (
            " neighbor 203.0.113.1 remote-as 64497\n",
            " neighbor 203.0.113.1 remote-as 64497\n neighbor 203.0.113.9 remote-as 1\n neighbor 203.0.113.9 password x\n",
        ),
        (
            "  neighbor 198.51.100.1 activate\n",
            "  network 10.0.0.0/8\n  neighbor 198.51.100.1 activate\n",
        ),
    ];
    for (from, to) in live {
        assert_eq!(cost(from, to), [Impact::Live], "{to}");
    }
    let external = ["198.51.100.1"];
    assert_eq!(
        cost("password s3cret", "password 0ther"),
        resets(&external, "the password changes")
    );
    assert_eq!(
        cost("remote-as 64496", "remote-as 64499"),
        resets(&external, "the AS number of the peer changes")
    );
    assert_eq!(
        cost(" neighbor 198.51.100.1 bfd\n", ""),
        resets(
            &external,
            "BFD is taken away; FRR 10 stays down until the peer does the same"
        )
    );
    assert_eq!(
        cost("bgp router-id 192.0.2.1", "bgp router-id 192.0.2.9"),
        resets(
            &["192.0.2.3", "192.0.2.4", "198.51.100.1"],
            "the router id changes"
        )
    );
    // Who has a password of its own keeps it.
    assert_eq!(
        cost(
            " neighbor G remote-as 64500\n",
            " neighbor G remote-as 64500\n neighbor G password x\n"
        ),
        resets(&["192.0.2.3"], "the password changes")
    );
    assert_eq!(
        cost(" neighbor 192.0.2.3 peer-group G\n", ""),
        resets(&["192.0.2.3"], "the neighbour is removed")
    );
    let moved = cost("router bgp 64500", "router bgp 64501");
    assert_eq!(
        moved,
        resets(
            &["192.0.2.3", "192.0.2.4", "198.51.100.1", "203.0.113.1"],
            "'router bgp 64500' is removed"
        )
    );
}

#[test]
fn a_group_is_built_anew_with_its_members() {
    let after = BGP.replace("neighbor G remote-as 64500", "neighbor G remote-as 64777");
    let lines = change(BGP, &after).lines.unwrap();
    let at = |line: &str| {
        lines
            .iter()
            .position(|it| it == line)
            .unwrap_or_else(|| panic!("no '{line}': {lines:#?}"))
    };
    assert!(at("no neighbor 192.0.2.4") < at("no neighbor G peer-group"));
    assert!(at("no neighbor G peer-group") < at("neighbor G remote-as 64777"));
    assert!(at("neighbor G remote-as 64777") < at("neighbor 192.0.2.4 peer-group G"));
    assert!(!lines.iter().any(|it| it.contains("198.51.100.1")), "{lines:#?}");
}

#[test]
fn a_line_of_no_known_kind_is_left_to_the_tool() {
    for line in [
        "router isis T\n net 49.0001.0000.0000.0001.00\n",
        "ip nht resolve-via-default\n",
        "vrf X\n ip nht resolve-via-default\n",
    ] {
        assert_eq!(change(BGP, &format!("{BGP}{line}")).lines, None, "{line}");
    }
}

#[test]
fn one_member_more_among_50000_is_one_line() {
    let list: String = (0..50_000u32)
        .map(|n| {
            format!(
                "ip prefix-list L/{} seq {} permit 10.{}.{}.{}/32\n",
                n / 5000,
                n % 5000 + 1,
                n >> 16,
                (n >> 8) & 255,
                n & 255
            )
        })
        .collect();
    let after = format!("{list}ip prefix-list L/9 seq 6000 permit 11.0.0.0/8\n");
    let there = change(&list, &after).lines.unwrap();
    assert_eq!(there, ["ip prefix-list L/9 seq 6000 permit 11.0.0.0/8"]);
    assert_eq!(
        change(&after, &list).lines.unwrap(),
        ["no ip prefix-list L/9 seq 6000 permit 11.0.0.0/8"]
    );
}

const LISTS: &str = "no ip forwarding\nno ipv6 forwarding\nbgp as-path access-list A seq 5 permit _1_\nbgp community-list standard C seq 5 permit 1:1\n\
    bgp large-community-list expanded L seq 5 permit 1:1:.*\nrouter bgp 64500\n neighbor 198.51.100.1 remote-as 64496\nexit\n\
    route-map IN permit 10\n match as-path A\n set as-path prepend 1 2\nexit\n\
    rpki\n rpki cache 192.0.2.10 3323 preference 1\nexit\n";

#[test]
fn a_list_of_one_entry_is_never_missing_while_it_changes() {
    let after = LISTS.replace("seq 5 permit _1_", "seq 7 permit _2_");
    let lines = change(LISTS, &after).lines.unwrap();
    let expected = [
        "bgp as-path access-list A seq 7 permit _2_",
        "no bgp as-path access-list A seq 5 permit _1_",
    ];
    assert_eq!(lines, expected);
    assert_eq!(change(LISTS, &after).impacts, [Impact::Live]);
}

#[test]
fn an_entry_that_moves_goes_before_it_comes() {
    let more = "bgp as-path access-list A seq 10 permit _2_\n";
    let before = LISTS.replacen("bgp community", &format!("{more}bgp community"), 1);
    let after = LISTS.replace("seq 5 permit _1_", "seq 5 permit _2_");
    let expected = [
        "no bgp as-path access-list A seq 10 permit _2_",
        "bgp as-path access-list A seq 5 permit _2_",
    ];
    assert_eq!(change(&before, &after).lines.unwrap(), expected);
}

#[test]
fn a_list_of_the_other_kind_goes_before_its_name_is_taken() {
    let after = LISTS.replace("standard C seq 5 permit 1:1", "expanded C seq 5 permit _1:1_");
    let expected = [
        "no bgp community-list standard C",
        "bgp community-list expanded C seq 5 permit _1:1_",
    ];
    assert_eq!(change(LISTS, &after).lines.unwrap(), expected);
    assert_leads("another kind", LISTS, &after);
}

#[test]
fn another_prepend_and_another_cache_come_after_the_old_ones() {
    let after = LISTS
        .replace("prepend 1 2", "prepend last-as 2")
        .replace("192.0.2.10", "192.0.2.11");
    let expected = [
        "route-map IN permit 10",
        "no set as-path prepend",
        "set as-path prepend last-as 2",
        "rpki",
        "no rpki cache 192.0.2.10 3323 preference 1",
        "rpki cache 192.0.2.11 3323 preference 1",
        "exit",
    ];
    assert_eq!(change(LISTS, &after).lines.unwrap(), expected);
    assert_leads("prepend and cache", LISTS, &after);
}

#[test]
fn routes_are_looked_at_again_where_the_neighbour_names_the_list_itself() {
    let conf = "ip prefix-list P seq 5 permit 10.0.0.0/8\nipv6 prefix-list P seq 5 permit 2001:db8::/32\n\
        bgp as-path access-list A seq 5 permit _1_\n\
        router bgp 64500\n neighbor G peer-group\n neighbor G remote-as 64497\n neighbor 198.51.100.1 remote-as 64496\n\
        address-family ipv4 unicast\n neighbor 198.51.100.1 prefix-list P in\n neighbor 198.51.100.1 filter-list A in\n \
        neighbor G prefix-list P in\n neighbor 198.51.100.2 prefix-list P out\n exit-address-family\n\
        address-family ipv6 unicast\n neighbor 198.51.100.1 prefix-list P in\n exit-address-family\nexit\n";
    let commands = |from: &str, to: &str| {
        assert!(conf.contains(from), "no '{from}'");
        change(conf, &conf.replacen(from, to, 1)).commands
    };
    let of_v4 = "clear bgp ipv4 unicast 198.51.100.1 soft in";
    assert_eq!(
        commands("10.0.0.0/8", "11.0.0.0/8"),
        [of_v4, "clear bgp ipv4 unicast peer-group G soft in"]
    );
    assert_eq!(
        commands("2001:db8::/32", "2001:db9::/32"),
        ["clear bgp ipv6 unicast 198.51.100.1 soft in"]
    );
    assert_eq!(commands("_1_", "_2_"), [of_v4]);
    // FRR looks by itself where the line is new.
    assert_eq!(commands("filter-list A in", "filter-list B in"), [""; 0]);
}

#[test]
fn routes_and_sessions_of_a_vrf_change_in_it() {
    let before = format!(
        "{BGP}vrf CUST\n ip route 10.0.0.0/8 blackhole\n ip route 10.1.0.0/16 192.0.2.9 20\nexit-vrf\n\
         router bgp 64501 vrf CUST\n bgp router-id 192.0.2.1\n neighbor 192.0.2.9 remote-as 64700\nexit\n"
    );
    let after = before
        .replace("10.1.0.0/16 192.0.2.9 20", "10.1.0.0/16 192.0.2.9 30")
        .replace("10.0.0.0/8 blackhole", "10.2.0.0/16 blackhole")
        .replace(
            "remote-as 64700",
            "remote-as 64700\n neighbor 192.0.2.9 description x",
        );
    let lines = change(&before, &after).lines.unwrap();
    assert_eq!(
        lines,
        [
            "vrf CUST",
            "ip route 10.2.0.0/16 blackhole",
            "ip route 10.1.0.0/16 192.0.2.9 30",
            "no ip route 10.0.0.0/8 blackhole",
            "exit",
            "router bgp 64501 vrf CUST",
            "neighbor 192.0.2.9 description x",
            "exit",
        ]
    );
    let gone = change(&before, BGP).lines.unwrap();
    assert_eq!(
        gone,
        [
            "vrf CUST",
            "no ip route 10.0.0.0/8 blackhole",
            "no ip route 10.1.0.0/16 192.0.2.9 20",
            "exit",
            "no router bgp 64501 vrf CUST",
        ]
    );
    let other = change(&before, &before.replace("64501 vrf CUST", "64502 vrf CUST"))
        .lines
        .unwrap();
    assert_eq!(
        other[..2],
        ["no router bgp 64501 vrf CUST", "router bgp 64502 vrf CUST"]
    );
}

//! Everything a VPP shows of its configuration, without what differs from one start to the next: numbers it gives, counters and
//! times.

use super::machine::Vpp;
use std::collections::{BTreeMap, BTreeSet};

/// The lists whose lines are comparable. That of a plugin that is not loaded is a refusal, the same every time.
const LISTS: [&str; 44] = [
    "show interface address",
    "show lcp",
    "show acl-plugin acl",
    "show abf policy",
    "show ip neighbors",
    "show bond details",
    "show mode",
    "show interface span",
    "show vrrp vr",
    "show policer",
    "show dhcp proxy",
    "show dhcpv6 proxy",
    "show sflow",
    "show flowprobe params",
    "show flowprobe feature",
    "show lldp detail",
    "show nat44 summary",
    "show nat44 interfaces",
    "show nat44 addresses",
    "show nat44 static mappings",
    "show nat timeouts",
    "show nat64 pool",
    "show nat64 prefix",
    "show nat64 interfaces",
    "show nat64 bib all",
    "show det44 interfaces",
    "show det44 mappings",
    "show det44 timeouts",
    "show memif",
    "show ip table",
    "show ip6 table",
    "show gre tunnel",
    "show ipip tunnel",
    "show vxlan tunnel",
    "show ip fib",
    "show ip6 fib",
    "show interface tcp-mss-clamp",
    "show interface secondary-mac-address",
    "show bridge-domain",
    "show wireguard peer",
    "show wireguard interface",
    "show interface rx-placement",
    "show ip mfib",
    "show ip6 mfib",
];
/// The same for each interface.
const OF_EACH: [&str; 3] = ["show interface features", "show ip6 interface", "show abf attach"];

/// What it has; each line under its question and its heading.
pub fn state(vpp: &mut Vpp) -> BTreeSet<String> {
    vpp.settle();
    let mut taps = BTreeMap::new();
    for line in vpp.show("show lcp").lines() {
        if let ["itf-pair:", _, interface, tap, ..] = line.split_whitespace().collect::<Vec<_>>()[..] {
            taps.insert(tap.to_owned(), format!("tap-of-{interface}"));
        }
    }
    let mut show = |question: &str| {
        let renamed = |text: String, (tap, name): (&String, &String)| text.replace(tap, name);
        // Backwards: a tap's VLAN before the tap.
        taps.iter().rev().fold(vpp.show(question), renamed)
    };
    let shown = show("show interface");
    let mut names = BTreeMap::new();
    let (mut lines, mut down) = (BTreeSet::new(), BTreeSet::new());
    for line in shown.lines() {
        if let [name, number, state @ ("up" | "down"), mtu, ..] =
            line.split_whitespace().collect::<Vec<_>>()[..]
        {
            names.insert(number.to_owned(), name.to_owned());
            if state == "down" {
                down.insert(name.to_owned());
            }
            lines.insert(format!("interface {name} {state} {mtu}"));
        }
    }
    let acls = show("show acl-plugin acl");
    let mut tags = BTreeMap::new();
    for line in acls.lines() {
        if let ["acl-index", number, .., tag] = line.split_whitespace().collect::<Vec<_>>()[..] {
            tags.insert(number.to_owned(), tag.to_owned());
        }
    }
    let mut addressed = BTreeSet::new();
    let mut current = String::new();
    for line in show("show interface address").lines() {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            [name, _] if !line.starts_with(' ') => name.clone_into(&mut current),
            ["L3", address, ..] => drop(addressed.insert((current.clone(), address.contains(':')))),
            _ => {}
        }
    }
    let known = Known {
        names,
        tags,
        down,
        addressed,
    };
    for question in LISTS {
        known.collect(question, &show(question), &mut lines);
    }
    for line in show("show bridge-domain").lines() {
        let number = line.split_whitespace().next().unwrap_or_default();
        if number.parse::<u32>().is_ok() {
            let question = format!("show bridge-domain {number} detail");
            known.collect(&question, &show(&question), &mut lines);
        }
    }
    let all: Vec<String> = known.names.values().cloned().collect();
    for question in OF_EACH {
        for interface in &all {
            // They are asked by the names they have.
            let tap = taps.iter().find(|(_, name)| *name == interface);
            let asked = tap.map_or(interface, |(tap, _)| tap);
            known.collect(
                &format!("{question} {interface}"),
                &show(&format!("{question} {asked}")),
                &mut lines,
            );
        }
    }
    lines
}

/// What numbers stand for.
struct Known {
    names: BTreeMap<String, String>,
    tags: BTreeMap<String, String>,
    down: BTreeSet<String>,
    addressed: BTreeSet<(String, bool)>,
}

impl Known {
    /// Whether it says that multicast is taken from an interface which is down or has no address of the family: what VPP hears
    /// there depends on how it came to be, and nobody listens. Or where it goes from there.
    fn is_of_what_is_down(&self, question: &str, words: &str) -> bool {
        let is_v6 = match question {
            "show ip mfib" => false,
            "show ip6 mfib" => true,
            _ => return false,
        };
        let silent =
            |name: &str| self.down.contains(name) || !self.addressed.contains(&(name.to_owned(), is_v6));
        words.starts_with("dpo-") || words.strip_suffix(": Accept,").is_some_and(silent)
    }

    fn collect(&self, question: &str, answer: &str, lines: &mut BTreeSet<String>) {
        let mut heading = String::new();
        let advertises = answer.contains("prefix ");
        for line in answer.lines().filter(|line| !line.trim().is_empty()) {
            // An MTU that changes is not that of an adjacency which only asks for neighbours; and none that nobody hears.
            let is_unheard = line.contains("MTU is") && !advertises || line.contains("-glean: ");
            let words = self.words(question, line);
            let is_unsaid = is_by_chance(&words) || self.is_of_what_is_down(question, &words);
            if is_unheard || words.is_empty() || is_unsaid {
                continue;
            }
            if !line.starts_with(' ') {
                heading.clone_from(&words);
            }
            lines.insert(format!("{question} / {heading} / {words}"));
        }
    }

    /// The line with names in place of numbers, and without what is counted.
    fn words(&self, question: &str, line: &str) -> String {
        let mut words: Vec<String> = Vec::new();
        // How many ask for a table, and how old a neighbour is.
        let skipped = usize::from(question == "show ip neighbors");
        let taken = if line.contains("fib_index:") {
            1
        } else {
            usize::MAX
        };
        let mut all = line.split_whitespace().skip(skipped).take(taken).peekable();
        while let Some(word) = all.next() {
            let before = words.last().map(String::as_str).unwrap_or_default();
            let bare = word.trim_end_matches([':', ',']);
            let named = match before {
                "sw_if_index" => self.names.get(bare),
                "acl-index" => self.tags.get(bare),
                _ => None,
            };
            let counted = [
                "index:",
                "[index:",
                "uRPF:",
                "to:[",
                "via:[",
                "locks:",
                "next:",
                "tx-node",
                "refs:",
                "path:[",
                "path-list:[",
                "entry:",
                "uPRF-list:",
                "pl-index:",
                "adj:",
            ];
            let is_number = word.starts_with('[') && bare.ends_with(']');
            // A number that was handed out, by Linux as well, and how many advertisements were sent.
            let handed_out = [
                "sent",
                "fib_index",
                "idx",
                "fib-idx",
                "sw-if-idx",
                "sw_if_index:",
                "hw_if_index:",
                "instance:",
            ];
            let is_given = word.parse::<u32>().is_ok()
                && (all.peek() == Some(&"type")
                    || handed_out.contains(&before)
                    || question.starts_with("show bridge-domain") && is_of_a_bridge(&words, all.peek())
                    || question.starts_with("show wireguard"));
            if is_number || is_given || counted.iter().any(|begin| word.starts_with(begin)) {
                continue;
            }
            // An interface that has lost its addresses says that ARP is off, and one that never had any does not.
            if ["arp-disabled", "none", "configured"].contains(&word) {
                continue;
            }
            let acl = word.strip_prefix("acl:").and_then(|number| self.tags.get(number));
            words.push(named.or(acl).cloned().unwrap_or_else(|| word.to_owned()));
        }
        words.join(" ")
    }
}

/// Whether a number of a bridge, or of a member, is one that was handed out or counted: those that follow its own, and those that
/// another number follows.
fn is_of_a_bridge(words: &[String], next: Option<&&str>) -> bool {
    let is_a_number = |word: &str| word.parse::<u32>().is_ok();
    match words {
        [] => false,
        [own] if is_a_number(own) => true,
        _ => next.is_some_and(|next| is_a_number(next)),
    }
}

/// Whether it is a group that Linux listens to, which it tells at some time; an address that a random number is part of, for
/// tunnels have no other, and VLANs where they are stood in for; or a count of packets.
fn is_by_chance(words: &str) -> bool {
    let begins = [
        "01:00:5e:",
        "33:33:",
        "fe80::",
        // VPP leaves the group of an address that goes, though another address may belong to it as well. It reports its groups
        // once, when the interface begins to speak IPv6, and hears what is sent to any of them.
        "ff02::1:ff",
        "Last packet ",
        "conform ",
        "exceed ",
        "violate ",
        "last update ",
        "cur lim ",
        "applied inbound ",
        "applied outbound ",
        "used in lookup context ",
        "listener-fd ",
    ];
    let counts = ["samples sent", " tok/period"];
    // Below none, where an address was taken back that a static one had stood on.
    let ends = ["busy tcp ports", "busy udp ports", "busy icmp ports"];
    begins.iter().any(|it| words.starts_with(it))
        || counts.iter().any(|it| words.contains(it))
        || ends.iter().any(|it| words.ends_with(it))
}

//! frr.conf in the form that each release loads fast, with numbers that stay.

use imp::config;
use imp::render::frr::{Frr, Running};
use imp::render::{self, Bindings};
use imp::types::FrrRelease::{self, V8, V10};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const BASE: &str = r#"
config-version = 1
[system]
hostname = "edge1"
[vpp.core]
main-core = 1
[loopbacks.lo0]
addresses = ["192.0.2.1/32"]
[interfaces.external]
match       = { pci = "0000:65:00.0" }
description = "uplink"
addresses   = ["198.51.100.2/29"]
[interfaces.external.vlan.25]
addresses = ["198.51.100.9/29"]
[bgp]
asn = 64500
[bgp.neighbors."198.51.100.1"]
remote-as = 64496
route-map = { in = "IN", out = "OUT" }
[[route-maps.OUT]]
action = "permit"
"#;

/// The usual map: what the list permits is let in, with a mark.
const IN: &str = r#"
[[route-maps.IN]]
action = "permit"
match = { prefix-list = "CUST" }
set = { local-preference = 200 }
[[route-maps.IN]]
action = "deny"
"#;

/// The frr.conf of the base document with this text after it, beside one that runs.
fn beside(running: &str, release: FrrRelease, rest: &str) -> String {
    let file = |text: &str| config::File {
        bytes: text.as_bytes().to_vec(),
        mode: 0o640,
    };
    let files = BTreeMap::from([
        ("imp.toml".to_owned(), file(&format!("{BASE}{rest}"))),
        (
            "extra.conf".to_owned(),
            file("router rip\n distribute-list prefix CUST in\n"),
        ),
        (
            "map.conf".to_owned(),
            file("route-map IN permit 15\n match tag 7\nexit\n"),
        ),
    ]);
    rendered(&config::parse(&files).model.unwrap(), release, running)
}

/// The frr.conf of a document for this FRR, beside one that runs.
pub(super) fn rendered(model: &config::Model, release: FrrRelease, running: &str) -> String {
    let bindings = Bindings {
        frr: Frr {
            release,
            running: Running::from(running.to_owned()),
            ..Frr::default()
        },
        ..Bindings::as_written(model)
    };
    let rendered = render::everything(model, &bindings).unwrap();
    let mut files = rendered.files.into_iter();
    files.find(|file| file.path.ends_with("frr.conf")).unwrap().text
}

fn conf(release: FrrRelease, rest: &str) -> String {
    beside("", release, rest)
}

/// The map over a list of these members.
fn over(members: &[String]) -> String {
    let members: Vec<String> = members.iter().map(|member| format!("\"{member}\"")).collect();
    format!("{IN}[prefix-lists]\nCUST = [{}]\n", members.join(", "))
}

fn members(count: usize) -> Vec<String> {
    (0..count)
        .map(|n| format!("10.{}.{}.0/24", n / 256, n % 256))
        .collect()
}

/// How many lines each list has.
fn lists(conf: &str) -> BTreeMap<&str, usize> {
    let mut lists = BTreeMap::new();
    for line in conf
        .lines()
        .filter_map(|line| line.strip_prefix("ip prefix-list "))
    {
        *lists.entry(line.split(' ').next().unwrap()).or_default() += 1;
    }
    lists
}

fn differences(before: &str, after: &str) -> (Vec<String>, Vec<String>) {
    let set = |text: &str| -> BTreeSet<String> { text.lines().map(str::to_owned).collect() };
    let (before, after) = (set(before), set(after));
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect();
    (only(&before, &after), only(&after, &before))
}

#[test]
fn a_long_list_is_divided_and_each_part_has_an_entry() {
    let conf10 = conf(V10, &over(&members(250)));
    assert_eq!(lists(&conf10), BTreeMap::from([("CUST", 250)]));
    let conf = conf(V8, &over(&members(60)));
    assert_eq!(
        lists(&conf),
        BTreeMap::from([("CUST", 25), ("CUST/2", 25), ("CUST/3", 10)])
    );
    let map = &conf[conf.find("route-map IN").unwrap()..conf.find("route-map OUT").unwrap()];
    let entry = |number: usize, part: &str| {
        format!(
            "route-map IN permit {number}\n match ip address prefix-list {part}\n set local-preference 200\n!\n"
        )
    };
    let expected = [entry(10, "CUST"), entry(20, "CUST/2"), entry(30, "CUST/3")].concat();
    assert_eq!(map, format!("{expected}route-map IN deny 40\n!\n"));
    assert_eq!(
        conf.matches("\nexit\n!\nrouter bgp").count(),
        1,
        "one commit for all of it"
    );
}

#[test]
fn a_new_member_changes_no_other_line() {
    for count in [20, 60] {
        let mut list = members(count);
        let first = conf(V8, &over(&list));
        assert_eq!(beside(&first, V8, &over(&list)), first, "the same again");
        list.insert(0, "9.9.9.0/24".to_owned());
        let second = beside(&first, V8, &over(&list));
        let (gone, new) = differences(&first, &second);
        assert_eq!((gone.len(), new.len()), (0, 1), "{gone:?} {new:?}");
        list.remove(10);
        let (gone, new) = differences(&second, &beside(&second, V8, &over(&list)));
        assert_eq!((gone.len(), new.len()), (1, 0), "{gone:?} {new:?}");
    }
}

#[test]
fn a_full_last_part_is_followed_by_another_between_the_entries() {
    let mut list = members(50);
    let first = conf(V8, &over(&list));
    list.insert(0, "9.9.9.0/24".to_owned());
    let (gone, new) = differences(&first, &beside(&first, V8, &over(&list)));
    let expected = [
        " match ip address prefix-list CUST/3",
        "ip prefix-list CUST/3 seq 5 permit 9.9.9.0/24",
        "route-map IN permit 25",
    ];
    assert_eq!((gone, new), (Vec::new(), expected.map(str::to_owned).to_vec()));
}

#[test]
fn two_ranges_of_a_prefix_are_in_two_parts_where_a_removal_would_deny_it() {
    let ranges = ["10.0.0.0/16", "10.0.0.0/16 le 24", "10.0.0.0/16 ge 30"].map(str::to_owned);
    let eight = conf(V8, &over(&ranges));
    assert_eq!(
        lists(&eight),
        BTreeMap::from([("CUST", 1), ("CUST/2", 1), ("CUST/3", 1)])
    );
    assert_eq!(lists(&conf(V10, &over(&ranges))), BTreeMap::from([("CUST", 3)]));
}

#[test]
fn a_list_that_nothing_uses_is_divided_and_stays_so_once_a_map_does() {
    let uses = over(&members(60));
    let unused = uses.replace("match = { prefix-list = \"CUST\" }\n", "");
    let first = conf(V8, &unused);
    let parts = BTreeMap::from([("CUST", 25), ("CUST/2", 25), ("CUST/3", 10)]);
    assert_eq!(lists(&first), parts);
    let (gone, new) = differences(&first, &beside(&first, V8, &uses));
    let is_member = |line: &&String| line.starts_with("ip prefix-list ");
    assert_eq!(gone.iter().chain(&new).find(is_member), None);
}

#[test]
fn a_list_that_means_something_else_in_parts_is_whole() {
    let mut mixed = members(60);
    mixed[30] = "deny 10.0.0.0/8 le 32".to_owned();
    assert_eq!(lists(&conf(V8, &over(&mixed))), BTreeMap::from([("CUST", 60)]));
    let extended = format!("{}[frr]\nextra-file = \"map.conf\"\n", over(&members(60)));
    assert_eq!(lists(&conf(V8, &extended)), BTreeMap::from([("CUST", 60)]));
    let filter = "[bgp.neighbors.\"198.51.100.3\"]\nremote-as = 64497\nprefix-list = { in = \"CUST\" }\n\
         route-map = { in = \"IN\", out = \"OUT\" }\n";
    let filters = format!("{}{filter}", over(&members(60)));
    assert_eq!(lists(&conf(V8, &filters)), BTreeMap::from([("CUST", 60)]));
    let named = format!("{}[frr]\nextra-file = \"extra.conf\"\n", over(&members(60)));
    assert_eq!(lists(&conf(V8, &named)), BTreeMap::from([("CUST", 60)]));
}

#[test]
fn denies_in_front_are_in_each_part() {
    let mut list = members(40);
    list.insert(0, "deny 10.0.7.0/25".to_owned());
    let first = conf(V8, &over(&list));
    assert_eq!(lists(&first), BTreeMap::from([("CUST", 25), ("CUST/2", 17)]));
    assert_eq!(first.matches(" seq 5 deny 10.0.7.0/25\n").count(), 2);
    list.insert(0, "deny 10.0.8.0/25".to_owned());
    let second = beside(&first, V8, &over(&list));
    let (gone, new) = differences(&first, &second);
    let expected = [
        "ip prefix-list CUST seq 2 deny 10.0.8.0/25",
        "ip prefix-list CUST/2 seq 2 deny 10.0.8.0/25",
    ];
    assert_eq!((gone, new), (Vec::new(), expected.map(str::to_owned).to_vec()));
}

#[test]
fn a_list_that_is_walked_is_written_from_its_end() {
    let mut list = members(5_001);
    list[0] = "deny 11.0.0.0/8".to_owned();
    list.swap(0, 1);
    let ten = conf(V10, &over(&list));
    let mut lines = ten.lines().filter(|line| line.starts_with("ip prefix-list"));
    assert_eq!(
        lines.next().unwrap(),
        "ip prefix-list CUST seq 25005 permit 10.19.136.0/24"
    );
    assert_eq!(
        lines.next_back().unwrap(),
        "ip prefix-list CUST seq 5 permit 10.0.1.0/24"
    );
    assert_eq!(beside(&ten, V10, &over(&list)), ten, "the same again");
}

#[test]
fn frr_10_has_a_block_for_each_interface() {
    let blocks = |conf: &str| -> Vec<String> {
        let lines = conf.lines().filter(|line| line.starts_with("interface "));
        lines.map(str::to_owned).collect()
    };
    let rest = over(&members(1));
    assert_eq!(blocks(&conf(V8, &rest)), ["interface external"]);
    let ten = conf(V10, &rest);
    assert_eq!(
        blocks(&ten),
        ["interface external", "interface external.25", "interface lo0"]
    );
    assert!(ten.contains("interface lo0\nexit\n"));
}

#[test]
fn each_release_gets_its_own_spelling() {
    let neighbor = "[bgp.neighbors.\"203.0.113.9\"]\nremote-as = 64497\nebgp-multihop = 255\n\
        route-map = { in = \"IN\", out = \"OUT\" }\n";
    let rest = format!("{neighbor}{}", over(&["::ffff:0:0/96".to_owned()]));
    let (eight, ten) = (conf(V8, &rest), conf(V10, &rest));
    assert!(
        eight.contains(" neighbor 203.0.113.9 ebgp-multihop 255\n"),
        "{eight}"
    );
    assert!(ten.contains(" neighbor 203.0.113.9 ebgp-multihop\n"), "{ten}");
    assert!(eight.contains("seq 5 permit ::ffff:0:0/96\n"), "{eight}");
    assert!(ten.contains("seq 5 permit ::ffff:0.0.0.0/96\n"), "{ten}");
}

#[test]
fn a_long_route_map_is_numbered_as_far_as_frr_can_count() {
    let mut rest = "[prefix-lists]\nCUST = [\"10.0.0.0/8\"]\n".to_owned();
    for tag in 1..=6_600 {
        let _ = write!(
            rest,
            "[[route-maps.IN]]\naction = \"permit\"\nmatch = {{ tag = {tag} }}\n"
        );
    }
    let conf = conf(V8, &rest);
    let numbers = conf
        .lines()
        .filter_map(|line| line.strip_prefix("route-map IN permit "));
    let numbers: Vec<u32> = numbers.map(|number| number.parse().unwrap()).collect();
    assert_eq!(numbers.len(), 6_600);
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]) && *numbers.last().unwrap() <= 65_535);
}

#[test]
fn an_entry_with_another_match_has_another_number() {
    let lists = "[prefix-lists]\nCUST = [\"10.0.0.0/8\"]\nNEW = [\"11.0.0.0/8\"]\n";
    let first = conf(V8, &format!("{IN}{lists}"));
    let exchanged = format!("{IN}{lists}").replacen("\"CUST\"", "\"NEW\"", 1);
    let (gone, new) = differences(&first, &beside(&first, V8, &exchanged));
    assert_eq!(
        gone,
        [" match ip address prefix-list CUST", "route-map IN permit 10"]
    );
    assert_eq!(
        new,
        [" match ip address prefix-list NEW", "route-map IN permit 11"]
    );
}

#[test]
fn an_entry_that_changes_keeps_its_number_and_one_in_front_gets_a_gap() {
    let community = "[community-lists]\nC = [\"64500:7\"]\n[prefix-lists]\nCUST = [\"10.0.0.0/8\"]\n";
    let first = conf(V8, &format!("{IN}{community}"));
    let changed = format!("{IN}{community}").replace("200", "300");
    let (gone, new) = differences(&first, &beside(&first, V8, &changed));
    assert_eq!(
        (gone, new),
        (
            vec![" set local-preference 200".into()],
            vec![" set local-preference 300".into()]
        )
    );
    let front = "[[route-maps.IN]]\naction = \"permit\"\nmatch = { community-list = \"C\" }\n";
    let (gone, new) = differences(&first, &beside(&first, V8, &format!("{front}{IN}{community}")));
    assert_eq!(gone, Vec::<String>::new());
    assert_eq!(new, [" match community C", "route-map IN permit 5"]);
}

#[test]
fn an_entry_with_a_seq_has_it_and_the_others_stay_around_it() {
    let list = "[prefix-lists]\nCUST = [\"10.0.0.0/8\", \"2001:db8::/32\"]\n";
    let entry = |more: &str| format!("[[route-maps.IN]]\naction = \"permit\"\n{more}");
    let numbers = |conf: &str| -> Vec<String> {
        let lines = conf
            .lines()
            .filter_map(|line| line.strip_prefix("route-map IN permit "));
        lines.map(str::to_owned).collect()
    };
    let over = "match = { prefix-list = \"CUST\" }\n";
    let rest = [
        entry(over),
        entry(&format!("seq = 25\n{over}then = 100\n")),
        entry("match = { tag = 5 }\n"),
        entry("seq = 100\n"),
        list.to_owned(),
    ]
    .concat();
    let first = conf(V8, &rest);
    assert_eq!(numbers(&first), ["10", "20", "25", "35", "45", "100"]);
    assert!(
        first.contains("route-map IN permit 35\n match ipv6 address prefix-list CUST\n on-match goto 100\n")
    );
    assert_eq!(beside(&first, V8, &rest), first, "the same again");
    // There is no room for the second part of a long list: the target moves, and whoever goes there goes on.
    let members: Vec<String> = (0..30).map(|n| format!("\"10.{n}.0.0/16\"")).collect();
    let narrow = [
        entry("match = { tag = 5 }\n"),
        entry(&format!("seq = 99\n{over}then = 100\n")),
        entry("seq = 100\n"),
        format!("[prefix-lists]\nCUST = [{}]\n", members.join(", ")),
    ];
    let narrow = conf(V8, &narrow.concat());
    assert_eq!(numbers(&narrow), ["10", "20", "30", "40"]);
    assert!(
        narrow.contains("route-map IN permit 30\n match ip address prefix-list CUST/2\n on-match goto 40\n")
    );
}

#[test]
fn every_tree_beside_itself_keeps_its_numbers() {
    for release in [V8, V10] {
        for name in [
            "12-every-word-of-routing",
            "45-policy-in-every-word",
            "46-policy-of-a-member",
        ] {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("tests/trees")
                .join(name)
                .join("root/persistent/config");
            let files = crate::pure::config::private(super::files(&folder));
            let model = config::parse(&files).model.unwrap();
            let render = |running: &str| rendered(&model, release, running);
            let first = render("");
            assert_eq!(render(&first), first, "{name}");
        }
    }
}

#[test]
fn without_its_module_nothing_is_said_of_rpki() {
    let rest = "[rpki]\ncaches.\"192.0.2.10\" = { port = 3323 }\n\
        [[route-maps.IN]]\naction = \"deny\"\nmatch = { rpki = \"invalid\" }\n\
        [[route-maps.IN]]\naction = \"permit\"\ncall = \"ONLY\"\n\
        [[route-maps.ONLY]]\naction = \"permit\"\nmatch = { rpki = \"valid\" }\n";
    let file = config::File {
        bytes: format!("{BASE}{rest}").into_bytes(),
        mode: 0o640,
    };
    let model = config::parse(&BTreeMap::from([("imp.toml".to_owned(), file)]))
        .model
        .unwrap();
    let render = |lacks: &[imp::types::BgpModule]| {
        let bindings = Bindings {
            frr: Frr {
                lacks: lacks.iter().copied().collect(),
                ..Frr::default()
            },
            ..Bindings::as_written(&model)
        };
        let files = render::everything(&model, &bindings).unwrap().files;
        let text = |end: &str| {
            files
                .iter()
                .find(|file| file.path.ends_with(end))
                .unwrap()
                .text
                .clone()
        };
        (text("frr.conf"), text("daemons"))
    };
    let (conf, daemons) = render(&[]);
    assert!(conf.contains("rpki\n rpki cache 192.0.2.10 3323 preference 1\nexit\n"));
    assert!(daemons.contains(" -M rpki\""));
    let (conf, daemons) = render(&[imp::types::BgpModule::Rpki]);
    assert!(!conf.contains("rpki") && !daemons.contains("rpki"), "{conf}");
    // A map that is called and not there would permit.
    assert!(conf.contains("route-map ONLY deny 10\n"), "{conf}");
}

/// What a frr.conf says of a route: the action and the local preference of the first entry that takes it.
fn verdict(conf: &str, address: u32, length: u8) -> (bool, bool) {
    let mut entries = conf.split("route-map IN ").skip(1);
    let taken = entries.find(|entry| {
        let list = entry
            .lines()
            .find_map(|line| line.strip_prefix(" match ip address prefix-list "));
        list.is_none_or(|list| permits(conf, list, address, length))
    });
    let taken = taken.unwrap_or("deny");
    (
        taken.starts_with("permit"),
        taken.contains("set local-preference"),
    )
}

fn permits(conf: &str, list: &str, address: u32, length: u8) -> bool {
    let start = format!("ip prefix-list {list} seq ");
    let matches = |member: &&str| {
        let words: Vec<&str> = member.split(' ').collect();
        let prefix: ipnet::Ipv4Net = words[2].parse().unwrap();
        let bound = |word| {
            words
                .iter()
                .position(|w| *w == word)
                .map(|at| words[at + 1].parse::<u8>().unwrap())
        };
        let (low, high) = match (bound("ge"), bound("le")) {
            (None, None) => (prefix.prefix_len(), prefix.prefix_len()),
            (ge, le) => (ge.unwrap_or(prefix.prefix_len()), le.unwrap_or(32)),
        };
        prefix.contains(&std::net::Ipv4Addr::from(address)) && (low..=high).contains(&length)
    };
    let members = conf.lines().filter_map(|line| line.strip_prefix(&start));
    members
        .into_iter()
        .find(matches)
        .is_some_and(|member| member.contains(" permit "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Divided or not, now or after a change, the map says the same of every route.
    #[test]
    fn the_parts_mean_what_the_list_means(
        rules in proptest::collection::btree_set((0..6_u32, 18..22_u8, 0..3_u8), 1..80),
        removed in 0..40_usize,
        denies in any::<bool>(),
    ) {
        let member = |(net, length, le): &(u32, u8, u8)| {
            let prefix = ipnet::Ipv4Net::new((net << 11 << (32 - 21)).into(), *length).unwrap().trunc();
            let le = if *le == 0 { String::new() } else { format!(" le {}", length + le) };
            format!("{prefix}{le}")
        };
        let list: BTreeSet<String> = rules.iter().map(member).collect();
        let mut list: Vec<String> = list.into_iter().collect();
        if denies {
            list[0] = format!("deny {}", list[0]);
        }
        let before = conf(V8, &over(&list));
        if list.len() > 1 {
            list.remove(removed % list.len());
        }
        // FRR 10's parts are so long that this list is whole.
        let whole = conf(V10, &over(&list));
        let divided = beside(&before, V8, &over(&list));
        for net in 0..8_u32 {
            for length in 17..26 {
                let address = net << 11 << (32 - 21);
                prop_assert_eq!(verdict(&divided, address, length), verdict(&whole, address, length));
            }
        }
    }
}

//! Prefix-lists that stand in files: one member a line, or as bgpq4 writes them.
#![allow(clippy::unwrap_used)]

use super::config::{files, said};
use imp::config::{self, Parsed};

const DOCUMENT: &str = "config-version = 1\n[system]\nhostname = \"edge1\"\n\
    [prefix-lists]\nL = { file = \"lists/l.txt\" }\n\
    [[route-maps.M]]\naction = \"permit\"\nmatch = { prefix-list = \"L\" }\n\
    [bgp]\nasn = 64500\nrouter-id = \"192.0.2.1\"\n\
    [bgp.peer-groups.G]\nroute-map = { in = \"M\" }\n\
    [loopbacks.lo0]\naddresses = [\"192.0.2.1/32\"]\n[vpp.core]\n\
    [bgp.neighbors.\"192.0.2.9\"]\nremote-as = 64500\nupdate-source = \"192.0.2.1\"\npeer-group = \"G\"\n[routes]\n\"192.0.2.9/32\" = { blackhole = true }\n";

fn parse(list: &str) -> Parsed {
    config::parse(&files(&[("imp.toml", DOCUMENT), ("lists/l.txt", list)]))
}

/// The members of a list that must be accepted without a word, as FRR has them.
fn members(list: &str) -> Vec<String> {
    let parsed = parse(list);
    assert_eq!(said(&parsed), "", "{list}");
    let model = parsed.model.unwrap();
    let list = model.prefix_lists.values().next().unwrap();
    let v4 = list
        .v4
        .iter()
        .map(|r| format!("{:?} {} {} {}", r.action, r.prefix, r.ge, r.le));
    let v6 = list
        .v6
        .iter()
        .map(|r| format!("{:?} {} {} {}", r.action, r.prefix, r.ge, r.le));
    v4.chain(v6).collect()
}

#[test]
fn a_member_stands_in_each_line() {
    let list = "# customers\n\n192.0.2.0/24\n 198.51.100.0/22 le 24 # more\r\ndeny 203.0.113.0/24 ge 25 le 32\n2001:db8::/32";
    assert_eq!(
        members(list),
        [
            "Permit 192.0.2.0/24 0 0",
            "Permit 198.51.100.0/22 0 24",
            "Deny 203.0.113.0/24 25 32",
            "Permit 2001:db8::/32 0 0",
        ]
    );
}

/// One list in each of bgpq4's formats; all say the same.
const FORMATS: [(&str, &str); 10] = [
    (
        "-F '%n/%l\\n' and ranges",
        "192.0.2.0/24\n198.51.100.0/22 ge 24 le 24\n203.0.113.0/24 le 32\n",
    ),
    (
        "IOS",
        "no ip prefix-list NN\nip prefix-list NN permit 192.0.2.0/24\n\
         ip prefix-list NN permit 198.51.100.0/22 ge 24 le 24\nip prefix-list NN permit 203.0.113.0/24 le 32\n",
    ),
    (
        "IOS -s",
        "no ip prefix-list NN\nip prefix-list NN seq 1 permit 192.0.2.0/24\n\
         ip prefix-list NN seq 2 permit 198.51.100.0/22 ge 24 le 24\nip prefix-list NN seq 3 permit 203.0.113.0/24 le 32\n",
    ),
    (
        "Arista",
        "no ip prefix-list NN\n!\nip prefix-list NN\n   seq 1 permit 192.0.2.0/24\n\
         \x20  seq 2 permit 198.51.100.0/22 ge 24 le 24\n   seq 3 permit 203.0.113.0/24 le 32\n",
    ),
    (
        "IOS XR",
        "no prefix-set NN\nprefix-set NN\n 192.0.2.0/24,\n 198.51.100.0/22 ge 24 le 24,\n 203.0.113.0/24 le 32\nend-set\n",
    ),
    (
        "Junos route-filter",
        "policy-options {\n policy-statement NN {\nreplace:\n  from {\n    route-filter 192.0.2.0/24 exact;\n\
         \x20   route-filter 198.51.100.0/22 prefix-length-range /24-/24;\n    route-filter 203.0.113.0/24 upto /32;\n  }\n }\n}\n",
    ),
    (
        "Junos route-filter-list",
        "policy-options {\nreplace:\n route-filter-list NN {\n    192.0.2.0/24;\n\
         \x20   198.51.100.0/22 prefix-length-range /24-/24;\n    203.0.113.0/24 orlonger;\n }\n}\n",
    ),
    (
        "BIRD",
        "NN = [\n    192.0.2.0/24,\n    198.51.100.0/22{24,24}, 203.0.113.0/24+\n];\n",
    ),
    (
        "OpenBGPD",
        "prefix-set NN {\n\t192.0.2.0/24\n\t198.51.100.0/22 prefixlen 24 - 24\n\t203.0.113.0/24 prefixlen 24 - 32\n}\n",
    ),
    (
        "JSON",
        "{ \"NN\": [\n    { \"prefix\": \"192.0.2.0\\/24\", \"exact\": true },\n\
         \x20   { \"prefix\": \"198.51.100.0\\/22\", \"exact\": false, \"greater-equal\": 24, \"less-equal\": 24 },\n\
         \x20   { \"prefix\": \"203.0.113.0/24\", \"exact\": false, \"less-equal\": 32 }\n] }\n",
    ),
];

#[test]
fn what_bgpq4_writes_is_read_as_it_is() {
    for (format, list) in FORMATS {
        assert_eq!(
            members(list),
            [
                "Permit 192.0.2.0/24 0 0",
                "Permit 198.51.100.0/22 24 24",
                "Permit 203.0.113.0/24 0 32",
            ],
            "{format}"
        );
    }
}

#[test]
fn a_wrong_member_is_shown_where_it_stands() {
    let list = "192.0.2.0/24\n192.0.2.1/24\n# x\n  10.0.0.0/8 le 7\n10.0.0.0/8 or more\n192.0.2.0/24\n";
    let parsed = parse(list);
    assert!(parsed.model.is_none());
    let text = said(&parsed);
    for line in [
        "error[E0320]: 'lists/l.txt:2' is not a valid prefix-list entry\n --> lists/l.txt:2:1\n",
        "2 | 192.0.2.1/24\n  | ^^^^^^^^^^^^ expected a prefix without host bits, like 192.0.2.0/24",
        "error[E0321]: 'lists/l.txt:4' has impossible bounds\n --> lists/l.txt:4:3\n",
        " --> lists/l.txt:5:1\n",
        "warning[E0322]: 'lists/l.txt:6' matches the same prefixes as an earlier entry\n --> lists/l.txt:6:1\n",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn what_is_no_list_is_refused() {
    for (list, code) in [
        ("", "E0323"),
        ("# nothing\n", "E0323"),
        ("{ \"NN\": [\n", "E0320"),
        (
            "{ \"NN\": [ { \"prefix\": \"192.0.2.0/24\", \"ge\": 1 } ] }",
            "E0320",
        ),
        ("ip access-list NN permit 192.0.2.0/24\n", "E0320"),
        ("<html>\n", "E0320"),
    ] {
        let parsed = parse(list);
        let text = said(&parsed);
        assert!(parsed.model.is_none() && text.contains(code), "{list}\n{text}");
    }
    let missing = config::parse(&files(&[("imp.toml", DOCUMENT)]));
    assert!(said(&missing).contains("error[E0110]: 'lists/l.txt' cannot be read"));
}

#[test]
fn a_list_is_part_of_the_generation() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("lists")).unwrap();
    std::fs::write(dir.path().join("imp.toml"), DOCUMENT).unwrap();
    std::fs::write(dir.path().join("lists/l.txt"), "192.0.2.0/24\n").unwrap();
    let folder = config::Folder::new(dir.path());
    assert!(config::parse(&folder).model.is_some());
    let kept = folder.read_files();
    assert_eq!(kept.keys().collect::<Vec<_>>(), ["imp.toml", "lists/l.txt"]);
    assert!(config::parse(&kept).model.is_some());
}

//! Other systems' configurations as documents: what each key comes from, what is left out and why, and that nothing that is
//! let through by a route-map is more than before.
#![allow(clippy::unwrap_used)]

mod frr;
mod junos_policy;
mod junos_router;
mod sonic;
mod vppcfg;

use imp::config::{self, File, report};
use imp::import::{Imported, Original, Source, import};
use imp::render::{self, Bindings};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const FOLDER: &str = "tests/pure/import";

fn originals(path: &str) -> Vec<Original> {
    let path = Path::new(FOLDER).join(path);
    let mut files: Vec<PathBuf> = match path.is_dir() {
        true => path
            .read_dir()
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect(),
        false => vec![path],
    };
    files.sort();
    let original = |path: &PathBuf| Original {
        name: path.file_name().unwrap().to_str().unwrap().to_owned(),
        text: fs::read_to_string(path).unwrap(),
    };
    files.iter().map(original).collect()
}

/// What is imported here: the source, the files, and the name of what is expected.
const SAMPLES: [(Source, &str, &str); 13] = [
    (Source::Imp, "appliance", "appliance"),
    (Source::Frr, "router.conf", "router"),
    (Source::Junos, "edge.set", "edge"),
    (Source::Junos, "border.set", "border-set"),
    (Source::Junos, "border.conf", "border-braces"),
    (Source::Junos, "border.json", "border-json"),
    (Source::Sonic, "config_db.json", "sonic"),
    (Source::Vppcfg, "vppcfg.yaml", "vppcfg"),
    (Source::Imp, "appliance-vrfs", "vrfs-appliance"),
    (Source::Frr, "vrfs.conf", "vrfs-frr"),
    (Source::Junos, "pe.conf", "vrfs-junos"),
    (Source::Junos, "switch.conf", "switch-junos"),
    (Source::Sonic, "vrf_config_db.json", "vrfs-sonic"),
];

fn said(imported: &Imported) -> String {
    report::text(&imported.checked.diagnostics, &imported.checked.sources, false)
}

/// `BLESS=1` writes what is expected.
#[test]
fn each_sample_becomes_the_expected_document() {
    for (source, path, name) in SAMPLES {
        let imported = import(source, &originals(path));
        for (suffix, text) in [("toml", &imported.toml), ("findings", &said(&imported))] {
            let expected = Path::new(FOLDER).join(format!("expected/{name}.{suffix}"));
            if std::env::var_os("BLESS").is_some() {
                fs::create_dir_all(expected.parent().unwrap()).unwrap();
                fs::write(&expected, text).unwrap();
            }
            let there = fs::read_to_string(&expected).unwrap();
            assert_eq!(*text, there, "{}", expected.display());
        }
        for line in &imported.left {
            assert!(
                imported.toml.contains(&format!("# not imported: {line}\n")),
                "{line}"
            );
        }
    }
}

/// Every secret of the samples begins with `invented`, or is the `lc` that Junos has encoded.
#[test]
fn secrets_are_in_their_files_and_nowhere_else() {
    for (source, path, name) in SAMPLES {
        let imported = import(source, &originals(path));
        let shown = format!("{}{}{}", imported.toml, imported.left.join("\n"), said(&imported));
        assert!(!shown.contains("invented"), "{name}: {shown}");
        assert!(!shown.contains("LbHX"), "{name}: {shown}");
        for (path, text) in &imported.secrets {
            assert!(imported.toml.contains(&format!("\"{path}\"")), "{name}: {path}");
            assert!(text.starts_with("invented") || text == "lc\n", "{name}: {path}");
        }
    }
    let appliance = import(Source::Imp, &originals("appliance"));
    assert_eq!(appliance.secrets["secrets/bgp-198.51.100.1"], "invented-1\n");
}

/// Once the document says which NIC is which, and what the host is called, the check takes it.
#[test]
fn what_is_imported_passes_the_check_once_it_names_its_nics() {
    for (source, path, name) in SAMPLES {
        // Of the others something is held back that is used, nobody knows the addresses of bridges, or which table one is.
        let passing = [
            "edge",
            "sonic",
            "vppcfg",
            "vrfs-frr",
            "vrfs-junos",
            "switch-junos",
            "vrfs-sonic",
        ];
        if !passing.contains(&name) {
            continue;
        }
        let imported = import(source, &originals(path));
        let mut number = 0;
        let completed: Vec<String> = imported
            .toml
            .lines()
            .map(|line| match line {
                line if line.starts_with("# Which NIC is") => {
                    number += 1;
                    format!("match = {{ pci = \"0000:65:{number:02x}.0\" }}")
                }
                line if line.starts_with("# hostname is missing") => "hostname = \"edge1\"".to_owned(),
                line => line.to_owned(),
            })
            .collect();
        let mut files: BTreeMap<String, Vec<u8>> = imported
            .secrets
            .iter()
            .map(|(path, text)| (path.clone(), text.clone().into_bytes()))
            .collect();
        files.insert("imp.toml".to_owned(), completed.join("\n").into_bytes());
        let parsed = config::parse(&super::config::private(files));
        let said = report::text(&parsed.diagnostics, &parsed.sources, false);
        let errors = said.lines().filter(|line| line.starts_with("error["));
        // An ACL that is held back is missed where it is used.
        let others: Vec<&str> = errors.filter(|line| !line.starts_with("error[E0831]")).collect();
        assert!(others.is_empty(), "{name}: {said}");
    }
}

/// The lines of a document without what says where they come from, sorted.
fn bare(imported: &Imported) -> Vec<String> {
    let bare = |line: &str| line.split("  # ").next().unwrap().to_owned();
    let mut lines: Vec<String> = imported.toml.lines().map(bare).collect();
    lines.sort();
    lines
}

#[test]
fn a_bond_and_a_filter_are_read_in_each_form_of_junos() {
    let set = junos(
        "set interfaces ge-0/0/0 gigether-options 802.3ad ae0\nset interfaces ae0 aggregated-ether-options lacp active\n\
         set interfaces ae0 unit 7 vlan-tags outer 10 inner 20\nset interfaces ae0 unit 7 family inet filter input F\n\
         set interfaces ae0 unit 7 family inet address 192.0.2.2/24 vrrp-group 5 virtual-address 192.0.2.1\n\
         set protocols vrrp version-3\nset firewall family inet filter F term a from protocol tcp\n\
         set firewall family inet filter F term a from destination-port ssh\nset firewall family inet filter F term a then accept\n",
    );
    let braces = junos(
        "interfaces {\n ge-0/0/0 {\n gigether-options {\n 802.3ad ae0;\n }\n }\n ae0 {\n aggregated-ether-options {\n lacp {\n active;\n }\n }\n\
         unit 7 {\n vlan-tags outer 10 inner 20;\n family inet {\n filter {\n input F;\n }\n address 192.0.2.2/24 {\n vrrp-group 5 {\n\
         virtual-address 192.0.2.1;\n }\n }\n }\n }\n }\n}\nprotocols {\n vrrp {\n version-3;\n }\n}\nfirewall {\n family inet {\n filter F {\n\
         term a {\n from {\n protocol tcp;\n destination-port ssh;\n }\n then accept;\n }\n }\n }\n}\n",
    );
    let json = junos(
        r#"{"configuration": {"interfaces": {"interface": [{"name": "ge-0/0/0", "gigether-options": {"ieee-802.3ad": {"bundle": "ae0"}}},
        {"name": "ae0", "aggregated-ether-options": {"lacp": {"active": [null]}}, "unit": [{"name": 7, "vlan-tags": {"outer": "10", "inner": "20"},
        "family": {"inet": {"filter": {"input": {"filter-name": "F"}}, "address": [{"name": "192.0.2.2/24", "vrrp-group": [{"name": 5,
        "virtual-address": ["192.0.2.1"]}]}]}}}]}]}, "protocols": {"vrrp": {"version-3": [null]}}, "firewall": {"family": {"inet": {"filter":
        [{"name": "F", "term": [{"name": "a", "from": {"protocol": ["tcp"], "destination-port": ["ssh"]}, "then": {"accept": [null]}}]}]}}}}}"#,
    );
    assert_eq!(set.left, [""; 0]);
    assert_eq!(bare(&braces), bare(&set));
    assert_eq!(bare(&json), bare(&set));
    assert!(
        bare(&set).contains(&"[interfaces.ae0.vlan.10.inner.20]".to_owned()),
        "{}",
        set.toml
    );
}

/// Each line is in the document that was made.
#[track_caller]
fn says(imported: &Imported, lines: &[&str]) {
    for line in lines {
        assert!(
            imported.toml.contains(line),
            "{line}\n{}\n{:?}",
            imported.toml,
            imported.left
        );
    }
}

fn junos(text: &str) -> Imported {
    let (name, text) = ("x".to_owned(), text.to_owned());
    import(Source::Junos, &[Original { name, text }])
}

#[test]
fn a_vrf_and_a_bridge_domain_are_read_in_each_form_of_junos() {
    let set = junos(
        "set interfaces ge-0/0/0 unit 10 vlan-id 10\nset interfaces ge-0/0/0 unit 20 vlan-id 20\n\
         set interfaces ge-0/0/1 unit 0 family bridge interface-mode trunk\nset interfaces ge-0/0/1 unit 0 family bridge vlan-id-list 20\n\
         set interfaces irb unit 5 family inet address 192.0.2.1/26\nset interfaces lo0 unit 7 family inet address 192.0.2.77/32\n\
         set bridge-domains LAN vlan-id 20\nset bridge-domains LAN interface ge-0/0/0.20\nset bridge-domains LAN routing-interface irb.5\n\
         set routing-instances CUST instance-type vrf\nset routing-instances CUST interface ge-0/0/0.10\n\
         set routing-instances CUST interface irb.5\nset routing-instances CUST interface lo0.7\n\
         set routing-instances CUST route-distinguisher 64500:1\nset routing-instances CUST vrf-target target:64500:1\n\
         set routing-instances CUST routing-options static route 10.0.0.0/8 next-hop 192.0.2.9\n\
         set routing-instances CUST routing-options autonomous-system 64501\n\
         set routing-instances CUST protocols bgp group CPE neighbor 192.0.2.9 peer-as 64700\n\
         set routing-instances CUST protocols bgp group CPE import IN\n",
    );
    let braces = junos(
        "interfaces {\n ge-0/0/0 {\n unit 10 {\n vlan-id 10;\n }\n unit 20 {\n vlan-id 20;\n }\n }\n ge-0/0/1 {\n unit 0 {\n family bridge {\n\
         interface-mode trunk;\n vlan-id-list [ 20 ];\n }\n }\n }\n irb {\n unit 5 {\n family inet {\n address 192.0.2.1/26;\n }\n }\n }\n\
         lo0 {\n unit 7 {\n family inet {\n address 192.0.2.77/32;\n }\n }\n }\n}\nbridge-domains {\n LAN {\n vlan-id 20;\n interface ge-0/0/0.20;\n\
         routing-interface irb.5;\n }\n}\nrouting-instances {\n CUST {\n instance-type vrf;\n interface ge-0/0/0.10;\n interface irb.5;\n interface lo0.7;\n\
         route-distinguisher 64500:1;\n vrf-target target:64500:1;\n routing-options {\n static {\n route 10.0.0.0/8 next-hop 192.0.2.9;\n }\n\
         autonomous-system 64501;\n }\n protocols {\n bgp {\n group CPE {\n neighbor 192.0.2.9 {\n peer-as 64700;\n }\n import IN;\n }\n }\n }\n }\n}\n",
    );
    let json = junos(
        r#"{"configuration": {"interfaces": {"interface": [{"name": "ge-0/0/0", "unit": [{"name": 10, "vlan-id": "10"}, {"name": 20, "vlan-id": "20"}]},
        {"name": "ge-0/0/1", "unit": [{"name": 0, "family": {"bridge": {"interface-mode": "trunk", "vlan-id-list": ["20"]}}}]},
        {"name": "irb", "unit": [{"name": 5, "family": {"inet": {"address": [{"name": "192.0.2.1/26"}]}}}]},
        {"name": "lo0", "unit": [{"name": 7, "family": {"inet": {"address": [{"name": "192.0.2.77/32"}]}}}]}]},
        "bridge-domains": {"domain": [{"name": "LAN", "vlan-id": "20", "interface": [{"name": "ge-0/0/0.20"}], "routing-interface": "irb.5"}]},
        "routing-instances": {"instance": [{"name": "CUST", "instance-type": "vrf",
        "interface": [{"name": "ge-0/0/0.10"}, {"name": "irb.5"}, {"name": "lo0.7"}],
        "route-distinguisher": {"rd-type": "64500:1"}, "vrf-target": {"community": "target:64500:1"},
        "routing-options": {"static": {"route": [{"name": "10.0.0.0/8", "next-hop": ["192.0.2.9"]}]}, "autonomous-system": {"as-number": "64501"}},
        "protocols": {"bgp": {"group": [{"name": "CPE", "neighbor": [{"name": "192.0.2.9", "peer-as": "64700"}], "import": ["IN"]}]}}}]}}}"#,
    );
    assert_eq!(set.left.len(), 2, "{:?}", set.left);
    // What is not imported names its line, which is another one in each form.
    let bare = |imported: &Imported| {
        let mut lines = bare(imported);
        lines.retain(|line| !line.starts_with("# not imported"));
        lines
    };
    let reasons = |imported: &Imported| -> Vec<String> {
        let reasons = imported
            .left
            .iter()
            .map(|line| line.split_once(' ').unwrap().1.to_owned());
        reasons.collect()
    };
    assert_eq!(bare(&braces), bare(&set));
    assert_eq!(bare(&json), bare(&set));
    assert_eq!(reasons(&braces), reasons(&set));
    assert_eq!(reasons(&json), reasons(&set));
    for line in [
        "[bridges.LAN]",
        "members   = [\"ge-0-0-0.20\", \"ge-0-0-1.20\"]",
        "[vrfs.CUST.bgp.neighbors.\"192.0.2.9\"]",
        "asn = 64501",
    ] {
        assert!(bare(&set).contains(&line.to_owned()), "{line}: {}", set.toml);
    }
    assert_eq!(set.toml.matches("= \"CUST\"").count(), 3, "{}", set.toml);
}

/// The interface would be in the VRF as a whole.
#[test]
fn a_unit_that_is_no_link_is_in_no_vrf() {
    let imported = junos(
        "set interfaces ge-0/0/0 unit 0 family inet address 192.0.2.1/24\nset routing-instances V instance-type virtual-router\n\
         set routing-instances V interface ge-0/0/0.7\nset bridge-domains LAN interface ge-0/0/0.8\n",
    );
    assert!(
        !imported.toml.contains("\nvrf       = \"V\""),
        "{}",
        imported.toml
    );
    assert!(!imported.toml.contains("members"), "{}", imported.toml);
    let why = "this unit has no vlan-id, and so is no VLAN";
    assert_eq!(
        imported.left,
        [
            format!("x:3 'routing-instances V interface ge-0/0/0.7': {why}"),
            format!("x:4 'bridge-domains LAN interface ge-0/0/0.8': {why}"),
            "x:4 'LAN': it has no ports".to_owned(),
        ]
    );
}

#[test]
fn the_table_of_a_vrf_stays_when_others_come() {
    let instance = |name: &str| format!("set routing-instances {name} instance-type virtual-router\n");
    let table = |text: &str| {
        let parsed = junos(text).toml;
        let vrf = parsed.split("[vrfs.M]").nth(1).unwrap().to_owned();
        vrf.lines()
            .find(|line| line.starts_with("table"))
            .unwrap()
            .to_owned()
    };
    let alone = table(&instance("M"));
    assert_eq!(
        table(&format!("{}{}{}", instance("A"), instance("M"), instance("Z"))),
        alone
    );
    assert_eq!(table(&format!("{}{}", instance("Z"), instance("M"))), alone);
}

/// The sections of a document that say what FRR does, with the keys of links that FRR has; or all the others.
fn sections(document: &str, of_frr: bool) -> String {
    let mut kept = String::new();
    let (mut section, mut is_nested) = (String::new(), false);
    for line in document.lines() {
        if line.starts_with('[') {
            let name = line.trim_start_matches('[').split([']', ' ']).next().unwrap();
            section = name.split('.').next().unwrap().to_owned();
            // The table of a VRF is the kernel's.
            is_nested = match section.as_str() {
                "vrfs" => name.split('.').count() > 2,
                _ => [".ospf", ".ospf6"].iter().any(|end| name.ends_with(end)),
            };
        }
        let is_link = ["interfaces", "loopbacks", "bridges", "tunnels", "vrfs"].contains(&section.as_str());
        let key = line.split([' ', '=']).next().unwrap();
        let is_frr = match is_link {
            true => is_nested || ["description", "ospf", "ospf6"].contains(&key),
            false => [
                "routes",
                "bgp",
                "bfd",
                "prefix-lists",
                "community-lists",
                "route-maps",
                "ospf",
                "ospf6",
            ]
            .contains(&section.as_str()),
        };
        if is_frr == of_frr || (is_link && !is_nested && line.starts_with('[')) {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

fn frr_conf(files: &BTreeMap<String, File>, name: &str) -> String {
    let parsed = config::parse(files);
    let said = report::text(&parsed.diagnostics, &parsed.sources, false);
    let model = parsed.model.unwrap_or_else(|| panic!("{name}: {said}"));
    let everything = render::everything(&model, &Bindings::as_written(&model)).unwrap();
    let conf = everything
        .files
        .iter()
        .find(|file| file.path.ends_with("frr/frr.conf"));
    conf.unwrap().text.clone()
}

/// What FRR is given by a golden tree, imported and rendered again, is what it was.
#[test]
fn frr_conf_survives_the_way_there_and_back() {
    let trees = [
        "01-example",
        // Not where statics are redistributed: the blackholes behind its networks would be written routes then.
        "06-three-nats",
        "09-unicode",
        "11-bridges",
        "12-every-word-of-routing",
        "14-long-lists",
        "20-hoster",
        "50-ospf",
        "70-vrfs",
    ];
    for tree in trees {
        let folder = Path::new("tests/trees").join(tree);
        let conf = fs::read_to_string(folder.join("expected/run/imp/frr/frr.conf")).unwrap();
        let text = fs::read_to_string(folder.join("root/persistent/config/imp.toml")).unwrap();
        let original = Original {
            name: "frr.conf".to_owned(),
            text: conf.clone(),
        };
        let imported = import(Source::Frr, &[original]);
        assert_eq!(imported.left, [""; 0], "{tree}");
        let mut files: BTreeMap<String, Vec<u8>> = imported
            .secrets
            .iter()
            .map(|(path, text)| (path.clone(), text.clone().into_bytes()))
            .collect();
        for entry in ["identity", "incus", "lists", "secrets"] {
            let Ok(entries) = folder.join("root/persistent/config").join(entry).read_dir() else {
                continue;
            };
            for file in entries.map(|file| file.unwrap().path()) {
                let name = file.file_name().unwrap().to_str().unwrap();
                files.insert(format!("{entry}/{name}"), fs::read(&file).unwrap());
            }
        }
        files.insert("base.toml".to_owned(), sections(&text, false).into_bytes());
        files.insert("frr.toml".to_owned(), sections(&imported.toml, true).into_bytes());
        assert_eq!(frr_conf(&super::config::private(files), tree), conf, "{tree}");
    }
}

/// Truncated, mixed and foreign input has an answer.
#[test]
fn no_input_ends_in_a_panic() {
    let sources = [
        Source::Imp,
        Source::Frr,
        Source::Junos,
        Source::Sonic,
        Source::Vppcfg,
    ];
    for (_, path, _) in SAMPLES {
        for mut files in originals(path).into_iter().map(|file| vec![file]) {
            let text = files[0].text.clone();
            for source in sources {
                for end in (0..text.len()).step_by(61) {
                    files[0].text = text.get(..end).unwrap_or_default().to_owned();
                    import(source, &files);
                }
            }
        }
    }
    let noise: String = (0..20_000_u32)
        .filter_map(|n| char::from_u32(n.wrapping_mul(2_654_435_761) % 0x3000))
        .collect();
    let words = "set interface ip route-map { } ; [ ] \" ' \\ address 1 permit deny\n".repeat(200);
    for source in sources {
        for text in [
            &noise,
            &words,
            &"{".repeat(5_000),
            &"[".repeat(5_000),
            &"\"".repeat(5_000),
        ] {
            let name = "frr.conf".to_owned();
            let text = text.clone();
            import(source, &[Original { name, text }]);
        }
    }
}

/// The table of a document under this header, without where its lines come from.
fn table(imported: &Imported, header: &str) -> Vec<String> {
    let lines = imported
        .toml
        .lines()
        .skip_while(|line| line.split("  # ").next() != Some(header));
    let lines = lines.skip(1).take_while(|line| !line.is_empty());
    let bare = |line: &str| {
        let line = line.split("  # ").next().unwrap();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    lines.map(bare).collect()
}

fn frr(text: &str) -> Imported {
    let (name, text) = ("frr.conf".to_owned(), text.to_owned());
    import(Source::Frr, &[Original { name, text }])
}

#[test]
fn a_route_map_that_would_match_more_is_held_back() {
    let imported =
        frr("route-map X permit 10\n match probability 50\n set metric 5\nexit\nroute-map X deny 20\n");
    assert!(!imported.toml.contains("\n[[route-maps"), "{}", imported.toml);
    assert!(
        imported.toml.contains("\n# [[route-maps.X]]"),
        "{}",
        imported.toml
    );
    assert_eq!(
        imported.left,
        [
            "frr.conf:2 'match probability 50': not in this version, and route-map X would match more without it"
        ]
    );
}

#[test]
fn lists_of_one_name_are_joined_only_when_every_entry_has_its_twin() {
    let lists = "ip prefix-list P seq 5 permit 192.0.2.0/24\nipv6 prefix-list P seq 5 permit 2001:db8::/32\n";
    let twins = "route-map X permit 10\n match ip address prefix-list P\nroute-map X permit 20\n match ipv6 address prefix-list P\n";
    let imported = frr(&format!("{lists}{twins}"));
    assert!(
        imported
            .toml
            .contains("P = [\"192.0.2.0/24\", \"2001:db8::/32\"]"),
        "{}",
        imported.toml
    );
    assert_eq!(imported.toml.matches("[[route-maps.X]]").count(), 1);
    let alone = "route-map X permit 10\n match ip address prefix-list P\n";
    let imported = frr(&format!("{lists}{alone}"));
    assert!(
        imported.toml.contains("P    = [\"192.0.2.0/24\"]"),
        "{}",
        imported.toml
    );
    assert!(
        imported.toml.contains("P-v6 = [\"2001:db8::/32\"]"),
        "{}",
        imported.toml
    );
}

#[test]
fn next_hops_of_both_families_are_one_key() {
    let one = "route-map X permit 10\n set ip next-hop 192.0.2.9\n set ipv6 next-hop global 2001:db8::9\n";
    let lists = "ip prefix-list P seq 5 permit 192.0.2.0/24\nipv6 prefix-list P seq 5 permit 2001:db8::/32\n";
    let twins = "route-map X permit 10\n match ip address prefix-list P\n set ip next-hop 192.0.2.9\n\
                 route-map X permit 20\n match ipv6 address prefix-list P\n set ipv6 next-hop global 2001:db8::9\n";
    for text in [one.to_owned(), format!("{lists}{twins}")] {
        let imported = frr(&text);
        assert_eq!(imported.left, [""; 0]);
        assert_eq!(
            imported.toml.matches("[[route-maps.X]]").count(),
            1,
            "{}",
            imported.toml
        );
        let set = "set    = { next-hop = [\"192.0.2.9\", \"2001:db8::9\"] }";
        assert!(imported.toml.contains(set), "{}", imported.toml);
    }
}

#[test]
fn a_second_filter_of_a_direction_takes_the_route_map_away() {
    let bgp = "router bgp 64500\n neighbor 192.0.2.9 remote-as 64496\n address-family ipv4 unicast\n  neighbor 192.0.2.9 route-map A in\n  neighbor 192.0.2.9 distribute-list 7 in\n  neighbor 192.0.2.9 route-map A out\n";
    let imported = frr(bgp);
    assert!(
        imported.toml.contains("route-map = { out = \"A\" }"),
        "{}",
        imported.toml
    );
    assert_eq!(imported.left.len(), 2, "{:?}", imported.left);
}

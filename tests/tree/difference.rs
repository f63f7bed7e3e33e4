//! `impctl diff` on a machine that runs the example, for what operators edit most.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const EXAMPLE: &str = "tests/trees/01-example/root/persistent/config";
const SECRET: &str = "secrets/bgp-transit-a";
/// What stands in the secret's file after it was changed.
const OTHER_SECRET: &str = "another-s3cret";

/// A private key of WireGuard.
const WIREGUARD: &str = "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=";

/// An edit: its name, and texts of the document with what they become.
type Edit = (&'static str, &'static [(&'static str, &'static str)]);

const EDITS: [Edit; 37] = [
    ("nothing", &[]),
    (
        "a comment",
        &[("# stays in the host namespace", "# is for the operators")],
    ),
    (
        "a description",
        &[("\"Transit A\"\nmtu", "\"Transit Alpha\"\nmtu")],
    ),
    (
        "a route",
        &[(
            "\"192.168.0.0/16\" =",
            "\"10.99.0.0/16\" = { via = \"198.51.100.1\" }\n\"192.168.0.0/16\" =",
        )],
    ),
    (
        "a second address",
        &[(
            "\"2001:db8:25::2/64\"]",
            "\"2001:db8:25::2/64\", \"198.51.100.6/30\"]",
        )],
    ),
    (
        "a VLAN more",
        &[(
            "[interfaces.internal]",
            "[interfaces.external.vlan.26]\ndescription = \"Transit B\"\nmtu = 1500\naddresses = [\"198.51.100.10/30\"]\n\n[interfaces.internal]",
        )],
    ),
    (
        "a VLAN with another tag",
        &[("external.vlan.25]", "external.vlan.27]")],
    ),
    (
        "an MTU",
        &[(
            "mtu         = 1500\naddresses   = [\"198",
            "mtu         = 1400\naddresses   = [\"198",
        )],
    ),
    (
        "a member of a prefix-list",
        &[("\"fc00::/7 le 128\"]", "\"fc00::/7 le 128\", \"192.0.2.0/24\"]")],
    ),
    (
        "a route-map entry in front",
        &[(
            "[[route-maps.TRANSIT-IN]]\naction = \"deny\"",
            "[[route-maps.TRANSIT-IN]]\naction = \"deny\"\nmatch = { prefix-list = \"OURS\" }\n\n[[route-maps.TRANSIT-IN]]\naction = \"deny\"",
        )],
    ),
    (
        "a neighbour more",
        &[(
            "[prefix-lists]",
            "[bgp.neighbors.\"198.51.100.9\"]\nremote-as = 64497\nebgp-multihop = 2\nroute-map = { in = \"TRANSIT-IN\", out = \"ANNOUNCE\" }\n\n[prefix-lists]",
        )],
    ),
    ("a password", &[]),
    (
        "a neighbour without its password",
        &[("password-file  = \"secrets/bgp-transit-a\"\n", "")],
    ),
    ("the last user of BFD", &[("bfd            = true\n", "")]),
    (
        "a det44 mapping",
        &[(
            "[bgp]\n",
            "[[nat.cgn.mappings]]\ninside = \"10.50.0.0/24\"\noutside = \"203.0.113.20/30\"\n\n[bgp]\n",
        )],
    ),
    (
        "the outside of a det44 mapping",
        &[("\"203.0.113.16/30\"", "\"203.0.113.20/30\"")],
    ),
    (
        "a bridge more",
        &[(
            "[incus.storage-pools",
            "[incus.bridges.incusbr1]\naddress = \"10.234.117.1/24\"\ngateway = \"10.234.117.5\"\n\n[incus.storage-pools",
        )],
    ),
    (
        "a bridge's router advertisements",
        &[("{ max-interval = 30 }", "{ max-interval = 60 }")],
    ),
    (
        "an interface with another name",
        &[
            ("[interfaces.internal]", "[interfaces.inside]"),
            ("[interfaces.internal.vlan", "[interfaces.inside.vlan"),
            ("\"internal.30\"", "\"inside.30\""),
        ],
    ),
    ("the host name", &[("\"edge1\"", "\"edge2\"")]),
    ("a name server", &[("\"192.0.2.53\", ", "\"192.0.2.54\", ")]),
    (
        "a rule of the firewall",
        &[(
            "{ port = 9100,",
            "{ service = \"snmp\", from = [\"172.16.0.0/24\"] },\n  { port = 9100,",
        )],
    ),
    (
        "management's address",
        &[("\"172.16.0.10/24\"", "\"172.16.0.11/24\"")],
    ),
    ("worker cores", &[("\"2-5\"", "\"2-4\"")]),
    ("Incus's storage", &[("\"tank/incus\"", "\"tank/containers\"")]),
    ("NAT goes away", &[]),
    (
        "an interface disabled",
        &[(
            "[interfaces.internal]\n",
            "[interfaces.internal]\nenabled = false\n",
        )],
    ),
    (
        "the time zone and the kernel",
        &[(
            "[identity] ",
            "timezone = \"Europe/Berlin\"\n[system.sysctl]\n\"net.core.rmem_max\" = 8388608\n\n[identity] ",
        )],
    ),
    (
        "a user",
        &[(
            "[management] ",
            "[users.alice]\nssh-keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPXKcAt9TmRpp4umylcWiR2BJrcelE651DNNbs4ePS+6 alice\"]\n\n[management] ",
        )],
    ),
    (
        "SNMP and an exporter",
        &[(
            "[management] ",
            "[snmp]\nlisten = [\"172.16.0.10\"]\ncommunity-file = \"secrets/bgp-transit-a\"\n[prometheus]\nnode-exporter = \"172.16.0.10:9100\"\n\n[management] ",
        )],
    ),
    (
        "sFlow for the first time",
        &[(
            "[vpp.nat]\nmain-core",
            "[sflow]\ncollectors = [\"192.0.2.77\"]\ninterfaces = [\"external\"]\n\n[vpp.nat]\nmain-core",
        )],
    ),
    (
        "a VRF",
        &[(
            "[routes]\n",
            "[interfaces.internal.vlan.31]\nvrf = \"CUST\"\naddresses = [\"100.64.0.1/22\"]\n\n[vrfs.CUST]\ntable = 10\nroutes = { \"10.0.0.0/8\" = { via = \"100.64.0.2\" } }\nbgp = { networks = [\"10.1.0.0/16\"] }\n\n[routes]\n",
        )],
    ),
    (
        "a VRRP router that tracks",
        &[(
            "[routes]",
            "[interfaces.internal.vlan.30.vrrp.9]\naddresses = [\"100.64.0.9\"]\npriority = 150\ntrack = { \"external.25\" = 60 }\n\n[routes]",
        )],
    ),
    (
        "a WireGuard tunnel",
        &[(
            "[routes]",
            "[tunnels.wg0]\ntype = \"wireguard\"\nprivate-key-file = \"secrets/wireguard\"\nsource = \"198.51.100.2\"\naddresses = [\"10.9.0.1/24\"]\npeers.berlin = { public-key = \"3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08=\", endpoint = \"203.0.113.77\", allowed-ips = [\"10.9.0.2/32\"] }\n\n[routes]",
        )],
    ),
    (
        "what only FRR can advertise",
        &[(
            "{ max-interval = 30 }",
            "{ max-interval = 30, rdnss = [\"2001:db8::53\"] }",
        )],
    ),
    (
        "FRR logs less",
        &[("[bgp]\n", "[frr]\nlog = \"warnings\"\n\n[bgp]\n")],
    ),
    (
        "another network towards a neighbour",
        &[
            ("198.51.100.2/30", "198.51.100.6/30"),
            ("198.51.100.1", "198.51.100.5"),
        ],
    ),
];

/// Neighbours of every kind around one interface.
const AROUND: &str = r#"config-version = 1
[system]
hostname = "r1"
[vpp.core]
main-core = 1
[interfaces.ext]
match = { pci = "0000:65:00.0" }
addresses = ["198.51.100.2/24"]
[interfaces.int]
match = { pci = "0000:65:00.1" }
addresses = ["203.0.113.1/24", "2001:db8::1/64"]
[routes]
"192.0.2.0/24" = { via = "198.51.100.9" }
[bgp]
asn = 65001
router-id = "192.0.2.1"
[bgp.peer-groups.CUST]
remote-as = "external"
route-map = { in = "ALL", out = "ALL" }
[bgp.listen-ranges]
"203.0.113.128/25" = { peer-group = "CUST" }
[bgp.neighbors."198.51.100.1"]
remote-as = 65002
route-map = { in = "ALL", out = "ALL" }
[bgp.neighbors."203.0.113.9"]
remote-as = 65003
route-map = { in = "ALL", out = "ALL" }
[bgp.neighbors."203.0.113.10"]
remote-as = 65003
shutdown = true
route-map = { in = "ALL", out = "ALL" }
[bgp.neighbors."192.0.2.98"]
remote-as = 65001
update-source = "int"
route-map = { in = "ALL", out = "ALL" }
[bgp.neighbors."192.0.2.99"]
remote-as = 65001
update-source = "203.0.113.1"
route-map = { in = "ALL", out = "ALL" }
[bgp.neighbors.int]
remote-as = "external"
route-map = { in = "ALL", out = "ALL" }
[[route-maps.ALL]]
action = "permit"
"#;

struct Site(tempfile::TempDir);

impl Site {
    /// A machine that runs the example.
    fn new() -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        let folder = site.folder();
        for path in ["imp.toml", SECRET, "identity/ssh_ca.pub"] {
            let to = folder.join(path);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(Path::new(EXAMPLE).join(path), &to).unwrap();
            fs::set_permissions(&to, fs::Permissions::from_mode(0o640)).unwrap();
        }
        site.write("secrets/wireguard", WIREGUARD);
        fs::create_dir_all(site.0.path().join("persistent/data")).unwrap();
        site
    }

    fn folder(&self) -> std::path::PathBuf {
        self.0.path().join("persistent/config")
    }

    fn run(&self) {
        let mut config = Command::new(env!("CARGO_BIN_EXE_imp-config"));
        config.arg("--root").arg(self.0.path());
        config.stdout(Stdio::null()).stderr(Stdio::null());
        assert!(config.status().unwrap().success());
    }

    fn impctl(&self, words: &[&str]) -> Output {
        let mut impctl = Command::new(env!("CARGO_BIN_EXE_impctl"));
        impctl.arg("--root").arg(self.0.path()).args(words);
        impctl.output().unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder().join(path);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    }

    fn edit(&self, edit: &Edit) {
        let document = Path::new(EXAMPLE).join("imp.toml");
        let mut text = fs::read_to_string(document).unwrap();
        for (old, new) in edit.1 {
            assert!(text.contains(old), "{}: {old}", edit.0);
            text = text.replace(old, new);
        }
        if edit.0 == "NAT goes away" {
            let (before, nat) = text.split_once("[nat.cgn]").unwrap();
            let (_, after) = nat.split_once("[bgp]").unwrap();
            text = format!("{before}[bgp]{after}");
            text = text.replace("[vpp.nat]\nmain-core        = 6\ncorelist-workers = \"7\"\n", "");
        }
        self.write("imp.toml", &text);
        let secret = match edit.0 {
            "a password" => OTHER_SECRET.to_owned(),
            _ => fs::read_to_string(Path::new(EXAMPLE).join(SECRET)).unwrap(),
        };
        self.write(SECRET, &secret);
    }
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn golden(name: &str, text: &str) {
    let path = Path::new("tests/differences").join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let diff = similar::TextDiff::from_lines(&expected, text);
    assert!(
        expected == text,
        "{}\nBLESS=1 cargo test --test main difference rewrites {}",
        diff.unified_diff(),
        path.display()
    );
}

#[test]
fn every_edit_is_shown_with_what_it_does_and_costs() {
    let site = Site::new();
    site.run();
    let mut text = String::new();
    for edit in &EDITS {
        site.edit(edit);
        let output = site.impctl(&["diff", "--verbose"]);
        let expected = if matches!(edit.0, "nothing" | "a comment") {
            0
        } else {
            2
        };
        assert_eq!(output.status.code(), Some(expected), "{}: {output:?}", edit.0);
        let _ = writeln!(text, "==== {}\n{}", edit.0, out(&output));
    }
    golden("edits.txt", &text);
}

#[test]
fn programs_read_the_same() {
    let site = Site::new();
    site.run();
    site.edit(&EDITS[4]);
    let output = site.impctl(&["diff", "--format", "json"]);
    assert_eq!(output.status.code(), Some(2));
    golden("a-second-address.json", &out(&output));
    site.write("imp.toml", "nonsense");
    let output = site.impctl(&["diff", "--format", "json"]);
    assert_eq!(output.status.code(), Some(78));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["diagnostics"][0]["file"], "imp.toml");
    let text = site.impctl(&["diff"]);
    assert_eq!(text.status.code(), Some(78));
    assert!(out(&text).contains("imp.toml:1:"), "{}", out(&text));
}

#[test]
fn no_output_shows_a_secret() {
    let site = Site::new();
    site.run();
    let secret = fs::read_to_string(Path::new(EXAMPLE).join(SECRET)).unwrap();
    for edit in [
        "a password",
        "a neighbour without its password",
        "a WireGuard tunnel",
    ] {
        site.edit(EDITS.iter().find(|it| it.0 == edit).unwrap());
        for words in [&["diff", "--verbose"][..], &["diff", "--format=json"], &["check"]] {
            let output = site.impctl(words);
            let all = format!("{}{}", out(&output), String::from_utf8_lossy(&output.stderr));
            assert!(
                ["password-file", "key-file", "change"]
                    .iter()
                    .any(|it| all.contains(it)),
                "{all}"
            );
            assert!(
                ![secret.trim(), OTHER_SECRET, WIREGUARD]
                    .iter()
                    .any(|it| all.contains(it)),
                "{all}"
            );
        }
    }
}

#[test]
fn sessions_that_end_with_an_address_or_an_interface_are_named() {
    let site = Site::new();
    site.write("imp.toml", AROUND);
    site.run();
    let cost = |edits: &[(&str, &str)]| {
        let edited = edits.iter().fold(AROUND.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replace(from, to)
        });
        site.write("imp.toml", &edited);
        let text = out(&site.impctl(&["diff"]));
        let (_, cost) = text.split_once("what it costs:").unwrap();
        cost.split('\n')
            .map(|it| it.trim().to_owned())
            .collect::<Vec<_>>()
    };
    let all = "192.0.2.98, 192.0.2.99, 203.0.113.9, int, the dynamic neighbours of CUST";
    let down = format!("resets the BGP sessions with {all}: int goes down");
    let said = cost(&[("addresses = [\"203", "enabled = false\naddresses = [\"203")]);
    assert!(said.contains(&down), "{said:#?}");
    let on_it = "192.0.2.98, 192.0.2.99, 203.0.113.9, the dynamic neighbours of CUST";
    let moved = format!("resets the BGP sessions with {on_it}: int loses 203.0.113.1/24");
    let said = cost(&[
        ("203.0.113.1/24", "203.0.113.2/24"),
        ("\"203.0.113.1\"", "\"203.0.113.2\""),
    ]);
    assert!(said.contains(&moved), "{said:#?}");
    // One that comes back at once, with another length, keeps them.
    let said = cost(&[("203.0.113.1/24", "203.0.113.1/23")]);
    assert!(!said.iter().any(|it| it.contains("BGP")), "{said:#?}");
    // IPv6 goes, and nobody speaks it there by an address.
    let said = cost(&[("2001:db8::1/64", "2001:db8:1::1/64")]);
    assert!(!said.iter().any(|it| it.contains("BGP")), "{said:#?}");
}

#[test]
fn check_says_in_a_line_what_applying_would_mean() {
    let site = Site::new();
    assert_eq!(out(&site.impctl(&["check"])).lines().count(), 1, "nothing runs");
    site.run();
    let last = || out(&site.impctl(&["check"])).lines().last().unwrap().to_owned();
    assert_eq!(last(), "no difference from what runs");
    site.edit(&EDITS[23]);
    assert!(
        last().starts_with("1 change; restarts VPP core and FRR: "),
        "{}",
        last()
    );
}

#[test]
fn kept_generations_are_compared_by_number_and_by_name() {
    let site = Site::new();
    let none = site.impctl(&["diff"]);
    assert_eq!(none.status.code(), Some(2));
    assert!(out(&none).contains("note: nothing runs yet"), "{}", out(&none));
    site.run();
    site.edit(&EDITS[2]);
    site.run();
    site.edit(&EDITS[0]);
    let changed = "~ interfaces.external.vlan.25.description:";
    let lines = |words: &[&str]| {
        let output = site.impctl(words);
        (
            output.status.code(),
            out(&output).lines().next().unwrap_or_default().to_owned(),
        )
    };
    let (code, line) = lines(&["diff"]);
    assert_eq!(code, Some(2));
    assert!(
        line.starts_with(changed) && line.contains("\"Transit Alpha\" → \"Transit A\""),
        "{line}"
    );
    assert_eq!(lines(&["diff", "0"]).1, line);
    assert_eq!(
        lines(&["diff", "1"]),
        (Some(0), "no difference in meaning".to_owned())
    );
    let (code, line) = lines(&["diff", "1", "0"]);
    assert!(
        code == Some(2) && line.contains("\"Transit A\" → \"Transit Alpha\""),
        "{line}"
    );
    let order = fs::read_to_string(site.0.path().join("persistent/data/imp/generations/order")).unwrap();
    let first = order.lines().next().unwrap();
    assert_eq!(lines(&["diff", first, "1"]).0, Some(2));
    let unknown = site.impctl(&["diff", "7"]);
    assert_eq!(unknown.status.code(), Some(64));
    let said = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(
        said.contains("there is no generation '7': this machine keeps 0 to 1"),
        "{said}"
    );
}

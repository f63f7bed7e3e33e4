//! The documents operators write, from text to Model.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use imp::config::{self, Check, File, Model, NatMode, Parsed, Protocol, code, report};
use std::collections::BTreeMap;

/// Files by path, each as private as a secret has to be.
pub fn private(files: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, File> {
    let private = |bytes| File { bytes, mode: 0o640 };
    files
        .into_iter()
        .map(|(path, bytes)| (path, private(bytes)))
        .collect()
}

/// Files by path and text.
pub fn files(files: &[(&str, &str)]) -> BTreeMap<String, File> {
    let entry = |(path, text): &(&str, &str)| ((*path).to_owned(), text.as_bytes().to_vec());
    private(files.iter().map(entry).collect())
}

/// The example of the documentation with its secret and its identity file.
pub fn example() -> BTreeMap<String, File> {
    files(&[
        (
            "imp.toml",
            include_str!("../trees/01-example/root/persistent/config/imp.toml"),
        ),
        ("secrets/bgp-transit-a", "not-a-secret\n"),
        ("identity/ssh_ca.pub", "ssh-ed25519 AAAA ca\n"),
    ])
}

/// What a document means that is accepted.
pub fn model(document: &str) -> config::Model {
    let parsed = config::parse(&files(&[("imp.toml", document)]));
    parsed.model.unwrap_or_else(|| panic!("{:?}", parsed.diagnostics))
}

/// The diagnostics of the files, as `impctl check` prints it.
pub fn said(parsed: &Parsed) -> String {
    report::text(&parsed.diagnostics, &parsed.sources, false)
}

#[test]
fn the_example_is_accepted_without_a_word() {
    let parsed = config::parse(&example());
    assert_eq!(said(&parsed), "");
    let model = parsed.model.expect("a Model");
    assert_eq!(model.system.hostname.as_ref(), "edge1");
    assert_eq!(model.interfaces.len(), 2);
    assert_eq!(model.nats.len(), 1);
    assert_eq!(model.incus.bridges.len(), 1);
}

/// The Model of a document that must be accepted, with nothing said about it.
fn accepted(document: &str) -> Model {
    accepted_files(&[("imp.toml", document)])
}

fn accepted_files(documents: &[(&str, &str)]) -> Model {
    let parsed = config::parse(&files(documents));
    assert_eq!(said(&parsed), "");
    parsed.model.expect("a Model")
}

const HEAD: &str = "config-version = 1\n[system]\nhostname = \"edge1\"\n";

#[test]
fn what_is_not_written_has_its_default() {
    let model = accepted(HEAD);
    assert_eq!(model.dataplane.namespace.as_ref(), "dataplane");
    assert_eq!(model.dataplane.nic_wait.get(), 30);
    assert_eq!(model.boot.health.deadline.get(), 180);
    assert_eq!(
        model.boot.health.required,
        [Check::Management, Check::Nics, Check::Vpp, Check::Frr]
    );
    assert_eq!(model.apply.confirm_timeout.get(), 600);
    assert_eq!(model.apply.generations, 50);
    assert!(model.management.is_none() && model.firewall.is_none() && model.instances.is_empty());
}

#[test]
fn one_document_may_be_many_files() {
    let mut parts: BTreeMap<String, String> = BTreeMap::new();
    let mut name = "00-first.toml".to_owned();
    for line in include_str!("../trees/01-example/root/persistent/config/imp.toml").lines() {
        if let Some(header) = line.trim_start().strip_prefix('[') {
            let word: String = header
                .trim_start_matches('[')
                .chars()
                .take_while(char::is_ascii_alphabetic)
                .collect();
            name = format!("10-{word}.toml");
        }
        parts
            .entry(name.clone())
            .or_default()
            .push_str(&format!("{line}\n"));
    }
    assert!(parts.len() > 10);
    let mut split = example();
    split.remove("imp.toml");
    split.extend(private(
        parts.into_iter().map(|(n, t)| (n, t.into_bytes())).collect(),
    ));
    let parsed = config::parse(&split);
    assert_eq!(said(&parsed), "");
    let model = parsed.model.expect("a Model");
    let mapping = model.nats.values().next().expect("a module").at;
    assert_eq!(model.place(mapping), "10-nat.toml:1");
}

#[test]
fn editors_may_add_their_marks() {
    let text = include_str!("../trees/01-example/root/persistent/config/imp.toml");
    for text in [format!("\u{feff}{text}"), text.replace('\n', "\r\n")] {
        let mut files = example();
        files.extend(private(BTreeMap::from([(
            "imp.toml".to_owned(),
            text.into_bytes(),
        )])));
        assert_eq!(said(&config::parse(&files)), "");
    }
}

#[test]
fn addresses_that_look_odd_but_are_fine() {
    let model = accepted(&format!(
        "{HEAD}[vpp.core]\n\
         [interfaces.a]\nmatch = {{ pci = \"0000:65:00.0\" }}\n\
         addresses = [\"192.0.2.0/31\", \"198.51.100.1/24\", \"198.51.100.2/24\", \"2001:db8::/127\"]\n\
         [interfaces.b]\nmatch = {{ pci = \"0000:65:00.1\" }}\naddresses = [\"192.0.2.2/31\"]\n\
         [loopbacks.lo0]\naddresses = [\"192.0.2.9/32\", \"2001:db8:1::/128\"]\n"
    ));
    assert_eq!(model.interfaces["a"].link.addresses.len(), 4);
}

#[test]
fn each_kind_of_nat_is_decoded() {
    let model = accepted(&format!(
        "{HEAD}[vpp.core]\n[vpp.lan]\n[vpp.six]\n\
         [interfaces.lan]\nmatch = {{ pci = \"0000:65:00.0\" }}\naddresses = [\"10.1.0.1/24\"]\n\
         [nat.lan]\ninstance = \"lan\"\nmode = \"nat44-ed\"\nfrom = [\"lan\"]\ninside = [\"10.1.0.0/24\"]\n\
         pool = \"203.0.113.0-203.0.113.6\"\n\
         static = [{{ inside = \"10.1.0.7\", outside = \"203.0.113.6\" }}, \
         {{ protocol = \"udp\", inside = \"10.1.0.8\", inside-port = 53, outside = \"203.0.113.5\", outside-port = 5353 }}]\n\
         [nat.six]\ninstance = \"six\"\nmode = \"nat64\"\npool = \"203.0.113.8-203.0.113.15\"\n"
    ));
    let NatMode::Nat44Ed {
        sessions, statics, ..
    } = &model.nats["lan"].mode
    else {
        panic!("nat44-ed");
    };
    assert_eq!((*sessions, statics.len()), (65_536, 2));
    assert_eq!(statics[0].port, None);
    assert_eq!(statics[1].port, Some((Protocol::Udp, 53, 5353)));
    let outside: Vec<String> = model.nats["lan"]
        .outside()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(outside, ["203.0.113.0/30", "203.0.113.4/31", "203.0.113.6/32"]);
    let NatMode::Nat64 { prefix, .. } = &model.nats["six"].mode else {
        panic!("nat64");
    };
    assert_eq!(prefix.to_string(), "64:ff9b::/96");
}

#[test]
fn lists_of_the_identity_folder_are_configuration() {
    let model = accepted_files(&[
        ("imp.toml", HEAD),
        ("identity/tcp_ports", "# exporters\n9100\n\n 443 # web\n9100\n"),
        ("identity/udp_ports", "161"),
        (
            "identity/hosts",
            "192.0.2.7 ns1 ns1.example.net # a\n# b\n2001:db8::7\tns1\n",
        ),
    ]);
    assert_eq!(
        model.identity_ports,
        [(Protocol::Tcp, 443), (Protocol::Tcp, 9100), (Protocol::Udp, 161)]
    );
    assert_eq!(
        model.identity_hosts,
        "192.0.2.7 ns1 ns1.example.net\n2001:db8::7\tns1\n"
    );
}

#[test]
fn files_beside_the_toml_are_read_with_it() {
    let model = accepted_files(&[
        (
            "imp.toml",
            &format!(
                "{HEAD}[vpp.core]\nextra-startup-file = \"extra/s\"\nextra-commands-file = \"extra/c\"\n"
            ),
        ),
        ("extra/s", "buffers { page-size default } # 4 KB {\n"),
        ("extra/c", "# shaping\nset interface state external up\n"),
        ("templates/vpp/commands.j2", "{# mine #}"),
    ]);
    let core = &model.instances["core"];
    assert!(
        core.extra_startup
            .as_deref()
            .is_some_and(|t| t.contains("page-size"))
    );
    assert!(
        core.extra_commands
            .as_deref()
            .is_some_and(|t| t.contains("shaping"))
    );
    assert_eq!(model.templates["vpp/commands.j2"], "{# mine #}");
}

#[test]
fn too_many_documents_are_refused() {
    let mut many: BTreeMap<String, Vec<u8>> = (0..70_000)
        .map(|n| (format!("{n:05}.toml"), Vec::new()))
        .collect();
    many.insert("00000.toml".to_owned(), HEAD.as_bytes().to_vec());
    let parsed = config::parse(&private(many));
    assert!(parsed.model.is_none());
    let codes: Vec<_> = parsed.diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, [code::E0111], "said once");
}

#[test]
fn errors_of_all_tables_in_one_run() {
    let document = "config-version = 1\n\
        [system]\nhostname = \"edge_1\"\n\
        [management]\nmatch = {}\ndhcp = 1\n\
        [firewall]\nallow = [{ service = \"shh\" }, { port = 0, protocol = \"tcp\" }]\n\
        [dataplane]\nnic-wait = \"30\"\n\
        [vpp.core]\nmain-core = 4096\n\
        [interfaces.external]\nmatch = { pci = \"65:0.0\" }\nmtuu = 9000\n\
        [interfaces.external.vlan.0]\n\
        [loopbacks.lo0]\naddresses = [\"192.0.2.0/24\"]\n\
        [nat.cgn]\ninstance = \"nat\"\nmode = \"det44\"\nfrom = [\"lo0\"]\n\
        mappings = [{ inside = \"10.0.0.0/28\", outside = \"203.0.113.0/24\" }]\n\
        [bgp]\nasn = 0\n\
        [incus.bridges.br0]\naddress = \"10.1.0.1/24\"\ngateway = \"10.1.0.1\"\n\
        [apply]\ngenerations = 0\n";
    let parsed = config::parse(&files(&[("imp.toml", document)]));
    let text = said(&parsed);
    for place in [
        "3:12", "5:9", "6:8", "8:22", "8:40", "10:12", "12:13", "14:17", "15:1", "16:27", "18:14", "20:12",
        "23:24", "23:49", "25:7", "28:11", "30:15",
    ] {
        assert!(
            text.contains(&format!("imp.toml:{place}\n")),
            "nothing at {place}:\n{text}"
        );
    }
    assert!(text.ends_with("\n16 errors, 1 warning\n"), "{text}");
}

/// Digits in quotes are the number, and nothing else in quotes is.
#[test]
fn a_number_may_be_quoted() {
    let document = |mtu: &str, area: &str| {
        format!(
            "config-version = 1\n[system]\nhostname = \"edge1\"\n[vpp.core]\n[loopbacks.lo0]\naddresses = [\"192.0.2.1/32\"]\n\
             [interfaces.a]\nmatch = {{ mac = \"3cec.ef00.0001\" }}\nmtu = {mtu}\naddresses = [\"10.0.0.1/30\"]\n\
             ospf = {{ area = {area} }}\n"
        )
    };
    for (mtu, area, fits) in [
        ("1500", "0", true),
        ("\"1500\"", "\"0\"", true),
        ("1500", "\"256\"", true),
        ("\"1500 \"", "0", false),
        ("\"1_500\"", "0", false),
        ("\"0x5dc\"", "0", false),
        ("\"\"", "0", false),
        ("\"99999999999999999999\"", "0", false),
        ("\"99999\"", "0", false),
        ("1500", "\"-1\"", false),
    ] {
        let parsed = config::parse(&files(&[("imp.toml", &document(mtu, area))]));
        assert_eq!(parsed.model.is_some(), fits, "{mtu} {area}: {}", said(&parsed));
    }
}

/// Two thousand undefined names beside two thousand that look like them are answered like any other document.
#[test]
fn hints_cost_no_more_than_the_document() {
    let maps = |i| {
        format!(
            "[[route-maps.R{i}]]\naction = \"permit\"\nmatch = {{ prefix-list = \"{}{i}\" }}\n",
            "P".repeat(58)
        )
    };
    let lists = |i| format!("{}{i} = [\"10.0.0.0/8\"]\n", "P".repeat(50));
    let document = format!(
        "config-version = 1\n[system]\nhostname = \"edge1\"\n{}[prefix-lists]\n{}",
        (0..2000).map(maps).collect::<String>(),
        (0..2000).map(lists).collect::<String>(),
    );
    let parsed = config::parse(&files(&[("imp.toml", &document)]));
    let hints = parsed
        .diagnostics
        .iter()
        .filter(|d| d.hint.as_ref().is_some_and(|h| h.contains("did you mean")));
    assert!(
        hints.count() < 10,
        "each costs 2,000 comparisons of 60 by 55 letters"
    );
    let undefined = parsed.diagnostics.iter().filter(|d| d.code == code::E0302);
    assert_eq!(undefined.count(), 2000);
}

//! `imp-vpp --reload NAME`: from what a VPP has to what its files say, in place, or back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::stand_in::{StandIn, has_python, said};
use crate::pure::config::private;
use imp::config;
use imp::facts::vpp::{InstanceFacts, Record};
use imp::plan::vpp::{self, Change};
use imp::render::{self, Bindings, Dataplane};
use imp::types::Root;
use std::collections::BTreeMap;
use std::path::Path;

/// A golden tree's documents with one edit, and what they render for an instance: startup configuration, digest, commands.
struct Rendered {
    startup: String,
    digest: String,
    commands: String,
}

fn rendered(tree: &str, instance: &str, edits: &[(&str, &str)]) -> Rendered {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/trees/{tree}/root/persistent/config"));
    let mut files = BTreeMap::new();
    for place in [
        "imp.toml",
        "identity/ssh_ca.pub",
        "secrets/bgp-transit-a",
        "extra/core",
    ] {
        if let Ok(bytes) = std::fs::read(folder.join(place)) {
            files.insert(place.to_owned(), bytes);
        }
    }
    let mut text = String::from_utf8(files["imp.toml"].clone()).unwrap();
    for (from, to) in edits {
        assert!(text.contains(from), "{tree} has no {from}");
        text = text.replacen(from, to, 1);
    }
    files.insert("imp.toml".to_owned(), text.into_bytes());
    let parsed = config::parse(&private(files));
    let model = parsed
        .model
        .unwrap_or_else(|| panic!("{edits:?}: {:?}", parsed.diagnostics));
    let all = render::vpp(&Dataplane::of(&model), &Bindings::as_written(&model)).unwrap();
    let text = |path: String| {
        let found = all.files.iter().find(|file| file.path.ends_with(&path));
        found.unwrap_or_else(|| panic!("no {path}")).text.clone()
    };
    let commands = text(format!("commands-{instance}.txt"));
    let script = vpp::parse(&commands).unwrap();
    Rendered {
        startup: text(format!("startup-{instance}.conf")),
        digest: script.digest,
        commands: commands
            .lines()
            .filter(|line| !line.starts_with("vpplog "))
            .collect::<Vec<_>>()
            .join("\n"),
    }
}

/// Every device the commands name exists.
fn fresh(name: &'static str, rendered: &Rendered, others: &Rendered) -> StandIn {
    let mut devices: Vec<&str> = [rendered, others]
        .iter()
        .flat_map(|it| it.commands.lines())
        .filter_map(|line| line.strip_prefix("create host-interface name "))
        .filter_map(|rest| rest.split_whitespace().next())
        .collect();
    devices.sort_unstable();
    devices.dedup();
    let vpp = StandIn::start(
        name,
        &rendered.startup,
        &[("VPP_STAND_IN_LINKS", &devices.join(","))],
    );
    let applied = vpp.apply(&rendered.digest, &rendered.commands);
    assert!(applied.status.success(), "{}", said(&applied));
    vpp
}

/// What a fresh VPP has with the commands.
fn of_a_fresh_boot(name: &'static str, rendered: &Rendered) -> String {
    fresh(name, rendered, rendered).state()
}

type Edit = (
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// What an operator changes on an ordinary day: what it is, the golden tree, the instance and the edit.
const EDITS: &[Edit] = &[
    (
        "a second address",
        "06-three-nats",
        "core",
        &[(
            "\"10.40.0.1/24\"]",
            "\"10.40.0.1/24\", \"10.40.0.2/24\", \"10.41.0.1/24\"]",
        )],
    ),
    (
        "a new VLAN",
        "06-three-nats",
        "core",
        &[(
            "[routes]",
            "[interfaces.external.vlan.77]\nmtu = 1400\naddresses = [\"192.0.2.129/25\", \"2001:db8:77::1/64\"]\nra = { max-interval = 30 }\n[routes]",
        )],
    ),
    (
        "a VLAN renumbered",
        "06-three-nats",
        "core",
        &[("vlan.64]", "vlan.65]")],
    ),
    (
        "a VLAN with NAT renumbered",
        "06-three-nats",
        "core",
        &[("vlan.30]", "vlan.31]"), ("\"internal.30\"", "\"internal.31\"")],
    ),
    (
        "a VLAN of both families renumbered",
        "01-example",
        "core",
        &[("external.vlan.25]", "external.vlan.26]")],
    ),
    (
        "an address with another length",
        "06-three-nats",
        "core",
        &[("\"198.51.100.2/30\"", "\"198.51.100.2/29\"")],
    ),
    (
        "the MTU of a parent",
        "01-example",
        "core",
        &[(
            "match = { pci = \"0000:65:00.1\" }\nmtu   = 9000",
            "match = { pci = \"0000:65:00.1\" }\nmtu   = 9216",
        )],
    ),
    (
        "the MTU of a VLAN",
        "06-three-nats",
        "core",
        &[(
            "[interfaces.internal.vlan.40]",
            "[interfaces.internal.vlan.40]\nmtu = 1400",
        )],
    ),
    (
        "the MTU of a VLAN that advertises",
        "06-three-nats",
        "core",
        &[(
            "[interfaces.internal.vlan.64]",
            "[interfaces.internal.vlan.64]\nmtu = 1400",
        )],
    ),
    (
        "a new loopback",
        "01-example",
        "core",
        &[(
            "[interfaces.external]",
            "[loopbacks.aux]\naddresses = [\"192.0.2.9/32\"]\n[interfaces.external]",
        )],
    ),
    (
        "a loopback renamed",
        "06-three-nats",
        "core",
        &[("[loopbacks.lo0]", "[loopbacks.lo7]")],
    ),
    (
        "another bridge",
        "01-example",
        "core",
        &[(
            "[incus.storage-pools.default]",
            "[incus.bridges.br2]\naddress = \"10.99.0.1/24\"\ngateway = \"10.99.0.5\"\n[incus.storage-pools.default]",
        )],
    ),
    (
        "the interval of advertisements",
        "01-example",
        "core",
        &[("max-interval = 30", "max-interval = 600")],
    ),
    (
        "a destination that is not translated",
        "01-example",
        "core",
        &[("\"192.168.0.0/16\"]", "\"192.168.0.0/16\", \"198.18.0.0/15\"]")],
    ),
    (
        "an outside prefix in core",
        "01-example",
        "core",
        &[("\"203.0.113.16/30\"", "\"203.0.113.32/30\"")],
    ),
    (
        "a mapping added",
        "01-example",
        "nat",
        &[(
            "[bgp]\n",
            "[[nat.cgn.mappings]]\ninside = \"100.64.4.0/24\"\noutside = \"203.0.113.64/30\"\n[bgp]\n",
        )],
    ),
    (
        "a mapping with another outside",
        "01-example",
        "nat",
        &[("\"203.0.113.16/30\"", "\"203.0.113.32/30\"")],
    ),
    (
        "a mapping removed",
        "01-example",
        "nat",
        &[
            (
                "[[nat.cgn.mappings]]\ninside  = \"10.234.116.0/24\"\noutside = \"203.0.113.16/30\"",
                "",
            ),
            ("[\"internal.30\", \"incusbr0\"]", "[\"internal.30\"]"),
        ],
    ),
    (
        "a larger pool",
        "06-three-nats",
        "office",
        &[("203.0.113.64-203.0.113.66", "203.0.113.64-203.0.113.70")],
    ),
    (
        "a smaller pool",
        "06-three-nats",
        "office",
        &[("203.0.113.64-203.0.113.66", "203.0.113.65-203.0.113.66")],
    ),
    (
        "a forwarded port",
        "06-three-nats",
        "office",
        &[("outside-port = 443", "outside-port = 8443")],
    ),
    (
        "the pool of NAT64",
        "06-three-nats",
        "six",
        &[("203.0.113.128-203.0.113.131", "203.0.113.130-203.0.113.140")],
    ),
    (
        "a bypass",
        "30-nat-in-every-word",
        "core",
        &[("\"100.64.0.53/32\"", "\"100.64.0.54/32\"")],
    ),
    (
        "a module by another name, beside an ACL with a number",
        "30-nat-in-every-word",
        "core",
        &[
            ("[vpp.office]\n", ""),
            ("[nat.office]", "[vpp.unused]\n[nat.unused]"),
            ("instance = \"office\"", "instance = \"unused\""),
            ("[[nat.office.static]]", "[[nat.unused.static]]"),
        ],
    ),
    (
        "other timeouts",
        "30-nat-in-every-word",
        "cgn",
        &[(
            "timeouts = { udp = \"1m\", tcp-established = \"30m\",",
            "timeouts = {",
        )],
    ),
    (
        "another part of the pool, collector and domain, and other timeouts",
        "30-nat-in-every-word",
        "office",
        &[
            ("\"203.0.113.72/30\"", "\"203.0.113.73\""),
            ("collector = \"192.0.2.200\"", "collector = \"192.0.2.201\""),
            ("domain = 40", "domain = 41"),
            ("udp = \"2m\"", "udp = \"3m\""),
        ],
    ),
    (
        "no log of sessions",
        "30-nat-in-every-word",
        "office",
        &[(
            "log      = { collector = \"192.0.2.200\", port = 2055, source = \"192.0.2.1\", domain = 40 }",
            "",
        )],
    ),
    (
        "a forwarded port of NAT64, and the address of another",
        "30-nat-in-every-word",
        "six",
        &[
            ("inside-port  = 8443", "inside-port  = 8444"),
            ("\"203.0.113.96/31\"", "\"203.0.113.97\""),
        ],
    ),
];

#[test]
fn each_edit_leads_to_what_a_fresh_boot_has_and_back() {
    if !has_python() {
        return;
    }
    for (what, tree, instance, edits) in EDITS {
        let (before, after) = (rendered(tree, instance, &[]), rendered(tree, instance, edits));
        assert_ne!(before.digest, after.digest, "{what} changes nothing");
        assert_eq!(before.startup, after.startup, "{what}");
        let vpp = fresh(instance, &before, &after);
        for (to, meant) in [(&after, "there"), (&before, "back")] {
            let reloaded = vpp.reload(&to.digest, &to.commands);
            assert!(reloaded.status.success(), "{what}, {meant}: {}", said(&reloaded));
            assert_eq!(vpp.state(), of_a_fresh_boot(instance, to), "{what}, {meant}");
            let log = vpp.ask("show logging").text;
            assert!(
                log.trim_end()
                    .ends_with(&format!("CLI: imp-applied:{}", to.digest)),
                "{what}: {log}"
            );
            // A second time, it is not sent anything.
            assert_eq!(vpp.ask("stand-in ambush die 0").status, 0);
            let again = vpp.reload(&to.digest, &to.commands);
            assert_eq!(
                (again.status.code(), said(&again)),
                (Some(0), String::new()),
                "{what}"
            );
            assert!(vpp.facts(instance).is_as_wanted(), "{what}");
            assert_eq!(vpp.ask("stand-in ambush refuse 1000000").status, 0);
        }
    }
}

/// The edits that are tried at every step: few steps, and one of each kind of object.
fn short() -> impl Iterator<Item = &'static Edit> {
    let names = [
        "a VLAN renumbered",
        "a VLAN of both families renumbered",
        "a VLAN with NAT renumbered",
        "the MTU of a VLAN that advertises",
        "a mapping with another outside",
        "a smaller pool",
        "another part of the pool, collector and domain, and other timeouts",
        "a forwarded port of NAT64, and the address of another",
    ];
    EDITS.iter().filter(move |(what, ..)| names.contains(what))
}

#[test]
fn a_refusal_at_any_step_leads_back() {
    if !has_python() {
        return;
    }
    for (what, tree, instance, edits) in short() {
        let (before, after) = (rendered(tree, instance, &[]), rendered(tree, instance, edits));
        let vpp = fresh(instance, &before, &after);
        let there = vpp.state();
        let mut refused = 0;
        for step in 0.. {
            vpp.ask(&format!("stand-in ambush refuse {step}"));
            let reloaded = vpp.reload(&after.digest, &after.commands);
            if reloaded.status.success() {
                break;
            }
            refused += 1;
            let said = said(&reloaded);
            assert_eq!(reloaded.status.code(), Some(1), "{what}: {said}");
            assert!(
                said.contains("refused by the test")
                    && said
                        .trim_end()
                        .ends_with(&format!("vpp '{instance}' has what it had before")),
                "{what}, step {step}: {said}"
            );
            assert_eq!(vpp.state(), there, "{what}, step {step}: {said}");
            // It says why until the next reload leaves nothing to do.
            assert!(vpp.facts(instance).failed.is_some());
            let back = vpp.reload(&before.digest, &before.commands);
            assert!(back.status.success(), "{what}: {}", self::said(&back));
            let facts = vpp.facts(instance);
            assert!(
                facts.is_as_wanted() && facts.failed.is_none(),
                "{what}: {facts:?}"
            );
        }
        assert!(refused > 1, "{what}: {refused} steps");
        assert_eq!(vpp.state(), of_a_fresh_boot(instance, &after), "{what}");
    }
}

#[test]
fn what_vpp_drops_without_a_word_leads_back_as_well() {
    if !has_python() {
        return;
    }
    let (before, after) = (
        rendered("01-example", "nat", &[]),
        rendered(
            "01-example",
            "nat",
            &[("\"203.0.113.16/30\"", "\"203.0.113.32/30\"")],
        ),
    );
    let vpp = fresh("nat", &before, &after);
    let there = vpp.state();
    let steps = vpp.steps("nat", &after);
    let dropped = steps
        .iter()
        .position(|step| step.contains("203.0.113.32/30"))
        .unwrap();
    vpp.ask(&format!("stand-in ambush silent {dropped}"));
    let reloaded = vpp.reload(&after.digest, &after.commands);
    assert_eq!(reloaded.status.code(), Some(1));
    assert!(
        said(&reloaded).contains("vpp 'nat' has what it had before")
            || said(&reloaded).contains("needs a restart"),
        "{}",
        said(&reloaded)
    );
    if said(&reloaded).contains("had before") {
        assert_eq!(vpp.state(), there);
    } else {
        assert!(vpp.facts("nat").applied.is_none());
    }
}

#[test]
fn killed_at_any_step_the_next_reload_gets_there() {
    if !has_python() {
        return;
    }
    for (what, tree, instance, edits) in short() {
        let (before, after) = (rendered(tree, instance, &[]), rendered(tree, instance, edits));
        let vpp = fresh(instance, &before, &after);
        let wanted = of_a_fresh_boot(instance, &after);
        for kill in ["kill-before", "kill-after"] {
            let mut killed = 0;
            for step in 0.. {
                vpp.ask(&format!("stand-in ambush {kill} {step}"));
                let reloaded = vpp.reload(&after.digest, &after.commands);
                if reloaded.status.code().is_none() {
                    killed += 1;
                    assert!(!vpp.facts(instance).is_as_wanted(), "{what}, step {step}");
                    let again = vpp.reload(&after.digest, &after.commands);
                    assert!(again.status.success(), "{what}, {kill} {step}: {}", said(&again));
                }
                let gone = vpp.ask("stand-in pending").text.trim() == "no";
                vpp.ask("stand-in ambush refuse 1000000");
                assert_eq!(vpp.state(), wanted, "{what}, {kill} {step}");
                assert!(vpp.facts(instance).is_as_wanted(), "{what}, {kill} {step}");
                let back = vpp.reload(&before.digest, &before.commands);
                assert!(back.status.success(), "{what}: {}", said(&back));
                if !gone {
                    break;
                }
            }
            assert!(killed > 1, "{what}: {killed} steps");
        }
    }
}

#[test]
fn a_vpp_that_dies_of_it_is_configured_by_the_boot_path() {
    if !has_python() {
        return;
    }
    let (before, after) = (
        rendered("01-example", "nat", &[]),
        rendered(
            "01-example",
            "nat",
            &[("\"203.0.113.16/30\"", "\"203.0.113.32/30\"")],
        ),
    );
    let mut vpp = fresh("nat", &before, &after);
    vpp.ask("stand-in ambush die 1");
    let reloaded = vpp.reload(&after.digest, &after.commands);
    assert_eq!(reloaded.status.code(), Some(69), "{}", said(&reloaded));
    assert!(
        said(&reloaded).contains("lost the connection to vpp at '"),
        "{}",
        said(&reloaded)
    );
    vpp.restart(&before.startup);
    // It is another process: a reload does not touch it, the boot path does.
    let early = vpp.reload(&after.digest, &after.commands);
    assert_eq!(
        said(&early),
        "error: vpp 'nat' needs a restart: what it has is not on record\n"
    );
    let applied = vpp.apply(&after.digest, &after.commands);
    assert!(applied.status.success(), "{}", said(&applied));
    assert!(vpp.facts("nat").is_as_wanted());
}

#[test]
fn what_only_a_restart_can_do_is_left_to_it() {
    if !has_python() {
        return;
    }
    let before = rendered("01-example", "nat", &[]);
    let vpp = fresh("nat", &before, &before);
    let there = vpp.state();
    let startup = Record::Startup.path(&vpp.at(), &"nat".parse().unwrap());
    let text = std::fs::read_to_string(&startup).unwrap();
    std::fs::write(&startup, format!("{text}\nlogging {{ size 1024 }}\n")).unwrap();
    let reloaded = vpp.reload(&before.digest, &before.commands);
    assert_eq!(reloaded.status.code(), Some(1));
    assert_eq!(
        said(&reloaded),
        "error: vpp 'nat' needs a restart: its startup configuration differs\n"
    );
    assert_eq!(vpp.state(), there);
}

impl StandIn {
    fn at(&self) -> Root {
        Root::new(self.root.path())
    }

    fn facts(&self, instance: &str) -> InstanceFacts {
        InstanceFacts::read(&self.at(), &instance.parse().unwrap())
    }

    /// The steps a reload would take, as they are printed.
    fn steps(&self, instance: &str, wanted: &Rendered) -> Vec<String> {
        self.want(&wanted.digest, &wanted.commands);
        match imp::step::vpp::decision(&self.at(), &instance.parse().unwrap()) {
            Change::Live(difference) => difference.steps.iter().map(ToString::to_string).collect(),
            other => panic!("{other:?}"),
        }
    }
}

//! A real VPP: `IMP_TEST_VPP=PREFIX` names an installation. It takes what is rendered for every golden tree, and a change in
//! place leads it to where a fresh start leads. Needs root, for VPP locks the memory of its rings.

mod det44;
mod hello;
mod machine;
mod read_back;
mod state;

use self::machine::{Vpp, is_chosen, namespace, prefix, seed};
use super::sandbox;
use crate::pure::vpp_change::documents::{Dice, rendered};
use crate::pure::vpp_change::{SECRETS, nics};
use imp::act::vpp::{ApplyError, Files, Kernel, apply, reload};
use imp::plan::vpp::{self, Change, Unfinished};
use imp::types::{Root, WireguardSecret};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// What is rendered for an instance.
struct Rendered {
    /// The tree it is of, for a person.
    of: String,
    instance: String,
    startup: String,
    commands: String,
}

/// Those of all golden trees.
fn golden() -> Vec<Rendered> {
    let trees = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trees");
    let mut all = Vec::new();
    for tree in fs::read_dir(trees).unwrap().map(|it| it.unwrap().path()) {
        let of = tree.file_name().unwrap().to_string_lossy().into_owned();
        for file in fs::read_dir(tree.join("expected/run/imp/vpp"))
            .into_iter()
            .flatten()
        {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let instance = name
                .strip_prefix("commands-")
                .and_then(|it| it.strip_suffix(".txt"));
            let commands = bound(&fs::read_to_string(&path).unwrap());
            if let Some(instance) = instance {
                all.push(Rendered {
                    of: of.clone(),
                    instance: instance.to_owned(),
                    startup: fs::read_to_string(path.with_file_name(format!("startup-{instance}.conf")))
                        .unwrap(),
                    commands,
                });
            }
        }
    }
    all.sort_by(|one, other| (&one.of, &one.instance).cmp(&(&other.of, &other.instance)));
    all
}

/// The commands with what only a boot knows.
fn bound(commands: &str) -> String {
    let mut text = commands.to_owned();
    for (kind, value) in [("device", "nic-"), ("hw-addr", "02:00:00:00:02:01")] {
        let end = format!(":{kind}@");
        while let Some((before, after)) = text.split_once(&end) {
            let (before, nic) = before.rsplit_once('@').unwrap();
            let name = if kind == "device" { nic } else { "" };
            text = format!("{before}{value}{name}{after}");
        }
    }
    text
}

/// The NICs that a startup.conf gives to DPDK.
fn nics_of_dpdk(startup: &str) -> Vec<String> {
    let lines = startup
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    let name = |words: Vec<&str>| match words[..] {
        ["dev", _, "{", "name", name, ..] => Some(name.to_owned()),
        _ => None,
    };
    lines.filter_map(name).collect()
}

fn devices(commands: &str) -> Vec<&str> {
    let lines = commands
        .lines()
        .filter_map(|line| line.strip_prefix("create host-interface name "));
    lines.filter_map(|rest| rest.split_whitespace().next()).collect()
}

impl Vpp {
    /// Its files hold these commands, without what cannot be here: pairs without the kernel's vhost_net, and the mode of a
    /// driver that only DPDK has, and a plugin that few installations have.
    fn want(&mut self, commands: &str, pairs: bool) {
        let is_possible = |line: &&str| {
            let is_pair = line.starts_with("lcp ");
            let is_of_dpdk = line.starts_with("set interface rx-mode ") && line.ends_with(" adaptive");
            (pairs || !is_pair) && !is_of_dpdk && !line.starts_with("lb ")
        };
        let lines = commands.lines().filter(is_possible);
        let text: String = lines.flat_map(|line| [line, "\n"]).collect();
        let sockets = self.root.join("run/vpp");
        let text = text.replace("/run/vpp", &sockets.to_string_lossy());
        self.keys(&text);
        fs::write(Files::of(&self.root, &self.name).commands, text).unwrap();
    }

    /// The generation that runs has the private keys of these commands.
    fn keys(&self, commands: &str) {
        for command in vpp::parse(commands).unwrap().commands {
            if let Some(Unfinished::Wireguard(tunnel)) = command.unfinished() {
                let is_own = |(_, key): &&(&str, &str)| {
                    key.parse::<WireguardSecret>().unwrap().public() == tunnel.public_key
                };
                let (_, key) = SECRETS.iter().find(is_own).unwrap();
                let path = format!("{}/{}", imp::host::paths::GENERATION, tunnel.key_file);
                sandbox::write(&self.root, &path, key);
            }
        }
    }

    fn apply(&mut self) -> Result<(), ApplyError> {
        apply(
            &Files::of(&self.root, &self.name),
            &mut Kernel::own(&self.root),
            &mut self.client,
        )
        .map(drop)
    }

    fn reload(&mut self) -> Result<(), ApplyError> {
        reload(
            &Files::of(&self.root, &self.name),
            &mut Kernel::own(&self.root),
            &mut self.client,
        )
        .map(drop)
    }
}

/// The commands without those that make pairs, where the kernel lets VPP make none.
fn report_left_out(what: &str, pairs: bool) {
    if !pairs {
        crate::skip::skipped(format!(
            "{what}: the lines of linux-cp, for the kernel has no vhost_net"
        ));
    }
}

/// What goes wrong with a tree.
fn takes(prefix: &Path, root: &Root, it: &Rendered) -> Result<bool, String> {
    let nics = nics_of_dpdk(&it.startup);
    let mut vpp = Vpp::start(
        prefix,
        root,
        &it.instance,
        &it.startup,
        &nics,
        &devices(&it.commands),
    )?;
    let pairs = it.startup.contains("linux_cp") && vpp.makes_pairs();
    vpp.want(&it.commands, pairs);
    vpp.apply().map_err(|error| error.words())?;
    let script = vpp::parse(&fs::read_to_string(Files::of(root, &vpp.name).commands).unwrap()).unwrap();
    let known = vpp::Surplus::of(&script.commands);
    let mut surplus = Vec::new();
    for question in known.questions() {
        let reply = vpp.client.run(question).unwrap();
        if reply.status == 0 {
            surplus.extend(known.of_list(question, &reply.text));
        }
    }
    surplus.retain(|what| !nics.iter().any(|nic| what == &format!("an interface '{nic}'")));
    match surplus[..] {
        [] => Ok(pairs),
        _ => Err(format!("it has what nobody asked for: {}", surplus.join(", "))),
    }
}

#[test]
fn takes_every_golden_tree() {
    let Some(prefix) = prefix("takes_every_golden_tree") else {
        return;
    };
    sandbox::run_as_root("real::takes_every_golden_tree", |root| {
        namespace();
        let mut failed = String::new();
        let mut pairs = false;
        for it in golden().into_iter().filter(|it| is_chosen(&it.of)) {
            fs::remove_dir_all(root.join("run")).ok();
            match takes(&prefix, root, &it) {
                Ok(has) => pairs |= has,
                Err(words) => writeln!(failed, "{} {}: {words}", it.of, it.instance).unwrap(),
            }
        }
        report_left_out("takes_every_golden_tree", pairs);
        assert!(failed.is_empty(), "{failed}");
    });
}

/// Two configurations of an instance, and a startup.conf for both.
struct Pair<'r> {
    from: &'r str,
    to: &'r str,
    startup: String,
}

impl Pair<'_> {
    fn start(&self, prefix: &Path, root: &Root, instance: &str) -> Result<Vpp, String> {
        fs::remove_dir_all(root.join("run")).ok();
        let scripts = [self.from, self.to].map(|text| vpp::parse(text).unwrap());
        let nics: Vec<String> = nics(&scripts).into_iter().collect();
        let devices: BTreeSet<&str> = [self.from, self.to].into_iter().flat_map(devices).collect();
        let devices: Vec<&str> = devices.into_iter().collect();
        Vpp::start(prefix, root, instance, &self.startup, &nics, &devices)
    }

    /// Leads there and back. Whether that took no restart; or what went wrong.
    fn leads(&self, prefix: &Path, root: &Root, instance: &str, pairs: &mut bool) -> Result<bool, String> {
        let expected = {
            let mut vpp = self.start(prefix, root, instance)?;
            *pairs = instance == "core" && vpp.makes_pairs();
            vpp.want(self.to, *pairs);
            vpp.apply().map_err(|error| format!("fresh: {}", error.words()))?;
            state::state(&mut vpp)
        };
        let mut vpp = self.start(prefix, root, instance)?;
        if *pairs {
            vpp.makes_pairs();
        }
        vpp.want(self.from, *pairs);
        vpp.apply()
            .map_err(|error| format!("before: {}", error.words()))?;
        let before = state::state(&mut vpp);
        for (commands, expected, way) in [(self.to, expected, "there"), (self.from, before, "back")] {
            vpp.want(commands, *pairs);
            match vpp.reload() {
                Err(ApplyError::NeedsRestart { why, .. }) => {
                    eprintln!("{way}: a restart, for {why}");
                    return Ok(way == "back");
                }
                Err(error) => return Err(format!("{way}: {}", error.words())),
                Ok(()) => {}
            }
            let found = state::state(&mut vpp);
            let more: Vec<_> = found.difference(&expected).collect();
            let less: Vec<_> = expected.difference(&found).collect();
            if !more.is_empty() || !less.is_empty() {
                return Err(format!("{way}\n more: {more:#?}\n less: {less:#?}"));
            }
        }
        Ok(true)
    }
}

/// A startup.conf that loads what either loads, and what lines of operators need.
fn with_plugins_of(startup: &str, other: &str) -> String {
    let plugins = |text: &str| -> BTreeSet<String> {
        let words = text.split_whitespace();
        let plugins = words.filter(|word| word.ends_with("_plugin.so"));
        plugins.map(str::to_owned).collect()
    };
    let mut wanted = plugins(other);
    wanted.extend(["acl", "lacp", "sflow"].map(|it| format!("{it}_plugin.so")));
    let more: String = wanted
        .difference(&plugins(startup))
        .flat_map(|it| ["\n  plugin ", it, " { enable }"])
        .collect();
    startup.replace(
        "  plugin default { disable }",
        &format!("  plugin default {{ disable }}{more}"),
    )
}

/// Carries out every pair and says what went wrong; at least so many of them need no restart.
fn all_lead<'r>(
    what: &str,
    root: &Root,
    prefix: &Path,
    pairs: impl IntoIterator<Item = (String, &'r str, Pair<'r>)>,
    least: usize,
) {
    namespace();
    let (mut failed, mut live, mut all, mut has_pairs) = (String::new(), 0, 0, false);
    let chosen = |(of, instance, _): &(String, &str, Pair<'_>)| is_chosen(&format!("{of}, {instance}"));
    for (of, instance, pair) in pairs.into_iter().filter(chosen) {
        let mut makes = false;
        all += 1;
        let led = pair.leads(prefix, root, instance, &mut makes);
        eprintln!("{of}, {instance}: {led:?}");
        match led {
            Ok(without_restart) => live += usize::from(without_restart),
            Err(words) => writeln!(failed, "{of}, {instance}: {words}").unwrap(),
        }
        has_pairs |= makes;
    }
    report_left_out(what, has_pairs);
    assert!(failed.is_empty(), "{failed}");
    assert!(live >= least.min(all), "only {live} of {all} need no restart");
}

#[test]
fn a_tree_becomes_the_next() {
    let Some(prefix) = prefix("a_tree_becomes_the_next") else {
        return;
    };
    sandbox::run_as_root("real::a_tree_becomes_the_next", |root| {
        let golden = golden();
        all_lead(
            "a_tree_becomes_the_next",
            root,
            &prefix,
            neighbours(&golden, 1),
            10,
        );
    });
}

/// An interface that tells hosts its MTU, and a VLAN with the same one and these lines.
fn announcing(mtu: u32, vlan: &[&str]) -> String {
    let [mtu, vlans] = ["x", "x.5"].map(|name| format!("set interface mtu packet {mtu} {name}"));
    let lines = [
        "vpplog imp-begin:a",
        "create sub-interfaces x 5",
        "lcp create x host-if x",
        "lcp create x.5 host-if x.5",
        &mtu,
        "set interface state x up",
        "set interface ip address x 2001:db8::1/64",
        "ip6 nd x no ra-suppress",
        "ip6 nd x ra-managed-config-flag",
        "ip6 nd x prefix 2001:db8::/64 infinite",
        &vlans,
        "set interface state x.5 up",
    ];
    let lines = lines.iter().chain(vlan).chain(&["vpplog imp-applied:a"]);
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn another_mtu_is_announced() {
    let Some(prefix) = prefix("another_mtu_is_announced") else {
        return;
    };
    sandbox::run_as_root("real::another_mtu_is_announced", |root| {
        let advertises = [
            "enable ip6 interface x.5",
            "ip6 nd x.5 no ra-suppress",
            "ip6 nd x.5 prefix 2001:db8:5::/64 infinite",
        ];
        let [large, small] = [9000, 1400].map(|mtu| announcing(mtu, &advertises));
        let alone = announcing(1400, &["set interface ip address x.5 2001:db8:5::1/64"]);
        let golden = golden();
        let core = golden.iter().find(|it| it.instance == "core").unwrap();
        let ways = [("less", &large, &small), ("alone", &large, &alone)];
        let pairs = ways.map(|(of, from, to)| {
            let startup = core.startup.clone();
            (of.to_owned(), "core", Pair { from, to, startup })
        });
        all_lead("another_mtu_is_announced", root, &prefix, pairs, 2);
    });
}

/// Each with some that follow it, of the same instance: those that a change in place is believed to lead to.
fn neighbours<'r>(
    rendered: &'r [Rendered],
    followers: usize,
) -> impl Iterator<Item = (String, &'r str, Pair<'r>)> {
    let mut by_instance: BTreeMap<&str, Vec<&Rendered>> = BTreeMap::new();
    for it in rendered {
        by_instance.entry(&it.instance).or_default().push(it);
    }
    by_instance.into_iter().flat_map(move |(instance, all)| {
        let mut pairs = Vec::new();
        for (number, from) in all.iter().enumerate() {
            for to in all.iter().cycle().skip(number + 1).take(followers) {
                let [has, wants] = [from, to].map(|it| vpp::parse(&it.commands).unwrap());
                if let Change::Live(_) = vpp::change(&has, &wants) {
                    let pair = Pair {
                        from: &from.commands,
                        to: &to.commands,
                        startup: with_plugins_of(&from.startup, &to.startup),
                    };
                    pairs.push((format!("{} to {}", from.of, to.of), instance, pair));
                }
            }
        }
        pairs
    })
}

#[test]
fn random_documents_become_others() {
    let Some(prefix) = prefix("random_documents_become_others") else {
        return;
    };
    sandbox::run_as_root("real::random_documents_become_others", |root| {
        let mut dice = Dice(seed());
        let documents: Vec<_> = std::iter::repeat_with(|| rendered(&mut dice)).take(60).collect();
        let mut all = Vec::new();
        for (number, files) in documents.iter().enumerate() {
            let text = |path: &str| {
                files
                    .iter()
                    .flatten()
                    .find(|it| it.path == path)
                    .map(|it| it.text.clone())
            };
            for file in files.iter().flatten() {
                let instance = file.path.strip_prefix("run/imp/vpp/commands-");
                if let Some(instance) = instance.and_then(|it| it.strip_suffix(".txt")) {
                    all.push(Rendered {
                        of: format!("document {number}"),
                        instance: instance.to_owned(),
                        startup: text(&format!("run/imp/vpp/startup-{instance}.conf")).unwrap(),
                        commands: bound(&file.text),
                    });
                }
            }
        }
        all_lead(
            "random_documents_become_others",
            root,
            &prefix,
            neighbours(&all, 6),
            10,
        );
    });
}

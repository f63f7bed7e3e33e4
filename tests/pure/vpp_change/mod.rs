//! The difference between two scripts, carried out on a simulated VPP: it ends where a fresh start of the new script ends.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod advertise;
mod bonds;
mod costs;
pub mod documents;
mod export;
mod features;
mod filters;
mod guards;
mod nat;
mod operators;
mod scale;
mod sim;
mod steer;
mod switching;
mod undone;

pub use switching::SECRETS;

use documents::{Dice, scripts};
use imp::plan::vpp::{self, Acls, Change, Difference, Fact, Numbers, Script, Step};
use sim::{Hears, Outcome, Sim};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A script, and what a fresh VPP has after it.
#[derive(Debug)]
struct Fresh {
    script: Script,
    sim: Sim,
    has: BTreeSet<String>,
}

impl Fresh {
    /// Carries the script out on a VPP that has these NICs of DPDK's.
    fn new(script: Script, nics: &BTreeSet<String>) -> Self {
        let made = made(&script);
        let mut sim = Sim::fresh(nics.difference(&made).map(String::as_str));
        let waits = vpp::behind_the_kernel(&script.commands);
        for (number, command) in script.commands.iter().enumerate() {
            if waits.contains(&number) {
                sim.kernel_answers();
            }
            assert_eq!(sim.run(&command.text), Ok(()), "fresh: {}", command.text);
        }
        sim.settles();
        Self {
            script,
            has: sim.has(),
            sim,
        }
    }
}

/// The interfaces that one of the scripts takes for granted.
pub fn nics<'s>(scripts: impl IntoIterator<Item = &'s Script>) -> BTreeSet<String> {
    let granted = |script| {
        let paired = named(script, ["lcp", "create"], 2);
        let members = named(script, ["bond", "add"], 3);
        let up = named(script, ["set", "interface", "state"], 3);
        let switched = named(script, ["set", "interface", "l2"], 4);
        let all = &(&(&paired | &members) | &up) | &switched;
        // What VPP made itself has the name it gave.
        let ours = |name: &String| {
            !["memif", "host-", "loop"]
                .iter()
                .any(|kind| name.starts_with(kind))
        };
        let all = all.into_iter().filter(ours);
        &all.collect() - &made(script)
    };
    scripts.into_iter().flat_map(granted).collect()
}

fn made(script: &Script) -> BTreeSet<String> {
    let renamed = named(script, ["set", "interface", "name"], 4);
    let kinds = [
        "loop",
        "BondEthernet",
        "host-",
        "memif",
        "gre",
        "ipip",
        "vxlan_tunnel",
        "wg",
    ];
    let all = [
        named(script, ["lcp", "create"], 2),
        named(script, ["set", "interface", "l2"], 4),
        named(script, ["set", "interface", "state"], 3),
    ];
    let automatic = all.into_iter().flatten();
    let automatic = automatic.filter(|name| kinds.iter().any(|kind| name.starts_with(kind)));
    automatic.chain(renamed).collect()
}

/// The word at a place of the lines that begin so, other than a VLAN's name.
fn named<const N: usize>(script: &Script, begin: [&str; N], place: usize) -> BTreeSet<String> {
    let lines = script
        .commands
        .iter()
        .map(|it| it.text.split(' ').collect::<Vec<_>>());
    lines
        .filter(|words| words.starts_with(&begin) && !words[place].contains('.'))
        .map(|words| words[place].to_owned())
        .collect()
}

fn step(sim: &mut Sim, step: &Step) -> Outcome {
    if step.waits_for_the_kernel() {
        sim.kernel_answers();
    }
    let numbers = Numbers {
        acls: Acls::of(&sim.acls()),
        interfaces: vpp::interface_numbers(&sim.numbers()),
    };
    let text = step.command(&numbers).unwrap().text;
    while step.repeats_until_refused() && sim.run(&text) == Ok(()) {}
    if step.repeats_until_refused() {
        Ok(())
    } else {
        sim.run(&text)
    }
}

fn carry_out(sim: &mut Sim, difference: &Difference, what: &str) {
    for it in &difference.steps {
        assert_eq!(step(sim, it), Ok(()), "{what}: {it}\n{}", text(difference));
    }
    sim.settles();
}

fn text(difference: &Difference) -> String {
    let lines: Vec<String> = difference.steps.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn assert_same(found: &Sim, expected: &BTreeSet<String>, what: impl Fn() -> String) {
    let found = found.has();
    let more: Vec<_> = found.difference(expected).collect();
    let less: Vec<_> = expected.difference(&found).collect();
    assert!(
        more.is_empty() && less.is_empty(),
        "{}\nmore: {more:#?}\nless: {less:#?}",
        what()
    );
}

/// The difference leads from one to the other, and from any step of it back. Returns whether it needed no restart.
fn holds(from: &Fresh, to: &Fresh, refused: usize) -> bool {
    let difference = match vpp::change(&from.script, &to.script) {
        Change::Restart { .. } => return false,
        Change::None => {
            assert_eq!(from.has, to.has, "no difference");
            return true;
        }
        Change::Live(difference) => difference,
    };
    let start = || {
        let mut sim = from.sim.clone();
        sim.hears = [Hears::AtOnce, Hears::Late][refused % 2];
        sim
    };
    let mut sim = start();
    carry_out(&mut sim, &difference, "there");
    assert_same(&sim, &to.has, || format!("there:\n{}", text(&difference)));

    let done = &difference.steps[..refused % difference.steps.len()];
    let mut sim = start();
    for it in done {
        assert_eq!(step(&mut sim, it), Ok(()));
    }
    match vpp::back(&from.script, done) {
        Change::None => sim.settles(),
        Change::Live(back) => carry_out(&mut sim, &back, "back"),
        // It had the MTU, the address or the mode of its driver, which no command gives back.
        Change::Restart { why }
            if [
                "has no MTU of its own",
                "gets another hardware address",
                "has no 'rx-mode'",
            ]
            .iter()
            .any(|words| why.contains(words)) =>
        {
            return true;
        }
        // A line of the operator's has no known inverse.
        Change::Restart { why } if done.iter().any(|it| why.contains(&format!("'{it}'"))) => return true,
        Change::Restart { why } => panic!("no way back: {why}"),
    }
    assert_same(&sim, &from.has, || {
        format!("back after {}:\n{}", done.len(), text(&difference))
    });
    true
}

#[test]
fn ten_thousand_differences_lead_there_and_back() {
    let mut dice = Dice(10);
    let documents: Vec<BTreeMap<String, Script>> = std::iter::repeat_with(|| scripts(&mut dice))
        .take(120)
        .flatten()
        .collect();
    let nics = nics(documents.iter().flat_map(BTreeMap::values));
    let mut by_instance: BTreeMap<String, Vec<Fresh>> = BTreeMap::new();
    for (instance, script) in documents.into_iter().flatten() {
        assert_eq!(vpp::change(&script, &script), Change::None);
        by_instance
            .entry(instance)
            .or_default()
            .push(Fresh::new(script, &nics));
    }
    assert_eq!(
        by_instance.keys().collect::<Vec<_>>(),
        ["cgn", "core", "office", "six"]
    );
    for (instance, all) in &by_instance {
        let live = (0..2_500)
            .filter(|_| {
                let (from, to) = (dice.roll(all.len()), dice.roll(all.len()));
                holds(&all[from], &all[to], dice.roll(1000))
            })
            .count();
        assert!(
            live > 500,
            "only {live} of 2,500 changes of '{instance}' are live"
        );
    }
}

#[test]
fn every_golden_tree_becomes_every_other() {
    let mut by_instance: BTreeMap<String, Vec<Script>> = BTreeMap::new();
    let trees = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trees");
    for tree in fs::read_dir(trees).unwrap() {
        let folder = tree.unwrap().path().join("expected/run/imp/vpp");
        for file in fs::read_dir(folder).into_iter().flatten() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with("commands-") {
                let script = vpp::parse(&fs::read_to_string(&path).unwrap()).unwrap();
                by_instance.entry(name).or_default().push(script);
            }
        }
    }
    let mut live = 0;
    for all in by_instance.values() {
        for (from, to) in all.iter().flat_map(|from| all.iter().map(move |to| (from, to))) {
            let nics = nics([from, to]);
            let (from, to) = (Fresh::new(from.clone(), &nics), Fresh::new(to.clone(), &nics));
            let steps = from.script.commands.len() + to.script.commands.len();
            for refused in (0..steps).step_by(7) {
                live += usize::from(holds(&from, &to, refused));
            }
        }
    }
    assert!(live > 100, "only {live} are live");
}

/// Two scripts, of which the second follows from the first with a live change; its commands and what it costs.
fn live(from: &[&str], to: &[&str]) -> (Vec<String>, Vec<String>) {
    match vpp::change(&script(from), &script(to)) {
        Change::Live(it) => (
            it.steps.iter().map(ToString::to_string).collect(),
            it.impacts.iter().map(ToString::to_string).collect(),
        ),
        other => panic!("{other:?}"),
    }
}

fn restart(from: &[&str], to: &[&str]) -> String {
    match vpp::change(&script(from), &script(to)) {
        Change::Restart { why } => why,
        other => panic!("{other:?}"),
    }
}

fn script(lines: &[&str]) -> Script {
    let body: String = lines.iter().map(|line| format!("{line}\n")).collect();
    vpp::parse(&format!("vpplog imp-begin:a\n{body}vpplog imp-applied:a\n")).unwrap()
}

#[test]
fn one_address_more_costs_nothing() {
    let (a, b) = (
        "set interface ip address x 192.0.2.1/24",
        "set interface ip address x 192.0.3.1/24",
    );
    let nothing = (vec![b.to_owned()], vec!["live".to_owned()]);
    assert_eq!(live(&[a], &[a, b]), nothing);
    let (steps, costs) = live(&[a, b], &[a]);
    assert_eq!(steps, ["set interface ip address del x 192.0.3.1/24"]);
    assert_eq!(
        costs,
        ["interrupts forwarding through x for about 60 ms: 192.0.3.1/24 is removed"]
    );
}

#[test]
fn what_an_interface_carries_goes_before_it() {
    let from = [
        "create sub-interfaces x 5",
        "lcp create x.5 host-if x.5",
        "set interface state x.5 up",
        "set interface ip address x.5 2001:db8:5::1/64",
        "set interface ip address x.5 192.0.2.1/24",
        "set interface ip address x.5 2001:db8:6::1/64",
        "ip6 nd x.5 no ra-suppress",
        "ip6 nd x.5 prefix 2001:db8:5::/64 infinite",
        "ip route add 10.0.0.0/8 via 192.0.2.9 x.5",
    ];
    let (steps, costs) = live(&from, &[]);
    assert_eq!(
        steps,
        [
            "ip6 nd x.5 no prefix 2001:db8:5::/64",
            "ip6 nd x.5 ra-suppress",
            "ip route del 10.0.0.0/8 via 192.0.2.9 x.5",
            "set interface ip address del x.5 2001:db8:6::1/64",
            "set interface ip address del x.5 192.0.2.1/24",
            "set interface ip address del x.5 2001:db8:5::1/64",
            "lcp delete x.5",
            "delete sub-interface x.5",
        ]
    );
    assert_eq!(costs, ["ends forwarding through x.5: it is removed"]);
    // Without a Linux side IPv6 ends with the last address, and what is advertised with it: the way back begins there.
    let from = [
        "create sub-interfaces x 5",
        from[2],
        from[3],
        from[5],
        from[6],
        from[7],
    ];
    assert_eq!(
        live(&from, &[]).0,
        [
            "set interface ip address del x.5 2001:db8:6::1/64",
            "set interface ip address del x.5 2001:db8:5::1/64",
            "delete sub-interface x.5",
        ]
    );
    let Change::Live(difference) = vpp::change(&script(&from), &script(&[])) else {
        panic!("not live")
    };
    for (done, advertised) in [(1, false), (2, true)] {
        let Change::Live(back) = vpp::back(&script(&from), &difference.steps[..done]) else {
            panic!("not live")
        };
        let again = text(&back).contains("ip6 nd x.5 no ra-suppress");
        assert_eq!(again, advertised, "after {done}: {}", text(&back));
    }
}

#[test]
fn linux_hears_of_the_mtu_that_a_vlan_has_already() {
    let with = |parents: &str, vlans: &str| {
        [
            "lcp create x host-if x".to_owned(),
            "create sub-interfaces x 5".to_owned(),
            "lcp create x.5 host-if x.5".to_owned(),
            format!("set interface mtu packet {parents} x"),
            format!("set interface mtu packet {vlans} x.5"),
        ]
    };
    let steps = |from: [String; 5], to: [String; 5]| {
        let [from, to] = [&from, &to].map(|lines| lines.each_ref().map(String::as_str));
        live(&from, &to).0
    };
    assert_eq!(
        steps(with("1400", "1400"), with("9000", "9000")),
        [
            "set interface mtu packet 9000 x",
            "set interface mtu packet 0 x.5",
            "set interface mtu packet 9000 x.5",
        ]
    );
    assert_eq!(
        steps(with("9216", "1400"), with("9000", "1500")),
        [
            "set interface mtu packet 9000 x",
            "set interface mtu packet 1500 x.5"
        ]
    );
}

#[test]
fn ipv6_of_a_linux_side_ends_and_begins_with_another_mtu() {
    let with = |mtu: &'static str| {
        [
            "lcp create x host-if x",
            mtu,
            "set interface state x up",
            "set interface ip address x 2001:db8::1/64",
            "ip6 nd x no ra-suppress",
        ]
    };
    let [old, new] = [
        "set interface mtu packet 9000 x",
        "set interface mtu packet 1500 x",
    ];
    let (from, to) = (with(old), with(new));
    assert_eq!(
        live(&from, &to).0,
        [
            "ip6 nd x ra-suppress",
            "set interface ip address del x 2001:db8::1/64",
            "disable ip6 interface x",
            new,
            "enable ip6 interface x",
            "set interface ip address x 2001:db8::1/64",
            "ip6 nd x no ra-suppress",
        ]
    );
    let Change::Live(difference) = vpp::change(&script(&from), &script(&to)) else {
        panic!("not live")
    };
    let repeated = difference.steps.iter().map(Step::repeats_until_refused);
    assert_eq!(
        repeated.collect::<Vec<_>>(),
        [false, false, true, false, false, false, false]
    );
    // On the way back it is silent already, until it has its MTU again.
    let Change::Live(back) = vpp::back(&script(&from), &difference.steps[..4]) else {
        panic!("not live")
    };
    let expected = [old, "enable ip6 interface x", from[3], from[4]];
    assert_eq!(text(&back), expected.join("\n"));
    // The Linux side of one that is down, or of none, has no address: IPv6 ends with VPP's own.
    for without in [0, 2] {
        let less = |lines: [&'static str; 5]| {
            let (before, after) = lines.split_at(without);
            [before, &after[1..]].concat()
        };
        let (steps, _) = live(&less(from), &less(to));
        assert!(
            !steps.iter().any(|it| it.contains(" ip6 interface ")),
            "{steps:?}"
        );
    }
    // Nor has an interface that asks for IPv6 without an address the new MTU as long as it is on.
    let asks = |mtu: &'static str| [mtu, "enable ip6 interface x", "ip6 nd x no ra-suppress"];
    assert_eq!(
        live(&asks(old), &asks(new)).0,
        [
            "ip6 nd x ra-suppress",
            "disable ip6 interface x",
            new,
            "enable ip6 interface x",
            "ip6 nd x no ra-suppress",
        ]
    );
}

#[test]
fn an_acl_is_found_by_its_tag_wherever_it_is() {
    let acl = |tag: &str, net: &str| format!("set acl-plugin acl permit src {net} dst 0.0.0.0/0 tag {tag}");
    let (a, b, b2) = (
        acl("a", "10.0.0.0/8"),
        acl("b", "10.0.0.0/9"),
        acl("b", "10.0.0.0/10"),
    );
    let policy = |acl: u32| format!("abf policy add id 7 acl {acl} via 192.0.2.1 x");
    let (steps, costs) = live(&[&a, &b, &policy(1)], &[&b2, &policy(0)]);
    assert_eq!(
        steps,
        [
            "delete acl-plugin acl index 'a'",
            "set acl-plugin acl index 'b' permit src 10.0.0.0/10 dst 0.0.0.0/0 tag b"
        ]
    );
    assert_eq!(costs, ["live"]);
    let Change::Live(difference) = vpp::change(&script(&[&a]), &script(&[])) else {
        panic!("not live")
    };
    let shown = |numbers: &[u32]| {
        let facts: Vec<Fact> = numbers
            .iter()
            .map(|n| Fact::Acl(*n, "a".to_owned(), Vec::new()))
            .collect();
        let numbers = Numbers {
            acls: Acls::of(&facts),
            ..Numbers::default()
        };
        difference.steps[0].command(&numbers).map(|it| it.text)
    };
    assert_eq!(shown(&[4]), Ok("delete acl-plugin acl index 4".to_owned()));
    for ambiguous in [&[][..], &[4, 5]] {
        assert!(shown(ambiguous).is_err());
    }
}

#[test]
fn a_line_that_is_not_known_can_only_be_added() {
    let (one, two) = ("set dhcp client intfc x hostname h", "lb conf timeout 5");
    assert_eq!(live(&[one], &[one, two]).0, [two]);
    for (from, to) in [
        (&[one, two][..], &[one][..]),
        (&[one], &[two, one]),
        (&[one, two], &[two, one]),
    ] {
        assert!(restart(from, to).contains(one) || restart(from, to).contains(two));
    }
    let vlan = "create sub-interfaces y 5";
    let names = "set dhcp client intfc y.5 hostname h";
    assert!(restart(&[vlan, names], &[names]).contains(names));
}

#[test]
fn what_only_a_start_decides_is_a_restart() {
    let memifs = ["set interface det44 inside memif1/0 outside memif2/0"];
    assert!(
        restart(
            &["nat44 plugin enable sessions 5"],
            &["nat44 plugin enable sessions 6"]
        )
        .contains("sessions")
    );
    assert!(restart(&memifs, &[]).contains("det44"));
    assert!(restart(&["set interface mtu packet 1500 x"], &[]).contains("'x'"));
}

#[test]
fn the_interval_of_advertisements_stays_below_their_lifetime() {
    let (address, on) = (
        "set interface ip address x 2001:db8::1/64",
        "ip6 nd x no ra-suppress",
    );
    let slow = [
        address,
        on,
        "ip6 nd x ra-lifetime 5400",
        "ip6 nd x ra-interval 1800 900",
    ];
    let fast = [address, on, "ip6 nd x ra-interval 30 15"];
    assert_eq!(live(&fast, &slow).0, slow[2..]);
    assert_eq!(
        live(&slow, &fast).0,
        ["ip6 nd x ra-interval 30 15", "ip6 nd x no ra-lifetime 5400"]
    );
}

#[test]
fn a_large_mapping_stalls_everything() {
    let base = [
        "det44 plugin enable",
        "det44 add in 10.0.0.0/24 out 203.0.113.0/28",
    ];
    let more = [base[0], base[1], "det44 add in 10.16.0.0/20 out 203.0.114.0/26"];
    assert_eq!(
        live(&base, &more).1,
        ["interrupts all forwarding for about 900 ms: det44 allocates the sessions of 4096 addresses"]
    );
    assert_eq!(
        live(&more, &base).1,
        ["drops the NAT sessions of 10.16.0.0/20 to 203.0.114.0/26: they are removed or made again"]
    );
}

//! Bonds whose members change: at least one stays as it is, or the bond is made again.

use super::{live, script};
use imp::plan::vpp::{self, Change};

const PLAIN: &str = "create bond mode lacp load-balance l34 id 7";
const OWN: &str = "create bond mode lacp load-balance l34 hw-addr 02:00:00:00:00:07 id 7";
const AGAIN: &str = "interrupts forwarding through core for about 1000 ms: it is made again";

fn bond(create: &str, members: &[&str]) -> Vec<String> {
    let mut lines = vec![
        create.to_owned(),
        "set interface name BondEthernet7 core".to_owned(),
    ];
    lines.extend(members.iter().map(|member| format!("bond add core {member}")));
    lines.push("lcp create core host-if core".to_owned());
    lines.push("set interface state core up".to_owned());
    lines
}

/// The steps and the costs from some members to others.
fn changed(create: &str, from: &[&str], to: &[&str]) -> (Vec<String>, Vec<String>) {
    let (from, to) = (bond(create, from), bond(create, to));
    let [from, to] = [&from, &to].map(|lines| lines.iter().map(String::as_str).collect::<Vec<_>>());
    live(&from, &to)
}

fn is_made_again((steps, costs): &(Vec<String>, Vec<String>)) -> bool {
    steps.iter().any(|step| step == "delete bond core") && *costs == [AGAIN]
}

#[test]
fn one_whose_members_all_change_is_made_again() {
    for create in [PLAIN, OWN] {
        let slow = ["a long-timeout", "b long-timeout"];
        let rate = changed(create, &["a", "b"], &slow);
        assert!(is_made_again(&rate), "{rate:?}");
        let (gone, made) = rate.0.split_at(4);
        let del = ["lcp delete core", "bond del b", "bond del a", "delete bond core"];
        assert_eq!(gone, del);
        assert_eq!(made, bond(create, &slow));
        let other = changed(create, &["a"], &["b"]);
        assert!(is_made_again(&other), "{other:?}");
    }
}

#[test]
fn one_with_a_member_that_stays_is_kept() {
    let again = |name: &str| {
        format!(
            "interrupts forwarding through {name} for about 1000 ms: it leaves its bond and joins one again"
        )
    };
    for (changes, to) in [("b", ["a", "b passive"]), ("a", ["a passive", "b"])] {
        let (steps, costs) = changed(PLAIN, &["a", "b"], &to);
        let joins = format!("bond add core {changes} passive");
        assert_eq!(steps, [format!("bond del {changes}"), joins]);
        assert_eq!(costs, [again(changes)]);
    }
    let live = vec!["live".to_owned()];
    let less = changed(PLAIN, &["a", "b"], &["a"]);
    assert_eq!(less, (vec!["bond del b".to_owned()], live.clone()));
    let more = changed(PLAIN, &["a"], &["a", "b"]);
    assert_eq!(more, (vec!["bond add core b".to_owned()], live));
}

#[test]
fn one_that_has_the_address_of_its_first_member_does_not_outlive_it() {
    for (from, to) in [
        (&["a", "b"][..], &["b"][..]),
        (&["a", "b"], &["b", "a"]),
        (&["b"], &["a", "b"]),
    ] {
        let change = changed(PLAIN, from, to);
        assert!(is_made_again(&change), "{from:?} to {to:?}: {change:?}");
    }
    // What made the first one made another of it.
    let host = |mac: &str| format!("create host-interface name a hw-addr {mac}");
    let members = ["host-a", "b"];
    let [from, to] = ["02:00:00:00:00:01", "02:00:00:00:00:02"].map(|mac| {
        let lines = [vec![host(mac)], bond(PLAIN, &members)].concat();
        lines.join("\n")
    });
    let [from, to] = [&from, &to].map(|lines| lines.lines().collect::<Vec<_>>());
    let (steps, _) = live(&from, &to);
    assert!(steps.iter().any(|step| step == "delete bond core"), "{steps:?}");
    // With an address of its own it does.
    let (steps, costs) = changed(OWN, &["a", "b"], &["b"]);
    assert_eq!(steps, ["bond del a"]);
    assert_eq!(costs, ["live"]);
    let [from, to] = [["a", "b"], ["b", "a"]].map(|members| {
        let lines = bond(OWN, &members);
        script(&lines.iter().map(String::as_str).collect::<Vec<_>>())
    });
    match vpp::change(&from, &to) {
        Change::None => {}
        Change::Live(difference) => assert_eq!(difference.steps, []),
        Change::Restart { why } => unreachable!("{why}"),
    }
}

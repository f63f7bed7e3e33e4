//! `imp-vpp --reload` on a VPP that lacks something already: somebody took it away by hand.

#![allow(clippy::unwrap_used)]

use super::apply::CORE_COMMANDS;
use super::stand_in::{CORE, StandIn, has_python, said};
use imp::facts::vpp::InstanceFacts;
use imp::types::Root;

const ADDRESS: &str = "set interface ip address internal.30 10.30.0.1/24\n";
/// What somebody takes away: a route, an address, and one of the interface that is changed.
const BY_HAND: [&str; 3] = [
    "ip route del 203.0.113.0/27",
    "set interface ip address del lo0 192.0.2.1/32",
    "set interface ip address del internal.30 2001:db8:30::1/64",
];
const LACKS: [&str; 3] = ["203.0.113.0/27", "192.0.2.1/32", "2001:db8:30::1/64"];

/// The commands with more behind the address.
fn with(more: &str) -> String {
    CORE_COMMANDS.replacen(ADDRESS, &format!("{ADDRESS}{more}"), 1)
}

/// Two addresses more.
fn more() -> String {
    with(
        "set interface ip address internal.30 10.31.0.1/24\nset interface ip address internal.30 10.32.0.1/24\n",
    )
}

/// A VPP that had the commands until somebody came.
fn drifted() -> StandIn {
    let vpp = StandIn::core();
    let applied = vpp.apply("a", CORE_COMMANDS);
    assert!(applied.status.success(), "{}", said(&applied));
    for line in BY_HAND {
        let reply = vpp.ask(line);
        assert_eq!(reply.status, 0, "{line}: {}", reply.text);
    }
    vpp
}

fn facts(vpp: &StandIn) -> InstanceFacts {
    InstanceFacts::read(&Root::new(vpp.root.path()), &"core".parse().unwrap())
}

fn addresses(vpp: &StandIn) -> String {
    vpp.ask("show interface address").text
}

/// It succeeded, and said what was missing.
fn warns(output: &std::process::Output) {
    let said = said(output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("was missing before this change: "), "{said}");
    for lacks in LACKS {
        assert!(said.contains(lacks), "{lacks}: {said}");
    }
}

#[test]
fn what_was_missing_before_does_not_stop_a_change_of_something_else() {
    if !has_python() {
        return;
    }
    let vpp = drifted();
    warns(&vpp.reload("b", &more()));
    assert!(facts(&vpp).is_as_wanted());
    let has = addresses(&vpp);
    assert!(
        has.contains("10.31.0.1/24") && has.contains("10.32.0.1/24"),
        "{has}"
    );
    // Nor does it the next one, which takes that back.
    warns(&vpp.reload("a", CORE_COMMANDS));
    assert!(!addresses(&vpp).contains("10.31.0.1/24"));
    // What is made again where it was missing is there, and is not named any more.
    let healed = CORE_COMMANDS.replacen(ADDRESS, "", 1);
    let output = vpp.reload("c", &healed);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn what_was_missing_before_does_not_keep_a_change_from_being_taken_back() {
    if !has_python() {
        return;
    }
    let vpp = drifted();
    for step in 0..2 {
        vpp.ask(&format!("stand-in ambush refuse {step}"));
        let reloaded = vpp.reload("b", &more());
        let said = said(&reloaded);
        assert_eq!(reloaded.status.code(), Some(1), "{said}");
        assert!(
            said.trim_end().ends_with("vpp 'core' has what it had before"),
            "{said}"
        );
        assert!(!addresses(&vpp).contains("10.31.0.1/24"));
        assert!(facts(&vpp).applied.is_some(), "a restart would follow: {said}");
        let back = vpp.reload("a", CORE_COMMANDS);
        assert!(back.status.success(), "{}", self::said(&back));
    }
    // A step that changes what is missing is refused, and that is all.
    let without = CORE_COMMANDS.replacen("set interface ip address lo0 192.0.2.1/32\n", "", 1);
    let reloaded = vpp.reload("b", &without);
    let said = said(&reloaded);
    assert_eq!(reloaded.status.code(), Some(1), "{said}");
    assert!(
        said.trim_end().ends_with("vpp 'core' has what it had before"),
        "{said}"
    );
    assert!(facts(&vpp).applied.is_some());
}

#[test]
fn what_was_missing_before_does_not_keep_an_interrupted_change_from_being_ended() {
    if !has_python() {
        return;
    }
    for kill in ["kill-before 1", "kill-after 1"] {
        let vpp = drifted();
        vpp.ask(&format!("stand-in ambush {kill}"));
        assert_eq!(vpp.reload("b", &more()).status.code(), None, "{kill}");
        warns(&vpp.reload("b", &more()));
        assert!(facts(&vpp).is_as_wanted());
    }
}

/// Linux drops the other addresses of a subnet with the first one unless it is told otherwise.
#[test]
fn what_a_change_takes_along_was_not_missing_before() {
    if !has_python() {
        return;
    }
    let vpp = StandIn::start("core", CORE, &[("VPP_STAND_IN_NO_PROMOTE", "1")]);
    let other = "set interface ip address internal.30 10.30.0.7/24\n";
    let before = with(other);
    let applied = vpp.apply("a", &before);
    assert!(applied.status.success(), "{}", said(&applied));
    assert_eq!(vpp.ask(BY_HAND[0]).status, 0);
    let reloaded = vpp.reload("b", &before.replacen(ADDRESS, "", 1));
    let said = said(&reloaded);
    assert_eq!(reloaded.status.code(), Some(1), "{said}");
    assert!(said.contains("does not have 10.30.0.7/24"), "{said}");
    assert!(!said.contains("203.0.113.0/27"), "{said}");
}

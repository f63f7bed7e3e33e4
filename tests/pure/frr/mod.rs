//! What FRR runs against frr.conf: no difference where FRR only prints it otherwise, and every one where it does not run it.
//!
//! The `.running` files are what FRR 8.4.4 and 10.3 printed after loading `variants.conf`.
#![allow(clippy::unwrap_used)]

mod change;
mod daemons;
mod kept;
mod release;

use imp::plan::frr::{additions, differences, lines};

const VARIANTS: &str = include_str!("variants.conf");
const EIGHT: &str = include_str!("variants.8.running");
const TEN: &str = include_str!("variants.10.running");

fn found(conf: &str, running: &str) -> Vec<String> {
    lines(&differences(conf, running))
}

#[test]
fn other_spellings_orders_and_defaults_are_no_difference() {
    assert_eq!(found(VARIANTS, EIGHT), [""; 0]);
    assert_eq!(found(VARIANTS, TEN), [""; 0]);
}

/// The text with this line of it gone or another one.
fn changed(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "'{from}' is not once in the text");
    text.replacen(from, to, 1)
}

#[test]
fn each_line_that_does_not_run_is_named_with_what_runs_instead() {
    for running in [EIGHT, TEN] {
        let other = changed(running, "seq 33 deny 10.3.0.0/16", "seq 33 deny 10.4.0.0/16");
        assert_eq!(
            found(VARIANTS, &other),
            [
                "frr.conf:14 says 'ip prefix-list A seq 33 deny 10.3.0.0/16', FRR runs 'ip prefix-list A seq 33 deny 10.4.0.0/16'"
            ]
        );
        let gone = changed(running, "ip prefix-list A seq 33 deny 10.3.0.0/16\n", "");
        assert_eq!(
            found(VARIANTS, &gone),
            ["frr.conf:14 'ip prefix-list A seq 33 deny 10.3.0.0/16' does not run"]
        );
        let more = changed(
            running,
            "  redistribute static\n  ",
            "  redistribute static\n  redistribute connected\n  ",
        );
        assert_eq!(
            found(VARIANTS, &more),
            [
                "FRR runs 'redistribute connected' in 'router bgp 64500 / address-family ipv4 unicast', which frr.conf does not say"
            ]
        );
        let entry = changed(
            running,
            "route-map X permit 20\n match community C\n on-match goto 30\n",
            "",
        );
        assert_eq!(
            found(VARIANTS, &entry),
            ["frr.conf:94 'route-map X permit 20' does not run, nor do the 2 lines in it"]
        );
        // The block goes, its lines do not stand in another.
        let interface = changed(running, "interface internal\n ip ospf passive\n", "");
        assert_eq!(
            found(VARIANTS, &interface),
            ["frr.conf:79 'ip ospf passive' in 'interface internal' does not run"]
        );
    }
}

#[test]
fn what_is_left_of_a_load_that_was_cut_is_counted() {
    let list: String = (1..=2000)
        .map(|n| {
            format!(
                "ip prefix-list B seq {n} permit 10.{}.{}.0/24\n",
                n / 256,
                n % 256
            )
        })
        .collect();
    let conf = format!("{list}route-map X permit 10\n match ip address prefix-list B\n");
    let running: String = list.lines().take(616).map(|line| format!("{line}\n")).collect();
    let found = found(&conf, &format!("frr version 8.4.4\n{running}"));
    assert_eq!(found.len(), 9);
    assert_eq!(
        found[0],
        "frr.conf:617 'ip prefix-list B seq 617 permit 10.2.105.0/24' does not run"
    );
    assert_eq!(found[8], "and 1377 more");
}

#[test]
fn members_that_run_word_for_word_hide_no_other_difference() {
    let conf = "ip prefix-list A seq 5 permit 10.0.0.0/8\nip prefix-list A seq 10 permit 10.1.0.0/16\n\
        route-map M permit 10\n match ip address prefix-list A\nexit\n";
    let running = changed(conf, "10.1.0.0/16", "10.2.0.0/16");
    let running = changed(&running, " match ip address prefix-list A\n", "");
    assert_eq!(
        found(conf, &running),
        [
            "frr.conf:2 says 'ip prefix-list A seq 10 permit 10.1.0.0/16', FRR runs 'ip prefix-list A seq 10 permit 10.2.0.0/16'",
            "frr.conf:4 'match ip address prefix-list A' in 'route-map M permit 10' does not run"
        ]
    );
    assert_eq!(found(conf, conf), [""; 0]);
}

#[test]
fn no_secret_is_in_a_difference() {
    let other = changed(EIGHT, "password s3cret", "password 0ther");
    assert_eq!(
        found(VARIANTS, &other),
        [
            "frr.conf:55 says 'neighbor 192.0.2.7 password ****' in 'router bgp 64500', FRR runs 'neighbor 192.0.2.7 password ****'"
        ]
    );
    let cut = changed(EIGHT, "md5 geheim", "md5 gehei");
    let found = found(VARIANTS, &cut);
    assert!(
        !found.is_empty() && !found.concat().contains("gehei"),
        "{found:?}"
    );
}

#[test]
fn lists_and_whole_entries_are_given_first_and_nothing_else() {
    let before = "frr version 8.4.4\nip prefix-list A seq 5 permit 10.0.0.0/8\n\
        route-map X permit 10\n match ip address prefix-list A\n set metric 5\nexit\n!\nroute-map X permit 20\nexit\n";
    let conf = "ip prefix-list A seq 5 permit 10.0.0.0/8\nip prefix-list B seq 5 permit 11.0.0.0/8\n\
        router bgp 64500\n bgp router-id 192.0.2.1\nexit\n\
        route-map X permit 10\n match ip address prefix-list B\n set metric 5\nroute-map X permit 20\n";
    assert_eq!(
        additions(conf, before),
        "ip prefix-list B seq 5 permit 11.0.0.0/8\n\
         route-map X permit 10\nmatch ip address prefix-list B\nset metric 5\n"
    );
    assert_eq!(additions(before, before), "");
}

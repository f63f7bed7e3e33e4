//! What a change costs, where the steps alone do not show it.

use super::{live, script};
use imp::plan::vpp::{self, Change};

#[test]
fn the_flows_of_nat64_end_with_its_prefix() {
    let with = |prefix: &'static str| ["nat64 plugin enable", prefix];
    let (_, costs) = live(
        &with("nat64 add prefix 64:ff9b::/96"),
        &with("nat64 add prefix 2001:db8:64::/96"),
    );
    let sessions = "drops the NAT sessions of the prefix 64:ff9b::/96: they are removed or made again";
    assert_eq!(costs, [sessions]);
}

/// An ACL with these rules and this tag, and the interfaces whose traffic goes by it to a NAT.
fn steering(rules: &str, tag: &str, interfaces: &[&str]) -> String {
    let mut text = format!(
        "set acl-plugin acl {rules} tag {tag}\nabf policy add id 7 acl 0 via 192.0.2.1 memif1/0\n\
         create sub-interfaces x 5\n"
    );
    for name in interfaces {
        text.push_str(&format!("abf attach ip4 policy 7 priority 10 {name}\n"));
    }
    text
}

fn costs(from: &str, to: &str) -> Vec<String> {
    let [from, to] = [from, to].map(|text| text.lines().collect::<Vec<_>>());
    live(&from, &to).1
}

#[test]
fn whose_traffic_is_not_taken_any_more_loses_its_sessions() {
    let all = "permit src 10.0.0.0/8 dst 0.0.0.0/0";
    let office = |interfaces: &[&str]| steering(all, "nat-office", interfaces);
    let fewer = costs(&office(&["x", "x.5", "y"]), &office(&["x"]));
    let sessions = "drops the NAT sessions of x.5, y: NAT 'office' does not take its traffic any more";
    assert_eq!(fewer, [sessions]);
    // One that goes loses more than that.
    let without = office(&["x"]).replace("create sub-interfaces x 5\n", "");
    let gone = costs(&office(&["x", "x.5"]), &without);
    assert_eq!(gone, ["ends forwarding through x.5: it is removed"]);
    // A policy of the operator's leads to no NAT that is known.
    let own = |interfaces: &[&str]| steering(all, "mine", interfaces);
    assert_eq!(costs(&own(&["x", "y"]), &own(&["x"])), ["live"]);
}

#[test]
fn flows_that_are_steered_otherwise_break() {
    let all = "permit src 10.0.0.0/8 dst 0.0.0.0/0";
    let spared = format!("deny src 0.0.0.0/0 dst 192.0.2.0/24, {all}");
    let office = |rules: &str, interfaces: &[&str]| steering(rules, "nat-office", interfaces);
    let breaks = "established flows from x, y break where they are steered otherwise than before: acl 'nat-office' gets other rules";
    assert_eq!(
        costs(&office(all, &["x", "y"]), &office(&spared, &["x", "y"])),
        [breaks]
    );
    // Where nothing was steered, nothing breaks.
    assert_eq!(costs(&office(all, &[]), &office(&spared, &["x"])), ["live"]);
}

/// A VLAN with IPv6 that it may advertise, with these MTUs.
fn vlan(mtu: u32, advertises: bool) -> Vec<String> {
    let mut lines = vec![
        "lcp create x host-if x".to_owned(),
        "create sub-interfaces x 5".to_owned(),
        "lcp create x.5 host-if x.5".to_owned(),
        format!("set interface mtu packet {mtu} x"),
        "set interface state x up".to_owned(),
        format!("set interface mtu packet {mtu} x.5"),
        "set interface state x.5 up".to_owned(),
        "set interface ip address x.5 2001:db8::1/64".to_owned(),
    ];
    if advertises {
        lines.push("ip6 nd x.5 no ra-suppress".to_owned());
    }
    lines
}

#[test]
fn an_address_is_away_while_the_kernel_answers() {
    let change = |advertises: bool| {
        let [from, to] = [9000, 1500].map(|mtu| {
            let lines = vlan(mtu, advertises);
            script(&lines.iter().map(String::as_str).collect::<Vec<_>>())
        });
        match vpp::change(&from, &to) {
            Change::Live(difference) => difference,
            other => unreachable!("{other:?}"),
        }
    };
    let difference = change(true);
    let costs: Vec<String> = difference.impacts.iter().map(ToString::to_string).collect();
    let away = "interrupts forwarding through x.5 for about 360 ms: 2001:db8::1/64 is made again";
    assert_eq!(costs, [away]);
    // So long that sessions over it are lost.
    let lost = difference.lost().addresses;
    assert_eq!(
        lost["x.5"].iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["2001:db8::1/64"]
    );
    assert!(change(false).lost().addresses.is_empty());
}

#[test]
fn every_reason_is_named_and_the_longest_time() {
    let router = |address: &str| {
        format!(
            "set interface ip address x {address}/24\n\
             vrrp vr add x vr_id 10 priority 100 interval 100 198.51.100.254\nvrrp proto start x vr_id 10\n"
        )
    };
    let (old, new) = (router("198.51.100.2"), router("198.51.100.4"));
    let both = "interrupts forwarding through x for about 1000 ms: virtual router 10 is made again, 198.51.100.2/24 is removed";
    assert_eq!(costs(&old, &new), [both]);
    let address = |n: u32| format!("set interface ip address x 192.0.{n}.1/24\n");
    let many: String = (1..=7).map(address).collect();
    let counted = "interrupts forwarding through x for about 60 ms: 192.0.1.1/24 is removed, 192.0.2.1/24 is removed, 192.0.3.1/24 is removed, 192.0.4.1/24 is removed and 3 more";
    assert_eq!(costs(&many, ""), [counted]);
    // The same one for several things is one.
    let interfaces = "set interface nat64 in a\nset interface nat64 out b\n";
    let nat64 = "nat64 plugin enable\n";
    assert_eq!(
        costs(&format!("{nat64}{interfaces}"), nat64),
        ["interrupts all forwarding for about 20 ms: nothing is translated meanwhile"]
    );
}

//! An operator's lines of the kinds that are known: changed in place, and taken back by lines that do so.

use super::{live, restart};

#[test]
fn what_stands_on_an_interface_goes_before_it_and_comes_after_it() {
    let bond = |mode: &str| format!("create bond mode {mode} id 0");
    let (lacp, xor) = (bond("lacp load-balance l34"), bond("xor load-balance l2"));
    let rest = [
        "lcp create BondEthernet0 host-if b0",
        "bond add BondEthernet0 x",
        "create sub-interfaces BondEthernet0 100",
        "lcp create BondEthernet0.100 host-if b0.100",
        "create sub-interfaces BondEthernet0 7 dot1q 100 inner-dot1q 200 exact-match",
        "lcp create BondEthernet0.7 host-if b0.100.200",
        "set ip neighbor static BondEthernet0.7 192.0.2.9 02:00:00:00:00:01",
    ];
    let all = |first: &'static str| [&[first][..], &rest[..]].concat();
    let (from, to) = (all(lacp.leak()), all(xor.leak()));
    let (steps, costs) = live(&from, &to);
    let gone = [
        "set ip neighbor del BondEthernet0.7 192.0.2.9 02:00:00:00:00:01",
        "lcp delete BondEthernet0.7",
        "delete sub-interface BondEthernet0.7",
        "lcp delete BondEthernet0.100",
        "delete sub-interface BondEthernet0.100",
        "bond del x",
        "lcp delete BondEthernet0",
        "delete bond BondEthernet0",
    ];
    assert_eq!(steps[..gone.len()], gone);
    assert_eq!(steps[gone.len()..], to);
    assert!(
        costs.iter().all(|cost| cost.contains("it is made again")),
        "{costs:?}"
    );
    // The VLAN inside another goes when that one's Linux side does.
    let without = [&from[..4], &from[5..7]].concat();
    assert_eq!(live(&without, &from[..4]).0.len(), 2);
}

#[test]
fn an_interface_changes_its_table_without_its_addresses() {
    let (table, address) = ("ip table add 10", "set interface ip address x 192.0.2.1/24");
    let bind = "set interface ip table x 10";
    let route = "ip route add 10.0.0.0/8 table 10 via 192.0.2.9 x";
    let (steps, _) = live(&[address], &[table, bind, address, route]);
    assert_eq!(
        steps,
        [
            "set interface ip address del x 192.0.2.1/24",
            table,
            bind,
            address,
            route
        ]
    );
    let (steps, _) = live(&[table, bind, address, route], &[address]);
    assert_eq!(
        steps,
        [
            "ip route del 10.0.0.0/8 table 10 via 192.0.2.9 x",
            "set interface ip address del x 192.0.2.1/24",
            "set interface ip table x 0",
            "ip table del 10",
            address
        ]
    );
}

#[test]
fn a_policer_takes_other_rates_while_it_is_in_use() {
    let (slow, fast) = (
        "policer add name p cir 1000 cb 10",
        "policer add name p cir 2000 cb 10",
    );
    let applied = "policer input name p x";
    assert_eq!(
        live(&[slow, applied], &[fast, applied]).0,
        ["configure policer name p cir 2000 cb 10"]
    );
    assert_eq!(
        live(&[slow, applied], &[]).0,
        ["policer input unapply name p x", "policer del name p"]
    );
}

#[test]
fn a_virtual_router_stops_before_it_changes() {
    let router = |priority: u32| {
        format!("vrrp vr add x vr_id 5 ipv6 priority {priority} interval 100 fe80::5 2001:db8::5")
    };
    let runs = "vrrp proto start x vr_id 5 ipv6";
    let (steps, costs) = live(&[&router(100), runs], &[&router(200), runs]);
    assert_eq!(
        steps,
        [
            "vrrp proto stop x vr_id 5 ipv6",
            "vrrp vr del x vr_id 5 ipv6",
            &router(200),
            runs
        ]
    );
    assert_eq!(
        costs,
        ["interrupts forwarding through x for about 1000 ms: virtual router 5 is made again"]
    );
}

#[test]
fn timeouts_that_are_not_set_any_more_are_vpps_own() {
    let (udp, tcp) = (
        "set det44 timeouts udp 30",
        "set det44 timeouts tcp established 100 icmp 5",
    );
    assert_eq!(
        live(&[udp, tcp], &[udp]).0,
        ["set det44 timeouts tcp established 7440 icmp 60"]
    );
    assert_eq!(
        live(&[udp], &[tcp]).0,
        ["set det44 timeouts udp 300 tcp established 100 icmp 5"]
    );
    assert_eq!(
        live(&[], &[udp, tcp]).0,
        ["set det44 timeouts udp 30 tcp established 100 icmp 5"]
    );
}

#[test]
fn a_line_that_takes_back_another_is_no_line_of_its_own() {
    let (up, address) = (
        "set interface state x up",
        "set interface ip address x 192.0.2.1/24",
    );
    let undone = [
        "set interface state x down",
        "set interface ip address del x 192.0.2.1/24",
    ];
    let all = [up, address, undone[0], undone[1]];
    assert_eq!(live(&[up, address], &all).0.len(), 2);
    assert_eq!(live(&all, &[up, address]).0, [up, address]);
    // What it takes back is of a kind that is not known: nor is the line.
    let unknown = ["nsim output-feature x", "nsim output-feature x disable"];
    assert!(restart(&unknown, &unknown[..1]).contains(unknown[1]));
}

#[test]
fn multicast_goes_before_its_table() {
    let vrf = [
        "ip table add 10",
        "ip mroute add table 10 224.0.0.0/24 AA",
        "ip mroute add table 10 224.0.0.0/24 via local Forward",
    ];
    assert_eq!(live(&[], &vrf).0, vrf);
    let gone = [
        "ip mroute del table 10 224.0.0.0/24 via local Forward",
        "ip mroute del table 10 224.0.0.0/24",
        "ip table del 10",
    ];
    assert_eq!(live(&vrf, &[]).0, gone);
}

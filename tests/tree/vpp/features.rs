//! An operator's own lines of the kinds that are known: changed in place, with the stand-in as strict as VPP is.

#![allow(clippy::unwrap_used)]

use super::stand_in::Effect::{Prints, Refused, Silent};
use super::stand_in::{CORE, StandIn, has_python, said, session};

/// The core instance with what virtual routers, bonds and det44 need.
fn startup() -> String {
    CORE.replace(
        "plugin ping_plugin.so",
        "plugin vrrp_plugin.so { enable } plugin lacp_plugin.so { enable } plugin det44_plugin.so { enable } \
         plugin gre_plugin.so { enable } plugin vxlan_plugin.so { enable } plugin ping_plugin.so",
    )
}

fn fresh(commands: &str) -> StandIn {
    let links = [("VPP_STAND_IN_LINKS", "m0,m1")];
    let vpp = StandIn::start("core", &startup(), &links);
    let applied = vpp.apply("0123abcd", commands);
    assert!(applied.status.success(), "{}", said(&applied));
    vpp
}

#[test]
fn what_stands_on_interfaces() {
    if !has_python() {
        return;
    }
    session(
        &fresh("create host-interface name m0 hw-addr 02:00:00:00:00:01"),
        &[
            (
                "create bond mode lacp load-balance l34 id 3",
                Prints("BondEthernet3"),
            ),
            ("bond add BondEthernet3 host-m0", Silent),
            ("bond add BondEthernet3 host-m0", Refused("cannot be added")),
            ("bond del host-m0", Silent),
            ("bond del host-m0", Refused("unknown input")),
            ("create bridge-domain 5", Prints("bridge-domain 5")),
            ("create bridge-domain 5", Refused("in use")),
            ("set interface l2 bridge host-m0 6", Refused("bridge domain")),
            ("set interface l2 bridge host-m0 5", Silent),
            ("create bridge-domain 5 del", Refused("in use")),
            ("set interface l3 host-m0", Silent),
            ("create bridge-domain 5 del", Silent),
            ("set interface ip table host-m0 10", Refused("no such table")),
            ("ip table add 10", Silent),
            ("ip table add 10", Silent),
            ("set interface ip table host-m0 10", Silent),
            ("set interface ip address host-m0 192.0.2.1/24", Silent),
            ("set interface ip address BondEthernet3 192.0.2.1/24", Silent),
            ("set interface ip table host-m0 0", Refused("has addresses")),
            (
                "set ip neighbor static host-m0 192.0.2.9 02:00:00:00:00:09",
                Silent,
            ),
            ("show ip neighbors", Prints("02:00:00:00:00:09")),
            ("set ip neighbor del host-m0 192.0.2.9 02:00:00:00:00:09", Silent),
            ("policer add name p cir 1000 cb 10", Silent),
            ("policer add name p cir 1000 cb 10", Refused("already exists")),
            ("policer input name p host-m0", Silent),
            ("configure policer name p cir 2000 cb 10", Silent),
            ("policer input unapply name p host-m0", Silent),
            ("policer input unapply name p host-m0", Refused("-6")),
            ("policer del name p", Silent),
            (
                "vrrp vr add host-m0 vr_id 5 priority 100 interval 100 192.0.2.8",
                Silent,
            ),
            (
                "vrrp vr add host-m0 vr_id 5 priority 100 interval 100 192.0.2.8",
                Refused("-81"),
            ),
            ("vrrp proto start host-m0 vr_id 5", Silent),
            ("vrrp proto start host-m0 vr_id 6", Refused("-6")),
            (
                "vrrp vr track-if add host-m0 vr_id 5 track-index 99 priority 20",
                Refused("invalid"),
            ),
            (
                "vrrp vr track-if add host-m0 vr_id 5 track-index 0 priority 100",
                Refused("must be less"),
            ),
            (
                "vrrp vr track-if add host-m0 vr_id 5 track-index 0 priority 20",
                Silent,
            ),
            ("show vrrp vr", Prints("priority: configured 100 adjusted 80")),
            ("vrrp peers host-m0 vr_id 5 192.0.2.7", Refused("unicast VR")),
            ("vrrp vr add host-m0 vr_id 6 unicast 192.0.2.7", Silent),
            ("vrrp proto start host-m0 vr_id 6", Refused("without peers")),
            ("vrrp peers host-m0 vr_id 6 192.0.2.6", Silent),
            ("delete bond BondEthernet3", Silent),
        ],
    );
}

/// Two sets of lines; each kind of them comes, goes and changes.
const LINES: [&str; 2] = [
    "ip table add 10
create host-interface name m0 hw-addr 02:00:00:00:00:01
create host-interface name m1 hw-addr 02:00:00:00:00:02
create bond mode lacp load-balance l34 hw-addr 02:00:00:00:00:03 id 0
set interface name BondEthernet0 bond
lcp create bond host-if bond
bond add bond host-m0
set interface state bond up
create sub-interfaces bond 100
lcp create bond.100 host-if bond.100
set interface state bond.100 up
create sub-interfaces bond 7 dot1q 100 inner-dot1q 200 exact-match
lcp create bond.7 host-if bond.100.200
set interface state bond.7 up
set interface ip table bond.7 10
set interface ip address bond.7 192.0.2.1/24
ip route add 198.51.100.0/24 table 10 via 192.0.2.9 bond.7
set ip neighbor static bond.7 192.0.2.9 02:00:00:00:00:09
create bridge-domain 5
create loopback interface instance 9
set interface l2 bridge loop9 5 bvi
set interface l2 bridge host-m1 5
create sub-interfaces bond 30
set interface l2 bridge bond.30 5
set interface l2 tag-rewrite bond.30 pop 1
create ipip tunnel src 203.0.113.1 dst 198.51.100.1 instance 3
set interface name ipip3 six
lcp create six host-if six tun
set interface state six up
create gre tunnel src 203.0.113.1 dst 198.51.100.2 instance 4
lcp create gre4 host-if gre4 tun
create vxlan tunnel src 203.0.113.1 dst 198.51.100.3 vni 5 instance 6
set interface l2 bridge vxlan_tunnel6 5 1
policer add name p cir 1000 cb 10
policer input name p host-m1
vrrp vr add loop9 vr_id 5 priority 100 interval 100 203.0.113.8
vrrp vr track-if add loop9 vr_id 5 track-index bond.100 priority 20
vrrp vr track-if add loop9 vr_id 5 track-index six priority 30
vrrp proto start loop9 vr_id 5
vrrp vr add loop9 vr_id 6 unicast 203.0.113.9
vrrp peers loop9 vr_id 6 203.0.113.10
vrrp proto start loop9 vr_id 6",
    "create host-interface name m0 hw-addr 02:00:00:00:00:01
create host-interface name m1 hw-addr 02:00:00:00:00:02
create bond mode lacp load-balance l34 hw-addr 02:00:00:00:00:03 id 0
set interface name BondEthernet0 bond
lcp create bond host-if bond
bond add bond host-m1
set interface state bond up
create sub-interfaces bond 101
lcp create bond.101 host-if bond.101
set interface state bond.101 up
create sub-interfaces bond 7 dot1q 101 inner-dot1q 200 exact-match
lcp create bond.7 host-if bond.101.200
set interface state bond.7 up
set interface ip address bond.7 192.0.2.1/24
ip route add 198.51.100.0/24 via drop
set ip neighbor bond.7 192.0.2.9 02:00:00:00:00:08
create bridge-domain 6
create loopback interface instance 9
set interface l2 bridge loop9 6 bvi
set interface l2 xconnect host-m0 loop9
create sub-interfaces bond 30
set interface l2 bridge bond.30 6
set interface l2 tag-rewrite bond.30 pop 1
create ipip tunnel src 203.0.113.1 dst 198.51.100.9 instance 3
set interface name ipip3 six
lcp create six host-if six tun
set interface state six up
create vxlan tunnel src 203.0.113.1 dst 198.51.100.3 vni 7 instance 6
set interface l2 bridge vxlan_tunnel6 6 1
policer add name p cir 2000 cb 10
policer output name p host-m0
vrrp vr add loop9 vr_id 5 priority 200 interval 100 203.0.113.8
vrrp vr track-if add loop9 vr_id 5 track-index six priority 40
vrrp proto start loop9 vr_id 5
vrrp vr add loop9 vr_id 6 unicast 203.0.113.9
vrrp peers loop9 vr_id 6 203.0.113.10 203.0.113.11
vrrp proto start loop9 vr_id 6",
];

#[test]
fn they_change_in_place_and_back() {
    if !has_python() {
        return;
    }
    let states = LINES.map(|lines| fresh(lines).state());
    let vpp = fresh(LINES[0]);
    for (digest, place) in [("1", 1), ("2", 0)] {
        let reloaded = vpp.reload(digest, LINES[place]);
        assert!(reloaded.status.success(), "{}", said(&reloaded));
        assert_eq!(vpp.state(), states[place]);
    }
    for step in 0.. {
        vpp.ask(&format!("stand-in ambush refuse {step}"));
        if vpp.reload("3", LINES[1]).status.success() {
            assert!(step > 30, "only {step} steps");
            break;
        }
        assert_eq!(vpp.state(), states[0], "step {step}");
    }
    assert_eq!(vpp.state(), states[1]);
}

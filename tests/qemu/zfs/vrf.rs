//! VRFs on a kernel that has them: the devices that `imp-nic` makes, the pairs that `imp-vpp` puts into them, and the routes of
//! a real FRR in their tables. VPP is the stand-in, whose TAPs are real.

use super::machine::Guest;
use crate::qemu::boot::Boot;

/// Two tables with the same addresses.
const VRFS: &str = r#"
[loopbacks.cust0]
vrf       = "CUST"
addresses = ["10.1.0.1/24", "2001:db8:1::1/64"]

[loopbacks.other0]
vrf       = "OTHER"
addresses = ["10.1.0.1/24"]

[vrfs.CUST]
table = 10

[vrfs.CUST.routes]
"10.20.0.0/16"    = { via = "10.1.0.9" }
"2001:db8:2::/48" = { via = "2001:db8:1::9" }

[vrfs.CUST.bgp]
asn       = 64501
router-id = "192.0.2.1"
networks  = ["10.30.0.0/16"]

[vrfs.OTHER]
table = 20
"#;

/// On a running router they come and go in place; somebody's hand is undone, and a VPP that died has them again.
#[test]
fn a_vrf_has_its_own_devices_and_routes() {
    let Some((_guest, mut a)) = Guest::running("vrf") else {
        return;
    };
    a.sh(&format!("cat >>/persistent/config/imp.toml <<'END'\n{VRFS}END"));
    apply(&mut a);
    let vrfs = a.sh("ip -n dataplane -d link show type vrf");
    assert!(vrfs.contains("CUST") && vrfs.contains("vrf table 10"), "{vrfs}");
    assert!(vrfs.contains("OTHER") && vrfs.contains("vrf table 20"), "{vrfs}");
    both_are_in_theirs(&mut a);
    let addresses = a.sh("ip -n dataplane -o address show dev cust0");
    assert!(
        addresses.contains("10.1.0.1/24") && addresses.contains("2001:db8:1::1/64"),
        "{addresses}"
    );

    routes_are_in_the_table(&mut a);
    a.sh("ip -n dataplane -6 route show table 10 | grep '^2001:db8:2::/48 .*via 2001:db8:1::9 dev cust0'");
    let elsewhere = a.sh("for table in 20 254; do ip -n dataplane route show table $table; done");
    assert!(!elsewhere.contains("10.20.0.0/16"), "{elsewhere}");
    let bgp = a.sh("vtysh -c 'show bgp vrf CUST ipv4 unicast json'");
    assert!(bgp.contains("10.30.0.0/16"), "{bgp}");
    let health = a.sh("impctl health");
    assert!(health.contains("healthy"), "{health}");

    a.sh("ip -n dataplane link set cust0 nomaster; systemctl restart vpp-core-config");
    both_are_in_theirs(&mut a);
    routes_are_in_the_table(&mut a);
    // The pairs of the next VPP are new devices.
    a.sh("systemctl kill -s KILL vpp-core");
    both_are_in_theirs(&mut a);
    routes_are_in_the_table(&mut a);

    a.sh("sed -i '/^.loopbacks.cust0/,$d' /persistent/config/imp.toml");
    apply(&mut a);
    let left = a.sh("ip -n dataplane -o link show type vrf; ip -n dataplane route show table 10");
    assert_eq!(left, "");
    a.cut();
}

fn apply(a: &mut Boot) {
    a.sh("systemctl -q stop apply 2>/dev/null; systemd-run -q --unit=apply --property=RemainAfterExit=yes impctl apply");
    a.until(
        "it is applied",
        120,
        "systemctl show -P Result,SubState apply | grep -q exited || { systemctl status apply; journalctl -u apply -n 20; false; } 2>&1",
    )
    .unwrap();
}

fn both_are_in_theirs(a: &mut Boot) {
    let members = "ip -n dataplane -o link show master CUST | grep cust0 && \
        ip -n dataplane -o link show master OTHER | grep other0";
    a.until("each pair is in its VRF", 120, members).unwrap();
}

fn routes_are_in_the_table(a: &mut Boot) {
    let asked = "ip -n dataplane route show table 10 | grep '^10.20.0.0/16 .*via 10.1.0.9 dev cust0'";
    a.until("FRR's route is in the table", 60, asked).unwrap();
}

//! What config_db.json means, field by field.

use super::table;
use imp::import::{Imported, Original, Source, import};

fn sonic(text: &str) -> Imported {
    let (name, text) = ("db".to_owned(), text.to_owned());
    import(Source::Sonic, &[Original { name, text }])
}

#[test]
fn what_is_down_stays_down() {
    let imported = sonic(
        r#"{"PORT": {"Ethernet0": {"lanes": "1"}, "Ethernet4": {"admin_status": "up"}, "Ethernet8": {"admin_status": "down"}},
        "INTERFACE": {"Ethernet0": {}, "Ethernet4": {}, "Ethernet8": {}},
        "VLAN_SUB_INTERFACE": {"Ethernet4.10": {"admin_status": "down"}},
        "LOOPBACK_INTERFACE": {"Loopback0": {"admin_status": "down"}}}"#,
    );
    let down = |header: &str| {
        let lines = table(&imported, header);
        lines
            .into_iter()
            .filter(|line| !line.starts_with("# Which NIC"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        down("[interfaces.Ethernet0]"),
        [
            "# It has no admin_status: SONiC keeps such a port down.",
            "enabled = false"
        ]
    );
    assert_eq!(down("[interfaces.Ethernet4]"), [""; 0]);
    assert_eq!(down("[interfaces.Ethernet8]"), ["enabled = false"]);
    assert_eq!(down("[interfaces.Ethernet4.vlan.10]"), ["enabled = false"]);
    assert_eq!(
        imported.left,
        [
            "db:4 'LOOPBACK_INTERFACE Loopback0 admin_status': a loopback is always up here, and its addresses are this router's"
        ]
    );
}

#[test]
fn a_neighbour_has_the_defaults_of_sonic() {
    let imported = sonic(
        r#"{"BGP_NEIGHBOR": {"10.0.0.1": {"asn": "1", "holdtime": "10"}, "10.0.0.2": {"asn": "1", "keepalive": "20", "admin_status": "up"},
        "10.0.0.3": {"asn": "1", "holdtime": "180"}},
        "DEVICE_METADATA": {"localhost": {"default_bgp_status": "down"}}}"#,
    );
    let has = |neighbor: &str, line: &str| {
        let lines = table(&imported, &format!("[bgp.neighbors.\"{neighbor}\"]"));
        lines.contains(&line.to_owned())
    };
    assert!(
        has("10.0.0.1", "timers = { keepalive = 3, hold = 10 }"),
        "{}",
        imported.toml
    );
    assert!(has("10.0.0.1", "shutdown = true"), "{}", imported.toml);
    assert!(
        has("10.0.0.2", "timers = { keepalive = 20, hold = 180 }"),
        "{}",
        imported.toml
    );
    assert!(!has("10.0.0.2", "shutdown = true"), "{}", imported.toml);
    assert_eq!(imported.toml.matches("timers").count(), 2, "{}", imported.toml);
    assert_eq!(imported.left, [""; 0]);
}

#[test]
fn a_vlan_is_the_same_for_routes_and_acls() {
    let imported = sonic(
        r#"{"STATIC_ROUTE": {"10.7.0.0/16": {"nexthop": "10.1.0.9", "ifname": "Vlan100"}, "10.8.0.0/16": {"nexthop": "10.1.0.9", "ifname": "Vlan300"}},
        "VLAN": {"Vlan100": {"vlanid": "100"}, "Vlan200": {"vlanid": "200"}, "Vlan300": {"vlanid": "300"}},
        "VLAN_MEMBER": {"Vlan100|Ethernet0": {"tagging_mode": "tagged"}, "Vlan200|Ethernet0": {"tagging_mode": "tagged"},
        "Vlan200|Ethernet4": {"tagging_mode": "untagged"}},
        "VLAN_INTERFACE": {"Vlan100|10.1.0.1/24": {}, "Vlan200|10.2.0.1/24": {}},
        "ACL_TABLE": {"EDGE": {"type": "L3", "ports": ["Vlan100", "Vlan200", "Vlan300"]}},
        "ACL_RULE": {"EDGE|R1": {"PRIORITY": "10", "PACKET_ACTION": "DROP", "SRC_IP": "10.9.0.0/16"}}}"#,
    );
    assert_eq!(
        table(&imported, "[routes]"),
        ["\"10.7.0.0/16\" = { via = \"10.1.0.9\", interface = \"Ethernet0.100\" }"]
    );
    for header in ["[interfaces.Ethernet0.vlan.100]", "[bridges.Vlan200]"] {
        let lines = table(&imported, header);
        assert!(
            lines.contains(&"acl = { in = \"EDGE\" }".to_owned()),
            "{}",
            imported.toml
        );
    }
    assert!(!imported.toml.contains("[interfaces.Vlan"), "{}", imported.toml);
    assert_eq!(
        imported.left,
        [
            "db:1 'STATIC_ROUTE 10.8.0.0/16': Vlan300 is not imported",
            "db:2 'VLAN Vlan300': no port is a member of it",
            "db:6 'ACL_TABLE EDGE Vlan300': this VLAN is not imported",
        ]
    );
}

#[test]
fn ports_flags_and_types_have_the_protocols_they_are_of() {
    let imported = sonic(
        r#"{"ACL_TABLE": {"A": {"type": "L3", "ports": []}},
        "ACL_RULE": {"A|R1": {"PRIORITY": "3", "PACKET_ACTION": "DROP", "L4_DST_PORT": "22"},
        "A|R2": {"PRIORITY": "2", "PACKET_ACTION": "DROP", "TCP_FLAGS": "0x02/0x02"},
        "A|R3": {"PRIORITY": "1", "PACKET_ACTION": "DROP", "ICMP_TYPE": "8"}}}"#,
    );
    let lines = imported.toml.lines().filter(|line| line.starts_with("protocol"));
    let protocols: Vec<&str> = lines.map(|line| line.split('"').nth(1).unwrap()).collect();
    assert_eq!(protocols, ["tcp", "udp", "tcp", "icmp"]);
    assert_eq!(imported.left, [""; 0]);
}

#[test]
fn a_table_that_is_none_is_said() {
    let imported = sonic(r#"{"PORT": []}"#);
    assert_eq!(
        imported.left,
        ["db:1 'PORT': this import does not know the statement"]
    );
}

#[test]
fn a_rule_of_the_other_family_matches_nothing() {
    let imported = sonic(
        r#"{"ACL_TABLE": {"A": {"type": "L3", "ports": []}, "B": {"type": "L3V6", "ports": []}},
        "ACL_RULE": {"A|R1": {"PRIORITY": "3", "PACKET_ACTION": "DROP", "IP_TYPE": "IPV6ANY"},
        "A|R2": {"PRIORITY": "2", "PACKET_ACTION": "DROP", "IP_TYPE": "IPV4ANY", "SRC_IP": "10.0.0.0/8"},
        "B|R3": {"PRIORITY": "1", "PACKET_ACTION": "DROP", "ETHER_TYPE": "0x0800"}}}"#,
    );
    assert_eq!(imported.toml.matches("\"deny\"").count(), 1, "{}", imported.toml);
    let why =
        |family: &str| format!("its table is of {family}, so the rule matches nothing and is not in the ACL");
    assert_eq!(
        imported.left,
        [
            format!("db:2 'ACL_RULE A R1 IP_TYPE': {}", why("IPv4")),
            format!("db:4 'ACL_RULE B R3 ETHER_TYPE': {}", why("IPv6")),
        ]
    );
}

#[test]
fn a_field_is_no_loss_with_its_default_alone() {
    let fields = |mac: &str, proxy: &str, severity: &str, status: &str, vrf: &str| {
        sonic(&format!(
            r#"{{"DEVICE_METADATA": {{"localhost": {{"mac": "02:00:00:00:00:01"}}}},
        "VLAN": {{"Vlan10": {{"vlanid": "10", "mac": "{mac}"}}}}, "VLAN_MEMBER": {{"Vlan10|Ethernet0": {{"tagging_mode": "tagged"}}}},
        "VLAN_INTERFACE": {{"Vlan10": {{"proxy_arp": "{proxy}", "grat_arp": "{proxy}"}}, "Vlan10|10.0.0.1/24": {{}}}},
        "SYSLOG_SERVER": {{"192.0.2.9": {{"severity": "{severity}"}}}}, "MGMT_PORT": {{"eth0": {{"admin_status": "{status}"}}}},
        "SFLOW_COLLECTOR": {{"one": {{"collector_ip": "192.0.2.9", "collector_vrf": "{vrf}"}}}}}}"#
        ))
    };
    let kept = fields("02:00:00:00:00:01", "disabled", "debug", "up", "default");
    assert_eq!(kept.left.len(), 1, "{:?}", kept.left);
    let lost = fields("02:00:00:00:00:02", "enabled", "error", "down", "mgmt");
    let of_all = |statement: &str| lost.left.iter().any(|line| line.contains(statement));
    for statement in [
        "'VLAN Vlan10 mac 02:00:00:00:00:02'",
        "'VLAN_INTERFACE Vlan10 proxy_arp enabled'",
        "'VLAN_INTERFACE Vlan10 grat_arp enabled'",
        "'SYSLOG_SERVER 192.0.2.9 severity error'",
        "'MGMT_PORT eth0 admin_status down'",
        "'SFLOW_COLLECTOR one collector_vrf mgmt'",
    ] {
        assert!(of_all(statement), "{statement}: {:?}", lost.left);
    }
}

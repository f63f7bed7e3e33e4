//! Interfaces, routes, sessions and the rest of a router of Junos: each statement is a key or a line about it.

use super::junos;
use imp::import::Imported;

#[track_caller]
fn says(text: &str, lines: &[&str]) -> Imported {
    let imported = junos(text);
    super::says(&imported, lines);
    imported
}

const BGP: &str = "set routing-options autonomous-system 65000\nset protocols bgp group P type external\n\
                   set protocols bgp group P peer-as 65001\nset protocols bgp group P neighbor 10.0.0.2\n";

#[test]
fn what_is_inactive_in_json_is_left_out() {
    let new = r#"{"configuration": {"interfaces": {"interface": [{"name": "ge-0/0/0", "disable": [null], "@disable": {"inactive": true},
        "@description": {"inactive": true}, "description": "old", "mtu": 9192, "@mtu": {"inactive": true}}]},
        "protocols": {"bgp": {"group": [{"name": "P", "import": ["A", "B"], "@import": [{"inactive": true}, null]}]}}}}"#;
    let imported = junos(new);
    assert_eq!(
        imported.left,
        [
            "x:1 'interfaces ge-0/0/0 disable': it is deactivated",
            "x:2 'interfaces ge-0/0/0 description old': it is deactivated",
            "x:2 'interfaces ge-0/0/0 mtu 9192': it is deactivated",
            "x:3 'protocols bgp group P import A': it is deactivated",
        ]
    );
    assert!(imported.toml.contains("in = \"B\""), "{}", imported.toml);
    let old = r#"{"configuration": [{"attributes": {"xmlns": "http://xml.juniper.net", "junos:commit-seconds": "1"},
        "interfaces": [{"interface": [{"name": [{"data": "ge-0/0/0"}], "mtu": [{"data": "9192", "attributes": {"inactive": "inactive"}}],
        "unit": [{"name": [{"data": "0"}], "family": [{"inet": [{"address": [{"name": [{"data": "10.0.0.1/24"}]},
        {"attributes": {"inactive": "inactive"}, "name": [{"data": "10.9.0.1/24"}]}]}]}]}]}]}]}]}"#;
    let imported = junos(old);
    assert_eq!(
        imported.left,
        [
            "x:2 'interfaces ge-0/0/0 mtu 9192': it is deactivated",
            "x:4 'interfaces ge-0/0/0 unit 0 family inet address 10.9.0.1/24': it is deactivated",
        ]
    );
}

#[test]
fn a_limit_without_teardown_only_warns() {
    let limit = "set protocols bgp group P family inet unicast prefix-limit";
    for (lines, key) in [
        (
            format!("{limit} maximum 1000"),
            "maximum-prefix = { limit = 1000, warning-only = true }",
        ),
        (
            format!("{limit} maximum 1000\n{limit} teardown"),
            "maximum-prefix = 1000",
        ),
        (
            format!("{limit} maximum 1000\n{limit} teardown 80 idle-timeout 30"),
            "maximum-prefix = { limit = 1000, threshold = 80, restart = \"30m\" }",
        ),
        (
            format!("{limit} maximum 1000\n{limit} teardown idle-timeout forever"),
            "maximum-prefix = 1000",
        ),
    ] {
        let imported = says(&format!("{BGP}{lines}\n"), &[key]);
        assert_eq!(imported.left, [""; 0]);
    }
}

#[test]
fn a_second_limit_of_a_session_is_said() {
    let imported = says(
        &format!(
            "{BGP}set protocols bgp group P family inet unicast accepted-prefix-limit maximum 900\n\
             set protocols bgp group P family inet unicast prefix-limit maximum 1000\n"
        ),
        &["maximum-prefix = { limit = 900, warning-only = true }"],
    );
    assert_eq!(imported.left.len(), 1, "{:?}", imported.left);
}

#[test]
fn each_neighbour_has_the_limit_of_its_family() {
    let imported = junos(&format!(
        "{BGP}set protocols bgp group P neighbor 2001:db8::2\n\
         set protocols bgp group P family inet unicast prefix-limit maximum 1000\n\
         set protocols bgp group P family inet6 unicast prefix-limit maximum 200\n"
    ));
    let limit = |neighbor: &str| {
        let (_, table) = imported
            .toml
            .split_once(&format!("[bgp.neighbors.\"{neighbor}\"]"))
            .unwrap();
        let table = table.split("\n[").next().unwrap();
        table.contains("limit = 1000") as u16 * 1000 + table.contains("limit = 200,") as u16 * 200
    };
    assert_eq!((limit("10.0.0.2"), limit("2001:db8::2")), (1000, 200));
}

#[test]
fn a_family_that_a_session_does_not_carry_is_said() {
    let imported = junos(&format!(
        "{BGP}set protocols bgp group P family inet unicast\nset protocols bgp group P family inet6 unicast\n"
    ));
    assert_eq!(
        imported.left,
        [
            "x:6 'protocols bgp group P family inet6': a session carries the family of its neighbour's address, IPv4 to 10.0.0.2; IPv6 takes a neighbour with an address of IPv6"
        ]
    );
}

#[test]
fn a_preference_is_where_it_was_among_protocols() {
    let route = "set routing-options static route";
    let imported = says(
        &format!(
            "{route} 198.18.0.0/15 next-hop 10.0.0.2\n{route} 198.18.0.0/15 qualified-next-hop 10.0.0.3 preference 3\n\
             {route} 198.51.100.0/24 next-hop 10.0.0.2\n{route} 198.51.100.0/24 preference 200\n\
             {route} 203.0.113.0/24 next-hop 10.0.0.2\n{route} 203.0.113.0/24 preference 100\n{route} 192.0.2.0/24 reject\n"
        ),
        &[
            "[{ via = \"10.0.0.2\", distance = 5 }, { via = \"10.0.0.3\", distance = 3 }]",
            "\"198.51.100.0/24\" = { via = \"10.0.0.2\", distance = 230 }",
            "\"203.0.113.0/24\"  = { via = \"10.0.0.2\", distance = 164 }",
            "\"192.0.2.0/24\"    = { blackhole = true }",
        ],
    );
    assert_eq!(
        imported.left,
        [
            "x:5 'static route 203.0.113.0/24 preference 100': on Junos it is behind OSPF and IS-IS and before BGP; with distance = 164 it is behind them, before iBGP, and behind eBGP as well",
            "x:7 'routing-options static route 192.0.2.0/24 reject': packets to it are dropped without an answer here",
        ]
    );
}

#[test]
fn a_preference_is_a_number_in_json() {
    let imported = junos(
        r#"{"configuration": {"routing-options": {"static": {"route": [{"name": "198.51.100.0/24", "next-hop": ["10.0.0.2"],
        "preference": {"metric-value": 7}}]}}}}"#,
    );
    let route = "\"198.51.100.0/24\" = { via = \"10.0.0.2\", distance = 7 }";
    assert!(imported.toml.contains(route), "{}", imported.toml);
    assert_eq!(imported.left, [""; 0]);
}

#[test]
fn what_is_disabled_does_not_run() {
    let nic = "set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24\n\
               set interfaces ge-0/0/1 unit 0 family inet address 10.1.0.1/24\n";
    let imported = junos(&format!(
        "{nic}set protocols ospf area 0 interface ge-0/0/0.0 metric 5\n\
         set protocols ospf area 0 interface ge-0/0/0.0 disable\nset protocols ospf area 0 interface fxp0.0 disable\n\
         set protocols lldp interface all\nset protocols lldp interface ge-0/0/0 disable\n"
    ));
    assert!(!imported.toml.contains("ospf ="), "{}", imported.toml);
    assert!(!imported.toml.contains("fxp0]"), "{}", imported.toml);
    assert!(
        imported.toml.contains("interfaces = [\"ge-0-0-1\"]"),
        "{}",
        imported.toml
    );
    let disabled = |line: u8, statement: &str| format!("x:{line} 'protocols {statement}': it is disabled");
    assert_eq!(
        imported.left,
        [
            disabled(3, "ospf area 0 interface ge-0/0/0.0 metric 5"),
            disabled(4, "ospf area 0 interface ge-0/0/0.0 disable"),
            disabled(5, "ospf area 0 interface fxp0.0 disable"),
        ]
    );
    let imported = junos(&format!("{BGP}set protocols bgp disable\n"));
    assert!(!imported.toml.contains("[bgp"), "{}", imported.toml);
    assert_eq!(imported.left.len(), 4, "{:?}", imported.left);
}

#[test]
fn ospf_is_on_links_that_are_there() {
    let area = "set protocols ospf area 0 interface";
    let imported = junos(&format!(
        "set interfaces ge-0/0/1 unit 5 family inet address 10.1.0.1/30\n{area} ge-0/0/1.5\n{area} st0.0\n{area} vlan.10\n\
         {area} fxp0.0\n{area} irb.7\n"
    ));
    assert!(!imported.toml.contains("[interfaces"), "{}", imported.toml);
    let line =
        |line: u8, name: &str, why: &str| format!("x:{line} 'protocols ospf area 0 interface {name}': {why}");
    assert_eq!(
        imported.left[1..],
        [
            line(2, "ge-0/0/1.5", "this unit has no vlan-id, and so is no VLAN"),
            line(3, "st0.0", "not in this version"),
            line(4, "vlan.10", "not in this version"),
            line(5, "fxp0.0", "management is in the host's namespace"),
            line(6, "irb.7", "no bridge domain has it as its routing-interface"),
        ]
    );
}

#[test]
fn an_address_stays_without_its_option() {
    let imported = says(
        "set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24 arp 10.0.0.5 mac 00:00:5e:00:00:01\n\
         set interfaces ge-0/0/0 unit 0 family inet address 10.5.0.1/24 preferred\n\
         set interfaces ge-0/0/0 unit 0 family inet6 address 2001:db8::/64 eui-64\n\
         set interfaces fxp0 unit 0 family inet address 192.168.0.1/24 master-only\n\
         set interfaces gr-0/0/0 unit 0 family inet address 10.6.0.1/31 primary\n",
        &[
            "addresses = [\"10.0.0.1/24\", \"10.5.0.1/24\"]",
            "addresses = [\"192.168.0.1/24\"]",
            "addresses = [\"10.6.0.1/31\"]",
        ],
    );
    assert_eq!(imported.left.len(), 5, "{:?}", imported.left);
}

#[test]
fn no_part_of_a_statement_is_dropped_without_a_line() {
    let imported = says(
        "set routing-options autonomous-system 65000 loops 2\nset system name-server 192.0.2.8 routing-instance mgmt_junos\n\
         set system name-server 192.0.2.9 routing-instance CUST\nset system ntp server 192.0.2.7 key 1\n\
         set system ntp server 192.0.2.7 prefer\nset interfaces ge-0/0/0 unit 0 family inet mtu 1500\n\
         set interfaces ge-0/0/0 unit 0 family inet6 mtu 1400\nset protocols ospf area 0 interface ge-0/0/0.0 passive traffic-engineering\n",
        &[
            "nameservers = [\"192.0.2.8\", \"192.0.2.9\"]",
            "ntp         = [\"192.0.2.7\"]",
        ],
    );
    let lines: Vec<&str> = imported
        .left
        .iter()
        .map(|line| line.split_once(':').unwrap().1.split(' ').next().unwrap())
        .collect();
    assert_eq!(lines, ["1", "3", "4", "7", "8"], "{:?}", imported.left);
}

#[test]
fn flags_of_a_term_are_all_required() {
    let imported = junos(
        "set interfaces ge-0/0/0 unit 0 family inet filter input F\nset firewall family inet filter F term a from tcp-established\n\
         set firewall family inet filter F term a from tcp-flags syn\nset firewall family inet filter F term a then accept\n",
    );
    assert!(imported.toml.contains("\n# [[acls.F]]"), "{}", imported.toml);
}

#[test]
fn stub_areas_are_areas_and_keys_are_named() {
    let imported = says(
        "set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24\n\
         set protocols ospf area 0.0.0.1 interface ge-0/0/0.0\nset protocols ospf area 0.0.0.1 stub no-summaries\n\
         set protocols ospf area 0.0.0.1 stub default-metric 10\nset protocols ospf area 0.0.0.2 nssa\n\
         set protocols isis interface ge-0/0/0.0\nset protocols ospf export X\n",
        &[
            "[ospf.areas.1]",
            "type         = \"stub\"",
            "no-summary   = true",
            "default-cost = 10",
            "type = \"nssa\"",
        ],
    );
    assert_eq!(
        imported.left,
        [
            "x:6 'protocols isis interface ge-0/0/0.0': this import does not translate it; interfaces.NAME.isis says it here",
            "x:7 'protocols ospf export X': this import does not translate it; [ospf] redistribute says it here",
        ]
    );
}

#[test]
fn what_is_deactivated_is_no_link_and_no_bridge() {
    let imported = junos(
        "set interfaces ge-0/0/1 unit 10 vlan-id 10\ndeactivate interfaces ge-0/0/1 unit 10\n\
         set interfaces ge-0/0/2 unit 0 family inet address 10.0.0.1/24\ndeactivate interfaces ge-0/0/2\n\
         set protocols ospf area 0 interface ge-0/0/1.10\nset protocols ospf area 0 interface ge-0/0/2.0\n\
         set bridge-domains BD11 vlan-id 11\ndeactivate bridge-domains BD11\n\
         set interfaces ge-0/0/3 unit 0 family bridge interface-mode trunk\nset interfaces ge-0/0/3 unit 0 family bridge vlan-id-list 11\n",
    );
    assert!(!imported.toml.contains("\n[interfaces"), "{}", imported.toml);
    assert!(!imported.toml.contains("\n[bridges"), "{}", imported.toml);
    let unit = |line: u8, name: &str| {
        format!("x:{line} 'protocols ospf area 0 interface {name}': this unit is deactivated")
    };
    assert_eq!(
        imported.left[2..4],
        [unit(5, "ge-0/0/1.10"), unit(6, "ge-0/0/2.0")]
    );
}

#[test]
fn groups_are_said_once_with_the_way_out() {
    let imported = junos(
        "set groups G interfaces ge-0/0/0 mtu 9000\nset groups G system host-name x\nset apply-groups G\n\
         set interfaces ge-0/0/1 apply-groups G\nset interfaces ge-0/0/1 description apply-groups\n",
    );
    assert_eq!(imported.left.len(), 1, "{:?}", imported.left);
    assert!(
        imported.left[0].starts_with(
            "x:1 'groups': groups and apply-groups are not read, 4 statements in all: write the configuration with 'show configuration | display inheritance"
        ),
        "{:?}",
        imported.left
    );
}

#[test]
fn lines_of_the_terminal_are_not_the_configuration() {
    let line = |line: u8| format!("x:{line}: a line of the terminal, not of the configuration");
    for text in [
        "noc@mx1> show configuration | display set | no-more\nset system host-name mx1\n\n{master:0}\n",
        "noc@mx1> show configuration | no-more\nsystem {\n host-name mx1; }\n{master:0}\n",
        "noc@mx1> show configuration | display json\n{\"configuration\": {\"system\":\n{\"host-name\": \"mx1\"}}}\n{master}\n",
    ] {
        let imported = says(text, &["hostname = \"mx1\""]);
        assert_eq!(imported.left, [line(1), line(4)]);
    }
}

#[test]
fn a_log_that_is_sent_in_part_is_said() {
    let imported =
        junos("set system syslog host 192.0.2.9 any notice\nset system syslog host 192.0.2.8 any any\n");
    assert_eq!(
        imported.left,
        ["x:1 'system syslog host 192.0.2.9 any notice': messages of every severity are sent to it here"]
    );
}

#[test]
fn paths_that_are_not_limited_here_are_said() {
    let send = "set protocols bgp group P family inet unicast add-path send";
    let imported = says(
        &format!(
            "{BGP}set protocols bgp group P family inet unicast add-path receive\n{send} path-count 6\n{send} prefix-policy X\n"
        ),
        &["add-path  = \"all\""],
    );
    assert_eq!(imported.left.len(), 2, "{:?}", imported.left);
    assert!(imported.left[0].ends_with("all paths are sent here, however many they are"));
    assert!(imported.left[1].ends_with("all paths are sent here, of whichever prefix"));
}

#[test]
fn options_of_an_area_on_one_line_are_all_read() {
    let imported = says(
        "protocols {\n ospf {\n reference-bandwidth 10g;\n area 0.0.0.1 {\n stub default-metric 10 no-summaries;\n }\n }\n}\n",
        &[
            "no-summary   = true",
            "default-cost = 10",
            "reference-bandwidth = 10000",
        ],
    );
    assert_eq!(imported.left, [""; 0]);
    let imported = junos("set protocols ospf reference-bandwidth 1500k\n");
    assert_eq!(imported.left.len(), 1, "{:?}", imported.left);
}

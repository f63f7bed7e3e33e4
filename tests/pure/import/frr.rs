//! What frr.conf means, line by line.

use super::{frr, table};

#[test]
fn passive_by_default_is_on_every_interface_with_an_area() {
    let imported = frr(
        "interface eth0\n ip address 10.0.0.1/24\n ip ospf area 0\ninterface eth1.7\n ip ospf area 0\n\
         interface eth2\n ip ospf area 0\n no ip ospf passive\ninterface eth3\n ip ospf cost 9\n\
         router ospf\n passive-interface default\n no passive-interface eth0\n",
    );
    assert_eq!(imported.left, [""; 0]);
    let ospf = |header: &str| {
        table(&imported, header)
            .into_iter()
            .find(|line| line.starts_with("ospf"))
    };
    assert_eq!(ospf("[interfaces.eth0]").unwrap(), "ospf = { area = 0 }");
    assert_eq!(
        ospf("[interfaces.eth1.vlan.7]").unwrap(),
        "ospf = { area = 0, passive = true }"
    );
    assert_eq!(ospf("[interfaces.eth2]").unwrap(), "ospf = { area = 0 }");
    assert_eq!(ospf("[interfaces.eth3]").unwrap(), "ospf = { cost = 9 }");
}

const NO_FAMILY: &str =
    "no address family that it can have here is activated for it: shutdown = true keeps it down";

#[test]
fn a_neighbour_that_is_never_activated_is_kept_down() {
    let imported = frr(
        "router bgp 65000\n no bgp default ipv4-unicast\n neighbor 10.0.0.9 remote-as 65009\n\
         neighbor 10.0.0.8 remote-as 65008\n address-family ipv4 unicast\n  neighbor 10.0.0.8 activate\n",
    );
    assert_eq!(
        table(&imported, "[bgp.neighbors.\"10.0.0.9\"]"),
        ["remote-as = 65009", "shutdown = true"]
    );
    assert_eq!(
        table(&imported, "[bgp.neighbors.\"10.0.0.8\"]"),
        ["remote-as = 65008"]
    );
    assert_eq!(
        imported.left,
        [format!(
            "frr.conf:3 'neighbor 10.0.0.9 remote-as 65009': {NO_FAMILY}"
        )]
    );
}

#[test]
fn ipv6_is_activated_by_a_word_alone_and_ipv4_without_one() {
    let neighbors =
        "router bgp 65000\n neighbor 10.0.0.8 remote-as 65008\n neighbor 2001:db8::8 remote-as 65008\n";
    let imported = frr(neighbors);
    assert_eq!(
        imported.left,
        [format!(
            "frr.conf:3 'neighbor 2001:db8::8 remote-as 65008': {NO_FAMILY}"
        )]
    );
    let activated = "address-family ipv6 unicast\n  neighbor 2001:db8::8 activate\n";
    assert_eq!(frr(&format!("{neighbors}{activated}")).left, [""; 0]);
    let not = "address-family ipv4 unicast\n  no neighbor 10.0.0.8 activate\n";
    let imported = frr(&format!("{neighbors}{activated} exit-address-family\n{not}"));
    assert_eq!(
        imported.left,
        [format!(
            "frr.conf:2 'neighbor 10.0.0.8 remote-as 65008': {NO_FAMILY}"
        )]
    );
}

#[test]
fn what_a_peer_group_has_in_one_family_its_neighbours_of_the_other_have_not() {
    let imported = frr(
        "router bgp 65000\n no bgp default ipv4-unicast\n neighbor PG peer-group\n neighbor PG remote-as 65001\n\
         neighbor 10.0.0.2 peer-group PG\n neighbor 10.0.0.3 peer-group PG\n neighbor 2001:db8::2 peer-group PG\n\
         address-family ipv4 unicast\n  neighbor PG activate\n  neighbor PG next-hop-self\n  neighbor PG weight 7\n\
         neighbor PG maximum-prefix 100\n  neighbor PG route-map OUT out\n  neighbor 10.0.0.3 route-map OTHER out\n\
         exit-address-family\n address-family ipv6 unicast\n  neighbor PG activate\n  neighbor PG weight 7\n",
    );
    let other = |line: u8| {
        format!(
            "frr.conf:{line} 'neighbor PG activate': a neighbour has the routes of its address's family alone, in this version"
        )
    };
    assert_eq!(imported.left, [other(9), other(17)]);
    let group = table(&imported, "[bgp.peer-groups.PG]");
    assert_eq!(group, ["remote-as = 65001", "weight = 7"]);
    let of_v4 = |map: &str| {
        [
            "peer-group = \"PG\"".to_owned(),
            "next-hop-self = true".to_owned(),
            "maximum-prefix = 100".to_owned(),
            format!("route-map = {{ out = \"{map}\" }}"),
        ]
    };
    assert_eq!(table(&imported, "[bgp.neighbors.\"10.0.0.2\"]"), of_v4("OUT"));
    assert_eq!(table(&imported, "[bgp.neighbors.\"10.0.0.3\"]"), of_v4("OTHER"));
    let other = table(&imported, "[bgp.neighbors.\"2001:db8::2\"]");
    assert_eq!(other, ["peer-group = \"PG\""]);
}

#[test]
fn what_a_neighbour_of_both_families_has_in_one_is_said() {
    let imported = frr(
        "router bgp 65000\n neighbor eth0 interface remote-as external\n address-family ipv4 unicast\n\
         neighbor eth0 route-map OUT out\n exit-address-family\n address-family ipv6 unicast\n  neighbor eth0 activate\n",
    );
    assert_eq!(
        table(&imported, "[bgp.neighbors.eth0]"),
        ["remote-as = \"external\""]
    );
    assert_eq!(
        imported.left,
        [
            "frr.conf:4 'neighbor eth0 route-map OUT out': it is for IPv4 routes alone, and here it would be for those of the other family too"
        ]
    );
}

#[test]
fn a_range_whose_group_has_no_routes_listens_to_nobody() {
    let text = "router bgp 65000\n neighbor PG peer-group\n neighbor PG remote-as external\n\
                bgp listen range 2001:db8::/64 peer-group PG\n bgp listen range 10.0.0.0/24 peer-group PG\n";
    let imported = frr(text);
    assert_eq!(
        imported.left,
        [
            "frr.conf:4 'bgp listen range 2001:db8::/64 peer-group PG': its peer-group is not activated for IPv6 routes: who calls would exchange none"
        ]
    );
    assert_eq!(
        table(&imported, "[bgp.listen-ranges.\"10.0.0.0/24\"]"),
        ["peer-group = \"PG\""]
    );
}

#[test]
fn the_defaults_of_a_datacenter_are_said() {
    let bgp = "router bgp 65000\nrouter bgp 65000 vrf V\n timers bgp 60 180\n no bgp deterministic-med\n";
    let imported = frr(&format!("frr version 10.2\nfrr defaults datacenter\n{bgp}"));
    assert_eq!(
        table(&imported, "[bgp]"),
        [
            "asn = 65000",
            "timers = { keepalive = 3, hold = 9 }",
            "bestpath = { deterministic-med = true }"
        ]
    );
    assert_eq!(
        table(&imported, "[vrfs.V.bgp]"),
        [
            "timers = { keepalive = 60, hold = 180 }",
            "bestpath = { deterministic-med = false }"
        ]
    );
    assert_eq!(imported.left.len(), 1);
    assert!(imported.left[0].starts_with("frr.conf:2 'frr defaults datacenter': of these defaults "));
    assert_eq!(frr("frr defaults traditional\n").left, [""; 0]);
    assert_eq!(frr("frr defaults other\n").left.len(), 1);
}

#[test]
fn an_interface_that_is_shut_down_stays_down() {
    let imported = frr("interface eth0\n shutdown\ninterface eth1\n no shutdown\ninterface lo\n shutdown\n");
    assert!(
        table(&imported, "[interfaces.eth0]").contains(&"enabled = false".to_owned()),
        "{}",
        imported.toml
    );
    assert_eq!(
        imported.left,
        ["frr.conf:6 'shutdown': a loopback is always up here, and its addresses are this router's"]
    );
}

#[test]
fn next_hops_are_matched_by_a_list_of_their_family() {
    let map = "route-map M permit 10\n match ip next-hop prefix-list X\n";
    let v4 = "ip prefix-list X seq 5 permit 192.0.2.0/24\n";
    let v6 = "ipv6 prefix-list X seq 5 permit 2001:db8::/32\n";
    let imported = frr(&format!("{map}{v4}"));
    assert_eq!(imported.left, [""; 0]);
    let entry = ["action = \"permit\"", "match = { next-hop = \"X\" }"];
    assert_eq!(table(&imported, "[[route-maps.M]]"), entry);
    let imported = frr(&format!("{map}{v4}{v6}"));
    assert_eq!(imported.left.len(), 1);
    assert!(!imported.toml.contains("\n[[route-maps"), "{}", imported.toml);
}

#[test]
fn isis_is_read_where_it_means_the_same() {
    let imported = frr(
        "interface eth0\n ip address 10.0.0.1/24\n ipv6 address 2001:db8::1/64\n ip router isis core\n isis metric 7\n\
         isis network point-to-point\n isis circuit-type level-2-only\ninterface eth1\n ip address 10.0.1.1/24\n ipv6 router isis core\n\
         interface eth2\n isis passive\ninterface eth3\n ip address 10.0.3.1/24\n ip router isis core\n isis priority 3\n\
         router isis core\n net 49.0001.0000.0000.0001.00\n is-type level-2-only\n metric-style wide\n redistribute ipv4 static level-2\n",
    );
    let isis = |header: &str| {
        table(&imported, header)
            .into_iter()
            .find(|line| line.starts_with("isis"))
    };
    assert_eq!(
        isis("[interfaces.eth0]").unwrap(),
        "isis = { ipv6 = false, metric = 7, point-to-point = true, level = \"level-2-only\" }"
    );
    assert_eq!(isis("[interfaces.eth1]"), None);
    assert_eq!(isis("[interfaces.eth3]").unwrap(), "isis = {}");
    assert_eq!(
        table(&imported, "[isis]"),
        ["net = \"49.0001.0000.0000.0001.00\"", "level = \"level-2-only\""]
    );
    assert_eq!(
        imported.left,
        [
            "frr.conf:10 'ipv6 router isis core': IPv4 takes part here wherever an interface of IS-IS has an IPv4 address",
            "frr.conf:12 'isis passive': the interface is in no IS-IS: there is no 'ip router isis TAG'",
            "frr.conf:16 'isis priority 3': not in this version",
            "frr.conf:21 'redistribute ipv4 static level-2': it is for both families here: [isis] redistribute = { static = {} }",
        ]
    );
}

#[test]
fn a_rejected_route_is_a_blackhole_and_said() {
    let imported = frr("ip route 192.0.2.0/24 reject\n");
    assert_eq!(
        table(&imported, "[routes]"),
        ["\"192.0.2.0/24\" = { blackhole = true }"]
    );
    assert_eq!(
        imported.left,
        ["frr.conf:1 'ip route 192.0.2.0/24 reject': what it drops gets no answer here"]
    );
}

#[test]
fn a_backdoor_is_no_network() {
    let imported = frr(
        "router bgp 65000\n address-family ipv4 unicast\n  network 192.0.2.0/24 backdoor\n  network 10.0.0.0/8 backdoor route-map M\n\
         network 198.51.100.0/24 route-map M label-index 5\n",
    );
    assert!(!imported.toml.contains("networks.\"192"), "{}", imported.toml);
    assert!(!imported.toml.contains("networks.\"10."), "{}", imported.toml);
    assert_eq!(
        table(&imported, "[bgp.networks.\"198.51.100.0/24\"]"),
        ["route-map = \"M\""]
    );
    assert_eq!(imported.left.len(), 3, "{:?}", imported.left);
    assert!(
        imported.left[0].starts_with("frr.conf:3 'network 192.0.2.0/24 backdoor': FRR does not announce it"),
        "{:?}",
        imported.left
    );
}

#[test]
fn a_key_authenticates_where_md5_is_on() {
    let key = |id: u8| format!(" ip ospf message-digest-key {id} md5 invented{id}\n");
    let mut text = String::new();
    for (number, lines) in [
        key(1),
        format!("{} ip ospf authentication message-digest\n", key(1)),
        format!("{} ip ospf authentication null\n", key(1)),
        " ip ospf authentication message-digest\n".to_owned(),
        format!("{}{} ip ospf authentication message-digest\n", key(1), key(2)),
    ]
    .iter()
    .enumerate()
    {
        text.push_str(&format!("interface eth{number}\n ip ospf area 0\n{lines}"));
    }
    text.push_str(&format!("interface eth7\n ip address 10.7.0.1/24\n{}", key(1)));
    text.push_str("interface eth8\n ip address 10.7.1.1/24\ninterface eth9\n ip address 10.7.2.1/24\n ip ospf passive\n");
    text.push_str("router ospf\n network 10.7.0.0/16 area 1\n area 1 authentication message-digest\n");
    let imported = frr(&text);
    let auth = |link: u8| {
        let lines = table(&imported, &format!("[interfaces.eth{link}]"));
        let line = lines.into_iter().find(|line| line.starts_with("ospf"));
        let auth = line
            .unwrap()
            .split_once("auth = ")
            .map(|(_, auth)| auth.to_owned());
        auth.map(|auth| auth.contains("key-id = 2").into())
    };
    let links: [Option<u8>; 8] = [0, 1, 2, 3, 4, 7, 8, 9].map(auth);
    assert_eq!(
        links,
        [None, Some(0), None, None, Some(1), Some(0), None, None],
        "{}",
        imported.toml
    );
    assert_eq!(imported.secrets["secrets/ospf-eth4"], "invented2\n");
    assert!(!imported.secrets.contains_key("secrets/ospf-eth0"));
    let why = |number: usize| imported.left[number].split_once("': ").unwrap().1.to_owned();
    let unused =
        |name: &str| format!("MD5 is on neither at {name} nor for its area, so FRR does not use the key");
    let without =
        |name: &str| format!("{name} has no message-digest-key, and here MD5 is on where there is a key");
    assert_eq!(imported.left.len(), 5, "{:?}", imported.left);
    assert_eq!(
        [why(0), why(1), why(2), why(4)],
        [unused("eth0"), unused("eth2"), without("eth3"), without("eth8")]
    );
    assert!(
        imported.left[3].contains("has one key here"),
        "{:?}",
        imported.left
    );
}

#[test]
fn what_a_group_activates_beside_the_family_of_its_neighbours_is_said() {
    let text = "router bgp 65000\n neighbor IBGP peer-group\n neighbor IBGP remote-as 65000\n neighbor 10.0.0.2 peer-group IBGP\n\
                address-family ipv6 unicast\n  neighbor IBGP activate\n";
    let imported = frr(text);
    assert_eq!(
        imported.left,
        [
            "frr.conf:6 'neighbor IBGP activate': a neighbour has the routes of its address's family alone, in this version"
        ]
    );
    let own = frr(&format!("{text}  no neighbor 10.0.0.2 activate\n"));
    assert_eq!(own.left, [""; 0]);
}

#[test]
fn an_entry_goes_on_at_the_next_one_that_is_there() {
    let map = |on: &str| {
        let imported = frr(&format!(
            "route-map M permit 10\n match tag 7\n {on}\nroute-map M permit 20\n match tag 8\nroute-map M permit 40\n"
        ));
        assert_eq!(imported.left, [""; 0]);
        table(&imported, "[[route-maps.M]]")
            .into_iter()
            .find(|line| line.starts_with("then"))
    };
    assert_eq!(map("continue 40").as_deref(), Some("then = 40"));
    assert_eq!(map("on-match goto 30").as_deref(), Some("then = 40"));
    assert_eq!(map("continue 15").as_deref(), Some("then = 20"));
    assert_eq!(map("on-match goto 50"), None);
}

#[test]
fn an_entry_that_others_go_on_at_stays_one_of_its_own() {
    let lists = "ip prefix-list P seq 5 permit 192.0.2.0/24\nipv6 prefix-list P seq 5 permit 2001:db8::/32\n";
    let map = "route-map M permit 10\n match tag 7\n on-match goto 30\nroute-map M permit 20\n match ip address prefix-list P\n\
               route-map M permit 30\n match ipv6 address prefix-list P\n";
    let imported = frr(&format!("{lists}{map}"));
    assert_eq!(
        imported.toml.matches("[[route-maps.M]]").count(),
        3,
        "{}",
        imported.toml
    );
    assert!(imported.toml.contains("then   = 30"), "{}", imported.toml);
    assert!(imported.toml.contains("P-v6"), "{}", imported.toml);
}

#[test]
fn a_second_value_of_a_key_is_shown_with_its_line() {
    let imported = frr(
        "router bgp 65000\n address-family ipv4 unicast\n  maximum-paths 4\n exit-address-family\n\
                        address-family ipv6 unicast\n  maximum-paths 8\n",
    );
    assert_eq!(
        imported.left,
        ["frr.conf:6 'maximum-paths 8': line 3 has set bgp.maximum-paths.ebgp to another value"]
    );
}

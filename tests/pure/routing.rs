//! What routing's tables become when nothing is wrong with them.
#![allow(clippy::unwrap_used)]

use super::config::said;
use imp::config::{self, Action, File, Model, NeighborBfd, Redistribute, RouteTarget};
use std::collections::BTreeMap;

const BASE: &str = r#"
config-version = 1

[system]
hostname = "edge1"

[vpp.core]
main-core = 1

[loopbacks.lo0]
addresses = ["192.0.2.1/32", "2001:db8::1/128"]

[interfaces.external]
match     = { pci = "0000:65:00.0" }
addresses = ["198.51.100.2/29", "2001:db8:25::2/64"]
"#;

/// The Model of the base document with this text after it, which must be accepted without a warning.
fn model(rest: &str) -> Model {
    let file = |bytes: &[u8]| File {
        bytes: bytes.to_vec(),
        mode: 0o640,
    };
    let files = BTreeMap::from([
        ("imp.toml".to_owned(), file(format!("{BASE}{rest}").as_bytes())),
        ("secrets/ibgp".to_owned(), file(b"hunter2\r\n")),
        ("frr/table.conf".to_owned(), file(b"ip import-table 100\n")),
        ("frr/extra.conf".to_owned(), file(b"log syslog\r\n! \xc3\xbc\n")),
    ]);
    let parsed = config::parse(&files);
    assert_eq!(said(&parsed), "");
    parsed.model.unwrap()
}

#[test]
fn routes_are_ordered_and_a_prefix_may_have_several() {
    let model = model(
        r#"
[routes]
"::/0"            = { via = "fe80::1", interface = "external" }
"203.0.113.0/24"  = { blackhole = true, tag = 7, table = 254 }
"10.0.0.0/8"      = { interface = "external", table = 100 }
"0.0.0.0/0"       = [{ via = "198.51.100.1", distance = 20 }, { via = "198.51.100.3" }, { blackhole = true, distance = 254 }]

[frr]
extra-file = "frr/table.conf"
"#,
    );
    let routes: Vec<String> = model
        .routes
        .iter()
        .map(|r| {
            format!(
                "{:?} {} {:?} {:?} {:?}",
                r.table, r.prefix, r.target, r.distance, r.tag
            )
        })
        .collect();
    assert_eq!(
        routes,
        [
            "None 0.0.0.0/0 Via { next_hop: 198.51.100.3, interface: None } None None",
            "None 0.0.0.0/0 Via { next_hop: 198.51.100.1, interface: None } Some(20) None",
            "None 0.0.0.0/0 Blackhole Some(254) None",
            "None 203.0.113.0/24 Blackhole None Some(7)",
            "None ::/0 Via { next_hop: fe80::1, interface: Some(\"external\") } None None",
            "Some(100) 10.0.0.0/8 Interface(\"external\") None None",
        ]
    );
    assert!(matches!(model.routes[2].target, RouteTarget::Blackhole));
}

#[test]
fn members_of_prefix_lists_that_mean_the_same_are_the_same() {
    let model = model(
        r#"
[prefix-lists]
A = [
  "10.0.0.0/8",
  "11.0.0.0/8 le 8",
  "12.0.0.0/8 ge 8",
  "13.0.0.0/8 ge 8 le 24",
  "permit 14.0.0.0/8 ge 9",
  "deny 15.0.0.0/8 le 32 ge 24",
  "192.0.2.1/32 ge 32",
  "0.0.0.0/0 ge 0",
  "2001:DB8::/32  le 48",
  "::/0",
]

[bgp]
asn = 64500

[bgp.neighbors."198.51.100.1"]
remote-as = 64500
route-map = { in = "A" }

[[route-maps.A]]
action = "permit"
match  = { prefix-list = "A" }
"#,
    );
    let list = model.prefix_lists.values().next().unwrap();
    let v4: Vec<String> = list
        .v4
        .iter()
        .map(|r| format!("{:?} {} {} {}", r.action, r.prefix, r.ge, r.le))
        .collect();
    assert_eq!(
        v4,
        [
            "Permit 10.0.0.0/8 0 0",
            "Permit 11.0.0.0/8 0 0",
            "Permit 12.0.0.0/8 0 32",
            "Permit 13.0.0.0/8 0 24",
            "Permit 14.0.0.0/8 9 0",
            "Deny 15.0.0.0/8 24 32",
            "Permit 192.0.2.1/32 0 0",
            "Permit 0.0.0.0/0 0 32",
        ]
    );
    let v6: Vec<String> = list.v6.iter().map(|r| format!("{} {}", r.prefix, r.le)).collect();
    assert_eq!(v6, ["2001:db8::/32 48", "::/0 0"]);
    assert_eq!(list.v6[0].action, Action::Permit);
}

#[test]
fn neighbours_take_what_their_group_says() {
    let model = model(
        r#"
[bgp]
asn        = "0.64500"
cluster-id = "192.0.2.1"
networks   = ["203.0.113.0/24"]

[bgp.peer-groups.IBGP]
remote-as              = 64500
password-file          = "secrets/ibgp"
update-source          = "192.0.2.1"
next-hop-self          = true
route-reflector-client = true
timers                 = { keepalive = 3, hold = 9 }

[bgp.peer-groups.IX]
route-map = { in = "IX-IN" }
bfd       = "FAST"

[bgp.neighbors."192.0.2.7"]
peer-group = "IBGP"

[bgp.neighbors."198.51.100.1"]
peer-group    = "IX"
remote-as     = "64086.59905"
route-map     = { out = "IX-OUT" }
ebgp-multihop = 2
bfd           = true
passive       = true

[bgp.neighbors."203.0.113.9"]
remote-as     = 64499
ebgp-multihop = 255
route-map     = { in = "IX-IN", out = "IX-OUT" }
shutdown      = true

[bfd.profiles.FAST]
detect-multiplier = 3
receive-interval  = 100
transmit-interval = 100

[ospf]
router-id         = "192.0.2.254"
default-originate = false
redistribute      = ["connected", "static", { from = "bgp", route-map = "TO-OSPF" }]

[interfaces.internal]
match     = { pci = "0000:65:00.1" }
addresses = ["100.64.0.1/22", "2001:db8:64::1/64"]
ospf      = { area = "0.0.1.0", cost = 10, hello-interval = 1, dead-interval = 4, network = "point-to-point" }
ospf6     = { area = 256, passive = true }

[community-lists]
CUSTOMERS = ["64500:2", "no-export", "64500:1"]

[[route-maps.IX-IN]]
action = "permit"
match  = { community-list = "CUSTOMERS" }
set    = { community = ["64500:2", "64500:1"], additive = true, as-path-prepend = [64500, "0.64500"], next-hop = "192.0.2.9" }

[[route-maps.IX-OUT]]
action = "permit"

[[route-maps.TO-OSPF]]
action = "permit"
match  = { tag = 7 }

[frr]
extra-file = "frr/extra.conf"
"#,
    );
    let bgp = model.bgp.as_ref().unwrap();
    assert_eq!(
        (bgp.asn.get(), bgp.router_id.to_string().as_str()),
        (64500, "192.0.2.1")
    );
    let neighbors: Vec<_> = bgp.neighbors.values().collect();
    assert_eq!(neighbors[0].remote_as.to_string(), "64500");
    assert_eq!(neighbors[1].remote_as.to_string(), "4200000001");
    assert_eq!(neighbors[1].policy.bfd, Some(NeighborBfd::Default));
    assert!(neighbors[1].policy.passive && neighbors[2].policy.shutdown);
    let groups: Vec<_> = bgp.peer_groups.values().collect();
    assert_eq!(groups[0].policy.password.as_ref().unwrap().reveal(), "hunter2");
    assert!(!format!("{model:?}").contains("hunter2"));
    assert_eq!(groups[0].policy.timers, Some((3, 9)));

    let (ospf, ospf6) = (model.ospf.as_ref().unwrap(), model.ospf6.as_ref().unwrap());
    assert_eq!(ospf.router_id.to_string(), "192.0.2.254");
    let sources: Vec<_> = ospf
        .redistribute
        .iter()
        .map(|it| (it.source, it.external.route_map.as_ref()))
        .collect();
    let map = "TO-OSPF".parse().unwrap();
    assert_eq!(
        sources,
        [
            (Redistribute::Connected, None),
            (Redistribute::Static, None),
            (Redistribute::Bgp, Some(&map))
        ]
    );
    assert_eq!(ospf6.router_id.to_string(), "192.0.2.1", "implied, with BGP's");
    let internal = model.interfaces.values().nth(1).unwrap();
    let area = |ospf: &Option<config::InterfaceOspf>| ospf.as_ref().unwrap().area.to_string();
    assert_eq!(
        (area(&internal.protocols.ospf), area(&internal.protocols.ospf6)),
        ("0.0.1.0".into(), "0.0.1.0".into())
    );

    let set = &model.route_maps.values().next().unwrap().entries[0].set;
    let config::SetCommunities::Added(communities) = &set.communities else {
        panic!("{:?}", set.communities);
    };
    let communities: Vec<String> = communities.iter().map(ToString::to_string).collect();
    assert_eq!(communities, ["64500:1", "64500:2"], "in FRR's order");
    assert!(matches!(&set.as_path_prepend, Some(config::Prepend::Asns(asns)) if asns.len() == 2));
    let extra = model.frr_extra.as_ref().unwrap();
    assert_eq!(extra.text, "log syslog\n! ü\n");
}

#[test]
fn a_route_map_has_no_more_entries_than_frr_has_numbers() {
    let mut document = format!("{BASE}[bgp]\nasn = 64500\n");
    for tag in 1..=32_768 {
        document.push_str(&format!(
            "[[route-maps.IN]]\naction = \"permit\"\nmatch = {{ tag = {tag} }}\n"
        ));
    }
    let file = File {
        bytes: document.into_bytes(),
        mode: 0o640,
    };
    let said = said(&config::parse(&BTreeMap::from([("imp.toml".to_owned(), file)])));
    assert!(
        said.contains("E0106") && said.contains("'route-maps.IN' has 32768 entries"),
        "{said}"
    );
}

//! Policies of Junos: what they match, set and announce is the same here, or said.

use super::{junos, said, says};
use imp::import::Imported;

/// A router with an external neighbour, whose routes come by the policy A.
fn with_import(policy: &str) -> Imported {
    let mut text = String::from(
        "set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24\nset routing-options autonomous-system 65000\n\
         set protocols bgp group P type external\nset protocols bgp group P peer-as 65001\n\
         set protocols bgp group P neighbor 10.0.0.2 import A\n",
    );
    for line in policy.lines() {
        text.push_str(&format!("set policy-options {line}\n"));
    }
    junos(&text)
}

/// What was left out, without its lines.
fn left(imported: &Imported) -> Vec<&str> {
    imported
        .left
        .iter()
        .map(|line| line.split_once(' ').map_or("", |(_, rest)| rest))
        .collect()
}

fn is_held_back(imported: &Imported, map: &str) -> bool {
    imported.toml.contains(&format!("\n# [[route-maps.{map}]]"))
        && !imported.toml.contains(&format!("\n[[route-maps.{map}]]"))
}

#[test]
fn a_pattern_is_found_among_other_communities() {
    let imported = with_import(
        "policy-statement A term a from community ONE\npolicy-statement A term a then reject\n\
         policy-statement A term b from community TWO\npolicy-statement A term b then reject\n\
         policy-statement A then accept\ncommunity ONE members \"65000:10|65000:20\"\ncommunity TWO members *:666\n",
    );
    says(
        &imported,
        &[
            "ONE = [\"_(65000:10|65000:20)_\"]",
            "TWO = [\"_[0-9]+:666_\", \"blackhole\"]",
        ],
    );
    assert_eq!(left(&imported), [""; 0]);
}

#[test]
fn communities_are_deleted_set_and_added_in_their_order() {
    for (then, set) in [
        ("delete X\ndelete Y", "set    = { delete-community = \"X-Y\" }"),
        (
            "set X\nadd Y",
            "set    = { community = [\"65000:1\", \"65000:2\"] }",
        ),
        ("set X\nset Y", "set    = { community = [\"65000:2\"] }"),
        ("add X\ndelete ALL", "set    = { delete-community = \"ALL\" }"),
        ("set X\ndelete ALL", "set    = { community = \"none\" }"),
        (
            "delete ALL\nadd X",
            "set    = { delete-community = \"ALL\", community = [\"65000:1\"], additive = true }",
        ),
    ] {
        let mut policy = String::new();
        for action in then.lines() {
            policy.push_str(&format!("policy-statement A term a then community {action}\n"));
        }
        policy.push_str(
            "policy-statement A term a then accept\ncommunity X members 65000:1\ncommunity Y members 65000:2\n\
             community ALL members 65000:*\n",
        );
        let imported = with_import(&policy);
        says(&imported, &[set]);
    }
    let imported = with_import(
        "policy-statement A term a then community set X\npolicy-statement A term a then community add L\n\
         policy-statement A term a then accept\ncommunity X members 65000:1\ncommunity L members large:65000:1:2\n",
    );
    assert!(is_held_back(&imported, "A"), "{}", imported.toml);
}

#[test]
fn a_route_carries_all_of_a_community_and_loses_each_of_it() {
    let imported = with_import(
        "policy-statement A term a from community X\npolicy-statement A term a then community delete X\n\
         policy-statement A term a then accept\ncommunity X members [ 65000:1 65000:2 ]\n",
    );
    says(
        &imported,
        &[
            "X        = [\"65000:1 65000:2\"]",
            "X-delete = [\"65000:1\", \"65000:2\"]",
            "match  = { community-list = \"X\" }",
            "set    = { delete-community = \"X-delete\" }",
        ],
    );
}

#[test]
fn what_no_list_matches_holds_the_route_map_back() {
    for community in [
        "community X members 65000:1\ncommunity X invert-match",
        "community X members target:65000:1",
        "community X members \"65000:[^1]\"",
    ] {
        for how in ["from community X", "then community delete X"] {
            let imported = with_import(&format!(
                "policy-statement A term a {how}\npolicy-statement A term a then accept\n{community}\n"
            ));
            assert!(is_held_back(&imported, "A"), "{}", imported.toml);
            assert_eq!(imported.left.len(), 1, "{:?}", imported.left);
        }
    }
}

#[test]
fn lists_that_nothing_uses_are_said() {
    let imported = with_import(
        "policy-statement A then accept\nprefix-list L 10.0.0.0/8\ncommunity C members 65000:1\n\
         as-path P \"65001 .*\"\nas-path-group G as-path one 65001\n",
    );
    let unused = |list: &str| format!("'policy-options {list}': nothing that is imported uses it");
    assert_eq!(
        left(&imported),
        [
            unused("prefix-list L"),
            unused("community C"),
            unused("as-path P"),
            unused("as-path-group G")
        ]
    );
    let filter = "set interfaces ge-0/0/0 unit 0 family inet filter input F\nset policy-options prefix-list L 10.0.0.0/8\n\
                  set firewall family inet filter F term a from source-prefix-list L\n\
                  set firewall family inet filter F term a then accept\n";
    assert_eq!(junos(filter).left, [""; 0]);
}

#[test]
fn an_as_path_and_a_group_of_one_name_are_two_lists() {
    let imported = with_import(
        "policy-statement A term a from as-path X\npolicy-statement A term a then reject\n\
         policy-statement A term b from as-path-group X\npolicy-statement A term b then reject\n\
         policy-statement A then accept\nas-path X \"65001 .*\"\nas-path-group X as-path one \"65002 .*\"\n",
    );
    says(&imported, &["X       = [\"^65001_\"]", "X-group = [\"^65002_\"]"]);
    let both = with_import(
        "policy-statement A term a from as-path X\npolicy-statement A term a from as-path-group X\n\
         policy-statement A term a then reject\nas-path X \"65001 .*\"\nas-path-group X as-path one \"65002 .*\"\n",
    );
    assert!(is_held_back(&both, "A"), "{}", both.toml);
}

#[test]
fn filters_of_one_prefix_decide_together() {
    let imported = with_import(
        "policy-statement A term a from route-filter 10.0.0.0/8 orlonger\n\
         policy-statement A term a from route-filter 10.1.0.0/16 exact\n\
         policy-statement A term a from route-filter 10.1.0.0/16 prefix-length-range /24-/24\n\
         policy-statement A term a then reject\npolicy-statement A then accept\n",
    );
    says(
        &imported,
        &["[\"10.1.0.0/16\", \"10.1.0.0/16 ge 24 le 24\", \"deny 10.1.0.0/16 le 32\", \"10.0.0.0/8 le 32\"]"],
    );
}

/// An internal group whose neighbours get routes by these policies.
fn with_export(groups: &str) -> Imported {
    let mut text = String::from(
        "set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24\nset routing-options autonomous-system 65000\n\
         set policy-options policy-statement SOME term a from route-filter 10.0.0.0/8 exact\n\
         set policy-options policy-statement SOME term a then next-hop self\n\
         set policy-options policy-statement SOME term a then accept\n\
         set policy-options policy-statement SOME term b then accept\n\
         set policy-options policy-statement NHS term a then next-hop self\n\
         set policy-options policy-statement PLAIN term a then accept\n",
    );
    for line in groups.lines() {
        text.push_str(&format!("set protocols bgp group {line}\n"));
    }
    junos(&text)
}

#[test]
fn the_next_hop_of_some_routes_is_not_that_of_all() {
    let internal = with_export("I type internal\nI export SOME\nI neighbor 10.0.0.2\n");
    assert!(!internal.toml.contains("\nnext-hop-self"), "{}", internal.toml);
    assert!(is_held_back(&internal, "SOME"), "{}", internal.toml);
    let external = with_export("E type external\nE peer-as 65001\nE export SOME\nE neighbor 10.0.0.2\n");
    assert!(!external.toml.contains("\nnext-hop-self"), "{}", external.toml);
    assert!(!is_held_back(&external, "SOME"), "{}", external.toml);
    assert!(
        left(&external)[0].starts_with("'then next-hop self of some"),
        "{:?}",
        external.left
    );
    let import = with_export("I type internal\nI import NHS\nI neighbor 10.0.0.2\n");
    assert!(
        import
            .left
            .contains(&"x:7 'policy-statement NHS term a then next-hop self': this router becomes the next hop of what it sends, not of what it receives".to_owned()),
        "{:?}",
        import.left
    );
}

#[test]
fn a_neighbour_with_a_policy_of_its_own_has_its_own_next_hop() {
    let imported =
        with_export("I type internal\nI export NHS\nI neighbor 10.0.0.2\nI neighbor 10.0.0.3 export PLAIN\n");
    let table = |name: &str| {
        let (_, table) = imported.toml.split_once(&format!("[bgp.{name}]")).unwrap();
        table.split("\n[").next().unwrap().contains("next-hop-self")
    };
    assert!(!table("peer-groups.I"), "{}", imported.toml);
    assert!(table("neighbors.\"10.0.0.2\""), "{}", imported.toml);
    assert!(!table("neighbors.\"10.0.0.3\""), "{}", imported.toml);
}

#[test]
fn a_last_term_that_decides_nothing_takes_all() {
    let imported = with_export("I type internal\nI export NHS\nI neighbor 10.0.0.2\n");
    assert!(!imported.toml.contains("then   ="), "{}", imported.toml);
    assert!(
        !imported.left.iter().any(|line| line.contains("announces")),
        "{:?}",
        imported.left
    );
}

/// An external group that announces by the policy OUT.
fn announcing(lines: &str) -> Imported {
    let mut text = String::from(
        "set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24\nset routing-options autonomous-system 65000\n\
         set routing-options static route 203.0.113.0/24 discard\n\
         set protocols bgp group E type external\nset protocols bgp group E peer-as 65001\n\
         set protocols bgp group E export OUT\nset protocols bgp group E neighbor 10.0.0.2\n",
    );
    for line in lines.lines() {
        text.push_str(&format!("set {line}\n"));
    }
    junos(&text)
}

#[test]
fn a_discard_route_that_a_policy_announces_is_a_network() {
    let out = "policy-options policy-statement OUT term";
    for from in [
        format!("{out} a from route-filter 203.0.113.0/24 exact"),
        format!("{out} a from prefix-list OURS\npolicy-options prefix-list OURS 203.0.113.0/24"),
        format!("{out} a from protocol static\n{out} a from route-filter 203.0.113.0/24 exact"),
    ] {
        let imported = announcing(&format!("{from}\n{out} a then accept\n{out} z then reject\n"));
        says(
            &imported,
            &["networks = [\"203.0.113.0/24\"]", "\n[[route-maps.OUT]]"],
        );
        assert_eq!(left(&imported), [""; 0]);
    }
}

#[test]
fn what_a_policy_announces_otherwise_is_said() {
    let out = "policy-options policy-statement OUT term";
    let line = "'static route 203.0.113.0/24 discard': the export policy OUT announces it on Junos; add \"203.0.113.0/24\" to [bgp] networks";
    for policy in [
        format!("{out} a then accept"),
        format!("{out} a from protocol static\n{out} a then accept"),
        // A route-map would drop it here.
        format!(
            "{out} a from protocol bgp\n{out} a then reject\n{out} b from route-filter 203.0.113.0/24 exact\n{out} b then accept"
        ),
    ] {
        let imported = announcing(&format!("{policy}\n"));
        assert!(!imported.toml.contains("networks ="), "{}", imported.toml);
        assert!(left(&imported).contains(&line), "{:?}", imported.left);
    }
    let rejected = announcing(&format!("{out} a then reject\n"));
    assert_eq!(left(&rejected), [""; 0]);
    let aggregate = announcing(&format!(
        "{out} a then reject\nrouting-options aggregate route 198.51.100.0/24\n"
    ));
    assert_eq!(
        left(&aggregate),
        [
            "'routing-options aggregate route 198.51.100.0/24': write [bgp.aggregates.\"198.51.100.0/24\"], which announces it only while there is a route inside of it, or add it to [bgp] networks"
        ]
    );
}

#[test]
fn a_route_that_is_kept_back_is_no_network() {
    let out = "policy-options policy-statement OUT term a from route-filter 203.0.113.0/24 exact\n\
               policy-options policy-statement OUT term a then accept\npolicy-options policy-statement OUT term z then reject\n";
    let route = "routing-options static route 203.0.113.0/24 no-readvertise\n";
    let defaults = "routing-options static defaults no-readvertise\n";
    for kept in [route, defaults] {
        let imported = announcing(&format!("{out}{kept}"));
        assert!(!imported.toml.contains("networks ="), "{}", imported.toml);
        assert_eq!(left(&imported), [""; 0]);
    }
    let offered = announcing(&format!("{out}{defaults}{}", route.replace("no-", "")));
    says(&offered, &["networks = [\"203.0.113.0/24\"]"]);
}

#[test]
fn an_external_neighbour_without_a_policy_exchanges_all_routes() {
    let group = "set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24\nset routing-options autonomous-system 65000\n\
                 set protocols bgp group P type external\nset protocols bgp group P peer-as 65001\n\
                 set protocols bgp group P neighbor 10.0.0.2\n";
    let imported = junos(group);
    says(
        &imported,
        &[
            "route-map = { in = \"DEFAULT-IN\", out = \"DEFAULT-OUT\" }",
            "\n[[route-maps.DEFAULT-IN]]",
        ],
    );
    assert_eq!(left(&imported), [""; 0]);
    assert!(!said(&imported).contains("route-map"), "{}", said(&imported));
    let policy = "set policy-options policy-statement A then reject\n";
    let of_all = junos(&format!("{group}{policy}set protocols bgp import A\n"));
    says(&of_all, &["route-map = { in = \"A\", out = \"DEFAULT-OUT\" }"]);
    // What is not read is no reason to take everything.
    for unread in [
        "set protocols bgp group P neighbor 10.0.0.2 import ( A && B )\n",
        "set protocols bgp group P import ( A && B )\n",
        "set protocols bgp import ( A && B )\n",
        "set apply-groups A\n",
    ] {
        let closed = junos(&format!("{group}{unread}"));
        assert!(!closed.toml.contains("DEFAULT-IN"), "{}", closed.toml);
    }
    let internal = junos(&group.replace("external", "internal").replace("65001", "65000"));
    assert!(!internal.toml.contains("route-map"), "{}", internal.toml);
}

/// Otherwise a neighbour without a policy would get it as well.
#[test]
fn a_network_is_for_neighbours_that_got_it() {
    let imported = announcing(
        "policy-options policy-statement OUT term a from route-filter 203.0.113.0/24 exact\n\
         policy-options policy-statement OUT term a then accept\npolicy-options policy-statement OUT term z then reject\n\
         protocols bgp group F type external\nprotocols bgp group F peer-as 65002\nprotocols bgp group F neighbor 10.0.0.3\n",
    );
    assert!(!imported.toml.contains("networks ="), "{}", imported.toml);
    assert_eq!(imported.left.len(), 1, "{:?}", imported.left);
}

#[test]
fn the_next_policy_is_that_of_the_chain_or_what_junos_does_anyway() {
    let policies = "set policy-options policy-statement A term a from tag 1\nset policy-options policy-statement A term a then next policy\n\
                    set policy-options policy-statement A term z then reject\nset policy-options policy-statement B then accept\n";
    let group = "set interfaces ge-0/0/0 unit 0 family inet address 10.0.0.1/24\nset routing-options autonomous-system 65000\n\
                 set protocols bgp group P type external\nset protocols bgp group P peer-as 65001\n\
                 set protocols bgp group P neighbor 10.0.0.2 import";
    let last = junos(&format!("{policies}{group} A\n"));
    assert!(last.toml.contains("\n[[route-maps.A]]"), "{}", last.toml);
    assert!(!last.toml.contains("then   ="), "{}", last.toml);
    let chain = junos(&format!("{policies}{group} [ A B ]\n"));
    says(&chain, &["then   = 30", "seq    = 30"]);
}

#[test]
fn a_family_is_all_of_its_prefixes() {
    let imported = with_import(
        "policy-statement A term a from family inet\npolicy-statement A term a then reject\npolicy-statement A then accept\n",
    );
    says(&imported, &["A-a = [\"0.0.0.0/0 le 32\"]"]);
    assert_eq!(left(&imported), [""; 0]);
}

#[test]
fn an_expression_that_is_not_here_is_named_with_its_policy() {
    let imported = with_import(
        "policy-statement A term a from as-path X\npolicy-statement A term a then reject\nas-path X \"64496{2}\"\n",
    );
    assert_eq!(
        left(&imported),
        [
            "'policy-statement A term a from as-path X \"64496{2}\"': not in this version, and route-map A would match more without it"
        ]
    );
}

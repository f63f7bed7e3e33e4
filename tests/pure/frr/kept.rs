//! What a change of FRR's configuration leaves in force, and whose sessions it does not.
#![allow(clippy::unwrap_used)]

use super::change::{assert_leads, change, resets};
use imp::plan::Impact;
use imp::plan::frr::{self, PAUSE, differences, is_forgotten, questions};
use imp::types::FrrRelease;

/// The lines that lead from the text to another with this in place of that, and what they cost.
fn changed(before: &str, from: &str, to: &str) -> (Vec<String>, Vec<Impact>) {
    assert!(before.contains(from), "no '{from}'");
    let after = before.replace(from, to);
    assert_leads(to, before, &after);
    let change = change(before, &after);
    (change.lines.unwrap(), change.impacts)
}

#[test]
fn a_route_whose_gateway_comes_on_the_link_is_replaced_in_place() {
    let far = "ip route 10.9.0.0/16 198.51.100.7 ext 20\n";
    let near = "ip route 10.9.0.0/16 198.51.100.7 ext 20 onlink\n";
    let plain = "no ip forwarding\nno ipv6 forwarding\n";
    let (there, _) = changed(&format!("{plain}{far}"), far, near);
    assert_eq!(there, [near.trim()]);
    let (back, _) = changed(&format!("{plain}{near}"), near, far);
    assert_eq!(back, [far.trim()]);
    let (gone, _) = changed(&format!("{plain}{near}"), near, "");
    assert_eq!(gone, [format!("no {}", near.trim())]);
}

const RANGES: &str = "no ip forwarding\nno ipv6 forwarding\nrouter bgp 64500\n no bgp default ipv4-unicast\n \
    neighbor CUST peer-group\n neighbor CUST remote-as 64777\n neighbor CUST update-source lo\n \
    bgp listen range 10.1.0.0/24 peer-group CUST\n bgp listen range 10.2.0.0/24 peer-group CUST\nexit\n";

#[test]
fn whoever_calls_from_a_listen_range_has_what_the_group_has() {
    let peers = ["the dynamic neighbours of CUST"];
    for (from, to, why) in [
        (
            "update-source lo",
            "update-source lo1",
            "the source address changes",
        ),
        (
            "neighbor CUST update-source lo\n",
            "neighbor CUST shutdown\n neighbor CUST update-source lo\n",
            "the session is shut down",
        ),
        ("64777", "64778", "the AS number of the peer changes"),
    ] {
        assert_eq!(changed(RANGES, from, to).1, resets(&peers, why), "{to}");
    }
    let router_id = " bgp router-id 192.0.2.9\n no bgp default";
    assert_eq!(
        changed(RANGES, " no bgp default", router_id).1,
        resets(&peers, "the router id changes")
    );
    // What resets nobody is live, and so is a group that nobody can call yet.
    let described = "remote-as 64777\n neighbor CUST description x";
    assert_eq!(changed(RANGES, "remote-as 64777", described).1, [Impact::Live]);
    let range = " bgp listen range 10.2.0.0/24 peer-group CUST\n";
    let left = resets(&["10.2.0.0/24"], "the listen range is removed");
    assert_eq!(changed(RANGES, range, "").1, left);
}

#[test]
fn who_calls_a_group_stays_when_its_first_member_comes_and_its_last_one_goes() {
    let member = " neighbor 198.51.100.1 peer-group CUST\n bgp listen range 10.1";
    let (lines, impacts) = changed(RANGES, " bgp listen range 10.1", member);
    assert_eq!(
        lines,
        [
            "router bgp 64500",
            "neighbor 198.51.100.1 peer-group CUST",
            "exit"
        ]
    );
    assert_eq!(impacts, [Impact::Live]);
    let before = RANGES.replace(" bgp listen range 10.1", member);
    let (lines, impacts) = changed(&before, " neighbor 198.51.100.1 peer-group CUST\n", "");
    assert_eq!(lines, ["router bgp 64500", "no neighbor 198.51.100.1", "exit"]);
    assert_eq!(impacts, resets(&["198.51.100.1"], "the neighbour is removed"));
    // One without an AS of its own, which nobody can call, keeps the hops of the members it had.
    let kind = "router bgp 64500\n neighbor KIND peer-group\n neighbor 198.51.100.4 remote-as 64500\n \
        neighbor 198.51.100.4 peer-group KIND\nexit\n";
    let gone = " neighbor 198.51.100.4 remote-as 64500\n neighbor 198.51.100.4 peer-group KIND\n";
    let (lines, _) = changed(&format!("no ip forwarding\nno ipv6 forwarding\n{kind}"), gone, "");
    assert!(
        lines.contains(&"no neighbor KIND peer-group".to_owned()),
        "{lines:#?}"
    );
}

#[test]
fn a_group_that_is_built_anew_has_its_listen_ranges_again() {
    let (lines, _) = changed(RANGES, "64777", "64778");
    assert_eq!(
        lines,
        [
            "router bgp 64500",
            "no bgp listen range 10.1.0.0/24 peer-group CUST",
            "no bgp listen range 10.2.0.0/24 peer-group CUST",
            "no neighbor CUST peer-group",
            "neighbor CUST peer-group",
            "neighbor CUST remote-as 64778",
            "neighbor CUST update-source lo",
            "bgp listen range 10.1.0.0/24 peer-group CUST",
            "bgp listen range 10.2.0.0/24 peer-group CUST",
            "exit",
        ]
    );
}

const POLICY: &str = "no ip forwarding\nno ipv6 forwarding\nrouter bgp 64500\n no bgp default ipv4-unicast\n \
    neighbor 198.51.100.1 remote-as 64496\n !\n address-family ipv4 unicast\n  neighbor 198.51.100.1 activate\n  \
    neighbor 198.51.100.1 soft-reconfiguration inbound\n  neighbor 198.51.100.1 prefix-list P in\n  \
    neighbor 198.51.100.1 prefix-list P out\n exit-address-family\nexit\n";

#[test]
fn a_neighbour_is_never_without_policy_while_it_gets_another_kind() {
    let (lines, impacts) = changed(POLICY, "prefix-list P", "route-map M");
    assert_eq!(
        lines,
        [
            "router bgp 64500",
            "address-family ipv4 unicast",
            "neighbor 198.51.100.1 route-map M in",
            "neighbor 198.51.100.1 route-map M out",
            "no neighbor 198.51.100.1 prefix-list P out",
            "no neighbor 198.51.100.1 prefix-list P in",
            "exit-address-family",
            "exit",
        ]
    );
    assert_eq!(impacts, [Impact::Live]);
    // Nor while the family is taken from it.
    let start = POLICY.find("  neighbor 198.51.100.1 activate").unwrap();
    let end = POLICY.find(" exit-address-family").unwrap();
    let (lines, _) = changed(POLICY, &POLICY[start..end], "  network 10.0.0.0/8\n");
    let at = |line: &str| lines.iter().position(|it| it.contains(line)).unwrap();
    assert!(at("activate") < at("prefix-list"), "{lines:#?}");
}

const CONFEDERATION: &str = "no ip forwarding\nno ipv6 forwarding\nrouter bgp 65001\n bgp confederation identifier 64500\n \
    bgp confederation peers 65002 65004\n neighbor 198.51.100.1 remote-as 65002\n \
    neighbor 198.51.100.3 remote-as 65003\n neighbor 198.51.100.4 remote-as 65004\n \
    neighbor 198.51.100.5 remote-as 65001\nexit\n";

#[test]
fn only_the_members_that_come_and_go_are_told_to_frr() {
    let why = "its AS joins or leaves the confederation";
    let (lines, impacts) = changed(CONFEDERATION, "peers 65002 65004", "peers 65003 65002");
    assert_eq!(
        lines,
        [
            "router bgp 65001",
            "no bgp confederation peers 65004",
            "bgp confederation peers 65003",
            "exit",
        ]
    );
    assert_eq!(impacts, resets(&["198.51.100.3", "198.51.100.4"], why));
    // Who may be from anywhere may be from there.
    let external = CONFEDERATION.replace("remote-as 65003", "remote-as external");
    let (_, impacts) = changed(&external, "peers 65002", "peers 65003 65002");
    assert_eq!(
        impacts,
        resets(&["198.51.100.3"], &format!("{why}, if it is 65003"))
    );
    let none = changed(CONFEDERATION, " bgp confederation peers 65002 65004\n", "");
    assert_eq!(none.0[1], "no bgp confederation peers 65002 65004");
    let (lines, _) = changed(
        &CONFEDERATION.replace(" bgp confederation peers 65002 65004\n", ""),
        " neighbor 198.51.100.1",
        " bgp confederation peers 65002\n neighbor 198.51.100.1",
    );
    assert_eq!(lines[1], "bgp confederation peers 65002");
}

#[test]
fn members_of_a_confederation_may_be_printed_in_any_order() {
    let other = CONFEDERATION.replace("peers 65002 65004", "peers 65004 65002");
    assert_eq!(differences(CONFEDERATION, &other), []);
    assert_eq!(change(CONFEDERATION, &other).lines.unwrap(), [""; 0]);
    let less = CONFEDERATION.replace("peers 65002 65004", "peers 65004");
    assert_eq!(differences(CONFEDERATION, &less).len(), 1);
}

const CACHES: &str =
    "no ip forwarding\nno ipv6 forwarding\nrpki\n rpki cache tcp 192.0.2.50 3323 preference 1\nexit\n";

#[test]
fn a_cache_comes_before_the_one_it_replaces_goes() {
    let lapse = [Impact::Lapses {
        what: "no origin is validated until another RPKI cache is in sync".to_owned(),
        why: "the cache that was asked goes".to_owned(),
    }];
    let other = "192.0.2.51 3323 preference 2";
    let (lines, impacts) = changed(CACHES, "192.0.2.50 3323 preference 1", other);
    assert_eq!(
        lines,
        [
            "rpki",
            "rpki cache tcp 192.0.2.51 3323 preference 2",
            "no rpki cache tcp 192.0.2.50 3323 preference 1",
            "exit",
        ]
    );
    assert_eq!(impacts, lapse);
    // Of two with one preference FRR takes the second only when the first is gone.
    let (lines, impacts) = changed(CACHES, "192.0.2.50", "192.0.2.51");
    assert!(lines[1].starts_with("no rpki cache"), "{lines:#?}");
    assert_eq!(impacts, lapse);
    // One more, and one less that was not asked.
    let two = CACHES.replace("exit", " rpki cache tcp 192.0.2.51 3323 preference 2\nexit");
    assert_eq!(change(CACHES, &two).impacts, [Impact::Live]);
    assert_eq!(change(&two, CACHES).impacts, [Impact::Live]);
}

const ISIS: &str = "no ip forwarding\nno ipv6 forwarding\nrouter isis core\n net 49.0001.1920.0000.2001.00\n \
    redistribute ipv4 static level-2 metric 20 route-map M\nexit\n";

#[test]
fn a_redistribution_into_isis_forgets_its_map_before_it_goes() {
    let line = " redistribute ipv4 static level-2 metric 20 route-map M\n";
    let (lines, _) = changed(ISIS, line, "");
    assert_eq!(
        lines,
        [
            "router isis core",
            "redistribute ipv4 static level-2 metric 20",
            "no redistribute ipv4 static level-2",
            "exit",
        ]
    );
    let (lines, _) = changed(ISIS, " metric 20 route-map M", "");
    assert_eq!(lines[1], "redistribute ipv4 static level-2");
}

#[test]
fn the_members_of_a_group_are_built_anew_for_its_role() {
    let conf = "frr version 10.3\nno ip forwarding\nno ipv6 forwarding\nrouter bgp 64500\n no bgp default ipv4-unicast\n \
        neighbor RS peer-group\n neighbor RS remote-as 64777\n neighbor 198.51.100.1 peer-group RS\n \
        neighbor 198.51.100.2 remote-as 64778\nexit\n";
    let (lines, impacts) = changed(conf, "64777\n", "64777\n neighbor RS local-role rs-client\n");
    assert_eq!(
        lines[1..],
        [
            "no neighbor 198.51.100.1",
            "no neighbor RS peer-group",
            "neighbor RS peer-group",
            "neighbor RS remote-as 64777",
            "neighbor RS local-role rs-client",
            "neighbor 198.51.100.1 peer-group RS",
            "exit",
        ]
    );
    assert_eq!(impacts, resets(&["198.51.100.1"], "the role changes"));
    // That of one neighbour FRR 10 takes for the next session.
    let (_, impacts) = changed(
        conf,
        "64778\n",
        "64778\n neighbor 198.51.100.2 local-role customer\n",
    );
    assert_eq!(impacts, [Impact::Live]);
}

#[test]
fn the_shorter_form_goes_before_the_longer_one_comes() {
    let (lines, _) = changed(
        &POLICY.replace(
            "  neighbor 198.51.100.1 soft-reconfiguration inbound\n",
            "  neighbor 198.51.100.1 remove-private-AS\n",
        ),
        "remove-private-AS",
        "remove-private-AS all",
    );
    // FRR would remember it, and show it when the longer one goes.
    assert_eq!(
        lines[2..4],
        [
            "no neighbor 198.51.100.1 remove-private-AS",
            "neighbor 198.51.100.1 remove-private-AS all",
        ]
    );
}

const SUMMARY: &str = "frr version 10.3\nno ip forwarding\nno ipv6 forwarding\nip prefix-list L seq 5 permit 10.0.0.0/8\n\
    route-map M permit 10\n match ip address prefix-list L\n set metric 5\nexit\nrouter bgp 64500\n \
    no bgp default ipv4-unicast\n neighbor 198.51.100.1 remote-as 64496\n !\n address-family ipv4 unicast\n  \
    network 10.1.0.0/16 route-map M\n  network 192.0.2.0/24 route-map M\n  \
    aggregate-address 10.0.0.0/8 summary-only\n  neighbor 198.51.100.1 activate\n exit-address-family\nexit\n";

#[test]
fn what_a_summary_keeps_back_is_made_anew_for_frr_10() {
    let taken = [
        "router bgp 64500",
        "address-family ipv4 unicast",
        "no network 10.1.0.0/16 route-map M",
        "exit-address-family",
        "exit",
    ];
    let given = [
        "bgp route-map delay-timer 0",
        "no bgp route-map delay-timer",
        PAUSE,
        "router bgp 64500",
        "address-family ipv4 unicast",
        "network 10.1.0.0/16 route-map M",
        "exit-address-family",
        "exit",
    ];
    let lapse = [Impact::Lapses {
        what: "the aggregate covering 10.1.0.0/16 may be withdrawn briefly".to_owned(),
        why: "bgpd 10 crashes unless such a network is removed and added again".to_owned(),
    }];
    for (from, to) in [
        ("set metric 5", "set metric 6"),
        ("permit 10.0.0.0/8", "permit 10.0.0.0/8 le 16"),
        ("  aggregate-address 10.0.0.0/8 summary-only\n", ""),
        (" no bgp default", " no bgp network import-check\n no bgp default"),
    ] {
        let (lines, impacts) = changed(SUMMARY, from, to);
        assert_eq!(lines[..5], taken, "{to}");
        assert_eq!(lines[lines.len() - 8..], given, "{to}");
        assert_eq!(impacts, lapse, "{to}");
    }
    let (lines, _) = changed(SUMMARY, "10.1.0.0/16 route-map M", "10.1.0.0/16");
    assert_eq!(lines[2], "no network 10.1.0.0/16 route-map M");
    assert_eq!(lines[lines.len() - 3], "network 10.1.0.0/16");
    // Another network, another map; and FRR 8 survives it.
    let (lines, impacts) = changed(SUMMARY, "192.0.2.0/24 route-map M", "192.0.2.0/24");
    assert!(!lines.iter().any(|it| it.contains("10.1.0.0")), "{lines:#?}");
    assert_eq!(impacts, [Impact::Live]);
    let (_, impacts) = changed(&SUMMARY.replace("10.3", "8.4.4"), "set metric 5", "set metric 6");
    assert_eq!(impacts, [Impact::Live]);
}

#[test]
fn two_files_that_say_no_release_are_for_the_one_that_is_installed() {
    let before = SUMMARY.replace("frr version 10.3\n", "");
    let after = before.replace("set metric 5", "set metric 6");
    let impacts = |installed| frr::change(&before, &after, installed).impacts;
    assert_eq!(impacts(Some(FrrRelease::V8)), [Impact::Live]);
    let lapses = |impacts: Vec<Impact>| matches!(impacts[..], [Impact::Lapses { .. }]);
    assert!(lapses(impacts(Some(FrrRelease::V10))));
    // Whichever it is, nobody is surprised.
    assert!(lapses(impacts(None)));
    // What FRR prints is believed.
    assert!(lapses(frr::change(SUMMARY, &after, Some(FrrRelease::V8)).impacts));
}

#[test]
fn a_list_is_one_of_a_map_however_it_is_matched() {
    for how in ["", " exact-match", " any"] {
        let lists = "bgp community-list standard ODD seq 5 permit 64500:1\nip prefix-list L seq 5";
        let clause = format!(" match community ODD{how}\n set metric 5");
        let before = SUMMARY
            .replace("ip prefix-list L seq 5", lists)
            .replace(" set metric 5", &clause);
        let (lines, _) = changed(&before, "64500:1\n", "64500:2\n");
        assert_eq!(lines[2], "no network 10.1.0.0/16 route-map M", "{how}");
    }
}

#[test]
fn bgpd_is_asked_about_every_network_before_it_is_given_again() {
    let other = "router bgp 64501 vrf CUST\n address-family ipv6 unicast\n  network 2001:db8:1::/48 route-map M\n  \
        aggregate-address 2001:db8::/32 summary-only\n exit-address-family\nexit\n";
    let (lines, _) = changed(&format!("{SUMMARY}{other}"), "set metric 5", "set metric 6");
    let then = lines.rsplit(|it| it == PAUSE).next().unwrap().join("\n");
    assert_eq!(
        questions(&then),
        [
            "show bgp ipv4 unicast 10.1.0.0/16 json",
            "show bgp vrf CUST ipv6 unicast 2001:db8:1::/48 json",
        ]
    );
    // As 10.3 answers at once, with a static route that is redistributed; 50 ms later; and without any other.
    let removed = r#"{"prefix":"10.1.0.0/16","paths":[{"removed":true,"valid":false,"sourced":true,"local":true},{"valid":true,"sourced":true}]}"#;
    assert!(!is_forgotten(removed));
    assert!(is_forgotten(
        r#"{"prefix":"10.1.0.0/16","paths":[{"valid":true,"sourced":true}]}"#
    ));
    assert!(is_forgotten("{}\n"));
}

//! ACLs of an operator beside those that steer into NAT: no number of theirs moves, and none is taken for another.

use super::{live, restart};
use imp::plan::vpp::{self, Fact};
use std::collections::HashSet;

const STEER: &str = "set acl-plugin acl permit src 10.0.0.0/8 dst 0.0.0.0/0 tag nat-cgn";
const POLICY: &str = "abf policy add id 7 acl 1 via 169.254.1.1 memif1/0";
const ATTACH: &str = "abf attach ip4 policy 7 priority 10 internal";

#[test]
fn a_module_comes_and_goes_beside_acls_that_are_counted() {
    let own = [
        "set acl-plugin acl deny src 192.0.2.0/24, permit src 0.0.0.0/0",
        "set acl-plugin interface external input acl 0",
    ];
    let with_nat = [&own[..], &[STEER, POLICY, ATTACH]].concat();
    let (steps, costs) = live(&own, &with_nat);
    assert_eq!(
        steps,
        [
            STEER,
            "abf policy add id 7 acl 'nat-cgn' via 169.254.1.1 memif1/0",
            ATTACH
        ]
    );
    assert_eq!(costs, ["live"]);
    let (steps, _) = live(&with_nat, &own);
    assert_eq!(
        steps,
        [
            "abf attach ip4 del policy 7 internal",
            "abf policy del id 7 via 169.254.1.1 memif1/0",
            "delete acl-plugin acl index 'nat-cgn'"
        ]
    );
}

#[test]
fn an_acl_with_a_tag_filters_whatever_its_number_is() {
    let policy = "abf policy add id 7 acl 0 via 169.254.1.1 memif1/0";
    let alone = [STEER, policy, ATTACH];
    let own = [
        "set acl-plugin acl deny src 192.0.2.0/24, permit src 0.0.0.0/0 tag edge",
        "set acl-plugin interface external input acl 0",
    ];
    let both = [&own[..], &[STEER, POLICY, ATTACH]].concat();
    let (steps, costs) = live(&alone, &both);
    assert_eq!(
        steps,
        [own[0], "set acl-plugin interface external input acl 'edge'"]
    );
    assert_eq!(costs, ["live"]);
    let (steps, _) = live(&both, &alone);
    assert_eq!(
        steps,
        [
            "set acl-plugin interface external input acl 'edge' del",
            "delete acl-plugin acl index 'edge'"
        ]
    );
    // Other rules of an ACL in use: in place.
    let other = "set acl-plugin acl deny src 198.51.100.0/24, permit src 0.0.0.0/0 tag edge";
    let (steps, _) = live(&own, &[other, own[1]]);
    assert_eq!(
        steps,
        ["set acl-plugin acl index 'edge' deny src 198.51.100.0/24, permit src 0.0.0.0/0 tag edge"]
    );
}

#[test]
fn a_number_that_a_running_vpp_has_given_otherwise_is_not_trusted() {
    let policy = "abf policy add id 7 acl 0 via 169.254.1.1 memif1/0";
    let alone = [STEER, policy, ATTACH];
    let (acl, filter) = (
        "set acl-plugin acl permit src 192.0.2.0/24",
        "set acl-plugin interface external input acl 0",
    );
    // On the running VPP number 0 steers into NAT.
    let both = [acl, filter, STEER, POLICY, ATTACH];
    assert!(restart(&alone, &both).contains("a running VPP numbers them otherwise"));
    // Without any such ACL the numbers are those of a fresh one.
    assert_eq!(live(&[acl], &[acl, filter]).0, [filter]);
    // The tagged one that goes leaves its number to the other.
    let tagged = "set acl-plugin acl permit src 192.0.2.0/25 tag edge";
    assert!(restart(&[tagged, acl], &[acl]).contains("would have another number"));
}

#[test]
fn a_policy_with_the_acl_of_somebody_else_is_not_the_one_that_is_meant() {
    let wanted = super::script(&[STEER, "abf policy add id 7 acl 0 via 169.254.1.1 memif1/0"]);
    let checks = vpp::checks(&wanted.commands);
    let acls = "acl-index 0 count 1 tag {own}\n          0: ipv4 permit src 0.0.0.0/0 dst 0.0.0.0/0 proto 0 sport 0-65535 dport 0-65535\n\
                acl-index 1 count 1 tag {nat-cgn}\n          0: ipv4 permit src 10.0.0.0/8 dst 0.0.0.0/0 proto 0 sport 0-65535 dport 0-65535";
    let shown = |acl: u32| -> HashSet<Fact> {
        let policy = format!("abf:[0]: policy:7 acl:{acl}\n        169.254.1.1 memif1/0");
        let acls = vpp::shown("show acl-plugin acl", acls).into_iter();
        acls.chain(vpp::shown("show abf policy", &policy)).collect()
    };
    let missing = |acl: u32| {
        let shown = vpp::as_if_fresh(shown(acl), &checks);
        let missing = vpp::missing(&checks, &shown);
        missing.into_iter().map(|(_, what)| what).collect::<Vec<_>>()
    };
    assert_eq!(missing(1), Vec::<String>::new());
    let said = missing(0);
    assert!(
        matches!(said.as_slice(), [only] if only.starts_with("does not have abf policy 7 with acl 0")),
        "{said:?}"
    );
}

#[test]
fn a_deleted_acl_leaves_its_number() {
    let own = [
        "set acl-plugin acl permit src 192.0.2.0/24",
        "set acl-plugin acl permit src 192.0.2.0/25 tag edge",
        "delete acl-plugin acl index 0",
    ];
    let policy = "abf policy add id 7 acl 0 via 169.254.1.1 memif1/0";
    let with_nat = [&own[..], &[STEER, policy]].concat();
    let (steps, _) = live(&own, &with_nat);
    assert_eq!(
        steps,
        [
            STEER,
            "abf policy add id 7 acl 'nat-cgn' via 169.254.1.1 memif1/0"
        ]
    );
}

const OUT: &str = "set acl-plugin acl permit+reflect src 10.0.0.0/8, deny src 0.0.0.0/0 tag OUT";
const IN: &str = "set acl-plugin acl permit proto 1 tag IN";
const OUT_FILTERS: &str = "set acl-plugin interface external output acl 0";
const IN_FILTERS: &str = "set acl-plugin interface external input acl 1";

#[test]
fn flows_that_an_acl_reflects_outlive_its_rules_and_not_its_filters() {
    let both = [OUT, IN, OUT_FILTERS, IN_FILTERS];
    let under_way = "established flows through external are not re-checked against the new rules: acl 'OUT' gets other rules";
    let waits = "return traffic of established flows on external may be dropped until the side that opened them sends again: ";
    let stricter = "set acl-plugin acl permit+reflect src 10.1.0.0/16, deny src 0.0.0.0/0 tag OUT";
    let (_, costs) = live(&both, &[stricter, IN, OUT_FILTERS, IN_FILTERS]);
    assert_eq!(costs, [under_way]);
    let (_, costs) = live(&both, &[OUT, IN, OUT_FILTERS]);
    assert_eq!(
        costs,
        [format!("{waits}acl 'IN' on the input of 'external' goes")]
    );
    let (_, costs) = live(&[OUT, IN, OUT_FILTERS], &both);
    assert_eq!(
        costs,
        [format!("{waits}acl 'IN' on the input of 'external' comes")]
    );
    // Without such flows there is nothing to lose.
    let looser = "set acl-plugin acl permit proto 17 tag IN";
    let (_, costs) = live(&both, &[OUT, looser, OUT_FILTERS, IN_FILTERS]);
    assert_eq!(costs, ["live"]);
    let (_, costs) = live(&[OUT, IN], &both);
    assert_eq!(costs, ["live"]);
    let plain = [OUT, IN, "set acl-plugin interface external input acl 1"];
    let (_, costs) = live(
        &plain,
        &[OUT, looser, "set acl-plugin interface external input acl 1"],
    );
    assert_eq!(costs, ["live"]);
}

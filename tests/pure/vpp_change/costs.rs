//! What a change costs, where the steps alone do not show it.

use super::live;

#[test]
fn the_flows_of_nat64_end_with_its_prefix() {
    let with = |prefix: &'static str| ["nat64 plugin enable", prefix];
    let (_, costs) = live(
        &with("nat64 add prefix 64:ff9b::/96"),
        &with("nat64 add prefix 2001:db8:64::/96"),
    );
    let sessions = "drops the NAT sessions of the prefix 64:ff9b::/96: they are removed or made again";
    assert_eq!(costs, [sessions]);
}

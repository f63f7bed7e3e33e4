//! Neighbours whose routes have to be looked at again: FRR does so by itself when a route-map or a list in one changes, but not
//! when the list changes that a neighbour itself names for what comes in.

use super::bgp::{families, instances, neighbor};
use super::side::Side;
use foldhash::HashSet;

/// A command of vtysh for each such neighbour or group and family; no session falls by it.
///
/// `changed` are lists like `ip prefix-list NAME`. Where the line of the neighbour is new itself, FRR looks by itself.
pub(super) fn commands(before: &Side<'_>, after: &Side<'_>, changed: &HashSet<&str>) -> Vec<String> {
    let mut commands = Vec::new();
    for block in instances(after).filter(|it| before.has(it)) {
        let vrf = block.split_once(" vrf ").map(|(_, vrf)| format!("vrf {vrf} "));
        let is_group = |name: &str| {
            let line = format!("neighbor {name} peer-group");
            after.lines(block).contains(&line.as_str())
        };
        for family in families(before, after, block) {
            let Some((_, name)) = family.rsplit_once("address-family ") else {
                continue;
            };
            let old = before.set(family);
            let mut seen = HashSet::default();
            for line in after.lines(family).iter().filter(|line| old.contains(**line)) {
                let Some((peer, rest)) = neighbor(line) else {
                    continue;
                };
                if names_one(rest, name, changed) && seen.insert(peer) {
                    let group = if is_group(peer) { "peer-group " } else { "" };
                    let vrf = vrf.as_deref().unwrap_or_default();
                    commands.push(format!("clear bgp {vrf}{name} {group}{peer} soft in"));
                }
            }
        }
    }
    commands
}

/// Whether it is a list of these, for what comes in.
fn names_one(rest: &str, family: &str, changed: &HashSet<&str>) -> bool {
    let words: Vec<&str> = rest.split(' ').collect();
    let list = match words[..] {
        ["prefix-list", name, "in"] if family.starts_with("ipv6 ") => format!("ipv6 prefix-list {name}"),
        ["prefix-list", name, "in"] => format!("ip prefix-list {name}"),
        ["filter-list", name, "in"] => format!("bgp as-path access-list {name}"),
        _ => return false,
    };
    changed.contains(list.as_str())
}

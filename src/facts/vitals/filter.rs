//! What lets packets through, and how many it did not: ACLs and policers.

use super::{Names, words};
use serde::Serialize;

/// An ACL. VPP counts what its rules match only where it is told to, for a price each packet pays, and shows it nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct AclState {
    /// Its tag, without what ours begin with.
    pub name: String,
    /// How many rules it has.
    pub rules: u64,
    /// The interfaces whose incoming packets it judges.
    pub inward: Vec<String>,
    /// Those whose outgoing ones.
    pub outward: Vec<String>,
}

/// A policer, and what it did since VPP started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PolicerState {
    /// Its name.
    pub name: String,
    /// What it let through.
    pub passed: Amount,
    /// What it dropped.
    pub dropped: Amount,
}

/// An amount of traffic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Amount {
    /// In packets.
    pub packets: u64,
    /// In bytes.
    pub bytes: u64,
}

/// The answers to `show acl-plugin acl` and `show acl-plugin interface`.
pub(super) fn acls(shown: &str, sides: &str, names: &Names<'_>) -> Vec<AclState> {
    let mut found: Vec<(&str, AclState)> = shown.lines().filter_map(acl).collect();
    let mut interface = String::new();
    for line in sides.lines() {
        match words(line)[..] {
            ["sw_if_index", number] => interface = names.of_number(number.trim_end_matches(':')),
            [side @ ("input" | "output"), "acl(s):", ref numbers @ ..] => {
                for number in numbers.iter().map(|number| number.trim_end_matches(',')) {
                    for (_, acl) in found.iter_mut().filter(|(of, _)| *of == number) {
                        let list = if side == "input" {
                            &mut acl.inward
                        } else {
                            &mut acl.outward
                        };
                        list.push(interface.clone());
                    }
                }
            }
            _ => {}
        }
    }
    found.into_iter().map(|(_, acl)| acl).collect()
}

/// `acl-index 0 count 7 tag {acl-EDGE}`: its number, and the ACL.
fn acl(line: &str) -> Option<(&str, AclState)> {
    let ["acl-index", number, "count", rules, "tag", tag] = words(line)[..] else {
        return None;
    };
    let tag = tag.trim_start_matches('{').trim_end_matches('}');
    let acl = AclState {
        name: tag.strip_prefix("acl-").unwrap_or(tag).to_owned(),
        rules: rules.parse().ok()?,
        inward: Vec::new(),
        outward: Vec::new(),
    };
    Some((number, acl))
}

/// `Name "GOLD" type 1r2c …`, below it `conform action transmit, exceed action drop, …`, and then what there was of each:
/// `conform 12 packets, 3456 bytes`.
pub(super) fn policers(shown: &str) -> Vec<PolicerState> {
    let (mut found, mut dropped) = (Vec::<PolicerState>::new(), Vec::new());
    for line in shown.lines() {
        match (&words(line)[..], found.last_mut()) {
            (["Name", name, ..], _) => found.push(PolicerState {
                name: name.trim_matches('"').to_owned(),
                ..PolicerState::default()
            }),
            (["conform", "action", ..], _) => {
                let actions = line.split(',').map(str::trim);
                dropped = actions.filter_map(|it| it.strip_suffix(" action drop")).collect();
            }
            ([what, packets, "packets,", bytes, "bytes"], Some(policer)) => {
                let amount = match dropped.contains(what) {
                    true => &mut policer.dropped,
                    false => &mut policer.passed,
                };
                amount.packets += packets.parse::<u64>().unwrap_or_default();
                amount.bytes += bytes.parse::<u64>().unwrap_or_default();
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERFACES: &str = "external                          1      up          9000/0/0/0\n\
        internal                          2      up          9000/0/0/0\n";

    #[test]
    fn an_acl_knows_where_it_is_used() {
        let shown = "acl-index 0 count 2 tag {acl-EDGE}\n          0: ipv4 deny src 0.0.0.0/0 dst 192.0.2.0/24 proto 6 sport 0-65535 dport 22\n          \
            1: ipv4 permit src 0.0.0.0/0 dst 0.0.0.0/0 proto 0 sport 0-65535 dport 0-65535\n  \
            applied inbound on sw_if_index: 1, 2\n  used in lookup context index: 0, 1\n\
            acl-index 1 count 1 tag {nat-steer}\n          0: ipv4 permit src 10.0.0.0/8 dst 0.0.0.0/0 proto 0 sport 0 dport 0\n";
        let sides = "sw_if_index 1:\n   input policy epoch: 3\n  input acl(s): 0\nsw_if_index 2:\n  input acl(s): 0\n output acl(s): 1, 0\n";
        let found = acls(shown, sides, &Names::of(INTERFACES));
        let acl = |name: &str, rules, inward: &[&str], outward: &[&str]| AclState {
            name: name.to_owned(),
            rules,
            inward: inward.iter().map(|it| (*it).to_owned()).collect(),
            outward: outward.iter().map(|it| (*it).to_owned()).collect(),
        };
        assert_eq!(
            found,
            [
                acl("EDGE", 2, &["external", "internal"], &["internal"]),
                acl("nat-steer", 1, &[], &["internal"])
            ]
        );
        assert_eq!(
            acls("show: unknown input `acl-plugin acl'", "", &Names::of("")),
            []
        );
    }

    #[test]
    fn a_policer_drops_what_its_actions_say() {
        let shown = "Name \"GOLD\" type 1r2c cir 100000 eir 0 cb 125000 eb 0\nrate type kbps, round type closest\nconform action transmit, \
            exceed action drop, violate action drop\n \nPolicer at index 0: single rate, not color-aware\n\
            cir 1 tok/period, pir 0 tok/period, scale 3\ncur lim 1, cur bkt 2, ext lim 0, ext bkt 0\nlast update 12\n\
            conform 10 packets, 900 bytes\nexceed 2 packets, 120 bytes\nviolate 1 packets, 60 bytes\n\n-----------\n";
        let amount = |packets, bytes| Amount { packets, bytes };
        assert_eq!(
            policers(shown),
            [PolicerState {
                name: "GOLD".to_owned(),
                passed: amount(10, 900),
                dropped: amount(3, 180),
            }]
        );
    }
}

//! What a change costs: which lines of OSPF and IS-IS take an adjacency down, as both releases do it.

use crate::plan::Impact;
use std::collections::{BTreeMap, BTreeSet};

/// Until an adjacency is built anew with FRR's own timers: a hello, and the wait for a designated router.
pub(super) const ADJACENCY: u32 = 40_000;

/// What the change of an interface does to the adjacencies there.
pub(super) fn interface(block: &str, before: &[&str], after: &[&str]) -> Option<Impact> {
    let name = block.strip_prefix("interface ")?;
    let has_area = |lines: &[&str], protocol: &str| {
        lines
            .iter()
            .any(|it| it.starts_with(&format!("{protocol} area ")))
    };
    if let Some(why) = of_isis(before, after) {
        return Some(Impact::Interrupts {
            interface: Some(name.to_owned()),
            milliseconds: ADJACENCY,
            why: why.to_owned(),
        });
    }
    let protocols = ["ip ospf", "ipv6 ospf6"];
    let protocol = protocols.into_iter().find(|protocol| {
        let breaking = |line: &&&str| {
            let rest = line.strip_prefix(protocol).map(str::trim_start);
            let breaks = [
                "area ",
                "network ",
                "dead-interval ",
                "hello-interval ",
                "passive",
                "authentication",
                "message-digest-key ",
            ];
            rest.is_some_and(|rest| breaks.iter().any(|it| rest.starts_with(it)))
        };
        let old: BTreeSet<&&str> = before.iter().filter(breaking).collect();
        let new: BTreeSet<&&str> = after.iter().filter(breaking).collect();
        has_area(before, protocol) && !before.contains(&format!("{protocol} passive").as_str()) && old != new
    })?;
    let version = if protocol == "ip ospf" { "OSPF" } else { "OSPFv3" };
    let why = match has_area(after, protocol) {
        true => format!(
            "its {version} adjacencies are built anew, once the neighbours have the same area, timers and network type"
        ),
        false => format!("it leaves {version}"),
    };
    Some(Impact::Interrupts {
        interface: Some(name.to_owned()),
        milliseconds: ADJACENCY,
        why,
    })
}

/// What the change of an interface does to its adjacencies of IS-IS.
fn of_isis(before: &[&str], after: &[&str]) -> Option<&'static str> {
    let breaks = [
        "isis circuit-type ",
        "isis network ",
        "isis passive",
        "isis password ",
    ];
    let part = |lines: &[&str]| -> BTreeSet<String> {
        let lines = lines
            .iter()
            .filter(|it| it.contains(" router isis ") || breaks.iter().any(|words| it.starts_with(words)));
        lines.map(|it| (*it).to_owned()).collect()
    };
    let is_in = |lines: &[&str]| lines.iter().any(|it| it.contains(" router isis "));
    if !is_in(before) || before.contains(&"isis passive") || part(before) == part(after) {
        return None;
    }
    Some(match is_in(after) {
        true => {
            "its IS-IS adjacencies are built anew, once the neighbours have the same levels, network type and password"
        }
        false => "it leaves IS-IS",
    })
}

/// What the change of IS-IS's instance does to its adjacencies.
pub(super) fn isis(before: &[&str], after: &[&str]) -> Option<Impact> {
    let part = |lines: &[&str]| -> BTreeSet<String> {
        let lines = lines.iter();
        let lines = lines.filter(|it| it.starts_with("net ") || it.starts_with("is-type "));
        lines.map(|it| (*it).to_owned()).collect()
    };
    (!before.is_empty() && part(before) != part(after)).then(|| Impact::Interrupts {
        interface: None,
        milliseconds: ADJACENCY,
        why: "all adjacencies of IS-IS are built anew with the new net or level".to_owned(),
    })
}

/// The areas whose routers all have to agree anew before they are adjacent again.
pub(super) fn areas(before: &[&str], after: &[&str]) -> Vec<Impact> {
    let kinds = |lines: &[&str]| -> BTreeMap<String, String> {
        let kinds = lines.iter().filter_map(|it| {
            let words: Vec<&str> = it.split(' ').collect();
            match words[..] {
                ["area", area, kind @ ("stub" | "nssa"), ..] => Some((area.to_owned(), kind.to_owned())),
                _ => None,
            }
        });
        kinds.collect()
    };
    let (old, new) = (kinds(before), kinds(after));
    let areas: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changed = areas.into_iter().filter(|area| old.get(*area) != new.get(*area));
    changed
        .filter(|_| !before.is_empty())
        .map(|area| Impact::Interrupts {
            interface: None,
            milliseconds: ADJACENCY,
            why: format!(
                "the adjacencies of area {area} are built anew, once its other routers have the same type"
            ),
        })
        .collect()
}

/// A router id that changes is used when OSPF is started anew.
pub(super) fn ospf(before: &[&str], after: &[&str]) -> Option<Impact> {
    let id = |lines: &[&str]| {
        lines
            .iter()
            .find(|it| it.contains(" router-id "))
            .map(|it| (*it).to_owned())
    };
    let (old, new) = (id(before)?, id(after));
    (Some(old) != new).then(|| Impact::NeedsReboot {
        why: "OSPF keeps its router id until FRR is started anew".to_owned(),
    })
}

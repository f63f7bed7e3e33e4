//! Networks of our own that an aggregate with `summary-only` keeps to this router.
//!
//! bgpd of FRR 10.3 dies when it looks again at one that such an aggregate has or had (SIGSEGV in `bgp_static_update`): because its map
//! is another one, because it is to be announced with or without a route of its own from now on, or because the map says something else,
//! and then after the five seconds that bgpd waits with it. So such a network goes before, and comes when all else is done and bgpd
//! has forgotten it.

use super::bgp::{families, in_family, instances};
use super::list::is_entry;
use super::side::Side;
use super::within;
use crate::plan::Impact;
use ipnet::IpNet;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};

/// The line at which bgpd is waited for: it forgets a network that was taken away when its queue is worked off, which it begins 50 ms
/// later. Given again before that, it is the same one as before.
pub const PAUSE: &str = "! bgpd forgets what was taken away";

/// What bgpd is asked before it is given the networks that stand in these lines. It has forgotten one if no route of it
/// [is removed](is_forgotten).
pub fn questions(lines: &str) -> Vec<String> {
    let (mut instance, mut family) = (String::new(), "");
    let mut questions = Vec::new();
    for line in lines.lines() {
        if let Some(bgp) = line.strip_prefix("router bgp ") {
            let vrf = bgp.split_once(" vrf ").map(|(_, vrf)| format!("vrf {vrf} "));
            instance = vrf.unwrap_or_default();
        } else if let Some(name) = line.strip_prefix("address-family ") {
            family = name;
        } else if let Some(prefix) = prefix(line).filter(|_| line.starts_with("network ")) {
            questions.push(format!("show bgp {instance}{family} {prefix} json"));
        }
    }
    questions
}

/// Whether the answer has no route that was taken away and is still there. Other routes of the prefix stay.
pub fn is_forgotten(answer: &str) -> bool {
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    let mut routes = answer["paths"].as_array().into_iter().flatten();
    !routes.any(|route| route["removed"] == true)
}

/// What has to be made anew.
#[derive(Debug, Default)]
pub(super) struct Anew<'s> {
    /// The lines of the networks, in both configurations, by family.
    lines: HashSet<(&'s str, &'s str)>,
    /// Takes them away.
    pub(super) first: Vec<String>,
    /// Gives them back.
    pub(super) last: Vec<String>,
}

impl<'s> Anew<'s> {
    /// Those of all instances.
    pub(super) fn between(before: &Side<'s>, after: &Side<'s>) -> Self {
        let mut anew = Self::default();
        for block in instances(after).filter(|it| before.has(it)) {
            for family in families(before, after, block) {
                anew.of_family(before, after, block, family);
            }
        }
        if !anew.last.is_empty() {
            // With a delay of 0 bgpd looks at once at what waits to be looked at.
            let at_once = [
                "bgp route-map delay-timer 0",
                "no bgp route-map delay-timer",
                PAUSE,
            ];
            anew.last = [at_once.map(str::to_owned).to_vec(), anew.last].concat();
        }
        anew
    }

    fn of_family(&mut self, before: &Side<'s>, after: &Side<'s>, block: &str, family: &'s str) {
        let kept = summarised(before, family);
        if kept.is_empty() {
            return;
        }
        let left = summarised(after, family);
        let new: HashMap<Option<IpNet>, &str> = networks(after, family).map(|it| (prefix(it), it)).collect();
        let is_checked = |side: &Side<'_>| !side.lines(block).contains(&"no bgp network import-check");
        let all = is_checked(before) != is_checked(after);
        let mut other_maps: HashMap<&str, bool> = HashMap::new();
        let mut is_other = |map| {
            *other_maps
                .entry(map)
                .or_insert_with(|| said(before, map) != said(after, map))
        };
        let (mut gone, mut back) = (Vec::new(), Vec::new());
        for old in kept {
            let Some(new) = new.get(&prefix(old)).copied() else {
                continue;
            };
            if all || old != new || !left.contains(new) || map(old).is_some_and(&mut is_other) {
                self.lines.extend([(family, old), (family, new)]);
                gone.push(format!("no {old}"));
                back.push(new.to_owned());
            }
        }
        self.first.extend(within(block, in_family(family, gone)));
        self.last.extend(within(block, in_family(family, back)));
    }

    /// What it costs: a summary without any network in it is withdrawn.
    pub(super) fn impact(&self) -> Option<Impact> {
        let networks: BTreeSet<&str> = self
            .lines
            .iter()
            .filter_map(|(_, line)| line.split(' ').nth(1))
            .collect();
        let networks: Vec<&str> = networks.into_iter().collect();
        (!networks.is_empty()).then(|| Impact::Lapses {
            what: format!(
                "the aggregate covering {} may be withdrawn briefly",
                networks.join(", ")
            ),
            why: "bgpd 10 crashes unless such a network is removed and added again".to_owned(),
        })
    }

    /// The lines of a family without those.
    pub(super) fn without<'l>(&self, family: &str, lines: &[&'l str]) -> Vec<&'l str> {
        let others = lines.iter().filter(|it| !self.lines.contains(&(family, **it)));
        others.copied().collect()
    }
}

/// The lines of the networks inside an aggregate with `summary-only`.
fn summarised<'s>(side: &Side<'s>, family: &str) -> BTreeSet<&'s str> {
    let is_summary = |line: &&&str| line.starts_with("aggregate-address ") && line.contains(" summary-only");
    let aggregates = side.lines(family).iter().filter(is_summary);
    let aggregates: Vec<IpNet> = aggregates.filter_map(|line| prefix(line)).collect();
    let is_inside = |it: IpNet| aggregates.iter().any(|all| *all != it && all.contains(&it));
    networks(side, family)
        .filter(|line| prefix(line).is_some_and(is_inside))
        .collect()
}

fn networks<'s>(side: &Side<'s>, family: &str) -> impl Iterator<Item = &'s str> {
    let lines = side.lines(family).iter().copied();
    lines.filter(|line| line.starts_with("network "))
}

/// The prefix in the second word.
fn prefix(line: &str) -> Option<IpNet> {
    line.split(' ').nth(1)?.parse().ok()
}

fn map(line: &str) -> Option<&str> {
    Some(line.split_once(" route-map ")?.1)
}

/// All that makes a map, its lists and those of what it calls included.
fn said<'s>(side: &Side<'s>, map: &str) -> BTreeSet<&'s str> {
    let (mut said, mut todo) = (BTreeSet::new(), vec![map.to_owned()]);
    while let Some(map) = todo.pop() {
        let start = format!("route-map {map} ");
        for block in side.blocks().filter(|it| it.starts_with(&start)) {
            if !said.insert(block) {
                continue;
            }
            for line in side.lines(block).iter().copied() {
                let _ = said.insert(line);
                match line.split(' ').collect::<Vec<_>>()[..] {
                    ["call", name] => todo.push(name.to_owned()),
                    ["match", .., name, "exact-match" | "any"] | ["match", .., name] => {
                        said.extend(list(side, name));
                    }
                    _ => {}
                }
            }
        }
    }
    said
}

/// The members of all lists with this name.
fn list<'s>(side: &Side<'s>, name: &str) -> impl Iterator<Item = &'s str> {
    let name = format!(" {name} ");
    let entries = side.top().iter().copied().filter(|line| is_entry(line));
    entries.filter(move |line| line.contains(&name))
}

//! From one frr.conf to another: the lines that FRR is given, and what they cost. Pure.
//!
//! What is new comes before what uses it, and goes after nothing uses it any more. All that changes in prefix-lists and
//! route-maps stands in a row: FRR collects such lines and commits them together, so that no route meets half of it.

mod adjacency;
mod bgp;
mod confederation;
mod cost;
mod edit;
mod list;
mod map;
mod refresh;
mod session;
mod side;
mod summarised;

pub use self::session::{Session, sessions};
pub use self::summarised::{PAUSE, is_forgotten, questions};

use self::edit::{INTERFACE, ISIS, OSPF, PROFILE, RPKI, edit};
use self::side::{Side, of_both};
use self::summarised::Anew;
use super::block;
use super::unchanged::Unchanged;
use crate::plan::Impact;
use crate::types::FrrRelease;
use foldhash::HashSet;
use std::collections::BTreeSet;

/// How a running FRR gets from one configuration to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The lines vtysh is given, in order, with a wait at `PAUSE`; `None`: only frr-reload.py finds the way. Passwords are in them.
    pub lines: Option<Vec<String>>,
    /// Commands of vtysh for afterwards: routes that FRR has to look at again, and would not by itself.
    pub commands: Vec<String>,
    /// What that costs, each once; empty when nothing differs.
    pub impacts: Vec<Impact>,
}

/// The way from one configuration to another; either may be a frr.conf or what FRR prints of what it runs.
///
/// FRR runs exactly the second one after these lines if it ran the first one before. What FRR prints says its release; for two
/// that do not, `installed` is the one of the FRR that is there, if one is. Takes time in proportion to the lines.
pub fn change(before: &str, after: &str, installed: Option<FrrRelease>) -> Change {
    if before == after {
        return Change {
            lines: Some(Vec::new()),
            commands: Vec::new(),
            impacts: Vec::new(),
        };
    }
    let said = super::release(before).or_else(|| super::release(after));
    let release = said.or(installed);
    let unchanged = Unchanged::between(before, after);
    let before_it = block::statements_but(before, release, &unchanged.before);
    let after_it = block::statements_but(after, release, &unchanged.after);
    let mut way = Way {
        release,
        ..Way::default()
    };
    way.between(&Side::new(&before_it), &Side::new(&after_it), &unchanged.lists);
    way.finish()
}

/// The instance of IS-IS that a table of ours makes.
const ISIS_INSTANCE: &str = "router isis core";

/// What the restart of one daemon costs while FRR runs this configuration, and why.
pub(super) fn of_restart(running: &str, daemon: &str, why: &str) -> Vec<Impact> {
    let statements = block::statements(running, super::release(running));
    cost::restart(&Side::new(&statements), daemon, why)
}

/// The lines, by when they are due.
#[derive(Debug, Default)]
struct Way {
    /// FRR's, where it is known.
    release: Option<FrrRelease>,
    /// What others look into: lists and maps, routes, BFD profiles.
    first: Vec<String>,
    /// Interfaces and protocols.
    then: Vec<String>,
    /// What nobody uses any more.
    last: Vec<String>,
    impacts: BTreeSet<Impact>,
    commands: Vec<String>,
    /// Some line is of a kind whose opposite is not known.
    is_beyond: bool,
}

impl Way {
    fn between(&mut self, before: &Side<'_>, after: &Side<'_>, unchanged: &HashSet<&str>) {
        let lists = list::change(before, after, unchanged);
        let maps = map::change(before, after);
        self.is_beyond |= lists.is_beyond || maps.is_beyond;
        self.commands = refresh::commands(before, after, &lists.changed);
        let anew = match self.release {
            Some(FrrRelease::V8) => Anew::default(),
            Some(FrrRelease::V10) | None => Anew::between(before, after),
        };
        self.first.extend(anew.first.iter().cloned());
        self.impacts.extend(anew.impact());
        self.first.extend(lists.first);
        self.first.extend(maps.first);
        self.first.extend(lists.members_gone);
        self.routes(before, after);
        self.profiles(before, after);
        self.log(before, after);
        self.isis(before, after);
        self.interfaces(before, after);
        self.bgp(before, after, &anew);
        self.ospf(before, after);
        self.rpki(before, after);
        self.last.extend(maps.last);
        self.last.extend(lists.last);
        self.last.extend(anew.last);
        self.others(before, after);
    }

    /// Those of the main table, then of each VRF. A VRF without routes stays an empty block, which FRR 8 does not show.
    fn routes(&mut self, before: &Side<'_>, after: &Side<'_>) {
        self.first.extend(routes(before.top(), after.top()));
        for block in of_both(before, after).filter(|it| is_vrf(it)) {
            let (old, new) = (before.lines(block), after.lines(block));
            let others = |lines: &[&str]| -> BTreeSet<String> {
                let others = lines.iter().filter(|it| !is_route(it));
                others.map(|it| (*it).to_owned()).collect()
            };
            self.is_beyond |= others(old) != others(new);
            self.first.extend(within(block, routes(old, new)));
        }
    }

    /// What is logged: a new level replaces the one before.
    fn log(&mut self, before: &Side<'_>, after: &Side<'_>) {
        let level = |side: &Side<'_>| side.top().iter().find(|it| is_log(it)).map(|it| (*it).to_owned());
        let (old, new) = (level(before), level(after));
        if old != new {
            self.then.push(new.unwrap_or_else(|| "no log syslog".to_owned()));
        }
    }

    fn profiles(&mut self, before: &Side<'_>, after: &Side<'_>) {
        let is_profile = |block: &str| block.starts_with("bfd / profile ");
        let name = |block: &str| block.trim_start_matches("bfd / ").to_owned();
        let mut set = Vec::new();
        for block in after.blocks().filter(|it| is_profile(it)) {
            let lines = edit(before.lines(block), after.lines(block), PROFILE);
            self.is_beyond |= lines.is_none();
            let lines = lines.unwrap_or_default();
            if !lines.is_empty() || !before.has(block) {
                set.push(name(block));
                set.extend(lines);
                set.push("exit".to_owned());
            }
        }
        let gone = before.blocks().filter(|it| is_profile(it) && !after.has(it));
        let gone: Vec<String> = gone.map(|block| format!("no {}", name(block))).collect();
        self.first.extend(within("bfd", set));
        self.last.extend(within("bfd", gone));
    }

    /// The lines of a block that goes are taken back one by one: FRR 10 refuses to remove an interface that exists.
    fn interfaces(&mut self, before: &Side<'_>, after: &Side<'_>) {
        for block in of_both(before, after).filter(|it| it.starts_with("interface ")) {
            let (old, new) = (before.lines(block), after.lines(block));
            match edit(old, new, INTERFACE) {
                Some(lines) => self.then.extend(within(block, lines)),
                None => self.is_beyond = true,
            }
            self.impacts.extend(adjacency::interface(block, old, new));
        }
    }

    fn bgp(&mut self, before: &Side<'_>, after: &Side<'_>, anew: &Anew<'_>) {
        for block in bgp::instances(before).filter(|it| !after.has(it)) {
            self.then.push(format!("no {block}"));
            self.impacts.extend(cost::instance_gone(before, block));
        }
        for block in bgp::instances(after) {
            match bgp::change(before, after, block, anew) {
                Some(lines) => self.then.extend(lines),
                None => self.is_beyond = true,
            }
            self.impacts
                .extend(cost::sessions(before, after, block, self.release));
        }
    }

    fn ospf(&mut self, before: &Side<'_>, after: &Side<'_>) {
        for block in ["router ospf", "router ospf6"] {
            if before.has(block) && !after.has(block) {
                self.then.push(format!("no {block}"));
                continue;
            }
            let (old, new) = (before.lines(block), after.lines(block));
            match edit(old, new, OSPF) {
                Some(lines) => self.then.extend(within(block, lines)),
                None => self.is_beyond = true,
            }
            self.impacts.extend(adjacency::ospf(old, new));
            self.impacts.extend(adjacency::areas(old, new));
        }
    }

    /// The instance comes before the interfaces: FRR 8 refuses some of their lines without it. It goes behind them.
    fn isis(&mut self, before: &Side<'_>, after: &Side<'_>) {
        let block = ISIS_INSTANCE;
        if before.has(block) && !after.has(block) {
            self.last.push(format!("no {block}"));
            return;
        }
        let (old, new) = (before.lines(block), after.lines(block));
        match edit(old, new, ISIS) {
            Some(lines) => self.then.extend(within(block, forgetting_maps(old, lines))),
            None => self.is_beyond = true,
        }
        self.impacts.extend(adjacency::isis(old, new));
    }

    fn rpki(&mut self, before: &Side<'_>, after: &Side<'_>) {
        match edit(before.lines("rpki"), after.lines("rpki"), RPKI) {
            Some(lines) => self.then.extend(within("rpki", lines)),
            None => self.is_beyond = true,
        }
        self.impacts.extend(cost::rpki(before, after));
    }

    /// Whatever no table of ours has a line for.
    fn others(&mut self, before: &Side<'_>, after: &Side<'_>) {
        let is_ours = |block: &str| {
            let starts = ["route-map ", "interface ", "router bgp ", "bfd / profile "];
            starts.iter().any(|start| block.starts_with(start))
                || is_vrf(block)
                || ["router ospf", "router ospf6", "rpki", ISIS_INSTANCE].contains(&block)
        };
        let differs =
            |block: &str| before.has(block) != after.has(block) || before.set(block) != after.set(block);
        let mut blocks = of_both(before, after).filter(|it| !is_ours(it));
        let other = |side: &Side<'_>| -> BTreeSet<String> {
            let lines = side
                .top()
                .iter()
                .filter(|it| !is_route(it) && !is_log(it) && !list::is_entry(it));
            lines.map(|it| (*it).to_owned()).collect()
        };
        self.is_beyond |= other(before) != other(after) || blocks.any(differs);
    }

    fn finish(self) -> Change {
        let lines = [self.first, self.then, self.last].concat();
        let mut impacts: Vec<Impact> = self.impacts.into_iter().collect();
        if impacts.is_empty() && (self.is_beyond || !lines.is_empty()) {
            impacts.push(Impact::Live);
        }
        Change {
            lines: (!self.is_beyond).then_some(lines),
            commands: self.commands,
            impacts,
        }
    }
}

/// The lines in their block, which is left behind them; nothing when there are none.
fn within(block: &str, lines: Vec<String>) -> Vec<String> {
    if lines.is_empty() {
        return lines;
    }
    [vec![block.to_owned()], lines, vec!["exit".to_owned()]].concat()
}

/// Each redistribution loses its map before it goes: isisd of 8.4 remembers the map of one that went, and writes to where it was when
/// the redistribution comes back. That map may be gone by then, and isisd dies of it later.
fn forgetting_maps(old: &[&str], lines: Vec<String>) -> Vec<String> {
    let without_map = |line: &String| {
        let gone = line.strip_prefix("no ")?;
        let whole = old.iter().find(|it| it.starts_with(gone))?;
        let (rest, _) = whole.split_once(" route-map ")?;
        Some(rest.to_owned())
    };
    let pairs = lines.into_iter().map(|line| [without_map(&line), Some(line)]);
    pairs.flatten().flatten().collect()
}

/// A route to the same next hop takes its new distance and tag, and whether that is on the link, in place.
fn routes(before: &[&str], after: &[&str]) -> Vec<String> {
    fn only<'s>(lines: &[&'s str]) -> Vec<&'s str> {
        lines.iter().copied().filter(|it| is_route(it)).collect()
    }
    let (before, after) = (only(before), only(after));
    let known: HashSet<&str> = before.iter().copied().collect();
    let kept: HashSet<&str> = after.iter().copied().collect();
    let ways: HashSet<String> = after.iter().map(|it| next_hop(it)).collect();
    let new = after.iter().filter(|it| !known.contains(**it));
    let gone = before
        .iter()
        .filter(|it| !kept.contains(**it) && !ways.contains(&next_hop(it)));
    let new = new.map(|it| (*it).to_owned());
    new.chain(gone.map(|it| format!("no {it}"))).collect()
}

fn is_vrf(block: &str) -> bool {
    block.starts_with("vrf ") && !block.contains(" / ")
}

fn is_route(line: &str) -> bool {
    line.starts_with("ip route ") || line.starts_with("ipv6 route ")
}

fn is_log(line: &str) -> bool {
    line == "log syslog" || line.starts_with("log syslog ")
}

/// A static route without the words that FRR replaces in place: its tag, its distance, and `onlink`. What is left is what staticd
/// knows it by, so that taking back the old line would take back the new one.
fn next_hop(route: &str) -> String {
    let mut words: Vec<&str> = route.split(' ').collect();
    if let Some(at) = words.iter().position(|it| *it == "tag") {
        let _ = words.drain(at..(at + 2).min(words.len()));
    }
    if let Some(at) = words.iter().rposition(|it| *it == "onlink").filter(|at| *at > 3) {
        let _ = words.remove(at);
    }
    // `ip route PREFIX NEXT-HOP [INTERFACE] [DISTANCE] [table N] [onlink]`
    let is_distance = |at: usize, word: &str| at > 3 && word.parse::<u8>().is_ok();
    let table = words.iter().position(|it| *it == "table").unwrap_or(words.len());
    if let Some(at) = (0..table).find(|at| is_distance(*at, words[*at])) {
        let _ = words.remove(at);
    }
    words.join(" ")
}

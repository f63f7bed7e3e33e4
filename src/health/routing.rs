//! Whether routes are learnt and announced: FRR's daemons, and its neighbours against those before the reboot.

use super::Running as Look;
use super::frr::{self, Adjacent, BgpPeer, BgpPeers};
use super::{About, Baseline, BgpWanted, Wanted};
use crate::boot::trial::outcome::{CheckOutcome, Scope};
use crate::config::Check;
use crate::exit::{Failure, Kind};
use crate::facts;
use crate::host::{file, paths};
use crate::plan::frr::{Difference, daemons, differences, lines};
use crate::types::{FrrRelease, Root};
use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::Duration;

/// Of the prefixes a neighbour sent before the reboot, this part must be back. Tables shrink and grow by a few percent in the
/// minutes of a reboot; half of one is a filter or a session that broke.
const PART: u64 = 2;

/// Two questions to FRR, each with its own deadline.
const TWICE: Duration = Duration::from_secs(9);

/// Of FRR also what it runs, which takes seconds where it is much.
const FRR: Duration = Duration::from_secs(30);

/// What is seen of FRR's daemons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Daemons {
    /// Those that should run.
    pub wanted: BTreeSet<String>,
    /// Those that watchfrr watches, with its word for each.
    pub states: Result<BTreeMap<String, String>, String>,
    /// Those that do not answer themselves.
    pub silent: BTreeSet<String>,
    /// Where they run something else than frr.conf says; not looked at while one does not answer.
    pub running: Result<Running, String>,
}

/// What FRR runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Running {
    /// frr.conf is still being loaded.
    Loading,
    /// It is loaded, with these differences.
    Loaded(Vec<Difference>),
}

/// `frr`, `bgp`, `ospf` and `isis`, as far as they are asked for.
pub fn checks<'a>(root: &Root, wanted: &'a Wanted, baseline: Option<&'a Baseline>) -> Vec<Look<'a>> {
    let about = |name: &str, required| About::new(name, Scope::ControlPlane, required, true);
    let mut running = Vec::new();
    if let Some(required) = wanted.wish(Check::Frr) {
        let root = root.clone();
        let look = move || look_daemons(&root);
        running.push(Look::start(about("frr", required), FRR, look, |about, seen| {
            vec![judge_daemons(about, &seen)]
        }));
    }
    if let Some(required) = wanted.wish(Check::Bgp) {
        let about = about("bgp", required);
        let release = facts::frr::release(root);
        let peers = move || frr::bgp_peers(release);
        running.push(match &wanted.bgp {
            Some(bgp) => Look::start(about, TWICE, peers, move |about, now| {
                judge_bgp(about, bgp, now, baseline.and_then(|it| it.bgp.as_ref()))
            }),
            None => unconfigured(&about, "BGP is not configured"),
        });
    }
    if let Some(required) = wanted.wish(Check::Ospf) {
        let about = about("ospf", required);
        let (ospf, ospf6) = (wanted.has_ospf, wanted.has_ospf6);
        let look = move || frr::ospf_neighbors(ospf, ospf6);
        running.push(match ospf || ospf6 {
            true => Look::start(about, TWICE, look, move |about, now| {
                judge_adjacent(about, now, baseline.and_then(|it| it.ospf.as_deref()))
            }),
            false => unconfigured(&about, "OSPF is not configured"),
        });
    }
    if let Some(required) = wanted.wish(Check::Isis) {
        let about = about("isis", required);
        running.push(match wanted.has_isis {
            true => Look::start(about, TWICE, frr::isis_neighbors, move |about, now| {
                judge_adjacent(about, now, baseline.and_then(|it| it.isis.as_deref()))
            }),
            false => unconfigured(&about, "IS-IS is not configured"),
        });
    }
    running
}

fn unconfigured(about: &About, why: &str) -> Look<'static> {
    Look::known(about.not_needed("neighbours", why))
}

/// zebra and staticd, mgmtd of FRR 10, and each daemon the file switches on.
pub fn wanted_daemons(file: &str, release: FrrRelease) -> BTreeSet<String> {
    let always = ["zebra", "staticd"]
        .into_iter()
        .chain((release == FrrRelease::V10).then_some("mgmtd"));
    let always = always.map(str::to_owned);
    daemons::wanted(file).into_keys().chain(always).collect()
}

fn look_daemons(root: &Root) -> Daemons {
    let file = file::read_text(&root.join(paths::FRR_DAEMONS)).ok().flatten();
    let file = file.unwrap_or_default();
    let wanted = wanted_daemons(&file, facts::frr::release(root));
    let states = frr::ask("watchfrr", "show watchfrr").map(|text| frr::parse_watchfrr(&text));
    let names: Vec<&String> = states.iter().flat_map(BTreeMap::keys).collect();
    let is_silent = |name: &str| frr::ask(name, "show version").is_err();
    let silent: BTreeSet<String> = thread::scope(|scope| {
        let asked = names
            .iter()
            .map(|name| (*name, scope.spawn(move || is_silent(name))))
            .collect::<Vec<_>>();
        let silent = asked
            .into_iter()
            .filter_map(|(name, asked)| asked.join().unwrap_or(true).then(|| name.clone()));
        silent.collect()
    });
    let is_up = |name: &String| {
        states
            .as_ref()
            .is_ok_and(|states| states.get(name).is_some_and(|it| it.starts_with("Up")))
    };
    let running = match silent.is_empty() && wanted.iter().all(is_up) {
        true => look_running(root),
        false => Ok(Running::Loading),
    };
    Daemons {
        wanted,
        states,
        silent,
        running,
    }
}

/// What FRR runs, against frr.conf. Takes seconds where that is long.
pub fn look_running(root: &Root) -> Result<Running, String> {
    let words = |error: &dyn std::error::Error| Failure::from_error(Kind::Failed, error).to_string();
    let Some(running) = facts::frr::running().map_err(|error| words(&error))? else {
        return Ok(Running::Loading);
    };
    let conf = file::read_text(&root.join(paths::FRR_CONF)).map_err(|error| words(&error))?;
    Ok(Running::Loaded(differences(&conf.unwrap_or_default(), &running)))
}

/// `frr.service` stays active while zebra is dead; watchfrr knows better, but takes 90 s to see that one hangs. Daemons that
/// are up may run half of frr.conf; only lines of the operator's extra file are no reason to reject a boot: FRR may take
/// them and show them otherwise.
pub fn judge_daemons(about: &About, seen: &Daemons) -> CheckOutcome {
    let list: Vec<&str> = seen.wanted.iter().map(String::as_str).collect();
    let expected = format!("{} Up", list.join(", "));
    let states = match &seen.states {
        Ok(states) => states,
        Err(words) => return about.failed(expected, words),
    };
    let faults = states.iter().filter_map(|(name, state)| match state.as_str() {
        state if !state.starts_with("Up") => Some(format!("{name} {state}")),
        _ if seen.silent.contains(name) => Some(format!("{name} does not answer")),
        _ => None,
    });
    let missing = seen.wanted.iter().filter(|name| !states.contains_key(*name));
    let missing = missing.map(|name| format!("{name} is not watched"));
    let faults: Vec<String> = faults.chain(missing).collect();
    if !faults.is_empty() {
        return about.failed(expected, faults.join(", "));
    }
    let expected = format!("{expected}, and frr.conf runs");
    match &seen.running {
        Err(words) => about.failed(expected, words),
        Ok(Running::Loading) => about.failed(expected, "frr.conf is still being loaded"),
        Ok(Running::Loaded(differences)) => {
            let ours = differences.iter().any(|difference| !difference.is_extra);
            let observed = match differences.is_empty() {
                true => "all Up, and it does".to_owned(),
                false => lines(differences).join("; "),
            };
            about.passed_if(!ours, expected, observed)
        }
    }
}

/// One result per configured neighbour.
pub fn judge_bgp(
    about: &About,
    bgp: &BgpWanted,
    now: Result<BgpPeers, String>,
    before: Option<&BgpPeers>,
) -> Vec<CheckOutcome> {
    if bgp.is_shut.is_empty() {
        return vec![about.not_needed("neighbours", "BGP has none configured")];
    }
    let now = match now {
        Ok(now) => now,
        Err(words) => return vec![about.failed("every neighbour Established", words)],
    };
    let nobody = BgpPeers::new();
    let before = before.unwrap_or(&nobody);
    let each = bgp.is_shut.iter().map(|(name, is_shut)| {
        let about = about.part(name);
        match is_shut {
            true => about.not_needed("Established", "shut down by the configuration"),
            false => judge_peer(&about, now.get(name), before.get(name)),
        }
    });
    each.collect()
}

/// A neighbour that was down before the reboot is welcome, and not needed.
fn judge_peer(about: &About, now: Option<&BgpPeer>, before: Option<&BgpPeer>) -> CheckOutcome {
    let observed = now.map_or("unknown to FRR".to_owned(), describe);
    let was_up = before.is_none_or(BgpPeer::is_established);
    let is_up = now.is_some_and(BgpPeer::is_established);
    match (was_up, is_up, before) {
        (false, false, Some(before)) => about.not_needed(
            "Established",
            format!("{observed}; {} before the reboot", before.state),
        ),
        (true, _, Some(before)) => {
            let needed: BTreeMap<&String, u64> = before
                .prefixes
                .iter()
                .map(|(family, count)| (family, count.div_ceil(PART)))
                .collect();
            let received = |family: &String| now.and_then(|it| it.prefixes.get(family)).copied().unwrap_or(0);
            let enough = needed.iter().all(|(family, least)| received(family) >= *least);
            about.passed_if(is_up && enough, expected(before, &needed), observed)
        }
        _ => about.passed_if(is_up, "Established", observed),
    }
}

fn expected(before: &BgpPeer, needed: &BTreeMap<&String, u64>) -> String {
    let counted = needed.iter().filter(|(_, least)| **least > 0);
    let parts: Vec<String> = counted
        .map(|(family, least)| {
            format!(
                ", at least {least} {family} prefixes ({} before)",
                before.prefixes[*family]
            )
        })
        .collect();
    format!("Established{}", parts.concat())
}

fn describe(peer: &BgpPeer) -> String {
    if !peer.is_established() {
        return peer.state.clone();
    }
    let each = peer.prefixes.iter();
    let parts: Vec<String> = each
        .map(|(family, count)| format!(", {count} {family} prefixes"))
        .collect();
    format!("Established{}", parts.concat())
}

/// Of OSPF or IS-IS. With a baseline one result per neighbour that was adjacent then. Without, nobody knows how many there
/// should be: those there are must be adjacent.
pub fn judge_adjacent<N: Adjacent>(
    about: &About,
    now: Result<Vec<N>, String>,
    before: Option<&[N]>,
) -> Vec<CheckOutcome> {
    const EXPECTED: &str = "adjacent";
    let now = match now {
        Ok(now) => now,
        Err(words) => return vec![about.failed("every neighbour adjacent", words)],
    };
    let judge_one = |neighbor: &N, needed: bool| {
        let about = about.part(neighbor.place());
        let found = now.iter().find(|it| it.is_same(neighbor));
        let observed = found.map_or("gone", N::state);
        match (found.is_some_and(N::is_adjacent), needed) {
            (true, _) => about.passed(EXPECTED, observed),
            (false, true) => about.failed(EXPECTED, observed),
            (false, false) => {
                let why = format!("{observed}; {} before the reboot", neighbor.state());
                about.not_needed(EXPECTED, why)
            }
        }
    };
    let outcomes: Vec<CheckOutcome> = match before {
        Some(before) => before.iter().map(|it| judge_one(it, it.is_adjacent())).collect(),
        None => now.iter().map(|it| judge_one(it, true)).collect(),
    };
    match outcomes.is_empty() {
        true => vec![about.not_needed(EXPECTED, "no known neighbour")],
        false => outcomes,
    }
}

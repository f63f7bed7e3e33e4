//! FRR's daemons: which of them a daemons file asks for, and what leads there from those that run. Pure.

use super::change::of_restart;
use crate::facts::frr::daemons::Processes;
use crate::plan::Impact;
use std::collections::{BTreeMap, BTreeSet};

/// Daemons that always run, whatever the file says; since FRR 9 also mgmtd.
const ALWAYS: [&str; 3] = ["zebra", "staticd", "mgmtd"];
/// Daemons that are restarted alone when their options change. What the others hold is everybody's.
const ALONE: [&str; 4] = ["bgpd", "ospfd", "ospf6d", "isisd"];

/// Daemons beside those that always run, each with the words of its options; `None`: these are not known.
pub type Daemons = BTreeMap<String, Option<Vec<String>>>;

/// What leads from some daemons to others. Those that are in none of the sets run on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Those that start.
    pub come: BTreeSet<String>,
    /// Those that stop.
    pub gone: BTreeSet<String>,
    /// Those that are restarted with other options, and what differs in these.
    pub anew: BTreeMap<String, String>,
}

/// The daemons that a file switches on, beside those that always run.
pub fn wanted(file: &str) -> Daemons {
    let on = file.lines().filter_map(switched_on);
    on.filter(|name| !ALWAYS.contains(name))
        .map(|name| (name.to_owned(), options(file, name)))
        .collect()
}

/// The daemons that watchfrr looks after, beside those that always run, with the options of each that runs.
pub fn watched(found: &Processes) -> Daemons {
    let watched = found.watched.iter().flatten();
    let others = watched.filter(|name| !ALWAYS.contains(&name.as_str()));
    others
        .map(|name| (name.clone(), found.words.get(name).map(|words| given(words))))
        .collect()
}

/// The daemons that run although nobody wants them.
pub fn beside<'p>(found: &'p Processes, wanted: &Daemons) -> Vec<&'p str> {
    let names = found.words.keys().map(String::as_str);
    names
        .filter(|name| !ALWAYS.contains(name) && !wanted.contains_key(*name))
        .collect()
}

/// Whether this line of `show watchfrr` says that the daemon is up.
pub fn is_up(line: &str, daemon: &str) -> bool {
    let mut words = line.split_whitespace();
    words.next() == Some(daemon) && words.next() == Some("Up")
}

/// What a daemon was given beside what FRR's scripts give to every one: `-d` and `-F PROFILE`.
fn given(words: &[String]) -> Vec<String> {
    let rest = words.get(1..).unwrap_or_default();
    let rest = rest.strip_prefix(&["-d".to_owned()]).unwrap_or(rest);
    match rest {
        [option, _, rest @ ..] if option == "-F" => rest.to_vec(),
        rest => rest.to_vec(),
    }
}

/// From the daemons that run to those that are wanted.
pub fn change(running: &Daemons, wanted: &Daemons) -> Change {
    let others = |of: &Daemons, but: &Daemons| -> BTreeSet<String> {
        of.keys()
            .filter(|name| !but.contains_key(*name))
            .cloned()
            .collect()
    };
    let anew = wanted.iter().filter_map(|(name, new)| {
        let (old, new) = (running.get(name)?.as_ref()?, new.as_ref()?);
        let alone = ALONE.contains(&name.as_str()) && old != new;
        alone.then(|| (name.clone(), differing(old, new)))
    });
    Change {
        come: others(wanted, running),
        gone: others(running, wanted),
        anew: anew.collect(),
    }
}

/// From one daemons file to another; `None` when only a restart of all of FRR leads there.
pub fn of_files(old: &str, new: &str) -> Option<Change> {
    let (before, after) = (wanted(old), wanted(new));
    let rest = |text| -> BTreeSet<String> { rest(text, &before, &after) };
    (rest(old) == rest(new)).then(|| change(&before, &after))
}

impl Change {
    /// Whether every daemon runs on as it is, and no other starts.
    pub fn is_empty(&self) -> bool {
        self.come.is_empty() && self.gone.is_empty() && self.anew.is_empty()
    }

    /// What it costs that daemons are restarted, while FRR runs this configuration. Those that come and go cost what their
    /// lines do.
    pub fn impacts(&self, running: &str) -> Vec<Impact> {
        let anew = self.anew.iter();
        anew.flat_map(|(name, what)| of_restart(running, name, what))
            .collect()
    }

    /// What is done before FRR is given other lines, in words: `starts ospfd`, `restarts bgpd`.
    pub fn first(&self) -> Vec<String> {
        let (come, anew) = (
            list("starts", self.come.iter()),
            list("restarts", self.anew.keys()),
        );
        come.into_iter().chain(anew).collect()
    }

    /// All of it.
    pub fn all(&self) -> Vec<String> {
        let mut all = self.first();
        all.extend(self.last());
        all
    }

    /// What is done afterwards: `stops ospfd`.
    pub fn last(&self) -> Option<String> {
        list("stops", self.gone.iter())
    }
}

fn list<'n>(does: &str, names: impl Iterator<Item = &'n String>) -> Option<String> {
    let names: Vec<&str> = names.map(String::as_str).collect();
    (!names.is_empty()).then(|| format!("{does} {}", names.join(", ")))
}

/// `bgpd=yes` of a daemons file.
fn switched_on(line: &str) -> Option<&str> {
    let (name, value) = line.trim().split_once('=')?;
    let is_daemon = !name.is_empty() && name.chars().all(|it| it.is_ascii_alphanumeric());
    (is_daemon && !["", "no", "0"].contains(&value)).then_some(name)
}

/// The words of `NAME_options="…"`, the last that the file has; `None` where the shell makes more of them than words, or gives
/// the daemon others as well.
fn options(file: &str, name: &str) -> Option<Vec<String>> {
    let others = ["frr_global_options=", "all_wrap="];
    let wrap = format!("{name}_wrap=");
    let key = format!("{name}_options=");
    let mut words = Some(Vec::new());
    for line in file.lines().map(str::trim) {
        if others.iter().any(|it| line.starts_with(it)) || line.starts_with(&wrap) {
            return None;
        }
        if let Some(value) = line.strip_prefix(&key) {
            let inner = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
            let inner = inner.or_else(|| (!value.contains([' ', '"'])).then_some(value));
            let plain = inner.filter(|it| !it.contains(['$', '`', '\\', '\'', '"', ';', '#']));
            words = plain.map(|it| it.split_whitespace().map(str::to_owned).collect());
        }
    }
    words
}

/// What a file says beside switching daemons on and off, and beside the options of those that are restarted alone or do not run
/// both before and after.
fn rest(file: &str, before: &Daemons, after: &Daemons) -> BTreeSet<String> {
    let is_own = |line: &str| {
        let Some((key, _)) = line.split_once('=') else {
            return false;
        };
        let is_daemon = |name: &str| name.chars().all(|it| it.is_ascii_alphanumeric());
        let Some(name) = key.strip_suffix("_options").filter(|name| is_daemon(name)) else {
            return is_daemon(key);
        };
        let stays = before.contains_key(name) && after.contains_key(name);
        let known = |of: &Daemons| of.get(name).is_some_and(Option::is_some);
        let alone = ALONE.contains(&name) && known(before) && known(after);
        !ALWAYS.contains(&name) && name != "watchfrr" && (!stays || alone)
    };
    let lines = file.lines().map(str::trim);
    let lines = lines.filter(|it| !it.is_empty() && !it.starts_with('#') && !is_own(it));
    lines.map(str::to_owned).collect()
}

/// What differs between two sets of options.
fn differing(old: &[String], new: &[String]) -> String {
    let without = |of: &[String], but: &[String]| {
        // An option and its value stay together: `-M rpki` beside `-M snmp`.
        let mut left = pairs(but);
        let mut rest = Vec::new();
        for pair in pairs(of) {
            match left.iter().position(|it| *it == pair) {
                Some(at) => drop(left.remove(at)),
                None => rest.push(pair),
            }
        }
        rest.join(" ")
    };
    match (without(new, old).as_str(), without(old, new).as_str()) {
        ("", "") => "the order of its options differs".to_owned(),
        (come, "") => format!("it is given '{come}' as well"),
        ("", gone) => format!("it is no longer given '{gone}'"),
        (come, gone) => format!("it is given '{come}' instead of '{gone}'"),
    }
}

/// Options, each with the value behind it.
fn pairs(words: &[String]) -> Vec<String> {
    let mut pairs: Vec<String> = Vec::new();
    for word in words {
        match pairs.last_mut() {
            Some(last) if !word.starts_with('-') => *last = format!("{last} {word}"),
            _ => pairs.push(word.clone()),
        }
    }
    pairs
}

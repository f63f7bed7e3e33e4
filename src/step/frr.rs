//! What `imp-frr` does: waits until FRR has loaded frr.conf, has it take over a changed one, and says where FRR runs
//! something else.

pub mod daemons;

use crate::act;
use crate::config::code::{E0519, E0520};
use crate::exit::{Failure, Kind};
use crate::facts::frr::{self, Opinion};
use crate::host::bus;
use crate::host::{file, notify, paths, wait};
use crate::plan::frr::daemons::{Change, of_files};
use crate::plan::frr::{Difference, additions, change, differences, lines};
use crate::plan::{Impact, Notice};
use crate::render::Rendered;
use crate::types::{Job, Root, Verb};
use sha2::{Digest as _, Sha256};
use std::time::{Duration, Instant};

/// The differences of this boot's last comparison.
pub const NOTICES: &str = "run/imp/frr.notices";

/// The unit that shows the comparison.
const UNIT: &str = "frr-config.service";

/// Time for daemons to start and to answer, beside the load itself.
const MARGIN: Duration = Duration::from_secs(60);
/// How often FRR is asked.
const EVERY: Duration = Duration::from_millis(300);
/// What still differs this long after the load was over stays different: 10.3 hands lists on to its daemons after vtysh is
/// through.
const SETTLED: Duration = Duration::from_secs(4);
/// A command is answered at once.
const ANSWER: Duration = Duration::from_secs(4);
/// How long systemd may take to take a job.
const QUEUE: Duration = Duration::from_secs(4);

/// Loading is over, and FRR runs what frr.conf says; or a failure that names the lines that it does not.
pub fn compare(root: &Root) -> Result<(), Failure> {
    let conf = read(root, paths::FRR_CONF)?;
    let patience = patience(root)? + MARGIN;
    allow(patience + MARGIN);
    let differences = await_agreement(&conf, patience)?;
    conclude(root, &differences)
}

/// FRR knows every line of frr.conf, or imp-config asked it already. At start a line that it does not know is skipped
/// silently.
pub fn check(root: &Root) -> Result<(), Failure> {
    let conf = read(root, paths::FRR_CONF)?;
    let asked = file::read_text(&root.join(paths::FRR_ASKED)).ok().flatten();
    if asked.is_some_and(|line| line == asked_line(&conf)) {
        return Ok(());
    }
    match frr::ask(&conf, 0) {
        Ok(Opinion::Accepted) => Ok(()),
        Ok(Opinion::Refused(lines)) => {
            let text = format!("FRR refuses frr.conf: {}", lines.join("; "));
            Err(Failure::new(Kind::Config, text))
        }
        Err(error) => Err(Failure::from_error(Kind::Failed, &error)),
    }
}

/// FRR runs a changed frr.conf. Nothing is done, and no session touched, if it does so already.
///
/// It is given what differs and nothing else, and frr-reload.py where that is of no known kind. If it runs something else in
/// the end, it is given back what it ran before, and the failure names the lines.
pub fn reload(root: &Root) -> Result<(), Failure> {
    check(root)?;
    let conf = read(root, paths::FRR_CONF)?;
    let patience = patience(root)? + MARGIN;
    // Waiting for a load that still runs, two ways to take over, and looking at the result of each.
    allow(6 * patience);
    let running = await_load(patience)?;
    let was_red = !differences_found(root).is_empty();
    if differences(&conf, &running).is_empty() {
        tracing::info!("FRR runs this frr.conf already");
        let concluded = conclude(root, &[]);
        if was_red {
            show_in_unit();
        }
        return concluded;
    }
    let differences = take_over(&conf, &running, patience)?;
    let mut concluded = conclude(root, &differences);
    if let Err(failure) = concluded {
        let outcome = match give_back(&running, patience) {
            true => "FRR runs again what it ran before",
            false => "FRR could not be given back what it ran before",
        };
        concluded = Err(Failure::new(Kind::Failed, format!("{failure}\n{outcome}")));
    }
    if was_red || concluded.is_err() || !is_shown_as_good() {
        show_in_unit();
    }
    concluded
}

/// The record that FRR was asked about this frr.conf: its hash, in the format of `sha256sum -c`.
pub(super) fn asked_line(conf: &str) -> String {
    let digest = base16ct::lower::encode_string(&Sha256::digest(conf));
    format!("{digest}  /etc/frr/frr.conf\n")
}

/// What still differs when FRR has taken over what it can, and has looked again at the routes that it holds.
fn take_over(conf: &str, running: &str, patience: Duration) -> Result<Vec<Difference>, Failure> {
    // What FRR prints of what it runs begins with its release.
    let change = change(running, conf, None);
    for impact in &change.impacts {
        tracing::info!("FRR: {impact}");
    }
    let differences = give_lines(conf, change.lines.as_deref(), patience)?;
    look_again(&change.commands);
    Ok(differences)
}

/// What still differs when FRR was given these lines, or where there are none or they were not enough, frr-reload.py a try.
fn give_lines(conf: &str, lines: Option<&[String]>, patience: Duration) -> Result<Vec<Difference>, Failure> {
    if let Some(lines) = lines {
        tracing::info!("FRR is given {} lines", lines.len());
        give(lines, patience)?;
        let differences = await_agreement(conf, patience)?;
        if differences.is_empty() {
            return Ok(differences);
        }
        tracing::warn!("that was not enough: frr-reload.py has a try");
    }
    let running = await_load(patience)?;
    // Lists and maps that are missing first: a map whose list is not there yet lets nothing through. What FRR says of them
    // is asked again below.
    let first = additions(conf, &running);
    if !first.is_empty() {
        let _ =
            act::frr::give(&first, patience).map_err(|error| Failure::from_error(Kind::Failed, &error))?;
    }
    let complaints = act::frr::reload(patience);
    for complaint in complaints.map_err(|error| Failure::from_error(Kind::Failed, &error))? {
        tracing::warn!("FRR: {complaint}");
    }
    await_agreement(conf, patience)
}

/// FRR is given lines, and what it says of them is in the log.
fn give(lines: &[String], patience: Duration) -> Result<(), Failure> {
    let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    let complaints = act::frr::give(&text, patience);
    for complaint in complaints.map_err(|error| Failure::from_error(Kind::Failed, &error))? {
        tracing::warn!("FRR: {complaint}");
    }
    Ok(())
}

/// FRR asks its neighbours again for what they send, where another list lets it in. A neighbour that is down sends it anyway.
fn look_again(commands: &[String]) {
    for command in commands {
        match act::frr::command(command, ANSWER) {
            Ok(complaints) => complaints
                .iter()
                .for_each(|it| tracing::warn!("FRR: {command}: {it}")),
            Err(error) => tracing::warn!("{}", Failure::from_error(Kind::Failed, &error)),
        }
    }
}

/// FRR runs again what it ran before a change that failed; whether it does.
///
/// frr-reload.py cannot help here: it knows frr.conf alone.
fn give_back(before: &str, patience: Duration) -> bool {
    let given = await_load(patience).and_then(|running| {
        let change = change(&running, before, None);
        let Some(lines) = change.lines else {
            return Ok(false);
        };
        give(&lines, patience)?;
        look_again(&change.commands);
        Ok(true)
    });
    match given.and_then(|given| Ok(given && await_agreement(before, patience)?.is_empty())) {
        Ok(is_back) => is_back,
        Err(failure) => {
            tracing::warn!("{failure}");
            false
        }
    }
}

/// Whether the unit says that FRR runs what frr.conf says. Then its comparison need not be made anew: FRR takes seconds to print
/// a quarter of a million lines.
fn is_shown_as_good() -> bool {
    let states = bus::states(&[UNIT.to_owned()]).unwrap_or_default();
    states.iter().any(|unit| unit.active == "active")
}

/// The unit runs its comparison anew, after this reload.
fn show_in_unit() {
    if let Err(error) = bus::run_jobs(&[Job::new(Verb::Rerun, UNIT)], QUEUE) {
        tracing::warn!("{}", Failure::from_error(Kind::Failed, &error));
    }
}

/// What FRR runs once no load is going on.
fn await_load(patience: Duration) -> Result<String, Failure> {
    let mut words = String::new();
    let running = wait::within(patience, EVERY, || look(&mut words));
    running.ok_or_else(|| late(patience, &words))
}

/// No difference as soon as there is none; else those that are left when the load is over and what runs has settled.
fn await_agreement(conf: &str, patience: Duration) -> Result<Vec<Difference>, Failure> {
    let mut words = String::new();
    let mut idle: Option<Instant> = None;
    let found = wait::within(patience, EVERY, || {
        let Some(running) = look(&mut words) else {
            idle = None;
            return None;
        };
        let found = differences(conf, &running);
        let since = idle.get_or_insert_with(Instant::now);
        (found.is_empty() || since.elapsed() >= SETTLED).then_some(found)
    });
    found.ok_or_else(|| late(patience, &words))
}

/// What FRR runs, if it says so and no load is going on; else why not, in its words, if it has any.
fn look(words: &mut String) -> Option<String> {
    match frr::running() {
        Ok(running) => running,
        Err(error) => {
            *words = Failure::from_error(Kind::Failed, &error).to_string();
            None
        }
    }
}

fn late(patience: Duration, words: &str) -> Failure {
    let seconds = patience.as_secs();
    let text = match words {
        "" => format!("{E0520}: FRR has not loaded frr.conf within {seconds} s"),
        words => format!("{E0520}: FRR has not loaded frr.conf within {seconds} s: {words}"),
    };
    Failure::new(Kind::Timeout, text)
}

/// The differences are on record for `impctl status`, and a failure.
fn conclude(root: &Root, differences: &[Difference]) -> Result<(), Failure> {
    let lines = lines(differences);
    let notices: String = lines
        .iter()
        .map(|line| format!("{}\n", Notice::new(E0519, line.as_str())))
        .collect();
    let record = root.join(NOTICES);
    let recorded = match lines.is_empty() {
        true => file::remove(&record),
        false => file::write(&record, notices.as_bytes(), 0o644),
    };
    if let Err(error) = recorded {
        tracing::warn!("{NOTICES}: {error}");
    }
    match lines.is_empty() {
        true => Ok(()),
        false => {
            let text = format!(
                "{E0519}: FRR runs something else than frr.conf says\n  {}",
                lines.join("\n  ")
            );
            Err(Failure::new(Kind::Failed, text))
        }
    }
}

/// How long loading may take by the daemons file.
fn patience(root: &Root) -> Result<Duration, Failure> {
    Ok(frr::patience(&read(root, paths::FRR_DAEMONS)?))
}

/// How long a restart or a reload of FRR may take, with the comparison.
pub(super) fn longest(root: &Root) -> Duration {
    // Without a daemons file there is nothing to wait for.
    10 * (patience(root).unwrap_or_default() + MARGIN)
}

/// The changed files, without the daemons file if only the time allowed for loading changed: no reason to restart FRR.
pub(super) fn without_patience(root: &Root, files: &[Rendered], changed: &[String]) -> Vec<String> {
    let path = paths::relative(paths::FRR_DAEMONS);
    let old = file::read_text(&root.join(paths::FRR_DAEMONS)).ok().flatten();
    let new = files.iter().find(|file| file.path == path);
    let is_same = match (&old, new) {
        (Some(old), Some(new)) => frr::without_patience(old) == frr::without_patience(&new.text),
        _ => false,
    };
    changed
        .iter()
        .filter(|it| !(is_same && *it == path))
        .cloned()
        .collect()
}

/// Whether another daemons file takes a restart of all of FRR, by the one that is there.
pub(super) fn restarts(root: &Root, files: &[Rendered]) -> bool {
    daemons_change(root, files).is_none()
}

/// How the daemons change, by the file that is there; `None`: all of FRR restarts.
fn daemons_change(root: &Root, files: &[Rendered]) -> Option<Change> {
    let path = paths::relative(paths::FRR_DAEMONS);
    let old = file::read_text(&root.join(paths::FRR_DAEMONS)).ok().flatten()?;
    let new = files.iter().find(|file| file.path == path)?;
    of_files(&old, &new.text)
}

/// What another frr.conf and another daemons file cost, by those that are there; nothing when neither is in `changed`.
pub(super) fn costs(root: &Root, files: &[Rendered], changed: &[String]) -> Vec<Impact> {
    let path = paths::relative(paths::FRR_CONF);
    let ours = [path, paths::relative(paths::FRR_DAEMONS)];
    if !changed.iter().any(|it| ours.contains(&it.as_str())) {
        return Vec::new();
    }
    let after = files.iter().find(|file| file.path == path);
    let before = file::read_text(&root.join(paths::FRR_CONF)).ok().flatten();
    let (Some(before), Some(after)) = (before, after) else {
        return Vec::new();
    };
    let mut impacts = daemons_change(root, files).map_or_else(Vec::new, |it| it.impacts(&before));
    if before != after.text {
        impacts.extend(change(&before, &after.text, frr::installed(root)).impacts);
    }
    impacts
}

/// The differences that the last comparison found, a line each.
pub(super) fn differences_found(root: &Root) -> Vec<String> {
    let text = file::read_text(&root.join(NOTICES))
        .ok()
        .flatten()
        .unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn allow(length: Duration) {
    if let Err(error) = notify::allow(length) {
        tracing::warn!("the unit's own time limit holds: {error}");
    }
}

fn read(root: &Root, path: &str) -> Result<String, Failure> {
    match file::read_text(&root.join(path)) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(Failure::new(
            Kind::Missing,
            format!("{path} is missing: imp-config writes it"),
        )),
        Err(error) => Err(Failure::new(Kind::Failed, format!("{path}: {error}"))),
    }
}

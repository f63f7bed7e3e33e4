//! A running FRR gets other daemons: those that the file asks for start before FRR takes over frr.conf, and the others stop
//! once nothing of frr.conf is theirs. Those that run on keep their sessions.

use super::{MARGIN, allow, await_load, check, patience, read};
use crate::act;
use crate::exit::{Failure, Kind};
use crate::facts::frr::daemons::{Processes, for_systemd, processes};
use crate::facts::frr::show;
use crate::host::{paths, wait};
use crate::plan::frr::daemons::{self, Change, Daemons};
use crate::types::Root;
use std::time::Duration;

/// How long FRR's scripts wait for the end of a daemon, and a little more.
const STOP: Duration = Duration::from_secs(130);
/// How long a new watchfrr takes until it knows how its daemons are: they answer at once, or are started.
const START: Duration = Duration::from_secs(70);
/// How often it is asked.
const EVERY: Duration = Duration::from_millis(100);

/// The daemons of the file run, with its options, and watchfrr looks after them and no others. Nothing is done if that is so
/// already.
///
/// watchfrr takes no other list while it runs, so another one takes its place; the daemons do not notice. Those that the file
/// no longer asks for run on, see [`stop`].
pub fn start(root: &Root) -> Result<(), Failure> {
    let wanted = daemons::wanted(&read(root, paths::FRR_DAEMONS)?);
    let running = look(root)?;
    let change = daemons::change(&daemons::watched(&running), &wanted);
    if change.is_empty() && running.watched.is_some() {
        return Ok(());
    }
    // FRR loads frr.conf into the daemons that start, and skips what it does not know.
    check(root)?;
    let patience = patience(root)? + MARGIN;
    allow(2 * patience + START + STOP * u32::try_from(change.anew.len() + 1).unwrap_or(u32::MAX));
    tracing::info!("FRR gets another watchfrr: {}", change.all().join(", "));
    let _ = await_load(patience)?;
    replace(root, &running, &change)?;
    let _ = await_load(patience)?;
    await_up(&wanted)
}

/// No daemon runs that the file does not ask for.
pub fn stop(root: &Root) -> Result<(), Failure> {
    let wanted = daemons::wanted(&read(root, paths::FRR_DAEMONS)?);
    let running = look(root)?;
    for daemon in daemons::beside(&running, &wanted) {
        allow(STOP);
        act::frr::daemons::stop(daemon, STOP).map_err(|error| Failure::from_error(Kind::Failed, &error))?;
        tracing::info!("{daemon} has stopped: nothing needs it any more");
    }
    Ok(())
}

/// Another watchfrr takes the place of the one that runs, and starts what does not run.
fn replace(root: &Root, running: &Processes, change: &Change) -> Result<(), Failure> {
    let failed = |error| Failure::from_error(Kind::Failed, &error);
    let known = for_systemd(root)
        .map_err(|error| Failure::new(Kind::Failed, format!("what watchfrr knows of systemd: {error}")))?;
    let known: Vec<(&str, &str)> = known.iter().map(|(key, value)| (*key, value.as_str())).collect();
    if running.watched.is_some() {
        act::frr::daemons::stop("watchfrr", STOP).map_err(failed)?;
    }
    // From here on nobody looks after FRR: whatever fails, a watchfrr is started.
    let stopped: Result<(), _> = change
        .anew
        .keys()
        .try_for_each(|daemon| act::frr::daemons::stop(daemon, STOP));
    let mut watched = act::frr::daemons::watch(&known, START);
    if watched.is_err() || look(root)?.watched.is_none() {
        watched = act::frr::daemons::watch(&known, START);
    }
    stopped.and(watched).map_err(failed)
}

fn look(root: &Root) -> Result<Processes, Failure> {
    processes(root).map_err(|error| Failure::new(Kind::Failed, format!("the processes of FRR: {error}")))
}

/// Every daemon answers watchfrr.
fn await_up(wanted: &Daemons) -> Result<(), Failure> {
    let mut down = Vec::new();
    let up = wait::within(START, EVERY, || {
        let said = show("watchfrr", "show watchfrr").unwrap_or_default();
        let is_up = |name: &&String| said.lines().any(|line| daemons::is_up(line, name));
        down = wanted.keys().filter(|name| !is_up(name)).cloned().collect();
        down.is_empty().then_some(())
    });
    up.ok_or_else(|| {
        let names = down.join(", ");
        let text = format!(
            "{names} did not start within {} s: 'journalctl -u frr' has the reason",
            START.as_secs()
        );
        Failure::new(Kind::Timeout, text)
    })
}

//! Incus: initialised once, its bridges as wanted and joined to VPP, at every boot and for as long as the router runs.

use super::{say_once, unreadable};
use crate::act::{Report, apply, incus};
use crate::config::code::{self, Code};
use crate::exit::{Failure, Kind};
use crate::facts::incus::{self as facts, FIRST_START, IncusFacts, Marker, RESTARTS, Restarts, SOCKET};
use crate::host::bus::{self, UnitState};
use crate::host::file;
use crate::host::incus::{Client, IncusError};
use crate::host::json;
use crate::host::netlink::Monitor;
use crate::host::wait::{pause, within};
use crate::plan::Notice;
use crate::plan::incus::{self as plan, Change, Wanted, fault};
use crate::types::Root;
use std::collections::BTreeMap;
use std::time::Duration;

/// The notices of the last start.
pub(super) const NOTICES: &str = "run/imp/incus-notices";

/// How often an object that changes under the plan is read again.
const ROUNDS: u32 = 8;

/// How long the bridges may take to come back after a restart of Incus.
const HEAL: Duration = Duration::from_secs(20);

/// A dnsmasq that dies sends no event: look at least this often.
const LOOK: Duration = Duration::from_secs(15);

/// How often in a row Incus may refuse before the unit is red.
const ATTEMPTS: u32 = 2;

/// What changes together is looked at once.
const SETTLE: Duration = Duration::from_millis(300);

/// Incus has what the configuration asks for, the kernel agrees, and each bridge has its port towards VPP.
///
/// A bridge that is there has its port also where anything else is wrong. When nothing is to be changed: four requests,
/// none of them a write. The record of the first initialisation is written when all of it was verified. The operator's own
/// preseed comes after that: a wrong one leaves the bridges as they are.
pub fn up(root: &Root, wanted: &Wanted) -> Result<(), Failure> {
    if wanted.is_empty() {
        return Ok(());
    }
    let client = Client::new(&root.join(SOCKET)).map_err(unreadable)?;
    let before = Marker::read(root).map_err(unreadable)?;
    let mut restarted = false;
    let mut again = None;
    for _ in 0..ROUNDS {
        let (facts, ports) = look(&client, root, wanted)?;
        let decision = plan::decide(wanted, &facts, before.as_ref());
        if !decision.refused.is_empty() {
            return Err(said(&decision.refused));
        }
        if !decision.changes.is_empty() {
            again = change(&client, root, &decision.changes)?;
            continue;
        }
        let faults = fault::bridges(&wanted.view, &facts);
        let tried = Restarts::read(root).still(&faults);
        if !restarted && !tried.cover(&faults) {
            remember(root, &tried.and(&faults))?;
            heal(&client, root, wanted, &facts, &faults)?;
            restarted = true;
            continue;
        }
        remember(root, &tried)?;
        let wrong = wrong(&client, wanted, &facts, &faults);
        if !wrong.is_empty() {
            return Err(said(&wrong));
        }
        ports.joined.result()?;
        let verified = plan::marker(wanted, &facts, before.as_ref());
        write_marker(root, before.as_ref(), &verified)?;
        if let Some(preseed) = decision.preseed {
            again = change(&client, root, &[preseed])?;
            continue;
        }
        return finish(root, decision.notices, ports.missing);
    }
    let why = again.unwrap_or_else(|| "it kept changing".to_owned());
    Err(failure(code::E0602, Kind::Failed, &format!("Incus: {why}")))
}

/// Maintains that state until the process is stopped: a recreated bridge gets its port, a dnsmasq that died is replaced.
///
/// While incus.service is stopped, by an operator, nothing is repaired: it would start again by the first request.
pub fn keep(root: &Root, wanted: &Wanted) -> Result<(), Failure> {
    let monitor = Monitor::open().map_err(unreadable)?;
    let mut failed = 0;
    loop {
        monitor.wait(LOOK).map_err(unreadable)?;
        pause(SETTLE);
        let bridges = facts::bridges(wanted.view.bridges()).map_err(unreadable)?;
        // What fails is in the log, and tried again at the next event.
        join(root, &bridges);
        if !fault::kernel(&wanted.view, &bridges).is_empty() && incus_is_wanted() {
            match up(root, wanted) {
                Err(failure) if failed == ATTEMPTS && incus_is_wanted() => return Err(failure),
                // It may have been asked while somebody stops or restarts it, with its database closed: the next look decides.
                Err(failure) => {
                    tracing::warn!("{failure}");
                    failed += 1;
                    pause(SETTLE);
                }
                Ok(()) => failed = 0,
            }
        }
    }
}

/// Whether incus.service runs or failed to; one that an operator stopped is inactive.
fn incus_is_wanted() -> bool {
    let states = bus::states(&["incus.service".to_owned()]);
    let wanted = |unit: &UnitState| matches!(unit.active.as_str(), "active" | "failed");
    states.is_ok_and(|states| states.iter().any(wanted))
}

/// What became of the bridges' ports.
struct Ports {
    /// Those that are not there.
    missing: Vec<Notice>,
    /// Those that were.
    joined: Report,
}

/// Reads the state and joins the ports first: an existing bridge keeps its connection whatever Incus reports.
fn look(client: &Client, root: &Root, wanted: &Wanted) -> Result<(IncusFacts, Ports), Failure> {
    let told = facts::read(client);
    let bridges = facts::bridges(wanted.view.bridges()).map_err(unreadable)?;
    let ports = join(root, &bridges);
    let told = told.map_err(|error| about_incus(&error))?;
    // Before anything is asked of it: from now on its database is not made anew.
    let _ = file::remove(&root.join(FIRST_START)).map_err(unreadable)?;
    Ok((IncusFacts { bridges, ..told }, ports))
}

/// Ports are joined as far as they and their bridges are there.
fn join(root: &Root, bridges: &BTreeMap<String, facts::Bridge>) -> Ports {
    let (plan, missing) = plan::ports(bridges);
    let joined = apply(root, &plan);
    Ports { missing, joined }
}

/// Everything is as wanted; what an operator should know beside it is said.
fn finish(root: &Root, mut notices: Vec<Notice>, missing: Vec<Notice>) -> Result<(), Failure> {
    let whole = missing.is_empty();
    notices.extend(missing);
    let texts: Vec<String> = notices.iter().map(Notice::to_string).collect();
    say_once(root, NOTICES, &texts, false);
    match whole {
        true => Ok(()),
        false => Err(Failure::new(Kind::Missing, "")),
    }
}

/// Makes the changes; the words of one that met another state than it was planned on, to be planned again.
fn change(client: &Client, root: &Root, changes: &[Change]) -> Result<Option<String>, Failure> {
    for change in changes {
        match incus::carry_out(client, root, change) {
            Ok(()) => tracing::info!("{change}"),
            Err(error) if error.is_stale() => return Ok(Some(error.to_string())),
            Err(incus::ChangeError::Incus(
                error @ (IncusError::Absent { .. } | IncusError::Late { .. } | IncusError::Broken { .. }),
            )) => return Err(about_incus(&error)),
            Err(error) => {
                let place = change.place().map_or(String::new(), |place| format!("{place}: "));
                let words = Failure::from_error(Kind::Failed, &error);
                let left = plan::leftover(change, &words.to_string());
                let left = left.map_or(String::new(), |left| format!("; {left}"));
                let text = format!("{place}{change}: {words}{left}");
                return Err(failure(code::E0602, Kind::Failed, &text));
            }
        }
    }
    Ok(None)
}

/// A restart of Incus, and a while for the kernel to show it.
fn heal(
    client: &Client,
    root: &Root,
    wanted: &Wanted,
    facts: &IncusFacts,
    faults: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    for (name, fault) in faults {
        tracing::warn!("bridge '{name}': {fault}; restarting incus.service");
    }
    let faulty = facts
        .bridges
        .iter()
        .filter(|(name, _)| faults.contains_key(*name));
    let orphans: Vec<i32> = faulty.flat_map(|(_, bridge)| bridge.dnsmasq.clone()).collect();
    incus::restart(&orphans).map_err(|why| {
        failure(
            code::E0605,
            Kind::Failed,
            &format!("restart incus.service: {why}"),
        )
    })?;
    let healed = within(HEAL, Duration::from_millis(200), || {
        match look(client, root, wanted) {
            Ok((facts, _)) => fault::bridges(&wanted.view, &facts).is_empty().then_some(Ok(())),
            Err(failure) => Some(Err(failure)),
        }
    });
    // What is still wrong after that is found, and said, by the next look.
    healed.unwrap_or(Ok(()))
}

/// Restarts of Incus are remembered before they are tried: killed in between, there is none too many.
fn remember(root: &Root, tried: &Restarts) -> Result<(), Failure> {
    let path = root.join(RESTARTS);
    let written = match tried.is_empty() {
        true => file::remove(&path),
        false => json::write(&path, tried, 0o644),
    };
    written.map(|_| ()).map_err(unreadable)
}

fn write_marker(root: &Root, before: Option<&Marker>, verified: &Marker) -> Result<(), Failure> {
    if before == Some(verified) {
        return Ok(());
    }
    let written = json::write(&root.join(facts::MARKER), verified, 0o644);
    written.map(|_| ()).map_err(unreadable)
}

/// Logs each with its code and returns one failure for all.
fn said(notices: &[Notice]) -> Failure {
    for notice in notices {
        tracing::error!(code = %notice.code, "{notice}");
    }
    Failure::new(Kind::Failed, "")
}

/// What a restart did not cure, with Incus's own words.
fn wrong(
    client: &Client,
    wanted: &Wanted,
    facts: &IncusFacts,
    faults: &BTreeMap<String, String>,
) -> Vec<Notice> {
    let words =
        |path: String| facts::complaint(client, &path).map_or(String::new(), |words| format!(" ({words})"));
    let bridges = faults.iter().map(|(name, fault)| {
        let words = words(format!("networks/{name}"));
        let text = format!("bridge '{name}': {fault}, also after a restart{words}");
        Notice::new(code::E0605, text)
    });
    let pools = fault::pools(&wanted.view, &facts.pools);
    let pools = pools.iter().map(|(name, fault)| {
        let words = words(format!("storage-pools/{name}"));
        Notice::new(code::E0611, format!("storage pool '{name}': {fault}{words}"))
    });
    bridges.chain(pools).collect()
}

fn about_incus(error: &IncusError) -> Failure {
    let kind = match error {
        IncusError::Absent { .. } => Kind::Missing,
        IncusError::Late { .. } => Kind::Timeout,
        IncusError::Stale(_) | IncusError::Refused { .. } | IncusError::Broken { .. } => Kind::Failed,
    };
    let words = Failure::from_error(kind, error).to_string();
    failure(code::E0601, kind, &words)
}

fn failure(code: Code, kind: Kind, text: &str) -> Failure {
    Failure::new(kind, format!("{code}: {text}"))
}

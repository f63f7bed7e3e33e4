//! Incus: initialised once, its bridges as wanted and joined to VPP, at every boot and for as long as the router runs.

use super::{say_once, unreadable};
use crate::act::{self, apply, bus, file, incus};
use crate::config::Model;
use crate::config::code::{self, Code};
use crate::exit::{Failure, Kind};
use crate::facts::incus::{self as facts, Client, IncusError, IncusFacts, Marker, SOCKET};
use crate::facts::netlink::Monitor;
use crate::plan::Notice;
use crate::plan::incus::{self as plan, Change};
use crate::types::Root;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// What the last start had to say.
pub(super) const NOTICES: &str = "run/imp/incus-notices";

/// How often an object that changes under the plan is read again.
const ROUNDS: u32 = 8;

/// How long the bridges have to be as Incus says after a restart of it.
const HEAL: Duration = Duration::from_secs(20);

/// A dnsmasq that dies sends no event: look at least this often.
const LOOK: Duration = Duration::from_secs(15);

/// What changes together is looked at once.
const SETTLE: Duration = Duration::from_millis(300);

/// Incus has what the configuration asks for, the kernel agrees, and each bridge has its port towards VPP.
///
/// When nothing is to be changed: four requests, none of them a write. The record of the first initialisation is
/// written when all of it was verified. The operator's own preseed comes after that: a wrong one leaves the bridges as
/// they are.
pub fn up(root: &Root, model: &Model) -> Result<(), Failure> {
    if model.incus.is_empty() {
        return Ok(());
    }
    let client = Client::new(&root.join(SOCKET)).map_err(unreadable)?;
    let before = Marker::read(root).map_err(unreadable)?;
    let mut restarted = false;
    let mut again = None;
    for _ in 0..ROUNDS {
        let facts = look(&client, model)?;
        let decision = plan::decide(model, &facts, before.as_ref());
        if !decision.refused.is_empty() {
            return Err(refused(&decision.refused));
        }
        if !decision.changes.is_empty() {
            again = change(&client, root, &decision.changes)?;
            continue;
        }
        let faults = plan::faults(&model.incus, &facts);
        if faults.is_empty() {
            let mut notices = decision.notices;
            join(root, &facts, &mut notices)?;
            let verified = plan::marker(&model.incus, before.as_ref());
            write_marker(root, before.as_ref(), &verified)?;
            if let Some(preseed) = decision.preseed {
                again = change(&client, root, &[preseed])?;
                continue;
            }
            let texts: Vec<String> = notices.iter().map(Notice::to_string).collect();
            say_once(root, NOTICES, &texts, false);
            return match notices.iter().any(|notice| notice.code == code::E0608) {
                true => Err(Failure::new(Kind::Missing, "")),
                false => Ok(()),
            };
        }
        if restarted {
            return Err(unhealed(&client, &faults));
        }
        heal(&client, model, &facts, &faults)?;
        restarted = true;
    }
    let why = again.unwrap_or_else(|| "it never came to rest".to_owned());
    Err(failure(code::E0602, Kind::Failed, &format!("Incus: {why}")))
}

/// Keeps it so, until the process is ended: a bridge made anew gets its port, a dnsmasq that died is replaced.
///
/// While incus.service is stopped, by an operator, nothing is repaired: it would start again by the first request.
pub fn keep(root: &Root, model: &Model) -> Result<(), Failure> {
    let monitor = Monitor::open().map_err(unreadable)?;
    loop {
        monitor.wait(LOOK).map_err(unreadable)?;
        std::thread::sleep(SETTLE);
        let bridges = facts::bridges(model.incus.bridges.keys()).map_err(unreadable)?;
        let (plan, _) = plan::ports(&bridges);
        let joins = bridges
            .values()
            .all(|bridge| bridge.kind.as_deref() == Some("bridge"));
        if joins && !plan.is_empty() {
            // What fails is in the log, and tried again at the next event.
            apply(root, &plan);
        }
        let whole = |bridge: &facts::Bridge| bridge.kind.is_some() && !bridge.dnsmasq.is_empty();
        if !bridges.values().all(whole) && incus_runs() {
            up(root, model)?;
        }
    }
}

fn incus_runs() -> bool {
    let states = bus::states(&["incus.service".to_owned()]);
    states.is_ok_and(|states| states.iter().any(|unit| unit.active == "active"))
}

fn look(client: &Client, model: &Model) -> Result<IncusFacts, Failure> {
    let mut facts = facts::read(client).map_err(|error| about_incus(&error))?;
    facts.bridges = facts::bridges(model.incus.bridges.keys()).map_err(unreadable)?;
    Ok(facts)
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
                let text = format!("{place}{change}: {words}");
                return Err(failure(code::E0602, Kind::Failed, &text));
            }
        }
    }
    Ok(None)
}

/// Ports are joined as far as they are there.
fn join(root: &Root, facts: &IncusFacts, notices: &mut Vec<Notice>) -> Result<(), Failure> {
    let (plan, missing) = plan::ports(&facts.bridges);
    notices.extend(missing);
    apply(root, &plan).result()
}

/// A restart of Incus, and a while for the kernel to show it.
fn heal(
    client: &Client,
    model: &Model,
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
    let end = Instant::now() + HEAL;
    while Instant::now() < end && !plan::faults(&model.incus, &look(client, model)?).is_empty() {
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

fn write_marker(root: &Root, before: Option<&Marker>, verified: &Marker) -> Result<(), Failure> {
    if before == Some(verified) {
        return Ok(());
    }
    let text = serde_json::to_string_pretty(verified).map_err(unreadable)? + "\n";
    let written: Result<act::Outcome, _> =
        file::write(&root.join(crate::facts::incus::MARKER), text.as_bytes(), 0o644);
    written.map(|_| ()).map_err(unreadable)
}

fn refused(notices: &[Notice]) -> Failure {
    for notice in notices {
        tracing::error!(code = %notice.code, "{notice}");
    }
    Failure::new(Kind::Failed, "")
}

fn unhealed(client: &Client, faults: &BTreeMap<String, String>) -> Failure {
    let texts: Vec<String> = faults
        .iter()
        .map(|(name, fault)| {
            let words = facts::complaint(client, name).map_or(String::new(), |words| format!(" ({words})"));
            format!("bridge '{name}': {fault}, also after a restart{words}")
        })
        .collect();
    failure(code::E0605, Kind::Failed, &texts.join("; "))
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

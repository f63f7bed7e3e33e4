//! A reload that a part of the router does not take, or that VPP does not live with, goes back to what ran before.
//!
//! A reload records what to go back to before it changes anything. While it waits for its parts it goes back by itself; VPP may
//! die of the first packets after it, so `imp-config-watch` looks at each that was restarted.

use super::apply::confirm::Confirm;
use super::apply::{lock, systemd};
use super::generation::{Hold, HoldSince, Store};
use super::{input, reload};
use crate::boot::evidence::{self, Ending, ThisBoot};
use crate::boot::record::BootRecord;
use crate::exit::{Failure, Kind};
use crate::facts::status::Status;
use crate::facts::vpp::InstanceFacts;
use crate::host::bus::JobResult;
use crate::host::wait::pause;
use crate::host::{file, json};
use crate::plan::back::{Before, Progress, progress};
use crate::plan::nic::Configured;
use crate::types::generation::Id;
use crate::types::{InstanceName, Job, Root, Verb};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// What the last reload would go back to.
const RECORD: &str = "run/imp/back.json";
/// Between two looks.
const EVERY: Duration = Duration::from_millis(200);
/// How long VPP has to live with its commands: some kill it with the first packets.
const PROOF: Duration = Duration::from_secs(30);
/// How long VPP may take until it has its commands, after the wait for NICs: 1,500 VLANs took 21 s.
const LIMIT: Duration = Duration::from_secs(120);
/// How long the reload that goes back may take.
const RELOAD: Duration = Duration::from_secs(600);
/// How often it is tried while the way back is due, and how long after it failed.
const TRIES: usize = 2;
const AGAIN: Duration = Duration::from_secs(5);

/// What a reload goes back to, and what it restarts.
#[derive(Debug, Serialize, Deserialize)]
pub struct Back {
    /// What the reload runs.
    documents: Id,
    /// What ran before, with every VPP as it was to be.
    pub(super) instead: Id,
    /// The instances it restarts.
    restarts: BTreeMap<InstanceName, Before>,
}

impl Back {
    /// The documents are held back from now on, and there is no other way back.
    pub(super) fn hold(
        &self,
        root: &Root,
        store: &Store,
        reason: &str,
        since: HoldSince,
    ) -> Result<(), Failure> {
        let hold = Hold {
            documents: self.documents.clone(),
            instead: self.instead.clone(),
            reason: reason.to_owned(),
            since,
            is_due: true,
        };
        // Without that record the reload would run the same documents again.
        let _ = store.hold(&hold).map_err(|error| failed(&error))?;
        let _ = file::remove(&root.join(RECORD)).map_err(|error| failed(&error))?;
        Ok(())
    }

    /// What is known about the failure outlives it.
    pub(super) fn keep_evidence(&self, root: &Root, reason: &str) {
        keep_evidence(root, &self.documents, reason);
    }
}

/// The way back from this generation, if there is one.
pub(super) fn way(root: &Root, documents: &Id) -> Option<Back> {
    let back: Back = json::read(&root.join(RECORD)).ok()??;
    (back.documents == *documents).then_some(back)
}

/// The generations that are needed for a way back: from the last reload, and from a change that is not confirmed.
pub(super) fn needed(root: &Root) -> Vec<Id> {
    let last: Option<Back> = json::read(&root.join(RECORD)).ok().flatten();
    let unconfirmed = Confirm::read(root).ok().flatten();
    let instead = last.map(|back| back.instead);
    instead
        .into_iter()
        .chain(unconfirmed.map(|it| it.instead))
        .collect()
}

/// Of the instances that might be restarted these were; whether one is to be watched. Where none is, the reload is over, and
/// leads back nowhere.
pub(super) fn restarted(
    root: &Root,
    documents: &Id,
    instances: &BTreeSet<InstanceName>,
) -> Result<bool, Failure> {
    let Some(mut back) = way(root, documents) else {
        return Ok(false);
    };
    back.restarts.retain(|name, _| instances.contains(name));
    let watched = !back.restarts.is_empty();
    let written = match watched {
        true => json::write(&root.join(RECORD), &back, 0o600),
        false => file::remove(&root.join(RECORD)),
    };
    let _ = written.map_err(|error| failed(&error))?;
    Ok(watched)
}

/// What to go back to is on record, before the reload changes anything. Nothing is, when nothing good ran, or when the reload is
/// the way back itself: it leads nowhere else.
pub(super) fn remember(
    root: &Root,
    store: &Store,
    documents: &Id,
    restarted: &BTreeSet<InstanceName>,
    is_way_back: bool,
) -> Result<(), Failure> {
    let record = root.join(RECORD);
    let back = (!is_way_back)
        .then(|| back(root, store, documents, restarted))
        .flatten();
    let written = match back {
        Some(back) => json::write(&record, &back, 0o600),
        None => file::remove(&record),
    };
    let _ = written.map_err(|error| failed(&error))?;
    Ok(())
}

fn back(root: &Root, store: &Store, documents: &Id, restarted: &BTreeSet<InstanceName>) -> Option<Back> {
    let facts = |name: &InstanceName| InstanceFacts::read(root, name);
    let restarts = restarted
        .iter()
        .map(|name| (name.clone(), Before::from(&facts(name))));
    let mut restarts: BTreeMap<InstanceName, Before> = restarts.collect();
    let running = crate::facts::output::instances(root);
    let instead = match running.iter().all(|name| facts(name).is_as_wanted()) {
        true => match Confirm::read(root).ok()? {
            // What was confirmed last is what is known to be good.
            Some(confirm) if confirm.instead != *documents => confirm.instead,
            _ => Status::read(root).ok()??.generation?.parse().ok()?,
        },
        // What runs was never good: what was before it still is what to go back to.
        false => {
            let earlier: Back = json::read(&root.join(RECORD)).ok()??;
            for (name, before) in earlier.restarts {
                restarts.entry(name).or_insert(before);
            }
            earlier.instead
        }
    };
    let kept = instead != *documents && store.folder(&instead).is_dir();
    kept.then(|| Back {
        documents: documents.clone(),
        instead,
        restarts,
    })
}

/// The instances of the last reload have their commands and live with them; or what ran before runs again, and the
/// documents are held back.
pub fn watch(root: &Root) -> Result<(), Failure> {
    let limit = match input::read::<Configured>(root) {
        Ok(configured) => LIMIT + configured.nic_wait.duration(),
        Err(_) => LIMIT,
    };
    let (began, mut runs) = (Instant::now(), None::<Instant>);
    while let Some(back) = json::read::<Back>(&root.join(RECORD)).map_err(|error| failed(&error))? {
        let instances = back.restarts.iter();
        let seen = instances.map(|(name, before)| (name, before, InstanceFacts::read(root, name)));
        match progress(seen) {
            Progress::Failed(words) => return go_back(root, &back, words),
            Progress::Runs if runs.get_or_insert_with(Instant::now).elapsed() >= PROOF => break,
            Progress::Runs => {}
            Progress::Waiting if began.elapsed() >= limit => {
                let words = format!("vpp did not have its commands after {} s", limit.as_secs());
                return go_back(root, &back, words);
            }
            Progress::Waiting => runs = None,
        }
        pause(EVERY);
    }
    Ok(())
}

/// The documents are held back, and what ran before them runs again.
fn go_back(root: &Root, back: &Back, reason: String) -> Result<(), Failure> {
    let running = Status::read(root).map_err(|error| failed(&error))?;
    if running.and_then(|status| status.generation) != Some(back.documents.to_string()) {
        // Another reload came in between.
        return Ok(());
    }
    tracing::error!("{reason}: going back to generation {}", back.instead);
    let store = Store::new(root);
    back.hold(root, &store, &reason, HoldSince::Reload)?;
    let again = run_again(root, &store, RELOAD);
    back.keep_evidence(root, &reason);
    again
}

/// What is held back gives way to what ran before, by a reload behind anybody else's change. Neither that nor the reload is
/// waited for longer than `limit`; a reload that fails is tried again while the way back is due.
pub(super) fn run_again(root: &Root, store: &Store, limit: Duration) -> Result<(), Failure> {
    if !root.is_machine() {
        return reload::reload(root);
    }
    let job = Job::awaited(Verb::Reload, "imp-config.service");
    for _ in 0..TRIES {
        // The reload itself gives up after seconds.
        drop(lock(root, "the way back", limit)?);
        let result = systemd(&job, limit);
        if result == JobResult::Done {
            return Ok(());
        }
        tracing::error!("reload imp-config.service: {result}");
        if store.due().is_none() {
            break;
        }
        pause(AGAIN);
    }
    let text = "rolling back failed; 'impctl status' shows what runs";
    Err(Failure::new(Kind::Failed, text))
}

fn keep_evidence(root: &Root, documents: &Id, reason: &str) {
    let record = BootRecord::read(root).ok().flatten();
    evidence::keep(
        root,
        &ThisBoot {
            class: record.as_ref().map(|record| record.class),
            loader: record.as_ref().and_then(|record| record.loader.as_ref()),
            trial: None,
            ending: Ending::OtherConfig,
            reason,
            generation: Some(documents),
            checks: &[],
        },
    );
}

fn failed(error: &std::io::Error) -> Failure {
    Failure::new(Kind::Failed, format!("{RECORD}: {error}"))
}

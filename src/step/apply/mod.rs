//! A change of the configuration, carried out: part after part, each waited for, and on record while it goes on.

pub mod confirm;
pub mod documents;
pub mod progress;
mod replaced;
pub mod request;

use self::progress::{Progress, State};
pub(in crate::step) use self::replaced::Replaced;
use crate::exit::{Failure, Kind};
use crate::facts;
use crate::host::bus::{self, JobResult};
use crate::host::lock::Lock;
use crate::host::{file, json, notify};
use crate::plan::reload::{Part, Who, Work, restart_frr, vpp_jobs};
use crate::plan::{Impact, vpp};
use crate::step::config::failed;
use crate::step::frr;
use crate::types::{InstanceName, Job, Root, Verb};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Parts that were decided on and have not ended well yet: the next reload makes up for one that is killed.
const PENDING: &str = "run/imp/pending.json";
/// Held by whatever changes the configuration: an apply, a rollback, a confirmation, an editor's replacement.
const LOCK: &str = "run/imp/lock";

/// How long systemd may take to take a job that nobody waits for.
const QUEUE: Duration = Duration::from_secs(4);
/// How long a part without work worth naming may take: `imp-identity` makes host keys within 30 s.
const SHORT: Duration = Duration::from_secs(60);
/// How long VPP may take to stop and start, or to take its commands; their units allow less.
const VPP: Duration = Duration::from_secs(130);
/// How long `imp-nic` may take, beside the wait for NICs.
const NICS: Duration = Duration::from_secs(60);
/// How long Incus may take; its unit allows less.
const INCUS: Duration = Duration::from_secs(250);
/// How much longer than its job this unit lives, to say how that ended.
const MARGIN: Duration = Duration::from_secs(30);

/// Gives systemd a job and says how it ended, at the latest after this time.
pub type Tell<'t> = &'t mut dyn FnMut(&Job, Duration) -> JobResult;

/// What the parts of a change have to do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which part did not take the change.
    pub who: Who,
    /// Its words, or systemd's.
    pub words: String,
}

/// The lock, for what is typed as this; or a failure that names whoever holds it.
pub fn lock(root: &Root, what: &str, patience: Duration) -> Result<Lock, Failure> {
    let held = Lock::hold(&root.join(LOCK), what, patience).map_err(|error| failed(LOCK, &error))?;
    held.map_err(|holder| {
        let holder = holder.map_or("another process".to_owned(), |holder| holder.to_string());
        let text = format!("{holder} is changing this router; try again when it has ended");
        Failure::new(Kind::Timeout, text)
    })
}

/// Whether somebody changes the configuration right now.
pub fn is_under_way(root: &Root) -> bool {
    let path = root.join(LOCK);
    path.exists() && matches!(Lock::take(&path, Duration::ZERO), Ok(None))
}

/// Whether a change that goes on has yet to lead this VPP instance to its new files.
pub fn has_yet_to_change(root: &Root, instance: &str) -> bool {
    let is_its = |part: &Part| matches!(&part.who, Who::Vpp(name) if name.as_ref() == instance);
    is_under_way(root) && pending(root).iter().any(is_its)
}

/// Gives a job to the systemd of this machine.
pub fn systemd(job: &Job, deadline: Duration) -> JobResult {
    match bus::run_jobs(std::slice::from_ref(job), deadline) {
        Ok(results) => results.into_iter().next().unwrap_or(JobResult::Untold),
        Err(error) => JobResult::Refused(Failure::from_error(Kind::Failed, &error).to_string()),
    }
}

/// The parts that have not ended well: none, unless a reload was killed or a part refused a change.
pub fn pending(root: &Root) -> Vec<Part> {
    // A record that cannot be read is worth what a missing one is.
    json::read(&root.join(PENDING)).ok().flatten().unwrap_or_default()
}

/// The parts, in place of those they have in common with an earlier reload and behind the others, are on record before
/// anything is changed.
pub fn remember(root: &Root, parts: Vec<Part>) -> Result<Vec<Part>, Failure> {
    let mut pending = pending(root);
    pending.retain(|old| parts.iter().all(|part| part.who != old.who));
    let mut all = pending;
    all.extend(parts);
    // The rest stays behind everything.
    all.sort_by_key(|part| part.who == Who::Rest);
    keep(root, &all)?;
    Ok(all)
}

fn keep(root: &Root, pending: &[Part]) -> Result<(), Failure> {
    let path = root.join(PENDING);
    let kept = match pending {
        [] => file::remove(&path),
        parts => json::write(&path, parts, 0o600),
    };
    kept.map(|_| ()).map_err(|error| failed(PENDING, &error))
}

/// How a change is carried out.
pub(in crate::step) struct Apply<'a, 't> {
    /// Where.
    pub root: &'a Root,
    /// How long NICs are waited for.
    pub nic_wait: Duration,
    /// What is on record while it goes on.
    pub progress: &'a mut Progress,
    /// Who runs the jobs.
    pub tell: Tell<'t>,
}

impl Apply<'_, '_> {
    /// Every part has done its work, or one has refused. Returns the instances that were restarted. What is left is on record
    /// for the next reload.
    pub fn carry_out(
        &mut self,
        mut parts: Vec<Part>,
    ) -> Result<Result<BTreeSet<InstanceName>, Refusal>, Failure> {
        let mut restarted = BTreeSet::new();
        self.progress.planned(&parts);
        let mut done = 0;
        while let Some(part) = parts.get(done).cloned() {
            let (jobs, impacts) = self.decide(&part);
            let restarts = jobs.iter().any(Job::is_restart);
            if let Who::Vpp(name) = &part.who
                && restarts
            {
                restarted.insert(name.clone());
                if name.as_ref() == "core" {
                    restart_frr(&mut parts);
                    keep(self.root, parts.get(done..).unwrap_or_default())?;
                    self.progress.planned(parts.get(done..).unwrap_or_default());
                }
            }
            self.progress.costs(impacts);
            if let Err(words) = self.run(&part, &jobs) {
                return Ok(Err(Refusal { who: part.who, words }));
            }
            done += 1;
            keep(self.root, parts.get(done..).unwrap_or_default())?;
        }
        Ok(Ok(restarted))
    }

    /// The jobs of a part, and what they cost whoever uses the router.
    fn decide(&self, part: &Part) -> (Vec<Job>, Vec<Impact>) {
        match (&part.who, &part.work) {
            (Who::Vpp(name), Work::Commands) => {
                let change = crate::step::vpp::decision(self.root, name);
                (
                    vpp_jobs(name, &change),
                    costs(name, &change, &self.progress.replaced),
                )
            }
            (_, Work::Jobs(jobs)) => (jobs.clone(), Vec::new()),
            (_, Work::Commands) => (Vec::new(), Vec::new()),
        }
    }

    /// The jobs of a part, one after another; why the first that failed did.
    fn run(&mut self, part: &Part, jobs: &[Job]) -> Result<(), String> {
        let began = Instant::now();
        let mut state = State::Unchanged;
        for job in jobs {
            self.progress.waits_for(&part.who, job);
            let deadline = self.deadline(&part.who, job);
            if let Err(error) = notify::allow(deadline + MARGIN) {
                tracing::warn!("the unit's own time limit holds: {error}");
            }
            let result = (self.tell)(job, deadline);
            tracing::info!(unit = job.unit, "{job}: {result}");
            match result {
                JobResult::Done => state = State::Done,
                JobResult::Queued => state = State::Queued,
                // What does not run has nothing to be told: it starts with what it is to have.
                JobResult::Skipped if job.is_restart() => break,
                JobResult::Skipped => {}
                // Of a start: a NIC was missing before this change, too, and VPP goes on without.
                JobResult::Failed(_) if part.who == Who::Nics && job.verb == Verb::Start => {
                    state = State::Done
                }
                JobResult::Failed(_) | JobResult::Late | JobResult::Refused(_) | JobResult::Untold => {
                    let words = self.words(&part.who, job, &result);
                    self.progress
                        .ended(&part.who, State::Failed, began.elapsed(), &words);
                    return Err(words);
                }
            }
        }
        self.progress.ended(&part.who, state, began.elapsed(), "");
        Ok(())
    }

    /// How long a job may take.
    fn deadline(&self, who: &Who, job: &Job) -> Duration {
        match who {
            _ if !job.is_awaited() => QUEUE,
            Who::Nics => NICS + self.nic_wait,
            Who::Vpp(_) | Who::Namespace => VPP,
            // FRR may take as long as its configuration needs; its unit allows that time.
            Who::Frr => frr::longest(self.root),
            Who::Incus => INCUS,
            Who::Firewall
            | Who::Networkd
            | Who::Identity
            | Who::Clock
            | Who::Log
            | Who::Snmp
            | Who::Sflow
            | Who::Exporter
            | Who::Rest => SHORT,
        }
    }

    /// Why a part refused: in its own words where it left some, else in systemd's.
    fn words(&self, who: &Who, job: &Job, result: &JobResult) -> String {
        let own = match who {
            Who::Vpp(name) => facts::vpp::failure(self.root, name).map(|failed| failed.words),
            Who::Frr => Some(frr::differences_found(self.root).join("; ")),
            _ => None,
        };
        let own = own.filter(|words| !words.is_empty());
        own.unwrap_or_else(|| format!("{job}: {result}; 'journalctl -b -u {}' says why", job.unit))
    }
}

fn costs(name: &InstanceName, change: &vpp::Change, replaced: &Replaced) -> Vec<Impact> {
    match change {
        vpp::Change::None => Vec::new(),
        vpp::Change::Live(difference) => [difference.impacts.clone(), replaced.ended(difference)].concat(),
        vpp::Change::Restart { why } => vec![match name.as_ref() {
            "core" => Impact::RestartsCore { why: why.clone() },
            _ => Impact::RestartsNat {
                instance: name.clone(),
                why: why.clone(),
            },
        }],
    }
}

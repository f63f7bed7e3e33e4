//! `systemctl reload imp-config`: valid documents become what runs; with invalid ones nothing changes.

use super::config::{Accepted, FrrAsked, examine, failed, record, rendered_files, unless_held, write};
use crate::config::{self, Folder, report};
use crate::exit::{Failure, Kind};
use crate::facts;
use crate::facts::status::Judgement;
use crate::host::bus::{self, JobResult};
use crate::host::{file, json, notify, paths};
use crate::plan::back;
use crate::plan::reload::{Change, jobs};
use crate::render::{self, Bindings};
use crate::step::candidate::{Candidate, Ready};
use crate::step::frr;
use crate::step::generation::Store;
use crate::step::verdict::ConfigVerdict;
use crate::types::generation::Id;
use crate::types::{InstanceName, Root};
use crate::types::{Job, Verb};
use std::collections::BTreeSet;
use std::time::Duration;

/// For each of the verdict, the stops and the rest: with FRR's check before them, within the `TimeoutStartSec=20` that
/// limits a reload too. FRR's own jobs have longer.
const DEADLINE: Duration = Duration::from_secs(4);
/// Jobs that were decided on and systemd has not taken yet: the next reload makes up for one that is killed.
const PENDING: &str = "run/imp/pending.json";

/// The documents are what runs, and the affected units have been reloaded or restarted. Refused documents change only the
/// verdict.
///
/// Exit code 1 also for a refused configuration: 78 counts as success of the unit (`SuccessExitStatus=`), and a reload
/// that did nothing has to look like one.
pub fn reload(root: &Root) -> Result<(), Failure> {
    let store = Store::new(root);
    let frr = facts::frr::machine(root);
    let mut candidate = examine(&root.join(paths::CONFIG), &frr);
    let mut problems = std::mem::take(&mut candidate.problems);
    let Some(ready) = candidate.ready.take() else {
        return Err(refuse(root, &candidate)?);
    };
    let (ready, judgement) = unless_held(&store, &frr, ready, &mut problems);
    let id = ready.id();
    if judgement == Judgement::Refused && running(root)?.as_ref() == Some(&id) {
        return Err(Failure::new(Kind::Failed, problems.join("\n")));
    }
    let accepted = (judgement == Judgement::Accepted).then(|| Accepted::of(&ready));
    let told = replace(root, &store, ready, &mut problems)?;
    problems.extend(accepted.and_then(|accepted| accepted.keep_in(store)));
    conclude(root, &candidate, judgement, Some(&id), problems)?;
    told
}

/// The documents could not be examined: nothing changes but the verdict.
pub(super) fn without_answer(root: &Root, how: &str) -> Result<(), Failure> {
    Err(refuse(root, &Candidate::without_answer(how))?)
}

/// The generation that runs.
fn running(root: &Root) -> Result<Option<Id>, Failure> {
    let last = ConfigVerdict::read(root).map_err(|error| failed("verdict.json", &error))?;
    Ok(last.and_then(|verdict| verdict.status.generation?.parse().ok()))
}

/// Replaces what runs, then runs the jobs of the affected units. The inner result is that of the jobs.
pub(super) fn replace(
    root: &Root,
    store: &Store,
    ready: Ready,
    problems: &mut Vec<String>,
) -> Result<Result<(), Failure>, Failure> {
    let pending = apply(root, store, ready, problems)?;
    Ok(tell(root, &pending))
}

/// Changes nothing but the verdict, and returns the findings as a failure.
fn refuse(root: &Root, candidate: &Candidate) -> Result<Failure, Failure> {
    conclude(
        root,
        candidate,
        Judgement::Refused,
        running(root)?.as_ref(),
        Vec::new(),
    )?;
    let report = report::text(&candidate.diagnostics, &candidate.sources, false);
    let text = format!(
        "the configuration is refused and nothing is changed\n\n{}",
        report.trim_end()
    );
    Ok(Failure::new(Kind::Failed, text))
}

/// The verdict is on record, and its unit shows it.
fn conclude(
    root: &Root,
    candidate: &Candidate,
    judgement: Judgement,
    generation: Option<&Id>,
    problems: Vec<String>,
) -> Result<(), Failure> {
    let Candidate {
        diagnostics, sources, ..
    } = candidate;
    let verdict = ConfigVerdict::new(judgement, generation, diagnostics, sources, problems);
    if record(root, &verdict)?.changed() && root.is_machine() {
        let job = Job::new(Verb::Rerun, "imp-config-verdict.service");
        // What the unit would have shown is in the log and the exit code as well.
        if let Err(error) = bus::run_jobs(&[job], DEADLINE) {
            tracing::warn!("{}", Failure::from_error(Kind::Failed, &error));
        }
    }
    Ok(())
}

/// Writes what has changed. Returns the jobs of the affected units.
fn apply(root: &Root, store: &Store, ready: Ready, problems: &mut Vec<String>) -> Result<Vec<Job>, Failure> {
    let vpp = differing_instances(root, &ready)?;
    let id = ready.id();
    // What runs already is not read a second time.
    let same = store.runs(&ready.tree);
    let before = match same {
        true => None,
        false => config::parse(&Folder::new(store.running())).model,
    };
    let Ready {
        tree,
        model,
        rendered,
        frr_is_asked,
        ..
    } = ready;
    let files = rendered_files(root, &model, rendered);
    let rendered = files.iter().map(|file| file.path.clone()).collect();
    let changed = facts::output::changes(root, &files);
    let asked = FrrAsked::of(root, &files, frr_is_asked, &changed);
    let meant = frr::without_patience(root, &files, &changed);
    let change = Change {
        before: if same { Some(&model) } else { before.as_ref() },
        after: &model,
        files: &meant,
        rendered: &rendered,
        vpp: &vpp,
    };
    let jobs = jobs(&change);
    let restarted = back::restarted(&jobs, model.instances.keys());
    if !same {
        super::back::remember(root, store, &id, &restarted)?;
    }
    let pending = remember(root, jobs)?;
    if !same {
        let _ = store
            .run(&tree)
            .map_err(|error| failed(paths::GENERATION, &error))?;
    }
    write(root, files, &changed, problems)?;
    problems.extend(asked.write(root));
    Ok(pending)
}

/// The instances whose files, on this machine, would mean something else than those there are.
fn differing_instances(root: &Root, ready: &Ready) -> Result<BTreeSet<InstanceName>, Failure> {
    let bindings = facts::bindings::read(&root.join(paths::BINDINGS))
        .map_err(|error| failed(paths::BINDINGS, &error))?
        .unwrap_or_else(|| Bindings::as_written(&ready.model));
    let wanted =
        render::vpp(&ready.model, &bindings).map_err(|error| Failure::from_error(Kind::Config, &error))?;
    let names = ready.model.instances.keys();
    Ok(names
        .filter(|name| facts::output::vpp_differs(root, name, &wanted.files))
        .cloned()
        .collect())
}

/// The jobs, behind those that systemd was not told of by an earlier reload, are on record before anything is changed.
fn remember(root: &Root, jobs: Vec<Job>) -> Result<Vec<Job>, Failure> {
    let mut pending = pending(root);
    pending.retain(|old| jobs.iter().all(|job| job.unit != old.unit));
    pending.extend(jobs);
    keep(root, &pending)?;
    Ok(pending)
}

/// The jobs that systemd still has to be told of: none, unless a reload was killed or systemd refused.
pub fn pending(root: &Root) -> Vec<Job> {
    // A record that cannot be read is worth what a missing one is.
    json::read(&root.join(PENDING)).ok().flatten().unwrap_or_default()
}

fn keep(root: &Root, pending: &[Job]) -> Result<(), Failure> {
    let path = root.join(PENDING);
    let kept = match pending {
        [] => file::remove(&path),
        jobs => json::write(&path, jobs, 0o600),
    };
    kept.map(|_| ()).map_err(|error| failed(PENDING, &error))
}

/// Gives systemd the jobs. A job is off the record as soon as systemd has taken it, however it ends: it is not given twice,
/// and a unit that fails shows that itself.
fn tell(root: &Root, pending: &[Job]) -> Result<(), Failure> {
    if pending.is_empty() || !root.is_machine() {
        return Ok(());
    }
    // A stop that is still queued would be replaced by the start that imp.target asks of everything it wants.
    let (stops, others): (Vec<Job>, Vec<Job>) =
        pending.iter().cloned().partition(|job| job.verb == Verb::Stop);
    let mut left = pending.to_vec();
    let mut failures = run(root, &stops, &mut left)?;
    failures.extend(run(root, &others, &mut left)?);
    if failures.iter().any(|line| line.contains("frr")) {
        failures.extend(frr::differences_found(root));
    }
    match failures.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(Kind::Failed, failures.join("\n"))),
    }
}

/// Runs jobs; a line for each that did not end well. `left` are those on record.
fn run(root: &Root, jobs: &[Job], left: &mut Vec<Job>) -> Result<Vec<String>, Failure> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let mut failures = Vec::new();
    let taken = |index: usize| {
        left.retain(|job| *job != jobs[index]);
        if let Err(failure) = keep(root, left) {
            tracing::warn!("{failure}");
        }
    };
    let results = bus::run_jobs_telling(jobs, deadline(root, jobs), taken)
        .map_err(|error| Failure::from_error(Kind::Failed, &error))?;
    for (job, result) in jobs.iter().zip(results) {
        match result {
            JobResult::Queued | JobResult::Done | JobResult::Skipped => {
                tracing::info!(unit = job.unit, "{job}: {result}")
            }
            JobResult::Failed(_) | JobResult::Late | JobResult::Refused(_) | JobResult::Untold => {
                failures.push(format!("{job}: {result}"))
            }
        }
    }
    Ok(failures)
}

/// FRR may take as long as its configuration needs; the unit allows that time.
fn deadline(root: &Root, jobs: &[Job]) -> Duration {
    let waits_for_frr = jobs.iter().any(|job| job.awaited && job.unit.starts_with("frr"));
    let Some(patience) = waits_for_frr.then(|| frr::longest(root)) else {
        return DEADLINE;
    };
    if let Err(error) = notify::allow(patience + 4 * DEADLINE) {
        tracing::warn!("the unit's own time limit holds: {error}");
    }
    patience
}

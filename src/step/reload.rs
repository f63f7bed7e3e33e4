//! `systemctl reload imp-config`: valid documents become what runs, and the reload ends when they do; with invalid ones
//! nothing changes. What a part of the router does not take is taken back.

mod prepare;

use self::prepare::prepare;
use super::apply::confirm;
use super::apply::documents;
use super::apply::progress::{Outcome, Progress};
use super::apply::request::{Request, Wanted};
use super::apply::{self, Apply, Refusal, Tell};
use super::back::{self, Back};
use super::config::{Accepted, Choice, Chosen, Examine, examine, failed, record};
use crate::boot::record::{BootRecord, Verdict};
use crate::config::report;
use crate::exit::{Failure, Kind};
use crate::facts;
use crate::facts::status::Judgement;
use crate::host::{bus, notify, paths};
use crate::plan::reload::Part;
use crate::render::frr::Frr;
use crate::step::candidate::{Candidate, Ready};
use crate::step::generation::{By, HoldSince, Store};
use crate::step::verdict::ConfigVerdict;
use crate::types::generation::Id;
use crate::types::{Job, Root, Verb};
use std::time::Duration;

pub use super::apply::pending;

/// How long another change may take to end: within the `TimeoutStartSec=20` that limits a reload too.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take until the first part is told: what limits the reading of the documents, of those that run instead, and
/// FRR's check of both.
const EXAMINATION: Duration = Duration::from_secs(40);
/// How long systemd may take to show the verdict, or to take a job that nobody waits for.
const QUEUE: Duration = Duration::from_secs(4);

/// The documents are what runs, and every part of the router that they concern has taken its change. Refused documents change
/// only the verdict. Where a part refuses, what ran before runs again, and the documents are held back until they are changed.
///
/// Exit code 1 also for a refused configuration: 78 counts as success of the unit (`SuccessExitStatus=`), and a reload
/// that did nothing has to look like one.
pub fn reload(root: &Root) -> Result<(), Failure> {
    match root.is_machine() {
        true => reload_by(root, examine, Some(&mut apply::systemd)),
        false => reload_by(root, examine, None),
    }
}

/// The same with another way to examine documents, and somebody else than systemd who runs the jobs; with nobody, they stay on
/// record.
pub fn reload_by(root: &Root, examine: Examine, tell: Option<Tell<'_>>) -> Result<(), Failure> {
    let _lock = apply::lock(root, "systemctl reload imp-config", PATIENCE)?;
    let store = Store::new(root);
    documents::finish(root, &store)?;
    let unreadable = |error| failed("apply-request.json", &error);
    let request = Request::read(root).map_err(unreadable)?;
    let mut reload = Reload {
        root,
        progress: Progress::begin(root, request.as_ref(), running(root)?),
        are_wanted: request.is_some(),
        request: request.unwrap_or_default(),
        store,
        frr: facts::frr::machine(root),
        examine,
        tell,
    };
    let ended = match reload.request.is_late() {
        true => Err((Outcome::Failed, too_late())),
        false => reload.run(),
    };
    if let Err(error) = reload.request.withdraw(root) {
        tracing::warn!("apply-request.json: {error}");
    }
    let (outcome, result) = match ended {
        Ok(outcome) => (outcome, Ok(())),
        Err((outcome, failure)) => (outcome, Err(failure)),
    };
    reload.progress.ends(outcome, &result);
    result
}

/// What is to go back by itself must not be applied without that.
fn too_late() -> Failure {
    let text = "nothing is changed: the request to apply this with --confirm waited too long for another reload; run the command again";
    Failure::new(Kind::Timeout, text)
}

/// The documents could not be examined: nothing changes but the verdict.
pub(super) fn without_answer(root: &Root, how: &str) -> Result<(), Failure> {
    if !pending(root).is_empty() {
        let text =
            format!("the apply ended in its middle ({how}); 'systemctl reload imp-config' finishes it");
        return Err(Failure::new(Kind::Failed, text));
    }
    Err(refuse(root, &Candidate::without_answer(how))?)
}

/// The generation that runs.
fn running(root: &Root) -> Result<Option<Id>, Failure> {
    let last = ConfigVerdict::read(root).map_err(|error| failed("verdict.json", &error))?;
    Ok(last.and_then(|verdict| verdict.status.generation?.parse().ok()))
}

/// Replaces what runs, then tells the parts: at a start of `imp-config` within a boot. The inner result is that of the parts.
pub(super) fn replace(
    root: &Root,
    store: &Store,
    chosen: Chosen,
    problems: &mut Vec<String>,
) -> Result<Result<(), Failure>, Failure> {
    let mut progress = Progress::begin(root, None, running(root)?);
    let nic_wait = chosen.ready.model.dataplane.nic_wait.duration();
    let id = chosen.ready.id();
    let request = Request::default();
    let prepared = prepare(root, store, chosen, &request, &mut progress, problems)?;
    let told = match root.is_machine() {
        true => carry_out(root, prepared, nic_wait, &id, &mut progress, &mut apply::systemd)?,
        false => Ok(()),
    };
    Ok(told.map_err(|refusal| Failure::new(Kind::Failed, said(&refusal))))
}

/// A reload with all it works with.
struct Reload<'a, 't> {
    root: &'a Root,
    store: Store,
    frr: Frr,
    examine: Examine,
    request: Request,
    /// Whether somebody asked for the documents, not for a way back.
    are_wanted: bool,
    progress: Progress,
    tell: Option<Tell<'t>>,
}

type Ended = Result<Outcome, (Outcome, Failure)>;

/// How one attempt ended that found something to run.
enum Attempt {
    /// It runs.
    Runs(Outcome),
    /// These documents are held back, and what runs instead did so already.
    Held(Failure),
    /// A part refused this generation.
    Refused(Id, Refusal),
}

impl Reload<'_, '_> {
    fn run(&mut self) -> Ended {
        match self.attempt().map_err(outcome_of)? {
            Attempt::Runs(outcome) => Ok(outcome),
            Attempt::Held(failure) => Err((Outcome::Refused, failure)),
            Attempt::Refused(id, refusal) => match back::way(self.root, &id) {
                Some(way) => Err(self.go_back(&way, &refusal)),
                None => Err((Outcome::Failed, Failure::new(Kind::Failed, said(&refusal)))),
            },
        }
    }

    /// The documents are held back, and what ran before them runs again: by the same way, or by restarts.
    fn go_back(&mut self, way: &Back, refusal: &Refusal) -> (Outcome, Failure) {
        let words = said(refusal);
        tracing::error!("{words}: going back to generation {}", way.instead);
        self.progress.goes_back();
        self.are_wanted = false;
        self.request.confirm = Wanted::Nothing;
        let back = match way.hold(self.root, &self.store, &words, HoldSince::Apply) {
            Ok(()) => self.attempt(),
            Err(failure) => Err(failure),
        };
        way.keep_evidence(self.root, &words);
        let instead = &way.instead;
        match back {
            Ok(Attempt::Runs(_) | Attempt::Held(_)) => {
                let text = format!(
                    "{words}\ngeneration {instead}, which ran before, runs again; the documents are held back until they are changed"
                );
                (Outcome::WentBack, Failure::new(Kind::Failed, text))
            }
            Ok(Attempt::Refused(_, again)) => {
                let text = format!(
                    "{words}\nand going back to generation {instead} failed, by restarts too: {}; 'impctl status' shows what runs",
                    said(&again)
                );
                (Outcome::Failed, Failure::new(Kind::Failed, text))
            }
            Err(failure) => {
                let text = format!("{words}\nand going back to generation {instead} failed: {failure}");
                (Outcome::Failed, Failure::new(Kind::Failed, text))
            }
        }
    }

    /// The documents are read, and what is to run of them or instead of them is carried out.
    fn attempt(&mut self) -> Result<Attempt, Failure> {
        let root = self.root;
        if let Err(error) = notify::allow(EXAMINATION) {
            tracing::warn!("the unit's own time limit holds: {error}");
        }
        let mut candidate = (self.examine)(&root.join(paths::CONFIG), &self.frr);
        let mut problems = std::mem::take(&mut candidate.problems);
        let documents = candidate.ready.take();
        let choice = Choice {
            store: &self.store,
            frr: &self.frr,
            examine: self.examine,
            are_wanted: self.are_wanted,
        };
        let Some(chosen) = choice.of(documents, &mut problems) else {
            return Ok(Attempt::Held(refuse(root, &candidate)?));
        };
        let id = chosen.ready.id();
        let judgement = chosen.judgement;
        if judgement == Judgement::Refused && self.runs(&chosen.ready) {
            self.nothing_is_due()?;
            conclude(root, &candidate, judgement, Some(&id), problems.clone())?;
            return Ok(Attempt::Held(Failure::new(Kind::Failed, problems.join("\n"))));
        }
        let by = By {
            author: self.request.author.clone(),
            message: self.request.message.clone(),
            confirmed: true,
        };
        let accepted = Accepted::of(&chosen);
        let refusal = self.replace(chosen, &id, &mut problems)?;
        if let Some(refusal) = refusal {
            // Where there is a way back, it has its own verdict.
            if back::way(root, &id).is_none() {
                problems.push(said(&refusal));
                problems.extend(accepted.and_then(|accepted| accepted.keep_in(&self.store, Vec::new())));
                conclude(root, &candidate, judgement, Some(&id), problems)?;
            }
            return Ok(Attempt::Refused(id, refusal));
        }
        match judgement {
            Judgement::Accepted => confirm::applied(root, &id)?,
            Judgement::Refused => confirm::taken_back(root, &id)?,
        }
        self.nothing_is_due()?;
        let confirmed = confirm::Confirm::read(root)?.is_none();
        let needed = back::needed(root);
        problems.extend(accepted.and_then(|accepted| accepted.keep_in(&self.store, needed)));
        self.note(&id, By { confirmed, ..by });
        conclude(root, &candidate, judgement, Some(&id), problems)?;
        Ok(Attempt::Runs(match self.progress.has_parts() {
            true => Outcome::Done,
            false => Outcome::Unchanged,
        }))
    }

    /// Replaces what runs, and tells the parts; the one that refused, if one did.
    fn replace(
        &mut self,
        chosen: Chosen,
        id: &Id,
        problems: &mut Vec<String>,
    ) -> Result<Option<Refusal>, Failure> {
        let nic_wait = chosen.ready.model.dataplane.nic_wait.duration();
        let is_way_back = chosen.is_way_back;
        let parts = prepare(
            self.root,
            &self.store,
            chosen,
            &self.request,
            &mut self.progress,
            problems,
        )?;
        let Some(tell) = self.tell.as_deref_mut() else {
            return Ok(None);
        };
        let told = carry_out(self.root, parts, nic_wait, id, &mut self.progress, tell)?;
        let refused = match told {
            Ok(()) => return Ok(None),
            Err(refusal) if !is_way_back => return Ok(Some(refusal)),
            Err(refusal) => refusal,
        };
        // Nothing is left to go back to: what a boot does leads there, or nothing.
        tracing::error!("{}: restarting instead", said(&refused));
        let left = pending(self.root).into_iter().map(Part::by_restart).collect();
        Ok(carry_out(self.root, left, nic_wait, id, &mut self.progress, tell)?.err())
    }

    /// Whether this is what runs, and no part has anything left to do.
    fn runs(&self, ready: &Ready) -> bool {
        let is_told = self.tell.is_none() || pending(self.root).is_empty();
        is_told && self.store.runs(&ready.tree)
    }

    /// Its generation runs: no way back is due any more.
    fn nothing_is_due(&self) -> Result<(), Failure> {
        let ended = self.store.nothing_is_due();
        ended.map(|_| ()).map_err(|error| failed("hold.json", &error))
    }

    fn note(&self, id: &Id, by: By) {
        if let Err(error) = self.store.note(id, &by) {
            tracing::warn!("history.json: {error}");
        }
    }
}

fn outcome_of(failure: Failure) -> (Outcome, Failure) {
    (Outcome::Failed, failure)
}

/// Whose words they are, and the words.
fn said(refusal: &Refusal) -> String {
    format!("{}: {}", refusal.who, refusal.words)
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
        if let Err(error) = bus::run_jobs(&[job], QUEUE) {
            tracing::warn!("{}", Failure::from_error(Kind::Failed, &error));
        }
    }
    Ok(())
}

/// The parts are told, and what was restarted is watched.
fn carry_out(
    root: &Root,
    parts: Vec<Part>,
    nic_wait: Duration,
    id: &Id,
    progress: &mut Progress,
    tell: Tell<'_>,
) -> Result<Result<(), Refusal>, Failure> {
    if parts.is_empty() {
        return Ok(Ok(()));
    }
    let mut apply = Apply {
        root,
        nic_wait,
        progress,
        tell: &mut *tell,
    };
    match apply.carry_out(parts)? {
        Ok(restarted) => {
            if back::restarted(root, id, &restarted)? {
                let _ = tell(&Job::new(Verb::Rerun, "imp-config-watch.service"), QUEUE);
            }
            // What was wrong with this boot may be right now: nobody waits for the next look to hear it.
            let record = BootRecord::read(root).ok().flatten();
            if record.is_some_and(|record| matches!(record.verdict, Some(Verdict::Alarm(_)))) {
                let _ = tell(&Job::new(Verb::Start, "imp-boot-assess.service"), QUEUE);
            }
            Ok(Ok(()))
        }
        Err(refusal) => Ok(Err(refusal)),
    }
}

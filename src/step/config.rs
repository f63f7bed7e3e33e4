//! What `imp-config` does at boot: runs the documents if they are valid, else the last good generation, else DHCP only.

mod choice;

pub(super) use self::choice::{Choice, Chosen};

use super::apply::{confirm, documents};
use super::{back, frr, reload};
use crate::act::apply;
use crate::config::{self, Model};
use crate::exit::{Failure, Kind};
use crate::facts;
use crate::facts::status::Judgement;
use crate::host::file::{self, Effect};
use crate::host::limit::{self, Limits};
use crate::host::{paths, process, wait};
use crate::plan::{Action, output, unit};
use crate::render::frr::Frr;
use crate::render::{Everything, Rendered, fallback};
use crate::step::candidate::{Candidate, Ready};
use crate::step::generation::{By, Store, Tree};
use crate::step::input::Inputs;
use crate::step::verdict::ConfigVerdict;
use crate::types::Root;
use crate::types::generation::Id;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long older generations are tried: with the check of the newest one, well within `TimeoutStartSec=20`.
const FALLBACK: Duration = Duration::from_secs(6);

/// What the examination of one folder may use. A quarter of a million prefix-list members take 0.2 s and less than 100 MB.
pub(super) const LIMITS: Limits = Limits {
    clock: 7,
    cpu: 5,
    memory: 1 << 30,
};

/// How long a boot waits until its generation is kept; what cannot be kept by then is kept by the next one.
const KEEP: Duration = Duration::from_secs(4);

/// How long systemd may take to queue the start of further instances.
const START: Duration = Duration::from_secs(4);

/// The documents run, or the last good generation does, or nothing. Exit code 78 if it is not the documents.
pub fn start(root: &Root) -> Result<(), Failure> {
    let store = Store::new(root);
    prepare(root, &store);
    let frr = facts::frr::machine(root);
    let mut candidate = examine(&root.join(paths::CONFIG), &frr);
    let mut problems = std::mem::take(&mut candidate.problems);
    let mut accepted = None;
    let mut is_taken = true;
    let documents = candidate.ready.take();
    let choice = Choice {
        store: &store,
        frr: &frr,
        examine,
        are_wanted: false,
    };
    let (judgement, generation) = match choice.of(documents, &mut problems) {
        Some(chosen) => {
            let judgement = chosen.judgement;
            accepted = Accepted::of(&chosen);
            let id = chosen.ready.id();
            // Started again within a boot: others run with what was there before.
            if store.running().is_dir() {
                let told = reload::replace(root, &store, chosen, &mut problems)?;
                is_taken = told.is_ok();
                problems.extend(told.err().map(|failure| failure.to_string()));
            } else {
                run(root, &store, chosen.ready, &mut problems)?;
            }
            (judgement, Some(id))
        }
        None => {
            let id = run_last_good(root, &store, &frr, 0, &candidate, &mut problems)?;
            (Judgement::Refused, id)
        }
    };
    let Candidate {
        diagnostics, sources, ..
    } = &candidate;
    let mut verdict = ConfigVerdict::new(judgement, generation.as_ref(), diagnostics, sources, problems);
    let _ = record(root, &verdict)?;
    // Only now: the disk may be slow, and what runs does not depend on it.
    if let Some(problem) = accepted.and_then(|accepted| accepted.keep_in(&store, back::needed(root))) {
        verdict.status.problems.push(problem);
        let _ = record(root, &verdict)?;
    }
    if let Some(id) = generation {
        let noted = move || {
            let noted = store.note(&id, &By::default());
            match is_taken {
                true => store.nothing_is_due().and(noted),
                false => noted,
            }
        };
        // The disk may be full: what runs does not depend on it.
        if let Some(Err(error)) = wait::at_most(KEEP, noted) {
            tracing::warn!("history.json: {error}");
        }
    }
    if verdict.status.is_accepted() {
        Ok(())
    } else {
        verdict.result()
    }
}

/// What an earlier run began is finished, and a change that was not confirmed before this boot is held back. What fails of that
/// keeps no router from its boot.
fn prepare(root: &Root, store: &Store) {
    let boots = !store.running().is_dir();
    let finished = documents::finish(root, store).and_then(|()| match boots {
        true => confirm::boots(root, store),
        false => Ok(()),
    });
    if let Err(failure) = finished {
        tracing::error!("{failure}");
    }
}

/// The documents could not be examined: the last good generation runs, of those that are not among the first `skipped`, or
/// nothing does.
pub fn start_instead(root: &Root, skipped: usize, how: &str) -> Result<(), Failure> {
    let candidate = Candidate::without_answer(how);
    let mut problems = Vec::new();
    let frr = facts::frr::machine(root);
    let id = run_last_good(root, &Store::new(root), &frr, skipped, &candidate, &mut problems)?;
    let verdict = ConfigVerdict::new(
        Judgement::Refused,
        id.as_ref(),
        &candidate.diagnostics,
        &candidate.sources,
        problems,
    );
    let _ = record(root, &verdict)?;
    verdict.result()
}

/// How a folder is read, checked and rendered.
pub type Examine = fn(&Path, &Frr) -> Candidate;

/// Reads, checks and renders a folder, within the limits, and has FRR check it.
pub fn examine(path: &Path, frr: &Frr) -> Candidate {
    let examined = limit::within(LIMITS, || Candidate::examine(path, frr));
    examined
        .unwrap_or_else(|error| Candidate::without_answer(&error.to_string()))
        .ask_frr()
}

/// The verdict of the last run, as its exit code.
pub fn verdict(root: &Root) -> Result<(), Failure> {
    match ConfigVerdict::read(root).map_err(|error| failed("verdict.json", &error))? {
        Some(verdict) => verdict.result(),
        None => Err(Failure::new(
            Kind::Failed,
            "there is no verdict yet: imp-config has not finished",
        )),
    }
}

/// Writes the verdict. Warnings about an accepted configuration are logged when they are new.
pub(super) fn record(root: &Root, verdict: &ConfigVerdict) -> Result<Effect, Failure> {
    let written = verdict.write(root).map_err(|error| failed("verdict", &error))?;
    let quiet = verdict.report.is_empty() && verdict.status.problems.is_empty();
    if written.changed() && verdict.status.is_accepted() && !quiet {
        tracing::warn!("{}", verdict.text());
    }
    Ok(written)
}

/// The last good generation runs, or nothing does when there is none. Returns what runs.
fn run_last_good(
    root: &Root,
    store: &Store,
    frr: &Frr,
    skipped: usize,
    candidate: &Candidate,
    problems: &mut Vec<String>,
) -> Result<Option<Id>, Failure> {
    let Some(ready) = last_good(store, frr, skipped, problems) else {
        run_nothing(root, store, candidate, problems)?;
        return Ok(None);
    };
    let id = ready.id();
    run(root, store, ready, problems)?;
    Ok(Some(id))
}

/// The newest kept generation that this build still accepts, without the first `skipped`.
fn last_good(store: &Store, frr: &Frr, skipped: usize, problems: &mut Vec<String>) -> Option<Ready> {
    let end = Instant::now() + FALLBACK;
    let ids = store.newest_first().unwrap_or_else(|error| {
        problems.push(format!("kept generations: {error}"));
        Vec::new()
    });
    // What a boot or a reload was not healthy with comes last.
    let (good, held): (Vec<Id>, Vec<Id>) = ids.into_iter().partition(|id| store.hold_on(id).is_none());
    let ids = good.into_iter().chain(held).skip(skipped);
    for id in ids.take_while(|_| Instant::now() < end) {
        match examine(&store.folder(&id), frr).ready {
            Some(ready) if ready.id() == id => return Some(ready),
            Some(_) => problems.push(format!("generation {id} is damaged")),
            None => problems.push(format!("generation {id} is not accepted by this version")),
        }
    }
    None
}

/// Documents that were accepted, to be kept once they run.
pub(super) struct Accepted {
    id: Id,
    tree: Arc<Tree>,
    most: usize,
}

impl Accepted {
    /// None where other documents are to run.
    pub(super) fn of(Chosen { ready, judgement, .. }: &Chosen) -> Option<Self> {
        (*judgement == Judgement::Accepted).then(|| Self {
            id: ready.id(),
            tree: Arc::clone(&ready.tree),
            most: usize::from(ready.model.apply.generations),
        })
    }

    /// Keeps them; returns why that failed. It matters only at the next invalid document, not for this boot.
    pub(super) fn keep_in(self, store: &Store, needed: Vec<Id>) -> Option<String> {
        let (id, store) = (self.id.clone(), store.clone());
        match wait::at_most(KEEP, move || store.keep(&self.id, &self.tree, self.most, &needed)) {
            Some(Ok(_)) => None,
            Some(Err(error)) => Some(format!("generation {id} cannot be kept: {error}")),
            None => Some(format!(
                "generation {id} is not kept yet: the disk of /persistent did not take it within {} s",
                KEEP.as_secs()
            )),
        }
    }
}

/// The generation is what this boot runs, rendered, with the units of its further instances.
fn run(root: &Root, store: &Store, ready: Ready, problems: &mut Vec<String>) -> Result<(), Failure> {
    let _ = Inputs::of(&ready.model)
        .and_then(|inputs| store.run(&ready.tree, &inputs))
        .map_err(|error| failed(paths::GENERATION, &error))?;
    let files = rendered_files(root, &ready.model, ready.rendered);
    let changed = facts::output::changes(root, &files);
    let asked = FrrAsked::of(root, &files, ready.frr_is_asked, &changed);
    write(root, files, &changed, problems)?;
    problems.extend(asked.write(root));
    if root.is_machine() {
        problems.extend(start_instances(root, &changed));
    }
    Ok(())
}

/// Every file of ours, with the units of instances the generator could not see.
pub(super) fn rendered_files(root: &Root, model: &Model, rendered: Everything) -> Vec<Rendered> {
    let mut files = rendered.host_files();
    files.extend(unit::unseen(
        model.instances.keys(),
        &facts::output::generated_units(root),
    ));
    files
}

/// Starts instances whose units systemd had not seen when it planned this boot. Their jobs wait for this one to end.
///
/// By `systemctl`, which talks to PID 1's own socket: this early there is no bus yet (and zbus does not take the sender
/// name systemd uses on that socket).
fn start_instances(root: &Root, changed: &[String]) -> Option<String> {
    // Those that are gone are among the changes too.
    let units = changed
        .iter()
        .filter(|path| root.join(path).exists())
        .filter_map(|path| path.strip_prefix("run/systemd/system/"));
    let words: Vec<&str> = ["--no-block", "start"].into_iter().chain(units).collect();
    if words.len() == 2 {
        return None;
    }
    let error = process::run("systemctl", &words, START).err()?;
    let error = Failure::from_error(Kind::Failed, &error);
    Some(format!("further VPP instances are not started: {error}"))
}

/// Nothing runs: whatever needs a generation is skipped, and management asks for an address.
fn run_nothing(
    root: &Root,
    store: &Store,
    candidate: &Candidate,
    problems: &mut Vec<String>,
) -> Result<(), Failure> {
    let _ = store
        .run_nothing()
        .map_err(|error| failed(paths::GENERATION, &error))?;
    let networks = fallback::networks(&config::claims(&candidate.sources));
    let changed = facts::output::changes(root, &networks);
    write(root, networks, &changed, problems)
}

/// The rendered files are in place and those of an earlier configuration are removed. Only the files in `changed` are
/// written.
pub(super) fn write(
    root: &Root,
    files: Vec<Rendered>,
    changed: &[String],
    problems: &mut Vec<String>,
) -> Result<(), Failure> {
    let removal = output::remove(&files, &facts::output::rendered(root));
    let mut plan = output::write(files);
    let json = plan.to_json();
    plan.retain(|action| match action {
        Action::WriteFile { path, .. } => changed.iter().any(|changed| path.ends_with(changed)),
        _ => true,
    });
    for plan in [&removal, &plan] {
        let report = apply(root, plan);
        problems.extend(report.failed.into_iter().map(|failed| failed.text));
    }
    let _ = file::write(&root.join(paths::PLAN), json.as_bytes(), 0o644)
        .map_err(|error| failed(paths::PLAN, &error))?;
    Ok(())
}

/// The hash of a checked frr.conf, so that frr.service does not check it again at every start.
pub(super) enum FrrAsked {
    /// The file has not changed: neither does the hash.
    Same,
    /// A line in the format of `sha256sum -c`.
    Line(String),
    /// None: FRR could not be asked, so frr.service checks the file.
    Nothing,
}

impl FrrAsked {
    /// The hash for these files, of which those in `changed` have changed.
    pub(super) fn of(root: &Root, files: &[Rendered], is_asked: bool, changed: &[String]) -> Self {
        let path = paths::relative(paths::FRR_CONF);
        let is_changed = changed.iter().any(|changed| changed == path);
        match files.iter().find(|file| file.path == path) {
            Some(_) if !is_changed && root.join(paths::FRR_ASKED).exists() => Self::Same,
            Some(conf) if is_asked => Self::Line(frr::asked_line(&conf.text)),
            _ => Self::Nothing,
        }
    }

    /// Writes it after the file itself, so that a kill in between causes one more check; returns why that failed.
    pub(super) fn write(self, root: &Root) -> Option<String> {
        let path = root.join(paths::FRR_ASKED);
        let written = match &self {
            Self::Same => return None,
            Self::Line(line) => file::write(&path, line.as_bytes(), 0o600),
            Self::Nothing => file::remove(&path),
        };
        let error = written.err()?;
        Some(format!("{}: {error}", paths::FRR_ASKED))
    }
}

/// The failure of a file operation, with the file's path below the root.
pub fn failed(subject: &str, error: &io::Error) -> Failure {
    Failure::new(Kind::Failed, format!("{subject}: {error}"))
}

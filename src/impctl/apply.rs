//! `impctl apply`, `confirm` and `rollback`: the running router is changed, by the reload of imp-config that anybody may ask
//! systemd for. It goes on when whoever asked is gone.

mod shown;

use self::shown::Shown;
use super::out;
use crate::exit::{Failure, Kind};
use crate::facts;
use crate::host::bus::JobResult;
use crate::host::wait::meanwhile;
use crate::host::{clock, login, paths, pid};
use crate::step::apply::confirm::{Before, Confirm, confirm as confirm_change, give_up, too_short_for_auto};
use crate::step::apply::progress::{Outcome, Record};
use crate::step::apply::request::{Request, Wanted};
use crate::step::apply::{documents, lock, systemd};
use crate::step::config::examine;
use crate::step::generation::Store;
use crate::step::running_model;
use crate::types::generation::Id;
use crate::types::{Job, Root, Seconds, Verb};
use std::fmt::Write as _;
use std::time::Duration;

/// How long another change may take to end.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the reload may take: FRR with a quarter of a million lines, twice.
const LONGEST: Duration = Duration::from_secs(3600);
/// Between two looks at the record.
const EVERY: Duration = Duration::from_millis(100);

/// What it takes for the change to stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// `--confirm`: the time is that of `[apply] confirm-timeout`.
    Default,
    /// `--confirm 10m`.
    Within(Seconds),
    /// `--confirm auto`.
    Auto,
}

impl Asked {
    /// What was typed behind `--confirm`.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            text => match text.parse::<Seconds>() {
                Ok(time) if time.get() >= 10 => Ok(Self::Within(time)),
                Ok(_) => Err("--confirm needs at least 10s".to_owned()),
                Err(_) => Err(format!(
                    "--confirm takes 'auto' or a duration up to 24h, like 30s, 10m or 2h, not '{text}'"
                )),
            },
        }
    }
}

/// How the change is to be applied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// `--confirm`.
    pub confirm: Option<Asked>,
    /// `-m`.
    pub message: Option<String>,
}

/// What `rollback` goes back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The generation with this number in `impctl history`, or with this id; none: the newest one that does not run and is not
    /// held back.
    Generation(Option<String>),
    /// What was confirmed last.
    Confirmed,
}

/// The documents run, and every part has taken its change; or exit code 78 where they are invalid, 1 where a part refused.
pub fn run(root: &Root, options: &Options) -> Result<(), Failure> {
    allowed(root, "apply")?;
    // Whoever is at it is named now, instead of after a reload that fails.
    drop(lock(root, "impctl apply", PATIENCE)?);
    apply(root, options)
}

/// The change that waits for its confirmation stays.
pub fn confirm(root: &Root) -> Result<(), Failure> {
    allowed(root, "confirm")?;
    let _lock = lock(root, "impctl confirm", PATIENCE)?;
    let id = confirm_change(root)?;
    out::print(&format!("generation {id} is confirmed\n"))
}

/// The documents of another generation are in place of those in `/persistent/config`, and run.
pub fn rollback(root: &Root, target: &Target, options: &Options) -> Result<(), Failure> {
    allowed(root, "rollback")?;
    match target {
        Target::Confirmed => {
            give_up(root)?;
            out::print(
                "what was confirmed last runs again; the documents are held back until they are changed\n",
            )
        }
        Target::Generation(wanted) => {
            let id = restore(root, wanted.as_deref())?;
            let message = options.message.clone();
            apply(
                root,
                &Options {
                    message: Some(message.unwrap_or_else(|| format!("rollback {id}"))),
                    ..options.clone()
                },
            )
        }
    }
}

fn restore(root: &Root, wanted: Option<&str>) -> Result<Id, Failure> {
    let _lock = lock(root, "impctl rollback", PATIENCE)?;
    let store = Store::new(root);
    let id = match wanted {
        Some(wanted) => super::history::find(&store, wanted)?,
        None => super::history::previous(root)?,
    };
    if let Some(hold) = store.hold_on(&id) {
        let text = format!(
            "generation {id} is held back: {}; nothing is changed, 'impctl history' shows the others",
            hold.why("it")
        );
        return Err(Failure::new(Kind::Failed, text));
    }
    let candidate = examine(&store.folder(&id), &facts::frr::machine(root));
    let ready = candidate.ready.filter(|ready| ready.id() == id);
    let Some(ready) = ready else {
        let report = crate::config::report::text(&candidate.diagnostics, &candidate.sources, out::colour());
        let text = format!("this version does not accept generation {id}; nothing is changed\n\n{report}");
        return Err(Failure::new(Kind::Config, text.trim_end()));
    };
    let most = usize::from(ready.model.apply.generations);
    let before = documents::restore(root, &store, &id, most)?;
    out::print(&match before == id {
        true => format!("{} holds generation {id} already\n", paths::CONFIG),
        false => format!(
            "{} now holds generation {id}; what was there is kept as generation {before}\n",
            paths::CONFIG
        ),
    })?;
    Ok(id)
}

fn apply(root: &Root, options: &Options) -> Result<(), Failure> {
    let mut shown = Shown::begin(out::is_rewritable());
    let request = Request {
        id: format!("{}-{}", pid::own(), clock::since_kernel_start_ms()),
        author: login::name(),
        message: options.message.clone(),
        confirm: wanted(root, options.confirm, &mut shown)?,
        // Last: what worked before may have taken a while to look at.
        asked_ms: clock::since_kernel_start_ms(),
    };
    request
        .write(root)
        .map_err(|error| Failure::new(Kind::Failed, format!("apply-request.json: {error}")))?;
    let job = Job::awaited(Verb::Reload, "imp-config.service");
    let reload = move || systemd(&job, LONGEST);
    let result = meanwhile(reload, EVERY, || shown.show(answer(root, &request).as_ref()))?;
    let result = result.unwrap_or(JobResult::Untold);
    let record = answer(root, &request);
    shown.end(record.as_ref())?;
    let Some(record) = record else {
        // Nobody took it.
        let _ = request.withdraw(root);
        let text = format!(
            "nothing is changed: reload imp-config.service: {result}; 'systemctl status imp-config' says more"
        );
        return Err(Failure::new(Kind::Failed, text));
    };
    conclude(root, &record)
}

fn wanted(root: &Root, asked: Option<Asked>, shown: &mut Shown) -> Result<Wanted, Failure> {
    let default = || Ok::<u32, Failure>(running_model(root)?.apply.confirm_timeout.get());
    Ok(match asked {
        None => Wanted::Nothing,
        Some(Asked::Default) => Wanted::Confirmation(default()?),
        Some(Asked::Within(time)) => Wanted::Confirmation(time.get()),
        Some(Asked::Auto) => {
            let machine = root.clone();
            let look = || shown.says("health", "looking at what works now");
            meanwhile(move || Before::take(&machine), EVERY, look)?.unwrap_or_else(|| {
                Err(Failure::new(
                    Kind::Failed,
                    "the look at what works now has crashed",
                ))
            })?;
            let seconds = default()?;
            if let Some(needed) = too_short_for_auto(root, seconds) {
                shown.notes(&format!(
                    "warning: a BGP neighbour that this cuts off is not noticed: 'confirm-timeout' of [apply] is {seconds} s, and \
                     '--confirm auto' needs {needed} s for that\n"
                ))?;
            }
            Wanted::Auto(seconds)
        }
    })
}

/// The record of the reload that took this request.
fn answer(root: &Root, request: &Request) -> Option<Record> {
    let record = Record::read(root).ok().flatten();
    record.filter(|record| record.id == request.id)
}

/// How it ended, in words.
fn conclude(root: &Root, record: &Record) -> Result<(), Failure> {
    let generation = record
        .generation
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let mut text = String::new();
    for impact in &record.impacts {
        let _ = writeln!(text, "  {impact}");
    }
    match record.outcome {
        Some(Outcome::Done) => {
            let _ = writeln!(
                text,
                "generation {generation} runs, after {:.1} s",
                record.seconds
            );
        }
        Some(Outcome::Unchanged) => {
            let _ = writeln!(
                text,
                "generation {generation} runs already; nothing had to be changed"
            );
        }
        Some(Outcome::Refused) => return Err(Failure::new(Kind::Config, record.words.clone())),
        Some(Outcome::WentBack | Outcome::Failed) => {
            out::print(&text)?;
            return Err(Failure::new(Kind::Failed, record.words.clone()));
        }
        None => {
            let text = "the reload ended in its middle; 'systemctl reload imp-config' finishes it";
            return Err(Failure::new(Kind::Failed, text));
        }
    }
    if let Some(confirm) = Confirm::read(root)? {
        let _ = writeln!(text, "{}", waits(&confirm));
    }
    out::print(&text)
}

/// What a change that is not confirmed waits for, in a sentence.
pub fn waits(confirm: &Confirm) -> String {
    let left = confirm.left();
    let time = match left {
        0..120 => format!("{left} s"),
        _ => format!("{} min", left.div_ceil(60)),
    };
    let by_itself = match confirm.auto {
        true => " unless everything works as before",
        false => "",
    };
    format!(
        "generation {} goes back to {} in {time}{by_itself}; 'impctl confirm' keeps it",
        confirm.documents, confirm.instead
    )
}

/// Only root changes a router, and only the one it is on.
fn allowed(root: &Root, command: &str) -> Result<(), Failure> {
    if !root.is_machine() {
        let text = format!("'impctl {command}' changes the running machine and takes no --root");
        return Err(Failure::new(Kind::Usage, text));
    }
    match login::is_root() {
        true => Ok(()),
        false => Err(Failure::new(
            Kind::Privilege,
            format!("only root may change this router: run 'sudo impctl {command}'"),
        )),
    }
}

//! `/run/imp/apply.json`: how far the last apply came, what it cost and how it ended.

use super::replaced::Replaced;
use super::request::Request;
use crate::exit::Failure;
use crate::host::{clock, json};
use crate::plan::Impact;
use crate::plan::reload::{Part, Who};
use crate::types::generation::Id;
use crate::types::{Job, Root};
use serde::{Deserialize, Serialize};
use std::io;
use std::time::{Duration, Instant};

const RECORD: &str = "run/imp/apply.json";

/// What an apply does at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The documents are read and checked.
    Checking,
    /// The parts are told, one after another.
    Applying,
    /// A part refused, and what ran before runs again.
    GoingBack,
    /// It has ended.
    Ended,
}

/// How an apply ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The documents run.
    Done,
    /// The documents ran already, and no part had anything to do.
    Unchanged,
    /// The documents are invalid or held back, and nothing was changed.
    Refused,
    /// A part refused; what ran before runs again.
    WentBack,
    /// A part refused, and there is nothing to go back to or going back failed.
    Failed,
}

/// How far a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Its turn has not come.
    Waiting,
    /// It is at work.
    Running,
    /// It has done its work.
    Done,
    /// It had nothing to do, or does not run.
    Unchanged,
    /// systemd does it after this reload.
    Queued,
    /// It refused.
    Failed,
}

/// A part of the apply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PartState {
    /// Which.
    pub part: String,
    /// How far it is.
    pub state: State,
    /// The job that it waits for while it is at work; else empty.
    #[serde(default)]
    pub job: String,
    /// How long it took.
    pub seconds: f64,
    /// Why it refused.
    pub words: String,
}

/// The record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Record {
    /// Which request it answers; empty for a reload that nobody asked `impctl` for.
    pub id: String,
    /// The login of whoever asked for it.
    pub author: Option<String>,
    /// What the author said about it.
    pub message: Option<String>,
    /// When it began, in seconds since 1970.
    pub began: u64,
    /// What it does at the moment.
    pub phase: Phase,
    /// What ran when it began.
    pub before: Option<Id>,
    /// What runs now, or is about to.
    pub generation: Option<Id>,
    /// What the change costs, a line each.
    pub impacts: Vec<String>,
    /// The parts, in their order.
    pub parts: Vec<PartState>,
    /// How it ended; `null` while it goes on, and when it was killed.
    pub outcome: Option<Outcome>,
    /// What there is to say about the end.
    pub words: String,
    /// How long it took as a whole.
    pub seconds: f64,
}

impl Record {
    /// The record of the last apply of this boot; `None` when there was none.
    pub fn read(root: &Root) -> io::Result<Option<Self>> {
        json::read(&root.join(RECORD))
    }
}

/// The record while it is written: anew at each step.
#[derive(Debug)]
pub struct Progress {
    root: Root,
    record: Record,
    began: Instant,
    /// What ran before anything of the new documents was written.
    pub(super) replaced: Replaced,
    /// A reload that changes nothing and that nobody waits for leaves the record of the last apply.
    shown: bool,
}

impl Progress {
    /// An apply begins.
    pub fn begin(root: &Root, request: Option<&Request>, before: Option<Id>) -> Self {
        let mut progress = Self {
            root: root.clone(),
            record: Record {
                id: request.map(|it| it.id.clone()).unwrap_or_default(),
                author: request.and_then(|it| it.author.clone()),
                message: request.and_then(|it| it.message.clone()),
                began: clock::unix_seconds(),
                phase: Phase::Checking,
                before,
                generation: None,
                impacts: Vec::new(),
                parts: Vec::new(),
                outcome: None,
                words: String::new(),
                seconds: 0.0,
            },
            began: Instant::now(),
            replaced: Replaced::default(),
            shown: request.is_some(),
        };
        progress.write();
        progress
    }

    /// Something else runs from now on, and nothing of that is written yet.
    pub(in crate::step) fn replaces(&mut self, replaced: Replaced) {
        self.replaced = replaced;
    }

    /// The documents of this generation are applied.
    pub fn applies(&mut self, generation: &Id) {
        self.record.generation = Some(generation.clone());
        if self.record.phase == Phase::Checking {
            self.record.phase = Phase::Applying;
        }
    }

    /// What ran before is to run again.
    pub fn goes_back(&mut self) {
        self.record.phase = Phase::GoingBack;
        self.record.parts.retain(|part| part.state != State::Waiting);
    }

    /// These parts have their turn yet, in this order.
    pub fn planned(&mut self, parts: &[Part]) {
        self.record.parts.retain(|part| part.state != State::Waiting);
        let waiting = parts.iter().map(|part| PartState {
            part: part.who.to_string(),
            state: State::Waiting,
            job: String::new(),
            seconds: 0.0,
            words: String::new(),
        });
        self.record.parts.extend(waiting);
        self.shown |= !parts.is_empty();
        self.write();
    }

    /// What the change costs.
    pub fn costs(&mut self, impacts: impl IntoIterator<Item = Impact>) {
        let lines = impacts.into_iter().filter(|impact| *impact != Impact::Live);
        for line in lines.map(|impact| impact.to_string()) {
            if !self.record.impacts.contains(&line) {
                self.record.impacts.push(line);
            }
        }
    }

    /// A part is at work, and waits for this job.
    pub fn waits_for(&mut self, who: &Who, job: &Job) {
        self.set(who, State::Running, |part| part.job = job.to_string());
    }

    /// A part has ended.
    pub fn ended(&mut self, who: &Who, state: State, took: Duration, words: &str) {
        self.set(who, state, |part| {
            part.job.clear();
            part.seconds = rounded(took);
            words.clone_into(&mut part.words);
        });
    }

    fn set(&mut self, who: &Who, state: State, with: impl FnOnce(&mut PartState)) {
        let name = who.to_string();
        let open = |part: &&mut PartState| {
            part.part == name && matches!(part.state, State::Waiting | State::Running)
        };
        if let Some(part) = self.record.parts.iter_mut().find(open) {
            part.state = state;
            with(part);
        }
        self.write();
    }

    /// Whether a part had anything to do.
    pub fn has_parts(&self) -> bool {
        let idle = |part: &PartState| matches!(part.state, State::Unchanged | State::Waiting);
        self.record.parts.iter().any(|part| !idle(part))
    }

    /// It has ended like this.
    pub fn ends(&mut self, outcome: Outcome, result: &Result<(), Failure>) {
        self.record.phase = Phase::Ended;
        self.record.outcome = Some(outcome);
        self.record.words = result.as_ref().err().map(ToString::to_string).unwrap_or_default();
        self.record.seconds = rounded(self.began.elapsed());
        self.shown |= result.is_err();
        self.write();
    }

    /// Without a record the apply goes on: it is for people who wait.
    fn write(&mut self) {
        if !self.shown {
            return;
        }
        // A refused line may hold a secret.
        if let Err(error) = json::write(&self.root.join(RECORD), &self.record, 0o600) {
            tracing::warn!("{RECORD}: {error}");
        }
    }
}

fn rounded(took: Duration) -> f64 {
    (took.as_secs_f64() * 1000.0).round() / 1000.0
}

//! What was applied to which VPP, and what became of it.

use crate::facts::output;
use crate::host::file::{self, Effect};
use crate::host::json;
use crate::host::paths;
use crate::render::BEGIN;
use crate::types::{InstanceName, Root};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use crate::host::pid::Process;

/// The commands that were applied to a VPP. Kept in a file, because VPP's own log is a ring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The digest of the commands.
    pub generation: String,
    /// The process they were applied to.
    #[serde(flatten)]
    pub process: Process,
    /// The startup configuration that process was started with.
    #[serde(default)]
    pub startup: String,
    /// The commands themselves, with their origins. What is to be changed in place starts from them.
    #[serde(default)]
    pub commands: String,
}

impl Applied {
    /// The record in a file; `None` if there is none, or it cannot be read.
    pub fn load(path: &Path) -> Option<Self> {
        json::read(path).ok()?
    }

    /// Whether it is about the same commands and the same process.
    pub fn is_same(&self, other: &Self) -> bool {
        self.generation == other.generation && self.process == other.process
    }

    /// Writes the record to the file.
    pub fn save(&self, path: &Path) -> io::Result<Effect> {
        json::write(path, self, 0o644)
    }
}

/// The commands that were begun to be applied to a VPP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// The digest of the commands.
    pub generation: String,
    /// The process they are for.
    #[serde(flatten)]
    pub process: Process,
}

impl Begun {
    /// The record in a file; `None` if there is none, or it cannot be read.
    pub fn load(path: &Path) -> Option<Self> {
        json::read(path).ok()?
    }
}

/// How a change in place was begun; the first line of its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Where it leads.
    #[serde(flatten)]
    pub begun: Begun,
    /// The commands it leads to.
    pub commands: String,
    /// Its steps, as they are printed.
    pub steps: Vec<String>,
}

/// What is known of one step, in the order of the steps; a line each behind the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// The next step is about to be sent.
    Sent,
    /// It was carried out.
    Done,
    /// It was not.
    Refused,
    /// From here on, what was carried out is taken back.
    Back,
    /// A line that says nothing.
    Unreadable,
}

impl Note {
    /// The word that stands for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Back => "back",
            Self::Unreadable => "?",
        }
    }

    fn of(word: &str) -> Self {
        let all = [Self::Sent, Self::Done, Self::Refused, Self::Back];
        let found = all.into_iter().find(|note| note.word() == word);
        found.unwrap_or(Self::Unreadable)
    }
}

/// A change in place that has not ended: it is being made, or whoever made it was killed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changing {
    /// How it was begun.
    pub change: Change,
    /// How far it came.
    pub notes: Vec<Note>,
}

impl Changing {
    /// The record in a file; `None` if there is none, or it was not written by us.
    pub fn load(path: &Path) -> Option<Self> {
        let text = file::read_text(path).ok()??;
        let (change, notes) = text.split_once('\n')?;
        Some(Self {
            change: serde_json::from_str(change).ok()?,
            notes: notes.lines().map(Note::of).collect(),
        })
    }
}

/// An instance's two files, as texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The startup configuration.
    pub startup: String,
    /// The commands.
    pub commands: String,
}

impl Wanted {
    /// The files as they are now; an error if one of them is missing.
    pub fn read(root: &Root, name: &InstanceName) -> io::Result<Self> {
        Ok(Self {
            startup: fs::read_to_string(Record::Startup.path(root, name))?,
            commands: fs::read_to_string(Record::Commands.path(root, name))?,
        })
    }
}

/// Why a VPP does not have its commands: on record until it has some.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// The digest of the commands.
    pub generation: String,
    /// What went wrong: `imp.toml:56: vpp refused '…': …`.
    pub words: String,
}

/// The records of an instance, below `/run/imp/vpp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// The startup configuration, as rendered.
    Startup,
    /// The commands, as rendered.
    Commands,
    /// What was applied, written last.
    Applied,
    /// What was begun, written first.
    Begun,
    /// A change in place that has not ended.
    Changing,
    /// Why it failed.
    Failed,
}

impl Record {
    /// Its path.
    pub fn path(self, root: &Root, name: &InstanceName) -> PathBuf {
        let file = match self {
            Self::Startup => format!("startup-{name}.conf"),
            Self::Commands => format!("commands-{name}.txt"),
            Self::Applied => format!("{name}.applied"),
            Self::Begun => format!("{name}.begun"),
            Self::Changing => format!("{name}.changing"),
            Self::Failed => format!("{name}.failed"),
        };
        root.join(paths::VPP).join(file)
    }
}

/// An instance: what it is to have, what it has, and what went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceFacts {
    /// The digest of its commands; `None` when there are none.
    pub wanted: Option<String>,
    /// What was applied last.
    pub applied: Option<Applied>,
    /// Whether the process that was applied to still runs.
    pub alive: bool,
    /// The change of that process that has not ended.
    pub changing: Option<Changing>,
    /// Why that failed.
    pub failed: Option<Failed>,
}

impl InstanceFacts {
    /// Reads the records of an instance.
    pub fn read(root: &Root, name: &InstanceName) -> Self {
        let applied = Applied::load(&Record::Applied.path(root, name));
        let runs =
            |record: &Applied| Process::running(record.process.pid).is_ok_and(|it| it == record.process);
        Self {
            wanted: digest(root, name),
            alive: applied.as_ref().is_some_and(runs),
            changing: Changing::load(&Record::Changing.path(root, name)).filter(|changing| {
                let process = changing.change.begun.process;
                applied.as_ref().is_some_and(|applied| applied.process == process)
            }),
            applied,
            failed: failure(root, name),
        }
    }

    /// Whether it has what it is to have, runs, and is not being changed.
    pub fn is_as_wanted(&self) -> bool {
        let applied = self.applied.as_ref().map(|applied| &applied.generation);
        self.alive && self.changing.is_none() && self.wanted.is_some() && applied == self.wanted.as_ref()
    }
}

/// The digest of an instance's commands.
pub fn digest(root: &Root, name: &InstanceName) -> Option<String> {
    let text = file::read_text(&Record::Commands.path(root, name)).ok()??;
    let digest = text.lines().find_map(|line| line.strip_prefix(BEGIN))?;
    Some(digest.to_owned())
}

/// Why an instance does not have its commands.
pub fn failure(root: &Root, name: &InstanceName) -> Option<Failed> {
    json::read(&Record::Failed.path(root, name)).ok()?
}

/// What went wrong with each instance that does not have its commands.
pub fn failures(root: &Root) -> Vec<String> {
    let names = output::instances(root);
    let failures = names.iter().filter_map(|name| failure(root, name));
    failures.map(|failed| failed.words).collect()
}

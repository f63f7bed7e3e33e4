//! Whether VPP took a reload, or the reload has to go back. Pure.

use crate::facts::vpp::{InstanceFacts, Process};
use crate::plan::reload::Part;
use crate::types::InstanceName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An instance as it was when a reload was about to restart it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// The digest of the commands it was to have.
    pub wanted: Option<String>,
    /// The process that had its commands.
    pub process: Option<Process>,
}

impl From<&InstanceFacts> for Before {
    fn from(facts: &InstanceFacts) -> Self {
        Self {
            wanted: facts.wanted.clone(),
            process: facts.applied.as_ref().map(|applied| applied.process),
        }
    }
}

/// What has become of the instances a reload restarts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// At least one is not there yet.
    Waiting,
    /// Each has its commands and runs.
    Runs,
    /// One did not take them, or died of them: why.
    Failed(String),
}

/// The instances these parts restart or start, or may restart.
pub fn restarted<'n>(
    parts: &[Part],
    instances: impl Iterator<Item = &'n InstanceName>,
) -> BTreeSet<InstanceName> {
    let restarted = instances.filter(|name| parts.iter().any(|part| part.may_restart(name)));
    restarted.cloned().collect()
}

/// How far the reload is, by what each of its instances was before and is now.
pub fn progress<'n>(
    instances: impl IntoIterator<Item = (&'n InstanceName, &'n Before, InstanceFacts)>,
) -> Progress {
    let mut all = Progress::Runs;
    for (name, before, now) in instances {
        match one(name, before, &now) {
            Progress::Failed(words) => return Progress::Failed(words),
            Progress::Waiting => all = Progress::Waiting,
            Progress::Runs => {}
        }
    }
    all
}

fn one(name: &InstanceName, before: &Before, now: &InstanceFacts) -> Progress {
    let failed = now.failed.as_ref();
    // A failure with the commands of before is none of this reload's.
    let is_new = |generation: &String| before.process.is_some() || before.wanted.as_ref() != Some(generation);
    if let Some(failed) =
        failed.filter(|it| now.wanted.as_ref() == Some(&it.generation) && is_new(&it.generation))
    {
        return Progress::Failed(failed.words.clone());
    }
    let Some(applied) = &now.applied else {
        return Progress::Waiting;
    };
    if Some(applied.process) == before.process || Some(&applied.generation) != now.wanted.as_ref() {
        return Progress::Waiting;
    }
    match now.alive {
        true => Progress::Runs,
        false => Progress::Failed(format!("vpp '{name}' ended after it had taken its commands")),
    }
}

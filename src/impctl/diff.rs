//! `impctl diff`: what applying the documents would change, who would do what, and what that costs. Nothing is touched.

mod text;

use super::{Format, check, out};
use crate::config::report;
use crate::exit::{Failure, Kind};
use crate::host::paths::CONFIG;
use crate::step::candidate::Candidate;
use crate::step::difference::{Before, Difference, between};
use crate::step::generation::Store;
use crate::types::Root;
use crate::types::generation::Id;
use std::path::Path;

/// What was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The generation to compare with; what runs if none is named.
    pub from: Option<String>,
    /// The generation to compare; the documents if none is named.
    pub to: Option<String>,
    /// Whether every member, command and line is listed.
    pub verbose: bool,
    /// How it is printed.
    pub format: Format,
}

/// Prints the difference. Exit code 2 when there is one, 78 when the documents are refused, 77 when a file is not for whoever
/// asks.
pub fn run(root: &Root, request: &Request) -> Result<(), Failure> {
    let store = Store::new(root);
    let before = match &request.from {
        Some(name) => Before::Kept(named(&store, name)?),
        None => Before::Running,
    };
    let folder = match &request.to {
        Some(name) => store.folder(&named(&store, name)?),
        None => root.join(CONFIG),
    };
    readable(&before, &store, &folder)?;
    let candidate = check::examine(root, &folder);
    for problem in &candidate.problems {
        tracing::warn!("{problem}");
    }
    let Some(ready) = &candidate.ready else {
        return refused(&candidate, request.format);
    };
    let mut difference = between(root, &before, ready)?;
    if before == Before::Running && !store.running().is_dir() {
        difference
            .notes
            .push("nothing runs yet: all of it is new".to_owned());
    }
    if let Some(hold) = store.hold_on(&ready.id()).filter(|_| request.to.is_none()) {
        let (why, instead) = (hold.why("them"), &hold.instead);
        difference.notes.push(format!(
            "these documents are held back until they are changed: {why}; generation {instead} runs instead"
        ));
    }
    out::print(&match request.format {
        Format::Json => serde_json::to_string_pretty(&difference).unwrap_or_default() + "\n",
        Format::Text => text::whole(&difference, request.verbose, out::colour()),
    })?;
    match difference.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(Kind::Difference, "")),
    }
}

/// The same for people.
pub(super) fn shown(difference: &Difference) -> String {
    text::whole(difference, false, out::colour())
}

/// What applying them would mean, in one line: `3 changes; live`.
pub(super) fn in_short(difference: &Difference) -> String {
    text::summary(difference)
}

/// The same for documents whose examination had no end.
pub fn without_answer(format: Format, how: &str) -> Result<(), Failure> {
    refused(&Candidate::without_answer(how), format)
}

fn refused(candidate: &Candidate, format: Format) -> Result<(), Failure> {
    out::print(&match format {
        Format::Json => report::json(&candidate.diagnostics, &candidate.sources),
        Format::Text => report::text(&candidate.diagnostics, &candidate.sources, out::colour()),
    })?;
    Err(Failure::new(Kind::Config, ""))
}

/// The kept generation of a number in `impctl history`, 0 being the newest, or of a name.
pub(super) fn named(store: &Store, name: &str) -> Result<Id, Failure> {
    let kept = store
        .newest_first()
        .map_err(|error| Failure::new(Kind::Failed, format!("kept generations: {error}")))?;
    let number = name.parse::<usize>().ok().filter(|_| name.len() < 12);
    let found = match number {
        Some(number) => kept.get(number),
        None => kept.iter().find(|id| id.as_ref() == name),
    };
    found.cloned().ok_or_else(|| {
        let known = match kept.len() {
            0 => "none is kept on this machine".to_owned(),
            1 => "only 0 is kept on this machine".to_owned(),
            many => format!("this machine keeps 0 to {}", many - 1),
        };
        Failure::new(Kind::Usage, format!("there is no generation '{name}': {known}"))
    })
}

/// Everything that is read is for whoever asks.
fn readable(before: &Before, store: &Store, after: &Path) -> Result<(), Failure> {
    let before = match before {
        Before::Running => store.running().to_owned(),
        Before::Kept(id) => store.folder(id),
    };
    check::readable(&before, "diff")?;
    check::readable(after, "diff")
}

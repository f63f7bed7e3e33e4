//! `impctl history` and `impctl show`: the generations that are kept, and their documents.

use super::{Format, out};
use crate::exit::{Failure, Kind};
use crate::facts::status::Status;
use crate::host::clock;
use crate::step::apply::confirm::Confirm;
use crate::step::apply::documents;
use crate::step::generation::{By, Store};
use crate::types::Root;
use crate::types::generation::Id;
use serde::Serialize;
use std::fmt::Write as _;

/// A kept generation, as a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Row {
    /// What `rollback`, `show` and `diff` call it.
    pub number: usize,
    /// Its id.
    pub generation: Id,
    /// When it was last applied, in seconds since 1970; `null` where that is not on record.
    pub at: Option<u64>,
    /// By whom; nobody is known of a boot and of a plain reload.
    pub author: Option<String>,
    /// Why.
    pub message: Option<String>,
    /// Whether it is confirmed, or never had to be.
    pub confirmed: bool,
    /// Whether it runs.
    pub running: bool,
    /// Whether its documents are held back.
    pub held_back: bool,
}

/// The kept generations, the last good one first.
pub fn rows(root: &Root) -> Result<Vec<Row>, Failure> {
    let store = Store::new(root);
    let running = Status::read(root)
        .ok()
        .flatten()
        .and_then(|status| status.generation);
    let waits = Confirm::read(root)?.map(|confirm| confirm.documents);
    let events = store.events();
    let ids = kept(&store)?;
    let rows = ids.into_iter().enumerate().map(|(number, generation)| {
        let event = events.iter().rev().find(|event| event.generation == generation);
        let by = event.map_or_else(By::default, |event| event.by.clone());
        Row {
            number,
            at: event.map(|event| event.at),
            author: by.author,
            message: by.message,
            confirmed: waits.as_ref() != Some(&generation) && by.confirmed,
            running: running.as_deref() == Some(generation.as_ref()),
            held_back: store.hold_on(&generation).is_some(),
            generation,
        }
    });
    Ok(rows.collect())
}

/// Prints the kept generations.
pub fn run(root: &Root, format: Format) -> Result<(), Failure> {
    let rows = rows(root)?;
    out::print(&match format {
        Format::Json => serde_json::to_string_pretty(&rows).unwrap_or_default() + "\n",
        Format::Text => text(&rows, clock::unix_seconds()),
    })
}

/// The generation with this number, 0 being the last good one, or with this id.
pub fn find(store: &Store, wanted: &str) -> Result<Id, Failure> {
    let kept = kept(store)?;
    let number = wanted.parse::<usize>().ok().filter(|_| wanted.len() < 12);
    let found = match number {
        Some(number) => kept.get(number),
        // An id may consist of digits alone.
        None => kept.iter().find(|id| id.as_ref() == wanted),
    };
    found.cloned().ok_or_else(|| {
        let known = match kept.len() {
            0 => "none is kept on this machine".to_owned(),
            1 => "only 0 is kept on this machine".to_owned(),
            many => format!("this machine keeps 0 to {}", many - 1),
        };
        Failure::new(Kind::Usage, format!("there is no generation '{wanted}': {known}"))
    })
}

/// The newest generation that neither runs nor is held back: what a rollback leads to.
pub(super) fn previous(root: &Root) -> Result<Id, Failure> {
    let text = "there is no other generation to go back to; 'impctl history' shows what is kept";
    rows(root)?
        .into_iter()
        .find(|row| !row.running && !row.held_back)
        .map(|row| row.generation)
        .ok_or_else(|| Failure::new(Kind::Failed, text))
}

fn kept(store: &Store) -> Result<Vec<Id>, Failure> {
    store
        .newest_first()
        .map_err(|error| Failure::new(Kind::Failed, format!("kept generations: {error}")))
}

/// Prints the documents of a generation. Of what may hold a secret only the names are shown.
pub fn show(root: &Root, wanted: &str) -> Result<(), Failure> {
    let store = Store::new(root);
    let id = find(&store, wanted)?;
    let tree = documents::read(&store.folder(&id));
    let mut text = String::new();
    let (own, others): (Vec<_>, Vec<_>) = tree
        .iter()
        .partition(|(path, _)| path.ends_with(".toml") && !path.contains('/'));
    for (path, file) in own {
        let _ = writeln!(text, "# {path}");
        text.push_str(&String::from_utf8_lossy(&file.bytes));
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
    for (path, file) in others {
        let _ = writeln!(text, "# {path}: {} bytes, not shown", file.bytes.len());
    }
    out::print(&text)
}

/// The rows as a table.
pub fn text(rows: &[Row], now: u64) -> String {
    let mut text = format!(
        "{:>3}  {:<12}  {:>7}  {:<12}  {}\n",
        "N", "generation", "age", "who", "message"
    );
    for row in rows {
        let age = row.at.map_or("-".to_owned(), |at| age(now.saturating_sub(at)));
        let mut marks = Vec::new();
        marks.extend(row.running.then_some("running"));
        marks.extend((!row.confirmed).then_some("not confirmed"));
        marks.extend(row.held_back.then_some("held back"));
        let marks = match marks.as_slice() {
            [] => String::new(),
            marks => format!("({})", marks.join(", ")),
        };
        let message = row.message.as_deref().unwrap_or_default();
        let words: Vec<&str> = [marks.as_str(), message]
            .into_iter()
            .filter(|it| !it.is_empty())
            .collect();
        let line = format!(
            "{:>3}  {:<12}  {age:>7}  {:<12}  {}",
            row.number,
            row.generation.as_ref(),
            row.author.as_deref().unwrap_or("-"),
            words.join(" ")
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// A time span as one number: `12 min`.
pub fn age(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

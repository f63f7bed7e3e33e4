//! A difference as people read it.

use crate::config::difference::{Change, Entry, Shown};
use crate::plan::Impact;
use crate::plan::consequence::{Consequence, counted};
use crate::step::difference::Difference;
use crate::types::is_hostile;
use serde_json::Value as Json;
use std::fmt::Write as _;

/// How many members of a list are shown, of those that are new and of those that are gone.
const FEW: usize = 10;
/// How wide a value may be before it is cut, in characters.
const WIDE: usize = 160;

/// What stands before a line, and its colour.
#[derive(Clone, Copy)]
enum Mark {
    Added,
    Removed,
    Changed,
}

/// Changes, what follows, what it costs.
pub(super) fn whole(difference: &Difference, verbose: bool, colour: bool) -> String {
    let mut text = Text {
        out: String::new(),
        verbose,
        colour,
    };
    for entry in &difference.changes {
        text.entry(entry);
    }
    if difference.changes.is_empty() {
        text.out.push_str("no difference in meaning\n");
    }
    if !difference.consequences.is_empty() {
        text.consequences(&difference.consequences);
        text.cost(&difference.impacts);
    } else if !difference.changes.is_empty() {
        text.out.push_str("\nno part of the router has anything to do\n");
    }
    for note in &difference.notes {
        let _ = writeln!(text.out, "\nnote: {note}");
    }
    text.out
}

/// `3 changes; live`.
pub(super) fn summary(difference: &Difference) -> String {
    if difference.is_empty() {
        return "no difference from what runs".to_owned();
    }
    let changes = counted(difference.changes.len(), "change");
    let cost: Vec<String> = difference.impacts.iter().map(Impact::to_string).collect();
    match cost.is_empty() {
        true => format!("{changes}; no part of the router has anything to do"),
        false => format!("{changes}; {}", cost.join("; ")),
    }
}

struct Text {
    out: String,
    verbose: bool,
    colour: bool,
}

impl Text {
    fn line(&mut self, mark: Mark, words: &str) {
        let (sign, colour) = match mark {
            Mark::Added => ('+', 32),
            Mark::Removed => ('-', 31),
            Mark::Changed => ('~', 33),
        };
        let _ = match self.colour {
            true => writeln!(self.out, "\u{1b}[{colour}m{sign} {words}\u{1b}[0m"),
            false => writeln!(self.out, "{sign} {words}"),
        };
    }

    fn entry(&mut self, entry: &Entry) {
        let path = visible(&entry.path);
        match &entry.change {
            Change::Added { after } => self.value(Mark::Added, &path, after),
            Change::Removed { before } => self.value(Mark::Removed, &path, before),
            Change::Changed { before, after } => {
                let (old, new) = (value(&before.value), value(&after.value));
                let places = places(&before.place, &after.place);
                self.line(Mark::Changed, &format!("{path}: {old} → {new} ({places})"));
            }
            Change::Members {
                added,
                removed,
                reordered,
            } => {
                self.members(Mark::Removed, &path, removed);
                self.members(Mark::Added, &path, added);
                if *reordered {
                    self.line(Mark::Changed, &format!("{path}: in another order"));
                }
            }
            Change::Renamed {
                to,
                before_place,
                after_place,
            } => {
                let places = places(before_place, after_place);
                let words = format!("{path} is now {} ({places})", visible(to));
                self.line(Mark::Changed, &words);
            }
            Change::Secret { file, place } => {
                let words = format!("{path}: {} (secret changed) ({place})", visible(file));
                self.line(Mark::Changed, &words);
            }
            Change::Lines { added, removed } => {
                let words = match (added, removed) {
                    (0, 0) => "the same lines in another order".to_owned(),
                    _ => format!("+{added} −{removed} lines"),
                };
                self.line(Mark::Changed, &format!("{path}: {words}"));
            }
        }
    }

    fn value(&mut self, mark: Mark, path: &str, shown: &Shown) {
        self.line(
            mark,
            &format!("{path}: {} ({})", value(&shown.value), shown.place),
        );
    }

    /// The members of a list; of a long one the first.
    fn members(&mut self, mark: Mark, path: &str, members: &[Shown]) {
        let most = if self.verbose || members.len() <= FEW + 1 {
            members.len()
        } else {
            FEW
        };
        for member in &members[..most] {
            self.value(mark, path, member);
        }
        if most < members.len() {
            self.line(mark, &format!("{path}: … and {} more", members.len() - most));
        }
    }

    fn consequences(&mut self, consequences: &[Consequence]) {
        self.out.push_str("\nto apply it:\n");
        let widths = consequences.iter().map(|it| it.part.len());
        let width = widths.max().unwrap_or_default();
        for it in consequences {
            let _ = writeln!(self.out, "  {:<width$}  {}", it.part, it.does);
            if self.verbose {
                for line in &it.lines {
                    let _ = writeln!(self.out, "  {:<width$}    {}", "", visible(line));
                }
            }
        }
    }

    fn cost(&mut self, impacts: &[Impact]) {
        match impacts {
            [only] => {
                let _ = writeln!(self.out, "\nwhat it costs: {only}");
            }
            several => {
                self.out.push_str("\nwhat it costs:\n");
                for impact in several {
                    let _ = writeln!(self.out, "  {impact}");
                }
            }
        }
    }
}

/// Both places; one when they are the same.
fn places(before: &str, after: &str) -> String {
    match before == after {
        true => after.to_owned(),
        false => format!("{before} → {after}"),
    }
}

/// A value in one line: as TOML, but a plain word without quotes.
fn value(value: &Json) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".:/-_+@".contains(c);
    let text = match value {
        Json::String(word) if !word.is_empty() && word.chars().all(plain) => word.clone(),
        // A member of a prefix-list.
        Json::String(words) if words.starts_with(|c: char| c.is_ascii_hexdigit()) && words.contains('/') => {
            words.clone()
        }
        other => toml(other),
    };
    let text = visible(&text);
    match text.char_indices().nth(WIDE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn toml(value: &Json) -> String {
    match value {
        Json::Array(items) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", ")),
        Json::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Json::Object(entries) => {
            let bare = |key: &str| {
                key.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            };
            let entries = entries.iter().map(|(key, value)| match bare(key) {
                true => format!("{key} = {}", toml(value)),
                false => format!("{key:?} = {}", toml(value)),
            });
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        scalar => scalar.to_string(),
    }
}

/// A text with everything escaped that could end or turn its line.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match is_hostile(c) {
            true => shown.extend(c.escape_debug()),
            false => shown.push(c),
        }
    }
    shown
}

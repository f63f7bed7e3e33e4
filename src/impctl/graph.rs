//! `impctl graph`: the router as a picture.

mod dot;
mod layout;
mod svg;
mod text;

pub use dot::dot;
pub use svg::svg;
pub use text::text;

use super::out;
use crate::exit::Failure;
use crate::plan::graph::State;
use crate::step;
use crate::types::Root;

/// How the picture is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawing {
    /// A tree for the terminal.
    Text,
    /// Its parts for programs.
    Json,
    /// For Graphviz.
    Dot,
    /// For a browser.
    Svg,
}

/// Prints the picture of what runs, or of the documents where nothing does.
pub fn run(root: &Root, drawing: Drawing) -> Result<(), Failure> {
    let graph = step::graph::graph(root)?;
    out::print(&match drawing {
        Drawing::Text => text(&graph, out::colour()),
        Drawing::Json => serde_json::to_string_pretty(&graph).unwrap_or_default() + "\n",
        Drawing::Dot => dot(&graph),
        Drawing::Svg => svg(&graph),
    })
}

/// How a part is, in a word; nothing where nobody looked.
fn word(state: State) -> &'static str {
    match state {
        State::Planned => "",
        State::Up => "up",
        State::Down => "down",
        State::Absent => "absent",
        State::Unknown => "unknown",
    }
}

/// Words in lines of at most so many columns: broken between words, and within one that is longer than a line.
fn wrap(notes: &[String], columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let last = notes.len().saturating_sub(1);
    for (index, note) in notes.iter().enumerate() {
        let note = if index == last {
            note.clone()
        } else {
            format!("{note},")
        };
        let fits = lines
            .last()
            .is_some_and(|line| width(line) + 1 + width(&note) <= columns);
        match lines.last_mut() {
            Some(line) if fits => *line += &format!(" {note}"),
            _ => lines.extend(broken(&note, columns)),
        }
    }
    lines
}

/// One note in lines.
fn broken(note: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in note.split(' ') {
        for piece in pieces(word, columns) {
            let used = lines.last().map_or(0, |line| width(line));
            match lines.last_mut() {
                Some(line) if used == 0 => line.push_str(&piece),
                Some(line) if used + 1 + width(&piece) <= columns => *line += &format!(" {piece}"),
                _ => lines.push(piece),
            }
        }
    }
    lines
}

fn pieces(word: &str, columns: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for letter in word.chars() {
        if pieces.last().is_some_and(|piece| width(piece) >= columns.max(1)) {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(letter);
        }
    }
    pieces
}

/// How many columns a text takes: the letters of East Asia and pictures take two.
fn width(text: &str) -> usize {
    const WIDE: [std::ops::RangeInclusive<char>; 6] = [
        '\u{1100}'..='\u{115f}',
        '\u{2e80}'..='\u{a4cf}',
        '\u{ac00}'..='\u{d7a3}',
        '\u{f900}'..='\u{faff}',
        '\u{fe30}'..='\u{ff60}',
        '\u{1f300}'..='\u{3fffd}',
    ];
    let columns = |letter: char| 1 + usize::from(WIDE.iter().any(|range| range.contains(&letter)));
    text.chars().map(columns).sum()
}

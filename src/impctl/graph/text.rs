//! The picture as a tree for the terminal.

use super::{width, word, wrap};
use crate::plan::graph::{Graph, Joined, Node, State};
use std::fmt::Write as _;

/// Where the notes of a line end.
const COLUMNS: usize = 110;
/// What names take at most before their notes are pushed to the right.
const NAMES: usize = 34;
/// What notes have at least, however deep the tree is.
const NOTES: usize = 30;

/// A line of the tree.
struct Row<'a> {
    /// The branches and the name.
    label: String,
    /// The branches of what follows, for the notes that do not fit.
    below: String,
    node: &'a Node,
}

/// The tree: what is inside of what, how it is, and what else is to be said.
pub fn text(graph: &Graph, colour: bool) -> String {
    let mut rows = Vec::new();
    branch(&mut rows, "", &graph.namespaces);
    let names = rows
        .iter()
        .map(|row| width(&row.label))
        .max()
        .unwrap_or(0)
        .min(NAMES);
    let states = rows
        .iter()
        .map(|row| word(row.node.state).len())
        .max()
        .unwrap_or(0);
    let mut text = format!("{}\n", graph.router);
    for row in &rows {
        line(&mut text, graph, row, (names, states), colour);
    }
    text
}

fn branch<'a>(rows: &mut Vec<Row<'a>>, before: &str, nodes: &'a [Node]) {
    for (index, node) in nodes.iter().enumerate() {
        let (turn, on) = match index + 1 == nodes.len() {
            true => ("└─ ", "   "),
            false => ("├─ ", "│  "),
        };
        let inside = format!("{before}{on}");
        rows.push(Row {
            label: format!("{before}{turn}{}", node.label()),
            below: match node.inner.is_empty() {
                true => inside.clone(),
                false => format!("{inside}│"),
            },
            node,
        });
        branch(rows, &inside, &node.inner);
    }
}

fn line(text: &mut String, graph: &Graph, row: &Row<'_>, (names, states): (usize, usize), colour: bool) {
    let mut notes = row.node.notes.clone();
    notes.extend(joints(graph, row.node));
    let start = names + 2 + if states > 0 { states + 2 } else { 0 };
    let mut notes = wrap(&notes, COLUMNS.saturating_sub(start).max(NOTES)).into_iter();
    let pad = |used: usize, to: usize| " ".repeat(to.saturating_sub(used));
    let mut first = format!("{}{}", row.label, pad(width(&row.label), names));
    if states > 0 {
        let state = word(row.node.state);
        let _ = write!(
            first,
            "  {}{}",
            painted(row.node.state, colour),
            pad(state.len(), states)
        );
    }
    if let Some(note) = notes.next() {
        let _ = write!(first, "  {note}");
    }
    let _ = writeln!(text, "{}", first.trim_end());
    for note in notes {
        let _ = writeln!(text, "{}{}{note}", row.below, pad(width(&row.below), start));
    }
}

/// What a part is joined to by a memif or a veth; other joints are plain from the tree.
fn joints(graph: &Graph, node: &Node) -> Vec<String> {
    let from = graph.edges.iter().filter(|edge| edge.from == node.id);
    from.filter_map(|edge| {
        let other = edge.to.replacen(':', " ", 1);
        match edge.by {
            Joined::Memif => Some(format!("memif to {other}")),
            Joined::Veth => Some(format!("veth to {other}")),
            Joined::Attached | Joined::Pair | Joined::Routes => None,
        }
    })
    .collect()
}

fn painted(state: State, colour: bool) -> String {
    let paint = match state {
        State::Up => "\x1b[32m",
        State::Down | State::Absent => "\x1b[1;31m",
        State::Unknown => "\x1b[33m",
        State::Planned => "",
    };
    match colour && !paint.is_empty() {
        true => format!("{paint}{}\x1b[0m", word(state)),
        false => word(state).to_owned(),
    }
}

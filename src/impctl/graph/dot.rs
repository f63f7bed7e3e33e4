//! The picture for Graphviz: `impctl graph --format dot | dot -Tpdf`.

use super::word;
use crate::plan::graph::{Graph, Joined, Kind, Node, State};
use std::fmt::Write as _;

/// The picture in the language of Graphviz.
pub fn dot(graph: &Graph) -> String {
    let mut text = format!("graph {} {{\n", quoted(&graph.router));
    text.push_str("  graph [rankdir=LR, fontname=\"sans-serif\", labeljust=l];\n");
    text.push_str("  node [shape=box, fontname=\"sans-serif\", fontsize=11];\n");
    text.push_str("  edge [fontname=\"sans-serif\", fontsize=10];\n");
    for node in &graph.namespaces {
        part(&mut text, 1, node);
    }
    for edge in &graph.edges {
        let _ = writeln!(
            text,
            "  {} -- {} [{}];",
            quoted(&edge.from),
            quoted(&edge.to),
            style(edge.by)
        );
    }
    text.push_str("}\n");
    text
}

/// A frame around what is inside, or a box; what is inside of a box hangs on it.
fn part(text: &mut String, depth: usize, node: &Node) {
    let indent = "  ".repeat(depth);
    match node.kind {
        Kind::Namespace | Kind::Vpp => {
            let _ = writeln!(
                text,
                "{indent}subgraph {} {{\n{indent}  label={};\n{indent}  style={};",
                quoted(&format!("cluster_{}", node.id)),
                label(node),
                border(node.state)
            );
            node.inner.iter().for_each(|inner| part(text, depth + 1, inner));
            let _ = writeln!(text, "{indent}}}");
        }
        _ => {
            let _ = writeln!(
                text,
                "{indent}{} [label={}, style={}];",
                quoted(&node.id),
                label(node),
                border(node.state)
            );
            for inner in &node.inner {
                part(text, depth, inner);
                let _ = writeln!(text, "{indent}{} -- {};", quoted(&node.id), quoted(&inner.id));
            }
        }
    }
}

/// Its name, how it is, and a line for each note; `\l` ends a line and sets it to the left.
fn label(node: &Node) -> String {
    let name = match word(node.state) {
        "" => node.label(),
        word => format!("{} ({word})", node.label()),
    };
    let lines = std::iter::once(&name).chain(&node.notes);
    let lines: String = lines.map(|line| format!("{}\\l", escaped(line))).collect();
    format!("\"{lines}\"")
}

fn border(state: State) -> &'static str {
    match state {
        State::Planned | State::Up => "solid",
        State::Down => "dashed",
        State::Absent | State::Unknown => "dotted",
    }
}

fn style(by: Joined) -> &'static str {
    match by {
        Joined::Attached | Joined::Routes => "style=solid",
        Joined::Pair => "style=dotted, label=pair",
        Joined::Memif => "style=bold, label=memif",
        Joined::Veth => "style=dashed, label=veth",
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

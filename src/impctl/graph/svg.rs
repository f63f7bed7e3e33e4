//! The picture for a browser: black on white, 1,200 pixels wide, without fonts, scripts or colours of its own.

use super::layout::{Area, Card, Layout, TITLE, Text, WIDTH, layout};
use crate::plan::graph::{Edge, Graph, Joined, State};
use std::fmt::Write as _;

/// Below the last namespace: what the lines mean.
const LEGEND: f64 = 34.0;

/// The picture as SVG 1.1.
pub fn svg(graph: &Graph) -> String {
    let layout = layout(graph);
    let height = layout.height + LEGEND;
    let name = escaped(&graph.router);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\">\n\
         <title>{name}</title>\n\
         <style>text {{ font: 11px \"DejaVu Sans Mono\", Menlo, Consolas, monospace; fill: #111 }} \
         .name {{ font: bold 12px \"DejaVu Sans\", Verdana, Arial, sans-serif }} \
         .router {{ font: bold 18px \"DejaVu Sans\", Verdana, Arial, sans-serif }} \
         rect, path {{ fill: none; stroke: #111 }}</style>\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" style=\"fill: #fff; stroke: none\"/>\n\
         <text class=\"router\" x=\"12\" y=\"28\">{name}</text>\n"
    );
    layout.cards.iter().for_each(|card| draw(&mut text, card));
    graph.edges.iter().for_each(|edge| join(&mut text, &layout, edge));
    legend(&mut text, layout.height + 18.0);
    text.push_str("</svg>\n");
    text
}

fn draw(text: &mut String, card: &Card) {
    let Area { x, y, width, height } = card.area;
    let fill = match card.frame {
        true => "",
        false => " fill: #fff;",
    };
    let _ = writeln!(
        text,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"4\" style=\"{}{fill}\"/>",
        border(card.state, card.frame)
    );
    for it in &card.texts {
        write_text(text, card.area, it);
    }
}

fn write_text(text: &mut String, area: Area, it: &Text) {
    let class = if it.bold { " class=\"name\"" } else { "" };
    let anchor = if it.right { " text-anchor=\"end\"" } else { "" };
    let _ = writeln!(
        text,
        "<text{class}{anchor} x=\"{}\" y=\"{}\">{}</text>",
        area.x + it.x,
        area.y + it.y,
        escaped(&it.text)
    );
}

/// Solid where it is well; broken where it is not, which a word says as well.
fn border(state: State, frame: bool) -> &'static str {
    match (state, frame) {
        (State::Planned | State::Up, true) => "stroke-width: 1.6;",
        (State::Planned | State::Up, false) => "stroke-width: 1;",
        (State::Down, _) => "stroke-width: 2; stroke-dasharray: 7 3;",
        (State::Absent | State::Unknown, _) => "stroke-width: 1.2; stroke-dasharray: 2 3;",
    }
}

fn join(text: &mut String, layout: &Layout, edge: &Edge) {
    let (Some(from), Some(to)) = (layout.places.get(&edge.from), layout.places.get(&edge.to)) else {
        return;
    };
    let middle = |area: &Area| area.y + TITLE / 2.0 + 2.0;
    let path = if to.x > from.x {
        let (x1, y1, x2, y2) = (from.x + from.width, middle(from), to.x, middle(to));
        let turn = (x1 + x2) / 2.0;
        format!("M{x1} {y1} C{turn} {y1} {turn} {y2} {x2} {y2}")
    } else {
        // In one column, the one above the other.
        let x = from.x + from.width / 2.0;
        format!("M{x} {} L{x} {}", from.y + from.height, to.y)
    };
    let _ = writeln!(text, "<path d=\"{path}\" style=\"{}\"/>", stroke(edge.by));
}

fn stroke(by: Joined) -> &'static str {
    match by {
        Joined::Attached | Joined::Routes => "stroke-width: 1.2",
        Joined::Pair => "stroke-width: 1; stroke-dasharray: 2 3",
        Joined::Memif => "stroke-width: 3",
        Joined::Veth => "stroke-width: 1.6; stroke-dasharray: 8 4",
    }
}

fn legend(text: &mut String, y: f64) {
    let all = [
        (Joined::Attached, "driven by, or belongs to"),
        (Joined::Pair, "linux-cp pair: what is for the router itself"),
        (Joined::Memif, "memif"),
        (Joined::Veth, "veth"),
    ];
    for ((by, words), x) in all.into_iter().zip([14.0, 290.0, 690.0, 830.0]) {
        let _ = writeln!(
            text,
            "<path d=\"M{x} {} L{} {}\" style=\"{}\"/>\n<text x=\"{}\" y=\"{y}\">{words}</text>",
            y - 4.0,
            x + 34.0,
            y - 4.0,
            stroke(by),
            x + 42.0
        );
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}

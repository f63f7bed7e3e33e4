//! Where everything is in the drawing: three columns (NICs; VPP core; what core is joined to), from the top down.

use super::{word, wrap};
use crate::plan::graph::{Graph, Kind, Node, State};
use std::collections::HashMap;

/// The width of the drawing, in pixels.
pub(super) const WIDTH: f64 = 1200.0;
/// The width of a letter of the notes: 0.602 of its height in every usual font of fixed width.
const LETTER: f64 = 6.63;
/// The height of a line of notes.
pub(super) const LINE: f64 = 15.0;
/// The height of a title.
pub(super) const TITLE: f64 = 20.0;
/// Left, right and below of what is in a box.
pub(super) const PAD: f64 = 8.0;
/// Between two cards.
const GAP: f64 = 12.0;
/// Between two that are joined from top to bottom.
const JOINT: f64 = 22.0;
/// The left edge and the width of each column.
const COLUMNS: [(f64, f64); 3] = [(30.0, 210.0), (290.0, 406.0), (790.0, 380.0)];

/// A rectangle.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Area {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A line of text in a card.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) text: String,
    /// From the card's left edge.
    pub(super) x: f64,
    /// The base line, from the card's top.
    pub(super) y: f64,
    pub(super) bold: bool,
    /// Set to the right edge instead.
    pub(super) right: bool,
}

/// A box with a name and lines of text.
#[derive(Debug)]
pub(super) struct Card {
    pub(super) area: Area,
    pub(super) state: State,
    pub(super) texts: Vec<Text>,
    /// Whether other cards are inside.
    pub(super) frame: bool,
}

/// Everything in its place.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// Frames come before what is inside.
    pub(super) cards: Vec<Card>,
    /// The card of each part that may be joined.
    pub(super) places: HashMap<String, Area>,
    /// The height of it all.
    pub(super) height: f64,
}

/// Lays a picture out.
pub(super) fn layout(graph: &Graph) -> Layout {
    let mut layout = Layout {
        height: 44.0,
        ..Layout::default()
    };
    for namespace in &graph.namespaces {
        layout.namespace(namespace);
    }
    layout
}

impl Layout {
    /// A namespace over the whole width, with its parts in their columns.
    fn namespace(&mut self, node: &Node) {
        let top = self.height;
        let frame = self.cards.len();
        let (mut card, begin) = frame_of(node, 12.0, top, WIDTH - 24.0);
        card.state = State::Planned;
        self.cards.push(card);
        let [mut left, mut middle, mut right] = [begin; 3];
        // Core first: NICs stand beside their interfaces.
        for vpp in node.inner.iter().filter(|it| column(it) == 1) {
            middle = self.frame(vpp, 1, middle) + GAP;
        }
        for part in node.inner.iter().filter(|it| column(it) == 0) {
            let beside = part.id.strip_prefix("nic:");
            let beside = beside.and_then(|name| self.places.get(&format!("core:{name}")));
            left = beside.map_or(left, |area| area.y.max(left));
            left = self.card(part, 0, left) + GAP;
        }
        // What many interfaces are joined to comes first: fewer lines cross.
        let (processes, cards): (Vec<&Node>, Vec<&Node>) = node
            .inner
            .iter()
            .filter(|it| column(it) == 2)
            .partition(|it| it.kind == Kind::Vpp);
        for part in cards {
            right = self.card(part, 2, right);
            right += if part.kind == Kind::Pairs { JOINT } else { GAP };
        }
        for vpp in processes {
            right = self.frame(vpp, 2, right) + GAP;
        }
        let bottom = left.max(middle).max(right);
        if let Some(card) = self.cards.get_mut(frame) {
            card.area.height = bottom - top;
        }
        self.height = bottom + GAP;
    }

    /// A process with what is in it; returns where it ends.
    fn frame(&mut self, node: &Node, column: usize, top: f64) -> f64 {
        let (x, width) = COLUMNS[column];
        let at = self.cards.len();
        let (card, begin) = frame_of(node, x, top, width);
        self.cards.push(card);
        let mut y = begin;
        for inner in &node.inner {
            let area = self.put(inner, x + PAD, y, width - 2.0 * PAD);
            y = area.y + area.height + GAP;
        }
        let height = y - GAP + PAD - top;
        if let Some(card) = self.cards.get_mut(at) {
            card.area.height = height;
        }
        top + height
    }

    /// A card in a column; returns where it ends.
    fn card(&mut self, node: &Node, column: usize, top: f64) -> f64 {
        let (x, width) = COLUMNS[column];
        let area = self.put(node, x, top, width);
        area.y + area.height
    }

    fn put(&mut self, node: &Node, x: f64, y: f64, width: f64) -> Area {
        let mut texts = Vec::new();
        let mut below = block(&mut texts, node, width, 0.0, PAD);
        for inner in &node.inner {
            below = block(&mut texts, inner, width, below + 3.0, 2.0 * PAD);
        }
        let area = Area {
            x,
            y,
            width,
            height: below + PAD,
        };
        self.places.insert(node.id.clone(), area);
        self.cards.push(Card {
            area,
            state: node.state,
            texts,
            frame: false,
        });
        area
    }
}

/// The frame of what has parts of its own, and where they begin.
fn frame_of(node: &Node, x: f64, y: f64, width: f64) -> (Card, f64) {
    let mut texts = Vec::new();
    let below = block(&mut texts, node, width, 2.0, PAD);
    let area = Area {
        x,
        y,
        width,
        height: 0.0,
    };
    let card = Card {
        area,
        state: node.state,
        texts,
        frame: true,
    };
    (card, y + below + PAD)
}

/// The name of a part with its state, and its notes below; returns where they end.
fn block(texts: &mut Vec<Text>, node: &Node, card: f64, top: f64, indent: f64) -> f64 {
    let room = |left: f64| ((card - left - PAD) / LETTER) as usize;
    let state = word(node.state);
    let mut push = |text: String, x: f64, y: f64, bold: bool, right: bool| {
        texts.push(Text {
            text,
            x,
            y,
            bold,
            right,
        });
    };
    // Bold letters are wider, and the state stands at the other end of the line.
    let letters = room(indent) * 9 / 10;
    let letters = letters.saturating_sub(state.len() + 2);
    let mut below = top + TITLE;
    for (index, line) in wrap(&[node.label()], letters).into_iter().enumerate() {
        if index > 0 {
            below += LINE;
        }
        push(line, indent, below - 5.0, true, false);
    }
    if !state.is_empty() {
        push(state.to_owned(), card - PAD, top + TITLE - 5.0, false, true);
    }
    for line in wrap(&node.notes, room(indent)) {
        below += LINE;
        push(line, indent, below - 4.0, false, false);
    }
    below
}

/// The column of a part of a namespace.
fn column(node: &Node) -> usize {
    match node.kind {
        Kind::Nic => 0,
        Kind::Vpp if node.id == "vpp:core" => 1,
        _ => 2,
    }
}

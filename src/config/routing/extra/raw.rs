//! The file's text, line by line.

use super::block::{Block, Nesting, closes};
use crate::config::code::E0360;
use crate::config::diag::Diagnostic;
use crate::config::keys::{Reading, Shape, Takes, Value};
use crate::config::source::{Located, Span};
use crate::types::{RelPath, is_hostile};
use std::ops::Range;

/// The file `extra-file` names, read.
#[derive(Debug, Clone)]
pub(in crate::config) struct ExtraRaw {
    pub(super) path: Located<RelPath>,
    /// Its permission bits.
    pub(super) mode: u32,
    /// The text as FRR gets it.
    pub(super) text: String,
    /// Its lines, without comments and empty ones.
    lines: Vec<Line>,
}

/// One line.
#[derive(Debug, Clone)]
struct Line {
    /// In `text`.
    range: Range<usize>,
    span: Span,
    /// Counted from 1.
    number: usize,
    block: Block,
    ends_all: bool,
}

/// A line as the checks see it.
#[derive(Debug)]
pub(super) struct Statement<'r> {
    /// Its words; a leading `no` is one of them.
    pub(super) words: Vec<&'r str>,
    /// What encloses it.
    pub(super) block: Block,
    /// Its place in the file.
    pub(super) span: Span,
    /// Its number, from 1.
    pub(super) number: usize,
    /// Whether FRR reads nothing of what follows: it ends the configuration, not a block.
    pub(super) ends_all: bool,
}

const HINT: &str = "FRR reads it line by line; use plain text only";

impl Takes for ExtraRaw {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let path = RelPath::read(value, reading)?;
        let path = Located {
            value: path,
            span: value.span(),
        };
        let file = reading.file_of(Located {
            value: &path.value,
            span: path.span,
        })?;
        let refuse = |line: usize, what: &str| {
            let message = format!("'{}' line {line} {what}", path.value);
            Diagnostic::error(E0360, path.span, message).hint(HINT)
        };
        let written = match String::from_utf8(file.bytes) {
            Ok(text) => text,
            Err(error) => {
                let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = 1 + good.iter().filter(|b| **b == b'\n').count();
                reading.report(refuse(line, "is not UTF-8"));
                return None;
            }
        };
        let hostile = |line: &str| line.chars().any(|c| c != '\t' && is_hostile(c));
        if let Some(index) = written.lines().position(hostile) {
            reading.report(refuse(index + 1, "has a control or invisible character"));
            return None;
        }
        let base = reading.next_base(path.value.as_ref(), path.span)?;
        let lines = lines(&written, base);
        let text = written.replace("\r\n", "\n");
        reading.keep_text(path.value.as_ref(), written);
        Some(Self {
            path,
            mode: file.mode,
            text,
            lines,
        })
    }

    fn shape() -> Shape {
        RelPath::shape()
    }
}

/// The lines that say something. In the text FRR gets, each line end has one byte.
fn lines(written: &str, base: u32) -> Vec<Line> {
    let mut nesting = Nesting::default();
    let mut lines = Vec::new();
    let (mut place, mut start) = (base, 0);
    for (number, with_end) in (1..).zip(written.split_inclusive('\n')) {
        let line = with_end.trim_end_matches(['\n', '\r']);
        let trimmed = line.trim();
        let indent = line.len() - line.trim_start().len();
        if !trimmed.is_empty() && !trimmed.starts_with(['!', '#']) {
            let words: Vec<&str> = trimmed.split_ascii_whitespace().collect();
            let ends_all =
                matches!(words.as_slice(), ["end"]) || (closes(&words) && nesting.nothing_to_exit());
            let first = place + indent as u32;
            lines.push(Line {
                range: start + indent..start + indent + trimmed.len(),
                span: Span {
                    start: first,
                    end: first + trimmed.len() as u32,
                },
                number,
                block: nesting.enter(&words),
                ends_all,
            });
        }
        place += with_end.len() as u32;
        start += line.len() + 1;
    }
    lines
}

impl ExtraRaw {
    /// The text with an empty comment in the place of some lines, so that the others keep their numbers.
    pub(super) fn text_without(&self, is_left_out: impl Fn(&Statement<'_>) -> bool) -> String {
        let mut text = self.text.clone();
        let lines: Vec<Range<usize>> = self
            .lines
            .iter()
            .zip(self.statements())
            .filter(|(_, statement)| is_left_out(statement))
            .map(|(line, _)| line.range.clone())
            .collect();
        for line in lines.into_iter().rev() {
            text.replace_range(line, "!");
        }
        text
    }

    /// Its lines, one after the other.
    pub(super) fn statements(&self) -> impl Iterator<Item = Statement<'_>> {
        self.lines.iter().map(|line| Statement {
            words: self.text[line.range.clone()].split_ascii_whitespace().collect(),
            block: line.block,
            span: line.span,
            number: line.number,
            ends_all: line.ends_all,
        })
    }
}

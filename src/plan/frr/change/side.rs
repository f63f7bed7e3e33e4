//! One of the two configurations, by block.

use super::super::block::Statement;
use foldhash::HashMap;
use std::collections::BTreeSet;

/// The lines of each block, in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Side<'s> {
    top: Vec<&'s str>,
    order: Vec<&'s str>,
    lines: HashMap<&'s str, Vec<&'s str>>,
}

impl<'s> Side<'s> {
    pub(super) fn new(statements: &'s [Statement]) -> Self {
        let mut side = Self::default();
        for statement in statements {
            match (&statement.opens, statement.block.as_ref()) {
                (Some(block), _) => drop(side.block(block)),
                (None, "") => side.top.push(&statement.text),
                (None, block) => side.block(block).push(&statement.text),
            }
        }
        side
    }

    fn block(&mut self, block: &'s str) -> &mut Vec<&'s str> {
        self.lines.entry(block).or_insert_with(|| {
            self.order.push(block);
            Vec::new()
        })
    }

    /// The lines that stand in no block and open none.
    pub(super) fn top(&self) -> &[&'s str] {
        &self.top
    }

    /// The headers of the blocks, outermost first, joined by ` / `.
    pub(super) fn blocks(&self) -> impl Iterator<Item = &'s str> {
        self.order.iter().copied()
    }

    pub(super) fn has(&self, block: &str) -> bool {
        self.lines.contains_key(block)
    }

    /// The lines of a block, without those that open another in it; none if there is no such block.
    pub(super) fn lines(&self, block: &str) -> &[&'s str] {
        self.lines.get(block).map_or(&[], Vec::as_slice)
    }

    pub(super) fn set(&self, block: &str) -> BTreeSet<&'s str> {
        self.lines(block).iter().copied().collect()
    }
}

/// The blocks of both, those of the second first, each once.
pub(super) fn of_both<'s>(before: &Side<'s>, after: &Side<'s>) -> impl Iterator<Item = &'s str> {
    let gone = before.blocks().filter(|it| !after.has(it));
    after.blocks().chain(gone).collect::<Vec<_>>().into_iter()
}

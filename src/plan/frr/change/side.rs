//! One of the two configurations, by block.

use super::super::block::Statement;
use crate::types::lines;
use foldhash::{HashMap, HashSet};
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

/// The numbered members of prefix-lists that stand in both texts word for word: nothing has to be known of them, and they are
/// nearly all of a large configuration. None when some have no number of their own, which depends on those before.
pub(in crate::plan::frr) fn unchanged<'t>(before: &'t str, after: &'t str) -> HashSet<&'t str> {
    let (Some(old), Some(mut new)) = (members(before), members(after)) else {
        return HashSet::default();
    };
    new.retain(|line| old.contains(line));
    new
}

/// The members of prefix-lists, `None` when some have no number.
fn members(text: &str) -> Option<HashSet<&str>> {
    let lists = lines(text).filter_map(|line| Some((line, prefix_list(line)?.1)));
    let numbered = lists.map(|(line, member)| member.starts_with(" seq ").then_some(line));
    numbered.collect()
}

/// The list of a line of a prefix-list, `ip prefix-list A`, and what follows.
pub(super) fn prefix_list(line: &str) -> Option<(&str, &str)> {
    const KINDS: [&str; 2] = ["ip prefix-list ", "ipv6 prefix-list "];
    let kind = KINDS.iter().find(|kind| line.starts_with(**kind))?;
    let name = &line.as_bytes()[kind.len()..];
    let length = memchr::memchr(b' ', name).unwrap_or(name.len());
    Some(line.split_at(kind.len() + length))
}

//! The blocks of a text in FRR's words: which line stands in which.

use super::line::{self, Canonical};
use crate::render::frr::EXTRA;
use crate::types::{FrrRelease, lines};
use foldhash::{HashMap, HashSet};
use std::rc::Rc;

/// First words of lines that stand in no block.
const TOP: [&str; 12] = [
    "access-list",
    "hostname",
    "domainname",
    "log",
    "frr",
    "service",
    "enable",
    "debug",
    "banner",
    "agentx",
    "zebra",
    "username",
];

/// A line in its block.
#[derive(Debug)]
pub struct Statement {
    /// The headers of the blocks it is in, joined by ` / `; empty at the top.
    pub block: Rc<str>,
    /// The line as FRR prints it.
    pub text: String,
    /// Where it stands, counted from 1.
    pub line: usize,
    /// The block that it opens.
    pub opens: Option<Rc<str>>,
    /// Whether it is one of the operator's own lines.
    pub is_extra: bool,
}

impl Statement {
    /// What makes it the same as another.
    pub fn key(&self) -> (&str, &str) {
        (&self.block, &self.text)
    }

    /// Whether it is an entry of a list that maps and neighbours look into.
    pub fn is_list(&self) -> bool {
        self.block.is_empty() && line::is_list_entry(&self.text)
    }

    /// The first words, which say what it is about: two lines of one block and subject exclude each other.
    pub fn subject(&self) -> String {
        line::subject(&self.text)
    }
}

/// The statements of a text, without comments, ends of blocks and whatever FRR does not print.
pub fn statements(text: &str, release: Option<FrrRelease>) -> Vec<Statement> {
    statements_but(text, release, &[])
}

/// The same without some lines of lists: those that are marked.
pub fn statements_but(text: &str, release: Option<FrrRelease>, without: &[bool]) -> Vec<Statement> {
    let mut reader = Reader {
        release,
        ..Reader::default()
    };
    for (index, line) in lines(text).enumerate() {
        match without.get(index) {
            Some(true) => reader.stack.clear(),
            _ => reader.read(index + 1, line),
        }
    }
    reader.finish()
}

#[derive(Default)]
struct Reader {
    release: Option<FrrRelease>,
    stack: Vec<Rc<str>>,
    statements: Vec<Statement>,
    /// The highest sequence number of each list.
    numbers: HashMap<String, u64>,
    is_extra: bool,
    /// Instances of BGP in which IPv4 is not on by default.
    without_ipv4: HashSet<Rc<str>>,
}

impl Reader {
    fn read(&mut self, number: usize, line: &str) {
        let is_indented = line.starts_with([' ', '\t']);
        let trimmed = line.trim();
        if trimmed == EXTRA.trim() {
            self.is_extra = true;
            self.stack.clear();
        }
        let words: Vec<&str> = trimmed.split_whitespace().collect();
        let Some(first) = words.first() else { return };
        match *first {
            "Building" | "Current" if trimmed.ends_with(['.', ':']) => {}
            word if word.starts_with(['!', '#']) => {}
            "end" => self.stack.clear(),
            "exit" | "exit-address-family" | "exit-vrf" | "exit-vni" | "quit" => {
                let _ = self.stack.pop();
            }
            _ => self.take(number, &words, is_indented),
        }
    }

    fn take(&mut self, number: usize, words: &[&str], is_indented: bool) {
        if !is_indented && (opens_at_top(words) || self.leaves(words)) {
            self.stack.clear();
        }
        let block = self.stack.last().cloned().unwrap_or_else(|| Rc::from(""));
        let canonical = line::canonical(&block, words, self.release, &mut self.numbers);
        let is_opening = match self.stack.len() {
            0 => opens_at_top(words),
            _ => opens_within(&block, words),
        };
        let Canonical::Shown { text, elsewhere } = canonical else {
            return;
        };
        let mut opens = None;
        if is_opening {
            let header: Rc<str> = match block.as_ref() {
                "" => text.clone().into(),
                outer => format!("{outer} / {text}").into(),
            };
            self.stack.push(Rc::clone(&header));
            opens = Some(header);
            if vanishes_when_empty(words) {
                return;
            }
        }
        if text == "no bgp default ipv4-unicast" {
            let _ = self.without_ipv4.insert(Rc::clone(&block));
        }
        self.statements.push(Statement {
            block: elsewhere.map_or(block, Rc::from),
            text,
            line: number,
            opens,
            is_extra: self.is_extra,
        });
    }

    /// Whether a line that is not indented belongs to the top, and not to the block before it.
    fn leaves(&self, words: &[&str]) -> bool {
        let Some(block) = self.stack.last() else {
            return false;
        };
        let words = words.strip_prefix(&["no"]).unwrap_or(words);
        match words {
            // An instance of a VRF has these too.
            ["ip" | "ipv6", "route" | "protocol" | "nht" | "router-id", ..] => !block.starts_with("vrf "),
            ["ip" | "ipv6", "prefix-list" | "forwarding" | "access-list", ..] => true,
            ["bgp", list, ..] => list.ends_with("community-list") || *list == "as-path",
            [first, ..] => TOP.contains(first),
            [] => false,
        }
    }

    /// `activate` is shown only where it is not the default, and so are some pairs of lines only as one.
    fn finish(mut self) -> Vec<Statement> {
        let whole: HashSet<(Rc<str>, String)> = self
            .statements
            .iter()
            .filter_map(|it| {
                Some((
                    Rc::clone(&it.block),
                    it.text.strip_suffix(" no-summary")?.to_owned(),
                ))
            })
            .collect();
        let without_ipv4 = &self.without_ipv4;
        self.statements.retain(|it| {
            let router = it.block.strip_suffix(" / address-family ipv4 unicast");
            let is_default = router.is_some_and(|router| !without_ipv4.iter().any(|it| **it == *router));
            let activates = it.text.starts_with("neighbor ") && it.text.ends_with(" activate");
            let is_half = whole.contains(&(Rc::clone(&it.block), it.text.clone()));
            !(is_half || is_default && activates)
        });
        self.statements
    }
}

fn opens_at_top(words: &[&str]) -> bool {
    match words {
        ["key", "chain", _] | ["line", "vty"] | ["bfd"] | ["rpki"] | ["segment-routing"] => true,
        [first, _, ..] => [
            "interface",
            "router",
            "route-map",
            "vrf",
            "pbr-map",
            "nexthop-group",
        ]
        .contains(first),
        _ => false,
    }
}

fn opens_within(block: &str, words: &[&str]) -> bool {
    match words {
        ["address-family", ..] => block.starts_with("router "),
        ["profile" | "peer", ..] => block == "bfd",
        ["key", _] => block.starts_with("key chain "),
        ["rpki"] => block.starts_with("vrf "),
        ["vni", _] => block.contains("address-family"),
        _ => false,
    }
}

/// Blocks that FRR prints only when there is something in them; 8.4.4 prints an empty `rpki`.
fn vanishes_when_empty(words: &[&str]) -> bool {
    matches!(
        words,
        ["interface" | "vrf" | "address-family", ..] | ["bfd"] | ["rpki"] | ["line", "vty"]
    )
}

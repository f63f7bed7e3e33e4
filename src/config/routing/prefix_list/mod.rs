//! `[prefix-lists]`: the one table that has a quarter of a million entries.

mod file;
mod rule;

use super::raw::PrefixListsRaw;
use crate::config::Action;
use crate::config::code::{E0105, E0320, E0321, E0322, E0328};
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::keys::{Field, Reading, Shape, Takes, Value, refuse_empty, table};
use crate::config::source::Span;
use crate::types::{PolicyName, RelPath};
use file::ListFile;
use ipnet::{Ipv4Net, Ipv6Net};
use rule::{Rule, Wrong, rule};
use std::collections::{BTreeMap, HashMap};
use toml::de::DeArray;

/// A prefix-list: each family has its own list in FRR, numbered 5, 10, 15 … in the order written.
#[derive(Debug, Default)]
pub struct PrefixList {
    /// The IPv4 members.
    pub v4: Vec<PrefixRule<Ipv4Net>>,
    /// The IPv6 members.
    pub v6: Vec<PrefixRule<Ipv6Net>>,
}

/// One member, `[deny ]PREFIX [ge N] [le N]`: `length < ge <= le <= width`; 0 stands for absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrefixRule<N> {
    /// `permit` unless written.
    pub action: Action,
    /// The prefix, without host bits.
    pub prefix: N,
    /// `ge`, or 0.
    pub ge: u8,
    /// `le`, or 0.
    pub le: u8,
}

table! {
    /// A prefix-list in a file of its own.
    struct ListFileRaw {
        /// The file, with one member a line; what bgpq4 writes is read as it is.
        "file" => file: RelPath, required(), since("0.2.0"), example("\"lists/customers.txt\""), also(&["path", "source", "include"]);
    }
}

/// The members of a prefix-list.
#[derive(Debug, Default, Clone)]
pub(in crate::config) struct PrefixListRaw {
    v4: Vec<PrefixRule<Ipv4Net>>,
    v6: Vec<PrefixRule<Ipv6Net>>,
}

impl Takes for PrefixListRaw {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        if !value.is_table() {
            let array = value.list(reading)?;
            let members = Inline { value, array };
            return Some(Self::of(&members, value, reading));
        }
        let raw = ListFileRaw::read(value, reading)?;
        let path = raw.file.located()?;
        let (text, base) = reading.text_of(path)?;
        let members = ListFile::new(path.value.as_ref(), &text, base);
        let list = Self::of(&members, value, reading);
        reading.keep_text(path.value.as_ref(), text);
        Some(list)
    }

    fn shape() -> Shape {
        Shape::Either(vec![
            Shape::Filled(Box::new(Shape::Text {
                about: "[permit|deny] PREFIX [ge N] [le N], like 10.0.0.0/8 le 24",
                pattern: "^ *((permit|deny) +)?[0-9A-Fa-f:.]+/[0-9]{1,3}( +(ge|le) +[0-9]{1,3}){0,2} *$",
                normal: rule::spelled,
            })),
            ListFileRaw::shape(),
        ])
    }
}

/// The members of a list's file in its text, each with the line it stands in, from 1, and in the one way to write it.
pub(in crate::config) fn members_of(text: &str) -> Vec<(u32, String)> {
    let list = ListFile::new("", text, 0);
    let mut members = Vec::with_capacity(list.count());
    let (mut line, mut seen) = (1, 0);
    list.each(&mut |member, rule| {
        let start = list.span(member).start as usize;
        line += memchr::memchr_iter(b'\n', &text.as_bytes()[seen..start]).count() as u32;
        seen = start;
        members.extend(rule.ok().map(|rule| (line, rule.to_string())));
    });
    members
}

/// Where members come from: they can be walked twice, so that only a list with repeated ones pays for finding them.
trait Members {
    /// How many there are at most.
    fn count(&self) -> usize;
    /// Each member, or what is wrong with it, in order.
    fn each(&self, tell: &mut dyn FnMut(usize, Result<Rule, Wrong>));
    /// The place of a member.
    fn span(&self, member: usize) -> Span;
    /// What a message calls it.
    fn name(&self, member: usize) -> String;
}

impl PrefixListRaw {
    fn of(members: &impl Members, value: &Value<'_>, reading: &mut Reading<'_>) -> Self {
        let mut list = Self::default();
        let mut empty = true;
        // Most lists have one family, and memory that is not written to costs nothing.
        list.v4.reserve(members.count());
        members.each(&mut |member, rule| {
            empty = false;
            match rule {
                Ok(Rule::V4(rule)) => list.v4.push(rule),
                Ok(Rule::V6(rule)) => list.v6.push(rule),
                Err(wrong) => reading.report(refused(members, member, wrong)),
            }
        });
        if empty {
            refuse_empty(value, reading);
        }
        if repeats(&list.v4) || repeats(&list.v6) {
            list.drop_repeated(members, reading);
        }
        if ends_early(&list.v4, |rule| rule.prefix.prefix_len(), 32)
            || ends_early(&list.v6, |rule| rule.prefix.prefix_len(), 128)
        {
            all_are_reached(members, reading);
        }
        list
    }

    /// Leaves out what an earlier member decides already: FRR refuses the line, and it could never match.
    fn drop_repeated(&mut self, members: &impl Members, reading: &mut Reading<'_>) {
        let (mut v4, mut v6) = (HashMap::new(), HashMap::new());
        self.v4.clear();
        self.v6.clear();
        members.each(&mut |member, rule| {
            let first = match rule {
                Ok(Rule::V4(rule)) => {
                    let first = *v4.entry((rule.prefix, rule.ge, rule.le)).or_insert(member);
                    if first == member {
                        self.v4.push(rule);
                    }
                    first
                }
                Ok(Rule::V6(rule)) => {
                    let first = *v6.entry((rule.prefix, rule.ge, rule.le)).or_insert(member);
                    if first == member {
                        self.v6.push(rule);
                    }
                    first
                }
                Err(_) => return,
            };
            if first != member {
                let message = format!(
                    "'{}' matches the same prefixes as an earlier entry",
                    members.name(member)
                );
                reading.report(
                    Diagnostic::warning(E0322, members.span(member), message)
                        .label("ignored")
                        .also(members.span(first), "the earlier entry"),
                );
            }
        });
    }
}

/// Whether a rule before the last one takes every prefix.
fn ends_early<N>(rules: &[PrefixRule<N>], length: impl Fn(&PrefixRule<N>) -> u8, width: u8) -> bool {
    let before_last = rules.split_last().map_or(rules, |(_, before)| before);
    before_last
        .iter()
        .any(|rule| takes_all(rule, length(rule), width))
}

fn takes_all<N>(rule: &PrefixRule<N>, length: u8, width: u8) -> bool {
    length == 0 && rule.ge == 0 && rule.le == width
}

/// Reports, once for each family, the first member behind one that takes every prefix.
fn all_are_reached(members: &impl Members, reading: &mut Reading<'_>) {
    // The member that takes every prefix; nothing more is said after the first one behind it.
    let mut taken: [(Option<usize>, bool); 2] = [(None, false); 2];
    members.each(&mut |member, rule| {
        let (family, name, all) = match rule {
            Ok(Rule::V4(rule)) => (0, "IPv4", takes_all(&rule, rule.prefix.prefix_len(), 32)),
            Ok(Rule::V6(rule)) => (1, "IPv6", takes_all(&rule, rule.prefix.prefix_len(), 128)),
            Err(_) => return,
        };
        match &mut taken[family] {
            (Some(first), said) if !*said => {
                *said = true;
                let message = format!("'{}' is never reached", members.name(member));
                let warning = Diagnostic::warning(E0328, members.span(member), message);
                reading.report(warning.also(
                    members.span(*first),
                    format!("this entry matches every {name} prefix"),
                ));
            }
            (first @ None, _) if all => *first = Some(member),
            _ => {}
        }
    });
}

fn refused(members: &impl Members, member: usize, wrong: Wrong) -> Diagnostic {
    let name = members.name(member);
    let error = |code, message: String| Diagnostic::error(code, members.span(member), message);
    let no_member = format!("'{name}' is not a valid prefix-list entry");
    match wrong {
        Wrong::Type => error(E0105, format!("'{name}' has the wrong type"))
            .label("expected a string, like \"192.0.2.0/24\""),
        Wrong::Json(reason) => error(E0320, no_member).label(reason),
        Wrong::Range(length, width) => error(E0321, format!("'{name}' has impossible bounds"))
            .label(format!("expected {length} <= ge <= le <= {width}")),
        Wrong::HostBits(meant) => {
            error(E0320, no_member).label(format!("expected a prefix without host bits, like {meant}"))
        }
        Wrong::Grammar => error(E0320, no_member).label("expected [permit|deny] PREFIX [ge N] [le N]"),
    }
}

/// Members that stand in the document.
struct Inline<'v> {
    value: &'v Value<'v>,
    array: &'v DeArray<'v>,
}

impl Members for Inline<'_> {
    fn count(&self) -> usize {
        self.array.len()
    }

    fn each(&self, tell: &mut dyn FnMut(usize, Result<Rule, Wrong>)) {
        for (member, item) in self.array.iter().enumerate() {
            let text = item.get_ref().as_str();
            tell(member, text.ok_or(Wrong::Type).and_then(rule));
        }
    }

    fn span(&self, member: usize) -> Span {
        let item = self.array.get(member);
        item.map_or(self.value.span(), |item| item.span().into())
    }

    fn name(&self, member: usize) -> String {
        format!("{}[{member}]", self.value.path())
    }
}

/// `[prefix-lists]`, as they are: what is wrong with a member is known when it is read.
pub(in crate::config) fn prefix_lists(field: Field<PrefixListsRaw>) -> BTreeMap<PolicyName, PrefixList> {
    let entries = field.into_value().map(|named| named.into_entries());
    let entries = entries.into_iter().flatten();
    let lists = entries.map(|(name, list)| {
        let PrefixListRaw { v4, v6 } = list.value;
        (name.value, PrefixList { v4, v6 })
    });
    lists.collect()
}

/// Enters the lists.
pub(in crate::config) fn index_prefix_lists(field: &Field<PrefixListsRaw>, index: &mut Index) {
    index.prefix_lists.define(field.names());
}

/// Whether two members match the same prefixes. Generated lists come sorted, and cost one comparison a member.
fn repeats<N: Ord + Copy>(rules: &[PrefixRule<N>]) -> bool {
    let key = |rule: &PrefixRule<N>| (rule.prefix, rule.ge, rule.le);
    if rules.windows(2).all(|pair| key(&pair[0]) < key(&pair[1])) {
        return false;
    }
    let mut keys: Vec<_> = rules.iter().map(key).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| pair[0] == pair[1])
}

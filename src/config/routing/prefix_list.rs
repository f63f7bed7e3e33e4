//! `[prefix-lists]`: the one table that has a quarter of a million entries.

use super::raw::PrefixListsRaw;
use crate::config::check::Checking;
use crate::config::code::{E0105, E0320, E0321, E0322};
use crate::config::diag::Diagnostic;
use crate::config::index::Index;
use crate::config::keys::{Field, Reading, Shape, Takes, Value, refuse_empty};
use crate::config::{Action, At};
use crate::types::PolicyName;
use ipnet::{Ipv4Net, Ipv6Net};
use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, Ipv6Addr};
use toml::de::DeArray;

/// A prefix-list: each family has its own list in FRR, numbered 5, 10, 15 … in the order written.
#[derive(Debug, Default)]
pub struct PrefixList {
    /// Where it was written.
    pub at: At,
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

/// The members of a prefix-list, as they were written.
#[derive(Debug, Default, Clone)]
pub(in crate::config) struct PrefixListRaw {
    v4: Vec<PrefixRule<Ipv4Net>>,
    v6: Vec<PrefixRule<Ipv6Net>>,
}

impl Takes for PrefixListRaw {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let array = value.list(reading)?;
        if array.is_empty() {
            refuse_empty(value, reading);
        }
        let mut list = Self::default();
        for (i, item) in array.iter().enumerate() {
            match item.get_ref().as_str().map(rule) {
                Some(Ok(Rule::V4(rule))) => list.v4.push(rule),
                Some(Ok(Rule::V6(rule))) => list.v6.push(rule),
                Some(Err(wrong)) => report(value, i, Some(wrong), reading),
                None => report(value, i, None, reading),
            }
        }
        if repeats(&list.v4) || repeats(&list.v6) {
            drop_repeated(value, array, &mut list, reading);
        }
        Some(list)
    }

    fn shape() -> Shape {
        Shape::Filled(Box::new(Shape::Text {
            about: "[permit|deny] PREFIX [ge N] [le N], like 10.0.0.0/8 le 24",
            pattern: "^ *((permit|deny) +)?[0-9A-Fa-f:.]+/[0-9]{1,3}( +(ge|le) +[0-9]{1,3}){0,2} *$",
        }))
    }
}

/// `[prefix-lists]`, as they are: what is wrong with a member is known when it is read.
pub(in crate::config) fn prefix_lists(
    field: Field<PrefixListsRaw>,
    cx: &Checking<'_>,
) -> BTreeMap<PolicyName, PrefixList> {
    let entries = field.into_value().map(|named| named.into_entries());
    let entries = entries.into_iter().flatten();
    let lists = entries.map(|(name, list)| {
        let at = cx.at(list.span);
        let PrefixListRaw { v4, v6 } = list.value;
        (name.value, PrefixList { at, v4, v6 })
    });
    lists.collect()
}

/// Enters the lists.
pub(in crate::config) fn index_prefix_lists(field: &Field<PrefixListsRaw>, index: &mut Index) {
    index.prefix_lists.define(field.names());
}

/// One member of either family.
#[derive(Clone, Copy)]
enum Rule {
    V4(PrefixRule<Ipv4Net>),
    V6(PrefixRule<Ipv6Net>),
}

/// Why a member is none.
enum Wrong {
    Grammar,
    /// The prefix that was probably meant.
    HostBits(String),
    /// The prefix's length and the family's.
    Range(u8, u8),
}

/// `[permit |deny ]PREFIX [ge N] [le N]`.
fn rule(text: &str) -> Result<Rule, Wrong> {
    let mut words = text.split_ascii_whitespace();
    let mut word = words.next().unwrap_or_default();
    let action = match word {
        "deny" => Action::Deny,
        _ => Action::Permit,
    };
    if matches!(word, "permit" | "deny") {
        word = words.next().ok_or(Wrong::Grammar)?;
    }
    let (addr, length) = word.split_once('/').ok_or(Wrong::Grammar)?;
    let length = number(length).ok_or(Wrong::Grammar)?;
    let (ge, le) = bounds(words)?;
    if addr.contains(':') {
        let addr: Ipv6Addr = addr.parse().map_err(|_| Wrong::Grammar)?;
        let prefix = Ipv6Net::new(addr, length).map_err(|_| Wrong::Grammar)?;
        if prefix.trunc() != prefix {
            return Err(Wrong::HostBits(prefix.trunc().to_string()));
        }
        let (ge, le) = normal(length, 128, ge, le)?;
        Ok(Rule::V6(PrefixRule {
            action,
            prefix,
            ge,
            le,
        }))
    } else {
        let addr: Ipv4Addr = addr.parse().map_err(|_| Wrong::Grammar)?;
        let prefix = Ipv4Net::new(addr, length).map_err(|_| Wrong::Grammar)?;
        if prefix.trunc() != prefix {
            return Err(Wrong::HostBits(prefix.trunc().to_string()));
        }
        let (ge, le) = normal(length, 32, ge, le)?;
        Ok(Rule::V4(PrefixRule {
            action,
            prefix,
            ge,
            le,
        }))
    }
}

/// A decimal number without sign or leading zero.
fn number(text: &str) -> Option<u8> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain)
}

/// `[ge N] [le N]`, each at most once.
fn bounds<'t>(mut words: impl Iterator<Item = &'t str>) -> Result<(Option<u8>, Option<u8>), Wrong> {
    let (mut ge, mut le) = (None, None);
    while let Some(word) = words.next() {
        let bound = words.next().and_then(number).ok_or(Wrong::Grammar)?;
        match word {
            "ge" if ge.is_none() => ge = Some(bound),
            "le" if le.is_none() => le = Some(bound),
            _ => return Err(Wrong::Grammar),
        }
    }
    Ok((ge, le))
}

/// The bounds as FRR wants them, `length < ge <= le <= width`, 0 for none; what means the same is written the same.
fn normal(length: u8, width: u8, ge: Option<u8>, le: Option<u8>) -> Result<(u8, u8), Wrong> {
    let (low, high) = (
        ge.unwrap_or(length),
        le.unwrap_or(if ge.is_some() { width } else { length }),
    );
    if !(length <= low && low <= high && high <= width) {
        return Err(Wrong::Range(length, width));
    }
    Ok(match (ge.filter(|ge| *ge > length), le) {
        (None, None) if ge.is_none() => (0, 0),
        (None, _) if high == length => (0, 0),
        (None, _) => (0, high),
        (Some(ge), le) => (ge, le.unwrap_or(0)),
    })
}

fn report(value: &Value<'_>, index: usize, wrong: Option<Wrong>, reading: &mut Reading<'_>) {
    let Some(item) = value.item(index) else { return };
    let diagnostic = match wrong {
        None => item
            .refuse(E0105, format!("'{}' has the wrong type", item.path()))
            .label("expected a string, like \"192.0.2.0/24\""),
        Some(Wrong::Range(length, width)) => item
            .refuse(E0321, format!("'{}' has bounds that fit no prefix", item.path()))
            .label(format!("expected {length} <= ge <= le <= {width}")),
        Some(Wrong::HostBits(meant)) => item
            .refuse(E0320, format!("'{}' is no member of a prefix-list", item.path()))
            .label(format!("expected a prefix without host bits, like {meant}")),
        Some(Wrong::Grammar) => item
            .refuse(E0320, format!("'{}' is no member of a prefix-list", item.path()))
            .label("expected [permit|deny] PREFIX [ge N] [le N]"),
    };
    reading.report(diagnostic);
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

/// Leaves out what an earlier member decides already: FRR refuses the line, and it could never match.
fn drop_repeated(
    value: &Value<'_>,
    array: &DeArray<'_>,
    list: &mut PrefixListRaw,
    reading: &mut Reading<'_>,
) {
    let (mut v4, mut v6) = (HashMap::new(), HashMap::new());
    list.v4.clear();
    list.v6.clear();
    for (i, item) in array.iter().enumerate() {
        let first = match item.get_ref().as_str().map(rule) {
            Some(Ok(Rule::V4(rule))) => {
                let first = *v4.entry((rule.prefix, rule.ge, rule.le)).or_insert(i);
                if first == i {
                    list.v4.push(rule);
                }
                first
            }
            Some(Ok(Rule::V6(rule))) => {
                let first = *v6.entry((rule.prefix, rule.ge, rule.le)).or_insert(i);
                if first == i {
                    list.v6.push(rule);
                }
                first
            }
            _ => continue,
        };
        if first != i {
            repeated(value, first, i, reading);
        }
    }
}

fn repeated(value: &Value<'_>, first: usize, again: usize, reading: &mut Reading<'_>) {
    let (Some(first), Some(again)) = (value.item(first), value.item(again)) else {
        return;
    };
    let message = format!("'{}' is decided by an earlier member", again.path());
    reading.report(
        Diagnostic::warning(E0322, again.span(), message)
            .label("left out")
            .also(first.span(), "this one matches the same prefixes"),
    );
}

//! A prefix-list in a file: one member a line, or what bgpq4 writes.
//!
//! Read are its formats for Cisco IOS and FRR (the default), Arista, IOS XR (-X), Junos (-J, also with -E and -z), BIRD
//! (-b), OpenBGPD (-B), JSON (-j), and plain prefixes (-F '%n/%l\n'). The names in them are not looked at: the list has
//! the name it has in the configuration. Anything else in a line is an error at its place.

use super::rule::{Rule, Written, Wrong, bounds, number, rule};
use super::{Action, Members};
use crate::config::source::Span;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::ops::Range;

/// The text of a list and where its members stand.
pub(super) struct ListFile<'t> {
    path: &'t str,
    text: &'t str,
    /// The offset of the text among all sources.
    base: u32,
    members: Vec<Range<u32>>,
    json: bool,
    /// What is wrong with a JSON text as a whole; its one member is the place.
    broken: Option<String>,
}

impl<'t> ListFile<'t> {
    /// Finds the members of a text that begins at `base`.
    pub(super) fn new(path: &'t str, text: &'t str, base: u32) -> Self {
        let json = text.trim_start().starts_with('{');
        let broken = match json {
            true => serde_json::from_str::<IgnoredAny>(text).err(),
            false => None,
        };
        let members = match (json, &broken) {
            (true, Some(error)) => vec![line_of(text, error.line())],
            (true, None) => objects(text),
            (false, _) => lines(text),
        };
        Self {
            path,
            text,
            base,
            members,
            json,
            broken: broken.map(|error| error.to_string()),
        }
    }

    fn member(&self, member: usize) -> &'t str {
        let range = self.members.get(member).cloned().unwrap_or_default();
        &self.text[range.start as usize..range.end as usize]
    }
}

impl Members for ListFile<'_> {
    fn count(&self) -> usize {
        self.members.len()
    }

    fn each(&self, tell: &mut dyn FnMut(usize, Result<Rule, Wrong>)) {
        if let Some(reason) = &self.broken {
            return tell(0, Err(Wrong::Json(reason.clone())));
        }
        for member in 0..self.members.len() {
            let text = self.member(member);
            tell(
                member,
                if self.json {
                    from_json(text)
                } else {
                    from_line(text)
                },
            );
        }
    }

    fn span(&self, member: usize) -> Span {
        let range = self.members.get(member).cloned().unwrap_or_default();
        Span {
            start: self.base + range.start,
            end: self.base + range.end,
        }
    }

    fn name(&self, member: usize) -> String {
        let start = self.members.get(member).map_or(0, |range| range.start as usize);
        let line = 1 + self.text.as_bytes()[..start]
            .iter()
            .filter(|b| **b == b'\n')
            .count();
        format!("{}:{line}", self.path)
    }
}

/// The members of a text of lines.
fn lines(text: &str) -> Vec<Range<u32>> {
    let mut members = Vec::with_capacity(text.len() / 20);
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
        let line = &text[start..end];
        if is_plain(line) {
            members.push(start as u32..end as u32);
        } else {
            push_line(line.split('#').next().unwrap_or_default(), start, &mut members);
        }
        start = end + 1;
    }
    members
}

/// Whether a line is one member and nothing else.
fn is_plain(line: &str) -> bool {
    let bytes = line.as_bytes();
    let member =
        |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':' | b'/' | b' ' | b'l' | b'g');
    bytes.first().is_some_and(u8::is_ascii_hexdigit) && bytes.iter().all(member)
}

/// Adds the members of a line, without the syntax around them.
fn push_line(line: &str, start: usize, members: &mut Vec<Range<u32>>) {
    let trimmed = line.trim();
    if trimmed.starts_with('!') || is_frame(trimmed) {
        return;
    }
    // BIRD and IOS XR: several in a line, or in brackets.
    let inside = match trimmed.split_once('[') {
        Some((_, inside)) => inside,
        None => trimmed,
    };
    let mut depth = 0;
    let parts = inside.split(|c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ';' || (c == ',' && depth == 0)
    });
    let offset = |part: &str| start + (part.as_ptr() as usize - line.as_ptr() as usize);
    for part in parts {
        let said = part.trim().trim_end_matches(']').trim_end();
        if !said.is_empty() {
            let begin = offset(said) as u32;
            members.push(begin..begin + said.len() as u32);
        }
    }
}

/// Whether a line only opens or closes what members stand in.
fn is_frame(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    let first = [words.next(), words.next(), words.next(), words.next()];
    match first.map(Option::unwrap_or_default) {
        ["", ..] | ["replace:", ..] | ["end-set", ..] | ["exit", ..] => true,
        ["no", "ip" | "ipv6", "prefix-list", _] | ["no", "prefix-set", ..] => true,
        ["ip" | "ipv6", "prefix-list", _, ""] | ["prefix-set", _, "", ""] => true,
        ["}" | "};" | "]" | "];", "", ..] => true,
        _ => line.ends_with(['{', '[']) && !line.contains('/'),
    }
}

/// A member as one of the formats has it.
fn from_line(text: &str) -> Result<Rule, Wrong> {
    if text.starts_with(|c: char| c.is_ascii_hexdigit())
        && let Ok(rule) = rule(text)
    {
        return Ok(rule);
    }
    let mut words = text.split_ascii_whitespace().peekable();
    match words.peek() {
        Some(&"ip" | &"ipv6") => {
            words.next();
            if words.next() != Some("prefix-list") || words.next().is_none() {
                return Err(Wrong::Grammar);
            }
        }
        Some(&"route-filter") => {
            words.next();
        }
        _ => {}
    }
    if words.next_if_eq(&"seq").is_some() {
        words.next();
    }
    let action = match words.next_if(|word| matches!(*word, "permit" | "deny")) {
        Some("deny") => Action::Deny,
        _ => Action::Permit,
    };
    let prefix = words.next().ok_or(Wrong::Grammar)?;
    let rest: Vec<&str> = words.collect();
    let (prefix, attached) = match prefix.find(['{', '+', '-']) {
        Some(at) => prefix.split_at(at),
        None => (prefix, ""),
    };
    let longest = if prefix.contains(':') { 128 } else { 32 };
    let (ge, le) = match attached {
        "" => lengths(&rest, prefix, longest)?,
        "+" if rest.is_empty() => (None, Some(longest)),
        braces => in_braces(&format!("{braces}{}", rest.concat()))?,
    };
    let written = Written {
        action,
        prefix,
        ge,
        le,
    };
    written.rule()
}

/// The bounds after a prefix, as `ge` and `le`.
fn lengths(words: &[&str], prefix: &str, longest: u8) -> Result<(Option<u8>, Option<u8>), Wrong> {
    let length = |word: &str| number(word.strip_prefix('/').unwrap_or(word)).ok_or(Wrong::Grammar);
    match words {
        [] | ["exact"] => Ok((None, None)),
        ["orlonger" | "or-longer"] => Ok((None, Some(longest))),
        ["longer"] => {
            let own = prefix.split_once('/').map_or("", |(_, own)| own);
            Ok((Some(length(own)?.saturating_add(1)), Some(longest)))
        }
        ["upto", most] => Ok((None, Some(length(most)?))),
        ["prefix-length-range", range] => {
            let (least, most) = range.split_once('-').ok_or(Wrong::Grammar)?;
            Ok((Some(length(least)?), Some(length(most)?)))
        }
        ["prefixlen", least, "-", most] => Ok((Some(length(least)?), Some(length(most)?))),
        ["prefixlen", "=", only] => Ok((Some(length(only)?), Some(length(only)?))),
        _ => bounds(words.iter().copied()),
    }
}

/// `{24,32}`, BIRD's.
fn in_braces(text: &str) -> Result<(Option<u8>, Option<u8>), Wrong> {
    let inside = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    let (least, most) = inside
        .and_then(|text| text.split_once(','))
        .ok_or(Wrong::Grammar)?;
    let length = |text: &str| number(text.trim()).ok_or(Wrong::Grammar);
    Ok((Some(length(least)?), Some(length(most)?)))
}

/// A line, from 1.
fn line_of(text: &str, number: usize) -> Range<u32> {
    let before = text.split_inclusive('\n').take(number.saturating_sub(1));
    let start: usize = before.map(str::len).sum();
    let line = text[start..].lines().next().unwrap_or_default();
    start as u32..(start + line.len()) as u32
}

/// The innermost objects of a JSON text.
fn objects(text: &str) -> Vec<Range<u32>> {
    let mut members = Vec::new();
    let mut open = None;
    for (at, byte) in text.bytes().enumerate() {
        match (byte, open) {
            (b'{', _) => open = Some(at),
            (b'}', Some(begin)) => {
                members.push(begin as u32..at as u32 + 1);
                open = None;
            }
            _ => {}
        }
    }
    members
}

/// A member as bgpq4 writes it with -j.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct JsonMember {
    prefix: String,
    #[serde(default, rename = "exact")]
    _exact: bool,
    greater_equal: Option<u8>,
    less_equal: Option<u8>,
}

fn from_json(text: &str) -> Result<Rule, Wrong> {
    let member: JsonMember = serde_json::from_str(text).map_err(|_| Wrong::Grammar)?;
    let written = Written {
        action: Action::Permit,
        prefix: &member.prefix,
        ge: member.greater_equal,
        le: member.less_equal,
    };
    written.rule()
}

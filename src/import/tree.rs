//! JSON with the lines its values stand in.

use indexmap::IndexMap;
use serde_json::value::RawValue;

/// How deep values may be nested: far above what any router writes, and each level is read once more.
const DEEPEST: usize = 40;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Null,
    Switch(bool),
    /// Text or a number, as text.
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// A value and the line it begins in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// The value.
    pub kind: Kind,
    /// The line, from 1.
    pub line: u32,
}

/// Why a text is no tree: the line, and the parser's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreadable {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong there.
    pub why: String,
}

impl Node {
    /// A member of a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.members()
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, node)| node)
    }

    /// The members of a map; none of anything else.
    pub fn members(&self) -> &[(String, Node)] {
        match &self.kind {
            Kind::Map(members) => members,
            _ => &[],
        }
    }

    /// The members of a list, or the value itself.
    pub fn each(&self) -> &[Node] {
        match &self.kind {
            Kind::List(list) => list,
            _ => std::slice::from_ref(self),
        }
    }

    /// Its text, where it is text or a number.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads JSON; of keys that come twice the last one counts, as for every reader of JSON.
pub(super) fn json(text: &str) -> Result<Node, Unreadable> {
    let lines = Lines::of(text);
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| Unreadable {
        line: u32::try_from(error.line()).unwrap_or(u32::MAX).max(1),
        why: format!("this is not JSON: {error}"),
    })?;
    lines.node(raw, 0)
}

/// Where lines begin in a text.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self {
            text,
            starts: ends.map(|(end, _)| end + 1).collect(),
        }
    }

    /// The line of a part of the text.
    fn line(&self, part: &str) -> u32 {
        let offset = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        u32::try_from(self.starts.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX - 1) + 1
    }

    fn node(&self, raw: &'t RawValue, depth: usize) -> Result<Node, Unreadable> {
        let text = raw.get();
        let line = self.line(text);
        let unreadable = |why: String| Unreadable { line, why };
        let failed = |error: serde_json::Error| unreadable(format!("this is not JSON: {error}"));
        if depth > DEEPEST {
            return Err(unreadable(format!("values are nested more than {DEEPEST} deep")));
        }
        let kind = match text.as_bytes().first() {
            Some(b'{') => {
                let members: IndexMap<String, &RawValue> = serde_json::from_str(text).map_err(failed)?;
                let members = members
                    .into_iter()
                    .map(|(key, raw)| Ok((key, self.node(raw, depth + 1)?)));
                Kind::Map(members.collect::<Result<_, _>>()?)
            }
            Some(b'[') => {
                let members: Vec<&RawValue> = serde_json::from_str(text).map_err(failed)?;
                let members = members.into_iter().map(|raw| self.node(raw, depth + 1));
                Kind::List(members.collect::<Result<_, _>>()?)
            }
            Some(b'"') => Kind::Text(serde_json::from_str(text).map_err(failed)?),
            Some(b't') => Kind::Switch(true),
            Some(b'f') => Kind::Switch(false),
            Some(b'n') => Kind::Null,
            _ => Kind::Text(text.to_owned()),
        };
        Ok(Node { kind, line })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Kind, json};

    #[test]
    fn each_value_knows_its_line() {
        let tree = json("{\n  \"a\": 1,\n  \"b\": [\n    \"x\",\n    true ]\n}\n").unwrap();
        assert_eq!(tree.get("a").unwrap().line, 2);
        assert_eq!(tree.get("a").unwrap().text(), Some("1"));
        let lines: Vec<u32> = tree
            .get("b")
            .unwrap()
            .each()
            .iter()
            .map(|node| node.line)
            .collect();
        assert_eq!(lines, [4, 5]);
        assert_eq!(tree.get("b").unwrap().each()[1].kind, Kind::Switch(true));
    }

    #[test]
    fn what_is_no_json_has_a_line() {
        assert_eq!(json("{\n \"a\": }\n").unwrap_err().line, 2);
        assert_eq!(json("").unwrap_err().line, 1);
        assert!(json(&"[".repeat(100_000)).is_err());
        let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
        assert!(json(&deep).is_err());
    }
}

//! JSON and YAML with the lines their values stand in.

use super::document::Place;
use indexmap::IndexMap;
use saphyr_parser::{Event, Parser};
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
    /// Where it stands, in the file of this number.
    pub fn place(&self, file: usize) -> Place {
        Place {
            file,
            line: self.line,
        }
    }

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

/// Reads the document of YAML, of which there is one. Anchors are not followed: no tool that is imported writes them.
pub(super) fn yaml(text: &str) -> Result<Node, Unreadable> {
    let mut open: Vec<Open> = Vec::new();
    let mut root: Option<Node> = None;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Unreadable {
            line: number(error.marker().line()),
            why: format!("this is not YAML: {}", error.info()),
        })?;
        let line = number(span.start.line());
        let unreadable = |why: String| Err(Unreadable { line, why });
        let done = match event {
            Event::Scalar(text, ..) => Node {
                kind: Kind::Text(text.into_owned()),
                line,
            },
            Event::MappingStart(..) | Event::SequenceStart(..) if open.len() >= DEEPEST => {
                return unreadable(format!("values are nested more than {DEEPEST} deep"));
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(line, None, IndexMap::new()));
                continue;
            }
            Event::SequenceStart(..) => {
                open.push(Open::List(line, Vec::new()));
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => match open.pop() {
                Some(open) => open.close(),
                None => continue,
            },
            Event::DocumentStart(..) if root.is_some() => {
                return unreadable("there is more than one document in it".to_owned());
            }
            Event::Alias(_) => return unreadable("aliases are not followed".to_owned()),
            _ => continue,
        };
        match open.last_mut() {
            None => root = Some(done),
            Some(around) => around.add(done),
        }
    }
    Ok(root.unwrap_or(Node {
        kind: Kind::Null,
        line: 1,
    }))
}

/// A list or a map whose end is not read yet.
enum Open {
    List(u32, Vec<Node>),
    Map(u32, Option<String>, IndexMap<String, Node>),
}

impl Open {
    fn add(&mut self, node: Node) {
        match self {
            Self::List(_, list) => list.push(node),
            Self::Map(_, key, members) => match key.take() {
                Some(key) => {
                    members.insert(key, node);
                }
                // A key that is no text has no meaning to anybody here.
                None => *key = Some(node.text().unwrap_or_default().to_owned()),
            },
        }
    }

    fn close(self) -> Node {
        match self {
            Self::List(line, list) => Node {
                kind: Kind::List(list),
                line,
            },
            Self::Map(line, _, members) => Node {
                kind: Kind::Map(members.into_iter().collect()),
                line,
            },
        }
    }
}

fn number(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX).max(1)
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

    use super::{Kind, json, yaml};

    #[test]
    fn yaml_is_the_same_tree() {
        let tree = yaml("a:\n  b: [ x, 1 ]\n  c:\n    - true\n").unwrap();
        let a = tree.get("a").unwrap();
        assert_eq!(a.get("b").unwrap().each()[1].text(), Some("1"));
        assert_eq!(a.get("c").unwrap().each()[0].line, 4);
        assert_eq!(yaml("a: [\n").unwrap_err().line, 2);
        assert!(yaml("a: &x 1\nb: *x\n").is_err());
        assert_eq!(yaml("---\na: 1\n---\nb: 2\n").unwrap_err().line, 3);
        assert!(yaml("---\na: 1\n...\n").is_ok());
        assert!(yaml(&"[".repeat(100_000)).is_err());
    }

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

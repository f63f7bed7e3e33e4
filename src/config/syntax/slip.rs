//! The slips behind most of what TOML refuses, in our words: its parser knows only what it expected next.

mod quote;

use super::line_of;
use crate::config::keys::meant_for_interface;
use quote::{TYPOGRAPHIC, half_quoted, mixed_quotes, typographic};
use std::ops::Range;

/// A slip, and what to write instead.
#[derive(Debug, PartialEq)]
pub(super) struct Slip {
    /// Its place.
    pub(super) place: Range<usize>,
    /// What is wrong.
    pub(super) message: String,
    /// The words under the caret.
    pub(super) label: &'static str,
    /// What to do.
    pub(super) hint: Option<String>,
}

/// What the parser says of a value that is neither a number nor in quotes: it guesses from the first letter.
const BARE: [&str; 6] = [
    "string values must be quoted",
    "invalid float",
    "invalid boolean",
    "invalid integer",
    "invalid date",
    "invalid time",
];
/// What it says of a quote that has no other.
const HALF_QUOTED: [&str; 2] = ["invalid basic string", "missing opening quote"];
/// What it says of a quote that has none of its kind, and of what is behind that.
const HALF_CLOSED: [&str; 4] = [
    "invalid basic string",
    "invalid literal string",
    "unclosed array",
    "unclosed inline table",
];
/// What it says of a sign that no name has.
const SIGN: &str = "invalid unquoted key";
/// What it says of what follows a text that was not closed.
const NO_COMMA: &str = "missing comma";
/// What it says behind a value.
const BEHIND: &str = "unexpected key or value";
/// What it says of a line without `=`.
const NO_VALUE: &str = "key with no value";
/// What it says of a header without its end.
const NO_END: [&str; 2] = ["unclosed table", "unclosed array table"];

/// What ends a value, or stands before it.
const AROUND: [char; 9] = ['=', ',', '[', ']', '{', '}', ' ', '\t', '\n'];
/// Longer values are not shown again.
const LONGEST: usize = 64;

/// The slip behind what the parser says of a place; `None` when it is none of these.
pub(super) fn behind(said: &str, text: &str, place: &Range<usize>) -> Option<Slip> {
    let is_one_of = |phrases: &[&str]| phrases.iter().any(|phrase| said.starts_with(phrase));
    if is_one_of(&BARE) {
        bare(text, place)
    } else if is_one_of(&[SIGN]) {
        colon(text, place).or_else(|| name(text, place))
    } else if is_one_of(&[BEHIND]) {
        second_key(text, place)
    } else if is_one_of(&[NO_COMMA]) {
        // The text is on the line before.
        let end = text.get(..place.start)?.trim_end().len();
        mixed_quotes(text, &(end..end))
    } else if is_one_of(&[NO_VALUE]) {
        no_equals(text, place)
    } else if is_one_of(&NO_END) {
        header(text, place)
    } else {
        let quoted = is_one_of(&HALF_QUOTED).then(|| half_quoted(text, place));
        let closed = || is_one_of(&HALF_CLOSED).then(|| mixed_quotes(text, place));
        quoted.flatten().or_else(|| closed().flatten())
    }
}

/// A value without quotes. The parser may point into it: at `.2.1` of 192.0.2.1.
fn bare(text: &str, place: &Range<usize>) -> Option<Slip> {
    let start = text[..place.start].rfind(AROUND).map_or(0, |at| at + 1);
    let end = text[place.end..]
        .find(AROUND)
        .map_or(text.len(), |at| place.end + at);
    let place = start..end;
    let value = &text[place.clone()];
    // Then it is a key: two of them share the line.
    let is_key = text[end..].trim_start_matches([' ', '\t']).starts_with('=');
    if is_key {
        let behind = place.start + value.rfind([' ', '\t'])? + 1;
        return second_key(text, &(behind..place.end));
    }
    if value.is_empty() {
        return None;
    }
    if value.starts_with(TYPOGRAPHIC) {
        return Some(typographic(place, value));
    }
    let plain = value.trim_end_matches(';');
    let (message, label) = match plain {
        _ if plain != value => (
            format!("'{value}' is not a value"),
            "a line has no ';' at its end",
        ),
        _ if ["true", "false"].contains(&plain.to_ascii_lowercase().as_str()) => (
            format!("'{value}' is not a value"),
            "true and false are written in lower case",
        ),
        _ if switch(plain).is_some() => (format!("'{value}' is not a value"), "expected true or false"),
        _ => (
            "a value without quotes".to_owned(),
            "text and addresses need quotes",
        ),
    };
    let shown = (plain.len() <= LONGEST).then(|| as_toml(plain)).flatten();
    Some(Slip {
        place,
        message,
        label,
        hint: shown.map(|value| format!("write {value}")),
    })
}

/// What a word of other systems is in TOML.
fn switch(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "enable" | "enabled" => Some("true"),
        "false" | "no" | "off" | "disable" | "disabled" => Some("false"),
        _ => None,
    }
}

/// A value as TOML has it; `None` when it would have to be escaped.
fn as_toml(value: &str) -> Option<String> {
    let is_number = value.bytes().all(|b| b.is_ascii_digit());
    match switch(value) {
        Some(switch) => Some(switch.to_owned()),
        None if is_number => Some(value.to_owned()),
        None if value.contains(['"', '\\']) => None,
        None => Some(format!("\"{value}\"")),
    }
}

/// A colon where `=` belongs: `via: "198.51.100.1"`.
fn colon(text: &str, place: &Range<usize>) -> Option<Slip> {
    let behind = text.get(place.start..)?.strip_prefix(':')?;
    let entry = behind.split(['\n', ',', '}', '#']).next()?;
    let name = text[..place.start].rsplit(|c| !is_of_name(c)).next()?;
    let is_value = entry.starts_with([' ', '\t', '"', '\'', '[', '{']) && !entry.contains('=');
    (is_value && !name.is_empty()).then(|| Slip {
        place: place.start..place.start + 1,
        message: "':' where '=' belongs".to_owned(),
        label: "",
        hint: Some(format!("write {name} = {}", entry.trim())),
    })
}

/// Whether a path of names without quotes has this sign.
pub(super) fn is_of_name(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || "-_.".contains(sign)
}

/// A key behind a value, on the same line.
fn second_key(text: &str, place: &Range<usize>) -> Option<Slip> {
    let line = text.get(place.start..)?.lines().next()?;
    let key = line
        .split('=')
        .next()
        .filter(|key| key.len() < line.len())?
        .trim();
    let is_name = !key.is_empty() && !key.contains([' ', ',', '{', '[', '#']);
    is_name.then(|| Slip {
        place: place.start..place.start + key.len(),
        message: "two keys on one line".to_owned(),
        label: "each key has a line of its own",
        hint: None,
    })
}

/// A key and its value with nothing in between: `mtu 9000`.
fn no_equals(text: &str, place: &Range<usize>) -> Option<Slip> {
    let line = text.get(line_of(text, place.start))?;
    let (key, value) = line.trim().split_once([' ', '\t'])?;
    let value = value.trim();
    let is_value = !value.is_empty() && !value.contains([' ', '=', ',', '#']) && key.chars().all(is_of_name);
    is_value.then(|| Slip {
        place: place.clone(),
        message: "'=' is missing".to_owned(),
        label: "",
        hint: value_as_toml(value).map(|value| format!("write {key} = {value}")),
    })
}

/// A value that may be in quotes already.
fn value_as_toml(value: &str) -> Option<String> {
    match value.starts_with(['"', '\'', '[', '{']) {
        true => Some(value.to_owned()),
        false => as_toml(value),
    }
}

/// A header without its closing bracket.
fn header(text: &str, place: &Range<usize>) -> Option<Slip> {
    let written = text.get(line_of(text, place.start))?.split('#').next()?.trim();
    let close = if written.starts_with("[[") { "]]" } else { "]" };
    let name = written.trim_end_matches(']');
    Some(Slip {
        place: place.start..place.start,
        message: format!("'{close}' is missing at the end of this header"),
        label: "",
        hint: Some(format!("write {name}{close}")),
    })
}

/// A name with a sign that needs quotes, in a header or before a `=`.
fn name(text: &str, place: &Range<usize>) -> Option<Slip> {
    let sign = text.get(place.clone())?;
    if sign.starts_with(TYPOGRAPHIC) {
        return Some(Slip {
            place: place.clone(),
            message: "these are typographic quotes".to_owned(),
            label: "",
            hint: Some("write plain ones: \"".to_owned()),
        });
    }
    let path = PathOfNames::around(text, place.start)?;
    let (before, name, behind) = path.split_at_name(text, place.start)?;
    let signs = match sign.contains(['/', ':']) {
        true => "'/', ':' or '.'".to_owned(),
        false => format!("'{sign}'"),
    };
    let (open, close) = path.brackets;
    let quoted = || {
        let path = format!("{open}{before}\"{}\"{behind}{close}", &text[name.clone()]);
        format!("a name with {signs} needs quotes: {path}")
    };
    let of_interface = (before == "interfaces.").then(|| meant_for_interface(&text[name.clone()]));
    Some(Slip {
        message: format!("'{}' is not a name without quotes", &text[name.clone()]),
        label: "",
        hint: Some(of_interface.flatten().unwrap_or_else(quoted)),
        place: name,
    })
}

/// A path as it is written: in a header, or before a `=`.
struct PathOfNames {
    place: Range<usize>,
    brackets: (&'static str, &'static str),
}

impl PathOfNames {
    fn around(text: &str, at: usize) -> Option<Self> {
        let line = text[..at].rfind('\n').map_or(0, |at| at + 1);
        let indent = text[line..at].len() - text[line..at].trim_start().len();
        let (start, ends, brackets) = match &text[line + indent..at] {
            before if before.starts_with("[[") => (line + indent + 2, "]\n", ("[[", "]]")),
            before if before.starts_with('[') => (line + indent + 1, "]\n", ("[", "]")),
            before => {
                let start = before.rfind(['{', ',']).map_or(0, |at| at + 1);
                (line + indent + start, "=\n", ("", ""))
            }
        };
        let end = at + text[at..].find(|c| ends.contains(c))?;
        let written = &text[start..end];
        let blank = written.len() - written.trim_start().len();
        let place = start + blank..start + written.trim_end().len();
        let closed = !text[end..].starts_with('\n');
        (closed && !written.contains(['"', '\''])).then_some(Self { place, brackets })
    }

    /// What is before the name with a place in it, the name, and what is behind it. TOML takes the dots of an address for
    /// those of the path.
    fn split_at_name<'t>(&self, text: &'t str, at: usize) -> Option<(&'t str, Range<usize>, &'t str)> {
        let mut start = text
            .get(self.place.start..at)?
            .rfind('.')
            .map_or(self.place.start, |dot| self.place.start + dot + 1);
        let end = text
            .get(at..self.place.end)?
            .find('.')
            .map_or(self.place.end, |dot| at + dot);
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if text[start..end].starts_with(|c: char| c.is_ascii_digit()) {
            while let Some(before) = text[self.place.start..start].strip_suffix('.') {
                let part = before.rsplit('.').next().unwrap_or_default();
                if !is_number(part) {
                    break;
                }
                start -= part.len() + 1;
            }
        }
        let before = text.get(self.place.start..start)?;
        Some((before, start..end, text.get(end..self.place.end)?))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::behind;
    use toml::de::DeTable;

    /// Where the first slip of a text is, and what to do about it.
    fn found(text: &str) -> (String, String) {
        let (_, errors) = DeTable::parse_recoverable(text);
        let error = errors
            .iter()
            .min_by_key(|error| error.span().unwrap().start)
            .unwrap();
        let slip = behind(error.message(), text, &error.span().unwrap())
            .unwrap_or_else(|| panic!("{text:?}: {}", error.message()));
        (text[slip.place].to_owned(), slip.hint.unwrap_or_default())
    }

    #[test]
    fn the_words_of_the_parser_are_known_and_the_slip_is_found() {
        let sign = "a name with '/', ':' or '.' needs quotes: ";
        for (text, place, hint) in [
            ("a = no\n", "no", "write false"),
            ("a = yes", "yes", "write true"),
            ("a = { b = On, c = 1 }\n", "On", "write true"),
            ("a = [1, off]\n", "off", "write false"),
            ("a = True # or not\n", "True", "write true"),
            ("a = FALSE\n", "FALSE", "write false"),
            ("a = 9000;\n", "9000;", "write 9000"),
            ("a = edge1\n", "edge1", "write \"edge1\""),
            ("a = [192.0.2.1]\n", "192.0.2.1", "write \"192.0.2.1\""),
            ("a = 2001:db8::1\n", "2001:db8::1", "write \"2001:db8::1\""),
            ("a = 0000:65:00.0\n", "0000:65:00.0", "write \"0000:65:00.0\""),
            ("a = 2-5\n", "2-5", "write \"2-5\""),
            ("a = none\n", "none", "write \"none\""),
            ("a = “edge1”\n", "“edge1”", "write \"edge1\" with plain ones"),
            ("a = [„a b“, 1]\n", "„a b“", "write \"a b\" with plain ones"),
            ("a = \"edge1”\n", "\"edge1”", "write \"edge1\" with plain ones"),
            ("a = “edge1\"\n", "“edge1\"", "write \"edge1\" with plain ones"),
            ("[a.“b”]\n", "“", "write plain ones: \""),
            ("a = '1.2.3.4/8\"\n", "'1.2.3.4/8\"", "write \"1.2.3.4/8\""),
            ("a = [\"b\", \"c']\n", "\"c'", "write \"c\""),
            ("a 1\nb = ['c\"]\n\n[d]\n", "", "write a = 1"),
            ("a: 1\n", ":", "write a = 1"),
            ("a = { b: \"c\", d = 1 }\n", ":", "write b = \"c\""),
            ("a = 1 b = 2\n", "b", ""),
            ("a = [1] b.c = 2\n", "b.c", ""),
            ("a 1\n", "", "write a = 1"),
            ("[a.b\n", "", "write [a.b]"),
            ("[[a]\nb = 1\n", "", "write [[a]]"),
            (
                "[routes.0.0.0.0/0]\n",
                "0.0.0.0/0",
                &format!("{sign}[routes.\"0.0.0.0/0\"]"),
            ),
            (
                "[routes.2001:db8::/32]\n",
                "2001:db8::/32",
                &format!("{sign}[routes.\"2001:db8::/32\"]"),
            ),
            ("[[a.b/c.d]]\n", "b/c", &format!("{sign}[[a.\"b/c\".d]]")),
            (
                "a = { 10.0.0.0/8 = 1 }\n",
                "10.0.0.0/8",
                &format!("{sign}\"10.0.0.0/8\""),
            ),
            ("[a@b]\n", "a@b", "a name with '@' needs quotes: [\"a@b\"]"),
            (
                "[interfaces.ge-0/0/0]\n",
                "ge-0/0/0",
                "the name is yours to choose, as in [interfaces.ge-0-0-0]; its `match` says which NIC it is",
            ),
        ] {
            assert_eq!(found(text), (place.to_owned(), hint.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_such_slip_is_left_to_the_parser() {
        for text in ["a = \"edge1\n", "a 1 2\n", "a = \"x\"\"\n", "/"] {
            let (_, errors) = DeTable::parse_recoverable(text);
            for error in errors {
                let slip = behind(error.message(), text, &error.span().unwrap_or(0..0));
                assert!(slip.is_none(), "{text:?}: {slip:?}");
            }
        }
    }
}

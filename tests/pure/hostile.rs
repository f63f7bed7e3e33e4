//! Any bytes in any file: an error or a Model, never a panic, and no control character in a message.
#![allow(clippy::unwrap_used)]

use imp::config::{self, File, Severity, report};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Whatever the files hold, parsing ends, an error means no Model, and the report is plain text.
fn survives(files: &BTreeMap<String, File>) {
    let parsed = config::parse(files);
    let errors = parsed.diagnostics.iter().any(|d| d.severity == Severity::Error);
    assert_eq!(parsed.model.is_none(), errors);
    let text = report::text(&parsed.diagnostics, &parsed.sources, false);
    let hidden = text.chars().find(|c| {
        (c.is_control() && *c != '\n')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    });
    assert_eq!(hidden, None, "{text}");
    report::json(&parsed.diagnostics, &parsed.sources);
}

fn files(document: Vec<u8>) -> BTreeMap<String, File> {
    let file = |bytes: Vec<u8>| File { bytes, mode: 0o640 };
    BTreeMap::from([
        ("10-imp.toml".to_owned(), file(document)),
        (
            "20-more.toml".to_owned(),
            file(b"[prefix-lists]\nMORE = [\"10.0.0.0/8\"]\n".to_vec()),
        ),
        ("secrets/bgp-transit-a".to_owned(), file(b"hunter2\n".to_vec())),
        (
            "identity/ssh_ca.pub".to_owned(),
            file(b"ssh-ed25519 AAAA\n".to_vec()),
        ),
    ])
}

const EXAMPLE: &str = include_str!("../trees/01-example/root/persistent/config/imp.toml");

/// What breaks lines, quotes, tokens and directions.
const HOSTILE: [&str; 24] = [
    "\n",
    "\r",
    "\"",
    "'",
    ";",
    "#",
    "!",
    "{",
    "}",
    "[",
    "]",
    "=",
    ".",
    "\u{0}",
    "\u{1b}[2J",
    "\u{202e}",
    "\u{200b}",
    "\u{feff}",
    "\\n",
    "\"\"\"",
    "-1",
    "99999999999999999999",
    "::",
    "ü",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        survives(&files(bytes));
    }

    #[test]
    fn the_example_with_anything_anywhere(
        edits in proptest::collection::vec((0..EXAMPLE.len(), 0..12usize, 0..HOSTILE.len()), 1..4)
    ) {
        let mut document = EXAMPLE.as_bytes().to_vec();
        for (at, removed, inserted) in edits {
            let at = at.min(document.len());
            let end = (at + removed).min(document.len());
            document.splice(at..end, HOSTILE[inserted].bytes());
        }
        survives(&files(document));
    }

    #[test]
    fn every_string_of_the_example_replaced(nth in 0..120usize, text in "\\PC{0,20}|[\\x00-\\x7f]{0,20}") {
        let mut quoted = EXAMPLE.split('"');
        let mut document = quoted.next().unwrap_or_default().to_owned();
        for (i, part) in quoted.enumerate() {
            document.push('"');
            let value: String = text.chars().flat_map(char::escape_unicode).collect();
            let value = value.replace("\\u{", "\\U").replace('}', "");
            let padded = value.split("\\U").skip(1).map(|hex| format!("\\U{hex:0>8}"));
            document.push_str(&if i == 2 * nth { padded.collect() } else { part.to_owned() });
        }
        survives(&files(document.into_bytes()));
    }
}

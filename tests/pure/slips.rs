//! Slips of the operator in the example: never a panic, and hostile text in a string is refused in every position.
#![allow(clippy::unwrap_used)]

use super::config::{example, private, said};
use imp::config::{self, File, Severity};
use proptest::prelude::*;
use std::collections::BTreeMap;

const EXAMPLE: &str = include_str!("../trees/01-example/root/persistent/config/imp.toml");

/// Parses, and holds what is promised of every result.
fn parse(files: &BTreeMap<String, File>) -> bool {
    let parsed = config::parse(files);
    let errors = parsed.diagnostics.iter().any(|d| d.severity == Severity::Error);
    assert_eq!(
        parsed.model.is_none(),
        errors,
        "a Model exactly when nothing is an error"
    );
    let places: Vec<_> = parsed
        .diagnostics
        .iter()
        .map(|d| d.place.as_ref().map(|(span, _)| *span))
        .collect();
    assert!(places.is_sorted(), "in the documents' order");
    said(&parsed);
    parsed.model.is_some()
}

fn with(path: &str, bytes: impl Into<Vec<u8>>) -> BTreeMap<String, File> {
    let mut files = example();
    files.extend(private(BTreeMap::from([(path.to_owned(), bytes.into())])));
    files
}

/// Text that means something to TOML, or to what the values end up in.
fn snippet() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("[".to_owned()),
        Just("]]".to_owned()),
        Just("{".to_owned()),
        Just("}".to_owned()),
        Just("\"".to_owned()),
        Just("'''".to_owned()),
        Just("\\".to_owned()),
        Just(" = ".to_owned()),
        Just("\n".to_owned()),
        Just(",".to_owned()),
        Just("\n[interfaces.external]\n".to_owned()),
        Just("\nmtu = 9000\n".to_owned()),
        Just("\na.b.c = 1\na.b = 2\n".to_owned()),
        Just("0xffff_ffff_ffff_ffff".to_owned()),
        Just("-1".to_owned()),
        Just("1979-05-27T07:32:00Z".to_owned()),
        Just("nan".to_owned()),
        Just("/0".to_owned()),
        Just("::".to_owned()),
        any::<String>(),
    ]
}

/// A cut or an insertion somewhere in a text.
fn edits() -> impl Strategy<Value = Vec<(prop::sample::Index, usize, String)>> {
    prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, snippet()), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_in_a_file_beside_it(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        path in prop::sample::select(vec![
            "secrets/bgp-transit-a", "identity/hosts", "identity/tcp_ports",
            "identity/ssh_ca.pub", "templates/frr/frr.conf.j2",
        ]),
    ) {
        parse(&with(path, bytes));
    }

    #[test]
    fn the_example_with_slips(edits in edits()) {
        let mut chars: Vec<char> = EXAMPLE.chars().collect();
        for (index, cut, insert) in edits {
            let start = index.index(chars.len().max(1)).min(chars.len());
            let end = (start + cut).min(chars.len());
            chars.splice(start..end, insert.chars());
        }
        parse(&with("imp.toml", chars.into_iter().collect::<String>()));
    }

    #[test]
    fn lines_in_another_order(seed in prop::collection::vec(any::<prop::sample::Index>(), 1..8)) {
        let mut lines: Vec<&str> = EXAMPLE.lines().collect();
        for pair in seed.chunks_exact(2) {
            let (from, to) = (pair[0].index(lines.len()), pair[1].index(lines.len()));
            let line = lines.remove(from);
            lines.insert(to.min(lines.len()), line);
        }
        parse(&with("imp.toml", lines.join("\n")));
    }

    #[test]
    fn a_second_file_of_the_same_lines(from in any::<prop::sample::Index>(), count in 1_usize..20) {
        let lines: Vec<&str> = EXAMPLE.lines().collect();
        let from = from.index(lines.len());
        let part = lines[from..(from + count).min(lines.len())].join("\n");
        parse(&with("20-again.toml", part));
    }
}

/// Each is a line end, an invisible turn, or a token to one of the programs that read what is rendered.
const HOSTILE: [&str; 18] = [
    "a\nb",
    "a\r\nb",
    "a\0b",
    "a\u{1b}[31mb",
    "a\u{85}b",
    "a\u{2028}b",
    "a\u{202e}b",
    "a\u{200b}b",
    "a\"b",
    "a;b",
    "a#b",
    "a!b",
    "a{b}",
    "a\\b",
    "a$(b)",
    "a b",
    "",
    "../b",
];

/// The byte ranges of the strings of the example, quotes included, with their line.
fn strings() -> Vec<(std::ops::Range<usize>, &'static str)> {
    let mut found = Vec::new();
    let mut offset = 0;
    for line in EXAMPLE.split_inclusive('\n') {
        let said = line.split(" #").next().unwrap_or_default();
        let quotes: Vec<usize> = said.match_indices('"').map(|(at, _)| at).collect();
        for pair in quotes.chunks_exact(2) {
            found.push((offset + pair[0]..offset + pair[1] + 1, said));
        }
        offset += line.len();
    }
    found
}

#[test]
fn hostile_text_in_every_string() {
    let strings = strings();
    assert!(strings.len() > 60, "the example has strings");
    for (range, line) in strings {
        for hostile in HOSTILE {
            let literal: String = hostile
                .chars()
                .map(|c| match u32::from(c) {
                    n if !(' '..='~').contains(&c) || c == '"' || c == '\\' => format!("\\u{n:04x}"),
                    _ => c.to_string(),
                })
                .collect();
            let mut text = EXAMPLE.to_owned();
            text.replace_range(range.clone(), &format!("\"{literal}\""));
            let accepted = parse(&with("imp.toml", text));
            let harmless = hostile.chars().all(|c| (' '..='~').contains(&c)) && !hostile.is_empty();
            let free_text = line.starts_with("description");
            assert!(
                !accepted || (free_text && harmless),
                "{hostile:?} was taken in: {line}"
            );
        }
    }
}

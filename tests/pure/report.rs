//! How a finding looks: the caret under the right character whatever the line holds, and no secret in it.
#![allow(clippy::unwrap_used)]

use imp::config::code::{E0103, E0107};
use imp::config::{Diagnostic, Sources, Span, report};

/// Documents, and the span of the nth occurrence of a word in one of them.
struct Documents(Sources);

impl Documents {
    fn new(documents: &[(&str, &str)]) -> Self {
        let mut sources = Sources::default();
        for (name, text) in documents {
            sources.add((*name).to_owned(), (*text).to_owned()).unwrap();
        }
        Self(sources)
    }

    fn span(&self, document: usize, word: &str) -> Span {
        let document = &self.0.documents()[document];
        let start = document.base + document.text.find(word).unwrap() as u32;
        Span {
            start,
            end: start + word.len() as u32,
        }
    }

    fn text(&self, diagnostic: Diagnostic) -> String {
        report::text(&[diagnostic], &self.0, false)
    }
}

fn unknown(span: Span) -> Diagnostic {
    Diagnostic::error(E0103, span, "unknown key 'mtuu'")
}

#[test]
fn one_place_a_label_and_a_hint() {
    let documents = Documents::new(&[("10-system.toml", "a = 1\n\n[interfaces.external]\nmtuu = 9000\n")]);
    let found = unknown(documents.span(0, "mtuu"))
        .label("no such key here")
        .hint("did you mean 'mtu'?");
    assert_eq!(
        documents.text(found),
        "\
error[E0103]: unknown key 'mtuu'
 --> 10-system.toml:4:1
  |
4 | mtuu = 9000
  | ^^^^ no such key here
  |
  = help: did you mean 'mtu'?

1 error
"
    );
}

#[test]
fn two_files_each_with_its_line() {
    let documents = Documents::new(&[
        ("10-a.toml", "x = 1\n".repeat(99).as_str()),
        ("20-b.toml", "# again\n  mtu = 9000"),
    ]);
    let found = Diagnostic::error(E0107, documents.span(1, "mtu"), "'mtu' is set twice")
        .also(documents.span(0, "x"), "first set here")
        .hint("keep one");
    assert_eq!(
        documents.text(found),
        "\
error[E0107]: 'mtu' is set twice
 --> 20-b.toml:2:3
  |
2 |   mtu = 9000
  |   ^^^
  |
 ::: 10-a.toml:1:1
  |
1 | x = 1
  | - first set here
  |
  = help: keep one

1 error
"
    );
}

#[test]
fn two_places_in_one_file() {
    let text = "[a]\nfirst = 1\n".to_owned() + &"\n".repeat(120) + "second = 2\n";
    let documents = Documents::new(&[("imp.toml", &text)]);
    let found = Diagnostic::warning(E0107, documents.span(0, "second"), "they overlap")
        .label("this one")
        .also(documents.span(0, "first"), "with this one");
    assert_eq!(
        documents.text(found),
        "\
warning[E0107]: they overlap
   --> imp.toml:123:1
    |
123 | second = 2
    | ^^^^^^ this one
    |
   ::: imp.toml:2:1
    |
  2 | first = 1
    | ----- with this one

1 warning
"
    );
}

#[test]
fn two_places_in_one_line() {
    let documents = Documents::new(&[("imp.toml", "addresses = [\"10.0.0.1/8\", \"10.1.0.1/16\"]\n")]);
    let found = Diagnostic::error(E0107, documents.span(0, "\"10.1.0.1/16\""), "they overlap")
        .label("lies in the other")
        .also(documents.span(0, "\"10.0.0.1/8\""), "this one");
    assert_eq!(
        documents.text(found),
        "\
error[E0107]: they overlap
 --> imp.toml:1:28
  |
1 | addresses = [\"10.0.0.1/8\", \"10.1.0.1/16\"]
  |              ------------  ^^^^^^^^^^^^^ lies in the other
  |              |
  |              this one

1 error
"
    );
}

#[test]
fn tabs_and_wide_characters_keep_the_caret_in_place() {
    let documents = Documents::new(&[("imp.toml", "\tname = \"路由器\"\tmtuu = 1\r\n")]);
    let text = documents.text(unknown(documents.span(0, "mtuu")));
    assert_eq!(
        text,
        "\
error[E0103]: unknown key 'mtuu'
 --> imp.toml:1:15
  |
1 |     name = \"路由器\"    mtuu = 1
  |                        ^^^^

1 error
"
    );
}

#[test]
fn the_end_of_a_file_without_a_newline_and_an_empty_file() {
    let documents = Documents::new(&[("a.toml", "key = "), ("b.toml", "")]);
    let end = Span { start: 6, end: 6 };
    assert!(
        documents
            .text(unknown(end))
            .contains(" --> a.toml:1:7\n  |\n1 | key = \n  |       ^\n")
    );
    let empty = Span { start: 7, end: 7 };
    assert!(
        documents
            .text(unknown(empty))
            .contains(" --> b.toml:1:1\n  |\n1 |\n  | ^\n")
    );
}

#[test]
fn a_span_over_lines_shows_its_first() {
    let documents = Documents::new(&[("a.toml", "list = [\n  1,\n  2,\n]\n")]);
    let text = documents.text(unknown(documents.span(0, "[\n  1,\n  2,\n]")));
    assert!(
        text.contains(" --> a.toml:1:8\n  |\n1 | list = [\n  |        ^\n\n"),
        "{text}"
    );
}

#[test]
fn what_could_break_or_turn_a_line_is_visible() {
    let documents = Documents::new(&[("a.toml", "x = \"\u{202e}\u{1b}[31m\u{0}\u{200b}\" # mtuu\n")]);
    let found = Diagnostic::error(E0103, documents.span(0, "mtuu"), "unknown key 'a\n\u{202e}b'");
    assert_eq!(
        documents.text(found),
        "\
error[E0103]: unknown key 'a\\n\\u{202e}b'
 --> a.toml:1:18
  |
1 | x = \"�␛[31m␀�\" # mtuu
  |                  ^^^^

1 error
"
    );
}

#[test]
fn a_very_long_line_is_cut_around_the_caret_and_keeps_its_column() {
    let line = format!(
        "list = [{} mtuu {}]\n",
        "1, ".repeat(100_000),
        "2, ".repeat(100_000)
    );
    let documents = Documents::new(&[("a.toml", &line)]);
    let text = documents.text(unknown(documents.span(0, "mtuu")));
    assert!(text.contains(" --> a.toml:1:300010\n"), "{text}");
    assert!(
        text.contains("1, 1,  mtuu 2, 2,") && text.contains("^^^^"),
        "{text}"
    );
    assert!(text.lines().all(|line| line.len() < 160), "{text}");
}

#[test]
fn a_password_typed_into_the_document_is_covered() {
    for line in [
        "password = \"hunter2\"",
        "pasword-x = { \"password\" = 'hunter2', a = 1 }",
        "Password=\"hunt\\\"hunter2",
        "md5-key = hunter2",
    ] {
        let documents = Documents::new(&[("a.toml", line)]);
        let text = documents.text(unknown(Span { start: 0, end: 3 }));
        assert!(!text.contains("hunter2") && text.contains("*****"), "{text}");
    }
    let documents = Documents::new(&[("a.toml", "password-file = \"secrets/a\"")]);
    assert!(
        documents
            .text(unknown(Span { start: 0, end: 3 }))
            .contains("secrets/a")
    );
}

#[test]
fn the_summary_counts_and_leaves_out_zeros() {
    let documents = Documents::new(&[("a.toml", "x = 1\n")]);
    assert_eq!(report::text(&[], &documents.0, false), "");
    let found = [
        Diagnostic::nowhere(E0103, "one"),
        Diagnostic::nowhere(E0103, "two"),
        Diagnostic::warning(E0103, Span { start: 0, end: 1 }, "three"),
    ];
    let text = report::text(&found, &documents.0, false);
    assert!(text.starts_with("error[E0103]: one\n\nerror[E0103]: two\n\nwarning[E0103]: three\n"));
    assert!(text.ends_with("\n\n2 errors, 1 warning\n"));
    let many: Vec<Diagnostic> = (0..2000).map(|_| Diagnostic::nowhere(E0103, "x")).collect();
    let text = report::text(&many, &documents.0, false);
    assert!(text.ends_with("\n2000 errors; the first 1000 are shown\n"));
}

#[test]
fn colours_only_when_asked_for() {
    let documents = Documents::new(&[("a.toml", "mtuu = 1\n")]);
    let found = [unknown(documents.span(0, "mtuu"))];
    assert!(!report::text(&found, &documents.0, false).contains('\u{1b}'));
    assert!(report::text(&found, &documents.0, true).contains("\u{1b}["));
}

#[test]
fn json_has_every_field_always() {
    let documents = Documents::new(&[("a.toml", "mtuu = 1\nmtu = 2\n")]);
    let found = [
        unknown(documents.span(0, "mtuu"))
            .label("here")
            .also(documents.span(0, "mtu = 2"), "there")
            .hint("a hint"),
        Diagnostic::nowhere(E0103, "nowhere"),
    ];
    let json: serde_json::Value = serde_json::from_str(&report::json(&found, &documents.0)).unwrap();
    let expected = serde_json::json!({
        "errors": 2,
        "warnings": 0,
        "diagnostics": [
            {
                "code": "E0103", "severity": "error", "message": "unknown key 'mtuu'",
                "file": "a.toml", "line": 1, "column": 1, "end_line": 1, "end_column": 5, "label": "here",
                "other": {
                    "file": "a.toml", "line": 2, "column": 1, "end_line": 2, "end_column": 8, "label": "there"
                },
                "hint": "a hint"
            },
            {
                "code": "E0103", "severity": "error", "message": "nowhere",
                "file": null, "line": null, "column": null, "end_line": null, "end_column": null, "label": null,
                "other": null, "hint": null
            }
        ]
    });
    assert_eq!(json, expected);
}

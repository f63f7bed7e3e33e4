//! Documents with one thing wrong, and the diagnostic for each: `tests/rejects/E0123-WHAT/` holds a configuration
//! folder and `expected.txt`, which `BLESS=1` writes anew.
//!
//! A file has mode 0640 when it is read, 0755 when it is executable here: git keeps nothing else.
#![allow(clippy::unwrap_used)]

use imp::config::{self, File, Severity, code, report};
use similar::TextDiff;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const EXPECTED: &str = "expected.txt";

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rejects");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    cases
}

fn name(case: &Path) -> &str {
    case.file_name().unwrap().to_str().unwrap()
}

/// The files of a case by their path below it.
fn files(case: &Path, below: &str, into: &mut BTreeMap<String, File>) {
    for entry in fs::read_dir(case.join(below)).unwrap() {
        let entry = entry.unwrap();
        let path = Path::new(below).join(entry.file_name());
        let path = path.to_str().unwrap();
        if entry.file_type().unwrap().is_dir() {
            files(case, path, into);
        } else if path != EXPECTED {
            let executable = entry.metadata().unwrap().permissions().mode() & 0o100 != 0;
            let file = File {
                bytes: fs::read(entry.path()).unwrap(),
                mode: if executable { 0o755 } else { 0o640 },
            };
            into.insert(path.to_owned(), file);
        }
    }
}

/// The diagnostics of a case; an error when they do not carry the code the case is named after.
fn said(case: &Path) -> Result<String, String> {
    let mut input = BTreeMap::new();
    files(case, "", &mut input);
    let parsed = config::parse(&input);
    let text = report::text(&parsed.diagnostics, &parsed.sources, false);
    let code = name(case).split('-').next().unwrap();
    let errors = parsed.diagnostics.iter().any(|d| d.severity == Severity::Error);
    if !parsed.diagnostics.iter().any(|d| d.code.to_string() == code) {
        return Err(format!("{}: {code} is not said:\n{text}", name(case)));
    }
    if parsed.model.is_some() == errors {
        return Err(format!("{}: a Model beside an error, or neither", name(case)));
    }
    Ok(text)
}

#[test]
fn each_rejected_document_is_explained_as_expected() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        let expected = case.join(EXPECTED);
        match said(&case) {
            Err(message) => wrong.push(message),
            Ok(text) if bless => fs::write(expected, text).unwrap(),
            Ok(text) => {
                let before = fs::read_to_string(expected).unwrap_or_default();
                if before != text {
                    let diff = TextDiff::from_lines(&before, &text);
                    wrong.push(format!("{}:\n{}", name(&case), diff.unified_diff()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_code_is_explained_once_and_says_what_to_do() {
    let mut last = 0;
    for explanation in code::explanations() {
        let number: u32 = explanation.code.to_string()[1..].parse().unwrap();
        assert!(number > last, "{} stands twice or out of order", explanation.code);
        last = number;
        let found = code::explain(&explanation.code.to_string()).unwrap();
        assert_eq!(found.title, explanation.title);
        assert!(
            explanation.title.len() <= 70,
            "{}: {}",
            explanation.code,
            explanation.title
        );
        assert!(
            explanation.text.len() > explanation.title.len(),
            "{}",
            explanation.code
        );
        let lines = explanation.text.lines();
        assert!(
            lines.clone().all(|line| line.len() <= 120),
            "{}",
            explanation.code
        );
        assert!(explanation.text.ends_with(['.', '`']), "{}", explanation.code);
    }
    assert!(code::explain("E9999").is_none() && code::explain("x").is_none());
    assert_eq!(code::explain("311").unwrap().code, code::E0311);
}

/// Codes no small document shows by itself; each has a test of its own in `config`, `step` or `plan`.
const ELSEWHERE: [&str; 8] = [
    "E0111", "E0112", "E0712", "E0719", "E0750", "E0752", "E0756", "E0757",
];

#[test]
fn every_code_of_a_document_is_shown() {
    let cases = cases();
    let shown: BTreeSet<&str> = cases
        .iter()
        .filter_map(|case| Some(name(case).split_once('-')?.0))
        .collect();
    let codes = code::explanations().map(|e| e.code.to_string());
    let missing: Vec<String> = codes
        .filter(|code| {
            let ranges = ["E0000".."E0400", "E0420".."E0500", "E0700".."E0830"];
            ranges.iter().any(|range| range.contains(&code.as_str()))
        })
        .filter(|code| !shown.contains(code.as_str()))
        .filter(|code| !ELSEWHERE.contains(&code.as_str()))
        .collect();
    assert_eq!(
        missing,
        Vec::<String>::new(),
        "no case in tests/rejects shows these"
    );
    assert!(cases.len() >= 100, "a hundred of them");
}

//! The rooms of `config`: what a subject may name of the others, and that what they share names none of them.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// Which subjects a subject may name; itself always.
const SUBJECTS: [(&str, &[&str]); 6] = [
    ("routing", &[]),
    ("links", &["routing"]),
    ("boot", &[]),
    ("machine", &["links"]),
    ("incus", &["links"]),
    ("nat", &["machine"]),
];

/// What every subject may name, and what names none of them.
const SHARED: [&str; 7] = [
    "keys",
    "check.rs",
    "diag.rs",
    "index.rs",
    "overlap.rs",
    "source.rs",
    "code",
];

fn rust_files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| rust_files(&path)).collect()
}

/// The subjects a file names.
fn named(path: &Path) -> Vec<&'static str> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let text: String = lines.collect::<Vec<_>>().join("\n");
    let names = |subject: &str| {
        ["crate::config::", "super::super::"].iter().any(|root| {
            text.contains(&format!("{root}{subject}::")) || text.contains(&format!("{root}{subject};"))
        })
    };
    SUBJECTS
        .iter()
        .map(|(subject, _)| *subject)
        .filter(|subject| names(subject))
        .collect()
}

#[test]
fn subjects_name_each_other_one_way() {
    let mut wrong = Vec::new();
    for (subject, allowed) in SUBJECTS {
        for path in rust_files(&Path::new("src/config").join(subject)) {
            for other in named(&path) {
                if other != subject && !allowed.contains(&other) {
                    wrong.push(format!("{}: {subject} names {other}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_subjects_share_names_none_of_them() {
    for shared in SHARED {
        for path in rust_files(&Path::new("src/config").join(shared)) {
            assert_eq!(named(&path), Vec::<&str>::new(), "{}", path.display());
        }
    }
}

#[test]
fn each_subject_has_its_declarations_and_is_in_the_table() {
    for entry in fs::read_dir("src/config")
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        let name = entry.file_name().unwrap().to_str().unwrap();
        let known = SUBJECTS.iter().any(|(subject, _)| *subject == name);
        assert_eq!(entry.join("raw.rs").exists(), known, "{name}");
    }
}

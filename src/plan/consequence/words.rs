//! What differs in a file, in words.

use std::collections::BTreeSet;

/// What differs in startup.conf, in words.
pub(super) fn startup_differs(old: &str, new: &str) -> String {
    let (old, new) = (acting(old), acting(new));
    let gone: Vec<&&str> = old.iter().filter(|line| !new.contains(line)).collect();
    let come: Vec<&&str> = new.iter().filter(|line| !old.contains(line)).collect();
    let first = |line: &&&str| line.split(' ').next().unwrap_or_default().to_owned();
    let settings: BTreeSet<String> = gone.iter().chain(&come).map(first).collect();
    match (gone.as_slice(), come.as_slice()) {
        ([old], [new]) => format!("'{old}' in startup.conf becomes '{new}'"),
        ([], [new]) => format!("startup.conf has '{new}' as well"),
        ([old], []) => format!("'{old}' is no longer in startup.conf"),
        _ => {
            let settings: Vec<String> = settings.into_iter().collect();
            format!("startup.conf differs in {}", settings.join(", "))
        }
    }
}

/// What differs in FRR's daemons file, in words.
pub(super) fn daemons_differ(old: &str, new: &str) -> String {
    let running = |text: &str| -> BTreeSet<String> {
        let lines = text.lines().filter_map(|line| line.strip_suffix("=yes"));
        // What is no daemon's switch is how the others are started.
        lines
            .filter(|name| !name.contains('_'))
            .map(str::to_owned)
            .collect()
    };
    let (old, new) = (running(old), running(new));
    let list = |names: Vec<&String>| names.into_iter().cloned().collect::<Vec<_>>().join(", ");
    let (come, gone) = (
        list(new.difference(&old).collect()),
        list(old.difference(&new).collect()),
    );
    match (come.as_str(), gone.as_str()) {
        ("", "") => "options of its daemons differ".to_owned(),
        (come, "") => format!("it runs {come} as well"),
        ("", gone) => format!("it no longer runs {gone}"),
        (come, gone) => format!("it runs {come} as well and no longer {gone}"),
    }
}

/// The lines that are no comment.
pub(super) fn acting(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

/// `1 line`, `2 lines`.
pub fn counted(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

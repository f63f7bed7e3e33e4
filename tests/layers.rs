//! The house holds: arrows run one way, only some rooms touch the machine, and every room stays small.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// Which layers a layer may name; itself always.
const ARROWS: [(&str, &[&str]); 11] = [
    ("types", &[]),
    ("config", &["types"]),
    ("render", &["types", "config"]),
    // Plain data only: the Bindings and the Rendered files it compares with the machine.
    ("facts", &["types", "config", "render"]),
    ("plan", &["types", "config", "render", "facts"]),
    (
        "act",
        &["types", "config", "render", "facts", "plan", "exit", "log"],
    ),
    (
        "boot",
        &[
            "types", "config", "render", "facts", "host", "plan", "act", "exit", "log",
        ],
    ),
    ("host", &["types", "act", "exit", "log"]),
    (
        "health",
        &[
            "types", "config", "render", "facts", "host", "plan", "act", "boot", "exit",
        ],
    ),
    (
        "step",
        &[
            "types", "config", "facts", "host", "plan", "act", "boot", "health", "exit",
        ],
    ),
    (
        "impctl",
        &[
            "types", "config", "render", "facts", "plan", "act", "boot", "health", "step", "exit", "log",
        ],
    ),
];

/// What touches the machine.
const EFFECTS: [&str; 7] = [
    "std::fs",
    "std::process",
    "std::env",
    "std::net::Tcp",
    "std::os::unix",
    " nix::",
    "std::thread",
];

/// Where that is allowed, and why.
const HANDS: [(&str, &[&str]); 10] = [
    // The thread enters a namespace, looks and ends.
    (
        "src/facts/",
        &["std::fs", "std::os::unix", "std::thread", " nix::"],
    ),
    ("src/act/", &EFFECTS),
    ("src/boot/", &EFFECTS),
    ("src/host/", &EFFECTS),
    ("src/health/", &EFFECTS),
    ("src/step/", &EFFECTS),
    // The configuration folder on disk.
    ("src/config/load.rs", &["std::fs", "std::os::unix"]),
    // The arguments, and the exit code.
    ("src/exit.rs", &["std::env", "std::process"]),
    // Where the log goes.
    (
        "src/log.rs",
        &["std::fs", "std::env", "std::process", "std::os", " nix::"],
    ),
    // Whether colour is wanted.
    ("src/impctl/out.rs", &["std::env"]),
];

/// Files over 400 lines, each with its reason.
const LONG: [(&str, &str); 1] = [(
    "src/config/reader.rs",
    "one walk over one kind of tree; every table is read through it",
)];

fn rust_files(dir: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(path.to_str().unwrap()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The lines of code: without comments, and without a trailing module of tests.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .take_while(|line| *line != "#[cfg(test)]")
        .enumerate()
        .map(|(number, line)| (number + 1, line.split("//").next().unwrap_or_default()))
        // Every path begins after a blank, so that `unix::` is not read as `nix::`.
        .map(|(number, line)| (number, format!(" {}", line.replace(['(', '<', '&', '!'], " "))))
        .collect()
}

#[test]
fn arrows_run_one_way() {
    let mut wrong = Vec::new();
    for (layer, allowed) in ARROWS {
        let own = format!("src/{layer}");
        for path in rust_files(&own) {
            for (number, line) in code(&path) {
                for named in line.split("crate::").skip(1) {
                    let named: String = named
                        .chars()
                        .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                        .collect();
                    if named != layer && !named.is_empty() && !allowed.contains(&named.as_str()) {
                        wrong.push(format!("{}:{number}: {layer} names {named}", path.display()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_layer_is_in_the_table() {
    let map = fs::read_to_string("src/lib.rs").unwrap();
    for line in map.lines().filter_map(|line| line.strip_prefix("pub mod ")) {
        let layer = line.trim_end_matches(';');
        let known = ARROWS.iter().any(|(name, _)| *name == layer) || ["exit", "log"].contains(&layer);
        assert!(known, "'{layer}' has no arrows yet");
        assert!(
            map.contains(&format!("[`{layer}`]")) || ["exit", "log"].contains(&layer),
            "'{layer}' is not on the map"
        );
    }
}

#[test]
fn only_some_rooms_touch_the_machine() {
    let mut wrong = Vec::new();
    for path in rust_files("src") {
        let name = path.to_str().unwrap();
        if name.starts_with("src/bin/") {
            continue;
        }
        let hands: Vec<&str> = HANDS
            .iter()
            .filter(|(room, _)| name.starts_with(room))
            .flat_map(|(_, effects)| effects.iter().copied())
            .collect();
        for (number, line) in code(&path) {
            for effect in EFFECTS {
                if line.contains(effect) && !hands.iter().any(|allowed| effect.starts_with(allowed)) {
                    wrong.push(format!("{name}:{number}: {effect}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn mains_only_start_something() {
    for path in rust_files("src/bin").into_iter().chain(rust_files("generators")) {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines < 40, "{} has {lines} lines", path.display());
    }
}

#[test]
fn rooms_stay_small() {
    for path in rust_files("src") {
        let name = path.to_str().unwrap();
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        let excused = LONG.iter().any(|(long, _)| *long == name);
        assert!(lines <= 400 || excused, "{name} has {lines} lines");
        assert!(lines > 400 || !excused, "{name} needs no excuse any more");
        let stem = path.file_stem().unwrap().to_str().unwrap();
        assert!(
            !["utils", "util", "common", "helpers", "misc"].contains(&stem),
            "{name} has no subject"
        );
    }
}

/// The rules of a trial are a function of their arguments: no file, process, environment, clock, thread or log, and nothing of
/// the house but types. That is what lets `boot_model` walk every state of them.
#[test]
fn the_rules_of_a_trial_have_no_effect_at_all() {
    let effects = [
        "std::fs",
        "std::io",
        "std::process",
        "std::env",
        "std::net",
        "std::os",
        "std::thread",
        "std::time",
        "std::sync",
        " nix::",
        "rustix::",
        "tracing::",
        "super::super",
    ];
    let mut wrong = Vec::new();
    for path in rust_files("src/boot/trial") {
        for (number, line) in code(&path) {
            let named = line.split("crate::").skip(1);
            let outside = named.filter(|named| !named.starts_with("types::")).count() > 0;
            if outside || effects.iter().any(|effect| line.contains(effect)) {
                wrong.push(format!("{}:{number}:{line}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// ZFS has one door: how its programs are called, for how long and what their answers mean is in one place.
#[test]
fn only_one_room_calls_zfs() {
    let mut wrong = Vec::new();
    for path in rust_files("src") {
        if path.ends_with("host/zfs.rs") {
            continue;
        }
        for (number, line) in code(&path) {
            if line.contains("\"zpool\"") || line.contains("run \"zfs\"") {
                wrong.push(format!("{}:{number}:{line}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

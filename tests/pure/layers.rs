//! Arrows run one way, only some rooms touch the machine, and every file stays small.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// Every room of the house: the rooms it may name (itself always, written as they follow `crate::`), and what it may do to
/// the machine.
#[rustfmt::skip]
const ROOMS: [(&str, &str, &[&str]); 15] = [
    ("types",      "",                                                        NONE),
    ("config",     "types",                                                   NONE),
    ("render",     "types config",                                            NONE),
    ("import",     "types config",                                            NONE),
    ("host",       "types exit log",                                          ANY),
    ("facts",      "types render host",                                       READS),
    // Pure: of the conversations it knows where things are, and nothing else.
    ("plan",       "types config render facts host::paths",                   NONE),
    ("act",        "types config facts plan host exit",                       CHANGES),
    // A row of its own for what is inside a room and freer or stricter than the room: the longest name counts.
    ("boot",       "types config render facts plan act host exit",            NONE),
    ("boot/trial", "types",                                                   NONE),
    ("boot/loader", "types config render facts plan act boot host exit",      ANY),
    ("boot/evidence", "types config render facts plan act boot host exit",    THREADS),
    ("health",     "types config render facts plan act boot host exit",       THREADS),
    ("step",       "types config render facts plan act boot health host exit", NONE),
    ("impctl",     "types config render import facts plan act boot health step host exit log", NONE),
];

/// Files and folders that do more to the machine than their room may, and why.
const EXCEPTIONS: [(&str, &[&str], &str); 8] = [
    (
        "src/config/load.rs",
        &["std::fs", "std::os::unix"],
        "the configuration folder on disk",
    ),
    (
        "src/exit.rs",
        &["std::env", "std::process"],
        "the arguments, and the exit code",
    ),
    ("src/link.rs", &["std::env"], "runs when the programs are built"),
    (
        "src/log.rs",
        &["std::fs", "std::env", "std::process", "std::os", " nix::"],
        "where the log goes",
    ),
    ("src/impctl/out.rs", &["std::env"], "whether colour is wanted"),
    (
        "src/step/vpp.rs",
        &["std::env"],
        "the process systemd started, in $MAINPID",
    ),
    (
        "src/step/rehearse/",
        ANY,
        "builds the machine it plays on, in namespaces of its own",
    ),
    ("src/bin/", ANY, "the arguments, and the exit code"),
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

const NONE: &[&str] = &[];
const READS: &[&str] = &["std::fs", "std::os::unix", " nix::"];
/// The thread that makes a namespace ends with it.
const CHANGES: &[&str] = &["std::fs", "std::os::unix", " nix::", "std::thread"];
/// What hangs (a check, a disk) is left behind in its thread, and the boot goes on.
const THREADS: &[&str] = &["std::thread"];
const ANY: &[&str] = &EFFECTS;

/// Files over 400 lines, each with its reason.
const LONG: [(&str, &str); 0] = [];

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

/// The row of the room a file is in; the files of `src` itself, the map and the two every main needs, are in none.
fn room_of(path: &Path) -> Option<&'static (&'static str, &'static str, &'static [&'static str])> {
    let inside = path.strip_prefix("src").unwrap();
    let rooms = ROOMS.iter().filter(|(room, ..)| inside.starts_with(room));
    rooms.max_by_key(|(room, ..)| room.len())
}

/// The paths a line names in this crate, as they follow `crate::`; a brace names its room alone.
fn named(line: &str) -> impl Iterator<Item = &str> {
    line.split("crate::").skip(1).map(|named| {
        let end = named.find(|c: char| !c.is_ascii_lowercase() && c != '_' && c != ':');
        named[..end.unwrap_or(named.len())].trim_end_matches(':')
    })
}

fn is_within(path: &str, room: &str) -> bool {
    let rest = path.strip_prefix(room);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[test]
fn arrows_run_one_way() {
    let mut wrong = Vec::new();
    for path in rust_files("src") {
        let Some((room, may_name, _)) = room_of(&path) else {
            continue;
        };
        let own = room.replace('/', "::");
        for (number, line) in code(&path) {
            for named in named(&line).filter(|named| !named.is_empty()) {
                let mut allowed = may_name.split_whitespace().chain([own.as_str()]);
                if !allowed.any(|allowed| is_within(named, allowed)) {
                    wrong.push(format!("{}:{number}: {room} names {named}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_is_in_the_table_and_on_the_map() {
    let map = fs::read_to_string("src/lib.rs").unwrap();
    let modules = map.lines().filter_map(|line| line.strip_prefix("pub mod "));
    for room in modules.map(|line| line.trim_end_matches(';')) {
        if Path::new("src").join(room).is_dir() {
            assert!(
                ROOMS.iter().any(|(name, ..)| *name == room),
                "'{room}' has no row"
            );
            assert!(map.contains(&format!("[`{room}`]")), "'{room}' is not on the map");
        }
    }
}

#[test]
fn nothing_that_is_gone_is_excused() {
    for (room, ..) in ROOMS {
        let folder = Path::new("src").join(room);
        assert!(folder.is_dir(), "there is no room '{room}' any more");
    }
    let excused = EXCEPTIONS.iter().map(|(path, ..)| *path);
    for path in excused.chain(LONG.iter().map(|(path, _)| *path)) {
        assert!(Path::new(path).exists(), "{path} is excused and does not exist");
    }
}

#[test]
fn only_some_rooms_touch_the_machine() {
    let mut wrong = Vec::new();
    let mut used = [false; EXCEPTIONS.len()];
    for path in rust_files("src") {
        let of_room = room_of(&path).map_or(NONE, |(_, _, effects)| effects);
        for (number, line) in code(&path) {
            let found = EFFECTS.iter().filter(|effect| line.contains(**effect));
            for effect in found.filter(|effect| !of_room.contains(effect)) {
                let excuse = EXCEPTIONS.iter().position(|(excused, effects, _)| {
                    path.to_str().unwrap().starts_with(excused)
                        && effects.iter().any(|allowed| effect.starts_with(allowed))
                });
                match excuse {
                    Some(index) => used[index] = true,
                    None => wrong.push(format!("{}:{number}: {effect}", path.display())),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for ((path, ..), used) in EXCEPTIONS.iter().zip(used) {
        assert!(used, "{path} needs no excuse any more");
    }
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

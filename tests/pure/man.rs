//! The manual pages: well formed, short, and in step with the commands, the exit codes and the health checks of the code.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::skip::skipped;
use imp::config::{self, File};
use imp::impctl::table::{Argument, COMMANDS, GLOBAL};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn pages() -> Vec<PathBuf> {
    let folder = Path::new("templates/man").read_dir().unwrap();
    let mut pages: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    pages
}

fn page(name: &str) -> String {
    fs::read_to_string(Path::new("templates/man").join(name)).unwrap()
}

/// A section of a page, without its heading.
fn section<'p>(page: &'p str, name: &str) -> &'p str {
    let heading = format!("\n.Sh {name}\n");
    let start = page.find(&heading).unwrap_or_else(|| panic!("no section {name}")) + heading.len();
    let rest = &page[start..];
    &rest[..rest.find("\n.Sh ").unwrap_or(rest.len())]
}

/// The items of a list whose tags begin with a macro: each tag with the text up to the next one.
fn items<'p>(section: &'p str, tag: &str) -> Vec<(&'p str, &'p str)> {
    let start = format!(".It {tag} ");
    let split = section.split(start.as_str()).skip(1);
    split.map(|item| item.split_once('\n').unwrap()).collect()
}

/// The names of the options a text mentions.
fn options(text: &str) -> BTreeSet<&str> {
    let name = |rest: &'_ str| {
        rest.find(|c: char| !c.is_ascii_lowercase() && c != '-')
            .unwrap_or(rest.len())
    };
    text.split("Fl -")
        .skip(1)
        .map(|rest| &rest[..name(rest)])
        .collect()
}

fn shown(argument: Option<Argument>) -> String {
    argument.map_or_else(String::new, |argument| format!(" {}", argument.shown))
}

#[test]
fn every_page_is_short() {
    for page in pages() {
        let lines = fs::read_to_string(&page).unwrap().lines().count();
        // A page of three dozen commands, or of every key, is looked into, not read.
        let most = match page.file_name().and_then(std::ffi::OsStr::to_str) {
            Some("impctl.8") => 600,
            Some("imp.toml.5") => 700,
            _ => 300,
        };
        assert!(lines < most, "{} has {lines} lines", page.display());
    }
}

#[test]
fn every_page_is_well_formed() {
    let checkers: [(&str, &str, &[&str]); 2] = [
        (
            "man",
            "man-db",
            &["--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z"],
        ),
        ("mandoc", "mandoc", &["-Tlint", "-Wwarning"]),
    ];
    for (program, package, words) in checkers {
        if Command::new(program).arg("-V").output().is_err() {
            skipped(format_args!(
                "{program} does not check the manual pages: the package {package} is missing"
            ));
            continue;
        }
        for page in pages() {
            let output = Command::new(program)
                .args(words)
                .arg(&page)
                .envs([("LC_ALL", "C.UTF-8"), ("MANROFFSEQ", ""), ("MANWIDTH", "80")])
                .output()
                .unwrap();
            // man prints the typeset page; what mandoc prints is its findings.
            let stdout = if program == "mandoc" {
                &output.stdout[..]
            } else {
                &[]
            };
            let findings = [stdout, &output.stderr].map(String::from_utf8_lossy).concat();
            assert_eq!(findings, "", "{program} {}", page.display());
            assert!(output.status.success(), "{program} {}", page.display());
        }
    }
}

#[test]
fn impctl_8_has_every_command_with_its_options() {
    let page = page("impctl.8");
    let written: Vec<String> = items(section(&page, "COMMANDS"), "Ic")
        .iter()
        .map(|(tag, _)| {
            tag.replace(" Op Ar N Op Ar M", " [N [M]]")
                .replace(" Op Ar WHAT", " [WHAT]")
                .replace(" Op Ar PART", " [PART]")
                .replace(" Op Ar FILE", " [FILE]")
                .replace(" Op Ar N", " [N]")
                .replace(" Ar ", " ")
        })
        .collect();
    let known: Vec<String> = COMMANDS
        .iter()
        .map(|command| format!("{}{}", command.words, shown(command.argument)))
        .collect();
    assert_eq!(written, known);
    for (command, (_, text)) in COMMANDS.iter().zip(items(section(&page, "COMMANDS"), "Ic")) {
        let options_of_its_own = command.options.iter().filter(|option| !option.is_usual_format());
        let known: BTreeSet<&str> = options_of_its_own.map(|option| option.name).collect();
        assert_eq!(options(text), known, "impctl.8: {}", command.words);
    }
}

#[test]
fn impctl_8_has_every_option_of_all_commands() {
    let page = page("impctl.8");
    let section = section(&page, "OPTIONS");
    let known: BTreeSet<&str> = GLOBAL
        .iter()
        .map(|option| option.name)
        .chain(["format"])
        .collect();
    assert_eq!(options(section), known);
    let format = items(section, "Fl")
        .into_iter()
        .find(|(tag, _)| tag.starts_with("-format"));
    let (_, text) = format.expect("an item");
    let named: Vec<&str> = text
        .lines()
        .filter_map(|line| Some(line.strip_prefix(".Ic ")?.trim_end_matches([' ', ',', '.'])))
        .collect();
    let taking = COMMANDS.iter().filter(|command| command.takes("format"));
    assert_eq!(named, taking.map(|command| command.words).collect::<Vec<_>>());
}

/// `Name = number,` of `exit::Kind`, as far as anything ends with it.
fn exit_codes() -> BTreeSet<u8> {
    let sources = sources(Path::new("src"));
    let used = |name: &str| {
        sources
            .iter()
            .any(|(_, text)| text.contains(&format!("Kind::{name}")))
    };
    let declaration = fs::read_to_string("src/exit.rs").unwrap();
    let declared = declaration.lines().filter_map(|line| {
        let (name, number) = line.trim().strip_suffix(',')?.split_once(" = ")?;
        used(name).then(|| number.parse().ok())?
    });
    declared.chain([0]).collect()
}

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

#[test]
fn exit_codes_are_those_of_the_code() {
    let page = page("impctl.8");
    let written: BTreeSet<u8> = items(section(&page, "EXIT STATUS"), "Sy")
        .iter()
        .map(|(tag, _)| tag.parse().unwrap())
        .collect();
    assert_eq!(written, exit_codes());
    let help = imp::impctl::help::text();
    let (_, list) = help.split_once("exit codes: ").unwrap();
    let (list, _) = list.split_once("\n\n").unwrap();
    let helped: BTreeSet<u8> = list
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    assert_eq!(helped, written, "impctl --help");
}

/// The names `[boot] health` takes: the error about another one lists them.
fn checks_of_the_configuration() -> BTreeSet<String> {
    let document =
        "config-version = 1\n[system]\nhostname = \"a\"\n[boot]\nhealth = { required = [\"x\"] }\n";
    let file = File {
        bytes: document.as_bytes().to_vec(),
        mode: 0o644,
    };
    let parsed = config::parse(&BTreeMap::from([("imp.toml".to_owned(), file)]));
    let report = config::report::text(&parsed.diagnostics, &parsed.sources, false);
    let (_, list) = report.split_once("expected one of ").expect(&report);
    let line = list.lines().next().unwrap();
    line.split(", ").map(str::to_owned).collect()
}

/// The names in the code of the checks: `About::new("units", Scope::…)`, or `about("zfs pools"),`.
fn checks_of_the_code() -> BTreeSet<String> {
    let sources = sources(Path::new("src"));
    let of_health = |path: &Path| path.components().any(|part| part.as_os_str() == "health");
    let mut names = BTreeSet::new();
    for (_, text) in sources.iter().filter(|(path, _)| of_health(path)) {
        let code = text.split("#[cfg(test)]").next().unwrap();
        for (start, end) in [("About::new(\"", "\", Scope::"), ("about(\"", "\"),\n")] {
            let found = code.split(start).skip(1).filter_map(|rest| rest.split_once('"'));
            let found = found.filter(|(_, rest)| format!("\"{rest}").starts_with(end));
            names.extend(found.map(|(name, _)| name.to_owned()));
        }
    }
    // One result for each NIC; the configuration has a word for all of them.
    assert!(names.remove("nic"), "{names:?}");
    names
}

#[test]
fn imp_7_has_every_health_check() {
    let page = page("imp.7");
    let written: BTreeSet<String> = items(section(&page, "HEALTH CHECKS"), "Cm")
        .iter()
        .map(|(tag, _)| tag.split(" Pq").next().unwrap().replace('"', ""))
        .collect();
    let configured = checks_of_the_configuration();
    let code = checks_of_the_code();
    assert!(
        code.contains("units") && configured.contains("nics"),
        "{code:?} {configured:?}"
    );
    assert_eq!(written, &configured | &code);
}

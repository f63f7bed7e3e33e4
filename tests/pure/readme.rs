//! The README says what is: its map, its example and its error are held against the tree.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use imp::config::{self, File};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(repository().join("README.md")).unwrap()
}

/// What stands between two marks of the README.
fn between(name: &str) -> String {
    let text = readme();
    let begin = format!("<!-- {name}:begin -->\n");
    let start = text.find(&begin).expect("the README has the mark") + begin.len();
    let end = text
        .find(&format!("<!-- {name}:end -->"))
        .expect("the README has the mark");
    text[start..end].to_owned()
}

fn code_in(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The unit file of a name in the map; `vpp-NAME` stands for the units of a further instance, which are those of nat.
fn unit(name: &str) -> String {
    let file = if name.contains('.') {
        name.to_owned()
    } else {
        format!("{name}.service")
    };
    let paths =
        ["units", "units/early"].map(|folder| repository().join(folder).join(file.replace("NAME", "nat")));
    let found = paths.iter().find_map(|path| fs::read_to_string(path).ok());
    found.unwrap_or_else(|| panic!("README map: there is no unit {name}"))
}

fn values<'u>(unit: &'u str, key: &'u str) -> impl Iterator<Item = &'u str> {
    unit.lines()
        .filter_map(move |line| line.strip_prefix(key)?.strip_prefix('='))
}

#[test]
fn the_map_names_what_each_unit_runs_and_may() {
    for row in between("map").lines().skip(2) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [units, binary, plan, act, capabilities] = cells.as_slice() else {
            panic!("{row}")
        };
        for name in code_in(units) {
            let text = unit(name);
            let runs = values(&text, "ExecStart").next().map(|line| {
                let program = line.split_whitespace().next().unwrap();
                program.rsplit('/').next().unwrap().to_owned()
            });
            assert_eq!(
                runs.as_deref(),
                code_in(binary).first().copied(),
                "README map: what {name} runs"
            );
            let granted: Vec<&str> = values(&text, "CapabilityBoundingSet")
                .filter(|caps| !caps.is_empty())
                .collect();
            if text.contains("CapabilityBoundingSet") {
                let granted = if granted.is_empty() {
                    "none".to_owned()
                } else {
                    granted.join(" ").replace("CAP_", "")
                };
                assert_eq!(*capabilities, granted, "README map: the capabilities of {name}");
            }
        }
        for function in code_in(plan).into_iter().chain(code_in(act)) {
            assert!(exists(function), "README map: there is no function {function}");
        }
    }
}

/// Whether `plan::nic::up` is `pub fn up` in `src/plan/nic.rs` or the folder's `mod.rs`.
fn exists(function: &str) -> bool {
    let (module, name) = function.rsplit_once("::").unwrap();
    let path: PathBuf = repository().join("src").join(module.replace("::", "/"));
    let texts = [path.with_extension("rs"), path.join("mod.rs")]
        .map(|file| fs::read_to_string(file).unwrap_or_default());
    texts
        .iter()
        .any(|text| text.contains(&format!("pub fn {name}(")) || text.contains(&format!("pub fn {name}<")))
}

fn parse(document: &str) -> config::Parsed {
    let file = File {
        bytes: document.as_bytes().to_vec(),
        mode: 0o644,
    };
    config::parse(&BTreeMap::from([("imp.toml".to_owned(), file)]))
}

fn example() -> String {
    let block = between("example");
    block
        .trim()
        .trim_start_matches("```toml\n")
        .trim_end_matches("```")
        .to_owned()
}

#[test]
fn the_example_is_accepted() {
    let parsed = parse(&example());
    let report = config::report::text(&parsed.diagnostics, &parsed.sources, false);
    assert!(
        parsed.model.is_some() && parsed.diagnostics.is_empty(),
        "{report}"
    );
}

#[test]
fn the_error_is_the_one_that_is_printed() {
    let parsed = parse(&example().replace("mtu       = 1500", "mtu       = 15000"));
    let report = config::report::text(&parsed.diagnostics, &parsed.sources, false);
    let expected = format!("```\n{}\n```\n", report.trim_end());
    if std::env::var_os("BLESS").is_some() {
        let text = readme().replace(&between("check"), &expected);
        fs::write(repository().join("README.md"), text).unwrap();
    }
    assert_eq!(between("check"), expected, "rewrite it with BLESS=1");
}

/// How many files and folders a pattern matches; `**` stands for any number of folders, `*` for a part of a name.
fn matches(pattern: &str) -> usize {
    below(repository(), &pattern.split('/').collect::<Vec<_>>())
}

fn below(folder: &Path, parts: &[&str]) -> usize {
    let [part, rest @ ..] = parts else { return 1 };
    let here = if *part == "**" { below(folder, rest) } else { 0 };
    let entries = fs::read_dir(folder).into_iter().flatten().map(Result::unwrap);
    let matched = entries.map(|entry| {
        let name = entry.file_name().into_string().unwrap();
        match part.split_once('*') {
            _ if *part == "**" => below(&entry.path(), parts),
            Some((start, end)) if name.starts_with(start) && name.ends_with(end) => {
                below(&entry.path(), rest)
            }
            None if *part == name => below(&entry.path(), rest),
            _ => 0,
        }
    });
    here + matched.sum::<usize>()
}

#[test]
fn what_it_says_to_look_in_is_there() {
    let table = between("where");
    let paths: Vec<&str> = code_in(&table)
        .into_iter()
        .filter(|code| code.contains('/'))
        .collect();
    assert!(paths.len() > 10, "{table}");
    for path in paths {
        assert!(repository().join(path).exists(), "README: {path} does not exist");
    }
}

/// What the package installs: each source with its target, without what cargo builds.
fn assets() -> Vec<(String, String)> {
    let manifest: toml::Table =
        toml::from_str(&fs::read_to_string(repository().join("Cargo.toml")).unwrap()).unwrap();
    let assets = manifest["package"]["metadata"]["deb"]["assets"]
        .as_array()
        .unwrap();
    let text = |value: &toml::Value| value.as_str().unwrap().to_owned();
    let pairs = assets.iter().map(|asset| (text(&asset[0]), text(&asset[1])));
    pairs
        .filter(|(source, _)| !source.starts_with("target/"))
        .collect()
}

#[test]
fn what_the_package_installs_is_there() {
    let assets = assets();
    assert!(assets.len() > 20);
    for (source, _) in &assets {
        // cargo-deb ends with an error for a pattern that matches nothing.
        assert!(matches(source) > 0, "Cargo.toml: nothing matches {source}");
    }
    for page in fs::read_dir(repository().join("templates/man")).unwrap() {
        let path = page.unwrap().path();
        let section = path.extension().unwrap().to_str().unwrap();
        let wanted = (
            format!("templates/man/*.{section}"),
            format!("usr/share/man/man{section}/"),
        );
        assert!(
            assets.contains(&wanted),
            "Cargo.toml does not install {}",
            path.display()
        );
    }
}

#[test]
fn the_map_names_every_unit() {
    let map = between("map");
    for folder in ["units", "units/early"] {
        for entry in fs::read_dir(repository().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            // A mask has no rights and runs nothing.
            if !name.ends_with(".service") && !name.ends_with(".target")
                || name == "systemd-machine-id-commit.service"
            {
                continue;
            }
            let bare = name.strip_suffix(".service").unwrap_or(&name);
            assert!(
                map.contains(&format!("`{bare}`")),
                "README map: {name} has no row"
            );
        }
    }
}

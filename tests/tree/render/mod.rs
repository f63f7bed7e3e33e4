//! Golden trees: a configuration folder to every rendered file, unit and plan, with the programs that read them as judges.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod adjacent;
mod change;
mod frr;
mod grammar;
mod judges;
mod peers;
mod plan;

use crate::pure::config::{private, said};
use imp::config::{self, Model};
use imp::plan::nic::Configured;
use imp::plan::{Input as _, unit};
use imp::render::{self, Bindings, Everything};
use imp::types::FrrRelease;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// One `tests/trees/NN-what`.
#[derive(Debug)]
pub struct Tree {
    /// Its folder.
    pub path: PathBuf,
    /// What was said while rendering it.
    pub stderr: String,
    /// What came of it.
    pub rendered: Everything,
    /// What the steps would do with it.
    pub plan: String,
}

impl Tree {
    /// Its name.
    pub fn name(&self) -> String {
        self.path.file_name().unwrap().to_string_lossy().into_owned()
    }

    /// The rendered text of a path below the root.
    pub fn text(&self, path: &str) -> &str {
        let file = self.rendered.files.iter().find(|file| file.path == path);
        &file
            .unwrap_or_else(|| panic!("{} renders no {path}", self.name()))
            .text
    }
}

/// Every golden tree, rendered.
pub fn trees() -> Vec<Tree> {
    trees_for(FrrRelease::V8)
}

/// The same for a machine with this FRR.
pub fn trees_for(release: FrrRelease) -> Vec<Tree> {
    paths().into_iter().map(|path| tree(path, release)).collect()
}

/// The folder of each, in order.
fn paths() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trees");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    paths
}

fn tree(path: PathBuf, release: FrrRelease) -> Tree {
    let parsed = config::parse(&private(files(&path.join("root/persistent/config"))));
    let mut stderr = said(&parsed);
    let refused = || panic!("{} is refused:\n{stderr}", path.display());
    let model = parsed.model.unwrap_or_else(refused);
    for warning in render::warnings(&model) {
        stderr.push_str(&format!("warning[{}]: {}\n", warning.code, warning.message));
    }
    let mut bindings = bindings(&path, &model);
    bindings.frr.release = release;
    let mut rendered = render::everything(&model, &bindings).unwrap();
    rendered.files.extend(unit::unseen(model.instances.keys(), &[]));
    for message in rendered.left_out.iter().chain(&rendered.placeholders) {
        stderr.push_str(&format!("warning: {message}\n"));
    }
    Tree {
        plan: plan::plan(&model, &bindings),
        path,
        stderr,
        rendered,
    }
}

/// The tree's own machine, or none.
fn bindings(path: &Path, model: &Model) -> Bindings {
    match fs::read_to_string(path.join("bindings.json")) {
        Ok(text) => serde_json::from_str(&text).unwrap(),
        Err(_) => Bindings::as_written(model),
    }
}

/// Every file below a folder, by its path there.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// What `imp-nic` renders from its data, on the tree's own machine, is what the documents render to.
#[test]
fn vpps_files_are_made_of_the_data_as_of_the_documents() {
    for tree in trees() {
        let parsed = config::parse(&private(files(&tree.path.join("root/persistent/config"))));
        let model = parsed.model.unwrap();
        let bindings = bindings(&tree.path, &model);
        let written = serde_json::to_string(&Configured::of(&model)).unwrap();
        let read: Configured = serde_json::from_str(&written).unwrap();
        let made = render::vpp(&read.dataplane, &bindings).unwrap().files;
        let mut shown = tree.rendered.files.clone();
        shown.retain(|file| file.path.starts_with("run/imp/vpp/"));
        assert_eq!(made.len(), shown.len(), "{}", tree.name());
        for file in made {
            assert!(shown.contains(&file), "{}: {}", tree.name(), file.path);
        }
    }
}

#[test]
fn trees_render_as_expected() {
    let mut differences = String::new();
    for tree in trees() {
        let mut actual: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for file in &tree.rendered.files {
            actual.insert(file.path.clone(), file.text.clone().into_bytes());
        }
        actual.insert("stderr".into(), tree.stderr.clone().into_bytes());
        actual.insert("plan.txt".into(), tree.plan.clone().into_bytes());
        let folder = tree.path.join("expected");
        if std::env::var_os("BLESS").is_some() {
            bless(&folder, &actual);
        }
        differences.push_str(&compare(&tree.name(), &files(&folder), &actual));
    }
    assert!(
        differences.is_empty(),
        "{differences}\nBLESS=1 cargo test trees_render rewrites what is expected"
    );
}

fn bless(folder: &Path, actual: &BTreeMap<String, Vec<u8>>) {
    let _ = fs::remove_dir_all(folder);
    for (name, bytes) in actual {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn compare(tree: &str, expected: &BTreeMap<String, Vec<u8>>, actual: &BTreeMap<String, Vec<u8>>) -> String {
    let mut names: Vec<&String> = expected.keys().chain(actual.keys()).collect();
    names.sort();
    names.dedup();
    let text = |files: &BTreeMap<String, Vec<u8>>, name| {
        String::from_utf8_lossy(files.get(name).map_or(&[][..], Vec::as_slice)).into_owned()
    };
    let mut differences = String::new();
    for name in names {
        let (before, after) = (text(expected, name), text(actual, name));
        if before != after {
            let diff = similar::TextDiff::from_lines(&before, &after);
            let unified = diff.unified_diff().header("expected", "rendered").to_string();
            differences.push_str(&format!("{tree}/{name}:\n{unified}\n"));
        }
    }
    differences
}

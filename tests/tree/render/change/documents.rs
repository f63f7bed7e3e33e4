//! Random documents: those of the golden trees with lines and tables left out, as far as they are documents without.

use super::Conf;
use crate::pure::config::private;
use crate::pure::vpp_change::documents::Dice;
use crate::tree::render::files;
use crate::tree::render::frr::rendered;
use imp::config::{self, Model};
use imp::render::frr::release::refusals;
use imp::types::FrrRelease;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A configuration folder.
type Documents = BTreeMap<String, Vec<u8>>;

/// What is tried to be left out of one.
const TRIES: usize = 25;

/// The way through all trees: what each renders to, then what so many documents do that have less of it, each beside the one
/// before it.
pub(super) fn walk(release: FrrRelease, count: u64, dice: &mut Dice) -> Vec<Conf> {
    let mut walk: Vec<Conf> = Vec::new();
    let mut step = |name: String, model: &Model| {
        let running = walk.last().map_or("", |(_, conf)| conf);
        let conf = rendered(model, release, running);
        walk.push((name, conf));
    };
    for path in trees() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let whole = files(&path.join("root/persistent/config"));
        let Some(model) = accepted(&whole, release) else {
            continue;
        };
        step(name.clone(), &model);
        for number in 1..=count {
            let model = with_less(&whole, release, dice).unwrap_or_else(|| panic!("{name} is none any more"));
            step(format!("{name}, less {number}"), &model);
        }
    }
    walk
}

/// Those whose frr.conf is ours alone.
fn trees() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trees");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_ours = |path: &PathBuf| {
        let has_template = path.join("root/persistent/config/templates/frr").exists();
        let conf = fs::read_to_string(path.join("expected/run/imp/frr/frr.conf")).unwrap_or_default();
        !has_template && !conf.contains("! extra-file")
    };
    let mut paths: Vec<PathBuf> = paths.filter(is_ours).collect();
    paths.sort();
    paths
}

/// The Model of what is accepted on a machine with this FRR.
fn accepted(documents: &Documents, release: FrrRelease) -> Option<Model> {
    let model = config::parse(&private(documents.clone())).model?;
    refusals(&model, release).is_empty().then_some(model)
}

/// The Model of documents with less in them.
fn with_less(whole: &Documents, release: FrrRelease, dice: &mut Dice) -> Option<Model> {
    let mut documents = whole.clone();
    for _ in 0..TRIES {
        let mut less = documents.clone();
        let names: Vec<String> = less.keys().filter(|it| it.ends_with(".toml")).cloned().collect();
        let text = less.get_mut(&names[dice.roll(names.len())]).unwrap();
        leave_out(text, dice);
        if accepted(&less, release).is_some() {
            documents = less;
        }
    }
    accepted(&documents, release)
}

/// Leaves out a table, or one to three lines.
fn leave_out(text: &mut Vec<u8>, dice: &mut Dice) {
    let whole = String::from_utf8_lossy(text).into_owned();
    let mut lines: Vec<&str> = whole.lines().collect();
    let at = dice.roll(lines.len().max(1));
    let is_header = |line: &&str| line.starts_with('[');
    let many = match lines.get(at).is_some_and(is_header) {
        true => 1 + lines[at + 1..].iter().take_while(|it| !is_header(it)).count(),
        false => 1 + dice.roll(3),
    };
    let _ = lines.drain(at.min(lines.len())..(at + many).min(lines.len()));
    *text = lines
        .iter()
        .flat_map(|line| [line, "\n"])
        .collect::<String>()
        .into_bytes();
}

//! Random documents: those of the golden trees with lines and tables left out, and with the values that others have, as far as they
//! are documents then.

use super::Conf;
use crate::pure::config::private;
use crate::pure::vpp_change::documents::Dice;
use crate::tree::render::frr::rendered;
use crate::tree::render::{files, paths};
use imp::config::{self, Model};
use imp::render::frr::release::refusals;
use imp::types::FrrRelease;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// A configuration folder.
type Documents = BTreeMap<String, Vec<u8>>;

/// The lines with a key, of all documents.
type Lines = BTreeMap<String, Vec<String>>;

/// How often something is tried to be changed in one.
const TRIES: usize = 30;

/// The way through all trees: what each renders to, then what so many documents do that were made of it, each beside the one before
/// it.
pub(super) fn walk(release: FrrRelease, count: u64, dice: &mut Dice) -> Vec<Conf> {
    let mut walk: Vec<Conf> = Vec::new();
    let mut step = |name: String, model: &Model| {
        let running = walk.last().map_or("", |(_, conf)| conf);
        let conf = rendered(model, release, running);
        walk.push((name, conf));
    };
    let trees = trees();
    let lines = lines(&trees);
    for path in trees {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let whole = files(&path.join("root/persistent/config"));
        let Some(model) = accepted(&whole, release) else {
            continue;
        };
        step(name.clone(), &model);
        for number in 1..=count {
            let model = another(&whole, &lines, release, dice);
            step(format!("{name}, but {number}"), &model);
        }
    }
    walk
}

/// Those whose frr.conf is ours alone.
fn trees() -> Vec<PathBuf> {
    let is_ours = |path: &PathBuf| {
        let has_template = path.join("root/persistent/config/templates/frr").exists();
        let conf = fs::read_to_string(path.join("expected/run/imp/frr/frr.conf")).unwrap_or_default();
        !has_template && !conf.contains("! extra-file")
    };
    paths().into_iter().filter(is_ours).collect()
}

/// The Model of what is accepted on a machine with this FRR.
fn accepted(documents: &Documents, release: FrrRelease) -> Option<Model> {
    let model = config::parse(&private(documents.clone())).model?;
    refusals(&model, release).is_empty().then_some(model)
}

fn lines(trees: &[PathBuf]) -> Lines {
    let mut lines = Lines::new();
    for path in trees {
        for (_, text) in files(&path.join("root/persistent/config")).iter().filter(is_toml) {
            for line in String::from_utf8_lossy(text).lines() {
                if let Some(key) = key(line) {
                    lines.entry(key.to_owned()).or_default().push(line.to_owned());
                }
            }
        }
    }
    lines
}

fn is_toml((name, _): &(&String, &Vec<u8>)) -> bool {
    name.ends_with(".toml")
}

fn key(line: &str) -> Option<&str> {
    Some(line.split_once('=')?.0.trim())
}

/// The Model of other documents, made of these.
fn another(whole: &Documents, lines: &Lines, release: FrrRelease, dice: &mut Dice) -> Model {
    let mut documents = whole.clone();
    let mut model = accepted(whole, release).unwrap();
    for _ in 0..TRIES {
        let mut other = documents.clone();
        let names: Vec<String> = other
            .iter()
            .filter(is_toml)
            .map(|(name, _)| name.clone())
            .collect();
        let text = other.get_mut(&names[dice.roll(names.len())]).unwrap();
        change(text, lines, dice);
        if let Some(accepted) = accepted(&other, release) {
            (documents, model) = (other, accepted);
        }
    }
    model
}

/// Leaves out a table, or one to three lines, or gives a key a value that it has elsewhere.
fn change(text: &mut Vec<u8>, others: &Lines, dice: &mut Dice) {
    let whole = String::from_utf8_lossy(text).into_owned();
    let mut lines: Vec<&str> = whole.lines().collect();
    if lines.is_empty() {
        return;
    }
    let at = dice.roll(lines.len());
    let is_header = |line: &&str| line.starts_with('[');
    let same = key(lines[at]).and_then(|key| others.get(key));
    let many = match is_header(&lines[at]) {
        true => 1 + lines[at + 1..].iter().take_while(|it| !is_header(it)).count(),
        false => 1 + dice.roll(3),
    };
    match same.filter(|_| dice.roll(2) == 0) {
        Some(same) => lines[at] = &same[dice.roll(same.len())],
        None => drop(lines.drain(at..(at + many).min(lines.len()))),
    }
    *text = lines
        .iter()
        .flat_map(|line| [line, "\n"])
        .collect::<String>()
        .into_bytes();
}

//! What documents would change on this machine, before anything is touched.

use super::candidate::Ready;
use super::config::rendered_files;
use super::generation::{Store, Tree};
use super::nic::expected;
use super::vpp::decision_for;
use crate::config::difference::{Entry, difference};
use crate::config::{self, Folder, Model};
use crate::exit::{Failure, Kind};
use crate::facts;
use crate::facts::vpp::{InstanceFacts, Wanted};
use crate::host::paths::{VPP, relative};
use crate::plan::Impact;
use crate::plan::consequence::{Consequence, Sides, consequences, cost};
use crate::plan::vpp::Change;
use crate::render::{self, Bindings, Dataplane, Rendered};
use crate::types::generation::Id;
use crate::types::{InstanceName, Root};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// What the documents are compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// What runs, with the files it has on this machine.
    Running,
    /// A kept generation, as this machine would run it.
    Kept(Id),
}

/// What would change, who would have to do something, and what that costs.
#[derive(Debug, Serialize)]
pub struct Difference {
    /// What differs in the documents, key by key.
    pub changes: Vec<Entry>,
    /// What each part of the router would do.
    pub consequences: Vec<Consequence>,
    /// What that costs, the most severe first; empty if no part has anything to do.
    pub impacts: Vec<Impact>,
    /// What an operator should know besides.
    pub notes: Vec<String>,
}

impl Difference {
    /// Whether nothing differs, and nobody has anything to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.consequences.is_empty()
    }
}

/// One of the two.
struct Half {
    tree: Tree,
    model: Model,
    files: Vec<Rendered>,
}

/// From what runs, or a kept generation, to documents that may run. Nothing is written.
pub fn between(root: &Root, before: &Before, after: &Ready) -> Result<Difference, Failure> {
    let store = Store::new(root);
    let running = *before == Before::Running;
    let release = facts::frr::installed(root);
    if running && store.runs(&after.tree) {
        let new = files(root, after, &expected(root, &after.model, Some(&after.model))?)?;
        // What runs already is not read a second time.
        let old = with_vpp(facts::output::existing(root), &new);
        let vpp = of_running(root, &new);
        return Ok(told(
            Vec::new(),
            Sides {
                before: Some(&after.model),
                after: &after.model,
                old: &old,
                new: &new,
                vpp,
                release,
            },
        ));
    }
    let half = match before {
        Before::Running if !store.running().is_dir() => None,
        Before::Running => Some(running_half(root, &store)?),
        Before::Kept(id) => Some(kept(root, &store.folder(id))?),
    };
    let model = half.as_ref().map(|half| &half.model);
    let new = files(root, after, &expected(root, &after.model, model)?)?;
    let nothing = Tree::new();
    let tree = half.as_ref().map_or(&nothing, |half| &half.tree);
    let changes = difference(tree, &after.tree);
    let old = half.as_ref().map_or(&[][..], |half| &half.files);
    let vpp = match running {
        true => of_running(root, &new),
        false => BTreeMap::new(),
    };
    Ok(told(
        changes,
        Sides {
            before: model,
            after: &after.model,
            old,
            new: &new,
            vpp,
            release,
        },
    ))
}

/// How the instances that run get from what they have to these files: what they took is on record.
fn of_running(root: &Root, new: &[Rendered]) -> BTreeMap<InstanceName, Change> {
    let text = |path: String| {
        let file = new.iter().find(|file| file.path == path)?;
        Some(file.text.clone())
    };
    let folder = relative(VPP);
    let running = facts::output::instances(root).into_iter();
    let running = running.filter(|name| InstanceFacts::read(root, name).applied.is_some());
    running
        .filter_map(|name| {
            let wanted = Wanted {
                startup: text(format!("{folder}/startup-{name}.conf"))?,
                commands: text(format!("{folder}/commands-{name}.txt"))?,
            };
            let change = decision_for(root, &name, &wanted);
            Some((name, change))
        })
        .collect()
}

fn told(changes: Vec<Entry>, sides: Sides<'_>) -> Difference {
    let consequences = consequences(&sides);
    let impacts = match consequences.is_empty() {
        true => Vec::new(),
        false => cost(&consequences),
    };
    let pools = |entry: &&Entry| entry.path.starts_with("incus.storage-pools");
    let pools = changes.iter().find(pools).map(|_| {
        "incus.storage-pools are made when Incus is first set up; later changes have no effect on them"
            .to_owned()
    });
    Difference {
        notes: pools.into_iter().collect(),
        changes,
        consequences,
        impacts,
    }
}

/// The files that documents make on this machine.
fn files(root: &Root, ready: &Ready, bindings: &Bindings) -> Result<Vec<Rendered>, Failure> {
    let mut files = rendered_files(root, &ready.model, ready.rendered.clone());
    files.extend(vpp(&ready.model, bindings)?);
    Ok(files)
}

fn vpp(model: &Model, bindings: &Bindings) -> Result<Vec<Rendered>, Failure> {
    let rendered = render::vpp(&Dataplane::of(model), bindings);
    rendered
        .map(|vpp| vpp.files)
        .map_err(|error| Failure::from_error(Kind::Config, &error))
}

/// What runs: its documents, and the files it has.
fn running_half(root: &Root, store: &Store) -> Result<Half, Failure> {
    let (tree, model) = read(store.running())?;
    let files = with_vpp(
        facts::output::existing(root),
        &vpp(&model, &expected(root, &model, Some(&model))?)?,
    );
    Ok(Half { tree, model, files })
}

/// The files, and those of VPP from the others while the NICs have not been looked at.
fn with_vpp(mut files: Vec<Rendered>, others: &[Rendered]) -> Vec<Rendered> {
    let is_vpp = |file: &&Rendered| file.path.starts_with(relative(VPP));
    if !files.iter().any(|file| is_vpp(&file)) {
        files.extend(others.iter().filter(is_vpp).cloned());
    }
    files
}

/// A kept generation: its documents, and the files they would make.
fn kept(root: &Root, folder: &Path) -> Result<Half, Failure> {
    let (tree, model) = read(folder)?;
    let bindings = expected(root, &model, Some(&model))?;
    let rendered =
        render::everything(&model, &bindings).map_err(|error| Failure::from_error(Kind::Config, &error))?;
    let mut files = rendered_files(root, &model, rendered);
    files.extend(vpp(&model, &bindings)?);
    Ok(Half { tree, model, files })
}

fn read(folder: &Path) -> Result<(Tree, Model), Failure> {
    let source = Folder::new(folder);
    let model = config::parse(&source).model.ok_or_else(|| {
        let text = format!(
            "{}: this version does not accept these documents",
            folder.display()
        );
        Failure::new(Kind::Failed, text)
    })?;
    Ok((source.read_files(), model))
}

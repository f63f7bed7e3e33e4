//! What a reload writes, and who has to be told of it.

use crate::config::{self, Folder, Model};
use crate::exit::{Failure, Kind};
use crate::facts;
use crate::host::paths;
use crate::plan;
use crate::plan::reload::{Change, Part, parts};
use crate::render::{self, Dataplane};
use crate::step::apply::progress::Progress;
use crate::step::apply::request::Request;
use crate::step::apply::{self, Replaced, confirm};
use crate::step::candidate::Ready;
use crate::step::config::{Chosen, FrrAsked, failed, rendered_files, write};
use crate::step::generation::Store;
use crate::step::input::Inputs;
use crate::step::{back, frr, nic};
use crate::types::{InstanceName, Root};
use std::collections::BTreeSet;

/// Writes what has changed, after the parts that have to be told are on record, with the way back. Returns the parts.
pub(super) fn prepare(
    root: &Root,
    store: &Store,
    chosen: Chosen,
    request: &Request,
    progress: &mut Progress,
    problems: &mut Vec<String>,
) -> Result<Vec<Part>, Failure> {
    let Chosen {
        ready, is_way_back, ..
    } = chosen;
    let id = ready.id();
    // What runs already is not read a second time.
    let same = store.runs(&ready.tree);
    let before = match same {
        true => None,
        false => config::parse(&Folder::new(store.running())).model,
    };
    let running = if same { Some(&ready.model) } else { before.as_ref() };
    let vpp = differing_instances(root, &ready.model, running)?;
    let Ready {
        tree,
        model,
        rendered,
        frr_is_asked,
        ..
    } = ready;
    let files = rendered_files(root, &model, rendered);
    let rendered = files.iter().map(|file| file.path.clone()).collect();
    let changed = facts::output::changes(root, &files);
    let asked = FrrAsked::of(root, &files, frr_is_asked, &changed);
    let meant = frr::without_patience(root, &files, &changed);
    let parts = parts(&Change {
        before: if same { Some(&model) } else { before.as_ref() },
        after: &model,
        files: &meant,
        rendered: &rendered,
        vpp: &vpp,
        frr_restarts: frr::restarts(root, &files),
    });
    progress.applies(&id);
    progress.costs(frr::costs(root, &files, &changed));
    if !same {
        progress.replaces(Replaced::read(root));
        confirm::arm(root, store, request.confirm, &id, super::running(root)?.as_ref())?;
        let restarted = plan::back::restarted(&parts, model.instances.keys());
        back::remember(root, store, &id, &restarted, is_way_back)?;
    }
    // Killed before this, the next reload goes back.
    if !is_way_back {
        let _ = store
            .nothing_is_due()
            .map_err(|error| failed("hold.json", &error))?;
    }
    // Killed before this, the next reload is one with a way back, too.
    request
        .withdraw(root)
        .map_err(|error| failed("apply-request.json", &error))?;
    let parts = apply::remember(root, parts)?;
    // Also where the documents are the same: another version may have written what the steps read of them.
    let inputs = Inputs::of(&model).map_err(|error| failed(paths::GENERATION, &error))?;
    if !same || !inputs.are_in(store) {
        let _ = store
            .run(&tree, &inputs)
            .map_err(|error| failed(paths::GENERATION, &error))?;
    }
    write(root, files, &changed, problems)?;
    problems.extend(asked.write(root));
    Ok(parts)
}

/// The instances whose files, on this machine, would mean something else than those there are.
fn differing_instances(
    root: &Root,
    model: &Model,
    running: Option<&Model>,
) -> Result<BTreeSet<InstanceName>, Failure> {
    let bindings = nic::expected(root, model, running)?;
    let wanted = render::vpp(&Dataplane::of(model), &bindings)
        .map_err(|error| Failure::from_error(Kind::Config, &error))?;
    let names = model.instances.keys();
    Ok(names
        .filter(|name| facts::output::vpp_differs(root, name, &wanted.files))
        .cloned()
        .collect())
}

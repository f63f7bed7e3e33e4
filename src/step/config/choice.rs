//! Which generation is to run: that of the documents, or another one instead of them.

use super::Examine;
use crate::facts::status::Judgement;
use crate::render::frr::Frr;
use crate::step::candidate::Ready;
use crate::step::generation::{Hold, Store};
use crate::types::generation::Id;

/// What is to run: the documents, if they are valid and not held back; else the generation that runs instead of them. While a way
/// back is due, that one runs whatever the documents have become: nobody has asked for those. `None`: nothing is known to be good.
pub(in crate::step) fn what_runs(
    store: &Store,
    frr: &Frr,
    documents: Option<Ready>,
    problems: &mut Vec<String>,
    examine: Examine,
) -> Option<(Ready, Judgement)> {
    let is_other = |hold: &Hold| {
        let id = documents.as_ref().map(Ready::id);
        id.is_none_or(|id| id != hold.documents && id != hold.instead)
    };
    if let Some(hold) = store.due().filter(is_other)
        && let Some(instead) = kept(store, frr, &hold.instead, examine)
    {
        let held = format!("generation {}", hold.documents);
        problems.push(format!(
            "{}; the documents were changed since, and 'impctl apply' applies them: until then generation {} runs",
            hold.why(&held),
            hold.instead
        ));
        return Some((instead, Judgement::Refused));
    }
    documents.map(|ready| unless_held(store, frr, ready, problems, examine))
}

/// A kept generation that is whole, and that this version accepts.
fn kept(store: &Store, frr: &Frr, id: &Id, examine: Examine) -> Option<Ready> {
    let ready = examine(&store.folder(id), frr).ready;
    ready.filter(|ready| ready.id() == *id)
}

/// What runs when the documents are valid: the documents; or, if a boot with them was not healthy, the generation that runs
/// instead.
fn unless_held(
    store: &Store,
    frr: &Frr,
    ready: Ready,
    problems: &mut Vec<String>,
    examine: Examine,
) -> (Ready, Judgement) {
    if let Some(hold) = store.hold_on(&ready.id()) {
        let instead = &hold.instead;
        if let Some(other) = kept(store, frr, instead, examine) {
            problems.push(format!(
                "these documents are held back until they are changed: {}",
                hold.why("them")
            ));
            return (other, Judgement::Refused);
        }
        problems.push(format!(
            "{}; they run anyway, because generation {instead} is damaged",
            hold.why("these documents")
        ));
    }
    (ready, Judgement::Accepted)
}

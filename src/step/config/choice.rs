//! Which generation is to run: that of the documents, or another one instead of them.

use super::Examine;
use crate::facts::status::Judgement;
use crate::render::frr::Frr;
use crate::step::candidate::Ready;
use crate::step::generation::{Hold, Store};
use crate::types::generation::Id;

/// What is to run.
pub(in crate::step) struct Chosen {
    pub ready: Ready,
    /// Of the documents: accepted where it is they that are to run.
    pub judgement: Judgement,
    /// Whether a way back leads here: what ran before is no better, and nothing is gone back to from here.
    pub is_way_back: bool,
}

/// Who chooses.
pub(in crate::step) struct Choice<'a> {
    pub store: &'a Store,
    pub frr: &'a Frr,
    pub examine: Examine,
    /// Whether somebody asked for the documents, and so for no way back that is due.
    pub are_wanted: bool,
}

impl Choice<'_> {
    /// What is to run: the documents, if they are valid and not held back; else the generation that runs instead of them. While
    /// a way back is due, that one runs whatever the documents have become, unless they are wanted. `None`: nothing is known to
    /// be good.
    pub fn of(&self, documents: Option<Ready>, problems: &mut Vec<String>) -> Option<Chosen> {
        let is_other = |hold: &Hold| {
            let id = documents.as_ref().map(Ready::id);
            id.is_none_or(|id| id != hold.documents && id != hold.instead)
        };
        let due = self.store.due().filter(|hold| !self.are_wanted && is_other(hold));
        if let Some(hold) = due
            && let Some(instead) = self.kept(&hold.instead)
        {
            let held = format!("generation {}", hold.documents);
            problems.push(format!(
                "{}; generation {} runs again; the documents were changed since, and the next apply, reload or boot takes them",
                hold.why(&held),
                hold.instead
            ));
            return Some(Chosen::instead(instead));
        }
        documents.map(|ready| self.unless_held(ready, problems))
    }

    /// A kept generation that is whole, and that this version accepts.
    fn kept(&self, id: &Id) -> Option<Ready> {
        let ready = (self.examine)(&self.store.folder(id), self.frr).ready;
        ready.filter(|ready| ready.id() == *id)
    }

    /// What runs when the documents are valid: the documents; or, if a boot with them was not healthy, the generation that runs
    /// instead.
    fn unless_held(&self, ready: Ready, problems: &mut Vec<String>) -> Chosen {
        let id = ready.id();
        if let Some(hold) = self.store.hold_on(&id) {
            let instead = &hold.instead;
            if let Some(other) = self.kept(instead) {
                problems.push(format!(
                    "these documents are held back until they are changed: {}",
                    hold.why("them")
                ));
                return Chosen::instead(other);
            }
            problems.push(format!(
                "{}; they run anyway, because generation {instead} is damaged",
                hold.why("these documents")
            ));
        }
        Chosen {
            ready,
            judgement: Judgement::Accepted,
            is_way_back: self.store.due().is_some_and(|hold| hold.instead == id),
        }
    }
}

impl Chosen {
    /// Another generation than that of the documents.
    fn instead(ready: Ready) -> Self {
        Self {
            ready,
            judgement: Judgement::Refused,
            is_way_back: true,
        }
    }
}

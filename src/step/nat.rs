//! Whose an address and a port were, at a time that a kept generation is known for.

use super::generation::{Ran, Store};
use super::{configured_model, running_model};
use crate::config::{Folder, Model, parse};
use crate::exit::{Failure, Kind};
use crate::facts::status::Status;
use crate::host::clock;
use crate::plan::nat::{self, Asked, Finding};
use crate::types::Root;
use crate::types::generation::Id;
use std::io;
use std::time::{Duration, SystemTime};

/// How far the clock of whoever saw the packet and the one of this router may be apart without a remark.
const CLOCKS: Duration = Duration::from_secs(600);

/// What is known of an address.
#[derive(Debug)]
pub struct Answer {
    /// The generation that says so; `None` for documents that never ran here.
    pub generation: Option<Id>,
    /// When it ran; `None` when it was not asked for a time.
    pub ran: Option<Ran>,
    /// What it says.
    pub findings: Vec<Finding>,
    /// What the generation before or after says, if it says something else and ran within ten minutes of that time.
    pub otherwise: Vec<(Ran, Vec<Finding>)>,
}

/// What the generation of that time says of an address; without a time what runs now, or the documents where nothing does.
pub fn who(root: &Root, asked: Asked, at: Option<SystemTime>) -> Result<Answer, Failure> {
    match at {
        None => now(root, asked),
        Some(at) => then(&Store::new(root), asked, at),
    }
}

fn now(root: &Root, asked: Asked) -> Result<Answer, Failure> {
    let runs = Store::new(root).running().is_dir();
    let model = match runs {
        true => running_model(root)?,
        false => configured_model(root)?,
    };
    let status = Status::read(root).ok().flatten().filter(|_| runs);
    Ok(Answer {
        generation: status.and_then(|status| status.generation?.parse().ok()),
        ran: None,
        findings: nat::who(&model, asked),
        otherwise: Vec::new(),
    })
}

fn then(store: &Store, asked: Asked, at: SystemTime) -> Result<Answer, Failure> {
    if at > SystemTime::now() {
        let text = format!("{} has not come yet", clock::local(at));
        return Err(Failure::new(Kind::Usage, text));
    }
    let all = store.ran().map_err(unreadable)?;
    let Some(index) = all.iter().position(|ran| ran.since <= at) else {
        return Err(unknown(&all, at));
    };
    let ran = all[index].clone();
    let findings = nat::who(&model_of(store, &ran)?, asked);
    let mut otherwise = Vec::new();
    let later = index.checked_sub(1).and_then(|index| all.get(index));
    for other in [all.get(index + 1), later].into_iter().flatten() {
        let near = other.since <= at + CLOCKS && other.until.is_none_or(|until| until + CLOCKS >= at);
        // One that this version cannot read says nothing.
        let Some(model) = near.then(|| model_of(store, other).ok()).flatten() else {
            continue;
        };
        let said = nat::who(&model, asked);
        if !is_same(&said, &findings) {
            otherwise.push((other.clone(), said));
        }
    }
    Ok(Answer {
        generation: Some(ran.id.clone()),
        ran: Some(ran),
        findings,
        otherwise,
    })
}

/// Whether both say the same, wherever it was written.
fn is_same(one: &[Finding], other: &[Finding]) -> bool {
    let what = |findings: &[Finding]| findings.iter().map(|it| it.does.clone()).collect::<Vec<_>>();
    what(one) == what(other)
}

fn model_of(store: &Store, ran: &Ran) -> Result<Model, Failure> {
    if !store.folder(&ran.id).is_dir() {
        let text = format!(
            "generation {}, which ran then, is not kept any more ([apply] generations says how many are)",
            ran.id
        );
        return Err(Failure::new(Kind::Failed, text));
    }
    parse(&Folder::new(store.folder(&ran.id))).model.ok_or_else(|| {
        let text = format!("this version cannot read generation {}, which ran then", ran.id);
        Failure::new(Kind::Failed, text)
    })
}

fn unknown(all: &[Ran], at: SystemTime) -> Failure {
    let text = match all.last() {
        None => "no generation is kept here yet".to_owned(),
        Some(oldest) => format!(
            "nothing is kept of {}: the oldest generation that is kept began at {} ([apply] generations says how many are)",
            clock::local(at),
            clock::local(oldest.since)
        ),
    };
    Failure::new(Kind::Failed, text)
}

fn unreadable(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::NotFound => Failure::new(Kind::Failed, "no generation is kept here yet"),
        io::ErrorKind::PermissionDenied => {
            let text = format!("the kept generations: {error}; ask as root");
            Failure::new(Kind::Privilege, text)
        }
        _ => Failure::new(Kind::Failed, format!("the kept generations: {error}")),
    }
}

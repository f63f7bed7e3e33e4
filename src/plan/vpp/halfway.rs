//! How far a change in place came before it was interrupted. Pure.

use super::{Change, Script, Step, back, change, parse};
use crate::facts::vpp::{Changing, Note};

/// Where a VPP is between two scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Halfway {
    /// The steps it has carried out, in order.
    pub done: Vec<Step>,
    /// The one behind them that may have been sent: only VPP can tell.
    pub uncertain: Option<Step>,
}

/// Where the VPP that had `before` is by the record of its change. `None` if the record does not tell: another version of this
/// program may have written it, and its steps may be others.
pub fn halfway(before: &Script, changing: &Changing) -> Option<Halfway> {
    let after = parse(&changing.change.commands).ok()?;
    let mut steps = match change(before, &after) {
        Change::None => Vec::new(),
        Change::Live(difference) => difference.steps,
        Change::Restart { .. } => return None,
    };
    if !steps
        .iter()
        .map(ToString::to_string)
        .eq(changing.change.steps.iter().cloned())
    {
        return None;
    }
    let (mut done, mut next, mut sent) = (Vec::new(), 0, false);
    for note in &changing.notes {
        match note {
            Note::Sent => sent = true,
            Note::Done => {
                done.push(steps.get(next)?.clone());
                (next, sent) = (next + 1, false);
            }
            Note::Refused => sent = false,
            Note::Back => {
                steps = match back(before, &done) {
                    Change::None => Vec::new(),
                    Change::Live(difference) => difference.steps,
                    Change::Restart { .. } => return None,
                };
                (next, sent) = (0, false);
            }
            Note::Unreadable => return None,
        }
    }
    let uncertain = match sent {
        true => Some(steps.get(next)?.clone()),
        false => None,
    };
    Some(Halfway { done, uncertain })
}

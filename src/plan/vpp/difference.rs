//! From the commands a VPP has to those it is to have, in place.

use super::{Script, Step};
use crate::plan::Impact;

/// How a running VPP gets from one script to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It has them already.
    None,
    /// By these commands, in this order.
    Live(Difference),
    /// Only a restart leads there.
    Restart {
        /// Why.
        why: String,
    },
}

/// Commands that lead from one script to another, and what they cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// In order: what is gone is taken back first, what hangs on others before those.
    pub steps: Vec<Step>,
    /// What that costs, each once.
    pub impacts: Vec<Impact>,
}

/// The way from the commands that were applied to those that are wanted.
pub fn change(applied: &Script, wanted: &Script) -> Change {
    match applied
        .commands
        .iter()
        .map(|it| &it.text)
        .eq(wanted.commands.iter().map(|it| &it.text))
    {
        true => Change::None,
        false => Change::Restart {
            why: "its commands differ".to_owned(),
        },
    }
}

/// The way back to what was applied, from a VPP that has carried out the first steps of a change and refused the next one.
pub fn back(applied: &Script, done: &[Step]) -> Change {
    match done.is_empty() {
        true => Change::None,
        false => Change::Restart {
            why: format!("'{}' has been carried out", applied.digest),
        },
    }
}

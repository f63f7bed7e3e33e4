//! From the commands a VPP has to those it is to have, in place.

use super::{Command, Script};
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
    pub steps: Vec<Command>,
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

//! From one rendered frr.conf to another, and what that costs.

use crate::plan::Impact;

/// How a running FRR gets from one configuration to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The lines vtysh is given, in order; `None`: only frr-reload.py finds the way.
    pub lines: Option<Vec<String>>,
    /// What that costs, each once; empty when nothing differs.
    pub impacts: Vec<Impact>,
}

/// The way from the frr.conf that runs to another.
pub fn change(before: &str, after: &str) -> Change {
    let impacts = match before == after {
        true => Vec::new(),
        false => vec![Impact::Live],
    };
    Change { lines: None, impacts }
}

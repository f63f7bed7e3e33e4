//! How an instance gets from what its VPP has to what its files say now.

use crate::facts::vpp::{Applied, InstanceFacts, Wanted};
use crate::plan::vpp::{self, Change, Difference, Files};
use crate::types::{InstanceName, Root};

/// Why nothing can be said about a VPP.
const UNKNOWN: &str = "what it has is not on record";

/// How the running VPP of this instance gets to the files that are there now. Sends it nothing.
///
/// `None`: it has them. `Live`: `imp-vpp --reload` leads there; without steps when only the order of lines differs.
/// Everything else is a restart of the instance, which also reports a file that cannot be read.
pub fn decision(root: &Root, name: &InstanceName) -> Change {
    match Wanted::read(root, name) {
        Ok(wanted) => decision_for(root, name, &wanted),
        Err(error) => restart(format!("its files cannot be read: {error}")),
    }
}

/// The same for files that are not there yet.
pub fn decision_for(root: &Root, name: &InstanceName, wanted: &Wanted) -> Change {
    let facts = InstanceFacts::read(root, name);
    let unfinished = facts.changing.is_some() || facts.failed.is_some();
    match facts.applied {
        Some(applied) if facts.alive => match between(&applied, wanted) {
            // The reload ends a change that was interrupted, and takes what failed before off the record.
            Change::None if unfinished => Change::Live(Difference {
                steps: Vec::new(),
                impacts: Vec::new(),
            }),
            change => change,
        },
        Some(_) => restart("the process that had its configuration has ended"),
        None => restart(UNKNOWN),
    }
}

fn between(applied: &Applied, wanted: &Wanted) -> Change {
    let (Ok(before), Ok(after)) = (vpp::parse(&applied.commands), vpp::parse(&wanted.commands)) else {
        return restart(UNKNOWN);
    };
    let has = Files {
        startup: &applied.startup,
        script: &before,
    };
    let wants = Files {
        startup: &wanted.startup,
        script: &after,
    };
    vpp::between(has, wants)
}

fn restart(why: impl Into<String>) -> Change {
    Change::Restart { why: why.into() }
}

//! How an instance gets from what its VPP has to what its files say now.

use crate::facts::vpp::{Applied, InstanceFacts, Wanted};
use crate::plan::vpp::{self, Change, Difference};
use crate::types::{InstanceName, Root};

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
    match facts.applied {
        Some(applied) if facts.alive => between(&applied, wanted),
        Some(_) => restart("the process that had its configuration has ended"),
        None if facts.failed.is_some() => restart("it did not take its configuration"),
        None => restart("it has no configuration yet"),
    }
}

/// From what is on record to what is wanted. Pure.
pub(super) fn between(applied: &Applied, wanted: &Wanted) -> Change {
    if applied.startup != wanted.startup_digest() {
        return restart("its startup configuration differs");
    }
    let (Ok(before), Ok(after)) = (vpp::parse(&applied.commands), vpp::parse(&wanted.commands)) else {
        return restart("what it has is not on record");
    };
    match vpp::change(&before, &after) {
        Change::None if before.digest != after.digest => Change::Live(Difference {
            steps: Vec::new(),
            impacts: Vec::new(),
        }),
        change => change,
    }
}

fn restart(why: impl Into<String>) -> Change {
    Change::Restart { why: why.into() }
}

//! From what is on record of a running VPP to what its files say. Pure.

use super::{Change, Difference, change, parse};
use crate::facts::vpp::{Applied, Wanted};

/// How a VPP that has the one gets to the other.
///
/// `None` only if nothing at all is left to do. A change without steps leads to the same state, but under another digest,
/// which is still to be marked and recorded.
pub fn between(applied: &Applied, wanted: &Wanted) -> Change {
    let restart = |why: &str| Change::Restart { why: why.to_owned() };
    if applied.startup != wanted.startup_digest() {
        return restart("its startup configuration differs");
    }
    let (Ok(before), Ok(after)) = (parse(&applied.commands), parse(&wanted.commands)) else {
        return restart("what it has is not on record");
    };
    match change(&before, &after) {
        Change::None if before.digest != after.digest => Change::Live(Difference {
            steps: Vec::new(),
            impacts: Vec::new(),
        }),
        change => change,
    }
}

//! From what is on record of a running VPP to what its files say. Pure.

use super::{Change, Difference, Script, change};
use crate::render;
use crate::types::Bytes;

/// The files of an instance, the commands read.
#[derive(Debug, Clone, Copy)]
pub struct Files<'f> {
    /// The startup configuration.
    pub startup: &'f str,
    /// The commands.
    pub script: &'f Script,
}

/// How a VPP that has the one gets to the other.
///
/// `None` only if nothing at all is left to do. A change without steps leads to the same state, but under another digest,
/// which is still to be marked and recorded.
pub fn between(applied: Files<'_>, wanted: Files<'_>) -> Change {
    let restart = |why: &str| Change::Restart { why: why.to_owned() };
    match Startup::of(applied.startup).serves(&Startup::of(wanted.startup)) {
        Serves::Yes => {}
        Serves::HeapIsTooSmall => return restart("it needs a larger heap"),
        Serves::No => return restart("its startup configuration differs"),
    }
    match change(applied.script, wanted.script) {
        Change::None if applied.script.digest != wanted.script.digest => Change::Live(Difference {
            steps: Vec::new(),
            impacts: Vec::new(),
        }),
        change => change,
    }
}

/// A startup configuration: the size of the heap, and the digest of all else.
struct Startup {
    heap: Option<Bytes>,
    rest: String,
}

/// Whether a process started with one configuration does for another.
enum Serves {
    Yes,
    HeapIsTooSmall,
    No,
}

impl Startup {
    fn of(text: &str) -> Self {
        let split = text.split_once("main-heap-size ").and_then(|(before, rest)| {
            let (size, after) = rest.split_once(char::is_whitespace)?;
            Some((size.parse().ok()?, format!("{before}{after}")))
        });
        let (heap, rest) = match split {
            Some((heap, rest)) => (Some(heap), rest),
            None => (None, text.to_owned()),
        };
        Self {
            heap,
            rest: render::digest(&rest, ""),
        }
    }

    /// A heap that is larger than it would be today takes nothing from anybody: it is memory only where it is used.
    fn serves(&self, wanted: &Self) -> Serves {
        match (self.rest == wanted.rest, self.heap, wanted.heap) {
            (true, Some(heap), Some(least)) if heap < least => Serves::HeapIsTooSmall,
            (true, Some(_), Some(_)) | (true, None, None) => Serves::Yes,
            _ => Serves::No,
        }
    }
}

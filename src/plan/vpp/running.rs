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
        Serves::IsTooSmall(what) => return restart(&format!("it needs {what}")),
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

/// A startup configuration: the sizes in it, and the digest of all else.
struct Startup {
    /// Each of [`SIZES`].
    sizes: Vec<Option<Bytes>>,
    rest: String,
}

/// What stands before a size that may be larger than asked for, and what a process needs that has too little of it.
const SIZES: [(&str, &str); 2] = [
    ("main-heap-size ", "a larger heap"),
    ("-stats.sock size ", "more memory for the counters of routes"),
];

/// Whether a process started with one configuration does for another.
enum Serves {
    Yes,
    IsTooSmall(&'static str),
    No,
}

impl Startup {
    fn of(text: &str) -> Self {
        let mut rest = text.to_owned();
        let sizes = SIZES.map(|(before, _)| {
            let (start, behind) = rest.split_once(before)?;
            let (size, after) = behind.split_once(char::is_whitespace)?;
            let size = size.parse().ok()?;
            rest = format!("{start}{after}");
            Some(size)
        });
        Self {
            sizes: sizes.into(),
            rest: render::digest(&rest, ""),
        }
    }

    /// Memory that is larger than it would be today takes nothing from anybody: it is there only where it is used.
    fn serves(&self, wanted: &Self) -> Serves {
        let mut too_small = None;
        for ((has, least), (_, what)) in self.sizes.iter().zip(&wanted.sizes).zip(SIZES) {
            match (has, least) {
                (Some(has), Some(least)) if has < least => too_small = too_small.or(Some(what)),
                (Some(_), Some(_)) | (None, None) => {}
                _ => return Serves::No,
            }
        }
        match too_small {
            _ if self.rest != wanted.rest => Serves::No,
            Some(what) => Serves::IsTooSmall(what),
            None => Serves::Yes,
        }
    }
}

//! `imp-config` reads documents in a child of its own. Whatever ends the child without an answer (a template without end, a
//! stack or memory that does not suffice) is a refusal, and the last good generation runs.

use super::{config, reload};
use crate::exit::{Failure, Kind};
use crate::host::limit;
use crate::host::process::{self, End};
use crate::types::Root;
use std::ffi::OsString;
use std::io;
use std::time::{Duration, Instant};

/// The child that runs the documents.
pub const DOCUMENTS: &str = "--documents";
/// The child that runs a kept generation; how many of the newest to leave out, and why not the documents.
pub const INSTEAD: &str = "--instead";
/// The child that applies the documents.
pub const APPLY: &str = "--apply";

/// No further generation is tried after this time: together with the last one's limits it is within `TimeoutStartSec=20`.
const TRIES: Duration = Duration::from_secs(10);

/// The documents run, or the last good generation does, or nothing. Without a child (the program is being replaced, or there is
/// no room for a process) this process does the same by itself.
pub fn start(root: &Root) -> Result<(), Failure> {
    let begin = Instant::now();
    let Ok(end) = child(root, &[DOCUMENTS]) else {
        return config::start(root);
    };
    let reason = match answer(end) {
        Ok(answer) => return answer,
        Err(how) => how,
    };
    let mut skipped: usize = 0;
    while begin.elapsed() < TRIES {
        let Ok(end) = child(root, &[INSTEAD, &skipped.to_string(), &reason]) else {
            return config::start_instead(root, skipped, &reason);
        };
        match answer(end) {
            Ok(answer) => return answer,
            Err(_) => skipped += 1,
        }
    }
    config::start_instead(root, usize::MAX, &reason)
}

/// The documents are applied, or nothing changes.
pub fn reload(root: &Root) -> Result<(), Failure> {
    let Ok(end) = child(root, &[APPLY]) else {
        return reload::reload(root);
    };
    answer(end).unwrap_or_else(|how| reload::without_answer(root, &how))
}

/// What the child does that was started with these words.
pub fn as_child(root: &Root, words: &[&str]) -> Result<(), Failure> {
    process::die_with_parent().map_err(|error| Failure::from_error(Kind::Failed, &error))?;
    match words {
        [DOCUMENTS] => config::start(root),
        [INSTEAD, skipped, reason] => {
            config::start_instead(root, skipped.parse().unwrap_or_default(), reason)
        }
        [APPLY] => reload::reload(root),
        _ => Err(Failure::new(Kind::Usage, "this command is for imp-config itself")),
    }
}

fn child(root: &Root, words: &[&str]) -> io::Result<End> {
    let root = [OsString::from("--root"), root.path().into()];
    process::again(
        &root
            .into_iter()
            .chain(words.iter().map(OsString::from))
            .collect::<Vec<_>>(),
    )
}

/// The child's result, with everything said that there is to say; or how it ended without one.
fn answer(end: End) -> Result<Result<(), Failure>, String> {
    match end {
        End::Code(0) => Ok(Ok(())),
        End::Code(code) => Kind::of_code(code)
            .map(|kind| Err(Failure::new(kind, "")))
            .ok_or_else(|| format!("it ended with status {code}")),
        End::Signal(signal) => Err(limit::broken_by(signal, config::LIMITS)),
    }
}

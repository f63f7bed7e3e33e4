//! How a test says that it did not run.

use std::io::Write as _;

/// One line on standard error. Not `eprintln!`: the test harness keeps that to itself when the test passes.
pub fn skipped(why: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

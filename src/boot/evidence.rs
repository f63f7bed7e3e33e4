//! What a boot leaves behind for `impctl why`: outside both images, bounded, readable without a journal.

use super::ledger::Ledger;
use super::record::Record;
use crate::types::Root;

/// What is known about a trial that ended without a verdict.
#[derive(Debug, Default)]
pub struct PostMortem {
    proof: Option<String>,
}

impl PostMortem {
    /// What speaks for a fault of the image beyond its being gone: an oops, a watchdog.
    pub fn proof(&self) -> Option<String> {
        self.proof.clone()
    }
}

/// Keeps what is known about this boot. Ends within 20 s whatever hangs; what cannot be had is left out and said.
pub fn collect(_root: &Root, _record: &Record) {}

/// Keeps what is known about the trial that this boot came back from.
pub fn post_mortem(_root: &Root, _ledger: &Ledger) -> PostMortem {
    PostMortem::default()
}

/// Whoever logs in or stands at the console is told when there is something to tell; nothing is shown otherwise.
pub fn announce(_root: &Root, _record: &Record) {}

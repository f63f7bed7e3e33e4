//! The writes of arming, blessing and closing a trial. Power may go after any of them: whatever is on disk then boots a
//! blessed image, or the candidate on its one attempt.

use super::classify::Attempt;
use super::ledger::{Ledger, Stage};
use crate::types::ImageName;

/// One write, durable when it is done.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Write {
    /// The ledger.
    Ledger(Box<Ledger>),
    /// Everything the token needs; no power-on looks at it without the token.
    Prepare(Attempt),
    /// The token: the next power-on attempts the image, once.
    Arm(Attempt),
    /// The image is what power-on starts: the bless.
    Default(ImageName),
    /// Removes what a trial left in the loader's store.
    Clear,
}

/// The writes that arm a trial; its ledger is in the stage `Arming`.
///
/// The ledger comes first: a token that no ledger knows would be a trial without a name. `Armed` is recorded after the token
/// was read back.
pub fn arm(ledger: &Ledger) -> Vec<Write> {
    let Some(trial) = &ledger.trial else {
        return Vec::new();
    };
    let attempt = Attempt {
        trial: trial.id.clone(),
        image: trial.image.clone(),
    };
    let mut armed = ledger.clone();
    if let Some(trial) = &mut armed.trial {
        trial.stage = Stage::Armed;
    }
    vec![
        Write::Ledger(Box::new(ledger.clone())),
        Write::Prepare(attempt.clone()),
        Write::Arm(attempt),
        Write::Ledger(Box::new(armed)),
    ]
}

/// The writes that bless an image; the ledger is the one in which its trial has ended.
///
/// The default comes first: it alone decides what power-on starts. After a kill in between, the next boot is
/// `BlessedUnrecorded` and does the rest.
pub fn bless(image: &ImageName, ended: Ledger) -> Vec<Write> {
    vec![
        Write::Default(image.clone()),
        Write::Clear,
        Write::Ledger(Box::new(ended)),
    ]
}

/// The writes that close a trial whose token is used up; the ledger is the one in which it has ended.
///
/// The ledger comes first: the used token is the only witness that the image was started, so it goes when that is on record.
/// Killed in between, or on a full disk, the next boot finds the token and closes the trial again.
pub fn close(ended: Ledger) -> Vec<Write> {
    vec![Write::Ledger(Box::new(ended)), Write::Clear]
}

/// The writes that call a trial off whose token was not used; the ledger is the one in which it has ended.
///
/// The loader's store comes first: a token that is still armed would be an attempt that no ledger knows. Killed in between,
/// the ledger still has the trial, and the next boot calls it off again.
pub fn call_off(ended: Ledger) -> Vec<Write> {
    vec![Write::Clear, Write::Ledger(Box::new(ended))]
}

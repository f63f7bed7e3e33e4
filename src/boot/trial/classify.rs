//! What kind of boot this is. The loader's own store is the truth; the ledger is intent and evidence.

use super::ledger::{Ledger, Stage};
use crate::types::{BootId, ImageName, TrialId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What the boot loader's own store says, and what runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct LoaderState {
    /// The image that runs.
    pub booted: ImageName,
    /// What power-on starts when no token is armed.
    pub default: PowerOn,
    /// The token of a trial.
    pub token: Token,
}

/// What power-on starts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PowerOn {
    /// An image.
    Image(ImageName),
    /// An entry of somebody else's, whose name no image of ours can have: `My Rescue.conf`. It is never armed or blessed.
    Other(String),
}

impl PowerOn {
    /// The image; `None` for an entry that is none.
    pub fn image(&self) -> Option<&ImageName> {
        match self {
            Self::Image(image) => Some(image),
            Self::Other(_) => None,
        }
    }
}

impl From<ImageName> for PowerOn {
    fn from(image: ImageName) -> Self {
        Self::Image(image)
    }
}

impl PartialEq<ImageName> for PowerOn {
    fn eq(&self, other: &ImageName) -> bool {
        self.image() == Some(other)
    }
}

impl fmt::Display for PowerOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image(image) => image.fmt(f),
            Self::Other(entry) => write!(f, "the entry '{entry}'"),
        }
    }
}

/// The right to one attempt, as the loader's store holds it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Token {
    /// No trial has left a trace.
    None,
    /// A trial is prepared but has no token: it was never written, or the store was lost.
    Absent(Attempt),
    /// The next power-on attempts the image.
    Armed(Attempt),
    /// The boot chain took it.
    Consumed(Attempt),
}

/// One image, attempted once.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Attempt {
    /// Which attempt.
    pub trial: TrialId,
    /// Of which image.
    pub image: ImageName,
}

impl Token {
    /// The attempt it belongs to.
    pub fn attempt(&self) -> Option<&Attempt> {
        match self {
            Self::None => None,
            Self::Absent(attempt) | Self::Armed(attempt) | Self::Consumed(attempt) => Some(attempt),
        }
    }
}

/// What kind of boot this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Class {
    /// The default runs and nothing is open.
    Steady,
    /// The image of a trial runs, on its one attempt.
    Trial,
    /// The default runs; the token was used and the image is gone.
    FailedEarly,
    /// The default runs; the token was never used.
    NotAttempted,
    /// The image of the trial is already the default; only the ledger does not say so.
    BlessedUnrecorded,
    /// Somebody chose this image by hand. Nothing happens automatically.
    Manual,
    /// A soft reboot put this image in the place of the one that was booted: no boot of its own, so it proves nothing about its
    /// kernel or its boot loader, and nothing happens automatically.
    SoftReboot,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Steady => "a steady boot",
            Self::Trial => "a trial",
            Self::FailedEarly => "after a failed trial",
            Self::NotAttempted => "after a trial that was never attempted",
            Self::BlessedUnrecorded => "blessed earlier",
            Self::Manual => "started by hand",
            Self::SoftReboot => "after a soft reboot into it",
        })
    }
}

/// The class of a boot.
///
/// A lost ledger does not affect safety: a trial is known by its token alone, and what it left in the loader's store is cleared
/// at the next boot of the default. An image whose one attempt was in another boot is running against the rules: a loader that
/// does not take tokens away would attempt it for ever, so nothing reboots it.
pub fn classify(loader: &LoaderState, ledger: &Ledger, boot: &BootId) -> Class {
    let open = ledger.trial.as_ref();
    let attempt = loader.token.attempt();
    if loader.default == loader.booted {
        let candidate = open
            .map(|trial| &trial.image)
            .or(attempt.map(|attempt| &attempt.image));
        return match (candidate, &loader.token) {
            (None, _) => Class::Steady,
            (Some(image), _) if loader.default == *image => Class::BlessedUnrecorded,
            // To some loaders, prepared looks like consumed; an image that was not armed is not to blame.
            (Some(_), Token::Consumed(_)) if open.is_some_and(|trial| trial.stage == Stage::Arming) => {
                Class::NotAttempted
            }
            (Some(_), Token::Consumed(_)) => Class::FailedEarly,
            // The store was lost, but the image ran: the ledger has its own word for it.
            (Some(_), _) if open.is_some_and(|trial| trial.stage >= Stage::Trying) => Class::FailedEarly,
            (Some(_), _) => Class::NotAttempted,
        };
    }
    match &loader.token {
        Token::Consumed(attempt) if attempt.image == loader.booted => {
            let tried = open.filter(|trial| trial.id == attempt.trial);
            let elsewhere = tried
                .and_then(|trial| trial.tried_in.as_ref())
                .is_some_and(|other| other != boot);
            let over = elsewhere || ledger.is_over(Some(attempt));
            if over { Class::Manual } else { Class::Trial }
        }
        _ => Class::Manual,
    }
}

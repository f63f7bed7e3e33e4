//! The ledger: which images and configurations were good together, which trial is open, what became of the earlier ones.
//!
//! `/persistent/data/imp/boot/ledger.json`, its last version beside it as `ledger.prev`. It decides nothing alone: the
//! loader's store does (`classify`).

use super::classify::Attempt;
use crate::types::generation::Id;
use crate::types::{BootId, ImageName, TrialId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// How much of the past is kept; of each image that was ever healthy its newest pair as well.
const PAST: usize = 10;

/// What is known about images on this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Ledger {
    /// The trial that has not ended.
    pub trial: Option<Trial>,
    /// Image and configuration that were healthy together, the newest first.
    pub good: Vec<Pair>,
    /// Images that are not attempted again unless an operator says so.
    pub quarantine: Vec<Quarantined>,
    /// How earlier trials ended, the newest first.
    pub past: Vec<Ended>,
}

/// An image and a configuration that ran together.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Pair {
    /// The image.
    pub image: ImageName,
    /// The generation; `None` where none ran.
    pub config: Option<Id>,
}

/// An attempt that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Trial {
    /// Its name.
    pub id: TrialId,
    /// The image that is attempted.
    pub image: ImageName,
    /// What identifies its contents; `None` where the ledger was lost.
    #[serde(default)]
    pub identity: Option<String>,
    /// What ran when it was armed: the image that power-on goes back to, and its configuration.
    pub from: Pair,
    /// The boot that armed it.
    pub armed_in: BootId,
    /// The boot its image came up in; a second one means that the loader does not take tokens away.
    #[serde(default)]
    pub tried_in: Option<BootId>,
    /// How far it came.
    pub stage: Stage,
    /// A drill fails on purpose, to prove the way back.
    pub drill: bool,
}

impl Trial {
    /// A drill whose copy came up and was rejected on purpose: all that a drill is for.
    pub fn passed_drill(&self) -> bool {
        self.drill && matches!(self.stage, Stage::Rejected(_))
    }
}

/// How far a trial came, in the order of time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Its token is being written.
    Arming,
    /// Its token was read back.
    Armed,
    /// Its image reached `imp-boot`.
    Trying,
    /// Its image runs the last good configuration, because it was not healthy with its own.
    TryingOldConfig,
    /// Its image was rejected, for this reason.
    Rejected(String),
}

/// An image that is not attempted again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Quarantined {
    /// Which.
    pub image: ImageName,
    /// What identifies its contents (`Image::identity`): other contents under the same name are another image.
    pub identity: Option<String>,
    /// Why.
    pub reason: String,
}

/// How a trial ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Ended {
    /// Which.
    pub id: TrialId,
    /// Of which image.
    pub image: ImageName,
    /// What became of it.
    pub end: End,
    /// Who is to blame, when somebody is.
    pub culprit: Option<Culprit>,
    /// In a sentence.
    pub reason: String,
}

/// What became of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// Its image is the default.
    Blessed,
    /// Its image was not healthy, or never came up.
    Failed,
    /// Its token was never used.
    NotAttempted,
    /// The drill came back, as it should.
    DrillPassed,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blessed => "was blessed",
            Self::Failed => "failed",
            Self::NotAttempted => "was not attempted",
            Self::DrillPassed => "passed the drill",
        })
    }
}

impl fmt::Display for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Configuration => "the configuration",
            Self::Image => "the image",
            Self::Both => "the image and the configuration, each with the other's previous partner",
            Self::Neither => "something outside the image and the configuration",
        })
    }
}

/// Which of the two a failure belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Culprit {
    /// The new image with the old configuration is healthy: the configuration.
    Configuration,
    /// The old image with the new configuration is healthy, or there was no other configuration: the image.
    Image,
    /// Each is healthy with the other's old partner only.
    Both,
    /// The old image with the old configuration is not healthy either: something outside.
    Neither,
}

impl Ledger {
    /// Records that image and configuration were healthy together. The newest pair of each image is never dropped, however many
    /// configurations were healthy with another image since: the image to go back to stays known.
    pub fn add_good(&mut self, pair: Pair) {
        self.good.retain(|other| *other != pair);
        self.good.insert(0, pair);
        let mut images = BTreeSet::new();
        let mut rank = 0;
        self.good.retain(|pair| {
            rank += 1;
            images.insert(pair.image.clone()) || rank <= PAST
        });
    }

    /// The newest configuration that was healthy, on this image if there is one, other than the one named.
    pub fn last_good_config(&self, image: &ImageName, other_than: Option<&Id>) -> Option<&Id> {
        let configs = |same: bool| {
            let pairs = self
                .good
                .iter()
                .filter(move |pair| (pair.image == *image) == same);
            pairs
                .filter_map(|pair| pair.config.as_ref())
                .find(|id| Some(*id) != other_than)
        };
        configs(true).or_else(|| configs(false))
    }

    /// Why an image with these contents is not attempted again; `None` when it may be.
    pub fn quarantined(&self, image: &ImageName, identity: &str) -> Option<&str> {
        let same = |other: &&Quarantined| {
            other.image == *image && other.identity.as_deref().is_none_or(|known| known == identity)
        };
        self.quarantine
            .iter()
            .find(same)
            .map(|other| other.reason.as_str())
    }

    /// Whether the attempt has ended and its end is on record; whatever is left of it elsewhere is to be cleared away.
    pub fn is_over(&self, attempt: Option<&Attempt>) -> bool {
        let ended = |attempt: &Attempt| self.past.iter().any(|ended| ended.id == attempt.trial);
        self.trial.is_none() && attempt.is_some_and(ended)
    }

    /// Ends the open trial.
    pub fn end_trial(&mut self, end: End, culprit: Option<Culprit>, reason: impl Into<String>) {
        if let Some(Trial { id, image, .. }) = self.trial.take() {
            self.past.insert(
                0,
                Ended {
                    id,
                    image,
                    end,
                    culprit,
                    reason: reason.into(),
                },
            );
            self.past.truncate(PAST);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn pair(image: &str, config: usize) -> Pair {
        Pair {
            image: image.parse().unwrap(),
            config: Some(format!("{config:012}").parse().unwrap()),
        }
    }

    #[test]
    fn many_good_configurations_do_not_push_out_the_image_to_go_back_to() {
        let mut ledger = Ledger::default();
        for config in 0..2 {
            ledger.add_good(pair("older", config));
        }
        for config in 0..3 * PAST {
            ledger.add_good(pair("running", config));
        }
        assert_eq!(ledger.good.len(), PAST + 1);
        assert_eq!(ledger.good[0], pair("running", 3 * PAST - 1));
        assert_eq!(ledger.good[PAST], pair("older", 1));
        // Good once more is not a second pair.
        ledger.add_good(pair("older", 1));
        assert_eq!(ledger.good.len(), PAST);
        assert_eq!(ledger.good[0], pair("older", 1));
    }
}

//! The token of a trial: properties set on the image it attempts, on no other.
//!
//! They are set on the image because a clone does not inherit them, and because `zfs inherit` removes them; a user property of a
//! pool needs ZFS 2.2 and can never be removed (openzfs#16671).

use crate::boot::loader::BackendError;
use crate::host::zfs::Property;
use crate::types::{DatasetName, TrialId};

/// All of ours begin so.
pub const PREFIX: &str = "org.imp:";
/// Which attempt.
pub const TRIAL: &str = "org.imp:trial";
/// How far the token is, a [`TokenState`].
pub const STATE: &str = "org.imp:state";
/// Which scripts took the last token. On an image while its trial is open, afterwards on the dataset above all images.
pub const TAKEN_BY: &str = "org.imp:taken-by";
/// What the scripts load: paths within the image, and the whole command line.
pub const KERNEL: &str = "org.imp:kernel";
/// See [`KERNEL`].
pub const INITRAMFS: &str = "org.imp:initramfs";
/// See [`KERNEL`].
pub const COMMAND_LINE: &str = "org.imp:command-line";

/// The number of the firmware's entry, four hexadecimal digits. The firmware's `BootCurrent` still says it when the entry itself
/// is gone.
pub const ENTRY: &str = "org.imp:entry";

/// What is unset when a trial is over. The state is first: without it no script looks at the rest.
pub const OF_A_TRIAL: [&str; 7] = [STATE, TRIAL, TAKEN_BY, KERNEL, INITRAMFS, COMMAND_LINE, ENTRY];

/// How far a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// Everything is there but the token.
    Prepared,
    /// The next start of the hook or of the initramfs script takes it.
    Armed,
    /// A script took it.
    Consumed,
    /// The token is the firmware's `BootNext`; this says only that it was written. The scripts leave it alone.
    Firmware,
}

impl TokenState {
    /// As it is stored.
    pub fn word(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Armed => "armed",
            Self::Consumed => "consumed",
            Self::Firmware => "firmware",
        }
    }

    fn of(word: &str) -> Option<Self> {
        [Self::Prepared, Self::Armed, Self::Consumed, Self::Firmware]
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// What a trial left on an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenMark {
    /// On which.
    pub image: DatasetName,
    /// Of which attempt.
    pub trial: TrialId,
    /// How far it is; `None` when only a part of it is left to be removed.
    pub state: Option<TokenState>,
    /// The scripts are told what to start: the token is theirs, not the firmware's.
    pub for_scripts: bool,
    /// The number of the firmware's entry; `None` where it has none, or an older version armed the image.
    pub entry: Option<u16>,
}

/// What trials left on images. There is at most one but where somebody else wrote it.
pub fn marks(properties: &[Property]) -> Result<Vec<TokenMark>, BackendError> {
    let of = |image: &DatasetName, name: &str| {
        properties
            .iter()
            .find(|property| property.dataset == *image && property.name == name)
            .map(|property| property.value.as_str())
    };
    let strange = |image: &DatasetName, name: &str, value: &str| {
        BackendError::Unreadable(format!(
            "'{image}' has {name}={value}, which IMP did not write: 'zfs inherit {name} {image}' removes it"
        ))
    };
    let trials = properties.iter().filter(|property| property.name == TRIAL);
    trials
        .map(|Property { dataset, value, .. }| {
            let trial = value.parse().map_err(|_| strange(dataset, TRIAL, value))?;
            let state = match of(dataset, STATE) {
                None => None,
                Some(word) => Some(TokenState::of(word).ok_or_else(|| strange(dataset, STATE, word))?),
            };
            Ok(TokenMark {
                image: dataset.clone(),
                trial,
                state,
                for_scripts: of(dataset, KERNEL).is_some(),
                entry: of(dataset, ENTRY).and_then(|number| u16::from_str_radix(number, 16).ok()),
            })
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn properties(lines: &[[&str; 3]]) -> Vec<Property> {
        lines
            .iter()
            .map(|[dataset, name, value]| Property {
                dataset: dataset.parse().unwrap(),
                name: (*name).to_owned(),
                value: (*value).to_owned(),
            })
            .collect()
    }

    #[test]
    fn a_token_is_a_trial_and_a_state_of_one_image() {
        let found = marks(&properties(&[
            ["tank/ROOT", TAKEN_BY, "zbm-hook"],
            ["tank/ROOT/b", TRIAL, "0a1b2c3d4e5f"],
            ["tank/ROOT/b", STATE, "armed"],
            ["tank/ROOT/c", STATE, "consumed"],
            ["tank/ROOT/d", TRIAL, "ffffffffffff"],
        ]))
        .unwrap();
        assert_eq!(found.len(), 2, "a state without a trial is none: {found:?}");
        assert_eq!(found[0].state, Some(TokenState::Armed));
        assert_eq!(found[1].state, None);
    }

    #[test]
    fn what_somebody_else_wrote_is_an_error_that_says_how_to_remove_it() {
        for line in [
            ["tank/ROOT/b", TRIAL, "yes"],
            ["tank/ROOT/b", TRIAL, "-"],
            ["tank/ROOT/b", TRIAL, "0A1B2C3D4E5F"],
        ] {
            let error = marks(&properties(&[line])).unwrap_err();
            assert!(
                error
                    .to_string()
                    .contains("zfs inherit org.imp:trial tank/ROOT/b"),
                "{error}"
            );
        }
        let odd = [
            ["tank/ROOT/b", TRIAL, "0a1b2c3d4e5f"],
            ["tank/ROOT/b", STATE, "maybe"],
        ];
        assert!(marks(&properties(&odd)).is_err());
    }

    #[test]
    fn every_state_is_read_as_it_is_written() {
        for state in [
            TokenState::Prepared,
            TokenState::Armed,
            TokenState::Consumed,
            TokenState::Firmware,
        ] {
            assert_eq!(TokenState::of(state.word()), Some(state));
        }
    }
}

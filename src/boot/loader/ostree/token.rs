//! `imp.env` beside GRUB's configuration: the token of a trial. GRUB turns `armed` into `spent` before it starts anything
//! (`units/grub/custom.cfg`); while the file is there and says neither, it starts the second entry of its menu.

use super::block::{self, Values};
use crate::boot::loader::BackendError;
use crate::boot::trial::classify::Attempt;
use crate::host::file;
use crate::types::ImageName;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// What GRUB does at the next power-on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// The entry on top, once.
    Armed,
    /// The second entry.
    Spent,
    /// The entry on top: the bless, or the way back to it where the candidate is gone. The file is about to be removed.
    Blessed,
}

/// The token and what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrubToken {
    /// How far it is.
    pub state: TokenState,
    /// Which attempt.
    pub attempt: Attempt,
    /// The image that armed it: the second entry once the candidate is on top.
    pub from: ImageName,
    /// The candidate was on top when this was written: what is left of that when its deployment is gone.
    pub stood: bool,
}

/// What the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// No file: nothing is tried.
    Nothing,
    /// A token.
    Token(GrubToken),
    /// A file that does not hold a token: GRUB starts the second entry.
    Torn,
}

/// The file, in the directory of GRUB's configuration.
#[derive(Debug, Clone)]
pub struct TokenFile(PathBuf);

impl TokenFile {
    /// The file in this directory.
    pub fn in_dir(dir: &Path) -> Self {
        Self(dir.join("imp.env"))
    }

    /// What it says now.
    pub fn read(&self) -> Result<Found, BackendError> {
        match fs::read(&self.0) {
            Ok(bytes) => Ok(block::read(&bytes)
                .and_then(|values| parse(&values))
                .map_or(Found::Torn, Found::Token)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Found::Nothing),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// The token is in a new file, read back.
    pub fn write(&self, token: &GrubToken) -> Result<(), BackendError> {
        let block = self.block(token)?;
        let _ = file::write(&self.0, &block, 0o644).map_err(|error| self.failed(error))?;
        self.read_back(token)
    }

    /// The token is there, written over the one that was: GRUB reads a file system without its journal, so a new file may not
    /// be there for it after a power cut, and an old one that was removed may. One sector changes, which a disk writes whole.
    pub fn write_over(&self, token: &GrubToken) -> Result<(), BackendError> {
        let block = self.block(token)?;
        let written = File::options().write(true).open(&self.0).and_then(|mut file| {
            file.write_all(&block)?;
            file.sync_all()
        });
        written.map_err(|error| self.failed(error))?;
        self.read_back(token)
    }

    /// There is no token.
    pub fn remove(&self) -> Result<(), BackendError> {
        file::remove(&self.0)
            .map(drop)
            .map_err(|error| self.failed(error))
    }

    fn block(&self, token: &GrubToken) -> Result<[u8; 1024], BackendError> {
        block::write(&values(token)).ok_or_else(|| {
            BackendError::Incapable(format!(
                "'{}' and '{}' are too long for GRUB's environment block",
                token.attempt.image, token.from
            ))
        })
    }

    fn read_back(&self, token: &GrubToken) -> Result<(), BackendError> {
        match self.read()? {
            Found::Token(found) if found == *token => Ok(()),
            _ => Err(BackendError::NotRead(self.0.display().to_string())),
        }
    }

    fn failed(&self, source: io::Error) -> BackendError {
        of_file(&self.0, source)
    }
}

/// A file that could not be read or written, with the way out where there is one.
pub(super) fn of_file(path: &Path, source: io::Error) -> BackendError {
    let mut subject = path.display().to_string();
    if source.kind() == ErrorKind::ReadOnlyFilesystem {
        // Fedora CoreOS mounts it so, at every boot; what a trial leaves is written at the boot after it, before anyone logs in.
        subject.push_str(
            " (/boot is mounted read-only: a drop-in /etc/systemd/system/boot.mount.d/rw.conf with '[Mount]' and \
             'Options=rw,nodev,nosuid', or 'rw' in /etc/fstab, makes it writable at every boot, which trials need; \
             'mount -o remount,rw /boot' does until the next one)",
        );
    }
    BackendError::File { subject, source }
}

fn values(token: &GrubToken) -> Values {
    let state = match token.state {
        TokenState::Armed => "armed",
        TokenState::Spent => "spent",
        TokenState::Blessed => "blessed",
    };
    let pairs = [
        ("imp_token", state),
        ("imp_trial", token.attempt.trial.as_ref()),
        ("imp_image", token.attempt.image.as_ref()),
        ("imp_from", token.from.as_ref()),
        ("imp_stood", if token.stood { "yes" } else { "no" }),
    ];
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn parse(values: &Values) -> Option<GrubToken> {
    Some(GrubToken {
        state: match values.get("imp_token")?.as_str() {
            "armed" => TokenState::Armed,
            "spent" => TokenState::Spent,
            "blessed" => TokenState::Blessed,
            _ => return None,
        },
        attempt: Attempt {
            trial: values.get("imp_trial")?.parse().ok()?,
            image: values.get("imp_image")?.parse().ok()?,
        },
        from: values.get("imp_from")?.parse().ok()?,
        stood: values.get("imp_stood")? == "yes",
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_read_only_boot_is_an_error_with_what_helps_and_for_how_long() {
        let error = of_file(
            Path::new("/boot/grub2/imp.env"),
            ErrorKind::ReadOnlyFilesystem.into(),
        );
        let text = error.to_string();
        assert!(
            text.contains("boot.mount.d/rw.conf") && text.contains("until the next one"),
            "{text}"
        );
        let other = of_file(Path::new("/boot/grub2/imp.env"), ErrorKind::StorageFull.into());
        assert_eq!(other.to_string(), "/boot/grub2/imp.env");
    }

    #[test]
    fn a_token_is_written_written_over_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        let file = TokenFile::in_dir(dir.path());
        let token = GrubToken {
            state: TokenState::Armed,
            attempt: Attempt {
                trial: "0a1b2c3d4e5f".parse().unwrap(),
                image: format!("fedora-coreos-{}.0", "a".repeat(64)).parse().unwrap(),
            },
            from: format!("fedora-coreos-{}.0", "b".repeat(64)).parse().unwrap(),
            stood: false,
        };
        assert_eq!(file.read().unwrap(), Found::Nothing);
        file.write(&token).unwrap();
        assert_eq!(file.read().unwrap(), Found::Token(token.clone()));
        let blessed = GrubToken {
            state: TokenState::Blessed,
            ..token
        };
        file.write_over(&blessed).unwrap();
        assert_eq!(file.read().unwrap(), Found::Token(blessed));
        assert_eq!(fs::metadata(dir.path().join("imp.env")).unwrap().len(), 1024);
        fs::write(dir.path().join("imp.env"), "torn").unwrap();
        assert_eq!(file.read().unwrap(), Found::Torn);
        file.remove().unwrap();
        file.remove().unwrap();
        assert_eq!(file.read().unwrap(), Found::Nothing);
    }
}

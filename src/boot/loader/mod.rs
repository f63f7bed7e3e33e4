//! One backend per boot technology: what its loader's store says, and the writes of `sequence` carried out in it.

pub mod attempt;

pub mod none;
pub mod ostree;
pub mod reboot;
mod select;
pub mod systemd_boot;
pub mod zfs;

pub use select::of_machine;

use crate::boot::image::Metadata;
use crate::boot::ledger;
use crate::boot::trial::classify::{Attempt, LoaderState};
use crate::boot::trial::sequence::Write;
use crate::host::efi::EfiError;
use crate::host::zfs::ZfsError;
use crate::types::{ImageName, Root};
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};
use std::io;
use std::path::{Path, PathBuf};

/// Why a backend did not do what was asked. Nothing that moves the default has happened then.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// The machine cannot do this at all: no efivarfs, a read-only ESP, a loader that does not count.
    #[error("{0}")]
    Incapable(String),
    /// The image does not exist or cannot boot.
    #[error("'{image}' {problem}")]
    Image {
        /// Which.
        image: ImageName,
        /// What is wrong with it.
        problem: String,
    },
    /// What was written does not read back.
    #[error("{0} was written and does not read back")]
    NotRead(String),
    /// A program refused, in its own words.
    #[error(transparent)]
    Process(#[from] crate::host::process::ProcessError),
    /// A file or a variable could not be read or written.
    #[error("{subject}")]
    File {
        /// Which.
        subject: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The loader's store holds something that is not understood.
    #[error("{0}")]
    Unreadable(String),
}

impl From<EfiError> for BackendError {
    fn from(error: EfiError) -> Self {
        match error {
            EfiError::Unavailable(reason) => Self::Incapable(reason.to_owned()),
            EfiError::Full { .. } => Self::Incapable(error.to_string()),
            EfiError::Malformed { .. } => Self::Unreadable(error.to_string()),
            EfiError::NotKept(name) => Self::NotRead(format!("the variable {name}")),
            EfiError::File { subject, source } => Self::File { subject, source },
        }
    }
}

impl From<ZfsError> for BackendError {
    fn from(error: ZfsError) -> Self {
        match error {
            ZfsError::Process(error) => Self::Process(error),
            ZfsError::Malformed { .. } => Self::Unreadable(error.to_string()),
            ZfsError::NotKept(subject) => Self::NotRead(subject),
        }
    }
}

/// One way to give an image one attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Strategy {
    /// Its name: `bootnext`, `zbm-hook`, `initramfs`, `one-shot`, `grub-env`.
    pub name: &'static str,
    /// How this machine was found able to do it, or why it is not.
    #[serde(serialize_with = "availability")]
    pub proof: Result<String, String>,
    /// What it does not cover, for the operator to know before.
    pub not_covered: &'static str,
}

/// `{"available": false, "why": "…"}`.
fn availability<S: Serializer>(proof: &Result<String, String>, serializer: S) -> Result<S::Ok, S::Error> {
    let (Ok(why) | Err(why)) = proof;
    let mut object = serializer.serialize_struct("Availability", 2)?;
    object.serialize_field("available", &proof.is_ok())?;
    object.serialize_field("why", why)?;
    object.end()
}

/// An image this machine can start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Image {
    /// Its name.
    pub name: ImageName,
    /// What identifies its contents: a dataset's guid, a deployment's checksum, a file's digest.
    pub identity: String,
    /// Where its files are right now, for `usr/lib/imp/image.toml`; `None` when it is not mounted.
    pub mounted: Option<PathBuf>,
    /// Bytes it holds for itself; `None` where nobody knows.
    pub bytes: Option<u64>,
}

/// One boot technology. Every method ends within seconds or is an error.
pub trait Backend {
    /// `zfs`, `systemd-boot`, `ostree`, `none`.
    fn name(&self) -> &'static str;

    /// What the loader's store says now.
    fn loader(&self) -> Result<LoaderState, BackendError>;

    /// The images of this machine, by name.
    fn images(&self) -> Result<Vec<Image>, BackendError>;

    /// What an image says about itself; unknown where it cannot be looked at.
    fn metadata(&self, image: &Image) -> Metadata {
        image.mounted.as_deref().map(Metadata::read).unwrap_or_default()
    }

    /// Whether the files of an image that does not run can be seen; [`Backend::images`] may take long only to find that out.
    fn sees_other_images(&self) -> bool {
        true
    }

    /// Calls `look` with the directory that holds the files of an image, mounted at least that long. An error when they cannot be
    /// seen.
    fn look_into(&self, image: &Image, look: &(dyn Fn(&Path) + Sync)) -> Result<(), BackendError> {
        let Some(place) = &image.mounted else {
            return Err(BackendError::Incapable(format!(
                "'{}' is not mounted",
                image.name
            )));
        };
        look(place);
        Ok(())
    }

    /// The ways to try an image, the best first; the first one with a proof is used.
    fn strategies(&self) -> Vec<Strategy>;

    /// The image is there and has what its loader needs to start it: a kernel, an initramfs.
    fn check(&self, image: &ImageName) -> Result<(), BackendError>;

    /// See [`Write::Prepare`].
    fn prepare(&self, attempt: &Attempt) -> Result<(), BackendError>;

    /// See [`Write::Arm`]; read back.
    fn arm(&self, attempt: &Attempt) -> Result<(), BackendError>;

    /// See [`Write::Default`]; read back.
    fn set_default(&self, image: &ImageName) -> Result<(), BackendError>;

    /// The image that runs and is the default was healthy: nothing is left that its loader counts against it. Nothing to do
    /// for loaders that count nothing.
    fn confirm(&self, _image: &ImageName) -> Result<(), BackendError> {
        Ok(())
    }

    /// See [`Write::Clear`]. Having nothing to clear is not an error.
    fn clear(&self) -> Result<(), BackendError>;

    /// What the loader's store shows of an attempt beyond its token, in a sentence: what became of the token, or what the
    /// firmware made of it. Asked before [`Backend::clear`]; `None` where there is nothing to say.
    fn remark(&self, _attempt: &Attempt) -> Option<String> {
        None
    }

    /// Why the loader, in this very boot, could not start the image whose token it had taken; `None` where it is not known that it
    /// could not.
    fn not_started(&self, _attempt: &Attempt) -> Option<String> {
        None
    }

    /// Called once at each boot, before anything is decided: reads the proof of what the loader can do, renews it for the next
    /// boot, and clears away what an interrupted boot left in the way of the default.
    fn renew_proof(&self) -> Result<(), BackendError> {
        Ok(())
    }

    /// A copy of the image that runs, to be tried by a drill.
    fn copy_for_drill(&self) -> Result<ImageName, BackendError>;

    /// Removes the copy that a drill used.
    fn remove_drill(&self, image: &ImageName) -> Result<(), BackendError>;
}

/// Does the writes in order; the first that fails stops the rest.
pub fn carry_out(root: &Root, backend: &dyn Backend, writes: &[Write]) -> Result<(), BackendError> {
    for write in writes {
        match write {
            Write::Ledger(ledger) => {
                let _ = ledger::write(root, ledger).map_err(|source| BackendError::File {
                    subject: "ledger".to_owned(),
                    source,
                })?;
            }
            Write::Prepare(attempt) => backend.prepare(attempt)?,
            Write::Arm(attempt) => backend.arm(attempt)?,
            Write::Default(image) => backend.set_default(image)?,
            Write::Clear => backend.clear()?,
        }
    }
    Ok(())
}

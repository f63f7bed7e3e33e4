//! No known loader: health checks and evidence, but no way to try an image or to go back.

use super::{Backend, BackendError, Image, Strategy};
use crate::boot::trial::classify::{Attempt, LoaderState, Token};
use crate::types::ImageName;

/// A machine whose loader is not supported, and why.
#[derive(Debug)]
pub struct NoBackend {
    /// What was looked for and not found.
    pub reason: String,
    /// Whether that is known for certain. Where it could not be found out, nothing is said about what runs.
    pub is_known: bool,
}

impl NoBackend {
    fn incapable<T>(&self) -> Result<T, BackendError> {
        Err(BackendError::Incapable(format!(
            "images cannot be tried on this machine: {}",
            self.reason
        )))
    }
}

impl Backend for NoBackend {
    fn name(&self) -> &'static str {
        "none"
    }

    /// One image without a name, and it is the default: every boot is steady.
    fn loader(&self) -> Result<LoaderState, BackendError> {
        if !self.is_known {
            return Err(BackendError::Unreadable(self.reason.clone()));
        }
        let only: ImageName = "this-system"
            .parse()
            .map_err(|error| BackendError::Unreadable(format!("{error}")))?;
        Ok(LoaderState {
            booted: only.clone(),
            default: only.into(),
            token: Token::None,
        })
    }

    fn images(&self) -> Result<Vec<Image>, BackendError> {
        Ok(Vec::new())
    }

    fn strategies(&self) -> Vec<Strategy> {
        vec![Strategy {
            name: self.name(),
            proof: Err(self.reason.clone()),
            not_covered: "any failure of an image: somebody has to go on site",
        }]
    }

    fn check(&self, _: &ImageName) -> Result<(), BackendError> {
        self.incapable()
    }

    fn prepare(&self, _: &Attempt) -> Result<(), BackendError> {
        self.incapable()
    }

    fn arm(&self, _: &Attempt) -> Result<(), BackendError> {
        self.incapable()
    }

    fn set_default(&self, _: &ImageName) -> Result<(), BackendError> {
        self.incapable()
    }

    fn clear(&self) -> Result<(), BackendError> {
        Ok(())
    }

    fn copy_for_drill(&self) -> Result<ImageName, BackendError> {
        self.incapable()
    }

    fn remove_drill(&self, _: &ImageName) -> Result<(), BackendError> {
        Ok(())
    }
}

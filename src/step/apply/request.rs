//! What `impctl apply` asks of the reload that carries it out: who wants it, why, and what it takes to stay.

use crate::host::{clock, file, json};
use crate::types::Root;
use serde::{Deserialize, Serialize};
use std::io;

const REQUEST: &str = "run/imp/apply-request.json";
/// An older request is of somebody whose reload never came, or waited for another one.
const LASTS_MS: u64 = 60_000;

/// What it takes for a change to stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wanted {
    /// Nothing.
    #[default]
    Nothing,
    /// `impctl confirm` within these seconds.
    Confirmation(u32),
    /// What worked before works again within these seconds; or `impctl confirm`.
    Auto(u32),
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Request {
    /// By which the asker knows the answer.
    pub id: String,
    /// When it was asked, in milliseconds since the kernel started.
    pub asked_ms: u64,
    /// The login.
    pub author: Option<String>,
    /// What the author says about the change.
    pub message: Option<String>,
    /// What it takes for the change to stay.
    pub confirm: Wanted,
}

impl Request {
    /// The next reload finds it.
    pub fn write(&self, root: &Root) -> io::Result<()> {
        json::write(&root.join(REQUEST), self, 0o600).map(|_| ())
    }

    /// Nobody finds it any more. A later one stays.
    pub fn withdraw(&self, root: &Root) -> io::Result<()> {
        let path = root.join(REQUEST);
        match json::read::<Self>(&path) {
            Ok(Some(found)) if found.id != self.id => Ok(()),
            _ => file::remove(&path).map(|_| ()),
        }
    }

    /// The request this reload is for. None for a reload that nobody asked `impctl` for: an older request without a confirmation
    /// says nothing about this one.
    pub fn read(root: &Root) -> io::Result<Option<Self>> {
        let path = root.join(REQUEST);
        match json::read::<Self>(&path) {
            Ok(Some(request)) if !request.is_old() || request.confirm != Wanted::Nothing => Ok(Some(request)),
            Ok(_) => file::remove(&path).map(|_| None),
            Err(error) => file::remove(&path).and(Err(error)),
        }
    }

    /// Whether it wanted a way back, and whoever wanted it may not be there any more.
    pub fn is_late(&self) -> bool {
        self.confirm != Wanted::Nothing && self.is_old()
    }

    fn is_old(&self) -> bool {
        clock::since_kernel_start_ms().saturating_sub(self.asked_ms) > LASTS_MS
    }
}

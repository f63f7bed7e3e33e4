//! What `impctl apply` asks of the reload that carries it out: who wants it, why, and what it takes to stay.

use crate::host::{clock, file, json};
use crate::types::Root;
use serde::{Deserialize, Serialize};
use std::io;

const REQUEST: &str = "run/imp/apply-request.json";
/// An older request is of somebody whose reload never came: it says nothing about this one.
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

    /// Nobody finds it any more.
    pub fn withdraw(root: &Root) -> io::Result<()> {
        file::remove(&root.join(REQUEST)).map(|_| ())
    }

    /// The request this reload is for; it is for no other. None for a reload that nobody asked `impctl` for.
    pub fn take(root: &Root) -> io::Result<Option<Self>> {
        let found = json::read::<Self>(&root.join(REQUEST));
        Self::withdraw(root)?;
        let now = clock::since_kernel_start_ms();
        Ok(found?.filter(|request| now.saturating_sub(request.asked_ms) <= LASTS_MS))
    }
}

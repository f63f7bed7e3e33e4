//! What was applied to which VPP.

use crate::host::file::{self, Outcome};
use crate::host::pid::Process;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::Path;

/// What was applied to which VPP; kept in a file because VPP's own log forgets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The digest of the commands.
    pub generation: String,
    /// The process that took them.
    #[serde(flatten)]
    pub process: Process,
}

impl Record {
    /// The record in a file; none when there is none, or none that can be read.
    pub fn load(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    /// The file holds this record.
    pub fn save(&self, path: &Path) -> io::Result<Outcome> {
        let mut bytes = serde_json::to_vec(self)?;
        bytes.push(b'\n');
        file::write(path, &bytes, 0o644)
    }
}

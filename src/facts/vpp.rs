//! What was applied to which VPP.

use crate::host::file::Effect;
use crate::host::json;
use crate::host::pid::Process;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

/// The commands that were applied to a VPP. Kept in a file, because VPP's own log is a ring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The digest of the commands.
    pub generation: String,
    /// The process they were applied to.
    #[serde(flatten)]
    pub process: Process,
}

impl Applied {
    /// The record in a file; `None` if there is none, or it cannot be read.
    pub fn load(path: &Path) -> Option<Self> {
        json::read(path).ok()?
    }

    /// Writes the record to the file.
    pub fn save(&self, path: &Path) -> io::Result<Effect> {
        json::write(path, self, 0o644)
    }
}

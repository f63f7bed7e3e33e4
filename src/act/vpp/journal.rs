//! The record of a change in place: written before anything is sent, a word behind each step, gone when it has ended.

use super::error::ApplyError;
use super::files::{forget, recorded};
use crate::facts::vpp::{Change, Note};
use crate::host::file;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The record, open.
///
/// What is noted survives this process, not the machine: with the machine, the VPP it is about is gone as well.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// The record of a change that nothing was sent for yet.
    pub fn begin(path: &Path, change: &Change) -> Result<Self, ApplyError> {
        let text = serde_json::to_string(change).map_err(io::Error::from);
        let written = text.and_then(|text| file::write(path, format!("{text}\n").as_bytes(), 0o644));
        let _ = recorded(path, written)?;
        Self::open(path)
    }

    /// The record that is there.
    pub fn open(path: &Path) -> Result<Self, ApplyError> {
        Ok(Self {
            path: path.to_owned(),
            file: recorded(path, OpenOptions::new().append(true).open(path))?,
        })
    }

    /// Adds a word.
    pub fn note(&mut self, note: Note) -> Result<(), ApplyError> {
        let line = format!("{}\n", note.word());
        recorded(&self.path, self.file.write_all(line.as_bytes()))
    }

    /// The change has ended: VPP has what is on record as applied.
    pub fn end(self) -> Result<(), ApplyError> {
        forget(&self.path)
    }
}

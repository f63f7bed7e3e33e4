//! Values kept as JSON files.

use super::file::{self, Outcome};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// The value in a file; `None` when there is none. An error says what is wrong with the content, not which file it is.
pub fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        text => Ok(Some(serde_json::from_slice(&text?)?)),
    }
}

/// The file holds the value, for people to read too, with this mode; written as [`file::write`] writes.
pub fn write<T: Serialize + ?Sized>(path: &Path, value: &T, mode: u32) -> io::Result<Outcome> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    file::write(path, &text, mode)
}
